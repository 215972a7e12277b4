"""Panels made by hand or at random, and the one call that most tests make of them."""

import numpy as np
import pandas as pd

import evalkit as ek
from evalkit.inference.simulation import autoregressive_errors

FRAME_COLUMNS = {"outcome": "value", "unit": "unit", "time": "month", "treated_from": "start"}
FIRST = pd.Period("2016-01", "M")


def labels(units: int) -> list[str]:
    return [f"U{number:03d}" for number in range(units)]


def frame_of(outcome: np.ndarray, starts, names: list[str] | None = None, **columns) -> pd.DataFrame:
    """One row a unit and month from 2016-01 on; ``starts`` holds positions or None; ``columns`` one value a unit."""
    units, periods = outcome.shape
    starts = [*starts, *[None] * (units - len(starts))]
    made = pd.DataFrame(
        {
            "unit": np.repeat(names or labels(units), periods),
            "month": [str(FIRST + position) for position in range(periods)] * units,
            "value": np.asarray(outcome, float).ravel(),
            "start": np.repeat(
                np.array([None if start is None else str(FIRST + start) for start in starts], object), periods
            ),
        }
    )
    return made.assign(**{name: np.repeat(np.asarray(values), periods) for name, values in columns.items()})


def noise(seed: int, units: int, periods: int, correlation: float = 0.3, uneven: float = 0.0) -> np.ndarray:
    """Autoregressive errors (units, periods), some units noisier than others where ``uneven`` is above nought."""
    random = np.random.default_rng(seed)
    scale = np.exp(uneven * random.standard_normal((units, 1)))
    return autoregressive_errors(random, units, periods, correlation) * scale


def injected(outcome: np.ndarray, starts, effect: float) -> np.ndarray:
    """The same with ``effect`` added to every treated cell."""
    changed = outcome.copy()
    for unit, start in enumerate(starts):
        if start is not None:
            changed[unit, start:] += effect
    return changed


def differences(frame: pd.DataFrame, **options) -> ek.Effect:
    return ek.difference_in_differences(frame, **{**FRAME_COLUMNS, **options})


def numbers(effect: ek.Effect) -> pd.DataFrame:
    """Everything numeric of the estimates, for comparing two effects."""
    return effect.estimates[["estimate", "low", "high", "std_error", "p_value"]].astype(float)


def detectable_effect(effect: ek.Effect) -> float:
    """The smallest effect that would be found; missing where none would."""
    smallest = effect.minimum_detectable_effect
    return float("nan") if smallest is None else smallest
