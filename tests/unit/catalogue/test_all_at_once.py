"""Everything that is wrong in a file is told in one round, with the words that a field may have."""

import re

from tests.unit.conftest import EVALUATION, ITEM, SITE

MEASURES = "data/measures.yml"


def _said(project) -> str:
    return "\n".join(map(str, project.problems()))


def test_fields_words_and_rules_of_an_item_come_together(project):
    project.edit(ITEM, "strength: observed-once\n", "")
    project.edit(ITEM, "themes: [workforce]", "themes: []\nimpact: [purpose]")
    project.edit(ITEM, "response: The department was closed from 10pm to 8am.\n", "")
    said = _said(project)
    for sentence in (
        "`strength` is missing: add it (there are: stated, observed-once, repeated, measured, replicated).",
        "`impact` names `purpose`, which is not one of the words for `impact`",
        "people-and-culture",
        "`themes` is empty, which only a question may leave open",
    ):
        assert sentence in said, said


def test_a_word_is_told_once(project):
    project.edit(ITEM, "themes: [workforce]", "themes: [2, work]")
    assert [("must be text" in one.what, "names `work`" in one.what) for one in project.problems()] == [
        (True, False),
        (False, True),
    ]
    project.edit(ITEM, "themes: [2, work]", "themes: [work]")
    assert len(project.problems()) == 1


def test_what_is_missing_in_a_measure_comes_with_its_words(project):
    project.edit(MEASURES, "  type: outcome\n", "")
    text = (project.root / MEASURES).read_text(encoding="utf-8")
    project.edit(MEASURES, re.search(r"  domain: .*\n", text)[0], "  domain: speed\n")
    said = _said(project)
    assert "`type` is missing: add it (there are: outcome, process, balancing, structure)." in said
    assert "`domain` names `speed`" in said
    assert "timeliness-flow" in said


def test_words_deep_in_a_record_are_asked_too(project):
    project.edit(EVALUATION, "status: published", "status: finished")
    text = (project.root / EVALUATION).read_text(encoding="utf-8")
    project.edit(EVALUATION, re.search(r"    kind: other_change\n|    kind: \w+\n", text)[0], "    kind: rumour\n")
    said = _said(project)
    assert "`status` must be" in said
    assert "`kind` names `rumour`" in said
    assert "recording_change" in said


def test_a_character_that_nobody_sees_is_named_and_placed(project):
    project.edit(SITE, "A small", "A\u200b small")
    assert "a character that cannot be seen (zero width space, U+200B), after 10 other characters" in _said(project)
