"""Effects of invented differences, for all that readers see of them."""

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.designs.pooled_effect.design import pool
from tests.unit.designs.test_pooled_effect import sites

PERIODS = [str(month) for month in pd.period_range("2016-04", "2019-03", freq="M")]


def panel(starts: dict[str, str], units: int = 24, effect: float = -0.3) -> pd.DataFrame:
    """Invented counts: units with levels of their own, a month's noise for all, and a fall after each start."""
    random = np.random.default_rng(7)
    shared = random.normal(0, 0.02, len(PERIODS))
    rows = []
    for index in range(units):
        unit = f"U{index:02d}"
        start = starts.get(unit)
        for at, period in enumerate(PERIODS):
            value = 8 + 0.05 * index + shared[at] + random.normal(0, 0.02)
            value += effect if start is not None and period >= start else 0
            rows.append((unit, period, float(np.exp(value)), start))
    return pd.DataFrame(rows, columns=["unit", "period", "value", "start"])


def fitted(starts: dict[str, str], **more):
    return ek.difference_in_differences(
        panel(starts), outcome="value", unit="unit", time="period", treated_from="start", log=True, **more
    )


@pytest.fixture(scope="session")
def staggered():
    return fitted({"U03": "2017-01", "U01": "2017-08", "U02": "2017-08"})


@pytest.fixture(scope="session")
def single():
    return fitted({"U05": "2017-08"})


@pytest.fixture(scope="session")
def weighted():
    return fitted({"U05": "2017-08"}, method="synthetic")


@pytest.fixture(scope="session")
def clustered():
    return fitted({f"U{number:02d}": "2017-08" for number in range(10)}, inference="cluster")


@pytest.fixture(scope="session")
def pooled():
    return pool(sites([-0.1, -0.2, 0.3], [0.1, 0.15, 0.2]))
