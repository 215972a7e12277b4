"""``load``: the rows an analysis uses."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evalkit.catalogue import Catalogue, find_root, read_catalogue
from evalkit.catalogue.records.measures import Measure, Recipe
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.rules import small_numbers
from evalkit.errors import EvaluationError, did_you_mean, repeated
from evalkit.intake.arguments import comparators_in, refuse_unless_yes_or_no, sites_in, starts_of
from evalkit.intake.measure_rows import (
    CANONICAL_COLUMNS,
    DAYS_MISSING,
    MISSING,
    NO_DENOMINATOR,
    all_flags,
    flag_of,
    rows_of,
    value_of,
)
from evalkit.intake.mergers import endings, mergers
from evalkit.intake.periods import EXAMPLES, days_in, parse_period, resolve_interruption
from evalkit.intake.read_table import read_table
from evalkit.intake.row_hashes import rows_hash

NAMED_AT_MOST = 6


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
        ``every_period`` is False; what was not reported is missing and says why in ``flag``. ``attrs["evalkit"]`` says where it came from.

    Raises
    ------
    EvaluationError
        For a site, measure, table or window that is not there, and for codes that merge within it.

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

    source, recipe, rows = _source(catalogue, recorded, codes, first, last, table)
    grain = _grain(source, recipe)
    of_site = rows[rows["unit"].isin(codes)]
    start = _period(first, "first", source, grain, rows) if first else of_site["period"].min()
    end = _period(last, "last", source, grain, rows) if last else of_site["period"].max()
    periods = pd.period_range(start, end, freq=_frequency(rows))
    codes_of = {unit: catalogue.org_codes(unit) for unit in sites}
    several = [unit for unit, of_unit in codes_of.items() if len(of_unit) > 1]
    if recorded.form == "median" and several and not apart:
        raise EvaluationError(
            f"{recorded.name} is a median, and {several[0]} is several organisations, whose medians do not add up to one:"
            " name one organisation, or use a measure that is a mean.",
            "site",
        )
    for unit_codes in codes_of.values():
        _refuse_mergers(rows, unit_codes, periods)
    frame = _complete(rows, [*codes, *comparators], periods)
    if not every_period:
        frame = frame[frame["period"].isin(of_site["period"])].reset_index(drop=True)
    if not apart:
        frame = _by_site(frame, codes_of)
    frame["value"] = value_of(frame, recorded)
    frame["flag"] = flag_of(frame)
    frame["days"] = days_in(pd.PeriodIndex(frame["period"]))
    frame = frame[list(CANONICAL_COLUMNS)]
    if apart:
        belongs = {code: unit for unit in sites for code in catalogue.org_codes(unit)}
        frame["site"] = frame["unit"].map(lambda code: belongs.get(code, code))
    if starts is not None:
        frame["treated_from"] = frame["site" if apart else "unit"].map(starts)
    notes = _notes(frame, source)
    rule = small_numbers(source.layout.disclosure.rule)
    if rule is not None:
        notes.append(rule.in_words())
    label_of = {code: unit for unit in sites for code in catalogue.org_codes(unit)} if not apart else {}
    ended = endings(read_table(catalogue.root, source), recorded, recipe)
    taken_over = mergers(ended, [*codes, *comparators], periods)
    frame.attrs["evalkit"] = {
        "measure": recorded.id,
        "place": catalogue.place(sites),
        "measure_unit": _unit(recorded),
        "form": recorded.form,
        "adds_up": recorded.form if recorded.adds_up_to else None,
        "needs_comparators": _needs_comparators(frame[frame["unit"].isin([*sites, *codes])], source),
        "notes": notes,
        "mergers": [
            (label_of.get(merger.unit, merger.unit), merger.in_words(), merger.grew_by) for merger in taken_over
        ],
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
    catalogue: Catalogue, measure: Measure, codes: list[str], first, last, table_name: str | None
) -> tuple[Table, Recipe | None, pd.DataFrame]:
    """The one table an analysis draws on: a submission that holds the site, else the first that covers the window.

    Tables are never spliced: their definitions and coverage differ.
    """
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
        here = rows[rows["unit"].isin(codes)]
        if set(here["unit"].unique()) != set(codes):
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


def _refuse_mergers(rows: pd.DataFrame, codes: list[str], periods: pd.PeriodIndex) -> None:
    """A site's code that begins or ends in the window would make the sum missing before or after it.

    Judged against the months that the table has for anybody, so that a month it lacks altogether is no ending.
    """
    if len(codes) == 1:
        return
    in_window = rows[rows["period"].between(periods[0], periods[-1])]
    first, last = in_window["period"].min(), in_window["period"].max()
    by_code = in_window[in_window["unit"].isin(codes)].groupby("unit")["period"]
    begins, ends = by_code.min().to_dict(), by_code.max().to_dict()
    for code in codes:
        if code not in ends:
            what = f"has no rows from {periods[0]} to {periods[-1]}"
        elif ends[code] < last:
            what = f"has no rows after {ends[code]}"
        elif begins[code] > first:
            what = f"has no rows before {begins[code]}"
        else:
            continue
        together = " and ".join(codes) if len(codes) <= NAMED_AT_MOST else f"the {len(codes)} organisations"
        raise EvaluationError(
            f"{code} {what}, so {together} cannot be added up: use the code of the merged trust, or shorten the window."
        )


def _complete(rows: pd.DataFrame, codes: Sequence[str], periods: pd.PeriodIndex) -> pd.DataFrame:
    """Every code in every period, in that order; what the table does not hold is missing."""
    of_code = pd.Index(codes).get_indexer(rows["unit"])
    month = rows["period"].array.asi8 - periods[0].ordinal
    held = np.flatnonzero((of_code >= 0) & (month >= 0) & (month < len(periods)))
    source = np.full(len(codes) * len(periods), -1)
    source[of_code[held] * len(periods) + month[held]] = held
    complete = rows.drop(columns=["unit", "period"]).reset_index(drop=True).reindex(source)
    complete.insert(0, "unit", pd.array(np.repeat(list(codes), len(periods)), dtype="str"))
    complete.insert(1, "period", periods[np.tile(np.arange(len(periods)), len(codes))].array)
    complete["flag"] = complete["flag"].fillna(MISSING)
    return complete.reset_index(drop=True)


def _by_site(frame: pd.DataFrame, codes_of: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Each site as one unit, under its own name: a code that stands for itself is only renamed, several are added up."""
    names = {codes[0]: unit for unit, codes in codes_of.items() if len(codes) == 1 and codes[0] != unit}
    several = {unit: codes for unit, codes in codes_of.items() if len(codes) > 1}
    if not several:
        return frame.assign(unit=frame["unit"].replace(names)) if names else frame
    # Sites first, in their order, then comparators, as the codes stand in the frame.
    parts = [
        _added_up(frame[frame["unit"].isin(codes)], unit)
        if unit in several
        else frame[frame["unit"] == codes[0]].assign(unit=unit)
        for unit, codes in codes_of.items()
    ]
    rest = frame[~frame["unit"].isin([code for codes in codes_of.values() for code in codes])]
    return pd.concat([*parts, rest], ignore_index=True)


def _added_up(rows: pd.DataFrame, label: str) -> pd.DataFrame:
    """The organisations of a site as one unit; missing wherever one of them is."""
    periods = rows.groupby("period", sort=True)
    parts = {}
    for name in ("numerator", "denominator"):
        missing = rows[name].isna().groupby(rows["period"]).any()
        parts[name] = periods[name].sum().mask(missing)
    return pd.DataFrame({**parts, "flag": periods["flag"].agg(all_flags)}).reset_index().assign(unit=label)


def _notes(frame: pd.DataFrame, table: Table) -> list[str]:
    """What a reader must know of the rows: one sentence for each flag."""
    means = {rule.name: rule.means for rule in table.layout.flags}
    means |= {
        MISSING: "not reported; left missing",
        NO_DENOMINATOR: "nobody was counted, so there is nothing to take a share of; left missing",
        "suppressed": "withheld by the publisher; left missing",
        "partly_reported": "reported for some departments only; left missing",
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
    return ", ".join(runs)
