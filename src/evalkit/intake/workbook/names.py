"""What names mean: organisations by code or name, measures by id or name, the parts of a share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from evalkit.catalogue.model import Catalogue
from evalkit.intake.workbook.answers import LEAVE_OUT, MEASURE, PARTS

SYNTHETIC = re.compile(r"ZZ9\d\d[A-Z]?")
PART_WORDS = {
    "numerator": "numerator", "num": "numerator", "n": "numerator", "value": "numerator", "count": "numerator",
    "figure": "numerator", "denominator": "denominator", "denom": "denominator", "den": "denominator", "d": "denominator",
}  # fmt: skip
NEAR = 80


@dataclass(frozen=True)
class Counted:
    """What a figure counts: a measure, and which part of it."""

    measure: str
    part: str = PARTS[0]
    is_said: bool = field(default=False, compare=False)  # whether somebody said that it is a part


def folded(text: str) -> str:
    """Text as two people may write it alike."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower().replace("&", " and ")).strip()


@dataclass(frozen=True, eq=False)
class Names:
    """What is known by name in a project."""

    codes: Mapping[str, str]
    organisations: Mapping[str, str]
    measures: Mapping[str, str]
    ids: Mapping[str, str]

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Names":
        by_name: dict[str, str] = {}
        for code, organisation in catalogue.organisations.items():
            known = folded(organisation.name)
            by_name[known] = "" if known in by_name else code  # a name that two have names neither
        measures = {folded(measure.name): id for id, measure in catalogue.measures.items()}
        ids = {folded(id): id for id in catalogue.measures}
        measures |= ids
        return cls(
            {code: one.name for code, one in catalogue.organisations.items()},
            {k: v for k, v in by_name.items() if v},
            measures,
            ids,
        )

    def code_of(self, written: str) -> str | None:
        """The code of an organisation that is written as a code or by its name."""
        for code in (written.strip(), written.strip().upper()):
            if code in self.codes or SYNTHETIC.fullmatch(code):
                return code
        return self.organisations.get(folded(written))

    def counted_of(self, written: str) -> Counted | None:
        """The measure that a heading names, and the part of it where it says so."""
        known = self.measures.get(folded(written))
        if known:
            return Counted(known)
        first, _, last = folded(written).rpartition(" ")
        part = PART_WORDS.get(last) if len(last) > 1 else None
        return Counted(self.measures[first], part) if part and first in self.measures else None

    def counted_as_id(self, written: str) -> Counted | None:
        """The measure whose id a heading is: a name may be that of another thing."""
        counted = self.counted_of(written)
        first, _, last = folded(written).rpartition(" ")
        is_id = folded(written) in self.ids or (last in PART_WORDS and first in self.ids)
        return counted if is_id else None

    def likely_code(self, written: str) -> str | None:
        """The organisation that may be meant: to be offered, never taken."""
        near = process.extractOne(
            folded(written), list(self.organisations), scorer=fuzz.token_set_ratio, score_cutoff=NEAR + 20
        )
        return self.organisations[near[0]] if near else None

    def likely_measure(self, written: str) -> str | None:
        """The measure that may be meant: to be offered, never taken."""
        near = process.extractOne(folded(written), list(self.measures), scorer=fuzz.token_sort_ratio, score_cutoff=NEAR)
        return self.measures[near[0]] if near else None


def part_of(written: str) -> str | None:
    """The part of a measure that a word names: numerator or denominator."""
    return PART_WORDS.get(folded(written))


def answered_measure(answer: str) -> Counted | str | None:
    """An answer that says what is counted: an id, with `numerator` or `denominator` after it where it is a share's."""
    told = answer.strip()
    if told == LEAVE_OUT:
        return LEAVE_OUT
    match = MEASURE.fullmatch(told)
    return Counted(match["id"], match["part"] or PARTS[0], match["part"] is not None) if match else None
