"""The finding of an evaluation in an author's sentences, in which every number and direction is a named result's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from evalkit.catalogue.records.fields import Record, Slug, Words

Came = Literal["fall", "rise", "unclear", "no_important_change", "described"]
ASKED = ("moved", "size", "range", "places", "missed")
FILL = re.compile(r"\{([a-z0-9-]+)(?: ([a-z]+))?\}")


@dataclass(frozen=True)
class Fill:
    """A place in a sentence that a result fills: ``{analysis}``, ``{analysis size}`` and so on."""

    analysis: str
    asked: str


def parts(says: str) -> Iterator[str | Fill]:
    """The words of a sentence, and what is to be filled in between."""
    position = 0
    for match in FILL.finditer(says):
        yield says[position : match.start()]
        yield Fill(match[1], match[2] or "moved")
        position = match.end()
    yield says[position:]


class FindingSentence(Record):
    """One sentence, and what each result that it rests on must say for it to be true.

    In ``says`` stand for numbers: ``{analysis}``, what the measure did ("may have fallen by about 14%"); ``{analysis size}``,
    ``{analysis range}``, ``{analysis places}``, how many places it is about, and ``{analysis missed}``, the change that it had
    four chances in five to find. A sentence whose results say otherwise than
    ``rests_on`` is not shown.
    """

    says: Words
    rests_on: dict[Slug, Came] = Field(min_length=1)

    @model_validator(mode="after")
    def _what_is_filled_in_is_rested_on(self) -> "FindingSentence":
        text = ""
        for part in parts(self.says):
            if isinstance(part, str):
                text += part
                continue
            if part.asked not in ASKED:
                raise ValueError(f"`{{{part.analysis} {part.asked}}}` asks for what is none of {', '.join(ASKED)}")
            if part.analysis not in self.rests_on:
                raise ValueError(
                    f"`says` draws on {part.analysis}, which is not in `rests_on`: add it there, with what it says"
                )
        if "{" in text or "}" in text:
            raise ValueError("`says` has a brace that names no analysis: write `{analysis}` or `{analysis size}`")
        return self


class StoryStep(FindingSentence):
    """One figure of several that only make sense together, with its sentence; ``draws`` is the analysis drawn."""

    draws: Slug
