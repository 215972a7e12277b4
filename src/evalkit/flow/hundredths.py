"""Shares of 1 as patients in a hundred: the one way in which ends of a range are rounded, in sentences, tables and alt texts."""

import math

HUNDRED = 100


def ends(low: float, high: float) -> tuple[int, int]:
    """The two as whole numbers of a hundred: rounded where they are alike to a tenth, else outwards."""
    if round(HUNDRED * low, 1) == round(HUNDRED * high, 1):
        return round(HUNDRED * low), round(HUNDRED * low)
    return math.floor(HUNDRED * low + 1e-9), math.ceil(HUNDRED * high - 1e-9)


def to(low: float, high: float) -> str:
    """The two as a range, or as one number where they are alike: ``4 to 9``."""
    least, most = ends(low, high)
    return f"{least}" if least == most else f"{least} to {most}"


def in_a_hundred(low: float, high: float) -> str:
    """The same with what it is of: ``4 to 9 in 100``."""
    return f"{to(low, high)} in 100"


def share(of_one: float) -> str:
    """A share of 1 as a whole number of a hundred; a small one that is not nought says so."""
    return "fewer than 1" if 0 < HUNDRED * of_one < 0.5 else f"{round(HUNDRED * of_one)}"
