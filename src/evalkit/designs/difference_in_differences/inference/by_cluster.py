"""A difference-in-differences with many treated units: intervals from errors clustered by unit."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evalkit.designs.difference_in_differences import estimands
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.difference_in_differences.result import FROM_LAST, DifferencesResult
from evalkit.designs.follow_up import Look
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.fit import detectable_change
from evalkit.inference.classical.least_squares import Fit
from evalkit.inference.contrast import Contrast
from evalkit.inference.panel.aggregation import Aggregation, aggregate, clustered_covariance
from evalkit.inference.panel.cohort_panel import NEVER
from evalkit.inference.panel.group_time import DenseParts, GroupTime, group_time
from evalkit.inference.panel.two_way import fit_two_way, two_way

METHOD = "errors clustered by unit"
BOOTSTRAP = "wild cluster bootstrap"


@dataclass(frozen=True, eq=False)
class EventFit:
    """Effects by period since the start with their joint covariance: times (m,), estimates (m,), covariance (m, m)."""

    times: np.ndarray
    estimates: np.ndarray
    covariance: np.ndarray
    df: float

    def combination(self, weights: np.ndarray) -> Contrast:
        """``weights`` (m,) of the effects."""
        return Fit(self.estimates, self.covariance, self.df, np.empty(0), METHOD).contrast(weights)

    def mean(self, first: int, last: int) -> Contrast:
        """Mean effect over periods ``first`` to ``last`` since the start.

        Raises
        ------
        EvaluationError
            Where a period is not there.
        """
        chosen = (self.times >= first) & (self.times <= last)
        if first < 0 or chosen.sum() != last - first + 1:
            raise EvaluationError(
                f"The headline is outside the data: months 1 to {int(self.times.max()) + 1} after the change are there."
            )
        return self.combination(chosen / chosen.sum())


@dataclass(frozen=True, eq=False)
class TwoByTwo:
    """One start: two-way fixed effects, and each period's gap against the mean of those before."""

    differences: Differences

    @cached_property
    def kept(self) -> np.ndarray:
        """Periods in the fit: neither anticipated nor in transition."""
        panel = self.differences.panel
        periods = np.arange(len(panel.periods))
        return (periods < panel.untreated_until[0]) | (periods >= panel.treated_from[0])

    @cached_property
    def data(self) -> dict:
        """Arguments of ``two_way``."""
        panel = self.differences.panel
        treated = panel.is_treated[:, None] & (np.flatnonzero(self.kept) >= panel.treated_from[0])
        return {
            "outcome": panel.outcome[:, self.kept],
            "regressors": treated.astype(float),
            "weights": panel.weights,
            "cluster": panel.clusters,
        }

    @cached_property
    def overall(self) -> Contrast:
        return two_way(**self.data)[0]

    @cached_property
    def events(self) -> EventFit:
        """Least squares on a dummy for treated units in every period but the last before, put on the mean before."""
        panel = self.differences.panel
        positions = np.flatnonzero(self.kept)
        until, start = int(panel.untreated_until[0]), int(panel.treated_from[0])
        base = until - 1
        others = positions[positions != base]
        regressors = panel.is_treated[None, :, None] & (positions == others[:, None])[:, None, :]
        fit = fit_two_way(panel.outcome[:, self.kept], regressors.astype(float), panel.weights, panel.clusters)
        times = np.where(positions < until, positions - until, positions - start)
        # Rows: every period, the base among them; columns: the coefficients.
        put = (positions[:, None] == others).astype(float)
        put -= put[positions < until].mean(axis=0)
        return EventFit(times, put @ fit.coefficients, put @ fit.covariance @ put.T, fit.df)

    @property
    def leads(self) -> int:
        """How many effects ``before`` has."""
        return max(int((self.events.times < 0).sum()) - 1, 0)

    def before(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Effects before the start less that of the first period, their covariance and degrees of freedom."""
        events = self.events
        lead = np.flatnonzero(events.times < 0)
        put = np.eye(len(events.times))[lead[1:]] - np.eye(len(events.times))[lead[0]]
        return put @ events.estimates, put @ events.covariance @ put.T, events.df

    def parts(self) -> list[tuple[str, str, float, Contrast]]:
        return []

    @property
    def notes(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, eq=False)
class GroupTimes:
    """Several starts, or covariates: group-time effects and their aggregations."""

    differences: Differences

    @property
    def _gaps(self) -> np.ndarray:
        """Distinct numbers of periods that starts leave out before the first that counts."""
        panel = self.differences.panel
        return np.unique((panel.treated_from - panel.untreated_until)[panel.is_treated])

    def _cells(self, base_period: str) -> GroupTime:
        """Cells of all starts. Starts that leave out different numbers of periods are taken by themselves, each against
        the units never treated, so that every one is counted from its own last untreated period."""
        panel = self.differences.panel
        if len(self._gaps) == 1 or panel.is_treated.all():
            return self._some(base_period, np.ones(len(panel.units), bool), int(self._gaps.max()))
        gap = panel.treated_from - panel.untreated_until
        parts = []
        for length in self._gaps:
            kept = ~panel.is_treated | (gap == length)
            cells = self._some(base_period, kept, int(length))
            influence = np.zeros((len(kept), len(cells.estimates)))
            influence[kept] = cells.influence
            parts.append((cells, influence))
        whole = {
            name: np.concatenate([getattr(cells, name) for cells, _ in parts])
            for name in ("cohorts", "periods", "bases", "estimates")
        }
        order = np.lexsort((whole["periods"], whole["cohorts"]))
        return replace(
            parts[0][0],
            **{name: values[order] for name, values in whole.items()},
            parts=DenseParts(np.concatenate([influence for _, influence in parts], axis=1)[:, order]),
            unit_cohorts=np.where(panel.is_treated, panel.treated_from, NEVER),
            weights=np.ones(len(gap)) if panel.weights is None else panel.weights / panel.weights.mean(),
            clusters=np.arange(len(gap)) if self._clusters is None else self._clusters,
            anticipation=int(self._gaps.max()),
            notes=tuple(dict.fromkeys(note for cells, _ in parts for note in cells.notes)),
        )

    @cached_property
    def _clusters(self) -> np.ndarray | None:
        """Numbered from 0; None where each unit is treated by itself."""
        clusters = self.differences.panel.clusters
        return None if clusters is None else np.unique(clusters, return_inverse=True)[1]

    def _some(self, base_period: str, kept: np.ndarray, anticipation: int) -> GroupTime:
        """Cells among the units ``kept`` (N,) bool."""
        panel = self.differences.panel
        return group_time(
            panel.outcome[kept],
            np.where(panel.is_treated, panel.treated_from, NEVER)[kept],
            comparison=self.differences.comparison,
            anticipation=anticipation,
            base_period=base_period,
            weights=None if panel.weights is None else panel.weights[kept],
            covariates=None if panel.covariates is None else panel.covariates[kept],
            cluster=None if self._clusters is None else self._clusters[kept],
        )

    @cached_property
    def cells(self) -> GroupTime:
        return self._cells("universal")

    @cached_property
    def overall(self) -> Contrast:
        return aggregate(self.cells, "simple").overall

    @cached_property
    def _by_event(self) -> Aggregation:
        return aggregate(self.cells, "event_study")

    @cached_property
    def events(self) -> EventFit:
        aggregation = self._by_event
        return EventFit(aggregation.labels, aggregation.estimates, aggregation.covariance, aggregation.df)

    @cached_property
    def _before(self) -> tuple[GroupTime, np.ndarray]:
        """Cells counted from the period before each, and which of them are before treatment."""
        cells = self._cells("varying")
        return cells, cells.periods < cells.cohorts - cells.anticipation

    @property
    def leads(self) -> int:
        """How many effects ``before`` has."""
        return int(self._before[1].sum())

    def before(self) -> tuple[np.ndarray, np.ndarray, float]:
        """All cells before treatment, each against the period before it, as R's ``did`` tests them."""
        cells, lead = self._before
        parts = cells.parts.combined(np.eye(len(lead))[:, lead])
        return cells.estimates[lead], clustered_covariance(parts, cells.clusters), cells.df

    def parts(self) -> list[tuple[str, str, float, Contrast]]:
        """Cohorts and calendar periods."""
        periods = self.differences.panel.periods
        rows = []
        for by, kind in (("start", "cohort"), ("calendar", "calendar")):
            aggregation = aggregate(self.cells, kind)
            rows += [
                (by, str(periods[label]), np.nan, contrast)
                for label, contrast in zip(aggregation.labels, aggregation.contrasts, strict=True)
            ]
        return rows

    @property
    def notes(self) -> tuple[str, ...]:
        if len(self._gaps) == 1:
            return self.cells.notes
        if self.differences.panel.is_treated.all():
            return (
                *self.cells.notes,
                f"Starts leave out different numbers of periods: every effect is counted from {self._gaps.max() + 1} periods"
                " before the first that counts, which is before the longest of them.",
            )
        return (
            *self.cells.notes,
            "Starts leave out different numbers of periods, so each kind was compared with units never treated only.",
        )


def fitted(differences: Differences) -> TwoByTwo | GroupTimes:
    """The fit that the design calls for."""
    simple = differences.base == "mean" and differences.panel.covariates is None
    return TwoByTwo(differences) if simple else GroupTimes(differences)


def at_look(differences: Differences, headline: str) -> Look | None:
    """The headline with the figures up to a look; None where it is not there yet."""
    try:
        return Look(headline_of(fitted(differences), headline), METHOD)
    except EvaluationError:
        return None


def estimate(differences: Differences, headline: str, bootstrap: bool = False) -> DifferencesResult:
    """Headline, terms and event study with clustered errors; the headline by wild cluster bootstrap where asked for.

    Raises
    ------
    EvaluationError
        Where the headline is not there, or the bootstrap is asked for anything but "att".
    """
    fit = fitted(differences)
    own = headline_of(fit, headline)
    if bootstrap:
        if headline != "att" or not isinstance(fit, TwoByTwo):
            raise EvaluationError(
                "inference='wild_bootstrap' is there for headline='att' of one start without covariates."
            )
        own = two_way(**fit.data, how="wild_bootstrap", seed=differences.seed)[0]
    parts = fit.parts()
    other_terms = [] if headline == "att" else [("att", None, fit.overall)]
    other_terms += [("att", label, contrast) for by, label, _, contrast in parts if by == "start"]
    after = fit.events.times[fit.events.times >= 0]
    months = [
        (f"month {time + 1}", None, fit.events.mean(time, time)) for time in after if time < estimands.MOST_MONTHS
    ]
    other_terms += [row for row in months if row[0] != headline]
    shown = [time for time in fit.events.times if -estimands.MOST_MONTHS <= time < estimands.MOST_MONTHS]
    event_study = [
        ("since start", str(time), float(time), fit.events.combination((fit.events.times == time).astype(float)))
        for time in shown
    ]
    times = fit.events.times
    if isinstance(fit, TwoByTwo) and -1 in times:
        event_study += [
            (FROM_LAST, str(time), float(time), fit.events.combination((times == time) - (times == -1).astype(float)))
            for time in shown
            if time != -1
        ]
    return DifferencesResult(
        headline=own,
        method=BOOTSTRAP if bootstrap else METHOD,
        terms=other_terms,
        event_study=event_study + parts,
        detectable=detectable_change(own),
        how=(
            "The interval is that of a wild cluster bootstrap with Webb's weights: it holds every effect that resampling whole"
            " units would not reject."
            if bootstrap
            else "The interval allows for each unit's periods being alike: its errors are clustered by unit, with Student's t"
            f" on {own.df:.0f} degrees of freedom. With few treated units it would be too narrow."
        ),
        notes=fit.notes,
    )


def headline_of(fit: TwoByTwo | GroupTimes, headline: str) -> Contrast:
    """The headline's contrast by its name.

    Raises
    ------
    EvaluationError
        Where the name is unknown or outside the data.
    """
    if headline == "att":
        return fit.overall
    first, last = estimands.span(headline)
    return fit.events.mean(first - 1, last - 1)
