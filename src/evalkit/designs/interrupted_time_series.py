"""Interrupted time series, alone or against comparators: segmented regression of a series or of a gap."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs import controlled
from evalkit.designs.estimates import Estimates, scale_of
from evalkit.designs.segmented import SegmentedModel, months_estimated
from evalkit.designs.series import panel, treated_labels
from evalkit.effect import SERIES_COLUMNS, Check, Effect
from evalkit.errors import EvaluationError
from evalkit.inference.adequacy import adequacy
from evalkit.inference.regression import Fit, fit
from evalkit.intake.periods import inside, name_of, resolve_interruption

LAST_QUARTER = 3
NOT_YET = "is not available in this version"
PROVISIONAL = (
    "This interval is provisional: on short series whose months resemble each other it is too narrow,"
    " so it claims a change too often."
)


def interrupted_time_series(
    frame: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    interruption: Any,
    model: str = "level_and_slope",
    headline: str = "level",
    family: str = "gaussian",
    exposure: str | None = None,
    log: bool = False,
    per_day: bool = False,
    seasonality: str | int | None = None,
    errors: str = "newey_west",
    transition: int | Sequence = 0,
    further_interruptions: Sequence = (),
    unit: str | None = None,
    treated: str | Sequence[str] | None = None,
    comparators: str | Sequence[str] = "pool",
    seed: int = 0,
) -> Effect:
    """What changed at an interruption, by segmented regression.

    y = b0 + b1 t + b2 D + b3 (t - T) D [+ season] + e, with D = 1 from T, the first period kept after the change
    (Wagner et al. 2002). With ``unit`` and other units in the frame, y is the treated unit less the mean of the
    comparators, each on the log scale where ``log`` (controlled interrupted time series).

    Parameters
    ----------
    frame : DataFrame
        One row a period (and unit).
    outcome, time, unit : str
        Columns. ``time`` takes datetimes, periods, ``YYYY-MM`` text or whole years.
    interruption : date, period or text
        A date inside a period puts that period in the transition, unless it is its first day.
    model : {"level_and_slope", "level", "slope"}
    headline : {"level", "mean", "slope", "level total", "month H"}
        Fixed before the results; the verdict reads it.
    log, per_day : bool
        Model the logarithm; divide by the days in each period first.
    seasonality : None, "months" or number of harmonic pairs
    errors : {"newey_west", "newey_west(LAG)", "independent"}
    transition : int or (first, last)
        Periods left out of the fit.
    further_interruptions : sequence of dates or periods
        Each adds a step, called ``level 2024-11`` after its first period kept; ``level total`` is their sum.
    treated : str or sequence of str
        Label or labels in ``unit``; several are averaged.
    comparators : "pool" or list of labels
        The pool is every other unit.

    Returns
    -------
    Effect

    Raises
    ------
    EvaluationError
        For anything that cannot be estimated, naming column, unit and period.
    """
    if family != "gaussian" or exposure is not None:
        raise EvaluationError(f"family={family!r} with exposure {NOT_YET}: use log=True with per_day=True.")
    data = panel(frame, outcome, time, unit, log=log, per_day=per_day)
    labels = treated_labels(treated, unit, list(data.values.columns))
    periods = data.periods
    change = resolve_interruption(interruption, transition, periods.freqstr)
    inside(change, periods)
    further = tuple(resolve_interruption(one, 0, periods.freqstr) for one in further_interruptions)
    for one in further:
        inside(one, periods)
    design = SegmentedModel(periods, change, model, seasonality, further)

    own = data.values[labels].mean(axis=1, skipna=False).to_numpy()
    gap = controlled.gap(data.values, labels, comparators) if unit and _others(data.values, labels) else None
    if gap is None and unit and comparators != "pool":
        raise EvaluationError(f"`comparators` names {comparators!r}, but the frame holds no unit besides {labels[0]}.")
    outcome_fitted = own if gap is None else own - gap.level
    used = ~design.in_transition & ~np.isnan(outcome_fitted)
    judged = _adequate(design, used, labels[0])
    fitted = fit(outcome_fitted[used], design.matrix[used], errors)

    about = frame.attrs.get("evalkit", {})
    measure_unit = about.get("measure_unit", outcome) + (" per day" if per_day else "")
    rows = Estimates(scale_of(measure_unit, log), fitted.method)
    rows.add("headline", headline, fitted.contrast(design.weights(headline)))
    for term in _terms(design, headline):
        rows.add("term", term, fitted.contrast(design.weights(term)))
    if gap is not None:
        rows_placebo, placebo_check = controlled.placebo(
            gap, design, used, headline, errors, fitted.contrast(design.weights(headline)), rows.model_scale
        )
    for term, contrast in _sensitivity(design, own, gap, used, headline, errors, data.values, labels):
        rows.add("sensitivity", headline, contrast, method=term)
    for other in ("independent", f"newey_west({_automatic_lag(int(used.sum()))})"):
        if other != errors:
            compared = fit(outcome_fitted[used], design.matrix[used], other)
            rows.add("comparison", headline, compared.contrast(design.weights(headline)), method=compared.method)

    checks = [judged.as_check(), _missing_check(design, outcome_fitted), _autocorrelation_check(fitted, used)]
    checks.append(_time_placebo_check(design, outcome_fitted, used, errors))
    if gap is not None:
        checks += [placebo_check, gap.check()]
    tables = {} if gap is None else {"placebo": rows_placebo, "members": gap.members}
    return Effect(
        design="interrupted time series" if gap is None else "controlled interrupted time series",
        estimand=_estimand(headline, about.get("place", ", ".join(labels)), gap is not None, periods),
        measure=about.get("measure", outcome),
        measure_unit=measure_unit,
        treated_units=tuple(labels),
        interruptions=tuple(str(one.label) for one in (change, *further)),
        method_of_interval=f"95% interval: {fitted.method} with {fitted.df:.0f} degrees of freedom. {PROVISIONAL}",
        estimates=rows.frame(),
        series=_series(design, fitted, own, gap, log),
        coefficients=_coefficients(design, fitted),
        minimum_detectable_effect=rows.reader_size(fitted.detectable(design.weights(headline))),
        tables=tables,
        checks=tuple(checks),
        notes=tuple(about.get("notes", ())) + _missing_notes(design, own, labels, about),
        data=about.get("data", {}),
    )


def _others(values: pd.DataFrame, labels: list[str]) -> bool:
    return len(values.columns) > len(labels)


def _adequate(design: SegmentedModel, used: np.ndarray, label: str):
    before, after = int((used & ~design.after).sum()), int((used & design.after).sum())
    judged = adequacy(before, after, design.matrix.shape[1])
    if not judged.can_model:
        raise EvaluationError(f"The series of {label} has {judged.sentence}")
    return judged


def _terms(design: SegmentedModel, headline: str) -> list[str]:
    terms = [name for name in design.terms if name.startswith(("level", "slope"))]
    if design.further and design.model != "slope":
        terms.append("level total")
    terms.append("mean")
    terms += [f"month {month}" for month in months_estimated(design)]
    return [term for term in terms if term != headline]


def _sensitivity(design, own, gap, used, headline, errors, values, labels):
    """Other reasonable choices, each changing one thing. A row that cannot be fitted is left out."""
    outcome = own if gap is None else own - gap.level
    variants = []
    if design.seasonality not in (None, 0):
        variants.append(
            (
                "without seasonality",
                SegmentedModel(design.periods, design.interruption, design.model, None, design.further),
                used,
                outcome,
            )
        )
    shorter = used.copy()
    shorter[np.flatnonzero(used)[-LAST_QUARTER:]] = False
    variants.append((f"without the last {LAST_QUARTER} {name_of(design.periods.freqstr)}s", design, shorter, outcome))
    later = used.copy()
    first = np.flatnonzero(used & design.after)[0]
    later[first] = False
    variants.append((f"one more {name_of(design.periods.freqstr)} of transition", design, later, outcome))
    other_model = "level" if design.model == "level_and_slope" else "level_and_slope"
    if headline in ("level", "mean"):
        variants.append(
            (
                f"{other_model.replace('_', ' ')} model",
                SegmentedModel(design.periods, design.interruption, other_model, design.seasonality, design.further),
                used,
                outcome,
            )
        )
    if gap is not None:
        closest = controlled.closest(gap, own, design, used)
        if closest is not None:
            variants.append((f"the {len(closest.used)} comparators nearest in size", design, used, own - closest.level))
        variants.append(("without comparators", design, used & ~np.isnan(own), own))
    found = []
    for name, model, keep, series in variants:
        try:
            found.append((name, fit(series[keep], model.matrix[keep], errors).contrast(model.weights(headline))))
        except EvaluationError:
            continue
    return found


def _automatic_lag(n: int) -> int:
    """Newey and West's rule of thumb: floor(4 (n / 100)^(2/9))."""
    return int(4 * (n / 100) ** (2 / 9))


