"""Which designs a site's own table can bear, and why: the rules of the designs, asked before anything is set up."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.adequacy import Adequacy, adequacy, least_terms
from evalkit.catalogue.records.measures import OF_WEEKENDS, Measure
from evalkit.designs.interrupted_time_series.against_comparators import ENOUGH_COMPARATORS
from evalkit.designs.pooled_effect.design import FEWEST as POOLED_FROM
from evalkit.intake.exposure import DAYS, PERSON_TIME
from evalkit.intake.periods import Interruption, resolve_interruption
from evalkit.intake.table_contents import TableContents

TERMS = least_terms("level", 2)  # what the templates ask unless told otherwise
OTHERS_FOR_SEVERAL = 2


@dataclass(frozen=True)
class Advice:
    """Whether a design can be used on what there is.

    Attributes
    ----------
    design : str
        In words.
    bears : bool
    because : str
        A sentence.
    command : str or None
        What sets it up.
    """

    design: str
    bears: bool
    because: str
    command: str | None = None


def advise(contents: TableContents, measure: str, code: str, start: str) -> list[Advice]:
    """What can be done with one measure of one organisation whose change began on a day, from the least to the most.

    Raises
    ------
    EvaluationError
        Where the day cannot be read.
    """
    points = contents.points(measure)
    change = resolve_interruption(start, 0, contents.first.freqstr)
    judged = enough_at(points, code, change)
    others = [other for other in sorted(points.index.unique()) if other != code]
    as_long = [other for other in others if enough_at(points, other, change).can_model]
    return [
        _described(points, code, judged, change),
        Advice("one series", judged.can_model, judged.sentence, "evalkit new evaluation" if judged.can_model else None),
        _against_others(judged, as_long),
        _several(judged, as_long),
    ]


def exposure_in_words(id: str, measure: Measure | None) -> str:
    """On which days a count is taken, or that it has to be said; nothing for what is no count."""
    if measure is None:
        ask = "`evalkit new evaluation` asks on which days it is counted (--measure-exposure)"
        weekend = "; its id speaks of weekends, so weekend_days may be right" if OF_WEEKENDS.search(id) else ""
        return f"If it is a count, {ask}{weekend}."
    if measure.form != "count":
        return ""
    if measure.counted_on in DAYS:
        return f"It is taken per {DAYS[measure.counted_on]} (`exposure` in data/measures.yml)."
    if measure.counted_on == PERSON_TIME:
        return "It is taken over its denominator, as person-time (`exposure` in data/measures.yml)."
    return "It is not taken per day (`exposure: none` in data/measures.yml)."


def enough_at(points: pd.Series, code: str, change: Interruption) -> Adequacy:
    """What the points of an organisation before and after a change are enough for."""
    periods = points[points.index == code]
    used = periods[~periods.isin(change.transition)]
    return adequacy(int((used < change.period).sum()), int((used >= change.first_kept).sum()), TERMS)


def enough_of(points: pd.Series, codes: Sequence[str], change: Interruption) -> Adequacy:
    """The same of organisations that make one site: what counts is a period in which all of them have a figure."""
    here = points[points.index.isin(codes)]
    whole = here.value_counts()
    periods = whole.index[whole == len(set(codes))]
    return enough_at(pd.Series(periods, index=["site"] * len(periods)), "site", change)


def _described(points: pd.Series, code: str, judged: Adequacy, change: Interruption) -> Advice:
    periods = points[points.index == code]
    before, after = int((periods < change.period).sum()), int((periods >= change.first_kept).sum())
    there = f"{before} point{'' if before == 1 else 's'} before and {after} after"
    if not (before and after):
        return Advice("describe", False, f"{there}: there is nothing to set side by side.")
    command = "evalkit new evaluation" if not judged.can_model else "evalkit new evaluation --describe"
    return Advice("describe", True, f"{there}: dots, a table, and an interval of each point by itself.", command)


def _against_others(judged: Adequacy, as_long: list[str]) -> Advice:
    if not as_long:
        because = (
            "the table has no other organisation with points enough before and after: add places where nothing changed."
        )
        return Advice("against others", False, because)
    count = f"{len(as_long)} other organisation{' has' if len(as_long) == 1 else 's have'} points enough"
    count += " (leave out those where the same was changed)"
    rank = (
        f"{count}: with {ENOUGH_COMPARATORS} or more the interval comes from ranks among them."
        if len(as_long) >= ENOUGH_COMPARATORS
        else f"{count}; fewer than {ENOUGH_COMPARATORS} cost a step of certainty."
    )
    if not judged.can_model:
        return Advice("against others", False, f"{count}, but the series itself has too few points.")
    return Advice("against others", True, rank, f"evalkit new evaluation --comparators '{' '.join(as_long)}'")


def _several(judged: Adequacy, as_long: list[str]) -> Advice:
    if not judged.can_model or len(as_long) < OTHERS_FOR_SEVERAL:
        because = (
            "that needs two organisations where the change was made and one to compare with, with points enough each."
        )
        return Advice("several sites", False, because)
    because = (
        "where the change was made at several of them, and one or more are left to compare with; from"
        f" {POOLED_FROM} sites on they are pooled."
    )
    return Advice("several sites", True, because, "evalkit new sites LIST.csv")
