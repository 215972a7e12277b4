"""How often a method claims a change where nobody made one, as measured on real series.

``data/false_alarms.csv`` is made by ``python -m tools.false_alarms``, ``data/false_alarms_differences.csv`` by
``python -m tools.false_alarms_differences``, ``data/false_alarms_nations.csv`` by ``python -m tools.false_alarms_nations``,
``data/false_alarms_families.csv`` by ``python -m tools.false_alarms_families``,
``data/certainty_words.csv`` by ``python -m tools.certainty_words score``.
"""

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from evalkit.catalogue.files.made_tables import read_made_table
from evalkit.catalogue.records.fields import Month, Record, Slug, Words
from evalkit.errors import InputRefused, Problem


class FalseAlarms(Record):
    """One measure, window and design: ``claimed`` of units x dates without a change, ``found`` with ``step`` added."""

    measure: Slug
    table: Slug
    first: Month
    last: Month
    design: Words
    units: int
    dates: int
    claimed: float = Field(ge=0, le=1)
    found: float = Field(ge=0, le=1)
    step: float


class DifferenceAlarms(Record):
    """One measure, window, design and number of treated places: shares of ``runs`` with places and dates drawn at random.

    ``refused`` are runs in which nothing could be said.
    """

    measure: Slug
    table: Slug
    first: Month
    last: Month
    design: Words
    treated: int
    units: int
    runs: int
    claimed: float = Field(ge=0, le=1)
    refused: float = Field(ge=0, le=1)
    found: float = Field(ge=0, le=1)
    step: float


class NationAlarms(Record):
    """One measure, window and design of a nation: a share of units x dates, with its standard error clustered by unit.

    ``happened`` is the step that was put in, in percent of a count or in percentage points, 0 where none was. ``design`` is ``alone``,
    ``controlled`` (by the book's own rule: by rank among 19 comparators or more, else widened to what they show at several
    dates) or ``calibrated`` (against comparators, with the calibrated interval as it is). ``least_p`` is the least p-value of
    a rank among the comparators there are.
    """

    nation: Slug
    units_are: Words
    grain: Literal["month", "week"]
    measure: Slug
    table: Slug
    first: Month
    last: Month
    design: Literal["alone", "calibrated", "controlled"]
    units: int
    dates: int
    least_p: float | None
    happened: float = Field(ge=0)
    scale: Literal["percent", "points"]
    claimed: float = Field(ge=0, le=1)
    error: float = Field(ge=0, le=1)


class FamilyAlarms(Record):
    """One measure and window: what a family of so many analyses claims at most where nobody made a change.

    ``claimed`` is Bonferroni's bound, so it may be more than 1; ``error`` its standard error, clustered by unit. Every unit is
    compared with ``comparators`` others, too few for ranks to reach the level of a family.
    """

    nation: Slug
    measure: Slug
    table: Slug
    first: Month
    last: Month
    comparators: int
    units: int
    trials: int
    family: int
    claimed: float = Field(ge=0)
    error: float = Field(ge=0)


class WordGiven(Record):
    """How often a word of certainty was given at real trusts and dates that did not choose the rule.

    ``measure`` is a measure's id, or ``counts`` or ``shares`` for all of the kind; ``rule`` the present one (``now``) or that
    before (``formerly``); ``happened`` the change that was put in, as a share of a count or in points, 0 where none was;
    ``word`` a word, or ``clear`` for any. ``given`` is a share of ``trust_dates`` with its 95% interval, clustered by trust,
    ``of_found`` a share of those that were clear (missing where none was).
    """

    measure: Slug
    rule: Literal["now", "formerly"]
    happened: float
    trusts: int
    trust_dates: int
    word: Literal["clear", "high", "moderate", "low", "very low"]
    given: float = Field(ge=0, le=1)
    given_low: float
    given_high: float
    of_found: float | None


def read_false_alarms(root: Path) -> list[FalseAlarms]:
    """Every rate of the interrupted time series; none where the file does not exist.

    Raises
    ------
    InputRefused
        Naming the line that cannot be read.
    """
    return read_made_table(root, "data/false_alarms.csv", FalseAlarms, "python -m tools.false_alarms")


def read_difference_alarms(root: Path) -> list[DifferenceAlarms]:
    """Every rate of the difference-in-differences; returns and raises as ``read_false_alarms``."""
    shown = "data/false_alarms_differences.csv"
    return read_made_table(root, shown, DifferenceAlarms, "python -m tools.false_alarms_differences")


def read_nation_alarms(root: Path) -> list[NationAlarms]:
    """Every rate of Wales and Scotland; returns and raises as ``read_false_alarms``."""
    shown, made_by = "data/false_alarms_nations.csv", "python -m tools.false_alarms_nations"
    rates = read_made_table(root, shown, NationAlarms, made_by)
    sizes: dict[tuple[str, str, str], set[float]] = {}
    for rate in rates:
        sizes.setdefault((rate.measure, rate.first, rate.design), set()).add(rate.happened)
    for (measure, first, design), there in sizes.items():
        if 0.0 not in there or len(there) < 2:
            what = f"has no rate of {measure} from {first}, {design}, without a change and with one: run `{made_by}` again."
            raise InputRefused([Problem(shown, 0, what)])
    return rates


def read_family_alarms(root: Path) -> list[FamilyAlarms]:
    """Every rate of families of analyses; returns and raises as ``read_false_alarms``."""
    shown = "data/false_alarms_families.csv"
    return read_made_table(root, shown, FamilyAlarms, "python -m tools.false_alarms_families")


def read_words_given(root: Path) -> list[WordGiven]:
    """How often each word of certainty was given; returns and raises as ``read_false_alarms``."""
    shown, made_by = "data/certainty_words.csv", "python -m tools.certainty_words score"
    rates = read_made_table(root, shown, WordGiven, made_by)
    said: dict[tuple[str, str], set[tuple[float, str]]] = {}
    for rate in rates:
        said.setdefault((rate.measure, rate.rule), set()).add((rate.happened, rate.word))
    words = get_args(WordGiven.model_fields["word"].annotation)
    for (measure, rule), there in said.items():
        happened = {size for size, _ in there}
        if there != {(size, word) for size in happened for word in words} or 0.0 not in happened or len(happened) < 2:
            what = f"does not hold every word of {measure} by the rule `{rule}`: run `{made_by}` again."
            raise InputRefused([Problem(shown, 0, what)])
    return rates
