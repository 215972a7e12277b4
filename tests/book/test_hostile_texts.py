"""Texts of records, tables and notebooks that would like to be markup: all of them are only ever shown."""

import json
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import nbformat
import pytest
import yaml

from tests.conftest import CommandOutput, Project
from tests.pipeline.conftest import copy_example  # noqa: F401 - a fixture
from tests.support.browsing import ASKED, addresses, browser_only
from tests.support.page_kinds import short_and_long

SECRET = "the words of a file beside the project"
# Each sets `hurt` or brings in the secret where it is read as markup.
TRICKS = (
    "<script>hurt=1</script>",
    '<img src=x onerror="hurt=1">',
    "\n````\n\n<script>hurt=1</script>\n\n````{raw} html",
    "\n```{include} ../../secret.txt\n```\n",
    "\n:::{literalinclude} ../../secret.txt\n:::\n",
    "{download}`../../secret.txt`",
    "![words](../../secret.png)",
    r"$\href{javascript:hurt=1}{x}$ and $$y^2$$ and \(z\)",
    "[a link](javascript:hurt=1) <https://example.org>",
    '</title></ek-h1><ek-figure src="/secret.png" alt="x" title="y"></ek-figure><ek-pages>x</ek-pages>',
    "{{ 7 * 7 }}{% include 'secret.txt' %} {0} %(x)s",
    "&lt;b&gt; &#60;script&#62;hurt=1",
    "*stars* _lines_ **both** `code` ~~struck~~ [^note] <!-- gone -->",
    "</script><script>hurt=1</script>",
    "' onmouseover='hurt=1' autofocus onfocus='hurt=1",
    "\n# A heading\n\n- a list\n\n| a | table |\n|---|---|\n",
    "%include secret.txt\n---\nnosearch: true\n---\n",
    "{eval-rst}`x` |substitution| :doc:`x` {ref}`y` (target)=",
    "<svg onload=hurt=1><style>*{display:none}</style><iframe srcdoc='<script>parent.hurt=1</script>'>",
)  # fmt: skip
FREE = {
    "answer", "author", "because", "conflict_of_interest", "contributor_role", "context", "definition", "description", "funded_by",
    "means", "name", "opening", "place", "plain_name", "plain_words", "publisher", "question", "reason", "response", "says",
    "sentence", "source", "stands_for", "term", "title", "transfers_when", "does_not_transfer_when", "unit", "what",
    "what_happened", "where", "why", "caveats", "limits",
}  # fmt: skip
HEADINGS = {"name", "plain_name", "term", "title", "unit"}  # a line break is refused in these
NAMES = {("table", "name"), ("table", "unit")}  # by which records name a table, a column or a licence
ON_NO_PAGE = {
    "example-ward-rounds: name",  # of the change itself: pages have the evaluation's title
    "registers: name",  # who gives codes is said in errors
}
# An item with a field of every kind.
ITEM = {
    "id": "hostile", "type": "barrier", "title": "Somebody stood in the way", "programme": "new-care-models-2015",
    "themes": ["workforce"], "lessons": ["engine-room"], "audience": ["project-team"], "stage": "run", "strength": "stated",
    "evidence": [{"kind": "document", "ref": "ten-lessons-blog", "says": "So it says."}], "response": "They <b>spoke</b>.",
    "what_happened": "It went on.", "transfers_when": "It is alike.", "does_not_transfer_when": "It is not.",
    "contributor_role": "A nurse", "status": "published", "date": "2026-11-01",
}  # fmt: skip
# A notebook that shows the same in every form that Jupyter has.
DISPLAY = """\
from IPython.display import display
for trick in {tricks!r}:
    print(trick)
    for form in ("text/html", "text/markdown", "text/latex", "image/svg+xml", "application/javascript"):
        display({{form: trick, "text/plain": trick}}, raw=True)
"""
BY_HAND = """

```{include} ../../secret.txt
```

```{literalinclude} ../../secret.txt
```

```{raw} html
:file: ../../secret.txt
```

```{csv-table} A table
:file: ../../secret.txt
```

```{eval-rst}
.. include:: ../../secret.txt
.. literalinclude:: /../secret.txt
```

```{generated} ../../../secret.txt
```
"""


class Poison:
    """Puts tricks into texts, each with a mark of its own, and remembers what a reader has to see."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._tricks = cycle(TRICKS)

    def text(self, kind: str, text: str, one_line: bool) -> str:
        mark = f"mark{len(self.texts)}x"
        trick = " ".join(next(self._tricks).split()) if one_line else next(self._tricks)
        self.texts[f"{kind} {mark}"] = f"{mark} {trick} {mark}"
        return f"{text} {mark} {trick} {mark}"

    def record(self, kind: str, value, key: str = ""):
        if isinstance(value, dict):
            return {name: self.record(kind, inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.record(kind, inner, key) for inner in value]
        if not isinstance(value, str) or key not in FREE or (kind, key) in NAMES:
            return value
        return self.text(f"{kind}: {key}", value, one_line=key in HEADINGS)


def _poisoned(project: Project) -> Poison:
    data, poison = project.root / "data", Poison()
    body = "\n\n".join(TRICKS)
    (data / "learning" / "hostile.md").write_text(f"---\n{yaml.safe_dump(ITEM)}---\n{body}\n", encoding="utf-8")
    for path in sorted(data.rglob("*.y*ml")):
        if path.stem != "vocabularies":
            record = poison.record(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")))
            path.write_text(yaml.safe_dump(record, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for path in sorted((data / "learning").glob("*.md")):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        record = yaml.safe_dump(poison.record("item", yaml.safe_load(front)), sort_keys=False, allow_unicode=True)
        path.write_text(f"---\n{record}---\n{body.strip()}\n", encoding="utf-8")
    package = data / "datapackage.json"
    described = poison.record("table", json.loads(package.read_text(encoding="utf-8")))
    package.write_text(json.dumps(described), encoding="utf-8")
    return poison


CHARTED = """\
ae-four-hour-all:
  table: ae-monthly-2020-2026
  kind: xmr
  season: left
  first: 2021-07
  why: Words of somebody.
