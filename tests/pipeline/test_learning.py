"""What was learned on its way into the book: one file is enough, and nothing else is edited."""

import html as escapes
import re

import pytest

from evalkit.book.html import HTML
from tests.conftest import Project

GENERATED = HTML / "book" / "generated"
WHY = "data/learning/example-ward-rounds-why.md"
EVALUATION = "data/evaluations/example-ward-rounds.yml"
TITLE = "Nobody to take people home on Sundays"
ITEM = f"""\
---
id: nobody-on-sundays
type: barrier
title: {TITLE}
site: ashford-vale-example
themes: [flow-and-delays]
lessons: [test-assumptions]
impact: [systems-and-processes]
audience: [frontline]
stage: run
strength: observed-once
evidence:
  - kind: result
    ref: example-ward-rounds/weekend-discharges
    says: Fewer people went home.
explains: [example-ward-rounds]
response: Families were asked to come.
what_happened: not_solved
status: published
date: 2026-11-21
---
Transport does not run on Sundays, so people wait for Monday.
"""
FILE = "data/learning/nobody-on-sundays.md"
OWN = "learning/items/nobody-on-sundays.html"
BELONGS_ON = {
    OWN,
    "learning/index.html",
    "learning/enablers-and-barriers.html",
    "learning/ten-lessons.html",
    "learning/nhs-impact.html",
    "learning/not-working.html",
    "sites/ashford-vale-example.html",
    "evaluations/example-ward-rounds/index.html",
    "routes/clinical-teams.html",
    "find.html",
}


