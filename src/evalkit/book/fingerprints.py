"""What stands for a page: SHA-256 of all that it shows, and of what every page rests on."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import evalkit
from evalkit.book.content.page import Page
from evalkit.book.content.rates import MeasuredRates
from evalkit.catalogue import Catalogue
from evalkit.files import sha256_of
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import AnalysisResult

PAGE_LIBRARIES = (
    "docutils", "jinja2", "markdown-it-py", "matplotlib", "nbformat", "numpy", "pandas", "python-docx", "python-pptx", "seaborn",
    "xlsxwriter",
)  # fmt: skip


class Fingerprints:
    """SHA-256 of all that pages show; what several of them show is looked at once."""

    def __init__(self) -> None:
        # By identity; the object is kept beside its hash, so that no other is given the same.
        self._known: dict[int, tuple[Any, str]] = {}

    def of_page(self, page: Page) -> str:
        """SHA-256 of the kind of a page and of its fields, however deep."""
        return self._of(page)

    def _of(self, value: Any) -> str:
        known = self._known.get(id(value))
        if known is None:
            text = value.model_dump_json() if isinstance(value, BaseModel) else self._text(value)
            known = self._known[id(value)] = (value, hashlib.sha256(text.encode()).hexdigest())
        return known[1]

    def _text(self, value: Any) -> str:
        given = [(field.name, getattr(value, field.name)) for field in fields(value)]
        return json.dumps([type(value).__name__, given], default=self._plain)  # order is shown, too

    def _plain(self, value: Any) -> Any:
        match value:
            case Plan():
                return value.key
            case AnalysisResult() | MeasuredRates():
                return value.fingerprint
            case _ if isinstance(value, BaseModel) or is_dataclass(value):
                return self._of(value)
            case _:
                return str(value)


def shared(catalogue: Catalogue) -> str:
    """SHA-256 of what every page rests on: the words for keys, whom to write to, evalkit itself and the libraries."""
    libraries = [(name, version(name)) for name in PAGE_LIBRARIES]
    contact = catalogue.contact.model_dump_json() if catalogue.contact else ""
    return sha256_of([json.dumps(catalogue.vocabularies), contact, _code(), libraries])


@cache
def _code() -> str:
    """SHA-256 of all modules, templates and typefaces of evalkit."""
    package = Path(evalkit.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for kind in ("*.py", "*.jinja", "*.ttf") for path in package.rglob(kind)):
        digest.update(f"\0{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()
