"""What is kept beside words of patients and carers: who agreed to what, who was told, who else read it; and journeys."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from evalkit.catalogue.records.fields import Day, OneLine, Record, Slug, Source, Words, checked_day

NOT_REPORTED, NOT_YET, NOT_ASKED, NONE_REPORTED = "not_reported", "not_yet", "not_asked", "none_reported"
# What `organisation` may be instead of a name.
THEMSELVES, UNNAMED = "themselves", "unnamed"


def _day_or(*words: str) -> BeforeValidator:
    """A day, or one of a few words that say why there is none."""

    def read(value: Any) -> Any:
        if value in words:
            return value
        try:
            return date.fromisoformat(str(checked_day(value)).strip())
        except (PydanticCustomError, ValueError):
            among = " or ".join(words)
            raise PydanticCustomError(
                "in_words", "is neither a day, such as 2026-03-10, nor {among}: write one of them", {"among": among}
            ) from None

    return BeforeValidator(read)


class SignedOff(Record):
    """Who else read an item to its end, by role, and on which day: nobody in it can be recognised."""

    by: OneLine = Field(max_length=80)
    date: Day


class Consent(Record):
    """How somebody agreed to their words standing here, when, and who keeps that, by role."""

    form: Literal["written", "recorded", "spoken"]
    date: Day
    kept_by: OneLine


class Correction(Record):
    """How a speaker corrects or withdraws their words, by when that is done, and what becomes of copies made before."""

    how: Words
    by_when: Words
    older_copies: Words


class Voice(Record):
    """What is known of the one who speaks and of what became of their words.

    The words stand here by ``consent``, or were ``published_elsewhere``: the id of that source. ``organisation`` is the name
    of the one they speak for, or ``themselves``, ``unnamed`` or ``not_reported``; people are never named. ``seen`` is when the
    speaker saw the item as it appears, ``told`` when they heard what came of it, and ``harm`` when the site was told of a
    harm in it. ``looked`` is when somebody last looked for what was done and came of it.
    """

    organisation: OneLine
    consent: Consent | None = None
    published_elsewhere: Slug | None = None
    seen: Annotated[date | str, _day_or(NOT_ASKED)]
    correction: Correction | None = None
    told: Annotated[date | str, _day_or(NOT_YET, NOT_REPORTED)]
    told_by: OneLine | None = None
    harm: Annotated[date | str, _day_or(NONE_REPORTED)]
    harm_told_to: OneLine | None = None
    looked: Day

    @model_validator(mode="after")
    def _may_stand_here(self) -> "Voice":
        if (self.consent is None) == (self.published_elsewhere is None):
            raise ValueError(
                "`voice` needs either `consent`, with its form, its date and who keeps it, or `published_elsewhere`, the id of"
                " the source that published the words: give one of the two"
            )
        if self.consent is not None and self.seen == NOT_ASKED:
            raise ValueError(
                "`seen` is not_asked, and the words stand here by consent: show the speaker the item as it appears, and write"
                " the day"
            )
        if self.consent is not None and self.correction is None:
            raise ValueError(
                "`correction` is missing: say in `how`, `by_when` and `older_copies` how the speaker corrects or withdraws"
                " their words"
            )
        return self

    @model_validator(mode="after")
    def _told_by_somebody(self) -> "Voice":
        if isinstance(self.told, date) and self.told_by is None:
            raise ValueError("`told_by` is missing: say by role who told the speaker what came of it")
        if not isinstance(self.told, date) and self.told_by is not None:
            raise ValueError("`told_by` is given and `told` is no day: write the day, or take `told_by` out")
        if isinstance(self.harm, date) and self.harm_told_to is None:
            raise ValueError("`harm_told_to` is missing: say by role who at the site was told of the harm")
        return self


class Involvement(Record):
    """Patients and the public in an evaluation, by the five items of GRIPP2's short form (Staniszewska and others, 2017)."""

    aim: Words
    methods: Words
    results: Words
    outcomes: Words
    reflections: Words
    sources: list[Source] = Field(min_length=1)


class JourneyRecord(Record):
    """What a site's journey is of; its steps are in the CSV file beside it, called as the site.

    ``whose`` says whose way through care it is, ``walked`` how it was found out; ``before`` and ``after`` say when. As the
    steps of one person's way can give the person away, a second reader signs each journey off.
    """

    id: Slug
    title: OneLine = Field(max_length=120)
    whose: Words
    walked: Words
    before: OneLine
    after: OneLine | None = None
    signed_off: SignedOff
    sources: list[Source] = []


class CommentTheme(Record):
    """A theme that patients' comments were sorted into, as its table writes it, and the measures of this book that ask the same."""

    id: Slug
    theme: OneLine
    measures: list[Slug] = Field(min_length=1)
