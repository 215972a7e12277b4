"""The SQL that counts: one statement after another, in the order in which they are run and shown.

``records`` has the columns that are read; ``rows_1``, ``rows_2`` its rows with their periods, for each pair of columns that
says organisation and moment; ``counted_1`` all that can be added up, for all measures of the pair in one pass. Medians,
different values and parts have a pass each: with them, one pass would keep so many figures at once that it takes longer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from evalkit.aggregate.quoting import literal
from evalkit.aggregate.typed_records import number_of, text, time, unreadable_number, unreadable_time
from evalkit.catalogue.records.fields import ANY_CODE, CODE_LENGTHS
from evalkit.catalogue.records.from_records import MICROSECONDS, Amount, Choice, FromRecords
from evalkit.catalogue.records.measures import Measure
from evalkit.disclosure.dominance import LARGEST

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PERIODS = ("day", "week", "month", "quarter")
IS_CODE = (
    f"(regexp_full_match(organisation, '{ANY_CODE.pattern}') AND"
    f" length(organisation) BETWEEN {CODE_LENGTHS[0]} AND {CODE_LENGTHS[-1]})"
)
MISSING, UNREADABLE, NO_NUMBER, BACKWARDS = "missing", "unreadable", "no number", "backwards"


@dataclass(frozen=True)
class Reason:
    """Why rows are in no figure of a measure: what is wrong, of which columns, and the condition that says so.

    ``doubt`` holds for all rows that meet it, and for others that are kept for no such reason.
    """

    what: str
    columns: tuple[str, ...]
    condition: str
    doubt: str


@dataclass(frozen=True)
class Figures:
    """What is counted of a measure, as conditions and expressions over ``rows``.

    ``kept`` are the rows it is about; ``part`` and ``whole`` its numerator and denominator, nothing for no denominator;
    ``largest`` of a mean the list of the two largest amounts.
    """

    kept: str
    part: str
    whole: str | None
    reasons: list[Reason]
    divisor: int = 1
    largest: str | None = None


@dataclass
class Counting:
    """The measures that share the columns of organisation and moment, and what is counted of them, each thing once."""

    number: int
    organisation: str
    at: str
    measures: list[Measure]
    counted: dict[str, str] = field(default_factory=dict)

    def named(self, expression: str) -> str:
        """The column of ``counted`` that holds this expression."""
        return self.counted.setdefault(expression, f"n{len(self.counted) + 1}")


def recipe_of(measure: Measure) -> FromRecords:
    """How it is counted from records; asked of none but measures that say so."""
    assert measure.records is not None
    return measure.records


def countings(measures: Iterable[Measure]) -> list[Counting]:
    """Measures by what can be counted in one pass."""

    def pair(measure: Measure) -> tuple[str, str]:
        return recipe_of(measure).organisation, recipe_of(measure).at

    grouped = groupby(sorted(measures, key=pair), key=pair)
    return [Counting(number, *key, list(alike)) for number, (key, alike) in enumerate(grouped, start=1)]


def parts_of(measure: Measure) -> list[str | None]:
    """By what it is counted: as a whole, then by weekday and by the values of a column, as SQL has them."""
    recipe = recipe_of(measure)
    return [None, *(["weekday"] * recipe.by_weekday), *([text(recipe.stratum)] if recipe.stratum else [])]


def _adds_up(measure: Measure) -> bool:
    """Whether what it counts of parts can be added up to that of the whole."""
    return not (recipe_of(measure).distinct or recipe_of(measure).median_of)


def passes(plan: Sequence[Counting]) -> int:
    """How often the records are read, but for what is left out."""
    apart = (len(parts_of(measure)) - _adds_up(measure) for counting in plan for measure in counting.measures)
    return len(plan) + sum(apart) + any(figures_of(one).reasons for counting in plan for one in counting.measures)


def rows(counting: Counting, period: str, today: date) -> str:
    """The view ``rows_N``: what is after today has no period."""
    at = time(counting.at)
    tomorrow = f"TIMESTAMP '{today + timedelta(days=1)}'"
    return f"""CREATE VIEW rows_{counting.number} AS SELECT *,
  {text(counting.organisation)} AS organisation,
  CASE WHEN {at} < {tomorrow} THEN CAST(date_trunc('{period}', {at}) AS DATE) END AS period,
  isodow({at}) AS weekday
