"""Words of patients and carers as pages show them: whom they speak for, who agreed to what, who was told."""

from dataclasses import dataclass
from datetime import date

from evalkit.book.content.symbols import day
from evalkit.catalogue.records.learning import LearningItem
from evalkit.catalogue.records.voices import (
    NONE_REPORTED,
    NOT_ASKED,
    NOT_REPORTED,
    NOT_YET,
    THEMSELVES,
    UNNAMED,
    Correction,
    Voice,
)

ORGANISATION = {
    THEMSELVES: "None: they spoke for themselves",
    UNNAMED: "One that wishes to stay unnamed",
    NOT_REPORTED: "Not reported",
}
FORM = {"written": "Agreed in writing", "recorded": "Agreed in a recording", "spoken": "Agreed by word of mouth"}
SEEN = {NOT_ASKED: "No, as the words were read where they had been published, and nobody was asked"}
TOLD = {NOT_YET: "Not yet", NOT_REPORTED: "Not reported"}
HARM = {NONE_REPORTED: "No harm to a person is reported in it"}
# What holds for words that others had published, of which this book keeps no more than its own.
OF_THE_BOOK = Correction(
    how="Whoever spoke, or speaks for them, asks those who keep this book in an issue in its repository. That is public, so"
    " name the item and tell no story there; who has no account may have anybody do it. No reason is needed.",
    by_when="It is done the next time that the book is made: a correction stands in the text, and what is withdrawn leaves"
    " its address alone.",
    older_copies="Pages that others printed, sent on or took into another book stay as they were, and so does what the first"
    " publisher shows.",
)


@dataclass(frozen=True)
class VoiceShown:
    """What a page says beside somebody's words, each in a phrase or a sentence."""

    organisation: str
    consent: str
    seen: str
    told: str
    harm: str
    correction: Correction
    looked: str


@dataclass(frozen=True)
class VoiceEntry:
    """A voice among others: what was said, done and happened. ``publisher`` is empty where the words stand here first."""

    id: str
    title: str
    place: str
    site: str | None
    role: str
    body: str
    response: str
    what_happened: str
    publisher: str
    voice: VoiceShown


def voice_shown(voice: Voice) -> VoiceShown:
    """In words."""
    consent = "Published elsewhere before, as the sources below say; nobody was asked for this book"
    if voice.consent is not None:
        agreed = voice.consent
        consent = f"{FORM[agreed.form]} on {day(agreed.date)}; kept by: {agreed.kept_by}"
    return VoiceShown(
        ORGANISATION.get(voice.organisation, voice.organisation),
        consent,
        _on(voice.seen, SEEN, "Yes, on {day}"),
        _on(voice.told, TOLD, f"On {{day}}, by: {voice.told_by}"),
        _on(voice.harm, HARM, f"The place was told before this was published, on {{day}}: {voice.harm_told_to}"),
        voice.correction or OF_THE_BOOK,
        day(voice.looked),
    )


def _on(said: date | str, words: dict[str, str], when: str) -> str:
    return when.format(day=day(said)) if isinstance(said, date) else words[said]


def voice_of(item: LearningItem) -> VoiceShown | None:
    """What is said beside an item's words; nothing of an item of another type."""
    return voice_shown(item.voice) if item.voice is not None else None
