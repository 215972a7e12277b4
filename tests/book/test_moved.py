"""What moved since the book was last published, beside what was kept then."""

import csv
import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from evalkit.book.page_writer import write_pages
from evalkit.catalogue.records.last_time import FILE, keep, read_last_time
from evalkit.errors import InputRefused
from tests.support.synthetic_book import made_up, make_project, with_result

GENERATED = Path("book", "generated")


@pytest.fixture
def made(tmp_path):
    """Three evaluations of places that are called real."""
    make_project(tmp_path)
    catalogue, plans, outcomes = made_up(tmp_path, [1, 2, 3])
    for site in list(catalogue.sites.values()):
        catalogue.sites[site.id] = site.model_copy(update={"synthetic": False})
    return tmp_path, catalogue, plans, outcomes


def _rows(outcomes) -> list[dict]:
    rows = []
    for outcome in outcomes:
        result = json.loads(outcome.result.published)
        effect, verdict = result["effect"], result["verdict"]
        columns = effect["estimates"]["columns"]
        every = [dict(zip(columns, row, strict=True)) for row in effect["estimates"]["rows"]]
        headline = next(row for row in every if (row["role"], row["scale"]) == ("headline", verdict["scale"]))
        rows.append(
            {"evaluation": outcome.evaluation, "analysis": outcome.analysis, "verdict": verdict["word"],
             "certainty": verdict["certainty"] or "", "last": effect["data"]["last"],
             **{name: headline[name] for name in ("estimate", "low", "high", "scale")}}
        )  # fmt: skip
    return rows


def _page(folder, *records) -> str:
    write_pages(folder / GENERATED, *records)
    text = (folder / GENERATED / "moved.html").read_text(encoding="utf-8")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_without_results_that_were_kept_it_says_how_to_keep_them(made):
    assert "no results were kept before this book" in _page(*made)


def test_nothing_has_moved_where_nothing_has(made):
    folder, *_, outcomes = made
    assert keep(folder, _rows(outcomes), date(2026, 11, 30)) == 3
    page = _page(*made)
    assert "No answer to a question has moved since 30 November 2026." in page
    assert "3 analyses are as they were." in page


def test_what_moved_stands_beside_what_it_was(made):
    folder, *_, outcomes = made
    kept = _rows(outcomes)
    kept[0] |= {"verdict": "inconclusive", "certainty": "", "last": "2018-01"}
    kept[1] = kept[1] | {"analysis": "an-older-one"}
    keep(folder, kept, date(2026, 11, 30))
    outcomes[2] = replace(outcomes[2], status="failed", sentence="It cannot be run.", result=None)
    page = _page(*made)
    assert "Since 30 November 2026, 2 answers to a question moved." in page
    assert "the verdict, the certainty, months were added" in page
    assert "Inconclusive" in page
    assert "figures to January 2018" in page
    assert "there is no result at present" in page
    assert "0 analyses are as they were, 1 is new, 1 is gone." in page


def test_a_new_size_alone_is_told(made):
    folder, *_, outcomes = made
    keep(folder, _rows(outcomes), date(2026, 11, 30))
    result = json.loads(outcomes[0].result.published)
    for row in result["effect"]["estimates"]["rows"]:
        row[result["effect"]["estimates"]["columns"].index("estimate")] *= 1.1
    outcomes[0] = with_result(outcomes[0], result)
    page = _page(*made)
    assert "1 answer to a question moved" in page
    assert "the verdict" not in page.split("Now")[-1]


def test_a_line_that_cannot_be_read_is_named_with_its_remedy(made):
    folder, _, _, outcomes = made
    keep(folder, _rows(outcomes), date(2026, 11, 30))
    path = folder / FILE
    path.write_text(path.read_text(encoding="utf-8").replace("2026-11-30", "yesterday", 1), encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        read_last_time(folder)
    assert str(refused.value) == f"{FILE}, line 2: cannot be read: run `evalkit keep` again."


def test_what_is_kept_of_the_book_can_be_read(html, tmp_path):
    with (html / "results" / "results.csv").open(encoding="utf-8", newline="") as table:
        number = keep(tmp_path, csv.DictReader(table), date(2026, 11, 30))
    assert len(read_last_time(tmp_path)) == number > 70
