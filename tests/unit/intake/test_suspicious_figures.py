"""Figures of a published table that are hardly true: a zero among thousands, a month that copies the year before."""

import numpy as np
import pandas as pd
import pytest

from evalkit.catalogue.records.tables import Table
from evalkit.intake.read_table import TableRows
from evalkit.intake.suspicious_figures import copied, percentages, zeros

FIELDS = {"org_code": "string", "period": "date", "visits": "integer", "waits": "integer"}


def table(visits: list[float], waits: list[float]) -> TableRows:
    """One trust from January 2020 on; the file's second line is its first row."""
    described = Table.model_validate(
        {
            "name": "made-up", "path": "tables/made-up.csv", "title": "Made up", "description": "Invented.",
            "sources": [{"title": "Invented"}], "licenses": [{"name": "none"}], "hash": f"sha256:{'0' * 64}",
            "schema": {"fields": [{"name": name, "type": kind, "description": name} for name, kind in FIELDS.items()]},
            "evalkit": {
                "shape": "wide", "grain": "month", "unit": "org_code", "period": "period",
                "disclosure": {"rule": "own_figures", "because": "Invented."},
            },
        }
    )  # fmt: skip
    frame = pd.DataFrame({"visits": visits, "waits": waits}, dtype=float)
    frame.insert(0, "period", pd.period_range("2020-01", periods=len(frame), freq="M"))
    frame.insert(0, "org_code", "AAA")
    frame.index += 2
    return TableRows(described, frame, frame[["visits", "waits"]].isna())


@pytest.mark.parametrize(
    ("around", "odd"),
    [((1000, 1000), True), ((999, 1000), False), ((np.nan, 5000), False), ((5000, np.nan), False)],
)
def test_a_zero_is_odd_between_two_thousands_and_not_beside_a_gap(around, odd):
    """A department that did not report one month may have been closed the next."""
    visits = [2000, around[0], 0, around[1], 2000]
    problems = zeros(table(visits, [50] * 5), ["visits"])
    assert [problem.line for problem in problems] == ([4] if odd else [])
    if odd:
        assert problems[0].what.startswith("2020-03 has 0 in `visits`")


@pytest.mark.parametrize(
    ("visits", "waits", "odd"),
    [(100, 1, True), (99, 1, False), (5000, 0, False)],
    ids=["two figures, one large", "small ones", "one figure"],
)
def test_one_figure_that_repeats_is_no_copy(visits, waits, odd):
    rows = table([visits, *range(1001, 1012), visits], [waits, *range(101, 112), waits])
    assert [problem.line for problem in copied(rows)] == ([14] if odd else [])


@pytest.mark.parametrize(
    ("numerators", "denominators", "said"),
    [
        ([9.8, 10.1], [np.nan, np.nan], "no denominator"),
        ([10, 9.8], [100, 100], "always 100"),
        ([10, 9.8], [100, 140], None),  # a mean: its sum may have fractions
        ([10, 11], [100, 100], None),
        ([10, np.nan], [np.nan, np.nan], None),
    ],
)
def test_a_percentage_in_place_of_its_two_counts_is_worth_a_look(numerators, denominators, said):
    frame = pd.DataFrame({"measure": "readmission", "numerator": numerators, "denominator": denominators}, dtype=object)
    frame = frame.astype({"numerator": float, "denominator": float})
    frame.index += 2
    found = percentages(frame)
    assert (said in found["readmission"][1]) if said else found == {}
    if said:
        assert found["readmission"][0] == (2 if numerators[0] % 1 else 3)
    counts = percentages(frame.drop(columns="denominator"))
    assert bool(counts) == any(number % 1 > 0 for number in numerators)
