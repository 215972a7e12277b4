"""What others published stands beside this book's results, each with its question, figures, method, result and doubt."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pydantic import ValidationError

from evalkit.book.page_writer import write_pages
from evalkit.catalogue.records.independent_results import IndependentEvaluation
from tests.support.synthetic_book import made_up, make_project

PUBLISHED = {
    "by": "Somebody else, 2020", "question": "Did visits <b>change</b>?", "data": "Records of patients.",
    "method": "Against a synthetic control.", "found": "They rose.",
    "figures": [{"what": "Visits", "estimate": 13.6, "low": -1.5, "high": 20, "scale": "percent"}],
    "sources": [{"title": "A report", "where": "example.org/report"}], "not_opened": "The appendix.",
}  # fmt: skip
RECORD = {
    "id": "of-others",
    "title": "What somebody else found",
    "published": PUBLISHED,
    "may_differ": ["Other people."],
}


def _words(part) -> str:
    return re.sub(r"\s+", " ", part.get_text(" "))


def _written(folder: Path, *given: dict) -> tuple[BeautifulSoup, BeautifulSoup, str]:
    """The page, that of the one evaluation, and the evaluation's id; ``EVALUATION`` stands for the answer of it."""
    make_project(folder)
    catalogue, plans, outcomes = made_up(folder, [1])
    (id,) = catalogue.evaluations
    for plain in given:
        answer = f"{id}/{catalogue.evaluations[id].primary.id}"
        named = plain | (
            {"beside": [ref.replace("EVALUATION", answer) for ref in plain["beside"]]} if "beside" in plain else {}
        )
        catalogue.independent_results[named["id"]] = IndependentEvaluation.model_validate(named)
    generated = folder / "book" / "generated"
    write_pages(generated, catalogue, plans, outcomes)
    pages = [generated / "independent-results.html", generated / "evaluations" / id / "index.html"]
    page, of_evaluation = (BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in pages)
    return page, of_evaluation, id


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return _written(tmp_path_factory.mktemp("others"), RECORD | {"about": "same_change", "beside": ["EVALUATION"]})


def test_both_are_told_row_by_row(made):
    page, _, id = made
    rows = {_words(row.find("th")): row.find_all("td") for row in page.find("tbody").find_all("tr")}
    assert list(rows) == ["Question", "Figures", "Method", "Result"]
    assert all(len(cells) == 2 for cells in rows.values())
    assert "+13.6% (95% interval −1.5 to +20)" in _words(rows["Result"][0])
    assert rows["Result"][1].find("a")["href"].startswith(f"evaluations/{id}/")
    assert re.search(r"[−+]\d+\.\d%? \([−+]", _words(rows["Result"][1])), "the estimate of this book with its interval"
    said = _words(page)
    assert "On the same change" in said
    assert "Other people." in said
    assert "Could not be opened: The appendix." in said


def test_words_of_others_are_not_markup(made):
    page, _, _ = made
    assert "Did visits <b>change</b>?" in _words(page)
    assert page.find("tbody").find("b") is None


def test_the_evaluation_leads_there(made):
    _, of_evaluation, _ = made
    link = of_evaluation.find("a", href="../../independent-results.html#of-others")
    assert _words(link) == "What somebody else found"


def test_what_has_nothing_here_says_why(tmp_path):
    page, of_evaluation, _ = _written(tmp_path, RECORD | {"none_here": "It began everywhere at once."})
    assert "It began everywhere at once." in _words(page)
    assert {len(row.find_all("td")) for row in page.find("tbody").find_all("tr")} == {1}
    assert of_evaluation.find("a", href=re.compile("independent-results")) is None


def test_without_any_the_page_says_where_one_goes(tmp_path):
    page, _, _ = _written(tmp_path)
    assert "data/independent_results.yml" in _words(page)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "needs one of `beside`"),
        ({"beside": ["a/b"], "none_here": "Why.", "about": "same_kind"}, "needs one of `beside`"),
        ({"beside": ["a/b"]}, "`about` says of what change"),
        ({"none_here": "Why.", "about": "same_kind"}, "`about` says of what change"),
        ({"none_here": "Why.", "may_differ": []}, "may_differ"),
    ],
    ids=["neither", "both", "beside what", "of no change", "no doubt"],
)  # fmt: skip
def test_a_record_that_does_not_agree_is_refused(given, says):
    with pytest.raises(ValidationError, match=re.escape(says)):
        IndependentEvaluation.model_validate(RECORD | given)
