"""Do the records agree with each other? Every id that one names must be another's."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from evalkit.catalogue.consistency.candidates import check_candidates
from evalkit.catalogue.consistency.control_charts import check_control_charts
from evalkit.catalogue.consistency.findings import check_findings
from evalkit.catalogue.consistency.look_alikes import check_look_alikes
from evalkit.catalogue.consistency.markup import check_markup
from evalkit.catalogue.consistency.places import check_places
from evalkit.catalogue.consistency.plain_words import check_plain_words
from evalkit.catalogue.consistency.published_files import check_published_files
from evalkit.catalogue.consistency.reasons import check_graph
from evalkit.catalogue.consistency.registers import check_registers
from evalkit.catalogue.consistency.successors import check_successors
from evalkit.catalogue.consistency.voices import check_voices
from evalkit.catalogue.files.plain_text import TABLE_AT_MOST, too_large
from evalkit.catalogue.files.yaml_lines import FieldPath
from evalkit.catalogue.model import IN_FILES_OF_THEIR_OWN, Catalogue
from evalkit.catalogue.new_table_files import NOT_READ
from evalkit.catalogue.protocol_fingerprint import check_fingerprints
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.learning import ItemStatus, ItemType
from evalkit.catalogue.records.measures import OF_WEEKENDS, Measure
from evalkit.catalogue.records.tables import COLUMN_KINDS, NUMBERS, Table
from evalkit.disclosure.gate import KNOWN, is_rule
from evalkit.disclosure.rules import small_numbers
from evalkit.errors import Problem
from evalkit.project import PRIVATE

# Beside the records of journeys are their steps, of which their own reader tells.
ENDINGS = {**{kind: ".y*ml" for kind in IN_FILES_OF_THEIR_OWN if kind != "journeys"}, "learning": ".md"}
# Pages beside those of the analyses, and the folder of results over several of them.
PAGES_OF_THEIR_OWN = ("index", "board", "files")
RESERVED = "across"
# Vocabularies, with the words that each must hold at least.
NEEDED = {
    **dict.fromkeys(("areas", "audiences", "impact", "lessons", "rival_kinds", "stages", "strengths", "themes"), ()),
    "item_types": get_args(ItemType),
    "item_statuses": [status for status in get_args(ItemStatus) if status != "draft"],  # which no page shows
}


def check_references(catalogue: Catalogue) -> list[Problem]:
    """Problems between records: unknown ids, files that are not described, words outside the vocabularies."""
    problems = []
    for check in (
        _vocabularies,
        _unread,
        _tables,
        check_published_files,
        check_registers,
        _sites,
        check_successors,
        _measures,
        check_control_charts,
        check_places,
        check_candidates,
        _evaluations,
        check_graph,
        check_voices,
        check_plain_words,
        check_findings,
        check_fingerprints,
        check_markup,
        check_look_alikes,
    ):
        problems += check(catalogue)
    return problems


def _vocabularies(catalogue: Catalogue) -> list[Problem]:
    """Pages write the words of every vocabulary, and those of every type and status that an item may have."""
    problems = []
    for name, needed in NEEDED.items():
        there = catalogue.vocabularies.get(name)
        missing = "" if there is None else ", ".join(word for word in needed if word not in there)
        if there is None or missing:
            what = f"`{name}` is missing" if there is None else f"`{name}` does not say how to write {missing}"
            problems.append(Problem("data/vocabularies.yml", 0, f"{what}: add it, with its words."))
    return problems


def _unread(catalogue: Catalogue) -> list[Problem]:
    """Files beside the records that look like records and are read by nobody."""
    problems = []
    for kind, ending in ENDINGS.items():
        folder = catalogue.root / "data" / kind
        for path in sorted(folder.rglob("*")):
            read = path.parent == folder and path.match(f"*{ending}")
            if path.is_file() and not read and not path.name.startswith("."):
                name = ending.replace("*", "")
                what = (
                    f"is not read, since records of this kind are data/{kind}/<id>{name}: rename it, or move it away."
                )
                problems.append(Problem(path.relative_to(catalogue.root).as_posix(), 0, what, "look"))
    return problems


def _is_made_of_another(catalogue: Catalogue, table: Table) -> bool:
    """Whether a site's own table can be made of its exact one, which is on this machine."""
    exact = catalogue.root / PRIVATE / Path(table.path).name
    return small_numbers(table.layout.disclosure.rule) is not None and exact.is_file()


