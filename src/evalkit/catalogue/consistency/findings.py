"""Do findings rest on analyses that may carry them, in short sentences without a number of their own?"""

import re

from evalkit.catalogue.consistency.plain_words import word_count
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.findings import FindingSentence, StoryStep, parts
from evalkit.errors import Problem

WORDS_IN_A_SENTENCE = 30  # with what is filled in
NUMBER = re.compile(
    r"\d[\d.,]*%?|\b(?:half|halved|doubled?|twice|thirds?|quarters?|fifths?|tenths?|per cent|percent)\b", re.IGNORECASE
)


def check_findings(catalogue: Catalogue) -> list[Problem]:
    """Problems with the findings and stories of evaluations."""
    problems = []
    for id, evaluation in catalogue.evaluations.items():
        sentences: list[tuple[str, int, FindingSentence]] = [
            ("finding", at, sentence) for at, sentence in enumerate(evaluation.finding)
        ]
        sentences += [("story", at, step) for at, step in enumerate(evaluation.story)]
        for field, at, sentence in sentences:
            problems += [
                catalogue.problem("evaluations", id, (field, at, where), what)
                for where, what in _wrong(evaluation, field, sentence)
            ]
        if evaluation.finding and evaluation.primary.id not in evaluation.finding[0].rests_on:
            what = (
                f"the first sentence of `finding` does not rest on {evaluation.primary.id}, which answers the question:"
                " begin with what that found."
            )
            problems.append(catalogue.problem("evaluations", id, ("finding", 0), what))
    return problems


def _wrong(evaluation: Evaluation, field: str, sentence: FindingSentence) -> list[tuple[str, str]]:
    by_id = {analysis.id: analysis for analysis in evaluation.analyses}
    wrong = []
    for analysis in sentence.rests_on:
        if analysis not in by_id:
            what = f"`{field}` rests on {analysis}, which is no analysis of this evaluation: correct the name."
            wrong.append(("rests_on", what))
        elif by_id[analysis].added is not None:
            what = (
                f"`{field}` rests on {analysis}, which was added after results had been seen: nothing is concluded from"
                " it, so leave it out."
            )
            wrong.append(("rests_on", what))
    if isinstance(sentence, StoryStep) and sentence.draws not in by_id:
        what = f"`draws` is {sentence.draws}, which is no analysis of this evaluation: correct the name."
        wrong.append(("draws", what))
    text = " ".join(part if isinstance(part, str) else "filled in" for part in parts(sentence.says))
    named = f"{evaluation.title} {evaluation.intervention.name}".casefold()
    for number in dict.fromkeys(NUMBER.findall(text)):
        if number.casefold() not in named:
            what = (
                f"`says` has “{number}”, a number that no result proves: write {{analysis size}}, {{analysis range}} or"
                " {analysis places} in its place."
            )
            wrong.append(("says", what))
    if word_count(text) > WORDS_IN_A_SENTENCE:
        what = f"`says` has {word_count(text)} words: it is read first, so say it in at most {WORDS_IN_A_SENTENCE}."
        wrong.append(("says", what))
    return wrong
