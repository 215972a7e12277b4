"""What was learned stands on every page it belongs to, and nowhere else."""

import json
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest

from evalkit.book.build import build
from evalkit.book.content.learning_items import newest_first, prose
from evalkit.book.page_writer import write_pages
from evalkit.catalogue.records.learning import LearningItem, Programme, Publication
from tests.support.synthetic_book import made_up, make_project, site_id

GENERATED = Path("book", "generated")
PAGES = ("index", "enablers-and-barriers", "ten-lessons", "nhs-impact", "not-working")
ONE, TWO = site_id(1), site_id(2)


def _item(id: str, type: str = "enabler", **fields) -> LearningItem:
    plain = {
        "id": id, "type": type, "title": f"The finding {id}", "site": ONE, "themes": ["leadership"],
        "audience": ["boards"], "stage": "run", "strength": "stated", "status": "published", "date": "2020-05",
        "evidence": [{"kind": "document", "ref": "report", "says": "It says so."}], "body": "What it was.",
    }  # fmt: skip
    answers = {"response": "not_reported", "what_happened": "not_solved"} if type == "barrier" else {}
    return LearningItem.model_validate(plain | answers | fields)


def _records(folder: Path, *items: LearningItem):
    catalogue, plans, outcomes = made_up(folder, [1, 2])
    report = {"title": "A report", "publisher": "Nobody", "where": "example.org/report", "published": "2019-12"}
    catalogue.sources["report"] = Publication(id="report", read="2026-01-01", **report)
    catalogue.programmes["effort"] = Programme(
        id="effort", name="The effort", area="nhs-impact", what="An effort.", sources=["report"]
    )
    catalogue.learning.update({item.id: item for item in items})
    return catalogue, plans, outcomes


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("learning")
    make_project(folder)
    return folder


@pytest.fixture
def pages(project):
    """Write the pages of these items; what each page then says, by name."""

    def written(*items: LearningItem, change=lambda *records: None) -> dict[str, str]:
        records = _records(project, *items)
        change(*records)
        write_pages(project / GENERATED, *records)
        folder = project / GENERATED
        return {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")
        }

    return written


def _naming(pages: dict[str, str], words: str) -> set[str]:
    return {name for name, text in pages.items() if words in text}


def test_a_new_item_appears_on_every_page_it_belongs_to_and_on_no_other(pages):
    before = pages()
    new = _item("new", lessons=["engine-room"], impact=["shared-purpose"], explains=[ONE])
    after = pages(new)
    assert _naming(before, new.title) == set()
    belongs = {f"learning/{name}.html" for name in PAGES if name != "not-working"}
    belongs |= {"learning/items/new.html", f"evaluations/{ONE}/index.html", f"sites/{ONE}.html"}
    assert belongs <= _naming(after, new.title)
    elsewhere = {"learning/not-working.html", f"evaluations/{TWO}/index.html", f"sites/{TWO}.html"}
    assert not elsewhere & _naming(after, new.title)
    assert pages().keys() == before.keys()


def test_an_items_page_says_what_it_rests_on_and_where_it_belongs(pages):
    result = {"kind": "result", "ref": f"{TWO}/visits", "says": "Visits fell."}
    survey = {"kind": "survey", "ref": "report", "says": "Most agreed.", "n": 13}
    item = _item(
        "full", "barrier", evidence=[result, survey], explains=[ONE], lessons=["engine-room"], contributor_role="A ward manager"
    )  # fmt: skip
    said = pages(item)["learning/items/full.html"]
    assert "Barrier · published" in said
    assert re.findall(r"<dd>(Not \w+)</dd>", said) == ["Not reported", "Not solved"]
    assert f'<a href="../../evaluations/{TWO}/visits.html">' in said
    assert "decreased." in said  # the verdict of the result it rests on
    assert f'<a href="../../evaluations/{ONE}/index.html">Made-up change 1</a>. <strong>Decreased.</strong>' in said
    assert "Survey: <cite>A report</cite>. Nobody, December 2019." in said
    assert "(13 people or places.)" in said
    assert 'href="../ten-lessons.html#lesson-engine-room"' in said
    assert "Would it be the same elsewhere?" not in said
    assert "A ward manager" in said
    assert "learning item full." in said


def test_a_result_that_is_missing_is_said_to_be_missing(pages):
    def fail(catalogue, plans, outcomes):
        outcomes[0] = replace(outcomes[0], status="failed", sentence="The table has no rows.", result=None)

    said = pages(_item("full", explains=[ONE]), change=fail)
    assert "<strong>No result at present.</strong> The table has no rows." in said["learning/items/full.html"]
    assert "The table has no rows." in said["learning/not-working.html"]


