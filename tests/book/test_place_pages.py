"""Flow through places: residents first, ranges as they are computed, what is not measured, and only its own pages again."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from evalkit.book.content.book_content import put_in_order
from evalkit.book.page_writer import Pages, write_pages
from evalkit.book.pages import places
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.catalogue.records.delay_reasons import DelayReason
from evalkit.catalogue.records.learning import Publication
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.places import FlowStage, Place
from evalkit.catalogue.records.sites import Organisation
from evalkit.catalogue.records.tables import Table
from evalkit.files import content_sha256
from tests.support.browsing import browser_only
from tests.support.synthetic_book import MEASURE, made_up, make_project

GENERATED = Path("book", "generated")
PLACES = GENERATED / "places"
BOARD = "NHS Nowhere Integrated Care Board"
NAMES = {"ZZ0002": "Brook End (invented)", "ZZ0003": "Carrow (invented)", "ZZ0004": "Dell (invented)"}
MONTHS = pd.period_range("2021-01", "2024-12", freq="M")
REASONS = {
    "review": ("Doctors' review", "in_hospital", "in_hospital"),
    "hub": ("Transfer hub", "interface", "in_hospital"),
    "bed": ("No bed <b>free</b>", "out_of_hospital", "out_of_hospital"),
    "choice": ("Choosing", "patient_and_family", "patient_and_family"),
}
COUNTS = {"ZZ0002": (10, 10, 20, 0), "ZZ0003": (5, 5, 20, 10), "ZZ0004": (1, 2, 3, 4)}


def _describe(folder: Path, name: str, rows: pd.DataFrame, grain: str = "month") -> Table:
    path = folder / "data" / "tables" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False)
    fields = [{"name": each, "type": "string", "description": "Text."} for each in rows.columns[:2]]
    fields += [{"name": each, "type": "integer", "description": "Count."} for each in rows.columns[2:]]
    layout = {"shape": "wide", "grain": grain, "disclosure": {"rule": "synthetic", "because": "Invented."}}
    if grain == "day":
        fields[0]["type"] = "date"
    return Table.model_validate(
        {
            "name": name, "path": f"tables/{name}.csv", "title": name, "description": "Invented.", "sources": [{"title": "Invented"}],
            "licenses": [{"name": "none"}], "schema": {"fields": fields}, "evalkit": layout, "hash": "sha256:" + content_sha256(str(path)),
        }
    )  # fmt: skip


def _reasons(months=MONTHS[-12:], counts=COUNTS) -> pd.DataFrame:
    rows = [(f"{month}-01", code, *figures) for month in months for code, figures in counts.items()]
    return pd.DataFrame(rows, columns=["period", "org_code", *REASONS])


def _records(folder: Path, reasons: pd.DataFrame | None = None, newest: str = "2024-12"):
    """A made-up book with a system of two trusts, a group of one, and a chart of visits; at each 100 are ready every day, of whom 20 leave."""
    catalogue, plans, outcomes = made_up(folder, [1])
    random = np.random.default_rng(4)
    months = [month for month in MONTHS.append(pd.period_range("2025-01", "2026-02", freq="M")) if str(month) <= newest]
    visits = [(f"{month}-01", code, int(1000 + random.integers(-40, 40))) for code in NAMES for month in months]
    days = pd.date_range("2024-01-01", "2024-12-31").astype(str)
    ready = [(day, code, 100, 20) for code in NAMES for day in days]
    columns = ["period", "org_code"]
    catalogue.tables["visits"] = _describe(folder, "visits", pd.DataFrame(visits, columns=[*columns, "visits"]))
    catalogue.tables["reasons"] = _describe(folder, "reasons", _reasons() if reasons is None else reasons)
    catalogue.tables["days"] = _describe(
        folder, "days", pd.DataFrame(ready, columns=[*columns, "ready", "left"]), "day"
    )
    for id, recipe in (
        (MEASURE["id"], {"table": "visits", "numerator": ["visits"]}),
        ("emergency-admissions", {"table": "visits", "numerator": ["visits"]}),
        ("made-up-reasons", {"table": "reasons", "numerator": list(REASONS)}),
        ("not-meeting-criteria-to-reside", {"table": "days", "numerator": ["ready"], "every": "month"}),
        ("discharges-a-day", {"table": "days", "numerator": ["left"], "every": "month"}),
    ):
        record = {**MEASURE, "id": id, "name": f"Made-up {id}", "flow_stage": "front-door", "recipes": [recipe]}
        catalogue.measures[id] = Measure.model_validate(record)
    for id in (MEASURE["id"], "emergency-admissions"):
        entry = {"id": id, "table": "visits", "kind": "xmr", "season": "left", "why": "Invented."}
        catalogue.control_charts[id] = ControlChart.model_validate(entry)
    for reason, (label, first, second) in REASONS.items():
        catalogue.delay_reasons[reason] = DelayReason(
            reason=reason,
            label=label,
            published=f"Published - {label}",
            class_1=first,
            why_1="Invented.",
            class_2=second,
            why_2="Invented too.",
        )
    for code, name in NAMES.items():
        catalogue.organisations[code] = Organisation(
            org_code=code, name=name, sector="acute", icb_name=None if code == "ZZ0004" else BOARD,
            catchment_population=None if code == "ZZ0004" else 100_000,
        )  # fmt: skip
    catalogue.organisations["ZZ0005"] = Organisation(org_code="ZZ0005", name="Elm surgery (invented)", icb_name=BOARD)
    catalogue.places["one-coast"] = Place(
        id="one-coast", name="One coast", org_codes=["ZZ0004"], because="Invented.", synthetic=True
    )
    catalogue.flow_stages["front-door"] = FlowStage.model_validate(
        {
            "id": "front-door",
            "asks": "Can people get help?",
            "not_measured": [{"what": "People who come back", "sector": "acute", "failure_demand": True}],
        }
    )
    catalogue.flow_stages["home-community"] = FlowStage(id="home-community", asks="Is it there?", not_measured=[])
    catalogue.sources["trust-catchments-2026"] = Publication.model_validate(
        {"id": "trust-catchments-2026", "title": "Made-up catchments", "publisher": "Nobody", "where": "here", "published": "2024", "read": "2026-11-30"}
    )  # fmt: skip
    return catalogue, plans, outcomes


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The pages of that book, written."""
    folder = tmp_path_factory.mktemp("places")
    make_project(folder)
    write_pages(folder / GENERATED, *_records(folder))
    return folder


