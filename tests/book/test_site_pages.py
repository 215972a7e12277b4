"""A place's page: all that it takes part in, and its address, which stays when it is renamed, merged or gone."""

import json
import re
from pathlib import Path

import pytest

from evalkit.book.content.taking_part import changed_here, parts
from evalkit.book.page_writer import write_pages
from evalkit.catalogue import read_catalogue
from evalkit.catalogue.records.sites import Site
from evalkit.catalogue.records.successors import Succession
from tests.conftest import ROOT
from tests.support.synthetic_book import made_up, make_project, site_id

GENERATED = Path("book", "generated")
ONE, TWO, THREE = (site_id(number) for number in (1, 2, 3))
NONE_HERE = "No change at this place has been evaluated"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sites")
    make_project(folder)
    return folder


@pytest.fixture
def pages(project):
    """The pages, by name, of three places; ``change`` may alter the records."""

    def written(change=lambda *records: None) -> dict[str, str]:
        catalogue, plans, outcomes = made_up(project, [1, 2, 3])
        change(catalogue, plans, outcomes)
        folder = project / GENERATED
        write_pages(folder, catalogue, plans, outcomes)
        return {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")
        }

    return written


def site(catalogue, id: str, **values) -> None:
    plain = catalogue.sites[id].model_dump() | values
    catalogue.sites[id] = Site.model_validate(plain)


def about(catalogue, plans, number: int, *sites: str, **values) -> None:
    """Let the one analysis of an evaluation be about other places."""
    evaluation = catalogue.evaluations[site_id(number)]
    analysis = evaluation.analyses[0]
    asked = {**analysis.parameters, "site": list(sites)}
    analysis = analysis.model_copy(update={"parameters": asked, **values})
    evaluation = evaluation.model_copy(update={"analyses": [analysis]})
    catalogue.evaluations[evaluation.id] = evaluation
    plans[number - 1] = plans[number - 1].__class__(
        **{**vars(plans[number - 1]), "evaluation": evaluation, "analysis": analysis, "parameters": asked}
    )


def text(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())


def test_a_place_lists_what_it_takes_part_in_its_own_first(pages):
    def change(catalogue, plans, outcomes):
        about(catalogue, plans, 2, ONE, TWO)

    said = pages(change)[f"sites/{ONE}.html"]
    assert NONE_HERE not in said
    own, shared = said.index("This place by itself"), said.index("With others: 1 analysis")
    assert own < shared
    assert f"evaluations/{TWO}/visits.html" in said[shared:]
    assert "2 places together, of which this is one" in said
    assert "Made-up change 3" not in said


def test_what_is_asked_of_a_neighbour_is_no_evaluation_there(project):
    catalogue, _, _ = made_up(project, [1, 2])
    evaluation = catalogue.evaluations[TWO]
    asked = {"site": ONE, "measure": "made-up-visits"}
    neighbour = evaluation.analyses[0].model_copy(update={"role": "spill_over", "parameters": asked})
    evaluation = evaluation.model_copy(update={"analyses": [*evaluation.analyses, neighbour]})
    found = parts(catalogue, evaluation, catalogue.sites[ONE])
    assert [(part.by_itself, part.elsewhere) for part in found] == [(True, True)]
    assert not changed_here(evaluation, catalogue.sites[ONE], found)
    assert changed_here(evaluation, catalogue.sites[TWO], parts(catalogue, evaluation, catalogue.sites[TWO]))


def test_a_site_of_several_takes_part_where_its_own_evaluation_asks_some_of_them(project):
    catalogue, _, _ = made_up(project, [1, 2, 3])
    several = catalogue.sites[ONE].model_copy(update={"id": "several", "org_codes": ["ZZ0001", "ZZ0002"]})
    evaluation = catalogue.evaluations[TWO]
    assert parts(catalogue, evaluation, several) == []
    (part,) = parts(catalogue, evaluation.model_copy(update={"sites": ["several"]}), several)
    assert part.about == "1 of the 2 places here"


def test_a_former_address_leads_to_the_present_page(pages):
    before = pages()
    after = pages(lambda catalogue, *_: site(catalogue, ONE, former_ids=["once-called-so", "taken-in"]))
    assert after.keys() - before.keys() == {"sites/once-called-so.html", "sites/taken-in.html"}
    said = after["sites/taken-in.html"]
    assert f'<a href="{ONE}.html">Made-up hospital ZZ0001 (synthetic)</a>' in said
    assert "<ek-nosearch>" in said
    assert "<script" not in said
    assert "once-called-so" not in after["sites/index.html"]


