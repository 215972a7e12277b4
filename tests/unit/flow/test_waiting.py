"""Whom patients waited for: shares add up, ranges hold both readings, bounds hold what was recorded."""

import json
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.flow import words
from evalkit.flow.hundredths import ends
from evalkit.flow.order import foremost, unlike
from evalkit.flow.waiting import ClassShare, Counted, TrustMonth, by_month, waiting

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
        assert 0 <= one.low <= min(one.readings)
        assert max(one.readings) <= one.high <= 1
        if found.unrecorded is None:
            assert one.lowest is one.highest is None
            continue
        assert one.lowest is not None
        assert one.highest is not None
        assert 0 <= one.lowest <= one.highest <= 1 + 1e-9
        assert one.highest - one.lowest >= found.unrecorded - 1e-9
    assert found.unrecorded is None or 0 <= found.unrecorded <= 1
    counted = found.counted
    assert counted is None or counted.stayed <= counted.ready
    if found.unrecorded is not None:
        assert counted.recorded == pytest.approx((1 - found.unrecorded) * counted.stayed)
    json.dumps(found.to_dict())


@given(ROWS)
def test_all_that_was_recorded_is_told_and_tied_month_by_month(rows):
    found = waiting(rows, READINGS, CLASSES)
    if found is None:
        return
    assert found.recorded * len(found.months) == pytest.approx(sum(row.recorded for row in rows))
    for month, one in by_month(rows, READINGS, CLASSES):
        assert one.recorded == pytest.approx(sum(row.recorded for row in rows if row.month == month))


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
    assert (found.recorded, found.unrecorded) == (50, pytest.approx(1 / 6))
    assert found.counted == Counted(2, 100, 40, 60, 50)
    hospital = found.classes[0]
    assert hospital.readings == (0.4, 0.5)
    assert (hospital.lowest, hospital.highest) == pytest.approx((1 / 3, 7 / 12))
    assert [month for month, _ in by_month(rows, READINGS, CLASSES)] == ["2025-01", "2025-02"]


def test_a_month_without_a_count_of_who_stayed_makes_no_average_smaller():
    rows = [TrustMonth("AAA", "2025-01", {"bed": 10}, 25, 5), TrustMonth("AAA", "2025-02", {"bed": 10}, None)]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    assert found.counted == Counted(1, 25, 5, 20, 10)


def test_patients_who_left_that_day_are_not_unknown():
    found = waiting([TrustMonth("AAA", "2025-01", {"bed": 10}, 50, 40)], READINGS, CLASSES)
    assert found is not None
    assert found.unrecorded == 0


def test_a_trust_that_recorded_nothing_counts_as_unrecorded_beside_others_that_did():
    rows = [TrustMonth("AAA", "2025-01", {"bed": 10}, 25, 5), TrustMonth("BBB", "2025-01", None, 100, 20)]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    assert (found.unrecorded, found.silent) == (0.9, (("BBB", "2025-01"),))
    assert waiting(rows[1:], READINGS, CLASSES) is None


@pytest.mark.parametrize(("ready", "left"), [(None, None), (40, None), (None, 3)])
def test_reasons_without_a_count_of_who_stayed_are_recorded_and_not_compared(ready, left):
    rows = [TrustMonth("AAA", "2025-01", {"bed": 10}, 25, 5), TrustMonth("BBB", "2025-01", {"review": 5}, ready, left)]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    assert (found.recorded, found.unrecorded, found.not_counted) == (15, 0.5, (("BBB", "2025-01"),))
    assert found.counted == Counted(1, 25, 5, 20, 10)
    assert found.classes[0].high == pytest.approx(1 / 3)


def test_more_reasons_than_patients_who_stayed_are_no_good_record():
    found = waiting([TrustMonth("AAA", "2025-01", {"bed": 12}, 20, 10)], READINGS, CLASSES)
    assert found is not None
    assert (found.unrecorded, found.in_conflict) == (None, (("AAA", "2025-01"),))
    assert (found.classes[2].low, found.classes[2].lowest) == (1, None)
    assert found.counted == Counted(1, 20, 10, 10, 12)
    assert "cannot be told: more patients have a reason than stayed" in words.unknown(found, "in May")


@pytest.mark.parametrize(("surplus", "told"), [(10, 0.5), (11, None)])
def test_a_surplus_fills_no_gap_elsewhere_and_beyond_a_quarter_nothing_is_told(surplus, told):
    rows = [
        TrustMonth("AAA", "2025-01", {"bed": 30}, 60, 0),
        TrustMonth("BBB", "2025-01", {"bed": surplus}, 9, 0),
    ]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    assert found.unrecorded == told
    assert found.in_conflict == (("BBB", "2025-01"),)


def test_a_reason_that_nobody_read_is_an_error():
    with pytest.raises(KeyError, match="another"):
        waiting([TrustMonth("AAA", "2025-01", {"another": 1}, 10)], READINGS, CLASSES)


@given(st.floats(0, 1), st.floats(0, 1))
def test_ends_are_rounded_outwards_where_they_differ(one, two):
    low, high = sorted((one, two))
    least, most = ends(low, high)
    assert 0 <= least <= most <= 100
    if least != most:
        assert least <= 100 * low + 1e-6
        assert most >= 100 * high - 1e-6