def _missing_check(design: SegmentedModel, outcome: np.ndarray) -> Check:
    wanted = ~design.in_transition
    share = float(np.isnan(outcome[wanted]).mean())
    return Check("Missing periods", share <= 0.05, f"{share:.0%} of the periods that should count are missing.")


def _missing_notes(design: SegmentedModel, own: np.ndarray, labels: list[str], about: dict) -> tuple[str, ...]:
    if about or not np.isnan(own).any():
        return ()
    missing = ", ".join(str(period) for period in design.periods[np.isnan(own)])
    return (f"{labels[0]} in {missing}: not reported; left missing.",)


def _autocorrelation_check(fitted: Fit, used: np.ndarray) -> Check:
    residuals = fitted.residuals
    value = float(residuals[1:] @ residuals[:-1] / (residuals @ residuals)) if residuals @ residuals > 0 else 0.0
    detail = f"Neighbouring residuals correlate {value:.2f}; shown for information, never used to choose a method."
    return Check("Autocorrelation of the residuals", None, detail)


def _time_placebo_check(design: SegmentedModel, outcome: np.ndarray, used: np.ndarray, errors: str) -> Check:
    """An invented interruption half-way through the months before the real one."""
    name = "Invented date before the change"
    before = used & ~design.after
    positions = np.flatnonzero(before)
    if len(positions) < 16:
        return Check(name, None, f"{len(positions)} points before the change are too few to try an invented date.")
    middle = design.periods[positions[len(positions) // 2]]
    keep = np.zeros_like(used)
    keep[: positions[-1] + 1] = True
    season = design.seasonality if len(positions) >= 24 else None
    pretend = resolve_interruption(middle, 0, design.periods.freqstr)
    model = SegmentedModel(design.periods[keep], pretend, "level", season)
    contrast = fit(outcome[keep][before[keep]], model.matrix[before[keep]], errors).contrast(model.weights("level"))
    clear = contrast.low > 0 or contrast.high < 0
    told = "a change appears there too" if clear else "no clear change appears there"
    return Check(name, not clear, f"With an invented start in {middle}, {told}.")


def _estimand(headline: str, place: str, with_comparators: bool, periods: pd.PeriodIndex) -> str:
    unit = name_of(periods.freqstr)
    what = {
        "level": f"the step in the first {unit} kept after the change",
        "level total": "the sum of all steps",
        "mean": f"the mean effect over the {unit}s after the change",
        "slope": f"the change in trend, per {unit}",
    }.get(headline, f"the effect in {headline}")
    against = "what its comparators suggest would have happened" if with_comparators else "its own earlier course"
    return f"{what} at {place}, against {against}"


def _coefficients(design: SegmentedModel, fitted: Fit) -> pd.DataFrame:
    weights = {term: design.weights(term) for term in design.terms}
    if "slope" in weights:
        weights["trend after"] = weights["trend"] + weights["slope"]
    rows = []
    for term, contrast in ((term, fitted.contrast(weight)) for term, weight in weights.items()):
        rows.append((term, contrast.estimate, contrast.low, contrast.high, contrast.std_error, contrast.p_value))
    return pd.DataFrame(rows, columns=["term", "estimate", "low", "high", "std_error", "p_value"])


def _series(design: SegmentedModel, fitted: Fit, own: np.ndarray, gap, log: bool) -> pd.DataFrame:
    """Observed, fitted and counterfactual in the measure's own unit; counterfactual from the first period kept."""
    base = np.zeros(len(own)) if gap is None else gap.level
    contrasts = [fitted.contrast(row) for row in design.without_change]
    back = np.exp if log else (lambda values: values)
    after = design.after | design.in_transition

    def only_after(values: list[float]) -> np.ndarray:
        return np.where(after, back(np.array(values) + base), np.nan)

    return pd.DataFrame(
        {
            "period": design.periods.astype(str),
            "observed": back(own),
            "fitted": np.where(design.in_transition, np.nan, back(design.matrix @ fitted.coefficients + base)),
            "counterfactual": only_after([one.estimate for one in contrasts]),
            "counterfactual_low": only_after([one.low for one in contrasts]),
            "counterfactual_high": only_after([one.high for one in contrasts]),
            "in_transition": design.in_transition,
        }
    )[list(SERIES_COLUMNS)]
