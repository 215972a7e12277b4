"""What is invented and what is real do not stand on one page: each attempt is refused with its line and a remedy."""

import pytest

from tests.unit.conftest import ITEM, WESTON_EVALUATION, WESTON_ITEM, only

REAL, INVENTED = "weston-overnight-closure-2017", "made-up-closure"
INVENTED_SITE, INVENTED_EVALUATION = "data/sites/made-up.yml", f"data/evaluations/{INVENTED}.yml"
INVENTED_ITEM, POOLED = "data/learning/made-up-reason.md", "data/pooled/both.yml"
SITE_TEXT = """\
id: made-up
name: Made-up hospital
org_codes: [ZZ901]
place: Nowhere
synthetic: true
context: Invented to practise on.
"""


@pytest.fixture
def both(project):
    """A real evaluation and an invented one, each with a reason of its own."""
    project.write(INVENTED_SITE, SITE_TEXT)
    file = "data/organisations.csv"
    text = (project.root / file).read_text(encoding="utf-8")
    project.write(file, text + "ZZ901,Made-up hospital" + "," * (text.splitlines()[0].count(",") - 1) + "\n")
    evaluation = WESTON_EVALUATION.replace(REAL, INVENTED).replace("[weston]", "[made-up]")
    project.write(INVENTED_EVALUATION, evaluation.replace("site: weston", "site: made-up"))
    item = WESTON_ITEM.replace("weston-doctors-at-night", "made-up-reason").replace(REAL, INVENTED)
    project.write(INVENTED_ITEM, item.replace("site: weston", "site: made-up"))
    return project


def refusals(project) -> list:
    """Problems of learning and pooling; that invented rows are in no table is not the matter here."""
    return [problem for problem in project.problems() if not problem.file.startswith("data/evaluations")]


def test_each_by_itself_is_sound(both):
    assert refusals(both) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (INVENTED_ITEM, f"explains: [{INVENTED}]", f"explains: [{INVENTED}, {REAL}]",
         (f"`explains` names `{REAL}`", "about real places", "`made-up` of this item is synthetic", "take it out")),
        (INVENTED_ITEM, f"ref: {INVENTED}/", f"ref: {REAL}/",
         (f"`ref` names `{REAL}/type-1-controlled`", "about real places", "is synthetic", "take it out")),
        (ITEM, f"explains: [{REAL}]", f"explains: [{REAL}, {INVENTED}]",
         (f"`explains` names `{INVENTED}`", "which is synthetic", "`weston` of this item is real", "take it out")),
        (ITEM, f"ref: {REAL}/", f"ref: {INVENTED}/",
         (f"`ref` names `{INVENTED}/type-1-controlled`", "which is synthetic", "is real", "take it out")),
    ],
)  # fmt: skip
def test_an_item_and_a_result_of_the_other_kind(both, plain, file, old, new, said):
    line = both.edit(file, old, new)
    problem = only(refusals(both))
    plain(str(problem), f"{file}, line {line}: ", *said)


def test_an_evaluation_of_one_place_of_each_kind_is_synthetic(both):
    both.edit(INVENTED_EVALUATION, "sites: [made-up]", "sites: [weston, made-up]")
    assert refusals(both) == []
    both.edit(ITEM, f"explains: [{REAL}]", f"explains: [{REAL}, {INVENTED}]")
    assert f"`{INVENTED}`, which is synthetic, but the site `weston`" in only(refusals(both)).what


@pytest.mark.parametrize("status", ["draft", "challenged", "withdrawn"])
def test_whatever_the_status_of_the_item(both, status):
    both.edit(INVENTED_ITEM, f"explains: [{INVENTED}]", f"explains: [{INVENTED}, {REAL}]")
    both.edit(INVENTED_ITEM, "status: published", f"status: {status}")
    assert any("about real places" in problem.what for problem in refusals(both))


def test_an_item_without_a_site_may_explain_either(both):
    both.write(
        "data/programmes.yml",
        "closures:\n  name: Closures\n  area: urgent-care-access\n  what: Several.\n  sources: [weston-night-closure-2017]\n",
    )
    both.edit(ITEM, "site: weston", "programme: closures")
    both.edit(ITEM, f"explains: [{REAL}]", f"explains: [{REAL}, {INVENTED}]")
    assert refusals(both) == []


def test_a_pool_of_both(both, plain):
    both.write(
        POOLED,
        f"""\
id: both
title: Visits
question: Did visits fall?
why_together: The same change.
area: urgent-care-access
expected: decrease
analyses:
  - {REAL}/type-1-controlled
  - {REAL}/all-types-alone
  - {INVENTED}/type-1-controlled
""",
    )
    problem = only([problem for problem in refusals(both) if "synthetic" in problem.what])
    plain(
        str(problem), f"{POOLED}, line 10: ", f"`analyses` names `{INVENTED}/type-1-controlled`, which is synthetic",
        f"beside `{REAL}/type-1-controlled`, which is about real places", "take one kind out",
    )  # fmt: skip


def test_an_unknown_evaluation_is_told_once(both):
    both.edit(ITEM, f"explains: [{REAL}]", f"explains: [{REAL}, nowhere]")
    assert len([problem for problem in refusals(both) if problem.file == ITEM]) == 1
