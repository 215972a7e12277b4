"""``load``: the rows an analysis uses."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.catalogue import Catalogue, find_root, read_catalogue
from evalkit.catalogue.records.measures import Measure, Recipe
from evalkit.catalogue.records.successors import Event
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.rules import small_numbers
from evalkit.errors import EvaluationError, InputRefused, did_you_mean, repeated, weeks_said
from evalkit.intake.arguments import comparators_in, refuse_unless_yes_or_no, sites_in, starts_of
from evalkit.intake.exposure import days_of
from evalkit.intake.measure_rows import (
    CANONICAL_COLUMNS,
    DAYS_MISSING,
    MISSING,
    NO_DENOMINATOR,
    flag_of,
    rows_of,
    value_of,
)
from evalkit.intake.mergers import endings, mergers
from evalkit.intake.periods import EXAMPLES, parse_period, resolve_interruption
from evalkit.intake.read_table import read_table
from evalkit.intake.row_hashes import rows_hash
from evalkit.intake.successions import (
    WITHDRAWN,
    contradictions,
    events_in,
    ever,
    gated_apart,
    in_words,
    lineages_of,
)
from evalkit.intake.units import units_of


def load(
    *,
    site: str | Iterable[str],
    measure: str,
    first: str | None = None,
    last: str | None = None,
    comparators: str | Iterable[str] | None = (),
    table: str | None = None,
    treated_from: Any = None,
    apart: bool = False,
    every_period: bool = True,
    root: Path | None = None,
) -> pd.DataFrame:
    """One measure at a site, or at several kept apart, and their comparators, complete over the window.

    Parameters
    ----------
    site : str or sequence of str
        A site's id from ``data/sites``, or an ODS code; of several, each is a unit of its own. One text may hold
        several, separated by spaces or commas.
    measure : str
        A measure's id from ``data/measures.yml``.
    first, last : str, optional
        First and last period, such as ``2016-04``; by default all that the table holds for the site.
    comparators : sequence of str, optional
        ODS codes, or one text with the codes separated by spaces or commas.
    table : str, optional
        A table's name from ``data/datapackage.json``; by default the first that covers the window.
    treated_from : str, date, Timestamp, Period, whole year, sequence of these, or mapping of site to these, optional
        Date on which the change began; a sequence has one for each site in the same order, and so has a text with
        several dates separated by spaces or commas. Adds the column ``treated_from``, missing for comparators.
    apart : bool
        Leave the organisations of a site as units of their own, with one more column, ``site``, that says whose
        they are: for figures that are added up later, such as weeks made of days.
    every_period : bool
        False leaves out periods of which the table has no row of the site: between the waves of a survey nothing is missing.
    root : Path, optional
        The project's folder; by default the nearest at or above the current one, or ``EVALKIT_ROOT``.

    Returns
    -------
    DataFrame
        ``unit, period, value, numerator, denominator, days, flag``: every unit has every period of the window, unless
        ``every_period`` is False; what was not reported is missing and says why in ``flag``. ``days`` are those on which the
        measure can be counted, as its ``exposure`` says. ``attrs["evalkit"]`` says where it came from.
        Codes that merged, were split or recoded are added up as ``data/successors.csv`` says; sentences on that are in its
        ``added_up``.

    Raises
    ------
    EvaluationError
        For a site, measure, table or window that is not there, and for codes that begin or end within it and cannot be
        added up.

    Examples
    --------
    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2017-06", last="2017-08", comparators="RD1",
    ... )
    >>> rows = frame[["unit", "period", "value", "days"]]
    >>> print(rows.to_string(index=False))
      unit  period  value  days
    weston 2017-06 4457.0    30
    weston 2017-07 3958.0    31
    weston 2017-08 3961.0    31
       RD1 2017-06 5876.0    30
       RD1 2017-07 6084.0    31
       RD1 2017-08 6046.0    31
    >>> frame.attrs["evalkit"]["data"]["table"]
    'ae-monthly-2016-2019'
    """
    catalogue = read_catalogue(root or find_root())
    return load_from(
        catalogue, site=site, measure=measure, first=first, last=last, comparators=comparators, table=table,
        treated_from=treated_from, apart=apart, every_period=every_period,
    )  # fmt: skip


def load_from(
    catalogue: Catalogue,
    *,
    site: str | Iterable[str],
    measure: str,
    first: str | None = None,
    last: str | None = None,
    comparators: str | Iterable[str] | None = (),
    table: str | None = None,
    treated_from: Any = None,
    apart: bool = False,
    every_period: bool = True,
) -> pd.DataFrame:
    """As ``load``, from records already read."""
    if measure not in catalogue.measures:
        hint = did_you_mean(measure, catalogue.measures)
        raise EvaluationError(f"`{measure}` is not a measure in data/measures.yml{hint}.", "measure")
    refuse_unless_yes_or_no(apart=apart, every_period=every_period)
    recorded = catalogue.measures[measure]
    sites = sites_in(site)
    comparators = comparators_in(comparators)
    starts = None if treated_from is None else starts_of(sites, treated_from)
    codes = catalogue.codes(sites)
    for code in (*codes, *comparators):
        if code not in catalogue.organisations:
            of_sites = code in codes
            known = list(catalogue.sites) if of_sites else list(catalogue.organisations)
            raise EvaluationError(
                f"`{code}` is neither a site in data/sites nor a provider code in data/organisations.csv"
                f"{did_you_mean(code, known)}.",
                "site" if of_sites else "comparators",
            )
    twice = repeated(codes)
    if twice:
        raise EvaluationError(f"{twice[0]} is in two of the sites at once: take it out of one.", "site")
    both = sorted(set(codes) & set(comparators))
    if both:
        what = f"{both[0]} is the site and a comparator at once: take it out of the comparators."
        raise EvaluationError(what, "comparators")

    codes_of = {unit: catalogue.org_codes(unit) for unit in sites}
    several = [unit for unit, of_unit in codes_of.items() if len(of_unit) > 1]
    if recorded.form == "median" and several and not apart:
        raise EvaluationError(
            f"{recorded.name} is a median, and {several[0]} is several organisations, whose medians do not add up to one:"
            " name one organisation, or use a measure that is a mean.",
            "site",
        )
    source, recipe, rows = _source(catalogue, recorded, codes_of, first, last, table)
    events = events_in(catalogue, source)
    grain = _grain(source, recipe)
    of_site = rows[rows["unit"].isin([code for of_unit in codes_of.values() for code in ever(of_unit, events)])]
    start = _period(first, "first", source, grain, rows) if first else of_site["period"].min()
    end = _period(last, "last", source, grain, rows) if last else of_site["period"].max()
    periods = pd.period_range(start, end, freq=_frequency(rows))
    lineages = lineages_of(codes_of, comparators, events, periods, apart=apart)
    used = tuple(dict.fromkeys(event for one in lineages.values() for event in one.events))
    _refuse_recorded_otherwise(catalogue, source, used)
    frame = units_of(rows, lineages, periods, recorded)
    if used and first is None:
        frame = _from_the_first_figure(frame, [*sites, *codes])
        periods = pd.period_range(frame["period"].min(), end, freq=_frequency(rows))
    if not every_period:
        frame = frame[frame["period"].isin(of_site["period"])].reset_index(drop=True)
    frame["value"] = value_of(frame, recorded)
    frame["flag"] = flag_of(frame)
    frame["days"] = _days(frame, recorded.counted_on)
    frame = frame[list(CANONICAL_COLUMNS)]
    if apart:
        belongs = {code: unit for unit in sites for code in catalogue.org_codes(unit)}
        frame["site"] = frame["unit"].map(lambda code: belongs.get(code, code))
    if starts is not None:
        frame["treated_from"] = frame["site" if apart else "unit"].map(starts)
    added_up = [in_words(event) for event in used]
    notes = [*added_up, *_notes(frame, source)]
    rule = small_numbers(source.layout.disclosure.rule)
    if rule is not None:
        notes.append(rule.in_words())
    label_of = {code: unit for unit, one in lineages.items() for code in one.codes}
    ended = endings(read_table(catalogue.root, source), recorded, recipe)
    # What is added up did not grow.
    taken_over = [
        merger for merger in mergers(ended, label_of, periods) if label_of.get(merger.ended) != label_of[merger.unit]
    ]
    frame.attrs["evalkit"] = {
        "measure": recorded.id,
        "place": catalogue.place(sites),
        "measure_unit": _unit(recorded),
        "form": recorded.form,
        "exposure": recorded.counted_on,
        "adds_up": recorded.form if recorded.adds_up_to else None,
        "needs_comparators": _needs_comparators(frame[frame["unit"].isin([*sites, *codes])], source),
        "notes": notes,
        "added_up": added_up,
        "successions": [line.written() for event in used for line in event.lines],
        "mergers": [(label_of[merger.unit], merger.in_words(), merger.grew_by) for merger in taken_over],
        "data": {
            "table": source.name,
            "first": str(periods[0]),
            "last": str(periods[-1]),
            "rows_sha256": rows_hash(frame),
            "disclosure": source.layout.disclosure.rule,
            "synthetic": source.layout.synthetic,
        },
    }
    return frame


def _refuse_recorded_otherwise(catalogue: Catalogue, table: Table, events: Sequence[Event]) -> None:
    """Codes are put together where the table shows no other day, and where counts were not withheld one by one."""
    if not events:
        return
    problems = contradictions(catalogue, read_table(catalogue.root, table), events)
    if problems:
        raise InputRefused(problems)
    codes = {code for event in events for code in event.before | event.after}
    apart = gated_apart(table, codes, events) if small_numbers(table.layout.disclosure.rule) else ""
    if apart:
        raise EvaluationError(f"data/{table.path} {apart}", "table")


def _from_the_first_figure(frame: pd.DataFrame, sites: Sequence[str]) -> pd.DataFrame:
    """Without the periods before the first that a site has a figure of: where not all of its parts are there yet."""
    held = frame["period"][frame["unit"].isin(sites) & frame["numerator"].notna()]
    return frame[frame["period"] >= held.min()].reset_index(drop=True) if len(held) else frame


def _days(frame: pd.DataFrame, kind: str) -> pd.Series:
    """The days of each row on which it can be counted; each period is looked at once."""
    periods = pd.PeriodIndex(frame["period"])
    of = periods.unique()
    return pd.Series(days_of(of, kind)[of.get_indexer(periods)], index=frame.index).astype("int64")


def _needs_comparators(rows: pd.DataFrame, table: Table) -> list[str]:
    """Why these rows are only safe in a comparison; empty where they are safe alone."""
    names = {name for flag in rows["flag"].unique() for name in flag.split(";")}
    return [rule.means for rule in table.layout.flags if rule.needs_comparators and rule.name in names]


def _unit(measure: Measure) -> str:
    """The measure's unit; a share is always in per cent, and begins with its sign."""
    return measure.unit if measure.form != "proportion" or measure.unit.startswith("%") else f"% ({measure.unit})"


