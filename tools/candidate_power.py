"""Whether a change of the predicted size could be found at each candidate, from the months before it alone.

``python -m tools.candidate_power`` writes ``data/candidate_power.csv``, which the page of candidates reads: for each entry of
``data/candidates.yml`` with ``power``, what ``ek.power`` says of the months that it names. No month after those is read.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from evalkit.catalogue import Catalogue, find_root, read_catalogue
from evalkit.catalogue.records.candidate_power import SHOWN
from evalkit.catalogue.records.candidates import CandidatePower, PowerAsked
from evalkit.intake.load import load_from
from evalkit.power import power

DETECTABLE_DECIMALS, POWER_DECIMALS = 1, 2


def power_of(catalogue: Catalogue, id: str, asked: PowerAsked) -> CandidatePower:
    """One line of the table; a level that jumps, with two pairs of harmonics, as the book's evaluations are planned."""
    before = load_from(
        catalogue,
        site=asked.org_code,
        measure=asked.measure,
        table=asked.table,
        first=asked.first,
        last=asked.last,
    )
    sketch = power(
        before,
        outcome="value",
        time="period",
        effect=asked.change,
        model="level",
        headline="level",
        months_after=(asked.months_after,),
    )
    row = sketch.table.iloc[0]
    return CandidatePower.model_validate(
        {
            "candidate": id,
            "before": int(row["before"]),
            "after": int(row["after"]),
            "change": asked.change,
            "scale": sketch.scale,
            "detectable": round(float(row["detectable"]), DETECTABLE_DECIMALS),
            "power": round(float(row["power"]), POWER_DECIMALS),
        }
    )


def rows(catalogue: Catalogue) -> Iterator[CandidatePower]:
    """Those of every candidate that asks, in the order of their ids."""
    for id, candidate in sorted(catalogue.candidates.items()):
        if candidate.power is not None:
            yield power_of(catalogue, id, candidate.power)


def main(root: Path) -> None:
    """Write the table."""
    lines = [row.model_dump() for row in rows(read_catalogue(root))]
    with (root / SHOWN).open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, list(CandidatePower.model_fields), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


if __name__ == "__main__":
    main(find_root())
