"""The page of an evaluation that is not in the book yet, in one file: made in a copy of the project, from its real templates."""

import base64
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from evalkit.book.sphinx.html import HTML
from evalkit.files import write_if_changed
from evalkit.project import GENERATED
from evalkit.runs.apart import project_copy, run_evalkit

OWN_STYLES = re.compile(
    r"_static/(?!pydata|vendor|design|mystnb|sphinx-book|togglebutton|copybutton|pygments|basic)[\w./-]+\.css"
)
OWN_SCRIPTS = ("_static/figure.js",)
ADDRESS = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
IS_A_DRAFT = (
    "A draft, made from {file} by evalkit preview. It is in no book, nobody has read it, and it is not for sharing."
)


def preview(root: Path, files: Mapping[Path, str], evaluation: str, file: str) -> str:
    """The page of an evaluation as HTML that needs nothing else.

    Parameters
    ----------
    files : what the project would have more, by path
    file : the name of the workbook, as the page says it

    Raises
    ------
    EvaluationError
        Where its analyses cannot be run, or the book cannot be built with it.
    """
    with project_copy(root, ("data", "book", "results", "_build")) as copy:
        for path, text in files.items():
            write_if_changed(copy / path.relative_to(root), text)
        run_evalkit(copy, "run", evaluation)
        run_evalkit(copy, "build", "--incremental")
        html = copy / HTML
        page = html / GENERATED / "evaluations" / evaluation / "index.html"
        return in_one_file(page, html, IS_A_DRAFT.format(file=file))


def in_one_file(page: Path, html: Path, notice: str) -> str:
    """A page of the book with its styles, script and pictures in it; links to other pages become text."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    article = soup.find(id="main-content")
    assert isinstance(article, Tag)  # every page of the book has one
    article.name, article.attrs = "div", {}
    for taken_away in article.select(".ek-take"):
        taken_away.decompose()
    for link in article.find_all("a"):
        address = str(link.get("href", ""))
        if address.startswith(("#", "http://", "https://")):
            continue
        if link.parent and link.parent.name == "li" and link.parent.get_text() == link.get_text():
            link.parent.decompose()
        else:
            link.unwrap()
    for script in article.find_all("script", src=True):
        script.decompose()
    for picture in article.find_all(["img", "source"]):
        for name in ("src", "srcset"):
            if picture.get(name):
                picture[name] = _as_data(page.parent, str(picture[name]))
    styles = [
        _styles(page.parent, str(link["href"]))
        for link in soup.find_all("link", rel="stylesheet")
        if OWN_STYLES.search(str(link["href"]))
    ]
    scripts = [(html / name).read_text(encoding="utf-8") for name in OWN_SCRIPTS]
    title = soup.title.get_text() if soup.title else "Draft"
    one = BeautifulSoup(
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        "</head><body><main></main></body></html>",
        "html.parser",
    )
    assert one.head
    assert one.main
    head, main = one.head, one.main
    head.append(_with_text(one, "title", f"Draft: {title}"))
    for text in (*styles, _PAGE):
        head.append(_with_text(one, "style", text))
    main.append(_with_text(one, "p", notice, {"class": "draft", "role": "note"}))
    main.append(article)
    for text in scripts:
        main.append(_with_text(one, "script", text))
    return str(one)


_PAGE = (
    "body{margin:0;font-family:system-ui,sans-serif;line-height:1.5}main{max-width:60rem;margin:0 auto;padding:1rem}"
    ".draft{border:2px solid;padding:.75rem;font-weight:600}.headerlink{display:none}img,svg{max-width:100%;height:auto}"
)


def _with_text(soup: BeautifulSoup, name: str, text: str, attributes: Mapping[str, str] | None = None) -> Tag:
    made = soup.new_tag(name, attrs=dict(attributes or {}))
    made.string = text
    return made


def _styles(folder: Path, address: str) -> str:
    path = folder / unquote(urlsplit(address).path)
    return ADDRESS.sub(lambda match: f"url({_as_data(path.parent, match[1])})", path.read_text(encoding="utf-8"))


def _as_data(folder: Path, address: str) -> str:
    """What an address leads to, as an address that holds it; what is no file stays as it is."""
    if address.startswith(("data:", "#")):
        return address
    path = folder / unquote(urlsplit(address).path)
    if not path.is_file():
        return address
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
