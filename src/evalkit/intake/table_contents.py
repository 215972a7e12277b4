"""What a site's own table holds, looked at before anything is asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from evalkit.catalogue.new_table_files import as_submission
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.rules import SmallNumbers
from evalkit.errors import EvaluationError
from evalkit.intake.read_table import read_table
from evalkit.intake.suspicious_figures import percentages


@dataclass(frozen=True)
class TableContents:
    """Codes, measures and periods of a table in long form.

    Attributes
    ----------
    spans : DataFrame
        By organisation and measure: ``first`` and ``last`` period, ``rows``, ``parts`` (rows that have a numerator) and
        ``wholes`` (rows that have a denominator).
    rows : DataFrame
        ``org_code``, ``measure``, ``period``, ``numerator`` and ``denominator`` of every row that has a figure.
    percentages : dict
        By measure: a sentence on figures that may be percentages in place of their two counts.
    """

    spans: pd.DataFrame
    rows: pd.DataFrame
    percentages: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """In the order of the alphabet."""
        return sorted(self.spans["org_code"].unique())

    @property
    def first(self) -> pd.Period:
        """The first period of any."""
        return self.spans["first"].min()

    @property
    def last(self) -> pd.Period:
        """The last period of any."""
        return self.spans["last"].max()

    def measures(self, codes: list[str] | None = None) -> list[str]:
        """Those that some of the codes have, or any."""
        here = self.spans if codes is None else self.spans[self.spans["org_code"].isin(codes)]
        return sorted(here["measure"].unique())

    def points(self, measure: str) -> pd.Series:
        """The periods in which there is a figure, by ``org_code``."""
        return self.rows[self.rows["measure"] == measure].set_index("org_code")["period"].sort_values()

    def without_small(self, rule: SmallNumbers, form: str) -> "TableContents":
        """Without the rows of a measure of this form that are withheld as too small; a sum may withhold others besides."""
        part, whole = (self.rows[name].to_numpy(float) for name in ("numerator", "denominator"))
        small = whole < rule.whole_from
        if form in ("count", "proportion", "rate"):  # else the numerator counts nobody
            small |= rule.is_small(part)
        if form == "proportion":
            small |= rule.is_small(whole - part)
        return replace(self, rows=self.rows[~small])

    def of_code(self, code: str) -> str:
        """What there is of an organisation, for somebody who chooses."""
        return _span(self.spans[self.spans["org_code"] == code])

    def of_measure(self, measure: str) -> str:
        """What there is of a measure, for somebody who chooses."""
        here = self.spans[self.spans["measure"] == measure]
        whole = ", with denominators" if here["wholes"].sum() else ""
        count = here["org_code"].nunique()
        return f"{_span(here)}{whole}, {count} organisation{'' if count == 1 else 's'}"


def _span(spans: pd.DataFrame) -> str:
    return f"{spans['first'].min()} to {spans['last'].max()}"


def contents_of(root: Path, path: Path, described: Table | None = None) -> TableContents:
    """What the file holds.

    Parameters
    ----------
    described : Table, optional
        As data/datapackage.json has it, where it does.

    Raises
    ------
    InputRefused
        With everything that is wrong in the file, by line and column.
    EvaluationError
        Where it is no table in long form.
    """
    table = described if path.parent.name == "tables" and described is not None else as_submission(path)
    if table.layout.shape != "long":
        raise EvaluationError(f"{path.name} is a published table, whose measures stand in columns of their own.")
    frame = read_table(root, table).frame
    wholes = frame["denominator"].notna() if "denominator" in frame else pd.Series(False, index=frame.index)
    told = frame.assign(part=frame["numerator"].notna(), whole=wholes)
    spans = told.groupby(["org_code", "measure"], as_index=False).agg(
        first=("period", "min"),
        last=("period", "max"),
        rows=("period", "size"),
        parts=("part", "sum"),
        wholes=("whole", "sum"),
    )
    rows = told.loc[told["part"]].reindex(columns=["org_code", "measure", "period", "numerator", "denominator"])
    odd = {
        measure: f"{measure}, line {line} of {path.name}: {what}"
        for measure, (line, what) in percentages(frame).items()
    }
    return TableContents(spans[spans["org_code"] != ""], rows[rows["org_code"] != ""], odd)
