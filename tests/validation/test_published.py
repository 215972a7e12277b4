"""Figures that others have printed, from the same data."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import evalkit as ek
from evalkit.inference.classical.reml_and_arima import fit_reml

DATA = Path(__file__).parent / "data"
PUBLISHED = pd.read_csv(DATA / "published.csv")
SALES = pd.read_csv(DATA / "california_prop99.csv", sep=";")


def _effect(model: str) -> ek.Effect:
    common = {"outcome": "PacksPerCapita", "time": "Year", "interruption": 1989, "errors": "newey_west(1)"}
    common |= {"model": "level_and_slope", "seasonality": None}
    if model == "single":
        return ek.interrupted_time_series(SALES[SALES["State"] == "California"], **common)
    if model == "controls":
        mean = SALES[SALES["State"] != "California"].groupby("Year", as_index=False)["PacksPerCapita"].mean()
        return ek.interrupted_time_series(mean, **common)
    return ek.interrupted_time_series(SALES, unit="State", treated="California", **common)


@pytest.mark.parametrize("row", list(PUBLISHED.itertuples()), ids=lambda row: f"{row.model}: {row.term}")
def test_coefficients_equal_the_published_ones(row):
    coefficients = _effect(row.model).coefficients.set_index("term")["estimate"]
    assert coefficients[row.term] == pytest.approx(row.published, abs=row.tolerance)


def test_newey_west_standard_errors_equal_those_of_stata():
    errors = _effect("single").coefficients.set_index("term")["std_error"]
    assert errors["trend"] == pytest.approx(0.383, abs=0.0005)
    assert errors["level"] == pytest.approx(4.724, abs=0.0005)
    assert errors["slope"] == pytest.approx(0.437, abs=0.0005)


def test_reml_equals_nlme_on_longley():
    """R: gls(Employed ~ GNP + Population, longley, correlation = corAR1(form = ~ Year)), printed by Faraway 2005."""
    data = sm.datasets.longley.load_pandas().data.astype(float)
    matrix = np.column_stack([np.ones(len(data)), data["GNP"] / 1000, data["POP"] / 1000])
    fit = fit_reml(data["TOTEMP"].to_numpy() / 1000, matrix)
    assert fit.correlation == pytest.approx(0.6441692, abs=5e-8)
    assert fit.coefficients == pytest.approx([101.85813, 0.07207, -0.54851], abs=5e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx([14.198932, 0.010606, 0.154130], abs=5e-7)
    assert np.sqrt(fit.variance) == pytest.approx(0.689207, abs=5e-7)


@pytest.mark.parametrize("form", ["years", "text", "periods", "datetimes"])
def test_time_may_be_written_in_any_form(form):
    california = SALES[SALES["State"] == "California"].copy()
    years = california["Year"].astype(str)
    california["when"] = {
        "years": california["Year"],
        "text": years,
        "periods": pd.PeriodIndex(years, freq="Y"),
        "datetimes": pd.to_datetime(years),
    }[form]
    effect = ek.interrupted_time_series(
        california,
        outcome="PacksPerCapita",
        time="when",
        interruption="1989",
        model="level_and_slope",
        seasonality=None,
        errors="newey_west",
    )
    assert effect.headline["estimate"] == pytest.approx(-20.0581, abs=5e-5)
