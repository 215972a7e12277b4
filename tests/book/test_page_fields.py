"""The fields of a page are what its template shows: no more, or it would be written again for nothing; no fewer."""

from dataclasses import fields
from importlib import import_module
from pkgutil import iter_modules

import jinja2
import pytest
from jinja2 import meta, nodes

from evalkit.book import pages
from evalkit.book.content.page import OnePage
from evalkit.book.page_writer import TEMPLATES

ENVIRONMENT = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES))
ENVIRONMENT.filters |= dict.fromkeys(
    ("day", "first_sentence", "known", "linked", "month", "predicted", "prose", "published"), str
)
GIVEN_TO_ALL = {"contact", "outcomes", "record_words", "steps", "vocabularies"}
MODULES = [import_module(f"{pages.__name__}.{module.name}") for module in iter_modules(pages.__path__)]
ONE_PAGES = sorted(
    {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, OnePage) and kind is not OnePage
    },
    key=lambda kind: kind.__name__,
)


def asked_for(template: str) -> set[str]:
    """The names that a template, and those that it includes or imports, are to be given."""
    tree = ENVIRONMENT.parse((TEMPLATES / template).read_text(encoding="utf-8"))
    within = [asked_for(other) for other in meta.find_referenced_templates(tree)]
    set_here = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    return (meta.find_undeclared_variables(tree) - set_here).union(*within) - GIVEN_TO_ALL


def test_every_kind_is_looked_at():
    assert len(ONE_PAGES) > 15


@pytest.mark.parametrize("kind", ONE_PAGES, ids=lambda kind: kind.__name__)
def test_a_page_shows_its_fields_and_nothing_else(kind):
    assert asked_for(kind.template) == {field.name for field in fields(kind)}
