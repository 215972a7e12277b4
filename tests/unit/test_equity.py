"""Fifths of trusts: a difference of two means, all at once, and never said of patients."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.equity import FIFTHS, Fifths, fifths_of, in_family
from tests.support.simulations import chance, simulations

MONTHS = pd.period_range("2023-01", periods=24, freq="M")


def rows(shares: dict[str, float], later: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """Trusts with a share each; ``later`` more in the second year at those of the first fifth."""
    random = np.random.default_rng(seed)
    made = []
    for unit, share in shares.items():
        for at, month in enumerate(MONTHS):
            of = 1000 + 10 * random.integers(0, 9)
            more = later if at >= 12 and unit.startswith("A") else 0.0
            made.append((unit, month, share + more, of * (share + more) / 100, of))
    return pd.DataFrame(made, columns=["unit", "period", "value", "numerator", "denominator"])


def trusts(count: int = 6) -> tuple[dict[str, float], dict[str, int]]:
    random = np.random.default_rng(4)
    names = {
        f"{letter}{number}": fifth for fifth, letter in zip(FIFTHS, "ABCDE", strict=True) for number in range(count)
    }
    return {name: 70 - 2 * fifth + random.normal() for name, fifth in names.items()}, names


def test_the_difference_and_its_interval_are_welchs():
    shares, fifths = trusts()
    found = fifths_of(rows(shares), fifths)
    most, least = ([shares[name] for name, fifth in fifths.items() if fifth == end] for end in (1, 5))
    known = stats.ttest_ind(most, least, equal_var=False).confidence_interval(0.95)
    assert found.gap.estimate == pytest.approx(np.mean(most) - np.mean(least), abs=1e-9)
    assert (found.gap.low, found.gap.high) == pytest.approx((known.low, known.high), abs=1e-9)
    assert (found.first, found.last, found.n) == ("2024-01", "2024-12", 30)
    assert found.gap.direction == "higher"
    assert [count for _, count, _ in found.means] == [6] * 5


def test_the_change_of_the_gap_is_a_difference_of_differences():
    shares, fifths = trusts()
    assert fifths_of(rows(shares, later=3.0), fifths).change.estimate == pytest.approx(3.0)
    assert fifths_of(rows(shares), fifths).change.estimate == pytest.approx(0.0, abs=1e-9)


def test_a_trust_counts_once_however_large():
    shares, fifths = trusts()
    frame = rows(shares)
    large = frame["unit"] == "A0"
    frame.loc[large, ["numerator", "denominator"]] *= 50
    one, other = fifths_of(frame, fifths).gap, fifths_of(rows(shares), fifths).gap
    assert (one.estimate, one.low, one.high) == pytest.approx((other.estimate, other.low, other.high))


def test_all_figures_together_can_say_the_opposite_of_trusts_alike():
    shares = {f"{letter}{number}": 50.0 for letter in "ABCDE" for number in range(3)} | {
        "A0": 20.0,
        "A1": 72.0,
        "A2": 73.0,
    }
    fifths = {name: 1 + "ABCDE".index(name[0]) for name in shares}
    frame = rows(shares)
    frame[["numerator", "denominator"]] = frame[["numerator", "denominator"]].mul(
        frame["unit"].map({"A0": 1000.0}).fillna(1.0), axis=0
    )
    found = fifths_of(frame, fifths)
    assert found.gap.estimate == pytest.approx(5.0)
    whole = frame[(frame["period"] >= MONTHS[12]) & frame["unit"].str.startswith("A")]
    assert found.pooled == pytest.approx(100 * whole["numerator"].sum() / whole["denominator"].sum() - 50.0)
    assert found.pooled < -29


def test_trusts_of_an_end_that_have_no_whole_year_are_counted_as_missing():
    shares, fifths = trusts()
    frame = rows(shares)
    gone = (frame["unit"] == "A0") & (frame["period"] == MONTHS[-2])
    frame.loc[gone, ["value", "numerator", "denominator"]] = np.nan
    found = fifths_of(frame[frame["unit"] != "E5"], fifths)
    assert (found.gap.most, found.gap.least, found.known) == (5, 5, (6, 6))


def test_a_missing_month_leaves_a_trust_out_and_is_never_zero():
    shares, fifths = trusts()
    frame = rows(shares)
    gone = (frame["unit"] == "A0") & (frame["period"] == MONTHS[-2])
    frame.loc[gone, ["value", "numerator", "denominator"]] = np.nan
    found = fifths_of(frame, fifths)
    assert found.gap.most == 5
    without = fifths_of(frame[frame["unit"] != "A0"], fifths)
    assert found.gap == without.gap


def test_trusts_without_a_fifth_are_counted_and_too_few_say_nothing():
    shares, fifths = trusts()
    some = {name: fifth for name, fifth in fifths.items() if name != "C0"}
    assert fifths_of(rows(shares), some).without == 1
    few = {name: fifth for name, fifth in fifths.items() if fifth != 1 or name in ("A0", "A1")}
    assert fifths_of(rows(shares), few) is None
    assert fifths_of(rows(shares).iloc[:0], fifths) is None


def test_all_at_once_is_wider_and_could_find_less():
    shares, fifths = trusts()
    one = fifths_of(rows(shares), fifths)
    first, none, second = in_family([one, None, one])
    assert none is None
    assert first.gap.family == second.gap.family == 4
    assert first.gap.low < one.gap.low < one.gap.high < first.gap.high
    assert first.gap.detectable > one.gap.detectable > one.gap.high - one.gap.estimate


def test_plain_values_and_back():
    shares, fifths = trusts()
    one = fifths_of(rows(shares), fifths)
    assert Fifths.from_plain(json.loads(json.dumps(one.to_plain()))) == one


@simulations(300, 20_000)
def test_what_could_be_found_is_found_four_times_in_five(runs):
    """At the size that is called detectable, with the noise that was assumed."""
    random = np.random.default_rng(9)
    fifths = {f"{letter}{number}": fifth for fifth, letter in zip(FIFTHS, "ABCDE", strict=True) for number in range(24)}
    size = (stats.t.ppf(0.975, 46) + stats.t.ppf(0.8, 46)) * np.sqrt(2 / 24)
    most, least = random.normal(size=(runs, 24)) + size, random.normal(size=(runs, 24))
    p_values = stats.ttest_ind(most, least, axis=1, equal_var=False).pvalue
    assert len(fifths) == 120
    assert (p_values < 0.05).mean() == pytest.approx(0.8, abs=3 * chance(0.8, runs) + 0.01)
