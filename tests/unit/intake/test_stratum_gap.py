"""The gap between two groups of people: an effect on it is a difference of differences."""

import math

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.errors import EvaluationError

MONTHS = pd.period_range("2021-01", periods=48, freq="M")
BETWEEN = ("most deprived fifth", "least deprived fifth")


@pytest.fixture
def strata() -> pd.DataFrame:
    """Invented: thirty places with two groups each; at ZZ900 a change helped the least deprived by 10 and the most by 4."""
    random = np.random.default_rng(5)
    parts = []
    for number in range(30):
        shared = random.normal(size=48)
        for group, level, fell in zip(BETWEEN, (60.0, 50.0), (4.0, 10.0), strict=True):
            values = level + shared + random.normal(scale=0.5, size=48)
            values[24:] -= fell if number == 0 else 0.0
            parts.append(pd.DataFrame({"place": f"ZZ9{number:02d}", "month": MONTHS, "group": group, "waits": values}))
    return pd.concat(parts, ignore_index=True)


def gap_of(frame: pd.DataFrame, **more) -> pd.DataFrame:
    options = {
        "outcome": "waits",
        "unit": "place",
        "time": "month",
        "stratum": "group",
        "between": BETWEEN,
        "how": "difference",
    }
    return ek.stratum_gap(frame, **(options | more))


def test_an_effect_on_the_gap_is_the_difference_of_the_effects(strata):
    """Least squares is linear: exact, whatever the noise."""

    def level(frame, outcome, time):
        return ek.interrupted_time_series(
            frame, outcome=outcome, time=time, interruption="2023-01", seasonality=None, errors="independent"
        ).headline["estimate"]

    own = strata[strata["place"] == "ZZ900"]
    most, least = (level(own[own["group"] == group], "waits", "month") for group in BETWEEN)
    assert level(gap_of(own), "value", "period") == pytest.approx(most - least, abs=1e-9)


def test_the_gap_widened_at_the_place_with_the_change(strata):
    gap = gap_of(strata)
    effect = ek.difference_in_differences(
        gap, outcome="value", unit="unit", time="period", treated_from={"ZZ900": "2023-01"}, horizons=[3, 6, 12, 24]
    )
    headline = effect.headline
    assert headline["estimate"] == pytest.approx(6.0, abs=0.5)
    assert headline["low"] > 0
    by_stratum = [
        ek.difference_in_differences(
            strata[strata["group"] == group],
            outcome="waits",
            unit="place",
            time="month",
            treated_from={"ZZ900": "2023-01"},
        ).headline["estimate"]
        for group in BETWEEN
    ]
    assert by_stratum[0] - by_stratum[1] == pytest.approx(headline["estimate"], abs=1e-9)


def test_what_struck_both_groups_alike_is_not_in_it(strata):
    struck = strata.assign(waits=strata["waits"] + 20.0 * (strata["month"] == pd.Period("2022-05")))
    pd.testing.assert_series_equal(gap_of(struck)["value"], gap_of(strata)["value"])


def test_a_side_that_is_missing_or_withheld_leaves_no_gap(strata):
    hole = (strata["month"] == MONTHS[3]) & (strata["group"] == BETWEEN[0])
    for frame in (strata.assign(waits=strata["waits"].mask(hole)), strata[~hole]):
        gap = gap_of(frame).set_index(["unit", "period"])
        assert gap["value"].xs(MONTHS[3], level="period").isna().all()
        assert gap["value"].notna().sum() == 30 * 47


def test_a_zero_has_no_logarithm(strata):
    frame = strata.assign(waits=strata["waits"].where(strata["month"] != MONTHS[0], 0.0))
    gap = gap_of(frame, how="log_ratio")
    first = gap[gap["period"] == MONTHS[0]]
    assert first["value"].isna().all()
    assert set(first["flag"]) == {"no_logarithm"}
    later = gap.set_index(["unit", "period"])["value"]["ZZ901", MONTHS[1]]
    sides = strata[(strata["place"] == "ZZ901") & (strata["month"] == MONTHS[1])].set_index("group")["waits"]
    assert later == pytest.approx(math.log(sides[BETWEEN[0]] / sides[BETWEEN[1]]))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"between": ("most deprived fifth", "least")}, "is of 'least'"),
        ({"between": (BETWEEN[0], BETWEEN[0])}, "two different groups"),
        ({"between": "most"}, "two different groups"),
        ({"how": "share"}, "is not available"),
        ({"stratum": "grup"}, "did you mean"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(strata, plain, more, says):
    with pytest.raises(EvaluationError) as refused:
        gap_of(strata, **more)
    plain(str(refused.value), says)


def test_figures_that_are_none_are_told_with_their_row(strata, plain):
    with pytest.raises(EvaluationError) as refused:
        gap_of(strata.assign(waits=strata["waits"].where(strata.index != 6, -1.0)))
    plain(str(refused.value), "row 7", "withheld")
    with pytest.raises(EvaluationError) as refused:
        gap_of(pd.concat([strata, strata.iloc[:1]]))
    plain(str(refused.value), "two rows")
