"""Many sites of one change from a list: a record each, one evaluation of all, and their results pooled.

Nothing is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from evalkit.catalogue.days import day_in
from evalkit.catalogue.files.csv_rows import length_problems, read_rows
from evalkit.catalogue.files.plain_text import RECORDS_AT_MOST
from evalkit.catalogue.files.yaml_edit import as_yaml
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.new_evaluation_files import (
    HEADLINE,
    NO_STRATIFIER,
    open_question,
    other_changes,
    site_id,
    site_record,
)
from evalkit.catalogue.new_measure_files import NewMeasure, new_measure_files
from evalkit.catalogue.new_table_files import NewTable, new_organisations, new_table_files
from evalkit.catalogue.protocol_fingerprint import NONE_YET, with_fingerprint
from evalkit.catalogue.records.fields import CENTURIES, CODE_IN_WORDS, INVENTED, code_meant, is_code
from evalkit.design_register import describes, describing_template
from evalkit.errors import EvaluationError, InputRefused, Problem, did_you_mean, repeated

NEEDED, MAY_BE_THERE = ("code", "name", "start"), ("synthetic",)
NO_START = "none"
YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
POOLED_FROM = 3


@dataclass(frozen=True)
class ListedSite:
    """A line of the list; without a start it is a place to compare with."""

    code: str
    name: str
    start: date | None
    synthetic: bool


@dataclass(frozen=True)
class SitesAnswers:
    """What ``evalkit new sites`` asks beside its list.

    ``described`` are the codes of sites whose own points bear no estimate; ``noughts``, whether the count is nought anywhere,
    so that no analysis takes its logarithm: a pool takes results on one scale.
    """

    title: str
    question: str
    place: str
    what_changed: str
    onset: str
    source_title: str
    source_where: str
    measure: str
    area: str
    expected: str
    why: str
    sites: Sequence[ListedSite]
    comparators: Sequence[str]
    start_certainty: str = "inferred"
    also_changed: str | None = None
    funded_by: str = "Not said."
    conflict_of_interest: str = "Not said."
    no_stratifier: str = NO_STRATIFIER
    table: NewTable | None = None
    table_name: str | None = None
    first: str | None = None
    last: str | None = None
    new_measure: NewMeasure | None = None
    org_names: dict[str, str] = field(default_factory=dict)
    described: frozenset[str] = frozenset()
    noughts: bool = False

    @property
    def treated(self) -> list[ListedSite]:
        """Where the change was made."""
        return [site for site in self.sites if site.start is not None]

    @property
    def compared_with(self) -> list[str]:
        """ODS codes of places without it."""
        listed = [site.code for site in self.sites if site.start is None]
        return list(dict.fromkeys([*listed, *self.comparators]))

    @property
    def synthetic(self) -> bool:
        """Whether they are invented."""
        return any(site.synthetic for site in self.sites)


def read_sites(path: Path, shown: str) -> list[ListedSite]:
    """The sites of a list with the columns code, name, start and, where they are invented, synthetic.

    Raises
    ------
    InputRefused
        With everything that is wrong with it.
    """
    written, problems = read_rows(path, shown, RECORDS_AT_MOST)
    if written is None:
        raise InputRefused(problems)
    header = [name.lower() for name in written.header]
    columns = f"the columns are {', '.join(NEEDED)} and, where the sites are invented, {MAY_BE_THERE[0]}"
    problems = [
        Problem(shown, 1, f"the column `{name}` is missing: {columns}.") for name in NEEDED if name not in header
    ]
    problems += [
        Problem(
            shown, 1, f"column {number} is not known here{did_you_mean(name, (*NEEDED, *MAY_BE_THERE))}; {columns}."
        )
        for number, name in enumerate(header, start=1)
        if name not in (*NEEDED, *MAY_BE_THERE)
    ]
    problems += length_problems(written, shown)
    if not problems and not written.rows:
        problems = [Problem(shown, 0, "has a header but no rows: add a line for each site.")]
    if problems:
        raise InputRefused(problems)
    sites = []
    for line, row in zip(written.lines, written.rows, strict=True):
        cells = dict(zip(header, row, strict=True))
        site, wrong = _site(cells)
        problems += [Problem(shown, line, what) for what in wrong]
        sites.append(site)
    for what, values in (("code", [site.code for site in sites]), ("name", [slug(site.name) for site in sites])):
        for twice in repeated(value for value in values if value):
            line = written.lines[len(values) - 1 - values[::-1].index(twice)]
            problems.append(Problem(shown, line, f"the {what} {twice} is there twice: give every site its own."))
    if len({site.synthetic for site in sites}) > 1:
        problems.append(Problem(shown, 0, "has real and invented sites: make two lists of it."))
    if problems:
        raise InputRefused(problems)
    return sites


def _site(cells: dict[str, str]) -> tuple[ListedSite, list[str]]:
    wrong, start = [], None
    code, name = cells["code"], cells["name"]
    synthetic = YES_OR_NO.get(cells.get("synthetic", "").lower())
    if not is_code(code):
        meant = code_meant(code)
        remedy = f"use {meant}" if meant else f"write {CODE_IN_WORDS}"
        wrong.append(f"`code` is {code!r}: {remedy}.")
    elif synthetic is not None and code.startswith(INVENTED) != synthetic:
        wrong.append(
            f"{code} is a code for invented sites: write yes in the column `synthetic`, or use the real code."
            if code.startswith(INVENTED)
            else f"{code} is no code for an invented site: use ZZ901 and the like, or write no in the column `synthetic`."
        )
    if not slug(name):
        wrong.append("`name` is empty: write what people call the site.")
    if synthetic is None:
        wrong.append("`synthetic` is neither yes nor no: write one of them.")
    if not cells["start"]:
        wrong.append(f"`start` is empty: write the date, or {NO_START} for a place to compare with.")
    elif cells["start"].lower() != NO_START:
        try:
            start = day_in(cells["start"], "`start`")
            if start.year not in CENTURIES:
                wrong.append("`start` is not between 1900 and 2099: correct the year.")
        except EvaluationError as error:
            wrong.append(str(error))
    return ListedSite(code, name, start, bool(synthetic)), wrong


def new_sites_files(catalogue: Catalogue, answers: SitesAnswers, today: date) -> dict[Path, str]:
    """The text of every file to write or replace, by path.

    Raises
    ------
    EvaluationError
        Where there is an evaluation of that title, or a site of that name with other codes.
    """
    root, id = catalogue.root, slug(answers.title)
    if not id:
        raise EvaluationError(f"The title {answers.title!r} has no letters or figures to make an id from.")
    for kind in ("evaluations", "pooled"):
        if id in getattr(catalogue, kind):
            raise EvaluationError(f"data/{kind}/{id}.yml exists already: choose another title, or edit that file.")
    if len(answers.treated) < 2:
        raise EvaluationError("The list has fewer than two sites with a start: use `evalkit new evaluation` for one.")
    if not answers.compared_with:
        raise EvaluationError(
            "There is nothing to compare with: name places without the change with --comparators, or on lines of the list"
            f" whose `start` is {NO_START}."
        )
    files = {} if answers.table is None else new_table_files(catalogue, answers.table)
    names = {site.code: site.name for site in answers.sites} | answers.org_names
    files |= new_organisations(catalogue, names)
    if answers.new_measure is not None:
        files |= new_measure_files(catalogue, answers.measure, answers.new_measure, today)
    source = None if answers.synthetic else {"title": answers.source_title, "where": answers.source_where}
    starts: dict[str, date] = {}
    for site in answers.treated:
        place = site_id(catalogue, site.name, [site.code])
        assert site.start is not None
        starts[place] = site.start
        if place not in catalogue.sites:
            record = site_record(place, site.name, [site.code], answers.place, source)
            files[root / "data" / "sites" / f"{place}.yml"] = as_yaml(record)
    evaluation = _evaluation(catalogue, id, answers, starts, today)
    files[root / "data" / "evaluations" / f"{id}.yml"] = with_fingerprint(as_yaml(evaluation), f"{id}.yml")
    if len(_estimated(evaluation)) >= POOLED_FROM:
        files[root / "data" / "pooled" / f"{id}.yml"] = as_yaml(_pooled(id, answers, evaluation))
    return files | open_question(catalogue, evaluation, today)


def _evaluation(
    catalogue: Catalogue, id: str, answers: SitesAnswers, starts: dict[str, date], today: date
) -> dict[str, Any]:
    measure = answers.new_measure or catalogue.measures[answers.measure]
    log = measure.form == "count" and not answers.noughts
    staggered = len(set(starts.values())) > 1
    window = {
        "measure": answers.measure,
        "table": answers.table_name,
        "first": answers.first,
        "last": answers.last,
    }
    common = {
        **window,
        "comparators": " ".join(answers.compared_with),
        "log": log,
    }
    together = {
        "id": answers.measure,
        "title": f"{measure.name}, {len(starts)} sites together",
        "role": "primary",
        "template": "staggered-adoption" if staggered else "difference-in-differences",
        "expected": answers.expected,
        "parameters": {"site": list(starts), **common},
    }
    each = [
        {
            "id": f"{answers.measure}-{place}"[:80].strip("-"),
            "title": f"{measure.name}, {site.name}",
            "role": "secondary",
            "template": describing_template()
            if site.code in answers.described
            else "controlled-interrupted-time-series",
            "expected": answers.expected,
            "parameters": {"site": place, **window}
            if site.code in answers.described
            else {"site": place, **common, "per_day": measure.is_per_day, **HEADLINE[answers.onset]},
        }
        for place, site in zip(starts, answers.treated, strict=True)
    ]
    analyses = [together, *each]
    return {
        "id": id,
        "title": answers.title,
        "question": answers.question,
        "area": answers.area,
        "status": "published",
        "sites": list(starts),
        "intervention": {
            "name": answers.title,
            "what": answers.what_changed,
            "start": min(starts.values()),
            **({"starts": starts} if staggered else {}),
            "certainty": answers.start_certainty,
            "sources": [{"title": answers.source_title, "where": answers.source_where}],
        },
        "expectations": [{"measure": answers.measure, "change": answers.expected, "why": answers.why}],
        "protocol": {
            "written": today,
            "fingerprint": NONE_YET,
            "status": "already_seen",
            "because": "Written when the data were already at hand.",
            "no_negative_control": "None was named when the evaluation was set up.",
            "no_stratifier": answers.no_stratifier,
            "onset": answers.onset,
            "comparators": answers.compared_with,
            "comparators_chosen": "Named when the evaluation was set up.",
        },
        "rival_explanations": [other_changes(answers.also_changed, [str(analysis["id"]) for analysis in analyses])],
        "independence": "own",
        "funded_by": answers.funded_by,
        "conflict_of_interest": answers.conflict_of_interest,
        "analyses": analyses,
    }


def _estimated(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    """The analyses of single sites that have an estimate to pool."""
    return [analysis for analysis in evaluation["analyses"][1:] if not describes(analysis["template"])]


def _pooled(id: str, answers: SitesAnswers, evaluation: dict[str, Any]) -> dict[str, Any]:
    first, each = evaluation["analyses"][0], _estimated(evaluation)
    return {
        "id": id,
        "title": f"{answers.title}: {first['title']}",
        "question": answers.question,
        "why_together": "They were listed together as places of one change, and the same is counted at each.",
        "area": answers.area,
        "expected": answers.expected,
        "analyses": [f"{id}/{analysis['id']}" for analysis in each],
    }