def test_a_withdrawn_place_keeps_its_page_and_is_offered_nowhere(pages):
    gone = "It merged with a made-up neighbour in 2024."
    after = pages(lambda catalogue, *_: site(catalogue, ONE, status="withdrawn", went=gone))
    said = text(after[f"sites/{ONE}.html"])
    assert f"Withdrawn. This place is no longer among the sites of this book. {gone}" in said
    assert "Made-up change 1" in said
    assert "Sites like this one" not in said
    index = after["sites/index.html"]
    assert f'href="{ONE}.html"' not in index
    likeness = json.loads(re.search(r'id="ek-like-data">(.*?)</script>', index)[1])
    assert [entry["id"] for entry in likeness["sites"]] == [TWO, THREE]


def test_one_of_which_nothing_else_speaks_keeps_its_page_too(pages):
    def change(catalogue, *_):
        catalogue.sites["alone"] = Site.model_validate(
            catalogue.sites[ONE].model_dump()
            | {"id": "alone", "name": "Alone", "org_codes": [], "status": "withdrawn", "went": "It closed."}
        )

    assert "It closed." in pages(change)["sites/alone.html"]


def test_what_became_of_its_code_is_said_on_its_page_and_on_no_other(pages):
    def merged(catalogue, plans, outcomes) -> None:
        (one,), (two,) = (catalogue.sites[site].org_codes for site in (ONE, TWO))
        for code in (one, two):
            line = Succession.model_validate({"code": code, "successor": one, "from": "2013-04", "kind": "merged"})
            catalogue.successors[line.key] = line

    written = pages(merged)
    names = [re.search(r"<ek-h1>(.*?)</ek-h1>", written[f"sites/{site}.html"])[1] for site in (ONE, TWO)]
    said = re.search(r"<p>([^<]* merged into [^<]*)</p>", written[f"sites/{ONE}.html"])[1]
    assert said.endswith(f"merged into {names[0]} in April 2013.")
    assert names[1] in said
    assert "merged into" in written[f"sites/{TWO}.html"]
    assert "merged into" not in written[f"sites/{THREE}.html"]
    assert "merged into" not in pages()[f"sites/{ONE}.html"]


class TestNations:
    """A place of Scotland or Wales stands in its nation, under the words that are used there, and never as a trust of England."""

    @staticmethod
    def _of(*codes: str):
        def change(catalogue, plans, outcomes):
            known = read_catalogue(ROOT)
            for name in ("organisations", "registers"):
                getattr(catalogue, name).update(getattr(known, name))
            for name in ("nations", "organisation_kinds"):
                catalogue.vocabularies[name] = known.vocabularies[name]
            source = {"title": "Public Health Scotland", "where": "publichealthscotland.scot"}
            site(catalogue, ONE, org_codes=list(codes), synthetic=False, sources=[source])

        return change

    def test_a_hospital_is_told_with_its_board_and_is_in_its_nations_tile(self, pages):
        written = pages(self._of("G107H"))
        page = _said(written[f"sites/{ONE}.html"])
        assert "Region Scotland" in page
        assert "Part of NHS Greater Glasgow & Clyde" in page
        assert "trust" not in page.split("Evaluations here")[0].replace("modelled catchment", "").lower()
        home = written["index-parts/home.html"]
        tile = home[home.index('class="ek-at-scotland"') :].split("</li>\n")[0]
        assert f"evaluations/{ONE}/index.html" in tile
        assert "Regions of England, Scotland and Wales" in home
        found = written["find.html"]
        assert 'data-region="scotland"' in found or "scotland" in found

    def test_several_hospitals_are_hospitals(self, pages):
        written = pages(self._of("G107H", "G405H-2015", "C418H"))
        assert "3 hospitals, each with its own" in _said(written["sites/index.html"])

    def test_sites_like_yours_says_what_an_organisation_is(self, pages):
        text = pages(self._of("G107H"))["sites/index.html"]
        data = json.loads(re.search(r'id="ek-like-data">(.*?)</script>', text, re.DOTALL)[1])["organisations"]
        told = {code: data[code]["told"] for code in ("RA3", "G107H", "S08000031", "7A27A2AL", "8J094")}
        assert told == {
            "RA3": "", "G107H": "hospital in Scotland", "S08000031": "health board in Scotland",
            "7A27A2AL": "hospital in Wales", "8J094": "not recorded as an acute trust",
        }  # fmt: skip
        assert data["G107H"]["region"] == "Scotland"
        assert data["G107H"]["order"] > data["RA3"]["order"]


def _said(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&amp;", "&")
