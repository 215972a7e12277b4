"""Small numbers of a site's own figures, on their way out: the primary rule alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

WITHHELD = "*"


@dataclass(frozen=True)
class Rules:
    """Which numbers are small, and to what the others are rounded.

    Attributes
    ----------
    forms : mapping of str to str
        The form of every measure in the table: count, proportion, rate, mean or median.
    part_of : mapping of str to str
        Of a measure that is a part of another in the same table, such as one of Mondays, that other one.
    small : range
        Counts that are withheld.
    nearest : int
        Other counts are rounded to a multiple of this.
    """

    forms: Mapping[str, str]
    part_of: Mapping[str, str]
    small: range = range(1, 8)
    nearest: int = 5


def gated(table: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """A long table as it may be shown.

    Parameters
    ----------
    table : DataFrame
        Columns org_code, period, measure, numerator, denominator, note; exact numbers, missing where blank.

    Returns
    -------
    DataFrame
        The same rows and columns; numerator and denominator are text, ``*`` where withheld.
    """
    shown = table.copy()
    form = table["measure"].map(rules.forms)
    numerator, denominator = table["numerator"], table["denominator"]
    counted = form.isin(["count", "proportion", "rate"])  # the numerator of a mean or a median is no count
    hidden = counted & _is_small(numerator, rules) | (form != "count") & _is_small(denominator, rules)
    hidden |= (form == "proportion") & _is_small(denominator - numerator, rules)
    for name, rounded in (("numerator", counted), ("denominator", form != "count")):
        near = (table[name] / rules.nearest + 0.5).floordiv(1) * rules.nearest
        text = _as_text(table[name].mask(rounded, near))
        shown[name] = text.mask(hidden & table[name].notna(), WITHHELD)
    return shown


def _is_small(numbers: pd.Series, rules: Rules) -> pd.Series:
    return (numbers > rules.small.start - 1) & (numbers < rules.small.stop)


def _as_text(numbers: pd.Series) -> pd.Series:
    return numbers.map(lambda number: "" if number != number else f"{number:.15g}").astype("str")
