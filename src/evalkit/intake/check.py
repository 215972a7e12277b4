"""Can this analysis be run on the data there are? Asked before any notebook starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.catalogue import Catalogue
from evalkit.catalogue.records import Analysis, Evaluation
from evalkit.errors import EvaluationError, InputRefused, Problem
from evalkit.intake.load import load_from
from evalkit.intake.periods import inside, resolve_interruption
from evalkit.intake.tables import TableRows, read_table

# A small count can repeat by chance; two figures, one of them large, hardly do.
COPIED_FROM = 100
COPIED_FIGURES = 2


@dataclass(frozen=True)
class Checked:
    """What an analysis would use: the fingerprint of its rows, or nothing where they cannot be used."""

    rows_sha256: str | None
    problems: list[Problem]


def check_tables(catalogue: Catalogue) -> list[Problem]:
    """Every table can be read; months that copy the year before exactly, and no flag says so, are pointed out."""
    problems = []
    for table in catalogue.tables.values():
        try:
            rows = read_table(catalogue.root, table)
        except InputRefused as error:
            problems += error.problems
            continue
        problems += _copied(rows) + _unknown_units(catalogue, rows)
    return problems


def _copied(rows: TableRows) -> list[Problem]:
    layout = rows.table.layout
    if layout.grain != "month" or layout.shape != "wide":
        return []
    key = [layout.unit] + ([layout.category] if layout.category else [])
    frame = rows.frame[rows.frame[layout.unit] != ""]
    numbers = [name for name, kind in rows.table.column_types.items() if kind in ("integer", "number")]
    before = frame[[*key, layout.period, *numbers]].copy()
    before[layout.period] = before[layout.period] + 12
    both = frame.reset_index().merge(before, on=[*key, layout.period], suffixes=("", "_before"))
    same = pd.Series(len(numbers) > 1, index=both.index)
    for name in numbers:
        same &= (both[name] == both[f"{name}_before"]) | (both[name].isna() & both[f"{name}_before"].isna())
    same &= (both[numbers].max(axis=1) >= COPIED_FROM) & ((both[numbers] > 0).sum(axis=1) >= COPIED_FIGURES)
    for rule in layout.flags:
        same &= ~((both[rule.column] == rule.when) & (len(rule.missing) > 0))
    return [
        Problem(
            f"data/{rows.table.path}",
            int(row["index"]) + 2,
            f"{row[layout.unit]} in {row[layout.period]} repeats the same month a year earlier exactly: ask the publisher.",
            "look",
        )
        for _, row in both[same].iterrows()
    ]


def _unknown_units(catalogue: Catalogue, rows: TableRows) -> list[Problem]:
    """A provider code in a site's own submission that is not in organisations.csv."""
    if rows.table.layout.shape != "long":
        return []
    problems = []
    shown = f"data/{rows.table.path}"
    for column, known, where in (
        ("org_code", catalogue.organisations, "data/organisations.csv"),
        ("measure", catalogue.measures, "data/measures.yml"),
    ):
        first_rows = rows.frame.drop_duplicates(column)
        for index, value in first_rows[column].items():
            if value not in known:
                what = f"column `{column}` holds `{value}`, which is not in {where}: correct it, or add it there."
                problems.append(Problem(shown, index + 2, what))
    return problems


def check_analysis(catalogue: Catalogue, evaluation: Evaluation, index: int, parameters: Mapping[str, Any]) -> Checked:
    """Problems of one analysis with the data, placed in its evaluation's file.

    Parameters
    ----------
    index : int
        Position of the analysis in the evaluation.
    parameters : mapping
        Its parameters with the template's defaults filled in.
    """
    analysis = evaluation.analyses[index]

    def problem(what: str, name: str | None = None, level: str = "refused") -> Problem:
        path = ("analyses", index, "parameters", *([name] if name else []))
        return catalogue.problem("evaluations", evaluation.id, path, f"({analysis.id}) {what}", level)

    wanted = {name: parameters.get(name) for name in ("site", "measure", "first", "last")}
    comparators = parameters.get("comparators", ())
    try:
        frame = load_from(catalogue, **wanted, comparators=comparators or ())
        change = resolve_interruption(parameters["interruption"], _transition(parameters), _frequency(frame))
    except InputRefused as error:
        return Checked(None, error.problems)
    except EvaluationError as error:
        return Checked(None, [problem(str(error))])
    problems = []
    try:
        inside(change, pd.PeriodIndex(sorted(frame["period"].unique())))
    except EvaluationError as error:
        problems.append(problem(str(error), "interruption"))
    about = frame.attrs["evalkit"]
    if about["needs_comparators"] and not len(comparators):
        what = "its rows are only safe in a comparison (shared out from weekly figures): use the controlled template."
        problems.append(problem(what))
    problems += _frozen(problem, evaluation, analysis, comparators)
    problems += _recording(catalogue, problem, evaluation, analysis, about)
    own = frame[frame["unit"] == wanted["site"]]
    months = [str(one) for one in own.loc[own["value"].isna(), "period"]]
    if months:
        listed = ", ".join(months[:6]) + (f" and {len(months) - 6} more" if len(months) > 6 else "")
        problems.append(
            problem(f"{wanted['site']} has no usable figure in {listed}: left missing, not filled.", level="look")
        )
    return Checked(about["data"]["rows_sha256"], problems)


def _transition(parameters: Mapping[str, Any]) -> Any:
    return parameters.get("transition", 0)


def _frequency(frame: pd.DataFrame) -> str:
    return pd.PeriodIndex(frame["period"]).freqstr


def _frozen(problem, evaluation: Evaluation, analysis: Analysis, comparators) -> list[Problem]:
    """Comparators are those of the protocol; fewer is a change of plan too, unless it is only the site itself."""
    named = comparators.replace(",", " ").split() if isinstance(comparators, str) else list(comparators)
    extra = [code for code in named if code not in evaluation.protocol.comparators]
    if not extra:
        return []
    what = (
        f"{', '.join(extra[:5])} {'is' if len(extra) == 1 else 'are'} not among the comparators frozen in the protocol."
    )
    return [problem(what, "comparators")]


def _recording(catalogue: Catalogue, problem, evaluation: Evaluation, analysis: Analysis, about) -> list[Problem]:
    """A measure whose recording changed in the window needs that among the rival explanations."""
    if any(rival.kind == "recording_change" for rival in evaluation.rival_explanations):
        return []
    data, measure = about["data"], catalogue.measures[about["measure"]]
    return [
        problem(
            f"the recording of `{measure.id}` changed from {change.first} to {change.last}: give a rival explanation"
            " of kind recording_change, or shorten the window.",
            "measure",
        )
        for change in measure.recording_changes
        if change.first <= data["last"] and change.last >= data["first"] and analysis.role != "recording_check"
    ]