def _frequency(rows: pd.DataFrame) -> str:
    return rows["period"].array.freqstr


def _period(written: str, name: str, table: Table, grain: str, rows: pd.DataFrame) -> pd.Period:
    period = parse_period(str(written), grain, _frequency(rows))
    if period is None:
        what = f"{written!r} is not a {grain} of data/{table.path}: write it as {EXAMPLES[grain]}."
        raise EvaluationError(what, name)
    return period


def table_around(catalogue: Catalogue, measure: Measure, codes: Sequence[str], when: str) -> str:
    """The first table that holds the measure at ``codes`` both before and after a date.

    Raises
    ------
    EvaluationError
        Saying which tables there are.
    """
    spans = []
    for table, recipe in _candidates(catalogue, measure):
        rows = rows_of(read_table(catalogue.root, table), measure, recipe)
        here = rows[rows["unit"].isin(codes)]
        if set(here["unit"].unique()) != set(codes):
            continue
        change = resolve_interruption(when, 0, _frequency(rows))
        if here["period"].min() < change.period and change.first_kept <= here["period"].max():
            return table.name
        spans.append(f"{table.name} ({here['period'].min()} to {here['period'].max()})")
    there = f"there is {', '.join(spans)}" if spans else "add the data to data/tables"
    raise EvaluationError(f"No table holds {measure.id} at {', '.join(codes)} before and after {when}: {there}.")


