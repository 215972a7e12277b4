"""A&E figures come from another source from November 2025 on: that step is no season, at any trust, and is told at each."""

import numpy as np
import pandas as pd
import pytest

from evalkit.book.partners.measure_charts import charts_of
from evalkit.book.partners.rows import partner_rows
from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.charts import seasons

SINCE = pd.Period("2025-11", "M")
TABLE = "ae-monthly-2020-2026"
STEPPED = ("RF4", "RKB", "RL4", "RWF", "RDE")  # of emergency admissions, by a fifth to a half


@pytest.fixture(scope="module")
def catalogue(root) -> Catalogue:
    return read_catalogue(root)


@pytest.fixture(scope="module")
def admissions(catalogue) -> dict[str, np.ndarray]:
    """What each trust reported, from the first month charted to the last."""
    measure = catalogue.measures["emergency-admissions"]
    frame = partner_rows(catalogue, measure, catalogue.control_charts[measure.id]).frame
    wide = frame.pivot(index="unit", columns="period", values="value")
    wide = wide.reindex(columns=pd.period_range(wide.columns.min(), wide.columns.max(), name="period"))
    return {str(code): row for code, row in zip(wide.index, wide.to_numpy(float), strict=True)}


def winter(values: np.ndarray, sources: np.ndarray | None) -> float:
    """By how much November to February lie above the rest of the year, as season is fitted."""
    periods = pd.period_range("2021-07", periods=len(values), freq="M")
    season = values - seasons.removed(values, np.zeros(len(values), int), periods, "months", sources)[0]
    cold = np.isin(periods.month, (11, 12, 1, 2))
    return float(np.nanmean(season[cold]) - np.nanmean(season[~cold]))


def test_winter_is_that_of_the_months_before_the_change(admissions):
    missed = {"apart": [], "together": []}
    for code, values in admissions.items():
        periods = pd.period_range("2021-07", periods=len(values), freq="M")
        after = (periods >= SINCE).astype(int)
        if seasons.years_reported(values[after == 0], periods[after == 0]) < seasons.YEARS_NEEDED:
            continue
        before = winter(values[after == 0], None)
        level = np.nanmean(values[after == 0])
        for name, sources in (("apart", after), ("together", None)):
            error = abs(winter(values, sources) - before) / level
            missed[name].append(error)
            if code in STEPPED:
                assert (error < 0.02) == (name == "apart"), (code, name, error)
    assert len(missed["apart"]) > 100
    assert max(missed["apart"]) < 0.03
    assert max(missed["together"]) > 0.1


def test_every_measure_of_the_table_tells_it_at_every_trust_and_makes_no_limits_anew(catalogue):
    for id, entry in catalogue.control_charts.items():
        assert (entry.source_change == "method_break") == (entry.table == TABLE), id
        assert not entry.rebase
    charts = charts_of(
        catalogue, catalogue.measures["emergency-admissions"], catalogue.control_charts["emergency-admissions"]
    )
    for chart in charts.partners:
        (change,) = chart.source_changes
        assert change.since == "2025-11"
        assert "Emergency Care Data Set" in change.what
    assert any("Limits are not made anew there" in note for note in charts.notes)
    assert sum(chart.is_judged for chart in charts.partners) > 100
    (royal,) = (chart for chart in charts.partners if chart.code == "RF4")
    (step,) = (one for one in royal.spoken if one.decides)
    assert (step.rule, step.side, step.since) == ("outside_limits", "low", "2025-11")
