"""Was anything moving before the change? Each question is put to the treated units and to every other assignment."""

from dataclasses import dataclass

import numpy as np

from evalkit.designs.differences import Differences
from evalkit.designs.terms import p_words
from evalkit.effect import Check
from evalkit.errors import EvaluationError
from evalkit.inference.assignments import can_reach, critical, p_value
from evalkit.inference.regression import POWER
from evalkit.intake.periods import name_of

PARALLEL = "Parallel trends before the change"
INVENTED = "Invented date before the change"
EARLY = "Change shortly before the start"
LEAST_BEFORE = 4
LEAST_FOR_INVENTED = 6
SHORTLY = 3
SIZE = 0.05


def checks(found: Differences, told) -> tuple[Check, ...]:
    """Three checks of the periods before the change; ``told`` writes a size on the model's scale for readers."""
    return (_parallel(found, told), _invented(found), _early(found))


def _parallel(found: Differences, told) -> Check:
    """A joint test of all periods before, and the straight difference in trends that it would have found."""
    until = found.panel.untreated_until[found.panel.is_treated]
    if until.max() < LEAST_BEFORE:
        return Check(PARALLEL, None, f"{until.max()} periods before the change are too few to compare trends.")
    if not can_reach(len(found.others)):
        return Check(PARALLEL, None, "There are too few units to judge trends against.")
    leads = Leads.of(found)
    p = p_value(leads.joint, leads.other_joints)
    a_year = _periods_a_year(found)
    least = leads.detectable()
    would = (
        ""
        if least is None
        else f" A straight difference in trends of {told(least * a_year)} a year would have been found four times in five."
    )
    stand = "do not stand out" if p > SIZE else "stand out"
    return Check(
        PARALLEL,
        p > SIZE,
        f"Before the change the treated units' gaps to their comparators {stand} among {len(found.others):,} other"
        f" assignments (joint p {p_words(p)}); their trend differed by {told(leads.slope * a_year)} a year.{would}",
    )


@dataclass(frozen=True, eq=False)
class Leads:
    """Gaps before the change of the treated (E,) and of the other assignments (B, E), about their own means.

    Each is in units of the standard deviation of its first differences, ``scale`` and ``scales`` (B,), which a trend
    hardly enters; ``times`` (E,) are periods about their mean.
    """

    times: np.ndarray
    own: np.ndarray
    others: np.ndarray
    scale: float
    scales: np.ndarray

    @classmethod
    def of(cls, found: Differences) -> "Leads":
        """From gap paths, aligned by period before each start."""
        earliest = int(found.panel.untreated_until[found.panel.is_treated].max())
        leads = [found.weights(time) for time in range(-earliest, 0)]
        own = np.array([found.effect_of_paths(one) for one in leads])
        others = np.column_stack([found.placebo_paths(one) for one in leads])
        times = np.arange(-earliest, 0.0)
        noise = _first_differences(found)
        share = 1 / found.count
        scale = float(np.sqrt((noise[found.own[0]] ** 2).sum())) * share
        scales = np.sqrt((noise[found.others] ** 2).sum(axis=1)) * share
        return cls(times - times.mean(), own - own.mean(), others - others.mean(axis=1, keepdims=True), scale, scales)

    @property
    def joint(self) -> float:
        """Sum of squares of the treated units' gaps, in their scale."""
        return float((self.own**2).sum() / self.scale**2)

    @property
    def other_joints(self) -> np.ndarray:
        """The same for the other assignments (B,)."""
        return (self.others**2).sum(axis=1) / self.scales**2

    @property
    def slope(self) -> float:
        """Difference in trends before the change, per period."""
        return float(self.times @ self.own / (self.times @ self.times))

    def detectable(self) -> float | None:
        """Smallest difference in trends per period with which four in five assignments would stand out."""
        squares = self.times @ self.times
        along = self.others @ self.times / self.scales
        # joint + 2 slope along + slope^2 squares = critical value, for a rising trend, in units of each one's scale
        missing = critical(self.other_joints) - self.other_joints
        needed = (-along + np.sqrt(np.maximum(along**2 + squares * missing, 0.0))) / squares
        return float(np.quantile(np.where(missing > 0, needed, 0.0), POWER) * self.scale)


def _first_differences(found: Differences) -> np.ndarray:
    """Standard deviation of each unit's period-to-period changes of its gap to the mean of all (N,), off the starts."""
    outcome = found.panel.outcome
    changes = np.diff(outcome - outcome.mean(axis=0), axis=1)
    cuts = np.unique(np.concatenate([found.panel.starts, found.panel.untreated_until[found.panel.is_treated]]))
    kept = np.setdiff1d(np.arange(changes.shape[1]), cuts - 1)
    sizes = np.sqrt((changes[:, kept if len(kept) else slice(None)] ** 2).mean(axis=1))
    positive = sizes[sizes > 1e-9 * max(float(sizes.max()), 1e-300)]
    return np.maximum(sizes, positive.min() if len(positive) else 1.0)


def _invented(found: Differences) -> Check:
    """The whole analysis with a start half-way through the periods before the first real one."""
    until = int(found.panel.untreated_until[found.panel.is_treated].min())
    if found.panel.is_treated.all():
        return Check(
            INVENTED, None, "Every unit was treated some day, so nobody is left to set an invented date against."
        )
    if until < LEAST_FOR_INVENTED:
        return Check(INVENTED, None, f"{until} periods before the change are too few to try an invented date.")
    middle = until // 2
    pretend = found.pretending(middle, until)
    when = found.panel.periods[middle]
    try:
        contrast = pretend.contrast(pretend.weights("att"))
    except EvaluationError as error:
        return Check(INVENTED, None, f"It could not be tried: {error}")
    if not can_reach(len(pretend.others)):
        return Check(INVENTED, None, "There are too few units to judge an invented date against.")
    clear = contrast.p_value <= SIZE
    said = "a change appears there too" if clear else "no clear change appears there"
    return Check(INVENTED, not clear, f"With an invented start in {when}, {said} (p {p_words(contrast.p_value)}).")


def _early(found: Differences) -> Check:
    """The last periods before the change against those before them: a change that began before its date."""
    until = int(found.panel.untreated_until[found.panel.is_treated].min())
    unit = name_of(found.panel.periods.freqstr)
    if until < 2 * SHORTLY:
        return Check(EARLY, None, f"{until} {unit}s before the change are too few to look for one that began early.")
    if not can_reach(len(found.others)):
        return Check(
            EARLY, None, f"There are too few units to judge the last {SHORTLY} {unit}s before the change against."
        )
    late, earlier = found.weights((-SHORTLY, -1)), found.weights((-until, -SHORTLY - 1))
    own = found.effect_of_paths(late) - found.effect_of_paths(earlier)
    others = found.placebo_paths(late) - found.placebo_paths(earlier)
    p = p_value(own / float(found.scales(found.own, late)[0]), others / found.scales(found.others, late))
    clear = p <= SIZE
    said = (
        "differ from those before them more than at other assignments"
        if clear
        else "are in line with those before them"
    )
    return Check(EARLY, not clear, f"The last {SHORTLY} {unit}s before the change {said} (p {p_words(p)}).")


def _periods_a_year(found: Differences) -> float:
    return {"M": 12, "Q": 4, "W": 365.25 / 7, "Y": 1}.get(found.panel.periods.freqstr[0], 365.25)
