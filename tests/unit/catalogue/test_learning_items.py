"""Learning items as records: every mistake is one sentence with file, line, field and remedy."""

import re

import pytest

from evalkit.catalogue.new_evaluation_files import TO_FILL_IN
from tests.unit.conftest import EVALUATION, ITEM, SOURCES, WESTON_ITEM, only

SOURCES_FILE = "data/sources.yml"
RESPONSE = "response: The department was closed from 10pm to 8am.\n"
RESULT = "ref: weston-overnight-closure-2017/type-1-controlled"
RIVAL = "    analyses: [type-1-controlled]\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # ids that there are not
        ("site: weston", "site: westen", ("`site` names `westen`", "did you mean `weston`", "correct it, or add it")),
        ("site: weston", "site: site", ("`site` names `site`", "is not a site", "correct it")),
        ("site: weston", "programme: closure", ("`programme` names `closure`", "data/programmes.yml", "add it")),
        ("explains: [weston-overnight-closure-2017]", "explains: [weston-overnight-closure-2017, weston-2016]",
         ("`explains` names `weston-2016`", "is not an evaluation", "correct it, or take it out")),
        (RESULT, "ref: weston-overnight-closure-2016/type-1-controlled",
         ("`ref` names", "evaluation/analysis", "did you mean", "correct it")),
        (RESULT, "ref: weston-overnight-closure-2017/type-2", ("`ref` names", "evaluation/analysis", "correct it")),
        (RESULT, "ref: weston-overnight-closure-2017", ("`ref` names", "evaluation/analysis", "correct it")),
        ("ref: weston-night-closure-2017", "ref: weston-closure-2017",
         ("`ref` names `weston-closure-2017`", "data/sources.yml", "did you mean", "add it there")),
        ("ref: weston-night-closure-2017", f"{RESULT}", ("`ref` names", "data/sources.yml", "add it there")),
        (RESULT, f"{RESULT}\n    n: many", ("`n` in entry 2 of `evidence` is text of 4 characters", "whole number", "figures, such as 3")),
        (RESULT, f"{RESULT}\n    n: 2.5", ("`n` in entry 2 of `evidence` is a number", "whole number", "figures, such as 3")),
        (RESULT, f"{RESULT}\n    n: 0", ("`n` in entry 2 of `evidence` is below 1: write 1 or more",)),
        # words outside the vocabularies
        ("themes: [workforce]", "themes: [workforce]\nimpact: [zzz]",
         ("`impact` names `zzz`, which is not one of the words for `impact` in data/vocabularies.yml (there are: ",
          "); use one of them, or add it there")),
        ("themes: [workforce]", "themes: [work-force]",
         ("one of the words for `themes`", "; did you mean `workforce`? If so, write that; if not, use one of them")),
        ("themes: [workforce]", "themes: [work-force]", ("`themes` names", "did you mean `workforce`", "use one of them")),
        ("themes: [workforce]", "themes: [themes]", ("`themes` names `themes`", "data/vocabularies.yml", "use one of")),
        ("themes: [workforce]", "themes: [workforce, workforce]", ("`themes`", "`workforce` twice", "name it once")),
        ("themes: [workforce]", "themes: [workforce]\nlessons: [engine]", ("`lessons` names `engine`", "use one of them")),
        ("themes: [workforce]", "themes: [workforce]\nimpact: [purpose]", ("`impact` names `purpose`", "use one of them")),
        ("[boards, patients-public]", "[boards, patients]", ("`audience` names `patients`", "use one of them")),
        ("stage: start", "stage: started", ("`stage` names `started`", "did you mean `start`")),
        ("stage: start", "stage: stage", ("`stage` names `stage`", "use one of them")),
        ("strength: observed-once", "strength: observed", ("`strength` names `observed`", "use one of them")),
        ("type: barrier", "type: hurdle", ("`type` must be", "barrier")),
        ("kind: document", "kind: paper", ("`kind` in entry 1 of `evidence` must be", "document")),
        ("status: published", "status: ready", ("`status` must be", "published")),
        # fields
        ("strength: observed-once", "strenght: observed-once\nstrength: observed-once",
         ("`strenght` is not a field here", "did you mean `strength`")),
        ("    says: The department", "    say: x\n    says: The department", ("`say` is not a field", "did you mean `says`")),
        ("type: barrier", "type: barrier\ntype: enabler", ("`type` is given twice", "first in line 3", "keep one")),
        ("status: published", "status: published\n1: one", ("`1` is not a field here",)),
        ("status: published", "status: published\nbody: Words", ("`body` is the text below the second ---", "put it there")),
        ("themes: [workforce]", "themes: []", ("`themes` is empty", "name one or more")),
        ("themes: [workforce]", "themes: workforce", ("`themes` must be a list", "square brackets")),
        ("themes: [workforce]", "themes: [2]", ("entry 1 of `themes` must be text", "quotes")),
        ("[boards, patients-public]", "[]", ("`audience` is empty", "at least one")),
        ("title: Not enough doctors at night", 'title: ""', ("`title` is empty", "write")),
        ("title: Not enough doctors at night", "title:", ("`title` is empty", "write")),
        ("title: Not enough doctors at night", f"title: {'long ' * 50}", ("`title`", "200", "shorten")),
        ("title: Not enough doctors at night", 'title: "Not enough\\n# doctors"', ("`title`", "one line")),
        ("title: Not enough doctors at night", "title: Not: enough", ("is not valid YAML", "colons")),
        ("title: Not enough doctors at night", "title:\tNot\n\tenough", ("is not valid YAML", "tab")),
        # dates
        ("date: 2017-07-04", "date: 2017-02-30", ("`date` is a date that the calendar has not", "correct it")),
        ("date: 2017-07-04", "date: 2017-13", ("`date` is 7 figures and signs, which is not a date", "2017-07-04")),
        ("date: 2017-07-04", "date: 17", ("`date` is a whole number, which is not a date", "2017-07-04")),
        ("date: 2017-07-04", "date: true", ("`date` is text of 4 characters, which is not a date", "2017-07-04")),
        ("date: 2017-07-04", "date: 2017-07-04 10:00:00", ("`date` is", "which is not a date", "2017-07-04")),
        ("date: 2017-07-04", "date: 86400", ("`date` is a whole number, which is not a date", "2017-07-04")),
        ("date: 2017-07-04", "date: 20170704", ("`date` is a whole number, which is not a date", "2017-07-04")),
        ("date: 2017-07-04", "date: July 2017", ("`date` is text of 9 characters, which is not a date", "2017-07-04")),
        ("date: 2017-07-04", "date: 04/07/2017", ("`date`", "which is not a date", "2017-07-04")),
        # ids
        ("id: weston-doctors-at-night", "id: weston-doctors", ("`id` is not what the file is called", "weston-doctors-at-night.md", "the same")),
        ("id: weston-doctors-at-night", "id: 2017", ("`id` is not what the file is called", "weston-doctors-at-night.md")),
    ],
)  # fmt: skip
def test_one_mistake_in_an_item_gives_one_sentence_with_its_line(project, plain, old, new, said):
    line = project.edit(ITEM, old, new)
    problems = [problem for problem in project.problems() if problem.file == ITEM]
    assert problems, "goes through"
    assert all(plain(str(problem)) for problem in problems)
    problem = next(problem for problem in problems if said[0] in problem.what)
    assert line <= problem.line <= line + new.count("\n"), str(problem)
    plain(str(problem), f"{ITEM}, line {problem.line}: ", *said)


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("type: barrier\n", ("`type` is missing", "add it")),
        ("title: Not enough doctors at night\n", ("`title` is missing", "add it")),
        ("audience: [boards, patients-public]\n", ("`audience` is missing", "add it")),
        ("date: 2017-07-04\n", ("`date` is missing", "add it")),
        ("status: published\n", ("`status` is missing", "add it")),
        ("id: weston-doctors-at-night\n", ("`id` is missing", "add it")),
        ("site: weston\n", ("neither `site` nor `programme`", "say where")),
        ("themes: [workforce]\n", ("`themes` is empty", "name one or more")),
        (RESPONSE, ("`response` is missing, and a barrier needs it", "not_solved", "not_reported")),
        ("what_happened: not_reported\n", ("`what_happened` is missing, and a barrier needs it", "not_reported")),
        (WESTON_ITEM[WESTON_ITEM.index("evidence:") : WESTON_ITEM.index("explains:")], ("`evidence` is missing", "add it")),
        (WESTON_ITEM[WESTON_ITEM.index("  - kind: document") : WESTON_ITEM.index("explains:")], ("`evidence` is empty", "at least one")),
        (WESTON_ITEM[WESTON_ITEM.index("    ref:") : WESTON_ITEM.index("    says:")], ("`ref` in entry 1 of `evidence` is missing", "add it")),
        ("The trust could not be sure of enough doctors at night.\n", ("`body` is empty", "below the second ---")),
    ],
)  # fmt: skip
def test_what_an_item_may_not_be_without(project, plain, old, said):
    project.edit(ITEM, old, "")
    problems = [problem for problem in project.problems() if problem.file == ITEM]
    plain(str(only(problems)), f"{ITEM}, line ", *said)


