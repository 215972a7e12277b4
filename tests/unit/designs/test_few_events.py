"""Under five events a period the default is the model that they can bear, and its power is told in events."""

import re

import numpy as np
import pandas as pd
import pytest

import evalkit as ek

MONTHS = pd.period_range("2014-01", periods=48, freq="M")


def estimate(mean: float, **options) -> ek.Effect:
    counts = np.random.default_rng(4).poisson(mean * np.where(np.arange(48) >= 24, 0.5, 1.0))
    frame = pd.DataFrame({"month": MONTHS.astype(str), "falls": counts, "beds": 400.0})
    return ek.interrupted_time_series(
        frame,
        outcome="falls",
        time="month",
        interruption="2016-01",
        **{"family": "poisson", "model": None, "seasonality": None} | options,
    )


@pytest.mark.parametrize(
    ("mean", "options", "terms"),
    [
        (2, {}, {"level"}),
        (2, {"family": "binomial", "exposure": "beds"}, {"level"}),
        (20, {}, {"trend", "level", "slope"}),
        (2, {"family": "gaussian"}, {"trend", "level", "slope"}),
        (2, {"model": "level_and_slope"}, {"trend", "level", "slope"}),
    ],
)
def test_where_no_model_is_named_it_is_the_one_they_can_bear(mean, options, terms):
    assert {*estimate(mean, **options).coefficients["term"]} - {"intercept", "trend after"} == terms


def test_what_could_have_been_found_is_told_in_events():
    effect = estimate(2)
    (note,) = (note for note in effect.notes if "few events" in note)
    expected = effect.series["counterfactual"][24:36].sum()
    assert f"about {expected:.0f} were to be expected in the first 12 months" in note
    fewer, more = map(int, re.search(r"about (\d+) fewer, or (\d+) more", note).groups())
    assert f"{expected * effect.minimum_detectable_effect / 100:.0f}" == str(more)
    # A fall leaves fewer events, and has to be larger as a logarithm.
    assert np.log(expected / (expected - fewer)) > np.log((expected + more) / expected)


@pytest.mark.parametrize(
    "options", [{"headline": "month 12"}, {"model": "level_and_slope"}, {"end": "2017-06", "headline": "during"}]
)
def test_other_headlines_say_nothing_of_events_in_a_year(options):
    assert not any("few events" in note for note in estimate(2, **options).notes)


def test_of_many_events_nothing_is_said():
    assert not any("few events" in note for note in estimate(20).notes)
