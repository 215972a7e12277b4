"""Which analyses have to be run, and why: what their result depends on (``planning.plan``) differs from last time."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.successors import listed
from evalkit.errors import named
from evalkit.intake.change_marks import DIGITS_OF_A_MARK
from evalkit.memory import Entry
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import runs

UNITS_NAMED = 3
ABSENT = object()


@dataclass(frozen=True)
class Due:
    """An analysis that would run, and why, in words."""

    plan: Plan
    why: str


def due(root: Path, plans: Sequence[Plan]) -> list[Due]:
    """The plans whose last good run does not stand for today's inputs."""
    with_reasons = [(plan, why_due(root, plan)) for plan in plans]
    return [Due(plan, why) for plan, why in with_reasons if why is not None]


def why_due(root: Path, plan: Plan) -> str | None:
    """Why an analysis has to run; None where it has not."""
    found = runs(root).look(plan.id, plan.depends)
    if isinstance(found, Entry):
        return "its last run failed" if found.content["failure"] is not None else None
    if found.before is not None:
        told = [tell(plan, found.before) for part, tell in _REASONS.items() if part in found.parts]
        reasons = [reason for of_part in told for reason in of_part]
        return "; ".join(reasons) or "its record was kept by another version of evalkit"
    return "never run" if found.why == "never" else "what it gave was damaged"


def _rows(plan: Plan, entry: Entry) -> list[str]:
    """What happened to the rows, by unit: "3 new months in RA3"."""
    before, now = entry.content["marks"], plan.marks
    if not before or before["grain"] != now["grain"]:
        return ["its rows changed"]
    comparators = set(words_in(plan.parameters.get("comparators") or ()))
    old, new = before["units"], now["units"]
    grain, shift = now["grain"], _periods_between(before["first"], now["first"], now["grain"])
    counts: dict[str, Counter] = {"new": Counter(), "changed": Counter(), "gone": Counter()}
    for unit in old.keys() & new.keys():
        was = dict(enumerate(_marks(old[unit])))
        has = dict(enumerate(_marks(new[unit]), start=shift))
        counts["new"][unit] = len(has.keys() - was.keys())
        counts["gone"][unit] = len(was.keys() - has.keys())
        counts["changed"][unit] = sum(was[at] != has[at] for at in was.keys() & has.keys())
    phrases = []
    for what, by_unit in counts.items():
        units = {unit: count for unit, count in by_unit.items() if count}
        for role, members in (("", units.keys() - comparators), ("comparator", units.keys() & comparators)):
            phrases += _by_unit(what, {unit: units[unit] for unit in sorted(members)}, grain, role)
    phrases += [f"{named(sorted(new.keys() - old.keys()))} added"] if new.keys() - old.keys() else []
    phrases += [f"{named(sorted(old.keys() - new.keys()))} taken out"] if old.keys() - new.keys() else []
    return phrases or ["its rows changed"]


def _by_unit(what: str, counts: Mapping[str, int], grain: str, role: str) -> list[str]:
    """One phrase a unit where they are few, else one for all of them."""
    if len(counts) <= UNITS_NAMED:
        return [_phrase(count, what, grain, f"{role} {unit}".strip()) for unit, count in counts.items()]
    units = f"{len(counts)} {role or 'unit'}s"
    if len(set(counts.values())) == 1:
        return [_phrase(next(iter(counts.values())), what, grain, f"each of {units}")]
    return [_phrase(sum(counts.values()), what, grain, units)]


def _phrase(count: int, what: str, grain: str, where: str) -> str:
    noun = f"{grain}{'s' if count != 1 else ''}"
    return f"{count} new {noun} in {where}" if what == "new" else f"{count} {noun} {what} in {where}"


def _marks(text: str) -> list[str]:
    return [text[at : at + DIGITS_OF_A_MARK] for at in range(0, len(text), DIGITS_OF_A_MARK)]


def _periods_between(first: str, second: str, grain: str) -> int:
    """Periods from the first to the second."""
    if first == second:
        return 0
    import pandas as pd

    from evalkit.intake.periods import GRAINS

    if grain == "week":  # on whatever weekday it begins
        return (pd.Timestamp(second[:10]) - pd.Timestamp(first[:10])).days // 7
    return pd.Period(second, GRAINS[grain]).ordinal - pd.Period(first, GRAINS[grain]).ordinal


def _parameters(plan: Plan, entry: Entry) -> list[str]:
    before, now = entry.depends.get("parameters", {}), plan.parameters
    changed = [name for name in {**before, **now} if before.get(name, ABSENT) != now.get(name, ABSENT)]
    return [f"parameters changed: {', '.join(changed)}"]


def _names(plan: Plan, entry: Entry) -> list[str]:
    before, now = entry.depends.get("parameters", {}), plan.parameters
    same = all(before.get(name) == now.get(name) for name in ("site", "comparators"))
    return ["a site or organisation has another name"] if same else []  # else the parameters have been told of


def _successors(plan: Plan, entry: Entry) -> list[str]:
    before, now = (depends.get("successors", []) for depends in (entry.depends, plan.depends))
    changed = [line for line in [*before, *now] if (line in before) != (line in now)]
    codes = sorted({code for line in changed for code in (line["code"], line["successor"]) if code})
    return [f"data/successors.csv says something else of {listed(codes)}"]


def _code(plan: Plan, entry: Entry) -> list[str]:
    before, now = entry.depends.get("code", {}), plan.depends["code"]
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return [f"evalkit changed: {named([name.removeprefix('evalkit.') for name in sorted(changed)])}"]


def _libraries(plan: Plan, entry: Entry) -> list[str]:
    before, now = entry.depends.get("libraries", {}), plan.depends["libraries"]
    return [f"{name} is now {now[name]}" for name in now if before.get(name) != now[name]]


_REASONS: dict[str, Callable[[Plan, Entry], list[str]]] = {
    "rows": _rows,
    "successors": _successors,
    "template": lambda plan, _: [f"template {plan.template.name} changed"],
    "parameters": _parameters,
    "measure": lambda plan, _: [f"measure {plan.parameters['measure']} changed"],
    "names": _names,
    "code": _code,
    "lock": lambda plan, _: ["requirements.lock changed"],
    "libraries": _libraries,
    "kernel": lambda plan, _: [f"the kernel is now {plan.depends['kernel']}"],
}
