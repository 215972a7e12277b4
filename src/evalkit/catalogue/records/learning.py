"""The typed records of what was learned: items, where they were read, the words that pages explain."""

import operator
import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from evalkit.catalogue.records.fields import Change, Day, OneLine, Record, Slug, Vocabulary, Words
from evalkit.catalogue.records.voices import NOT_REPORTED, NOT_YET, SignedOff, Voice

ItemType = Literal[
    "enabler", "barrier", "lesson", "example", "adaptation", "patient_voice", "staff_voice", "question",
    "unintended_effect",
]  # fmt: skip

ItemStatus = Literal["draft", "published", "challenged", "withdrawn"]


def _as_text(value: Any) -> Any:
    """A day or a year as YAML reads it."""
    return str(value) if isinstance(value, date | int) else value


def _in_the_calendar(text: str) -> str:
    """Words stay as they are; a month or a day that is written in figures must be one."""
    if re.fullmatch(r"\d{4}(-\d\d){1,2}", text):
        try:
            date.fromisoformat(text if len(text) == len("2017-07-04") else f"{text}-01")
        except ValueError:
            raise PydanticCustomError("in_words", "is a date that the calendar has not: correct it") from None
    return text


AsFarAsKnown = Annotated[
    str,
    BeforeValidator(_as_text),
    StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$"),
    AfterValidator(_in_the_calendar),
]
NOT_SOLVED = "not_solved"
VOICES = ("patient_voice", "staff_voice")


class Publication(Record):
    """A document that learning items cite. What is not known of it says so."""

    id: Slug
    title: OneLine
    author: Words | None = None
    publisher: Words
    where: Words
    published: Annotated[Words, AfterValidator(_in_the_calendar)]
    read: Day


class Programme(Record):
    """Several sites that change in one effort, or the effort itself where no site is named."""

    id: Slug
    name: OneLine
    area: Annotated[Words, Vocabulary("areas")]
    what: Words
    sources: list[Slug] = Field(min_length=1)


class Evidence(Record):
    """What a learning item rests on.

    ``ref`` is ``evaluation/analysis`` for a result, and otherwise the id of a publication in ``data/sources.yml``.
    """

    kind: Literal["result", "document", "interview", "observation", "survey"]
    ref: Words
    says: Words
    n: int | None = Field(default=None, ge=1)


class LearningItem(Record):
    """What people say was learned, or what a result taught; ``body`` is Markdown.

    ``explains`` names the evaluations whose results it helps to explain. A barrier says what was done about it and
    what came of that, or that it was ``not_solved`` or is ``not_reported``; so does what people said, where ``not_yet`` is an
    answer too. ``signed_off`` is what words of patients need before they are shown, and those of staff before they are sent
    to another book.
    """

    id: Slug
    type: ItemType
    title: OneLine = Field(max_length=200)
    site: Slug | None = None
    programme: Slug | None = None
    themes: Annotated[list[Words], Vocabulary("themes")] = []
    lessons: Annotated[list[Words], Vocabulary("lessons")] = []
    impact: Annotated[list[Words], Vocabulary("impact")] = []
    audience: Annotated[list[Words], Vocabulary("audiences")] = Field(min_length=1)
    stage: Annotated[Words, Vocabulary("stages")]
    strength: Annotated[Words, Vocabulary("strengths")]
    evidence: list[Evidence] = Field(min_length=1)
    explains: list[Slug] = []
    response: Words | None = None
    what_happened: Words | None = None
    transfers_when: Words | None = None
    does_not_transfer_when: Words | None = None
    status: ItemStatus
    date: AsFarAsKnown
    contributor_role: Words | None = None
    signed_off: SignedOff | None = None
    voice: Voice | None = Field(default=None, exclude_if=operator.not_)
    body: Words

    @field_validator("body", mode="before")
    @classmethod
    def _has_words(cls, body: str) -> str:
        if not body:
            raise ValueError("`body` is empty: write what was learned below the second ---")
        return body

    @field_validator("response", "what_happened", mode="before")
    @classmethod
    def _blank_is_no_answer(cls, answer: str | None) -> str | None:
        return None if isinstance(answer, str) and not answer.strip() else answer

    @model_validator(mode="after")
    def _somewhere(self) -> "LearningItem":
        if self.site is None and self.programme is None:
            raise ValueError("neither `site` nor `programme` is given: say where it was learned")
        return self

    @model_validator(mode="after")
    def _about_something(self) -> "LearningItem":
        if not self.themes and self.type != "question":
            raise ValueError("`themes` is empty, which only a question may leave open: name one or more")
        return self

    @model_validator(mode="after")
    def _barriers_are_answered(self) -> "LearningItem":
        if self.type == "barrier":
            for name in ("response", "what_happened"):
                if getattr(self, name) is None:
                    raise ValueError(
                        f"`{name}` is missing, and a barrier needs it: say it in words, or write {NOT_SOLVED} or {NOT_REPORTED}"
                    )
        return self

    @model_validator(mode="after")
    def _voices_are_answered(self) -> "LearningItem":
        if self.type not in VOICES or not self.is_shown:
            return self
        for name, asks in (("response", "what was done about it"), ("what_happened", "what came of it")):
            if getattr(self, name) is None:
                raise ValueError(
                    f"`{name}` is missing, and who spoke is owed an answer: say {asks}, or write {NOT_YET} or {NOT_REPORTED}"
                )
        return self

    @model_validator(mode="after")
    def _patients_agreed(self) -> "LearningItem":
        if self.type != "patient_voice":
            if self.voice is not None:
                raise ValueError("`voice` is for items of the type patient_voice: take it out, or change the type")
            return self
        if not self.is_shown:
            return self
        if self.voice is None:
            raise ValueError(
                "`voice` is missing: say whom the speaker speaks for, how they agreed and what they were told, as Take part"
                " shows, or make the item a draft"
            )
        if self.contributor_role is None:
            raise ValueError("`contributor_role` is missing: say by role who spoke, such as carer, and never by name")
        if self.signed_off is None:
            raise ValueError(
                "`signed_off` is missing: have a second reader ask whether anybody could be recognised, from exact dates or"
                " rare events say, and write `signed_off: {by: their role, date: the day}`, or make the item a draft"
            )
        if isinstance(self.voice.harm, date) and self.voice.harm > self.signed_off.date:
            raise ValueError(
                "`harm` is after the day in `signed_off`: a harm goes to the site first, so sign the item off after that"
            )
        return self

    @property
    def speaks_of(self) -> list[str]:
        """Ids of the evaluations whose change somebody speaks of."""
        return list(self.voice.about) if self.voice is not None else []

    @property
    def is_shown(self) -> bool:
        """Whether it counts on the pages that list items."""
        return self.status in ("published", "challenged")


