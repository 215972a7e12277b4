"""How far two readings of the same things agree, beyond what chance would give."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Agreement:
    """Of two readers.

    Attributes
    ----------
    read, alike : int
        How many things both read, and how many of them alike.
    kappa : float or None
        Cohen's kappa: agreement beyond chance over what chance leaves; None where chance alone would agree on all.
    """

    read: int
    alike: int
    kappa: float | None

    def to_dict(self) -> dict[str, Any]:
        """Its fields as plain values."""
        return asdict(self)


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """How far two readings agree.

    Parameters
    ----------
    pairs : what the first and what the second reader said of each thing, at least one

    Raises
    ------
    ValueError
        Where nothing was read.

    References
    ----------
    Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 37-46.
    """
    if not pairs:
        raise ValueError("agreement needs at least one thing that both readers read")
    count = len(pairs)
    alike = sum(one == two for one, two in pairs)
    first, second = (Counter(column) for column in zip(*pairs, strict=True))
    by_chance = sum(first[word] * second[word] for word in first)  # over count squared
    left = count * count - by_chance
    return Agreement(count, alike, (count * alike - by_chance) / left if left else None)


def in_words(found: Agreement) -> str:
    """A sentence on it."""
    kappa = "" if found.kappa is None else f" (Cohen's kappa {found.kappa:.2f})"
    return f"The two readers put {found.alike} of {found.read} reasons into the same class{kappa}."
