"""How far trends may part: the shortest interval there is, and the set without sampling error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evalkit.errors import EvaluationError
from evalkit.inference.panel.trend_sensitivity import honest_smoothness, relative_magnitudes

seeds = st.integers(0, 10_000)
shapes = st.tuples(st.integers(1, 9), st.integers(1, 6))


def study(seed: int, n_before: int, n_after: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    size = n_before + n_after
    root = random.normal(size=(size, 3 * size)).cumsum(axis=0)
    return random.normal(size=size), root @ root.T / (30 * size)


def worst_bias(on: np.ndarray, n_before: int) -> float:
    """Largest ``on @ difference`` where the slope changes by at most one a period, from its hinges one by one."""
    at = np.concatenate([np.arange(-n_before, 0), np.arange(1, len(on) - n_before + 1)])
    hinges = range(-n_before + 1, int(at.max()))
    # A hinge before the base period bends what lies before it, so that the base period stays at nought.
    bends = [np.maximum(at - h, 0) if h >= 0 else np.maximum(h - at, 0) for h in hinges]
    return sum(abs(on @ bend) for bend in bends)


def test_intervals_equal_those_of_another_program():
    """diff-diff 3.13, which was compared with R's HonestDiD, on the event study of mpdta to five digits."""
    estimates = np.array(
        [0.0033063566, 0.0250218300, 0.0244587410, -0.0199318160, -0.0509573740, -0.1372587400, -0.1008113600]
    )
    from evalkit.inference.panel.aggregation import aggregate
    from evalkit.inference.panel.group_time import group_time
    from tests.validation.test_published_differences import counties

    outcome, cohort, _ = counties()
    means = aggregate(group_time(outcome, cohort, comparison="never_treated", base_period="universal"), "event_study")
    kept = means.only(means.labels != -1)
    assert kept.estimates == pytest.approx(estimates, abs=1e-8)
    intervals = honest_smoothness(kept.estimates, kept.covariance, 3, 4, [0, 0.005, 0.02, 0.05])
    assert intervals.low == pytest.approx([-0.119985, -0.128043, -0.185510, -0.328864], abs=3e-6)
    assert intervals.high == pytest.approx([-0.022545, 0.023291, 0.138922, 0.296678], abs=3e-6)
    sets = relative_magnitudes(kept.estimates, 3, 4, [0.5])
    assert (sets.low[0], sets.high[0]) == pytest.approx((-0.10781325, -0.04666639), abs=1e-8)


@settings(max_examples=25)
@given(seed=seeds, shape=shapes, allowed=st.floats(0.001, 2))
def test_no_other_estimator_has_a_shorter_interval(seed, shape, allowed):
    n_before, n_after = shape
    estimates, covariance = study(seed, n_before, n_after)
    intervals = honest_smoothness(estimates, covariance, n_before, n_after, [allowed])
    half = (intervals.high[0] - intervals.low[0]) / 2
    random = np.random.default_rng(seed)
    at = np.arange(1, n_after + 1)
    for _ in range(30):
        slopes = random.normal(size=n_before) * random.choice([0.1, 1, 5])
        slopes += (at.mean() - slopes.sum()) / n_before if random.random() < 0.5 else 0.0
        slopes[-1] += at.mean() - slopes.sum()
        on = np.concatenate([np.diff(slopes, prepend=0.0), np.full(n_after, 1 / n_after)])
        std_error = np.sqrt(on @ covariance @ on)
        ratio = allowed * worst_bias(on, n_before) / std_error
        other = std_error * np.sqrt(stats.ncx2.ppf(0.95, 1, ratio**2))
        assert half <= other * (1 + 1e-6)


@settings(max_examples=25)
@given(seed=seeds, shape=shapes, slope=st.floats(-5, 5), allowed=st.floats(0, 1))
def test_a_straight_difference_in_trends_changes_nothing(seed, shape, slope, allowed):
    n_before, n_after = shape
    estimates, covariance = study(seed, n_before, n_after)
    at = np.concatenate([np.arange(-n_before, 0), np.arange(1, n_after + 1)])
    first = honest_smoothness(estimates, covariance, n_before, n_after, [allowed], df=20)
    second = honest_smoothness(estimates + slope * at, covariance, n_before, n_after, [allowed], df=20)
    assert (second.low[0], second.high[0]) == pytest.approx((first.low[0], first.high[0]), abs=1e-6)


def test_the_interval_holds_the_truth_where_trends_part_as_much_as_allowed():
    n_before, n_after, allowed = 6, 3, 0.05
    _, covariance = study(3, n_before, n_after)
    at = np.concatenate([np.arange(-n_before, 0), np.arange(1, n_after + 1)])
    parting = allowed * np.where(at > 0, at * (at + 1) / 2, 0.0)
    random = np.random.default_rng(8)
    root = np.linalg.cholesky(covariance)
    held = 0
    for _ in range(300):
        drawn = parting + root @ random.normal(size=len(at))
        intervals = honest_smoothness(drawn, covariance, n_before, n_after, [allowed])
        held += intervals.low[0] <= 0 <= intervals.high[0]
    assert held >= 0.92 * 300


@settings(max_examples=15)
@given(seed=seeds, shape=shapes)
def test_intervals_widen_and_hold_nought_from_the_breakdown_on(seed, shape):
    n_before, n_after = shape
    estimates, covariance = study(seed, n_before, n_after)
    estimates[n_before:] += 8
    grid = np.array([0, 0.05, 0.2, 1, 5])
    intervals = honest_smoothness(estimates, covariance, n_before, n_after, grid)
    assert (np.diff(intervals.high - intervals.low) > -1e-9).all()
    if intervals.breakdown > 0:
        just = honest_smoothness(
            estimates, covariance, n_before, n_after, intervals.breakdown * np.array([0.999, 1.001])
        )
        assert just.low[0] > 0 or just.high[0] < 0
        assert just.low[1] <= 0 <= just.high[1]
    wider = honest_smoothness(estimates, covariance, n_before, n_after, grid, df=6)
    assert (wider.high - wider.low > intervals.high - intervals.low).all()


def test_relative_magnitudes_know_no_sampling_error():
    intervals = relative_magnitudes(np.array([0.2, -0.1, 3.0, 5.0]), 2, 2, [0, 1])
    # The largest movement before treatment is 0.3; after it the mean of one and two such movements.
    assert intervals.low == pytest.approx([4, 4 - 0.45])
    assert intervals.high == pytest.approx([4, 4 + 0.45])
    assert intervals.breakdown == pytest.approx(4 / 0.45)
    assert relative_magnitudes(np.array([0.0, 1.0]), 1, 1, [1]).breakdown == np.inf


def test_what_cannot_be_judged_is_refused(plain):
    estimates, covariance = study(1, 3, 2)
    singular = np.outer(np.arange(1, 6), np.arange(1, 6)).astype(float)
    for arguments in (
        (estimates, covariance, 0, 5, [0]),
        (estimates, covariance, 3, 2, [-1]),
        (estimates, singular, 3, 2, [0]),
        (estimates[:4], covariance, 3, 2, [0]),
    ):
        with pytest.raises(EvaluationError) as error:
            honest_smoothness(*arguments)
        plain(str(error.value))
