"""What people said, as pages show it: who spoke, whom they speak for, who agreed to what, who answered, who was told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from evalkit.book.content.learning_items import ItemCard, honest
from evalkit.book.content.symbols import day
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.learning import LearningItem
from evalkit.catalogue.records.voices import (
    NONE_REPORTED,
    NOT_ASKED,
    NOT_REPORTED,
    NOT_YET,
    PATIENTS_AND_CARERS,
    RISK_SAID,
    THEMSELVES,
    UNNAMED,
    Contact,
    Correction,
    Speaker,
    Voice,
)

TOLD_US, IN_PUBLIC = "What patients and carers told us", "What people said in public about these changes"
SAID = "What people said about these changes"
ORGANISATION = {
    THEMSELVES: "They spoke for themselves",
    UNNAMED: "One that wishes to stay unnamed",
    NOT_REPORTED: "Not reported",
}
FORM = {"written": "Agreed in writing", "recorded": "Agreed in a recording", "spoken": "Agreed by word of mouth"}
SEEN = {NOT_ASKED: "No, as the words were read where they had been published, and nobody was asked"}
TOLD = {NOT_YET: "Not yet", NOT_REPORTED: "Not reported"}
HARM = {
    NONE_REPORTED: "It tells of no harm. This book cannot tell whether anybody was harmed.",
    RISK_SAID: "It says that people were at risk. It names no person harmed. This book cannot tell whether anybody was.",
}
# Each kind of speaker: one of it, and several.
SPEAKERS: dict[Speaker, tuple[str, str]] = {
    "patient": ("one patient", "{count} patients"),
    "carer": ("one carer", "{count} carers"),
    "patients_organisation": ("one organisation of patients or carers", "{count} organisations of patients or carers"),
    "campaign_group": ("one campaign group", "{count} campaign groups"),
    "petition": ("one petition", "{count} petitions"),
    "readers": ("one newspaper’s readers", "the readers of {count} newspapers"),
}
# What becomes of words that others had published, once they are corrected or withdrawn.
BY_WHEN = (
    "It is done the next time that the book is made: a correction stands in the text, and what is withdrawn leaves its"
    " address alone."
)
OLDER_COPIES = (
    "Pages that others printed, sent on or took into another book stay as they were, and so does what the first publisher"
    " shows."
)
NO_ADDRESS = (
    "You cannot do this yet: this book has no address yet. Those who publish it set one under “contact” in data/book.yml,"
    " and it then stands here."
)


@dataclass(frozen=True)
class VoiceShown:
    """What a page says beside somebody's words, each in a phrase or a sentence.

    Attributes
    ----------
    speaker : str
        What kind of account it is, such as a petition of how many names.
    in_our_words : bool
        Whether the book tells what was said, and the speaker has not seen it so.
    comment : str
        What the book adds; empty where it adds nothing.
    """

    speaker: str
    in_our_words: bool
    reply: str
    comment: str
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


@dataclass(frozen=True)
class SaidThere:
    """What was said at the place of an evaluation, and of which change."""

    card: ItemCard
    about: str


def title_of(voices: Iterable[Voice]) -> str:
    """What these may be called together: told to this book by patients or carers, told to it, or said in public."""
    here = [voice for voice in voices if voice.is_told_here]
    if any(voice.speaker in PATIENTS_AND_CARERS for voice in here):
        return TOLD_US
    return SAID if here else IN_PUBLIC


def voices_of(items: Iterable[LearningItem]) -> list[Voice]:
    """Those of some items that people said."""
    return [item.voice for item in items if item.type == "patient_voice" and item.voice is not None]


def counted(voices: Sequence[Voice]) -> str:
    """How many there are by who spoke: "one petition, one campaign group and one newspaper’s readers"."""
    found = []
    for speaker, (one, several) in SPEAKERS.items():
        count = sum(voice.speaker == speaker for voice in voices)
        if count:
            found.append(one if count == 1 else several.format(count=count))
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def came(voices: Sequence[Voice]) -> str:
    """In sentences, how they came to this book, and that no patient or carer has spoken to it where none has."""
    here = [voice for voice in voices if voice.is_told_here]
    before = len(voices) - len(here)
    if before and here:
        said = f"How they came: {len(here)} told to this book and {before} published elsewhere before."
    elif here:
        said = "All were told to this book."
    else:
        said = "All were published elsewhere before, and none was told to this book."
    if any(voice.speaker in PATIENTS_AND_CARERS for voice in here):
        return said
    return f"{said} No patient or carer has yet spoken to this book, so it cannot say what patients and carers think."


def is_said(answer: str | None) -> bool:
    """Whether a reply, an action or an outcome is told, and not that nothing is known of it."""
    return answer is not None and answer not in (NOT_REPORTED, NOT_YET)


def answered(items: Sequence[LearningItem]) -> str:
    """Of how many a reply, an action and an outcome are reported, in a sentence."""
    voices = [(item, item.voice) for item in items if item.voice is not None]
    replied = sum(is_said(voice.reply) for _, voice in voices)
    done = sum(is_said(item.response) for item, _ in voices)
    happened = sum(is_said(item.what_happened) for item, _ in voices)
    return (
        f"A reply is reported to {replied} of {len(voices)}, an action after {done}, and what came of it for {happened}. A reply"
        " is what those responsible said, and a denial is one; an action is what they did. Neither says that these words"
        " brought it about. “Not reported” means that nothing was found, and not that nothing was said or done."
    )


def of_the_book(contact: Contact | None) -> Correction:
    """How words that were published elsewhere are corrected or withdrawn: with an address only where the book has one."""
    if contact is None:
        return Correction(how=NO_ADDRESS, by_when="Not promised, as there is no address.", older_copies=OLDER_COPIES)
    within = f" You are answered within {contact.answers_within}." if contact.answers_within else ""
    return Correction(
        how=f"Whoever spoke, or speaks for them, writes to: {reached(contact)}. No reason is needed. Name the page; you need"
        " not tell your story again.",
        by_when=f"{BY_WHEN}{within}",
        older_copies=OLDER_COPIES,
    )


def reached(contact: Contact) -> str:
    """Whom to write to or to call, on one line."""
    ways = (("email", contact.email), ("post", contact.post), ("telephone", contact.phone))
    return "; ".join([contact.name, *(f"by {way}: {where}" for way, where in ways if where)])


def voice_shown(voice: Voice, contact: Contact | None) -> VoiceShown:
    """In words."""
    consent = "Published elsewhere before, as the sources below say; nobody was asked for this book"
    if voice.consent is not None:
        agreed = voice.consent
        consent = f"{FORM[agreed.form]} on {day(agreed.date)}; kept by: {agreed.kept_by}"
    one, _ = SPEAKERS[voice.speaker]
    names = f" of {voice.signatures:,} names" if voice.signatures else ""
    return VoiceShown(
        f"{one[0].upper()}{one[1:]}{names}",
        not voice.is_told_here,
        str(honest(voice.reply)),
        voice.comment or "",
        ORGANISATION.get(voice.organisation, voice.organisation),
        consent,
        _on(voice.seen, SEEN, "Yes, on {day}"),
        _on(voice.told, TOLD, f"On {{day}}, by: {voice.told_by}"),
        _on(voice.harm, HARM, f"The place was told before this was published, on {{day}}: {voice.harm_told_to}"),
        voice.correction or of_the_book(contact),
        day(voice.looked),
    )


def _on(said: date | str, words: dict[str, str], when: str) -> str:
    return when.format(day=day(said)) if isinstance(said, date) else words[said]


def voice_of(item: LearningItem, contact: Contact | None) -> VoiceShown | None:
    """What is said beside an item's words; nothing of an item of another type."""
    return voice_shown(item.voice, contact) if item.voice is not None else None


def about(catalogue: Catalogue, evaluation: str, item: LearningItem) -> str:
    """Of which change something was said, on the page of an evaluation of the same place."""
    if item.voice is None:
        return "of which change is not recorded"
    if evaluation in item.voice.about:
        return "of this change"
    others = [catalogue.evaluations[other].title for other in item.voice.about]
    return f"of another change there: {'; '.join(others)}" if others else "of another change there"


def is_heard(items: Iterable[LearningItem], evaluation: str) -> bool:
    """Whether a patient, a carer or an organisation of theirs spoke of the change of an evaluation."""
    return any(
        item.voice is not None
        and item.voice.speaker in PATIENTS_AND_CARERS
        and evaluation in (*item.voice.about, *item.explains)
        for item in items
    )
