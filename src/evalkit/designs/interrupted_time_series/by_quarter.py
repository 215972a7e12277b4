"""Whether the effect of a segmented regression lasted: each quarter of a year after the change has a level of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from evalkit.adequacy import LEVEL_ONLY_SEGMENT, RESIDUAL_DF_FLOOR, SEGMENT_FLOOR
from evalkit.designs import lasting
from evalkit.designs.follow_up import Look
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.designs.lasting import AtHorizon, Window
from evalkit.errors import EvaluationError

LESS = " less "


@dataclass(frozen=True, eq=False)
class ByQuarter(SegmentedModel):
    """The course before the change carried on, with its trend and season, and a level of its own in every quarter after it.

    No month outside a quarter of a year says anything of the effect in it, so that a fade or a growth of any shape shows.
    The first quarter begins with the first period that counts.

    Attributes
    ----------
    used : (n,) bool, the periods in the fit; a quarter without one has no level
    """

    used: np.ndarray | None = None

    @cached_property
    def quarters(self) -> np.ndarray:
        """Which quarter after the change each period is in (n,), 0 for the first; -1 before it."""
        since = np.arange(len(self.periods)) - int(np.argmax(self.after))
        return np.where(self.after, since // lasting.quarter(self.periods.freqstr), -1)

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        before = tuple(f" {one.first_kept}" for one in self.further if one.first_kept < self.interruption.first_kept)
        columns = {
            name: column
            for name, column in super()._columns.items()
            if not _is_of_the_change(name) or name.endswith(before)
        }
        used = np.ones(len(self.periods), bool) if self.used is None else self.used
        for quarter in np.unique(self.quarters[self.after & used]):
            columns[f"quarter {quarter + 1}"] = (self.quarters == quarter).astype(float)
        return columns

    @cached_property
    def without_change(self) -> np.ndarray:
        """The matrix had the change not come (n, p)."""
        return np.where([name.startswith("quarter") for name in self.terms], 0.0, self.matrix)

    def weights(self, term: str) -> np.ndarray:
        """As of the other models; ``A less B`` is the difference of two effects."""
        effect, _, other = term.partition(LESS)
        own = super().weights(effect)
        return own - super().weights(other) if other else own


def _is_of_the_change(name: str) -> bool:
    return name.startswith(("level", "slope", "curve", "later", "quarter"))


def at_horizons(case: SeriesFit, horizons: Sequence[int]) -> list[AtHorizon]:
    """What the series says at each horizon, by a model with a level for every quarter after the change.

    Parameters
    ----------
    case : the series and its comparators, with all periods there are
    horizons : months after the change
    """
    of_the_answer = case.design
    windows = lasting.windows(horizons, of_the_answer.periods.freqstr)
    if not windows:
        return []
    design = ByQuarter(
        of_the_answer.periods,
        of_the_answer.interruption,
        "step" if of_the_answer.model == "step" else "level",
        of_the_answer.seasonality,
        of_the_answer.further,
        of_the_answer.weekdays,
        of_the_answer.end,
        used=case.used,
    )
    quarterly = replace(case, design=design)
    found = [_in_time(quarterly, window) for window in windows]
    told = [at for at in found if not at.reason]
    refused = _refused(quarterly, design)
    if told and not refused:
        try:
            looks = _looks(quarterly, [at.window for at in told])
        except EvaluationError:
            refused = lasting.NOT_ESTIMABLE
        else:
            of_window = dict(zip([at.window for at in told], looks, strict=True))
            return [at if at.reason else replace(at, effect=of_window[at.window][0],
                    since_first=of_window[at.window][1] if at.window != windows[0] else None) for at in found]  # fmt: skip
    return [at if at.reason else replace(at, reason=refused) for at in found]


def _in_time(case: SeriesFit, window: Window) -> AtHorizon:
    """The window in calendar time, and why it has no figure, if it has none."""
    design = case.design
    first = design.interruption.first_kept + (window.first - 1)
    last = design.interruption.first_kept + (window.last - 1)
    at = AtHorizon(window, followed=int(design.after.sum()), from_period=str(first), to_period=str(last))
    if last > design.periods[-1]:
        return replace(at, reason=lasting.TOO_SHORT)
    inside = np.asarray((design.periods >= first) & (design.periods <= last))
    if (design.ended & inside).any() or (design.end and design.end.period <= last):
        return replace(at, reason=lasting.ENDED)
    if any(design.interruption.first_kept < another.first_kept <= last for another in design.further):
        return replace(at, reason=lasting.ANOTHER_CHANGE)
    absent = [str(period) for period in design.periods[inside & ~case.used]]
    return replace(at, left_out=" ".join(absent), reason=lasting.NO_FIGURES if len(absent) == int(inside.sum()) else "")


def _refused(case: SeriesFit, design: ByQuarter) -> str:
    """Why no quarter of this series can be told; nothing where they can."""
    used = case.used
    matrix = design.matrix[used]
    before = int((used & ~design.after).sum())
    least = SEGMENT_FLOOR if design.model == "step" else LEVEL_ONLY_SEGMENT
    if before < least or len(matrix) - matrix.shape[1] < RESIDUAL_DF_FLOOR:
        return lasting.TOO_FEW
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        return lasting.TOO_FEW
    if case.family != "gaussian":
        counted = [case.own[used & (design.quarters == quarter)].sum() for quarter in np.unique(design.quarters[used])]
        return lasting.NOT_ESTIMABLE if min(counted) <= 0 else ""
    return ""


def _looks(case: SeriesFit, windows: Sequence[Window]) -> list[tuple[Look, Look | None]]:
    """Of each window its effect, and its change since the first of them."""
    effects = [f"mean months {window.first} to {window.last}" for window in windows]
    terms = effects + [f"{later}{LESS}{effects[0]}" for later in effects[1:]]
    weights = np.array([case.design.weights(term) for term in terms])
    estimated = case.estimated(weights, calibrated=not case.by_rank)
    sizes = [
        pd.Series(abs(placebo.studentised), index=list(placebo.units)) for placebo in case.placebos(terms)
    ] if case.by_rank else [None] * len(terms)  # fmt: skip
    contrasts = [case.widened(term, contrast) for term, contrast in zip(terms, estimated.contrasts, strict=True)]
    looks = [Look(*one) for one in zip(contrasts, estimated.methods, sizes, strict=True)]
    return list(zip(looks[: len(effects)], [None, *looks[len(effects) :]], strict=True))
