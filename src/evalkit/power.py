"""How long a series is needed to find a wanted change, from the data before the change alone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from evalkit.check_register import ENOUGH_POINTS_BEFORE, Check
from evalkit.designs.effect_rows import scale_of
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.designs.series_frame import refuse_scale_of_another_form, series_frame, treated_labels
from evalkit.effect import as_percent
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.fit import fit_ar1, fit_many
from evalkit.inference.contrast import POWER
from evalkit.inference.simulation import autoregressive_errors
from evalkit.intake.arguments import refuse_unless_yes_or_no
from evalkit.intake.default_scale import scale_of_frame
from evalkit.intake.exposure import refuse_unless_per_day
from evalkit.intake.periods import name_of, resolve_interruption

SERIES_SIMULATED = 400
FEWEST_BEFORE = 12
DEFAULT_AFTER = (6, 12, 18, 24, 36)
LONGEST = 1200  # periods of a series that is simulated


@dataclass(frozen=True, eq=False)
class Power:
    """What single-site analyses of several lengths would find.

    Attributes
    ----------
    table : DataFrame
        before, after (periods), detectable (found four times in five), power (of ``effect``; missing without one).
    scale : percent, points or unit: of ``detectable`` and ``effect``
    correlation, spread : estimated from the data before, on the model's scale
    """

    measure: str
    headline: str
    scale: str
    effect: float | None
    correlation: float
    spread: float
    table: pd.DataFrame
    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def enough(self) -> pd.DataFrame:
        """The rows that find ``effect`` four times in five or more."""
        return self.table[self.table["power"] >= POWER]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        checks = [asdict(check) for check in self.checks]
        plain = {
            name: getattr(self, name) for name in ("measure", "headline", "scale", "effect", "correlation", "spread")
        }
        return {**plain, "table": rows, "checks": checks, "notes": list(self.notes)}


def power(
    before: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    unit: str | None = None,
    treated: str | None = None,
    effect: float | None = None,
    model: str = "level",
    headline: str = "level",
    months_before: Sequence[int] | None = None,
    months_after: Sequence[int] = DEFAULT_AFTER,
    log: bool | None = None,
    per_day: bool | str | None = None,
    seasonality: str | int | None = 2,
    seed: int = 0,
) -> Power:
    """Simulate series like the one before the change, and analyse each as it would be analysed.

    Correlation and spread come from a fit of trend and season. For each length, autoregressive series are
    simulated and given the calibrated interval; a change is found where that is clear of zero.

    Parameters
    ----------
    before : DataFrame
        The periods before the change, one row a period.
    outcome, time : str
        Columns.
    unit : str, optional
        Column that tells units apart; without it the frame is one series.
    treated : str, optional
        Label in ``unit`` of the one that is to change.
    effect : float, optional
        The wanted change: percent where ``log``, else in the measure's unit (points for a share).
    model : {"level_and_slope", "level", "slope", "step", "curve"}
        As in ``interrupted_time_series``.
    headline : {"level", "first year", "mean", "mean months A to B", "slope", "month H"}
        As in ``interrupted_time_series``.
    months_before : sequence of int, optional
        Periods before the change to try; by default as many as the data hold.
    months_after : sequence of int
        Periods after it to try.
    log : bool, optional
        Model the logarithm. Left out, that of a count that ``ek.load`` gave, and of nothing else.
    per_day : bool or {"calendar_days", "weekend_days", "working_days"}
        Divide first by what the measure is counted on, which are all days where its record does not say otherwise, or by
        days of one kind. Left out, a count that ``ek.load`` gave is divided, and nothing else.
    seasonality : None, "months" or number of harmonic pairs
        Of the year; ``None`` for whole years and for numbers, which have none.
    seed : int
        Of the series drawn.

    Returns
    -------
    Power
        ``table`` has a row for each length: ``before``, ``after``, ``detectable`` (found four times in five) and
        ``power`` (how often ``effect`` is found); ``enough`` are its rows that find ``effect`` four times in five.

    Raises
    ------
    EvaluationError
        Where there are fewer than 12 periods, or one of them is missing.

    Examples
    --------
    Whether a fall of 15% could have been found at Weston, known before its A&E closed at night in July 2017:

    >>> import evalkit as ek
    >>> before = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2017-06",
    ... )
    >>> sketch = ek.power(
    ...     before, outcome="value", time="period",
    ...     seasonality=None, effect=15, months_after=(6, 18),
    ... )
    >>> print(sketch.table.round(2).to_string(index=False))
     before  after  detectable  power
         15      6       18.11   0.64
         15     18       17.07   0.70
    """
    log, per_day = scale_of_frame(before, outcome, log, per_day)
    refuse_unless_yes_or_no(log=log)
    refuse_unless_per_day(per_day)
    refuse_scale_of_another_form(before, outcome, log=log, per_day=per_day)
    _refuse_lengths(months_before=months_before or (), months_after=months_after)
    data = series_frame(before, outcome, time, unit, log=log, per_day=per_day)
    label = treated_labels(treated, unit, list(data.values.columns))[0]
    series = data.values[label].to_numpy(float)
    if len(series) < FEWEST_BEFORE or np.isnan(series).any():
        raise EvaluationError(
            f"Column `{outcome}` has {int((~np.isnan(series)).sum())} of {len(series)} periods: power needs at least"
            f" {FEWEST_BEFORE}, none of them missing."
        )
    about = before.attrs.get("evalkit", {})
    fitted_scale = scale_of(about.get("measure_unit", outcome), log)
    scale = "percent" if fitted_scale == "log" else fitted_scale  # readers are told a percentage, never a logarithm
    plain = SegmentedModel(
        data.periods, resolve_interruption(data.periods[-1], 0, data.periods.freqstr), "level", seasonality
    )
    trend = plain.matrix[:, [plain.terms.index(name) for name in plain.terms if name != "level"]]
    correlation, spread = _like(series, trend)

    shift = None if effect is None else np.log1p(abs(effect) / 100) if log else abs(effect)
    rows = []
    for length in months_before or (len(series),):
        for after in months_after:
            reach = _detectable_rises(
                data.periods[0], data.periods.freqstr, length, after, model, headline, seasonality, correlation, seed
            )
            detectable = float(np.quantile(reach, POWER)) * spread
            power = None if shift is None else float(np.mean(reach * spread < shift))
            rows.append((length, after, as_percent(detectable) if log else detectable, power))
    period = name_of(data.periods.freqstr)
    enough = len(series) >= 2 * FEWEST_BEFORE
    return Power(
        measure=about.get("measure", outcome),
        headline=headline,
        scale=scale,
        effect=effect,
        correlation=correlation,
        spread=spread,
        table=pd.DataFrame(rows, columns=["before", "after", "detectable", "power"]),
        checks=(ENOUGH_POINTS_BEFORE.result(enough, f"Correlation and spread rest on {len(series)} {period}s."),),
        notes=("For one site against its own past. Comparators can find less or more.",),
    )


def _refuse_lengths(**lengths: Sequence[int]) -> None:
    for name, given in lengths.items():
        for length in given:
            if isinstance(length, bool) or not isinstance(length, Integral) or not 1 <= length <= LONGEST:
                raise EvaluationError(f"`{name}` holds what is no number of periods from 1 to {LONGEST}: correct it.")


def _like(series: np.ndarray, trend: np.ndarray) -> tuple[float, float]:
    """Posterior median of the correlation, and the marginal spread of the errors given it.

    Not the likeliest correlation: on a short series that is often at an end of its range, where the spread is anything.
    """
    correlation = fit_ar1(series, trend, calibrated=False).correlation.median
    rows = np.column_stack([trend, series])
    white = np.vstack([rows[:1] * np.sqrt(1 - correlation**2), rows[1:] - correlation * rows[:-1]])
    left = white[:, -1] - white[:, :-1] @ np.linalg.lstsq(white[:, :-1], white[:, -1], rcond=None)[0]
    innovation = float(left @ left) / (len(series) - trend.shape[1])
    return correlation, float(np.sqrt(innovation / (1 - correlation**2)))


def _detectable_rises(start, frequency, before, after, model, headline, seasonality, correlation, seed) -> np.ndarray:
    """How large a rise must be, in units of the spread, to be found in each simulated series."""
    periods = pd.period_range(start, periods=before + after, freq=frequency)
    design = SegmentedModel(periods, resolve_interruption(periods[before], 0, frequency), model, seasonality)
    random = np.random.default_rng([seed, before, after])
    errors = autoregressive_errors(random, SERIES_SIMULATED, len(periods), correlation)
    fits = fit_many(errors, design.matrix, contrasts=design.weights(headline)[None, :], with_p_values=False)
    return -fits.lows[:, 0]
