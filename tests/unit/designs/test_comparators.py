"""Against comparators: what happens everywhere cancels, and every comparator goes through the same procedure."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evalkit as ek
from evalkit.intake.load import load_from

MONTHS = pd.period_range("2014-01", periods=60, freq="M")
AFTER = (np.arange(60) >= 30).astype(float)
OTHERS = tuple(f"ZZ9{number:02d}" for number in range(24))


def panel(step: float = 0.0, units=OTHERS, seed: int = 3, common=None) -> pd.DataFrame:
    """A treated unit ZZ800 with a step, and comparators; what is common happens to all."""
    random = np.random.default_rng(seed)
    common = np.zeros(60) if common is None else common
    rows = []
    for unit in ("ZZ800", *units):
        values = 500 + common + random.normal(0, 4, 60) + (step * AFTER if unit == "ZZ800" else 0)
        rows.append(pd.DataFrame({"unit": unit, "period": MONTHS, "value": values}))
    return pd.concat(rows, ignore_index=True)


def estimate(frame, **options) -> ek.Effect:
    asked = {
        "outcome": "value", "time": "period", "unit": "unit", "treated": "ZZ800", "interruption": "2016-07",
        "model": "level", "seasonality": None, "errors": "newey_west", **options,
    }  # fmt: skip
    return ek.interrupted_time_series(frame, **asked)


def refused(frame, **options) -> str:
    with pytest.raises(ek.EvaluationError) as error:
        estimate(frame, **options)
    return str(error.value)


def check(effect, name) -> ek.Check:
    return next(check for check in effect.checks if check.name == name)


def test_what_happens_everywhere_cancels():
    common = 200 * np.sin(np.arange(60) / 7) - 150 * AFTER
    effect = estimate(panel(step=20, common=common))
    assert effect.headline["estimate"] == pytest.approx(20, abs=4)
    assert effect.design == "controlled interrupted time series"


def test_the_estimate_is_that_of_the_gap():
    frame = panel(step=20)
    wide = frame.pivot(index="period", columns="unit", values="value")
    gap = wide["ZZ800"] - wide.drop(columns="ZZ800").mean(axis=1)
    alone = ek.interrupted_time_series(
        pd.DataFrame({"period": MONTHS, "value": gap.to_numpy()}), outcome="value", time="period",
        interruption="2016-07", model="level", seasonality=None, errors="newey_west",
    )  # fmt: skip
    for name in ("estimate", "std_error"):
        assert estimate(frame).estimates.iloc[0][name] == pytest.approx(alone.estimates.iloc[0][name])


def test_where_a_change_began_too_is_nothing_to_compare_with():
    frame = panel(step=20, units=OTHERS[:6])
    began = frame["unit"].map({"ZZ800": "2016-07", OTHERS[0]: "2015-03", OTHERS[1]: "2017-01"})
    dated, without = frame.assign(treated_from=began), frame[~frame["unit"].isin(OTHERS[:2])]
    effect = estimate(dated)
    assert effect.headline["estimate"] == estimate(without).headline["estimate"]
    assert effect.notes == ("Not compared with, as a change has its date there too: ZZ900, ZZ901.",)
    gap = dated["unit"].eq("ZZ800") & dated["period"].eq(MONTHS[3])
    assert len(estimate(dated.assign(value=dated["value"].mask(gap))).notes) == 2  # a missing month is told as well
    named = estimate(dated, comparators=list(OTHERS[:6]))  # said by name, they are wanted
    assert named.headline["estimate"] == estimate(frame, comparators=list(OTHERS[:6])).headline["estimate"]


def test_a_large_step_is_larger_than_every_comparators():
    effect = estimate(panel(step=60))
    placebo = effect.tables["placebo"]
    assert placebo["treated"].sum() == 1
    assert len(placebo) == 25
    assert (placebo.loc[~placebo["treated"], "estimate"].abs() < 60).all()
    assert check(effect, "Comparators with an invented start").passed is True
    assert "0 of 24" in check(effect, "Comparators with an invented start").detail


def test_without_a_step_the_placebo_check_does_not_pass():
    assert check(estimate(panel(step=0)), "Comparators with an invented start").passed is not True


@pytest.fixture(scope="module")
def of_six() -> tuple[pd.DataFrame, float]:
    """A panel of six comparators, and its estimate."""
    frame = panel(step=10, units=OTHERS[:6])
    return frame, estimate(frame).headline["estimate"]


@settings(max_examples=8)
@given(order=st.permutations(OTHERS[:6]))
def test_the_order_of_units_does_not_matter(of_six, order):
    frame, wanted = of_six
    shuffled = pd.concat([frame[frame["unit"] == unit] for unit in ("ZZ800", *order)])
    assert estimate(shuffled).headline["estimate"] == pytest.approx(wanted)


def test_fewer_than_nineteen_comparators_are_said_to_be_few():
    assert check(estimate(panel(units=OTHERS[:19])), "Enough comparators").passed is True
    few = estimate(panel(units=OTHERS[:18]))
    assert check(few, "Enough comparators").passed is False
    assert "18 comparators" in check(few, "Enough comparators").detail
    assert check(few, "Comparators with an invented start").passed is None


def test_a_comparator_with_a_gap_is_left_out_and_listed():
    frame = panel(step=20)
    frame.loc[(frame["unit"] == "ZZ905") & (frame["period"] == "2015-03"), "value"] = np.nan
    effect = estimate(frame)
    assert "against what 23 of its 24 comparators, those with a figure in every month, suggest" in effect.estimand
    members = effect.tables["members"].set_index("unit")
    assert not members.loc["ZZ905", "used"]
    assert "2015-03" in members.loc["ZZ905", "reason"]
    assert members["used"].sum() == 23


def test_a_month_nobody_reported_leaves_no_comparator_out():
    frame = panel(step=20)
    frame.loc[frame["period"] == "2015-03", "value"] = np.nan
    effect = estimate(frame)
    assert effect.tables["members"]["used"].all()
    assert np.isnan(effect.series.set_index("period").loc["2015-03", "observed"])


def test_named_comparators_only():
    effect = estimate(panel(step=20), comparators=["ZZ901", "ZZ902", "ZZ903"])
    assert effect.tables["members"]["unit"].tolist() == ["ZZ901", "ZZ902", "ZZ903"]


def test_several_treated_units_are_averaged():
    frame = panel(step=20)
    frame.loc[frame["unit"] == "ZZ901", "value"] += np.tile(40 * AFTER, 1)
    effect = estimate(frame, treated=["ZZ800", "ZZ901"])
    assert effect.headline["estimate"] == pytest.approx(30, abs=4)
    assert effect.treated_units == ("ZZ800", "ZZ901")


def test_weston_against_four_trusts_is_in_the_neighbourhood(real):
    pool = real.evaluations["weston-overnight-closure-2017"].protocol.comparators
    frame = load_from(
        real, site="weston", measure="ae-attendances-type-1", first="2016-04", last="2019-03", comparators=pool
    )
    effect = estimate(
        frame, treated="weston", interruption="2017-07-04", log=True, per_day=True, seasonality=2, comparators=pool
    )
    assert effect.headline["estimate"] == pytest.approx(-17.6, abs=2.5)
    placebo = effect.tables["placebo"]
    own = placebo.loc[placebo["treated"], "estimate"].iloc[0]
    assert (placebo.loc[~placebo["treated"], "estimate"] > own).all(), "no placebo trust fell as much"


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"treated": "ZZ801"}, ("'ZZ801'", "`unit`", "did you mean")),
            ({"treated": None}, ("`treated`",)),
            ({"treated": []}, ("treated",)),
            ({"comparators": ["QQ9"]}, ("'QQ9'", "not a unit")),
            ({"comparators": ["ZZ800"]}, ("'ZZ800'", "treated")),
            ({"comparators": []}, ("comparator",)),
            ({"comparators": "poool"}, ("'poool'", "'pool'")),
            ({"unit": "trust"}, ("'trust'", "not a column")),
        ],
    )
    def test_units_that_do_not_exist(self, options, said, plain):
        plain(refused(panel(), **options), *said)

    def test_no_comparator_is_whole(self, plain):
        frame = panel(units=OTHERS[:3])
        for index, unit in enumerate(OTHERS[:3]):
            frame.loc[(frame["unit"] == unit) & (frame["period"] == MONTHS[index]), "value"] = np.nan
        plain(refused(frame), "No comparator", "shorten the window")

    def test_named_comparators_that_are_not_in_the_frame(self, plain):
        plain(refused(panel(units=()), comparators=["ZZ901"]), "ZZ901", "ZZ800")

    def test_everybody_treated_leaves_nobody_to_compare_with(self, plain):
        frame = panel(units=OTHERS[:2])
        plain(refused(frame, treated=["ZZ800", *OTHERS[:2]], comparators=["ZZ900"]), "ZZ900")

    def test_a_zero_at_a_comparator_names_it(self, plain):
        frame = panel()
        frame.loc[(frame["unit"] == "ZZ905") & (frame["period"] == "2015-03"), "value"] = 0
        plain(refused(frame, log=True), "ZZ905", "2015-03", "logarithm")

    def test_a_unit_given_twice(self, plain):
        frame = panel()
        plain(refused(pd.concat([frame, frame.iloc[[70]]])), "ZZ900", "2014-11", "two rows", "keep one")


def test_the_rank_does_not_depend_on_the_errors_asked_for():
    calibrated, plain = (estimate(panel(), errors=errors).tables["placebo"] for errors in ("ar1", "independent"))
    assert plain["studentised"].to_numpy() == pytest.approx(calibrated["studentised"].to_numpy())
