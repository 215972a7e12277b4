"""Results at a glance, of evaluations whose answers are written down here."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from evalkit.book.page_writer import write_pages
from evalkit.plain_frames import frame_to_dict
from tests.support.synthetic_book import as_it_is, made_up, make_project, site_id, with_result

GENERATED = Path("book", "generated")
# What each of seven evaluations came to; the last is of invented data.
WORDS = (
    "decreased",
    "slightly_decreased",
    "no_important_change",
    "inconclusive",
    "unclear",
    "not_evaluable",
    "decreased",
)
SHAPES = ("▼", "▽", "=", "○", "○", "–", "▼")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("glance")
    make_project(folder)
    return folder


@pytest.fixture
def records(project):
    return _records(project)


def _records(project):
    """Seven evaluations with these words, of which the last is of a real place and of an invented one."""
    catalogue, plans, outcomes = made_up(project, range(1, len(WORDS) + 1))
    last = plans[-1].evaluation.model_copy(update={"sites": [site_id(1), site_id(len(WORDS))]})
    catalogue.evaluations[last.id], plans[-1] = last, replace(plans[-1], evaluation=last)
    for number, word in enumerate(WORDS, start=1):
        site = catalogue.sites[site_id(number)]
        catalogue.sites[site.id] = site.model_copy(update={"synthetic": number == len(WORDS)})
        result = json.loads(outcomes[number - 1].result.published)
        result["verdict"] |= {"word": word}
        if word in ("inconclusive", "unclear", "not_evaluable"):
            result["verdict"] |= {"certainty": None, "reasons": []}
        outcomes[number - 1] = with_result(outcomes[number - 1], result)
    return catalogue, plans, outcomes


def _written(project, records) -> str:
    write_pages(project / GENERATED, *records)
    return (project / GENERATED / "glance.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def as_they_are(project) -> str:
    """The page of these records."""
    return _written(project, _records(project))


def _plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _groups(text: str) -> list[str]:
    return text.split('<section class="ek-group">')[1:]


def _shapes(rows: list[str]) -> list[str]:
    return [re.search(r'aria-hidden="true">(.)</span>', row)[1] for row in rows]


def test_the_sentence_at_the_top_counts_real_answers_only(as_they_are):
    text = _plain(as_they_are)
    assert (
        "6 evaluations of real changes, each with one answer: 2 are clear of no change, 1 found no important change, 2 could not"
        " tell, and 1 has no result at present. Of 5 answers to a question, 2 are clear of no change. By luck alone, had"
        " nothing happened anywhere, none or one would be. 1 evaluation of invented data is labelled and not counted."
    ) in text
    assert "6 analyses in all" in text
    assert ["Synthetic data." in group for group in _groups(as_they_are)] == [False] * 6 + [True]


def test_every_row_has_the_shape_of_its_word_and_leads_to_its_page(as_they_are):
    rows = re.findall(r'<tr role="row" class="ek-headline-row">.*?</tr>', as_they_are, re.DOTALL)
    assert _shapes(rows) == list(SHAPES)
    for number, row in enumerate(rows, start=1):
        assert f'<a href="evaluations/{site_id(number)}/visits.html">Made-up visits</a>' in row
        assert '<span class="ek-note">answers the question</span>' in row


def test_only_the_row_that_answers_the_question_is_marked(project, records):
    catalogue, plans, outcomes = records
    first = plans[0].evaluation
    beside = first.primary.model_copy(update={"id": "beside", "title": "Beside", "role": "secondary"})
    evaluation = first.model_copy(update={"analyses": [beside, first.primary]})
    catalogue.evaluations[first.id] = evaluation
    standing = {"kind": "secondary", "low": -20.0, "high": -5.0, "p_value": 0.01, "family": 1, "direction": "fall"}
    result = json.loads(outcomes[0].result.published) | {"verdict": None, "standing": standing}
    file = project / "beside.json"
    file.write_text(json.dumps(result), encoding="utf-8")
    plans[0] = replace(plans[0], evaluation=evaluation)
    plans.insert(0, replace(plans[0], analysis=beside))
    outcomes.insert(0, replace(outcomes[0], analysis="beside", result=as_it_is(outcomes[0].result.notebook, file)))
    group = _groups(_written(project, (catalogue, plans, outcomes)))[0]
    assert "2 analyses" in group
    rows = re.findall(r'<tr role="row".*?</tr>', group, re.DOTALL)[1:]
    assert ["ek-headline-row" in row for row in rows] == [False, True]
    assert _shapes(rows) == ["↓", "▼"]


def test_who_evaluated_is_said_once_or_with_each_group_where_it_differs(project, records, as_they_are):
    plans = records[1]
    own = "valuated by those who run the service. Funding: Nobody."
    assert _plain(as_they_are).count(own) == 1
    assert not any(own in _plain(group) for group in _groups(as_they_are))
    other = plans[1].evaluation.model_copy(update={"independence": "independent", "funded_by": "A charity."})
    plans[1] = replace(plans[1], evaluation=other)
    groups = [_plain(group) for group in _groups(_written(project, records))]
    assert [own in group for group in groups] == [True, False, True, True, True, True, True]
    assert "Independent. Funding: A charity. " in groups[1]


def test_without_an_evaluation_it_says_what_would_stand_there(project):
    assert "There is none yet, as no evaluation is published." in _plain(_written(project, made_up(project, [])))


def test_it_is_written_again_where_a_result_or_a_site_changes(project, records):
    catalogue, _, outcomes = records
    outcomes[0] = replace(outcomes[0], status="failed", sentence="It failed.", result=None)
    assert "No result at present: It failed." in _written(project, records)
    site = catalogue.sites[site_id(1)]
    catalogue.sites[site.id] = site.model_copy(update={"synthetic": True})
    assert "2 evaluations of invented data are labelled" in _plain(_written(project, records))


def test_whether_each_lasted_is_one_table_in_words_with_its_certainty(project, records):
    catalogue, plans, outcomes = records
    result = json.loads(outcomes[0].result.published)
    result["effect"]["tables"]["lasting"] = _lasting((3, -10.0), (6, None))
    outcomes[0] = with_result(outcomes[0], result)
    text = unescape(_written(project, (catalogue, plans, outcomes)))
    table = text[text.index("ek-lasted") :]
    rows = re.findall(r"<tr role=\"row\"><th scope=\"row\".*?</tr>", table, re.DOTALL)
    titles = [re.search(r"index.html#has-it-lasted\">(.*?)</a>", row).group(1) for row in rows]
    assert titles == sorted(titles, key=str.casefold)
    asked = next(row for row in rows if "a fall" in row)
    assert "cannot be told" in asked
    assert re.search("Certainty of the answer: </span>(high|moderate|low|very low|not judged)<", asked)
    assert "no figure: this analysis stops at" in asked
    assert all(row.count("not asked") == 3 for row in rows if row is not asked)


def _lasting(*rows) -> dict:
    made = [
        {
            "horizon": months, "quantity": "effect", "first": months - 2, "last": months, "from_period": "2018-01",
            "to_period": "2018-03", "units": 1, "units_in_all": 1, "estimate": size, "low": size and size - 1,
            "high": size and size + 1, "scale": "percent", "method": "", "followed": 4, "left_out": "",
            "reason": "" if size else "too short",
        }
        for months, size in rows
    ]  # fmt: skip
    return frame_to_dict(pd.DataFrame(made))
