"""Difference-in-differences: what must not matter does not, and what is put in comes out."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.panels import detectable_effect, differences, frame_of, injected, labels, noise, numbers

DESIGNS = {
    "one of 21": ([7], 21, {}),
    "two of 11": ([7, 7], 11, {}),
    "two starts": ([6, 8], 10, {}),
    "never treated": ([6, 8], 10, {"comparison": "never_treated"}),
    "drawn": ([5, 6, 8, 8], 12, {}),
    "clustered": ([7] * 6, 13, {}),
    "group-time": ([5, 5, 5, 8, 8, 8], 14, {}),
    "synthetic": ([7], 21, {"method": "synthetic"}),
}
ROOT = Path(__file__).parents[3]
FEW = settings(max_examples=2, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 10_000)
every = pytest.mark.parametrize("design", DESIGNS)
# Assignments are drawn in an order made from the figures, so that new figures draw others.
exact = pytest.mark.parametrize("design", [name for name in DESIGNS if name != "drawn"])


def made(design, seed, **changes):
    starts, units, options = DESIGNS[design]
    return noise(seed, units, 13, uneven=0.3), starts, {"headline": "mean months 1 to 2", **options, **changes}


def close(effect, other, tolerance=1e-7):
    pd.testing.assert_frame_equal(numbers(effect), numbers(other), rtol=tolerance, atol=tolerance)


@every
@FEW
@given(seed=seeds)
def test_rows_in_any_order(design, seed):
    outcome, starts, options = made(design, seed)
    frame = frame_of(outcome, starts)
    effect = differences(frame, **options)
    other = differences(frame.sample(frac=1, random_state=seed), **options)
    assert effect.to_dict() == other.to_dict()


@every
@FEW
@given(seed=seeds)
def test_units_under_other_names_in_another_order(design, seed):
    outcome, starts, options = made(design, seed)
    names = list(np.random.default_rng(seed).permutation(labels(len(outcome))))
    effect = differences(frame_of(outcome, starts), **options)
    other = differences(frame_of(outcome, starts, names), **options)
    shown = effect.estimates["term"].str.startswith("att U") | effect.estimates["method"].str.startswith("without U")
    still = other.estimates["term"].str.startswith("att U") | other.estimates["method"].str.startswith("without U")
    columns = ["estimate", "low", "high", "p_value"]
    pd.testing.assert_frame_equal(
        effect.estimates.loc[~shown, columns].reset_index(drop=True),
        other.estimates.loc[~still, columns].reset_index(drop=True),
    )
    called = dict(zip(labels(len(outcome)), names, strict=True))
    assert {called[unit] for unit in effect.treated_units} == set(other.treated_units)
    by_name = other.estimates.set_index("term")["estimate"]
    for row in effect.estimates[effect.estimates["term"].str.startswith("att U")].itertuples():
        assert by_name["att " + called[row.term.removeprefix("att ")]] == pytest.approx(row.estimate, abs=1e-12)
    assert detectable_effect(effect) == pytest.approx(detectable_effect(other), nan_ok=True)
    assert [check.passed for check in effect.checks] == [check.passed for check in other.checks]


def _without_single_units(effect):
    return effect.estimates[~effect.estimates["term"].str.startswith("att U")].reset_index(drop=True)


@exact
@FEW
@given(seed=seeds)
def test_levels_of_units_and_of_months_do_not_matter(design, seed):
    outcome, starts, options = made(design, seed)
    random = np.random.default_rng(seed)
    moved = outcome + 50 * random.standard_normal((len(outcome), 1)) + 20 * random.standard_normal(outcome.shape[1])
    if design == "synthetic":  # its weights follow the course, so that only a shift of all is nothing
        moved = outcome + 100
    effect, other = (differences(frame_of(values, starts), **options) for values in (outcome, moved))
    effect, other = (replace(compared, estimates=_without_single_units(compared)) for compared in (effect, other))
    close(effect, other, 1e-4 if design == "synthetic" else 1e-7)
    assert detectable_effect(effect) == pytest.approx(detectable_effect(other), rel=1e-4, nan_ok=True)


@exact
@FEW
@given(seed=seeds, factor=st.floats(1e-3, 1e3))
def test_another_unit_of_measurement_scales_everything(design, seed, factor):
    outcome, starts, options = made(design, seed)
    effect, other = (differences(frame_of(values, starts), **options) for values in (outcome, factor * outcome))
    columns = ["estimate", "low", "high"]
    np.testing.assert_allclose(
        factor * effect.estimates[columns].astype(float),
        other.estimates[columns].astype(float),
        rtol=1e-4,
        atol=1e-6 * factor,
    )
    np.testing.assert_allclose(
        effect.estimates["p_value"].astype(float), other.estimates["p_value"].astype(float), atol=1e-6
    )
    assert factor * detectable_effect(effect) == pytest.approx(detectable_effect(other), rel=1e-4, nan_ok=True)


@exact
@FEW
@given(seed=seeds)
def test_the_other_sign(design, seed):
    outcome, starts, options = made(design, seed)
    headline, other = (differences(frame_of(values, starts), **options).headline for values in (outcome, -outcome))
    assert -headline["estimate"] == pytest.approx(other["estimate"], rel=1e-4)
    np.testing.assert_allclose([-headline["low"], -headline["high"]], [other["high"], other["low"]], rtol=1e-4)


@pytest.mark.parametrize("design", [name for name in DESIGNS if name not in ("drawn", "synthetic")])
@FEW
@given(seed=seeds, effect=st.floats(-20, 20))
def test_an_effect_put_in_comes_out_and_the_interval_goes_with_it(design, seed, effect):
    outcome, starts, options = made(design, seed)
    frames = [frame_of(values, starts) for values in (outcome, injected(outcome, starts, effect))]
    headline, other = (differences(frame, **options).headline for frame in frames)
    for name in ("estimate", "low", "high"):
        assert other[name] == pytest.approx(headline[name] + effect, abs=1e-6, nan_ok=True), name


@pytest.mark.parametrize("design", ["one of 21", "two of 11", "two starts", "clustered", "group-time"])
def test_equal_weights_are_none(design):
    outcome, starts, options = made(design, 4)
    frame = frame_of(outcome, starts, people=np.full(len(outcome), 250.0))
    close(differences(frame, weights="people", **options), differences(frame, **options))


@pytest.mark.parametrize("inference", ["placebo", "cluster"])
@pytest.mark.parametrize("starts", [[7], [6, 8]])
def test_whole_weights_are_copies(inference, starts):
    """The estimate; intervals differ, as copies look like units of their own."""
    outcome = noise(8, 9, 13)
    people = np.array([1, 1, 3, 1, 2, 1, 1, 2, 1])
    weighted = differences(frame_of(outcome, starts, people=people), weights="people", inference=inference)
    copies = differences(frame_of(np.repeat(outcome, people, axis=0), starts), inference=inference)
    assert weighted.headline["estimate"] == pytest.approx(copies.headline["estimate"], abs=1e-9)
    months = [weighted.at(month)["estimate"] for month in range(1, 6)]
    assert months == pytest.approx([copies.at(month)["estimate"] for month in range(1, 6)], abs=1e-9)


def _published() -> str:
    """A panel of each design as it is published, to nine digits."""
    designs = [
        ([7], 21, {}),
        ([5, 6, 8, 8], 12, {}),
        ([7] * 6, 13, {}),
        ([5, 5, 5, 8, 8, 8], 14, {}),
        ([7], 21, {"method": "synthetic"}),
    ]
    effects = [differences(frame_of(noise(2, units, 13), starts), **options) for starts, units, options in designs]
    return json.dumps([effect.published("official_statistics").to_dict() for effect in effects])


def test_any_hash_seed_and_number_of_threads():
    """In a process with others as in this one, whose seed is drawn."""
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    code = f"from {__name__} import _published; print(_published())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == _published()


def test_the_seed_decides_the_draw_and_nothing_else():
    outcome, starts, options = made("drawn", 1)
    frame = frame_of(outcome, starts)
    effect, again, other = (differences(frame, **options, seed=seed) for seed in (1, 1, 2))
    assert effect.to_dict() == again.to_dict()
    assert effect.headline["estimate"] == other.headline["estimate"]
    assert effect.headline["low"] == pytest.approx(other.headline["low"], rel=0.3)
