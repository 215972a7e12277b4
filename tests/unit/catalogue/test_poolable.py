"""Which analyses may be pooled, as far as their records tell: each that may not is refused before anything runs."""

import re

import pytest

from evalkit.catalogue.consistency.poolable import check_poolable
from evalkit.runs.planning.plan import template_defaults
from tests.unit.conftest import EVALUATION, only

ID = "weston-overnight-closure-2017"
POOLED = "data/pooled/visits.yml"
MEMBERS = (("type-1-controlled", "weston"), ("second", "RBA"), ("third", "RRK"))
RECORD = f"""\
id: visits
title: Visits at three sites
question: Did visits fall?
why_together: The same change.
area: urgent-care-access
expected: decrease
analyses:
  - {ID}/type-1-controlled
  - {ID}/second
  - {ID}/third
"""
ALIKE = "      measure: ae-attendances-type-1\n"


@pytest.fixture
def pool(project):
    """Three analyses alike, of three trusts against the same four."""
    text = (project.root / EVALUATION).read_text(encoding="utf-8")
    first = text[text.index("  - id: type-1-controlled") : text.index("  - id: all-types-alone")]
    for id, code in MEMBERS[1:]:
        text += first.replace("type-1-controlled", id).replace("primary", "secondary").replace("weston", code)
    project.write(EVALUATION, text)
    project.write(POOLED, RECORD)
    return project


def change(project, member: str, old: str, new: str) -> None:
    """Replace text in the analysis of one member only."""
    text = (project.root / EVALUATION).read_text(encoding="utf-8")
    start = text.index(f"  - id: {member}\n")
    assert old in text[start:]
    project.write(EVALUATION, text[:start] + text[start:].replace(old, new, 1))


def refusals(project) -> list:
    return [problem for problem in project.problems() if problem.file == POOLED]


def test_three_alike_may_be_pooled(pool):
    assert pool.problems() == []


def test_the_books_own_may(real):
    assert len(real.pooled) >= 2
    assert check_poolable(real, template_defaults(real)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("template: controlled-interrupted-time-series", "template: describe",
         ("which is only described (template describe)", "no estimate to pool", "leave it out")),
        ("role: secondary", "role: spill_over", ("whose role is spill_over", "primary or secondary")),
        ("role: secondary", "role: negative_control", ("whose role is negative_control", "primary or secondary")),
        ("role: secondary", "role: recording_check", ("whose role is recording_check", "primary or secondary")),
        (ALIKE, ALIKE.replace("type-1", "all"), ("whose `measure` is ae-attendances-all", "is ae-attendances-type-1", "one `measure`")),
        (ALIKE, ALIKE + "      headline: month 12\n", ("whose `headline` is month 12", "is level", "one `headline`")),
        (ALIKE, ALIKE + "      log: false\n", ("whose `log` is false", "is true", "one `log`")),
        ("template: controlled-interrupted-time-series", "template: difference-in-differences",
         ("whose `headline` is att (template difference-in-differences)",
          "is level (template controlled-interrupted-time-series)", "one `headline`")),
        ("site: RRK", "site: weston", (f"`{ID}/third` and `{ID}/type-1-controlled`", "both about RA3", "keep one")),
        ("site: RRK", "site: RA3", (f"`{ID}/third` and `{ID}/type-1-controlled`", "both about RA3", "keep one")),
        ("site: RRK", "site: [RRK, RBA]",
         (f"`{ID}/third` and `{ID}/second`", "both about RBA", f"`{ID}/third` takes several sites", "one analysis for each site")),
        ("[RD1, RTE", "[RBA, RTE", (f"`{ID}/second`, whose site RBA is among the comparators of `{ID}/third`", "leave one", "take RBA")),
        ("[RD1, RTE, RNZ, RN3]", "RA3 RTE RNZ",
         (f"`{ID}/type-1-controlled`, whose site RA3 is among the comparators of `{ID}/third`", "leave one", "take RA3")),
    ],
)  # fmt: skip
def test_what_may_not_be_pooled(pool, plain, old, new, said):
    change(pool, "third", old, new)
    problem = only(refusals(pool))
    plain(str(problem), f"{POOLED}, line ", "`analyses` names", *said)
    at_fault = re.search(r"names `([^`]+)`", problem.what)[1]
    assert (pool.root / POOLED).read_text().splitlines()[problem.line - 1].strip() == f"- {at_fault}"


def test_the_odd_one_is_named_though_it_stands_first(pool):
    change(pool, "type-1-controlled", ALIKE, ALIKE + "      log: false\n")
    assert f"names `{ID}/type-1-controlled`, whose `log` is false" in only(refusals(pool)).what


def test_a_value_written_out_is_like_the_one_that_the_template_takes(pool):
    change(pool, "third", ALIKE, ALIKE + "      headline: level\n      log: true\n")
    assert pool.problems() == []


class TestPlacesThatCountInTheirOwnWay:
    def test_different_counts_under_one_name_may_be_pooled(self, pool):
        change(pool, "third", ALIKE, "      measure: ae-attendances-all\n")
        assert refusals(pool)
        pool.edit(POOLED, "expected: decrease\n", "expected: decrease\nmeasure: ae-attendances-all\n")
        assert refusals(pool) == []

    def test_a_name_that_is_no_measure_is_refused(self, pool, plain):
        pool.edit(POOLED, "expected: decrease\n", "expected: decrease\nmeasure: ae-attendances-al\n")
        plain(str(only(refusals(pool))), "ae-attendances-al", "data/measures.yml", "ae-attendances-all")

    def test_places_side_by_side_may_differ(self, pool):
        change(pool, "third", ALIKE, "      measure: ae-attendances-all\n")
        assert refusals(pool)
        pool.edit(POOLED, "expected: decrease\n", "expected: decrease\nnot_pooled: A mean would mean nothing.\n")
        assert refusals(pool) == []
