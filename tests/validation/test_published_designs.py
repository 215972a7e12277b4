"""Figures that others have printed, by way of the one public function."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evalkit as ek

DATA = Path(__file__).parent / "data"
SALES = {"outcome": "PacksPerCapita", "unit": "State", "time": "Year", "treated_from": "start"}


def _estimates(effect: ek.Effect, role: str, **wanted) -> pd.Series:
    rows = effect.estimates[effect.estimates["role"] == role]
    for name, value in wanted.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.fixture(scope="module")
def employment():
    data = pd.read_csv(DATA / "mpdta.csv")
    data["start"] = data["first.treat"].where(data["first.treat"] > 0)
    return data


@pytest.fixture(scope="module")
def sales():
    data = pd.read_csv(DATA / "california_prop99.csv", sep=";")
    return data.assign(start=np.where(data["State"] == "California", 1989, np.nan))


def _minimum_wage(data, **options) -> ek.Effect:
    return ek.difference_in_differences(
        data, outcome="lemp", unit="countyreal", time="year", treated_from="start", **options
    )


@pytest.mark.parametrize(
    ("comparison", "estimate", "std_error"),
    [("never_treated", -0.039951, 0.012034), ("not_yet_treated", -0.039764, 0.012052)],
)
def test_minimum_wage(employment, comparison, estimate, std_error):
    """R did 2.1, vignette: aggte(type = "simple"), standard errors without bootstrap."""
    headline = _minimum_wage(employment, comparison=comparison).headline
    assert headline["estimate"] == pytest.approx(estimate, abs=5e-7)
    assert headline["std_error"] == pytest.approx(std_error, abs=5e-7)
    assert headline["df"] == 499


def test_minimum_wage_by_month_and_cohort(employment):
    effect = _minimum_wage(employment, comparison="never_treated")
    for month, published in enumerate((-0.0199, -0.0510, -0.1373, -0.1008), start=1):
        assert effect.at(month)["estimate"] == pytest.approx(published, abs=5e-5)
    for cohort, published in (("2004", -0.0797), ("2006", -0.0229), ("2007", -0.0261)):
        assert _estimates(effect, "term", term="att", cohort=cohort)["estimate"] == pytest.approx(published, abs=5e-5)
    mean = _minimum_wage(employment, comparison="never_treated", headline="mean months 1 to 4")
    assert mean.headline["estimate"] == pytest.approx(-0.0772, abs=5e-5)


def test_minimum_wage_doubly_robust(employment):
    headline = _minimum_wage(employment, comparison="never_treated", covariates=["lpop"]).headline
    assert headline["estimate"] == pytest.approx(-0.041751, abs=1e-6)
    assert headline["std_error"] == pytest.approx(0.011503, abs=5e-7)


def test_cigarettes(sales):
    """R synthdid, README: did_estimate and synthdid_estimate."""
    plain = ek.difference_in_differences(sales, **SALES)
    assert plain.headline["estimate"] == pytest.approx(-27.34911, abs=5e-6)
    synthetic = ek.difference_in_differences(sales, **SALES, method="synthetic")
    assert synthetic.headline["estimate"] == pytest.approx(-15.60383, abs=5e-6)
    weights = synthetic.tables["weights"]
    for of in ("unit", "period"):
        assert weights.loc[weights["of"] == of, "weight"].sum() == pytest.approx(1, abs=0.02)
    assert "California" not in set(weights["unit"])


def test_organ_donations():
    """Kessler and Roth 2014, table 2, as The Effect reprints it: -0.02246 (0.00672)."""
    data = pd.read_csv(DATA / "organ_donations.csv")
    data["period"] = data["Quarter"].str[2:] + data["Quarter"].str[:2]
    data["start"] = np.where(data["State"] == "California", "2011Q3", None)
    effect = ek.difference_in_differences(data, outcome="Rate", unit="State", time="period", treated_from="start")
    assert effect.headline["estimate"] == pytest.approx(-0.02246, abs=5e-6)
    clustered = _estimates(effect, "comparison", method="errors clustered by unit")
    assert clustered["estimate"] == pytest.approx(-0.02246, abs=5e-6)
    # Printed with the 26 other unit effects among the parameters (33 of 162), which lie within clusters (7 of 162).
    assert clustered["std_error"] * np.sqrt((162 - 7) / (162 - 33)) == pytest.approx(0.00672, abs=5e-6)


def test_parts_of_two_way_fixed_effects():
    """bacondecomp, README: weights .06353 .05265 .88382, estimates .02868 .03375 -.00129."""
    data = pd.read_csv(DATA / "math_reform_bacondecomp.csv")
    effect = ek.difference_in_differences(
        data, outcome="incearn_ln", unit="state", time="class", treated_from="reformyr_math"
    )
    table = effect.tables["decomposition"].set_index("comparison")
    for comparison, weight, estimate in (
        ("earlier with later treated", 0.06353, 0.02868),
        ("later with earlier treated (forbidden)", 0.05265, 0.03375),
        ("treated with never treated", 0.88382, -0.00129),
    ):
        assert table.loc[comparison, "weight"] == pytest.approx(weight, abs=5e-6)
        assert table.loc[comparison, "estimate"] == pytest.approx(estimate, abs=5e-6)
    assert table["forbidden"].tolist() == [words.endswith("(forbidden)") for words in table.index]
