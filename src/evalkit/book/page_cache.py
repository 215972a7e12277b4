"""Pages whose inputs are the same are not made again: a figure takes longer to draw than all else on its page."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import evalkit
from evalkit.book.content.learning_items import reasons
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.learning import LearningItem
from evalkit.runs.files import file_sha256
from evalkit.runs.kept_json import read_kept, write_kept
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

PAGE_CACHE = Path("_build", "pages")
PAGE_LIBRARIES = ("jinja2", "matplotlib", "nbformat", "numpy", "pandas", "seaborn")
RATES = ("data/false_alarms.csv", "data/false_alarms_differences.csv", "data/certainty_words.csv")


class PageCache:
    """What was written last time, by name: from which inputs, which files, and what they told the rest of the book.

    Parameters
    ----------
    root : the project's folder, where this is remembered below ``_build``
    folder : where the files are
    """

    def __init__(self, root: Path, folder: Path):
        self._kept, self._folder = root / PAGE_CACHE, folder

    def recall(self, name: str, key_of: Callable[[list[str]], str]) -> tuple[list[str], Any] | None:
        """Files and what they told, where the key of today's inputs is the same and the files are as they were left.

        ``key_of`` is given the labels that the pages named, which were only known when they were made.
        """
        kept = read_kept(self._path(name))
        whole = kept and all(file_sha256(self._folder / file) == sha256 for file, sha256 in kept["files"].items())
        if whole and kept["key"] == key_of(kept["labels"]):
            return list(kept["files"]), kept["summary"]
        return None

    def remember(self, name: str, key: str, labels: list[str], files: Iterable[str], summary: Any) -> None:
        """Keep this for the next time; the files must have been written."""
        hashes = {file: file_sha256(self._folder / file) for file in sorted(files)}
        write_kept(self._path(name), {"key": key, "labels": labels, "files": hashes, "summary": summary})

    def forget_all_but(self, names: Iterable[str]) -> None:
        """Drop what is remembered of others."""
        paths = {self._path(name) for name in names}
        for path in self._kept.iterdir() if self._kept.is_dir() else ():
            if path not in paths:
                path.unlink()

    def _path(self, name: str) -> Path:
        return self._kept / f"{name}.json"


class PageKeys:
    """SHA-256 of what pages are made from; every one holds what all pages share: words, rates, code and libraries."""

    def __init__(self, catalogue: Catalogue):
        self._catalogue = catalogue

    def key_of(self, *inputs: Any) -> str:
        """The key of records and plain values."""
        text = json.dumps(inputs, sort_keys=True, default=_plain)
        return hashlib.sha256((self._shared + text).encode()).hexdigest()

    def of_evaluation(
        self,
        evaluation: Evaluation,
        analyses: Sequence[tuple[Plan, Outcome]],
        learned: Sequence[LearningItem],
        across: Sequence[dict[str, Any]],
        labels: list[str],
    ) -> str:
        """The key of the pages of one evaluation, which these items explain, these pooled
        results draw on, and whose effects name places by these labels."""
        catalogue = self._catalogue
        measures = {plan.parameters["measure"] for plan, _ in analyses}
        measures |= {expectation.measure for expectation in evaluation.expectations}
        names = {*labels, *evaluation.intervention.starts, *evaluation.protocol.comparators}
        return self.key_of(
            evaluation,
            reasons(catalogue, learned),
            across,
            [
                (
                    plan.key,
                    outcome.status,
                    outcome.sentence,
                    file_sha256(outcome.notebook) if outcome.notebook else None,
                )
                for plan, outcome in analyses
            ],
            [catalogue.place(plan.parameters["site"]) for plan, _ in analyses],
            catalogue.names(sorted(names)),
            [catalogue.sites[id] for id in evaluation.sites],
            [catalogue.measures[id] for id in sorted(measures)],
        )

    @cached_property
    def _shared(self) -> str:
        catalogue = self._catalogue
        tables = [(table.name, table.title, table.licenses) for table in catalogue.tables.values()]
        rates = [file_sha256(catalogue.root / name) for name in RATES]
        libraries = [(name, version(name)) for name in PAGE_LIBRARIES]
        return json.dumps([catalogue.vocabularies, tables, rates, _code(), libraries], default=_plain)


def _plain(record: BaseModel) -> dict[str, Any]:
    return record.model_dump(mode="json")


@cache
def _code() -> str:
    """SHA-256 of all modules and templates of evalkit."""
    package = Path(evalkit.__file__).parent
    digest = hashlib.sha256()
    for path in sorted((*package.rglob("*.py"), *package.rglob("*.jinja"))):
        digest.update(f"\0{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()
