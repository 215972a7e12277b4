"""The columns of a segmented regression, and the contrasts its effects are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError
from evalkit.intake.periods import Interruption, name_of

MODELS = ("level_and_slope", "level", "slope")
PERIODS_A_YEAR = {"M": 12, "Q": 4, "W": 52, "D": 365.25}


@dataclass(frozen=True, eq=False)
class SegmentedModel:
    """y = b0 + b1 t + b2 D + b3 (t - T) D [+ further steps] [+ season]; T is the first period kept after the change.

    Attributes
    ----------
    periods : PeriodIndex of n periods, without gaps
    interruption : Interruption
    model : one of ``MODELS``
    seasonality : None, "months" or a number of harmonic pairs
    further : further interruptions, each a step
    """

    periods: pd.PeriodIndex
    interruption: Interruption
    model: str = "level_and_slope"
    seasonality: str | int | None = None
    further: tuple[Interruption, ...] = ()

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise EvaluationError(f"model={self.model!r} is not one of {', '.join(MODELS)}.")
        if not (self.seasonality in (None, "months") or (isinstance(self.seasonality, int) and self.seasonality >= 0)):
            raise EvaluationError(f"seasonality={self.seasonality!r}: give null, 'months' or a number of harmonics.")

    @cached_property
    def in_transition(self) -> np.ndarray:
        """True for periods left out of the fit (n,)."""
        out = {period for one in (self.interruption, *self.further) for period in one.transition}
        return np.array([period in out for period in self.periods])

    @cached_property
    def after(self) -> np.ndarray:
        """True from the first period kept after the change (n,)."""
        return np.asarray(self.periods >= self.interruption.first_kept)

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        t = np.arange(len(self.periods), dtype=float)
        start = float((self.interruption.first_kept - self.periods[0]).n)
        columns = {"intercept": np.ones_like(t), "trend": t}
        if self.model != "slope":
            columns["level"] = self.after.astype(float)
        if self.model != "level":
            columns["slope"] = np.where(self.after, t - start, 0.0)
        for one in self.further:
            columns[f"level {one.first_kept}"] = np.asarray(self.periods >= one.first_kept, dtype=float)
        return columns | self._season()

    def _season(self) -> dict[str, np.ndarray]:
        if self.seasonality in (None, 0):
            return {}
        frequency = self.periods.freqstr[0]
        a_year = PERIODS_A_YEAR.get(frequency)
        if a_year is None:
            unit = name_of(self.periods.freqstr)
            raise EvaluationError(
                f"Seasonality needs more than one period a year; these are {unit}s: use seasonality=None."
            )
        if self.seasonality == "months":
            if frequency != "M":
                raise EvaluationError("seasonality='months' needs monthly data: give a number of harmonics instead.")
            months = self.periods.month
            return {f"month {month}": (months == month).astype(float) for month in range(2, 13)}
        if 2 * int(self.seasonality) >= a_year:
            raise EvaluationError(
                f"seasonality={self.seasonality}: at most {int((a_year - 1) // 2)} harmonics fit these data."
            )
        angle = 2 * np.pi * self._position_in_year(a_year)
        columns = {}
        for harmonic in range(1, int(self.seasonality) + 1):
            columns[f"cosine {harmonic}"] = np.cos(harmonic * angle)
            columns[f"sine {harmonic}"] = np.sin(harmonic * angle)
        return columns

    def _position_in_year(self, a_year: float) -> np.ndarray:
        frequency = self.periods.freqstr[0]
        if frequency == "M":
            return self.periods.month.to_numpy() / a_year
        if frequency == "Q":
            return self.periods.quarter.to_numpy() / a_year
        return self.periods.dayofyear.to_numpy() / 365.25

    @property
    def terms(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._columns)

    @cached_property
    def matrix(self) -> np.ndarray:
        """Design matrix (n, p) over every period, transition included."""
        return np.column_stack(list(self._columns.values()))

    @cached_property
    def without_change(self) -> np.ndarray:
        """The matrix had the change not come (n, p)."""
        columns = [
            np.zeros_like(column) if name.startswith(("level", "slope")) else column
            for name, column in self._columns.items()
        ]
        return np.column_stack(columns)

    def weights(self, term: str) -> np.ndarray:
        """Contrast (p,) of ``level``, ``slope``, ``mean``, ``level total`` or ``month H`` (1 = first period kept)."""
        names = self.terms
        change = self.matrix - self.without_change
        kept = self.after & ~self.in_transition
        if term == "mean":
            return change[kept].mean(axis=0)
        if term == "level total":
            return np.array([float(name.startswith("level")) for name in names])
        if term.startswith("month "):
            month = int(term.removeprefix("month "))
            first = int(np.argmax(self.after))
            if not 1 <= month <= int(self.after.sum()):
                raise EvaluationError(
                    f"headline={term!r}: the series has {int(self.after.sum())} periods after the change."
                )
            return change[first + month - 1]
        if term not in names:
            raise EvaluationError(f"headline={term!r} is not part of a {self.model!r} model.")
        return np.array([float(name == term) for name in names])

    def over(self, keep: np.ndarray) -> "SegmentedModel":
        """The same model over fewer periods, given as a mask that keeps a run of them."""
        return replace(self, periods=self.periods[keep])


def months_estimated(model: SegmentedModel) -> Sequence[int]:
    """1 to the last period after the change, leaving out those in a later transition."""
    after = np.flatnonzero(model.after)
    return [int(position - after[0] + 1) for position in after if not model.in_transition[position]]
