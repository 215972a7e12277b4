"""Does the model's shape hold: a straight trend before the change, and a season that stays as large?

Either bends the expected course at the date, and so moves the estimate, while no interval shows it. Both intervals are
those of autoregressive errors, uncalibrated, as no claim rests on them; how often they miss nothing is measured in
tests/validation/test_shape_checks.py.
"""

import numpy as np

from evalkit import check_register
from evalkit.check_register import Check
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.inference.interval_methods import estimate
from evalkit.intake.periods import a_year, name_of

ENOUGH_BEFORE = 16  # for a trend that may bend half-way
LEAST_SEASON = 1e-6  # of the spread: a season smaller than this has no size to change


def bend_before(case: SeriesFit) -> Check | None:
    """Whether the trend before the change is another in its second half; nothing where the model has no trend."""
    if "trend" not in case.design.terms:
        return None
    before = case.used & ~case.design.after
    positions = np.flatnonzero(before)
    if len(positions) < ENOUGH_BEFORE:
        return None
    middle = positions[len(positions) // 2]
    bend = _with_column(case, np.clip(np.arange(len(before)) - middle, 0.0, None), before)
    if bend is None:
        return None
    where = case.design.periods[middle]
    if bend.low <= 0 <= bend.high:
        return check_register.BEND_BEFORE.result(
            True, f"The trend before the change is much the same on both sides of {where}."
        )
    detail = (
        f"The trend before the change {'rises' if bend.estimate > 0 else 'falls'} from {where} on against that of the months"
        " before, and the expected course continues neither."
    )
    return check_register.BEND_BEFORE.result(
        False, detail.replace("months", f"{name_of(case.design.periods.freqstr)}s")
    )


def trend_left_out(case: SeriesFit) -> Check | None:
    """Of a model without a trend, whether the figures have one beside the step, which then takes it for its own."""
    if "trend" in case.design.terms:
        return None
    trend = _with_column(case, np.arange(len(case.used), dtype=float), case.used)
    if trend is None:
        return None
    if trend.low <= 0 <= trend.high:
        return check_register.TREND_LEFT_OUT.result(True, "The figures have no clear trend beside the step.")
    way = "rise" if trend.estimate > 0 else "fall"
    detail = f"The figures {way} all along, and the model has no trend: a part of the step may be that."
    return check_register.TREND_LEFT_OUT.result(False, detail)


def season_of_one_size(case: SeriesFit) -> Check | None:
    """Whether the season after the change is larger or smaller than before it; nothing without two years and one to tell by."""
    design, year = case.design, a_year(case.design.periods.freqstr)
    names = [index for index, name in enumerate(design.terms) if name.startswith(("season", "cosine", "sine"))]
    before, after = case.used & ~design.after, case.used & design.after
    if not names or before.sum() < 2 * year or after.sum() < year:
        return None
    known = np.flatnonzero((design.without_change[before] != 0).any(axis=0))
    scale = case.outcome if case.family == "gaussian" else np.log((case.outcome + 0.5) / case.at_risk)
    coefficients = np.zeros(len(design.terms))
    coefficients[known] = np.linalg.lstsq(design.without_change[before][:, known], scale[before], rcond=None)[0]
    season = design.matrix[:, names] @ coefficients[names]
    if season[before].std() <= LEAST_SEASON * scale[before].std():
        return None
    change = _with_column(case, season * design.after, case.used)
    if change is None:
        return None
    if change.low <= 0 <= change.high:
        return check_register.SIZE_OF_SEASON.result(True, "The season is about as large after the change as before it.")
    size = "larger" if change.estimate > 0 else "smaller"
    detail = f"The season is {size} after the change than before it, which the model takes for a part of the change."
    return check_register.SIZE_OF_SEASON.result(False, detail)


def _with_column(case: SeriesFit, column: np.ndarray, kept: np.ndarray) -> Contrast | None:
    """The coefficient of one column more in the case's model, over some of its periods; nothing where it cannot be had."""
    matrix = case.design.matrix[kept]
    matrix = np.column_stack([matrix[:, (matrix != 0).any(axis=0)], column[kept]])
    outcome = case.outcome[kept]
    try:
        return estimate(
            outcome - (outcome[0] if case.family == "gaussian" else 0.0), matrix, np.flatnonzero(kept),
            np.eye(matrix.shape[1])[-1:], calibrated=False, family=case.family,
            exposure=None if case.exposure is None else case.exposure[kept],
        ).contrasts[0]  # fmt: skip
    except EvaluationError:
        return None
