"""A trust that takes over another is noticed, in the site and among comparators; one that only grows is not."""

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.intake.mergers import endings_in, mergers

MONTHS = pd.period_range("2016-04", periods=36, freq="M")


def _rows(**units) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {"unit": unit, "period": MONTHS, "numerator": np.asarray(values, float), "denominator": np.nan}
            )
            for unit, values in units.items()
        ]
    )


def _until(value: float, month: int, then: float = np.nan) -> np.ndarray:
    return np.where(np.arange(36) < month, value, then)


ENDS, TAKES, STAYS = _until(900, 20), _until(1000, 20, 1900), np.full(36, 5000.0)


class TestMergers:
    def test_a_unit_that_takes_over_another(self):
        (found,) = mergers(endings_in(_rows(AAA=ENDS, BBB=TAKES, CCC=STAYS)), ["BBB", "CCC"], MONTHS)
        assert (found.unit, found.period, found.ended) == ("BBB", "2017-12", "AAA")
        assert found.in_words() == "BBB grew by 90% in 2017-12, when AAA ended"

    @pytest.mark.parametrize("ends", [_until(900, 20, 0.0), _until(900, 20)])
    def test_an_end_is_nothing_counted_or_nothing_reported(self, ends):
        assert len(mergers(endings_in(_rows(AAA=ends, BBB=TAKES, CCC=STAYS, DDD=STAYS)), ["BBB"], MONTHS)) == 1

    @pytest.mark.parametrize(
        ("ends", "takes"),
        [
            (ENDS, _until(1000, 25, 1900)), (ENDS, _until(1000, 20, 1100)), (np.full(36, 900.0), TAKES),
            (_until(50, 20), TAKES), (_until(900, 35), TAKES), (ENDS, np.full(36, np.nan)),
        ],
        ids=["in another month", "by little", "nobody ended", "of another size", "at the end of the table", "no figures"],
    )  # fmt: skip
    def test_what_is_none(self, ends, takes):
        assert mergers(endings_in(_rows(AAA=ends, BBB=takes, CCC=STAYS)), ["BBB", "CCC"], MONTHS) == []

    def test_what_everybody_does_is_no_merger(self):
        grew = np.where(np.arange(36) < 20, 1000, 1900)
        rows = _rows(AAA=ENDS, BBB=grew, CCC=grew * 2, DDD=grew * 3)
        assert mergers(endings_in(rows), ["BBB", "CCC", "DDD"], MONTHS) == []

    def test_of_two_that_end_at_once_the_one_of_the_nearest_size(self):
        rows = _rows(AAA=_until(700, 20), BBB=TAKES, CCC=STAYS, EEE=_until(880, 20), FFF=STAYS)
        (found,) = mergers(endings_in(rows), ["BBB"], MONTHS)
        assert found.ended == "EEE"

    def test_only_in_the_window_and_only_of_the_units_used(self):
        rows = _rows(AAA=ENDS, BBB=TAKES, CCC=STAYS)
        assert mergers(endings_in(rows), ["CCC"], MONTHS) == []
        assert mergers(endings_in(rows), ["BBB"], MONTHS[:20]) == []
        assert mergers(endings_in(rows), ["BBB"], MONTHS[21:]) == []


def _loaded(units: list[str], merged: list[tuple[str, str, float]]) -> pd.DataFrame:
    random = np.random.default_rng(1)
    frame = pd.concat(
        [pd.DataFrame({"unit": unit, "period": MONTHS, "value": 100 + random.normal(0, 3, 36)}) for unit in units]
    )
    frame.attrs["evalkit"] = {"measure": "visits", "mergers": merged}
    return frame


def _against_all(frame: pd.DataFrame) -> ek.Effect:
    return ek.interrupted_time_series(
        frame,
        outcome="value",
        time="period",
        unit="unit",
        treated="own",
        interruption="2017-10",
        log=True,
        seasonality=None,
    )


@pytest.mark.parametrize(
    ("merged", "passed"),
    [
        ([], True), ([("own", "own grew by 90% in 2017-12, when AAA ended", 0.9)], False), ([("elsewhere", "x", 0.9)], True),
        ([(f"o{n}", f"o{n} grew", 2.0) for n in range(20)], False), ([("o3", "o3 grew", 0.1)], None),
    ],
    ids=["none", "the site", "a unit that is not used", "most comparators", "one of many"],
)  # fmt: skip
@pytest.mark.parametrize("design", ["its", "did"])
def test_it_counts_for_certainty(merged, passed, design):
    frame = _loaded(["own", *(f"o{n}" for n in range(24))], merged)
    if design == "its":
        effect = _against_all(frame)
    else:
        starts = frame["unit"].map({"own": "2017-10"})
        frame = frame.assign(start=starts)
        effect = ek.difference_in_differences(
            frame, outcome="value", time="period", unit="unit", treated_from="start", log=True
        )
    (check,) = [check for check in effect.checks if check.code == "mergers"]
    assert (check.passed, check.domain) == (passed, "data")
    assert passed or merged[0][1] in check.detail


def test_one_of_few_comparators_that_doubles_counts():
    frame = _loaded(["own", *(f"o{n}" for n in range(5))], [("o3", "o3 grew by 100%", 1.0)])
    effect = _against_all(frame)
    (check,) = [check for check in effect.checks if check.code == "mergers"]
    assert check.passed is False
