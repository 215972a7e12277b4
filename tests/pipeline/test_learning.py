"""What was learned on its way into the book: one file is enough, and nothing else is edited."""

import html as escapes
import re
from pathlib import Path

import pytest

from evalkit.book.sphinx.html import HTML
from tests.conftest import Project

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


STRANGE = (
    r"""It's 5 < 6 & "so" *on* _a_ `b` $c$ {d}`e` [f](g) | #h <i>j</i> \k ~l~ -- 'm' {{ n }} {% o %} ^p^ :q: 1. r"""
)
BODIES = {
    "headings": "# A heading\n\n## Another\n\nWords.",
    "rules": "---\n\nWords between lines.\n\n---",
    "scripts": "<script>document.title = 'taken over'</script><img src=x onerror=alert(1)>\n\nWords.",
    "includes": "```{include} ../../../data/sources.yml\n```\n\nWords.",
    "fences": "````\nWords in a fence that is not closed",
    "references": "{ref}`nowhere` and [a link](nowhere.md) and ![a picture](nowhere.png). Words.",
    "tables": "| a | b |\n|---|---|\n| Words | c |",
    "formulas": "$$ \\frac{1}{2 $$ Words and $x.",
    "templates": "{{ Words }} {% raw %} {# no comment #}",
    "ends": "Words with\r\nother ends\r\n",
}


def _item(id: str, **fields: str) -> str:
    """The item with another id and title, and other fields where they are given."""
    text = ITEM.replace("nobody-on-sundays", id).replace(TITLE, fields.pop("title", f"'{TITLE}: {id}'"))
    for name, value in fields.items():
        head, _, rest = text.partition(f"\n{name}: ")
        text = f"{head}\n{name}: {value}\n{rest.partition(chr(10))[2]}"
    return text


def _text(page: Path) -> str:
    """What can be read in the main part of a page, without its markup."""
    raw = page.read_text(encoding="utf-8").partition("<main")[2].partition("</main>")[0]
    raw = re.sub(r"<(script|style)\b.*?</\1>", "", raw, flags=re.DOTALL)
    return " ".join(escapes.unescape(re.sub(r"<[^>]+>", "", raw.replace("<", " <"))).split())


class Built:
    """A project and the generated pages of its book."""

    def __init__(self, project: Project):
        self.project = project
        self.generated = project.root / HTML / "book" / "generated"

    def build(self, *options: str) -> None:
        """Build it; no generated page may give a warning."""
        said = self.project.evalkit("build", *options)
        assert said.status == 0, said.err
        log = (self.project.root / "_build" / "book.log").read_text(encoding="utf-8")
        warnings = [line for line in log.splitlines() if re.search("WARNING|ERROR|CRITICAL", line)]
        # Pages written by hand lead to evaluations that this project is without.
        assert not [line for line in warnings if "/generated/" in re.split("WARNING|ERROR|CRITICAL", line)[0]], warnings

    def text(self, name: str) -> str:
        """What can be read on a generated page."""
        return _text(self.generated / name)

    def raw(self, name: str) -> str:
        """The HTML of a generated page."""
        return (self.generated / name).read_text(encoding="utf-8")

    @property
    def home(self) -> str:
        """What can be read on the home page."""
        return _text(self.project.root / HTML / "book" / "index.html")

    @property
    def search(self) -> str:
        """What the search looks through."""
        return (self.project.root / HTML / "searchindex.js").read_text(encoding="utf-8")

    def with_words(self, words: str) -> set[str]:
        """The generated pages on which words can be read."""
        pages = [page.relative_to(self.generated).as_posix() for page in self.generated.rglob("*.html")]
        return {page for page in pages if words.replace(" ", "") in self.text(page).replace(" ", "")}


@pytest.fixture(scope="module")
def before(copy_example, tmp_path_factory) -> Built:
    """The book of a new evaluation, before anybody has learned anything."""
    built = Built(copy_example(tmp_path_factory.mktemp("learning")))
    built.build()
    return built


def test_a_new_evaluation_comes_with_its_open_question(before):
    text = (before.project.root / WHY).read_text(encoding="utf-8")
    for line in ("type: question", "explains:\n- example-ward-rounds", "ref: example-ward-rounds/weekend-discharges"):
        assert line in text
    question = "What explains the result of “Example ward rounds”?"
    belongs_on = {"learning/items/example-ward-rounds-why.html", "evaluations/example-ward-rounds/index.html"}
    assert belongs_on <= before.with_words(question)
    assert before.with_words(TITLE) == set()


