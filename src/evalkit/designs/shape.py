"""The parts of an Effect that show a segmented fit: series, coefficients, and what the estimate means."""

from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs.case import Case
from evalkit.effect import SERIES_COLUMNS
from evalkit.inference.regression import Contrast
from evalkit.intake.periods import name_of


def estimand(headline: str, place: str, with_comparators: bool, periods: pd.PeriodIndex) -> str:
    """What the headline is, in words."""
    unit = name_of(periods.freqstr)
    what = {
        "level": f"the step in the first {unit} kept after the change",
        "level total": "the sum of all steps",
        "mean": f"the mean effect over the {unit}s after the change",
        "cumulative": f"the effect added up over the {unit}s after the change",
        "slope": f"the change in trend, per {unit}",
    }.get(headline, f"the {headline}" if headline.startswith("mean ") else f"the effect in {headline}")
    against = "what its comparators suggest would have happened" if with_comparators else "its own earlier course"
    return f"{what} at {place}, against {against}"


def coefficients(case: Case) -> pd.DataFrame:
    """The whole model on its own scale: term, estimate, low, high, std_error, p_value; and the trend after."""
    terms = list(case.design.terms)
    weights = np.eye(len(terms))
    if "slope" in terms:
        weights = np.vstack([weights, weights[terms.index("trend")] + weights[terms.index("slope")]])
        terms.append("trend after")
    rows = [
        (term, one.estimate, one.low, one.high, one.std_error, one.p_value)
        for term, one in zip(terms, case.estimated(weights, calibrated=False).contrasts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["term", "estimate", "low", "high", "std_error", "p_value"])


def series(case: Case, log: bool) -> pd.DataFrame:
    """Observed, fitted and counterfactual in the measure's own unit; counterfactual from the change on."""
    design = case.design
    n = len(design.periods)
    base = np.zeros(n) if case.gap is None else case.gap.level
    both = case.estimated(np.vstack([design.matrix, design.without_change]), calibrated=False).contrasts
    fitted, without = both[:n], both[n:]
    if np.isnan([one.estimate for one in without]).all():
        without = _observed_less_effect(case)
    back, observed = _scale_of_readers(case, log)
    after = design.after | design.in_transition

    def only_after(values: list[float]) -> np.ndarray:
        return np.where(after, back(np.array(values) + base), np.nan)

    return pd.DataFrame(
        {
            "period": design.periods.astype(str),
            "observed": observed,
            "fitted": np.where(design.in_transition, np.nan, back(np.array([one.estimate for one in fitted]) + base)),
            "counterfactual": only_after([one.estimate for one in without]),
            "counterfactual_low": only_after([one.low for one in without]),
            "counterfactual_high": only_after([one.high for one in without]),
            "in_transition": design.in_transition,
        }
    )[list(SERIES_COLUMNS)]


def _observed_less_effect(case: Case) -> list[Contrast]:
    """What was expected where differencing has removed the level of the series: observed less the effect of each period."""
    effects = case.estimated(case.design.matrix - case.design.without_change, calibrated=False).contrasts
    pairs = zip(case.outcome, effects, strict=True)
    return [replace(one, estimate=seen - one.estimate, low=seen - one.high, high=seen - one.low) for seen, one in pairs]


def _scale_of_readers(case: Case, log: bool):
    """From the model's scale to the measure's, and the observed series on it."""
    if case.family == "poisson":
        return np.exp, case.own / case.exposure
    if case.family == "binomial":
        return (lambda odds: 100 / (1 + np.exp(-odds))), 100 * case.own / case.exposure
    back = np.exp if log else np.asarray
    return back, back(case.own)


def missing_notes(case: Case, labels: list[str], about: dict) -> tuple[str, ...]:
    """Missing periods of a frame that did not come from ``load``, which notes its own."""
    missing = np.isnan(case.own)
    if about or not missing.any():
        return ()
    periods = ", ".join(str(period) for period in case.design.periods[missing])
    where = "" if labels == ["series"] else f"{labels[0]} in "
    return (f"{where}{periods}: not reported; left missing.",)
