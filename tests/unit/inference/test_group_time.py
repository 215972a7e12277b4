"""Effects by cohort and period: whatever the order of units, and with all that is uncertain about them."""

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from diff_diff import CallawaySantAnna, SurveyDesign
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evalkit.errors import EvaluationError
from evalkit.inference.panel.aggregation import KINDS, aggregate, cells, clustered_covariance, joint_test, pre_trend
from evalkit.inference.panel.cohort_panel import CohortPanel
from evalkit.inference.panel.group_time import NEVER, bacon, group_time, imputation

seeds = st.integers(0, 10_000)


def panel(seed: int = 1, n: int = 24, n_periods: int = 10, alone: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Units that start at 4, 6 or 8, or never; the last ``alone`` start by themselves at 3, 5, 7."""
    random = np.random.default_rng(seed)
    cohort = np.resize([4, 6, 8, NEVER, NEVER], n)
    cohort[n - alone :] = [3, 5, 7][:alone]
    outcome = random.normal(size=(n, 1)) + random.normal(size=(n, n_periods)) + np.arange(n_periods)
    return outcome, cohort


def refused(plain, *arguments, **options) -> str:
    with pytest.raises(EvaluationError) as error:
        group_time(*arguments, **options)
    return plain(str(error.value))


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
def test_a_cell_is_a_difference_of_differences(comparison):
    outcome, cohort = panel()
    fit = group_time(outcome, cohort, comparison=comparison)
    at = np.flatnonzero((fit.cohorts == 4) & (fit.periods == 6))[0]
    change = outcome[:, 6] - outcome[:, 3]
    others = (cohort == NEVER) | ((cohort > 6) & (comparison == "not_yet_treated"))
    assert fit.bases[at] == 3
    assert fit.estimates[at] == pytest.approx(change[cohort == 4].mean() - change[others].mean())
    variance = change[cohort == 4].var() / (cohort == 4).sum() + change[others].var() / others.sum()
    assert cells(fit)[at].std_error == pytest.approx(np.sqrt(variance))
    assert cells(fit)[at].df == len(cohort) - 1


@pytest.mark.parametrize("base_period", ["varying", "universal"])
@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("anticipation", [0, 2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("everybody", [False, True])
def test_without_covariates_the_cells_are_those_of_diff_diff(
    base_period, comparison, anticipation, weighted, everybody
):
    outcome, cohort = panel(n=30, alone=2)
    if everybody:
        if comparison == "never_treated":
            return
        cohort = np.where(cohort == NEVER, 9, cohort)
    weights = np.random.default_rng(5).uniform(0.5, 2, 30) if weighted else None
    options = {"anticipation": anticipation, "base_period": base_period, "weights": weights}
    ours = group_time(outcome, cohort, comparison=comparison, **options)
    theirs = CallawaySantAnna(control_group=comparison, anticipation=anticipation, base_period=base_period)
    checked = CohortPanel.checked(outcome, cohort, anticipation, weights, None, None)
    design = SurveyDesign(weights="weight") if weighted else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = theirs.fit(checked.frame(), "outcome", "unit", "time", "first", survey_design=design)
    wanted = {key: cell for key, cell in results.group_time_effects.items() if np.isfinite(cell["effect"])}
    got = {
        (cohort + 1, period + 1): (estimate, np.linalg.norm(part))
        for cohort, period, estimate, part in zip(
            ours.cohorts, ours.periods, ours.estimates, ours.influence.T, strict=True
        )
    }
    assert got.keys() == wanted.keys()
    for key, cell in wanted.items():
        error = 0.0 if cell.get("is_reference") else cell["se"]
        assert got[key] == pytest.approx((cell["effect"], error), abs=1e-12)


@pytest.mark.parametrize("base_period", ["varying", "universal"])
@pytest.mark.parametrize("kind", KINDS)
def test_influence_is_what_a_little_more_weight_does(kind, base_period):
    """The derivative by each unit's weight, estimated shares included: an oracle that knows no formula."""
    outcome, cohort = panel(n=12, alone=1)
    weights = np.random.default_rng(3).uniform(0.5, 2, 12)
    means = aggregate(group_time(outcome, cohort, weights=weights, base_period=base_period), kind)
    step = 1e-5
    for unit in range(12):
        more, less = weights.copy(), weights.copy()
        more[unit] += step
        less[unit] -= step
        up, down = (
            aggregate(group_time(outcome, cohort, weights=weights, base_period=base_period), kind)
            for weights in (more, less)
        )
        moved = (up.estimates - down.estimates) / (2 * step) * weights[unit]
        assert means.influence[unit] == pytest.approx(moved, abs=1e-7)
        overall = (up.overall.estimate - down.overall.estimate) / (2 * step) * weights[unit]
        assert means.overall_influence[unit] == pytest.approx(overall, abs=1e-7)


@settings(max_examples=15)
@given(seed=seeds, comparison=st.sampled_from(["never_treated", "not_yet_treated"]))
def test_the_order_of_units_and_the_names_of_clusters_do_not_matter(seed, comparison):
    outcome, cohort = panel(seed, alone=2)
    random = np.random.default_rng(seed)
    cluster = random.integers(0, 9, len(cohort))
    order = random.permutation(len(cohort))
    names = random.permutation(9) * 7
    first = group_time(outcome, cohort, comparison=comparison, cluster=cluster)
    second = group_time(outcome[order], cohort[order], comparison=comparison, cluster=names[cluster[order]])
    assert second.estimates == pytest.approx(first.estimates, abs=1e-12)
    assert second.influence == pytest.approx(first.influence[order], abs=1e-12)
    for kind in KINDS:
        means, other = aggregate(first, kind), aggregate(second, kind)
        assert other.covariance == pytest.approx(means.covariance, abs=1e-12)
        assert other.overall.estimate == pytest.approx(means.overall.estimate, abs=1e-12)
        assert other.overall.std_error == pytest.approx(means.overall.std_error, abs=1e-12)


@settings(max_examples=15)
@given(seed=seeds, by=st.floats(-50, 50), base_period=st.sampled_from(["varying", "universal"]))
def test_what_moves_everybody_or_one_unit_alone_cancels_and_an_effect_is_found(seed, by, base_period):
    outcome, cohort = panel(seed)
    random = np.random.default_rng(seed + 1)
    treated = (cohort[:, None] != NEVER) & (np.arange(10) >= cohort[:, None])
    moved = outcome + random.normal(size=10) * 20 + random.normal(size=(24, 1)) * 20 + by * treated
    before, after = (group_time(values, cohort, base_period=base_period) for values in (outcome, moved))
    shift = np.where(before.event_times >= 0, by, 0.0)
    assert after.estimates == pytest.approx(before.estimates + shift, abs=1e-9)
    assert after.influence == pytest.approx(before.influence, abs=1e-9)
    for kind in KINDS:
        means, other = aggregate(before, kind), aggregate(after, kind)
        assert other.overall.estimate == pytest.approx(means.overall.estimate + by, abs=1e-9)


@settings(max_examples=15)
@given(seed=seeds, weighted=st.booleans())
def test_the_simple_mean_is_the_mean_of_the_cells_by_size(seed, weighted):
    outcome, cohort = panel(seed, alone=1)
    weights = np.random.default_rng(seed).uniform(0.2, 5, len(cohort)) if weighted else None
    fit = group_time(outcome, cohort, weights=weights)
    size = np.ones(len(cohort)) if weights is None else weights
    by_size = np.array([size[cohort == start].sum() for start in fit.cohorts])
    after = fit.event_times >= 0
    expected = np.average(fit.estimates[after], weights=by_size[after])
    assert aggregate(fit, "simple").overall.estimate == pytest.approx(expected)
    study = aggregate(fit, "event_study")
    assert study.overall.estimate == pytest.approx(study.estimates[study.labels >= 0].mean())
    assert np.diag(study.covariance) == pytest.approx([contrast.std_error**2 for contrast in study.contrasts])


def test_balance_keeps_the_same_cohorts_and_drops_what_is_later():
    outcome, cohort = panel()
    fit = group_time(outcome, cohort)
    study = aggregate(fit, "event_study", balance=3)
    # Cohorts 4 and 6 are seen for three periods more than their first, cohort 8 for one.
    assert study.labels.max() == 3
    sizes = fit.sizes
    for label in range(4):
        estimates = [fit.estimates[(fit.cohorts == start) & (fit.event_times == label)][0] for start in (4, 6)]
        expected = np.average(estimates, weights=[sizes[4], sizes[6]])
        assert study.estimates[study.labels == label][0] == pytest.approx(expected)
    with pytest.raises(EvaluationError, match="balance=9"):
        aggregate(fit, "event_study", balance=9)


def test_both_base_periods_agree_after_treatment_and_on_the_test_before():
    outcome, cohort = panel(n=60)
    varying, universal = (
        group_time(outcome, cohort, base_period=base, comparison="never_treated") for base in ("varying", "universal")
    )
    late = universal.estimates[universal.event_times >= 0]
    assert varying.estimates[varying.event_times >= 0] == pytest.approx(late)
    assert (universal.estimates[universal.periods == universal.bases] == 0).all()
    assert pre_trend(varying).p_chi2 == pytest.approx(pre_trend(universal).p_chi2, rel=1e-8)
    assert pre_trend(varying).number == 15


def test_anticipation_moves_the_base_and_leaves_its_months_out_of_the_test():
    outcome, cohort = panel(n=60)
    fit = group_time(outcome, cohort, anticipation=2, base_period="universal")
    assert set(fit.bases - fit.cohorts) == {-3}
    assert pre_trend(fit).number == 9
    with pytest.raises(EvaluationError, match="4 of anticipation"):
        group_time(outcome, cohort, anticipation=4)


def test_clusters_count_once():
    outcome, cohort = panel(n=10)
    twice, again = np.repeat(outcome, 2, axis=0), np.repeat(cohort, 2)
    alone, together = group_time(outcome, cohort), group_time(twice, again, cluster=np.repeat(np.arange(10), 2))
    means, other = aggregate(alone, "event_study"), aggregate(together, "event_study")
    assert other.covariance == pytest.approx(means.covariance)
    assert other.df == means.df == 9
    naive = aggregate(group_time(twice, again), "event_study")
    assert naive.overall.std_error == pytest.approx(means.overall.std_error / np.sqrt(2))


def test_too_few_clusters_for_a_joint_test_give_none():
    outcome, cohort = panel(n=12, n_periods=40)
    assert pre_trend(group_time(outcome, cohort)) is None
    assert joint_test(np.zeros(0), np.zeros((0, 0)), 10.0) is None
    influence = np.random.default_rng(0).normal(size=(50, 3)) / 7
    covariance = clustered_covariance(influence, np.arange(50))
    joint = joint_test(np.array([1.0, 2.0, 3.0]), covariance, 49.0)
    assert joint.statistic == pytest.approx(np.array([1.0, 2, 3]) @ np.linalg.inv(covariance) @ np.array([1.0, 2, 3]))
    assert joint.p_value > joint.p_chi2


def test_cohorts_of_one_are_estimated_and_said(recwarn, plain):
    outcome, cohort = panel(alone=3)
    fit = group_time(outcome, cohort)
    assert {3, 5, 7} <= set(fit.cohorts)
    assert len(fit.notes) == 1
    plain(fit.notes[0], "3 cohorts are single units")
    covariates = np.random.default_rng(0).normal(size=(24, 2))
    adjusted = group_time(outcome, cohort, covariates=covariates)
    assert np.isfinite(adjusted.estimates).all()
    plain(adjusted.notes[0], "regression among comparators only")
    assert not len(recwarn)


def test_where_nobody_is_left_untreated_it_is_said(recwarn, plain):
    outcome, _ = panel()
    cohort = np.resize([3, 5, 8], 24)
    fit = group_time(outcome, cohort)
    assert fit.periods[fit.event_times >= 0].max() == 7
    plain(fit.notes[0], "nobody was still untreated")
    effect, notes = imputation(outcome, cohort)
    assert np.isfinite(effect.estimate)
    plain(notes[0], "nobody was still untreated")
    assert not len(recwarn)


def test_the_parts_of_fixed_effects_say_which_are_forbidden():
    outcome, cohort = panel()
    cohort[0] = 0
    parts = bacon(outcome, cohort)
    assert list(parts.table["comparison"]) == [
        "treated with never treated", "earlier with later treated", "later with earlier treated (forbidden)",
    ]  # fmt: skip
    assert list(parts.table["forbidden"]) == [False, False, True]
    assert any("treated from the first period on" in note for note in parts.notes)
    order = np.random.default_rng(0).permutation(24)
    again = bacon(outcome[order], cohort[order])
    assert again.pairs["weight"].to_numpy() == pytest.approx(parts.pairs["weight"].to_numpy(), abs=1e-12)
    assert again.estimate == pytest.approx(parts.estimate, abs=1e-12)


def test_imputation_finds_a_constant_effect_and_counts_clusters():
    outcome, cohort = panel(n=60)
    treated = (cohort[:, None] != NEVER) & (np.arange(10) >= cohort[:, None])
    effect, notes = imputation(outcome + 5 * treated, cohort, cluster=np.arange(60) // 2)
    assert effect.low < 5 < effect.high
    assert effect.df == 29
    assert notes == ()


def test_what_cannot_be_estimated_is_refused_in_plain_words(plain):
    outcome, cohort = panel()
    everybody = np.where(cohort == NEVER, 5, cohort)
    assert "not_yet_treated" in refused(plain, outcome, everybody, comparison="never_treated")
    assert "same time" in refused(plain, outcome, np.full(24, 5))
    assert "never" not in refused(plain, outcome, np.full(24, NEVER))
    early = np.where(np.arange(24) < 2, 0, cohort)
    assert refused(plain, outcome, early).startswith("2 of 24 units have no period before treatment")
    holes = outcome.copy()
    holes[3, 4] = np.nan
    assert refused(plain, holes, cohort).startswith("1 of 24 units lack")
    assert "comparison='x'" in refused(plain, outcome, cohort, comparison="x")
    assert "base_period='x'" in refused(plain, outcome, cohort, base_period="x")
    refused(plain, outcome, cohort + 5)
    refused(plain, outcome, cohort[:5])
    refused(plain, outcome, cohort, weights=np.zeros(24))
    refused(plain, outcome, cohort, cluster=np.zeros(24))
    refused(plain, outcome, cohort, covariates=np.ones((24, 1)))
    refused(plain, outcome, cohort, covariates=np.full((24, 1), np.nan))
    with pytest.raises(EvaluationError, match="kind='x'"):
        aggregate(group_time(outcome, cohort), "x")


def run(code: str, **environment: str) -> str:
    variables = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    return done.stdout


def _bits() -> list[str]:
    random = np.random.default_rng(5)
    outcome, cohort = random.normal(size=(30, 12)), np.resize([4, 7, 9, -1, -1], 30)
    found = group_time(outcome, cohort, covariates=random.normal(size=(30, 1)))
    overall = aggregate(found, "event_study").overall
    numbers = (
        overall.estimate,
        overall.std_error,
        bacon(outcome, cohort).estimate,
        imputation(outcome, cohort)[0].std_error,
    )
    return [number.hex() for number in numbers]


def test_the_same_bits_whatever_the_hash_seed():
    """In a process with another as in this one, whose seed is drawn."""
    there = {"PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(sys.path)}
    assert run(f"from {__name__} import _bits; print(*_bits())", **there).split() == _bits()


def test_diff_diff_is_read_only_when_needed():
    code = """
import sys
import evalkit.inference.panel.aggregation, evalkit.inference.panel.group_time
print("diff_diff" in sys.modules)
"""
    assert run(code).strip() == "False"


@pytest.mark.parametrize("clusters", [9, 12, 20])
@pytest.mark.parametrize("number", [2, 4, 7])
def test_a_joint_test_of_few_clusters_holds_its_level(clusters, number):
    """F(m, clusters - 1) rejected in up to two thirds of such cases."""
    random = np.random.default_rng(100 * clusters + number)
    root = np.linalg.cholesky(0.5 * np.eye(number) + 0.5)
    rejected, times = 0, 1000
    for _ in range(times):
        parts = random.normal(size=(clusters, number)) @ root.T
        covariance = np.cov(parts.T) / clusters
        rejected += joint_test(parts.mean(axis=0), covariance, clusters - 1.0).p_value <= 0.05
    assert 0.02 < rejected / times < 0.05 + 3 * np.sqrt(0.05 * 0.95 / times)


def test_a_joint_test_of_one_effect_is_the_t_test():
    joint = joint_test(np.array([2.5]), np.array([[1.0]]), 8.0)
    assert joint.p_value == pytest.approx(2 * stats.t.sf(2.5, 8))
