"""What a difference-in-differences found, whatever its intervals were made by."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.interval import critical_value

FROM_LAST = "since start, from the last before"


@dataclass(frozen=True)
class DifferencesResult:
    """Contrasts on the model's scale.

    Attributes
    ----------
    headline : Contrast
    method : how its interval was made, in a few words
    terms : (term, cohort or None, Contrast), everything besides the headline
    event_study : (by, label, event time or NaN, Contrast); ``by`` is "since start", "start", "calendar" or ``FROM_LAST``,
        the periods since the start once more, counted from the last before it where the others are from the mean of all
    detectable : smallest true effect found four times in five, or None
    how : the method in sentences
    """

    headline: Contrast
    method: str
    terms: list[tuple[str, str | None, Contrast]]
    event_study: list[tuple[str, str, float, Contrast]]
    detectable: float | None
    how: str
    notes: tuple[str, ...] = field(default=())


def placebo_table(
    names: Sequence[str],
    own: float,
    own_statistic: float,
    estimates: np.ndarray,
    statistics: np.ndarray,
    scale: str,
) -> pd.DataFrame:
    """The treated first, then the others by ``names``: unit, estimate, studentised, scale, treated.

    ``studentised`` is in half-widths of each one's own 95% interval, by the critical value of all ``statistics`` (B,).
    """
    half = critical_value(np.abs(statistics)) if len(statistics) else 0.0
    return pd.DataFrame(
        {
            "unit": ["treated", *names],
            "estimate": [own, *estimates],
            "studentised": np.array([own_statistic, *statistics]) / (half if half > 0 else 1.0),
            "scale": scale,
            "treated": [True] + [False] * len(names),
        }
    )