def preload(catalogue: Catalogue, measure: str, table: str) -> None:
    """Read the rows of a measure in a table, so that processes forked from this one have them."""
    for candidate, recipe in _candidates(catalogue, catalogue.measures[measure]):
        if candidate.name == table:
            rows_of(read_table(catalogue.root, candidate), catalogue.measures[measure], recipe)


def _candidates(catalogue: Catalogue, measure: Measure) -> list[tuple[Table, Recipe | None]]:
    """Submissions first, then the measure's recipes in their order."""
    submissions = [(table, None) for table in catalogue.tables.values() if table.layout.shape == "long"]
    return submissions + [(catalogue.tables[recipe.table], recipe) for recipe in measure.recipes]


def _grain(table: Table, recipe: Recipe | None) -> str:
    """What one row of the loaded frame stands for."""
    return recipe.every if recipe and recipe.every else table.layout.grain


def _source(
    catalogue: Catalogue, measure: Measure, codes_of: Mapping[str, Sequence[str]], first, last, table_name: str | None
) -> tuple[Table, Recipe | None, pd.DataFrame]:
    """The one table an analysis draws on: a submission that holds the site, else the first that covers the window.

    Tables are never spliced: their definitions and coverage differ.
    """
    codes = [code for of_unit in codes_of.values() for code in of_unit]
    candidates = _candidates(catalogue, measure)
    if table_name is not None:
        candidates = [candidate for candidate in candidates if candidate[0].name == table_name]
        if not candidates:
            holding = [candidate[0].name for candidate in _candidates(catalogue, measure)]
            raise EvaluationError(
                f"`{table_name}` is not a table that holds {measure.id}{did_you_mean(table_name, holding)}.", "table"
            )
    spans = []
    for table, recipe in candidates:
        rows = rows_of(read_table(catalogue.root, table), measure, recipe)
        here = _rows_of_units(rows, codes_of, events_in(catalogue, table))
        if here is None:
            continue
        start, end = here["period"].min(), here["period"].max()
        table_end = max(end, rows["period"].max())
        grain = _grain(table, recipe)
        begins = _period(first, "first", table, grain, rows) if first else start
        ends = _period(last, "last", table, grain, rows) if last else end
        if first and last and ends < begins:
            what = f"The window at {', '.join(codes)} ends in {ends}, before it begins in {begins}: correct the window."
            raise EvaluationError(what, "last")
        if rows["period"].min() <= begins <= ends <= table_end:
            return table, recipe, rows
        spans.append(f"{table.name} ({start} to {end})")
    codes_shown = ", ".join(codes)
    if spans:
        raise EvaluationError(
            f"No one table holds {measure.id} at {codes_shown} from {first or 'its start'} to {last or 'its end'};"
            f" there is {', '.join(spans)}: correct the window."
        )
    raise EvaluationError(
        f"No table holds {measure.id} at {codes_shown}: correct the code or the measure, or add the data to data/tables."
    )


