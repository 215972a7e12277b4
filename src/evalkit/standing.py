"""How much one analysis of an evaluation may say beside the others."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["primary", "secondary", "exploratory", "check"]


@dataclass(frozen=True)
class Standing:
    """How much an analysis may say.

    Attributes
    ----------
    kind : {"primary", "secondary", "exploratory", "check"}
        Only the primary has a verdict. A secondary one has an interval that holds for all of them at once; one that was
        added after results had been seen is exploratory, and a check only says whether it came out as it should.
    low, high, p_value, family
        Of a secondary one, see ``inference.simultaneous``; otherwise None.
    direction : {"rise", "fall", "unclear"} or None
        Of a secondary one.
    held : bool or None
        Of a check with an expected result: whether it came out so; None where that cannot be told.
    """

    kind: Kind
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    family: int | None = None
    direction: str | None = None
    held: bool | None = None

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Standing":
        """The standing that ``dataclasses.asdict`` wrote."""
        return cls(**plain)