FROM records"""


def counted(counting: Counting) -> str:
    """The table ``counted_N``: what adds up, of all measures, with what has no organisation or no period."""
    at = time(counting.at)
    for measure in filter(_adds_up, counting.measures):
        figures = figures_of(measure)
        counting.named(figures.part)
        for expression in filter(None, (figures.whole, figures.largest)):
            counting.named(expression)
    counts = [
        "count(*) AS rows",
        f"CAST(min({at}) AS DATE) AS first",
        f"CAST(max({at}) AS DATE) AS last",
        *(f"{expression} AS {name}" for expression, name in counting.counted.items()),
    ]
    listed = ",\n  ".join(["organisation", "period", *counts])
    return f"CREATE TABLE counted_{counting.number} AS SELECT\n  {listed}\nFROM rows_{counting.number}\nGROUP BY organisation, period"


def sound(counting: Counting) -> str:
    """The view ``sound_N``: what is counted at an organisation and in a period."""
    where = f"{IS_CODE} AND period IS NOT NULL"
    return f"CREATE VIEW sound_{counting.number} AS SELECT * FROM counted_{counting.number} WHERE {where}"


def left_out(counting: Counting) -> str:
    """One row: how many records there are, and how many have no organisation or no period, each counted once."""
    coded = f"coalesce({IS_CODE}, false)"
    return f"""SELECT
  sum(rows) AS rows,
  sum(rows) FILTER (WHERE organisation IS NULL) AS no_organisation,
  sum(rows) FILTER (WHERE organisation IS NOT NULL AND NOT {coded}) AS no_code,
  sum(rows) FILTER (WHERE {coded} AND period IS NULL) AS no_period,
  min(first) FILTER (WHERE {coded} AND period IS NOT NULL) AS first,
  max(last) FILTER (WHERE {coded} AND period IS NOT NULL) AS last
FROM counted_{counting.number}"""


def without_period(counting: Counting) -> str:
    """One row: why records of an organisation have no period."""
    at, unreadable = time(counting.at), unreadable_time(counting.at)
    return f"""SELECT
  count(*) FILTER (WHERE {at} IS NULL AND NOT {unreadable}) AS missing,
  count(*) FILTER (WHERE {unreadable}) AS unreadable,
  count({at}) AS later
FROM rows_{counting.number}
WHERE period IS NULL AND {IS_CODE}"""


def left_out_of_measures(counting: Counting) -> tuple[str, dict[str, str]] | None:
    """One row: how many records are in no figure of a measure; with the column that holds each condition's."""
    reasons = [reason for measure in counting.measures for reason in figures_of(measure).reasons]
    if not reasons:
        return None
    names = {condition: f"n{n}" for n, condition in enumerate(dict.fromkeys(reason.condition for reason in reasons), 1)}
    counts = ",\n  ".join(f"{count_of(condition)} AS {name}" for condition, name in names.items())
    # One condition that few rows meet, before the many that are asked of those.
    doubtful = " OR ".join(sorted({reason.doubt for reason in reasons}))
    return (
        f"SELECT\n  {counts}\nFROM rows_{counting.number}\nWHERE ({doubtful}) AND period IS NOT NULL AND {IS_CODE}",
        names,
    )


def organisations_and_periods(counting: Counting) -> str:
    """Where there is a record at all, so that a count of none is 0 there and nothing elsewhere."""
    return f"SELECT organisation, period FROM sound_{counting.number} ORDER BY ALL"


@dataclass(frozen=True)
class Room:
    """What the memory has room for.

    ``median`` says whether all values of a measure fit; ``passes`` in how many parts, one after the other, rows are
    told apart where they do not all fit: by value for what is different, by organisation and period for a median.
    """

    median: bool
    passes: int

    def parts(self, keys: str) -> list[str]:
        """A condition for each pass, of which a row meets one."""
        return [f"hash({keys}) % {self.passes} = {one}" for one in range(self.passes)] if self.passes > 1 else ["true"]


def totals(counting: Counting, room: Room) -> Iterator[tuple[Measure, str | None, list[str]]]:
    """For each measure and each part, the SELECTs of its rows: organisation, period, part, numerator, denominator.

    Of several, each has a part of the rows: figures of the same organisation and period are to be added up.
    """
    for measure in counting.measures:
        recipe = recipe_of(measure)
        for part in parts_of(measure):
            if recipe.median_of:
                passes = ["true"] if room.median else room.parts("organisation, period")
                yield measure, part, [_median(counting, measure, part, room.median, one) for one in passes]
            elif recipe.distinct:
                passes = room.parts(text(recipe.distinct))
                yield measure, part, [_different(counting, measure, part, one) for one in passes]
            else:
                yield measure, part, [_summed(counting, measure, part)]


