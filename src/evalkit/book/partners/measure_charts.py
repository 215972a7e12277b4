"""The charts of one measure at every partner, as plain values that pages show; made again only where something changed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.book.partners.figure_changes import FigureChange, jumps_in_words
from evalkit.book.partners.place_funnel import PlaceFunnel, funnel_of, funnel_of_year
from evalkit.book.partners.point_columns import as_columns, points_as_rows
from evalkit.book.partners.rows import PartnerRows, partner_rows
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.catalogue.records.measures import Measure
from evalkit.charts import past_words, target_words, words
from evalkit.charts.amounts import amount
from evalkit.charts.chart import Chart, SourceChange, Spoken
from evalkit.charts.many import ManyCharts, many_charts
from evalkit.disclosure.rules import small_numbers
from evalkit.equity import Fifths, fifths_of
from evalkit.files import content_sha256
from evalkit.memory import Memory
from evalkit.runs.planning.code_dependencies import code_of, reached_from

FIGURES = 5
SOURCE_CHECK = "chart_source_changes"
LATELY = 12  # months, of which it is told when rules spoke
# What a point is, in a letter: a page holds thousands of them.
LETTERS = {
    "improvement_high": "H", "improvement_low": "L", "concern_high": "h", "concern_low": "l", "neutral_high": "u",
    "neutral_low": "d", "common_cause": ".", "": " ",
}  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Points, from ``first`` to ``last``, whose lines lie alike; missing on a run chart, but for the centre."""

    first: int
    last: int
    centre: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class PartnerChart:
    """One measure at one partner.

    Attributes
    ----------
    first, last : the first month drawn, and the last that was reported
    reported : a value a month from the first on, as it was reported; None where it was not
    judged : what lines and icons are of: the same without season where that was removed, and else the same
    natures : a letter a month, as ``LETTERS`` has them
    value : the last reported point in words
    level : what is usual, and that point without season, in words; empty where points are too few
    began : the first of the unbroken months that are marked as the last one is
    outside, of : how many of the reported months lie outside the limits, and how many there are
    lately : the last six reported months in words
    year_before : the figure of the same month a year before it, as reported and in words; empty where there is none
    against_year_before : how it compares with that, as ``past_words.against_year_before`` has it
    state : what that point was, and why
    brief : the same in a few words, without why
    run_of_year : for how many months in a row it was higher than a year before, negative where lower, nought below six
    year_on_year, ended_run : for how many months it was higher or lower than a year before, and a run that has ended
    aim : what the target comes to; empty without one
    aim_counted : in how many months it was met, without its number
    aim_in_month : whether it was met in the month that it was set for; empty where it was set for no single one
    aim_gainsaid : whether one of the last twelve months did otherwise than the icon of assurance says
    season_removed : whether season was
    spoken : each time that a rule spoke in the year up to the last reported month, oldest first
    source_changes : from when on figures come from another source, where the partner has figures of both
    changes : mergers and jumps
    cautions : what to know before it is read, a sentence each
    in_doubt : how many of the months without a figure were left out as their dates are in doubt
    """

    code: str
    first: str
    last: str
    reported: list[float | None]
    judged: list[float | None]
    natures: str
    lines: list[Stretch]
    variation: str
    assurance: str
    value: str
    level: str
    began: str
    outside: int
    of: int
    lately: str
    year_before: str
    against_year_before: str
    state: str
    brief: str
    run_of_year: int
    year_on_year: str
    ended_run: str
    aim: str
    aim_counted: str
    aim_in_month: str
    aim_gainsaid: bool
    season_removed: bool
    spoken: list[Spoken]
    source_changes: list[SourceChange]
    cautions: list[str]
    in_doubt: int = 0
    changes: list[FigureChange] = field(default_factory=list)

    @property
    def months(self) -> list[str]:
        """Of each value, such as ``2025-08``."""
        return [str(month) for month in pd.period_range(self.first, periods=len(self.judged), freq="M")]

    @property
    def altered(self) -> list[str]:
        """What happened to its figures, a sentence each: mergers, and every jump in one."""
        return [*(one.what for one in self.changes if one.grew is None), *filter(None, [jumps_in_words(self.changes)])]

    @property
    def is_judged(self) -> bool:
        """Whether there are points enough for an icon."""
        return self.variation != "not_enough_points"


