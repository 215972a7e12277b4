"""Where the names of a time series' lines stand: at their right ends, apart from each other and from the points."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

REACH = 0.3  # of the series, which a name may lie over in a narrow figure
TELLS = {"expected": "expected without it", "fitted": "fitted"}


@dataclass(frozen=True)
class LineName:
    """A line's name: it ends at period ``at``, above or below every value in ``clear_of``."""

    line: str
    at: int
    above: bool
    clear_of: float

    @property
    def tells(self) -> str:
        """In words."""
        return TELLS[self.line]


def line_names(points: pd.DataFrame) -> list[LineName]:
    """Those of what was fitted and what was expected, where both reach the same periods; else none, and a key says it.

    Parameters
    ----------
    points : DataFrame
        Of a described time series.
    """
    both = np.flatnonzero(points["expected"].notna() & points["fitted"].notna())
    if len(both) == 0:
        return []
    last = int(both[-1])
    beneath = points.iloc[max(last - int(REACH * len(points)), 0) : last + 1]
    values = beneath[["observed", "expected", "fitted"]].to_numpy(float)
    upper, lower = float(np.nanmax(values)), float(np.nanmin(values))
    rises = float((beneath["expected"] - beneath["fitted"]).mean()) >= 0
    return [
        LineName(line, last, above, upper if above else lower)
        for line, above in (("expected", rises), ("fitted", not rises))
    ]
