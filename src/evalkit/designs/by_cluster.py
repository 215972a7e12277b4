"""A difference-in-differences with many treated units: intervals from errors clustered by unit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from evalkit.designs import terms
from evalkit.designs.answer import Answer
from evalkit.designs.before import PARALLEL
from evalkit.designs.differences import Differences
from evalkit.effect import Check
from evalkit.errors import EvaluationError
from evalkit.inference.aggregation import Aggregation, aggregate, clustered_covariance, joint_test
from evalkit.inference.autoregressive import detectable
from evalkit.inference.clusters import fit_two_way, two_way
from evalkit.inference.group_time import GroupTime, group_time
from evalkit.inference.panel import NEVER
from evalkit.inference.regression import POWER, Contrast, Fit
from evalkit.inference.trend_sensitivity import TrendSensitivity, honest_smoothness
from evalkit.intake.periods import name_of

UNITS_FOR_A_LEAD = 5  # treated and untreated, for each period before in a joint test
BENT_OVER = 12  # periods on either side in which trends may bend
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

    found: Differences

    @cached_property
    def kept(self) -> np.ndarray:
        """Periods in the fit: neither anticipated nor in transition."""
        panel = self.found.panel
        periods = np.arange(len(panel.periods))
        return (periods < panel.untreated_until[0]) | (periods >= panel.treated_from[0])

    @cached_property
    def data(self) -> dict:
        """Arguments of ``two_way``."""
        panel = self.found.panel
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
        panel = self.found.panel
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

    found: Differences

    def _cells(self, base_period: str) -> GroupTime:
        panel = self.found.panel
        treated = panel.is_treated
        clusters = None if panel.clusters is None else np.unique(panel.clusters, return_inverse=True)[1]
        return group_time(
            panel.outcome,
            np.where(treated, panel.treated_from, NEVER),
            comparison=self.found.comparison,
            anticipation=int((panel.treated_from - panel.untreated_until)[treated].max()),
            base_period=base_period,
            weights=panel.weights,
            covariates=panel.covariates,
            cluster=clusters,
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
        found = self._by_event
        return EventFit(found.labels, found.estimates, found.covariance, found.df)

    def before(self) -> tuple[np.ndarray, np.ndarray, float]:
        """All cells before treatment, each against the period before it, as R's ``did`` tests them."""
        cells = self._cells("varying")
        lead = cells.periods < cells.cohorts - cells.anticipation
        influence = cells.influence[:, lead]
        return cells.estimates[lead], clustered_covariance(influence, cells.clusters), cells.df

    def parts(self) -> list[tuple[str, str, float, Contrast]]:
        """Cohorts and calendar periods."""
        periods = self.found.panel.periods
        rows = []
        for by, kind in (("start", "cohort"), ("calendar", "calendar")):
            found = aggregate(self.cells, kind)
            rows += [
                (by, str(periods[label]), np.nan, contrast)
                for label, contrast in zip(found.labels, found.contrasts, strict=True)
            ]
        return rows

    @property
    def notes(self) -> tuple[str, ...]:
        gaps = (self.found.panel.treated_from - self.found.panel.untreated_until)[self.found.panel.is_treated]
        if len(set(gaps.tolist())) == 1:
            return self.cells.notes
        return (
            *self.cells.notes,
            f"Starts leave out different numbers of periods: every effect is counted from {gaps.max() + 1} periods before the"
            " first that counts, which is before the longest of them.",
        )


def fitted(found: Differences) -> TwoByTwo | GroupTimes:
    """The fit that the design calls for."""
    simple = found.base == "mean" and found.panel.covariates is None
    return TwoByTwo(found) if simple else GroupTimes(found)