def _rows_of_units(
    rows: pd.DataFrame, codes_of: Mapping[str, Sequence[str]], events: Sequence[Event]
) -> pd.DataFrame | None:
    """The rows of units by any code that they had; nothing where one of them is not in the table."""
    there, changed = set(rows["unit"].unique()), {code for event in events for code in event.before | event.after}
    wanted: set[str] = set()
    for codes in codes_of.values():
        known = ever(codes, events)
        if not known & there or not set(codes) - there <= changed:
            return None
        wanted |= known
    return rows[rows["unit"].isin(wanted)]


def _notes(frame: pd.DataFrame, table: Table) -> list[str]:
    """What a reader must know of the rows: one sentence for each flag."""
    means = {rule.name: rule.means for rule in table.layout.flags}
    means |= {
        MISSING: "not reported; left missing",
        NO_DENOMINATOR: "nobody was counted, so there is nothing to take a share of; left missing",
        "suppressed": "withheld by the publisher; left missing",
        "partly_reported": "reported for some departments only; left missing",
        WITHDRAWN: "withdrawn or closed by then; left missing, never nought",
        DAYS_MISSING: "the mean of the days reported, or left missing where more than a tenth of the days were not",
    }
    flags_with: dict[str, list[str]] = {}
    for flag in frame["flag"].unique():
        for name in flag.split(";"):
            flags_with.setdefault(name, []).append(flag)
    notes = []
    for name, meaning in means.items():
        if name not in flags_with:
            continue
        hit = frame[frame["flag"].isin(flags_with[name])]
        units = list(dict.fromkeys(hit["unit"]))
        if len(units) == 1:
            where = f"{units[0]} in {_months(hit['period'])}"
        elif hit.groupby("period").size().eq(frame["unit"].nunique()).all():
            where = f"Every place, {_months(hit['period'])}"
        else:
            where = f"{len(hit)} rows of {len(units)} units"
        notes.append(f"{where}: {meaning}.")
    return notes


def _months(periods: pd.Series) -> str:
    unique = sorted(set(periods))
    runs, start = [], unique[0]
    for period, following in zip(unique, [*unique[1:], None], strict=True):
        if following is None or (following - period).n != 1:
            runs.append(str(start) if start == period else f"{start} to {period}")
            start = following
    return weeks_said(", ".join(runs))
