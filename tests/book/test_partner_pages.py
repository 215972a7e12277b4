"""Metrics across all partners: what changed lately, what is noise, what is too old to say; nothing is ranked or made up."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from evalkit.book.page_writer import write_pages
from evalkit.book.pages.partner_organisations import until
from evalkit.book.partners import drawings
from evalkit.book.partners.chance import by_chance
from evalkit.book.partners.measure_charts import Stretch
from evalkit.catalogue.records.chart_alarms import DESCRIBED, ChartAlarms
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation
from evalkit.catalogue.records.successors import Succession
from evalkit.catalogue.records.tables import Column, FlagRule, Table
from evalkit.files import content_sha256
from tests.support.signals_from_csv import differences
from tests.support.synthetic_book import MEASURE, made_up, make_project

GENERATED = Path("book", "generated")
PARTNERS = GENERATED / "partners"
OWN = "ZZ0001"  # of the evaluation that the made-up book has
NAMES = {
    OWN: "Ashford (invented)",
    "ZZ0002": "Brook End (invented)",
    "ZZ0003": "Carrow (invented)",
    "ZZ0004": "Dell (invented)",
}
MONTHS = pd.period_range("2021-01", "2024-12", freq="M")
SHARE = {
    **MEASURE, "id": "made-up-waits", "name": "Made-up waits", "plain_name": "the share of made-up visits on time",
    "form": "proportion", "unit": "% on time", "direction": "increase",
}  # fmt: skip
OLD = {**MEASURE, "id": "made-up-beds", "name": "Made-up beds", "plain_name": "made-up beds", "direction": "decrease"}
LEFT = {"kind": "xmr", "season": "left", "why": "Invented."}
ALARMS = "measure,table,kind,season,trusts,series,months,raised,raised_at_most,raised_within_year,correlation,season_strength,seed\n"


def _rows() -> pd.DataFrame:
    """Calm figures; at ZZ0002 the last eight months are high, ZZ0003 left its last month out, ZZ0004 began lately."""
    random = np.random.default_rng(4)
    parts = []
    for number, code in enumerate(NAMES):
        visits = 2000 + 100 * number + random.integers(-40, 40, len(MONTHS))
        on_time = (0.7 * visits + random.integers(-15, 15, len(MONTHS))).round()
        rows = pd.DataFrame(
            {"period": MONTHS.astype(str) + "-01", "org_code": code, "visits": visits, "on_time": on_time}
        )
        if code == "ZZ0002":
            rows.loc[rows.index[-8:], "on_time"] += 150
        if code == "ZZ0003":
            rows.loc[rows.index[-1], ["visits", "on_time"]] = np.nan
        parts.append(rows[-6:] if code == "ZZ0004" else rows)
    return pd.concat(parts)


def _describe(folder: Path, name: str, rows: pd.DataFrame) -> Table:
    path = folder / "data" / "tables" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False, float_format="%.0f")
    fields = [
        {"name": "period", "type": "string", "description": "Month."},
        {"name": "org_code", "type": "string", "description": "Code."},
    ]
    fields += [{"name": each, "type": "integer", "description": "Count."} for each in rows.columns[2:]]
    layout = {"shape": "wide", "grain": "month", "disclosure": {"rule": "synthetic", "because": "Invented."}}
    return Table.model_validate(
        {
            "name": name, "path": f"tables/{name}.csv", "title": name, "description": "Invented.", "sources": [{"title": "Invented"}],
            "licenses": [{"name": "none"}], "schema": {"fields": fields}, "evalkit": layout, "hash": "sha256:" + content_sha256(str(path)),
        }
    )  # fmt: skip


def _records(folder: Path, rows: pd.DataFrame | None = None):
    """A made-up book whose evaluation is of one of four partners with three measures."""
    rows = _rows() if rows is None else rows
    catalogue, plans, outcomes = made_up(folder, [1])
    catalogue.tables["waits"] = _describe(folder, "waits", rows[["period", "org_code", "on_time", "visits"]])
    catalogue.tables["visits"] = _describe(folder, "visits", _rows()[["period", "org_code", "visits"]])
    old = _rows()[["period", "org_code", "visits"]].query("period < '2024-05'")
    catalogue.tables["beds"] = _describe(folder, "beds", old)
    for record, recipe in (
        (MEASURE, {"table": "visits", "numerator": ["visits"]}),
        (SHARE, {"table": "waits", "numerator": ["on_time"], "denominator": ["visits"]}),
        (OLD, {"table": "beds", "numerator": ["visits"]}),
    ):
        catalogue.measures[record["id"]] = Measure.model_validate({**record, "recipes": [recipe]})
        entry = {"id": record["id"], "table": recipe["table"], **LEFT}
        catalogue.control_charts[record["id"]] = ControlChart.model_validate(entry)
    for code, name in NAMES.items():
        catalogue.organisations[code] = Organisation(org_code=code, name=name, sector="acute", region="Nowhere")
    return catalogue, plans, outcomes


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The pages of that book, written."""
    folder = tmp_path_factory.mktemp("partners")
    make_project(folder)
    write_pages(folder / GENERATED, *_records(folder))
    return folder