@pytest.mark.parametrize("word", ["not_solved", "not_reported", "Nothing was tried."])
@pytest.mark.parametrize("field", [RESPONSE, "what_happened: not_reported\n"])
def test_a_barrier_may_say_that_it_was_not_solved_or_not_reported(project, field, word):
    name = field.partition(":")[0]
    project.edit(ITEM, field, f"{name}:  {word}\n")
    assert project.problems() == []
    assert getattr(project.catalogue().learning["weston-doctors-at-night"], name) == word


@pytest.mark.parametrize("empty", ['""', "", "~", '"  "'])
def test_an_empty_answer_to_a_barrier_is_none(project, plain, empty):
    project.edit(ITEM, RESPONSE, f"response: {empty}\n")
    plain(
        str(only([problem for problem in project.problems() if problem.file == ITEM])),
        "`response`",
        "not_solved",
        "not_reported",
    )


def test_anything_but_a_barrier_needs_no_answer(project):
    project.edit(ITEM, "type: barrier", "type: enabler")
    project.edit(ITEM, RESPONSE, "")
    project.edit(ITEM, "what_happened: not_reported\n", "")
    assert project.problems() == []


class TestResultsHaveReasons:
    """A published evaluation is explained by an item, and has a rival with the check that speaks to it."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("explains: [weston-overnight-closure-2017]\n", ""),
            ("explains: [weston-overnight-closure-2017]", "explains: []"),
            ("status: published", "status: draft"),
            ("status: published", "status: withdrawn"),
        ],
    )
    def test_without_an_item_that_is_shown(self, project, plain, old, new):
        project.edit(ITEM, old, new)
        problem = only(project.problems())
        plain(
            str(problem), f"{EVALUATION}, line 5", "no learning item explains this result",
            "`explains: [weston-overnight-closure-2017]`", "data/learning", "`question`",
        )  # fmt: skip

    def test_a_challenged_item_still_counts(self, project):
        project.edit(ITEM, "status: published", "status: challenged")
        assert project.problems() == []

    def test_the_untouched_question_beside_an_answer_is_worth_a_look(self, project, plain):
        head, _, _ = (project.root / ITEM).read_text(encoding="utf-8").partition("\n---\n")
        asks = re.sub(r"(?m)^id: .*$", "id: closure-why", head).replace("type: barrier", "type: question")
        asks = asks.replace(RESPONSE, "").replace("what_happened: not_reported\n", "")
        project.write("data/learning/closure-why.md", f"{asks}\n---\n{TO_FILL_IN}\n")
        assert project.problems() == []
        (told,) = [one for one in project.problems("look") if "still asks" in one.what]
        plain(str(told), "data/learning/closure-why.md", "explains the same result", "`status: withdrawn`")
        project.write("data/learning/closure-why.md", f"{asks}\n---\nWhy did fewer come?\n")
        assert not [one for one in project.problems("look") if "still asks" in one.what]

    def test_without_any_item(self, project, plain):
        (project.root / ITEM).unlink()
        plain(str(only(project.problems())), EVALUATION, "no learning item explains this result")

    @pytest.mark.parametrize("written", ["", "    analyses: []\n"])
    def test_without_a_check_that_speaks_to_a_rival(self, project, plain, written):
        project.edit(EVALUATION, RIVAL, written)
        problem = only(project.problems())
        plain(
            str(problem), f"{EVALUATION}, line ", "`rival_explanations` has none with `analyses`", "name the analysis"
        )
        assert problem.line == (project.root / EVALUATION).read_text().splitlines().index("rival_explanations:") + 1

    def test_without_any_rival(self, project, plain):
        text = (project.root / EVALUATION).read_text(encoding="utf-8")
        start, end = text.index("rival_explanations:"), text.index("independence:")
        project.write(EVALUATION, text[:start] + "rival_explanations: []\n" + text[end:])
        plain(str(only(project.problems())), EVALUATION, "`rival_explanations` is empty", "at least one")
        project.write(EVALUATION, text[:start] + text[end:])
        plain(str(only(project.problems())), EVALUATION, "`rival_explanations` is missing", "add it")

    def test_a_draft_needs_neither(self, project):
        project.edit(EVALUATION, "status: published", "status: draft")
        project.edit(EVALUATION, RIVAL, "")
        (project.root / ITEM).unlink()
        assert project.problems() == []


class TestTwoAlike:
    def test_two_files_with_one_id(self, project, plain):
        other = ITEM.replace("weston-doctors-at-night", "weston-another")
        project.write(other, WESTON_ITEM)
        problems = project.problems()
        assert other in {problem.file for problem in problems}
        sentences = [plain(str(problem)) for problem in problems]
        assert any("`id` is not what the file is called, weston-another.md" in sentence for sentence in sentences)
        taken = next(problem for problem in problems if "is already the id of a record in" in problem.what)
        assert taken.line == 2
        plain(str(taken), "give the one here an id of its own", "take one of the two out")

    def test_two_ids_in_one_file(self, project, plain):
        project.write(SOURCES_FILE, SOURCES + SOURCES)
        problem = only(project.problems())
        assert problem.line == SOURCES.count("\n") + 1
        plain(str(problem), SOURCES_FILE, "`weston-night-closure-2017` is given twice (first in line 1)", "keep one")

    def test_an_id_beside_the_one_that_stands_above_the_record(self, project, plain):
        project.edit(SOURCES_FILE, "  title:", "  id: another\n  title:")
        problem = project.problems()[0]
        assert problem.line == 2
        plain(str(problem), SOURCES_FILE, "`id`", "weston-night-closure-2017", "take this one out")


@pytest.mark.parametrize("written", ["2017", "'2017'", "2017-07", "'2017-07-04'"])
def test_the_date_of_an_item_may_be_known_to_the_year_only(project, written):
    project.edit(ITEM, "date: 2017-07-04", f"date: {written}")
    assert project.problems() == []
    assert project.catalogue().learning["weston-doctors-at-night"].date == written.strip("'")
