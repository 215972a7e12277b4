"""Counts that fall to nothing: a fall of 100% with one bound, or a refusal; never a crash and no endless number."""

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.ended import Ended, ended

MONTHS = pd.period_range("2016-01", periods=48, freq="M")
CHANGE = "2018-01"  # month 25 of 48


def _frame(counts, **more) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS.astype(str), "n": np.asarray(counts, float), **more})


def _estimate(frame: pd.DataFrame, **options) -> ek.Effect:
    asked = {
        "outcome": "n",
        "time": "period",
        "interruption": CHANGE,
        "family": "poisson",
        "model": "step",
        "seasonality": None,
        **options,
    }
    return ek.interrupted_time_series(frame, **asked)


def _counts(mean: float, seed: int = 1) -> np.ndarray:
    return np.r_[np.random.default_rng(seed).poisson(mean, 24), np.zeros(24)]


@pytest.mark.parametrize("mean", [0.5, 2, 10])
@pytest.mark.parametrize(
    "options", [{}, {"model": "level", "seasonality": 1}, {"errors": "independent"}, {"per_day": True}]
)
def test_a_service_that_ends_an_event(mean, options):
    effect = _estimate(_frame(_counts(mean)), **options)
    headline = effect.headline
    assert (headline["estimate"], headline["low"], headline["scale"]) == (-100, -100, "percent")
    assert -100 < headline["high"] < 400
    assert "not estimated by the model" in headline["method"]
    assert any("a fall of 100%, not estimated by the model" in note for note in effect.notes)
    assert effect.series["counterfactual"].notna().sum() == 24
    published = ek.Effect.from_dict(effect.published("synthetic").to_dict())
    assert published.headline["estimate"] == -100


def test_the_more_was_expected_the_smaller_is_what_may_be_left():
    highs = [_estimate(_frame(_counts(mean))).headline["high"] for mean in (0.5, 2, 10, 100)]
    assert highs == sorted(highs, reverse=True)
    assert highs[-1] < -99


def test_of_independent_events_it_is_that_of_poisson():
    """With a great many before, the largest rate that leaves none a chance of .025 is -ln(.025) events."""
    before = np.full(400, 5.0)
    times = np.arange(400)
    seen = ended(before, np.ones((400, 1)), times, np.ones(400), np.ones((12, 1)), 400 + np.arange(12), np.ones(12), 0)
    assert np.exp(seen.bound) * 60 == pytest.approx(-np.log(0.025), rel=0.03)


def test_where_nothing_was_to_be_expected_there_is_no_bound():
    """Events that had all but ended long before: a trend goes on to nothing, and none seen says nothing."""
    counts = np.r_[np.array([9.0, 5, 3, 1, 1]), np.zeros(43)]
    headline = _estimate(_frame(counts), model="level").headline
    assert headline["estimate"] == -100
    assert not headline["high"] < 0
    assert np.isinf(Ended(np.zeros((4, 3))).bound)


@pytest.mark.parametrize("errors", ["ar1", "independent"])
@pytest.mark.parametrize(
    ("family", "counts"),
    [
        ("poisson", np.r_[np.zeros(24), np.arange(1.0, 25)]), ("poisson", np.zeros(48)),
        ("binomial", np.r_[np.full(24, 40.0), np.full(24, 50.0)]), ("binomial", np.r_[np.full(24, 4.0), np.zeros(24)]),
    ],
    ids=["nothing before", "nothing at all", "100% after", "0% after"],
)  # fmt: skip
def test_what_has_no_bound_is_refused(family, counts, errors, plain):
    more = {"of": 50.0} if family == "binomial" else {}
    with pytest.raises(EvaluationError) as refused:
        _estimate(_frame(counts, **more), family=family, errors=errors, **({"exposure": "of"} if more else {}))
    plain(str(refused.value), "a rate without bound")


def covered(mean: float, extra: float, runs: int, months_after: int) -> float:
    """How often the bound lies above the true ratio, at the ratio that leaves nothing a chance of about one in forty."""
    random = np.random.default_rng([round(10 * mean), round(10 * extra)])
    months = 24 + months_after
    ratio = -np.log(0.025) / (months_after * mean * np.exp(extra**2 / 2))
    missed = 0
    for _ in range(runs):
        rate = mean * np.exp(extra * random.normal(size=months))
        counts = random.poisson(rate * np.where(np.arange(months) < 24, 1.0, ratio))
        if counts[:24].sum() and not counts[24:].any():
            seen = ended(
                counts[:24].astype(float), np.ones((24, 1)), np.arange(24), np.ones(24), np.ones((months_after, 1)),
                24 + np.arange(months_after), np.ones(months_after), 0,
            )  # fmt: skip
            missed += seen.bound < np.log(ratio)
    return 1 - missed / runs


@pytest.mark.parametrize("mean", [0.5, 2, 10])
@pytest.mark.parametrize("extra", [0.0, 0.5])
@pytest.mark.parametrize("runs", [200, pytest.param(8000, marks=pytest.mark.slow)])
def test_the_bound_holds(mean, extra, runs):
    assert covered(mean, extra, runs, 24) >= 0.97 - 2 * (0.03 * 0.97 / runs) ** 0.5