def _text(page) -> str:
    """What can be read on a page, without its markup."""
    raw = re.sub(r"<(script|style|title)\b.*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(escapes.unescape(re.sub(r"<[^>]+>", " ", raw)).split())


def _pages_with(project: Project, words: str) -> set[str]:
    """The generated pages on which words can be read in the text, beside the contents list that every page has."""
    pages = (project.root / GENERATED).rglob("*.html")
    mains = {page: page.read_text(encoding="utf-8").partition("<main")[2] for page in pages}
    plain = {page: escapes.unescape(re.sub(r"<[^>]+>", "", text)) for page, text in mains.items()}
    found = {page for page, text in plain.items() if words in " ".join(text.split())}
    return {page.relative_to(project.root / GENERATED).as_posix() for page in found}


def _build(project: Project, *options: str) -> None:
    said = project.evalkit("build", *options)
    assert said.status == 0, said.err
    log = (project.root / "_build" / "book.log").read_text(encoding="utf-8")
    assert "WARNING" not in log, log
    assert "ERROR" not in log, log


@pytest.fixture
def with_item(example) -> Project:
    """The example after a first build, and then a new item."""
    _build(example)
    assert _pages_with(example, TITLE) == set()
    (example.root / FILE).write_text(ITEM, encoding="utf-8")
    return example


def test_a_new_evaluation_comes_with_its_open_question(example):
    text = (example.root / WHY).read_text(encoding="utf-8")
    for line in ("type: question", "explains:\n- example-ward-rounds", "ref: example-ward-rounds/weekend-discharges"):
        assert line in text
    _build(example)
    question = "What explains the result of “Example ward rounds”?"
    belongs_on = {"learning/items/example-ward-rounds-why.html", "evaluations/example-ward-rounds/index.html"}
    assert belongs_on <= _pages_with(example, question)


@pytest.mark.parametrize("how", [(), ("--incremental",)])
def test_a_new_item_is_on_every_page_it_belongs_to_after_one_build(with_item, how):
    data = with_item.snapshot("data", "book")
    _build(with_item, *how)
    assert with_item.snapshot("data", "book") == data
    assert _pages_with(with_item, TITLE) >= BELONGS_ON
    assert TITLE in _text(with_item.root / HTML / "book" / "index.html")  # the newest on the home page
    assert "nobody-on-sundays" in (with_item.root / HTML / "searchindex.js").read_text(encoding="utf-8")
    own = _text(with_item.root / GENERATED / OWN)
    for words in ("Families were asked to come.", "Not solved", "people wait for Monday", "Fewer people went home."):
        assert words in own


def test_an_item_that_is_withdrawn_keeps_its_address_and_nothing_else(with_item):
    _build(with_item)
    with_item.edit(FILE, lambda text: text.replace("status: published", "status: withdrawn"))
    _build(with_item)
    assert _pages_with(with_item, "people wait for Monday") == set()
    assert _pages_with(with_item, TITLE) <= {OWN}
    assert "withdrawn" in _text(with_item.root / GENERATED / OWN)
    assert TITLE not in _text(with_item.root / HTML / "book" / "index.html")
    assert "Monday" not in (with_item.root / HTML / "searchindex.js").read_text(encoding="utf-8")


def test_a_draft_has_no_page(with_item):
    with_item.edit(FILE, lambda text: text.replace("status: published", "status: draft"))
    _build(with_item)
    assert _pages_with(with_item, TITLE) == set()
    assert not (with_item.root / GENERATED / OWN).exists()


def test_a_challenged_item_says_so_first(with_item):
    with_item.edit(FILE, lambda text: text.replace("status: published", "status: challenged"))
    _build(with_item)
    own = _text(with_item.root / GENERATED / OWN)
    assert own.lower().index("challenged") < own.index("people wait for Monday")
    assert _pages_with(with_item, TITLE) >= BELONGS_ON


def test_an_evaluation_taken_back_to_draft_needs_no_other_file_changed(with_item):
    text = (with_item.root / EVALUATION).read_text(encoding="utf-8")
    other = text.replace("example-ward-rounds", "another-change").replace("Example ward rounds", "Another change")
    (with_item.root / EVALUATION).with_stem("another-change").write_text(other, encoding="utf-8")
    with_item.edit(
        WHY, lambda text: text.replace("- example-ward-rounds\n", "- example-ward-rounds\n- another-change\n")
    )
    _build(with_item)
    with_item.edit(EVALUATION, lambda text: text.replace("status: published", "status: draft"))
    _build(with_item)
    assert not (with_item.root / GENERATED / "evaluations" / "example-ward-rounds").exists()
    assert "people wait for Monday" in _text(with_item.root / GENERATED / OWN)
    for page in (with_item.root / GENERATED).rglob("*.html"):
        assert "evaluations/example-ward-rounds" not in page.read_text(encoding="utf-8"), page


STRANGE = (
    r"""It's 5 < 6 & "so" *on* _a_ `b` $c$ {d}`e` [f](g) | #h <i>j</i> \k ~l~ -- 'm' {{ n }} {% o %} ^p^ :q: 1. r"""
)


def test_any_signs_in_a_title_are_shown_as_they_are(with_item):
    quoted = STRANGE.replace("'", "''")
    with_item.edit(FILE, lambda text: text.replace(f"title: {TITLE}", f"title: '{quoted}'"))
    with_item.edit(
        FILE,
        lambda text: text.replace("response: Families", "response: '# <b>Families</b>").replace("come.", "come.'", 1),
    )
    _build(with_item)
    assert _pages_with(with_item, STRANGE) >= BELONGS_ON
    assert "# <b>Families</b> were asked to come." in _text(with_item.root / GENERATED / OWN)
    assert STRANGE in _text(with_item.root / HTML / "book" / "index.html")


@pytest.mark.parametrize(
    "body",
    [
        "# A heading\n\n## Another\n\nWords.",
        "---\n\nWords between lines.\n\n---",
        "<script>document.title = 'taken over'</script><img src=x onerror=alert(1)>\n\nWords.",
        "```{include} ../../../data/sources.yml\n```\n\nWords.",
        "````\nWords in a fence that is not closed",
        "{ref}`nowhere` and [a link](nowhere.md) and ![a picture](nowhere.png). Words.",
        "| a | b |\n|---|---|\n| Words | c |",
        "$$ \\frac{1}{2 $$ Words and $x.",
        "{{ Words }} {% raw %} {# no comment #}",
    ],
)
def test_any_body_gives_a_page_and_harms_no_other(with_item, body):
    (with_item.root / FILE).write_text(ITEM.partition("Transport")[0] + body + "\n", encoding="utf-8")
    said = with_item.evalkit("build")
    if said.status == 0:
        raw = (with_item.root / GENERATED / OWN).read_text(encoding="utf-8")
        assert "Words" in raw
        assert "taken over" not in raw or "&lt;script" in raw
        assert raw.count("<h1") == 1
        assert "WARNING" not in (with_item.root / "_build" / "book.log").read_text(encoding="utf-8")
    else:
        assert FILE in said.err, said.err
        assert "Traceback" not in said.err
