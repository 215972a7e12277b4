"""What evalkit says when it cannot go on: sentences for people, never tracebacks."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, islice
from typing import Any, Literal

from rapidfuzz import fuzz, process

SHOWN_AT_MOST, MOST_OF_A_FILE = 5, 200
A_WEEK = re.compile(r"\b(\d{4}-\d\d-\d\d)/\d{4}-\d\d-\d\d\b")  # as a period of a week is written
LONGEST_SENTENCE = 2_000  # characters
LISTED_AT_MOST = 20  # words that a sentence lists
NEAR = 60  # per cent of two words that is alike, where one may have been meant for the other
KINDS_OF_TEXT = (
    (r"\s*", "nothing"),
    (r"\d+", "a whole number"),
    (r"-\d+(\.\d+)?", "a number below 0"),
    (r"\d+\.\d+", "a number with a fraction"),
    (r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?", "a number with signs between its figures"),
    (r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}", "a date in another form"),
    (r"\d+(\.\d+)?\s*%", "a number with a percent sign"),
    (r"[<>≤≥]\s*\d+", "a number with a sign before it"),
)

Level = Literal["refused", "look"]


class EvaluationError(Exception):
    """Input that cannot be used: one plain sentence saying what, where and what to do.

    Attributes
    ----------
    parameter : str or None
        The one parameter at fault, where the sentence is about one.

    Examples
    --------
    >>> import evalkit as ek
    >>> try:
    ...     ek.load(site="RA3", measure="ae-attendance-type-1")
    ... except ek.EvaluationError as error:
    ...     print(f"{error.parameter}: {error}")
    measure: `ae-attendance-type-1` is not a measure in data/measures.yml;
    did you mean `ae-attendances-type-1`.
    """

    def __init__(self, what: str = "", parameter: str | None = None):
        super().__init__(what)
        self.parameter = parameter

    def _render_traceback_(self) -> list[str]:
        """Keep IPython from printing frames and data rows below the sentence."""
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong in the project's files.

    ``level`` is ``"refused"`` (nothing runs until it is mended) or ``"look"`` (worth a look; work goes on).
    """

    file: str
    line: int
    what: str
    level: Level = "refused"

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        said = f"{place}: {self.what}" if place else self.what
        # A name of a file or a field may hold what moves a terminal, and be as long as anybody likes.
        seen = "".join("?" if unicodedata.category(sign)[0] == "C" else sign for sign in said)
        return seen if len(seen) <= LONGEST_SENTENCE else f"{seen[:LONGEST_SENTENCE]} ..."


def shortened(problems: Iterable[Problem], count: int, rest: str, at_most: int = SHOWN_AT_MOST) -> list[Problem]:
    """The first few of ``count`` alike, and where the others begin: "and 31 more ``rest``"."""
    first = list(islice(problems, at_most + 1))
    if count <= at_most:
        return first
    return [*first[:-1], replace(first[-1], what=f"and {count - at_most:,} more {rest}.")]


def named(names: Sequence[str]) -> str:
    """The first few of many names: "RA3, RD1, RTE, RNZ, RN3 and 14 more"."""
    rest = len(names) - SHOWN_AT_MOST
    return ", ".join(names[:SHOWN_AT_MOST]) + (f" and {rest} more" if rest > 0 else "")


class InputRefused(EvaluationError):
    """Every problem found in the project's files, at once; of a file with hundreds, the first.

    Attributes
    ----------
    problems : list of Problem
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = []
        for _, of_file in groupby(
            sorted(problems, key=lambda problem: (problem.file, problem.line)), lambda problem: problem.file
        ):
            several = list(of_file)
            self.problems += shortened(several, len(several), "problems in this file", MOST_OF_A_FILE)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def described(value: Any) -> str:
    """What a value is, in words that repeat nothing of it: what cannot be read may be what identifies a person."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number below 0" if value < 0 else "a number"
    if isinstance(value, date):
        return "a date"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "fields of its own"
    text = str(value)
    for pattern, words in KINDS_OF_TEXT:
        if re.fullmatch(pattern, text):
            return words
    kind = "text of {} character{}" if any(map(str.isalpha, text)) else "{} figure{} and signs"
    return kind.format(len(text), "" if len(text) == 1 else "s")


def repeated(names: Iterable[str]) -> list[str]:
    """What is there more than once, in the order in which it comes."""
    return [name for name, count in Counter(names).items() if count > 1]


def did_you_mean(word: Any, known: Iterable[Any], listed_at_most: int = LISTED_AT_MOST) -> str:
    """The end of a sentence about a word that is not known: the nearest known word, or the short list of them."""
    known = [str(name) for name in known]
    near = process.extractOne(str(word), known, scorer=fuzz.ratio, score_cutoff=NEAR)
    if near:
        return f"; did you mean `{near[0]}`"
    return f": use one of {', '.join(known)}" if 0 < len(known) <= listed_at_most else ""


def weeks_said(text: str) -> str:
    """A sentence with ``the week of 2 January 2023`` for ``2023-01-02/2023-01-08``, which is how a period of a week is written."""

    def said(match: re.Match) -> str:
        first = date.fromisoformat(match[1])
        return f"the week of {first.day} {first:%B %Y}"

    return A_WEEK.sub(said, text)
