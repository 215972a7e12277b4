"""Is what is called plain plain? Short sentences, few of them, and no abbreviation that the glossary does not explain."""

import re

from evalkit.catalogue.model import Catalogue
from evalkit.errors import Problem

WORDS_IN_A_SENTENCE = 20
WORDS_OF_A_RECORD = 70
# A capital after the stop, or "a.m." and the like would end a sentence.
END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'“‘(]?[A-Z0-9])")
ABBREVIATION = re.compile(r"\b(?:[A-Z]&[A-Z]|[A-Z]{2,}[0-9]*)(?=s?\b)")


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [sentence for sentence in END_OF_SENTENCE.split(" ".join(text.split())) if sentence]


def word_count(text: str) -> int:
    """How many words a text has; a dash by itself is none."""
    return sum(any(letter.isalnum() for letter in word) for word in text.split())


def abbreviations(text: str) -> list[str]:
    """What is written in capitals, such as A&E, NHS or GPs (as GP), each once."""
    return list(dict.fromkeys(ABBREVIATION.findall(text)))


def check_plain_words(catalogue: Catalogue) -> list[Problem]:
    """Problems with the plain words of evaluations."""
    explained = {word for term in catalogue.glossary.values() for word in abbreviations(term.term)}
    problems = []
    for id, evaluation in catalogue.evaluations.items():
        text = evaluation.plain_words or ""
        wrong = []
        if word_count(text) > WORDS_OF_A_RECORD:
            wrong.append(f"`plain_words` has {word_count(text)} words: shorten it to {WORDS_OF_A_RECORD}.")
        for sentence in sentences(text):
            if word_count(sentence) > WORDS_IN_A_SENTENCE:
                start = " ".join(sentence.split()[:5])
                wrong.append(
                    f"`plain_words` has a sentence of {word_count(sentence)} words ({start} ...): make it two, of at most"
                    f" {WORDS_IN_A_SENTENCE} words each."
                )
        wrong += [
            f"`plain_words` uses {abbreviation}, which is not in data/glossary.yml: write it out, or explain it there."
            for abbreviation in abbreviations(text)
            if abbreviation not in explained
        ]
        problems += [catalogue.problem("evaluations", id, ("plain_words",), what) for what in wrong]
    return problems
