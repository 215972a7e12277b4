"""Whether a change could be found at each candidate: ``data/candidate_power.csv``, made by ``python -m tools.candidate_power``."""

from pathlib import Path

from evalkit.catalogue.files.made_tables import read_made_table
from evalkit.catalogue.records.candidates import CandidatePower

SHOWN = "data/candidate_power.csv"


def read_candidate_power(root: Path) -> dict[str, CandidatePower]:
    """By candidate; nothing where the file does not exist.

    Raises
    ------
    InputRefused
        Naming the line that cannot be read.
    """
    rows = read_made_table(root, SHOWN, CandidatePower, "python -m tools.candidate_power")
    return {row.candidate: row for row in rows}