def test_where_one_place_names_an_enabler_and_another_a_barrier_the_page_says_so(pages):
    help, hindrance = _item("help", lessons=["engine-room"]), _item("hindrance", "barrier", site=TWO)
    said = pages(help, hindrance)
    sentence = (
        "On leadership: Made-up hospital ZZ0001 (synthetic) calls “The finding help” an enabler,"
        " Made-up hospital ZZ0002 (synthetic) calls “The finding hindrance” a barrier."
    )
    assert sentence in _text(said["learning/enablers-and-barriers.html"])
    assert "Not the same everywhere" not in said["learning/ten-lessons.html"]
    both = [help, hindrance.model_copy(update={"lessons": ["engine-room"]})]
    assert "On this lesson: Made-up hospital ZZ0001" in _text(pages(*both)["learning/ten-lessons.html"])


def test_several_places_are_named_and_many_programmes_counted(pages):
    items = [_item("help"), _item("other-help"), _item("hindrance", "barrier", site=None, programme="effort")]
    said = _text(pages(*items)["learning/enablers-and-barriers.html"])
    assert "On leadership: Made-up hospital ZZ0001 (synthetic) names an enabler; The effort names a barrier." in said


@pytest.mark.parametrize(
    "other", [{"site": ONE}, {"site": TWO, "themes": ["equity"]}, {"site": TWO, "status": "withdrawn"}]
)
def test_one_place_or_another_theme_is_no_disagreement(pages, other):
    said = pages(_item("help"), _item("hindrance", "barrier", **other))
    assert "Not the same everywhere" not in said["learning/enablers-and-barriers.html"]


def test_the_table_counts_places_by_themes(pages):
    items = [_item("help"), _item("other-help"), _item("hindrance", "barrier", themes=["leadership", "equity"])]
    said = pages(*items, _item("effort", site=None, programme="effort"))["learning/enablers-and-barriers.html"]
    table = said[said.index("<table") : said.index("</table>")]
    rows = {re.sub(r"\s+", " ", _text(row)).strip() for row in table.split("<tr")[1:]}
    cells = "Leadership2 enablers on Leadership1 barrier on Leadership Equity1 barrier on Equity"
    assert any(cells in row for row in rows), rows
    assert table.index("Made-up hospital ZZ0001") < table.index("Programmes, where no place is named")
    assert "Nothing has been recorded yet on shared vision and aims;" in _text(said)


def test_lessons_count_their_items_and_say_what_is_missing(pages):
    said = pages(_item("help", lessons=["engine-room"], explains=[ONE]))["learning/ten-lessons.html"]
    of_engine_room = said.partition('<ek-h2 id="lesson-engine-room">7.')[2].partition("<ek-h2")[0]
    assert "The finding help" in of_engine_room
    assert "Made-up change 1" in of_engine_room
    assert "No barrier has been recorded for this lesson." in of_engine_room
    assert said.count("Nothing in this book speaks to this lesson yet.") == 9


def test_a_withdrawn_item_keeps_its_address_and_nothing_else_and_a_draft_has_no_page(pages):
    gone = _item("gone", status="withdrawn", lessons=["engine-room"], explains=[ONE])
    draft = _item("unfinished", status="draft", lessons=["engine-room"], explains=[ONE])
    said = pages(gone, draft, _item("stays"))
    assert _naming(said, gone.title) == _naming(said, draft.title) == set()
    assert "learning/items/unfinished.html" not in said
    assert said["learning/items/gone.html"].startswith("<ek-nosearch></ek-nosearch>")
    assert "no longer part of the book" in said["learning/items/gone.html"]


def test_a_challenged_item_says_so_wherever_it_stands(pages):
    said = pages(_item("doubted", status="challenged", explains=[ONE], lessons=["engine-room"]))
    for name in _naming(said, "The finding doubted") - {"find.html"}:
        assert "hallenged" in said[name], name
    page = said["learning/items/doubted.html"]
    assert page.index("<strong>Challenged.</strong>") < page.index("What it was.")


def test_pages_without_records_say_what_would_stand_there(pages):
    said = pages()
    for name in PAGES[:-1]:
        assert "recorded yet" in said[f"learning/{name}.html"]
        assert "data/learning/&lt;id&gt;.md" in said[f"learning/{name}.html"]
    assert "No barrier is recorded as not solved." in said["learning/not-working.html"]
    assert "That none is recorded does not mean that there was none." in said["learning/not-working.html"]
    assert "Nobody has said yet why." in said[f"evaluations/{ONE}/index.html"]
    assert "Nobody has recorded yet what was learned here." in said[f"sites/{ONE}.html"]


def test_what_a_barrier_left_open_is_told(pages):
    barriers = [_item("open", "barrier"), _item("answered", "barrier", response="They did.", what_happened="It went.")]
    barriers.append(_item("tried", "barrier", response="not_solved", what_happened="It went on."))
    said = pages(*barriers, _item("why", "question", themes=[]))["learning/not-working.html"]
    still = said[said.index("<ek-h2>Barriers that still stand") : said.index("<ek-h2>Unintended effects")]
    assert "The finding open" in still
    assert "The finding tried" in still
    assert "<details>" not in still, "what is not solved is not counted with what nobody reports"
    assert "The finding answered" not in said
    assert "The finding why" in said[said.index("<ek-h2>Open questions") :]


