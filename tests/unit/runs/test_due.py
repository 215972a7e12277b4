"""Why an analysis is due, from what was kept of its last run and what it would depend on today."""

from dataclasses import replace
from pathlib import Path

import pytest

from evalkit.runs.due import why_due
from evalkit.runs.execution.jobs import Executed
from evalkit.runs.planning.notebook_templates import Template
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import keep

A_MARK = "ab12"
DEPENDS = dict.fromkeys(
    ("rows", "template", "parameters", "measure", "names", "code", "lock", "libraries", "kernel"), "as it was"
)


@pytest.fixture
def plan(real) -> Plan:
    evaluation = real.evaluations["weston-overnight-closure-2017"]
    template = Template("made-up", Path(), {}, "0" * 64, frozenset())
    marks = {"grain": "month", "first": "2020-01", "units": {"RA3": A_MARK * 3}}
    return Plan(evaluation, evaluation.primary, template, {"site": "RA3"}, "made-up", marks, DEPENDS)


def now(plan: Plan, **marks) -> Plan:
    """The same analysis of other rows."""
    return replace(plan, marks={**plan.marks, **marks}, depends={**DEPENDS, "rows": "second"})


def test_new_months_are_counted(tmp_path, plan):
    keep(tmp_path, plan, Executed(plan.id, 1.0, notebook="{}"))
    assert why_due(tmp_path, plan) is None
    assert why_due(tmp_path, now(plan, units={"RA3": A_MARK * 5})) == "2 new months in RA3"


def test_months_are_not_set_against_weeks(tmp_path, plan):
    keep(tmp_path, plan, Executed(plan.id, 1.0, notebook="{}"))
    weekly = now(plan, grain="week", first="2020-01-06", units={"RA3": A_MARK * 13})
    assert why_due(tmp_path, weekly) == "its rows changed"
