"""Charts of many series at once, as quick as a page of thousands needs them, and point for point those of each alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from evalkit.charts import rules, seasons
from evalkit.charts.arguments import known, refuse_baseline, refuse_switches, refuse_target, refuse_what_does_not_fit
from evalkit.charts.chart import Chart, SourceChange
from evalkit.charts.checks import Choices, checks_of, notes_of
from evalkit.charts.counts import drawn_values
from evalkit.charts.lines import KINDS, WITH_DENOMINATOR, Lines, large_denominators, lines
from evalkit.charts.series import Series, numbers_in, phases_of, refuse_unknown_columns
from evalkit.charts.spoken import spoken_in
from evalkit.charts.tables import changes_of, phases_in, points_of
from evalkit.errors import EvaluationError, did_you_mean
from evalkit.intake.periods import to_periods


@dataclass(frozen=True, eq=False)
class ManyCharts:
    """What ``control_chart`` says of each of many series, without a ``Chart`` for each.

    Attributes
    ----------
    kind, rule : str
    way : (n,) int
        Which way is better: 1 up, -1 down, 0 neither.
    names : list
        Of the series (n), in the order in which the frame names them; tuples where several columns name them.
    periods : PeriodIndex
        From the first to the last of all (t).
    values : (n, t) float
        As reported; missing where not.
    judged : (n, t) float
        What lines and rules are of: without season, where it was removed.
    phases : (n, t) int
        From 0.
    lines : Lines
    signals : Signals
    season_removed : (n,) bool
        Of which it was.
    reasons : list of list of str
        Why each phase of a series begins; nothing for the first.
    source_changes : list of tuple of SourceChange
        Those of each series.
    last : (n,) int
        The place of the last reported point, -1 where there is none.
    reported : (n,) int
        Points in the phase of the last one.
    target : (n,) float
        What assurance was judged against; missing where there is none.
    variation, assurance, season : (n,) object
        As ``Chart`` has them.
    """

    kind: str
    rule: str
    way: np.ndarray
    names: list[Any]
    periods: pd.PeriodIndex
    values: np.ndarray
    judged: np.ndarray
    phases: np.ndarray
    lines: Lines
    signals: rules.Signals
    season_removed: np.ndarray
    season: np.ndarray
    reasons: list[list[str]]
    source_changes: list[tuple[SourceChange, ...]]
    last: np.ndarray
    reported: np.ndarray
    target: np.ndarray
    variation: np.ndarray
    assurance: np.ndarray

    def table(self) -> pd.DataFrame:
        """A row a series: ``name, period, value, judged, centre, lower, upper, reported, target, variation, assurance``.

        The last reported point, with the lines there; missing where nothing was reported.
        """
        at, there = np.maximum(self.last, 0)[:, None], self.last >= 0

        def at_last(block: np.ndarray) -> np.ndarray:
            return np.where(there, np.take_along_axis(block, at, axis=1)[:, 0], np.nan)

        periods = self.periods[at[:, 0]].astype(object)
        return pd.DataFrame(
            {
                "name": pd.Series(self.names, dtype=object),
                "period": [period if reported else None for period, reported in zip(periods, there, strict=True)],
                "value": at_last(self.values),
                "judged": at_last(self.judged),
                "centre": at_last(self.lines.centre),
                "lower": at_last(self.lines.lower),
                "upper": at_last(self.lines.upper),
                "reported": self.reported,
                "target": self.target,
                "variation": self.variation,
                "assurance": self.assurance,
            }
        )

    def chart(
        self,
        row: int,
        *,
        measure: str,
        measure_unit: str,
        label: str,
        numerators: np.ndarray | None = None,
        denominators: np.ndarray | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> Chart:
        """The chart of one series, from its first reported point to the last period of all.

        Parameters
        ----------
        numerators, denominators : (t,) float, optional
            The counts behind its values, so that the gate can see them.
        data : mapping, optional
            As ``Chart`` has it.

        Raises
        ------
        EvaluationError
            Where nothing was reported of it.
        """
        there = np.flatnonzero(np.isfinite(self.values[row]))
        if not len(there):
            raise EvaluationError(f"{_named(self.names[row])} has no value at all: there is nothing to draw.", "series")
        span = slice(int(there[0]), len(self.periods))
        missing = np.full(len(self.periods), np.nan)
        counts = {"numerator": numerators, "denominator": denominators, "target": None, "trajectory": None}
        parts = {name: (missing if part is None else part)[span] for name, part in counts.items()}
        drawn, found = _of_row(self.lines, row, span), _of_row(self.signals, row, span)
        way, phases = int(self.way[row]), self.phases[row, span]
        target = None if np.isnan(self.target[row]) else float(self.target[row])
        values, judged = self.values[row, span], self.judged[row, span]
        series = Series(self.periods[span], pd.DataFrame(parts))
        points = points_of(series, values, judged, phases, drawn, found, way, target)
        removed, season = bool(self.season_removed[row]), str(self.season[row])
        widened = drawn.widened[0]
        choices = Choices(self.kind, self.rule, self.rule == "nhsr_0_2_2", bool((widened != 1).any()), season)
        large = bool(large_denominators(parts["denominator"][None])[0]) if self.kind in WITH_DENOMINATOR else False
        return Chart(
            kind=self.kind,
            rule=self.rule,
            direction=next(name for name, number in rules.DIRECTIONS.items() if number == way),
            measure=measure,
            measure_unit=measure_unit,
            label=label,
            points=points,
            phases=phases_in(points, self.reasons[row], drawn),
            variation=str(self.variation[row]),
            assurance=str(self.assurance[row]),
            target=target,
            season=season,
            spoken=spoken_in(found, judged, series.periods, way, skip_centre=self.kind == "run"),
            source_changes=self.source_changes[row],
            checks=checks_of(values, phases, series.periods, choices, removed, large, self.source_changes[row]),
            notes=notes_of(choices, int(drawn.screened.sum()), widened),
            data=dict(data or {}),
        )


def many_charts(
    frame: pd.DataFrame,
    *,
    series: str | Sequence[str],
    outcome: str,
    time: str,
    target: float | str | Mapping[Any, float] | None = None,
    direction: str | Mapping[Any, str] = "increase",
    kind: str = "xmr",
    denominator: str | None = None,
    per: float = 1,
    rule: str = "mdc_2023",
    rebase: Mapping[Any, Any] | None = None,
    baseline: int | None = None,
    screen_moving_ranges: bool | None = None,
    laney: bool | None = None,
    season: str | None = None,
    source_changes: Any = None,
) -> ManyCharts:
    """``control_chart`` of each series in a long frame.

    Parameters
    ----------
    frame : DataFrame
        A row a series and period.
    series : str or sequence of str
        Column or columns that name a series.
    outcome, time, kind, denominator, per, rule, baseline, screen_moving_ranges, laney
        As in ``control_chart``; ``kind`` is ``xmr``, ``run``, ``p``, ``u`` or ``c``.
    target : float, str or mapping of name to float, optional
        One for all, a column with the target of each row, or by name.
    direction : str or mapping of name to str
        One for all, or by name.
    rebase : mapping of name to rebasings, optional
        As ``control_chart`` takes them.
    season : str, optional
        As ``control_chart`` takes it; but from a series with fewer than three years of a calendar month, which would be
        refused there, it is not removed, and its ``season`` says so.
    source_changes : mapping of date to reason, optional
        As ``control_chart`` takes them, for all series; each has those before and after which it reported.

    Raises
    ------
    EvaluationError
        Naming the argument, or the series and period of what cannot be used.
    """
    kind, rule, _ = known(kind, rule, "neutral")
    if kind in ("t", "g"):
        raise EvaluationError(f"A {KINDS[kind]} has no periods in common with others: use control_chart.", "kind")
    refuse_what_does_not_fit(kind, outcome, denominator, per, season)
    refuse_switches(kind, screen_moving_ranges=screen_moving_ranges, laney=laney)
    refuse_baseline(baseline)
    if not isinstance(target, Mapping):
        refuse_target(target)
    target_column = target if isinstance(target, str) else None
    naming = [series] if isinstance(series, str) else list(series)
    refuse_unknown_columns(frame, outcome=outcome, time=time, denominator=denominator, target=target_column)
    for column in naming:
        refuse_unknown_columns(frame, series=column)
    blocks, names, periods = _blocks(
        frame, naming, time, {"outcome": outcome, "denominator": denominator, "target": target_column}
    )
    wholes = blocks["denominator"]
    shares = drawn_values(
        kind, blocks["outcome"], wholes, (outcome, denominator),
        lambda place: f"{_named(names[place // len(periods)])}, {periods[place % len(periods)]}",
    )  # fmt: skip
    wholes = np.where(np.isfinite(shares), wholes, np.nan)
    phases, reasons = _phases(names, periods, shares, rebase or {})
    sources, changes = _sources(periods, shares, source_changes)
    without_season, removed, range_factor = _without_season(shares, phases, periods, season, sources)
    widen = np.zeros(len(names), bool)
    if kind in WITH_DENOMINATOR:
        widen = large_denominators(wholes) if laney is None else np.full(len(names), bool(laney))
    drawn = lines(
        kind, without_season, phases, denominators=wholes, laney=widen, baseline=baseline, range_factor=range_factor,
        screen=rule == "nhsr_0_2_2" if screen_moving_ranges is None else screen_moving_ranges,
    ).times(per)  # fmt: skip
    values, judged = shares * per, without_season * per
    found = rules.signals(judged, drawn, phases, rule, skip_centre=kind == "run")
    last, reported = rules.last_reported(values), rules.reported_in_last_phase(values, phases)
    way = _ways(names, direction)
    targets = _targets(names, target, blocks["target"], last)
    said = [
        seasons.in_words(periods, season, removed=bool(one), sources=bool(changed))
        for one, changed in zip(removed, changes, strict=True)
    ]
    return ManyCharts(
        kind, rule, way, names, periods, values, judged, phases, drawn, found, removed, np.array(said, dtype=object),
        reasons, changes, last, reported, targets,
        rules.variations(found.way, last, reported, way, rule),
        rules.assurances(drawn, last, reported, targets, way, rule),
    )  # fmt: skip


def _blocks(
    frame: pd.DataFrame, naming: list[str], time: str, columns: Mapping[str, str | None]
) -> tuple[dict[str, np.ndarray], list[Any], pd.PeriodIndex]:
    """Each column as (n, t), what its rows are called, and its periods."""
    numbers = numbers_in(frame, time, columns)
    of, names = pd.factorize(frame[naming[0]] if len(naming) == 1 else pd.MultiIndex.from_frame(frame[naming]))
    if (of < 0).any():
        raise EvaluationError(
            f"Column `{naming[0]}` is blank in row {int(np.argmax(of < 0)) + 1}: name the series.", "series"
        )
    at = to_periods(frame[time], time)
    periods = pd.period_range(at.min(), at.max(), name="period")
    step = np.asarray(at.asi8 - periods.asi8[0])
    place = of * len(periods) + step
    order = np.sort(place)
    if (twice := order[1:][order[1:] == order[:-1]]).size:
        name, period = names[twice[0] // len(periods)], periods[twice[0] % len(periods)]
        raise EvaluationError(f"{_named(name)} has two rows for {period} in column `{time}`: keep one.", "series")
    blocks = {}
    for part in columns:
        flat = np.full(len(names) * len(periods), np.nan)
        if part in numbers:
            flat[place] = numbers[part].to_numpy(float)
        blocks[part] = flat.reshape(len(names), len(periods))
    return blocks, list(names), periods


def _sources(
    periods: pd.PeriodIndex, values: np.ndarray, events: Any
) -> tuple[np.ndarray, list[tuple[SourceChange, ...]]]:
    """Which source each value (n, t) is from, numbered from 0, and the changes between those that a series has."""
    sources, whats = phases_of(periods, events, "source_changes")
    changes = []
    for row in values:
        there = np.unique(sources[np.isfinite(row)])
        known = [what if number in there[1:] else "" for number, what in enumerate(whats)]
        changes.append(changes_of(periods, sources, known))
    return np.broadcast_to(sources, values.shape), changes


def _without_season(
    values: np.ndarray, phases: np.ndarray, periods: pd.PeriodIndex, by: str | None, sources: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The values (n, t) without season, of which series it was removed, and what their moving ranges are multiplied by."""
    changed, removed, factor = values.copy(), np.zeros(len(values), bool), np.ones((len(values), 1))
    if by is None:
        return changed, removed, factor
    seasons.refuse_other_periods(periods, by)
    for row in range(len(values)):
        if seasons.years_reported(values[row], periods) >= seasons.YEARS_NEEDED:
            changed[row], factor[row, 0] = seasons.removed(values[row], phases[row], periods, by, sources[row])
            removed[row] = True
    return changed, removed, factor


