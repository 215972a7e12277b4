"""A labelled synthetic book of N evaluations, from outcomes that are made up: no notebook is run and no table read.

For trials of the book alone; ``tests.support.programme`` makes whole projects. Every evaluation has a page with a figure and
tables, a page of its notebook with one PNG and one table, and a site's page.
"""

import base64
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation, Site
from evalkit.catalogue.records.tables import Table
from evalkit.effect import Effect
from evalkit.files import file_sha256
from evalkit.runs.planning.notebook_templates import Template
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import AnalysisResult, Outcome
from evalkit.verdict import verdict
from tests.support.effects import judged_by

ROOT = Path(__file__).parents[2]
MADE = Path("made-up")  # below the folder: what evaluations are made from
LINK_TO_EVALUATION = re.compile(r"\[([^\]]+)\]\((?:\.\./)?generated/evaluations/[^/)]+/[^)]*\)")
SOURCE = {"title": "Invented for trials", "where": "tests/support/synthetic_book.py"}
MEASURE = {
    "id": "made-up-visits", "name": "Made-up visits", "plain_name": "made-up visits", "definition": "Invented.",
    "form": "count", "unit": "visits", "direction": "neutral", "type": "outcome", "domain": "access",
    "minimum_important_change": {"value": 5, "scale": "percent", "source": "Invented", "chosen": "2026-01-01"},
}  # fmt: skip


