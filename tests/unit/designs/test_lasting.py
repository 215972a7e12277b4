"""Whether an effect lasted: which months each figure is of, what it is against, and that all intervals hold at once."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import evalkit as ek
from evalkit.designs import lasting
from evalkit.designs.difference_in_differences.inference import by_horizon
from evalkit.designs.difference_in_differences.panel.adoption import adoption_panel
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.interrupted_time_series import by_quarter
from evalkit.designs.interrupted_time_series.against_comparators import Gap
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.errors import EvaluationError
from evalkit.intake.periods import resolve_interruption
from evalkit.lasted import EFFECT, SINCE_FIRST, horizon_rows, lasted
from tests.support.simulations import chance, simulations

HORIZONS = [3, 6, 12, 24]
BEFORE, AFTER, UNITS = 24, 24, 40
PERIODS = pd.period_range("2016-01", periods=BEFORE + AFTER, freq="M")
FADES = np.repeat([-8.0, -6.0, -4.0, -2.0, 0.0, 0.0, 0.0, 0.0], 3)  # a quarter of a year each
TRUTH = {3: -8.0, 6: -6.0, 12: -2.0, 24: 0.0}


def noise(units: int = UNITS, seed: int = 3, rho: float = 0.3) -> np.ndarray:
    """Autoregressive noise of standard deviation 1 (n, units)."""
    random = np.random.default_rng(seed)
    steps = random.normal(size=(len(PERIODS) + 50, units))
    values = np.zeros_like(steps)
    for at in range(1, len(steps)):
        values[at] = rho * values[at - 1] + np.sqrt(1 - rho**2) * steps[at]
    return values[50:]


def long_form(values: np.ndarray, periods=PERIODS) -> pd.DataFrame:
    wide = pd.DataFrame(values, index=periods, columns=[f"u{number:02d}" for number in range(values.shape[1])])
    return wide.rename_axis("month").melt(ignore_index=False, var_name="unit", value_name="value").reset_index()


def fading(effect: np.ndarray = FADES, treated: int = 1, units: int = UNITS) -> pd.DataFrame:
    values = 100 + noise(units)
    values[BEFORE:, :treated] += effect[:, None]
    return long_form(values)


def series(frame: pd.DataFrame, **more):
    options = {
        "outcome": "value",
        "time": "month",
        "interruption": "2018-01",
        "seasonality": None,
        "horizons": HORIZONS,
    }
    return ek.interrupted_time_series(frame, **(options | more))


def controlled(frame: pd.DataFrame, **more):
    return series(frame, unit="unit", treated="u00", **more)


def differences(frame: pd.DataFrame, treated: dict[str, str], **more):
    started = frame.assign(start=frame["unit"].map(treated))
    return ek.difference_in_differences(
        started, outcome="value", unit="unit", time="month", treated_from="start", horizons=HORIZONS, **more
    )


class TestWhichMonths:
    @pytest.mark.parametrize(
        ("frequency", "spans"),
        [
            ("M", [(1, 3), (4, 6), (10, 12), (22, 24)]),
            ("W-SUN", [(1, 13), (14, 26), (40, 52), (92, 104)]),
            ("Q-DEC", [(1, 1), (2, 2), (4, 4), (8, 8)]),
            ("Y-DEC", [(1, 1), (2, 2)]),
            ("D", [(1, 91), (92, 182), (275, 365), (640, 730)]),
        ],
    )
    def test_the_quarter_of_a_year_that_ends_then(self, frequency, spans):
        assert [(window.first, window.last) for window in lasting.windows(HORIZONS, frequency)] == spans

    @given(st.sets(st.integers(1, 40), min_size=1, max_size=8), st.sampled_from(["M", "W-SUN", "Q-DEC", "D"]))
    def test_no_period_is_in_two(self, quarters, frequency):
        made = lasting.windows([3 * one for one in sorted(quarters)], frequency)
        assert len(made) == len(quarters)
        for earlier, later in pairwise(made):
            assert earlier.last < later.first

    @pytest.mark.parametrize("wrong", [[6, 3], [0], [4], ["3"], 3.5, True, [3, 3]])
    def test_others_are_refused(self, wrong, plain):
        with pytest.raises(EvaluationError) as refused:
            lasting.windows(wrong, "M")
        plain(str(refused.value), "multiple of 3", "[3, 6, 12, 24]")

    def test_none_are_asked_for_unless_named(self):
        assert "lasting" not in controlled(fading(), horizons=[]).tables
        assert lasting.windows(None, "M") == []


class TestSeries:
    @pytest.fixture(scope="class")
    @staticmethod
    def faded():
        return controlled(fading())

    def test_each_is_the_mean_of_its_quarter_against_the_course_before(self):
        """Without noise, trend and season the figures are exact."""
        values = np.full(BEFORE + AFTER, 50.0)
        values[BEFORE:] += FADES
        frame = pd.DataFrame({"month": PERIODS, "value": values})
        rows = horizon_rows(series(frame, errors="independent"), EFFECT)
        assert rows["estimate"].to_dict() == pytest.approx(TRUTH, abs=1e-9)
        assert list(rows["from_period"]) == ["2018-01", "2018-04", "2018-10", "2019-10"]
        assert list(rows["to_period"]) == ["2018-03", "2018-06", "2018-12", "2019-12"]

    def test_the_trend_before_goes_on(self):
        values = 50.0 + 0.5 * np.arange(BEFORE + AFTER)
        values[BEFORE:] += FADES
        rows = horizon_rows(series(pd.DataFrame({"month": PERIODS, "value": values}), errors="independent"), EFFECT)
        assert rows["estimate"].to_dict() == pytest.approx(TRUTH, abs=1e-9)

    def test_a_fade_is_found_and_the_change_is_that_since_the_first(self, faded):
        effects, changes = (horizon_rows(faded, quantity) for quantity in (EFFECT, SINCE_FIRST))
        assert list(changes.index) == HORIZONS[1:]
        for months in HORIZONS[1:]:
            difference = effects["estimate"][months] - effects["estimate"][3]
            assert changes["estimate"][months] == pytest.approx(difference)
        assert effects["high"][3] < 0
        assert changes["low"][24] > 0
        assert effects["high"][24] > -effects["high"][3], "one line is too wide to say that it stopped at none"
        assert (lasted(faded).word, lasted(faded).why) == ("cannot tell", "past none")

    def test_months_outside_a_quarter_say_nothing_of_it(self, faded):
        frame = fading()
        late = (
            (frame["unit"] == "u00")
            & (frame["month"] >= pd.Period("2018-07"))
            & (frame["month"] < pd.Period("2018-10"))
        )
        moved = controlled(frame.assign(value=frame["value"] - 5.0 * late))
        pd.testing.assert_series_equal(
            horizon_rows(moved, EFFECT)["estimate"], horizon_rows(faded, EFFECT)["estimate"], atol=1e-6
        )

    def test_the_answer_is_as_it_was(self, faded):
        without = controlled(fading(), horizons=[])
        pd.testing.assert_frame_equal(faded.estimates, without.estimates)
        assert faded.checks == without.checks

    def test_too_short_a_follow_up_is_named_and_keeps_its_share(self):
        frame = fading(units=60)
        short = controlled(frame[frame["month"] <= pd.Period("2018-09")])
        rows = horizon_rows(short, EFFECT)
        assert list(rows["reason"]) == ["", "", "too short", "too short"]
        assert set(rows["followed"]) == {9}
        both = controlled(frame[frame["month"] <= pd.Period("2018-09")], horizons=[3, 6])
        wide, narrow = (rows.loc[3, "high"] - rows.loc[3, "low"] for rows in (rows, horizon_rows(both, EFFECT)))
        assert wide > narrow

    def test_too_few_comparators_for_its_share_are_carried_on(self):
        """39 of them cannot say by rank at three sevenths of 5% what is unusual: wider than where all shares are spent."""
        frame = fading()
        rows = horizon_rows(controlled(frame[frame["month"] <= pd.Period("2018-09")]), EFFECT)
        assert rows[["estimate", "low", "high"]].loc[[3, 6]].notna().all(axis=None)
        assert rows[["low", "high"]].loc[[12, 24]].isna().all(axis=None)
        all_of_it = horizon_rows(controlled(frame), EFFECT)
        for horizon in (3, 6):
            width, spent = (of.loc[horizon, "high"] - of.loc[horizon, "low"] for of in (rows, all_of_it))
            assert width > spent

    def test_months_without_a_figure_are_named(self):
        frame = fading()
        gap = (frame["unit"] == "u00") & (frame["month"] == pd.Period("2018-02"))
        row = horizon_rows(controlled(frame.assign(value=frame["value"].mask(gap))), EFFECT).loc[3]
        assert row["left_out"] == "2018-02"
        assert math.isfinite(row["estimate"])
        all_of_it = (frame["unit"] == "u00") & frame["month"].between(pd.Period("2018-04"), pd.Period("2018-06"))
        rows = horizon_rows(controlled(frame.assign(value=frame["value"].mask(all_of_it))), EFFECT)
        assert list(rows["reason"]) == ["", "no figures", "", ""]

    def test_after_its_end_a_change_has_no_effect_to_last(self):
        rows = horizon_rows(controlled(fading(), end="2018-08"), EFFECT)
        assert list(rows["reason"]) == ["", "", "ended", "ended"]

    def test_later_figures_than_the_look_are_told(self):
        rows = horizon_rows(controlled(fading(), look="2018-09"), EFFECT)
        pd.testing.assert_series_equal(rows["estimate"], horizon_rows(controlled(fading()), EFFECT)["estimate"])

    def test_too_few_months_before_are_no_course(self):
        frame = fading()
        few = controlled(frame[frame["month"] >= pd.Period("2017-07")])
        assert set(horizon_rows(few, EFFECT)["reason"]) == {"too few points"}
        assert lasted(few).why == "too short"

    def test_logs_are_told_in_per_cent(self):
        effect = controlled(fading(), log=True)
        rows = horizon_rows(effect, EFFECT)
        assert set(rows["scale"]) == {"percent"}
        assert rows["estimate"][3] == pytest.approx(-8, abs=1.5)

    def test_weeks_are_counted_by_quarters_too(self):
        weeks = pd.period_range("2021-01-04", periods=104, freq="W-SUN")
        values = 100 + np.random.default_rng(1).normal(size=104)
        rows = horizon_rows(
            ek.interrupted_time_series(
                pd.DataFrame({"week": weeks, "value": values}), outcome="value", time="week", interruption="2022-01-03",
                seasonality=None, errors="independent", horizons=HORIZONS,
            ), EFFECT,
        )  # fmt: skip
        assert list(rows["reason"]) == ["", "", "", "too short"]
        assert rows["followed"][3] == 52

    def test_few_events_too(self):
        counts = np.random.default_rng(2).poisson(6, size=len(PERIODS))
        effect = series(
            pd.DataFrame({"month": PERIODS, "value": counts}), family="poisson", errors="independent", model=None
        )
        rows = horizon_rows(effect, EFFECT)
        assert rows["estimate"].notna().all()
        counts[BEFORE : BEFORE + 3] = 0
        none = series(
            pd.DataFrame({"month": PERIODS, "value": counts}), family="poisson", errors="independent", model=None
        )
        assert set(horizon_rows(none, EFFECT)["reason"]) == {"not estimable"}


class TestDifferences:
    @pytest.mark.parametrize("how", [{"inference": "placebo"}, {"inference": "cluster"}, {"method": "synthetic"}])
    def test_a_fade_is_found_by_each_way(self, how):
        effect = differences(fading(treated=3), dict.fromkeys(("u00", "u01", "u02"), "2018-01"), **how)
        effects, changes = (horizon_rows(effect, quantity) for quantity in (EFFECT, SINCE_FIRST))
        assert effects["estimate"].to_dict() == pytest.approx(TRUTH, abs=1.5)
        assert changes["estimate"][24] == pytest.approx(effects["estimate"][24] - effects["estimate"][3], abs=1e-9)
        assert lasted(effect).word == "faded"
        assert set(effects["units"]) == {3}

    def test_places_that_began_later_are_in_the_figures_that_they_reach(self):
        values = 100 + noise()
        values[BEFORE:, 0] += FADES
        values[BEFORE + 12 :, 1] += 5.0
        effect = differences(long_form(values), {"u00": "2018-01", "u01": "2019-01"})
        rows = horizon_rows(effect, EFFECT)
        assert list(rows["units"]) == [2, 2, 2, 1]
        assert set(rows["units_in_all"]) == {2}
        assert set(rows["from_period"]) == {""}

    def test_the_change_is_at_the_places_that_reach_both(self):
        """A place that is followed for a year only, with an effect of its own, is in the first figure and in no change to 24."""
        values = 100 + 0.01 * noise()
        values[BEFORE:, 0] -= 4.0
        values[BEFORE + 12 :, 1] += 20.0
        for inference in ("placebo", "cluster"):
            effect = differences(long_form(values), {"u00": "2018-01", "u01": "2019-01"}, inference=inference)
            changes = horizon_rows(effect, SINCE_FIRST)
            assert horizon_rows(effect, EFFECT)["estimate"][3] == pytest.approx(8.0, abs=0.2)
            assert changes["estimate"][24] == pytest.approx(0.0, abs=0.2), inference
            assert changes["units"][24] == 1

    def test_too_few_places_have_no_bounds(self):
        frame = fading()
        few = frame[frame["unit"].isin([f"u{number:02d}" for number in range(12)])]
        rows = horizon_rows(differences(few, {"u00": "2018-01"}), EFFECT)
        assert set(rows["reason"]) == {"too few places"}

    @pytest.mark.parametrize("horizons", [[6, 12], [3, 6, 12, 24]])
    def test_all_starts_too_late_for_any(self, horizons):
        frame = fading()
        rows = differences(frame[frame["month"] <= pd.Period("2018-02")], {"u00": "2018-01"}).tables["lasting"]
        assert set(rows["reason"]) == {"too short"}


def _all_hold(rows: pd.DataFrame, truth: dict[tuple[str, int], float]) -> bool:
    """Whether every interval that there is holds what is true."""
    return all(
        not (row.low > truth[row.quantity, row.horizon] or row.high < truth[row.quantity, row.horizon])
        for row in rows.itertuples()
    )


@simulations(24, 600)
@pytest.mark.parametrize("design", ["series", "differences"])
def test_all_intervals_hold_at_once_of_a_known_fade(design, runs):
    # The largest of seven statistics among 39 places is far out, so that ranks find less than a model of the series.
    larger = {"series": 1.0, "differences": 1.5}[design]
    truth = {(EFFECT, months): larger * size for months, size in TRUTH.items()}
    truth |= {(SINCE_FIRST, months): larger * (size - TRUTH[3]) for months, size in TRUTH.items()}
    held, clear = 0, 0
    for run in range(runs):
        values = noise(40, seed=1000 + run)
        values[BEFORE:, 0] += larger * FADES
        if design == "series":
            others = values[:, 1:]
            labels = tuple(f"u{number}" for number in range(1, 40))
            model = SegmentedModel(PERIODS, resolve_interruption("2018-01", 0, "M"), "level")
            members = pd.DataFrame({"unit": labels, "used": True, "weight": 1 / len(labels), "reason": ""})
            gap = Gap(others, labels, others.mean(axis=1), members, "pool", np.arange(len(PERIODS)) < BEFORE)
            found = by_quarter.at_horizons(
                SeriesFit(model, values[:, 0], np.ones(len(PERIODS), bool), "ar1", gap), HORIZONS
            )
        else:
            frame = long_form(values).assign(start=lambda rows: rows["unit"].map({"u00": "2018-01"}))
            panel = adoption_panel(
                frame, outcome="value", unit="unit", time="month", treated_from="start", family="gaussian", exposure=None,
                log=False, weights=None, covariates=[], cluster=None, transition=0, anticipation=0, comparison="not_yet_treated",
            )  # fmt: skip
            found = by_horizon.at_horizons(Differences(panel, "mean", "not_yet_treated"), HORIZONS, ranked=True)
        rows = lasting.table(found, len(HORIZONS), "unit")
        held += _all_hold(rows, truth)
        clear += bool(rows.loc[(rows["quantity"] == SINCE_FIRST) & (rows["horizon"] == 24), "low"].iloc[0] > 0)
    assert held / runs >= 0.95 - 2.5 * chance(0.95, runs)
    assert clear / runs > 0.8, "a fade of eight standard deviations, or of twelve by ranks, is found"


class TestAnotherChange:
    def test_one_before_stays_in_the_past(self):
        values = noise(1, seed=5)[:, 0]
        values[12:] -= 20
        frame = pd.DataFrame({"month": PERIODS, "value": values})
        declared = ek.interrupted_time_series(
            frame, outcome="value", time="month", interruption="2018-01", model="level", seasonality=None,
            further_interruptions=["2017-01"], horizons=HORIZONS,
        )  # fmt: skip
        rows = horizon_rows(declared, EFFECT)
        assert (rows["low"] < 0).all()
        assert (rows["high"] > 0).all()
        assert (rows["high"] - rows["low"]).max() < 20

    def test_one_after_ends_what_can_be_told(self):
        values = noise(1, seed=5)[:, 0]
        values[BEFORE:] += 10
        values[BEFORE + 12 :] -= 10
        frame = pd.DataFrame({"month": PERIODS, "value": values})
        declared = ek.interrupted_time_series(
            frame, outcome="value", time="month", interruption="2018-01", model="level", seasonality=None,
            further_interruptions=["2019-01"], horizons=HORIZONS,
        )  # fmt: skip
        rows = horizon_rows(declared, EFFECT)
        assert rows["reason"][24] == "another change"
        assert rows["low"][12] > 0
