"""Where a count is nought, which no logarithm has: asked before an analysis of it is written down."""

from collections.abc import Iterable, Sequence

import pandas as pd

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.errors import EvaluationError, named
from evalkit.intake.arguments import comparators_in, sites_in
from evalkit.intake.load import load_from
from evalkit.intake.table_contents import TableContents


def noughts(
    catalogue: Catalogue,
    contents: TableContents | None,
    table: str | None,
    measure: str,
    places: Iterable[Sequence[str]],
    first: str | None = None,
    last: str | None = None,
) -> list[str]:
    """The places and periods where what is counted is nought, as "ZZ901, 2022-04".

    Parameters
    ----------
    contents : TableContents, optional
        Of a table in long form; without it the figures are those of ``table``, which the book has.
    places : iterable of sequence of str
        Codes of the organisations of each place, whose counts are added up.
    """
    found = []
    for codes in places:
        counts = (
            _loaded(catalogue, table, measure, codes, first, last)
            if contents is None
            else _within(contents, measure, codes, first, last)
        )
        by_period = counts.groupby(level=0).sum()
        found += [f"{' and '.join(codes)}, {period}" for period in by_period.index[by_period == 0]]
    return found


def noughts_beside(
    catalogue: Catalogue, contents: TableContents | None, evaluation: Evaluation, table: str | None, measure: str
) -> list[str]:
    """The same at the sites of the first analysis of an evaluation, and at what they are compared with."""
    first = evaluation.primary.parameters
    places = [catalogue.org_codes(site) for site in sites_in(first["site"])]
    places += [[code] for code in comparators_in(first.get("comparators"))]
    window = (first.get("first"), first.get("last")) if table == first.get("table") else (None, None)
    return noughts(catalogue, contents, table, measure, places, *window)


def in_words(measure: str, found: Sequence[str], unit: str) -> str:
    """Why an analysis of it is not in per cent."""
    return f"`{measure}` is nought at {named(found)}, which has no logarithm, so the result is {unit}."


def _within(
    contents: TableContents, measure: str, codes: Sequence[str], first: str | None, last: str | None
) -> pd.Series:
    rows = contents.rows[(contents.rows["measure"] == measure) & contents.rows["org_code"].isin(codes)]
    frequency = contents.first.freqstr
    after = pd.Period(first, frequency) if first else contents.first
    before = pd.Period(last, frequency) if last else contents.last
    inside = rows[(rows["period"] >= after) & (rows["period"] <= before)]
    return inside.set_index("period")["numerator"]


def _loaded(
    catalogue: Catalogue, table: str | None, measure: str, codes: Sequence[str], first: str | None, last: str | None
) -> pd.Series:
    try:
        frame = load_from(catalogue, site=list(codes), measure=measure, first=first, last=last, table=table)
    except EvaluationError:  # what cannot be read is told when the records are looked at
        return pd.Series(dtype=float)
    return frame.dropna(subset=["value"]).set_index("period")["value"]
