"""Results across sites: reached from every page that bears on them, and honest where there is none."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from evalkit.book.page_writer import write_pages
from evalkit.catalogue.records.learning import Pooled
from evalkit.catalogue.records.measures import Measure
from tests.support.synthetic_book import MEASURE, made_up, make_project, site_id, with_result

GENERATED = Path("book", "generated")
BANNER = 'aria-label="Synthetic data"'


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("across")
    make_project(folder)
    return folder


@pytest.fixture
def pages(project):
    """The pages, by name, of four places of which the first three are one record; ``change`` may alter the records."""

    def written(change=lambda *records: None) -> dict[str, str]:
        catalogue, plans, outcomes = made_up(project, [1, 2, 3, 4])
        outcomes = [_of_data(outcome, synthetic=True) for outcome in outcomes]
        catalogue.pooled["three"] = Pooled(
            id="three", title="Three together", question="Did anything move?", why_together="Invented.",
            area="whole-system-flow", expected="decrease", analyses=[f"{site_id(number)}/visits" for number in (1, 2, 3)],
        )  # fmt: skip
        change(catalogue, plans, outcomes)
        folder = project / GENERATED
        write_pages(folder, catalogue, plans, outcomes)
        return {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")
        }

    return written


def _of_data(outcome, synthetic: bool, scale: str | None = None):
    result = json.loads(outcome.result.published)
    result["synthetic"] = synthetic
    result["effect"]["data"] |= {"disclosure": "synthetic", "synthetic": synthetic}
    if scale is not None:
        columns = result["effect"]["estimates"]["columns"]
        for row in result["effect"]["estimates"]["rows"]:
            row[columns.index("scale")] = scale
        result["verdict"]["scale"] = scale
    return with_result(outcome, result)


def _fail(catalogue, plans, outcomes):
    outcomes[1] = replace(outcomes[1], status="failed", sentence="It failed.", result=None)


def _other_scale(catalogue, plans, outcomes):
    outcomes[1] = _of_data(outcomes[1], synthetic=True, scale="unit")


def _one_is_real(catalogue, plans, outcomes):
    for number in (2, 3):
        catalogue.sites[site_id(number)] = catalogue.sites[site_id(number)].model_copy(update={"synthetic": False})
    outcomes[1] = _of_data(outcomes[1], synthetic=False)
    outcomes[2] = _of_data(outcomes[2], synthetic=False)


def test_a_result_across_sites_is_reached_from_its_members_its_measure_and_find(pages):
    said = pages()
    assert "No result at present" not in said["across/three.html"]
    link = '<a href="../../across/three.html">Three together</a>'
    for number in (1, 2, 3):
        assert f"Across sites: {link}" in said[f"evaluations/{site_id(number)}/index.html"]
    assert link not in said[f"evaluations/{site_id(4)}/index.html"]
    assert 'Across sites: <a href="../across/three.html">' in said[f"measures/{MEASURE['id']}.html"]
    assert '<a href="across/three.html">Three together</a>' in said["find.html"]
    finding = json.loads(re.search(r'id="ek-find-data">(.*?)</script>', said["find.html"])[1])
    own = next(card["facets"] for card in finding["cards"] if card["facets"]["kind"] == ["across"])
    assert own["area"] == ["whole-system-flow"]
    assert own["verdict"] == ["decreased"]


def test_a_link_leaves_with_the_record(pages):
    def withdraw(catalogue, plans, outcomes):
        catalogue.pooled.clear()

    assert "across/three" in pages()[f"evaluations/{site_id(1)}/index.html"]
    said = pages(withdraw)
    assert not [name for name, text in said.items() if "across/three" in text]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_fail, "as there is none at present for Made-up hospital ZZ0002 (synthetic)."),
        (_other_scale, "in visits at Made-up hospital ZZ0002 (synthetic)"),
        (_one_is_real, "invented at Made-up hospital ZZ0001 (synthetic); real at"),
    ],
)
def test_what_could_not_be_put_together_says_why_in_plain_words_and_what_is_invented(pages, change, reason):
    said = pages(change)
    for name in ("across/three.html", "across/index.html", "find.html"):
        text = unescape(said[name])
        assert "No result at present" in text
        assert "These results could not be put together" in text
        assert reason in text
        assert not re.search(r"different scales|\bunit at\b|\bat ZZ\d|log at|example-000\d/visits,? has", text)
    assert BANNER in said["across/three.html"]
    assert "synthetic data" in said["across/index.html"]


def test_real_members_have_no_banner(pages):
    def real(catalogue, plans, outcomes):
        for id, site in catalogue.sites.items():
            catalogue.sites[id] = site.model_copy(update={"synthetic": False})
        outcomes[:] = [_of_data(outcome, synthetic=False) for outcome in outcomes]

    assert BANNER not in pages(real)["across/three.html"]
    assert BANNER in pages()["across/three.html"]


def _is_invented(catalogue, *numbers: int):
    for number in (1, 2, 3, 4):
        site = catalogue.sites[site_id(number)]
        catalogue.sites[site.id] = site.model_copy(update={"synthetic": number in numbers})


@pytest.mark.parametrize("invented", ["its data", "the site of its evaluation", "the site of its analysis"])
def test_one_thing_invented_of_one_member_is_enough_for_the_banner(pages, invented):
    def change(catalogue, plans, outcomes):
        outcomes[:] = [_of_data(outcome, synthetic=invented == "its data") for outcome in outcomes]
        _is_invented(catalogue, *((4,) if invented.startswith("the site") else ()))
        third = catalogue.evaluations[site_id(3)]
        if invented == "the site of its evaluation":
            third = third.model_copy(update={"sites": [site_id(4)]})
        if invented == "the site of its analysis":
            (visits,) = third.analyses
            visits = visits.model_copy(update={"parameters": {**visits.parameters, "site": site_id(4)}})
            third = third.model_copy(update={"analyses": [visits]})
        catalogue.evaluations[third.id] = third

    said = pages(change)["across/three.html"]
    assert "No result at present" not in said
    assert BANNER in said


def _other_measure(catalogue, plans, outcomes):
    other = Measure.model_validate(MEASURE | {"id": "made-up-waits", "plain_name": "made-up waits"})
    catalogue.measures[other.id] = other
    outcomes[1] = _with(outcomes[1], measure=other.id)


def _twice_the_same_place(catalogue, plans, outcomes):
    outcomes[1] = _with(outcomes[1], treated_units=["ZZ0001"])


def _too_uncertain(catalogue, plans, outcomes):
    columns = json.loads(outcomes[2].result.published)["effect"]["estimates"]
    for row in columns["rows"]:
        for name in ("low", "high", "std_error"):
            row[columns["columns"].index(name)] = None
    outcomes[2] = _with(outcomes[2], estimates=columns)


def _gone(catalogue, plans, outcomes):
    (pooled,) = catalogue.pooled.values()
    catalogue.pooled["three"] = pooled.model_copy(update={"analyses": ["nowhere/visits", *pooled.analyses]})


def _with(outcome, **values):
    result = json.loads(outcome.result.published)
    result["effect"] |= values
    return with_result(outcome, result)


PLACES = [f"Made-up hospital ZZ000{number} (synthetic)" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_other_measure, f"because they are of different measures: made-up visits at {PLACES[0]} and {PLACES[2]}; made-up waits at"
         f" {PLACES[1]}."),
        (_twice_the_same_place, f"because more than one of them is about {PLACES[0]}."),
(_gone, "as there is none at present for nowhere/visits."),
    ],
)  # fmt: skip
def test_why_there_is_no_result_word_for_word(pages, change, why):
    text = " ".join(unescape(pages(change)["across/three.html"]).split())
    assert f"These results could not be put together, {why}" in text


def test_results_of_which_one_is_too_uncertain(pages):
    said = pages(_too_uncertain)
    assert (
        f"These results, of {PLACES[0]}, {PLACES[1]} and {PLACES[2]}, could not be put together, because they are not alike"
        " enough or one of them is too uncertain to be weighed against the others."
    ) in " ".join(unescape(said["across/three.html"]).split())
    own = " ".join(unescape(said[f"evaluations/{site_id(1)}/index.html"]).split())
    assert "Three together</a>. No result at present." in own
