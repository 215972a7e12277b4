"""What a difference-in-differences estimates besides its headline, each as weights over gap paths."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.errors import EvaluationError

MOST_MONTHS = 36
HEADLINES = "'att', 'month H' or 'mean months A to B'"


def span(headline: str) -> tuple[int, int]:
    """First and last month after the change (1 = the first that counts) of a headline other than "att".

    Raises
    ------
    EvaluationError
        Where the name is unknown.
    """
    headline = str(headline)
    month = re.fullmatch(r"month (\d{1,9})", headline)
    several = re.fullmatch(r"mean months (\d{1,9}) to (\d{1,9})", headline)
    if month and int(month[1]):
        return int(month[1]), int(month[1])
    if several and 1 <= int(several[1]) <= int(several[2]):
        return int(several[1]), int(several[2])
    raise EvaluationError(f"headline={headline!r} is not available here: use {HEADLINES}.")


def weights_of(differences: Differences, headline: str) -> np.ndarray:
    """Weights (k, T) of a headline by its name.

    Raises
    ------
    EvaluationError
        Where the name is unknown, or no treated unit has the period.
    """
    if headline == "att":
        return differences.weights("att")
    first, last = span(headline)
    if not differences.weights(last - 1).any():
        raise EvaluationError(
            f"headline={headline!r} is outside the data: months 1 to {longest_follow_up(differences)} after the change are there."
        )
    # Every month counts alike, however many units have it.
    months = [differences.weights(month) for month in range(first - 1, last)]
    return sum(weights / weights.sum() for weights in months)


def longest_follow_up(differences: Differences) -> int:
    """Periods after the change of the unit treated longest."""
    return int(differences.after.sum(axis=1).max())


def months(differences: Differences) -> range:
    """Months after the change that are told one by one."""
    return range(1, min(longest_follow_up(differences), MOST_MONTHS) + 1)


def cohorts(differences: Differences) -> Iterator[tuple[str, np.ndarray]]:
    """Each start with the weights of its units; nothing where there is one start."""
    starts = differences.panel.starts
    if len(np.unique(starts)) < 2:
        return
    for start in np.unique(starts):
        weights = differences.weights("att") * (starts == start)[:, None]
        if weights.any():
            yield str(differences.panel.periods[start]), weights


def units(differences: Differences) -> Iterator[tuple[str, Differences, np.ndarray]]:
    """Each treated unit by its label, others of the same start set aside, with its weights, in the order of labels.

    Units of one start may stand in either order in an assignment, so that only one that stands alone has a rank of its
    own. Nothing where there is one treated unit.
    """
    starts = dict(zip(differences.panel.treated, differences.panel.starts.tolist(), strict=True))
    for label in sorted(starts) if len(starts) > 1 else ():
        kept = np.array([unit == label or starts.get(unit) != starts[label] for unit in differences.panel.units])
        own = differences if kept.all() else replace(differences, panel=differences.panel.keep(units=kept))
        row = np.array(own.panel.treated) == label
        yield label, own, own.weights("att") * row[:, None]


def event_times(differences: Differences) -> list[int]:
    """Periods from the change (0 = the first that counts; -1 = the last untreated one) that some treated unit has."""
    earliest = -differences.earliest
    times = [time for time in range(max(earliest, -MOST_MONTHS), longest_follow_up(differences)) if time < MOST_MONTHS]
    return [time for time in times if differences.weights(time).any()]


def calendar(differences: Differences) -> Iterator[tuple[str, np.ndarray]]:
    """Each calendar period in which somebody was treated, with its weights."""
    for position, period in enumerate(differences.panel.periods):
        here = differences.after & (np.arange(len(differences.panel.periods)) == position)
        if here.any():
            yield str(period), here.astype(float)


def p_value_in_words(value: float) -> str:
    """A p-value for readers."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
