"""Whether an analysis is on a scale that its measure has: the form decides, and the smallest change that matters is told on it."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from evalkit.catalogue.records.measures import Measure
from evalkit.errors import Level, Problem, named

IN_WORDS = {"proportion": "a share", "rate": "a rate", "mean": "a mean", "median": "a median"}
Placed = Callable[..., Problem]


def check_scale(problem: Placed, measure: Measure, parameters: Mapping[str, Any], frame: pd.DataFrame) -> list[Problem]:
    """Problems of an analysis whose measure's form, smallest important change or figures do not bear its scale.

    Parameters
    ----------
    problem : a sentence, and the parameter it is about, to a problem at its place
    parameters : with the template's defaults filled in
    """
    log = parameters.get("log") is True
    problems = []
    if measure.form != "count":
        what = IN_WORDS[measure.form]
        if log:
            problems.append(problem(f"`{measure.id}` is {what}, which is on no log scale: write `log: false`.", "log"))
        if parameters.get("per_day") is True:
            problems.append(
                problem(f"`{measure.id}` is {what}, which is not counted per day: write `per_day: false`.", "per_day")
            )
    elif parameters.get("per_day") is True and measure.counted_on == "none":
        what = f"`{measure.id}` is counted on no days (`exposure: none` in data/measures.yml): write `per_day: false`."
        problems.append(problem(what, "per_day"))
    if problems:
        return problems
    return _important(problem, measure, parameters, log=log) + (_noughts(problem, parameters, frame) if log else [])


def _important(problem: Placed, measure: Measure, parameters: Mapping[str, Any], *, log: bool) -> list[Problem]:
    """The smallest change that matters is on a scale that the result has."""
    change = measure.minimum_important_change
    if change is None or "log" not in parameters:
        return []
    relative = log or parameters.get("family") == "poisson"
    if (change.scale == "percent") == relative:
        return []
    has = "per cent" if relative else "the measure's own unit"
    what = f"the smallest change that matters of `{measure.id}` is in {change.scale}, and the result in {has}"
    remedy = (
        "write `log: true`"
        if not relative
        else "write `log: false`"
        if measure.form == "count"
        else "give it in points"
    )
    return [
        problem(f"{what}, so that no verdict could be given: {remedy}, or give that change on the other scale.", "log")
    ]


def _noughts(problem: Placed, parameters: Mapping[str, Any], frame: pd.DataFrame) -> list[Problem]:
    """A nought has no logarithm."""
    if parameters.get("family", "gaussian") != "gaussian":
        return []
    empty = frame[frame["value"] == 0]
    if empty.empty:
        return []
    where = named([f"{row.unit}, {row.period}" for row in empty.itertuples()])
    level: Level = "refused"
    remedy = "write `log: false`" + (
        ", or `family: poisson` with it for a count of few events" if "family" in parameters else ""
    )
    return [problem(f"the count is nought at {where}, which has no logarithm: {remedy}.", "log", level)]
