"""The same headline under other reasonable choices, under other methods, and without single months."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs.interrupted_time_series import against_comparators
from evalkit.designs.interrupted_time_series.segmented_model import OF_A_CHANGE_THAT_ENDED
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.intake.periods import name_of

LAST_QUARTER = 3
NEXT_TO_A_CHANGE = 3  # periods on either side


def sensitivity(case: SeriesFit, headline: str) -> list[tuple[str, Contrast]]:
    """Each row changes one thing; a choice that cannot be fitted is left out."""
    rows = []
    for name, variant in _variants(case, headline):
        try:
            rows.append((name, variant.headline(headline)))
        except EvaluationError:
            continue
    return rows


def _variants(case: SeriesFit, headline: str) -> Iterator[tuple[str, SeriesFit]]:
    design, period = case.design, name_of(case.design.periods.freqstr)
    used = np.flatnonzero(case.used)
    if design.seasonality not in (None, 0):
        yield "without seasonality", case.with_design(seasonality=None)
    yield f"without the last {LAST_QUARTER} {period}s", case.without(used[-LAST_QUARTER:])
    yield f"one more {period} of transition", case.without(used[design.after[used]][:1])
    if headline in ("level", "mean", *OF_A_CHANGE_THAT_ENDED) or headline.startswith("mean months"):
        other = "level" if design.model in ("level_and_slope", "step") else "level_and_slope"
        yield f"{other.replace('_', ' ')} model", case.with_design(model=other)
    if case.gap is not None:
        nearest = against_comparators.nearest(case.gap, case.own)
        if nearest is not None:
            yield f"the {len(nearest.used)} comparators nearest in size", case.against(nearest)
        yield "without comparators", case.against(None)


def comparison(case: SeriesFit, headline: str, own: Contrast, own_method: str) -> Iterator[tuple[str, Contrast]]:
    """Other methods of making the interval: shown, never counted."""
    if case.by_rank or case.by_pooled_dates:
        yield own_method, own
    if np.ptp(case.outcome[case.used]) == 0:
        return
    weights = case.design.weights(headline)[None, :]
    lag = int(4 * (int(case.used.sum()) / 100) ** (2 / 9))  # Newey and West's rule of thumb
    others = ["independent", "newey_west(1)", f"newey_west({lag})", "reml", "prais_winsten", "arima(1,0,0)"]
    if case.family != "gaussian":
        others = ["independent"]
    if case.errors != "ar1":
        others.append("ar1")
    for errors in dict.fromkeys(others):
        if errors == case.errors:
            continue
        try:
            estimated = case.estimated(weights, errors=errors)
        except EvaluationError:
            continue
        yield estimated.methods[0], estimated.contrasts[0]


def without_one_next_to_a_change(case: SeriesFit, headline: str, whole: Contrast) -> dict[int, Contrast]:
    """The headline by its own estimator without each of three periods either side of every interruption, by position.

    A period next to a change pulls a level most, and least squares, which ``influence`` uses for the others, does not
    see by how much. The intervals are as much wider than uncalibrated ones as that of the ``whole`` series is: a
    calibration for each period left out would cost a simulation each.
    """
    used = np.flatnonzero(case.used)
    refits = {}
    try:
        rough = case.headline(headline, calibrated=False)
    except EvaluationError:
        return refits
    for position in _next_to_changes(case, used):
        try:
            refit = case.without([position]).headline(headline, calibrated=False)
        except EvaluationError:
            continue
        refits[position] = replace(
            refit,
            low=refit.estimate
            - _wider(whole.estimate - whole.low, rough.estimate - rough.low) * (refit.estimate - refit.low),
            high=refit.estimate
            + _wider(whole.high - whole.estimate, rough.high - rough.estimate) * (refit.high - refit.estimate),
        )
    return refits


def _next_to_changes(case: SeriesFit, used: np.ndarray) -> list[int]:
    """Positions of the last three periods used before each interruption, and of the first three after it."""
    chosen = set()
    for start in case.design.changes:
        after = np.asarray(case.design.periods[used] >= start.first_kept)
        chosen.update(used[~after][-NEXT_TO_A_CHANGE:], used[after][:NEXT_TO_A_CHANGE])
    return sorted(int(position) for position in chosen)


def _wider(calibrated: float, uncalibrated: float) -> float:
    ratio = calibrated / uncalibrated if uncalibrated > 0 else 1.0
    return ratio if np.isfinite(ratio) else 1.0


def influence(case: SeriesFit, headline: str, own: Contrast, refits: Mapping[int, Contrast]) -> pd.DataFrame:
    """How far the headline would move without each period: period, shift, low and high of the headline without it.

    By the headline's own estimator, with an interval, for the periods next to a change (``refits``, by position); by
    least squares, without one, for the others (Cook and Weisberg 1982).
    """
    matrix, outcome = case.design.matrix[case.used], case.outcome[case.used]
    if case.family == "poisson":
        outcome = np.log((outcome + 0.5) / case.at_risk[case.used])
    elif case.family == "binomial":
        outcome = np.log((outcome + 0.5) / (case.at_risk[case.used] - outcome + 0.5))
    inverse = np.linalg.pinv(matrix.T @ matrix)
    residuals = outcome - matrix @ (inverse @ matrix.T @ outcome)
    leverage = np.einsum("ij,jk,ik->i", matrix, inverse, matrix)
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = -(case.design.weights(headline) @ inverse @ matrix.T) * residuals / (1 - leverage)
    periods = case.design.periods[case.used].astype(str)
    # A period with leverage one cannot be left out: without it the headline is not estimable.
    shift = np.where(leverage < 1 - 1e-9, shift, np.nan)
    table = pd.DataFrame({"period": periods, "shift": shift, "low": np.nan, "high": np.nan})
    for position, refit in refits.items():
        row = int(np.flatnonzero(np.flatnonzero(case.used) == position)[0])
        table.loc[row, ["shift", "low", "high"]] = [refit.estimate - own.estimate, refit.low, refit.high]
    return table
