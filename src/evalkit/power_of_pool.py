"""How many sites a pool needs to find a wanted mean change, from the sites there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.pooled_effect.description import POOLED
from evalkit.effect import Effect, as_percent
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import CONFIDENCE, POWER
from evalkit.inference.meta_analysis.alike import refuse_what_is_no_effect, refuse_what_is_not_alike
from evalkit.inference.meta_analysis.prediction import likely_spreads, usual_spread
from evalkit.inference.meta_analysis.random_effects import fit_random_effects
from evalkit.inference.meta_analysis.site_estimates import site_estimate

POOLS_SIMULATED = 400
FEWEST, MOST = 3, 200
DEFAULT_SITES = (3, 4, 5, 6, 8, 10, 15, 20, 30)


@dataclass(frozen=True, eq=False)
class PoolPower:
    """What pools of several sizes would find.

    Attributes
    ----------
    table : DataFrame
        sites, more (than there are), detectable (a mean change found four times in five), power (of ``effect``),
        power_if_known (the same, were the spread known and sites as many as that).
    measure : str
    scale : percent, points, unit or log_odds: of ``detectable`` and ``effect``
    effect : float, the wanted mean change
    spread : float, the standard deviation between sites on the model's scale: given, or the middle of those that are likely
    known : bool, whether it was given
    sites : int, how many sites there are
    error : float, the sampling error of a middling site on the model's scale
    notes : tuple of str
    """

    measure: str
    scale: str
    effect: float
    spread: float
    known: bool
    sites: int
    error: float
    table: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def enough(self) -> pd.DataFrame:
        """The rows that find ``effect`` four times in five or more."""
        return self.table[self.table["power"] >= POWER]

    @property
    def needed(self) -> int | None:
        """The fewest sites tried from which on every pool finds it so; None where not even the largest does."""
        short = self.table.loc[self.table["power"] < POWER, "sites"]
        enough = self.table.loc[self.table["sites"] > (short.max() if len(short) else 0), "sites"]
        return int(enough.min()) if len(enough) else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        names = ("measure", "scale", "effect", "spread", "known", "sites", "error", "needed")
        return {
            **{name: getattr(self, name) for name in names},
            "table": self.table.to_dict("records"),
            "notes": list(self.notes),
        }


def power_of_pool(
    effects: Iterable[Effect],
    *,
    effect: float,
    sites: Sequence[int] = DEFAULT_SITES,
    spread: float | None = None,
    measure: str | None = None,
    seed: int = 0,
) -> PoolPower:
    """Simulate pools of several sizes, and put each together as an answer across sites is.

    A pool of so many sites has those there are, as sure as they are, and further ones as sure as one of these drawn at
    random. True effects are normal about the wanted mean change, with the spread that is given or, without one, with spreads drawn
    from those that the sites there are leave possible (``meta_analysis.prediction``: a half-Cauchy prior at what is usual
    elsewhere; of a single site the prior alone). Each pool is analysed as ``pool`` does it, which knows no spread: restricted
    maximum likelihood, Hartung and Knapp's interval. ``power_if_known`` is what the weights by a known spread would give,
    1 - Phi(z - d / s) with s^2 = 1 / sum(1 / (v + tau^2)) (Hedges and Pigott 2001, Psychological Methods 6:203).

    Parameters
    ----------
    effects : sequence of Effect
        One a site, as for ``pool``; one is enough.
    effect : float
        The wanted mean change: percent where the effects are, else in their unit. Its sign does not matter.
    sites : sequence of int
        Numbers of sites to try, from 3 on; those below the number that there is are left out.
    spread : float, optional
        Standard deviation between sites, on the scale of ``effect``; left out, it is not known.
    measure : str, optional
        As for ``pool``.
    seed : int
        Of the pools drawn.

    Returns
    -------
    PoolPower
        ``table`` has a row for each number of sites: ``sites``, ``more``, ``detectable``, ``power``, ``power_if_known``;
        ``needed`` is the least number of sites that finds ``effect`` four times in five.

    Raises
    ------
    EvaluationError
        Where the effects cannot be pooled, or a number makes no sense.

    Examples
    --------
    How many trusts that close an A&E at night would show a mean fall of 5%, if each were as hard to see as Weston and differed as
    changes of services usually do:

    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2019-03",
    ... )
    >>> effect = ek.interrupted_time_series(
    ...     frame, outcome="value", time="period",
    ...     interruption="2017-07-04", model="level",
    ... )
    >>> asked = ek.power_of_pool([effect], effect=5, spread=5, sites=(3, 10, 30))
    >>> print(asked.table[["sites", "more", "detectable", "power"]].round(2).to_string(index=False))
     sites  more  detectable  power
         3     2       25.96   0.08
        10     9        7.45   0.46
        30    29        3.83   0.96
    >>> asked.needed
    30
    """
    members = list(effects) if isinstance(effects, Iterable) and not isinstance(effects, Effect) else [effects]
    refuse_what_is_no_effect(members, POOLED.name)
    if not members:
        raise EvaluationError("`power_of_pool` needs the effect of one site at least: give what there is.")
    _refuse_numbers(sites, effect, spread)
    members = sorted(members, key=lambda member: member.treated_units)
    estimates = [site_estimate(member) for member in members]
    refuse_what_is_not_alike(members, estimates, measure)
    scale = estimates[0].scale
    log = scale == "log"
    wanted = _on_the_scale(effect, log)
    given = None if spread is None else _on_the_scale(spread, log)
    errors = np.array([one.std_error for one in estimates])
    spreads, weights = _spreads(members, np.array([one.estimate for one in estimates]), errors, scale, given)

    rows = []
    for count in sorted({int(number) for number in sites if number >= len(members)}):
        random = np.random.default_rng([seed, count])
        reach, known = _reaches(random, errors, count, spreads, weights, wanted)
        detectable = float(np.quantile(reach, POWER))
        rows.append(
            (
                count,
                count - len(members),
                as_percent(detectable) if log else detectable,
                float(np.mean(reach < wanted)),
                known,
            )
        )
    if not rows:
        raise EvaluationError(f"There are {len(members)} sites already: ask for as many or more in `sites`.")
    return PoolPower(
        measure=measure or members[0].measure,
        scale="percent" if log else scale,
        effect=effect,
        spread=float(np.interp(0.5, np.cumsum(weights), spreads)) if given is None else given,
        known=given is not None,
        sites=len(members),
        error=float(np.median(errors)),
        table=pd.DataFrame(rows, columns=["sites", "more", "detectable", "power", "power_if_known"]),
        notes=(
            "Sites are taken as independent of each other: those set against the same comparators at the same time find less.",
        ),
    )


def _on_the_scale(size: float, log: bool) -> float:
    return float(np.log1p(abs(size) / 100)) if log else abs(size)


def _refuse_numbers(sites: Sequence[int], effect: float, spread: float | None) -> None:
    for number in sites:
        if isinstance(number, bool) or not isinstance(number, Integral) or not FEWEST <= number <= MOST:
            raise EvaluationError(
                f"`sites` holds {number!r}, which is no number of sites from {FEWEST} to {MOST}: correct it."
            )
    if isinstance(effect, bool) or not np.isfinite(effect) or effect == 0:
        raise EvaluationError(f"effect={effect!r}: give the mean change that is wanted, other than nought.")
    if spread is not None and not (np.isfinite(spread) and spread >= 0):
        raise EvaluationError(f"spread={spread!r}: give a standard deviation between sites, or leave it out.")


def _spreads(
    members: list[Effect], estimates: np.ndarray, errors: np.ndarray, scale: str, given: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Spreads between sites, rising, and how likely each is."""
    if given is not None:
        return np.array([given]), np.ones(1)
    levels = [float(member.series["observed"].mean()) for member in members if not member.series.empty]
    usual = usual_spread(scale, float(np.median(levels)) if levels else np.nan)
    if len(members) > 1:
        return likely_spreads(fit_random_effects(estimates, np.diag(errors**2), np.ones((len(errors), 1))), usual)
    if not np.isfinite(usual):
        raise EvaluationError("Of one site nothing is known of the spread between sites: give `spread`.")
    shares = (np.arange(POOLS_SIMULATED) + 0.5) / POOLS_SIMULATED
    return usual * np.tan(np.pi / 2 * shares), np.full(POOLS_SIMULATED, 1 / POOLS_SIMULATED)


def _reaches(
    random: np.random.Generator, errors: np.ndarray, count: int, spreads: np.ndarray, weights: np.ndarray, wanted: float
) -> tuple[np.ndarray, float]:
    """How large a mean rise must be to be found in each simulated pool; and the power for ``wanted``, were the spread known."""
    ones, quantile = np.ones((count, 1)), stats.norm.ppf(0.5 + CONFIDENCE / 2)
    reach, known = [], []
    for spread in random.choice(spreads, POOLS_SIMULATED, p=weights):
        own = np.concatenate([errors, random.choice(errors, count - len(errors))])
        variances = own**2 + spread**2
        estimates = random.normal(0, np.sqrt(variances))
        mean = fit_random_effects(estimates, np.diag(own**2), ones).contrast(np.ones(1))
        reach.append(-mean.low)
        known.append(stats.norm.sf(quantile - wanted * np.sqrt((1 / variances).sum())))
    return np.array(reach), float(np.mean(known))
