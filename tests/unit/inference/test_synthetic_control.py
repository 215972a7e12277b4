"""Weights that follow the treated units: the best there are, whatever the order of units."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.errors import EvaluationError
from evalkit.inference.panel.synthetic_control import SOLVERS, synthetic_control, synthetic_difference

seeds = st.integers(0, 10_000)
METHODS = [synthetic_control, synthetic_difference]


def panel(seed: int, n: int = 15, n_periods: int = 20) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    outcome = random.normal(size=(n, 1)) * 2 + random.normal(size=(n, n_periods)).cumsum(axis=1)
    return outcome, np.arange(n) < random.integers(1, 4)


@settings(max_examples=25)
@given(seed=seeds)
def test_no_step_towards_another_unit_comes_nearer(seed):
    """The Karush-Kuhn-Tucker conditions of the least squares problem."""
    outcome, treated = panel(seed)
    weights = synthetic_control(outcome, treated, 14).unit_weights
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)
    matrix, target = outcome[~treated, :14].T, outcome[treated, :14].mean(axis=0)
    gradient = matrix.T @ (matrix @ weights - target)
    best = gradient @ weights
    assert (gradient >= best - 1e-6 * np.abs(gradient).max()).all()


@settings(max_examples=20)
@given(seed=seeds, method=st.sampled_from(METHODS), solver=st.sampled_from(SOLVERS))
def test_the_order_of_units_does_not_matter(seed, method, solver):
    outcome, treated = panel(seed)
    order = np.random.default_rng(seed).permutation(len(treated))
    first = method(outcome, treated, 14, solver=solver)
    second = method(outcome[order], treated[order], 14, solver=solver)
    assert second.estimate == pytest.approx(first.estimate, abs=1e-9)
    spread = np.zeros(len(treated))
    spread[~treated] = first.unit_weights
    assert second.unit_weights == pytest.approx(spread[order][~treated[order]], abs=1e-9)


def test_more_units_than_periods_and_a_perfect_fit_give_the_same_weights_in_any_order():
    random = np.random.default_rng(2)
    outcome = random.normal(size=(61, 8))
    outcome[0] = outcome[1:].mean(axis=0)
    treated = np.arange(61) == 0
    first = synthetic_control(outcome, treated, 5)
    order = random.permutation(61)
    second = synthetic_control(outcome[order], treated[order], 5)
    assert first.rmspe_before < 1e-9
    assert second.estimate == pytest.approx(first.estimate, abs=1e-12)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_mixture_of_others_is_found_with_its_effect(solver):
    outcome, _ = panel(4, n=9, n_periods=30)
    outcome[0] = 0.3 * outcome[3] + 0.7 * outcome[6]
    outcome[0, 20:] += 5
    treated = np.arange(9) == 0
    fit = synthetic_control(outcome, treated, 20, solver=solver)
    assert fit.estimate == pytest.approx(5, abs=0.02)
    assert fit.unit_weights[[2, 5]] == pytest.approx([0.3, 0.7], abs=0.01)
    assert fit.gap[20:].mean() == pytest.approx(fit.estimate)
    assert fit.gap[:20] == pytest.approx(np.zeros(20), abs=0.1)


@settings(max_examples=20)
@given(seed=seeds, by=st.floats(-20, 20), solver=st.sampled_from(SOLVERS))
def test_levels_of_units_and_common_movements_cancel_in_synthetic_differences(seed, by, solver):
    outcome, treated = panel(seed)
    random = np.random.default_rng(seed + 1)
    moved = outcome + random.normal(size=(len(outcome), 1)) * 9 + random.normal(size=20) * 9
    moved[np.ix_(treated, np.arange(20) >= 14)] += by
    first = synthetic_difference(outcome, treated, 14, solver=solver)
    second = synthetic_difference(moved, treated, 14, solver=solver)
    if solver == "exact":
        # Common movements change what the ridge on weights is measured in, so only levels and the effect cancel exactly.
        level = outcome + random.normal(size=(len(outcome), 1)) * 9
        level[np.ix_(treated, np.arange(20) >= 14)] += by
        second = synthetic_difference(level, treated, 14, solver=solver)
        assert second.estimate == pytest.approx(first.estimate + by, abs=1e-6)
    assert second.time_weights.sum() == pytest.approx(1)
    assert second.gap[14:].mean() == pytest.approx(second.estimate)


@settings(max_examples=15)
@given(seed=seeds, method=st.sampled_from(METHODS))
def test_the_two_solvers_agree(seed, method):
    outcome, treated = panel(seed, n=12, n_periods=30)
    steps, exact = (method(outcome, treated, 24, solver=solver) for solver in SOLVERS)
    spread = outcome[:, 24:].std()
    assert steps.estimate == pytest.approx(exact.estimate, abs=0.02 * spread)


def test_what_cannot_be_weighted_is_refused(plain):
    outcome, treated = panel(1)
    holes = outcome.copy()
    holes[2, 3] = np.nan
    for arguments in (
        (outcome, np.zeros(15, dtype=bool), 14),
        (outcome, np.arange(15) > 0, 14),
        (outcome, treated, 20),
        (outcome, treated, 1),
        (outcome, treated[:4], 14),
        (holes, treated, 14),
    ):
        with pytest.raises(EvaluationError) as error:
            synthetic_difference(*arguments)
        plain(str(error.value))
    with pytest.raises(EvaluationError, match="solver='x'"):
        synthetic_control(outcome, treated, 14, solver="x")
