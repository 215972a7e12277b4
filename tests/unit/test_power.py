"""How long a series is needed: more months find smaller changes, and what is found is what was simulated."""

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit import EvaluationError

PLAIN = {"outcome": "value", "time": "month", "model": "level_and_slope", "seasonality": None}


@pytest.fixture(scope="module")
def before() -> pd.DataFrame:
    random = np.random.default_rng(4)
    months = pd.period_range("2020-01", periods=36, freq="M")
    return pd.DataFrame({"month": months, "value": 1000 * np.exp(random.normal(0, 0.03, 36))})


def test_more_months_find_smaller_changes(before):
    power = ek.power(before, **PLAIN, log=True, effect=10, months_before=(12, 36), months_after=(6, 24))
    table = power.table.set_index(["before", "after"])
    assert table.loc[(36, 24), "detectable"] < table.loc[(12, 6), "detectable"]
    assert table.loc[(36, 24), "power"] > table.loc[(12, 6), "power"]
    assert power.scale == "percent"
    assert 0.02 < power.spread < 0.05


def test_a_change_as_large_as_the_detectable_one_is_found_four_times_in_five(before):
    first = ek.power(before, **PLAIN, log=True, months_after=(12,))
    assert first.table["power"].isna().all()
    wanted = float(first.table["detectable"].iloc[0])
    second = ek.power(before, **PLAIN, log=True, months_after=(12,), effect=wanted)
    assert float(second.table["power"].iloc[0]) == pytest.approx(0.8, abs=0.01)


def test_the_same_question_has_the_same_answer(before):
    asked = [ek.power(before, **PLAIN, effect=50, months_after=(12,)).to_dict() for _ in range(2)]
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    "lengths", [{"months_before": [0]}, {"months_after": [10**9]}, {"months_after": ["6"]}, {"months_before": [True]}]
)
def test_a_length_that_is_none_is_refused(before, lengths, plain):
    with pytest.raises(EvaluationError) as refused:
        ek.power(before, **PLAIN, **lengths)
    plain(str(refused.value), next(iter(lengths)), "from 1 to 1200")


def test_too_little_data_is_refused(before):
    with pytest.raises(EvaluationError, match="power needs at least 12, none of them missing"):
        ek.power(before.head(8), **PLAIN)
    gap = before.copy()
    gap.loc[5, "value"] = np.nan
    with pytest.raises(EvaluationError, match="none of them missing"):
        ek.power(gap, **PLAIN)
