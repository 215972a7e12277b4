"""Twelve hours from the decision to admit and twelve hours from arrival are two clocks, and never one measure."""

import re

import numpy as np
import pandas as pd
import pytest

from evalkit import interrupted_time_series, pool
from evalkit.catalogue import read_catalogue
from evalkit.effect import Effect
from evalkit.errors import EvaluationError
from tests.unit.conftest import ROOT

TWELVE = re.compile(r"\b(twelve|12)[ -]hours?\b", re.IGNORECASE)
CLOCKS = {"decision": re.compile(r"decision", re.IGNORECASE), "arrival": re.compile(r"arriv", re.IGNORECASE)}


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue(ROOT)


def clock_of(text: str) -> set[str]:
    """From when a text says that twelve hours are counted."""
    return {name for name, pattern in CLOCKS.items() if pattern.search(text)} if TWELVE.search(text) else set()


def clocks(catalogue) -> dict[str, set[str]]:
    """Of every measure that counts twelve hours, the clocks of the columns that it is made of."""
    found = {}
    for id, measure in catalogue.measures.items():
        of_columns = set()
        for recipe in measure.recipes:
            described = {
                column.name: column.description or "" for column in catalogue.tables[recipe.table].columns.fields
            }
            of_columns |= {
                clock
                for column in [*(recipe.numerator or []), *(recipe.denominator or [])]
                for clock in clock_of(described.get(column, ""))
            }
        if of_columns or TWELVE.search(f"{measure.name} {id.replace('-', ' ')}"):
            found[id] = of_columns
    return found


def test_a_measure_of_twelve_hours_has_one_clock_and_its_name_says_which(catalogue):
    found = clocks(catalogue)
    assert found, "there is one"
    for id, of_columns in found.items():
        assert len(of_columns) == 1, id
        (clock,) = of_columns
        measure = catalogue.measures[id]
        for told in (measure.name, measure.plain_name):
            assert CLOCKS[clock].search(told), (id, told)
            assert not CLOCKS["arrival" if clock == "decision" else "decision"].search(told), (id, told)


def test_no_chart_and_no_pooled_result_puts_two_clocks_together(catalogue):
    found = clocks(catalogue)
    for pooled in catalogue.pooled.values():
        measures = set()
        for ref in pooled.analyses:
            evaluation, _, analysis = ref.partition("/")
            record = next(one for one in catalogue.evaluations[evaluation].analyses if one.id == analysis)
            measures.add(record.parameters["measure"])
        if pooled.not_pooled is None and pooled.measure is None:  # else the record says why measures differ
            assert len(measures) == 1, pooled.id
        assert len({clock for one in measures for clock in found.get(one, ())}) <= 1
    for id, entry in catalogue.control_charts.items():
        tables = {recipe.table for recipe in catalogue.measures[id].recipes}
        assert entry.table in tables or catalogue.tables[entry.table].layout.shape == "long", id


def test_effects_of_two_measures_are_not_pooled(plain):
    effects = [
        _effect(f"ZZ90{at}", measure) for at, measure in enumerate(("from-decision", "from-decision", "from-arrival"))
    ]
    with pytest.raises(EvaluationError) as refused:
        pool(effects)
    plain(str(refused.value), "from-arrival")


def _effect(unit: str, measure: str) -> Effect:
    months = pd.period_range("2020-01", periods=36, freq="M")
    values = 10 + np.random.default_rng(len(measure)).normal(size=36)
    frame = pd.DataFrame({"unit": unit, "period": months, "value": values})
    frame.attrs["evalkit"] = {"measure": measure, "measure_unit": "% of visits", "place": unit, "data": {}, "notes": []}
    return interrupted_time_series(
        frame,
        outcome="value",
        time="period",
        unit="unit",
        treated=unit,
        interruption="2021-07",
        seasonality=None,
        errors="independent",
    )
