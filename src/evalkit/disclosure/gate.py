"""A rule and a plain frame give what may be shown. The one gate of everything that leaves a notebook."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from evalkit.disclosure.rules import SMALL_NUMBERS, small_numbers
from evalkit.errors import EvaluationError

if TYPE_CHECKING:
    import pandas as pd


def _official_statistics(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Exempt: the publisher has already applied its own disclosure control to published official statistics."""
    return frame


def _synthetic(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Exempt: invented numbers describe nobody."""
    return frame


def _small_numbers(frame: "pd.DataFrame") -> "pd.DataFrame":
    """As it is: whatever is made of a table under a rule for small numbers is made of its gated form (`own_counts`)."""
    return frame


def _own_figures(frame: "pd.DataFrame") -> "pd.DataFrame":
    """For this machine only: no rule fits these figures, so a book of them is not built."""
    return frame


RULES: dict[str, Callable[["pd.DataFrame"], "pd.DataFrame"]] = {
    "official_statistics": _official_statistics,
    "synthetic": _synthetic,
    "own_figures": _own_figures,
    **dict.fromkeys(SMALL_NUMBERS, _small_numbers),
}
KNOWN = f"{', '.join(RULES)}, or a stricter `own_counts: least 10, base 10, whole_from 30`"
STAY_HERE = frozenset({"own_figures"})


def is_rule(name: str) -> bool:
    """Whether there is a disclosure rule of that name."""
    return name in RULES or small_numbers(name) is not None


def shown(frame: "pd.DataFrame", rule: str) -> "pd.DataFrame":
    """``frame`` as ``rule`` lets it be shown.

    Raises
    ------
    EvaluationError
        Where no such rule exists: nothing is published by default.
    """
    if not is_rule(rule):
        raise EvaluationError(
            f"No disclosure rule is called {rule!r}, so nothing from this table may be published:"
            f" set `disclosure` of the table in data/datapackage.json to one of {KNOWN}."
        )
    return RULES.get(rule, _small_numbers)(frame)
