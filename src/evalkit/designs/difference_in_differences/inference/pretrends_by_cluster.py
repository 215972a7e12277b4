"""Parallel trends with many treated units: the test of the time before, its power, and how far trends may bend."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from evalkit.check_register import PARALLEL_TRENDS, Check
from evalkit.designs.difference_in_differences import estimands
from evalkit.designs.difference_in_differences.inference.by_cluster import GroupTimes, TwoByTwo
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.fit import detectable_change
from evalkit.inference.contrast import POWER, Contrast
from evalkit.inference.panel.aggregation import joint_test
from evalkit.inference.panel.trend_sensitivity import TrendSensitivity, honest_smoothness, relative_magnitudes
from evalkit.intake.periods import name_of

UNITS_FOR_A_LEAD = 5  # treated and untreated, for each period before in a joint test
BENT_OVER = 12  # periods on either side in which trends may bend
LARGEST = 1e4  # noncentrality that is looked at
COULD_FAIL_FROM = 0.30  # power, for trends that part by one standard deviation of a unit's noise


def parallel_trends(fit: TwoByTwo | GroupTimes, format_size: Callable[[float], str]) -> Check:
    """The joint test of effects before the change, what it could have found, and how far trends may part.

    ``format_size`` writes a size on the model's scale for readers.
    """
    if not fit.leads:
        return PARALLEL_TRENDS.result(None, "One period before the change says nothing of trends.")
    few = min(fit.differences.count, len(fit.differences.panel.units) - fit.differences.count)
    if fit.leads * UNITS_FOR_A_LEAD > few:
        return _trend(fit, format_size)
    test = joint_test(*fit.before())
    if test is None:
        return PARALLEL_TRENDS.result(
            None, "There are too few clusters to test all periods before the change together."
        )
    passed = test.p_value > 0.05
    stand = "do not differ from nought more than chance allows" if passed else "differ from nought"
    power = _power_of_one_sd(fit)
    told = ""
    if power is not None:
        told = (
            " Had trends parted by one standard deviation of a unit's noise over these periods, this test would have found"
            f" it with a chance of {power:.0%}."
        )
        if passed and power < COULD_FAIL_FROM:
            passed, told = None, f"{told} It could hardly have failed, and is for information."
    return PARALLEL_TRENDS.result(
        passed,
        f"The {test.number} effects before the change {stand} together (joint p {estimands.p_value_in_words(test.p_value)})."
        + told
        + _found_trend(fit, format_size)
        + _bending(fit, format_size),
    )


def _bending(fit: TwoByTwo | GroupTimes, format_size: Callable[[float], str]) -> str:
    """How far trends could bend before the answer is in doubt."""
    breakdown = _breakdown(fit)
    straight = _sensitivity(fit, np.array([0.0]))
    smooth = (
        ""
        if straight is None or np.isinf(straight.breakdown)
        else " The interval includes no change if trends may part in a straight line (Rambachan and Roth 2023)."
        if breakdown is None
        else " The interval would include no change if the difference in trends could bend by"
        f" {format_size(breakdown)} from one period to the next (Rambachan and Roth 2023)."
    )
    estimates, _, n_before, n_after = _about_the_base(fit)
    if not n_before or not n_after:
        return smooth
    times = relative_magnitudes(estimates, n_before, n_after, np.array([1.0])).breakdown
    if not np.isfinite(times):
        return smooth
    return smooth + (
        f" Movements {times:.2g} times the largest before would explain the estimate away; no interval is known for this."
    )


def _trend(fit: TwoByTwo | GroupTimes, format_size: Callable[[float], str]) -> Check:
    """One straight difference in trends, where there are too few units to test all periods before together."""
    events = fit.events
    chosen = (events.times < 0) & (events.times >= -estimands.MOST_MONTHS)
    times = np.where(chosen, events.times - events.times[chosen].mean(), 0.0)
    if chosen.sum() < 3:
        return PARALLEL_TRENDS.result(
            None, f"{int(chosen.sum())} periods before the change are too few to compare trends."
        )
    slope = events.combination(times / (times @ times))
    stand = "is in line with chance" if slope.p_value > 0.05 else "is more than chance allows"
    unit = name_of(fit.differences.panel.periods.freqstr)
    return PARALLEL_TRENDS.result(
        slope.p_value > 0.05,
        f"Before the change the trends differed by {format_size(slope.estimate)} a {unit}, which {stand}"
        f" (p {estimands.p_value_in_words(slope.p_value)}). A difference of {format_size(detectable_change(slope))} a"
        f" {unit} would have been found four"
        f" times in five; smaller ones could be missed. There are too few units to test all {int(chosen.sum())} {unit}s"
        " together." + _bending(fit, format_size),
    )


def _leads(fit: TwoByTwo | GroupTimes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, effects and covariance before the start, each less that of the last period before."""
    events = fit.events
    chosen = (events.times < 0) & (events.times >= -estimands.MOST_MONTHS)
    put = np.eye(len(events.times))[chosen & (events.times != -1)]
    put = put - (events.times == -1)
    return events.times[chosen & (events.times != -1)], put @ events.estimates, put @ events.covariance @ put.T


