"""Who was treated from when, laid out as one balanced panel, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from evalkit.designs.difference_in_differences.panel.balance import balanced, finished, starts_in
from evalkit.designs.series_frame import series_frame
from evalkit.errors import EvaluationError, did_you_mean
from evalkit.intake.arguments import refuse_unless_yes_or_no
from evalkit.intake.periods import Interruption


@dataclass(frozen=True, eq=False)
class AdoptionPanel:
    """A balanced panel and the date from which each unit was treated.

    Units stand in an order made from their figures, treated first, so that no label and no row order can change a
    number.

    Attributes
    ----------
    values : (T, N) DataFrame by period and unit, on the model's scale, none missing
    untreated_until : (N,) int, position of the first period that is no longer untreated (anticipation and transition
        included); T for a unit never treated in the window
    treated_from : (N,) int, position of the first period that counts as treated; T for never
    interruptions : of the treated units, in the order of ``units``
    weights : (N,) or None
    covariates : (N, k) or None
    clusters : (N,) labels of clusters or None
    whole : DataFrame of every period of the frame by unit, on the model's scale, before anything was left out
    counts, exposure : (T, N) DataFrames of counts and their exposure, or None
    members : DataFrame of every unit of the frame: unit, used, treated_from, reason
    notes : what was left out, in sentences
    """

    values: pd.DataFrame
    untreated_until: np.ndarray
    treated_from: np.ndarray
    interruptions: tuple[Interruption, ...]
    members: pd.DataFrame
    notes: tuple[str, ...]
    whole: pd.DataFrame
    weights: np.ndarray | None = None
    covariates: np.ndarray | None = None
    clusters: np.ndarray | None = None
    counts: pd.DataFrame | None = None
    exposure: pd.DataFrame | None = None

    @property
    def periods(self) -> pd.PeriodIndex:
        return pd.PeriodIndex(self.values.index)

    @cached_property
    def outcome(self) -> np.ndarray:
        """(N, T)."""
        return np.ascontiguousarray(self.values.to_numpy(float).T)

    @cached_property
    def units(self) -> list[str]:
        return [str(label) for label in self.values.columns]

    @cached_property
    def is_treated(self) -> np.ndarray:
        """(N,) bool: treated within the window."""
        return self.treated_from < len(self.values)

    @property
    def treated(self) -> list[str]:
        """Labels of the treated units, in the order of ``units``."""
        return [unit for unit, is_treated in zip(self.units, self.is_treated, strict=True) if is_treated]

    @property
    def starts(self) -> np.ndarray:
        """First treated positions of the treated units (k,)."""
        return self.treated_from[self.is_treated]

    @property
    def one_start(self) -> bool:
        return len(np.unique(self.starts)) == 1 and len(np.unique(self.untreated_until[self.is_treated])) == 1

    def later(self) -> "AdoptionPanel":
        """The same with one more period of transition at each start.

        Raises
        ------
        EvaluationError
            Where a treated unit has no further period.
        """
        if (self.starts + 1 >= len(self.values)).any():
            raise EvaluationError("A treated unit has one period after its start only: none can be left out.")
        moved = np.where(self.is_treated, self.treated_from + 1, len(self.values))
        return replace(self, treated_from=moved)

    def keep(self, units: np.ndarray | None = None, periods: np.ndarray | None = None) -> "AdoptionPanel":
        """The same with some units (N,) bool or periods (T,) bool left out.

        Raises
        ------
        EvaluationError
            Where no period before or after, no treated unit or no comparator is left.
        """
        units = np.ones(len(self.units), bool) if units is None else units
        periods = np.ones(len(self.values), bool) if periods is None else periods
        before = np.concatenate([[0], np.cumsum(periods)])
        chosen = self.is_treated[units]

        def of(frame):
            return None if frame is None else frame.loc[periods, units]

        def part(array):
            return None if array is None else array[units]

        subset = replace(
            self,
            values=of(self.values),
            untreated_until=before[self.untreated_until[units]],
            treated_from=before[self.treated_from[units]],
            interruptions=tuple(
                interruption
                for interruption, kept in zip(self.interruptions, units[self.is_treated], strict=True)
                if kept
            ),
            weights=part(self.weights),
            covariates=part(self.covariates),
            clusters=part(self.clusters),
            counts=of(self.counts),
            exposure=of(self.exposure),
        )
        if not chosen.any() or (chosen.all() and subset.one_start):
            raise EvaluationError("Nothing is left to compare: keep treated units and comparators.")
        if (subset.untreated_until[chosen] == 0).any() or (subset.treated_from[chosen] >= len(subset.values)).any():
            raise EvaluationError("A treated unit is left without a period before or after its start.")
        return subset


def adoption_panel(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated_from: str,
    family: str = "gaussian",
    exposure: str | None = None,
    log: bool = False,
    weights: str | None = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    transition: int | Sequence = 0,
    anticipation: int = 0,
    comparison: str = "not_yet_treated",
) -> AdoptionPanel:
    """Check the frame and balance it: a period most units miss goes for all, a unit that misses another goes.

    Raises
    ------
    EvaluationError
        Naming column, unit and period of what is wrong: a treatment that switches off, two start dates, no period
        before, nobody untreated, two rows for a unit and period.
    """
    if not isinstance(frame, pd.DataFrame):
        raise EvaluationError(
            f"The frame is a {type(frame).__name__}: give a pandas DataFrame, one row a unit and period."
        )
    refuse_unless_yes_or_no(log=log)
    named = {"outcome": outcome, "unit": unit, "time": time, "treated_from": treated_from}
    for name, column in named.items():
        if not isinstance(column, str):
            raise EvaluationError(f"{name}={column!r} is not the name of a column.")
        if list(frame.columns).count(column) > 1:
            raise EvaluationError(f"The frame has two columns called `{column}`: keep one.")
    extra = [("treated_from", treated_from), ("exposure", exposure), ("weights", weights), ("cluster", cluster)]
    for name, column in (*extra, *(("covariates", covariate) for covariate in covariates)):
        if column is not None and column not in frame.columns:
            hint = did_you_mean(str(column), [str(heading) for heading in frame.columns])
            raise EvaluationError(f"{name}={column!r} is not a column of the frame{hint}.")
    if isinstance(anticipation, bool) or not isinstance(anticipation, (int, np.integer)) or anticipation < 0:
        raise EvaluationError(f"anticipation is {anticipation!r}: give a number of periods, 0 or more.")
    if log and family != "gaussian":
        raise EvaluationError(f"log=True and family={family!r} both take a logarithm: use one of the two.")
    data = series_frame(frame, outcome, time, unit, log=log, per_day=False)
    data.values.columns = data.values.columns.astype(str)
    as_it_came = data.values.copy()
    if data.values.notna().to_numpy().sum() == 0:
        raise EvaluationError(f"Column `{outcome}` holds no number at all: there is nothing to estimate.")
    starts = starts_in(frame, data, unit, time, treated_from, transition)
    whole = data.periods
    starts, unfinished = finished(starts, whole, anticipation)
    held, kept_units, members, notes = balanced(data, starts, unfinished)
    periods = whole[held]
    values = data.values.loc[periods, kept_units]

    counted = at_risk = None
    if family != "gaussian":
        counted, at_risk, values, as_it_came = _counted(frame, values, as_it_came, time, unit, family, exposure)
    elif exposure is not None:
        raise EvaluationError("`exposure` needs family='poisson' (person-time) or 'binomial' (denominators).")

    until = np.full(len(kept_units), len(periods))
    first = until.copy()
    places = {label: position for position, label in enumerate(kept_units)}
    for label in sorted(set(starts) & set(places)):
        start, position = starts[label], places[label]
        first[position] = int((periods < start.first_kept).sum())
        if first[position] < len(periods):
            until[position] = int((periods < min((*start.transition, start.period)) - anticipation).sum())
            if until[position] == 0:
                raise EvaluationError(
                    f"{label} is treated from {start.label}: it has no period before that in the data, which begin in"
                    f" {periods[0]}; leave it out, or add earlier periods."
                )
    treated = first < len(periods)
    _refuse_without_comparison(kept_units, treated, first, comparison, periods)

    if float(np.ptp(values.to_numpy(float) - values.to_numpy(float)[:1])) == 0:
        raise EvaluationError(f"Column `{outcome}` never moves at any unit: there is nothing to learn from it.")

    order = _order(values.to_numpy(float).T, first, int(until.min()))
    ordered = [kept_units[index] for index in order]

    def of(column: str | None, numbers: bool):
        return None if column is None else _constant(frame, unit, column, ordered, numbers)

    weighed = of(weights, True)
    if weighed is not None and not (weighed > 0).all():
        low = ordered[int(np.argmin(weighed))]
        raise EvaluationError(f"Column `{weights}` is {weighed.min():g} for {low}: a weight has to be above zero.")
    return AdoptionPanel(
        values=values[ordered],
        untreated_until=until[order],
        treated_from=first[order],
        interruptions=tuple(starts[label] for label in ordered if first[places[label]] < len(periods)),
        members=members,
        notes=(*notes, *_under_way(starts, kept_units, periods)),
        whole=as_it_came,
        weights=weighed,
        covariates=np.column_stack([of(covariate, True) for covariate in covariates]) if covariates else None,
        clusters=of(cluster, False),
        counts=None if counted is None else counted[ordered],
        exposure=None if at_risk is None else at_risk[ordered],
    )


def _refuse_without_comparison(units, treated, first, comparison, periods) -> None:
    if comparison not in ("not_yet_treated", "never_treated"):
        raise EvaluationError(f"comparison={comparison!r} is not available: use 'not_yet_treated' or 'never_treated'.")
    if not treated.any():
        raise EvaluationError(f"No unit is treated between {periods[0]} and {periods[-1]}: correct the window.")
    if treated.all():
        if comparison == "never_treated":
            raise EvaluationError(
                "Every unit is treated in the window, so comparison='never_treated' has nobody to compare with: add"
                " units that were never treated, or use comparison='not_yet_treated'."
            )
        if len(np.unique(first)) == 1:
            raise EvaluationError(
                f"All {len(units)} units are treated from {periods[first[0]]}: there is nobody to compare them with;"
                " add units that were not treated, or use an interrupted time series."
            )


def _under_way(starts, units: list[str], periods: pd.PeriodIndex) -> list[str]:
    """Which periods were left out because the change was under way, in a sentence."""
    left_out: dict[str, list[str]] = {}
    for label in sorted(set(starts) & set(units)):
        for period in starts[label].transition:
            if period <= periods[-1]:
                left_out.setdefault(str(period), []).append(label)
    if not left_out:
        return []
    everybody = len(set(starts) & set(units))
    left_out_periods = [
        period if len(labels) == everybody else f"{period} ({', '.join(labels)})"
        for period, labels in sorted(left_out.items())
    ]
    return [f"Left out, as the change was under way: {'; '.join(left_out_periods)}."]


def _order(outcome: np.ndarray, first: np.ndarray, before: int) -> np.ndarray:
    """Treated units first, by start; then by how far their figures are from unit and period means, first period first.

    Periods before the first start come first, so that neither an effect, nor the level of a unit, nor the scale of the
    outcome changes which assignments are drawn.
    """
    keys = np.concatenate([_apart(outcome[:, :before]), _apart(outcome)], axis=1)
    return np.lexsort((*keys.T[::-1], first))


def _apart(outcome: np.ndarray) -> np.ndarray:
    apart = outcome - outcome.mean(axis=1, keepdims=True)
    apart = np.abs(apart - apart.mean(axis=0))
    return np.round(apart / max(float(apart.max()), 1e-300), 9)


def _constant(frame: pd.DataFrame, unit: str, column: str, units: list[str], numbers: bool) -> np.ndarray:
    """One value a unit, in the order of ``units``."""
    by_unit = frame[column].groupby(frame[unit].astype(str))
    varies = by_unit.nunique()
    for label in units:
        if varies[label] != 1:
            what = "has no value" if varies[label] == 0 else "takes more than one value"
            raise EvaluationError(
                f"Column `{column}` {what} for {label}: give each unit one value, from before the change."
            )
    first_values = by_unit.first().reindex(units)
    if not numbers:
        return first_values.astype(str).to_numpy()
    values = pd.to_numeric(first_values, errors="coerce").to_numpy(float)
    if not np.isfinite(values).all():
        label = units[int(np.argmin(np.isfinite(values)))]
        raise EvaluationError(f"Column `{column}` is not a number for {label}: correct it.")
    return values


def _counted(frame, values, whole, time, unit, family, exposure):
    """Counts, exposure, and log rates or log odds of the periods kept and of all, with half a case more so that a period
    without any has one."""
    if family not in ("poisson", "binomial"):
        raise EvaluationError(f"family={family!r} is not available: use 'gaussian', 'poisson' or 'binomial'.")
    if family == "binomial" and exposure is None:
        raise EvaluationError("family='binomial' needs `exposure`, the column of denominators.")
    counts = values
    wrong = (counts < 0).to_numpy()
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise EvaluationError(
            f"The count of {counts.columns[column]} in {counts.index[row]} is negative: correct it, or leave it blank if it is"
            " missing."
        )
    if exposure is None:
        everywhere = whole * 0 + 1.0
    else:
        everywhere = series_frame(frame, exposure, time, unit, log=False, per_day=False).values
        everywhere.columns = everywhere.columns.astype(str)
        everywhere = everywhere.reindex_like(whole)
    at_risk = everywhere.loc[counts.index, counts.columns]
    wrong = ~(at_risk > 0)
    if wrong.to_numpy().any():
        period, label = wrong.stack()[lambda is_wrong: is_wrong].index[0]
        raise EvaluationError(
            f"Column `{exposure}` is not above zero for {label} in {period}: leave that unit or period out."
        )
    if family == "poisson":
        return counts, at_risk, np.log((counts + 0.5) / at_risk), np.log((whole + 0.5) / everywhere)
    over = counts > at_risk
    if over.to_numpy().any():
        period, label = over.stack()[lambda is_over: is_over].index[0]
        raise EvaluationError(f"{label} has more cases than its `{exposure}` in {period}: correct one of the two.")
    odds, whole_odds = (
        np.log((cases + 0.5) / (total - cases + 0.5)) for cases, total in ((counts, at_risk), (whole, everywhere))
    )
    return counts, at_risk, odds, whole_odds
