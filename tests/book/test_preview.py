"""A draft of a page in one file: it needs nothing else, and says that it is a draft."""

import re

from bs4 import BeautifulSoup

from evalkit.book.preview import in_one_file

PAGE = "book/generated/evaluations/weston-overnight-closure-2017/index.html"


def test_a_page_in_one_file_needs_no_other(html):
    made = in_one_file(html / PAGE, html, "A draft, of <b>mine</b>.")
    soup = BeautifulSoup(made, "html.parser")
    assert soup.select_one(".draft").get_text() == "A draft, of <b>mine</b>."
    assert soup.title.get_text().startswith("Draft: ")
    assert len(soup.find_all("h1")) == 1
    addresses = [str(tag.get(name)) for name in ("src", "href", "srcset") for tag in soup.find_all(attrs={name: True})]
    assert addresses
    assert not [address for address in addresses if not address.startswith(("#", "data:", "http://", "https://"))]
    assert not [address for address in re.findall(r"url\(([^)]*)\)", made) if not address.startswith(("data:", "#"))]
    original = BeautifulSoup((html / PAGE).read_text(encoding="utf-8"), "html.parser")
    assert len(soup.find_all("svg")) == len(original.find(id="main-content").find_all("svg"))