@dataclass(frozen=True)
class MeasureCharts:
    """One measure at every partner, by code; ``newest`` is the last month that anybody reported, empty without any.

    ``fifths`` compares shares by the deprivation of trusts; ``points`` has every point of every chart, as
    ``point_columns.as_columns`` gives them.
    """

    measure: str
    kind: str
    season: str
    unit: str
    target: float | None
    newest: str
    partners: list[PartnerChart]
    left_out: list[tuple[str, str]]
    notes: list[str]
    funnel: PlaceFunnel | None
    fifths: Fifths | None = None
    points: str = ""

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "MeasureCharts":
        """What ``dataclasses.asdict`` made of it, and JSON of that."""
        values: dict[str, Any] = dict(plain)
        values["partners"] = [_chart_from(one) for one in plain["partners"]]
        values["left_out"] = [(code, why) for code, why in plain["left_out"]]
        values["funnel"] = plain["funnel"] and PlaceFunnel(**plain["funnel"])
        values["fifths"] = plain["fifths"] and Fifths.from_plain(plain["fifths"])
        return cls(**values)


def _chart_from(plain: Mapping[str, Any]) -> PartnerChart:
    values: dict[str, Any] = dict(plain)
    for name, kind in (
        ("lines", Stretch),
        ("spoken", Spoken),
        ("source_changes", SourceChange),
        ("changes", FigureChange),
    ):
        values[name] = [kind(**one) for one in plain[name]]
    return PartnerChart(**values)


def charts_of_measures(catalogue: Catalogue) -> list[MeasureCharts]:
    """Those of every entry of ``data/control_charts.yml``, by the name of the measure; kept for the next time.

    Raises
    ------
    InputRefused
        Where a table cannot be read.
    """
    memory = Memory.of_project(catalogue.root, "partner-charts")
    code = code_of(reached_from(frozenset({__name__})))
    made = []
    for id, entry in catalogue.control_charts.items():
        measure, table = catalogue.measures[id], catalogue.tables[entry.table]
        depends = {
            "table": content_sha256(str(catalogue.root / "data" / table.path)),
            "description": table.model_dump_json(by_alias=True),
            "entry": entry.model_dump_json(),
            "measure": measure.model_dump_json(),
            "organisations": sorted(
                (code, one.sector or "", one.deprivation_fifth or 0)
                for code, one in catalogue.organisations.items()
                if one.sector
            ),
            "names": sorted((code, one.name) for code, one in catalogue.organisations.items() if one.sector),
            "successors": sorted(str(line.written()) for line in catalogue.successors.values()),
            "code": code,
        }
        kept = memory.recall(id, depends)
        if kept is not None:
            made.append(MeasureCharts.from_plain(kept.content))
            continue
        charts = charts_of(catalogue, measure, entry)
        memory.remember(id, depends, asdict(charts))
        made.append(charts)
    memory.forget_all_but(catalogue.control_charts)
    return sorted(made, key=lambda charts: catalogue.measures[charts.measure].name.casefold())


def charts_of(catalogue: Catalogue, measure: Measure, entry: ControlChart) -> MeasureCharts:
    """The charts of one measure."""
    rows = partner_rows(catalogue, measure, entry)
    empty = MeasureCharts(
        measure.id, entry.kind, entry.season, rows.unit, entry.target.value if entry.target else None, "", [],
        rows.left_out, rows.notes, None,
    )  # fmt: skip
    if rows.frame.empty:
        return empty
    many = _many(rows, measure, entry)
    disclosure = catalogue.tables[entry.table].layout.disclosure.rule
    counts = {name: _block(rows, many, name) for name in ("numerator", "denominator")}
    partners, points = [], []
    for row, unit in enumerate(many.names):
        chart = many.chart(
            row,
            measure=measure.id,
            measure_unit=rows.unit if entry.kind in ("xmr", "run") or entry.per in (1, 100) else f"per {entry.per:,g}",
            label=unit,
            numerators=counts["numerator"][row],
            denominators=counts["denominator"][row],
            data={"table": entry.table, "disclosure": disclosure},
        )
        if small_numbers(disclosure) is not None:
            chart = chart.published(disclosure)
        set_for = entry.target.month if entry.target else None
        changes = rows.changes.get(unit, [])
        partners.append(_plain(chart, bool(many.season_removed[row]), changes, rows.in_doubt, set_for))
        points.append(points_as_rows(chart, bool(many.season_removed[row]), rows.unit, changes))
    return replace(
        empty,
        newest=str(rows.frame.loc[rows.frame["value"].notna(), "period"].max()),
        partners=sorted(partners, key=lambda one: one.code),
        funnel=funnel_of_year(rows.frame) if entry.contrast else funnel_of(rows.frame, measure),
        fifths=_fifths(catalogue, rows, measure, entry),
        points=as_columns(points),
    )


def _fifths(catalogue: Catalogue, rows: PartnerRows, measure: Measure, entry: ControlChart) -> Fifths | None:
    """By the fifth of deprivation of trusts; of a count nothing, since a larger trust counts more."""
    if not (measure.form == "proportion" or entry.contrast == "share"):
        return None
    known = catalogue.organisations
    fifths = {code: one.deprivation_fifth for code, one in known.items() if one.deprivation_fifth is not None}
    return fifths_of(rows.frame, fifths)


