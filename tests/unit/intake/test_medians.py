"""A median in a submission: the figure itself, with the people it is of, and never added up."""

import pytest
from pydantic import ValidationError

from evalkit.catalogue.records.measures import Measure
from evalkit.errors import EvaluationError
from evalkit.intake.load import load_from
from tests.support.record_measures import measure
from tests.unit.conftest import SITE

ROWS = "org_code,period,measure,numerator,denominator,note\n" + "".join(
    f"{code},2017-{month:02d},discharges,{value},200,\n"
    for month in range(1, 7)
    for code, value in (("RA3", 2.5), ("RBA", 3.5))
)


@pytest.fixture
def medians(project):
    """A table of medians at two organisations."""
    project.submit(ROWS)
    project.edit(
        "data/measures.yml", "definition: People sent home.\n  form: count", "definition: Hours.\n  form: median"
    )
    return project


def test_its_value_is_the_median(medians):
    frame = load_from(medians.catalogue(), site="RA3", measure="discharges")
    assert list(frame["value"]) == [2.5] * 6
    assert list(frame["denominator"]) == [200] * 6


def test_those_of_two_organisations_are_not_added_up(medians, plain):
    medians.edit(SITE, "[RA3]", "[RA3, RBA]")
    with pytest.raises(EvaluationError) as error:
        load_from(medians.catalogue(), site="weston", measure="discharges")
    plain(str(error.value), "Discharges is a median", "weston is several organisations")


@pytest.mark.parametrize(
    "fields",
    [
        {"adds_up_to": "hours"},
        {"recipes": [{"table": "t", "numerator": ["a"], "denominator": ["b"]}]},
        {"form": "count"},
    ],
)
def test_what_would_add_them_up_is_refused(fields):
    median = measure("median", {"median_of": {"column": "hours"}})
    assert Measure(id="m", **median).form == "median"
    with pytest.raises(ValidationError):
        Measure(id="m", **{**median, **fields})