def _write_places(folder: Path, *reasons: pd.DataFrame):
    """The pages of places alone, of a book without evaluations."""
    make_project(folder)
    _write_places_of(folder, _records(folder, *reasons)[0])


def _write_places_of(folder: Path, catalogue) -> None:
    pages = Pages(folder / GENERATED, catalogue)
    for name, page in places.pages(put_in_order(catalogue, [], [])):
        pages.put(name, page)


def _page(folder: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((folder / GENERATED / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def _words(element) -> str:
    return re.sub(r"\s+", " ", element.get_text(" ")).strip()


class TestPlace:
    def test_the_commonest_reasons_stand_first_then_classes_then_what_is_unknown(self, folder):
        page = _page(folder, "places/nowhere")
        lead, said = _words(page.find(class_="ek-lead")), _words(page)
        assert lead == (
            "Reasons recorded most often in Nowhere, from January 2024 to December 2024, with patients on an average day: “No bed"
            " <b>free</b>” (40.0), “Doctors' review” (15.0), “Transfer hub” (15.0)."
        )
        assert (
            "“Outside the hospital” (50 in 100) is the largest class, then “In hospital” (18 to 38 in 100)." not in said
        )
        assert (
            "“Outside the hospital” (50 in 100) is the largest class, then “In hospital” (18 to 38 in 100) or “At the interface” (0 to"
            " 19 in 100): which of these is larger cannot be told." in said
        )
        assert "The last 3 months, from October 2024 to December 2024: “Outside the hospital” (50 in 100)" in said
        assert said.index("largest class") < said.index("For 50 in 100 of those who were ready to leave and stayed")
        assert "Many of them were probably not asked: it is likely, and not certain," in said
        assert "put 3 of 4 reasons into the same class (Cohen's kappa 0.67)" in said
        assert "No class says who is to blame." in said
        assert "commonly the NHS's. Its largest reason here: “No bed <b>free</b>” (40.0)." in said
        stayed = page.find("caption", string=re.compile("who stayed, and how many of them have no reason")).parent
        assert [[_words(cell) for cell in row] for row in stayed.tbody.find_all("tr")] == [
            ["From January 2024 to December 2024", "200", "40", "160", "80", "50", "24 of 24"],
            ["From October 2024 to December 2024", "200", "40", "160", "80", "50", "6 of 6"],
        ]
        assert "“Choice, mental capacity and safeguarding” is no delay that patients or families cause" in said
        assert "One reason is recorded for a patient, although several may hold at once" in said
        assert "what is possible if every recorded reason is right" in said
        assert "Rehabilitation beds and mental health beds are commonly the NHS's." in said
        row = page.find("table", attrs={"data-of": "flow-classes"}).tbody.find_all("tr")[2]
        assert [_words(cell) for cell in row.find_all("td")] == ["50", "50", "25 to 75"]

    def test_trusts_that_differ_are_named_beside_the_answer(self, folder):
        said = _words(_page(folder, "places/nowhere"))
        assert (
            "Trusts here record very differently: “Choice, mental capacity and safeguarding” is 0 in 100 at Brook End"
            in said
        )
        assert "Trusts here" not in _words(_page(folder, "places/one-coast"))

    def test_a_correction_has_an_address(self, folder):
        page = _page(folder, "places/nowhere")
        assert page.find("a", href="../../methods/whole-system-flow.html#correct-or-reply")
        assert "## Correct or reply" in Path("book/methods/whole-system-flow.md").read_text(encoding="utf-8")

    def test_residents_come_before_stages_with_their_source(self, folder):
        page = _page(folder, "places/nowhere")
        said = _words(page)
        assert (
            said.index("The people it serves")
            < said.index("What hospitals recorded as the reason")
            < said.index("Stage by stage")
        )
        assert "about 200,000 people: the sum of their modelled catchments" in said
        assert "Made-up catchments, Nobody, published 2024" in said
        assert re.search(r"1\d\d for each 1,000 people in a year, over the twelve months to December 2024", said)

    def test_without_a_population_there_is_no_rate_and_no_other_figure(self, folder):
        said = _words(_page(folder, "places/one-coast"))
        assert "No population is held for its trusts" in said
        assert "No rate: no population is held for Dell (invented)" in said
        assert "for each 1,000 people" not in said
        assert "Synthetic data." in said

    def test_what_nobody_measures_is_said_at_each_stage(self, folder):
        said = _words(_page(folder, "places/nowhere"))
        assert "People who come back (acute hospitals; failure demand)" in said
        assert "Nothing is measured at this stage in this book." in said
        assert "One setting only. Every figure here is of one sector: acute hospitals." in said
        assert "Not measured. Failure demand" in said
        assert "No organisation here is entered as: primary care, ambulance services" in said
        assert "those under “Sector not yet entered” can be among them" in said
        assert "Elm surgery (invented)" in said

    def test_figures_have_their_tables_and_their_marks(self, folder):
        page = _page(folder, "places/nowhere")
        for name in ("flow-classes", "flow-reasons", "flow-months"):
            drawing, table = page.find("svg", id=name), page.find("table", attrs={"data-of": name})
            rows = table.tbody.find_all("tr")
            marks = [int(mark["data-i"]) for mark in drawing.find_all(attrs={"data-i": True})]
            assert marks
            assert set(marks) <= set(range(len(rows))), name
            assert drawing["aria-label"].count("Nowhere") == 1
        reasons = [_words(row.th) for row in page.find("table", attrs={"data-of": "flow-reasons"}).tbody.find_all("tr")]
        assert reasons == sorted(reasons, key=str.casefold)
        assert "No bed <b>free</b>" in reasons  # text, and no markup
        months = page.find("table", attrs={"data-of": "flow-months"}).tbody.find_all("tr")
        assert [_words(cell) for cell in months[-1]][:2] == ["December 2024", "80"]
        assert len(months) == 12

    def test_nobody_is_ranked_or_blamed(self, folder):
        said = _words(_page(folder, "places/nowhere")).replace("No class says who is to blame.", "").casefold()
        assert not re.search(r"block|blame|worst|best |league|red-", said)


def test_every_place_stands_in_the_list_by_name(folder):
    page = _page(folder, "places/index")
    table = page.find_all("table")[-1]
    assert [_words(row.th) for row in table.tbody.find_all("tr")] == ["Nowhere", "One coast"]
    assert "All 3 trusts with recorded reasons together" in _words(page)
    assert [_words(row.td) for row in table.tbody.find_all("tr")] == ["2 of 2", "1 of 1"]


def test_a_partner_says_whom_its_patients_waited_for_and_leads_to_its_place(folder):
    page = _page(folder, "partners/organisations/ZZ0003")
    said = _words(page)
    assert "Reasons recorded most often at Carrow (invented), from January 2024 to December 2024" in said
    assert "For 50 in 100 of those who were ready to leave and stayed" in said
    assert page.find("a", href="../../places/nowhere.html") is not None


def test_reasons_that_are_old_were_and_say_how_to_go_on(tmp_path):
    make_project(tmp_path)
    write_pages(tmp_path / GENERATED, *_records(tmp_path, newest="2025-10"))
    page = _page(tmp_path, "places/nowhere")
    assert "to December 2024" in _words(page.find(class_="ek-lead"))
    age = (
        "The last month with reasons is December 2024, 10 months before the newest figures of this book; what patients wait for now is"
        " not known."
    )
    assert _words(page).index(age) < _words(page).index("Reasons recorded most often")
    assert "How to load newer months" in _words(page)


def test_a_break_in_the_record_and_counts_in_conflict_are_told_with_their_months(tmp_path):
    make_project(tmp_path)
    reasons = _reasons()
    code, period = reasons["org_code"], reasons["period"]
    reasons.loc[(code == "ZZ0003") & (period >= "2024-10-01"), ["review", "hub", "bed", "choice"]] = [90, 0, 0, 0]
    write_pages(tmp_path / GENERATED, *_records(tmp_path, reasons[~((code == "ZZ0002") & (period < "2024-07-01"))]))
    said = _words(_page(tmp_path, "partners/organisations/ZZ0003"))
    assert "From September 2024 to October 2024 the patients with a recorded reason went from 40 to 90" in said
    assert "“In hospital” went from 12 to 25 in 100 of them to 100 in 100" in said
    assert "More patients have a reason than stayed, which cannot be: October 2024 to December 2024." in said
    assert "have no reason cannot be told" in said
    assert "ek-possible" not in str(_page(tmp_path, "places/nowhere").find("svg", id="flow-classes"))
    months = _page(tmp_path, "places/nowhere").find("table", attrs={"data-of": "flow-months"}).tbody.find_all("tr")
    assert _words(months[0].find_all("td")[-1]) == "no reasons reported (1 of 2 trusts)"
    assert _words(months[-1].find_all("td")[-1]) == "more reasons than patients who stayed (1 of 2 trusts)"
    index = _page(tmp_path, "places/index").find_all("table")[-1]
    assert "cannot be told" in _words(index)


def _record_that_changes(counts_before: tuple[int, ...], counts_after: tuple[int, ...]) -> pd.DataFrame:
    """Two trusts of the system whose counts are other in the last three months; nothing else."""
    reasons = _reasons()
    before, after = reasons["period"] < "2024-10-01", reasons["period"] >= "2024-10-01"
    own = reasons["org_code"] != "ZZ0004"
    reasons.loc[own & before, [*REASONS]] = counts_before
    reasons.loc[own & after, [*REASONS]] = counts_after
    return reasons


def test_months_under_one_record_lead_with_their_own_reasons(tmp_path):
    _write_places(tmp_path, _record_that_changes((60, 0, 3, 2), (4, 2, 10, 4)))
    page = _page(tmp_path, "places/nowhere")
    said = _words(page)
    assert _words(page.find(class_="ek-lead")) == (
        "Reasons recorded most often in Nowhere, since the record last changed, from October 2024 to December 2024, with patients on"
        " an average day: “No bed <b>free</b>” (20.0), “Choosing” (8.0), “Doctors' review” (8.0)."
    )
    assert "from October 2024 to December 2024: “Outside the hospital” (50 in 100) is the largest class" in said
    assert said.index("is the largest class") < said.index(
        "All months, from January 2024 to December 2024: “In hospital”"
    )
    assert "The reasons of all months recorded most often: “Doctors' review” (92.0)" in said
    assert "so that shares of all months may be like none of them" in said
    table = page.find("table", attrs={"data-of": "flow-classes"})
    assert "October 2024" in _words(table.thead.find_all("th")[1])
    assert _words(table.tbody.find_all("tr")[2].td) == "50"
    index = _page(tmp_path, "places/index").find_all("table")[-1]
    assert _words(index.tbody.find("tr").find_all("td")[-1]) == "recent months differ"


def test_a_change_of_how_many_alone_does_not_make_months_differ(tmp_path):
    _write_places(tmp_path, _record_that_changes((10, 4, 20, 4), (20, 8, 40, 8)))
    said = _words(_page(tmp_path, "places/nowhere"))
    assert "Recording can make such a change as well as care." in said
    assert "may be like none of them" not in said
    assert "Recent months differ" not in said


def test_months_that_differ_say_so_without_a_jump(tmp_path):
    _write_places(tmp_path, _record_that_changes((20, 0, 16, 4), (17, 0, 19, 4)))
    said = _words(_page(tmp_path, "places/nowhere"))
    assert "The record changed." not in said
    assert (
        "Recent months differ from all months together: from October 2024 to December 2024 “Outside the hospital” is the largest class,"
        " over all months it is “In hospital”." in said
    )


def test_who_stayed_is_told_by_month_in_the_table_and_the_download(tmp_path):
    _write_places(tmp_path, _record_that_changes((4, 2, 10, 4), (8, 4, 15, 5)))
    page = _page(tmp_path, "places/nowhere")
    table = page.find("table", attrs={"data-of": "flow-months"})
    heads = [_words(head) for head in table.thead.find_all("th")]
    first, last = (
        [_words(cell) for cell in row] for row in (table.tbody.find_all("tr")[0], table.tbody.find_all("tr")[-1])
    )
    at = heads.index("No reason recorded, of 100 who stayed")
    assert (first[heads.index("Stayed")], first[at], last[at]) == ("160", "75", "60")
    assert "In single months it was 60 (October 2024) to 75 (September 2024) in 100." in _words(page)
    assert page.find("a", href="../../../downloads/places/nowhere.csv")
    made = pd.read_csv(tmp_path / GENERATED / "places" / "nowhere.csv", keep_default_na=False)
    november = made[(made["months"] == "month") & (made["first_month"] == "2024-11") & (made["name"] == "Nowhere")]
    assert [*november["no_reason"].astype(float)] == [60.0] * 4
    assert {*made["name"]} == {"Nowhere", "Brook End (invented)", "Carrow (invented)"}
    interface = november[november["class"] == "At the interface"].iloc[0]
    assert (float(interface["lowest"]), float(interface["highest"])) == (0.0, 12.5)
    columns = pd.read_csv(tmp_path / GENERATED / "places" / "columns.csv")
    assert [*columns["column"]] == [*made.columns]


def test_text_and_tables_round_alike(tmp_path):
    """Readings of 60.1 and 62.2 are 60 to 63 wherever they stand."""
    _write_places(tmp_path, _record_that_changes((601, 21, 378, 0), (201, 21, 600, 178)))
    page = _page(tmp_path, "places/nowhere")
    cells = [_words(cell) for cell in page.find("table", attrs={"data-of": "flow-months"}).tbody.find("tr")]
    assert cells[2] == "60 to 63"
    assert "“In hospital” went from 60 to 63 in 100 of them to 20 to 23 in 100" in _words(page)


def test_a_place_of_which_some_trusts_recorded_nothing_says_so_first(tmp_path):
    reasons = _reasons()
    _write_places(tmp_path, reasons[reasons["org_code"] != "ZZ0003"])
    lead = _words(_page(tmp_path, "places/nowhere").find(class_="ek-lead"))
    assert lead.startswith("Reasons recorded most often in Nowhere (at 1 of its 2 trusts), from January 2024")
    assert "of its" not in _words(_page(tmp_path, "places/one-coast").find(class_="ek-lead"))


def test_a_rate_that_cannot_be_made_says_why(tmp_path):
    make_project(tmp_path)
    catalogue = _records(tmp_path)[0]
    visits = catalogue.tables["visits"]
    rows = pd.read_csv(tmp_path / "data" / visits.path)
    gap = rows["org_code"].isin(["ZZ0002", "ZZ0003"]) & (rows["period"] == "2024-06-01")
    catalogue.tables["visits"] = _describe(tmp_path, "visits", rows[~gap])
    _write_places_of(tmp_path, catalogue)
    assert "No rate: no trust here has a figure in each of the twelve months to December 2024." in _words(
        _page(tmp_path, "places/nowhere")
    )


def test_reasons_stand_by_their_published_names_with_both_readings(folder):
    part = _page(folder, "index-parts/delay-reasons")
    assert "Published - Transfer hub Transfer hub At the interface Invented. In hospital Invented too." in _words(part)
    table = pd.read_csv(folder / GENERATED / "places" / "delay-reasons.csv")
    assert [*table["published_name"]] == [f"Published - {label}" for label, _, _ in REASONS.values()]
    assert table["why_second"].eq("Invented too.").all()
    assert _page(folder, "places/nowhere").find("a", href="../../../downloads/places/delay-reasons.csv")
    assert "index-parts/delay-reasons.html" in Path("book/methods/whole-system-flow.md").read_text(encoding="utf-8")


def test_a_choice_of_place_stands_before_all_trusts(folder):
    page = _page(folder, "places/index")
    choices = page.find("select", id="ek-place")
    assert [option["value"] for option in choices.find_all("option")] == ["", "nowhere.html", "one-coast.html"]
    assert str(page).index("ek-place") < str(page).index("All 3 trusts")
    assert page.find("noscript").a["href"] == "#every-place"


def test_a_book_without_reasons_says_so(tmp_path):
    make_project(tmp_path)
    catalogue, plans, outcomes = _records(tmp_path)
    catalogue.delay_reasons.clear()
    write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
    said = _words(_page(tmp_path, "places/nowhere"))
    assert "is not known: none of its organisations is in the table of reasons" in said
    assert "No reasons are recorded here." in said


def test_a_book_without_places_says_how_they_come(tmp_path):
    make_project(tmp_path)
    write_pages(tmp_path / GENERATED, *made_up(tmp_path, [1]))
    assert "There is none yet." in _words(_page(tmp_path, "places/index"))


def test_a_new_month_of_one_trust_writes_its_own_pages_only(folder):
    def written() -> dict[str, int]:
        paths = (folder / GENERATED).rglob("*.html")
        return {path.relative_to(folder / GENERATED).as_posix(): path.stat().st_mtime_ns for path in paths}

    write_pages(folder / GENERATED, *_records(folder))
    before = written()
    changed_counts = _reasons()
    last = (changed_counts["org_code"] == "ZZ0004") & (changed_counts["period"] == "2024-12-01")
    changed_counts.loc[last, "bed"] = 9
    write_pages(folder / GENERATED, *_records(folder, changed_counts))
    after = written()
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {
        "places/index.html",
        "places/one-coast.html",
        "partners/organisations/ZZ0004.html",
        "about/data.html",
    }
    write_pages(folder / GENERATED, *_records(folder, changed_counts))
    assert written() == after
    write_pages(folder / GENERATED, *_records(folder))


def test_home_names_the_newest_month_of_any_figures(folder):
    assert "(data to December 2024)" in _words(_page(folder, "index-parts/home"))


def test_what_was_tried_says_how_certain_and_that_it_ended(html):
    page = BeautifulSoup((html / PLACES / "lincolnshire.html").read_text(encoding="utf-8"), "html.parser")
    (tried,) = (item for item in page.find_all("li") if item.find("a", string="Closing Grantham's A&E at night"))
    assert "Decreased (certainty very low)." in _words(tried)
    assert "The change ended on 31 October 2023." in _words(tried)


def test_what_is_to_be_looked_at_again_is_reached_from_home_boards_glance_and_methods(html):
    for page in ("index", "generated/routes/boards-and-commissioners", "generated/glance", "methods/lasting"):
        made = BeautifulSoup((html / "book" / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
        assert made.main.find("a", href=re.compile(r"reevaluations\.html$")), page


class TestInABrowser:
    pytestmark = browser_only

    @pytest.mark.parametrize("width", [320, 390, 1280])
    def test_bars_say_their_row_and_nothing_overflows(self, browser, html, width):
        context = browser.new_context(viewport={"width": width, "height": 844}, offline=True, has_touch=True)
        page = context.new_page()
        page.goto((html / PLACES / "black-country.html").as_uri())
        stacks = page.locator("table.ek-stacks").first.bounding_box()
        assert stacks["x"] + stacks["width"] <= width
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        over = page.evaluate(
            """[...document.querySelectorAll('main svg.ek-figure text')].filter(one => {
                 const box = one.getBoundingClientRect();
                 return box.left < -1 || box.right > innerWidth + 1;
               }).map(one => one.textContent)"""
        )
        assert over == []
        for name in ("flow-classes", "flow-reasons", "flow-months"):
            drawing, table = page.locator(f"#{name}"), page.locator(f"table[data-of={name}]")
            mark = drawing.locator("[data-i]").first
            row = table.locator("tbody tr").nth(int(mark.get_attribute("data-i")))
            drawing.scroll_into_view_if_needed()
            box = mark.bounding_box()
            page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            said = " ".join(page.locator(".ek-speaks").all_text_contents())
            assert row.locator("th").text_content() in said
            assert row.locator("td").first.text_content() in said
        context.close()
