"""Are two records called so that readers can tell them apart?"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from evalkit.catalogue.consistency.markup import KINDS, texts_of
from evalkit.catalogue.files.plain_text import WITHOUT_WIDTH
from evalkit.catalogue.model import Catalogue
from evalkit.errors import Level, Problem

NAMES = ("title", "name", "term")
ALIKE = str.maketrans(
    {"0": "O", "1": "l", "|": "l", "I": "l", "⁄": "/", "∕": "/", "∶": ":"}
    | dict.fromkeys("‘’‛`´ʼ′", "'") | dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‐‑‒–—−⁃﹣", "-")
)  # fmt: skip
ALIKE_TOGETHER = {"rn": "m", "vv": "w"}
# One at an end of a word stands beside Latin letters in its words: TNFα, μg, ΔP, kΩ.
LETTERS_OF_SCIENCE = re.compile("^[αβγδεζηθκλμπρστφχψωΓΔΘΛΠΣΦΨΩ]|[αβγδεζηθκλμπρστφχψωΓΔΘΛΠΣΦΨΩ]$")

Named = Sequence[tuple[tuple, str, str]]  # the path of a name in its record's file, the record's id, the name


def check_look_alikes(catalogue: Catalogue) -> list[Problem]:
    """Ids and names of one kind that differ only in case or in signs that look alike, and words of two alphabets.

    Two names that are the same sign for sign are no mistake: there is more than one Queen Elizabeth Hospital.
    """
    problems = []
    for kind in KINDS:
        records = getattr(catalogue, kind)
        problems += _alike(catalogue, kind, [(("id",), id, id) for id in records])
        for field in NAMES:
            named = [((field,), id, name) for id, record in records.items() if (name := getattr(record, field, None))]
            problems += _alike(catalogue, kind, [(path, id, name) for path, id, name in named if name != id])
    # Others give these names, and none of them can be changed here.
    problems += _alike(
        catalogue,
        "organisations",
        [(("name",), code, one.name) for code, one in catalogue.organisations.items()],
        "look",
    )
    for id, evaluation in catalogue.evaluations.items():
        for field in ("id", "title"):
            named = [
                (("analyses", index, field), id, getattr(analysis, field))
                for index, analysis in enumerate(evaluation.analyses)
            ]
            problems += _alike(catalogue, "evaluations", named)
    for kind in (*KINDS, "organisations"):
        for id, path, text in texts_of(catalogue, kind):
            if not text.isascii() and _of_two_alphabets(text):
                what = f"a word of `{path[-1] if isinstance(path[-1], str) else path[-2]}` has letters of two alphabets that look alike: write it in one."
                problems.append(catalogue.problem(kind, id, path, what))
    return problems


def _alike(catalogue: Catalogue, kind: str, named: Named, level: Level = "refused") -> Iterator[Problem]:
    first_of: dict[str, tuple[tuple, str, str]] = {}
    for path, id, name in named:
        for skeleton in skeletons(name):
            first_path, first_id, first_name = first_of.setdefault(skeleton, (path, id, name))
            if name != first_name:
                other = catalogue.problem(kind, first_id, first_path, "")
                what = (
                    f"`{path[-1]}` looks like that in {other.file}, line {other.line}:"
                    " choose one that nobody takes for the other, or make the two the same."
                )
                yield catalogue.problem(kind, id, path, what, level)
                break


def _of_two_alphabets(text: str) -> bool:
    from confusable_homoglyphs.confusables import is_dangerous

    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not _is_mark(sign))
    words = [LETTERS_OF_SCIENCE.sub("", word) for word in re.findall(r"[^\W\d_]+", plain)]
    return any(not word.isascii() and is_dangerous(word) for word in words)


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "M" or WITHOUT_WIDTH.match(sign) is not None


def skeletons(name: str) -> set[str]:
    """What two names have in common that readers take for each other: the letters, in whatever case, and the looks.

    After the skeleton of Unicode Technical Standard 39, section 4, for names in Latin letters.
    """
    plain = " ".join(WITHOUT_WIDTH.sub("", unicodedata.normalize("NFKC", name)).split())
    looks = plain.translate(ALIKE)
    if not looks.isascii():
        looks = "".join(map(_latin, looks))
    looks = looks.casefold()
    for signs, sign in ALIKE_TOGETHER.items():
        looks = looks.replace(signs, sign)
    return {plain.casefold(), looks}


def _latin(letter: str) -> str:
    """The letter of the Latin alphabet without marks that a letter looks like; else itself."""
    if letter.isascii() or not letter.isalpha():
        return letter
    from confusable_homoglyphs.confusables import is_confusable

    for preferred in (["LATIN"], []):  # of another alphabet; of the Latin itself
        found = is_confusable(letter, preferred_aliases=preferred)
        alike = [other["c"] for other in found[0]["homoglyphs"] if other["c"].isascii()] if found else []
        if alike:
            return alike[0]
    return letter
