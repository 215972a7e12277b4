"""Rules for small numbers of people: what is withheld, what is rounded."""

import re
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SmallNumbers:
    """A rule for counts of people below national level.

    Attributes
    ----------
    least : int
        Counts of 1 to one less are withheld; a mean of fewer people is too.
    base : int
        Other counts are rounded to the nearest multiple; 1 leaves them.
    whole_from : int
        No share or rate of fewer people.
    source : str
        Whose rule it is.
    of_the_whole : bool
        A share is withheld for how many people it is of, and not for how few its part or its rest are.
    """

    name: str
    least: int
    base: int
    whole_from: int
    source: str
    of_the_whole: bool = False

    def rounded(self, counts: np.ndarray) -> np.ndarray:
        """Counts (n,) of nought or at least ``least``, as they are shown."""
        return (np.floor(counts / self.base + 0.5) * self.base).astype(int)

    def known(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The least and the largest count (n,) that would be shown alike."""
        shown, half = self.rounded(counts), (self.base - 1) // 2
        fewest = 1 if self.of_the_whole else self.least
        return np.where(counts == 0, 0, np.maximum(shown - half, fewest)), np.where(counts == 0, 0, shown + half)

    def is_small(self, counts: np.ndarray) -> np.ndarray:
        """Counts (n,) that are withheld."""
        return (counts > 0) & (counts < self.least)

    def may_be_shown(self, count: float) -> bool:
        """Whether a figure can be one that this rule shows."""
        return count == 0 or (count >= self.least and float(count).is_integer() and count % self.base == 0)

    def in_words(self) -> str:
        """What it does, for a page."""
        rounding = f", others rounded to the nearest {self.base}" if self.base > 1 else ""
        whole = ", whatever its part" if self.of_the_whole else ""
        return (
            f"Counts of 1 to {self.least - 1} people are withheld{rounding}; no share or rate of fewer than"
            f" {self.whole_from} people is shown{whole}; further figures are withheld where a sum would give a withheld one back, and some beside them."
        )


SMALL_NUMBERS = {
    rule.name: rule
    for rule in (
        SmallNumbers("own_counts", 8, 5, 20, "NHS England, disclosure control of Hospital Episode Statistics and ECDS"),
        SmallNumbers("staff_survey", 11, 1, 11, "NHS Staff Survey: no result of fewer than 11 people", True),
        SmallNumbers(
            "friends_and_family",
            5,
            1,
            5,
            "NHS England, Friends and Family Test: nothing of 1 to 4 responses, and of the next fewest beside them",
            True,
        ),
    )
}
STRICTER = re.compile(r"own_counts: least (\d{1,3}), base (\d{1,3}), whole_from (\d{1,4})")


def small_numbers(rule: str) -> SmallNumbers | None:
    """The rule for small numbers of that name; nothing where it is none.

    An organisation with a stricter rule than ``own_counts`` writes its numbers: ``own_counts: least 10, base 10,
    whole_from 30``.
    """
    if rule in SMALL_NUMBERS:
        return SMALL_NUMBERS[rule]
    numbers = STRICTER.fullmatch(rule)
    if numbers is None:
        return None
    own = SMALL_NUMBERS["own_counts"]
    least, base, whole_from = map(int, numbers.groups())
    if least < own.least or base < own.base or whole_from < own.whole_from:
        return None
    return SmallNumbers(rule, least, base, whole_from, "The organisation's own rule, stricter than that for own counts")
