"""Add your words, correct or withdraw them: what is asked and promised, and whom to write to, where the book has an address."""

from dataclasses import dataclass

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.page import NamedPages, OnePage
from evalkit.book.content.voices import of_the_book, reached
from evalkit.catalogue.records.voices import Correction

NAME = "take-part/your-words"


@dataclass(frozen=True)
class YourWordsPage(OnePage):
    """What somebody is asked and promised who adds words; ``reached`` is empty where the book has no address."""

    reached: str
    within: str
    correction: Correction

    file = f"{NAME}.html"
    template = "your-words.html.jinja"


@dataclass(frozen=True)
class ContactPart(OnePage):
    """Whom to write to, in pages that are written by hand."""

    reached: str
    within: str

    file = "index-parts/contact.html"
    template = "contact.html.jinja"


def pages(content: BookContent) -> NamedPages:
    """The page, and the part of others."""
    contact = content.catalogue.contact
    where, within = (reached(contact), contact.answers_within or "") if contact is not None else ("", "")
    yield NAME, YourWordsPage(where, within, of_the_book(contact))
    yield f"{NAME}/contact", ContactPart(where, within)
