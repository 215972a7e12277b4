"""The page of the names that `evalkit` offers: made from their docstrings, with nothing left out."""

import doctest
import inspect
import re
from html import unescape
from pathlib import Path

import pytest
from docutils.utils import SystemMessage

import evalkit as ek
from evalkit.book.content import public_names
from evalkit.book.page_writer import write_pages
from tests.support.synthetic_book import made_up, make_project

NAMES = [name for name in ek.__all__ if name != "__version__"]


@pytest.fixture(scope="module")
def sections(tmp_path_factory) -> dict[str, str]:
    """What the page says of each name, by its heading; of the page itself, below an empty one."""
    folder = tmp_path_factory.mktemp("book")
    make_project(folder)
    write_pages(folder / "book" / "generated", *made_up(folder, [1]))
    text = Path(folder, "book", "generated", "api.html").read_text(encoding="utf-8")
    first, *others = re.split(r"<ek-h2[^>]*>(.*?)</ek-h2>", text)
    return {"": first, **dict(zip(others[::2], others[1::2], strict=True))}


def test_every_name_has_a_section_and_a_link_to_it(sections):
    assert sorted(sections) == ["", *sorted(f"ek.{name}" for name in NAMES)]
    assert len(re.findall(r'<a href="#[a-z-]+">[^`<]+</a>', sections[""])) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_examples_and_their_output_are_shown_as_they_are_run(sections, name):
    shown = unescape(sections[f"ek.{name}"])
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(getattr(ek, name)))
    assert examples
    for example in examples:
        assert f">>> {example.source.splitlines()[0]}\n" in shown
        assert example.want in shown


@pytest.mark.parametrize("name", [name for name in NAMES if inspect.isfunction(getattr(ek, name))])
def test_every_parameter_is_described(sections, name):
    described = re.findall(r"<code>(\w+)</code>", "".join(re.findall(r"<dt>.*?</dt>", sections[f"ek.{name}"])))
    assert described == list(inspect.signature(getattr(ek, name)).parameters)


def test_what_an_effect_can_do_is_shown_without_what_is_private(sections):
    called = re.findall(r"<dt><code>(.*?)</code></dt>", sections["ek.Effect"])
    assert called == ["is_estimated", "headline", "about", "comparators_used", "at(month, scale=None)", "published(rule)", "to_dict()", "from_dict(plain)"]  # fmt: skip


@pytest.mark.parametrize("docstring", ["Gives ``one", "*never ends", ".. include:: /etc/hostname"])
def test_what_cannot_be_shown_stops_the_book(monkeypatch, docstring):
    monkeypatch.setattr(ek.load, "__doc__", f"What it is.\n\n{docstring}")
    with pytest.raises(SystemMessage):
        public_names.public_names()
