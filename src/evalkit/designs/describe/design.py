"""What was counted before and after a change: points with an interval each, and no estimate of the change."""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.adequacy import Adequacy, adequacy
from evalkit.check_register import ENOUGH_POINTS
from evalkit.designs.describe.description import DESCRIPTION
from evalkit.designs.series_frame import series_frame, treated_labels
from evalkit.effect import ESTIMATE_COLUMNS, SERIES_COLUMNS, Effect
from evalkit.errors import EvaluationError, did_you_mean
from evalkit.inference.classical.single_counts import count_interval, share_interval
from evalkit.intake.periods import (
    Interruption,
    inside,
    numbers_in_words,
    resolve_interruption,
    to_periods,
    weeks_in_words,
)

FORMS = ("count", "proportion", "rate", "mean", "median")
PARTED = ("proportion", "rate")
FEWEST_TERMS = 2  # of any model of a change: a level, and a step
LONG = ("Q-DEC", "Y-DEC")
BEFORE, HOLDS_THE_START, AFTER = "before", "holds the start", "after"
HOW = {
    "proportion": "the score interval of a share (Wilson), as if those counted had been drawn by chance",
    "count": "the exact interval of a count (Garwood), as if events came independently of each other",
    "rate": "the exact interval of a count (Garwood) over what it is set against, as if events came independently of each other",
}
NO_TEST = "It is of that one point, and no test of a change: whether two of them overlap does not say whether anything changed."
ROUNDED = {1.0: 0.0051, 100.0: 0.51}  # by how much a share, of 1 or in per cent, may be rounded
SAME = 0.01  # by which share of itself a rate may be


def describe(
    frame: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    interruption: Any,
    form: str | None = None,
    numerator: str | None = None,
    denominator: str | None = None,
    unit: str | None = None,
    treated: str | None = None,
) -> Effect:
    """What was counted before and after a change, where there are too few points, or too irregular ones, to estimate it.

    Each point has its own 95% interval: of a share that of Wilson (1927, JASA 22:209), of a count or a rate the exact one of
    Garwood (1936, Biometrika 28:437). Nothing is compared: there is no estimate, no p-value and no verdict on a change.

    Parameters
    ----------
    frame : DataFrame
        One row a point; periods may lie as far apart as they like.
    outcome, time : str
        Columns: the figure that is shown, and when it was counted, in any form that other designs take.
    interruption : date, period or text
        A date inside a period makes that period neither before nor after, unless it is its first day.
    form : {"count", "proportion", "rate", "mean", "median"}, optional
        What ``outcome`` is; of a frame that ``ek.load`` gave, that of its measure. Without it, and for means and medians, no
        point has an interval.
    numerator, denominator : str, optional
        Columns with the parts of a share or a rate; those of a frame that ``ek.load`` gave are known. A share may be given
        from 0 to 1 or in per cent.
    unit : str, optional
        Column that tells units apart; without it the frame is one series.
    treated : str, optional
        Label in ``unit`` of the place that is described.

    Returns
    -------
    Effect
        Without estimates; table ``points`` has every point with its interval and its part: before, holds the start, after.

    Raises
    ------
    EvaluationError
        For anything that cannot be read, naming column and period, and where no point lies before or none after the change.

    Examples
    --------
    Of three waves of a survey, one before the change and two after it:

    >>> import evalkit as ek
    >>> import pandas as pd
    >>> waves = pd.DataFrame({
    ...     "wave": ["2022-03", "2023-03", "2024-10"],
    ...     "share": [52.5, 61.0, 77.5],
    ...     "confident": [42, 61, 62], "asked": [80, 100, 80],
    ... })
    >>> effect = ek.describe(
    ...     waves, outcome="share", time="wave",
    ...     interruption="2022-09-01", form="proportion",
    ...     numerator="confident", denominator="asked",
    ... )
    >>> points = effect.tables["points"]
    >>> points = points[["period", "part", "value", "low", "high"]]
    >>> print(points.round(1).to_string(index=False))
     period   part  value  low  high
    2022-03 before   52.5 41.7  63.1
    2023-03  after   61.0 51.2  70.0
    2024-10  after   77.5 67.2  85.3
    >>> effect.is_estimated
    False
    """
    about = frame.attrs.get("evalkit", {})
    loaded = bool(about) and outcome == "value"
    form = form or (about.get("form") if loaded else None)
    if loaded and form in PARTED:
        numerator, denominator = numerator or "numerator", denominator or "denominator"
    frame = _with_periods(frame, time, unit)
    data = series_frame(frame, outcome, time, unit, log=False, per_day=False)
    labels = treated_labels(treated, unit, list(data.values.columns))
    if len(labels) > 1:
        raise EvaluationError(f"treated={treated!r} names {len(labels)} places: describe one at a time.")
    own = frame if unit is None else frame[frame[unit].astype(str) == labels[0]]
    own = own.sort_values(time)
    periods = pd.PeriodIndex(own[time])
    change = resolve_interruption(interruption, 0, periods.freqstr)
    inside(change, periods)
    points = _points(own, periods, change, outcome, form, _part(frame, numerator), _part(frame, denominator))
    judged = adequacy(
        *(int((points["part"] == part)[points["value"].notna()].sum()) for part in (BEFORE, AFTER)), FEWEST_TERMS
    )
    return Effect(
        design=DESCRIPTION.name,
        estimand="no change was estimated" if judged.can_model else "too few points to estimate a change",
        measure=about.get("measure", outcome),
        measure_unit=about.get("measure_unit", outcome),
        treated_units=tuple(labels),
        interruptions=(str(change.label),),
        method_of_interval=_how(form, points),
        estimates=pd.DataFrame(columns=list(ESTIMATE_COLUMNS)),
        series=_series(points),
        coefficients=pd.DataFrame(columns=["term", "estimate", "low", "high", "std_error", "p_value"]),
        minimum_detectable_effect=None,
        tables={"points": points},
        checks=(_enough(judged),),
        notes=(
            *about.get("notes", ()),
            *(() if about else _not_reported(points)),
            *_at_the_start(points),
            *weeks_in_words(periods),
            *numbers_in_words(periods),
        ),
        data=about.get("data", {}),
    )


