"""Dates of treated units may be given by unit, and what is no count is on no log scale."""

import numpy as np
import pandas as pd
import pytest

import evalkit as ek

MONTHS = pd.period_range("2020-01", periods=36, freq="M")


def panel() -> pd.DataFrame:
    random = np.random.default_rng(4)
    return pd.concat(
        pd.DataFrame({"unit": f"ZZ9{at:02d}", "period": MONTHS, "value": 500 + random.normal(0, 5, 36)})
        for at in range(12)
    )


def differences(frame: pd.DataFrame, treated_from) -> ek.Effect:
    return ek.difference_in_differences(frame, outcome="value", unit="unit", time="period", treated_from=treated_from)


def test_dates_by_unit_are_the_same_as_a_column_of_them():
    dates = {"ZZ900": "2021-07", "ZZ901": "2021-07"}
    frame = panel()
    by_column = differences(frame.assign(start=frame["unit"].map(dates)), "start")
    assert differences(frame, dates).headline.equals(by_column.headline)
    assert "treated_from" not in frame.columns


@pytest.mark.parametrize(("dates", "said"), [({"ZZ90O": "2021-07"}, "did you mean `ZZ90"), ({}, "names no unit")])
def test_a_date_for_nobody_is_refused(dates, said, plain):
    with pytest.raises(ek.EvaluationError) as error:
        differences(panel(), dates)
    plain(str(error.value), said)


@pytest.mark.parametrize("asked", ["log", "per_day"])
def test_a_share_that_was_loaded_is_neither_on_a_log_scale_nor_per_day(asked, plain):
    frame = panel().query("unit == 'ZZ900'").assign(value=lambda rows: rows["value"] / 10)
    asking = {"outcome": "value", "time": "period", "interruption": "2021-07", "seasonality": None, asked: True}
    assert ek.interrupted_time_series(frame, **asking) is not None  # a person's own column may be anything
    frame.attrs["evalkit"] = {"form": "proportion"}
    with pytest.raises(ek.EvaluationError) as error:
        ek.interrupted_time_series(frame, **asking)
    plain(str(error.value), "proportion", f"{asked}=False")