def _tables(catalogue: Catalogue) -> list[Problem]:
    problems = []
    described = set()
    for id, table in catalogue.tables.items():
        path = catalogue.root / "data" / table.path
        described.add(path.name)
        if not path.is_file() and not _is_made_of_another(catalogue, table):
            what = f"data/{table.path} does not exist: put the file there, or take its entry out."
            problems.append(catalogue.problem("tables", id, ("path",), what))
        elif path.is_file() and path.stat().st_size > TABLE_AT_MOST:
            what = f"data/{table.path} {too_large(path.stat().st_size, TABLE_AT_MOST)}"
            problems.append(catalogue.problem("tables", id, ("path",), what))
        elif table.hash:
            digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
            if digest != table.hash:
                what = (
                    f"data/{table.path} is not the file described here, its contents have changed:"
                    f" undo the change, or, if it is meant, write {digest} as its `hash`."
                )
                problems.append(catalogue.problem("tables", id, ("hash",), what))
        if not is_rule(table.layout.disclosure.rule):
            what = f"`{table.layout.disclosure.rule}` is not a disclosure rule: use one of {KNOWN}."
            problems.append(catalogue.problem("tables", id, ("evalkit", "disclosure", "rule"), what))
        elif table.layout.disclosure.rule == "official_statistics" and not _says_where_it_was_published(table):
            what = (
                "`official_statistics` is of figures that were published, and the entry does not say where and under which"
                " licence: give a source its `path` and `licenses` a name, or write `own_figures`."
            )
            problems.append(catalogue.problem("tables", id, ("evalkit", "disclosure", "rule"), what))
        problems += _columns(catalogue, id, table)
    for path in sorted((catalogue.root / "data" / "tables").glob("*.csv")):
        if path.name not in described:
            what = "is not described in data/datapackage.json, so nothing uses it: run `evalkit new evaluation`."
            problems.append(Problem(f"data/tables/{path.name}", 0, what, "look"))
    for path in sorted(
        (catalogue.root / "data" / "tables").iterdir() if (catalogue.root / "data" / "tables").is_dir() else ()
    ):
        if path.suffix.lower() in NOT_READ:
            what = f"is {NOT_READ[path.suffix.lower()]}, which nothing reads: `evalkit import` makes a table of it."
            problems.append(Problem(f"data/tables/{path.name}", 0, what, "look"))
    return problems


def _columns(catalogue: Catalogue, id: str, table: Table) -> list[Problem]:
    """The layout and the flags name columns of the kind they need."""
    layout = table.layout
    named_columns: list[tuple[FieldPath, str | None, Sequence[str]]] = [
        ((part,), getattr(layout, part), COLUMN_KINDS) for part in ("unit", "period", "category")
    ]
    for index, flag in enumerate(layout.flags):
        named_columns.append((("flags", index, "column"), flag.column, ("boolean",)))
        named_columns += [(("flags", index, "all_zero"), column, NUMBERS) for column in flag.all_zero]
        named_columns += [(("flags", index, "missing"), column, NUMBERS) for column in flag.missing]
    problems = []
    for path, column, kinds in named_columns:
        if column is not None:
            problems += _column(catalogue, "tables", id, ("evalkit", *path), column, table, kinds)
    if layout.shape == "long":
        for column in ("numerator", "denominator"):
            if column in table.column_types:
                problems += _column(catalogue, "tables", id, ("schema", "fields"), column, table, NUMBERS)
    return problems


def _column(catalogue, kind, id, path, column: str, table: Table, kinds: Sequence[str]) -> list[Problem]:
    known, shown = table.column_types, f"data/{table.path}"
    if column in known and known[column] not in kinds:
        wanted = "of yes or no (boolean)" if kinds == ("boolean",) else "of numbers (integer or number)"
        what = f"`{column}` of {shown} is described as {known[column]}: name a column {wanted} here."
        return [catalogue.problem(kind, id, path, what)]
    return catalogue.unknown(kind, id, path, column, known, f"a column of {shown}", "correct it")


def _says_where_it_was_published(table: Table) -> bool:
    return any(source.path for source in table.sources) and all(
        licence.name != "not-stated" for licence in table.licenses
    )


