"""What pooling needs of one site's effect: estimate, sampling error, and the noise it shares with other sites."""

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.effect import Effect
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import CONFIDENCE, Contrast

TEST_LEVEL = 1 - CONFIDENCE
# Keeps the covariance of sites that are each other's comparators invertible.
OWN_SHARE = 1e-3


@dataclass(frozen=True)
class SiteEstimate:
    """One site's headline on its model's scale; ``std_error`` is read from the interval."""

    label: str
    term: str
    scale: str
    method: str
    contrast: Contrast
    std_error: float

    @property
    def estimate(self) -> float:
        """The headline's estimate."""
        return self.contrast.estimate


def site_estimate(effect: Effect, choice: str | None = None) -> SiteEstimate:
    """The site of one effect, from its headline or from another choice (the method of a row with the role sensitivity).

    Raises
    ------
    EvaluationError
        Where there is no estimate, or its interval has no bound or no width.
    """
    label, rows = ", ".join(effect.treated_units), effect.estimates
    planned = _row(rows[rows["role"] == "headline"])
    row = planned if choice is None else _row(rows[(rows["role"] == "sensitivity") & (rows["method"] == choice)])
    values = [float(row[name]) for name in ("estimate", "low", "high", "std_error", "p_value", "df")]
    half = (values[2] - values[1]) / 2
    if not (math.isfinite(values[0]) and math.isfinite(half) and half > 0):
        raise EvaluationError(
            f"The interval of {label} has no bound or no width, so its weight is not known:"
            " leave the site out, or estimate it with more periods or comparators."
        )
    method = str(planned["method"])
    quantile = _quantile(effect, method, values[5])
    return SiteEstimate(label, str(row["term"]), str(row["scale"]), method, Contrast(*values), half / quantile)


def shared_choices(effects: list[Effect]) -> list[str]:
    """Other choices (the methods of rows with the role sensitivity) that all sites have, in the order of the first."""
    of_each = [effect.estimates.loc[effect.estimates["role"] == "sensitivity", "method"] for effect in effects]
    return [str(method) for method in of_each[0].unique() if all((other == method).any() for other in of_each[1:])]


def _row(rows: pd.DataFrame) -> pd.Series:
    """Of rows on several scales that of the model."""
    of_model = rows[rows["scale"] != "percent"]
    return (rows if of_model.empty else of_model).iloc[0]


def _quantile(effect: Effect, method: str, df: float) -> float:
    """How many standard errors half the interval's width stands for."""
    if re.search("rank|placebo|permut", method.lower()):
        table = effect.tables.get("placebo")
        count = int((~table["treated"].astype(bool)).sum()) if table is not None and "treated" in table else 0
        largest = math.floor(TEST_LEVEL * (count + 1) + 1e-9)
        left_out = largest / (count + 1) if largest else TEST_LEVEL
        return float(stats.norm.ppf(1 - left_out / 2))
    return float(
        stats.t.ppf(1 - TEST_LEVEL / 2, df) if math.isfinite(df) and df > 0 else stats.norm.ppf(1 - TEST_LEVEL / 2)
    )


def correlation(effects: list[Effect]) -> np.ndarray:
    """Correlation (k, k) of the sites' sampling errors, from the comparators and the months they share.

    Site i less its comparators is a vector over units, +1 for the site and minus the weight for each comparator; with
    units alike and independent, errors correlate as these vectors do (cosine). Likewise for the months: 1 / n after,
    -1 / n before. The product of the two is a correlation matrix (Schur).
    """
    units = pd.DataFrame([_over_units(effect) for effect in effects]).fillna(0.0).to_numpy(float)
    months = [_over_months(effect) for effect in effects]
    overlap = _cosines(units)
    # Without a series nothing is known of the months: as if all were shared.
    if all(months):
        overlap = overlap * _cosines(pd.DataFrame(months).fillna(0.0).to_numpy(float))
    return (
        (1 - OWN_SHARE) * overlap + OWN_SHARE * np.eye(len(effects)) if _any_shared(overlap) else np.eye(len(effects))
    )


def _any_shared(overlap: np.ndarray) -> bool:
    return bool(np.abs(overlap - np.eye(len(overlap))).max() > 1e-12)


def _cosines(rows: np.ndarray) -> np.ndarray:
    lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    scaled = rows / lengths
    cosines = scaled @ scaled.T
    np.fill_diagonal(cosines, 1.0)
    return cosines


def _over_units(effect: Effect) -> dict[str, float]:
    treated_shares = {label: 1 / len(effect.treated_units) for label in effect.treated_units}
    members = effect.tables.get("members")
    if members is None or not {"unit", "used"} <= set(members):
        return treated_shares
    used = members[members["used"].astype(bool) & ~members["unit"].isin(effect.treated_units)]
    weights = used["weight"].fillna(0.0).to_numpy(float) if "weight" in used else np.zeros(len(used))
    if len(used) and not weights.any():
        weights = np.full(len(used), 1 / len(used))
    shared = {str(unit): -float(weight) for unit, weight in zip(used["unit"], weights, strict=True)}
    return {**shared, **treated_shares}


def _over_months(effect: Effect) -> dict[str, float]:
    series = effect.series
    if series.empty or not effect.interruptions:
        return {}
    periods = series["period"].astype(str)[~series["in_transition"].to_numpy(bool)]
    begins = effect.interruptions[0]
    after = np.array([period >= begins[: len(period)] for period in periods])
    if not after.any() or after.all():
        return {}
    values = np.where(after, 1 / after.sum(), -1 / (~after).sum())
    return dict(zip(periods, values, strict=True))