"""


@pytest.fixture(scope="module")
def poisoned(copy_example, tmp_path_factory) -> tuple[Project, CommandOutput, Poison]:  # noqa: F811
    """A book of one evaluation with a trick in every free text of every record, and in its notebook's outputs."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "secret.txt").write_text(SECRET, encoding="utf-8")
    project = copy_example(folder / "project")
    (project.root / "data" / "control_charts.yml").write_text(CHARTED, encoding="utf-8")
    poison = _poisoned(project)
    template = project.root / "book" / "notebooks" / "interrupted-time-series.ipynb"
    notebook = nbformat.read(template, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(DISPLAY.format(tricks=TRICKS)))
    nbformat.write(notebook, template)
    project.edit("book/about/data.md", lambda text: text + BY_HAND)
    said = project.evalkit("book")
    assert said.status == 0, said.err
    return project, said, poison


def _files(project: Project) -> Iterator[Path]:
    return (path for path in (project.root / "_build" / "html").rglob("*") if path.is_file())


def test_nothing_from_outside_is_published(poisoned):
    project, said, _ = poisoned
    assert [path.name for path in _files(project) if SECRET.encode() in path.read_bytes()] == []
    assert said.err.count("book/about/data.md") >= 5  # each of which is told
    assert SECRET not in said.err


def test_check_names_every_field_that_looks_like_markup(poisoned):
    project, _, _ = poisoned
    said = project.evalkit("check", "--all")
    assert said.status == 0
    looked = re.findall(r"^data/(\S+?)(?:, line \d+)?: `(\w+)` holds signs of HTML or Markdown", said.err, re.MULTILINE)
    assert {"evaluations/example-ward-rounds.yml", "learning/hostile.md", "glossary.yml", "datapackage.json"} <= {
        file for file, _ in looked
    }
    assert {"title", "what", "means", "response", "because"} <= {field for _, field in looked}
    assert "hurt" not in said.err  # a place, not the text


@pytest.mark.browser
class TestInABrowser:
    pytestmark = browser_only

    @short_and_long
    def test_every_text_is_literal_and_no_script_runs(self, poisoned, browser, form):
        project, _, poison = poisoned
        html = project.root / "_build" / "html"
        page = browser.new_page()
        seen, hurt, blocked = [], [], []
        page.on("console", lambda message: blocked.append(message.text) if message.type == "error" else None)
        for name, address in (addresses(html) if form == "long" else _with_something_of_their_own(html)).items():
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(details => (details.open = true))")
            hurt += [name] if page.evaluate("typeof hurt !== 'undefined'") else []
            seen.append(_plain(page.evaluate("document.body.textContent") + " " + page.title()))
        assert hurt == []
        assert blocked == []
        everything = "\n".join(seen)
        shown = {kind: _plain(text) for kind, text in poison.texts.items() if f"{kind.split()[-1]} " in everything}
        assert {kind: text for kind, text in shown.items() if text not in everything} == {}
        kinds = {kind.rpartition(" ")[0] for kind in shown}
        assert {kind.rpartition(" ")[0] for kind in poison.texts} - kinds == ON_NO_PAGE

    def test_search_shows_titles_as_text(self, poisoned, browser):
        project, _, _ = poisoned
        page = browser.new_page()
        page.goto((project.root / "_build" / "html" / "search.html").as_uri() + "?q=rounds")
        page.wait_for_selector("#search-results li a")
        assert page.locator("#search-results a :not(mark)").count() == 0
        assert page.evaluate("typeof hurt === 'undefined'")


def _with_something_of_their_own(html: Path) -> dict[str, str]:
    """Pages with a trick beside their navigation that no page of their folder had before, or with a new script."""
    chosen, seen = {}, set()
    for name, address in addresses(html).items():
        text = (html / name.partition("?")[0]).read_text(encoding="utf-8")
        scripts = set(re.findall(r'<script[^>]* src="(?:\.\./)*([^"?]+)', text))
        folder = name.rpartition("/")[0]
        tricks = {f"{folder}: {trick}" for trick in re.findall(r"mark\d+x|hurt", text[text.index("<main") :])}
        if (scripts | tricks) - seen or name in ASKED:
            chosen[name] = address
            seen |= scripts | tricks
    return chosen


def _plain(text: str) -> str:
    """One line, quotation marks straight."""
    return " ".join(re.sub("[‘’]", "'", re.sub("[“”]", '"', text)).split())
