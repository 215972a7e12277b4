"""Which designs a table can bear: the rules of the designs, asked before anything is set up."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.adequacy import adequacy, least_terms
from evalkit.advice import TERMS, advise, enough_at, enough_of, exposure_in_words
from evalkit.catalogue.records.measures import Measure
from evalkit.designs.interrupted_time_series.segmented_model import MODELS, SegmentedModel
from evalkit.intake.periods import resolve_interruption
from evalkit.intake.table_contents import TableContents
from tests.support.record_measures import measure

START = "2022-01-01"


def contents(*organisations: tuple[int, int]) -> TableContents:
    """A table of organisations with so many months before the start and so many after."""
    rows = [
        (f"ZZ{901 + number}", "visits", pd.Period(START, "M") + month)
        for number, (before, after) in enumerate(organisations)
        for month in range(-before, after)
    ]
    frame = pd.DataFrame(rows, columns=["org_code", "measure", "period"])
    spans = frame.groupby(["org_code", "measure"], as_index=False).agg(first=("period", "min"), last=("period", "max"))
    return TableContents(spans.assign(rows=1, parts=1, wholes=0), frame)


def bears(*organisations: tuple[int, int], start: str = START) -> dict[str, bool]:
    return {one.design: one.bears for one in advise(contents(*organisations), "visits", "ZZ901", start)}


@pytest.mark.parametrize(
    ("organisations", "can"),
    [
        ([(2, 30)], {"describe"}),
        ([(1, 1)], {"describe"}),
        ([(0, 3)], set()),
        ([(24, 24)], {"describe", "one series"}),
        ([(24, 24), (2, 24)], {"describe", "one series"}),
        ([(24, 24), (24, 24)], {"describe", "one series", "against others"}),
        ([(24, 24)] * 3, {"describe", "one series", "against others", "several sites"}),
        ([(2, 24), (24, 24), (24, 24)], {"describe"}),
    ],
)
def test_what_can_be_done_with_so_much(organisations, can):
    assert {design for design, does in bears(*organisations).items() if does} == can


@pytest.mark.parametrize(
    ("form", "exposure", "says"),
    [
        ("count", None, "per day"), ("count", "weekend_days", "per weekend day"), ("count", "person_time", "over its denominator"),
        ("count", "none", "not taken per day"), ("proportion", None, ""),
    ],
)  # fmt: skip
def test_on_which_days_it_is_counted(form, exposure, says):
    record = measure(form, {}) | {"id": "sent-home", "exposure": exposure}
    said = exposure_in_words("sent-home", Measure.model_validate({**record, "records": None}))
    assert says in said
    assert bool(said) == bool(says)


def test_of_a_new_measure_it_has_to_be_said():
    assert "--measure-exposure" in exposure_in_words("visits", None)
    assert "weekend_days" not in exposure_in_words("visits", None)
    assert "weekend_days may be right" in exposure_in_words("weekend-discharges", None)


def test_ranks_are_promised_from_nineteen_others_on():
    said = [advise(contents(*[(24, 24)] * count), "visits", "ZZ901", START)[2].because for count in (19, 20)]
    assert "cost a step of certainty" in said[0]
    assert "comes from ranks" in said[1]


def test_the_month_that_holds_the_change_counts_on_neither_side():
    change = resolve_interruption("2022-01-15", 0, "M")
    assert enough_at(contents((10, 10)).points("visits"), "ZZ901", change).sentence.startswith(
        "10 points before and 9 after"
    )


@given(st.integers(1, 40), st.integers(1, 40))
def test_one_series_is_advised_exactly_where_the_design_would_fit_it(before, after):
    assert bears((before, after))["one series"] == adequacy(before, after, TERMS).can_model


@given(st.integers(0, 30), st.integers(0, 30))
def test_what_is_advised_has_a_command_that_gives_it(before, after):
    described, one_series = advise(contents((before, after), (1, 1)), "visits", "ZZ901", START)[:2]
    assert described.bears == (before > 0 and after > 0)
    assert bool(described.command) == described.bears
    if described.bears:
        assert ("--describe" in str(described.command)) == one_series.bears


def test_of_organisations_that_make_one_site_periods_count_that_all_have():
    points = contents((10, 10), (4, 12)).points("visits")
    change = resolve_interruption(START, 0, "M")
    assert enough_of(points, ["ZZ901", "ZZ902"], change).sentence.startswith("4 points before and 10 after")
    assert enough_of(points, ["ZZ901"], change) == enough_at(points, "ZZ901", change)


@pytest.mark.parametrize("seasonality", [None, 0, 1, 2, 3, "months"])
@pytest.mark.parametrize("model", MODELS)
def test_terms_that_the_check_counts_are_those_of_the_model(model, seasonality):
    periods = pd.period_range("2016-01", periods=24, freq="M")
    fitted = SegmentedModel(periods, resolve_interruption("2017-01", 0, "M"), model, seasonality)
    assert least_terms(model, seasonality) == len(fitted.terms)
