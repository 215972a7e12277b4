"""Records of a few rows, and a catalogue of the measures that are counted from them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from evalkit.aggregate.run import Aggregated, Asked, aggregate
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.measures import Measure
from tests.support.record_measures import KINDS, measure

TODAY = date(2026, 11, 30)
HEADER = "attendance_id,provider_code,department,arrived_at,left_at,age,admitted"
# March of 2024 to its last day.
ROWS = (
    "A1,ZZ901,1,2024-03-01 10:00,2024-03-01 12:00,40,yes",
    "A2,ZZ901,1,2024-03-02 10:00,2024-03-02 14:00,50,no",
    "A3,ZZ901,2,2024-03-31 10:00,2024-03-31 20:00,,yes",
)


def catalogue_of(*ids: str, **others: tuple[str, dict]) -> Catalogue:
    """Measures of `tests/support/record_measures.py`, and others by their form and records."""
    kinds = {id: KINDS[id] for id in ids} | {id.replace("_", "-"): kind for id, kind in others.items()}
    return Catalogue(Path(), measures={id: Measure(id=id, **measure(*kind)) for id, kind in kinds.items()})


@pytest.fixture
def records(tmp_path) -> Callable[..., Path]:
    """Write a CSV of records."""

    def write(*rows: str, header: str = HEADER, name: str = "records.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def count(tmp_path) -> Callable[..., Aggregated]:
    """Count files by a catalogue, in a folder from which all that is put aside must have gone."""

    def counted(
        catalogue: Catalogue, *paths: Path, period: str = "month", with_last: bool = False, memory: float = 0.6
    ) -> Aggregated:
        aside = tmp_path / "aside"
        try:
            asked = Asked(paths, [], period, with_last, memory, TODAY)
            return aggregate(catalogue, asked, aside, Console(quiet=True))
        finally:
            assert not aside.exists() or not list(aside.iterdir())

    return counted


def figures(aggregated: Aggregated, measure: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Numerator and denominator by organisation and period."""
    rows = aggregated.table[aggregated.table["measure"] == measure]
    return {(row.org_code, row.period): (row.numerator, row.denominator) for row in rows.itertuples()}


def only(aggregated: Aggregated, measure: str) -> tuple[float, float]:
    """Numerator and denominator of the one row of a measure."""
    (one,) = figures(aggregated, measure).values()
    return one


def same(one: float, other: float) -> bool:
    """Both missing, or the same to what is written."""
    return (pd.isna(one) and pd.isna(other)) or abs(one - other) < 1e-6
