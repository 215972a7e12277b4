"""How often a control chart raises an icon by chance: on stable series like those of each measure in the matrix.

``python -m tools.chart_alarms`` writes ``data/chart_alarms.csv``, which the pages read; ``python -m tools.chart_alarms
compare`` prints what the other ways of charting each measure would raise, and writes nothing.

A stable series has one level, one season and one noise for as long as it is: whatever a chart raises in it is raised by
chance. Each acute trust's own series gives them, on the scale of logarithms (counts) or log odds (shares):

- Season and line: twelve calendar months that add up to nought, a straight line and, where figures come from another source
  from some month on, a level from there are fitted by generalised least squares (Cochrane and Orcutt 1949, Journal of the
  American Statistical Association 44, 32-61). The variance that its errors give the season is then taken off. Of line and
  levels only their mean is kept, as a stable series has neither a trend nor a step.
- Noise: what lies about both, of which each month keeps a part of the one before (autoregressive of order one). The line
  makes the correlation r of neighbouring months too small by about (2 + 4 r) / n, so that (n r + 2) / (n - 4) is taken.

A step or a bend in a real series still counts as correlation, so that rates are rather too high than too low where trusts
truly change. ``season_strength`` is var(season) / (var(season) + var(noise)) (after Wang, Smith and Hyndman 2006, Data Mining
and Knowledge Discovery 13, 335-364).

Series are simulated from each trust's fit with the months that it reported and its own denominators, and charted by
``many_charts`` as ``data/control_charts.yml`` has it.
"""

import csv
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from scipy import special, stats

from evalkit.book.partners.rows import source_changes
from evalkit.catalogue import Catalogue, find_root, read_catalogue
from evalkit.catalogue.records.chart_alarms import SHOWN, ChartAlarms
from evalkit.catalogue.records.measures import Measure
from evalkit.charts.lines import WITH_DENOMINATOR
from evalkit.charts.many import ManyCharts, many_charts
from evalkit.charts.series import phases_of
from evalkit.intake.measure_rows import rows_of, value_of
from evalkit.intake.read_table import read_table

CHARTS = Path("data", "control_charts.yml")
SEED = 22
SERIES_AT_LEAST = 2_000
SECTOR = "acute"
MONTHS_AT_LEAST, YEARS_AT_LEAST = 24, 2  # of a trust whose season and correlation are fitted
STRONGEST = 0.95  # correlation: nearer to one a series of this length has no level
A_YEAR = 12
ROUNDS = 6  # of season and correlation in turn
NO_ICON = ("common_cause", "not_enough_points")


@dataclass(frozen=True, eq=False)
class Fit:
    """One trust's series as a stable one: ``expected`` (t,) and ``spread`` on the scale of the fit.

    ``reported`` (t,) are its months, ``wholes`` (t,) its denominators, missing for counts.
    """

    reported: np.ndarray
    wholes: np.ndarray
    expected: np.ndarray
    spread: float
    correlation: float
    season_strength: float


def read_charts(root: Path) -> dict[str, dict[str, Any]]:
    """What ``data/control_charts.yml`` says of each measure, but for contrasts of days, which are not simulated here."""
    charts = yaml.safe_load((root / CHARTS).read_text(encoding="utf-8"))
    return {measure: chart for measure, chart in charts.items() if "contrast" not in chart}


def series_of(catalogue: Catalogue, measure: Measure, chart: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, str]]:
    """A row an acute trust and month from ``first`` on: ``unit, period, value, numerator, denominator``.

    Beside it the days from which on figures come from another source, with the reason.
    """
    recipe = next(recipe for recipe in measure.recipes if recipe.table == chart["table"])
    rows = rows_of(read_table(catalogue.root, catalogue.tables[recipe.table]), measure, recipe)
    acute = {code for code, organisation in catalogue.organisations.items() if organisation.sector == SECTOR}
    rows = rows[rows["unit"].isin(acute) & (rows["period"] >= pd.Period(chart["first"], "M"))]
    changes = source_changes(rows, catalogue.tables[recipe.table], catalogue.control_charts[measure.id], rows["period"])
    return rows.assign(value=value_of(rows, measure)), changes


def fits(
    rows: pd.DataFrame, measure: Measure, kind: str, changes: Mapping[str, str]
) -> tuple[dict[str, Fit], pd.PeriodIndex]:
    """The fit of each trust that reported enough, by its code, and the months of all."""
    periods = pd.period_range(rows["period"].min(), rows["period"].max())
    wide = {
        part: rows.pivot(index="unit", columns="period", values=part).reindex(columns=periods).sort_index()
        for part in ("value", "numerator", "denominator")
    }
    sources, _ = phases_of(periods, changes, "source_changes")
    out = {}
    for unit in wide["value"].index:
        values, counts, wholes = (part.loc[unit].to_numpy(float) for part in wide.values())
        month, share = periods.month.to_numpy() - 1, measure.form == "proportion"
        fitted = _fit(values, counts, wholes, month, share, kind, sources)
        if fitted is not None:
            out[unit] = fitted
    return out, periods


