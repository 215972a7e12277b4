"""Results across sites: reached from every page that bears on them, and honest where there is none."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from evalkit.book.page_writer import write_pages
from evalkit.catalogue.records.learning import Pooled
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
    result = json.loads(outcome.published)
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
    facets = json.loads(re.search(r'id="ek-find-facets">(.*?)</script>', said["find.html"])[1])
    own = next(facet for facet in facets if facet["kind"] == ["across"])
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