def _sites(catalogue: Catalogue) -> list[Problem]:
    problems = []
    for id, site in catalogue.sites.items():
        codes: list[tuple[tuple[str | int, ...], str]]
        codes = [(("org_codes", index), code) for index, code in enumerate(site.org_codes)]
        codes += [(("part_of", "org_code"), site.part_of.org_code)] if site.part_of else []
        for path, code in codes:
            problems += catalogue.unknown(
                "sites", id, path, code, catalogue.organisations,
                "a provider code in data/organisations.csv", "correct it, or add a line there with its name",
            )  # fmt: skip
    return problems + _former_ids(catalogue)


def _former_ids(catalogue: Catalogue) -> list[Problem]:
    """Each leads to one page: it is no site's id at present, and stands at one site once."""
    problems, leads_to = [], {}
    for id, site in catalogue.sites.items():
        for index, former in enumerate(site.former_ids):
            if former in catalogue.sites:
                what = f"`{former}` is a former id here, and the id of a site at present: take it out, or rename that site."
            elif former in leads_to:
                what = f"`{former}` is a former id here, and of the site {leads_to[former]} too: keep it at one of them, once."
            else:
                leads_to[former] = id
                continue
            problems.append(catalogue.problem("sites", id, ("former_ids", index), what))
    return problems


def _measures(catalogue: Catalogue) -> list[Problem]:
    problems = []
    words = catalogue.vocabularies
    if not catalogue.tables and any(measure.recipes for measure in catalogue.measures.values()):
        what = "describes no table, so nothing can be counted: describe one under `resources`."
        return [Problem("data/datapackage.json", 1, what)]
    for id, measure in catalogue.measures.items():
        for index, recipe in enumerate(measure.recipes):
            place = ("recipes", index)
            unknown = catalogue.unknown(
                "measures", id, (*place, "table"), recipe.table, catalogue.tables,
                "a table in data/datapackage.json", "correct it",
            )  # fmt: skip
            problems += unknown
            if unknown:
                continue
            table = catalogue.tables[recipe.table]
            if recipe.every and table.layout.grain != "day":
                what = (
                    f"`every` averages days, but data/{table.path} holds one row a {table.layout.grain}: leave it out."
                )
                problems.append(catalogue.problem("measures", id, (*place, "every"), what))
            for part, kinds in (("numerator", NUMBERS), ("denominator", NUMBERS), ("where", COLUMN_KINDS)):
                for column in getattr(recipe, part):
                    problems += _column(catalogue, "measures", id, (*place, part), column, table, kinds)
        problems += _on_which_days(catalogue, measure)
        for other in measure.show_beside:
            problems += catalogue.unknown(
                "measures", id, ("show_beside",), other, catalogue.measures, "a measure", "correct it"
            )
        for name, vocabulary in (("domain", "domains"), ("flow_stage", "flow_stages")):
            value = getattr(measure, name)
            if value is not None:
                problems += catalogue.unknown(
                    "measures", id, (name,), value, words.get(vocabulary, {}),
                    f"one of the words for `{vocabulary}` in data/vocabularies.yml", "use one of them",
                )  # fmt: skip
    return problems


def _on_which_days(catalogue: Catalogue, measure: Measure) -> list[Problem]:
    """A count of weekends that would be divided by all days of a month; in a table of days nothing is divided."""
    if measure.exposure is not None or not measure.is_per_day:
        return []
    daily = [
        not recipe.every and catalogue.tables[recipe.table].layout.grain == "day"
        for recipe in measure.recipes
        if recipe.table in catalogue.tables
    ]
    weekdays = set(measure.records.weekdays) if measure.records else set()
    of_weekends = bool(weekdays) and weekdays <= {"saturday", "sunday"}
    if (daily and all(daily)) or not (of_weekends or OF_WEEKENDS.search(f"{measure.id} {measure.name}")):
        return []
    what = (
        f"`{measure.id}` speaks of weekends, and would be taken per calendar day: write `exposure: weekend_days` if it can only"
        " happen on Saturdays and Sundays, else `exposure: calendar_days`."
    )
    return [catalogue.problem("measures", measure.id, (), what, "look")]


def _evaluations(catalogue: Catalogue) -> list[Problem]:
    problems = []
    for id, evaluation in catalogue.evaluations.items():
        problems += _evaluation(catalogue, id, evaluation)
    return problems


