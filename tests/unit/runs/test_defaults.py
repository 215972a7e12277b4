"""YAML, plain papermill and Python take the same where nothing is said: templates and functions have one set of defaults."""

import ast
import inspect

import nbformat
import pytest

import evalkit as ek
from evalkit import cli
from evalkit.intake.default_scale import default_scale
from evalkit.runs.planning.notebook_templates import NEEDED, OF_THE_EXAMPLE, read_template, template_names
from tests.conftest import ROOT

# What is the template's own question, and so no default of the function that it asks.
LASTED = {
    "horizons": "a page asks whether it lasted; who calls a function asks for it, as it takes longer than the answer"
}
OF_ITS_OWN = {
    **dict.fromkeys(
        (
            "controlled-interrupted-time-series",
            "difference-in-differences",
            "interrupted-time-series",
            "staggered-adoption",
            "synthetic-control",
        ),
        LASTED,
    ),
    "weekend": LASTED
    | {
        "apart": "whole days are counted before they are added up",
        "model": "a share within each week has no trend to speak of",
        "seasonality": "it compares days of one week, so that a season is in both",
    },
}


def _asked(name: str) -> list[tuple[str, str, str]]:
    """Which parameter of a template goes to which argument of which function: ("log", "interrupted_time_series", "log")."""
    notebook = nbformat.read(ROOT / "book" / "notebooks" / f"{name}.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    parameters = read_template(ROOT, name).parameters
    return [
        (given.value.id, node.func.attr, str(given.arg))
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        for given in node.keywords
        if isinstance(given.value, ast.Name) and given.value.id in parameters
    ]


def _default(function: str, argument: str):
    """What a count that `ek.load` gave gets where the argument is left out; nothing where it has to be given."""
    default = inspect.signature(getattr(ek, function)).parameters[argument].default
    if argument in ("log", "per_day"):
        assert default is None
        return default_scale("count", on_days=True)[argument]
    return default


@pytest.mark.parametrize("name", template_names(ROOT))
def test_a_template_and_the_functions_it_calls_have_the_same_defaults(name):
    parameters, compared = read_template(ROOT, name).parameters, []
    for parameter, function, argument in _asked(name):
        default = _default(function, argument)
        if parameter in (*NEEDED, *OF_THE_EXAMPLE) or default is inspect.Parameter.empty:
            continue
        told, compared = parameters[parameter].default, [*compared, parameter]
        same = (list(told) == list(default)) if isinstance(told, list) and default is not None else told == default
        assert same is (parameter not in OF_ITS_OWN.get(name, {})), (function, argument, told, default)
    passed_on = {parameter for parameter, _, _ in _asked(name)}
    assert {*parameters} <= passed_on | {"comparators", "apart"}
    assert compared or name == "describe"


@pytest.mark.parametrize("name", ["model", "headline", "seasonality", "log", "per_day"])
def test_a_sketch_of_power_is_of_the_analysis_that_will_be_made(name):
    assert _default("power", name) == _default("interrupted_time_series", name)
    if name in (command := inspect.signature(cli.power).parameters):
        assert command[name].default == _default("power", name)


@pytest.mark.parametrize("form", ["count", "proportion", "rate", "mean", "median", None])
@pytest.mark.parametrize("family", ["gaussian", "poisson"])
@pytest.mark.parametrize("on_days", [True, False])
def test_only_a_count_is_on_a_log_scale_and_per_day(form, family, on_days):
    scale = default_scale(form, on_days=on_days, family=family)
    assert scale["log"] is (form == "count" and family == "gaussian")
    assert scale["per_day"] is (form == "count" and on_days)


class TestOfFramesThatWereLoaded:
    WINDOW = {"first": "2016-04", "last": "2019-03"}
    ASKED = {"outcome": "value", "time": "period", "interruption": "2017-07-04"}

    def test_a_count_is_in_per_cent_and_per_day_as_the_template_has_it(self):
        frame = ek.load(site="weston", measure="ae-attendances-type-1", **self.WINDOW)
        said = {"model": "level", "log": True, "per_day": True, "seasonality": 2}
        assert ek.interrupted_time_series(frame, **self.ASKED).to_dict() == (
            ek.interrupted_time_series(frame, **self.ASKED, **said).to_dict()
        )

    def test_a_share_stays_in_points(self):
        frame = ek.load(site="weston", measure="ae-four-hour-type-1", **self.WINDOW)
        effect = ek.interrupted_time_series(frame, **self.ASKED)
        assert effect.headline["scale"] == "points"
        assert "per day" not in effect.measure_unit

    def test_figures_of_which_nobody_said_what_they_are_stay_as_they_are(self):
        frame = ek.load(site="weston", measure="ae-attendances-type-1", **self.WINDOW)
        frame.attrs.clear()
        effect = ek.interrupted_time_series(frame, **self.ASKED)
        assert effect.headline["scale"] == "unit"
