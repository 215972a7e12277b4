"""The rows of points and of phases that a chart holds."""

import numpy as np
import pandas as pd

from evalkit.charts import rules
from evalkit.charts.chart import PHASE_COLUMNS, POINT_COLUMNS, SourceChange
from evalkit.charts.lines import Lines
from evalkit.charts.series import Series


def points_of(
    series: Series,
    values: np.ndarray,
    judged: np.ndarray,
    phases: np.ndarray,
    drawn: Lines,
    found: rules.Signals,
    way: int,
    target: float | None,
) -> pd.DataFrame:
    """A row a period, of ``values`` as they were reported and what is ``judged`` of them."""
    reported = np.isfinite(values)
    nature = rules.natures(found.way[0], np.array(way))
    return pd.DataFrame(
        {
            "period": series.periods,
            "value": values,
            "judged": judged,
            "centre": drawn.centre[0],
            "lower": drawn.lower[0],
            "upper": drawn.upper[0],
            **{name: getattr(found, name)[0] for name in rules.RULES},
            "special_cause": np.array([*rules.RULES, ""], dtype=object)[found.first_rule[0]],
            "both_ways": found.both_ways[0],
            "nature": np.where(reported, nature, "").astype(object),
            "lower_two_thirds": drawn.lower_two_thirds[0],
            "upper_two_thirds": drawn.upper_two_thirds[0],
            "target": series.part("target") if target is None else target,
            "trajectory": series.part("trajectory"),
            "phase": phases + 1,
            "numerator": series.part("numerator"),
            "denominator": series.part("denominator"),
        },
        columns=list(POINT_COLUMNS),
    )


def phases_in(points: pd.DataFrame, reasons: list[str], drawn: Lines) -> pd.DataFrame:
    """A row a phase, its lines at its last reported point."""
    phase, reported = points["phase"].to_numpy(), points["value"].notna().to_numpy()
    numbers = np.arange(1, len(reasons) + 1)
    first, after = np.searchsorted(phase, numbers), np.searchsorted(phase, numbers, side="right")
    last = np.array([np.flatnonzero(reported & (phase == number))[-1] for number in numbers])
    periods = points["period"].array
    return pd.DataFrame(
        {
            "phase": numbers,
            "first": periods[first],
            "last": periods[after - 1],
            "reason": np.array(reasons, dtype=object),
            "points": np.bincount(phase, reported)[1:].astype(int),
            **{name: getattr(drawn, name)[0, last] for name in ("centre", "lower", "upper")},
            "mean_moving_range": drawn.spread[0, last],
            "screened": np.bincount(phase, drawn.screened[0])[1:].astype(int),
            "laney_factor": drawn.widened[0, last],
        },
        columns=list(PHASE_COLUMNS),
    )


def changes_of(periods: pd.Index, sources: np.ndarray, whats: list[str]) -> tuple[SourceChange, ...]:
    """Each change of ``sources`` (t,), which are numbered from 0 as ``whats`` are; one without a word is none."""
    return tuple(
        SourceChange(str(periods[int(np.argmax(sources == number))]), what)
        for number, what in enumerate(whats)
        if number and what
    )
