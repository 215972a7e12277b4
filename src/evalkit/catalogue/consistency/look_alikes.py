"""Are two records called so that readers can tell them apart?"""

import re
import unicodedata
from collections.abc import Iterator

from evalkit.catalogue.consistency.markup import KINDS
from evalkit.catalogue.model import Catalogue
from evalkit.errors import Problem

NAMES = ("title", "name", "term")
ALIKE = str.maketrans({"0": "o", "1": "l", "|": "l"})


def check_look_alikes(catalogue: Catalogue) -> list[Problem]:
    """Ids and names of one kind that differ only in case or in signs that look alike, and names of two alphabets.

    Two names that are the same sign for sign are no mistake: there is more than one Queen Elizabeth Hospital.
    """
    problems = []
    for kind in KINDS:
        records = getattr(catalogue, kind)
        problems += _alike(catalogue, kind, None, [(id, id) for id in records])
        for field in NAMES:
            named = [(id, getattr(record, field, None)) for id, record in records.items()]
            named = [(id, name) for id, name in named if name is not None and name != id]
            problems += _alike(catalogue, kind, field, named)
            problems += _of_two_alphabets(catalogue, kind, field, named)
    return problems


def _alike(catalogue: Catalogue, kind: str, field: str | None, named: list[tuple[str, str]]) -> Iterator[Problem]:
    first_of: dict[str, tuple[str, str]] = {}
    for id, name in named:
        first, first_name = first_of.setdefault(skeleton(name), (id, name))
        if name != first_name:
            other = catalogue.problem(kind, first, (field,) if field else (), "")
            what = (
                f"{f'`{field}`' if field else f'the id `{id}`'} looks like that in {other.file}, line {other.line}:"
                " choose one that nobody takes for the other, or make the two the same."
            )
            yield catalogue.problem(kind, id, (field,) if field else ("id",), what)


def _of_two_alphabets(catalogue: Catalogue, kind: str, field: str, named: list[tuple[str, str]]) -> Iterator[Problem]:
    for id, name in named:
        if not name.isascii():
            from confusable_homoglyphs.confusables import is_dangerous

            if any(is_dangerous(word) for word in re.findall(r"[^\W\d_]+", name)):
                what = f"a word of `{field}` has letters of two alphabets that look alike: write it in one."
                yield catalogue.problem(kind, id, (field,), what)


def skeleton(name: str) -> str:
    """What two names have in common that readers take for each other.

    After the skeleton of Unicode Technical Standard 39, section 4, for names in Latin letters.
    """
    plain = unicodedata.normalize("NFKC", name)
    if not plain.isascii():
        plain = "".join(map(_latin, plain))
    return " ".join(plain.casefold().translate(ALIKE).replace("rn", "m").split())


def _latin(letter: str) -> str:
    """The letter of the Latin alphabet that a letter of another looks like; else itself."""
    if letter.isascii() or not letter.isalpha():
        return letter
    from confusable_homoglyphs.confusables import is_confusable

    found = is_confusable(letter, preferred_aliases=["LATIN"])
    alike = [other["c"] for other in found[0]["homoglyphs"] if other["c"].isascii()] if found else []
    return alike[0] if alike else letter
