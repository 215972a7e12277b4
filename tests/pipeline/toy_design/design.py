"""The toy, for a frame of one unit with the columns that ``ek.load`` gives."""

import numpy as np
import pandas as pd
from evalkit.designs.toy_design.description import TOY
from scipy import stats

from evalkit.check_register import ENOUGH_POINTS
from evalkit.effect import ESTIMATE_COLUMNS, SERIES_COLUMNS, Effect


def toy_comparison(frame: pd.DataFrame, interruption: str) -> Effect:
    """The mean of ``value`` from the month of ``interruption`` on, less the mean before (Welch's t)."""
    about = frame.attrs["evalkit"]
    periods = frame["period"].astype(str)
    after = (periods >= interruption).to_numpy()
    values = frame["value"].to_numpy(float)
    test = stats.ttest_ind(values[after], values[~after], equal_var=False)
    interval, estimate = test.confidence_interval(), values[after].mean() - values[~after].mean()
    before, since = values[~after].mean(), values[after].mean()
    row = (
        "headline",
        "level",
        np.nan,
        None,
        "Welch",
        estimate,
        interval.low,
        interval.high,
        np.nan,
        test.pvalue,
        test.df,
        "unit",
    )
    series = pd.DataFrame(
        {
            "period": periods, "observed": values, "fitted": np.where(after, since, before),
            "counterfactual": np.where(after, before, np.nan), "counterfactual_low": np.nan,
            "counterfactual_high": np.nan, "in_transition": False,
        }
    )  # fmt: skip
    return Effect(
        design=TOY.name,
        estimand="the difference of two means",
        measure=about["measure"],
        measure_unit=about["measure_unit"],
        treated_units=(str(frame["unit"].iloc[0]),),
        interruptions=(interruption,),
        method_of_interval="95% interval: Welch's t.",
        estimates=pd.DataFrame([row], columns=list(ESTIMATE_COLUMNS)),
        series=series[list(SERIES_COLUMNS)].reset_index(drop=True),
        coefficients=pd.DataFrame(
            [("level", estimate, interval.low, interval.high, np.nan, test.pvalue)],
            columns=["term", "estimate", "low", "high", "std_error", "p_value"],
        ),
        minimum_detectable_effect=None,
        checks=(ENOUGH_POINTS.result(True, f"{len(values)} points."),),
        data=about["data"],
    )