def answer(found: Differences, headline: str, bootstrap: bool = False) -> Answer:
    """Headline, terms and event study with clustered errors; the headline by wild cluster bootstrap where asked for.

    Raises
    ------
    EvaluationError
        Where the headline is not there, or the bootstrap is asked for anything but "att".
    """
    fit = fitted(found)
    own = headline_of(fit, headline)
    if bootstrap:
        if headline != "att" or not isinstance(fit, TwoByTwo):
            raise EvaluationError(
                "inference='wild_bootstrap' is there for headline='att' of one start without covariates."
            )
        own = two_way(**fit.data, how="wild_bootstrap", seed=found.seed)[0]
    parts = fit.parts()
    told = [] if headline == "att" else [("att", None, fit.overall)]
    told += [("att", label, contrast) for by, label, _, contrast in parts if by == "start"]
    after = fit.events.times[fit.events.times >= 0]
    months = [(f"month {time + 1}", None, fit.events.mean(time, time)) for time in after if time < terms.LONGEST]
    told += [row for row in months if row[0] != headline]
    shown = [time for time in fit.events.times if -terms.LONGEST <= time < terms.LONGEST]
    event_study = [
        ("since start", str(time), float(time), fit.events.combination((fit.events.times == time).astype(float)))
        for time in shown
    ]
    return Answer(
        headline=own,
        method=BOOTSTRAP if bootstrap else METHOD,
        terms=told,
        event_study=event_study + parts,
        detectable=detectable(own),
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
    first, last = terms.span(headline)
    return fit.events.mean(first - 1, last - 1)


def parallel(fit: TwoByTwo | GroupTimes, told: Callable[[float], str]) -> Check:
    """The joint test of effects before the change, what it could have found, and how far trends may part.

    ``told`` writes a size on the model's scale for readers.
    """
    estimates, covariance, df = fit.before()
    if not len(estimates):
        return Check(PARALLEL, None, "One period before the change says nothing of trends.")
    few = min(fit.found.count, len(fit.found.panel.units) - fit.found.count)
    if len(estimates) * UNITS_FOR_A_LEAD > few:
        return _trend(fit, told)
    test = joint_test(estimates, covariance, df)
    if test is None:
        return Check(PARALLEL, None, "There are too few clusters to test all periods before the change together.")
    stand = "do not differ from nought more than chance allows" if test.p_value > 0.05 else "differ from nought"
    return Check(
        PARALLEL,
        test.p_value > 0.05,
        f"The {test.number} effects before the change {stand} together (joint p {terms.p_words(test.p_value)})."
        + _found_trend(fit, told)
        + _bending(fit, told),
    )


def _bending(fit: TwoByTwo | GroupTimes, told: Callable[[float], str]) -> str:
    """How far trends could bend before the answer is in doubt."""
    breakdown = _breakdown(fit)
    if breakdown is None:
        return ""
    return (
        " The interval would include no change if the difference in trends could bend by"
        f" {told(breakdown)} from one period to the next (Rambachan and Roth 2023)."
    )


def _trend(fit: TwoByTwo | GroupTimes, told: Callable[[float], str]) -> Check:
    """One straight difference in trends, where there are too few units to test all periods before together."""
    events = fit.events
    chosen = (events.times < 0) & (events.times >= -terms.LONGEST)
    times = np.where(chosen, events.times - events.times[chosen].mean(), 0.0)
    if chosen.sum() < 3:
        return Check(PARALLEL, None, f"{int(chosen.sum())} periods before the change are too few to compare trends.")
    slope = events.combination(times / (times @ times))
    stand = "is in line with chance" if slope.p_value > 0.05 else "is more than chance allows"
    unit = name_of(fit.found.panel.periods.freqstr)
    return Check(
        PARALLEL,
        slope.p_value > 0.05,
        f"Before the change the trends differed by {told(slope.estimate)} a {unit}, which {stand}"
        f" (p {terms.p_words(slope.p_value)}). A difference of {told(detectable(slope))} a {unit} would have been found four"
        f" times in five; smaller ones could be missed. There are too few units to test all {int(chosen.sum())} {unit}s"
        " together." + _bending(fit, told),
    )


def _leads(fit: TwoByTwo | GroupTimes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, effects and covariance before the start, each less that of the last period before."""
    events = fit.events
    chosen = (events.times < 0) & (events.times >= -terms.LONGEST)
    put = np.eye(len(events.times))[chosen & (events.times != -1)]
    put = put - (events.times == -1)
    return events.times[chosen & (events.times != -1)], put @ events.estimates, put @ events.covariance @ put.T


def _found_trend(fit: TwoByTwo | GroupTimes, told: Callable[[float], str]) -> str:
    """The straight difference in trends that the joint test would have found four times in five (Roth 2022)."""
    times, _, covariance = _leads(fit)
    if not len(times) or len(times) > fit.events.df or not (np.diag(covariance) > 0).all():
        return ""
    number, df = len(times), fit.events.df
    critical = stats.f.ppf(0.95, number, df)
    noncentral = brentq(lambda size: stats.ncf.sf(critical, number, df, size) - POWER, 1e-6, 1e4)
    slope = np.sqrt(noncentral / ((times + 1.0) @ np.linalg.pinv(covariance) @ (times + 1.0)))
    unit = name_of(fit.found.panel.periods.freqstr)
    return (
        f" A straight difference in trends of {told(float(slope))} a {unit} would have been found four times in five;"
        " smaller ones could be missed."
    )


def _sensitivity(fit: TwoByTwo | GroupTimes, allowed: np.ndarray) -> TrendSensitivity | None:
    """The mean effect where the difference in trends may bend by ``allowed`` a period; None where it cannot be told."""
    events = fit.events
    lead, lag = (events.times < -1) & (events.times >= -BENT_OVER), (events.times >= 0) & (events.times < BENT_OVER)
    put = np.eye(len(events.times))[lead | lag] - (events.times == -1)
    if not lead.any() or not lag.any():
        return None
    try:
        return honest_smoothness(
            put @ events.estimates,
            put @ events.covariance @ put.T,
            int(lead.sum()),
            int(lag.sum()),
            allowed,
            df=events.df,
        )
    except EvaluationError:
        return None


def _breakdown(fit: TwoByTwo | GroupTimes) -> float | None:
    found = _sensitivity(fit, np.array([0.0]))
    return None if found is None or not np.isfinite(found.breakdown) or found.breakdown <= 0 else found.breakdown


def bending_trends(fit: TwoByTwo | GroupTimes) -> Iterator[tuple[str, Callable[[], Contrast]]]:
    """The mean effect over the first year, where trends may part in a straight line, or bend as far as they may."""
    breakdown = _breakdown(fit)
    levels = {"first 12 periods, trends may part in a straight line": 0.0}
    if breakdown is not None:
        levels["first 12 periods, trends may bend by half of what would undo the effect"] = breakdown / 2
    for name, allowed in levels.items():
        yield name, lambda allowed=allowed: _bent(fit, allowed)


def _bent(fit: TwoByTwo | GroupTimes, allowed: float) -> Contrast:
    found = _sensitivity(fit, np.array([allowed]))
    if found is None:
        raise EvaluationError("Trends before the change cannot be judged here.")
    low, high = float(found.low[0]), float(found.high[0])
    return Contrast(0.5 * (low + high), low, high, np.nan, np.nan, fit.events.df)