def _fit(
    values: np.ndarray,
    counts: np.ndarray,
    wholes: np.ndarray,
    month: np.ndarray,
    share: bool,
    kind: str,
    sources: np.ndarray | None = None,
) -> Fit | None:
    reported = np.isfinite(values)
    years = np.bincount(month[reported], minlength=A_YEAR)
    if reported.sum() < MONTHS_AT_LEAST or years.min() < YEARS_AT_LEAST or np.ptp(values[reported]) == 0:
        return None
    if share:
        scaled = special.logit((counts + 0.5) / (wholes + 1))
    else:
        scaled = np.log(np.maximum(counts, 0.5) / np.where(np.isfinite(wholes), wholes, 1))
    points, level = int(reported.sum()), level_of(reported, sources)
    correlation, chance = 0.0, 0.0
    for _ in range(ROUNDS):
        season = season_of(scaled, month, correlation, level)
        line = level @ np.linalg.lstsq(level[reported], (scaled - season)[reported], rcond=None)[0]
        noise = scaled - season - line
        expected = season + float(np.mean(line[reported]))
        if kind in WITH_DENOMINATOR:
            # Drawing counts gives this part of the spread back.
            events = (
                wholes * np.exp(expected)
                if kind == "u"
                else wholes * special.expit(expected) * special.expit(-expected)
            )
            chance = float(np.nanmean(1 / events))
        square = float(np.nanmean(noise**2))
        kept = float(np.nanmean(noise[1:] * noise[:-1])) / max(square - chance, square / 100)
        correlation = float(np.clip((points * kept + 2) / (points - 4), -STRONGEST, STRONGEST))
    variance = variance_about(scaled, month, correlation, level)
    strength = float(np.nanvar(season) / (np.nanvar(season) + variance))
    spread = float(np.sqrt(max(variance - chance, variance / 100)))
    return Fit(reported, wholes, expected, spread, correlation, strength)


def level_of(reported: np.ndarray, sources: np.ndarray | None) -> np.ndarray:
    """What a trust's level is made of (t, parts): the line, and a step to each source that it has figures of."""
    sources = np.zeros(len(reported), int) if sources is None else sources
    steps = [sources == number for number in np.unique(sources[reported])[1:]]
    return np.column_stack([np.ones(len(reported)), np.linspace(-1, 1, len(reported)), *steps]).astype(float)


def variance_about(scaled: np.ndarray, month: np.ndarray, correlation: float, level: np.ndarray) -> float:
    """Variance of noise of this correlation: squares about level and months over what they are expected to be at variance 1."""
    at = np.flatnonzero(np.isfinite(scaled))
    fitted = np.hstack([np.eye(A_YEAR)[month[at]], level[at]])
    maker = np.eye(len(at)) - fitted @ np.linalg.pinv(fitted)
    together = correlation ** np.abs(at[:, None] - at)
    return float(np.sum((maker @ scaled[at]) ** 2) / np.sum(maker * together))


def season_of(scaled: np.ndarray, month: np.ndarray, correlation: float, level: np.ndarray) -> np.ndarray:
    """By how much each month (t,) lies above or below the others for its place in the year, at a correlation of noise."""
    deviations = np.eye(A_YEAR)[month][:, 1:] - np.eye(A_YEAR)[month][:, :1]
    there = np.isfinite(scaled[1:]) & np.isfinite(scaled[:-1])
    values, level, months = ((part[1:] - correlation * part[:-1])[there] for part in (scaled, level, deviations))
    both = np.hstack([months, level])
    coefficients = np.linalg.lstsq(both, values, rcond=None)[0]
    season = deviations @ coefficients[: A_YEAR - 1]
    fresh = float(np.sum((values - both @ coefficients) ** 2)) / max(len(values) - both.shape[1], 1)
    errors = fresh * np.linalg.pinv(both.T @ both)[: A_YEAR - 1, : A_YEAR - 1]
    by_chance = float(np.mean(np.sum((deviations @ errors) * deviations, axis=1)))
    return season * np.sqrt(max(0.0, 1 - by_chance / max(float(np.var(season)), by_chance)))


