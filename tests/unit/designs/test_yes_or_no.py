"""What is neither True nor False is refused wherever one of them is asked for: the text "false" would count as true."""

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.errors import EvaluationError
from evalkit.intake.load import load_from
from tests.support.panels import differences, frame_of, injected, noise

MONTHS = pd.period_range("2016-01", periods=48, freq="M")
FRAME = pd.DataFrame({"month": MONTHS, "value": 200 + np.random.default_rng(1).normal(0, 5, 48)})
NEITHER = ["false", "False", "no", "", 0, 1, 0.0, [], float("nan")]
ITS = {"outcome": "value", "time": "month", "interruption": "2018-01", "model": "level", "errors": "independent"}


@pytest.mark.parametrize("value", NEITHER)
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("log", lambda **given: ek.interrupted_time_series(FRAME, **ITS, **given)),
        ("per_day", lambda **given: ek.interrupted_time_series(FRAME, **ITS, **given)),
        ("log", lambda **given: ek.power(FRAME[:24], outcome="value", time="month", **given)),
        ("per_day", lambda **given: ek.power(FRAME[:24], outcome="value", time="month", **given)),
        ("log", lambda **given: differences(frame_of(injected(noise(3, 12, 24), [16] * 3, 6.0), [16] * 3), **given)),
    ],
    ids=["its log", "its per_day", "power log", "power per_day", "did log"],
)
def test_it_is_refused(name, call, value, plain):
    with pytest.raises(EvaluationError) as refused:
        call(**{name: value})
    plain(str(refused.value), f"{name}={value!r}", "neither True nor False", "without quotation marks")


@pytest.mark.parametrize("value", ["false", 0, None])
def test_when_rows_are_loaded(real, value, plain):
    with pytest.raises(EvaluationError) as refused:
        load_from(real, site="weston", measure="ae-attendances-type-1", apart=value)
    plain(str(refused.value), "apart", "neither True nor False")


def test_numpy_says_true_and_false_too():
    here, there = (ek.interrupted_time_series(FRAME, **ITS, log=value) for value in (np.True_, True))
    assert here.headline["estimate"] == there.headline["estimate"]


@pytest.mark.parametrize("value", [True, False])
def test_a_season_is_no_yes_or_no(value):
    with pytest.raises(EvaluationError, match="number of harmonics"):
        ek.interrupted_time_series(FRAME, **ITS, seasonality=value)
