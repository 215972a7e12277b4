"""A change after which nothing was counted: a fall of 100%, with the bound that the time before sets."""

import math

import numpy as np
import pandas as pd

from evalkit.designs.effect_rows import EffectRows
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.effect import SERIES_COLUMNS
from evalkit.inference.autoregressive.counts import fit_counts
from evalkit.inference.autoregressive.ended import Ended, ended
from evalkit.inference.contrast import Contrast

METHOD = "not estimated by the model, bound from the time before"
HOW = (
    "Nothing was counted after the change, so no model has an estimate of it. The bound is the largest share of the earlier"
    " rate that leaves nothing counted a chance of one in forty, as one end of a 95% interval does. What was to be expected"
    " is drawn from the months before: their rate, season, over-dispersion and likeness, with what is not known of them."
)


def has_ended(case: SeriesFit) -> bool:
    """Whether events were counted before the change, and none after it."""
    if case.family != "poisson" or len(case.design.changes) > 1:
        return False
    after = case.used & case.design.after
    return bool(after.any()) and case.own[after].sum() == 0 and case.own[_before(case)].sum() > 0


def expected_after(case: SeriesFit, seed: int) -> Ended:
    """What the time before lets one expect of the periods after that are used."""
    before, after, columns = _before(case), case.used & case.design.after, _columns(case)
    matrix = case.design.without_change[:, columns]
    return ended(
        case.own[before], matrix[before], np.flatnonzero(before), case.at_risk[before], matrix[after],
        np.flatnonzero(after), case.at_risk[after], seed,
    )  # fmt: skip


def estimates(seen: Ended, headline: str) -> pd.DataFrame:
    """The headline alone: a fall of 100%, and no fall smaller than the bound."""
    rows = EffectRows("log", METHOD)
    p_value = min(1.0, 2 * seen.chance_of_none(0.0))
    rows.add("headline", headline, Contrast(-math.inf, -math.inf, seen.bound, math.nan, p_value, math.inf))
    frame = rows.frame()
    frame.loc[frame["scale"] == "percent", "low"] = -100.0
    return frame


def coefficients(case: SeriesFit) -> pd.DataFrame:
    """The model of the time before: term, estimate, low, high, std_error, p_value."""
    before, columns = _before(case), _columns(case)
    fitted = fit_counts(
        case.own[before], case.design.without_change[before][:, columns], np.flatnonzero(before),
        exposure=case.at_risk[before], calibrated=False,
    )  # fmt: skip
    names = [case.design.terms[column] for column in columns]
    return pd.DataFrame(
        [
            (name, one.estimate, one.low, one.high, one.std_error, one.p_value)
            for name, one in zip(names, fitted.contrasts, strict=True)
        ],
        columns=["term", "estimate", "low", "high", "std_error", "p_value"],
    )


def series(case: SeriesFit, seen: Ended) -> pd.DataFrame:
    """Observed, fitted and what was to be expected, as rates."""
    before, after, columns = _before(case), case.used & case.design.after, _columns(case)
    expected = seen.expected / case.at_risk[after]
    shown = pd.DataFrame(
        {
            "period": case.design.periods.astype(str),
            "observed": case.own / case.at_risk,
            "in_transition": case.design.in_transition,
        }
    ).assign(**dict.fromkeys(("fitted", "counterfactual", "counterfactual_low", "counterfactual_high"), math.nan))
    locations = coefficients(case)["estimate"].to_numpy()
    shown.loc[before, "fitted"] = np.exp(case.design.without_change[before][:, columns] @ locations)
    shown.loc[after, "fitted"] = 0.0
    shown.loc[after, "counterfactual"] = np.median(expected, axis=0)
    shown.loc[after, "counterfactual_low"] = np.quantile(expected, 0.025, axis=0)
    shown.loc[after, "counterfactual_high"] = np.quantile(expected, 0.975, axis=0)
    return shown[list(SERIES_COLUMNS)]


def _before(case: SeriesFit) -> np.ndarray:
    return case.used & ~case.design.after


def _columns(case: SeriesFit) -> np.ndarray:
    """Columns of the design that the change is no part of."""
    return np.flatnonzero((case.design.without_change[_before(case)] != 0).any(axis=0))
