"""Figures of difference-in-differences that others have printed, from the same data."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.inference.panel.aggregation import aggregate, pre_trend
from evalkit.inference.panel.group_time import NEVER, GroupTime, bacon, group_time, imputation
from evalkit.inference.panel.synthetic_control import synthetic_control, synthetic_difference

DATA = Path(__file__).parent / "data"
PUBLISHED = pd.read_csv(DATA / "published_differences.csv")
FIRST_YEAR = 2003


@cache
def counties() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log teen employment, first year of a higher minimum wage, log population (mpdta)."""
    rows = pd.read_csv(DATA / "mpdta.csv")
    wide = rows.pivot(index="countyreal", columns="year", values="lemp")
    fixed = rows.groupby("countyreal")[["first.treat", "lpop"]].first()
    cohort = np.where(fixed["first.treat"] == 0, NEVER, fixed["first.treat"] - FIRST_YEAR).astype(int)
    return wide.to_numpy(), cohort, fixed["lpop"].to_numpy()


@cache
def states() -> tuple[np.ndarray, np.ndarray]:
    """Log income and first year of a reform of mathematics teaching, for states and school leaving years."""
    rows = pd.read_csv(DATA / "math_reform_bacondecomp.csv")
    wide = rows.pivot(index="state", columns="class", values="incearn_ln")
    first = rows.groupby("state")["reformyr_math"].first()
    return wide.to_numpy(), np.where(first.isna(), NEVER, first - wide.columns[0]).astype(int)


@cache
def sales() -> tuple[np.ndarray, np.ndarray, int]:
    rows = pd.read_csv(DATA / "california_prop99.csv", sep=";")
    wide = rows.pivot(index="State", columns="Year", values="PacksPerCapita")
    return wide.to_numpy(), np.array(wide.index == "California"), list(wide.columns).index(1989)


@cache
def estimated(model: str) -> GroupTime:
    outcome, cohort, population = counties()
    if model == "doubly robust":
        return group_time(outcome, cohort, comparison="never_treated", covariates=population[:, None])
    return group_time(outcome, cohort, comparison=model.replace(" ", "_"))


def of_group_time(model: str, term: str) -> float:
    result = estimated(model)
    if term == "pre_trend":
        return pre_trend(result).p_chi2
    if term.startswith("cell"):
        cohort, period = (int(year) - FIRST_YEAR for year in term.split()[1:])
        return float(result.estimates[(result.cohorts == cohort) & (result.periods == period)][0])
    kind, _, rest = term.removesuffix(" std_error").partition(" ")
    means = aggregate(result, kind)
    contrast = means.overall
    if rest:
        label = int(rest) if kind == "event_study" else int(rest) - FIRST_YEAR
        contrast = means.contrasts[list(means.labels).index(label)]
    return contrast.std_error if term.endswith("std_error") else contrast.estimate


def of_bacon(term: str) -> float:
    words, _, column = term.rpartition(" ")
    return float(bacon(*states()).table.set_index("comparison").loc[words, column])


def of_fixed_effects(term: str) -> float:
    if term == "mpdta":
        return bacon(*counties()[:2]).estimate
    rows = pd.read_csv(DATA / "organ_donations.csv")
    wide = rows.pivot(index="State", columns="Quarter_Num", values="Rate")
    # California asked in another way from the third quarter of 2011 on, the fourth of these.
    return bacon(wide.to_numpy(), np.where(wide.index == "California", 3, NEVER)).estimate


def of_california(term: str) -> float:
    outcome, treated, start = sales()
    if term == "synthetic difference":
        return synthetic_difference(outcome, treated, start).estimate
    if term == "synthetic control":
        return synthetic_control(outcome, treated, start, solver="frank_wolfe").estimate
    return bacon(outcome, np.where(treated, start, NEVER)).estimate


@pytest.mark.parametrize("row", list(PUBLISHED.itertuples()), ids=lambda row: f"{row.model}: {row.term}")
def test_figures_equal_the_published_ones(row):
    if row.model == "imputation":
        contrast, _ = imputation(*counties()[:2])
        got = contrast.estimate if row.term == "effect" else contrast.std_error
    elif row.model == "fixed effects":
        got = of_fixed_effects(row.term)
    elif row.model == "bacon":
        got = of_bacon(row.term)
    elif row.model == "california":
        got = of_california(row.term)
    else:
        got = of_group_time(row.model, row.term)
    assert got == pytest.approx(row.published, abs=row.tolerance)


def test_nothing_is_remarked_where_nothing_is_wrong():
    for model in ("never treated", "not yet treated", "doubly robust"):
        assert estimated(model).notes == ()


def test_the_parts_add_up_to_two_way_fixed_effects():
    for data in (states(), counties()[:2]):
        parts = bacon(*data)
        assert parts.table["weight"].sum() == pytest.approx(1)
        assert (parts.pairs["weight"] * parts.pairs["estimate"]).sum() == pytest.approx(parts.estimate, abs=1e-12)


def test_exact_weights_are_nearer_than_the_published_ones():
    """synthdid stops after 10,000 steps; the optimum is a little further on."""
    outcome, treated, start = sales()
    published = synthetic_difference(outcome, treated, start)
    exact = synthetic_difference(outcome, treated, start, solver="exact")
    assert exact.rmspe_before < published.rmspe_before
    assert exact.estimate == pytest.approx(published.estimate, abs=0.002)
