"""Generated pages for Sphinx: they are HTML, and nothing in them is ever read as Markdown.

A template writes HTML, in which Jinja has escaped every text of a record, and six elements of ours for what Sphinx has
to know of a page. As no escaped text can hold a tag, none of it can become anything but text:

``<ek-h1>``, ``<ek-h2>``, ``<ek-h3>`` : a heading, which begins a section; ``id`` is a further name for it
``<ek-figure src alt title kind>`` : a picture beside the page, with its caption; ``kind``, a class, may be left out
``<ek-pages>`` : names of the pages below this one, one in a line
``<ek-unsearched>`` : HTML whose words are no place to find the page by
``<ek-nosearch>`` : the page is found at its address alone
"""

import re
from html import unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.parsers import Parser
from sphinx.util.docutils import SphinxDirective

from evalkit.project import GENERATED

ELEMENT = re.compile(
    r"<ek-(h1|h2|h3|figure|pages|nosearch|unsearched)((?: [a-z]+=\"[^\"]*\")*)>(.*?)</ek-\1>", re.DOTALL
)
ATTRIBUTE = re.compile(r" ([a-z]+)=\"([^\"]*)\"")
NO_FORMULAS = ["tex2jax_ignore", "mathjax_ignore"]  # words for MathJax
FILE_TYPE = "evalkit-page"


class Drawn(nodes.Element):
    """A figure with its table as HTML; raw HTML is searched, and a table of names is no place to find a page by."""


def write_drawn(translator: Any, node: Drawn) -> None:
    """Its HTML, as it is."""
    translator.body.append(node["html"])
    raise nodes.SkipNode


class PageParser(Parser):
    """A generated page to nodes."""

    supported = (FILE_TYPE,)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Fill the document."""
        self.setup_parse(inputstring, document)
        document.extend(page_nodes(inputstring, document, self.env.docname))
        self.finish_parse()


class GeneratedPart(SphinxDirective):
    """``{generated} name``: a part below ``book/generated`` in a hand-written page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Its nodes, for the section where it stands."""
        folder = _folder(self.env.app)
        path = (folder / self.arguments[0]).resolve()
        if not path.is_relative_to(folder):
            raise self.error(f"{self.arguments[0]} is not below {GENERATED.as_posix()}.")
        self.env.note_dependency(str(path))
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise self.error(f"{self.arguments[0]} cannot be read: {error.strerror}.") from error
        return page_nodes(text, self.state.document, self.env.docname)


def _folder(app: Sphinx) -> Path:
    return (Path(app.confdir) / GENERATED).resolve()


def part(app: Sphinx, name: str) -> str:
    """A part for a page that Sphinx makes of a template; empty where there is none."""
    path = _folder(app) / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def page_nodes(text: str, document: nodes.document, docname: str) -> list[nodes.Node]:
    """The nodes of a page or a part of one, sections within sections."""
    top: list[nodes.Node] = []
    open_sections: list[tuple[int, nodes.section]] = []

    def add(node: nodes.Node) -> None:
        if open_sections:
            open_sections[-1][1].append(node)
        else:
            top.append(node)

    for kind, attributes, content in _elements(text):
        if kind == "html":
            add(nodes.raw("", content, format="html"))
        elif kind == "figure":
            add(_figure(document, docname, content, **attributes))
        elif kind == "pages":
            add(_pages_below(docname, content.split()))
        elif kind == "unsearched":
            add(Drawn(html=content))
        elif kind == "nosearch":
            top.append(_nosearch())
        else:
            level = int(kind[1])
            while open_sections and open_sections[-1][0] >= level:
                open_sections.pop()
            if "id" in attributes:
                target = nodes.target("", "", names=[attributes["id"]])
                document.note_explicit_target(target)
                add(target)
            section = _section(document, level, unescape(content))
            add(section)
            open_sections.append((level, section))
    return top


def _elements(text: str):
    """(kind, attributes, content) of each element of ours and of the HTML between them."""
    position = 0
    for match in ELEMENT.finditer(text):
        yield from _html(text[position : match.start()])
        attributes = {name: unescape(value) for name, value in ATTRIBUTE.findall(match[2])}
        yield match[1], attributes, match[3]
        position = match.end()
    yield from _html(text[position:])


def _html(text: str):
    if text.strip():
        yield "html", {}, text.strip("\n")


def _section(document: nodes.document, level: int, title: str) -> nodes.section:
    section = nodes.section("", nodes.title("", "", nodes.Text(title)))
    if level == 1:
        section["classes"].extend(NO_FORMULAS)
    section["names"].append(nodes.fully_normalize_name(title))
    document.note_implicit_target(section, section)
    return section


def _figure(
    document: nodes.document,
    docname: str,
    content: str,
    src: str,
    alt: str,
    title: str,
    kind: str = "",
    loading: str = "",
) -> nodes.figure:
    uri = src if src.startswith("/") else f"/{docname.rpartition('/')[0]}/{src}"
    caption = nodes.caption("", "", nodes.strong("", "", nodes.Text(title)))
    if content.strip():
        caption.append(nodes.Text("\n" + unescape(content).strip()))
    image = nodes.image("", uri=uri, alt=alt)
    if loading:  # of one that is folded: it is fetched when it is opened or printed
        image["loading"] = loading
    figure = nodes.figure("", image, caption)
    if kind:
        figure["classes"].append(kind)
    for node in (figure, image, caption):
        node.source, node.line = document["source"], 1
    return figure


def _pages_below(docname: str, names: list[str]) -> nodes.compound:
    folder = docname.rpartition("/")[0]
    below = [f"{folder}/{name}" for name in names]
    tree = addnodes.toctree(
        "", parent=docname, entries=[(None, name) for name in below], includefiles=below, maxdepth=-1, caption=None,
        glob=False, hidden=True, includehidden=False, numbered=0, titlesonly=True,
    )  # fmt: skip
    return nodes.compound("", tree, classes=["toctree-wrapper"])


def _nosearch() -> nodes.docinfo:
    field = nodes.field("", nodes.field_name("", "nosearch"), nodes.field_body("", nodes.paragraph("", "true")))
    return nodes.docinfo("", field)


def connect(app: Sphinx) -> None:
    """Let Sphinx read them, and hand-written pages show parts of them."""
    app.add_source_suffix(".html", FILE_TYPE)
    app.add_source_parser(PageParser)
    app.add_directive("generated", GeneratedPart)
