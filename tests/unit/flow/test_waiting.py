"""Whom patients waited for: shares add up, ranges hold both readings, bounds hold what was recorded."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.flow import words
from evalkit.flow.waiting import TrustMonth, by_month, waiting

CLASSES = ("in_hospital", "interface", "out_of_hospital", "patient_and_family")
READINGS = {
    "review": ("in_hospital", "in_hospital"),
    "referral": ("interface", "in_hospital"),
    "arrangement": ("interface", "interface"),
    "bed": ("out_of_hospital", "out_of_hospital"),
    "housing": ("out_of_hospital", "interface"),
    "choice": ("patient_and_family", "patient_and_family"),
}
COUNTS = st.dictionaries(st.sampled_from(sorted(READINGS)), st.integers(0, 300), min_size=1)
ROWS = st.lists(
    st.builds(
        TrustMonth,
        code=st.sampled_from(["AAA", "BBB"]),
        month=st.sampled_from(["2025-01", "2025-02", "2025-03"]),
        counts=st.none() | COUNTS,
        ready=st.none() | st.floats(0, 2000),
        left=st.none() | st.floats(0, 1000),
    ),
    max_size=6,
    unique_by=lambda row: (row.code, row.month),
)


@given(ROWS)
def test_shares_ranges_and_bounds(rows):
    found = waiting(rows, READINGS, CLASSES)
    if found is None:
        return
    for reader in (0, 1):
        assert sum(one.readings[reader] for one in found.classes) == pytest.approx(1)
    assert sum(found.reasons.values()) == pytest.approx(found.recorded)
    for one in found.classes:
        assert one.low == min(one.readings)
        assert one.high == max(one.readings)
        if found.ready is None:
            assert one.lowest is one.highest is found.unrecorded is None
            continue
        assert one.lowest is not None
        assert one.highest is not None
        assert 0 <= one.lowest <= one.low + 1e-9
        assert one.high - 1e-9 <= one.highest <= 1 + 1e-9
        assert one.highest - one.lowest >= found.unrecorded - 1e-9
    json.dumps(found.to_dict())


@given(ROWS)
def test_order_makes_no_difference(rows):
    one, two = waiting(rows, READINGS, CLASSES), waiting(rows[::-1], READINGS, CLASSES)
    assert (one is None) == (two is None)
    if one and two:
        assert one.recorded == pytest.approx(two.recorded)
        assert [share.low for share in one.classes] == pytest.approx([share.low for share in two.classes])


def test_by_hand():
    rows = [
        TrustMonth("AAA", "2025-01", {"review": 10, "referral": 10, "bed": 20}, 100, 50),
        TrustMonth("AAA", "2025-02", {"review": 30, "referral": 0, "bed": 30}, 100, 30),
    ]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    assert (found.recorded, found.ready, found.left, found.unrecorded) == (50, 100, 40, 0.5)
    hospital = found.classes[0]
    assert hospital.readings == (0.4, 0.5)
    assert (hospital.lowest, hospital.highest) == (0.2, 0.75)
    assert [month for month, _ in by_month(rows, READINGS, CLASSES)] == ["2025-01", "2025-02"]


def test_a_trust_that_recorded_nothing_counts_as_unrecorded_beside_others_that_did():
    rows = [TrustMonth("AAA", "2025-01", {"bed": 10}, 20), TrustMonth("BBB", "2025-01", None, 80)]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    assert (found.unrecorded, found.silent) == (0.9, 1)
    assert waiting(rows[1:], READINGS, CLASSES) is None


def test_reasons_without_a_count_of_who_was_ready_are_left_out_of_the_whole_and_stand_in_their_month():
    rows = [TrustMonth("AAA", "2025-01", {"bed": 10}, 20), TrustMonth("BBB", "2025-01", {"review": 5}, None)]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    assert (found.recorded, found.ready, found.left_out) == (10, 20, 1)
    ((_, month),) = by_month(rows, READINGS, CLASSES)
    assert (month.recorded, month.ready) == (15, None)


def test_more_reasons_than_patients_leave_nobody_without_one_and_are_told():
    found = waiting([TrustMonth("AAA", "2025-01", {"bed": 12}, 10)], READINGS, CLASSES)
    assert found is not None
    assert (found.unrecorded, found.more_reasons, found.ready) == (0, 1, 12)


def test_a_reason_that_nobody_read_is_an_error():
    with pytest.raises(KeyError, match="another"):
        waiting([TrustMonth("AAA", "2025-01", {"another": 1}, 10)], READINGS, CLASSES)


@given(st.floats(0, 1), st.floats(0, 1))
def test_ends_are_rounded_outwards_where_they_differ(one, two):
    low, high = sorted((one, two))
    least, most = words.ends(low, high)
    assert 0 <= least <= most <= 100
    if least != most:
        assert least <= 100 * low + 1e-6
        assert most >= 100 * high - 1e-6


def test_in_words():
    rows = [TrustMonth("AAA", "2025-01", {"review": 10, "referral": 10, "bed": 20}, 100, 50)]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    said = words.recorded(found, "at Example", "in January 2025")
    assert said.startswith(
        "Of the patients at Example whose reason for staying was recorded in January 2025, between 25 and 50 in 100 waited for the"
        " hospital itself, between 0 and 25 in 100 at the interface"
    )
    assert "For 60 in 100 of those who were ready to leave no reason was recorded" in words.of_all(found)
    assert "between 10 and 80 in 100 waited for the hospital" in words.of_all(found)
    assert not re.search(r"block|fault|blame", said + words.of_all(found))
    alone = waiting([TrustMonth("AAA", "2025-01", {"bed": 4}, None)], READINGS, CLASSES)
    assert alone is not None
    assert words.of_all(alone) == words.UNKNOWN
