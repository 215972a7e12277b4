"""Intervals of single counts and shares: published values, and what holds whatever the figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evalkit.inference.classical.single_counts import count_interval, share_interval


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_shares_are_those_of_newcombe(part, whole, low, high):
    """Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3."""
    ends = share_interval(np.array([part]), np.array([whole]))
    assert [float(end[0]) for end in ends] == pytest.approx([low, high], abs=6e-5)


@pytest.mark.parametrize(
    ("events", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390)]
)
def test_counts_are_those_of_the_tables(events, low, high):
    """Exact limits for a Poisson mean (Garwood 1936; Ulm 1990, American Journal of Epidemiology 131:373)."""
    ends = count_interval(np.array([events]))
    assert [float(end[0]) for end in ends] == pytest.approx([low, high], abs=6e-4)


@given(st.integers(0, 5_000), st.floats(0.1, 1e6))
def test_each_end_of_a_count_leaves_one_chance_in_forty(events, exposure):
    low, high = (float(end[0]) for end in count_interval(np.array([events]), exposure))
    assert low <= events / exposure <= high
    assert stats.poisson.cdf(events, high * exposure) == pytest.approx(0.025, rel=1e-6)
    if events:
        assert stats.poisson.sf(events - 1, low * exposure) == pytest.approx(0.025, rel=1e-6)
    else:
        assert low == 0


@given(st.integers(1, 2_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_a_share_holds_its_estimate_mirrors_its_rest_and_stays_within_the_whole(parts):
    part, whole = parts
    low, high = (float(end[0]) for end in share_interval(np.array([part]), np.array([whole])))
    assert 0 <= low <= part / whole <= high <= 1
    rest_low, rest_high = (float(end[0]) for end in share_interval(np.array([whole - part]), np.array([whole])))
    assert [low, high] == pytest.approx([1 - rest_high, 1 - rest_low], abs=1e-12)
    ten = [float(end[0]) for end in share_interval(np.array([10 * part]), np.array([10 * whole]))]
    assert ten[1] - ten[0] < high - low


@pytest.mark.parametrize(("part", "whole"), [(3.5, 10), (3, 0), (3, np.nan), (np.nan, 10), (11, 10), (-1, 10)])
def test_what_is_no_count_of_people_has_no_interval(part, whole):
    assert np.isnan(share_interval(np.array([part]), np.array([whole]))).all()


@pytest.mark.parametrize(("events", "exposure"), [(3.5, 1), (-1, 1), (np.nan, 1), (3, 0), (3, np.nan)])
def test_what_is_no_count_of_events_has_no_interval(events, exposure):
    assert np.isnan(count_interval(np.array([events]), exposure)).all()