def _with_periods(frame: pd.DataFrame, time: str, unit: str | None) -> pd.DataFrame:
    """The same with periods: dates that are not evenly apart, or lie within quarters or years, are of their months."""
    if time not in frame.columns or frame.empty:
        return frame  # refused with its reason where the frame is read
    try:
        periods = to_periods(frame[time], time)
        if not _within_long_periods(frame[time], periods, time):
            return frame.assign(**{time: periods})
    except EvaluationError as irregular:
        months = _months_far_apart(frame, time, unit)
        if months is None:
            raise irregular from None
    else:
        months = _months(frame[time], time)
    return frame.assign(**{time: to_periods(months, time)})


def _months_far_apart(frame: pd.DataFrame, time: str, unit: str | None) -> pd.Series | None:
    """The months of dates; None where one cannot be read, or two of a unit lie in one month."""
    if frame[time].isna().any():
        return None
    try:
        months = _months(frame[time], time)
    except EvaluationError:
        return None
    keys = {"month": months} | ({"unit": frame[unit]} if unit in frame.columns else {})
    return None if pd.DataFrame(keys).duplicated().any() else months


def _months(times: pd.Series, time: str) -> pd.Series:
    """What each date says by itself: its month, as nothing tells that it stands for more."""
    return pd.Series([to_periods([written], time)[0] for written in times], index=times.index)


def _within_long_periods(times: pd.Series, periods: pd.PeriodIndex, time: str) -> bool:
    """Whether dates taken for quarters or years are not their first days: a wave in March is not of the whole year."""
    if periods.freqstr not in LONG or _months(times, time).iloc[0].freqstr != "M":
        return False
    days = [resolve_interruption(written, 0, "D").period for written in times]
    return any(day.start_time != period.start_time for day, period in zip(days, periods, strict=True))


def _part(frame: pd.DataFrame, column: str | None) -> str | None:
    """A column with a part of a share or a rate, where it is there."""
    if column is not None and column not in frame.columns:
        hint = did_you_mean(column, [str(heading) for heading in frame.columns])
        raise EvaluationError(f"`{column}` is not a column of the frame{hint}.")
    return column


