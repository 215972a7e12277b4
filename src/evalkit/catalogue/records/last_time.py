"""What every analysis came to when the book was last published: ``data/last_time.csv``, which ``evalkit keep`` writes."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from evalkit.catalogue.files.made_tables import read_made_table
from evalkit.catalogue.records.fields import Day, EstimateScale, Record, Slug, Words
from evalkit.files import write_if_changed

FILE = "data/last_time.csv"
COMMAND = "evalkit keep"


class KeptResult(Record):
    """One analysis as it was on the day ``kept``: its word where it answers the question, its size where one was estimated, its
    last period."""

    evaluation: Slug
    analysis: Slug
    kept: Day
    verdict: Words | None
    certainty: Words | None
    estimate: float | None
    low: float | None
    high: float | None
    scale: EstimateScale | None
    last: Words


def read_last_time(root: Path) -> list[KeptResult]:
    """Every result that was kept; none where none were.

    Raises
    ------
    InputRefused
        Naming the line that cannot be read.
    """
    return read_made_table(root, FILE, KeptResult, COMMAND)


def keep(root: Path, results: Iterable[dict[str, str]], today: date) -> int:
    """Write down rows of ``results/results.csv``; gives how many."""
    names = [name for name in KeptResult.model_fields if name != "kept"]
    rows = [{name: row[name] for name in names} | {"kept": today.isoformat()} for row in results]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(KeptResult.model_fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_if_changed(root / FILE, out.getvalue())
    return len(rows)
