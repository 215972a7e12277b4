"""Too few comparators for a rank: what all of them did at several dates, as if each had been the date of the change.

A rank among c comparators has no p-value below 1 / (c + 1), so under 19 of them none stands out at 5%. The calibrated
interval of a gap to few others is too sure on real series: their gaps wander more than the model lets them. So the
changes that the comparators show at several dates are pooled, each over its own half-width, and the interval is never narrower
than what leaves out one pooled change in twenty. Changes of one comparator at several dates resemble each other: how often
such intervals claim a change is measured, with standard errors clustered by unit (``tools/false_alarms_nations.py``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evalkit.designs.interrupted_time_series.against_comparators import Placebo
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.interval import critical_value, enough_assignments
from evalkit.intake.periods import Interruption

DATES = 5
WIDENED = "autoregressive errors, calibrated, no narrower than comparators at other dates"


@dataclass(frozen=True, eq=False)
class PooledDates:
    """Changes of comparators at several dates.

    Attributes
    ----------
    sizes : (dates x units,) each over its uncalibrated half-width, in size
    units, dates : how many of each there are
    """

    sizes: np.ndarray
    units: int
    dates: int

    def widened(self, contrast: Contrast, rough: Contrast) -> Contrast:
        """The contrast, no narrower than what leaves out one pooled change in twenty.

        Parameters
        ----------
        contrast : with its calibrated interval
        rough : the same with the uncalibrated interval, over which the pooled changes are measured
        """
        if not enough_assignments(len(self.sizes)):
            return contrast
        half = (rough.high - rough.low) / 2
        reach = half * critical_value(self.sizes)
        size = abs(rough.estimate) / half if half > 0 else 0.0
        pooled_p = float((1 + (self.sizes >= size * (1 - 1e-12)).sum()) / (1 + len(self.sizes)))
        return replace(
            contrast,
            low=min(contrast.low, contrast.estimate - reach),
            high=max(contrast.high, contrast.estimate + reach),
            p_value=max(contrast.p_value, pooled_p),
        )


def pooled_dates(design: SegmentedModel, placebo_at: Callable[[SegmentedModel], Placebo]) -> PooledDates:
    """What the comparators show at the date of the change and at others in the middle third of the periods.

    A date at which the effect cannot be estimated is left out.

    Parameters
    ----------
    placebo_at : every comparator through the procedure of a design
    """
    sizes, units = [], 0
    for shift in shifts(design):
        try:
            placebo = placebo_at(moved(design, shift))
        except EvaluationError:
            continue
        units = len(placebo.units)
        sizes.append(np.abs(placebo.studentised))
    return PooledDates(np.concatenate(sizes) if sizes else np.zeros(0), units, len(sizes))


def shifts(design: SegmentedModel) -> list[int]:
    """By how many periods the change is moved: not at all, and to dates spread evenly over the middle third.

    Where the change has an end or further dates, all of it has to lie there; what does not fit is left out.
    """
    size = len(design.periods)
    first, last = (design.periods.get_loc(change.first_kept) for change in _ends(design))
    middle = np.linspace(size / 3, 2 * size / 3, DATES)
    positions = sorted({round(float(position)) for position in middle})
    moves = [position - first for position in positions if last + position - first <= 2 * size / 3 + 1e-9]
    return [0, *(move for move in moves if move)][:DATES]


def _ends(design: SegmentedModel) -> tuple[Interruption, Interruption]:
    ordered = sorted(design.changes, key=lambda change: change.first_kept)
    return ordered[0], ordered[-1]


def moved(design: SegmentedModel, by: int) -> SegmentedModel:
    """The design as if everything had happened ``by`` periods later."""
    if not by:
        return design
    return replace(
        design,
        interruption=_later(design.interruption, by),
        further=tuple(_later(change, by) for change in design.further),
        end=None if design.end is None else _later(design.end, by),
    )


def _later(change: Interruption, by: int) -> Interruption:
    transition: Sequence = tuple(period + by for period in change.transition)
    return Interruption(str(change.period + by), change.period + by, tuple(transition), change.first_kept + by)