def _points(
    own: pd.DataFrame,
    periods: pd.PeriodIndex,
    change: Interruption,
    outcome: str,
    form: str | None,
    numerator: str | None,
    denominator: str | None,
) -> pd.DataFrame:
    """Every point with its part and its interval, in order of time."""
    if form is not None and form not in FORMS:
        raise EvaluationError(f"form={form!r} is not one of {', '.join(FORMS)}{did_you_mean(form, FORMS)}.")
    value = pd.to_numeric(own[outcome]).to_numpy(float)
    part, whole = (_numbers(own, column) for column in (numerator, denominator))
    if form in PARTED and (numerator is None or denominator is None):
        raise EvaluationError(f"form={form!r} needs `numerator` and `denominator`, the columns with its parts.")
    low = high = np.full(len(value), np.nan)
    if form == "count":
        part = value
        low, high = count_interval(value)
    elif form == "rate":
        low, high = count_interval(part, whole)
    elif form == "proportion":
        low, high = share_interval(part, whole)
    if form in PARTED:
        times = _times(periods, value, part, whole, outcome, form)
        low, high = low * times, high * times
    shown = np.isfinite(value)
    return pd.DataFrame(
        {
            "period": periods.astype(str),
            "part": np.select(
                [periods.isin(change.transition), periods < change.period], [HOLDS_THE_START, BEFORE], AFTER
            ),
            "numerator": part,
            "denominator": whole,
            "value": value,
            "low": np.where(shown, low, np.nan),
            "high": np.where(shown, high, np.nan),
        }
    )


def _numbers(own: pd.DataFrame, column: str | None) -> np.ndarray:
    return np.full(len(own), np.nan) if column is None else pd.to_numeric(own[column], errors="coerce").to_numpy(float)


def _times(
    periods: pd.PeriodIndex, value: np.ndarray, part: np.ndarray, whole: np.ndarray, outcome: str, form: str
) -> float:
    """How many times the ratio of its parts the outcome is, the same in every row: of a share 100 or 1, of a rate any number."""
    ratio = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    known = np.isfinite(ratio) & np.isfinite(value)
    above = known & (ratio > 0)
    if not above.any():  # of a share of nought nobody can tell, and pages give shares in per cent
        return 100.0 if form == "proportion" else 1.0
    times = float(np.median(value[above] / ratio[above]))
    if form == "proportion":
        times = 100.0 if times > 10 else 1.0
        unlike = np.abs(value - times * ratio) > ROUNDED[times]
    else:
        unlike = np.abs(value - times * ratio) > SAME * np.abs(value)
    unlike &= known
    if unlike.any():
        row = int(np.argmax(unlike))
        expected = f"{times * ratio[row]:.4g}"
        raise EvaluationError(
            f"Column `{outcome}` is {value[row]:.4g} in {periods[row]}, and its numerator and denominator make {expected}:"
            " correct the one or the other."
        )
    return times


def _series(points: pd.DataFrame) -> pd.DataFrame:
    series = pd.DataFrame(
        {
            "period": points["period"],
            "observed": points["value"],
            "in_transition": points["part"] == HOLDS_THE_START,
        }
    ).reindex(columns=list(SERIES_COLUMNS))
    nothing = ["fitted", "counterfactual", "counterfactual_low", "counterfactual_high"]
    return series.astype(dict.fromkeys(nothing, float))


def _how(form: str | None, points: pd.DataFrame) -> str:
    """How the interval of a point is made, and why those that have none have none."""
    seen = points["value"].notna()
    without = seen & points["low"].isna()
    if form not in HOW or without[seen].all():
        what = f"a {form}" if form in ("mean", "median") else "a figure"
        return f"The points have no interval: {what} alone does not tell how much it varies by chance."
    told = f"The 95% interval of each point is {HOW[form]}. {NO_TEST}"
    if without.any():
        listed = ", ".join(points.loc[without, "period"])
        told += f" Without one, as it rests on no whole number of people or events: {listed}."
    return told


def _enough(judged: Adequacy):
    """Too few points is a check that did not pass; enough of them is for information, as they were only described."""
    if judged.can_model:
        return ENOUGH_POINTS.result(None, f"{judged.sentence} Here they are only described.")
    return ENOUGH_POINTS.result(False, judged.sentence)


def _not_reported(points: pd.DataFrame) -> tuple[str, ...]:
    """Points without a figure, of a frame that did not come from ``load``, which notes its own."""
    missing = points.loc[points["value"].isna(), "period"]
    return () if missing.empty else (f"{', '.join(missing)}: not reported; left missing.",)


def _at_the_start(points: pd.DataFrame) -> tuple[str, ...]:
    held = points.loc[points["part"] == HOLDS_THE_START, "period"]
    return () if held.empty else (f"{', '.join(held)} holds the start, so it is neither before nor after the change.",)
