"""Every template runs on a table of weeks, and says weeks where it means them; one that cannot bear them says so."""

import ast
import json

import pytest

import evalkit as ek
from tests.conftest import ROOT

BOARDS = (
    "S08000015",
    "S08000017",
    "S08000019",
    "S08000020",
    "S08000022",
    "S08000024",
    "S08000029",
    "S08000030",
    "S08000032",
)
WINDOW = {"first": "2022-01-02", "last": "2024-12-29", "horizons": [3, 6]}
SHARE = {"measure": "scotland-ae-four-hour-weekly", "log": False}
COUNT = {"measure": "scotland-ae-attendances-weekly", "interruption": "2024-01-08"}
ALONE = {"site": "S08000031", **COUNT, **WINDOW, "errors": "independent"}
WITH_OTHERS = {"site": "S08000031", **SHARE, **WINDOW, "interruption": "2024-01-08", "comparators": " ".join(BOARDS)}
GIVEN = {
    "interrupted-time-series": ALONE,
    "controlled-interrupted-time-series": {**ALONE, "comparators": " ".join(BOARDS)},
    "difference-in-differences": WITH_OTHERS,
    "synthetic-control": WITH_OTHERS,
    "staggered-adoption": {**WITH_OTHERS, "site": ["S08000031", "S08000016"], "interruption": ["2024-01-08", "2024-04-01"]},
    "describe": {"site": "S08000031", **COUNT, "first": "2023-10-01", "last": "2024-03-31"},
}  # fmt: skip


def _run(template: str, parameters: dict) -> dict:
    """The cells of a template in this process, with parameters put in as papermill does."""
    notebook = json.loads((ROOT / "book" / "notebooks" / f"{template}.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names: dict = {}
    for cell in cells:
        source = "".join(cell["source"])
        exec(source, names)
        if "parameters" in cell["metadata"].get("tags", ()):
            asked = {node.target.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AnnAssign)}
            names |= {name: value for name, value in parameters.items() if name in asked}
    return names


@pytest.fixture(autouse=True)
def _in_this_book(monkeypatch):
    monkeypatch.setenv("EVALKIT_ROOT", str(ROOT))


@pytest.mark.parametrize("template", GIVEN)
def test_a_template_runs_on_weeks_and_says_so(template, capsys):
    effect = _run(template, GIVEN[template])["effect"]
    assert isinstance(effect, ek.Effect)
    assert effect.data["table"] == "scotland-ae-board-weekly-2015-2026"
    assert effect.series["period"].iloc[0] == f"2021-12-27/{WINDOW['first']}" or template == "describe"
    said = capsys.readouterr().out + " ".join(f"{check.name} {check.detail}" for check in effect.checks)
    assert "/20" not in "".join(check.detail for check in effect.checks)
    assert "week" in said


def test_the_template_of_days_says_that_it_needs_days():
    with pytest.raises(
        ek.EvaluationError, match=r"does not hold days: give one row a unit and day, such as 2022-07-01\."
    ):
        _run("weekend", {"site": "S08000031", **COUNT, "first": "2022-01-02", "last": "2024-12-29"})


def test_months_of_the_calendar_are_refused_as_a_season_of_weeks():
    with pytest.raises(ek.EvaluationError, match="needs monthly data: give a number of harmonics instead"):
        _run("interrupted-time-series", {**ALONE, "seasonality": "months"})
