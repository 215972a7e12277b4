"""Ways into the book: home, routes, find, sites like yours, downloads, and how to take part."""

import csv
import json
import re
import shutil
from pathlib import Path
from urllib.parse import urlencode

import nbformat
import pytest
import yaml

from evalkit.book.content.book_content import put_in_order
from evalkit.book.page_writer import write_pages
from evalkit.book.pages.routes import check_leads
from evalkit.book.sphinx.extension import CompactIndex
from evalkit.catalogue import read_catalogue
from evalkit.catalogue.records.learning import LearningItem, Publication, Synonyms
from evalkit.catalogue.records.sites import Organisation
from evalkit.errors import InputRefused
from tests.support.browsing import PHONE, browser_only, is_on_screen
from tests.support.synthetic_book import made_up, make_project, site_id

GENERATED = Path("book", "generated")
WHERE_HELP_IS, YOUR_WORDS = "book/read/help-or-complain.html", "book/generated/take-part/your-words.html"
ITEMS = {
    # id: type, site, themes, audience
    "aims-are-shared": ("enabler", 1, ["leadership", "shared-aims"], ["boards"]),
    "beds-are-few": ("barrier", 1, ["flow-and-delays"], ["frontline"]),
    "chiefs-are-busy": ("barrier", 2, ["leadership"], ["boards"]),
    "data-are-late": ("barrier", 2, ["data-and-measurement"], ["analysts"]),
}


