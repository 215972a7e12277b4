"""The rows of points and of phases that a chart holds."""

import numpy as np
import pandas as pd

from evalkit.charts import rules
from evalkit.charts.chart import PHASE_COLUMNS, POINT_COLUMNS
from evalkit.charts.lines import Lines
from evalkit.charts.series import Series


def points_of(
    series: Series,
    values: np.ndarray,
    observed: np.ndarray,
    phases: np.ndarray,
    drawn: Lines,
    found: rules.Signals,
    way: int,
    target: float | None,
) -> pd.DataFrame:
    """A row a period."""
    reported = np.isfinite(values)
    nature = rules.natures(found.way[0], np.array(way))
    return pd.DataFrame(
        {
            "period": series.periods,
            "value": values,
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
            "observed": observed,
            "numerator": series.part("numerator"),
            "denominator": series.part("denominator"),
        },
        columns=list(POINT_COLUMNS),
    )


def phases_in(points: pd.DataFrame, reasons: list[str], drawn: Lines) -> pd.DataFrame:
    """A row a phase, its lines at its last reported point."""
    rows = []
    for number, of_phase in points.groupby("phase", sort=True):
        reported = of_phase[of_phase["value"].notna()]
        last = reported.index[-1]
        rows.append(
            {
                "phase": number,
                "first": of_phase["period"].iloc[0],
                "last": of_phase["period"].iloc[-1],
                "reason": reasons[number - 1],
                "points": len(reported),
                **reported.loc[last, ["centre", "lower", "upper"]].to_dict(),
                "mean_moving_range": drawn.spread[0, last],
                "screened": int(drawn.screened[0, of_phase.index].sum()),
                "laney_factor": drawn.widened[0, last],
            }
        )
    return pd.DataFrame(rows, columns=list(PHASE_COLUMNS))
