"""The parts of an Effect that show a segmented fit: series, coefficients, and what the estimate means."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs.expected_band import expected_band
from evalkit.designs.interrupted_time_series.against_comparators import Gap
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.effect import SERIES_COLUMNS
from evalkit.inference.autoregressive.fit import detectable_change
from evalkit.inference.contrast import Contrast
from evalkit.intake.periods import name_of

LOOKS, LARGEST = 100, 10.0  # of a fixed point that one side may not have


def estimand(headline: str, place: str, gap: Gap | None, periods: pd.PeriodIndex) -> str:
    """What the headline is, in words: of the comparators that were really used."""
    unit = name_of(periods.freqstr)
    what = {
        "level": f"the step in the first {unit} kept after the change",
        "level total": "the sum of all steps",
        "slope total": f"the sum of all changes in trend, per {unit}",
        "mean": f"the mean effect over the {unit}s after the change",
        "cumulative": f"the effect added up over the {unit}s after the change",
        "slope": f"the change in trend, per {unit}",
        "during": "the mean effect while the change lasted",
        "after the end": "the mean effect after the end of the change",
        "reversed": "the mean effect after the end of the change, less that while it lasted",
    }.get(headline, _over(headline, unit) if headline.startswith("mean ") else f"the effect in {headline}")
    if gap is None:
        against = "its own earlier course"
    elif len(gap.used) == len(gap.members):
        against = "what its comparators suggest would have happened"
    else:
        against = (
            f"what {len(gap.used)} of its {len(gap.members)} comparators, those with a figure in every {unit}, suggest would have"
            " happened"
        )
    return f"{what} at {place}, against {against}"


def _over(headline: str, unit: str) -> str:
    return f"the mean effect over {unit}s {headline.removeprefix('mean months ')} after the change"


def coefficients(case: SeriesFit) -> pd.DataFrame:
    """The whole model on its own scale: term, estimate, low, high, std_error, p_value; and the trend after."""
    terms = list(case.design.terms)
    weights = np.eye(len(terms))
    if "slope" in terms:
        weights = np.vstack([weights, weights[terms.index("trend")] + weights[terms.index("slope")]])
        terms.append("trend after")
    rows = [
        (term, contrast.estimate, contrast.low, contrast.high, contrast.std_error, contrast.p_value)
        for term, contrast in zip(terms, case.estimated(weights, calibrated=False).contrasts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["term", "estimate", "low", "high", "std_error", "p_value"])


def series(case: SeriesFit, log: bool, headline: Contrast | None = None) -> pd.DataFrame:
    """Observed, fitted and counterfactual in the measure's own unit; counterfactual from the change on.

    ``headline`` is the answer, by which the counterfactual is bounded; where the effect may grow or wane, also by that of
    the period where it is wider. Without it, where the answer is no amount, each period has bounds of its own.
    """
    design = case.design
    n = len(design.periods)
    base = np.zeros(n) if case.gap is None else case.gap.level
    both = case.estimated(np.vstack([design.matrix, design.without_change]), calibrated=False).contrasts
    fitted, without = both[:n], both[n:]
    if np.isnan([contrast.estimate for contrast in without]).all():
        without = _observed_less_effect(case)
    expected = np.array([contrast.estimate for contrast in without])
    if headline is None:
        low, high = (np.array([getattr(contrast, end) for contrast in without]) for end in ("low", "high"))
    else:
        low, high = expected_band(expected, headline)
        if "slope" in design.terms:  # an answer about the first month bounds no later one
            below, above = _bounds_by_period(case, expected)
            low, high = np.minimum(low, below), np.maximum(high, above)
    back, observed = _scale_of_readers(case, log)
    after = design.after | design.in_transition

    def only_after(values: np.ndarray) -> np.ndarray:
        return np.where(after, back(values + base), np.nan)

    return pd.DataFrame(
        {
            "period": design.periods.astype(str),
            "observed": observed,
            "fitted": np.where(
                design.in_transition, np.nan, back(np.array([contrast.estimate for contrast in fitted]) + base)
            ),
            "counterfactual": only_after(expected),
            "counterfactual_low": only_after(low),
            "counterfactual_high": only_after(high),
            "in_transition": design.in_transition,
        }
    )[list(SERIES_COLUMNS)]


def _bounds_by_period(case: SeriesFit, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What was expected, as far off as the effect of each period can be; before the change, as it is."""
    changed = (case.design.matrix != case.design.without_change).any(axis=1)
    effects = case.estimated((case.design.matrix - case.design.without_change)[changed], calibrated=False).contrasts
    low, high = expected.copy(), expected.copy()
    low[changed] += [effect.estimate - effect.high for effect in effects]
    high[changed] += [effect.estimate - effect.low for effect in effects]
    return low, high


