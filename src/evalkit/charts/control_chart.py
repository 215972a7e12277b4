"""``control_chart``: one series, its limits, what is special in it, and what its last point and its target come to."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from evalkit.charts import rules, seasons
from evalkit.charts.arguments import known, refuse_baseline, refuse_switches, refuse_target, refuse_what_does_not_fit
from evalkit.charts.chart import Chart
from evalkit.charts.checks import Choices, checks_of, notes_of
from evalkit.charts.counts import COUNTED, drawn_values
from evalkit.charts.lines import WITH_DENOMINATOR, large_denominators, lines
from evalkit.charts.series import (
    Series,
    days_between,
    of_events,
    of_one_unit,
    of_periods,
    phases_of,
    refuse_unknown_columns,
)
from evalkit.charts.spoken import spoken_in
from evalkit.charts.tables import changes_of, phases_in, points_of
from evalkit.errors import EvaluationError

EVENTS = ("t", "g")


def control_chart(
    frame: pd.DataFrame,
    *,
    outcome: str | None,
    time: str,
    target: float | str | None = None,
    direction: str = "increase",
    kind: str = "xmr",
    denominator: str | None = None,
    per: float = 1,
    rule: str = "mdc_2023",
    rebase: Any = None,
    baseline: int | None = None,
    trajectory: str | None = None,
    screen_moving_ranges: bool | None = None,
    laney: bool | None = None,
    season: str | None = None,
    source_changes: Any = None,
    unit: str | None = None,
    label: str | None = None,
) -> Chart:
    """A control chart by the rules of Making Data Count: what varies as it always did, and what does not.

    A point is special where it lies outside the limits; where it is one of seven or more that all rise or all fall, ties
    excluded; where it lies beyond two thirds of the way to a limit, as one of two such among three in a row on one side;
    or where it is one of seven or more in a row on one side of the centre line. A period that was not reported ends a run,
    is never taken for nought, and no moving range goes across it. Limits are made anew only at events that you date and
    explain. A chart has no verdict: it cannot tell a change's effect from whatever else happened then.

    Parameters
    ----------
    frame : DataFrame
        A row a period, or for ``t`` and ``g`` a row an event.
    outcome : str or None
        Column that is drawn. For ``p`` and ``u`` the counts; for ``t`` days since the event before, or ``None`` to take
        them from the dates of the events in ``time``; for ``g`` cases since the event before.
    time : str
        Column of periods: datetimes, periods, text such as ``2017-07``, or numbers from 0 or 1 on; of events, their dates
        or numbers.
    target : float or str, optional
        A number, or a column with a target for each period.
    direction : str
        What is better: ``"increase"``, ``"decrease"``, or ``"neutral"`` where neither is.
    kind : str
        ``"xmr"`` (individual values), ``"p"`` (shares), ``"u"`` (rates), ``"c"`` (counts), ``"run"`` (median, no limits),
        ``"t"`` (time between rare events) or ``"g"`` (cases between rare events).
    denominator : str, optional
        Column that ``outcome`` is divided by, for ``p`` and ``u``.
    per : float
        What shares and rates are multiplied by: 100 for per cent, 1,000 for a rate per 1,000.
    rule : str
        ``"mdc_2023"``, or ``"nhsr_0_2_2"`` as NHSRplotthedots 0.2.2 has it: points beyond a limit do not count in two of
        three, large moving ranges are screened out, and there is an icon however few points there are.
    rebase : mapping of date to reason, optional
        Known events from which on limits are made anew, each with its reason: the first period that begins on the date or
        after it begins a phase.
    baseline : int, optional
        Limits of a phase are made of its first so many reported points, 2 or more, and later ones are only held against
        them. By default of all.
    trajectory : str, optional
        Column with the path that was planned. Without a target, assurance is judged against it.
    screen_moving_ranges : bool, optional
        Leave moving ranges of 3.267 times their mean or more out of the mean. By default as ``rule`` has it: not in
        Making Data Count's own tool, but in NHSRplotthedots.
    laney : bool, optional
        Widen the limits of ``p`` and ``u`` charts by Laney's factor. By default where the median denominator is above
        1,000, where limits by chance alone are too narrow.
    season : str, optional
        ``"months"`` or ``"quarters"``: take the season out of an ``xmr`` chart first. It is fitted beside a straight line and
        a level for each phase. ``Chart.points`` then has values as reported in ``value``, and without season in ``judged``.
    source_changes : mapping of date to reason, optional
        Known dates from which on figures come from another source or are recorded in another way. Season is fitted with a
        level on either side, so that the step is not taken for it; limits are not made anew, which ``rebase`` does, and
        the chart says that a point can be special for that alone.
    unit, label : str, optional
        Column that says whose a row is, and which of them is drawn. Without both, a frame with a column ``unit`` has to
        hold one.

    Returns
    -------
    Chart
        ``points`` with a column for each rule, ``phases``, ``variation``, ``assurance``.

    Raises
    ------
    EvaluationError
        Naming the argument, column or period of what cannot be used.

    Examples
    --------
    Visits to the A&E of Weston, a point a month, with limits made anew when it closed at night:

    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2019-03",
    ... )
    >>> chart = ek.control_chart(
    ...     frame, outcome="value", time="period", direction="neutral",
    ...     rebase={"2017-07-04": "The A&E closed at night"},
    ... )
    >>> chart.variation
    'common_cause'
    >>> phases = chart.phases[["points", "centre", "lower", "upper"]]
    >>> print(phases.round(0).to_string(index=False))
     points  centre  lower  upper
         16  4441.0 3631.0 5251.0
         20  3966.0 3413.0 4519.0

    With one mean throughout, the last month is special, as one of seven or more in a row below it:

    >>> chart = ek.control_chart(
    ...     frame, outcome="value", time="period", direction="neutral"
    ... )
    >>> chart.variation, chart.last["special_cause"]
    ('neutral_low', 'shift')
    """
    kind, rule, direction = known(kind, rule, direction)
    refuse_what_does_not_fit(kind, outcome, denominator, per, season)
    refuse_switches(kind, screen_moving_ranges=screen_moving_ranges, laney=laney)
    refuse_target(target)
    refuse_baseline(baseline)
    target_column = target if isinstance(target, str) else None
    refuse_unknown_columns(
        frame, outcome=outcome, time=time, denominator=denominator, target=target_column, trajectory=trajectory
    )
    about = frame.attrs.get("evalkit", {})
    rows, named = of_one_unit(frame, unit, label)
    columns = {
        "outcome": outcome,
        "denominator": denominator or _counts_beside(rows, "denominator", outcome),
        "numerator": outcome if kind in COUNTED else _counts_beside(rows, "numerator", outcome),
        "target": target_column,
        "trajectory": trajectory,
    }
    series = (of_events if kind in EVENTS else of_periods)(rows, time, columns)
    if outcome is None:
        series.rows["outcome"] = days_between(series.periods)
    counts, wholes = series.part("outcome"), series.part("denominator")
    shares = drawn_values(
        kind, counts, wholes, (outcome or time, denominator), lambda place: str(series.periods[place])
    )
    phases, reasons = phases_of(series.periods, rebase)
    _refuse_empty(shares, phases, series, outcome or time)
    sources, whats = phases_of(series.periods, source_changes, "source_changes")
    changes = changes_of(series.periods, sources, whats)
    without_season, range_factor = shares, 1.0
    if season is not None:
        without_season, range_factor = seasons.removed(shares, phases, series.periods, season, sources)
    wholes = np.where(np.isfinite(shares), wholes, np.nan)
    large = kind in WITH_DENOMINATOR and bool(large_denominators(wholes[None])[0])
    choices = Choices(
        kind=kind,
        rule=rule,
        screen=rule == "nhsr_0_2_2" if screen_moving_ranges is None else screen_moving_ranges,
        laney=large if laney is None else laney,
        season=seasons.in_words(series.periods, season, sources=bool(changes)),
        baseline=baseline,
    )
    drawn = lines(
        kind, without_season[None], phases[None], denominators=wholes[None], screen=choices.screen,
        laney=np.array([choices.laney]), range_factor=range_factor, baseline=baseline,
    ).times(per)  # fmt: skip
    values, judged, way = shares * per, without_season * per, rules.DIRECTIONS[direction]
    found = rules.signals(judged[None], drawn, phases[None], rule, skip_centre=kind == "run")
    fixed = None if target is None or target_column else float(target)
    points = points_of(series, values, judged, phases, drawn, found, way, fixed)
    last, count = rules.last_reported(values[None]), rules.reported_in_last_phase(values[None], phases[None])
    aim = _judged_against(points.iloc[int(last[0])])
    return Chart(
        kind=kind,
        rule=rule,
        direction=direction,
        measure=str(about.get("measure", outcome or time)),
        measure_unit=_unit(kind, per, outcome, about),
        label=named,
        points=points,
        phases=phases_in(points, reasons, drawn),
        variation=str(rules.variations(found.way, last, count, np.array([way]), rule)[0]),
        assurance=str(rules.assurances(drawn, last, count, np.array([aim]), np.array([way]), rule)[0]),
        target=None if np.isnan(aim) else aim,
        season=choices.season,
        spoken=spoken_in(found, judged, series.periods, way, skip_centre=kind == "run"),
        source_changes=changes,
        checks=checks_of(values, phases, series.periods, choices, season is not None, large, changes),
        notes=(*notes_of(choices, int(drawn.screened.sum()), drawn.widened[0]), *about.get("notes", ())),
        data=dict(about.get("data", {})),
    )


def _counts_beside(rows: pd.DataFrame, name: str, outcome: str | None) -> str | None:
    """The counts behind the values that `ek.load` gives, so that the gate can see them."""
    return name if outcome == "value" and {"numerator", "denominator", "flag"} <= set(rows.columns) else None


def _refuse_empty(values: np.ndarray, phases: np.ndarray, series: Series, outcome: str) -> None:
    for phase in range(int(phases.max()) + 1):
        if not np.isfinite(values[phases == phase]).any():
            first = series.periods[int(np.argmax(phases == phase))]
            where = "at all" if phases.max() == 0 else f"in the phase that begins in {first}"
            raise EvaluationError(f"Column `{outcome}` has no value {where}: there is nothing to draw.", "outcome")


def _judged_against(last: pd.Series) -> float:
    """The target at the last reported point, or else the trajectory there; missing where there is neither."""
    return float(last["trajectory"] if pd.isna(last["target"]) else last["target"])


def _unit(kind: str, per: float, outcome: str | None, about: Mapping[str, Any]) -> str:
    if kind == "t":
        return "days" if outcome is None else ""
    if kind in WITH_DENOMINATOR:
        form = {"p": "proportion", "u": "rate"}[kind]
        if per == 100 and kind == "p":
            return str(about["measure_unit"]) if about.get("form") == form else "%"
        return "" if per == 1 else f"per {per:,g}"
    return str(about.get("measure_unit", "")) if outcome == "value" else ""