def _item(id: str, explains: tuple[str, ...] = ()) -> LearningItem:
    type, site, themes, audience = ITEMS[id]
    reported = {"response": "not_reported", "what_happened": "not_reported"} if type == "barrier" else {}
    return LearningItem.model_validate(
        {
            "id": id, "type": type, "title": id.replace("-", " ").capitalize(), "site": site_id(site), "themes": themes,
            "audience": audience, "stage": "run", "strength": "stated", "status": "published", "date": "2026-01-01",
            "evidence": [{"kind": "result", "ref": f"{site_id(site)}/visits", "says": "Invented."}],
            "explains": list(explains), "body": "Invented.", **reported,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Pages of three made-up evaluations and four items, as HTML without Sphinx; the third has no region."""
    folder = tmp_path_factory.mktemp("finding")
    make_project(folder)
    catalogue, plans, outcomes = made_up(folder, [1, 2, 3])
    known = {"ZZ0001": (400_000, 1, "North West"), "ZZ0002": (210_000, 2, "North West"), "ZZ0003": (None, None, None)}
    known |= {"ZZ0009": (420_000, 1, "North West"), "ZZ0008": (400_000, 5, None)}
    for code, (catchment, fifth, region) in known.items():
        catalogue.organisations[code] = Organisation(
            org_code=code, name=f"Trust {code}", catchment_population=catchment, deprivation_fifth=fifth, region=region,
            icb_name="Nomansland Integrated Care Board" if code == "ZZ0009" else None, sector="acute",
        )  # fmt: skip
    for code, name in {"ZZ0005": "A Trust that sells (ZZ0009)", "ZZ0006": "Mind and Body NHS Trust"}.items():
        catalogue.organisations[code] = Organisation(org_code=code, name=name)
    catalogue.synonyms["busy"] = Synonyms(id="busy", words=["busy", "occupied", "has no time"])
    for id in ITEMS:
        catalogue.learning[id] = _item(id, (site_id(1),) if id == "aims-are-shared" else ())
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    static = Path(__file__).parents[2] / "book" / "_static"
    shutil.copytree(static, folder / "html" / "_static", ignore=shutil.ignore_patterns("tex-mml*", "templates"))
    for page in (folder / GENERATED).rglob("*.html"):
        target = folder / "html" / page.relative_to(folder).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = page.read_text(encoding="utf-8")
        up = "../" * (len(target.relative_to(folder / "html").parts) - 1)
        styles = "".join(
            f'<link rel="stylesheet" href="{up}_static/{sheet}.css">' for sheet in ("evalkit", "learning", "finding")
        )
        target.write_text(f'<!doctype html><meta charset="utf-8">{styles}<main>{text}</main>', encoding="utf-8")
    return folder / "html" / GENERATED


def _open(browser, page: Path, query: str = "", **options):
    opened = browser.new_context(**options).new_page()
    opened.complaints = []
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.goto(page.as_uri() + query)
    return opened


def _shown(page) -> list[str]:
    return page.eval_on_selector_all(
        "#ek-find-cards > li",
        "cards => cards.filter(one => !one.hidden).map(one => one.querySelector('h2').textContent)",
    )


def _kind(page, key: str):
    return page.locator(f'.ek-kinds button[value="{key}"]')


def _choose(page, family: str, *keys: str) -> None:
    for key in keys:
        box = page.locator(f'input[name="{family}"][value="{key}"]')
        if not box.is_visible():
            page.locator("details", has=box).locator("summary").click()
        box.click()


def _count(page, family: str, key: str) -> int:
    if family == "kind":
        return int(_kind(page, key).locator(".ek-count").text_content())
    box = page.locator(f'label:has(input[name="{family}"][value="{key}"]) .ek-count')
    return int(box.text_content())


class TestFind:
    pytestmark = browser_only

    def test_choices_of_a_family_add_and_families_narrow(self, browser, made):
        page = _open(browser, made / "find.html")
        assert len(_shown(page)) == 7
        assert page.locator("#ek-find-status").text_content() == "7 in all, all shown."
        assert page.locator("#ek-find-rest").is_hidden()
        _choose(page, "theme", "leadership", "flow-and-delays")
        both = ["Aims are shared", "Beds are few", "Chiefs are busy", "Made-up change 1"]
        assert _shown(page) == both
        _kind(page, "barrier").click()
        assert _shown(page) == ["Beds are few", "Chiefs are busy"]
        _choose(page, "audience", "boards")
        assert _shown(page) == ["Chiefs are busy"]
        said = page.locator("#ek-find-status").text_content()
        assert said.startswith("1 of 7 found, all shown.")
        assert "Kind: Barriers" in said
        assert "Leadership or Flow, delays and bottlenecks" in said
        page.locator("#ek-find-clear").click()
        assert len(_shown(page)) == 7
        assert not page.complaints

    def test_an_evaluation_is_found_by_what_explains_it(self, browser, made):
        page = _open(browser, made / "find.html", "?kind=evaluation&theme=shared-aims&audience=boards")
        assert _shown(page) == ["Made-up change 1"]

    def test_counts_follow_the_other_families_and_not_their_own(self, browser, made):
        page = _open(browser, made / "find.html")
        assert [_count(page, "theme", key) for key in ("leadership", "flow-and-delays", "equity")] == [3, 1, 0]
        _kind(page, "barrier").click()
        assert [_count(page, "theme", key) for key in ("leadership", "flow-and-delays")] == [1, 1]
        assert [_count(page, "kind", key) for key in ("", "barrier", "enabler", "evaluation")] == [7, 3, 1, 3]
        for family, key in (("theme", "leadership"), ("region", "not-recorded")):
            shown = _open(browser, made / "find.html", f"?{family}={key}")
            assert len(_shown(shown)) == _count(shown, family, key)

    def test_a_kind_is_chosen_by_a_button_that_says_so_and_let_go_by_another(self, browser, made):
        page = _open(browser, made / "find.html", "?kind=barrier&kind=enabler")
        pressed = page.locator(".ek-kinds [aria-pressed=true] > :first-child")
        assert pressed.all_text_contents() == ["Enablers", "Barriers"]
        assert len(_shown(page)) == 4
        _kind(page, "evaluation").click()
        assert pressed.all_text_contents() == ["Evaluations"]
        _kind(page, "evaluation").click()
        assert pressed.all_text_contents() == ["All"]
        assert len(_shown(page)) == 7

    def test_words_are_found_as_synonyms_in_the_text_and_in_the_places_within(self, browser, made):
        page = _open(browser, made / "find.html", "?words=occupied")
        assert _shown(page) == ["Chiefs are busy"]
        assert page.locator("#ek-find-also").text_content() == "“occupied” also finds busy, has no time."
        words = page.locator("#ek-find-words")
        for typed in ("chiefs has no time", "occupied, chiefs", "CHIEF"):
            words.fill(typed)
            assert _shown(page) == ["Chiefs are busy"], typed
        words.fill("occup")  # a part of a word is no word of the list
        assert _shown(page) == []
        words.fill("nowhere ZZ0001")
        assert _shown(page) == ["Aims are shared", "Beds are few", "Made-up change 1"]
        assert page.locator(".ek-within").all_text_contents() == ["Within it: Nowhere"] * 3
        words.fill("")
        assert page.locator(".ek-within").count() == 0
        assert not page.complaints

    def test_a_copied_address_and_a_step_back_restore_what_was_chosen(self, browser, made):
        page = _open(browser, made / "find.html")
        _choose(page, "theme", "leadership")
        first = page.url
        _choose(page, "region", "north-west")
        page.locator("#ek-find-words").fill("busy")
        assert _shown(page) == ["Chiefs are busy"]
        copied = _open(browser, made / "find.html", "?" + page.url.partition("?")[2])
        assert _shown(copied) == ["Chiefs are busy"]
        assert copied.locator("#ek-find-words").input_value() == "busy"
        assert copied.locator('input[name="theme"][value="leadership"]').is_checked()
        page.go_back()
        assert page.url == first
        assert _shown(page) == ["Aims are shared", "Chiefs are busy", "Made-up change 1"]
        assert not page.locator('input[name="region"][value="north-west"]').is_checked()
        assert page.locator("#ek-find-words").input_value() == ""

    def test_an_address_that_asks_for_what_there_is_not_says_so(self, browser, made):
        page = _open(browser, made / "find.html", "?region=atlantis&nonsense=1")
        assert _shown(page) == []
        assert "Nothing has all of this" in page.locator("#ek-find-status").text_content()
        assert "“atlantis”" in page.locator("#ek-find-status").text_content()
        assert page.locator("#ek-find-none").is_hidden()
        page.locator("#ek-find-words").fill("a&b")
        assert page.locator("#ek-find-none a").get_attribute("href").endswith("search.html?q=a%26b")
        assert page.locator("#ek-find-none").is_visible()
        page.locator("#ek-find-clear").click()
        assert len(_shown(page)) == 7

    def test_what_is_typed_is_never_markup(self, browser, made):
        page = _open(browser, made / "find.html", "?words=%3Cimg+src%3Dx%3E&theme=%3Cb%3E")
        assert "<b>" in page.locator("#ek-find-status").text_content()
        assert page.locator("#ek-find img, #ek-find b").count() == 0

    def test_the_keyboard_alone_is_enough(self, browser, made):
        page = _open(browser, made / "find.html")
        page.locator("#ek-find-words").focus()
        for kind in ("", "evaluation"):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.value") == kind
        page.keyboard.press("Space")
        assert _shown(page) == ["Made-up change 1", "Made-up change 2", "Made-up change 3"]
        assert page.evaluate("document.activeElement.value") == "evaluation"
        page.locator("summary", has_text="Theme").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "theme"
        page.keyboard.press("Space")
        assert page.evaluate("document.activeElement.checked")
        assert page.locator("#ek-find-status").get_attribute("role") == "status"

    def test_without_scripts_the_list_is_whole_and_alphabetical(self, browser, made):
        page = _open(browser, made / "find.html", java_script_enabled=False)
        cards = page.locator("#ek-find-cards > li")
        titles = [cards.nth(number).locator("h2").text_content() for number in range(cards.count())]
        assert len(titles) == 7
        assert titles == sorted(titles, key=str.casefold)
        assert all(cards.nth(number).is_visible() for number in range(7))
        assert not page.locator("#ek-find").is_visible()


class TestSitesLikeYours:
    pytestmark = browser_only

    @staticmethod
    def _lines(page) -> list[str]:
        return page.eval_on_selector_all("#ek-like-sites > li", "lines => lines.map(one => one.textContent)")

    def test_a_trust_gets_the_sites_by_likeness_with_the_reason_in_words(self, browser, made):
        page = _open(browser, made / "sites" / "index.html")
        assert self._lines(page) == []
        page.locator("#ek-like-trust").fill("Trust ZZ0009")
        page.locator("#ek-like-trust").press("Tab")
        lines = self._lines(page)
        assert [re.search(r"ZZ\d+", line)[0] for line in lines] == ["ZZ0001", "ZZ0002", "ZZ0003"]
        assert "about the same catchment, same fifth of deprivation, same region" in lines[0]
        assert "about half your catchment, 1 fifth less deprived, same region" in lines[1]
        assert "catchment not recorded, deprivation not recorded, region not recorded" in lines[2]
        assert all("synthetic data" in line for line in lines)
        copied = _open(browser, made / "sites" / "index.html", "?" + page.url.partition("?")[2])
        assert self._lines(copied) == lines
        assert copied.locator("#ek-like-trust").input_value() == "Trust ZZ0009"
        page.locator("#ek-like-clear").click()
        assert self._lines(page) == []
        page.go_back()
        assert self._lines(page) == lines
        assert not page.complaints

    def test_what_is_not_recorded_of_a_trust_is_said_and_can_be_given(self, browser, made):
        page = _open(browser, made / "sites" / "index.html", "?trust=ZZ0008")
        assert page.locator("#ek-like-said").text_content().startswith("Not recorded here: its region.")
        assert all("region" not in line for line in self._lines(page)[:2])
        page.locator("#ek-like-region").select_option("North West")
        assert "same region" in self._lines(page)[0]
        assert "region=North" in page.url

    def test_a_place_can_be_described_by_hand(self, browser, made):
        page = _open(browser, made / "sites" / "index.html", "?catchment=100000&fifth=2")
        assert "about twice your catchment, same fifth of deprivation" in self._lines(page)[0]
        page.locator("#ek-like-trust").fill("Nobody's trust")
        page.locator("#ek-like-trust").press("Tab")
        assert "No organisation or town here matches “Nobody's trust”" in page.locator("#ek-like-said").text_content()
        assert page.locator("#ek-like-said").get_attribute("role") == "status"

    def test_any_part_of_a_name_a_code_or_a_town_finds_a_trust_and_acute_trusts_come_first(self, browser, made):
        page = _open(browser, made / "sites" / "index.html")
        field, matches = page.locator("#ek-like-trust"), page.locator("#ek-like-matches button")
        field.fill("trust")
        acute = [f"Trust ZZ000{number}" for number in (1, 2, 3, 8, 9)]
        assert matches.all_text_contents() == [*acute, "Mind and Body NHS Trust", "A Trust that sells (ZZ0009)"]
        assert "not recorded as an acute trust" not in page.locator("#ek-like-matches li").nth(4).text_content()
        assert "not recorded as an acute trust" in page.locator("#ek-like-matches li").nth(5).text_content()
        for typed in ("nomans", "NOMANSLAND zz0009", "st zz0009 care"):
            field.fill(typed)
            assert matches.all_text_contents() == ["Trust ZZ0009"], typed
            assert page.locator("#ek-like-said").text_content() == "1 match: choose it below."
        field.press("Enter")
        assert field.input_value() == "Trust ZZ0009"
        assert "trust=ZZ0009" in page.url
        assert matches.count() == 0
        assert len(self._lines(page)) == 3
        field.fill("nowhere")
        assert matches.count() == 3
        field.press("Enter")
        assert page.evaluate("document.activeElement.textContent") == "Trust ZZ0001"
        page.keyboard.press("Space")
        assert "this is your own" in self._lines(page)[0]
        assert not page.complaints

    def test_where_nothing_is_recorded_nothing_is_ranked(self, browser, made):
        page = _open(browser, made / "sites" / "index.html", "?trust=ZZ0003")
        assert self._lines(page) == []
        said = page.locator("#ek-like-status").text_content()
        assert said == "Nothing is recorded for Trust ZZ0003, so nothing can be compared."
        page.locator("#ek-like-fifth").select_option("1")
        assert len(self._lines(page)) == 3
        assert all(not line.endswith(":") for line in self._lines(page))
        assert not page.complaints

    def test_without_scripts_there_is_a_table(self, browser, made):
        page = _open(browser, made / "sites" / "index.html", java_script_enabled=False)
        assert not page.locator("#ek-like").is_visible()
        cells = page.locator("tbody tr").nth(0).text_content()
        assert all(text in cells for text in ("400,000", "fifth 1 of 5", "North West"))
        assert page.locator("tbody tr").nth(2).text_content().count("not recorded") == 3


def test_invented_sites_are_named_as_such_and_not_counted(made):
    text = (made / "index-parts" / "home.html").read_text(encoding="utf-8")
    assert "There is none yet" in text
    assert "Everything that was learned" in text
    assert text.count("none yet</span>") == 9
    assert "synthetic data" in text


@pytest.fixture(scope="module")
def records(root, tmp_path_factory) -> Path:
    """A copy of the records and of the pages written by hand."""
    folder = tmp_path_factory.mktemp("records")
    for name in ("data", "book"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("generated", "tex-mml*"))
    return folder


MADE_PAGES = [
    "board-pack",
    "find",
    "glance",
    "equity",
    "independent-results",
    "protocols",
    "reevaluations",
    "glossary",
    "across/index",
    "evaluations/index",
    "sites/index",
]
MADE_PAGES += [
    f"learning/{page}"
    for page in ("index", "enablers-and-barriers", "ten-lessons", "nhs-impact", "not-working", "patients-and-carers")
]
MADE_PAGES += ["measures/index", "partners/index", "partners/staff", "places/index", "take-part/your-words"]


def test_a_route_to_a_page_that_is_not_there_is_refused_with_file_and_line(records):
    made_pages = [f"book/generated/{name}.html" for name in MADE_PAGES]
    check_leads(put_in_order(read_catalogue(records), [], []), made_pages)
    routes = records / "data" / "routes.yml"
    before = routes.read_text(encoding="utf-8")
    routes.write_text(
        before.replace("page: book/read/how-to-read\n", "page: book/read/how-to-raed\n", 1), encoding="utf-8"
    )
    with pytest.raises(InputRefused) as refused:
        check_leads(put_in_order(read_catalogue(records), [], []), made_pages)
    routes.write_text(before, encoding="utf-8")
    line = 1 + before[: before.index("page: book/read/how-to-read\n")].count("\n")
    assert str(refused.value).startswith(f"data/routes.yml, line {line}: `page` names `book/read/how-to-raed`")
    assert "book/read/how-to-read" in str(refused.value)


def test_a_word_that_asks_for_a_page_that_is_not_there_is_refused_with_file_and_line(records):
    made_pages = [f"book/generated/{name}.html" for name in MADE_PAGES if name != "take-part/your-words"]
    with pytest.raises(InputRefused) as refused:
        check_leads(put_in_order(read_catalogue(records), [], []), made_pages)
    assert "data/synonyms.yml, line" in str(refused.value)
    assert "`page` names `book/generated/take-part/your-words`" in str(refused.value)


def test_a_route_to_a_page_that_was_made_once_and_is_gone_is_refused(records):
    left = records / "book" / "generated" / "glance.html"
    left.parent.mkdir(exist_ok=True)
    left.write_text("# Left over\n", encoding="utf-8")
    others = [f"book/generated/{name}.html" for name in MADE_PAGES if name != "glance"]
    with pytest.raises(InputRefused, match="book/generated/glance"):
        check_leads(put_in_order(read_catalogue(records), [], []), others)


def test_the_example_of_a_learning_item_is_one(root):
    text = (root / "book" / "take-part" / "index.md").read_text(encoding="utf-8")
    front, body = re.search(r"```markdown\n---\n(.*?)\n---\n(.*?)```", text, re.DOTALL).groups()
    item = LearningItem.model_validate(yaml.safe_load(front) | {"body": body})
    words = yaml.safe_load((root / "data" / "vocabularies.yml").read_text(encoding="utf-8"))
    for name, vocabulary in {
        "themes": "themes",
        "lessons": "lessons",
        "impact": "impact",
        "audience": "audiences",
    }.items():
        assert set(getattr(item, name)) <= set(words[vocabulary]), name
    assert item.stage in words["stages"]
    assert item.strength in words["strengths"]
    assert f"data/learning/{item.id}.md" in text
    source = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1]
    publications = {
        id: Publication.model_validate({"id": id, **record}) for id, record in yaml.safe_load(source).items()
    }
    assert {piece.ref for piece in item.evidence if piece.kind != "result"} == set(publications)


def test_every_result_can_be_taken_away_whole(html):
    with (html / "results" / "results.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert rows
    for row in rows:
        evaluation, analysis = row["evaluation"], row["analysis"]
        with (html / "results" / evaluation / "results.csv").open(encoding="utf-8") as table:
            own = list(csv.DictReader(table))
        assert own == [row for row in rows if row["evaluation"] == evaluation]
        result = json.loads((html / "results" / evaluation / f"{analysis}.json").read_text(encoding="utf-8"))
        with (html / "downloads" / evaluation / f"{analysis}.csv").open(encoding="utf-8") as table:
            series = list(csv.DictReader(table))
        drawn = result["effect"]["series"]
        observed = drawn["columns"].index("observed")
        assert len(series) == len(drawn["rows"])
        for point, shown in zip(drawn["rows"], series, strict=True):
            # What is missing or withheld stays empty, and is never zero.
            assert (shown["observed"] == "") == (point[observed] is None)
            assert point[observed] is None or float(shown["observed"]) == pytest.approx(point[observed])
        assert {row["synthetic"] for row in series} == {str(result["synthetic"]).lower()}
        notebook = nbformat.read(html / "downloads" / evaluation / f"{analysis}.ipynb", as_version=4)
        nbformat.validate(notebook)
        page = (html / GENERATED / "evaluations" / evaluation / "files.html").read_text(encoding="utf-8")
        for link in (f"downloads/{evaluation}/{analysis}.csv", f"downloads/{evaluation}/{analysis}.ipynb"):
            assert f'href="../../../../{link}"' in page


def test_titles_of_pages_stand_once_in_the_index_and_are_put_back():
    index = {
        "docnames": ["a", "b"], "filenames": ["a", "b"], "titles": ["R&amp;D", "Beds"],
        "alltitles": {"R&D": [[0, None]], "Beds": [[0, "beds"], [1, None]], "Below": [[1, "below"]]},
    }  # fmt: skip
    kept = CompactIndex()
    written = kept.dumps(index)
    assert json.loads(written[len(kept.PREFIX) : -len(kept.SUFFIX)])["alltitles"] == {
        "Beds": [[0, "beds"]], "Below": [[1, "below"]]
    }  # fmt: skip
    assert kept.loads(written) == {**index, "filenames": index["docnames"]}


class TestTheWholeBook:
    pytestmark = browser_only

    def test_home_leads_with_results_on_a_phone_too(self, browser, html):
        page = _open(browser, html / "book" / "index.html", viewport=PHONE)
        assert page.locator(".ek-routes a").count() == 4
        assert "data to" in page.locator(".ek-home-search label").text_content()
        for name in ("h1", ".ek-lead >> nth=0", ".ek-strip tbody tr >> nth=0", ".ek-strip tbody tr >> nth=1"):
            assert is_on_screen(page, name), name
        for number in range(4):
            assert page.locator(".ek-routes a").nth(number).bounding_box()["height"] >= 20

    @pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 800}])
    def test_home_leads_to_the_own_trust_on_the_first_screen(self, browser, html, viewport):
        page = _open(browser, html / "book" / "index.html", viewport=viewport)
        assert is_on_screen(page, ".ek-my-trust a")
        link, title = (page.locator(name).first.bounding_box() for name in (".ek-my-trust a", "h1"))
        words = page.evaluate(
            "() => { const range = document.createRange(); range.selectNodeContents(document.querySelector('h1')); return range.getBoundingClientRect().right }"
        )
        assert link["x"] >= words or link["y"] >= title["y"] + title["height"]
        page.locator(".ek-my-trust a").click()
        page.locator("#ek-partner").wait_for()  # made visible by its script

    @pytest.mark.parametrize("typed", ["Medway", "medway nhs foundation trust"])
    def test_the_own_page_of_a_trust_is_found_first_by_its_name(self, browser, html, typed):
        page = _open(browser, html / "search.html", f"?{urlencode({'q': typed})}")
        page.locator(".search-summary", has_text="Pages found").wait_for()
        first = page.locator("#search-results ul.search > li a").first.get_attribute("href")
        assert first.split("#")[0] == "book/generated/partners/organisations/RPA.html"
        assert not page.complaints

    def test_a_trust_without_an_evaluation_is_found_by_its_name(self, browser, html):
        page = _open(browser, html / GENERATED / "find.html")
        trusts = page.locator("#ek-find-trusts")
        assert trusts.is_hidden()
        page.locator("#ek-find-words").fill("Medway")
        assert trusts.locator("a:visible").evaluate_all("all => all.map(one => one.getAttribute('href'))") == [
            "partners/organisations/RPA.html"
        ]
        page.locator("#ek-find-words").fill("nhs trust")  # the name of all
        assert trusts.is_hidden()
        page.locator("#ek-find-words").fill("waiting")
        assert trusts.is_hidden()
        assert not page.complaints

    def test_sites_lead_to_every_trust_with_charts(self, html):
        charted = sorted(path.name for path in (html / GENERATED / "partners" / "organisations").glob("*.html"))
        assert len(charted) > 100
        text = (html / GENERATED / "sites" / "index.html").read_text(encoding="utf-8")
        assert sorted(re.findall(r'href="\.\./partners/organisations/(\w+\.html)"', text)) == charted
        assert 'href="../partners/index.html"' in text

    def test_searching_from_home_leads_to_what_is_found(self, browser, html):
        page = _open(browser, html / "book" / "index.html")
        page.locator("#ek-home-words").fill("Weston")
        page.locator("#ek-home-words").press("Enter")
        page.wait_for_selector("#search-results li a")
        assert page.locator(".search-summary").get_attribute("role") == "status"
        titles = page.eval_on_selector_all("#search-results li a", "links => links.map(one => one.textContent)")
        assert any("Weston" in title for title in titles)
        assert "Find anything" not in titles

    def test_search_says_plainly_that_nothing_was_found(self, browser, html):
        page = _open(browser, html / "search.html", "?q=xylophone")
        page.wait_for_function("document.querySelector('.search-summary')?.textContent")
        assert page.locator(".search-summary").text_content() == "No page was found."
        assert page.locator("main a", has_text="choose by theme").is_visible()

    def test_the_main_links_stand_on_one_line(self, browser, html):
        page = _open(browser, html / "book" / "index.html", viewport={"width": 1280, "height": 900})
        tops = page.eval_on_selector_all(".ek-main-links a", "all => all.map(one => one.getBoundingClientRect().top)")
        assert len(tops) == 7
        assert len(set(tops)) == 1

    def test_find_shows_a_first_screenful_and_more_on_request(self, browser, html):
        page = _open(browser, html / GENERATED / "find.html", viewport={"width": 1280, "height": 800})
        every = page.locator("#ek-find-cards > li").count()
        titles = page.locator("#ek-find-cards h2").all_text_contents()
        assert _shown(page) == titles[:24]
        assert page.evaluate("document.documentElement.scrollHeight") < 5000
        assert page.locator("#ek-find-rest > span").text_content() == f"24 of {every} shown."
        page.locator("#ek-find-more").focus()
        page.keyboard.press("Enter")
        assert _shown(page) == titles[:48]
        assert page.evaluate("document.activeElement.textContent") == titles[24]
        again = _open(browser, html / GENERATED / "find.html", "?" + page.url.partition("?")[2])
        assert _shown(again) == titles[:48]
        page.emulate_media(media="print")
        assert page.locator("#ek-find-cards > li").last.bounding_box()["height"] > 50
        page.emulate_media(media="screen")
        assert page.locator("#ek-find-all").text_content() == f"Show all {every}"
        page.locator("#ek-find-all").click()
        assert _shown(page) == titles
        assert page.evaluate("document.activeElement.textContent") == titles[48]
        assert page.locator("#ek-find-rest").is_hidden()
        _kind(page, "barrier").click()
        assert len(_shown(page)) == min(24, _count(page, "kind", "barrier"))
        assert not page.complaints

    def test_what_readers_call_a_thing_finds_it(self, browser, html, root):
        page = _open(browser, html / GENERATED / "find.html")
        for typed in ("cost", "elderly", "casualty", "discharge", "Airedale", "frail elderly"):
            page.locator("#ek-find-words").fill(typed)
            assert _shown(page), typed
        found = {}
        for id, entry in read_catalogue(root).synonyms.items():
            page.locator("#ek-find-words").fill(entry.words[0])
            found[id] = len(_shown(page)) + page.locator("#ek-find-asked li:visible").count()
        assert all(found.values()), found

    def test_each_hit_says_what_kind_of_page_where_and_which_verdict(self, browser, html, root):
        catalogue = read_catalogue(root)
        page = _open(browser, html / "search.html", "?q=rr8")
        page.locator(".search-summary", has_text="Pages found").wait_for()
        hits = page.locator("#search-results ul.search > li")
        pages = hits.locator("a").evaluate_all(
            "links => links.map(link => link.getAttribute('href').replace(/#.*/, ''))"
        )
        assert len(pages) == len(set(pages))
        assert pages[0] == "book/generated/sites/leeds-teaching.html"
        assert hits.nth(0).locator(".ek-place").text_content() == f"Site · {catalogue.sites['leeds-teaching'].place}"
        treated = [one for one in catalogue.evaluations.values() if "RR8" in catalogue.codes(one.sites)]
        first = set(pages[1 : 1 + len(treated)])
        assert first == {f"book/generated/evaluations/{evaluation.id}/index.html" for evaluation in treated}
        said = hits.locator(".ek-place").all_text_contents()
        assert len(said) == len(pages)
        assert all(line.split(" · ")[0] for line in said)
        page.goto((html / "search.html").as_uri() + "?q=cost")
        page.locator(".search-summary", has_text="Pages found").wait_for()
        assert "“cost” also finds money, costs" in page.locator("#search-results .ek-note").text_content()
        # Every evaluation has a line on its cost: that tells none of them from the others.
        assert "money" in hits.locator("a").first.text_content().lower()
        # The words stand marked on the page that is chosen, whole, and on no page that is opened after it.
        page.locator("#search-results a", has_text="money").first.click()
        page.wait_for_selector("main mark")
        whole = {"money", *catalogue.synonyms["money"].words}
        assert {mark.lower() for mark in page.locator("main mark").all_text_contents()} <= whole
        page.locator(".ek-main-links a").first.click()
        page.wait_for_url("**/evaluations/index.html")
        assert page.locator("main mark").count() == 0
        assert not page.complaints

    def test_what_is_marked_is_never_a_part_of_a_word(self, browser, html):
        page = _open(browser, html / "search.html", "?q=re+closure")
        page.locator(".search-summary", has_text=re.compile("Pages found|No page")).wait_for()
        page.goto((html / "search.html").as_uri() + "?q=closure+night")
        page.locator(".search-summary", has_text="Pages found").wait_for()
        marks = page.locator("#search-results mark").all_text_contents()
        assert marks
        page.locator("#search-results ul.search > li > a").first.click()
        page.wait_for_selector("main mark")
        parts = page.evaluate(
            """() => [...document.querySelectorAll("main mark")].filter(mark =>
                /[\\p{L}\\p{N}]$/u.test(mark.previousSibling?.data || "") || /^[\\p{L}\\p{N}]/u.test(mark.nextSibling?.data || ""))
                .map(mark => mark.parentElement.textContent)"""
        )
        assert parts == []
        assert not page.complaints

    @pytest.mark.parametrize(
        ("typed", "pages"),
        [(word, (WHERE_HELP_IS, YOUR_WORDS)) for word in ("ombudsman", "PALS", "complaint", "Healthwatch", "advocate", "what can I do")]
        + [("withdraw", (YOUR_WORDS, WHERE_HELP_IS))],
    )  # fmt: skip
    def test_who_needs_help_finds_it_first(self, browser, html, typed, pages):
        page = _open(browser, html / "search.html", f"?{urlencode({'q': typed})}")
        page.locator(".search-summary", has_text="Pages found").wait_for()
        links = page.locator("#search-results ul.search > li > a")
        assert [links.nth(at).get_attribute("href").partition("#")[0] for at in (0, 1)] == [*pages]
        page = _open(browser, html / GENERATED / "find.html", f"?{urlencode({'words': typed})}")
        assert page.locator("#ek-find-asked li:visible").count() == len(pages)

    def test_search_knows_every_page_and_its_verdict(self, html):
        text = (html / "search.html").read_text(encoding="utf-8")
        known = json.loads(re.search(r'id="ek-search-data">(.*?)</script>', text)[1])
        with (html / "results" / "results.csv").open(encoding="utf-8") as table:
            certainty = {
                row["evaluation"]: row["certainty"] for row in csv.DictReader(table) if row["role"] == "primary"
            }
        folder = f"{known['folder']}/"
        for name, (kind, _, says, *_) in known["hits"].items():
            page = (html / f"{folder}{name}.html").read_text(encoding="utf-8")
            if kind == "Evaluation":
                verdict, _, sure = says.partition(", certainty ")
                assert verdict in page
                assert sure == certainty[name.split("/")[1]]
        for path in (html / "book").rglob("*.html"):
            name = path.relative_to(html).with_suffix("").as_posix()
            assert (
                name.removeprefix(folder) in known["hits"]
                or name == f"{folder}find"
                or any(name.startswith(start) for start in known["folders"])
            ), name

    def test_the_list_of_sites_begins_with_single_places(self, html, root):
        catalogue = read_catalogue(root)
        text = (html / GENERATED / "sites" / "index.html").read_text(encoding="utf-8")
        listed = re.findall(r'<li><a href="([a-z0-9-]+)\.html">', text[text.index("ek-places") :])
        several = [len(catalogue.sites[id].org_codes) > 1 for id in listed]
        assert several == sorted(several)
        assert any(several)
        names = [catalogue.sites[id].name.casefold() for id in listed]
        alone = several.count(False)
        assert names == sorted(names[:alone]) + sorted(names[alone:])

    def test_every_card_of_the_real_book_can_be_found(self, browser, html, root):
        catalogue = read_catalogue(root)
        page = _open(browser, html / GENERATED / "find.html", "?shown=all")
        published = [evaluation for evaluation in catalogue.evaluations.values() if evaluation.status == "published"]
        shown = [item for item in catalogue.learning.values() if item.is_shown]
        assert len(_shown(page)) == len(published) + len(shown) + len(catalogue.pooled)
        for route in catalogue.routes.values():
            query = "&".join(f"audience={audience}" for audience in route.audiences)
            barriers = _open(browser, html / GENERATED / "find.html", f"?{query}&kind=barrier&shown=all")
            wanted = [item for item in shown if item.type == "barrier" and set(item.audience) & set(route.audiences)]
            assert len(_shown(barriers)) == len(wanted)
        assert not page.complaints


def test_what_the_record_of_sandwell_says_of_later_months_is_what_its_results_say(html):
    with (html / "results" / "results.csv").open(encoding="utf-8") as table:
        rows = {row["analysis"]: row for row in csv.DictReader(table) if row["evaluation"].startswith("midland-")}
    for analysis in ("four-hour-type-1", "four-hour-all"):
        early, later = rows[analysis], rows[f"{analysis}-to-2026"]
        assert float(later["estimate"]) > float(early["estimate"]) > 0
        assert {early["direction"], later["direction"]} == {"unclear"}