def _evaluation(catalogue: Catalogue, id: str, evaluation: Evaluation) -> list[Problem]:
    def unknown(path, word, known, is_what, remedy="correct it"):
        return catalogue.unknown("evaluations", id, path, word, known, is_what, remedy)

    problems = []
    if id == RESERVED:
        what = f"`{id}` is the folder of results across sites: give the evaluation another id."
        problems.append(catalogue.problem("evaluations", id, ("id",), what))
    areas = catalogue.vocabularies.get("areas", {})
    problems += unknown(("area",), evaluation.area, areas, "an area in data/vocabularies.yml", "use one of them")
    for index, site in enumerate(evaluation.sites):
        problems += unknown(
            ("sites", index), site, catalogue.sites, "a site in data/sites", "correct it, or add the file"
        )
        if site in catalogue.sites and not catalogue.sites[site].org_codes:
            what = f"`{site}` has no `org_codes`, so it has no figures: add them in data/sites/{site}.yml."
            problems.append(catalogue.problem("evaluations", id, ("sites", index), what))
    own = (*evaluation.sites, *catalogue.codes(evaluation.sites))
    for place in evaluation.intervention.starts:
        problems += unknown(
            ("intervention", "starts", place), place, own, "a site of this evaluation or one of their codes"
        )
    for index, expectation in enumerate(evaluation.expectations):
        place = ("expectations", index, "measure")
        problems += unknown(place, expectation.measure, catalogue.measures, "a measure in data/measures.yml")
    protocol = evaluation.protocol
    places: list[tuple[FieldPath, str]] = [
        (("protocol", "comparators", index), code) for index, code in enumerate(protocol.comparators)
    ]
    for index, left_out in enumerate(protocol.left_out):
        places += [(("protocol", "left_out", index, "org_codes"), code) for code in left_out.org_codes]
    for place, code in places:
        problems += unknown(
            place, code, catalogue.organisations, "a provider code in data/organisations.csv",
            "correct it, or add a line there with its name",
        )  # fmt: skip
    out = {code for left_out in protocol.left_out for code in left_out.org_codes}
    for index, code in enumerate(protocol.comparators):
        if code in out:
            what = f"{code} is both a comparator and left out: take it from one of the two lists."
            problems.append(catalogue.problem("evaluations", id, ("protocol", "comparators", index), what))
    analyses = {analysis.id for analysis in evaluation.analyses}
    for index, analysis in enumerate(evaluation.analyses):
        if analysis.id in PAGES_OF_THEIR_OWN:
            what = f"`{analysis.id}` is the address of another page of the evaluation: give the analysis another id."
            problems.append(catalogue.problem("evaluations", id, ("analyses", index, "id"), what))
        asked = analysis.parameters.get("end") and evaluation.intervention.end
        if asked and not any(rival.at == "end" for rival in evaluation.rival_explanations):
            what = (
                "`end` is given, but no rival explanation has `at: end`: say what else began when the change ended, or that"
                " nothing is known to have."
            )
            problems.append(catalogue.problem("evaluations", id, ("analyses", index, "parameters", "end"), what))
    kinds = catalogue.vocabularies.get("rival_kinds", {})
    for index, rival in enumerate(evaluation.rival_explanations):
        place = ("rival_explanations", index)
        problems += unknown((*place, "kind"), rival.kind, kinds, "a kind of rival explanation in data/vocabularies.yml")
        for field, named in (
            ("affects", [id for grading in rival.gradings for id in grading.affects]),
            ("analyses", rival.analyses),
        ):
            for analysis in named:
                problems += unknown((*place, field), analysis, analyses, "an analysis of this evaluation")
    for index, result in enumerate(evaluation.independent_results):
        place = ("independent_results", index, "beside")
        problems += unknown(place, result.beside, analyses, "an analysis of this evaluation")
    return problems + _companions(catalogue, id, evaluation)


def _companions(catalogue: Catalogue, id: str, evaluation: Evaluation) -> list[Problem]:
    """A measure that relabelling can move is never shown without the one it cannot."""
    measures_shown = {str(analysis.parameters.get("measure")) for analysis in evaluation.analyses}
    problems = []
    for index, analysis in enumerate(evaluation.analyses):
        measure = catalogue.measures.get(str(analysis.parameters.get("measure")))
        if measure is None:
            continue
        for other in measure.show_beside:
            if other not in measures_shown and analysis.role in ("primary", "secondary"):
                what = (
                    f"`{measure.id}` is only shown beside `{other}`: add an analysis of `{other}` to this evaluation."
                )
                problems.append(catalogue.problem("evaluations", id, ("analyses", index), what))
    return problems
