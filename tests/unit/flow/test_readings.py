"""How far two readings agree: a published figure, and what holds of any two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.flow.readings import agreement, in_words

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40)


def test_a_published_table_gives_its_kappa():
    """Cohen (1960), table 1 as proportions of 200: 88, 40, 24; observed 0.70, by chance 0.41, kappa 0.492."""
    table = {"a": {"a": 88, "b": 14, "c": 18}, "b": {"a": 10, "b": 40, "c": 10}, "c": {"a": 2, "b": 6, "c": 12}}
    pairs = [(one, two) for one, row in table.items() for two, count in row.items() for _ in range(count)]
    found = agreement(pairs)
    assert (found.read, found.alike) == (200, 140)
    assert found.kappa == pytest.approx(0.492, abs=0.0005)


@given(PAIRS)
def test_whoever_reads_first_makes_no_difference(pairs):
    assert agreement(pairs) == agreement([(two, one) for one, two in pairs])


@given(PAIRS)
def test_kappa_is_one_where_all_is_alike_and_never_more(pairs):
    found = agreement(pairs)
    same = agreement([(one, one) for one, _ in pairs])
    assert same.kappa in (None, 1.0)
    assert found.kappa is None or found.kappa <= 1
    assert found.kappa is not None or found.alike == found.read


def test_one_class_for_all_leaves_nothing_beyond_chance():
    assert in_words(agreement([("a", "a"), ("a", "a")])) == "The two readers put 2 of 2 reasons into the same class."


def test_nothing_read_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        agreement([])
