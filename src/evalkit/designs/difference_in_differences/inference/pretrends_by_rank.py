"""Was anything moving before the change? Each question is put to the treated units and to every other assignment."""

from dataclasses import dataclass

import numpy as np

from evalkit.check_register import CHANGE_SHORTLY_BEFORE, INVENTED_DATE, PARALLEL_TRENDS, Check
from evalkit.designs.difference_in_differences.estimands import p_value_in_words
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import POWER
from evalkit.inference.ranks.interval import critical_value, enough_assignments, rank_p_value
from evalkit.intake.periods import a_year, name_of

LEAST_BEFORE = 4
LEAST_FOR_INVENTED = 6
SHORTLY = 3
TEST_LEVEL = 0.05


def pretrend_checks(differences: Differences, format_size) -> tuple[Check, ...]:
    """Three checks of the periods before the change; ``format_size`` writes a size on the model's scale for readers."""
    return (_parallel(differences, format_size), _invented(differences), _early(differences))


def _parallel(differences: Differences, format_size) -> Check:
    """A joint test of all periods before, and the straight difference in trends that it would have found."""
    until = differences.earliest
    if until < LEAST_BEFORE:
        return PARALLEL_TRENDS.result(None, f"{until} periods before the change are too few to compare trends.")
    if not enough_assignments(len(differences.others)):
        return PARALLEL_TRENDS.result(None, "There are too few units to judge trends against.")
    leads = PretrendGaps.from_differences(differences)
    p = rank_p_value(leads.joint, leads.other_joints)
    periods_a_year = a_year(differences.panel.periods.freqstr)
    least = leads.detectable()
    would = (
        ""
        if least is None
        else f" A straight difference in trends of {format_size(least * periods_a_year)} a year would have"
        " been found four times in five."
    )
    stand = "do not stand out" if p > TEST_LEVEL else "stand out"
    return PARALLEL_TRENDS.result(
        p > TEST_LEVEL,
        f"Before the change the treated units' gaps to their comparators {stand} among"
        f" {len(differences.others):,} other"
        f" assignments (joint p {p_value_in_words(p)}); their trend differed by"
        f" {format_size(leads.slope * periods_a_year)} a year.{would}",
    )


@dataclass(frozen=True, eq=False)
class PretrendGaps:
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
    def from_differences(cls, differences: Differences) -> "PretrendGaps":
        """From gap paths, aligned by period before each start."""
        earliest = differences.earliest
        leads = [differences.weights(time) for time in range(-earliest, 0)]
        own = np.array([differences.effect_of_paths(weights) for weights in leads])
        others = np.column_stack([differences.placebo_paths(weights) for weights in leads])
        times = np.arange(-earliest, 0.0)
        noise = _first_differences(differences)
        share = 1 / differences.count
        scale = float(np.sqrt((noise[differences.own[0]] ** 2).sum())) * share
        scales = np.sqrt((noise[differences.others] ** 2).sum(axis=1)) * share
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
        missing = critical_value(self.other_joints) - self.other_joints
        needed = (-along + np.sqrt(np.maximum(along**2 + squares * missing, 0.0))) / squares
        return float(np.quantile(np.where(missing > 0, needed, 0.0), POWER) * self.scale)


def _first_differences(differences: Differences) -> np.ndarray:
    """Standard deviation of each unit's period-to-period changes of its gap to the mean of all (N,), off the starts."""
    outcome = differences.panel.outcome
    changes = np.diff(outcome - outcome.mean(axis=0), axis=1)
    cuts = np.unique(
        np.concatenate([differences.panel.starts, differences.panel.untreated_until[differences.panel.is_treated]])
    )
    kept = np.setdiff1d(np.arange(changes.shape[1]), cuts - 1)
    sizes = np.sqrt((changes[:, kept if len(kept) else slice(None)] ** 2).mean(axis=1))
    positive = sizes[sizes > 1e-9 * max(float(sizes.max()), 1e-300)]
    return np.maximum(sizes, positive.min() if len(positive) else 1.0)


def _invented(differences: Differences) -> Check:
    """The whole analysis with a start half-way through the periods before the first real one."""
    until = int(differences.panel.untreated_until[differences.panel.is_treated].min())
    if differences.panel.is_treated.all():
        return INVENTED_DATE.result(
            None, "Every unit was treated some day, so nobody is left to set an invented date against."
        )
    if until < LEAST_FOR_INVENTED:
        return INVENTED_DATE.result(None, f"{until} periods before the change are too few to try an invented date.")
    middle = until // 2
    pretend = differences.pretending(middle, until)
    when = differences.panel.periods[middle]
    try:
        contrast = pretend.contrast(pretend.weights("att"))
    except EvaluationError as error:
        return INVENTED_DATE.result(None, f"It could not be tried: {error}")
    if not enough_assignments(len(pretend.others)):
        return INVENTED_DATE.result(None, "There are too few units to judge an invented date against.")
    clear = contrast.p_value <= TEST_LEVEL
    finding = (
        "a change appears there too"
        if clear
        else "none that is clear appears there, though a small one could be missed"
    )
    return INVENTED_DATE.result(
        not clear, f"With an invented start in {when}, {finding} (p {p_value_in_words(contrast.p_value)})."
    )


def _early(differences: Differences) -> Check:
    """The last periods before the change against those before them: a change that began before its date."""
    until = int(differences.panel.untreated_until[differences.panel.is_treated].min())
    unit = name_of(differences.panel.periods.freqstr)
    if until < 2 * SHORTLY:
        return CHANGE_SHORTLY_BEFORE.result(
            None, f"{until} {unit}s before the change are too few to look for one that began early."
        )
    if not enough_assignments(len(differences.others)):
        return CHANGE_SHORTLY_BEFORE.result(
            None, f"There are too few units to judge the last {SHORTLY} {unit}s before the change against."
        )
    late, earlier = differences.weights((-SHORTLY, -1)), differences.weights((-until, -SHORTLY - 1))
    own = differences.effect_of_paths(late) - differences.effect_of_paths(earlier)
    others = differences.placebo_paths(late) - differences.placebo_paths(earlier)
    p = rank_p_value(
        own / float(differences.scales(differences.own, late)[0]), others / differences.scales(differences.others, late)
    )
    clear = p <= TEST_LEVEL
    finding = (
        "differ from those before them more than at other assignments"
        if clear
        else "are in line with those before them"
    )
    return CHANGE_SHORTLY_BEFORE.result(
        not clear, f"The last {SHORTLY} {unit}s before the change {finding} (p {p_value_in_words(p)})."
    )
