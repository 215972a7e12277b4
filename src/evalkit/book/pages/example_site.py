"""The invented site ZZ901: one of each record, on a page of its own that no list, count or search leads to."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.journeys import JourneyShown, journey_shown
from evalkit.book.content.learning_items import honest
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.voices import VoiceShown, title_of, voice_shown, voices_of
from evalkit.catalogue.records.learning import LearningItem
from evalkit.catalogue.records.sites import Site
from evalkit.catalogue.records.voices import Involvement
from evalkit.example_site import read_example
from evalkit.staff.pulse import PulseShown

NAME = "take-part/example-site"


@dataclass(frozen=True)
class ExamplePage(OnePage):
    """One of each record of the invented site; ``done`` and ``happened`` are what was done for its voice and came of it."""

    site: Site
    item: LearningItem
    voice: VoiceShown
    done: str
    happened: str
    involvement: Involvement
    journey: JourneyShown
    pulse: list[PulseShown]

    file = f"{NAME}.html"
    template = "example-site.html.jinja"


@dataclass(frozen=True)
class TakePartLinks(OnePage):
    """The part of Take part that leads to the example and to what people said, by its title, where there are such pages."""

    example: bool
    voices: str

    file = "index-parts/take-part.html"
    template = "take-part-links.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The one page, where the project has the example; and what leads to it."""
    example, _ = read_example(content.catalogue.root, content.catalogue.vocabularies)
    said = voices_of(content.items)
    yield f"{NAME}/links", TakePartLinks(example is not None, title_of(said) if said else "")
    if example is None or example.voice.voice is None:
        return
    item = example.voice
    yield (
        NAME,
        ExamplePage(
            example.site, item, voice_shown(example.voice.voice, content.catalogue.contact), str(honest(item.response)), str(honest(item.what_happened)),
            example.involvement, journey_shown(example.journey), example.pulse,
        ),
    )  # fmt: skip