def test_barriers_of_which_something_is_not_reported_are_counted_by_what_is_missing(pages):
    silent = {"what_happened": "not_reported"}
    barriers = [_item("one", "barrier", **silent), _item("two", "barrier", response="They did.", **silent)]
    barriers += [
        _item("three", "barrier", response="They did.", **silent),
        _item("four", "barrier", what_happened="It went."),
    ]
    said = pages(*barriers)["learning/not-working.html"]
    assert re.findall(r"<summary>(.*?)</summary>", said) == [
        "1 barrier of which nobody reports what was done, nor what came of it",
        "2 barriers of which what was done is reported, and what came of it is not",
        "1 barrier of which what came of it is reported, and what was done is not",
    ]


def test_an_evaluations_page_follows_the_sources_of_its_reasons(pages):
    item = _item("help", explains=[ONE])
    assert "<cite>A report</cite>" in pages(item)[f"evaluations/{ONE}/index.html"]

    def retitle(catalogue, plans, outcomes):
        report = catalogue.sources["report"]
        catalogue.sources["report"] = report.model_copy(update={"title": "Another title"})

    said = pages(item, change=retitle)
    assert {f"evaluations/{ONE}/index.html", "learning/items/help.html"} <= _naming(said, "Another title")


def test_the_newest_come_first_and_a_day_before_its_month_alone():
    dates = ["2017", "2017-06", "2017-06-13", "2018-01"]
    cards = [SimpleNamespace(title=when, date=when) for when in dates]
    assert [card.date for card in newest_first(cards)] == ["2018-01", "2017-06-13", "2017-06", "2017"]


def test_prose_is_safe_and_stays_on_one_line():
    said = prose("One *word*.\n\n# No heading <script>alert(1)</script>\n````\n[x](javascript:alert(1))\n\n- a\n- b")
    assert said.startswith("<p>One <em>word</em>.</p>")
    assert "\n" not in said
    assert "<script" not in said
    assert "<h1" not in said
    assert "href" not in said
    assert "<li>a</li> <li>b</li>" in said


def test_the_book_shows_markup_in_titles_as_it_was_typed_and_hides_what_was_withdrawn(tmp_path, capfd):
    make_project(tmp_path)
    title = "A <b>bold</b> & *starred* [link](x) {role}`y` $1$ | ````"
    odd = _item("odd", title=title, body="<script>alert(1)</script>", explains=[ONE], lessons=["engine-room"])
    barrier = _item("odd-barrier", "barrier", title=f"Not {title}", site=TWO, lessons=["engine-room"])
    records = _records(tmp_path, odd, barrier, _item("gone", status="withdrawn", title="Zebras were counted"))
    for number in (1, 2):
        (tmp_path / "results" / site_id(number)).mkdir(parents=True)
        (tmp_path / "results" / site_id(number) / "visits.json").write_text("{}")
    build(tmp_path, *records, incremental=False)
    assert "WARNING" not in capfd.readouterr().err
    html = tmp_path / "_build" / "html"
    folder = html / GENERATED / "learning"
    shown = {path.stem: path.read_text("utf-8") for path in folder.rglob("*.html")}
    assert title in _text(re.search(r"<h1>(.*?)<a class=.headerlink", shown["odd"], flags=re.DOTALL)[1])
    for name in ("odd", "index", "enablers-and-barriers", "ten-lessons"):
        assert "<b>bold" not in shown[name]
        assert "<script>alert" not in shown[name]
        assert title in _text(shown[name]), name
    assert "Withdrawn" in shown["gone"]
    assert not [name for name, text in shown.items() if "Withdrawn item gone" in text and name != "gone"]
    index = json.loads((html / "searchindex.js").read_text("utf-8").removeprefix("Search.setIndex(").removesuffix(")"))
    assert "withdrawn" not in index["titleterms"]
    assert "zebra" not in index["terms"]
    shutil.rmtree(tmp_path)


def _text(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup))


def test_a_reason_names_its_place_whether_it_is_invented_and_how_a_barrier_was_met(pages):
    def real(catalogue, plans, outcomes):
        catalogue.sites[TWO] = catalogue.sites[TWO].model_copy(update={"synthetic": False})

    invented = _item("invented", "barrier", explains=[ONE], response="They asked.")
    actual = _item("actual", explains=[ONE], site=TWO)
    effort = _item("tried", explains=[ONE], site=None, programme="effort")
    said = pages(invented, actual, effort, change=real)[f"evaluations/{ONE}/index.html"]
    told = said.split('<ul class="ek-reasons">')[1].split("<li>\n<details>")
    reasons = {
        id: next(one for one in told if f"learning/items/{id}.html" in one) for id in ("invented", "actual", "tried")
    }
    assert f'<a href="../../sites/{ONE}.html">' in reasons["invented"]
    assert "· synthetic data" in reasons["invented"]
    assert re.findall(r"<dd>(.*?)</dd>", reasons["invented"]) == ["They asked.", "Not solved"]
    assert f'<a href="../../sites/{TWO}.html">' in reasons["actual"]
    assert "synthetic data" not in reasons["actual"]
    assert "What was done" not in reasons["actual"]
    assert '<a href="../../learning/index.html#programme-effort">The effort</a>' in reasons["tried"]
