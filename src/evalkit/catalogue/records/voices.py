"""What is kept beside what people said: who spoke, who agreed to what, who answered, who was told; and journeys."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from evalkit.catalogue.records.fields import Day, OneLine, Record, Slug, Source, Words, checked_day

NOT_REPORTED, NOT_YET, NOT_ASKED = "not_reported", "not_yet", "not_asked"
# Of harm: nothing is told of any; people are said to have been at risk, and nobody who was harmed is named.
NONE_REPORTED, RISK_SAID = "none_reported", "risk_said"
# What `organisation` may be instead of a name.
THEMSELVES, UNNAMED = "themselves", "unnamed"
Speaker = Literal["patient", "carer", "patients_organisation", "campaign_group", "petition", "readers"]
PETITION: Speaker = "petition"
# Who speaks as a patient or a carer, or for them.
PATIENTS_AND_CARERS: tuple[Speaker, ...] = ("patient", "carer", "patients_organisation")


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
    of the one they speak for, or ``themselves``, ``unnamed`` or ``not_reported``; people are never named. ``about`` names the
    evaluations of the change they speak of, and ``signatures`` is how many signed a petition. ``reply`` is what those
    responsible answered, a denial too; what they did is the item's ``response``. ``comment`` is what this book adds. ``seen``
    is when the speaker saw the item as it appears, ``told`` when they heard what came of it, and ``harm`` when the site was
    told of a harm in it. ``looked`` is when somebody last looked for what was done and came of it.
    """

    speaker: Speaker
    signatures: int | None = Field(default=None, ge=1)
    about: list[Slug] = []
    organisation: OneLine
    consent: Consent | None = None
    published_elsewhere: Slug | None = None
    seen: Annotated[date | str, _day_or(NOT_ASKED)]
    correction: Correction | None = None
    reply: Words
    comment: Words | None = None
    told: Annotated[date | str, _day_or(NOT_YET, NOT_REPORTED)]
    told_by: OneLine | None = None
    harm: Annotated[date | str, _day_or(NONE_REPORTED, RISK_SAID)]
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
    def _names_of_a_petition(self) -> "Voice":
        if self.signatures is not None and self.speaker != PETITION:
            raise ValueError("`signatures` is for a petition: take it out, or write `speaker: petition`")
        return self

    @property
    def is_told_here(self) -> bool:
        """Whether the speaker gave their words to this book; others were published before."""
        return self.consent is not None

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


class Contact(Record):
    """Whom readers write to who want to add words, or to correct, withdraw or question some: of the whole book.

    ``name`` is a role or an office, never a person. One of the three ways is enough; ``answers_within`` is promised where it
    is given, and nothing is where it is not.
    """

    id: Literal["contact"]
    name: OneLine
    email: Annotated[OneLine, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    post: OneLine | None = None
    phone: OneLine | None = None
    answers_within: OneLine | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> "Contact":
        if not (self.email or self.post or self.phone):
            raise ValueError("`contact` names no way to be reached: give `email`, `post` or `phone`")
        return self


class CommentService(Record):
    """A service whose comments were sorted into themes: what kind it is, and how many comments were read.

    A comment may have several themes, so that its rows do not add up to ``comments``.
    """

    id: Slug
    org_code: OneLine
    kind: OneLine
    comments: int = Field(ge=1)


class CommentTheme(Record):
    """A theme that patients' comments were sorted into, as its table writes it, and the measures of this book that ask the same."""

    id: Slug
    theme: OneLine
    measures: list[Slug] = Field(min_length=1)
