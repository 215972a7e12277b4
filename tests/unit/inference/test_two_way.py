"""Two-way fixed effects: against least squares with dummies, and under few clusters."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.errors import EvaluationError
from evalkit.inference.panel.two_way import HOWS, fit_two_way, two_way
from evalkit.inference.panel.two_way_panel import two_way_panel
from evalkit.inference.simulation import autoregressive_errors
from tests.support.simulations import chance, simulations

DATA = Path(__file__).parents[2] / "validation" / "data"


def panel(random: np.random.Generator, units=12, treated=3, periods=24, correlation=0.4):
    """Outcome and treatment (units, periods): the first ``treated`` change half way, by nothing."""
    outcome = autoregressive_errors(random, units, periods, correlation)
    treatment = np.zeros((units, periods))
    treatment[:treated, periods // 2 :] = 1
    return outcome, treatment


def dummies(outcome, regressors, weights, cluster):
    """The same by statsmodels, with a dummy for every unit and period."""
    units, periods = outcome.shape
    unit, period = np.divmod(np.arange(units * periods), periods)
    matrix = np.column_stack(
        [regressor.ravel() for regressor in regressors] + [np.eye(units)[unit], np.eye(periods)[period][:, 1:]]
    )
    return sm.WLS(outcome.ravel(), matrix, weights=weights[unit]).fit(
        cov_type="cluster", cov_kwds={"groups": cluster[unit], "use_correction": False}, use_t=True
    )


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [1, 3])
class TestAgainstDummies:
    def made(self, k, weighted, grouped):
        random = np.random.default_rng(k)
        outcome, treatment = panel(random, units=14, treated=5)
        regressors = np.stack([treatment, *random.standard_normal((k - 1, *outcome.shape))])
        weights = random.uniform(0.5, 3, 14) if weighted else np.ones(14)
        cluster = np.arange(14) // 2 if grouped else np.arange(14)
        return outcome, regressors, weights, cluster

    def test_cr1(self, k, weighted, grouped):
        outcome, regressors, weights, cluster = made = self.made(k, weighted, grouped)
        theirs = dummies(*made)
        ours = two_way(outcome, regressors, weights, cluster)
        groups, rows = len(np.unique(cluster)), outcome.size
        factor = groups / (groups - 1) * (rows - 1) / (rows - k - outcome.shape[1])
        assert [contrast.estimate for contrast in ours] == pytest.approx(theirs.params[:k], rel=1e-9)
        assert [contrast.std_error for contrast in ours] == pytest.approx(theirs.bse[:k] * np.sqrt(factor), rel=1e-8)
        assert {contrast.df for contrast in ours} == {groups - 1}

    def test_cr3_equals_leaving_out_one_cluster_at_a_time(self, k, weighted, grouped):
        outcome, regressors, weights, cluster = made = self.made(k, weighted, grouped)
        whole = dummies(*made).params[:k]
        moved = []
        for label in np.unique(cluster):
            keep = cluster != label
            moved.append(dummies(outcome[keep], regressors[:, keep], weights[keep], cluster[keep]).params[:k] - whole)
        groups = len(moved)
        expected = np.sqrt((groups - 1) / groups * np.square(moved).sum(axis=0))
        ours = two_way(outcome, regressors, weights, cluster, how="CR3")
        assert [contrast.std_error for contrast in ours] == pytest.approx(expected, rel=1e-7)

    def test_the_bootstrap_equals_one_that_fits_every_draw(self, k, weighted, grouped):
        """For the value zero: p-value from draws fitted one by one with dummies."""
        outcome, regressors, weights, cluster = self.made(k, weighted, grouped)
        from evalkit.inference.panel.wild_bootstrap import WEBB

        made = two_way_panel(outcome, regressors, weights, cluster)
        drawn = np.random.default_rng(7).choice(WEBB.ravel(), size=(39, made.clusters))
        if k > 1:
            null = dummies(outcome, regressors[1:], weights, cluster)
        else:
            null = dummies(outcome, regressors[:0], weights, cluster)
        residuals = null.resid.reshape(outcome.shape)
        fitted = outcome - residuals
        own = dummies(outcome, regressors, weights, cluster)
        larger = 0
        for row in drawn:
            again = dummies(fitted + residuals * row[made.group][:, None], regressors, weights, cluster)
            larger += abs(again.params[0] / again.bse[0]) >= abs(own.params[0] / own.bse[0])
        ours = two_way(outcome, regressors, weights, cluster, how="wild_bootstrap", seed=7, replications=39)[0]
        assert ours.p_value == pytest.approx((1 + larger) / 40)


def test_organ_donations():
    """Kessler and Roth 2014, one treated state of 27: -0.02246 with 0.00672 where unit effects are counted, and
    0.00613 where they lie within clusters and so are not, the convention of fixest and reghdfe."""
    frame = pd.read_csv(DATA / "organ_donations.csv")
    wide = frame.pivot(index="State", columns="Quarter_Num", values="Rate")
    treatment = np.outer(wide.index == "California", wide.columns > 3).astype(float)
    nested = two_way(wide.to_numpy(), treatment)[0]
    counted = two_way(wide.to_numpy(), treatment, count_unit_effects=True)[0]
    assert round(nested.estimate, 5) == round(counted.estimate, 5) == -0.02246
    assert round(counted.std_error, 5) == 0.00672
    assert round(nested.std_error, 5) == 0.00613
    assert nested.df == 26


def test_collapsed_is_the_two_sample_t_test():
    outcome, treatment = panel(np.random.default_rng(3))
    change = outcome[:, 12:].mean(axis=1) - outcome[:, :12].mean(axis=1)
    contrast = two_way(outcome, treatment, how="cluster_t")[0]
    groups = (np.arange(12) < 3).astype(float)
    theirs = sm.OLS(change, sm.add_constant(groups)).fit()
    assert (contrast.estimate, contrast.std_error, contrast.p_value) == pytest.approx(
        (theirs.params[1], theirs.bse[1], theirs.pvalues[1])
    )
    assert contrast.df == 10
    assert (contrast.low, contrast.high) == pytest.approx(tuple(theirs.conf_int()[1]))


def test_collapsed_event_study_and_weights_keep_the_estimates_of_the_regression():
    random = np.random.default_rng(5)
    outcome, treatment = panel(random, periods=8)
    treated = treatment.max(axis=1)
    events = np.stack([np.outer(treated, np.arange(8) == period) for period in range(8) if period != 3]).astype(float)
    weights = random.uniform(1, 4, 12)
    cluster = np.repeat([0, 1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 2, 2, 2, 2, 1])
    collapsed = two_way(outcome, events, weights, cluster, how="cluster_t")
    regression = two_way(outcome, events, weights, cluster)
    assert [contrast.estimate for contrast in collapsed] == pytest.approx(
        [contrast.estimate for contrast in regression]
    )
    assert {contrast.df for contrast in collapsed} == {6}


@pytest.mark.parametrize("how", HOWS)
@settings(max_examples=15)
@given(seed=st.integers(0, 1000), scale=st.sampled_from([1e-3, 4.0, 1e6]), shift=st.floats(-2, 2))
def test_order_scale_and_level_do_not_matter(how, seed, scale, shift):
    random = np.random.default_rng(seed)
    outcome, treatment = panel(random)
    options = {"how": how, "replications": 199}
    contrast = two_way(outcome, treatment, **options)[0]
    moved = two_way(scale * (outcome + shift * treatment + random.standard_normal((12, 1))), treatment, **options)[0]
    assert (moved.estimate / scale - shift, moved.low / scale - shift, moved.high / scale - shift) == pytest.approx(
        (contrast.estimate, contrast.low, contrast.high), rel=1e-6, abs=1e-6
    )
    assert contrast.low <= contrast.estimate <= contrast.high
    assert (contrast.p_value <= 0.05) == (contrast.low > 0 or contrast.high < 0)
    if how != "wild_bootstrap":
        order = random.permutation(12)
        again = two_way(outcome[order], treatment[order], **options)[0]
        assert (again.low, again.p_value) == pytest.approx((contrast.low, contrast.p_value), rel=1e-9)


def test_the_bootstrap_repeats_itself():
    outcome, treatment = panel(np.random.default_rng(0))
    assert two_way(outcome, treatment, how="wild_bootstrap") == two_way(outcome, treatment, how="wild_bootstrap")


@simulations(short=250, long=1000)
def test_three_treated_of_twelve(runs):
    """Rejection of a true null at 5%: CR1 too often, the collapsed t-test about right."""
    random = np.random.default_rng(2026)
    rejected = dict.fromkeys(HOWS, 0)
    for _ in range(runs):
        outcome, treatment = panel(random, periods=48)
        for how in HOWS:
            rejected[how] += two_way(outcome, treatment, how=how, replications=199)[0].p_value <= 0.05
    rates = {how: count / runs for how, count in rejected.items()}
    assert rates["CR1"] > 0.08
    assert abs(rates["cluster_t"] - 0.05) < 3 * chance(0.05, runs)
    assert rates["CR3"] < rates["CR1"]


def test_means_of_coefficients_use_the_covariance():
    random = np.random.default_rng(8)
    outcome, treatment = panel(random)
    late = treatment * (np.arange(24) >= 18)
    fitted = fit_two_way(outcome, np.stack([treatment - late, late]))
    both = fitted.contrast(np.array([0.5, 0.5]))
    assert both.estimate == pytest.approx(two_way(outcome, treatment)[0].estimate)
    assert both.std_error > 0


@pytest.mark.parametrize(
    ("change", "how", "named"),
    [
        ({"outcome": np.full((12, 24), np.nan)}, "CR1", "gaps"),
        ({"regressors": np.ones((12, 24))}, "CR1", "cannot be told"),
        ({"weights": np.zeros(12)}, "CR1", "positive"),
        ({"cluster": np.zeros(12)}, "CR1", "one cluster"),
        ({"cluster": np.arange(12) % 2}, "cluster_t", "wholly treated"),
        ({"regressors": np.triu(np.ones((12, 24)), 5)}, "cluster_t", "same period"),
        ({"regressors": np.eye(12)[:, :1] * (np.arange(24) > 11)}, "CR3", "two clusters or more"),
        ({}, "HC1", "not available"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(change, how, named, plain):
    outcome, treatment = panel(np.random.default_rng(1))
    given = {"outcome": outcome, "regressors": treatment, **change}
    with pytest.raises(EvaluationError) as caught:
        two_way(**given, how=how)
    plain(str(caught.value), named)
