"""Results at a glance, across sites, measures, protocols, glossary, change log, boards: what stands on them."""

import csv
import json
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest

from evalkit.book.content.answers import kind
from evalkit.book.page_writer import write_pages
from evalkit.catalogue import read_catalogue
from evalkit.catalogue.consistency.plain_words import abbreviations, sentences, word_count
from evalkit.catalogue.records.candidates import Candidate
from evalkit.catalogue.records.learning import BookChange, Term
from tests.support.synthetic_book import made_up, make_project, with_result

GENERATED = Path("book", "generated")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def catalogue(root):
    return read_catalogue(root)


@pytest.fixture(scope="module")
def results(html) -> list[dict[str, str]]:
    with (html / "results" / "results.csv").open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


def read(html: Path, name: str) -> str:
    """A generated page's main part, as text with tags."""
    text = (html / GENERATED / f"{name}.html").read_text(encoding="utf-8")
    return text[text.index('<main id="main-content"') : text.index("</main>")]


def plain(text: str) -> str:
    """Text without tags, one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


# ---- at a glance ----


def test_every_analysis_is_there_once_and_in_no_order_of_merit(html, catalogue):
    text = read(html, "glance")
    titles = [plain(heading) for heading in re.findall(r"<h2[^>]*>(.*?)</h2>", text)]
    told = sorted((evaluation.title for evaluation in catalogue.evaluations.values()), key=str.casefold)
    assert titles == [*told, "Has it lasted?"]
    text = text.partition('<h2 id="lasted">')[0]
    for evaluation in catalogue.evaluations.values():
        ids = re.findall(rf'href="evaluations/{evaluation.id}/([^"/]+)\.html"', text)
        assert ids == ["index", *(analysis.id for analysis in evaluation.analyses)]


def test_the_sentence_at_the_top_counts_what_the_table_of_results_holds(html, results):
    real = [row for row in results if row["synthetic"] == "false" and row["standing"] == "primary"]
    counts = dict.fromkeys(("clear", "no_important_change", "open", "none"), 0)
    for row in real:
        counts[kind(SimpleNamespace(done=True, word=row["verdict"]))] += 1
    text = plain(read(html, "glance"))
    assert (
        f"{len(real)} evaluations of real changes, each with one answer: {counts['clear']} are clear of no change"
        in text
    )
    assert f"Of {len(real)} answers to a question, {counts['clear']} are clear of no change." in text
    assert "had nothing happened anywhere, none or one would be" in text
    assert f"{counts['open']} could not tell" in text


def test_every_verdict_has_a_word_and_a_shape_that_is_not_read_out(html):
    text = read(html, "glance")
    cells = re.findall(r'<span class="ek-shape" aria-hidden="true">(.)</span> (\w+)', text)
    assert len(cells) > 50
    shapes = {word: {shape for shape, other in cells if other == word} for _, word in cells}
    assert shapes["Inconclusive"] == shapes["Direction"] == {"○"}
    assert shapes["Exploratory"] == {"–"}
    assert shapes["Points"] == {"↑", "↓"}
    assert shapes["Increased"] == {"▲"}
    assert shapes["Decreased"] == {"▼"}


# ---- across sites ----


def test_a_pooled_page_gives_the_answer_first_and_leads_to_every_site(html, catalogue):
    enough = [pooled for pooled in catalogue.pooled.values() if len(pooled.analyses) >= 3]
    together = [pooled for pooled in enough if pooled.not_pooled is None]
    assert len(together) >= 3
    for pooled in together:
        result = json.loads((html / "results" / "across" / f"{pooled.id}.json").read_text(encoding="utf-8"))
        text = read(html, f"across/{pooled.id}")
        order = [
            text.index(mark) for mark in ('class="ek-answer"', "ek-diamond", "Why together", "Every site by itself")
        ]
        assert order == sorted(order)
        assert result["in_words"]["answer"] in plain(text)
        assert result["in_words"]["new_site"] in plain(text)
        assert pooled.why_together.strip() in plain(text)
        for ref in pooled.analyses:
            assert f'href="../evaluations/{ref}.html"' in text
        rows = re.findall(r'<tr><th scope="row"><a href="\.\./evaluations/[^"]+">([^<]+)</a></th>', text)
        assert rows == sorted(rows, key=str.casefold)
        assert len(rows) == len(pooled.analyses) == len(result["provenance"]["members"])
        assert (html / "results" / "across" / f"{pooled.id}.csv").is_file()
        assert result["effect"]["gated"]
        assert f"across/{pooled.id}.html" in read(html, "across/index") or f'href="{pooled.id}.html"' in read(
            html, "across/index"
        )


# ---- measures ----


def test_a_measure_lists_every_analysis_and_draws_every_site(html, catalogue):
    for measure in catalogue.measures.values():
        text = read(html, f"measures/{measure.id}")
        assert measure.definition.split(".")[0] in plain(text)
        uses = [
            f"../evaluations/{evaluation.id}/{analysis.id}.html"
            for evaluation in catalogue.evaluations.values()
            for analysis in evaluation.analyses
            if analysis.parameters["measure"] == measure.id
        ]
        assert all(f'href="{link}"' in text for link in uses)
        assert ("No result of this book uses this measure" in text) == (not uses)
        drawings, tables = text.count('class="ek-figure ek-small"'), text.count("<details><summary>Numbers")
        assert drawings == tables
        assert (drawings > 0) == (len(uses) > 0)


def test_drawings_have_words_of_their_own(html, catalogue):
    seen = set()
    for path in (html / GENERATED / "measures").glob("*.html"):
        for label in re.findall(r'role="img" aria-label="([^"]*)"', path.read_text(encoding="utf-8")):
            assert len(label) >= 40
            assert label not in seen, label
            seen.add(label)
    assert len(seen) > 30


# ---- protocols, glossary, change log ----


def test_a_protocol_has_the_fingerprint_of_its_evaluations_page(html, catalogue):
    text = read(html, "protocols")
    for evaluation in catalogue.evaluations.values():
        own = text[text.index(f'id="{evaluation.id}"') :].split("</section>")[0]
        fingerprint = re.search(r"<code>([0-9a-f]{12})</code>", own)[1]
        assert f"<code>{fingerprint}</code>" in read(html, f"evaluations/{evaluation.id}/index")
        for departure in evaluation.protocol.deviations:
            assert " ".join(departure.what.split()) in plain(own)


def test_glossary_and_change_log(html, catalogue):
    glossary = read(html, "glossary")
    for term in catalogue.glossary.values():
        assert f'<div id="{term.id}">' in glossary
        assert term.stands_for is None or term.stands_for in plain(glossary)
    dates = re.findall(r'<time datetime="([^"]+)"', read(html, "changes"))
    assert dates == sorted(dates, reverse=True)
    assert len(dates) == len({change.date for change in catalogue.changes.values()})


# ---- the evaluation: plain words, board, figures ----


def _block(html: Path, evaluation: str) -> str:
    text = read(html, f"evaluations/{evaluation}/index")
    return plain(re.search(r'<section class="ek-plain".*?>(.*?)</section>', text, re.DOTALL)[1])


def test_the_plain_block_is_short_and_explained(html, catalogue):
    explained = {word for term in catalogue.glossary.values() for word in abbreviations(term.term)}
    for evaluation in catalogue.evaluations.values():
        text = _block(html, evaluation.id)
        assert word_count(text) <= 70, (evaluation.id, word_count(text))
        for sentence in sentences(text):
            assert word_count(sentence) <= 20, (evaluation.id, sentence)
        assert set(abbreviations(text)) <= explained, evaluation.id


def test_the_finding_comes_first_then_how_sure_then_the_change_in_plain_words(html, catalogue):
    for evaluation in catalogue.evaluations:
        text = read(html, f"evaluations/{evaluation}/index")
        assert text.index('class="ek-finding"') < text.index('class="ek-answer"') < text.index('class="ek-plain"')
        assert 'href="board.html"' in text


def test_a_board_has_question_answer_reasons_rivals_and_a_decision(html, catalogue):
    for evaluation in catalogue.evaluations.values():
        text = read(html, f"evaluations/{evaluation.id}/board")
        assert " ".join(evaluation.question.split()) in plain(text)
        block = re.search(r'class="ek-certainty">(.*?)</div>', text, re.DOTALL)[1]
        assert ("could have been missed" in block) == ("<li>" not in block)
        assert block.count("<li>") <= 5
        assert "trials" in block or "was not measured" in block or "was not tried" in block
        rivals = re.search(r'class="ek-board-rivals">(.*?)</ul>', text, re.DOTALL)[1]
        touching = [rival for rival in evaluation.rival_explanations if rival.grading_of(evaluation.primary.id)]
        assert rivals.count("<li>") == min(len(touching), 3)
        assert "could explain" in rivals
        assert "What it means for a decision" in text
        assert 'href="index.html"' in text


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: no page was printed")
def test_a_board_prints_on_one_sheet_and_no_page_prints_its_navigation(html, catalogue):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for evaluation in catalogue.evaluations:
            page.goto((html / GENERATED / "evaluations" / evaluation / "board.html").as_uri())
            sheets = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
            assert len(sheets) == 1, (evaluation, len(sheets))
        page.emulate_media(media="print")
        for name in ("glance", "protocols", "measures/index", f"evaluations/{evaluation}/index"):
            page.goto((html / GENERATED / f"{name}.html").as_uri())
            for part in (".ek-main-links", ".ek-contents", ".ek-theme"):
                assert not page.locator(part).first.is_visible(), (name, part)
        browser.close()


def test_no_two_pictures_of_the_book_have_the_same_words(html):
    seen: dict[str, Path] = {}
    for path in sorted(html.rglob("*.html")):
        for tag in re.findall(
            r'<img\b[^>]*>|<svg\b[^>]*role="img" aria-label=[^>]*>', path.read_text(encoding="utf-8")
        ):
            alt = re.search(r'\b(?:alt|aria-label)="([^"]*)"', tag)[1]
            assert len(alt) >= 40, (path, alt)
            assert alt not in seen, (path, seen[alt], alt)
            seen[alt] = path
    assert len(seen) > 100


def test_every_figure_of_results_has_its_numbers(html):
    pages = [*(html / GENERATED / "evaluations").glob("*/*.html"), *(html / GENERATED / "across").glob("*.html")]
    checked = 0
    for path in pages:
        text = read(html, path.relative_to(html / GENERATED).with_suffix("").as_posix())
        drawings, tables = text.count('class="ek-figure"'), text.count(" data-figure=")
        assert drawings == tables, path
        assert "<img" not in text, path
        checked += drawings
    assert checked > 100


# ---- empty states and made-up records ----


@pytest.fixture
def made(tmp_path):
    make_project(tmp_path)
    return tmp_path, *made_up(tmp_path, [1, 2])


def _page(made, name: str) -> str:
    write_pages(made[0] / GENERATED, *made[1:])
    return plain((made[0] / GENERATED / f"{name}.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("across/index", "data/pooled"), ("glossary", "data/glossary.yml"), ("changes", "data/changes.yml"),
        ("candidates", "data/candidates.yml"),
    ],
)  # fmt: skip
def test_a_page_without_records_says_what_would_stand_there_and_how_to_add_it(made, name, where):
    text = _page(made, name)
    assert "Here stand" in text
    assert where in text
    assert "Take part" in text


def test_a_measure_that_no_result_uses_says_so(made):
    _, catalogue, *_ = made
    used = next(iter(catalogue.measures.values()))
    catalogue.measures["unused"] = used.model_copy(update={"id": "unused", "name": "Unused"})
    assert "No result of this book uses this measure" in _page(made, "measures/unused")
    assert "No result of this book uses this measure" not in _page(made, f"measures/{used.id}")


def test_invented_data_are_labelled_and_not_counted_at_a_glance(made):
    text = _page(made, "glance")
    assert "0 evaluations of real changes, each with one answer: 0 are clear of no change" in text
    assert "2 evaluations of invented data are labelled and not counted" in text
    assert text.count("Synthetic data.") == 2


def test_an_analysis_without_result_has_its_sentence_on_every_list(made):
    _, catalogue, _, outcomes = made
    outcomes[0] = replace(outcomes[0], status="failed", sentence="It failed for a reason.", result=None)
    for name in ("glance", f"measures/{next(iter(catalogue.measures))}"):
        assert "No result at present: It failed for a reason." in _page(made, name)
    board = (made[0] / GENERATED / "evaluations" / outcomes[0].evaluation / "board.html").read_text(encoding="utf-8")
    assert "It failed for a reason." in board
    assert "decision" not in board


def test_a_new_word_and_a_new_change_come_onto_their_pages_by_themselves(made):
    _, catalogue, *_ = made
    _page(made, "glossary")
    catalogue.glossary["its"] = Term(id="its", term="ITS", stands_for="interrupted time series", means="A design.")
    for id, date in (("older", "2026-01-01"), ("newer", "2026-02-01")):
        catalogue.changes[id] = BookChange(id=id, date=date, what=f"The {id} change.", evaluations=["example-0001"])
    assert "ITS interrupted time series A design." in _page(made, "glossary")
    text = _page(made, "changes")
    assert text.index("The newer change.") < text.index("The older change.")
    assert "Made-up change 1" in text
    catalogue.changes["draft"] = BookChange(
        id="draft", date="2026-03-01", what="Of a draft.", evaluations=["a-draft", "example-0002"]
    )
    text = _page(made, "changes")
    assert "a-draft" not in text
    assert "Of a draft. Made-up change 2" in text


def test_a_board_says_where_certainty_started(made):
    assert "Starts at" in _page(made, "evaluations/example-0001/board")


def test_a_series_that_changes_makes_the_measures_pages_again_and_leaves_the_glance_alone(made):
    _, catalogue, plans, outcomes = made
    measure = next(iter(catalogue.measures))
    before = _page(made, f"measures/{measure}"), _page(made, "glance")
    result = json.loads(outcomes[0].result.published)
    columns = result["effect"]["series"]["columns"]
    result["effect"]["series"]["rows"][0][columns.index("observed")] *= 2
    outcomes[0] = with_result(outcomes[0], result)
    plans[0] = replace(plans[0], depends={**plans[0].depends, "rows": "1" * 64})
    after = _page(made, f"measures/{measure}"), _page(made, "glance")
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_changes_that_were_looked_for_stand_by_what_was_decided_of_them(made):
    root, catalogue, *_ = made
    told = {
        "what": "A door was shut", "where": "Somewhere", "when": "In May", "cause": "a shut door", "figures": "Visits",
        "decided": "2026-11-30", "because": "For a reason.", "sources": [{"title": "A newspaper", "where": "example.org"}],
    }  # fmt: skip
    predicted = {"low": -20, "high": -5, "scale": "percent", "source": "A newspaper."}
    power = {
        "org_code": "ZZ901", "measure": "made-up-visits", "table": "made-up", "first": "2020-01", "last": "2021-12",
        "months_after": 12, "change": 5,
    }  # fmt: skip
    for id, given in (
        ("kept-one", {"predicted": predicted, "power": power, "known": "not_looked_at", "decision": "kept"}),
        (
            "left-one",
            {"no_prediction": "Nobody said.", "no_power": "No figures.", "known": "read_of", "decision": "set_aside"},
        ),
    ):
        catalogue.candidates[id] = Candidate.model_validate({"id": id, **told, **given})
    text = _page(made, "candidates")
    assert "2 changes were looked at: 1 kept, none in the book already, 1 set aside" in text
    assert "Predicted A fall of 5.0 to 20.0%. A newspaper." in text
    assert "Not worked out yet." in text
    table = root / "data" / "candidate_power.csv"
    table.write_text("candidate,before,after,change,scale,detectable,power\nkept-one,24,12,5.0,percent,4.0,0.91\n")
    text = _page(made, "candidates")
    assert "5.0% would be found 91 times in a hundred, and 4.0% four times in five" in text
    assert text.index("91 times") < text.index("Nobody said.")
    assert "when a source had told something of the outcome. For a reason." in text
