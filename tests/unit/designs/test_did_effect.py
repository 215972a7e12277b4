"""What difference_in_differences returns, for every way of estimating."""

import json
import math

import numpy as np
import pytest

from evalkit.certainty import CERTAINTIES
from evalkit.effect import TABLES, Effect
from evalkit.errors import EvaluationError
from evalkit.verdict import UNDECIDED, verdict
from tests.support.panels import differences, frame_of, noise

CALLS = {
    "by rank": ([10], {}),
    "three by rank": ([10] * 3, {}),
    "staggered": ([8, 12], {}),
    "never treated": ([8, 12], {"comparison": "never_treated"}),
    "clustered": ([10] * 6, {}),
    "group-time": ([8] * 3 + [12] * 4, {}),
    "wild": ([10] * 6, {"inference": "wild_bootstrap"}),
    "synthetic": ([10], {"method": "synthetic"}),
    "one month": ([10], {"headline": "month 3"}),
    "mean of months": ([8, 12], {"headline": "mean months 2 to 4"}),
    "log": ([10], {"log": True}),
    "transition": ([10], {"transition": 2}),
    "weights": ([10], {"weights": "people"}),
    "covariates": ([8, 12], {"covariates": ["age"]}),
}


@pytest.fixture(scope="module", params=CALLS)
def made(request) -> tuple[str, dict, Effect]:
    starts, options = CALLS[request.param]
    outcome = np.abs(noise(21, 24, 20)) + 5
    frame = frame_of(outcome, starts, people=np.arange(24) + 1.0, age=np.arange(24.0) % 5)
    return request.param, options, differences(frame, **options)


def test_round_trip(made):
    effect = made[2]
    plain = effect.to_dict()
    again = Effect.from_dict(json.loads(json.dumps(plain, allow_nan=False)))
    assert again.to_dict() == plain


def test_published(made):
    gated = made[2].published("official_statistics")
    assert gated.gated
    assert gated.data["disclosure"] == "official_statistics"
    assert Effect.from_dict(gated.to_dict()).to_dict() == gated.to_dict()
    assert gated.headline["estimate"] == pytest.approx(made[2].headline["estimate"], rel=1e-8)


def test_headline_first_and_once(made):
    _, options, effect = made
    rows = effect.estimates
    headline = rows[rows["role"] == "headline"]
    assert rows["role"].iloc[0] == "headline"
    assert set(headline["term"]) == {options.get("headline", "att")}
    assert len(headline) == (2 if options.get("log") else 1)
    assert set(rows["role"]) <= {"headline", "term", "sensitivity", "comparison"}
    own = rows[rows["role"].isin(["headline", "term"])]
    assert not own.duplicated(["term", "cohort", "scale"]).any()
    assert set(rows.loc[rows["role"] == "sensitivity", "term"]) <= {options.get("headline", "att")}


def test_estimates_lie_in_their_intervals(made):
    rows = made[2].estimates
    for low, estimate, high in rows[["low", "estimate", "high"]].astype(float).itertuples(index=False):
        assert not low > estimate + 1e-9
        assert not high < estimate - 1e-9
    assert rows["p_value"].dropna().between(0, 1).all()
    assert rows.loc[rows["p_value"].isna(), "method"].str.contains("trends may").all()
    assert np.isfinite(rows["estimate"].astype(float)).all()


def test_months_are_looked_up(made):
    effect = made[2]
    assert effect.at(3)["month"] == 3
    with pytest.raises(EvaluationError, match="Month 40"):
        effect.at(40)


def test_tables(made):
    _name, options, effect = made
    assert set(effect.tables) <= set(TABLES)
    assert {"event_study", "members", "influence"} <= set(effect.tables)
    members = effect.tables["members"]
    assert len(members) == 24
    assert members["used"].all()
    assert set(members.loc[members["treated_from"] != "", "unit"]) == set(effect.treated_units)
    assert effect.comparators_used == 24 - len(effect.treated_units)
    assert ("decomposition" in effect.tables) == (len(effect.interruptions) > 1)
    assert ("weights" in effect.tables) == (options.get("method") == "synthetic")
    if "decomposition" in effect.tables:
        assert effect.tables["decomposition"]["weight"].sum() == pytest.approx(1)


def test_event_study(made):
    table = made[2].tables["event_study"]
    own = table[table["by"] == "since start"]
    assert own["event_time"].is_monotonic_increasing
    assert own["event_time"].is_unique
    months = made[2].estimates[made[2].estimates["scale"] == own["scale"].iloc[0]].dropna(subset="month")
    by_time = own.set_index("event_time")["estimate"]
    for row in months[months["role"].isin(["headline", "term"])].itertuples():
        assert by_time[row.month - 1] == pytest.approx(row.estimate, abs=1e-9)


def test_series(made):
    series = made[2].series
    assert series["period"].is_unique
    assert len(series) == 20
    assert series["counterfactual"].iloc[:8].isna().all()
    assert series["counterfactual"].iloc[-8:].notna().all()
    assert (series["observed"] > 0).all()
    if "covariates" not in made[1]:
        assert series["observed"].between(5, 12).all()


def test_the_gap_of_the_picture_is_the_estimate():
    outcome = noise(22, 24, 20)
    effect = differences(frame_of(outcome, [10, 10]))
    after = effect.series.dropna(subset="counterfactual")
    assert (after["observed"] - after["counterfactual"]).mean() == pytest.approx(effect.headline["estimate"])
    assert after["observed"].to_numpy() == pytest.approx(outcome[:2, 10:].mean(axis=0))