class Term(Record):
    """A word of the glossary; ``stands_for`` writes out an abbreviation."""

    id: Slug
    term: OneLine
    stands_for: Words | None = None
    means: Words


def _as_typed(words: str) -> str:
    """As a search compares them: in small letters, with one space between words."""
    if words != " ".join(words.lower().split()):
        raise PydanticCustomError("in_words", "has capitals or wide spaces: write it small, as a search compares it")
    return words


class AskedPage(Record):
    """A page of the book that a word asks for by itself."""

    title: OneLine
    page: Words


class Synonyms(Record):
    """Words of which each, typed into a search, also finds what the others find, after the pages that it ``asks_for``."""

    id: Slug
    words: list[Annotated[OneLine, StringConstraints(max_length=40), AfterValidator(_as_typed)]] = Field(min_length=2)
    asks_for: list[AskedPage] = []


class BookChange(Record):
    """An entry of the change log: what a reader would notice."""

    id: Slug
    date: Day
    what: Words
    evaluations: list[Slug] = []


class Lead(Record):
    """Where a route leads: a page of the book, and what it answers."""

    title: OneLine
    page: Words
    says: Words


class Route(Record):
    """A way into the book for one kind of reader.

    ``shows`` says what answers their question at once: what each evaluation found, or the table of evidence. ``first`` are
    the items that they can use, below ``first_heading``; of all that was learned, the types they ``prefers`` come first.
    """

    id: Slug
    name: OneLine
    sentence: Words
    opening: Words
    shows: Literal["findings", "evidence"] | None = None
    first_heading: OneLine | None = None
    first: list[Slug] = []
    prefers: list[ItemType] = []
    audiences: Annotated[list[Words], Vocabulary("audiences")] = Field(min_length=1)
    leads_to: list[Lead] = Field(min_length=1)


class NotPooled(Record):
    """An analysis that could be pooled with the others, and why it is not."""

    analysis: Words
    reason: Words


class Membership(Record):
    """Which evaluations belong together, written down before they are; ``known`` is what had been seen of their results by then."""

    rule: Words
    written: date
    known: Words


class Pooled(Record):
    """Analyses of one measure at several sites whose effects are pooled, each ``evaluation/analysis``.

    Of the evaluations they belong to, all that ask the same of one site are pooled, clear or not; ``left_out`` says why one
    is not. Where places count each in their own way, ``measure`` is what their changes in per cent are put together under.
    With ``not_pooled``, the reason, they stand side by side and are not pooled.
    """

    id: Slug
    title: OneLine
    question: Words
    why_together: Words
    area: Annotated[Words, Vocabulary("areas")]
    expected: Change
    membership: Membership | None = None
    measure: Slug | None = None
    not_pooled: Words | None = None
    analyses: list[Words] = Field(min_length=2)
    left_out: list[NotPooled] = []
