"""The one result type: strict about its shape, and the same after a journey through JSON."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.check_register import ENOUGH_POINTS
from evalkit.effect import ESTIMATE_COLUMNS, Effect
from evalkit.errors import EvaluationError
from tests.support.effects import estimate_row, made_effect

numbers = st.floats(-1e12, 1e12, allow_nan=False)


def through_json(effect: Effect) -> Effect:
    return Effect.from_dict(json.loads(json.dumps(effect.to_dict(), allow_nan=False)))


@settings(max_examples=30)
@given(
    ends=st.lists(numbers, min_size=3, max_size=3).map(sorted),
    month=st.one_of(st.just(math.nan), st.integers(1, 60).map(float)),
    least=st.one_of(st.none(), st.floats(1e-6, 1e6)),
    passed=st.sampled_from([True, False, None]),
    note=st.text(max_size=40),
)
def test_the_journey_through_json_changes_nothing(ends, month, least, passed, note):
    low, middle, high = ends
    effect = made_effect(
        [estimate_row(estimate=middle, low=low, high=high, month=month)],
        checks=(ENOUGH_POINTS.result(passed, note),),
        minimum_detectable_effect=least,
        notes=(note,),
        tables={"placebo": pd.DataFrame({"unit": ["a", "b"], "estimate": [low, high], "treated": [True, False]})},
    )
    back = through_json(effect)
    assert back.to_dict() == effect.to_dict()
    pd.testing.assert_frame_equal(back.estimates, effect.estimates, check_dtype=False, check_exact=True)
    pd.testing.assert_frame_equal(back.series, effect.series, check_dtype=False, check_exact=True)
    assert back.tables["placebo"]["treated"].tolist() == [True, False]
    assert back.checks == effect.checks
    assert back.treated_units == effect.treated_units


def test_an_unbounded_end_is_missing_and_comes_back_missing():
    back = through_json(made_effect([estimate_row(low=-math.inf, high=math.nan)]))
    assert math.isnan(back.headline["low"])
    assert math.isnan(back.headline["high"])


def test_whole_numbers_and_numpy_values_become_plain_ones():
    table = pd.DataFrame({"unit": ["a"], "count": np.array([3]), "share": np.array([0.5])})
    plain = made_effect(tables={"members": table}).to_dict()["tables"]["members"]
    assert plain["rows"] == [["a", 3, 0.5]]
    assert through_json(made_effect(tables={"members": table})).tables["members"]["count"].tolist() == [3]


class TestShape:
    def test_the_first_row_is_the_headline(self):
        with pytest.raises(ValueError, match="headline"):
            made_effect([estimate_row(role="term")])
        with pytest.raises(ValueError, match="headline"):
            made_effect(estimates=pd.DataFrame(columns=list(ESTIMATE_COLUMNS)))

    def test_columns_are_fixed(self):
        with pytest.raises(ValueError, match="estimates"):
            made_effect(estimates=pd.DataFrame([estimate_row()]).drop(columns="df"))
        with pytest.raises(ValueError, match="series"):
            made_effect(series=made_effect().series.assign(more=1))

    def test_the_list_of_tables_is_closed(self):
        with pytest.raises(ValueError, match="league"):
            made_effect(tables={"league": pd.DataFrame()})

    def test_it_cannot_be_changed(self):
        with pytest.raises(AttributeError):
            made_effect().gated = True

    def test_the_headline_is_told_in_per_cent_where_there_is_one(self):
        rows = [estimate_row(scale="log", estimate=-0.17), estimate_row(scale="percent")]
        assert made_effect(rows).headline["scale"] == "percent"
        assert made_effect([estimate_row(scale="points")]).headline["scale"] == "points"

    def test_a_sensitivity_in_per_cent_is_no_headline(self):
        rows = [estimate_row(scale="points", estimate=2.0), estimate_row(role="sensitivity", scale="percent")]
        assert made_effect(rows).headline["estimate"] == 2.0


class TestAtMonth:
    rows = (
        estimate_row(),
        estimate_row(role="term", term="month 1", month=1.0, estimate=-16.0),
        estimate_row(role="term", term="month 12", month=12.0, estimate=-12.0),
        estimate_row(role="term", term="month 12", month=12.0, estimate=-0.13, scale="log"),
        estimate_row(role="comparison", term="month 12", month=12.0, estimate=99.0),
    )

    def test_it_only_looks_up(self):
        assert made_effect(list(self.rows)).at(12)["estimate"] == -12.0
        assert made_effect(list(self.rows)).at(12, scale="log")["estimate"] == -0.13

    @pytest.mark.parametrize("month", [0, 2, 13])
    def test_a_month_nobody_estimated(self, month, plain):
        with pytest.raises(EvaluationError) as refused:
            made_effect(list(self.rows)).at(month)
        plain(str(refused.value), f"Month {month}", "ae-attendances-type-1")

    def test_no_month_at_all(self, plain):
        with pytest.raises(EvaluationError) as refused:
            made_effect().at(1)
        plain(str(refused.value), "no month is available")


class TestReading:
    def test_another_schema_is_refused_with_what_to_do(self, plain):
        with pytest.raises(EvaluationError) as refused:
            Effect.from_dict({**made_effect().to_dict(), "schema_version": 99})
        plain(str(refused.value), "99", "run the analysis again")

    @pytest.mark.parametrize("name", sorted({*made_effect().to_dict()} - {"data", "end", "gated"}))
    def test_a_part_taken_out_is_refused(self, name, plain):
        values = made_effect().to_dict()
        del values[name]
        with pytest.raises(EvaluationError, match="run the analysis again"):
            Effect.from_dict(values)

    @pytest.mark.parametrize("name", ["estimates", "series", "coefficients", "tables", "checks"])
    @pytest.mark.parametrize("value", [None, 3, "text", [1]])
    def test_a_part_of_another_kind_is_refused(self, name, value):
        with pytest.raises(EvaluationError, match="run the analysis again"):
            Effect.from_dict({**made_effect().to_dict(), name: value})

    def test_what_is_no_dictionary_is_refused(self):
        for other in ({}, {"schema_version": 2}):
            with pytest.raises(EvaluationError, match="run the analysis again"):
                Effect.from_dict(other)
