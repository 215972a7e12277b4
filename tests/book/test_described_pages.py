"""Pages of an evaluation whose answer is only described: whole everywhere, and nowhere a size, a certainty or "no effect"."""

import json
import re
from dataclasses import replace
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from pptx import Presentation

import evalkit as ek
from evalkit.book.content import rates
from evalkit.book.content.summaries import AnalysisSummary
from evalkit.book.page_writer import write_pages
from evalkit.book.pages import moved
from evalkit.catalogue.records.findings import FindingSentence
from evalkit.catalogue.records.last_time import KeptResult
from tests.support.effects import judged_by
from tests.support.synthetic_book import MEASURE, made_up, make_project, site_id, with_result
from tests.unit.designs.test_describe import WAVES, waves

GENERATED = Path("book", "generated")
HEADLINE = "too few points to estimate a change; here is what was counted before and after."


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two evaluations as if they were real, of which the first is only described; what was written."""
    folder = tmp_path_factory.mktemp("described")
    make_project(folder)
    catalogue, plans, outcomes = made_up(folder, [1, 2])
    for id, site in catalogue.sites.items():
        catalogue.sites[id] = site.model_copy(update={"synthetic": False})
    effect = replace(
        waves(), measure=MEASURE["id"], measure_unit="% of staff", treated_units=("ZZ0001",),
        data={"table": "made-up", "first": "2022-03", "last": "2024-10"},
    )  # fmt: skip
    result = json.loads(outcomes[0].result.published)
    judged = ek.verdict(effect, catalogue.measures[MEASURE["id"]], judged_by(plans[0].evaluation))
    outcomes[0] = with_result(outcomes[0], result | {"effect": effect.to_dict(), "verdict": judged.to_dict()})
    written = write_pages(folder / GENERATED, catalogue, plans, outcomes)
    return folder, catalogue, plans, outcomes, written


def page(made, name: str) -> str:
    return (made[0] / GENERATED / name).read_text(encoding="utf-8")


def test_its_page_says_why_there_is_no_estimate_and_shows_every_point(made):
    text = page(made, f"evaluations/{site_id(1)}/index.html")
    said = plain(text)
    assert said.count(HEADLINE) >= 2
    assert "Before the change: 52.5% (95% interval 41.7% to 63.1%) in March 2022." in said
    assert "Nothing was estimated, so there is nothing to be certain of" in said
    assert text.count('class="ek-whisker"') == 3
    assert 'data-figure="points"' in text
    assert "no test of a change" in said
    assert "It claims no change, so it can raise no false alarm; nor does it rule a change out." in said
    for not_there in ("Does the answer hold up", "false alarm is", "No result at present"):
        assert not_there not in said, not_there


@pytest.mark.parametrize(
    "name", [f"evaluations/{site_id(1)}/board.html", "glance.html", f"sites/{site_id(1)}.html", f"measures/{MEASURE['id']}.html", "find.html"]
)  # fmt: skip
def test_other_pages_say_that_it_is_only_described(made, name):
    said = plain(page(made, name))
    assert "Only described" in said or "only described" in said
    assert not re.search(r"\bnan\b|\bNone\b|\(\)", said)


def test_at_a_glance_it_is_counted_by_itself(made):
    said = plain(page(made, "glance.html"))
    assert "1 only describes what was counted" in said
    assert "0 have no result at present" in said
    assert "Of 1 answer to a question" in said


def test_home_has_its_row_without_a_bar_or_a_certainty(made):
    home = page(made, "index-parts/home.html")
    row = next(row for row in home.split("<tr") if f"evaluations/{site_id(1)}/" in row)
    assert "Only described" in row
    assert HEADLINE in row
    assert "<svg" not in row
    assert "not estimated" in row
    assert "■" not in row


class TestWhatIsTakenAway:
    def test_the_slide_has_each_point_at_its_month_with_whiskers(self, made):
        file = Presentation(
            BytesIO((made[0] / GENERATED / "evaluations" / site_id(1) / f"{site_id(1)}.pptx").read_bytes())
        )
        (chart,) = (shape.chart for shape in file.slides[0].shapes if shape.has_chart)
        seen, low, high = chart.plots[0].series
        assert (seen.name, low.name, high.name) == ("Seen", "Its own 95% interval, from", "to")
        assert [value for value in seen.values if value is not None] == WAVES["share"].tolist()
        assert [at for at, value in enumerate(seen.values) if value is not None] == [0, 12, 31]
        assert "hiLowLines" in chart.plots[0]._element.xml
        assert HEADLINE in file.slides[0].shapes.title.text

    def test_the_page_of_word_says_the_same(self, made):
        file = Document(BytesIO((made[0] / GENERATED / "evaluations" / site_id(1) / f"{site_id(1)}.docx").read_bytes()))
        text = " ".join(paragraph.text for paragraph in file.paragraphs)
        assert HEADLINE in text
        assert "Nothing was estimated" in text
        assert len(file.inline_shapes) == 1

    def test_the_numbers_are_the_points(self, made):
        lines = (
            (made[0] / GENERATED / "evaluations" / site_id(1) / "visits.csv").read_text(encoding="utf-8").splitlines()
        )
        assert lines[0].startswith("period,part,numerator,denominator,value,low,high")
        assert len(lines) == 4


@pytest.mark.parametrize(("came", "shown"), [("described", True), ("rise", False)])
def test_a_finding_of_the_record_stands_where_it_rests_on_a_description(made, came, shown):
    folder, catalogue, plans, outcomes, _ = made
    sentence = {"says": "Of staff, {visits} at the wards.", "rests_on": {"visits": came}}
    evaluation = plans[0].evaluation.model_copy(update={"finding": [FindingSentence.model_validate(sentence)]})
    other = folder / "other"
    replaced = replace(catalogue, evaluations=catalogue.evaluations | {evaluation.id: evaluation})
    written = write_pages(other / GENERATED, replaced, [replace(plans[0], evaluation=evaluation), plans[1]], outcomes)
    said = plain((other / GENERATED / "evaluations" / site_id(1) / "index.html").read_text(encoding="utf-8"))
    assert ("Of staff, was counted before and after, with no estimate of a change at the wards." in said) == shown
    assert bool(written.to_write_again) != shown


def test_no_rate_of_false_alarms_belongs_to_it(made):
    beside = rates.alarms_beside(rates.MeasuredRates([], [], []), made[3][0].result.effect, MEASURE["id"])
    assert (beside.alarms, beside.difference_alarms, beside.unmeasured) == ([], [], "few-points")


@pytest.mark.parametrize(("last", "what"), [("2024-10", []), ("2023-03", ["months were added"])])
def test_it_moves_only_by_new_points(made, last, what):
    row = {"evaluation": site_id(1), "analysis": "visits", "kept": "2026-01-01", "verdict": "described", "last": last}
    then = KeptResult.model_validate(row | dict.fromkeys(("certainty", "estimate", "low", "high", "scale")))
    now = AnalysisSummary(
        "visits", "Visits", "describe", MEASURE["id"], "Here", "answers the question", "a fall", True, "",
        verdict="Only described", word="described", estimate="not estimated", interval="", last="2024-10",
    )  # fmt: skip
    assert moved._moved(site_id(1), "Title", then, now).what == what