def _many(rows: PartnerRows, measure: Measure, entry: ControlChart) -> ManyCharts:
    counted = entry.kind in ("p", "u")
    return many_charts(
        rows.frame,
        series="unit",
        outcome="numerator" if counted else "value",
        denominator="denominator" if counted else None,
        time="period",
        per=entry.per,
        kind=entry.kind,
        target=entry.target.value if entry.target else None,
        direction=measure.direction,
        season="months" if entry.season == "months" else None,
        rebase=_rebasings(rows, entry),
        source_changes=rows.source_changes,
    )


def _rebasings(rows: PartnerRows, entry: ControlChart) -> dict[str, dict[str, str]]:
    """Of each partner the events with figures before and after, since an empty phase has no limits."""
    found = {}
    for unit, months in rows.frame[rows.frame["value"].notna()].groupby("unit")["period"]:
        events = [(one.begins.isoformat(), one.what) for one in entry.rebase]
        merged = [one for one in rows.changes.get(str(unit), []) if one.rebased]
        events += [(f"{one.since}-01", f"{one.what} {one.source}".rstrip()) for one in merged]
        dates, before = {}, months.min()
        for day, what in sorted(events):
            at = pd.Period(day, "M") + int(not day.endswith("-01"))
            if ((months >= before) & (months < at)).any() and (months >= at).any():
                dates[day], before = what, at
        if dates:
            found[str(unit)] = dates
    return found


def _block(rows: PartnerRows, many: ManyCharts, name: str) -> np.ndarray:
    """A column as (n, t), in the order of the charts."""
    wide = rows.frame.pivot(index="unit", columns="period", values=name)
    return wide.reindex(index=many.names, columns=many.periods).to_numpy(float)


def _plain(
    chart: Chart,
    season_removed: bool,
    changes: list[FigureChange],
    in_doubt: set[tuple[str, pd.Period]],
    set_for: str | None,
) -> PartnerChart:
    points, last, before = chart.points, chart.last, chart.year_before
    # A change of source is the same at every partner, and stands in the notes of the measure.
    cautions = [check.detail for check in chart.checks if check.passed is False and check.code != SOURCE_CHECK]
    told = {one.since for one in changes if one.rebased}
    begun = [str(first) for first, reason in zip(chart.phases["first"], chart.phases["reason"], strict=True) if reason]
    cautions += [said for said, month in zip(words.rebasings(chart), begun, strict=True) if month not in told]
    return PartnerChart(
        code=chart.label,
        first=str(points["period"].iloc[0]),
        last=str(last["period"]),
        reported=_rounded(points["value"]),
        judged=_rounded(points["judged"]),
        natures="".join(LETTERS[nature] for nature in points["nature"]),
        lines=_stretches(points),
        variation=chart.variation,
        assurance=chart.assurance,
        value=words.reported(chart),
        level=words.level(chart),
        began=words.since(chart),
        outside=int(points["outside_limits"].sum()),
        of=int(points["value"].notna().sum()),
        lately=words.lately(chart),
        year_before="" if before is None else amount(chart, before["value"]),
        against_year_before=past_words.against_year_before(chart),
        state=words.state(chart),
        brief=words.state_in_brief(chart),
        run_of_year=past_words.run_against_year_before(chart),
        year_on_year=past_words.year_on_year(chart),
        ended_run=past_words.ended_run(chart),
        aim=target_words.assurance(chart, one_period_only=set_for is not None),
        aim_counted=f"{'would have been ' if set_for else ''}{target_words.counted(chart)}",
        aim_in_month=target_words.in_period(chart, pd.Period(set_for, "M")) if set_for else "",
        aim_gainsaid=target_words.gainsaid(chart),
        season_removed=season_removed,
        spoken=[one for one in chart.spoken if pd.Period(one.until, "M") > last["period"] - LATELY],
        source_changes=list(chart.source_changes),
        cautions=cautions,
        in_doubt=sum((chart.label, month) in in_doubt for month in points["period"]),
        changes=changes,
    )


def _stretches(points: pd.DataFrame) -> list[Stretch]:
    lines = [_rounded(points[name]) for name in ("centre", "lower", "upper")]
    stretches: list[Stretch] = []
    for at, (centre, lower, upper) in enumerate(zip(*lines, strict=True)):
        if centre is None:
            continue
        before = stretches[-1] if stretches else None
        if before and before.last == at - 1 and (before.centre, before.lower, before.upper) == (centre, lower, upper):
            stretches[-1] = replace(before, last=at)
        else:
            stretches.append(Stretch(at, at, centre, lower, upper))
    return stretches


def _rounded(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(f"{value:.{FIGURES}g}") for value in values.to_numpy(float)]
