"""Leads of an event study: comparators are of another start, untreated in both periods that are compared.

Else a programme that works shows in them: units that it has reached by the base period stand for no change.
"""

import re

import numpy as np
import pytest

from tests.support.panels import differences, frame_of, injected, noise

PERIODS, EFFECT = 14, 20.0
STARTS = [5] * 6 + [9] * 6  # periods, counted from 0; 7 units are never treated
UNITS = 19


def _panel(starts: list[int], units: int) -> np.ndarray:
    return injected(noise(11, units, PERIODS), starts, EFFECT)


def by_hand(outcome: np.ndarray, starts: list[int], time: int) -> float:
    """Each cohort's change from its last period before the start, less that of units untreated in both periods."""
    cohort = np.array([*starts, *[PERIODS + 1] * (len(outcome) - len(starts))])
    changes, sizes = [], []
    for start in sorted(set(starts)):
        period, base = start + time, start - 1
        others = (cohort > max(period, base)) & (cohort != start)
        if period < 0 or period >= PERIODS or not others.any():
            continue
        own = cohort == start
        change = outcome[:, period] - outcome[:, base]
        changes.append(change[own].mean() - change[others].mean())
        sizes.append(own.sum())
    return float(np.average(changes, weights=sizes))


@pytest.mark.parametrize(
    "options",
    [{"method": "group_time", "inference": "placebo"}, {"inference": "placebo"}, {"inference": "cluster"}],
    ids=["by rank, group-time", "by rank", "clustered"],
)
@pytest.mark.parametrize("units", [UNITS, 12], ids=["some never treated", "all treated some day"])
def test_every_lead_and_lag_is_what_a_computation_by_hand_gives(units, options):
    outcome = _panel(STARTS, units)
    effect = differences(frame_of(outcome, STARTS), **options)
    events = effect.tables["event_study"].query("by == 'since start'").set_index("event_time")["estimate"]
    leads = [time for time in events.index if time < -1]
    assert leads, "the event study begins before the change"
    for time, estimate in events.items():
        assert estimate == pytest.approx(by_hand(outcome, STARTS, int(time)), abs=1e-8), time


@pytest.mark.parametrize("inference", ["placebo", "cluster"])
def test_a_programme_that_works_is_no_trend_before(inference):
    """Parallel before by construction: no check that reads leads fails, however large the effect."""
    outcome = injected(noise(11, 40, PERIODS), STARTS, 100 * EFFECT)
    effect = differences(frame_of(outcome, STARTS), inference=inference)
    read = [
        check for check in effect.checks if check.code in ("parallel_trends", "change_shortly_before", "invented_date")
    ]
    assert read
    assert [check.detail for check in read if check.passed is False] == []


def test_a_trend_before_shows_as_large_as_it_is():
    """Units of the same start are no comparators of each other, which would make it smaller."""
    outcome = np.zeros((UNITS, PERIODS)) + noise(3, UNITS, PERIODS) * 1e-9
    outcome[:6] += np.arange(PERIODS)
    effect = differences(frame_of(outcome, [9] * 6), method="group_time", inference="placebo")
    events = effect.tables["event_study"].query("by == 'since start'").set_index("event_time")["estimate"]
    assert events[-5] == pytest.approx(-4, abs=1e-6)
    assert events[-2] == pytest.approx(-1, abs=1e-6)


def _in_clusters(clusters: int, apart: float = 0.0, seed: int = 1):
    """Sixty units of some clusters, half of them treated; trends part by ``apart`` a period."""
    outcome = injected(noise(seed, 60, PERIODS), [7] * 30, EFFECT)
    outcome[:30] += apart * np.arange(PERIODS)
    names = np.where(
        np.arange(60) < 30, np.arange(60) % (clusters // 2), clusters // 2 + np.arange(60) % (clusters - clusters // 2)
    )
    frame = frame_of(outcome, [7] * 30, region=[f"region {number}" for number in names])
    effect = differences(frame, inference="cluster", cluster="region")
    return next(check for check in effect.checks if check.code == "parallel_trends")


def test_a_test_that_could_hardly_have_failed_is_for_information():
    check = _in_clusters(9)
    assert check.passed is None
    assert "would have found it with a chance of" in check.detail
    assert "could hardly have failed, and is for information" in check.detail


@pytest.mark.parametrize("clusters", [9, 60])
def test_trends_that_part_by_far_fail_it_all_the_same(clusters):
    assert _in_clusters(clusters, apart=30.0).passed is False


def test_with_many_clusters_it_passes_and_says_what_it_would_have_found():
    check = _in_clusters(60, seed=4)
    assert check.passed is True
    chance = re.search(r"with a chance of (\d+)%", check.detail)
    assert int(chance[1]) >= 30
