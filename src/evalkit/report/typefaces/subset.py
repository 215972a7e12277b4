"""Cut the typefaces of the book from the published ones: ``woff2`` for the pages, TTF for the figures.

Needs brotli, and the fonts as Google publishes them, which npm carries::

    npm pack @expo-google-fonts/source-sans-3@0.4.1 @expo-google-fonts/source-serif-4@0.4.1
    for each in *.tgz; do mkdir -p fonts/$each && tar -xzf $each -C fonts/$each; done
    pip install brotli
    python -m evalkit.report.typefaces.subset fonts
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from evalkit.project import find_root
from evalkit.report.typefaces import FACES, FAMILY, FOLDER

PAGES = Path("book", "_static", "fonts")
# Latin with the accents of English, Irish and Welsh names and of most from the continent; the sentences' other marks.
LETTERS = "".join(map(chr, (*range(0x20, 0x7F), *range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100)))) + "ŴŵŶŷ"
SENTENCES = "\u00a0‐–—‘’“”…‹›€£°·×÷−²½≥≤"
# Further letters, and what formulas in words and the shapes beside words need.
FURTHER = "\u2009\u202fĆćČčŁłŃńŒœŚśŠšŹźŻżŽžẀẁẂẃẄẅỲỳ«»•§©®±³¼¾≈≠†‡′″¹⁰⁴⁵⁶⁷⁸⁹⁻₀₁₂₃√∑∞ΔΣαβγδεθλμπρστφχω"
SHAPES = "←↑→↓■□▲△▸▼▽◆○●✓✗"
SERIF = LETTERS + SENTENCES
SANS = SERIF + FURTHER + SHAPES


@dataclass(frozen=True)
class Cut:
    """What becomes of one published file; what the serif lacks, pages take from the sans."""

    published: str
    family: str
    weight: int
    characters: str
    kerned: bool


CUTS = (
    Cut("SourceSans3_400Regular.ttf", "evalkit Sans", 400, SANS, kerned=False),
    Cut("SourceSans3_600SemiBold.ttf", "evalkit Sans", 700, SANS, kerned=False),
    Cut("SourceSerif4_400Regular.ttf", "evalkit Serif", 400, SERIF, kerned=False),
    Cut("SourceSerif4_700Bold.ttf", "evalkit Serif", 700, SERIF, kerned=True),
)


def cut(published: Path, wanted: Cut) -> TTFont:
    """The characters of the book from a font; under a name of its own, as the licence of the Source fonts asks."""
    font = TTFont(published, recalcTimestamp=False)
    features = ["kern"] if wanted.kerned else []
    subsetter = Subsetter(Options(layout_features=features, hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14]))
    subsetter.populate(text=wanted.characters)
    subsetter.subset(font)
    style = "Bold" if wanted.weight == 700 else "Regular"
    whole = f"{wanted.family} {style}"
    for number, name in {1: wanted.family, 2: style, 3: whole, 4: whole, 6: whole.replace(" ", "-")}.items():
        font["name"].setName(name, number, 3, 1, 0x409)
    weights: Any = font["OS/2"]  # its fields are known once it is read
    weights.usWeightClass = wanted.weight
    return font


def main(fonts: Path, root: Path) -> None:
    """Write every file, and say how large the pages' are together."""
    for wanted in CUTS:
        [published] = fonts.rglob(wanted.published)
        if wanted.family == FAMILY[0]:
            cut(published, replace(wanted, kerned=False)).save(
                FOLDER / FACES[wanted.weight]
            )  # matplotlib kerns otherwise
        font = cut(published, wanted)
        font.flavor = "woff2"
        font.save(root / PAGES / f"{wanted.family.replace(' ', '-').lower()}-{wanted.weight}.woff2")
    print(sum(path.stat().st_size for path in (root / PAGES).glob("*.woff2")), "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), find_root())