def _page(folder: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((folder / PARTNERS / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def _words(element) -> str:
    return re.sub(r"\s+", " ", element.get_text(" ")).strip()


def _group(page: BeautifulSoup, heading: str) -> list[str]:
    found = page.find("h2", string=heading)
    assert found is not None, heading
    return [_words(item) for item in found.find_next_sibling("ul", class_="ek-charted").find_all("li", recursive=False)]


def _expanded(folder: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Icon and sentence of each cell of the matrix, as the reader's browser puts them together."""
    given = json.loads(_page(folder, "index").find(id="ek-partners-data").string)
    return {
        code: {
            measure[0]: (given["icons"][cell[0]], "".join(piece if at % 2 else given["parts"][int(piece)] for at, piece in enumerate(cell[2].split("|"))))
            for measure, cell in zip(given["measures"], cells, strict=True)
        }
        for code, cells in given["partners"]
    }  # fmt: skip


class TestOrganisation:
    def test_what_changed_lately_stands_apart_from_what_is_noise(self, folder):
        page = _page(folder, "organisations/ZZ0002")
        (special,) = _group(page, "A special cause in the last month")
        assert special.startswith("Made-up waits . December 2024: ")
        assert re.search(
            r"% a year before\); usual 71\.\d%; a special cause of improving nature, since May 2024\.", special
        )
        assert "because" not in special
        assert "what to ask next" in special
        assert "The same icon at 1 of 3 organisations." in special
        assert ", since May 2024, because " in _words(page.find(id="made-up-waits"))
        (usual,) = _group(page, "Within what is usual")
        assert "; common cause variation" in usual

    def test_a_chart_that_is_old_was_and_has_no_icon_and_says_how_to_go_on(self, folder):
        page = _page(folder, "organisations/ZZ0002")
        (old,) = _group(page, "Too old or too short to say")
        assert old.startswith("Made-up beds . April 2024, 8 months before the newest here: ")
        assert "this was common cause variation" in old
        assert "this is" not in old
        heading = page.find("h2", string="Too old or too short to say")
        assert heading.find_next_sibling("ul").find("svg") is None
        assert heading.find_next_sibling("p").a["href"] == "../../../take-part/index.html#newer-months"

    def test_no_page_tells_a_month_as_the_present(self, folder):
        for path in sorted((folder / PARTNERS).rglob("*.html")):
            page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            assert not re.search(r"\bthis is (common|a special)|“now”|\bcurrently\b", _words(page), re.IGNORECASE), path
            if path.stem != "seven-day":  # which has no table here
                lead = _words(page.find("p", class_="ek-lead"))
                assert re.match(r"Up to (December|November|April) 2024", lead), path

    def test_a_target_is_told_with_its_year_and_its_source(self, tmp_path):
        make_project(tmp_path)
        catalogue, plans, outcomes = _records(tmp_path)
        source = {"title": "Guidance", "where": "https://example.org/guidance", "read": "2026-11-30"}
        target = {"value": 78, "set_for": "March 2024, by the guidance for 2023/24", "source": source}
        entry = {**LEFT, "id": SHARE["id"], "table": "waits", "target": target}
        catalogue.control_charts[SHARE["id"]] = ControlChart.model_validate(entry)
        write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
        for name in ("index", "measures/made-up-waits", "organisations/ZZ0002"):
            assert "78% for March 2024, by the guidance for 2023/24" in _words(_page(tmp_path, name)), name
        for name in ("measures/made-up-waits", "organisations/ZZ0002"):
            assert _page(tmp_path, name).find("a", href=source["where"]), name

    def test_a_target_for_one_month_is_told_of_that_month_and_in_how_many_it_was_met(self, tmp_path):
        make_project(tmp_path)
        catalogue, plans, outcomes = _records(tmp_path)
        source = {"title": "Guidance", "where": "https://example.org/guidance", "read": "2026-11-30"}
        target = {"value": 75, "set_for": "June 2024, in the guidance", "month": "2024-06", "source": source}
        entry = {**LEFT, "id": SHARE["id"], "table": "waits", "target": target}
        catalogue.control_charts[SHARE["id"]] = ControlChart.model_validate(entry)
        write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
        for code, in_brief, in_month in (
            ("ZZ0002", "Target would have been met in 8 of 48 months, the last December 2024.", "it was met: 7"),
            (OWN, "Target would have been missed in each of 48 months.", "it was missed: "),
        ):
            page = _page(tmp_path, f"organisations/{code}")
            said = _words(page)
            assert any(in_brief in _words(item) for item in page.find_all("li"))
            assert f"In June 2024, for which it was set, {in_month}" in said
            assert not re.search("point after point|missed as things are|sometimes met", said)

    def test_what_changed_in_recording_stands_at_the_chart_and_with_the_first_sentence(self, tmp_path):
        make_project(tmp_path)
        catalogue, plans, outcomes = _records(tmp_path)
        changes = [
            {"first": "2023-04", "last": "2025-07", "what": "Another way of counting.", "source": "Invented"},
            {"first": "2019-01", "last": "2019-03", "what": "Long before.", "source": "Invented"},
        ]
        measure = catalogue.measures[SHARE["id"]].model_dump(by_alias=True, exclude_none=True)
        catalogue.measures[SHARE["id"]] = Measure.model_validate({**measure, "recording_changes": changes})
        write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
        page = _page(tmp_path, "organisations/ZZ0002")
        (special,) = _group(page, "A special cause in the last month")
        assert "Recording changed, April 2023 to July 2025." in special
        said = _words(page)
        assert "Recording changed, April 2023 to July 2025: Another way of counting. (Invented)" in said
        assert "Long before" not in said

    def test_what_is_better_or_worse_than_a_year_before_comes_first_and_is_no_test(self, folder):
        page = _page(folder, "organisations/ZZ0002")
        lines = page.find("p", class_="ek-lead").find_next_sibling("ul").find_all("li")
        said = [_words(line) for line in lines]
        assert re.fullmatch(r"Better: Made-up waits, 77\.\d% \(69\.\d% a year before\), 8 months running\.", said[0])
        assert said[1] == "Worse: none."
        assert re.fullmatch(r"No clear difference: Made-up visits, [\d,]+ visits \([\d,]+ a year before\)\.", said[2])
        assert said[3] == "Too old to say: Made-up beds."
        assert "a count and no test" in _words(page)

    @pytest.mark.parametrize(
        ("rate", "line"),
        [
            (None, "Higher, neither better nor worse: Made-up visits, "),
            (0.34, "Higher, neither better nor worse: Made-up visits, "),
        ],
    )
    def test_a_measure_without_a_better_direction_that_moved_is_not_told_as_alike(self, tmp_path, rate, line):
        make_project(tmp_path)
        catalogue, plans, outcomes = _records(tmp_path)
        rows = _rows()[["period", "org_code", "visits"]]
        rows.loc[(rows["org_code"] == "ZZ0003") & (rows["period"] >= "2024-02-01"), "visits"] *= 1.2
        catalogue.tables["visits"] = _describe(tmp_path, "visits", rows)
        neutral = {**MEASURE, "direction": "neutral", "recipes": [{"table": "visits", "numerator": ["visits"]}]}
        catalogue.measures[MEASURE["id"]] = Measure.model_validate(neutral)
        if rate is not None:
            alarms = f"{ALARMS}{MEASURE['id']},made-up,xmr,left,9,2000,48,{rate},0.36,0.4,0.2,0,1\n"
            (tmp_path / "data" / "chart_alarms.csv").write_text(alarms)
        write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
        page = _page(tmp_path, "organisations/ZZ0003")
        said = [_words(one) for one in page.find("ul", class_="ek-year-before").find_all("li")]
        assert any(one.startswith(line) and "10 months running" in one for one in said)

    def test_a_merger_is_named_with_its_source_and_limits_are_made_anew_there(self, tmp_path):
        make_project(tmp_path)
        rows = _rows()
        joined = (rows["org_code"] == "ZZ0002") & (rows["period"] >= "2023-01-01")
        rows.loc[joined, ["visits", "on_time"]] = (rows.loc[joined, ["visits", "on_time"]] * 1.6).round()
        rows = rows[(rows["org_code"] != "ZZ0003") | (rows["period"] < "2023-01-01")]
        jumps = (rows["org_code"] == OWN) & (rows["period"] >= "2022-04-01")
        rows.loc[jumps, ["visits", "on_time"]] = (rows.loc[jumps, ["visits", "on_time"]] * 1.5).round()
        catalogue, plans, outcomes = _records(tmp_path, rows)
        for code in ("ZZ0002", "ZZ0003"):
            line = Succession.model_validate(
                {
                    "code": code,
                    "successor": "ZZ0002",
                    "from": "2023-01-01",
                    "kind": "merged",
                    "source": "example.org/merger",
                }
            )
            catalogue.successors[line.key] = line
        write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
        told = "From January 2023 with Carrow (invented): not comparable with before."
        page = _words(_page(tmp_path, "organisations/ZZ0002"))
        assert page.count(told) == 2  # in its list, and at its chart
        assert f"{told} Limits are made anew there. (example.org/merger)" in page
        assert told in _expanded(tmp_path)["ZZ0002"]["made-up-waits"][1]
        assert told in _words(_page(tmp_path, "measures/made-up-waits").find(id="of-ZZ0002"))
        gone = _page(tmp_path, "organisations/ZZ0003")
        assert gone.find("a", href="ZZ0002.html").text == "Brook End (invented) in January 2023"
        csv = pd.read_csv(tmp_path / PARTNERS / "made-up-waits.csv").query("org_code == 'ZZ0002'").set_index("month")
        assert list(csv["phase"].groupby(csv.index >= "2023-01").agg(set)) == [{1}, {2}]
        assert csv.at["2023-01", "note"] == told
        assert csv["note"].notna().sum() == 1
        # Nobody merged with the other one: that it jumped is told, and no name is guessed.
        jumped = "The number that this is a share of rose by 49% in April 2022; why is not known here."
        assert re.sub("4[5-9]%|5[0-5]%", "49%", _expanded(tmp_path)[OWN]["made-up-waits"][1]).endswith(jumped)

    def test_months_below_the_year_before_are_told_where_the_rules_are_silent(self, tmp_path):
        make_project(tmp_path)
        rows = _rows()
        lower = (rows["org_code"] == "ZZ0003") & (rows["period"] >= "2024-03-01")
        rows.loc[lower, "on_time"] = (rows.loc[lower, "visits"] * 0.69).round()
        catalogue, plans, outcomes = _records(tmp_path, rows)
        write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
        page = _page(tmp_path, "organisations/ZZ0003")
        said = _words(page.find(id="made-up-waits"))
        assert re.search(
            r"Lower than the same month a year before in each of the last \d+ months\. That is a count: no test", said
        )
        assert "needs no explaining" not in _words(page)

    def test_the_lead_names_each_month_in_which_charts_end(self):
        def ends(name: str, last: str) -> Any:
            return SimpleNamespace(name=name, chart=SimpleNamespace(last=last))

        waits = [ends("Waits", "2026-05"), ends("Long waits", "2026-05")]
        visits = [ends(name, "2026-02") for name in ("Visits", "Admissions", "Hours")]
        assert until([*visits, *waits]) == "May 2026 (Waits; Long waits) and February 2026 (the other 3)"
        assert until(waits) == "May 2026"
        assert until([*waits, ends("Visits", "2026-02")]) == "February 2026 (Visits) and May 2026 (the other 2)"
        assert until([]) == ""

    def test_the_lead_names_the_last_month_of_the_own_charts(self, folder):
        cells = {"ZZ0003": "Up to November 2024: ", "ZZ0002": "Up to December 2024: "}
        for code, lead in cells.items():
            assert _words(_page(folder, f"organisations/{code}").find("p", class_="ek-lead")).startswith(lead), code

    def test_every_chart_has_a_sentence_that_names_its_month_a_table_and_words(self, folder):
        page = _page(folder, "organisations/ZZ0002")
        charts = page.find_all("svg", class_="ek-chart")
        assert len(charts) == 3
        for chart in charts:
            table = page.find("table", attrs={"data-of": chart["id"]})
            assert len(chart.find_all(attrs={"data-i": True})) == len(table.tbody.find_all("tr"))
            assert re.search(r"(December|April) 2024(, 8 months before the newest here)?: [\d,.]+", chart["aria-label"])
            sentence = _words(page.find(id=chart["id"].removeprefix("chart-")))
            assert re.search(r" in (December|April) 2024(, 8 months before the newest here)?: ", sentence)

    def test_a_month_that_was_not_reported_is_never_nought(self, folder):
        page = _page(folder, "organisations/ZZ0003")
        assert "November 2024" in _words(page.find(id="made-up-waits"))
        row = page.find("table", attrs={"data-of": "chart-made-up-waits"}).tbody.find_all("tr")[-1]
        assert [_words(cell) for cell in row] == ["2024-12", "not reported", ""]
        assert "None is taken for nought" in _words(page)

    def test_a_chart_points_to_the_evaluation_of_a_change_in_it(self, folder):
        page = _page(folder, f"organisations/{OWN}")
        (onward,) = page.find_all("p", class_="ek-onward")
        assert onward.a["href"] == "../../evaluations/example-0001/index.html"
        assert page.find("a", href="../../sites/example-0001.html")

    def test_who_reports_too_little_has_no_chart_and_is_named_with_the_reason(self, folder):
        assert not (folder / PARTNERS / "organisations" / "ZZ0004.html").exists()
        said = _words(_page(folder, "measures/made-up-waits"))
        assert "Dell (invented): 6 months reported, fewer than the 13 that limits need." in said


class TestMatrix:
    def test_a_sentence_and_an_icon_a_cell(self, folder):
        cells = _expanded(folder)
        assert cells["ZZ0002"]["made-up-waits"][0] == "v-improvement_high"
        assert cells["ZZ0002"]["made-up-beds"][0] == ""
        for code, own in cells.items():
            page = _words(_page(folder, f"organisations/{code}"))
            assert all((sentence if icon else sentence.removesuffix(".")) in page for icon, sentence in own.values())

    def test_without_scripts_it_lists_every_partner_by_name(self, folder):
        page = _page(folder, "index")
        names = [link.get_text() for link in page.find("ul", class_="ek-partner-list").find_all("a")]
        assert names == sorted(names)
        assert names == list(NAMES.values())[:3]
        assert page.find(id="ek-partners").has_attr("hidden")

    def test_each_icon_of_a_page_is_drawn_in_its_key_with_words(self, folder):
        for name in ("index", "organisations/ZZ0002", "measures/made-up-waits"):
            page = _page(folder, name)
            lines = page.find("details", class_="ek-icon-key").find_all("li")
            drawn = {use["href"] for line in lines for use in line.find_all("use")}
            assert {f"#{symbol['id']}" for symbol in page.find_all("symbol")} == drawn
            assert all(len(_words(line)) > 15 for line in lines)

    def test_who_can_be_chosen_carries_region_and_board(self, folder):
        options = _page(folder, "index").find(id="ek-partner").find_all("option")
        assert [option.get_text() for option in options[1:]] == list(NAMES.values())[:3]
        assert {option.get("data-region") for option in options[1:]} == {"0"}
        assert not any(option.has_attr("data-board") for option in options)

    def test_every_icon_that_is_used_is_in_the_sheet(self, folder):
        for name in ("index", "organisations/ZZ0002", "measures/made-up-waits"):
            page = _page(folder, name)
            there = {symbol["id"] for symbol in page.find_all("symbol")}
            used = {use["href"].removeprefix("#") for use in page.find_all("use")}
            assert used <= there
            assert there

    def test_a_book_without_charts_says_what_would_stand_here(self, tmp_path):
        make_project(tmp_path)
        write_pages(tmp_path / GENERATED, *made_up(tmp_path, [1]))
        assert "There is none yet" in _words(_page(tmp_path, "index"))
        assert "No table of days is charted yet" in _words(_page(tmp_path, "seven-day"))


class TestMeasure:
    def test_small_charts_are_small_in_alphabetical_order_with_their_words(self, folder):
        page = _page(folder, "measures/made-up-waits")
        drawn = page.find_all("svg", class_="ek-spark")
        assert len(drawn) == 3
        for drawing in drawn:
            assert len(str(drawing)) < 2000
            assert drawing["aria-labelledby"] == drawing.find_parent("figure").figcaption["id"]
            assert "2024" in _words(drawing.find_parent("figure").figcaption)
            assert len(drawing["data-values"].split(" ")) == len(MONTHS)

    def test_the_csv_has_what_is_drawn(self, folder):
        table = pd.read_csv(folder / PARTNERS / "made-up-waits.csv")
        assert table.groupby("org_code").size().to_dict() == dict.fromkeys(list(NAMES)[:3], len(MONTHS))
        gap = table[(table["org_code"] == "ZZ0003") & (table["month"] == "2024-12")]
        assert gap[["reported", "judged"]].isna().all(axis=None)
        assert (table.loc[table["org_code"] == "ZZ0002", "special_cause"].iloc[-8:] == "improving, higher").all()

    def test_signals_targets_and_the_funnel_follow_from_the_csv_alone(self, tmp_path):
        make_project(tmp_path)
        rows = _rows()
        falling = rows["org_code"] == "ZZ0001"
        at = falling.to_numpy().nonzero()[0][20:28]
        rows.iloc[at, rows.columns.get_loc("on_time")] = [round(2050 * (0.73 - 0.008 * step)) for step in range(8)]
        rows.iloc[at, rows.columns.get_loc("visits")] = 2050
        catalogue, plans, outcomes = _records(tmp_path, rows)
        target = {"value": 70, "source": {"title": "Invented", "where": "https://example.org", "read": "2026-11-30"}}
        entry = {**LEFT, "id": SHARE["id"], "table": "waits", "target": target}
        catalogue.control_charts[SHARE["id"]] = ControlChart.model_validate(entry)
        write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
        csv = pd.read_csv(tmp_path / PARTNERS / "made-up-waits.csv")
        assert differences(csv) == []
        assert {rule for rules in csv["rules"].dropna() for rule in rules.split("; ")} >= {"trend", "shift"}
        high = csv[(csv["deciding_rule"] == "trend") & (csv["judged"] > csv["centre"])]
        assert (high["special_cause"] == "concerning, lower").any()
        last = csv[csv["last_point"]]
        assert list(last["org_code"]) == list(NAMES)[:3]
        judged = [
            "pass" if row.lower > row.target else "fail" if row.upper < row.target else "hit_and_miss"
            for row in last.itertuples()
        ]
        assert list(last["assurance"]) == judged
        assert csv.loc[~csv["last_point"], "assurance"].isna().all()
        share = 100 * csv["numerator"] / csv["denominator"]
        assert share.dropna().to_numpy() == pytest.approx(csv["reported"].dropna().to_numpy())
        page = _page(tmp_path, "measures/made-up-waits")
        table = page.find("table", attrs={"data-of": "funnel"})
        shown = {_words(row.td): [_words(cell) for cell in row.find_all("td")] for row in table.tbody.find_all("tr")}
        month = csv[(csv["month"] == "2024-11")].set_index("org_code")
        for code, (_, value, counted, _) in shown.items():
            assert float(value) == pytest.approx(month.at[code, "reported"], rel=1e-3)
            assert float(counted.replace(",", "")) == month.at[code, "denominator"]
        codebook = pd.read_csv(tmp_path / PARTNERS / "columns.csv")
        assert list(codebook["column"]) == list(csv.columns)

    def test_a_share_has_a_funnel_and_a_count_has_none(self, folder):
        page = _page(folder, "measures/made-up-waits")
        assert page.find("svg", id="funnel")
        assert _page(folder, "measures/made-up-visits").find("svg", id="funnel") is None


def test_limits_that_move_stand_in_the_table_and_stay_small_in_the_drawing(tmp_path):
    make_project(tmp_path)
    catalogue, plans, outcomes = _records(tmp_path)
    entry = {**LEFT, "id": SHARE["id"], "table": "waits", "kind": "p", "per": 100}
    catalogue.control_charts[SHARE["id"]] = ControlChart.model_validate(entry)
    write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
    page = _page(tmp_path, "organisations/ZZ0003")
    table = page.find("table", attrs={"data-of": "chart-made-up-waits"})
    assert [_words(head) for head in table.thead.find_all("th")] == [
        "Month", "Reported", "Lower limit", "Upper limit", "Special cause"
    ]  # fmt: skip
    rows = [[_words(cell) for cell in row] for row in table.tbody.find_all("tr")]
    assert rows[-1] == ["2024-12", "not reported", "", "", ""]
    assert all(float(low) < float(value) < float(high) for _, value, low, high, special in rows[:-1] if not special)
    assert all(
        len(str(spark)) < 2000 for spark in _page(tmp_path, "measures/made-up-waits").find_all("svg", class_="ek-spark")
    )
    assert "Season is not removed." in _words(page)


class TestChance:
    def test_every_column_of_the_rates_is_described(self):
        assert list(DESCRIBED) == list(ChartAlarms.model_fields)

    def test_it_is_not_known_until_it_was_measured(self, folder):
        assert "was not measured yet" in _words(_page(folder, "index"))

    def test_an_icon_that_comes_too_often_is_hollow_and_says_so(self, folder):
        alarms = folder / "data" / "chart_alarms.csv"
        alarms.write_text(
            f"{ALARMS}made-up-waits,made-up,xmr,left,9,2000,48,0.08,0.09,0.4,0.2,0,1\nmade-up-visits,made-up,xmr,left,9,2000,48,0.02,0.03,0.1,0,0,1\n"
        )
        try:
            write_pages(folder / GENERATED, *_records(folder))
            assert _expanded(folder)["ZZ0002"]["made-up-waits"][0] == "v-improvement_high-hollow"
            page = _page(folder, "organisations/ZZ0002")
            below = _words(page.find(id="made-up-waits").find_next_sibling("p"))
            assert below.startswith("Where nothing happens, about 8% of charts of this measure raise an icon.")
            assert below.endswith("That is of the measure, not of this signal.")
            assert "wanders so slowly" not in _words(page)
            (note,) = [one for one in page.find_all("p", class_="ek-note") if "An icon that is hollow" in _words(one)]
            assert note.find_parent("details") is None  # which is closed on a phone
            assert "chance alone raises it in more than 5% of series" in _words(page.find(class_="ek-icon-key"))
            assert "about 8.0% of charts like this raise an icon" in _words(_page(folder, "measures/made-up-waits"))
            assert "Of 6 icons, 1 shows a special cause in the last month; fewer than one would" in _words(
                _page(folder, "index")
            )
        finally:
            alarms.unlink()
            write_pages(folder / GENERATED, *_records(folder))

    def test_of_a_measure_whose_icons_say_little_none_is_shown_and_the_last_six_months_are_told(self, folder):
        alarms = folder / "data" / "chart_alarms.csv"
        alarms.write_text(f"{ALARMS}made-up-waits,made-up,xmr,left,9,2000,48,0.34,0.36,0.4,0.2,0,1\n")
        try:
            write_pages(folder / GENERATED, *_records(folder))
            page = _page(folder, "organisations/ZZ0002")
            (unread,) = _group(page, "No icon can be read")
            assert re.search(
                r"The six months to it: (\d\d\.\d%, ){5}\d\d\.\d% \(July 2024 to December 2024\)\.", unread
            )
            assert "Higher than the same month a year before in each of the last 8 months." in unread
            for said in (
                unread,
                _words(page.find(id="made-up-waits")),
                _expanded(folder)["ZZ0002"]["made-up-waits"][1],
            ):
                assert "special cause" not in said
            assert _expanded(folder)["ZZ0002"]["made-up-waits"][0] == "v-cannot_be_read"
            assert "none of 3 charts end with a special cause" in _words(page.find(class_="ek-lead"))
            assert "It wanders so slowly" in _words(page)
            of_measure = _words(_page(folder, "measures/made-up-waits"))
            assert "so no icon is shown" in of_measure
            assert "No icon of this measure can be read." in of_measure
            outside = pd.read_csv(folder / PARTNERS / "made-up-waits.csv").query("org_code == 'ZZ0002'")
            count = int(outside["rules"].fillna("").str.contains("outside_limits").sum())
            assert f"{count} of 48 months {'lies' if count == 1 else 'lie'} outside the limits" in _words(page)
        finally:
            alarms.unlink()
            write_pages(folder / GENERATED, *_records(folder))

    @pytest.mark.parametrize(
        ("counted", "said"),
        [
            ((0, 0, []), "No chart is recent enough for an icon."),
            ((2, 1, [None, None]), "Of 2 icons, 1 shows a special cause in the last month; how many chance alone would raise was not measured yet."),
            ((400, 90, [0.05] * 400), "Of 400 icons, 90 show a special cause in the last month; about 20 would do so by chance alone."),
            ((3, 2, [0.5, 0.5, None]), "by chance alone about 1 of the 2 for which that was measured would, and of the other 1 it is not known yet."),
        ],
    )  # fmt: skip
    def test_in_words(self, counted, said):
        assert by_chance(*counted).endswith(said)


def test_a_new_month_of_one_measure_writes_its_own_pages_only(folder):
    def written() -> dict[str, int]:
        paths = (folder / PARTNERS).rglob("*.*")
        return {path.relative_to(folder / PARTNERS).as_posix(): path.stat().st_mtime_ns for path in paths}

    write_pages(folder / GENERATED, *_records(folder))
    before = written()
    rows = _rows()
    newest = (rows["org_code"] == "ZZ0003") & (rows["period"] == "2024-12-01")
    rows.loc[newest, ["visits", "on_time"]] = [2200, 1550]
    catalogue, plans, outcomes = _records(folder, rows)
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    after = written()
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"index.html", "made-up-waits.csv", "measures/made-up-waits.html", "organisations/ZZ0003.html"}
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    assert written() == after


def test_weekends_against_weekdays_leave_out_months_whose_dates_are_in_doubt(tmp_path):
    make_project(tmp_path)
    catalogue, plans, outcomes = made_up(tmp_path, [1])
    days = pd.date_range("2023-01-01", "2024-06-30")
    random = np.random.default_rng(2)
    parts = []
    for code in list(NAMES)[:3]:
        counts = np.where(days.day_of_week >= 5, 50, 100) + random.integers(-3, 4, len(days))
        moved = (code == "ZZ0003") & (days >= "2024-05-10") & (days < "2024-05-20")
        parts.append(pd.DataFrame({"period": days.astype(str), "org_code": code, "discharges": counts, "moved": moved}))
    table = _describe(tmp_path, "days", pd.concat(parts))
    flags = [FlagRule(column="moved", name="moved", means="dates in doubt", of_single_days=True)]
    fields = [*table.columns.fields[:3], Column(name="moved", type="boolean", description="In doubt.")]
    catalogue.tables["days"] = table.model_copy(
        update={
            "layout": table.layout.model_copy(update={"grain": "day", "flags": flags}),
            "columns": table.columns.model_copy(update={"fields": fields}),
        }
    )
    share = {**MEASURE, "unit": "discharges", "recipes": [{"table": "days", "numerator": ["discharges"]}]}
    catalogue.measures[MEASURE["id"]] = Measure.model_validate(share)
    entry = {"id": MEASURE["id"], "table": "days", "contrast": "share", **LEFT}
    catalogue.control_charts[MEASURE["id"]] = ControlChart.model_validate(entry)
    for code, name in NAMES.items():
        catalogue.organisations[code] = Organisation(org_code=code, name=name, sector="acute")
    write_pages(tmp_path / GENERATED, catalogue, plans, outcomes)
    page = _page(tmp_path, "seven-day")
    rows = {
        _words(row.th): [_words(cell) for cell in row.find_all("td")]
        for row in page.find("table", class_="ek-table").tbody.find_all("tr")
    }
    assert list(rows) == [NAMES[code] for code in list(NAMES)[:3]]
    assert all(float(cells[1]) == pytest.approx(0.5, abs=0.02) for cells in rows.values())
    assert [cells[4] for cells in rows.values()] == ["0", "0", "1: 1 with dates in doubt"]
    funnel = page.find("table", attrs={"data-of": "funnel"})
    shown = {_words(row.td): [_words(cell) for cell in row.find_all("td")] for row in funnel.tbody.find_all("tr")}
    assert [one[3] for one in shown.values()] == ["12", "12", "11"]
    for code, (_, share, _, months, side) in shown.items():
        told = rows[NAMES[code]][0]
        assert told.startswith(f"{share}% of the week's discharges, ")
        assert ("all with figures" if months == "12" else f"of which {months} months have figures") in told
        assert "all partners 16." in told
        assert told.endswith(
            {"no": "within the limits", "above": "above the limits", "below": "below the limits"}[side]
        )
    (own,) = {cells[1] for name, cells in rows.items() if name == NAMES[OWN]}
    on_its_page = _words(_page(tmp_path, f"organisations/{OWN}"))
    assert f"that is {own} discharges on a day of the weekend for each on a weekday" in on_its_page
    assert "dates of a trust are in doubt is left out: 1 month at 1 trust" in _words(page)
    assert page.find("svg", id="funnel")


@pytest.mark.parametrize("newest", [0.9, 1.4, 4.0])
def test_the_word_at_a_target_is_not_printed_over_points(newest):
    """A series like long waits: far above its target, then about it in the newest months, where a phone has little room."""
    values = [8.0, 6.0, *[5.0] * 40, *np.linspace(5, newest, 8), *[newest] * 12]
    line = Stretch(0, len(values) - 1, 4.0, 2.5, 5.5)
    drawn = drawings.chart(_drawn_of(values, [line]), "Long waits", "chart", target=1.0)
    svg = BeautifulSoup(drawn, "html.parser").svg
    (word,) = svg.find_all("text", string="target")
    middle, height = float(word["x"].rstrip("%")), float(word["y"]) - 4
    assert word["text-anchor"] == "middle"
    assert 8 <= middle <= 92  # so that all of the word is in the drawing
    for mark in svg.find_all(attrs={"data-i": True}):
        across = float(mark.get("cx", mark.get("x")).rstrip("%"))
        down = float(mark["cy"]) if "cy" in mark.attrs else float(mark["y"]) + 3.5
        assert abs(across - middle) > 8 or abs(down - height) > 9


def _drawn_of(values: list[float], lines: list[Stretch]) -> Any:
    months = [str(month) for month in pd.period_range("2021-04", periods=len(values), freq="M")]
    return SimpleNamespace(judged=values, months=months, natures="." * len(values), lines=lines)
