"""What stands for rows: a hash of those an analysis uses, and marks that say which of them have changed."""

import csv
import hashlib
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evalkit.intake.change_marks import DIGITS_OF_A_MARK, RowMarks
from evalkit.intake.read_table import TableRows

FIGURES = ["numerator", "denominator", "flag"]


def rows_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of the figures used, whatever the order of units and whatever else the file holds."""
    ordered = frame.sort_values(["unit", "period"])
    position, periods = pd.factorize(ordered["period"])  # every period is written once
    columns = {name: ordered[name].tolist() for name in ("unit", *FIGURES)}
    for name in ("numerator", "denominator"):
        columns[name] = ["" if math.isnan(value) else value for value in columns[name]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["unit", "period", *FIGURES])
    written = pd.PeriodIndex(periods).astype(str).to_numpy()[position].tolist()
    writer.writerows(zip(columns.pop("unit"), written, *columns.values(), strict=True))
    return hashlib.sha256(text.getvalue().encode()).hexdigest()


def marks_of(frame: pd.DataFrame, grain: str) -> RowMarks:
    """The marks of a loaded frame, in which every unit has every period."""
    hashed = pd.util.hash_pandas_object(frame[FIGURES], index=False).to_numpy()
    low_digits = (hashed % 16**DIGITS_OF_A_MARK).astype(f">u{DIGITS_OF_A_MARK // 2}")
    units = {unit: low_digits[rows].tobytes().hex() for unit, rows in frame.groupby("unit", sort=True).indices.items()}
    return RowMarks(str(frame["period"].iloc[0]), grain, units)


@dataclass(frozen=True)
class TableDigest:
    """What the check of an analysis may depend on in a table, without its rows.

    Attributes
    ----------
    units : mapping of str to str
        A hash of all rows of each unit.
    periods : str
        A hash of the periods that the table holds for anybody, by measure where the table says it.
    """

    units: Mapping[str, str]
    periods: str


def digest_of(rows: TableRows) -> TableDigest:
    """The digest of a table's rows, as they were read."""
    unit, period = rows.table.layout.unit, rows.table.layout.period
    written = rows.frame.join(rows.suppressed.add_suffix(" withheld"))
    written[period] = written[period].astype(str)
    hashed = pd.util.hash_pandas_object(written, index=False)
    units = {
        str(name): hashlib.sha256(of_unit.to_numpy().tobytes()).hexdigest()[:16]
        for name, of_unit in hashed.groupby(written[unit], sort=True)
    }
    keys = ["measure", period] if "measure" in written else [period]
    kinds = written[keys].drop_duplicates().sort_values(keys).to_csv(index=False, lineterminator="\n")
    return TableDigest(units, hashlib.sha256(kinds.encode()).hexdigest()[:16])