def simulated(fit: Fit, measure: Measure, kind: str, count: int, random: np.random.Generator) -> pd.DataFrame:
    """Stable series (``count`` of them) as rows of ``series, month, value, denominator``; ``month`` counts from nought."""
    length = len(fit.expected)
    shocks = random.normal(size=(count, length))
    noise = np.empty((count, length))
    noise[:, 0] = shocks[:, 0]
    fresh = np.sqrt(1 - fit.correlation**2)
    for at in range(1, length):
        noise[:, at] = fit.correlation * noise[:, at - 1] + fresh * shocks[:, at]
    scaled = fit.expected + fit.spread * noise
    wholes = np.broadcast_to(fit.wholes, scaled.shape)
    if measure.form == "proportion":
        shares = special.expit(scaled)
        if kind in WITH_DENOMINATOR:
            values = random.binomial(np.nan_to_num(wholes).astype(int), shares).astype(float)
        else:
            parts = np.clip(np.rint(shares * (wholes + 1) - 0.5), 0, wholes)
            values = 100 * parts / wholes
    elif kind == "u":
        values = random.poisson(np.nan_to_num(wholes) * np.exp(scaled)).astype(float)
    else:
        whole = measure.form == "count" and not any(recipe.every for recipe in measure.recipes)
        values = np.rint(np.exp(scaled)) if whole else np.exp(scaled)
    values = np.where(fit.reported, values, np.nan)
    return pd.DataFrame(
        {
            "series": np.repeat(np.arange(count), length), "month": np.tile(np.arange(length), count),
            "value": values.ravel(), "denominator": wholes.ravel(),
        }
    )  # fmt: skip


def charted(
    rows: pd.DataFrame,
    periods: pd.PeriodIndex,
    measure: Measure,
    chart: Mapping[str, Any],
    changes: Mapping[str, str] | None = None,
) -> ManyCharts:
    """The series as the matrix charts them."""
    kind = chart["kind"]
    return many_charts(
        rows.assign(month=periods[rows["month"].to_numpy()]), series="series", outcome="value", time="month",
        direction=measure.direction, kind=kind, denominator="denominator" if kind in WITH_DENOMINATOR else None,
        per=chart.get("per", 1), season=chart["season"] if chart["season"] != "left" else None, source_changes=changes,
    )  # fmt: skip


def alarms(
    catalogue: Catalogue, name: str, chart: Mapping[str, Any], series_at_least: int = SERIES_AT_LEAST, seed: int = SEED
) -> ChartAlarms | None:
    """What one measure's charts raise by chance; nothing where no trust has months enough for a fit."""
    measure = catalogue.measures[name]
    rows, changes = series_of(catalogue, measure, chart)
    trusts, periods = fits(rows, measure, chart["kind"], changes)
    if not trusts:
        return None
    each = -(-series_at_least // len(trusts))
    # A generator for each trust, from its code, so that one trust more changes no other's series.
    parts = [
        simulated(fit, measure, chart["kind"], each, np.random.default_rng([seed, *code.encode()])).assign(
            series=lambda rows, number=number: rows["series"] + number * each
        )
        for number, (code, fit) in enumerate(trusts.items())
    ]
    many = charted(pd.concat(parts, ignore_index=True), periods, measure, chart, changes)
    judged = many.variation != "not_enough_points"
    raised = int((~np.isin(many.variation, NO_ICON)).sum())
    last = many.last[:, None] - np.arange(A_YEAR)
    within_year = np.any(np.take_along_axis(many.signals.first_rule, last, axis=1) >= 0, axis=1)
    count = int(judged.sum())
    return ChartAlarms(
        measure=name,
        table=chart["table"],
        kind=chart["kind"],
        season=chart["season"],
        trusts=len(trusts),
        series=count,
        months=len(periods),
        raised=raised / count,
        raised_at_most=float(stats.beta.ppf(0.95, raised + 1, count - raised)),
        raised_within_year=float(within_year[judged].mean()),
        correlation=float(np.median([fit.correlation for fit in trusts.values()])),
        season_strength=float(np.median([fit.season_strength for fit in trusts.values()])),
        seed=seed,
    )


def ways(chart: Mapping[str, Any], share: bool) -> Iterator[dict[str, Any]]:
    """The ways in which a measure could be charted."""
    for kind, season in (("xmr", "left"), ("xmr", "months"), ("run", "left"), *((("p", "left"),) if share else ())):
        yield {**chart, "kind": kind, "season": season, "per": 100 if kind == "p" else 1}


def _line(found: ChartAlarms) -> str:
    return (
        f"{found.measure:36} {found.kind:4} season {found.season:7} {found.trusts:4} trusts {found.months:3} months: icons"
        f" {found.raised:6.1%} (at most {found.raised_at_most:.1%}), within a year {found.raised_within_year:6.1%},"
        f" correlation {found.correlation:.2f}, season {found.season_strength:.2f}"
    )


def main(compare: bool) -> None:
    """Measure every chart; write, or print those of other ways."""
    catalogue = read_catalogue(find_root())
    rows = []
    for name, chart in read_charts(catalogue.root).items():
        share = catalogue.measures[name].form == "proportion"
        for way in ways(chart, share) if compare else [chart]:
            found = alarms(catalogue, name, way)
            if found is None:
                print(f"{name:36} has no trust with {MONTHS_AT_LEAST} months: nothing can be simulated")
                break
            print(_line(found), flush=True)
            rows.append(found)
    if compare:
        return
    with (catalogue.root / SHOWN).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(ChartAlarms.model_fields)
        for row in rows:
            writer.writerow(
                f"{value:.4f}" if isinstance(value, float) else value for value in row.model_dump().values()
            )


if __name__ == "__main__":
    main(compare="compare" in sys.argv[1:])