def _phases(
    names: list[Any], periods: pd.PeriodIndex, values: np.ndarray, rebase: Mapping[Any, Any]
) -> tuple[np.ndarray, list[list[str]]]:
    phases, reasons = np.zeros(values.shape, int), [[""] for _ in names]
    for name, pairs in rebase.items():
        row = _row(names, name, "rebase")
        there = np.flatnonzero(np.isfinite(values[row]))
        if len(there) == 0:
            continue
        within = slice(there[0], there[-1] + 1)
        phases[row, within], reasons[row] = phases_of(periods[within], pairs)
        phases[row, there[-1] + 1 :] = phases[row, there[-1]]
    return phases, reasons


def _ways(names: list[Any], direction: str | Mapping[Any, str]) -> np.ndarray:
    given = [direction] * len(names) if isinstance(direction, str) else []
    if isinstance(direction, Mapping):
        without = [name for name in names if name not in direction]
        if without:
            raise EvaluationError(f"{_named(without[0])} has no direction: give one for each series.", "direction")
        given = [direction[name] for name in names]
    for one in dict.fromkeys(given):
        known("xmr", "mdc_2023", one)
    return np.array([rules.DIRECTIONS[one] for one in given])


def _targets(
    names: list[Any], target: float | str | Mapping[Any, float] | None, block: np.ndarray, last: np.ndarray
) -> np.ndarray:
    if isinstance(target, str):
        return np.take_along_axis(block, np.maximum(last, 0)[:, None], axis=1)[:, 0]
    targets = np.full(len(names), np.nan)
    if isinstance(target, Mapping):
        for name, one in target.items():
            refuse_target(one)
            targets[_row(names, name, "target")] = np.nan if one is None else one
    elif target is not None:
        targets[:] = target
    return targets


def _of_row(blocks: Any, row: int, span: slice) -> Any:
    """One series of lines or signals."""
    parts = {field.name: getattr(blocks, field.name)[row : row + 1, span] for field in fields(blocks)}
    return type(blocks)(**parts)


def _row(names: list[Any], name: Any, argument: str) -> int:
    if name not in names:
        hint = did_you_mean(_named(name), [_named(one) for one in names])
        raise EvaluationError(f"{argument} names {_named(name)}, which is no series of the frame{hint}.", argument)
    return names.index(name)


def _named(name: Any) -> str:
    return ", ".join(map(str, name)) if isinstance(name, tuple) else str(name)
