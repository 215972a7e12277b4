"""What is called plain is plain: short sentences, few of them, nothing abbreviated that the glossary does not explain."""

from itertools import product

import pytest

from evalkit.catalogue.consistency.plain_words import abbreviations, sentences, word_count
from evalkit.certainty import CERTAINTIES
from evalkit.report.wording import finding, plain_answer, words
from evalkit.standing import Standing
from evalkit.verdict import Verdict
from tests.support.effects import estimate_row, made_effect
from tests.unit.conftest import EVALUATION

AT = "question: When Weston"
SEVENTEEN = "the share of visits to A&E and urgent care departments of every type finished within four hours"
GLOSSARY = "ae: {term: A&E, stands_for: accident and emergency, means: Where people go at once.}\n"


def _written(project, plain_words: str) -> list[str]:
    project.edit(EVALUATION, AT, f"plain_words: >-\n  {plain_words}\n{AT}")
    return [str(problem) for problem in project.problems()]


def test_short_and_explained_words_are_sound(project):
    (project.root / "data" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    assert _written(project, "Weston closed its A&E at night. We ask what changed.") == []


@pytest.mark.parametrize(
    ("plain_words", "said"),
    [
        ("word " * 21 + "end.", "a sentence of 22 words (word word word word word ...): make it two"),
        ("Seven words stand in this one sentence. " * 11, "has 77 words: shorten it to 70"),
        ("The CQC came.", "uses CQC, which is not in data/glossary.yml: write it out, or explain it there"),
    ],
)
def test_what_is_not_plain_is_refused_with_file_field_and_remedy(project, plain_words, said):
    (problem,) = _written(project, plain_words)
    assert said in problem
    assert problem.startswith(EVALUATION)
    assert "`plain_words`" in problem


def test_sentences_and_abbreviations():
    assert sentences("It closed at 10 p.m. on a Tuesday. GPs came. 3 of them stayed!") == [
        "It closed at 10 p.m. on a Tuesday.", "GPs came.", "3 of them stayed!",
    ]  # fmt: skip
    assert abbreviations("The A&E and the GPs of the NHS, and A&E again") == ["A&E", "GP", "NHS"]
    assert word_count("one – two, three") == 3


@pytest.mark.parametrize("scale", ["percent", "points"])
def test_what_an_answer_did_is_short_whatever_was_found(scale):
    ends = {"percent": (-123.4, 1234.5), "points": (-12.3, 45.6)}[scale]
    for word, certainty, (low, high) in product(words.VERDICT_WORDS, CERTAINTIES, [ends, (ends[1] / 2, ends[1])]):
        effect = made_effect([estimate_row(estimate=(low + high) / 2, low=low, high=high, scale=scale)])
        told = finding.what_it_did(effect, Verdict(word, scale, 5.0, certainty, ("Because.",)), Standing("primary"))
        assert word_count(told) <= 9, told
        assert "no effect" not in told
        assert ("may" in told) == (
            certainty in ("low", "very low") or word in ("inconclusive", "unclear", "not_evaluable")
        )


def test_measures_have_names_that_fit(real):
    assert all(word_count(measure.plain_name) <= 17 for measure in real.measures.values())


def test_a_decision_is_told_by_verdict_and_certainty_and_never_too_boldly():
    for word, certainty in product(words.VERDICT_WORDS, CERTAINTIES):
        decision = " ".join(plain_answer.decision(Verdict(word, "percent", 5.0, certainty, ())))
        assert decision.endswith(plain_answer.NEXT)
        if certainty in ("low", "very low") or word == "inconclusive":
            assert "main reason" not in decision
        if word in ("inconclusive", "unclear"):
            assert "not the same as no effect" in decision
    assert (
        plain_answer.decision(Verdict("not_evaluable", "percent", None, None, ()))[0] == "The figures allow no answer."
    )