def make_project(folder: Path) -> None:
    """The hand-written part of this book, and one effect and one figure that every evaluation repeats."""
    ignored = shutil.ignore_patterns("generated", "notebooks", ".ipynb_checkpoints")
    shutil.copytree(ROOT / "book", folder / "book", ignore=ignored)
    for page in (folder / "book").rglob("*.md"):
        page.write_text(LINK_TO_EVALUATION.sub(r"\1", page.read_text(encoding="utf-8")), encoding="utf-8")
    for name in ("_config.yml", "_toc.yml", "data/vocabularies.yml"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    effect, figure = _effect_and_figure()
    (folder / MADE).mkdir()
    (folder / MADE / "effect.json").write_text(effect, encoding="utf-8")
    (folder / MADE / "figure.png").write_bytes(figure)


@cache
def _effect_and_figure() -> tuple[str, bytes]:
    """As JSON and PNG."""
    import numpy as np
    import pandas as pd

    import evalkit
    from evalkit.report.figures import describe, picture

    random = np.random.default_rng(3)
    periods = pd.period_range("2020-01", periods=48, freq="M")
    frame = pd.DataFrame(
        {"period": periods, "value": np.exp(7 + random.normal(0, 0.03, 48) - 0.1 * (np.arange(48) >= 30))}
    )
    effect = evalkit.interrupted_time_series(
        frame, outcome="value", time="period", interruption="2022-07", model="level", log=True, seasonality=None
    )
    months = {"table": "made-up", "first": "2020-01", "last": "2023-12"}
    effect = replace(effect, measure=MEASURE["id"], measure_unit="visits", treated_units=("ZZ901",), data=months)
    drawn = BytesIO()
    picture.draw(describe.time_series(effect, "made-up visits", "an invented place", synthetic=True)).savefig(
        drawn, format="png", dpi=100
    )
    return json.dumps(effect.to_dict()), drawn.getvalue()


def site_id(number: int) -> str:
    """The id of a site and of its evaluation; ``ZZ`` and the same four figures are its ODS code."""
    return f"example-{number:04}"


TABLE = {
    "name": "made-up", "path": "tables/made-up.csv", "title": "Made up", "description": "Invented.",
    "sources": [{"title": "Invented for tests"}], "licenses": [{"name": "none"}],
    "schema": {"fields": [{"name": "org_code", "type": "string", "description": "Code."}]},
    "evalkit": {"shape": "long", "grain": "month", "synthetic": True, "disclosure": {"rule": "synthetic", "because": "Invented."}},
}  # fmt: skip


def made_up(folder: Path, numbers: Sequence[int]) -> tuple[Catalogue, list[Plan], list[Outcome]]:
    """Records, plans and outcomes of the evaluations with these numbers."""
    effect = Effect.from_dict(json.loads((folder / MADE / "effect.json").read_text(encoding="utf-8")))
    measure = Measure.model_validate(MEASURE)
    words = yaml.safe_load((folder / "data" / "vocabularies.yml").read_text(encoding="utf-8"))
    table = Table.model_validate(TABLE)
    catalogue = Catalogue(folder, measures={measure.id: measure}, tables={table.name: table}, vocabularies=words)
    plans, outcomes = [], []
    for number in numbers:
        id, code = site_id(number), f"ZZ{number:04}"
        name = f"Made-up hospital {code} (synthetic)"
        catalogue.organisations[code] = Organisation(org_code=code, name=name)
        catalogue.sites[id] = Site(
            id=id, name=name, org_codes=[code], place="Nowhere", synthetic=True, context="Invented.", sources=[SOURCE]
        )
        evaluation = catalogue.evaluations[id] = Evaluation.model_validate(_evaluation(id, number))
        analysis = evaluation.analyses[0]
        template = Template("made-up", folder, {}, "0" * 64, frozenset())
        plan = Plan(evaluation, analysis, template, analysis.parameters, "made-up", {}, {"rows": "0" * 64, "id": id})
        own = replace(effect, treated_units=(code,))
        notebook = folder / MADE / f"{id}.ipynb"
        if not notebook.is_file():
            notebook.write_text(nbformat.writes(_notebook(folder, number)), encoding="utf-8")
        plans.append(plan)
        result_file = folder / MADE / f"{id}.json"
        if not result_file.is_file():
            result_file.write_text(json.dumps(_result(own, measure, evaluation)), encoding="utf-8")
        outcomes.append(Outcome(id, analysis.id, "done", "", as_it_is(notebook, result_file)))
    return catalogue, plans, outcomes


def as_it_is(notebook: Path, result_file: Path) -> AnalysisResult:
    """A result, of files as they are now."""
    return AnalysisResult(notebook, result_file, file_sha256(notebook) + file_sha256(result_file))


def with_result(outcome: Outcome, result: dict) -> Outcome:
    """The same analysis with another result, in a file of its own."""
    file = outcome.result.file.with_suffix(".other.json")
    file.write_text(json.dumps(result), encoding="utf-8")
    return replace(outcome, result=as_it_is(outcome.result.notebook, file))


def _result(effect: Effect, measure: Measure, evaluation: Evaluation) -> dict:
    return {
        "synthetic": True,
        "effect": effect.to_dict(),
        "verdict": verdict(effect, measure, judged_by(evaluation)).to_dict(),
        "standing": {"kind": "primary"},
        "provenance": _provenance(),
    }


def _evaluation(id: str, number: int) -> dict:
    return {
        "id": id, "title": f"Made-up change {number}", "question": "Did anything move?", "area": "whole-system-flow",
        "status": "published", "sites": [id],
        "intervention": {
            "name": "Made-up change", "what": "Nothing real.", "start": "2022-07-01", "certainty": "confirmed", "sources": [SOURCE],
        },
        "expectations": [{"measure": MEASURE["id"], "change": "decrease", "why": "Invented."}],
        "protocol": {"written": "2026-01-01", "status": "already_seen", "because": "Invented.", "no_negative_control": "Invented.", "no_stratifier": "Invented."},
        "rival_explanations": [{"id": "season", "kind": "season", "what": "Invented.", "answer": "Invented.", "grade": "little", "grade_reason": "Invented.", "readers": 2, "analyses": ["visits"]}],
        "independence": "own", "funded_by": "Nobody", "conflict_of_interest": "None",
        "analyses": [
            {
                "id": "visits", "title": "Made-up visits", "role": "primary", "template": "made-up", "expected": "decrease",
                "parameters": {"site": id, "measure": MEASURE["id"]},
            }
        ],
    }  # fmt: skip


def _provenance() -> dict:
    return {
        "template": "made-up", "table": "made-up", "table_title": "Made up", "licences": ["none"],
        "rows_sha256": "0" * 64, "code_version": "made up",
    }  # fmt: skip


def _notebook(folder: Path, number: int) -> nbformat.NotebookNode:
    """Words, one table and one PNG of its own: what follows the end of a PNG is not shown."""
    picture = (folder / MADE / "figure.png").read_bytes() + str(number).encode()
    rows = "".join(f"<tr><th>{month}</th><td>{1000 + (month * number) % 97}</td></tr>" for month in range(1, 13))
    table = f"<table><thead><tr><th>month</th><th>visits</th></tr></thead><tbody>{rows}</tbody></table>"
    alt = f"Line chart of made-up visits at hospital {number}, which fall in July 2022."
    shown = [
        new_output("execute_result", {"text/html": table, "text/plain": "a table"}, execution_count=1),
        new_output(
            "display_data",
            {"image/png": base64.b64encode(picture).decode(), "text/plain": "a figure"},
            metadata={"image/png": {"alt": alt}},
        ),
    ]
    cells = [
        new_markdown_cell(f"# Made-up visits at hospital {number}\n\nSynthetic data. Every month is invented."),
        new_code_cell("effect", outputs=shown[:1], execution_count=1),
        new_markdown_cell("## The figure\n\nWhat was made up, month by month."),
        new_code_cell("ek.show(effect)", outputs=shown[1:], execution_count=2),
    ]
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
