"""Whom patients waited for, in sentences that a ward manager would say."""

import math
from collections.abc import Sequence

from evalkit.flow.waiting import Waiting

NAMES = {
    "in_hospital": "In hospital",
    "interface": "At the interface",
    "out_of_hospital": "Outside the hospital",
    "patient_and_family": "Patient, family and safeguarding",
}
WAITED = {
    "in_hospital": "for the hospital itself",
    "interface": "at the interface, where the hospital and others have to agree",
    "out_of_hospital": "for care or a place outside the hospital",
    "patient_and_family": "on their own or their family's decisions, or until they would be safe",
}
BRIEFLY = {
    "in_hospital": "for the hospital",
    "interface": "at the interface",
    "out_of_hospital": "for others outside",
    "patient_and_family": "on their own or their family's decisions, or until they would be safe",
}
HUNDRED = 100
UNKNOWN = (
    "How many patients were ready to leave in those months is not in this book, so nothing can be said of those without a"
    " recorded reason."
)


def in_a_hundred(low: float, high: float) -> str:
    """Two shares of 1 as patients in a hundred, rounded outwards where they differ: ``between 4 and 9 in 100``."""
    least, most = ends(low, high)
    return f"{least} in 100" if least == most else f"between {least} and {most} in 100"


def ends(low: float, high: float) -> tuple[int, int]:
    """The two as whole numbers of a hundred: rounded where they are alike to a tenth, else outwards."""
    if round(HUNDRED * low, 1) == round(HUNDRED * high, 1):
        return round(HUNDRED * low), round(HUNDRED * low)
    return math.floor(HUNDRED * low + 1e-9), math.ceil(HUNDRED * high - 1e-9)


def recorded(found: Waiting, where: str, span: str) -> str:
    """Of those whose reason was recorded, who waited for whom; ``where`` and ``span`` as they stand in a sentence."""
    first, *rest = [f"{in_a_hundred(one.low, one.high)} {{}}{WAITED[one.name]}" for one in found.classes]
    told = _listed([first.format("waited "), *(each.format("") for each in rest)])
    return f"Of the patients {where} whose reason for staying was recorded {span}, {told}."


def of_all(found: Waiting) -> str:
    """Of all who were ready, with those whose reason was not recorded as bounds."""
    if found.unrecorded is None:
        return UNKNOWN
    first, *rest = [
        f"{in_a_hundred(one.lowest or 0, one.highest or 0)} {{}}{BRIEFLY[one.name]}" for one in found.classes
    ]
    told = _listed([first.format("waited "), *(each.format("") for each in rest)])
    return (
        f"For {share(found.unrecorded)} in 100 of those who were ready to leave no reason was recorded, so that of all of them"
        f" {told}."
    )


def share(of_one: float) -> str:
    """A share of 1 as a whole number of a hundred; a small one that is not nought says so."""
    return "fewer than 1" if 0 < HUNDRED * of_one < 0.5 else f"{round(HUNDRED * of_one)}"


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"
