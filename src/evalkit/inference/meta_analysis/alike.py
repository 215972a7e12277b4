"""Whether effects may be pooled: of several sites, each once, and alike in what they say."""

import re
from itertools import combinations

from evalkit.effect import Effect
from evalkit.errors import EvaluationError
from evalkit.inference.meta_analysis.site_estimates import SiteEstimate

LEVEL, DURING = "level", "during"


def refuse_what_is_no_effect(effects: list, pooled: str) -> None:
    """Anything but estimated effects of single analyses; ``pooled`` is what the design of a pooled effect is called.

    Raises
    ------
    EvaluationError
        Naming the first by its number.
    """
    for position, effect in enumerate(effects, start=1):
        if not isinstance(effect, Effect):
            raise EvaluationError(
                f"Number {position} to be pooled is of type {type(effect).__name__}: give effects,"
                " as every design returns them."
            )
        if effect.design == pooled:
            raise EvaluationError(f"Number {position} to be pooled is itself a pooled effect: give its sites' effects.")
        if not effect.is_estimated:
            raise EvaluationError(
                f"Number {position} to be pooled, {', '.join(effect.treated_units)}, is only described, and there is no estimate to"
                " pool: leave it out."
            )


def refuse_what_is_not_alike(members: list[Effect], sites: list[SiteEstimate], measure: str | None = None) -> None:
    """Effects that differ in what they say, or that are of one place.

    Parameters
    ----------
    measure : what changes in per cent are put together under where places count each in their own way

    Raises
    ------
    EvaluationError
        Naming the first difference and two sites.
    """
    for member, other in combinations(members, 2):
        twice = set(member.treated_units) & set(other.treated_units)
        if twice:
            raise EvaluationError(f"{min(twice)} is in two of the effects to be pooled: give one effect a site.")
    if measure is not None and any(site.scale != "log" for site in sites):
        raise EvaluationError(
            f"measure={measure!r} puts places together that count each in their own way, for which changes have to be in per cent:"
            " estimate them with log=True."
        )
    synthetic = [bool(member.data.get("synthetic")) for member in members]
    alike = {
        "measures": [member.measure if measure is None else measure for member in members],
        "scales": [site.scale for site in sites],
        "headlines": [term_of(member, site) for member, site in zip(members, sites, strict=True)],
        "units": [
            member.measure_unit if site.scale in ("unit", "points") else ""
            for member, site in zip(members, sites, strict=True)
        ],
        "disclosure rules": [str(member.data.get("disclosure")) for member in members],
        "kinds of data": ["synthetic" if is_synthetic else "real" for is_synthetic in synthetic],
    }
    for what, values in alike.items():
        if len(set(values)) > 1:
            odd = next(index for index, value in enumerate(values) if value != values[0])
            raise EvaluationError(
                f"The effects have different {what}, {values[0]} at {sites[0].label} and {values[odd]} at"
                f" {sites[odd].label}: pool only effects that are alike."
            )


def term_of(member: Effect, site: SiteEstimate) -> str:
    """What the headline is; what a step without a change of slope came to while it lasted is that step."""
    bends = member.coefficients["term"].astype(str).str.contains(re.compile("^(?:slope|curve|later)")).any()
    return LEVEL if site.term == DURING and not bends else site.term
