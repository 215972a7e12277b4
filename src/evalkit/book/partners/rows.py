"""One measure at every partner: a row an organisation and month, and who is left out, with the reason."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.book.partners.figure_changes import FigureChange, figure_changes
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.successors import events_of
from evalkit.catalogue.records.tables import Table
from evalkit.charts.checks import SOURCE_CHANGED
from evalkit.charts.rules import ENOUGH_POINTS
from evalkit.intake.day_contrast import day_contrast
from evalkit.intake.measure_rows import rows_of, value_of
from evalkit.intake.read_table import read_table

ACUTE = "acute"
LATELY = 24  # months, of which a partner reports at least half
DAYS_IN_WEEK = 7
PARTS = ["numerator", "denominator"]


@dataclass(frozen=True)
class PartnerRows:
    """What is charted of one measure.

    Attributes
    ----------
    frame : DataFrame
        ``unit, period, value, numerator, denominator``; missing where not reported or left out.
    unit : str
        What the values are in.
    left_out : list of (str, str)
        Codes of organisations that are not charted, each with the reason.
    notes : list of str
        What to know of the figures of all partners, a sentence each.
    changes : dict of str to list of FigureChange
        Of partners whose figures are of something else from a month on, or jumped, what is known of it.
    source_changes : dict of str to str
        Days from which on figures come from another source, each with what the table says of it.
    in_doubt : set of (str, Period)
        Codes and months that were left out as their dates are in doubt; another month without a figure was not reported
        whole.
    """

    frame: pd.DataFrame
    unit: str
    left_out: list[tuple[str, str]]
    notes: list[str]
    changes: dict[str, list[FigureChange]]
    source_changes: dict[str, str]
    in_doubt: set[tuple[str, pd.Period]]


def partner_rows(catalogue: Catalogue, measure: Measure, entry: ControlChart) -> PartnerRows:
    """The rows of a measure at all acute organisations, and at those of a site's own table.

    Raises
    ------
    InputRefused
        Where the table cannot be read.
    """
    table = catalogue.tables[entry.table]
    recipe = next((one for one in measure.recipes if one.table == table.name), None)
    by_day = table.layout.grain == "day"
    if recipe is not None and by_day and entry.contrast is None:
        recipe = recipe.model_copy(update={"every": "month"})
    read = read_table(catalogue.root, table)
    rows = rows_of(read, measure, recipe)
    known = catalogue.organisations
    own = table.layout.shape == "long"
    rows = rows[[own or (code in known and known[code].sector == ACUTE) for code in rows["unit"]]]
    notes = _flags_in_words(rows, table, entry)
    flagged = rows[["period", "flag"]]
    in_doubt: set[tuple[str, pd.Period]] = set()
    if entry.contrast is not None:
        rows, notes, in_doubt = _weekend_share(rows, table)
    if entry.first is not None:
        rows = rows[rows["period"] >= pd.Period(entry.first, "M")]
    rows = rows.reset_index(drop=True)
    rows["value"] = rows["value"] if entry.contrast is not None else value_of(rows, measure)
    rows.loc[rows["value"].isna(), PARTS] = np.nan
    everywhere, left_out = rows, _left_out(rows)
    out = {code for code, _ in left_out}
    rows = rows[[code not in out for code in rows["unit"]]].reset_index(drop=True)
    frame = rows[["unit", "period", "value", *PARTS]]
    sources = source_changes(flagged, table, entry, frame["period"])
    changes = {}
    if len(rows):
        events = () if table.layout.restated else events_of(catalogue.successors.values())
        names = {code: one.name for code, one in known.items()}
        share = measure.form == "proportion" or entry.contrast is not None
        begun = [day[:7] for day in sources]
        changes = figure_changes(everywhere, sorted(rows["unit"].unique()), events, names, share, begun)
    return PartnerRows(frame, _unit(measure, entry, by_day), left_out, notes, changes, sources, in_doubt)


def source_changes(rows: pd.DataFrame, table: Table, entry: ControlChart, charted: pd.Series) -> dict[str, str]:
    """From which day on, at every organisation, figures come from another source, with what the table says of it.

    That is by the record and by nothing else: the first month that has the flag which the entry names.

    Parameters
    ----------
    rows : DataFrame
        ``period, flag``, as the table has them.
    charted : Series
        The months that are charted: a change before or after all of them is none.
    """
    if entry.source_change is None or charted.empty:
        return {}
    flagged = rows["flag"].str.split(";").map(lambda names: entry.source_change in names).astype(bool)
    first = pd.Period(rows["period"][flagged].min(), "M")
    if not charted.min() < first <= charted.max():
        return {}
    (rule,) = (rule for rule in table.layout.flags if rule.name == entry.source_change)
    return {f"{first.start_time:%Y-%m-%d}": rule.means}


def _unit(measure: Measure, entry: ControlChart, by_day: bool) -> str:
    if entry.contrast is not None:
        return "% of a week's discharges" if measure.unit == "discharges" else "% of a week"
    if measure.form == "proportion":
        return measure.unit if measure.unit.startswith("%") else f"% ({measure.unit})"
    return f"{measure.unit} on an average day" if by_day and "average day" not in measure.unit else measure.unit


def _weekend_share(rows: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[str], set[tuple[str, pd.Period]]]:
    """By month, what share of a week its weekend has; a month in which dates are in doubt is left out, and given."""
    doubted = [rule.name for rule in table.layout.flags if rule.of_single_days]
    flagged = rows["flag"].str.split(";").map(lambda names: bool({*names} & {*doubted}))
    month = pd.PeriodIndex(rows["period"]).asfreq("M")
    in_doubt = set(zip(rows["unit"][flagged], month[flagged], strict=True))
    by_month = day_contrast(
        rows.assign(value=rows["numerator"]), outcome="value", unit="unit", date="period", how="share", period="month"
    )
    # From the mean of a week to about as many as were counted, for who weighs months by them.
    by_month[PARTS] = by_month[PARTS].mul(by_month["days"] / DAYS_IN_WEEK, axis=0)
    doubt = np.array([pair in in_doubt for pair in zip(by_month["unit"], by_month["period"], strict=True)])
    by_month.loc[doubt, ["value", *PARTS]] = np.nan
    notes = [
        "Each month is the share that Saturday and Sunday have in a week of its average days; bank holidays are left out, and"
        " so is a month with a day missing."
    ]
    if in_doubt:
        partners = len({unit for unit, _ in in_doubt})
        notes.append(
            f"A month in which the dates of a trust are in doubt is left out: {len(in_doubt):,} month{'' if len(in_doubt) == 1 else 's'} at"
            f" {partners} trust{'' if partners == 1 else 's'}, where the week's pattern suggests that figures stand under the day after their own."
        )
    return by_month, notes, in_doubt


def _left_out(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Who has too few figures for a chart, who has stopped, and who has nothing to count."""
    if rows.empty:
        return []
    newest = rows["period"].max()
    left_out = []
    for code, of_unit in rows.groupby("unit", sort=True):
        reported = of_unit[of_unit["value"].notna()]
        lately = reported[reported["period"] > newest - LATELY]
        if len(reported) < ENOUGH_POINTS:
            count = len(reported)
            why = f"{count} month{'' if count == 1 else 's'} reported, fewer than the {ENOUGH_POINTS} that limits need"
        elif not (reported["numerator"] > 0).any():
            why = "nothing to count in any month"
        elif len(lately) < LATELY / 2:
            why = f"reported in {len(lately)} of the last {LATELY} months, fewer than half"
        else:
            continue
        left_out.append((str(code), why))
    return left_out


def _flags_in_words(rows: pd.DataFrame, table: Table, entry: ControlChart) -> list[str]:
    """What the table says of months at every partner, such as a change of source."""
    notes = []
    newest = rows["period"].max() if len(rows) else None
    for rule in table.layout.flags:
        if rule.missing or rule.of_single_days:
            continue
        hit = rows[rows["flag"].str.split(";").map(lambda names, name=rule.name: name in names)]
        if len(hit):
            first, last = hit["period"].min(), hit["period"].max()
            until = "on" if last == newest else f"to {last:%B} {last.year}"
            told = f" {SOURCE_CHANGED}" if rule.name == entry.source_change else ""
            notes.append(f"From {first:%B} {first.year} {until}: {rule.means}.{told}")
    return notes
