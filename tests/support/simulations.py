"""Simulations of known truths: a short form that always runs, a long one that is slow, and how far chance may lead each."""

import numpy as np
import pytest


def simulations(short: int, long: int) -> pytest.MarkDecorator:
    """The number of simulated data sets, ``runs``; `make test` has the short form."""
    return pytest.mark.parametrize("runs", [short, pytest.param(long, marks=pytest.mark.slow)])


def chance(share: float, runs: int) -> float:
    """The Monte Carlo standard error of a share of so many runs."""
    return float(np.sqrt(share * (1 - share) / runs))
