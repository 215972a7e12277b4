"""What a difference-in-differences estimates besides its headline, each as weights over gap paths."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evalkit.designs.differences import Differences
from evalkit.errors import EvaluationError

LONGEST = 36
NAMES = "'att', 'month H' or 'mean months A to B'"


def span(headline: str) -> tuple[int, int]:
    """First and last month after the change (1 = the first that counts) of a headline other than "att".

    Raises
    ------
    EvaluationError
        Where the name is unknown.
    """
    headline = str(headline)
    one = re.fullmatch(r"month (\d+)", headline)
    several = re.fullmatch(r"mean months (\d+) to (\d+)", headline)
    if one and int(one[1]):
        return int(one[1]), int(one[1])
    if several and 1 <= int(several[1]) <= int(several[2]):
        return int(several[1]), int(several[2])
    raise EvaluationError(f"headline={headline!r} is not available here: use {NAMES}.")


def weights_of(found: Differences, headline: str) -> np.ndarray:
    """Weights (k, T) of a headline by its name.

    Raises
    ------
    EvaluationError
        Where the name is unknown, or no treated unit has the period.
    """
    if headline == "att":
        return found.weights("att")
    first, last = span(headline)
    if not found.weights(last - 1).any():
        raise EvaluationError(
            f"headline={headline!r} is outside the data: months 1 to {longest(found)} after the change are there."
        )
    # Every month counts alike, however many units have it.
    months = [found.weights(month) for month in range(first - 1, last)]
    return sum(one / one.sum() for one in months)


def longest(found: Differences) -> int:
    """Periods after the change of the unit treated longest."""
    return int(found.after.sum(axis=1).max())


def months(found: Differences) -> range:
    """Months after the change that are told one by one."""
    return range(1, min(longest(found), LONGEST) + 1)


def cohorts(found: Differences) -> Iterator[tuple[str, np.ndarray]]:
    """Each start with the weights of its units; nothing where there is one start."""
    starts = found.panel.starts
    if len(np.unique(starts)) < 2:
        return
    for start in np.unique(starts):
        weights = found.weights("att") * (starts == start)[:, None]
        if weights.any():
            yield str(found.panel.periods[start]), weights


def units(found: Differences) -> Iterator[tuple[str, Differences, np.ndarray]]:
    """Each treated unit by its label, others of the same start set aside, with its weights, in the order of labels.

    Units of one start may stand in either order in an assignment, so that only one that stands alone has a rank of its
    own. Nothing where there is one treated unit.
    """
    starts = dict(zip(found.panel.treated, found.panel.starts.tolist(), strict=True))
    for label in sorted(starts) if len(starts) > 1 else ():
        kept = np.array([unit == label or starts.get(unit) != starts[label] for unit in found.panel.units])
        own = found if kept.all() else replace(found, panel=found.panel.keep(units=kept))
        row = np.array(own.panel.treated) == label
        yield label, own, own.weights("att") * row[:, None]


def event_times(found: Differences) -> list[int]:
    """Periods from the change (0 = the first that counts; -1 = the last untreated one) that some treated unit has."""
    earliest = -int(found.panel.untreated_until[found.panel.is_treated].max())
    times = [time for time in range(max(earliest, -LONGEST), longest(found)) if time < LONGEST]
    return [time for time in times if found.weights(time).any()]


def calendar(found: Differences) -> Iterator[tuple[str, np.ndarray]]:
    """Each calendar period in which somebody was treated, with its weights."""
    for position, period in enumerate(found.panel.periods):
        here = found.after & (np.arange(len(found.panel.periods)) == position)
        if here.any():
            yield str(period), here.astype(float)


def p_words(value: float) -> str:
    """A p-value for readers."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
