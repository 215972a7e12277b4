"""Which records and tables an evaluation rests on, and which of them may not leave."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from evalkit.catalogue import Catalogue
from evalkit.catalogue.consistency.plain_words import abbreviations
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.learning import LearningItem
from evalkit.catalogue.records.successors import Succession
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.gate import STAY_HERE
from evalkit.errors import EvaluationError, Problem, did_you_mean, named, shortened
from evalkit.intake.gated_tables import is_gated
from evalkit.intake.read_table import read_table
from evalkit.packs import gated, signed_off
from evalkit.packs.manifest import is_table_path
from evalkit.runs.planning.plan import Plan

PUBLISHED = "official_statistics"


@dataclass(frozen=True)
class Needed:
    """Ids of the records that go into a pack, and the plans of its analyses.

    Attributes
    ----------
    tables : set of str
        Those whose files go into it; ``published`` are those that the receiver has to have.
    """

    plans: list[Plan]
    evaluations: set[str]
    sites: set[str] = field(default_factory=set)
    organisations: set[str] = field(default_factory=set)
    successors: set[str] = field(default_factory=set)
    measures: set[str] = field(default_factory=set)
    learning: set[str] = field(default_factory=set)
    programmes: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    glossary: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    published: set[str] = field(default_factory=set)


def needed_by(catalogue: Catalogue, plans: Sequence[Plan], ids: Sequence[str]) -> Needed:
    """What these evaluations need to have the same page elsewhere.

    Raises
    ------
    EvaluationError
        Where there is no such evaluation, or it is a draft.
    """
    for id in ids:
        if id not in catalogue.evaluations:
            raise EvaluationError(f"`{id}` is not an evaluation{did_you_mean(id, catalogue.evaluations)}.")
        if catalogue.evaluations[id].status != "published":
            raise EvaluationError(f"{id} is a draft, which has no page: set `status: published` in its file first.")
    needed = Needed([plan for plan in plans if plan.evaluation.id in ids], set(ids))
    for id in needed.evaluations:
        _of_evaluation(catalogue, catalogue.evaluations[id], needed)
    for plan in needed.plans:
        _of_plan(catalogue, plan, needed)
    places = {site for id in needed.evaluations for site in catalogue.evaluations[id].sites}
    shown = {id: item for id, item in catalogue.learning.items() if item.is_shown}
    for id, item in shown.items():
        of_the_place = item.type in signed_off.VOICES and item.site in places and not item.speaks_of
        if needed.evaluations & {*item.explains, *item.speaks_of} or of_the_place:
            needed.learning.add(id)
            _of_item(catalogue, item, needed)
    for name in needed.tables | needed.published:
        table = catalogue.tables[name]
        if table.layout.shape == "long":  # every code of it has to be known where it is read
            needed.organisations.update(code for code in read_table(catalogue.root, table).frame["org_code"] if code)
    for site in needed.sites:
        needed.organisations.update(catalogue.sites[site].org_codes)
        whole = catalogue.sites[site].part_of
        needed.organisations.update([whole.org_code] if whole else [])
    parents = (catalogue.organisations[code].parent for code in needed.organisations if code in catalogue.organisations)
    needed.organisations.update({parent for parent in parents if parent is not None})
    _with_those_beside(catalogue, needed)
    return needed


def may_not_leave(catalogue: Catalogue, needed: Needed) -> list[Problem]:
    """Everything that speaks against sending them."""
    problems = signed_off.problems_of(catalogue, needed.learning)
    for name in sorted(needed.tables | needed.published):
        table = catalogue.tables[name]
        if table.layout.disclosure.rule in STAY_HERE:
            what = (
                f"data/{table.path} is under the rule `{table.layout.disclosure.rule}`, which lets nothing leave this"
                " machine: put it under a rule for small numbers, or leave its evaluation out."
            )
            problems.append(catalogue.problem("tables", name, ("evalkit", "disclosure", "rule"), what))
        if not is_table_path(table.path):
            what = f"data/{table.path} is not packed: a pack takes tables/NAME.csv, its name of letters and figures."
            problems.append(catalogue.problem("tables", name, ("path",), what))
        problems += not_invented(catalogue, table)
        if is_gated(table):
            problems += gated.problems_of(catalogue.root, table, catalogue.measures)
    for id in sorted(needed.learning):
        item = catalogue.learning[id]
        results = [piece.ref.partition("/")[0] for piece in item.evidence if piece.kind == "result"]
        others = sorted({*item.explains, *item.speaks_of, *results} - needed.evaluations)
        if others:
            what = f"is about {named(others)} too: name {'it' if len(others) == 1 else 'them'} as well, to pack them together."
            problems.append(catalogue.problem("learning", id, (), what))
    return problems


def not_invented(catalogue: Catalogue, table: Table) -> list[Problem]:
    """Codes of real organisations in a table that is sent because its figures are said to be invented."""
    if table.layout.disclosure.rule != "synthetic":
        return []
    codes = read_table(catalogue.root, table).frame[table.layout.unit]
    lines = codes.index[~codes.str.startswith("ZZ")]
    what = "holds a code of a real organisation, and figures under the rule `synthetic` are of invented ones: use codes such as ZZ901."
    return shortened([Problem(f"data/{table.path}", int(line), what) for line in lines], len(lines), "such codes")


def _of_evaluation(catalogue: Catalogue, evaluation: Evaluation, needed: Needed) -> None:
    needed.sites.update(evaluation.sites)
    _places(catalogue, evaluation.intervention.starts, needed)
    needed.measures.update(expectation.measure for expectation in evaluation.expectations)
    needed.organisations.update(evaluation.protocol.comparators)
    for left_out in evaluation.protocol.left_out:
        needed.organisations.update(left_out.org_codes)
    used = {*abbreviations(evaluation.plain_words or "")}
    needed.glossary.update(id for id, entry in catalogue.glossary.items() if used & {*abbreviations(entry.term)})


def _of_plan(catalogue: Catalogue, plan: Plan, needed: Needed) -> None:
    needed.measures.add(plan.parameters["measure"])
    _places(catalogue, words_in(plan.parameters["site"]), needed)
    _places(catalogue, words_in(plan.parameters.get("comparators") or ()), needed)
    needed.organisations.update(code for code in plan.marks["units"] if code in catalogue.organisations)
    used = [Succession.model_validate(line) for line in plan.depends.get("successors", [])]
    needed.successors.update(line.key for line in used)
    needed.organisations.update(code for line in used for code in line.codes)
    published = catalogue.tables[plan.table].layout.disclosure.rule == PUBLISHED
    (needed.published if published else needed.tables).add(plan.table)


def _places(catalogue: Catalogue, labels, needed: Needed) -> None:
    """Sites and codes, however they are named."""
    for label in labels:
        (needed.sites if label in catalogue.sites else needed.organisations).add(label)


def _of_item(catalogue: Catalogue, item: LearningItem, needed: Needed) -> None:
    if item.site is not None:
        needed.sites.add(item.site)
    if item.programme is not None:
        needed.programmes.add(item.programme)
        needed.sources.update(catalogue.programmes[item.programme].sources)
    needed.sources.update(piece.ref for piece in item.evidence if piece.kind != "result")


def _with_those_beside(catalogue: Catalogue, needed: Needed) -> None:
    """Measures that are only shown beside others."""
    waiting = set(needed.measures)
    while waiting:
        beside = {other for id in waiting for other in catalogue.measures[id].show_beside}
        waiting = beside - needed.measures
        needed.measures.update(waiting)
