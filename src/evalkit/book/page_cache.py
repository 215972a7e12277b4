"""Pages whose inputs are the same are not made again: a figure takes longer to draw than all else on its page."""

import hashlib
import json
from collections.abc import Sequence
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
from evalkit.files import file_sha256
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

PAGE_LIBRARIES = ("jinja2", "matplotlib", "nbformat", "numpy", "pandas", "seaborn")
RATES = ("data/false_alarms.csv", "data/false_alarms_differences.csv", "data/certainty_words.csv")


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