@pytest.fixture(scope="module")
def after(before) -> Built:
    """The same book after new files, and nothing else, and one build."""
    data = before.project.snapshot("data")
    new = {"nobody-on-sundays": ITEM}
    new["challenged-one"] = _item("challenged-one", status="challenged")
    new["draft-one"] = _item("draft-one", status="draft")
    quoted = f"""'{STRANGE.replace("'", "''")}'"""
    new["strange-one"] = _item("strange-one", title=quoted, response=quoted, date="2026-11-22")
    for name, body in BODIES.items():
        new[f"body-of-{name}"] = _item(f"body-of-{name}", date="2020-01-01").partition("Transport")[0] + body
    for id, text in new.items():
        (before.project.root / "data" / "learning" / f"{id}.md").write_bytes(text.encode())
    before.build("--incremental")
    now = before.project.snapshot("data")
    assert {name: now[name] for name in data} == data
    assert len(now) == len(data) + len(new)
    return before


def test_a_new_item_is_on_every_page_it_belongs_to(after):
    assert after.with_words(TITLE) >= BELONGS_ON
    assert f'"{TITLE}"' in after.search
    assert TITLE in after.home
    assert "nobody-on-sundays" in after.search
    own = after.text(OWN)
    for words in ("Families were asked to come.", "Not solved", "people wait for Monday", "Fewer people went home."):
        assert words in own


def test_a_challenged_item_says_so_first(after):
    own = after.text("learning/items/challenged-one.html")
    assert own.lower().index("challenged", 60) < own.index("people wait for Monday")
    assert after.with_words(f"{TITLE}: challenged-one") >= BELONGS_ON - {OWN}


def test_a_draft_has_no_page(after):
    assert after.with_words(f"{TITLE}: draft-one") == set()
    assert not (after.generated / "learning/items/draft-one.html").exists()
    assert "draft-one" not in after.search


def test_any_signs_in_a_title_are_shown_as_they_are(after):
    assert after.with_words(STRANGE) >= BELONGS_ON - {OWN}
    assert STRANGE.replace(" ", "") in after.home.replace(" ", "")
    assert after.text("learning/items/strange-one.html").replace(" ", "").count(STRANGE.replace(" ", "")) > 1


@pytest.mark.parametrize("name", BODIES)
def test_any_body_gives_a_page_and_takes_over_none(after, name):
    raw = after.raw(f"learning/items/body-of-{name}.html")
    assert "Words" in after.text(f"learning/items/body-of-{name}.html")
    assert raw.count("<h1") == 1
    for taken in ("<script>document.title", "onerror=alert(1)>", "Found by"):
        assert taken not in raw
    for after_it in ("What it rests on", "Cite"):
        assert after_it in after.text(f"learning/items/body-of-{name}.html")


@pytest.fixture(scope="module")
def taken_back(after) -> Built:
    """The same book after the first item was withdrawn, and the evaluation taken back for another."""
    project = after.project
    text = (project.root / EVALUATION).read_text(encoding="utf-8")
    other = text.replace("example-ward-rounds", "another-change").replace("Example ward rounds", "Another change")
    (project.root / EVALUATION).with_stem("another-change").write_text(other, encoding="utf-8")
    project.edit(WHY, lambda text: text.replace("- example-ward-rounds\n", "- example-ward-rounds\n- another-change\n"))
    project.edit(EVALUATION, lambda text: text.replace("status: published", "status: draft"))
    project.edit(FILE, lambda text: text.replace("status: published", "status: withdrawn"))
    after.build("--incremental")
    return after


def test_an_item_that_is_withdrawn_keeps_its_address_and_nothing_else(taken_back):
    own = taken_back.text(OWN)
    assert "withdrawn" in own.lower()
    assert "people wait for Monday" not in own
    exactly = f'items/{FILE.rpartition("/")[2].replace(".md", ".html")}"'
    assert [page for page in taken_back.generated.rglob("*.html") if exactly in page.read_text(encoding="utf-8")] == []
    assert f'"{TITLE}"' not in taken_back.search


def test_items_of_an_evaluation_taken_back_to_draft_lead_nowhere_wrong(taken_back):
    assert not (taken_back.generated / "evaluations" / "example-ward-rounds").exists()
    assert "people wait for Monday" in taken_back.text("learning/items/challenged-one.html")
    for page in taken_back.generated.rglob("*.html"):
        assert "evaluations/example-ward-rounds" not in page.read_text(encoding="utf-8"), page
