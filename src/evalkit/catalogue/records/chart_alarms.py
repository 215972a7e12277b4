"""How often a control chart raises an icon by chance, on stable series like those of each measure.

``data/chart_alarms.csv`` is made by ``python -m tools.chart_alarms``.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from evalkit.catalogue.files.made_tables import read_made_table
from evalkit.catalogue.records.fields import Record, Slug

SHOWN = "data/chart_alarms.csv"
# What each column is, for who takes the file.
DESCRIBED = {
    "measure": "Id of the measure.",
    "table": "Id of the table that it is charted from.",
    "kind": "Kind of the chart: xmr, p, u or run.",
    "season": "months where season was removed before charting, left where it was not.",
    "trusts": "How many acute trusts gave a level, a season and a noise to simulate from.",
    "series": "How many stable series were simulated: nothing happens in any of them.",
    "months": "How long the longest of them is.",
    "raised": "Share of the series whose last point raises an icon of a special cause, either way: the rate beside icons.",
    "raised_at_most": "Its upper 95% bound, one-sided and exact (Clopper and Pearson): the bound beside the rate.",
    "raised_within_year": "Share of the series with a special cause at any of the last twelve points.",
    "correlation": "Of neighbouring months, at the middle trust.",
    "season_strength": "Share of the variance about a straight line that calendar months explain beyond chance, at the middle trust; season is removed from 0.1 on.",
    "seed": "Of the random numbers.",
}  # fmt: skip


class ChartAlarms(Record):
    """One measure, charted as the matrix charts it.

    ``series`` were simulated, from the fits of ``trusts`` trusts, over ``months`` months at the most. ``raised`` is the share
    of them whose last point raises an icon, ``raised_at_most`` its upper 95% bound (one-sided, exact), and
    ``raised_within_year`` the share with a special cause at any of the last twelve points. ``correlation`` of neighbouring
    months and ``season_strength``, the share of variance about a straight line that calendar months explain beyond
    chance, are those of the middle trust.
    """

    measure: Slug
    table: Slug
    kind: Literal["xmr", "p", "u", "run"]
    season: Literal["months", "left"]
    trusts: int
    series: int
    months: int
    raised: float = Field(ge=0, le=1)
    raised_at_most: float = Field(ge=0, le=1)
    raised_within_year: float = Field(ge=0, le=1)
    correlation: float = Field(ge=-1, le=1)
    season_strength: float = Field(ge=0, le=1)
    seed: int


def read_chart_alarms(root: Path) -> dict[str, ChartAlarms]:
    """By measure; nothing where the file does not exist, and no entry where too few months allow no simulation.

    Raises
    ------
    InputRefused
        Naming the line that cannot be read.
    """
    rates = read_made_table(root, SHOWN, ChartAlarms, "python -m tools.chart_alarms")
    return {rate.measure: rate for rate in rates}
