"""Whom patients waited for, in sentences that a ward manager would say."""

import math
from collections.abc import Callable, Sequence

from evalkit.flow.jumps import Jump
from evalkit.flow.waiting import ClassShare, Waiting

NAMES = {
    "in_hospital": "In hospital",
    "interface": "At the interface",
    "out_of_hospital": "Outside the hospital",
    "patient_and_family": "Patient, family and safeguarding",
}
HUNDRED = 100
CANNOT_BE_TOLD = "cannot be told"
NO_COUNT = "How many of those who stayed have no reason cannot be told: how many stayed is not in this book."
CONFLICT = (
    "How many of those who stayed have no reason cannot be told: more patients have a reason than stayed, in too many of the"
    " months."
)
NO_BLAME = "No class says who is to blame. Each hospital records the reasons itself; what others would say is not in the table."


def in_a_hundred(low: float, high: float) -> str:
    """Two shares of 1 as patients in a hundred, rounded outwards where they differ: ``4 to 9 in 100``."""
    return f"{to(*ends(low, high))} in 100"


def to(low: int, high: int) -> str:
    """Two numbers, or one where they are alike."""
    return f"{low}" if low == high else f"{low} to {high}"


def ends(low: float, high: float) -> tuple[int, int]:
    """The two as whole numbers of a hundred: rounded where they are alike to a tenth, else outwards."""
    if round(HUNDRED * low, 1) == round(HUNDRED * high, 1):
        return round(HUNDRED * low), round(HUNDRED * low)
    return math.floor(HUNDRED * low + 1e-9), math.ceil(HUNDRED * high - 1e-9)


def largest(found: Waiting) -> str:
    """The two classes with the most patients whose reason was recorded, the larger first."""
    first, second = sorted(found.classes, key=lambda one: -sum(one.readings))[:2]
    return (
        f"“{NAMES[first.name]}” ({in_a_hundred(first.low, first.high)}), then “{NAMES[second.name]}”"
        f" ({in_a_hundred(second.low, second.high)})."
    )


def unknown(found: Waiting) -> str:
    """One line on those who stayed without a reason."""
    if found.unrecorded is None:
        return CONFLICT if found.in_conflict else NO_COUNT
    return (
        f"For {share(found.unrecorded)} in 100 of those who were ready to leave and stayed, no reason was recorded: they may have"
        " waited for anybody."
    )


def share(of_one: float) -> str:
    """A share of 1 as a whole number of a hundred; a small one that is not nought says so."""
    return "fewer than 1" if 0 < HUNDRED * of_one < 0.5 else f"{round(HUNDRED * of_one)}"


def jumped(jump: Jump, named: Callable[[str], str]) -> str:
    """A sentence on a jump; ``named`` says a month in words."""
    was, became = (f"{count:,.0f}" for count in jump.recorded)
    shares = (
        f" and “{NAMES[jump.name]}” went from {in_a_hundred(*jump.before)} of them to {in_a_hundred(*jump.after)}"
        if jump.name
        else ""
    )
    return f"From {named(jump.first)} to {named(jump.second)} the patients with a recorded reason went from {was} to {became}{shares}."


def far_apart(of_trusts: Sequence[tuple[str, Waiting]], least: float) -> str:
    """Between which two trusts a class's share differs the most, by name; empty where none does by ``least`` (of 1)."""
    best: tuple[float, tuple[tuple[str, ClassShare], ...]] = (0, ())
    for at in range(len(of_trusts[0][1].classes)) if of_trusts else ():
        low = min(of_trusts, key=lambda one: one[1].classes[at].high)
        high = max(of_trusts, key=lambda one: one[1].classes[at].low)
        apart = high[1].classes[at].low - low[1].classes[at].high
        if apart > best[0]:
            best = (
                apart,
                tuple(
                    (name, found.classes[at]) for name, found in sorted((low, high), key=lambda one: one[0].casefold())
                ),
            )
    if best[0] < least:
        return ""
    (one, first), (other, second) = best[1]
    return (
        f"Trusts here record very differently: “{NAMES[first.name]}” is {in_a_hundred(first.low, first.high)} at {one} and"
        f" {in_a_hundred(second.low, second.high)} at {other}, so that the place as a whole is like neither."
    )
