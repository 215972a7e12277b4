"""Where false alarms fall when units are ranked over steadied half-widths: simulated panels like the trusts of Type 1."""

import numpy as np
import pytest

from evalkit.catalogue import read_catalogue
from evalkit.designs.interrupted_time_series.against_comparators import Placebo
from evalkit.inference.contrast import Contrast
from tools.false_alarms import series
from tools.width_by_shrinking import (
    AIM,
    PANELS,
    PRESENT,
    STEPS,
    Panel,
    fits_of,
    gaps_of,
    ranked,
    simulated,
    simulated_shares,
)

BEFORE, RUNS = 18, 30
STEADIED = "line+variance 0.5 0.1"


@pytest.fixture(scope="module")
def trusts(root):
    return series(read_catalogue(root), PANELS[0])


@pytest.fixture(scope="module")
def panel(trusts):
    values, periods, units = trusts
    fits = simulated(values, periods, BEFORE, RUNS, np.random.default_rng(7))
    return Panel(PANELS[0], [fits], np.array(units), STEPS["count"])


@pytest.mark.parametrize("rule", [PRESENT, AIM, STEADIED])
def test_as_many_alarms_whichever_rule_ranks(panel, rule):
    claimed, _, _ = ranked(panel.fits[0], rule, panel.step)
    assert (claimed.sum(axis=1) == claimed.shape[1] // 20).all()


@pytest.mark.parametrize("rule", [PRESENT, STEADIED])
def test_every_third_has_its_share(panel, rule):
    shares, errors = simulated_shares(panel, rule, None).T
    assert (np.abs(shares - 0.05) <= 3 * errors).all()


def test_towards_the_median_alarms_move_to_noisy_units(panel):
    shares, errors = simulated_shares(panel, AIM, None).T
    assert shares[0] < 0.05 - 3 * errors[0]
    assert shares[2] > 0.05 + 3 * errors[2]


def test_more_steps_are_found_than_by_the_present_rule(panel):
    present, steadied = (ranked(panel.fits[0], rule, panel.step)[1].mean(axis=1) for rule in (PRESENT, STEADIED))
    rise = steadied - present
    assert rise.mean() > 3 * rise.std(ddof=1) / RUNS**0.5


def test_the_present_rule_is_that_of_a_placebo(trusts):
    values, periods, units = trusts
    fits = fits_of(gaps_of(values)[None], periods, BEFORE)
    estimates, half = fits.estimates[0], fits.half_widths[0]
    claimed, _, widths = (part[0] for part in ranked(fits, PRESENT, STEPS["count"]))
    for unit in range(len(units)):
        others = np.arange(len(units)) != unit
        own = Contrast(estimates[unit], estimates[unit] - half[unit], estimates[unit] + half[unit], 1.0, 1.0, df=30.0)
        held = Placebo(tuple(np.array(units)[others]), estimates[others], half[others]).ranked(own)
        assert (held.high - held.low) / 2 == pytest.approx(widths[unit])
        assert (held.low > 0 or held.high < 0) == claimed[unit]