def test_honesty(made):
    """No estimate without the smallest detectable change, checks, other choices and words."""
    effect = made[2]
    assert effect.minimum_detectable_effect > 0
    assert len(effect.checks) >= 5
    assert {"sensitivity"} <= set(effect.estimates["role"])
    assert len(effect.method_of_interval) > 40
    assert "significant" not in effect.method_of_interval
    names = [check.name for check in effect.checks]
    assert len(names) == len(set(names))
    for check in effect.checks:
        assert check.detail.endswith(".")
        assert check.passed is None or isinstance(check.passed, bool)


def test_words_about_the_estimate(made):
    effect = made[2]
    assert effect.design == "difference-in-differences"
    assert effect.estimand
    assert effect.treated_units
    assert effect.interruptions
    assert all(isinstance(unit, str) for unit in effect.treated_units)


@pytest.mark.parametrize("number", [1, 3, 5])
def test_influence_is_leaving_the_unit_out(number):
    frame = frame_of(noise(23, 24, 20), [10] * number)
    effect = differences(frame)
    table = effect.tables["influence"]
    assert len(table) == (0 if number == 1 else number)
    for row in table.itertuples():
        without = differences(frame[frame["unit"] != row.unit], headline="mean months 1 to 10").headline["estimate"]
        assert effect.headline["estimate"] + row.shift == pytest.approx(without)
    names = set(effect.estimates.loc[effect.estimates["role"] == "sensitivity", "method"])
    assert all(f"without {row.unit}" in names for row in table.itertuples())


@pytest.mark.parametrize("measure", ["ae-attendances-type-1", "ae-4-hour-all-types"])
def test_verdict(made, real, measure):
    if measure not in real.measures:
        measure = next(iter(real.measures))
    judged = verdict(made[2], real.measures[measure])
    assert judged.word
    decides = judged.word not in UNDECIDED
    assert (judged.certainty in CERTAINTIES) == decides
    assert bool(judged.reasons) == decides


class TestWhatWasReallyUsed:
    """The estimand names the units, periods and comparators that were, not those that were named."""

    def _frame(self, missing: dict[str, list[int]]):
        frame = frame_of(np.abs(noise(25, 24, 20)) + 5, [10, 10, 10])
        units, periods = list(dict.fromkeys(frame["unit"])), sorted(frame["month"].unique())
        for unit, at in missing.items():
            gone = frame["unit"].eq(units[int(unit)]) & frame["month"].isin([periods[position] for position in at])
            frame.loc[gone, "value"] = np.nan
        return frame, units, [str(period) for period in periods]

    def test_all(self):
        frame, units, _ = self._frame({})
        estimand = differences(frame).estimand
        assert estimand.endswith("at comparators over the same time")
        assert all(unit in estimand for unit in units[:3])

    def test_comparators_with_a_gap(self):
        frame, *_ = self._frame({"5": [3], "8": [12]})
        assert "19 of 21 comparators, those with a figure in every month," in differences(frame).estimand

    def test_a_treated_unit_that_is_left_out(self):
        frame, units, _ = self._frame({"0": [1, 2, 3, 4, 5]})
        estimand = differences(frame).estimand
        assert f"{units[1]}, {units[2]} (2 of the 3 that changed, which alone could be used)" in estimand
        assert units[0] not in estimand.replace(units[1], "").replace(units[2], "")

    def test_a_period_that_is_left_out(self):
        frame, _, periods = self._frame({"0": [4]})
        assert f"comparators without {periods[4]} over the same time" in differences(frame).estimand


@pytest.mark.parametrize("name", ["by rank", "three by rank", "clustered", "log", "transition"])
def test_an_event_study_is_counted_from_the_mean_and_from_the_last_before(name):
    """The two differ by what the last lay from the mean of those before."""
    starts, options = CALLS[name]
    effect = differences(frame_of(np.abs(noise(21, 24, 20)) + 5, starts), **options)
    study = effect.tables["event_study"].set_index(["by", "event_time"])["estimate"]
    mean, last = study["since start"], study["since start, from the last before"]
    assert -1 not in last.index
    assert len(last) == len(mean) - 1
    assert np.allclose(last, (mean - mean[-1.0])[last.index])


@pytest.mark.parametrize("name", ["staggered", "group-time", "synthetic"])
def test_one_that_is_counted_from_the_last_already_has_it_once(name):
    starts, options = CALLS[name]
    effect = differences(frame_of(np.abs(noise(21, 24, 20)) + 5, starts), **options)
    assert set(effect.tables["event_study"]["by"]) <= {"since start", "start", "calendar"}


def test_every_placebo_is_shown_in_the_order_of_its_units():
    effect = differences(frame_of(noise(30, 24, 20), [10, 10, 10]))
    placebo = effect.tables["placebo"]
    others = placebo[~placebo["treated"]]
    assert len(others) == math.comb(24, 3) - 1  # but the one that is true
    assert others["unit"].is_unique
    assert others["unit"].str.split(", ").str[0].nunique() > 15
    # In half-widths of the interval by all of them, so that one in twenty of those shown is beyond 1.
    assert 0.03 < (others["studentised"].abs() >= 1).mean() < 0.07
