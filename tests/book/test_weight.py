"""What a page weighs, so that it opens on a ward's computer or a phone: itself, styles, scripts and pictures."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

KB = 1000
# Pages that must hold more are named here, each with its own figure and why; typefaces and formulas do not count.
AT_MOST = {
    r"book/index\.html": 150 * KB,
    # A chart of each of 120 trusts, with its sentence, what its figures are of, and the way to its table.
    r"book/generated/partners/measures/.*\.html": 320 * KB,
    # An index of every word of the book, and what each page is.
    r"search\.html": 960 * KB,
    # A card of everything that can be found, so that it is found without a network.
    r"book/generated/find\.html": 380 * KB,
}
OTHERS_AT_MOST = 300 * KB
FORMULAS = "tex-mml-svg.js"  # formulas.js loads it
TAG = re.compile(r"<(?:script|link|img|source|object|iframe|embed)\b[^>]*>")
ADDRESS = re.compile(r'\b(?:src|href|data|srcset)="([^"]+)"')


def _parts(page: Path) -> set[Path]:
    """The page and every file of the book that it loads when it opens."""
    text = page.read_text(encoding="utf-8")
    opened = [tag for tag in TAG.findall(text) if 'loading="lazy"' not in tag]
    addresses = [address.split()[0] for tag in opened for address in ADDRESS.findall(tag)]
    local = [urlsplit(address).path for address in addresses if not urlsplit(address).scheme]
    return {page, *((page.parent / unquote(path)).resolve() for path in local)}


@cache
def _size(path: Path) -> int:
    return path.stat().st_size


@cache
def _weights(html: Path) -> dict[str, int]:
    return {page.relative_to(html).as_posix(): sum(map(_size, _parts(page))) for page in sorted(html.rglob("*.html"))}


def test_no_page_weighs_more_than_its_figure(html):
    weights = _weights(html.resolve())
    assert len(weights) > 300
    limits = {
        name: next((at_most for named, at_most in AT_MOST.items() if re.fullmatch(named, name)), OTHERS_AT_MOST)
        for name in weights
    }
    assert {name: (weight, limits[name]) for name, weight in weights.items() if weight > limits[name]} == {}


def test_a_page_that_is_named_needs_it(html):
    """One that is within the figure of all others is named no longer, else it could grow unseen."""
    weights = _weights(html.resolve())
    for named in (named for named, at_most in AT_MOST.items() if at_most > OTHERS_AT_MOST):
        assert max(weight for name, weight in weights.items() if re.fullmatch(named, name)) > OTHERS_AT_MOST, named


def test_formulas_are_loaded_where_there_are_some_and_nowhere_else(html):
    with_formulas, loading = set(), set()
    for page in (html / "book").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert FORMULAS not in text
        if re.search(r'class="math[ "]', text):
            with_formulas.add(page)
        if "formulas.js" in text:
            loading.add(page)
    assert loading == with_formulas
    assert len(loading) >= 3
