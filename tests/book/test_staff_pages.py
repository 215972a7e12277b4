"""What staff said: beside places, on a page of every trust, and a place's own pulse; no verdict, no rank, nothing of few."""

import json
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from evalkit.book.content.staff import afterwards, beside_change, in_a_sentence
from evalkit.book.page_writer import write_pages
from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.catalogue.records.sites import Organisation, PartOf, Site
from evalkit.catalogue.records.successors import Succession
from evalkit.catalogue.records.tables import Table
from evalkit.files import content_sha256
from evalkit.staff.survey import SURVEY, surveys
from evalkit.staff.yearly_context import CONTEXT
from tests.support.browsing import browser_only
from tests.support.synthetic_book import SOURCE, made_up, make_project

GENERATED = Path("book", "generated")
EXAMPLE, CODE = "example-0001", "ZZ901"
REAL = ("AAA", "AAB", "AAC", "AAD", "AAE", "AAF")  # no codes of anybody; not marked as invented, as real ones are not
FEW = "AAF"  # of which ten answered
GROUP = "Made-up Trusts"
NOWHERE = {"title": "Nowhere", "where": "example.org"}
PULSE = """wave,staff_group,question,asked,answered,confident
2024-05,Nurses,Will it <b>work</b>?,60,44,30
2024-05,Doctors,Will it <b>work</b>?,20,*,*
2024-05,Therapists,Will it <b>work</b>?,30,*,*
2024-05,All staff,Will it <b>work</b>?,110,74,49
"""
CLAIMS = re.compile(
    r"\b(because of|thanks to|led to|better than|worse than|best|worst|rank(ed|s)? (first|last))\b", re.IGNORECASE
)


def _describe(folder: Path, name: str, rows: pd.DataFrame) -> Table:
    path = folder / "data" / "tables" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False)
    kinds = {"period": "integer", "org_code": "string", "benchmarking_group": "string"}
    fields = [{"name": each, "type": kinds.get(each, "number"), "description": "Invented."} for each in rows.columns]
    layout = {"shape": "wide", "grain": "year", "disclosure": {"rule": "synthetic", "because": "Invented."}}
    return Table.model_validate(
        {
            "name": name, "path": f"tables/{name}.csv", "title": "Made-up survey", "description": "Invented.", "sources": [{"title": "Invented"}],
            "licenses": [{"name": "none"}], "schema": {"fields": fields}, "evalkit": layout, "hash": "sha256:" + content_sha256(str(path)),
        }
    )  # fmt: skip


def _survey() -> pd.DataFrame:
    rows = []
    for number, code in enumerate(REAL):
        for year in (2022, 2023):
            answers = 10 if code == FEW else 300 if (code, year) == ("AAB", 2022) else 900
            rows.append((year, code, GROUP, answers, answers, 50.0 + number))
    columns = ["period", "org_code", "benchmarking_group", "respondents", "improvements_base", "improvements_rate"]
    return pd.DataFrame(rows, columns=columns)


def _records(folder: Path, survey: bool = True, pulse: str = PULSE):
    catalogue, plans, outcomes = made_up(folder, [1])
    example = catalogue.sites[EXAMPLE]
    catalogue.sites[EXAMPLE] = example.model_copy(update={"org_codes": [CODE]})
    catalogue.organisations[CODE] = Organisation(org_code=CODE, name="Ashford (invented)")
    for number, code in enumerate(REAL):
        catalogue.organisations[code] = Organisation(
            org_code=code, name=f"Trust {number}", sector="acute", region="Nowhere"
        )
        catalogue.sites[f"place-{number}"] = Site(
            id=f"place-{number}", name=f"Place {number}", org_codes=[code], place="Nowhere", context="Made up.", sources=[SOURCE],
            status="withdrawn", went="Nowhere.",
        )  # fmt: skip
    catalogue.organisations["AAG"] = Organisation(org_code="AAG", name="Former trust", sector="acute")
    since = {"org_code": "AAB", "since": "2020-04-01", "source": SOURCE["title"]}
    catalogue.sites["merged"] = catalogue.sites["place-0"].model_copy(
        update={"id": "merged", "org_codes": ["AAG"], "part_of": PartOf.model_validate(since)}
    )
    catalogue.sites["nobody"] = catalogue.sites["place-0"].model_copy(update={"id": "nobody", "org_codes": []})
    (folder / "data" / "pulse").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "pulse" / f"{EXAMPLE}.csv").write_text(pulse, encoding="utf-8")
    if survey:
        catalogue.tables[SURVEY] = _describe(folder, SURVEY, _survey())
        yearly = pd.DataFrame(
            [(2019, f"BB{number:02}" if number else "AAA", 500, 3.9, 0.9 + number / 100) for number in range(25)],
            columns=["period", "org_code", "responses", "engagement", "shmi"],
        )
        catalogue.tables[CONTEXT] = _describe(folder, CONTEXT, yearly)
    return catalogue, plans, outcomes


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("staff")
    make_project(folder)
    write_pages(folder / GENERATED, *_records(folder))
    return folder


