"""Charts of many series are those of each alone, point for point."""

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.charts.many import many_charts
from evalkit.charts.rules import DIRECTIONS, RULES
from tests.support import chart_rules


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Forty series of different lengths and starts, with gaps, ties and counts behind them."""
    random = np.random.default_rng(11)
    parts = []
    for number, (values, _) in enumerate(chart_rules.series(random, 40)):
        months = pd.period_range("2020-01", periods=70, freq="M")[int(random.integers(0, 9)) :][: len(values)]
        wholes = random.integers(20, 3000, len(values))
        filled = np.array([np.nan if value is None else value for value in values])
        parts.append(
            pd.DataFrame(
                {
                    "place": f"P{number % 10}", "measure": f"m{number // 10}", "month": months.astype(str), "value": filled,
                    "of": wholes, "count": np.where(np.isnan(filled), np.nan, random.binomial(wholes, 0.2)),
                    "goal": random.normal(size=len(values)),
                }
            )
        )  # fmt: skip
    return pd.concat(parts).dropna(subset="value").sample(frac=1, random_state=2)


def alone(frame, name, **options):
    rows = frame[(frame["place"] == name[0]) & (frame["measure"] == name[1])]
    return ek.control_chart(rows, time="month", **options)


@pytest.mark.parametrize(
    "options",
    [
        {"outcome": "value"},
        {"outcome": "value", "rule": "nhsr_0_2_2", "target": 0.5},
        {"outcome": "value", "target": "goal", "baseline": 13, "screen_moving_ranges": True},
        {"outcome": "value", "kind": "run"},
        {"outcome": "count", "kind": "c", "target": 100},
        {"outcome": "count", "kind": "p", "denominator": "of", "per": 100, "target": 21},
        {"outcome": "count", "kind": "u", "denominator": "of", "per": 1000, "laney": True},
    ],
    ids=lambda options: " ".join(f"{name}={value}" for name, value in options.items()),
)
def test_each_is_the_chart_of_the_series_alone(frame, options):
    names = [(place, measure) for place in map("P{}".format, range(10)) for measure in ("m0", "m1", "m2", "m3")]
    directions = {name: list(DIRECTIONS)[number % 3] for number, name in enumerate(names)}
    rebase = {names[4]: {"2021-02-01": "A reason"}} if options["outcome"] == "value" else None
    many = many_charts(frame, series=["place", "measure"], time="month", direction=directions, rebase=rebase, **options)
    assert sorted(many.names) == sorted(names)
    table = many.table()
    for row, name in enumerate(many.names):
        chart = alone(frame, name, direction=directions[name], rebase=(rebase or {}).get(name), **options)
        at = slice(*(many.periods.get_loc(chart.points["period"].iloc[end]) + (end != 0) for end in (0, -1)))
        at = slice(at.start, at.stop)
        for line in ("centre", "lower", "upper", "lower_two_thirds", "upper_two_thirds"):
            np.testing.assert_array_equal(getattr(many.lines, line)[row, at], chart.points[line].to_numpy(float))
        np.testing.assert_array_equal(many.values[row, at], chart.points["value"].to_numpy(float))
        for rule in RULES:
            np.testing.assert_array_equal(getattr(many.signals, rule)[row, at], chart.points[rule].to_numpy(bool))
        assert (many.variation[row], many.assurance[row]) == (chart.variation, chart.assurance)
        assert many.season[row] == chart.season
        last = table.iloc[row]
        assert (last["period"], last["value"]) == (chart.last["period"], chart.last["value"])
        assert last["reported"] == chart.phases["points"].iloc[-1]
        np.testing.assert_equal(
            last[["centre", "lower", "upper"]].to_numpy(float),
            chart.phases[["centre", "lower", "upper"]].to_numpy(float)[-1],
        )


def test_season_is_removed_from_each_that_is_long_enough(frame):
    rows = frame[frame["measure"] == "m2"]
    many = many_charts(rows, series="place", outcome="value", time="month", season="months")
    removed = 0
    for row, place in enumerate(many.names):
        of_place = rows[rows["place"] == place]
        if many.season[row].startswith("Season is removed"):
            removed += 1
            chart = ek.control_chart(of_place, outcome="value", time="month", season="months")
            assert many.season[row] == chart.season
        else:
            assert many.season[row] == "Season is not removed: there are fewer than 3 years of some months."
            with pytest.raises(ek.EvaluationError, match="reported 3 times or more"):
                ek.control_chart(of_place, outcome="value", time="month", season="months")
            chart = ek.control_chart(of_place, outcome="value", time="month")
        at = slice(many.periods.get_loc(chart.points["period"].iloc[0]), None)
        at = slice(at.start, at.start + len(chart.points))
        for line in ("centre", "lower", "upper"):
            np.testing.assert_array_equal(getattr(many.lines, line)[row, at], chart.points[line].to_numpy(float))
        for name in ("value", "judged"):
            drawn = many.values if name == "value" else many.judged
            np.testing.assert_array_equal(drawn[row, at], chart.points[name].to_numpy(float))
        assert many.variation[row] == chart.variation
    assert 0 < removed < len(many.names)


def test_one_column_names_series_by_plain_values(frame):
    rows = frame[frame["measure"] == "m1"]
    many = many_charts(rows, series="place", outcome="value", time="month", target={"P3": 0.1})
    assert set(many.names) == set(rows["place"])
    assert many.table().set_index("name")["assurance"].drop("P3").eq("no_target").all()


def test_a_series_without_a_value_has_nothing_to_say(frame):
    rows = frame[frame["measure"] == "m1"].assign(value=lambda rows: rows["value"].where(rows["place"] != "P2"))
    table = many_charts(rows, series="place", outcome="value", time="month").table().set_index("name")
    assert table.loc["P2", "variation"] == "not_enough_points"
    assert table.loc["P2", ["period", "value", "centre"]].isna().all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "t"}, "no periods in common"),
        ({"series": "town"}, "not a column"),
        ({"direction": {"P1": "increase"}}, "has no direction"),
        ({"direction": "up"}, "not known"),
        ({"target": {"P99": 1}}, "no series of the frame; did you mean"),
        ({"rebase": {"P1": ["2021-01-01"]}}, "without a reason"),
        ({"season": "quarters"}, "needs quarters, and the periods are months"),
        ({"season": "months", "kind": "run"}, "only taken out of an XmR chart"),
    ],
)
def test_what_cannot_be_used_is_refused(frame, options, said):
    rows = frame[frame["measure"] == "m1"]
    with pytest.raises(ek.EvaluationError, match=said):
        many_charts(rows, **{"series": "place", "outcome": "value", "time": "month", **options})
    with pytest.raises(ek.EvaluationError, match="has two rows for"):
        many_charts(pd.concat([rows, rows]), series="place", outcome="value", time="month")


@pytest.fixture(scope="module")
def seasonal() -> pd.DataFrame:
    """Five years at three places, one with gaps at both ends and within, one reported for two years only."""
    random = np.random.default_rng(5)
    months = pd.period_range("2020-01", periods=60, freq="M")
    values = 50 + 5 * np.sin(np.arange(60) / 6 * np.pi) + random.normal(size=(3, 60))
    values[1, [0, 1, 30, 59]] = np.nan
    values[2, :36] = np.nan
    return pd.concat(
        pd.DataFrame({"unit": f"P{row}", "period": months, "value": values[row], "numerator": 7.0, "denominator": 9.0})
        for row in range(3)
    )


def test_season_is_removed_from_each_that_has_years_enough(seasonal):
    many = many_charts(seasonal, series="unit", outcome="value", time="period", season="months", target=55)
    assert many.season_removed.tolist() == [True, True, False]
    for row, name in enumerate(many.names):
        of_place = seasonal[(seasonal["unit"] == name) & seasonal["value"].notna()]
        season = "months" if many.season_removed[row] else None
        chart = ek.control_chart(of_place, outcome="value", time="period", season=season, target=55)
        own = many.chart(row, measure="m", measure_unit="", label=name)
        points, reported = own.points.reset_index(drop=True), len(chart.points)
        kept = ["period", "value", "judged", "centre", "lower", "upper", "nature", "special_cause", "target", "phase"]
        pd.testing.assert_frame_equal(points[kept][:reported], chart.points[kept], check_dtype=False)
        assert points["value"][reported:].isna().all()
        assert (own.variation, own.assurance) == (chart.variation, chart.assurance)
        assert own.season.startswith(chart.season.rstrip("."))
        pd.testing.assert_frame_equal(
            own.phases.drop(columns="last"), chart.phases.drop(columns="last"), check_dtype=False
        )


def test_a_chart_of_many_keeps_its_counts_for_the_gate(seasonal):
    many = many_charts(seasonal, series="unit", outcome="value", time="period")
    counts = {"numerators": np.full(60, 3.0), "denominators": np.full(60, 90.0)}
    chart = many.chart(0, measure="m", measure_unit="%", label="P0", data={"disclosure": "own_counts"}, **counts)
    with pytest.raises(ek.EvaluationError, match="is a count that the rule 'own_counts' does not show"):
        chart.published("own_counts")


def test_phases_of_one_of_many_have_their_reasons(frame):
    rows = frame[frame["measure"] == "m1"]
    many = many_charts(rows, series="place", outcome="value", time="month", rebase={"P4": {"2021-02-01": "A reason"}})
    chart = many.chart(many.names.index("P4"), measure="m", measure_unit="", label="P4")
    assert chart.phases["reason"].tolist() == ["", "A reason (2021-02-01)"]


def test_seasons_of_other_periods_are_refused(seasonal):
    with pytest.raises(ek.EvaluationError, match="needs quarters"):
        many_charts(seasonal, series="unit", outcome="value", time="period", season="quarters")
