"""How often a chart raises an icon by chance: the file is what the tool gives, and the tool finds what was put in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.catalogue.records.chart_alarms import read_chart_alarms
from evalkit.charts import rules, seasons
from evalkit.errors import InputRefused
from tools.chart_alarms import STRONGEST, Fit, _fit, alarms, charted, read_charts, simulated

ICONS_MEAN_LITTLE_ABOVE = 0.05
MONTHS = 56


@pytest.fixture(scope="module")
def catalogue(root) -> Catalogue:
    return read_catalogue(root)


@pytest.fixture(scope="module")
def measured(root):
    return read_chart_alarms(root)


@pytest.fixture(scope="module")
def charts(root):
    return read_charts(root)


def test_every_measure_is_charted_from_a_table_that_holds_it(catalogue, charts):
    for name, chart in charts.items():
        measure = catalogue.measures[name]
        assert chart["table"] in {recipe.table for recipe in measure.recipes}
        target = chart.get("target")
        assert target is None or (measure.direction != "neutral" and target["source"]["where"].startswith("https://"))


def test_season_is_removed_by_the_rule_and_nowhere_else(charts, measured):
    for name, rate in measured.items():
        assert (charts[name]["season"] == "months") == (rate.season_strength >= seasons.STRONG), name


def test_the_rates_are_of_the_charts_as_they_are_drawn(charts, measured, catalogue):
    for name, rate in measured.items():
        chart = charts[name]
        assert (rate.table, rate.kind, rate.season) == (chart["table"], chart["kind"], chart["season"])
        assert rate.series >= 2_000
        assert rate.raised < rate.raised_at_most
    for name in set(charts) - set(measured):
        periods = pd.period_range(charts[name]["first"], "2025-05", freq="M")
        assert len(periods) < rules.ENOUGH_POINTS, f"{name} has icons, and no rate"


def test_no_measure_has_icons_that_are_seldom_raised_by_chance(measured):
    """What the page of methods says of all of them."""
    assert min(rate.raised for rate in measured.values()) > ICONS_MEAN_LITTLE_ABOVE


@pytest.mark.parametrize(
    ("name", "series"),
    [("general-acute-bed-occupancy", 240), pytest.param("ae-attendances-all", 2_000, marks=pytest.mark.slow)],
)
def test_another_seed_gives_the_rates_of_the_file(catalogue, charts, measured, name, series):
    there = measured[name]
    again = alarms(catalogue, name, charts[name], series_at_least=series, seed=there.seed + 1)
    for share in ("raised", "raised_within_year"):
        expected = getattr(there, share)
        noise = (expected * (1 - expected) * (1 / again.series + 1 / there.series)) ** 0.5
        assert getattr(again, share) == pytest.approx(expected, abs=3.3 * noise)
    assert (again.trusts, again.months) == (there.trusts, there.months)
    assert again.correlation == pytest.approx(there.correlation, abs=1e-4)


def test_the_same_seed_gives_the_same_series(catalogue, charts):
    fit = _made(0.6, 0.3)
    measure = catalogue.measures["ae-attendances-all"]
    first, second = (simulated(fit, measure, "xmr", 3, np.random.default_rng([1, 2])) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def _made(correlation: float, season: float, trend: float = 0.0) -> Fit:
    months = np.arange(MONTHS)
    expected = np.log(9_000) + season * np.cos(2 * np.pi * months / 12) + trend * (months - MONTHS / 2)
    return Fit(np.ones(MONTHS, bool), np.full(MONTHS, np.nan), expected, 0.05, correlation, 0.0)


def _fits_of(fit: Fit, measure, count: int, sources: np.ndarray | None = None) -> list[Fit]:
    rows = simulated(fit, measure, "xmr", count, np.random.default_rng(5))
    month = np.arange(MONTHS) % 12
    return [
        _fit(values, values, fit.wholes, month, share=False, kind="xmr", sources=sources)
        for values in rows["value"].to_numpy(float).reshape(count, MONTHS)
    ]


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.7])
@pytest.mark.parametrize("trend", [0.0, 0.004])
def test_a_correlation_that_was_put_in_is_found_whatever_the_trend(catalogue, correlation, trend):
    found = _fits_of(_made(correlation, 0.05, trend), catalogue.measures["ae-attendances-all"], 150)
    assert np.mean([fit.correlation for fit in found]) == pytest.approx(correlation, abs=0.06)
    assert max(abs(fit.correlation) for fit in found) <= STRONGEST


@pytest.mark.parametrize("step", [0.0, -0.6])
def test_a_step_at_a_change_of_source_is_neither_season_nor_correlation(catalogue, step):
    sources = (np.arange(MONTHS) >= MONTHS - 4).astype(int)
    made = _made(0.4, 0.05)
    stepped = replace(made, expected=made.expected + step * sources)
    found = _fits_of(stepped, catalogue.measures["ae-attendances-all"], 150, sources)
    assert np.mean([fit.correlation for fit in found]) == pytest.approx(0.4, abs=0.06)
    assert np.median([fit.season_strength for fit in found]) == pytest.approx(1 / 3, abs=0.06)
    assert np.mean([np.ptp(fit.expected) for fit in found]) == pytest.approx(np.ptp(made.expected), abs=0.04)


@pytest.mark.parametrize(
    ("kind", "form", "middle"), [("p", "proportion", np.log(0.7 / 0.3)), ("u", "rate", np.log(0.2))]
)
def test_counts_have_the_chance_of_counting_beside_the_noise(catalogue, kind, form, middle):
    measure = catalogue.measures["ae-four-hour-all"].model_copy(update={"form": form})
    wholes = np.full(MONTHS, 3_000.0)
    made = Fit(np.ones(MONTHS, bool), wholes, np.full(MONTHS, middle), 0.1, 0.6, 0.0)
    rows = simulated(made, measure, kind, 100, np.random.default_rng(8))
    month = np.arange(MONTHS) % 12
    found = [
        _fit(counts / wholes, counts, wholes, month, share=kind == "p", kind=kind)
        for counts in rows["value"].to_numpy(float).reshape(100, MONTHS)
    ]
    assert np.mean([fit.correlation for fit in found]) == pytest.approx(made.correlation, abs=0.06)
    assert np.mean([fit.spread for fit in found]) == pytest.approx(made.spread, rel=0.06)


def test_a_season_is_found_where_there_is_one_and_not_where_there_is_none(catalogue):
    measure = catalogue.measures["ae-attendances-all"]
    # A wave of 0.05 has a variance of 0.05 squared over 2, beside noise of 0.05 squared: a third of all.
    strength = {
        size: np.median([fit.season_strength for fit in _fits_of(_made(0.5, size), measure, 150)]) for size in (0, 0.05)
    }
    assert strength[0] < seasons.STRONG / 2
    assert strength[0.05] == pytest.approx(1 / 3, abs=0.06)


def test_months_that_know_nothing_of_each_other_seldom_raise_an_icon(catalogue):
    measure = catalogue.measures["ae-attendances-all"]
    rows = simulated(_made(0.0, 0.0), measure, "xmr", 1_500, np.random.default_rng(3))
    periods = pd.period_range("2021-07", periods=MONTHS, freq="M")
    many = charted(rows, periods, measure, {"kind": "xmr", "season": "left"})
    assert np.mean(many.variation != "common_cause") < ICONS_MEAN_LITTLE_ABOVE


def test_a_short_trust_gives_no_fit():
    values = np.arange(1.0, 24)
    assert _fit(values, values, values * np.nan, np.arange(23) % 12, share=False, kind="xmr") is None


def test_a_damaged_file_is_refused_by_line(tmp_path, root):
    text = (root / "data" / "chart_alarms.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "chart_alarms.csv").write_text("\n".join([*text[:2], text[2].replace("xmr", "abc")]), "utf-8")
    with pytest.raises(InputRefused, match=r"line 3: cannot be read: run `python -m tools\.chart_alarms` again"):
        read_chart_alarms(tmp_path)
    assert read_chart_alarms(tmp_path / "elsewhere") == {}
