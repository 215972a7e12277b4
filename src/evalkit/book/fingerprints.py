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
from evalkit.files import file_sha256, sha256_of
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

PAGE_LIBRARIES = ("jinja2", "matplotlib", "nbformat", "numpy", "pandas", "seaborn")


def of_page(page: Page) -> str:
    """SHA-256 of the kind of a page and of its fields, however deep."""
    text = json.dumps([type(page).__name__, page], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def shared(catalogue: Catalogue) -> str:
    """SHA-256 of what every page rests on: the words for keys, evalkit itself and the libraries."""
    libraries = [(name, version(name)) for name in PAGE_LIBRARIES]
    return sha256_of([catalogue.vocabularies, _code(), libraries])


def _plain(value: Any) -> Any:
    match value:
        case BaseModel():
            return value.model_dump(mode="json")
        case Plan():
            return value.key
        case Outcome():
            files = (value.result.notebook, value.result.file) if value.result else ()
            return [value.status, value.sentence, *map(file_sha256, files)]
        case MeasuredRates():
            return value.fingerprint
        case _ if is_dataclass(value):
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case _:
            return str(value)


@cache
def _code() -> str:
    """SHA-256 of all modules and templates of evalkit."""
    package = Path(evalkit.__file__).parent
    digest = hashlib.sha256()
    for path in sorted((*package.rglob("*.py"), *package.rglob("*.jinja"))):
        digest.update(f"\0{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()
