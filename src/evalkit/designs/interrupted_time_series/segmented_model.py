"""The columns of a segmented regression, and the contrasts its effects are."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from evalkit.errors import EvaluationError, repeated
from evalkit.intake.periods import NUMBERED, WEEKDAYS, Interruption, a_year, name_of

MONTH_NAMES = list(calendar.month_name)
MODELS = ("level_and_slope", "level", "slope", "step", "curve")
OF_THE_CHANGE = ("level", "slope", "curve", "later")  # how the columns begin that are nought without it
LATER_SLOPE_FROM = 3  # periods after the first year
FIRST_YEAR = "first year"
OF_A_CHANGE_THAT_ENDED = ("during", "after the end", "reversed")


@dataclass(frozen=True, eq=False)
class SegmentedModel:
    """y = b0 + b1 t + b2 D + b3 (t - T) D [+ the same at further changes] [+ season]; T is the first period kept after the change.

    Attributes
    ----------
    periods : PeriodIndex of n periods, without gaps
    interruption : Interruption
    model : one of ``MODELS``; ``step`` is ``level`` without the trend b1 t, for series too short to show one; ``curve``
        gives the first year of the change a level, a slope and a bend of its own, and the time after it a line
    seasonality : None, "months" or a number of harmonic pairs
    weekdays : days of the week, 0 for Monday, that have figures of days: each but the first has a term
    further : further interruptions, each with a step, a change of slope or both, as the first has
    end : the first time without the change, where it ended; it has what a further interruption has
    """

    periods: pd.PeriodIndex
    interruption: Interruption
    model: str = "level_and_slope"
    seasonality: str | int | None = None
    further: tuple[Interruption, ...] = ()
    weekdays: tuple[int, ...] = ()
    end: Interruption | None = None

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise EvaluationError(f"model={self.model!r} is not one of {', '.join(MODELS)}.")
        if not (
            self.seasonality in (None, "months")
            or (isinstance(self.seasonality, int | np.integer) and self.seasonality >= 0)
        ) or isinstance(self.seasonality, bool):
            raise EvaluationError(f"seasonality={self.seasonality!r}: give null, 'months' or a number of harmonics.")

    @property
    def changes(self) -> tuple[Interruption, ...]:
        """Everything at which the course may turn: the change, further ones, and the end."""
        return (self.interruption, *self.further, *((self.end,) if self.end else ()))

    @cached_property
    def in_transition(self) -> np.ndarray:
        """True for periods left out of the fit (n,)."""
        out = {period for change in self.changes for period in change.transition}
        return np.array([period in out for period in self.periods])

    @cached_property
    def after(self) -> np.ndarray:
        """True from the first period kept after the change (n,)."""
        return np.asarray(self.periods >= self.interruption.first_kept)

    @cached_property
    def ended(self) -> np.ndarray:
        """True from the first period kept after the end (n,); nowhere where it did not end."""
        return np.asarray(self.periods >= self.end.first_kept) if self.end else np.zeros(len(self.periods), bool)

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        t = np.arange(len(self.periods), dtype=float)
        columns = {"intercept": np.ones_like(t)}
        if self.model != "step":
            columns["trend"] = t
        starts = [change.first_kept for change in self.changes]
        twice = repeated(map(str, starts))
        if twice:
            raise EvaluationError(f"Two interruptions begin in {twice[0]}: leave one of them out.")
        if self.model == "curve":
            columns |= self._curve()
            starts = starts[1:]
        for start in starts:
            which = "" if start == self.interruption.first_kept else f" {start}"
            after = np.asarray(self.periods >= start, dtype=float)
            if self.model != "slope":
                columns[f"level{which}"] = after
            if self.model in ("slope", "level_and_slope", "curve"):
                columns[f"slope{which}"] = after * (t - float((start - self.periods[0]).n))
        for weekday in self.weekdays[1:]:
            columns[f"weekday {WEEKDAYS[weekday]}"] = np.asarray(self.periods.day_of_week == weekday, dtype=float)
        return columns | self._season()

    def _curve(self) -> dict[str, np.ndarray]:
        """A parabola over the first year, and a line over what follows it."""
        since = np.arange(len(self.periods)) - float(np.argmax(self.after))
        within, middle = self.first_year.astype(float), (self.first_year.sum() - 1) / 2
        columns = {
            "curve level": within, "curve slope": within * (since - middle), "curve bend": within * (since - middle) ** 2
        }  # fmt: skip
        later = self.after & ~self.first_year & ~self.ended
        if later.any():
            columns["later level"] = later.astype(float)
        if later.sum() >= LATER_SLOPE_FROM:
            columns["later slope"] = later * (since - float(np.argmax(later) - np.argmax(self.after)))
        return columns

    def _season(self) -> dict[str, np.ndarray]:
        if self.seasonality in (None, 0):
            return {}
        frequency = self.periods.freqstr[0]
        periods_a_year = a_year(self.periods.freqstr)
        if periods_a_year == 1:
            unit = name_of(self.periods.freqstr)
            raise EvaluationError(
                f"Seasonality needs more than one period a year; these are {unit}s: use seasonality=None."
            )
        if self.seasonality == "months":
            if frequency != "M":
                raise EvaluationError("seasonality='months' needs monthly data: give a number of harmonics instead.")
            months = self.periods.month
            return {f"season {MONTH_NAMES[month]}": (months == month).astype(float) for month in range(2, 13)}
        if 2 * int(self.seasonality) >= periods_a_year:
            raise EvaluationError(
                f"seasonality={self.seasonality}: at most {(periods_a_year - 1) // 2} harmonics fit these data."
            )
        angle = 2 * np.pi * self._position_in_year()
        columns = {}
        for harmonic in range(1, int(self.seasonality) + 1):
            columns[f"cosine {harmonic}"] = np.cos(harmonic * angle)
            columns[f"sine {harmonic}"] = np.sin(harmonic * angle)
        return columns

    def _position_in_year(self) -> np.ndarray:
        frequency = self.periods.freqstr[0]
        if frequency == "M":
            return self.periods.month.to_numpy() / 12
        if frequency == "Q":
            return self.periods.quarter.to_numpy() / 4
        return self.periods.day_of_year.to_numpy() / 365.25

    @cached_property
    def first_year(self) -> np.ndarray:
        """True in the first year of the change, as far as there are periods and it had not ended (n,)."""
        first = int(np.argmax(self.after))
        frequency = self.periods.freqstr
        year = len(self.periods) if frequency == NUMBERED else a_year(frequency)  # numbers have no year
        within = np.arange(len(self.periods)) < first + year
        return self.after & within & ~self.ended

    def resolved(self, term: str) -> str:
        """``first year`` as the months that are there: ``mean months 1 to 12``, or fewer; anything else as it is."""
        if term != FIRST_YEAR:
            return term
        kept = np.flatnonzero(self.first_year & ~self.in_transition)
        last = kept[-1] if len(kept) else np.flatnonzero(self.first_year)[-1]
        return f"mean months 1 to {int(last - np.argmax(self.after)) + 1}"

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
            np.zeros_like(column) if name.startswith(OF_THE_CHANGE) else column
            for name, column in self._columns.items()
        ]
        return np.column_stack(columns)

    def weights(self, term: str) -> np.ndarray:
        """Contrast (p,) of a coefficient that the change is made of, or of an effect over periods.

        ``month H`` (1 = first period kept), ``mean months A to B``, ``mean``, ``cumulative``; ``level total`` and
        ``slope total`` are sums over all changes; ``during`` and ``after the end`` are means against the time before the
        change, ``reversed`` is the second less the first.
        """
        names = self.terms
        change = self.matrix - self.without_change
        kept = self.after & ~self.in_transition
        if term == "mean":
            return change[kept].mean(axis=0)
        if term == "cumulative":
            return change[kept].sum(axis=0)
        if term == "level" and self.model == "curve":
            return change[int(np.argmax(self.after))]
        if term.startswith("mean month"):
            return self._window(term)
        if term in OF_A_CHANGE_THAT_ENDED and self.end:
            during, ended = change[kept & ~self.ended].mean(axis=0), change[kept & self.ended].mean(axis=0)
            return {"during": during, "after the end": ended, "reversed": ended - during}[term]
        if term in ("level total", "slope total") and any(name.startswith(term[:5]) for name in names):
            return np.array([float(name.startswith(term[:5])) for name in names])
        if term.startswith("month "):
            at = change[self._position_of(term)]
            if not at.any():
                raise EvaluationError(f"headline={term!r} is nought in a {self.model!r} model: choose another month.")
            return at
        if term not in names or not term.startswith(("level", "slope")):
            can = ", ".join(
                [name for name in names if name.startswith(("level", "slope"))]
                + ["mean", FIRST_YEAR, "month 1 and so on", *(OF_A_CHANGE_THAT_ENDED[:1] if self.end else ())]
            )
            raise EvaluationError(f"headline={term!r} is not an effect of a {self.model!r} model: use {can}.")
        return np.array([float(name == term) for name in names])

    def _window(self, term: str) -> np.ndarray:
        """The mean effect over ``mean months 3 to 12``, without those in a transition."""
        window = re.fullmatch(r"mean months (\d{1,9}) to (\d{1,9})", term)
        if not window or int(window[1]) > int(window[2]):
            raise EvaluationError(f"headline={term!r}: write a window as 'mean months 3 to 12'.")
        inside = np.zeros(len(self.periods), dtype=bool)
        inside[self._counted(window[1], term) : self._counted(window[2], term) + 1] = True
        if not (inside & ~self.in_transition).any():
            raise EvaluationError(
                f"headline={term!r} lies in a transition, where nothing is estimated: choose other months."
            )
        return (self.matrix - self.without_change)[inside & ~self.in_transition].mean(axis=0)

    def _counted(self, written: str, term: str) -> int:
        """The position of the period that ``written`` counts, 1 being the first kept."""
        count = int(self.after.sum())
        if not re.fullmatch(r"\d{1,9}", written) or not 1 <= int(written) <= count:
            raise EvaluationError(f"headline={term!r}: give month 1 to month {count}, counted from the first kept.")
        return int(np.argmax(self.after)) + int(written) - 1

    def _position_of(self, term: str) -> int:
        position = self._counted(term.removeprefix("month "), term)
        if self.in_transition[position]:
            raise EvaluationError(
                f"headline={term!r} lies in a transition, where nothing is estimated: choose another month."
            )
        return position


def months_estimated(model: SegmentedModel) -> Sequence[int]:
    """1 to the last period after the change, leaving out those in a later transition."""
    after = np.flatnonzero(model.after & ~model.in_transition)
    first = int(np.argmax(model.after))
    moved = (model.matrix - model.without_change).any(axis=1)  # where a new slope begins it has moved nothing yet
    return [int(position - first + 1) for position in after if moved[position]]
