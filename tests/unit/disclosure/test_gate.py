"""One gate: without a rule nothing leaves, and everything that leaves has passed."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.disclosure import gate
from evalkit.disclosure.rules import small_numbers
from evalkit.errors import EvaluationError
from evalkit.report.notebook import publish
from tests.support.effects import estimate_row, made_effect


@pytest.mark.parametrize("rule", ["", "none", "Official_Statistics", "small_numbers"])
def test_an_unknown_rule_publishes_nothing(rule, plain):
    with pytest.raises(EvaluationError) as refused:
        gate.shown(pd.DataFrame({"count": [3]}), rule)
    plain(str(refused.value), repr(rule), "data/datapackage.json", "official_statistics")
    with pytest.raises(EvaluationError):
        made_effect().published(rule)


def test_official_statistics_are_shown_as_they_are():
    frame = pd.DataFrame({"count": [3, 0]})
    assert gate.shown(frame, "official_statistics").equals(frame)


def test_everything_of_an_effect_passes_the_rule(monkeypatch):
    seen = []

    def blank(frame: pd.DataFrame) -> pd.DataFrame:
        seen.append(tuple(frame.columns))
        numbers = frame.select_dtypes("number").columns
        return frame.assign(**{name: float("nan") for name in numbers})

    monkeypatch.setitem(gate.RULES, "nothing", blank)
    placebo = pd.DataFrame({"unit": ["a"], "estimate": [3.0], "treated": [True]})
    effect = made_effect(tables={"placebo": placebo}).published("nothing")
    assert len(seen) == 4
    for frame in (effect.estimates, effect.series, effect.coefficients, effect.tables["placebo"]):
        assert frame.select_dtypes("floating").isna().all(axis=None)


def test_a_published_effect_says_so_and_the_original_does_not():
    effect = made_effect()
    published = effect.published("official_statistics")
    assert (published.gated, effect.gated) == (True, False)
    assert published.data["disclosure"] == "official_statistics"


@settings(max_examples=30)
@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_rounding_keeps_nine_digits_and_is_done_once(value):
    once = made_effect([estimate_row(estimate=value, low=value - 1, high=value + 1)]).published("official_statistics")
    assert once.headline["estimate"] == pytest.approx(value, rel=1e-8, abs=1e-300)
    assert once.published("official_statistics").to_dict() == once.to_dict()


def test_last_digits_that_differ_between_machines_do_not_show():
    record, other = (
        made_effect([estimate_row(estimate=-16.0 * noise)]).published("official_statistics").to_dict()
        for noise in (1.0, 1.0 + 1e-14)
    )
    assert record == other


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, None])
def test_what_is_not_finite_is_published_as_missing(value):
    effect = made_effect(minimum_detectable_effect=value).published("official_statistics")
    assert effect.minimum_detectable_effect is None


def test_an_effect_of_unknown_origin_is_not_published(plain):
    with pytest.raises(EvaluationError) as refused:
        publish(made_effect(data={}))
    plain(str(refused.value), "ek.load")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("own_counts: least 10, base 10, whole_from 30", True),
        ("own_counts: least 8, base 5, whole_from 20", True),
        ("own_counts: least 5, base 5, whole_from 20", False),  # weaker
        ("own_counts: least 10, base 3, whole_from 30", False),
        ("own_counts: least 10, base 10, whole_from 8", False),
        ("own_counts: least ten", False),
    ],
)
def test_an_organisation_may_have_a_stricter_rule_and_no_weaker_one(name, is_one):
    assert gate.is_rule(name) == is_one
    rule = small_numbers(name)
    assert (rule is not None) == is_one
    if rule is not None:
        frame = pd.DataFrame({"count": [30]})
        assert gate.shown(frame, name).equals(frame)
        assert f"Counts of 1 to {rule.least - 1} people are withheld" in rule.in_words()
