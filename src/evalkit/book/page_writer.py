"""Every generated page, from records and outcomes, by the templates beside this file."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from evalkit.book import fingerprints
from evalkit.book.content import addresses, learning_items, symbols
from evalkit.book.content.book_content import put_in_order
from evalkit.book.content.light_svg import light
from evalkit.book.content.page import Page
from evalkit.book.content.summaries import EvaluationSummary
from evalkit.book.pages import SECTIONS, evaluation, routes
from evalkit.catalogue import Catalogue
from evalkit.files import keep_only, write_if_changed
from evalkit.memory import Memory
from evalkit.report import tables
from evalkit.report.wording import predictions, records, words
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

TEMPLATES = Path(__file__).parent / "templates"
COMPILED = Path("_build", "templates")  # what Jinja makes of them, which takes longer than to fill one in
NO_PAGES = ("index-parts/", "about/")  # parts that other pages include


class CompiledTemplates(jinja2.BytecodeCache):
    """Each below its hash, as what was damaged is compiled again: Python itself would run it, or crash."""

    def __init__(self, folder: Path):
        self._folder = folder

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Fill the bucket, or leave it empty."""
        try:
            sha256, _, code = self._path(bucket).read_bytes().partition(b"\n")
        except OSError:
            return
        if hashlib.sha256(code).hexdigest().encode() == sha256:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep what is in the bucket."""
        code = bucket.bytecode_to_string()
        write_if_changed(self._path(bucket), hashlib.sha256(code).hexdigest().encode() + b"\n" + code)

    def _path(self, bucket: jinja2.bccache.Bucket) -> Path:
        return self._folder / f"{bucket.key}.cache"


class Pages:
    """Writes pages whose fields have changed, and collects the names of all."""

    def __init__(self, folder: Path, catalogue: Catalogue):
        self.folder = folder
        self.written: set[str] = set()
        self._catalogue = catalogue
        self._memory = Memory.of_project(catalogue.root, "pages")
        self._names: list[str] = []
        self._fingerprints = fingerprints.Fingerprints()

    def put(self, name: str, page: Page) -> Any:
        """Have a page written, unless it stands as it was written from the same; gives what its writing gave."""
        depends = {"shared": self._shared, "page": self._fingerprints.of_page(page)}
        self._names.append(name)
        kept = self._memory.recall(name, depends)
        if kept is not None:
            self.written |= {path.removeprefix(self._below) for path in kept.made}
            return kept.content
        before = set(self.written)
        content = page.write(self)
        made = [self._below + written for written in self.written - before]
        self._memory.remember(name, depends, content, made)
        return content

    def forget_the_rest(self) -> None:
        """Delete what is of no page that was put."""
        self._memory.forget_all_but(self._names)
        keep_only(self.folder, {self.folder / name for name in self.written})

    def write(self, name: str, content: str | bytes) -> None:
        """One file below the folder of generated pages."""
        if isinstance(content, str) and name.endswith(".svg"):
            content = light(content)
        write_if_changed(self.folder / name, content)
        self.written.add(name)

    def page(self, name: str, template: str, shown: Any, /, **made: Any) -> None:
        """One file from a template, which is given the fields of ``shown``, and what was made of them.

        What it may hold besides HTML is said in ``sphinx/generated_pages.py``.
        """
        given = {field.name: getattr(shown, field.name) for field in fields(shown)}
        self.write(name, self._jinja.get_template(template).render(**given, **made).strip() + "\n")

    @cached_property
    def _below(self) -> str:
        return f"{self.folder.relative_to(self._catalogue.root).as_posix()}/"

    @cached_property
    def _shared(self) -> str:
        return fingerprints.shared(self._catalogue)

    @cached_property
    def _jinja(self) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES, encoding="utf-8"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            bytecode_cache=CompiledTemplates(self._catalogue.root / COMPILED),
        )
        environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": asdict}
        environment.filters |= {
            "day": symbols.day,
            "first_sentence": symbols.first_sentence,
            "known": records.KNOWN.__getitem__,
            "linked": addresses.linked,
            "month": words.month_name,
            "predicted": predictions.predicted,
            "published": symbols.published,
            "prose": learning_items.prose,
        }
        given: dict[str, Any] = environment.globals
        given |= {
            "outcomes": tables.PASSED, "steps": symbols.certainty_symbol, "vocabularies": self._catalogue.vocabularies, "record_words": records,
            "contact": self._catalogue.contact,
        }  # fmt: skip
        return environment


class Written(NamedTuple):
    """The HTML files the build must give, relative to its output folder; findings that are not true of results any more."""

    html: list[str]
    to_write_again: list[str]


def write_pages(folder: Path, catalogue: Catalogue, plans: Sequence[Plan], outcomes: Sequence[Outcome]) -> Written:
    """Write the pages below ``folder`` of which something they show has changed, and delete every file that is no page's."""
    pages, content = Pages(folder, catalogue), put_in_order(catalogue, plans, outcomes)
    for record in content.evaluations:
        summary = pages.put(f"evaluations/{record.id}", evaluation.pages_of(content, record))
        content.summaries[record.id] = EvaluationSummary.from_plain(summary)
    for section in SECTIONS:
        for name, page in section.pages(content):
            pages.put(name, page)
    pages.forget_the_rest()
    html = sorted(_html(pages.written))
    routes.check_leads(content, html)
    return Written(html, [told for summary in content.summaries.values() for told in summary.to_write_again])


def _html(written: Iterable[str]) -> Iterable[str]:
    """The HTML file that Sphinx makes of each page."""
    return (
        f"book/generated/{Path(name).with_suffix('.html').as_posix()}"
        for name in written
        if name.endswith((".html", ".ipynb")) and not name.startswith(NO_PAGES)
    )