def _summed(counting: Counting, measure: Measure, part: str | None) -> str:
    figures, recipe = figures_of(measure), recipe_of(measure)
    numerator, denominator = figures.part, figures.whole or "NULL"
    if part is None:
        numerator = f"sum({counting.named(numerator)})"
        denominator = f"sum({counting.named(denominator)})" if figures.whole else "NULL"
    if figures.divisor > 1:
        numerator = f"{numerator} / {figures.divisor}" if recipe.mean_of else numerator
        denominator = f"{denominator} / {figures.divisor}" if recipe.per else denominator
    source = f"sound_{counting.number}" if part is None else f"rows_{counting.number}"
    return _of_organisations(
        f"""  SELECT organisation, period, {part or "NULL"} AS part,
    {numerator} AS numerator, {denominator} AS denominator{_largest(counting, figures, part)}
  FROM {source}{_where(part, "true")}
  GROUP BY ALL"""
    )


def _largest(counting: Counting, figures: Figures, part: str | None) -> str:
    """The columns of the two largest amounts that a mean is of."""
    if not figures.largest:
        return ""
    both = f"any_value({counting.named(figures.largest)})" if part is None else f"({figures.largest})"
    return "".join(
        f",\n    {both}[{place}] / {figures.divisor} AS {name}" for place, name in enumerate(LARGEST, start=1)
    )


def _of_organisations(groups: str) -> str:
    """Codes are looked at once for each group, rather than for each row."""
    return f"SELECT * FROM (\n{groups}\n)\nWHERE {IS_CODE} AND period IS NOT NULL\nORDER BY ALL"


def _where(part: str | None, condition: str) -> str:
    said = _all(f"{part} IS NOT NULL" if part else "true", condition)
    return f"\n  WHERE {said}" if said != "true" else ""


def _different(counting: Counting, measure: Measure, part: str | None, chosen: str) -> str:
    figures, column = figures_of(measure), text(str(recipe_of(measure).distinct))
    return _of_organisations(
        f"""  SELECT organisation, period, part, count(*) AS numerator, NULL AS denominator
  FROM (
    SELECT DISTINCT organisation, period, {part or "NULL"} AS part, {column}
    FROM rows_{counting.number}{_where(part, _all(figures.kept, chosen))}
  )
  GROUP BY ALL"""
    )


def _median(counting: Counting, measure: Measure, part: str | None, fits: bool, chosen: str) -> str:
    figures = figures_of(measure)
    keys = f"organisation, period, {part or 'NULL'} AS part"
    rows = f"FROM rows_{counting.number}{_where(part, _all(figures.kept, chosen))}"
    if fits:
        return _of_organisations(
            f"  SELECT {keys},\n    median({figures.part}) / {figures.divisor} AS numerator, count(*) AS denominator"
            f"\n  {rows}\n  GROUP BY ALL"
        )
    # How often there is each value, on the disk where memory is short: the one or two in the middle are the median.
    return f"""WITH often AS (
  SELECT {keys}, {figures.part} AS value, count(*) AS times
  {rows}
  GROUP BY ALL
), placed AS (
  SELECT *, sum(times) OVER (PARTITION BY organisation, period, part ORDER BY value) AS up_to,
    sum(times) OVER (PARTITION BY organisation, period, part) AS people
  FROM often
)
SELECT organisation, period, part,
  (min(value) + max(value)) / 2 / {figures.divisor} AS numerator, any_value(people) AS denominator
FROM placed
WHERE up_to >= (people + 1) // 2 AND up_to - times < people // 2 + 1 AND {IS_CODE} AND period IS NOT NULL
GROUP BY ALL ORDER BY ALL"""


