"""The same figures as pandas gives, on any few rows, on a million, and with little memory."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from benchmarks.aggregate import KEYS, by_pandas
from evalkit.aggregate import query, run
from evalkit.aggregate.run import Asked, aggregate
from evalkit.errors import EvaluationError
from tests.support.record_measures import KINDS
from tests.unit.aggregate.conftest import HEADER, TODAY, catalogue_of
from tools.make_records import make_records

ALL = catalogue_of(*KINDS)
# Days on which clocks change, leap days, ends of years and of months, and the second before midnight.
MOMENTS = st.sampled_from(
    [
        "2024-03-31 00:59", "2024-03-31 01:30", "2024-03-31 02:01", "2024-10-27 00:30", "2024-10-27 01:30:00",
        "2024-02-29 23:59:59", "2024-02-29", "2023-02-28 12:00", "2023-12-31 23:59:59", "2024-01-01", "2024-03-01 04:00",
        "2024-03-01 00:00:01", "", "nonsense",
    ]
)  # fmt: skip
RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["A1", "A2", "A3", ""]), st.sampled_from(["ZZ901", "ZZ902", "", "not a code"]),
        st.sampled_from(["1", "2", ""]), MOMENTS, MOMENTS, st.sampled_from(["0", "40", "12.5", "", "old"]),
        st.sampled_from(["yes", "no", ""]),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


def expected(rows: pd.DataFrame) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Numerator and denominator by organisation, month and measure, as pandas has them."""
    arrived, left = (
        pd.to_datetime(rows[name], format="ISO8601", errors="coerce") for name in ("arrived_at", "left_at")
    )
    rows = rows.assign(
        arrived=arrived, hours=(left - arrived).dt.total_seconds() / 3600, old=pd.to_numeric(rows["age"], "coerce")
    )
    rows = rows[rows["provider_code"].str.fullmatch("ZZ90[12]") & rows["arrived"].notna()]
    found = {}
    for (code, month), of in rows.groupby(["provider_code", rows["arrived"].dt.strftime("%Y-%m")]):
        known, weekday = of["hours"] >= 0, of["arrived"].dt.day_of_week
        said, days = of["admitted"] != "", of["arrived"].dt.day_name().str.lower()
        weekend, major = (weekday >= 5) & said, known & (of["department"] == "1")
        stay = of["hours"]
        figures = {
            "visits": (len(of), np.nan),
            "visits-identified": (of.loc[of["attendance_id"] != "", "attendance_id"].nunique(), np.nan),
            "within-four-hours": ((known & (stay <= 4)).sum(), known.sum()),
            "weekend-admitted": ((weekend & (of["admitted"] == "yes")).sum(), weekend.sum()),
            "admitted-by-day-there": ((known & (of["admitted"] == "yes")).sum(), stay[known & said].sum() / 24),
            "hours-in-major": (stay[major].sum(), major.sum()),
            "age": (of["old"].sum(), of["old"].count()),
            "median-hours": (stay[known].median(), known.sum()),
            **{f"visits-{day}": ((days == day).sum(), np.nan) for day in query.WEEKDAYS},
        }
        for stratum in sorted(set(rows.loc[rows["provider_code"] == code, "department"]) - {""}):
            figures[f"visits-{stratum}"] = ((of["department"] == stratum).sum(), np.nan)
        found |= {(code, month, measure): figure for measure, figure in figures.items()}
    return found


def test_any_rows(tmp_path_factory, monkeypatch):
    """Whether medians are taken at once or by counting values, in one pass or in several."""
    folder = tmp_path_factory.mktemp("any")

    @settings(max_examples=8)
    @given(RECORDS, st.booleans())
    def agree(records: list[tuple[str, ...]], little: bool) -> None:
        monkeypatch.setattr(run, "BYTES_OF_A_MEDIAN", 1e18 if little else 32)
        monkeypatch.setattr(run, "BYTES_OF_A_ROW", 5e7 if little else 100)
        path = folder / "records.csv"
        path.write_text("\n".join([HEADER, *map(",".join, records)]) + "\n", encoding="utf-8")
        wanted = expected(pd.read_csv(path, dtype=str, keep_default_na=False))
        asked = Asked([path], [], "month", True, 0.6, TODAY)
        if not wanted:
            with pytest.raises(EvaluationError, match="Nothing is left"):
                aggregate(ALL, asked, folder, Console(quiet=True))
            return
        table = aggregate(ALL, asked, folder, Console(quiet=True)).table
        counted = {
            tuple(row[:3]): row[3:]
            for row in table[["org_code", "period", "measure", "numerator", "denominator"]].itertuples(index=False)
        }
        assert counted.keys() == wanted.keys()
        for key, figure in wanted.items():
            np.testing.assert_allclose(list(counted[key]), figure, rtol=0, atol=1e-6, err_msg=str(key))

    agree()


def _same_as_pandas(folder: Path, rows: int, kind: str, memory: float) -> None:
    path = folder / f"synthetic.{kind}"
    make_records(path, rows)
    counted = aggregate(ALL, Asked([path], [], "month", False, memory, TODAY), folder, Console(quiet=True))
    assert counted.rows == rows
    theirs = io.StringIO()
    by_pandas(path).to_csv(theirs, index=False)  # both as they are written
    theirs.seek(0)
    other = pd.read_csv(theirs).set_index(KEYS)
    ours = counted.table.set_index(KEYS)
    # A day or a stratum without anybody is 0 in ours, and no row in theirs.
    assert (ours.loc[ours.index.difference(other.index), "numerator"] == 0).all()
    ours = ours.loc[other.index]
    for name in ("numerator", "denominator"):
        np.testing.assert_allclose(ours[name], other[name], rtol=1e-6, atol=1e-6)


def test_fifty_thousand_rows(tmp_path):
    _same_as_pandas(tmp_path, 50_000, "parquet", 0.6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_million_rows(tmp_path, kind):
    _same_as_pandas(tmp_path, 1_000_000, kind, 2)


@pytest.mark.slow
def test_ten_million_rows_with_little_memory(tmp_path):
    """DuckDB has a fifth of a gigabyte here, and the records more than ten times that: medians are counted by values."""
    assert 10_000_000 * run.BYTES_OF_A_MEDIAN > 280_000_000
    _same_as_pandas(tmp_path, 10_000_000, "parquet", 0.6)
