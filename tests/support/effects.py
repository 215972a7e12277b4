"""Effects made by hand, so that a test can say what the numbers are."""

import math

import pandas as pd

from evalkit.certainty import Circumstances
from evalkit.check_register import Check
from evalkit.effect import ESTIMATE_COLUMNS, SERIES_COLUMNS, Effect
from evalkit.runs.state.family import Family

CONTROLLED, SINGLE = "controlled interrupted time series", "interrupted time series"


def estimate_row(role="headline", estimate=-16.0, low=-19.0, high=-13.0, scale="percent", **more) -> dict:
    return {
        "role": role, "term": "level", "month": math.nan, "cohort": None, "method": "Newey-West, lag 1, t",
        "estimate": estimate, "low": low, "high": high, "std_error": 1.5, "p_value": 0.01, "df": 30.0, "scale": scale,
        **more,
    }  # fmt: skip


def made_effect(rows: list[dict] | None = None, checks: tuple[Check, ...] = (), **more) -> Effect:
    """An effect at Weston with these estimates (a fall of 16%, 13 to 19, where none are given)."""
    periods = [str(month) for month in pd.period_range("2016-04", "2019-03", freq="M")]
    series = pd.DataFrame(
        {
            "period": periods, "observed": [4000.0 + index for index in range(36)], "fitted": 4000.0,
            "counterfactual": 4700.0, "counterfactual_low": 4600.0, "counterfactual_high": 4800.0,
            "in_transition": [period == "2017-07" for period in periods],
        }
    )[list(SERIES_COLUMNS)]  # fmt: skip
    values = {
        "design": CONTROLLED,
        "estimand": "the step in the first month kept after the change at weston",
        "measure": "ae-attendances-type-1",
        "measure_unit": "attendances per day",
        "treated_units": ("weston",),
        "interruptions": ("2017-07-04",),
        "method_of_interval": "95% interval: Newey-West.",
        "estimates": pd.DataFrame(rows or [estimate_row()], columns=list(ESTIMATE_COLUMNS)),
        "series": series,
        "coefficients": pd.DataFrame(
            {
                "term": ["level"],
                "estimate": [-0.17],
                "low": [-0.2],
                "high": [-0.14],
                "std_error": [0.02],
                "p_value": [0.01],
            }
        ),
        "minimum_detectable_effect": 4.4,
        "checks": checks,
        "data": {"table": "ae-monthly-2016-2019", "disclosure": "official_statistics"},
    }
    return Effect(**{**values, **more})


def judged_by(evaluation) -> Circumstances:
    """What the verdict of its primary analysis takes from the record of an evaluation, without the results beside it."""
    return Family(evaluation, {}, lambda _: None).circumstances(evaluation.primary)
