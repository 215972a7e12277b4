"""Verdict, certainty and size of every analysis, as reviewed. A change here is a change of what the book says."""

import csv
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "data" / "golden.csv"
REVIEWED = ("evaluation", "analysis", "verdict", "certainty", "estimate", "low", "high", "scale")
# Seen by others with plain methods on the same data (95% interval), where the book's estimate has to lie near.
SEEN = {
    ("weston-overnight-closure-2017", "type-1-controlled"): (-20.9, -14.1),
    ("weston-overnight-closure-2017", "type-1-alone"): (-19.7, -14.1),
    ("northumbria-emergency-care-hospital-2015", "all-types"): (10.2, 17.6),
    ("grantham-overnight-closure-2016", "all-types-level"): (-6.6, -2.8),
    ("grantham-overnight-closure-2016", "all-types-with-slope"): (-9.0, -6.0),
    ("midland-metropolitan-hospital-2024", "type-1"): (-25.3, -19.5),
    ("midland-metropolitan-hospital-2024", "four-hour-type-1"): (7.2, 13.4),
}


@pytest.fixture(scope="module")
def found(real_book) -> dict[tuple[str, str], dict[str, str]]:
    project, said = real_book
    assert said.status == 0, said.err
    with (project.root / "results" / "results.csv").open(encoding="utf-8") as table:
        return {(row["evaluation"], row["analysis"]): row for row in csv.DictReader(table)}


def test_the_book_says_what_was_reviewed(found):
    with GOLDEN.open(encoding="utf-8") as table:
        golden = {(row["evaluation"], row["analysis"]): row for row in csv.DictReader(table)}
    assert set(found) == set(golden)
    for key, row in golden.items():
        for name in ("verdict", "certainty", "scale"):
            assert found[key][name] == row[name], (key, name)
        for name in ("estimate", "low", "high"):
            assert float(found[key][name]) == pytest.approx(float(row[name]), abs=0.05), (key, name)


@pytest.mark.parametrize("key", SEEN, ids="/".join)
def test_estimates_lie_near_what_others_saw(found, key):
    low, high = SEEN[key]
    assert low <= float(found[key]["estimate"]) <= high
