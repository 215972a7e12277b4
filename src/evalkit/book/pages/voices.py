"""What people said of the changes: what was said, answered, done and happened, what comments raise, and who was involved."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.comment_themes import CommentThemes, comment_themes
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.voices import (
    VoiceEntry,
    answered,
    came,
    counted,
    of_the_book,
    title_of,
    voice_shown,
    voices_of,
)
from evalkit.catalogue.records.learning import LearningItem
from evalkit.catalogue.records.voices import Correction, Involvement

NAME = "learning/patients-and-carers"


@dataclass(frozen=True)
class VoicesPage(OnePage):
    """Every voice, the labelled sample of comments, and involvement in evaluations: recorded, and not.

    Attributes
    ----------
    heading : str
        As the records allow: told to this book by patients or carers, or said in public.
    counted, came, answered : str
        Who spoke, how their words came here, and how many had a reply, an action and an outcome.
    places : int
        How many places the voices are from.
    journeys : list of (str, str)
        Id and name of each site with a journey.
    involved, not_involved : list
        Id and title of each evaluation, and its record where there is one.
    correction : Correction
        What holds for words that others had published.
    """

    heading: str
    counted: str
    came: str
    answered: str
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
    items = said_by_people(content)
    if not items:
        return
    voices = voices_of(items)
    real = [one for one in content.evaluations if not content.catalogue.is_synthetic(one)]
    yield (
        NAME,
        VoicesPage(
            title_of(voices),
            counted(voices),
            came(voices),
            answered(items),
            [_entry(content, item) for item in items],
            len({content.item_cards[item.id].place for item in items}),
            comment_themes(content.catalogue),
            [(site.id, site.name) for site in content.sites if site.id in content.journeys],
            [(one.id, one.title, one.involvement) for one in real if one.involvement is not None],
            [(one.id, one.title) for one in real if one.involvement is None],
            of_the_book(content.catalogue.contact),
        ),
    )


def said_by_people(content: BookContent) -> Sequence[LearningItem]:
    """What others than staff said, by title."""
    return [item for item in content.items if item.type == "patient_voice"]


def title(content: BookContent) -> str:
    """What the page is called, for what leads to it."""
    return title_of(voices_of(said_by_people(content)))


def _entry(content: BookContent, item: LearningItem) -> VoiceEntry:
    card, voice = content.item_cards[item.id], item.voice
    assert voice is not None, "a voice that is shown has it, as its record holds"
    source = content.catalogue.sources[voice.published_elsewhere] if voice.published_elsewhere else None
    return VoiceEntry(
        item.id, card.title, card.place, card.site, str(item.contributor_role), item.body, str(card.response),
        str(card.what_happened), source.publisher if source is not None else "",
        voice_shown(voice, content.catalogue.contact),
    )  # fmt: skip
