"""Funnel limits of shares and rates of many places in one period, widened where places differ by more than chance.

Over-dispersion by additive random effects: Spiegelhalter (2005), Handling over-dispersion of performance indicators, Quality
and Safety in Health Care 14(5), 347-351, as FunnelPlotR has it (R/OD_adjust_func.R, method CQC); funnels: Spiegelhalter (2005),
Funnel plots for comparing institutional performance, Statistics in Medicine 24(8), 1185-1202.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from evalkit.errors import EvaluationError

# The two lines on either side, as shares of places that lie within while nothing but chance and the usual spread is at work.
WITHIN = (0.95, 0.998)
WINSORISED = 0.1  # of standardised places in each tail, before the spread is told, as in the paper
FEWEST = 3  # places, below which a spread between them cannot be told
KINDS = ("share", "rate")


@dataclass(frozen=True, eq=False)
class Funnel:
    """Where places lie, and where most would lie by chance and their usual spread.

    Everything is told on the scale of the figures; ``spread`` is on the scale on which noise is alike for alike denominators:
    the arcsine of the root of a share, or the root of a rate.

    Attributes
    ----------
    kind : str
        ``share`` or ``rate``.
    values, denominators : (n,) float
        Missing where a place has no denominator.
    centre : float
        All numerators over all denominators.
    dispersion : float
        Mean square of standardised places, winsorised: about 1 where there is nothing but chance.
    spread : float
        Standard deviation of places beside chance, 0 where there is no sign of any.
    standardised : (n,) float
        Distance from the centre, in standard deviations of chance and spread together.
    """

    kind: str
    values: np.ndarray
    denominators: np.ndarray
    centre: float
    dispersion: float
    spread: float
    standardised: np.ndarray

    def limits(self, denominators: np.ndarray, within: float = WITHIN[1]) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limit (m,) at any denominators (m,), between which a share ``within`` of places lies."""
        reach = norm.ppf((1 + within) / 2) * np.sqrt(_variance(denominators) + self.spread**2)
        middle = _scaled(np.array([self.centre]), self.kind)[0]
        return _unscaled(middle - reach, self.kind), _unscaled(middle + reach, self.kind)

    def outside(self, within: float = WITHIN[1]) -> np.ndarray:
        """1 for places (n,) above the upper limit, -1 for those below the lower one, 0 for others and for missing ones."""
        with np.errstate(invalid="ignore"):
            beyond = np.abs(self.standardised) > norm.ppf((1 + within) / 2)
        return np.where(beyond, np.sign(np.nan_to_num(self.standardised)), 0).astype(int)


def funnel(
    numerators: np.ndarray,
    denominators: np.ndarray,
    kind: str = "share",
    widen: bool = True,
    winsorised: float = WINSORISED,
) -> Funnel:
    """The funnel of places in one period.

    Parameters
    ----------
    numerators, denominators : (n,) float
        Counts, missing where not reported or withheld; a place without both, or of nobody, has no place in the funnel.
    kind : str
        ``share`` of people or cases, or ``rate`` of events by what they may happen in.
    widen : bool
        For the spread between places beside chance.
    winsorised : float
        Share of places in each tail that are taken to be no further out than the next, so that a few that are truly
        different do not widen the limits that are to find them. The paper's tenth makes the spread of places that all
        belong together about a sixth too small, so that somewhat more of them lie outside than the limits say; 0 does not.

    Raises
    ------
    EvaluationError
        Where counts cannot be counts, or fewer than three places have them.
    """
    counts, wholes = np.asarray(numerators, float), np.asarray(denominators, float)
    if kind not in KINDS:
        raise EvaluationError(f"kind={kind!r} is not known: use one of {', '.join(KINDS)}.", "kind")
    if counts.shape != wholes.shape or counts.ndim != 1:
        raise EvaluationError("Numerators and denominators differ in number: give one of each for a place.")
    there = np.isfinite(counts) & np.isfinite(wholes) & (wholes > 0)
    if (counts[there] < 0).any() or (wholes < 0).any():
        raise EvaluationError("A count is below nought: correct it.")
    if kind == "share" and (counts[there] > wholes[there]).any():
        raise EvaluationError("A numerator is more than its denominator: correct it, or use kind='rate'.")
    if not 0 <= winsorised < 0.5:
        raise EvaluationError(f"winsorised={winsorised!r} is no share of a tail: give 0 or more, and less than a half.")
    if there.sum() < FEWEST:
        raise EvaluationError(f"A funnel needs {FEWEST} places with figures, and {int(there.sum())} have them.")
    values = np.where(there, counts / np.where(there, wholes, 1), np.nan)
    centre = float(counts[there].sum() / wholes[there].sum())
    distance = _scaled(values, kind) - _scaled(np.array([centre]), kind)
    chance = _variance(np.where(there, wholes, np.nan))
    dispersion, spread = _over_dispersion(distance[there], chance[there], winsorised)
    spread = spread if widen else 0.0
    return Funnel(kind, values, wholes, centre, dispersion, spread, distance / np.sqrt(chance + spread**2))


def _scaled(values: np.ndarray, kind: str) -> np.ndarray:
    """Where chance is as large for every share or rate: the delta method on a binomial share, or a Poisson rate."""
    root = np.sqrt(values)
    return np.arcsin(root) if kind == "share" else root


def _unscaled(scaled: np.ndarray, kind: str) -> np.ndarray:
    return np.sin(np.clip(scaled, 0, np.pi / 2)) ** 2 if kind == "share" else np.maximum(scaled, 0) ** 2


def _variance(denominators: np.ndarray) -> np.ndarray:
    return 1 / (4 * np.asarray(denominators, float))


def _over_dispersion(distance: np.ndarray, chance: np.ndarray, winsorised: float) -> tuple[float, float]:
    """Mean square of winsorised standardised distances, and the standard deviation that is left beside chance.

    The variance is the moment estimate of DerSimonian and Laird from winsorised distances (the paper's equation for tau
    squared), nought where distances are no larger than chance.
    """
    standardised = distance / np.sqrt(chance)
    standardised = np.clip(standardised, *np.quantile(standardised, [winsorised, 1 - winsorised]))
    places, weights = len(distance), 1 / chance
    dispersion = float((standardised**2).mean())
    excess = places * dispersion - (places - 1)
    return dispersion, float(np.sqrt(max(excess, 0) / (weights.sum() - (weights**2).sum() / weights.sum())))