def figures_of(measure: Measure) -> Figures:
    """What is counted of a measure."""
    recipe = recipe_of(measure)
    kept, reasons = _kept(recipe)
    if recipe.distinct:
        there = f"{text(recipe.distinct)} IS NOT NULL"
        absent = f"{text(recipe.distinct)} IS NULL"
        missing = Reason(MISSING, (recipe.distinct,), _all(kept, absent), absent)
        return Figures(_all(kept, there), "", None, [*reasons, missing])
    if recipe.within:
        of_time = _time_taken(kept, recipe, recipe.within.start, recipe.within.end)
        taken, usable = of_time.part, _all(kept, of_time.kept)
        within = count_of(_all(kept, f"{taken} BETWEEN 0 AND {recipe.within.microseconds}"))
        return Figures(usable, within, count_of(usable), reasons + of_time.reasons)
    if recipe.mean_of or recipe.median_of:
        amount = _amount(kept, recipe, recipe.mean_of or recipe.median_of)
        usable = _all(kept, amount.kept)
        part = amount.part if recipe.median_of else f"sum({amount.part}) FILTER (WHERE {usable})"
        largest = f"max({amount.part}, 2) FILTER (WHERE {usable})" if recipe.mean_of else None
        return Figures(usable, part, count_of(usable), reasons + amount.reasons, amount.divisor, largest)
    holds, known = kept, kept
    if recipe.of_which:
        condition = _chosen(recipe.of_which)
        holds, known = _all(kept, condition), _all(kept, f"({condition}) IS NOT NULL")
        reasons.append(_unknown(kept, recipe.of_which))
    if recipe.per:
        amount = _amount(known, recipe, recipe.per)
        whole = f"sum({amount.part}) FILTER (WHERE {_all(known, amount.kept)})"
        part = count_of(_all(holds, amount.kept))
        return Figures(known, part, whole, reasons + amount.reasons, amount.divisor)
    return Figures(known, count_of(holds), count_of(known) if recipe.of_which else None, reasons)


def count_of(condition: str) -> str:
    """How many rows a condition holds for; all, for none."""
    return f"count(*) FILTER (WHERE {condition})" if condition != "true" else "count(*)"


def _all(*conditions: str) -> str:
    said = [condition for condition in conditions if condition != "true"]
    return " AND ".join(said) or "true"


def _chosen(choice: Choice) -> str:
    return _all(*(f"{text(column)} IN ({', '.join(map(literal, values))})" for column, values in choice.items()))


def _kept(recipe: FromRecords) -> tuple[str, list[Reason]]:
    days = ", ".join(str(WEEKDAYS.index(day) + 1) for day in recipe.weekdays)
    on_days = f"weekday IN ({days})" if days else "true"
    if not recipe.where:
        return on_days, []
    return _all(on_days, _chosen(recipe.where)), [_unknown(on_days, recipe.where)]


def _unknown(kept: str, choice: Choice) -> Reason:
    """Rows of which nobody knows whether they are chosen."""
    doubt = f"({_chosen(choice)}) IS NULL"
    return Reason(MISSING, tuple(choice), _all(kept, doubt), doubt)


def _amount(kept: str, recipe: FromRecords, amount: Amount | None) -> Figures:
    """A number of each row: ``kept`` where there is one, ``part`` is that number."""
    assert amount is not None
    if not amount.column:
        unit = MICROSECONDS[str(amount.unit)]
        of_time = _time_taken(kept, recipe, str(amount.start), str(amount.end))
        return Figures(of_time.kept, of_time.part, None, of_time.reasons, unit)
    number, unreadable = number_of(amount.column), unreadable_number(amount.column)
    doubt = f"{number} IS NULL"
    reasons = [
        Reason(MISSING, (amount.column,), _all(kept, doubt, f"NOT {unreadable}"), doubt),
        Reason(NO_NUMBER, (amount.column,), _all(kept, doubt, unreadable), doubt),
    ]
    return Figures(f"{number} IS NOT NULL", number, None, reasons)


def _time_taken(kept: str, recipe: FromRecords, start: str, end: str) -> Figures:
    """Microseconds between two moments of each row: what is counted twice of a row is said once, the start first."""
    begun, ended = (time(column) for column in (start, end))
    reasons, before, doubt = [], kept, f"({ended} >= {begun}) IS NOT TRUE"
    for column, moment in ((start, begun), (end, ended)):
        if column == recipe.at:  # a row without it has no period
            continue
        unreadable = unreadable_time(column)
        absent = f"{moment} IS NULL"
        reasons.append(Reason(MISSING, (column,), _all(before, absent, f"NOT {unreadable}"), doubt))
        reasons.append(Reason(UNREADABLE, (column,), _all(before, absent, unreadable), doubt))
        before = _all(before, f"{moment} IS NOT NULL")
    reasons.append(Reason(BACKWARDS, (start, end), _all(before, f"{ended} < {begun}"), doubt))
    return Figures(f"{ended} >= {begun}", f"epoch_us({ended}) - epoch_us({begun})", None, reasons)
