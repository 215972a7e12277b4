"""A page shows what lies below ``book/``, whatever it asks for."""

import json
import os
from pathlib import Path

import pytest
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document

from evalkit.book.build import build
from evalkit.book.sphinx.extension import harmless
from evalkit.book.sphinx.generated_pages import page_nodes
from evalkit.book.sphinx.html import HTML
from evalkit.catalogue.files.page_settings import check_pages, page_problems
from evalkit.errors import EvaluationError
from evalkit.project import GENERATED
from tests.support.synthetic_book import made_up, make_project, site_id

SECRET = "the words of a file beside the book"
PAGE = Path("book", "about", "accessibility.md")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A book of one evaluation, published, with files beside it."""
    folder = tmp_path_factory.mktemp("confined")
    make_project(folder)
    (folder / "secret.txt").write_text(SECRET, encoding="utf-8")
    (folder / "secret.png").write_bytes((next((folder / "made-up").glob("*.png"))).read_bytes())
    (folder / "results" / site_id(1)).mkdir(parents=True)
    (folder / "results" / site_id(1) / "visits.json").write_text("{}")
    _build(folder)
    return folder


def _build(folder: Path) -> None:
    build(folder, *made_up(folder, [1]), incremental=True)


def _published(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in (folder / HTML).rglob("*") if path.is_file()}


def test_a_page_that_shows_files_from_outside_is_refused_and_told_of_each(project, capfd):
    before, page = _published(project), project / PAGE
    now = page.read_text(encoding="utf-8")
    texts = (
        "![words](../../secret.png)",
        "```{figure} /made-up/figure.png\n:alt: words\n```",
        "{download}`words <../../secret.txt>`",
    )
    page.write_text("\n\n".join([now, *texts]) + "\n", encoding="utf-8")
    try:
        with pytest.raises(EvaluationError, match="The book built before is unchanged"):
            _build(project)
    finally:
        page.write_text(now, encoding="utf-8")
    said = capfd.readouterr().err
    for name in ("secret.png", "made-up/figure.png", "secret.txt"):
        assert f"book/about/accessibility shows {name}, which lies outside book/" in said
    assert _published(project) == before


COMPUTES = {
    "code": ("file_format: mystnb\nmystnb: {{execution_mode: force}}\n", "```{{code-cell}}\nopen({touched!r}, 'w')\n```", ["file_format", "mystnb"]),
    "code that is loaded": ("file_format: mystnb\nkernelspec: {{name: python3}}\n", "```{{code-cell}}\n:load: ../../secret.txt\n```", ["file_format", "kernelspec"]),
    "as Jupytext writes it": ("jupytext: {{text_representation: {{format_name: myst}}}}\n", "```{{code-cell}}\n1\n```", ["jupytext"]),
    "substitutions": ("myst: {{enable_extensions: [substitution], substitutions: {{a: b}}}}\n", "{{{{ cycler.__init__.__globals__.os.popen('touch {touched}').read() }}}}", ["myst"]),
    "elsewhere": ("html_meta: {{'http-equiv=refresh': 0}}\n", "", ["html_meta"]),
}  # fmt: skip


# Sphinx stops for what a check finds: the quick form has it stop for one that would run by itself and one that would not.
@pytest.mark.parametrize(
    "what",
    [pytest.param(what, marks=[] if what in ("code", "substitutions") else pytest.mark.slow) for what in COMPUTES],
)
def test_settings_of_a_page_that_compute_are_refused(project, what, capfd):
    page, touched = project / "book" / "about" / "loading.md", project / "touched"
    _write_page_that_computes(page, what, touched)
    try:
        with pytest.raises(EvaluationError, match="The book built before is unchanged"):
            _build(project)
        checked = [str(problem) for problem in check_pages(project, project / GENERATED)]
    finally:
        page.unlink()
    said = capfd.readouterr().err
    assert not touched.exists()
    assert checked
    assert all(problem in said for problem in checked)


@pytest.mark.parametrize("what", COMPUTES)
def test_a_check_names_settings_of_a_page_that_compute(project, what):
    page, names = project / "book" / "about" / "loading.md", COMPUTES[what][2]
    _write_page_that_computes(page, what, project / "touched")
    try:
        checked = [str(problem) for problem in check_pages(project, project / GENERATED)]
    finally:
        page.unlink()
    assert [problem.split("`")[1] for problem in checked] == names
    for number, (problem, name) in enumerate(zip(checked, names, strict=True), start=2):
        assert problem.startswith(f"book/about/loading.md, line {number}: `{name}` is no setting of a page here")


def _write_page_that_computes(page: Path, what: str, touched: Path) -> None:
    fields, body, _ = COMPUTES[what]
    page.write_text(f"---\n{fields.format()}---\n# Loading\n\n{body.format(touched=str(touched))}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\norphan: true\n---\n# A", []),
        ("# A\n\n---\nmyst: x\n---\n", []),
        ("---\nmyst: x", ["begins with ---"]),
        ("---\n...\nmyst: x\n---\n", ["is not valid YAML"]),
        ("----\nmyst: x\n----\n", ["begins with ---"]),
        ("---x\nmyst: x\n---\n", ["begins with ---"]),
        ("---\r\nmyst: x\r\n---\r\n", ["`myst`"]),
        ("---\nmyst: x\n ---\n# A", ["begins with ---"]),
        ("---\norphan: true\nmyst: x\nmystnb: y\n---\n", ["`myst`", "`mystnb`"]),
        ("---\n- myst\n---\n", ["should hold"]),
        ("---\n<<: {myst: x}\n---\n", ["`myst`"]),
        ('---\n"m\\x79st": x\n---\n', ["`myst`"]),
    ],
)
def test_the_fields_at_the_top_of_a_page(text, said):
    problems = page_problems(text, "book/page.md")
    assert len(problems) == len(said)
    assert all(word in str(problem) for word, problem in zip(said, problems, strict=True)), problems


@pytest.mark.parametrize("name", ["mystnb", "myst", "jupytext", "file_format"])
def test_the_metadata_of_a_notebook(name):
    text = json.dumps({"cells": [], "metadata": {"kernelspec": {}, name: {"execution_mode": "force"}}})
    (problem,) = page_problems(text, "book/page.ipynb")
    assert f"`{name}` is no setting" in str(problem)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"metadata": []}', "null"])
def test_what_is_no_notebook(text):
    assert len(page_problems(text, "book/page.ipynb")) == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("name", ["about/linked.md", "_static/linked.css", "read/folder"])
def test_a_link_is_refused_before_anything_is_read(copy_project, tmp_path, name):
    project = copy_project(tmp_path)
    (tmp_path / "book" / name).symlink_to(tmp_path if name.endswith("folder") else "/etc/hostname")
    said = project.evalkit("book")
    assert said.status == 2
    assert said.err.startswith(f"book/{name}: is a link, a pipe or a device: put the file itself in its place.")


class TestGeneratedPages:
    def _nodes(self, text: str):
        document = new_document("page", get_default_settings(Parser()))
        document.extend(page_nodes(text, document, "book/generated/page"))
        return document

    def test_headings_begin_sections_within_sections(self):
        text = "<ek-h1>One</ek-h1>\n<p>a</p>\n<ek-h2>Two</ek-h2>\n<ek-h3>Three</ek-h3>\n<p>b</p>\n<ek-h2>Four</ek-h2>"
        (top,) = self._nodes(text).children
        assert [child.tagname for child in top] == ["title", "raw", "section", "section"]
        assert top.astext().split() == ["One", "<p>a</p>", "Two", "Three", "<p>b</p>", "Four"]
        assert top["ids"] == ["one"]

    def test_text_is_text(self):
        (section,) = self._nodes("<ek-h1>&lt;ek-h2&gt;*a* $b$ `c` &amp;lt;</ek-h1>").children
        assert section[0].children == [section[0][0]]
        assert section.astext() == "<ek-h2>*a* $b$ `c` &lt;"

    def test_a_figure_lies_beside_its_page(self):
        (figure,) = self._nodes('<ek-figure src="a.svg" alt="A &#34;b&#34;" title="T.">C</ek-figure>').children
        assert (figure[0]["uri"], figure[0]["alt"]) == ("/book/generated/a.svg", 'A "b"')
        assert figure[1].astext() == "T.\nC"


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<table class='a'><tr><th scope='col'>1 &lt; 2</th></tr></table>", "1 &lt; 2"),
        ("<b onclick='x()'>a</b>", "<b>a</b>"),
        ("a<script>x()</script>b", "ab"),
        ("<style>* {}</style>a", "a"),
        ("<a href='javascript:x()'>a</a>", "<a>a</a>"),
        ("<iframe src='x'></iframe><img src=x onerror=y>a", "a"),
        ("<p id='main-content' style='color: red'>a</p>", "<p>a</p>"),
    ],
)
def test_what_is_left_of_a_notebooks_html(html, left):
    assert left in harmless(html)
    assert not {"script", "onclick", "onerror", "javascript", "style", "id="} & set(
        harmless(html).replace(" ", "<").split("<")
    )
