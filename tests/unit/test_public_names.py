"""The names that `evalkit` offers: each is documented whole, and its examples give what they say."""

import doctest
import inspect
from dataclasses import fields

import pytest
from IPython.core.interactiveshell import InteractiveShell
from numpydoc.docscrape import ClassDoc
from numpydoc.validate import validate

import evalkit as ek
from evalkit.charts.chart import PHASE_COLUMNS, POINT_COLUMNS
from evalkit.effect import ESTIMATE_COLUMNS, SERIES_COLUMNS, TABLES

NAMES = [name for name in ek.__all__ if name != "__version__"]
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(ek, name))]
# No docstring, summary, examples; a parameter that is missing, unknown, in another order, without type or without words;
# nothing said of what is returned or raised.
WANTED = {"GL08", "SS01", "EX01", "PR01", "PR02", "PR03", "PR04", "PR07", "RT01", "RT03"}


@pytest.fixture
def shell(root, monkeypatch):
    """Displays print plain text, as in a terminal; examples load real tables."""
    monkeypatch.chdir(root)
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("name", NAMES)
def test_examples(name, shell):
    examples = doctest.DocTestParser().get_doctest(getattr(ek, name).__doc__, {}, f"ek.{name}", None, None)
    said = []
    doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE).run(examples, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize("name", NAMES)
def test_documented(name):
    home = getattr(ek, name).__module__
    wanted = WANTED if name in FUNCTIONS else {"GL08", "SS01", "EX01"}
    found = {code: words for code, words in validate(f"{home}.{name}")["errors"] if code in wanted}
    assert not found
    assert name not in FUNCTIONS or "Raises\n" in getattr(ek, name).__doc__


@pytest.mark.parametrize("name", ["Chart", "Check", "Effect"])
def test_every_field_is_described(name):
    kind = getattr(ek, name)
    described = [one for entry in ClassDoc(kind)["Attributes"] if entry.desc for one in entry.name.split(", ")]
    assert {field.name for field in fields(kind)} <= set(described)


def test_every_column_and_table_of_an_effect_is_named():
    assert all(name in ek.Effect.__doc__ for name in (*ESTIMATE_COLUMNS, *SERIES_COLUMNS, *TABLES))


def test_every_column_of_a_chart_is_named():
    assert all(name in ek.Chart.__doc__ for name in (*POINT_COLUMNS, *PHASE_COLUMNS))


def test_a_name_that_others_use_leads_to_ours():
    with pytest.raises(AttributeError, match=r'it is `difference_in_differences\(..., method="synthetic"\)` here'):
        ek.synthetic_control  # noqa: B018
    with pytest.raises(AttributeError, match=r"has no attribute 'nothing'$"):
        ek.nothing  # noqa: B018
