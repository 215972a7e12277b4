"""The Sphinx extension of the book: tables all can read, figures with words, titles that tell pages apart."""

import json
import re
from collections import Counter
from functools import cache
from html import escape, unescape
from typing import Any, ClassVar

import nh3
from docutils import nodes
from myst_nb.core import render
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.domains.math import MathDomain
from sphinx.environment import BuildEnvironment
from sphinx.search import _JavaScriptIndex
from sphinx.search.en import SearchEnglish
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from evalkit.book.sphinx import confinement, generated_pages, incremental, navigation
from evalkit.project import FIGURE_MIME, GENERATED

EFFECT_MIME_TYPE = "application/vnd.evalkit.effect+json"
SHOWN_AS_PLAIN_TEXT = (
    "text/markdown", "text/latex", "image/svg+xml", "application/javascript", "application/vnd.jupyter.widget-view+json",
)  # fmt: skip
HARMLESS_TAGS = {
    "a", "b", "br", "caption", "code", "dd", "details", "div", "dl", "dt", "em", "i", "li", "ol", "p", "pre", "small", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
HARMLESS_ATTRIBUTES = {
    "*": {"class"}, "a": {"href"}, "div": {"aria-label", "role", "tabindex"}, "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}  # fmt: skip

logger = logging.getLogger(__name__)


class NotebookOutputs:
    """A myst-nb renderer for what it cannot treat as we need.

    A published effect is for `runs` to collect, so the page shows nothing of it. A picture brings its alt text as
    metadata of the output, as Jupyter has it; myst-nb itself knows only one text for all pictures of a cell. HTML keeps
    the elements of a table or a text and nothing that acts; of what else could act or be read as markup the page shows
    the plain text.
    """

    mime_priority_overrides: ClassVar = [
        ("*", EFFECT_MIME_TYPE, 0),
        ("*", FIGURE_MIME, 0),
        *(("*", mime_type, None) for mime_type in SHOWN_AS_PLAIN_TEXT),
    ]

    @staticmethod
    def handle_mime(renderer, data, inline):
        """The nodes to show; None leaves the output to the next renderer."""
        if data.mime_type == EFFECT_MIME_TYPE:
            return [nodes.raw("", "", format="html")]
        if data.mime_type == FIGURE_MIME:
            # Made with a generated page (book.content.notebook_figures); nobody else's is shown.
            ours = renderer.renderer.document.settings.env.docname.startswith(f"{GENERATED.as_posix()}/")
            return [generated_pages.Drawn(html=data.string if ours else "")]
        if data.mime_type == "text/html":
            return [nodes.raw("", harmless(data.string), format="html", classes=["output", "text_html"])]
        alt = data.output_metadata.get(data.mime_type, {}).get("alt")
        if alt and data.mime_type.startswith("image/"):
            pictures = renderer.render_image(data)
            for picture in pictures:
                picture["alt"] = alt
            return pictures
        return None


def harmless(html: str) -> str:
    """HTML of a notebook's output without scripts, styles, pictures, forms, ids and addresses that are no web pages."""
    return nh3.clean(
        html, tags=HARMLESS_TAGS, clean_content_tags={"script", "style"}, attributes=HARMLESS_ATTRIBUTES, link_rel=None,
        url_schemes={"http", "https"},
    )  # fmt: skip


class FoldedCode(SphinxPostTransform):
    """Fold the code of every notebook, tagged or not: the reader came for the answer. Runs before myst-nb's folding."""

    default_priority = 198
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code" and not cell.get("hide_mode"):
                cell["hide_mode"] = "input"
                cell["prompt_show"] = cell["prompt_hide"] = "Code"


class ReadableTables(HTML5Translator):
    """Every table stands in a box that scrolls by itself and by keyboard; headers say what they head."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.box_names: Counter[str] = Counter()

    def visit_table(self, node: nodes.Element) -> None:
        caption = node.next_node(nodes.title)
        self.body.append(_scroll_box(caption.astext() if caption else None, node, self.box_names))
        super().visit_table(node)

    def depart_table(self, node: nodes.Element) -> None:
        super().depart_table(node)
        self.body.append("</div>\n")

    def visit_entry(self, node: nodes.entry) -> None:
        super().visit_entry(node)
        assert node.parent is not None  # a row
        scope = "col" if isinstance(node.parent.parent, nodes.thead) else "row"
        self.body[-1] = self.body[-1].replace("<th ", f'<th scope="{scope}" ')

    def visit_raw(self, node: nodes.raw) -> None:
        text = node.astext()
        if node.get("format") == "html" and "<table" in text and "ek-scroll" not in text:
            text = re.sub(r"<style scoped>.*?</style>", "", text, flags=re.DOTALL)
            text = re.sub(
                r"<table.*?</table>", lambda match: _mended(match[0], node, self.box_names), text, flags=re.DOTALL
            )
            node = nodes.raw("", text, format="html", classes=node["classes"])
        super().visit_raw(node)


class FiguresHaveWords(SphinxPostTransform):
    """Warn of a picture without alt text: Sphinx would put the file's path there, which a screen reader reads out."""

    default_priority = 400
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for image in self.document.findall(nodes.image):
            if not image.get("alt", "").strip():
                logger.warning(
                    'a picture has no alt text: give :alt:, or in a notebook display(..., metadata={"image/png": {"alt": ...}})',
                    type="evalkit",
                    subtype="alt",
                    location=image,
                )


def _scroll_box(caption: str | None, near: nodes.Node, names: Counter) -> str:
    """The opening tag. Named regions of a page must differ, so a repeated name is numbered."""
    section = near
    while section is not None and not isinstance(section, nodes.section):
        section = section.parent
    name = caption or f"Table: {section[0].astext() if section is not None else 'figures'}"
    names[name] += 1
    if names[name] > 1:
        name = f"{name} ({names[name]})"
    return f'<div class="ek-scroll" role="region" tabindex="0" aria-label="{escape(name)}">'


def _mended(table: str, near: nodes.Node, names: Counter) -> str:
    """A table of pandas without its border and its empty corner header, and with the scope of each header."""
    caption = re.search(r"<caption[^>]*>(.*?)</caption>", table, flags=re.DOTALL)
    opening = _scroll_box(unescape(re.sub(r"<[^>]+>", "", caption[1])).strip() if caption else None, near, names)
    table = re.sub(r' (border="\d+"|style="text-align: right;")', "", table)
    table = re.sub(r"<th[^>]*>\s*</th>", "<td></td>", table)
    head, end, body = table.partition("</thead>")
    head, body = head.replace("<th>", '<th scope="col">'), body.replace("<th>", '<th scope="row">')
    return f"{opening}{head}{end}{body}</div>"


def _open_code(translator, node) -> None:
    """Code is folded away under a name that is also its label; myst-nb's own label contradicts what is seen."""
    translator.body.append('<details class="ek-code"><summary>Code</summary>\n')


def _close_code(translator, node) -> None:
    translator.body.append("</details>\n")


class EnglishForFigures(SearchEnglish):
    """The search index's English for a book full of figures: the search passes over bare numbers, so they are no words.

    Each word of the book is stemmed once instead of once a page.
    """

    def __init__(self, options: dict) -> None:
        super().__init__(options)
        self.stem = cache(super().stem)

    def split(self, input: str) -> list[str]:
        """The words of a text, each once: a page of lists says the same words again and again."""
        return [word for word in dict.fromkeys(super().split(input)) if not word.isdecimal()]


class CompactIndex(_JavaScriptIndex):
    """The search index without a blank after each comma, of which it has a hundred thousand.

    Names of the files that pages were read from are left out: no hit shows them, and each says again how its page is called.
    So are titles of pages among those of sections: ``titles`` has them, and ``search.js`` puts them back.
    """

    def dumps(self, data: Any) -> str:
        """As Sphinx writes it, shorter."""
        sections = {
            title: kept
            for title, places in data["alltitles"].items()
            if (kept := [place for place in places if place[1]])
        }
        shorter = {**data, "filenames": [], "alltitles": sections}
        return self.PREFIX + json.dumps(shorter, sort_keys=True, separators=(",", ":")) + self.SUFFIX

    def loads(self, s: str) -> Any:
        """As Sphinx goes on from it: it asks for a file of each page, which it writes down and never opens."""
        data = super().loads(s)
        every = {title: list(places) for title, places in data["alltitles"].items()}
        for page, title in enumerate(data["titles"]):
            every.setdefault(unescape(re.sub(r"<[^>]+>", "", title)), []).append([page, None])
        return {**data, "filenames": data["docnames"], "alltitles": every}


class FormulasOfThePage(MathDomain):
    """Sphinx counts those of all pages below as a page's own, and so would load 2 MB of MathJax for none of them."""

    def has_equations(self, docname: str | None = None) -> bool:
        """Of one page, or of any."""
        if docname is None:
            return super().has_equations()
        return self.data["has_equations"].get(docname, False)


def _titles_differ(app: Sphinx, env: BuildEnvironment) -> None:
    """Two pages of one name under one parent can not be told apart in the contents, in a tab or in search."""
    parents = navigation.parent_of_each(env)
    seen: dict[tuple, str] = {}
    for docname, title in sorted(env.titles.items()):
        key = (parents.get(docname), title.astext())
        if key in seen:
            words = f"the title {title.astext()!r} is also that of {seen[key]}"
            logger.warning(words, location=docname, type="evalkit", subtype="title")
        seen[key] = docname


def _write_compact_index(app: Sphinx) -> None:
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.indexer_format = CompactIndex()


def _page_context(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """What layout.html needs besides Sphinx's own: the contents, a policy, a title in which a notebook names its evaluation."""
    formulas = app.env.get_domain("math")
    assert isinstance(formulas, MathDomain)
    context["policy"] = confinement.content_security_policy(formulas.has_equations(pagename))
    if pagename == "search":
        context["search_data"] = generated_pages.part(app, "index-parts/search.html")
    context["contents"] = vars(app)["evalkit_contents"].seen_from(pagename)
    parents = context.get("parents") or []
    if len(parents) > 1 and context.get("title"):
        context["page_title"] = f"{context['title']} – {parents[-1]['title']}"


def setup(app: Sphinx) -> dict:
    """Connect everything. The renderers of myst-nb come from entry points; its cached list takes ours without one."""
    if NotebookOutputs not in render.load_mime_renders():
        render.load_mime_renders().append(NotebookOutputs)  # ty: ignore[invalid-argument-type]  # it means the class
    app.add_search_language(EnglishForFigures)
    app.connect("builder-inited", _write_compact_index)
    app.add_domain(FormulasOfThePage, override=True)
    app.add_node(HideCodeCellNode, override=True, html=(_open_code, _close_code))
    app.add_node(generated_pages.Drawn, html=(generated_pages.write_drawn, None))
    app.set_translator("html", ReadableTables)
    app.add_post_transform(FoldedCode)
    app.add_post_transform(FiguresHaveWords)
    confinement.connect(app)
    generated_pages.connect(app)
    navigation.connect(app)
    incremental.connect(app)
    app.connect("env-check-consistency", lambda app, env: _titles_differ(app, env))
    app.connect("html-page-context", _page_context)
    # What Sphinx kept for another version of this is not read.
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
