"""The form of a measure decides on which scale it is analysed."""

from datetime import date

import pandas as pd
import pytest

from evalkit.catalogue.records.measures import Measure
from evalkit.errors import Problem
from evalkit.intake.scale_checks import check_scale

FORMS = ("proportion", "rate", "mean", "median")


def problem(what: str, name: str | None = None, level: str = "refused") -> Problem:
    return Problem("data/evaluations/one.yml", 1, f"{name}: {what}", level)


def measure(form: str, scale: str | None = None) -> Measure:
    change = {"value": 5, "scale": scale, "source": "Set by us.", "chosen": date(2026, 1, 1)} if scale else None
    return Measure(
        id="falls", name="Falls", plain_name="falls", definition="Falls.", form=form, unit="falls", direction="decrease",
        type="outcome", domain="safety", minimum_important_change=change,
    )  # fmt: skip


def said(form: str, scale: str | None = None, figures=(3, 4, 5), **parameters) -> list[str]:
    frame = pd.DataFrame(
        {"unit": "ZZ901", "period": [f"2022-0{at + 1}" for at in range(len(figures))], "value": figures}
    )
    return [one.what for one in check_scale(problem, measure(form, scale), parameters, frame)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["log", "per_day"])
def test_what_is_no_count_is_neither_on_a_log_scale_nor_per_day(form, name):
    (what,) = said(form, **{"log": False, "per_day": False} | {name: True})
    assert what.startswith(f"{name}: ")
    assert f"`{name}: false`" in what


@pytest.mark.parametrize("form", FORMS)
def test_nor_is_it_refused_otherwise(form):
    assert said(form, log=False, per_day=False) == []


@pytest.mark.parametrize(
    ("scale", "log", "family", "is_refused"),
    [
        ("percent", True, "gaussian", False),
        ("percent", False, "gaussian", True),
        ("percent", False, "poisson", False),
        ("unit", True, "gaussian", True),
        ("unit", False, "gaussian", False),
        ("unit", False, "poisson", True),
    ],
)
def test_the_smallest_important_change_is_on_the_scale_of_the_result(scale, log, family, is_refused):
    assert bool(said("count", scale, log=log, family=family)) == is_refused


def test_a_nought_on_a_log_scale_is_named_before_anything_runs():
    (what,) = said("count", figures=(3, 0, 5), log=True, family="gaussian")
    assert "ZZ901, 2022-02" in what
    assert "poisson" in what
    assert said("count", figures=(3, 0, 5), log=False, family="poisson") == []
