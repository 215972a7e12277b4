"""What the check of tables and analyses found, kept so that only what has changed is looked at again.

A convenience, which is made again where it is absent or damaged.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.successors import Event, Succession, connected, events_of
from evalkit.catalogue.records.tables import Table
from evalkit.errors import Problem
from evalkit.files import file_sha256
from evalkit.intake.gated_tables import MADE_OF, exact_file, is_gated
from evalkit.memory import Memory
from evalkit.runs.planning.code_dependencies import code_of, reached_from

CHECKS = "checks"


@dataclass(frozen=True)
class CheckedTable:
    """A table without its rows: problems, and the hashes that checks of analyses depend on."""

    problems: list[Problem]
    units: Mapping[str, str]
    periods: str


@dataclass(frozen=True)
class CheckedAnalysis:
    """The rows an analysis would use, as in `intake.check.Checked`; ``marks`` as plain values."""

    rows_sha256: str | None
    problems: list[Problem]
    table: str | None
    marks: dict[str, Any] | None
    successions: list[dict[str, str | None]]


class RememberedChecks:
    """Checks tables and analyses of one catalogue, from memory where nothing they depend on has changed.

    A file's hash is looked at first: rows are only read where it differs.
    """

    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self._memory = Memory.of_project(catalogue.root, CHECKS)
        self._wanted: set[str] = set()
        self._tables: dict[str, CheckedTable] = {}

    @cached_property
    def _code(self) -> str:
        return code_of(reached_from(frozenset({"evalkit.intake.analysis_checks"})))

    @cached_property
    def _events(self) -> tuple[Event, ...]:
        return events_of(self.catalogue.successors.values())

    def _successors(self, lines: Iterable[Succession]) -> list[list[Any]]:
        """Lines of data/successors.csv with the numbers of these, which problems name."""
        return [[line.written(), self.catalogue.problem("successors", line.key, (), "").line] for line in lines]

    def table(self, table: Table) -> CheckedTable:
        """The check of one table."""
        if table.name not in self._tables:
            self._tables[table.name] = self._table(table)
        return self._tables[table.name]

    def _table(self, table: Table) -> CheckedTable:
        catalogue = self.catalogue
        named = (catalogue.organisations, catalogue.measures) if table.layout.shape == "long" else ()
        depends = {
            "file": file_sha256(catalogue.root / "data" / table.path),
            "exact": file_sha256(catalogue.root / exact_file(table)) if is_gated(table) else "",
            "made_of": file_sha256(catalogue.root / MADE_OF) if is_gated(table) else "",
            "described": _described(table),
            "known": [sorted(records) for records in named],
            "counted": catalogue.counted_columns(table.name),
            "successors": self._successors(catalogue.successors.values()),
            "code": self._code,
        }
        plain = self._kept(f"tables/{table.name}", depends, lambda: _check_table(catalogue, table))
        return CheckedTable(_problems(plain["problems"]), plain["units"], plain["periods"])

    def analysis(self, evaluation: Evaluation, index: int, parameters: Mapping[str, Any]) -> CheckedAnalysis:
        """The check of one analysis; it sees nothing but what its key holds."""
        catalogue = self.catalogue
        sites = words_in(parameters["site"]) if isinstance(parameters["site"], str | list) else []
        site_ids = [*evaluation.sites, *(site for site in sites if isinstance(site, str))]
        measure = catalogue.measures.get(parameters["measure"])
        comparators = parameters.get("comparators")
        codes = {code for site in site_ids for code in catalogue.org_codes(site)}
        codes |= set(words_in(comparators)) if isinstance(comparators, str | list) else set()
        codes = set(connected((code for code in codes if isinstance(code, str)), self._events))
        depends = {
            "evaluation": file_sha256(catalogue.root / catalogue.written_in["evaluations", evaluation.id].shown),
            "index": index,
            "parameters": parameters,
            "sites": {site: catalogue.org_codes(site) for site in site_ids},
            "unknown": sorted(codes - catalogue.organisations.keys()),
            "measure": measure.model_dump_json() if measure else None,
            "tables": [self._seen_of(table, codes) for table in self._candidates(parameters)],
            "successors": self._successors(line for line in catalogue.successors.values() if line.codes & codes),
            "code": self._code,
        }
        name = f"analyses/{evaluation.id}/{evaluation.analyses[index].id}"
        plain = self._kept(name, depends, lambda: _check_analysis(catalogue, evaluation, index, parameters))
        return CheckedAnalysis(
            plain["rows_sha256"], _problems(plain["problems"]), plain["table"], plain["marks"], plain["successions"]
        )

    def forget_the_rest(self) -> None:
        """Drop what is kept of tables and analyses that were not asked for."""
        self._memory.forget_all_but(self._wanted)

    def _candidates(self, parameters: Mapping[str, Any]) -> list[Table]:
        """The table that an analysis names, else every one: which holds its window is for the check to say."""
        name = parameters.get("table")
        tables = self.catalogue.tables
        return [tables[name]] if name in tables else list(tables.values())

    def _seen_of(self, table: Table, codes: set[str]) -> dict[str, Any]:
        checked = self.table(table)
        units = {code: checked.units.get(code) for code in sorted(codes)}
        return {"described": _described(table), "units": units, "periods": checked.periods}

    def _kept(self, name: str, depends: Mapping[str, Any], check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What ``check`` gives, from memory where it was kept for the same inputs. Refusals are not kept."""
        self._wanted.add(name)
        kept = self._memory.recall(name, depends)
        if kept is not None:
            return kept.content
        plain = check()
        if all(problem["level"] != "refused" for problem in plain["problems"]):
            with suppress(OSError):
                self._memory.remember(name, depends, plain)
        return plain


def _check_table(catalogue: Catalogue, table: Table) -> dict[str, Any]:
    from evalkit.intake.analysis_checks import check_table
    from evalkit.intake.read_table import read_table
    from evalkit.intake.row_hashes import digest_of

    problems = [asdict(problem) for problem in check_table(catalogue, table)]
    if any(problem["level"] == "refused" for problem in problems):
        return {"problems": problems, "units": {}, "periods": ""}
    digest = digest_of(read_table(catalogue.root, table))
    return {"problems": problems, "units": digest.units, "periods": digest.periods}


def _check_analysis(catalogue: Catalogue, evaluation: Evaluation, index: int, parameters) -> dict[str, Any]:
    from evalkit.intake.analysis_checks import check_analysis

    checked = check_analysis(catalogue, evaluation, index, parameters)
    return {
        "problems": [asdict(problem) for problem in checked.problems],
        "rows_sha256": checked.rows_sha256,
        "table": checked.table,
        "marks": checked.marks.to_dict() if checked.marks else None,
        "successions": list(checked.successions),
    }


def _problems(plain: list[dict[str, Any]]) -> list[Problem]:
    return [Problem(**problem) for problem in plain]


def _described(table: Table) -> str:
    """How a table is to be read; not who made it, nor the hash of its file."""
    return table.model_dump_json(by_alias=True, include={"name", "path", "columns", "layout"})