def _observed_less_effect(case: SeriesFit) -> list[Contrast]:
    """What was expected where differencing has removed the level of the series: observed less the effect of each period."""
    effects = case.estimated(case.design.matrix - case.design.without_change, calibrated=False).contrasts
    pairs = zip(case.outcome, effects, strict=True)
    return [
        replace(effect, estimate=seen - effect.estimate, low=seen - effect.high, high=seen - effect.low)
        for seen, effect in pairs
    ]


def _scale_of_readers(case: SeriesFit, log: bool):
    """From the model's scale to the measure's, and the observed series on it."""
    if case.family == "poisson":
        return np.exp, case.own / case.at_risk
    if case.family == "binomial":
        return (lambda odds: 100 / (1 + np.exp(-odds))), 100 * case.own / case.at_risk
    back = np.exp if log else np.asarray
    return back, back(case.own)


def missing_notes(case: SeriesFit, labels: list[str], about: dict) -> tuple[str, ...]:
    """Missing periods of a frame that did not come from ``load``, which notes its own."""
    missing = np.isnan(case.own)
    if about.keys() - {"notes"} or not missing.any():
        return ()
    periods = ", ".join(str(period) for period in case.design.periods[missing])
    where = "" if labels == ["series"] else f"{labels[0]} in "
    return (f"{where}{periods}: not reported; left missing.",)


def detectable(case: SeriesFit, contrast: Contrast, few: bool) -> tuple[float, float]:
    """The least fall and rise that would be found four times in five, on the model's scale.

    Alike, but for a step in few events: a fall leaves fewer, so that its own interval is wider. There d solves
    d = z sqrt(1 / N0 + 1 / (N1 exp(+-d))), N0 events being seen before and N1 expected after, with z such that the interval
    there is, at what was seen, has its width.
    """
    alike = detectable_change(contrast)
    before = float(np.nansum(case.own[case.used & ~case.design.after]))
    after = float(np.nansum(case.own[case.used & case.design.after]))
    if not (few and case.family == "poisson" and case.design.model == "step" and before > 0 < after):
        return alike, alike
    expected = after / math.exp(contrast.estimate)
    z = alike / math.sqrt(1 / before + 1 / after)

    def least(sign: int) -> float:
        size = 1.0
        for _ in range(LOOKS):
            size = min(z * math.sqrt(1 / before + 1 / (expected * math.exp(sign * size))), LARGEST)
        return size

    return least(-1), least(1)


def in_events(case: SeriesFit, shown: pd.DataFrame, fall: float, rise: float) -> tuple[str, ...]:
    """Of few events, what the least fall and rise that would be found come to; a share has other words."""
    year = case.design.first_year & case.used
    if case.family != "poisson" or case.design.model != "step" or not math.isfinite(fall + rise) or not year.any():
        return ()
    expected = float((shown["counterfactual"].to_numpy(float) * case.at_risk)[year].sum())
    months = f"{int(year.sum())} {name_of(case.design.periods.freqstr)}s"
    fewer, more = (f"{expected * size:.0f}" for size in (-math.expm1(-fall), math.expm1(rise)))
    return (
        f"There are few events: about {expected:.0f} were to be expected in the first {months} of the change. What would have"
        f" been found four times in five is about {fewer} fewer, or {more} more, over that time.",
    )
