"""What patients and carers told us: what was said, done and happened, what they raise, and who was involved."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.comment_themes import CommentThemes, comment_themes
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.voices import OF_THE_BOOK, VoiceEntry, voice_shown
from evalkit.catalogue.records.learning import LearningItem
from evalkit.catalogue.records.voices import Correction, Involvement

NAME = "learning/patients-and-carers"


@dataclass(frozen=True)
class VoicesPage(OnePage):
    """Every voice, the labelled sample of comments, and involvement in evaluations: recorded, and not.

    Attributes
    ----------
    places : int
        How many places the voices are from.
    journeys : list of (str, str)
        Id and name of each site with a journey.
    involved, not_involved : list
        Id and title of each evaluation, and its record where there is one.
    correction : Correction
        What holds for words that others had published.
    """

    voices: list[VoiceEntry]
    places: int
    comments: CommentThemes | None
    journeys: list[tuple[str, str]]
    involved: list[tuple[str, str, Involvement]]
    not_involved: list[tuple[str, str]]
    correction: Correction

    file = f"{NAME}.html"
    template = "voices.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page, where somebody said something."""
    voices = [_entry(content, item) for item in content.items if item.type == "patient_voice"]
    if not voices:
        return
    real = [one for one in content.evaluations if not content.catalogue.is_synthetic(one)]
    yield (
        NAME,
        VoicesPage(
            voices,
            len({voice.place for voice in voices}),
            comment_themes(content.catalogue),
            [(site.id, site.name) for site in content.sites if site.id in content.journeys],
            [(one.id, one.title, one.involvement) for one in real if one.involvement is not None],
            [(one.id, one.title) for one in real if one.involvement is None],
            OF_THE_BOOK,
        ),
    )


def _entry(content: BookContent, item: LearningItem) -> VoiceEntry:
    card, voice = content.item_cards[item.id], item.voice
    assert voice is not None, "a voice that is shown has it, as its record holds"
    source = content.catalogue.sources[voice.published_elsewhere] if voice.published_elsewhere else None
    return VoiceEntry(
        item.id, card.title, card.place, card.site, str(item.contributor_role), item.body, str(card.response),
        str(card.what_happened), source.publisher if source is not None else "", voice_shown(voice),
    )  # fmt: skip
