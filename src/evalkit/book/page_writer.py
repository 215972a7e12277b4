"""Every generated page, from records and outcomes, by the templates beside this file."""

import pickle
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2

from evalkit.book.content import pooled_cards
from evalkit.book.content.book_content import BookContent, put_in_order
from evalkit.book.page_cache import PageKeys
from evalkit.book.pages import SECTIONS, routes
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.files import keep_only, write_if_changed
from evalkit.memory import Memory
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

TEMPLATES = Path(__file__).parent / "templates"
COMPILED = Path("_build", "templates")  # what Jinja makes of them, which takes longer than to fill one in
NO_PAGES = ("index-parts/", "about/")  # parts that other pages include


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """What is damaged is compiled again."""

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Fill the bucket, or leave it empty."""
        try:
            super().load_bytecode(bucket)
        except (EOFError, ValueError, TypeError, pickle.UnpicklingError):
            bucket.reset()


class Pages:
    """Writes, and collects the names of what it wrote."""

    def __init__(self, folder: Path, catalogue: Catalogue):
        self.folder = folder
        self.catalogue = catalogue
        self.written: set[str] = set()
        self._below = folder.relative_to(catalogue.root).as_posix()

    @cached_property
    def _jinja(self) -> jinja2.Environment:
        from evalkit.book.content import learning_items, shared_pieces
        from evalkit.report.wording import words

        compiled = self.catalogue.root / COMPILED
        compiled.mkdir(parents=True, exist_ok=True)
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES, encoding="utf-8"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            bytecode_cache=CompiledTemplates(str(compiled)),
        )
        environment.filters |= {
            "day": shared_pieces.day,
            "known": shared_pieces.known,
            "month": words.month_name,
            "published": shared_pieces.published,
            "prose": learning_items.prose,
        }
        environment.globals |= {"steps": shared_pieces.certainty_symbol, "vocabularies": self.catalogue.vocabularies}
        return environment

    def write(self, name: str, content: str | bytes) -> None:
        """One file below the folder of generated pages."""
        write_if_changed(self.folder / name, content)
        self.written.add(name)

    def take(self, paths: Iterable[str]) -> None:
        """Files that stand as they were written before, by their paths below the project's folder."""
        self.written |= {path.removeprefix(f"{self._below}/") for path in paths}

    def paths(self, names: Iterable[str]) -> list[str]:
        """The paths of files below the project's folder."""
        return [f"{self._below}/{name}" for name in names]

    def page(self, name: str, template: str, **context: Any) -> None:
        """One page from a template; what it may hold besides HTML is said in ``sphinx/generated_pages.py``."""
        self.write(name, self._jinja.get_template(template).render(**context).strip() + "\n")


def write_pages(folder: Path, catalogue: Catalogue, plans: Sequence[Plan], outcomes: Sequence[Outcome]) -> list[str]:
    """Write the pages below ``folder`` whose inputs have changed, and delete every file there that is no page's.

    Returns
    -------
    list of str
        The HTML files the build must give, relative to its output folder.
    """
    kept, keys, pages = Memory.of_project(catalogue.root, "pages"), PageKeys(catalogue), Pages(folder, catalogue)
    content = put_in_order(catalogue, plans, outcomes)
    for evaluation in content.evaluations:
        content.summaries[evaluation.id] = _evaluation(kept, keys, pages, content, evaluation)
    for section in SECTIONS:
        _section(kept, keys, pages, content, section)
    kept.forget_all_but([*content.analyses, *(_kept_as(section) for section in SECTIONS)])
    keep_only(folder, {folder / name for name in pages.written})
    html = sorted(
        f"book/generated/{Path(name).with_suffix('.html').as_posix()}"
        for name in pages.written
        if name.endswith((".html", ".ipynb")) and not name.startswith(NO_PAGES)
    )
    routes.check_leads(content, html)
    return html


def _evaluation(kept: Memory, keys: PageKeys, pages: Pages, content: BookContent, evaluation: Evaluation) -> dict:
    """What other pages say of an evaluation; its own pages are written where something they show has changed."""
    analyses, learned = content.analyses[evaluation.id], content.explaining(evaluation.id)
    across = pooled_cards.of_evaluation(content, evaluation.id)
    entry = kept.entry(evaluation.id)
    labels = entry.content["labels"] if entry else []
    entry = kept.recall(evaluation.id, {"inputs": keys.of_evaluation(evaluation, analyses, learned, across, labels)})
    if entry is not None:
        pages.take(entry.made)
        return entry.content["summary"]
    from evalkit.book.pages.evaluation import labels_of, write_evaluation

    before = set(pages.written)
    summary, labels = write_evaluation(pages, evaluation, analyses, learned, across), labels_of(analyses)
    inputs = keys.of_evaluation(evaluation, analyses, learned, across, labels)
    made = pages.paths(pages.written - before)
    kept.remember(evaluation.id, {"inputs": inputs}, {"labels": labels, "summary": summary}, made)
    return summary


def _section(kept: Memory, keys: PageKeys, pages: Pages, content: BookContent, section) -> None:
    """The pages of a section, where something they show has changed."""
    inputs = {"inputs": keys.key_of(section.inputs(content))}
    entry = kept.recall(_kept_as(section), inputs)
    if entry is not None:
        pages.take(entry.made)
        return
    before = set(pages.written)
    section.write(pages, content)
    kept.remember(_kept_as(section), inputs, None, pages.paths(pages.written - before))


def _kept_as(section) -> str:
    """No id of an evaluation."""
    return f"_{section.__name__.rpartition('.')[2]}"
