"""What may be shown of an exact table, and what was shown before. ``own_counts`` makes the one from the other."""

from dataclasses import dataclass

import pandas as pd

KEY = ["org_code", "period", "measure"]
COLUMNS = [*KEY, "numerator", "denominator", "note"]
WITHHELD = "*"


@dataclass(frozen=True, eq=False)
class Gated:
    """What may be shown, and what was done for it.

    Attributes
    ----------
    table : DataFrame
        The columns of a submission, sorted, as text: a figure, ``*`` for withheld, nothing for not reported.
    small, further : int
        Cells withheld as they are small, or no share can be made of them; and so that no sum gives them back.
    shown : int
        Cells that are shown.
    sums : int
        Figures that were found to be sums of others.
    """

    table: pd.DataFrame
    small: int
    further: int
    shown: int
    sums: int


@dataclass(frozen=True, eq=False)
class Earlier:
    """A table that was shown before: exact as far as it is known, and as it was shown (both by ``KEY``, as ``gated`` takes
    and gives them)."""

    exact: pd.DataFrame
    shown: pd.DataFrame
