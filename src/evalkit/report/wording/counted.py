"""What is said of an analysis that only tells what was counted: never a size of a change, a certainty or "no effect"."""

import re

import pandas as pd

from evalkit.effect import Effect
from evalkit.report.wording import words
from evalkit.report.wording.records import EXPECTED

NOT_ESTIMATED = "not estimated"
NOT_CERTAIN = "Nothing was estimated, so there is nothing to be certain of."
NO_FALSE_ALARM = "It claims no change, so it can raise no false alarm; nor does it rule a change out."
NONE = "no figure that can be shown"
LISTED = 3  # points that a sentence tells one by one
LISTED_FOR_EARS = 12
INTERVAL = "\0"  # where an interval begins, until the first of a text is named
PARTS = {"before": "Before the change", "holds the start": "In the period that holds the start", "after": "After it"}
IN_A_TABLE = {"before": "before", "holds the start": "holds the start", "after": "after"}


def points(effect: Effect) -> pd.DataFrame:
    """Every point of a description, in order of time."""
    return effect.tables["points"]


def why(effect: Effect) -> str:
    """Why there is no estimate, and what there is: the end of a sentence."""
    return f"{effect.estimand}; here is what was counted before and after"


def headline(effect: Effect, name: str, place: str) -> str:
    """The same in one sentence, with the measure and the place."""
    return f"{words.sentence_case(name)} at {place}: {why(effect)}."


def before_and_after(effect: Effect) -> str:
    """What was counted, in sentences: each point where there are few, else their number and range."""
    told = []
    unit = "" if effect.measure_unit.startswith("%") else f", in {effect.measure_unit}"
    for part, label in PARTS.items():
        here = points(effect)[points(effect)["part"] == part]
        if part == "holds the start" and here["value"].notna().sum() == 0:
            continue
        told.append(f"{label}{unit if not told else ''}: {_listed(here, effect)}.")
    return _first_interval_named(" ".join(told))


def how_many(effect: Effect) -> str:
    """``1 point before the change and 2 after it``, of those that have a figure."""
    seen = points(effect).dropna(subset="value")["part"].value_counts()
    before, after = (int(seen.get(part, 0)) for part in ("before", "after"))
    return f"{before} point{'' if before == 1 else 's'} before the change and {after} after it"


def figure_title(effect: Effect, name: str) -> str:
    """What the figure shows, which claims nothing."""
    return f"{words.sentence_case(name)}: {how_many(effect)}"


def alt_text(effect: Effect, name: str, place: str) -> str:
    """The same for those who cannot see it, with every point where there are not too many."""
    table = points(effect)
    bounded = "each with its own 95% interval" if table["low"].notna().any() else "without intervals"
    starts = " and ".join(map(words.as_given, effect.interruptions))
    text = f"Chart of {name} at {place}: {how_many(effect)} ({starts}), {bounded}, not joined and with no fitted line."
    if len(table) > LISTED_FOR_EARS:
        seen = table["value"].dropna()
        return f"{text} They lie between {value(seen.min(), effect)} and {value(seen.max(), effect)}."
    told = [f"{_when(row.period)} {_with_interval(row, effect)}" for row in table.itertuples()]
    return _first_interval_named(f"{text} {words.sentence_case('; '.join(told))}.")


def caption(effect: Effect) -> str:
    """What points and whiskers of the figure are."""
    table, period = points(effect), words.period_noun(effect)
    told = f"Each point is one {period} that was counted, at its place in time"
    if table["low"].notna().any():
        told += "; its whisker is its own 95% interval"
    if (table["part"] == "holds the start").any():
        told += "; a hollow point holds the start, and is neither before nor after"
    return f"{told}. Points are not joined, and no line is fitted. {effect.method_of_interval}"


def expected(change: str) -> str:
    """That what was expected cannot be held against anything."""
    return f"Expected: {EXPECTED[change].told}. Whether that happened was not estimated."


def value(number: float, effect: Effect) -> str:
    """A point as a sentence tells it: of a share with its sign, else in figures alone."""
    if effect.measure_unit.startswith("%"):
        return f"{number:.1f}%"
    return f"{number:,.0f}" if float(number).is_integer() else words.plain(number)


def ends(row, effect: Effect) -> str:
    """The interval of a point; empty where it has none."""
    return "" if pd.isna(row.low) else f"{value(row.low, effect)} to {value(row.high, effect)}"


def _listed(here: pd.DataFrame, effect: Effect) -> str:
    """The points of one part: each of them, or their range; one that was withheld or not reported is told as such."""
    seen = here.dropna(subset="value")
    if here.empty:
        return NONE
    if len(here) <= LISTED:
        told = [f"{_with_interval(row, effect)} {_when(row.period)}" for row in here.itertuples()]
        return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    if seen.empty:
        return f"{NONE}, in any of {len(here)}"
    span = f"{_when(seen['period'].iloc[0])} to {_when(seen['period'].iloc[-1]).partition(' ')[2]}"
    without = f", and {len(here) - len(seen)} without a figure that can be shown" if len(here) > len(seen) else ""
    if len(seen) == 1:
        return f"{value(seen['value'].iloc[0], effect)} {_when(seen['period'].iloc[0])}{without}"
    spread = f"{value(seen['value'].min(), effect)} to {value(seen['value'].max(), effect)}"
    return f"{len(seen)} points from {spread}, {span}{without}"


def _with_interval(row, effect: Effect) -> str:
    if pd.isna(row.value):
        return NONE
    spread = ends(row, effect)
    return f"{value(row.value, effect)}{f' ({INTERVAL}{spread})' if spread else ''}"


def _first_interval_named(text: str) -> str:
    """Say once what stands in brackets."""
    return text.replace(INTERVAL, "95% interval ", 1).replace(INTERVAL, "")


def _when(period: str) -> str:
    """``in March 2022``, ``on 14 March 2022``."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", str(period)):
        day = pd.Timestamp(period)
        return f"on {day.day} {day:%B %Y}"
    return f"in {words.month_name(period)}"
