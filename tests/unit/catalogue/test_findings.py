"""A finding rests on named results, in short sentences without a number of its own."""

import pytest

from tests.unit.conftest import EVALUATION

AT = "area: urgent-care-access"
SOUND = "{says: 'Visits {type-1}.', rests_on: {type-1: fall}}"


@pytest.fixture
def written(project):
    primary = next(iter(project.catalogue().evaluations.values())).primary.id

    def write(finding: str, field: str = "finding") -> list[str]:
        project.edit(EVALUATION, AT, f"{field}:\n  - {finding}\n{AT}".replace("type-1", primary))
        return [str(problem).replace(primary, "type-1") for problem in project.problems()]

    return write


def test_a_sound_one_is_taken(written):
    assert written(SOUND) == []


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (
            "{says: 'Visits {type-2}.', rests_on: {type-2: fall}}",
            "rests on type-2, which is no analysis of this evaluation",
        ),
        ("{says: 'Visits {type-2}.', rests_on: {type-1: fall}}", "draws on type-2, which is not in `rests_on`"),
        ("{says: 'Visits {type-1 amount}.', rests_on: {type-1: fall}}", "asks for what is none of moved, size, range"),
        ("{says: 'Visits {type-1.', rests_on: {type-1: fall}}", "a brace that names no analysis"),
        ("{says: 'Visits fell.', rests_on: {type-1: fell}}", "must be 'fall', 'rise', 'unclear'"),
        ("{says: 'Visits fell.', rests_on: {}}", "rests_on"),
        ("{says: 'Visits fell by 14%.', rests_on: {type-1: fall}}", "has “14%”, a number that no result proves"),
        ("{says: 'Visits fell by a third.', rests_on: {type-1: fall}}", "has “third”, a number that no result proves"),
        ("{says: '" + "Visits fell there, " * 11 + "and on.', rests_on: {type-1: fall}}", "say it in at most 30"),
    ],
)
def test_what_could_be_untrue_is_refused_with_file_and_line(written, finding, said):
    problems = written(finding)
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith(f"{EVALUATION}, line ") for problem in problems)


def test_the_first_sentence_has_to_be_of_the_answer(project, written):
    other = next(
        one.id for one in next(iter(project.catalogue().evaluations.values())).analyses if one.role != "primary"
    )
    (problem,) = written(f"{{says: 'Visits {{{other}}}.', rests_on: {{{other}: fall}}}}")
    assert "does not rest on type-1, which answers the question" in problem


def test_a_story_draws_an_analysis_that_there_is(written):
    (problem,) = written("{says: 'Visits {type-1}.', rests_on: {type-1: fall}, draws: type-9}", "story")
    assert "`draws` is type-9, which is no analysis of this evaluation" in problem
