"""What a series is long enough for. One table for all designs."""

from dataclasses import dataclass
from typing import Literal

from evalkit.check_register import ENOUGH_POINTS, Check

DESCRIBE_ONLY_BELOW = 3
SEGMENT_FLOOR = 4
RESIDUAL_DF_FLOOR = 4
LEVEL_ONLY_TOTAL = 18
LEVEL_ONLY_SEGMENT = 8
WARN_TOTAL = 24
SLOPE_TOTAL = 36
TERMS_OF = {"step": 2, "level": 3, "slope": 3, "level_and_slope": 4, "curve": 5}  # of a segmented model, at least
MONTHS_BUT_ONE = 11


@dataclass(frozen=True)
class Adequacy:
    """What the points before and after the interruption can bear, with the sentence that says so."""

    verdict: Literal["describe_only", "no_model", "level_only", "short", "enough", "slope_estimable"]
    sentence: str

    @property
    def can_model(self) -> bool:
        """Whether a segmented model may be fitted."""
        return self.verdict not in ("describe_only", "no_model")

    def as_check(self) -> Check:
        """Passed from 24 points on."""
        return ENOUGH_POINTS.result(self.verdict in ("enough", "slope_estimable"), self.sentence)


def least_terms(model: str | None, seasonality: str | int | None) -> int:
    """How many terms a segmented model of one change has at least; without ``model``, one chosen by the number of events."""
    season = MONTHS_BUT_ONE if seasonality == "months" else 2 * seasonality if isinstance(seasonality, int) else 0
    return TERMS_OF.get(model or "step", TERMS_OF["step"]) + season


def adequacy(before: int, after: int, terms: int, enough_time: int = 0, total: int | None = None) -> Adequacy:
    """Judge a series with so many points used before and after, and so many terms in the model.

    Parameters
    ----------
    after : int
        Of a change that ended: the fewer of the points during it and after it.
    enough_time : int
        The number of periods in two years where many of them are a short time, as weeks are.
    total : int, optional
        All points used, where they are more than those before and after.
    """
    ended = total is not None and total > before + after
    total = total or before + after
    counted = f"{before} point{'' if before == 1 else 's'} before and {after} {'during it or after its end' if ended else 'after'}"
    if min(before, after) < DESCRIBE_ONLY_BELOW:
        return Adequacy("describe_only", f"{counted}: too few to estimate anything, the series can only be described.")
    if min(before, after) < SEGMENT_FLOOR:
        return Adequacy("no_model", f"{counted}: a model needs at least {SEGMENT_FLOOR} on each side.")
    if total - terms < RESIDUAL_DF_FLOOR:
        words = f"{counted} for {terms} terms: a model needs at least {RESIDUAL_DF_FLOOR} points more than terms."
        return Adequacy("no_model", words)
    if total < LEVEL_ONLY_TOTAL or min(before, after) < LEVEL_ONLY_SEGMENT:
        return Adequacy("level_only", f"{counted}: only a change in level can be estimated, and with little precision.")
    if total < WARN_TOTAL:
        return Adequacy("short", f"{counted}: a short series, so the interval is wide or too sure.")
    if total < enough_time:
        words = f"{counted}: under two years, so a season of the year cannot be told from the change."
        return Adequacy("short", words)
    if total < SLOPE_TOTAL:
        return Adequacy("enough", f"{counted}: enough for a change in level, not for a change in slope.")
    return Adequacy("slope_estimable", f"{counted}: enough for a change in level and in slope.")