def _page(folder: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((folder / GENERATED / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def _words(element) -> str:
    return re.sub(r"\s+", " ", element.get_text(" ")).strip()


class TestPlace:
    def test_a_trust_has_its_years_beside_its_group_and_says_what_is_asked(self, folder):
        page = _page(folder, "sites/place-0")
        said = _words(page)
        assert "In the survey of 2023, 50.0% of those who answered (900) agreed" in said
        assert "Of 5 trusts of its kind (Made-up Trusts) the middle half lay between 51.0% and 53.0%" in said
        for needed in (
            "stand-in",
            "confident in a positive outcome",
            "those who did not answer",
            "never its effect",
            "no ranking",
        ):
            assert needed in said, needed

    def test_the_figure_has_a_table_of_its_own_and_words_instead(self, folder):
        page = _page(folder, "sites/place-0")
        drawing, table = page.find(id="staff-AAA"), page.find("table", {"data-of": "staff-AAA"})
        assert "2022: 50.0%; 2023: 50.0%" in drawing["aria-label"]
        assert len(drawing.find_all("circle")) == len(table.tbody.find_all("tr")) == 2
        assert page.find("script", src=re.compile("figure.js"))

    def test_a_jump_is_told_with_both_numbers(self, folder):
        assert "From 2022 to 2023 the number of answers went from 300 to 900" in _words(_page(folder, "sites/place-1"))
        assert "number of answers went" not in _words(_page(folder, "sites/place-0"))

    def test_ten_answers_are_withheld_everywhere(self, folder):
        said = _words(_page(folder, "sites/place-5"))
        assert "10 or fewer answered, so that what they said is withheld" in said
        assert "55.0" not in said
        everywhere = (folder / GENERATED / "partners" / "staff.html").read_text(encoding="utf-8")
        assert "55.0" not in everywhere
        kept = pd.read_csv(folder / GENERATED / "partners" / "staff.csv")
        few = kept[kept["org_code"] == FEW]
        assert few["withheld"].all()
        assert few[["rate", "low", "high", "answered"]].isna().all().all()

    def test_a_place_that_became_part_of_another_says_so(self, folder):
        said = _words(_page(folder, "sites/merged"))
        assert "On 1 April 2020 its trust became part of Trust 1" in said

    def test_mortality_has_its_band_and_the_publishers_caution(self, folder):
        page = _page(folder, "sites/place-0")
        assert "no avoidable deaths" in _words(page)
        assert "ranks no trust" in _words(page)
        (row,) = page.find("caption", string=re.compile("Yearly context")).parent.tbody.find_all("tr")
        assert re.fullmatch(r"2019 3\.90 3\.90 to 3\.90 500 0\.90 0\.\d\d to 1\.\d\d", _words(row))

    def test_a_place_without_a_survey_has_no_block(self, folder):
        assert _page(folder, "sites/place-0").find("h2", id="staff") is not None
        assert _page(folder, "sites/nobody").find("h2", id="staff") is None

    def test_nothing_is_claimed_of_why_or_who_is_better(self, folder):
        for name in ("sites/place-0", "sites/place-1", f"sites/{EXAMPLE}", "partners/staff"):
            assert not CLAIMS.search(_words(_page(folder, name))), name


class TestPulse:
    def test_an_invented_pulse_says_so_and_stands_at_its_site_alone(self, folder):
        said = _words(_page(folder, f"sites/{EXAMPLE}"))
        assert "Example entry, nobody said this." in said
        assert "synthetic data" in said.lower()
        others = [
            path for path in (folder / GENERATED).rglob("*.html") if "Therapists" in path.read_text(encoding="utf-8")
        ]
        assert {path.relative_to(folder / GENERATED).as_posix() for path in others} == {
            f"sites/{EXAMPLE}.html", f"evaluations/{EXAMPLE}/index.html"
        }  # fmt: skip

    def test_the_response_rate_stands_beside_every_share(self, folder):
        rows = [
            _words(row)
            for row in _page(folder, f"sites/{EXAMPLE}")
            .find("caption", string=re.compile("Will it"))
            .parent.tbody.find_all("tr")
        ]
        assert "May 2024 Nurses 60 44 73% 68% 53 to 80" in rows
        assert "May 2024 Doctors 20 withheld withheld withheld" in rows

    def test_a_question_is_no_markup(self, folder):
        assert _page(folder, f"sites/{EXAMPLE}").find("caption", string="Will it <b>work</b>?") is not None

    def test_it_is_not_searched(self, folder):
        page = _page(folder, f"sites/{EXAMPLE}")
        assert page.find("caption", string=re.compile("Will it")).find_parent("ek-unsearched") is not None


class TestEveryTrust:
    def test_it_begins_with_its_last_year(self, folder):
        page = _page(folder, "partners/staff")
        assert _words(page.find("p", class_="ek-lead")).startswith("The newest survey here was that of 2023.")
        assert "Former trust" in _words(page)

    def test_what_is_old_was(self):
        year = surveys(_survey().rename(columns={"period": "year"}))["AAA"].last
        said = in_a_sentence(year, "This was said then, and newer surveys are not in this book.")
        assert said.endswith(". This was said then, and newer surveys are not in this book.")
        assert "This was" not in in_a_sentence(year, "")

    def test_trusts_are_in_the_order_of_their_names_and_each_can_be_chosen(self, folder):
        page = _page(folder, "partners/staff")
        names = [_words(row.th) for row in page.find(id="ek-staff-all").tbody.find_all("tr")]
        options = [_words(option) for option in page.find(id="ek-staff-trust").find_all("option")][1:]
        assert names == options == sorted(names)
        given = json.loads(page.find(id="ek-staff-data").string)
        assert [one[0] for one in given["trusts"]] == list(REAL)
        assert given["trusts"][5][6] == [None, None]
        assert page.find(id="ek-staff").has_attr("hidden"), "without JavaScript there is nothing to choose"

    def test_without_a_survey_there_is_no_page(self, tmp_path):
        make_project(tmp_path)
        write_pages(tmp_path / GENERATED, *_records(tmp_path, survey=False))
        assert not (tmp_path / GENERATED / "partners" / "staff.html").exists()
        assert "partners/staff" not in (tmp_path / GENERATED / "index-parts" / "home.html").read_text(encoding="utf-8")
        assert "Ten" not in _words(_page(tmp_path, "sites/place-0"))


class TestATrustThatIsNoMore:
    """Its last survey is not the newest one of the book."""

    def _surveys(self):
        rows = _survey().rename(columns={"period": "year"})
        return surveys(rows[~((rows["org_code"] == "AAA") & (rows["year"] == 2023))])

    def _catalogue(self, folder: Path, *lines: dict[str, str]) -> Catalogue:
        known = {code: Organisation(org_code=code, name=f"Trust {code}") for code in REAL}
        went = [Succession.model_validate(line | {"kind": "merged", "source": "example.org"}) for line in lines]
        return Catalogue(folder, organisations=known, successors={one.key: one for one in went})

    def test_it_says_since_when_it_is_part_of_which(self, tmp_path):
        went = {"code": "AAA", "successor": "AAB", "from": "2023-04-01"}
        catalogue = self._catalogue(tmp_path, went, {"code": "AAB", "successor": "AAB", "from": "2023-04-01"})
        said = afterwards(catalogue, self._surveys(), "AAA", "2030-01")
        assert said == "Last survey under this name: 2022. Since 1 April 2023 part of Trust AAB; see its survey."
        assert "newer surveys are not in this book" in afterwards(catalogue, self._surveys(), "AAB", "2030-01")

    def test_where_nothing_is_recorded_it_says_so(self, tmp_path):
        said = afterwards(self._catalogue(tmp_path), self._surveys(), "AAA", "2030-01")
        assert said == "Last survey under this name: 2022. What became of the trust is not recorded in this book."


@pytest.mark.parametrize(
    ("years", "starts", "says"),
    [
        ((2021, 2022, 2023, 2024), [date(2024, 10, 6)], "those of 2021 to 2023 are from before it; that of 2024 is from a year in which it began"),
        ((2023, 2024), [date(2017, 7, 4)], "those of 2023 and 2024 are from after it. None of them says for certain how it was before."),
        ((2021, 2022, 2023), [date(2022, 2, 1), date(2022, 6, 1)], "between 1 February 2022 and 1 June 2022. Of these surveys that of 2021 is from before it; that of 2022"),
        ((2021,), [], ""),
    ],
)  # fmt: skip
def test_surveys_are_told_from_before_and_after_a_change(years, starts, says):
    assert says in beside_change(years, starts)
    assert bool(beside_change(years, starts)) == bool(starts)


class TestBook:
    """The built book."""

    def test_every_real_place_of_one_trust_has_its_staff(self, html, root):
        catalogue = read_catalogue(root)
        alone = [site for site in catalogue.sites.values() if len(site.org_codes) == 1 and site.status == "active"]
        assert len(alone) == 16
        for site in alone:
            text = (html / GENERATED / "sites" / f"{site.id}.html").read_text(encoding="utf-8")
            asked = catalogue.organisations[site.org_codes[0]].nation == "england"
            assert text.count('data-figure="staff"') == asked, site.id
            assert ("no survey of staff in Wales" in text) != asked, site.id

    def test_every_evaluation_of_a_real_change_has_its_staff(self, html, root):
        for id in read_catalogue(root).evaluations:
            text = (html / GENERATED / "evaluations" / id / "index.html").read_text(encoding="utf-8")
            assert 'id="staff"' in text, id
            assert ("partners/staff.html" in text) != ("no survey of staff in" in text), id

    def test_an_organisation_has_what_its_staff_said_in_a_sentence(self, html):
        line = _page(html, "partners/organisations/RTF").find(class_="ek-staff-line")
        assert _words(line).startswith("Staff: in the survey of 2024, 58.5% of those who answered (6,234)")
        assert line.a["href"] == "../staff.html?organisation=RTF"

    def test_trusts_that_merged_are_not_counted_among_those_of_the_newest_survey(self, html):
        page = _page(html, "partners/staff")
        lead = _words(page.find("p", class_="ek-lead"))
        newest = sum(row.td.string == "2024" for row in page.find(id="ek-staff-all").tbody.find_all("tr"))
        assert f"what staff at {newest} trusts of this book said" in lead
        assert "4 more were last surveyed under their own names before that: in 2022 " in lead
        given = {one[0]: one for one in json.loads(page.find(id="ek-staff-data").string)["trusts"]}
        assert "Since 1 April 2022 part of Royal Devon University Healthcare" in given["RBZ"][4][0]
        assert given["RBZ"][7][0][0] == "staff.html?organisation=RH8"

    @pytest.mark.parametrize("asked", [pytest.param("RTF", marks=browser_only)])
    def test_a_trust_is_chosen_by_its_name_and_its_figure_can_be_read(self, html, browser, asked):
        page, requests = browser.new_page(), []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{(html / GENERATED / 'partners' / 'staff.html').as_uri()}?organisation={asked}")
        page.locator("#ek-staff-one [role=slider]").focus()
        page.keyboard.press("Home")
        assert (
            page.locator("#ek-staff-one [role=slider]")
            .get_attribute("aria-valuetext")
            .startswith("Year: 2021. Agreed: 61.5%.")
        )
        page.select_option("#ek-staff-trust", "RHQ")
        assert page.locator("#ek-staff-one h2").inner_text().startswith("Sheffield Teaching")
        assert page.locator("#ek-staff-one svg.ek-touchable").count() == 1
        page.select_option("#ek-staff-trust", "")
        page.select_option("#ek-staff-region", "London")
        shown = page.locator("#ek-staff-all tbody tr:visible").count()
        assert page.locator("#ek-staff-status").inner_text().startswith(f"{shown} trusts.")
        assert all(request.startswith("file:") for request in requests)
        page.close()