def test_reasons_read_in_opposite_ways_do_not_cancel():
    """Each whole reading has 40 of 80 at the interface; reason by reason it is 20 to 60."""
    counts = {"referral": 20, "housing": 20, "arrangement": 20, "bed": 20}
    found = waiting([TrustMonth("AAA", "2025-01", counts, 100, 0)], READINGS, CLASSES)
    assert found is not None
    interface = found.classes[1]
    assert interface.readings == (0.5, 0.5)
    assert (interface.low, interface.high) == (0.25, 0.75)
    assert (interface.lowest, interface.highest) == pytest.approx((0.2, 0.8))


@given(ROWS)
def test_a_range_is_that_of_the_worst_choice_of_each_reason(rows):
    """By brute force: every way to read each reason as one of the readers did."""
    found = waiting(rows, READINGS, CLASSES)
    if found is None:
        return
    whole = sum(found.reasons.values())
    disputed = sorted(reason for reason, (one, two) in READINGS.items() if one != two)
    for one in found.classes:
        shares = []
        for choice in product((0, 1), repeat=len(disputed)):
            chosen = dict(zip(disputed, choice, strict=True))
            shares.append(
                sum(
                    count
                    for reason, count in found.reasons.items()
                    if READINGS[reason][chosen.get(reason, 0)] == one.name
                )
                / whole
            )
        assert (one.low, one.high) == pytest.approx((min(shares), max(shares)))


def _share(name: str, low: float, high: float) -> ClassShare:
    return ClassShare(name, (low, high), low, high, None, None)


def _found(*shares: ClassShare):
    found = waiting([TrustMonth("AAA", "2025-01", {"bed": 1}, None)], READINGS, CLASSES)
    assert found is not None
    return replace(found, classes=shares)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ((0.35, 0.379), "“In hospital” (39 to 41 in 100) is the largest class, then “At the interface” (35 to 38 in 100)."),
        ((0.35, 0.381), "“In hospital” (39 to 41 in 100) and “At the interface” (35 to 39 in 100): which is larger cannot be told."),
        ((0.39, 0.41), "“In hospital” (39 to 41 in 100) and “At the interface” (39 to 41 in 100): which is larger cannot be told."),
    ],
)  # fmt: skip
def test_which_is_larger_is_only_told_where_ranges_as_told_do_not_touch(other, told):
    assert words.largest(_found(_share("in_hospital", 0.39, 0.41), _share("interface", *other))) == told


def test_the_second_class_is_held_to_the_same_rule():
    found = _found(
        _share("in_hospital", 0.5, 0.5), _share("interface", 0.2, 0.25), _share("out_of_hospital", 0.22, 0.3)
    )
    assert words.largest(found) == (
        "“In hospital” (50 in 100) is the largest class, then “Outside the hospital” (22 to 30 in 100) or “At the interface” (20 to"
        " 25 in 100): which of these is larger cannot be told."
    )


SHARES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted), min_size=1, max_size=4)


@given(SHARES)
def test_whatever_stands_alone_is_above_all_others_as_told(shares):
    classes = [_share(name, *each) for name, each in zip(CLASSES, shares, strict=False)]
    first = foremost(classes)
    assert bool(first) == any(one.high > 0 for one in classes)
    if len(first) == 1:
        least = ends(first[0].low, first[0].high)[0]
        assert all(ends(one.low, one.high)[1] < least for one in classes if one is not first[0] and one.high > 0)


def test_months_are_unlike_where_another_class_leads_or_one_lies_far_apart():
    def of(low, high):
        return _found(_share("in_hospital", low, high), _share("interface", 1 - high, 1 - low))

    assert unlike(of(0.6, 0.6), of(0.4, 0.4))
    assert unlike(of(0.9, 0.9), of(0.7, 0.7))
    assert not unlike(of(0.8, 0.8), of(0.7, 0.75))


def test_in_words():
    rows = [TrustMonth("AAA", "2025-01", {"review": 10, "referral": 9, "bed": 21}, 100, 50)]
    found = waiting(rows, READINGS, CLASSES)
    assert found is not None
    assert words.largest(found) == (
        "“Outside the hospital” (52 in 100) is the largest class, then “In hospital” (25 to 48 in 100)."
    )
    assert words.unknown(found, "in May").startswith(
        "For 20 in 100 of those who were ready to leave and stayed in May, no reason"
    )
    alone = waiting([TrustMonth("AAA", "2025-01", {"bed": 4}, None)], READINGS, CLASSES)
    assert alone is not None
    assert words.unknown(alone, "in May").endswith("cannot be told: how many stayed is not in this book.")


def test_trusts_that_differ_are_named_by_name():
    def only(reason):
        found = waiting([TrustMonth("AAA", "2025-01", {reason: 10, "arrangement": 10}, None)], READINGS, CLASSES)
        assert found is not None
        return found

    trusts = [("Zeal", only("review")), ("abbey", only("bed"))]
    said = words.far_apart(trusts, 0.2)
    assert "“In hospital” is 0 in 100 at abbey and 50 in 100 at Zeal" in said
    assert words.far_apart(trusts, 0.6) == words.far_apart(trusts[:1], 0.2) == words.far_apart([], 0.2) == ""