def _straight(fit: TwoByTwo | GroupTimes) -> tuple[int, float, float] | None:
    """For trends that part by 1 a period: leads, degrees of freedom left to a joint test, and its noncentrality."""
    times, _, covariance = _leads(fit)
    if not len(times) or len(times) > fit.events.df or not (np.diag(covariance) > 0).all():
        return None
    noncentrality = float((times + 1.0) @ np.linalg.pinv(covariance) @ (times + 1.0))
    return len(times), fit.events.df - len(times) + 1, noncentrality


def _power_of_one_sd(fit: TwoByTwo | GroupTimes) -> float | None:
    """Chance that the joint test finds trends that part by one noise SD from the first period before to the last."""
    straight = _straight(fit)
    if straight is None:
        return None
    number, left, noncentrality = straight
    differences = fit.differences
    slope = float(np.median(differences.noise[: differences.count])) / -float(_leads(fit)[0].min() + 1.0)
    return float(stats.ncf.sf(stats.f.ppf(0.95, number, left), number, left, slope**2 * noncentrality))


def _found_trend(fit: TwoByTwo | GroupTimes, format_size: Callable[[float], str]) -> str:
    """The straight difference in trends that the joint test would have found four times in five (Roth 2022)."""
    straight = _straight(fit)
    if straight is None:
        return ""
    number, left, noncentrality = straight
    critical = stats.f.ppf(0.95, number, left)
    if not stats.ncf.sf(critical, number, left, LARGEST) > POWER:
        return " No straight difference in trends of a size that anybody would call likely would have been found."
    noncentral = brentq(lambda size: stats.ncf.sf(critical, number, left, size) - POWER, 1e-6, LARGEST)
    slope = np.sqrt(noncentral / noncentrality)
    unit = name_of(fit.differences.panel.periods.freqstr)
    return (
        f" A straight difference in trends of {format_size(float(slope))} a {unit} would have been"
        " found four times in five;"
        " smaller ones could be missed."
    )


def _sensitivity(fit: TwoByTwo | GroupTimes, allowed: np.ndarray) -> TrendSensitivity | None:
    """The mean effect where the difference in trends may bend by ``allowed`` a period; None where it cannot be told."""
    estimates, covariance, n_before, n_after = _about_the_base(fit)
    if not n_before or not n_after:
        return None
    try:
        return honest_smoothness(estimates, covariance, n_before, n_after, allowed, df=fit.events.df)
    except EvaluationError:
        return None


def _about_the_base(fit: TwoByTwo | GroupTimes) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Effects of up to twelve periods on either side less that of the last before, their covariance, and how many."""
    events = fit.events
    lead, lag = (events.times < -1) & (events.times >= -BENT_OVER), (events.times >= 0) & (events.times < BENT_OVER)
    put = np.eye(len(events.times))[lead | lag] - (events.times == -1)
    return put @ events.estimates, put @ events.covariance @ put.T, int(lead.sum()), int(lag.sum())


def _breakdown(fit: TwoByTwo | GroupTimes) -> float | None:
    sensitivity = _sensitivity(fit, np.array([0.0]))
    return (
        None
        if sensitivity is None or not np.isfinite(sensitivity.breakdown) or sensitivity.breakdown <= 0
        else sensitivity.breakdown
    )


def bending_trends(fit: TwoByTwo | GroupTimes) -> Iterator[tuple[str, Callable[[], Contrast]]]:
    """The mean effect over the first year, where trends may part in a straight line, or bend as far as they may."""
    breakdown = _breakdown(fit)
    levels = {"first 12 periods, trends may part in a straight line": 0.0}
    if breakdown is not None:
        levels["first 12 periods, trends may bend by half of what would undo the effect"] = breakdown / 2
    for name, allowed in levels.items():
        yield name, lambda allowed=allowed: _bent(fit, allowed)


def _bent(fit: TwoByTwo | GroupTimes, allowed: float) -> Contrast:
    sensitivity = _sensitivity(fit, np.array([allowed]))
    if sensitivity is None:
        raise EvaluationError("Trends before the change cannot be judged here.")
    low, high = float(sensitivity.low[0]), float(sensitivity.high[0])
    return Contrast(0.5 * (low + high), low, high, np.nan, np.nan, fit.events.df)
