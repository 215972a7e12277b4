"""Survey waves and a few years, from a site's table to its page: described, and never refused, failed or estimated."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from evalkit.catalogue import read_catalogue
from evalkit.intake.submission.example import example_workbook
from evalkit.intake.submission.sheets import DATA, MEASURES, wanted
from tests.pipeline.conftest import MEASURE, NEW, write_submission

SURVEY = """\
org_code,period,measure,numerator,denominator
ZZ901,2022-03,staff-confidence,42,80
ZZ901,2023-03,staff-confidence,61,100
ZZ901,2024-10,staff-confidence,62,80
"""
OF_THE_MEASURE = (
    "--measure", "staff-confidence", "--measure-name", "Staff who are sure to raise a concern", "--measure-unit", "% of staff who answered",
    "--measure-form", "proportion", "--measure-direction", "increase", "--measure-type", "outcome", "--measure-domain", "safety",
    "--important-change", "5", "--important-because", "Invented.",
)  # fmt: skip
WAVES = (
    "new", "evaluation", "--synthetic", "--title", "Huddles", "--question", "Were staff surer?", "--site-name", "Ashford Vale (example)",
    "--place", "Nowhere", "--org-code", "ZZ901", "--org-name", "ZZ901=Ashford Vale (example)", "--what-changed", "Huddles began.",
    "--start", "2022-09-01", "--onset", "sudden", "--start-certainty", "confirmed", "--source-title", "Invented for tests",
    "--source-where", "tests/pipeline", "--expected", "increase", "--why", "People hear what is going on.", "--area", "whole-system-flow",
    "--table", "data/tables/survey.csv", *OF_THE_MEASURE,
)  # fmt: skip
MONTHLY = "data/evaluations/example-ward-rounds.yml"
FIRST_ANALYSIS = ("site", "measure", "table", "interruption", "first", "last")


def write_table(project, text: str, name: str = "survey") -> None:
    (project.root / "data" / "tables" / f"{name}.csv").write_text(text, encoding="utf-8")


def analyses_of(project, name: str) -> list[dict]:
    return yaml.safe_load((project.root / name).read_text(encoding="utf-8"))["analyses"]


def results(project) -> list[dict[str, str]]:
    with (project.root / "results" / "results.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def plain(html: str) -> str:
    return " ".join(
        re.sub(r"<[^>]*>", " ", html[html.index('<main id="main-content"') : html.index("</main>")]).split()
    )


def instead(arguments: tuple[str, ...], **given: str) -> tuple[str, ...]:
    """The same command with other answers."""
    left = list(arguments)
    for flag, value in given.items():
        left[left.index(f"--{flag.replace('_', '-')}") + 1] = value
    return tuple(left)


def test_waves_are_advised_set_up_and_checked_as_what_they_are(small):
    write_table(small, SURVEY)
    advised = small.evalkit("advise", "survey.csv", "--start", "2022-09-01").out
    assert "yes  describe: 1 point before and 2 after" in advised
    assert "no   one series" in advised
    said = small.evalkit(*WAVES)
    assert said.status == 0, said.err
    assert "So it is only described" in said.out
    (analysis,) = analyses_of(small, "data/evaluations/huddles.yml")
    assert analysis["template"] == "describe"
    assert tuple(analysis["parameters"]) == FIRST_ANALYSIS
    checked = small.evalkit("check", "--all")
    assert checked.status == 0, checked.err
    assert "no usable figure" not in checked.out + checked.err


@pytest.mark.parametrize(
    ("grain", "periods", "start", "holds"),
    [
        pytest.param(
            "quarter", ["2021Q4", "2022Q2", "2022Q3", "2023Q1"], "2022-08-15", "2022Q3", marks=pytest.mark.slow
        ),
        ("year", ["2020", "2021", "2022", "2023"], "2022-06-01", "2022"),
    ],
)
def test_quarters_and_years_are_read_as_they_are_written(small, grain, periods, start, holds):
    rows = [f"ZZ901,{period},falls,{20 - number},\n" for number, period in enumerate(periods)]
    write_table(small, "org_code,period,measure,numerator,denominator\n" + "".join(rows))
    asked = instead(
        WAVES, start=start, measure="falls", measure_form="count", measure_unit="falls", measure_direction="decrease"
    )
    said = small.evalkit(*asked)
    assert said.status == 0, said.err
    package = json.loads((small.root / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["resources"][-1]["evalkit"]["grain"] == grain
    assert small.evalkit("run").status == 0
    effect = json.loads(next((small.root / "results" / "huddles").glob("*.json")).read_text(encoding="utf-8"))["effect"]
    points = effect["tables"]["points"]["rows"]
    assert [row[0] for row in points] == periods
    assert [row[0] for row in points if row[1] == "holds the start"] == [holds]
    assert not any("missing" in note for note in effect["notes"])


def test_a_month_in_a_table_of_quarters_is_a_sentence(small):
    write_table(small, SURVEY.replace("2022-03", "2022Q1").replace("2023-03", "2023Q1").replace("2024-10", "2024Q4"))
    refused = small.evalkit(*WAVES, "--first", "2022-01")
    assert refused.status == 2
    assert "--first is '2022-01', which is not a quarter: write it as 2022Q2." in refused.err


def test_of_a_sites_own_counts_points_are_those_that_may_be_shown(small):
    """42 of 80 are shown as 40 of 80, and 3 of 40 not at all; no interval tells more than the figures do."""
    write_table(small, SURVEY.replace("ZZ901", "Q9Q9").replace("61,100", "3,40"))
    asked = tuple(part.replace("ZZ901", "Q9Q9") for part in WAVES if part != "--synthetic")
    assert small.evalkit(*asked).status == 0
    assert small.evalkit("run").status == 0
    text = next((small.root / "results" / "huddles").glob("*.json")).read_text(encoding="utf-8")
    effect = json.loads(text)["effect"]
    columns = effect["tables"]["points"]["columns"]
    rows = {row[0]: dict(zip(columns, row, strict=True)) for row in effect["tables"]["points"]["rows"]}
    assert (rows["2022-03"]["numerator"], rows["2022-03"]["denominator"]) == (40, 80)
    assert rows["2022-03"]["low"] == pytest.approx(39.3, abs=0.1)
    assert [rows["2023-03"][name] for name in ("numerator", "value", "low", "high")] == [None] * 4
    assert any("withheld" in note for note in effect["notes"])


def test_what_is_withheld_of_a_sites_own_counts_bears_no_estimate(small):
    months = [f"{year}-{month:02d}" for year in (2021, 2022, 2023) for month in range(1, 13)]
    rows = [f"Q9Q9,{month},falls,{20 if number % 9 == 0 else 4},\n" for number, month in enumerate(months)]
    write_table(small, "org_code,period,measure,numerator,denominator\n" + "".join(rows))
    falls = {"measure": "falls", "measure_form": "count", "measure_unit": "falls", "measure_direction": "decrease"}
    asked = tuple(part.replace("ZZ901", "Q9Q9") for part in instead(WAVES, **falls) if part != "--synthetic")
    said = small.evalkit(*asked)
    assert said.status == 0, said.err
    assert "Small counts of a site's own are withheld, which leaves 3 points before and 1 after" in said.out
    (analysis,) = analyses_of(small, "data/evaluations/huddles.yml")
    assert analysis["template"] == "describe"


def test_with_enough_points_it_is_chosen_by_a_flag_and_compares_with_nobody(small):
    write_submission(small.root / "data" / "tables" / "example.csv", codes=("ZZ901", "ZZ902"))
    said = small.evalkit(*NEW, "--describe", "--comparators", "ZZ902", "--org-name", "ZZ902=Another (example)")
    assert said.status == 0, said.err
    assert "It compares with nobody, so ZZ902 is left out." in said.out
    record = yaml.safe_load((small.root / MONTHLY).read_text(encoding="utf-8"))
    assert record["analyses"][0]["template"] == "describe"
    assert "comparators" not in record["protocol"]


class TestWhatBearsNoModel:
    """An analysis of too few points for its template is told before it is run, with what to write instead."""

    @pytest.fixture
    def asked_too_much(self, small):
        write_table(small, SURVEY)
        assert small.evalkit(*WAVES).status == 0
        more = "template: interrupted-time-series"
        small.edit(
            "data/evaluations/huddles.yml",
            lambda text: re.sub(
                r"template: describe",
                more,
                text.replace("    last: null\n", "    last: null\n    log: false\n    per_day: false\n"),
            ),
        )
        return small

    def test_it_is_told_with_the_remedy(self, asked_too_much):
        said = asked_too_much.evalkit("check", "--all")
        told = said.out + said.err
        assert "has 1 point before and 2 after: too few to estimate anything" in told
        assert "write `template: describe`" in told

    def test_the_remedy_is_sound(self, asked_too_much):
        asked_too_much.edit(
            "data/evaluations/huddles.yml",
            lambda text: (
                text.replace("template: interrupted-time-series", "template: describe")
                .replace("    log: false\n", "")
                .replace("    per_day: false\n", "")
            ),
        )
        assert asked_too_much.evalkit("check").status == 0


def test_of_many_sites_one_with_few_points_is_described_and_not_pooled(small):
    codes = ("ZZ901", "ZZ902", "ZZ903", "ZZ904", "ZZ905")
    path = small.root / "data" / "tables" / "example.csv"
    write_submission(path, codes=codes)
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("ZZ904,2022") and not line.startswith("ZZ904,2021")
    ]
    kept += [f"ZZ904,2022-{month},{MEASURE},1000" for month in ("03", "09")]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    listed = "".join(
        f"{code},Place {code} (example),{start},yes\n"
        for code, start in zip(codes, ["2023-01-01"] * 4 + ["none"], strict=True)
    )
    (small.root / "list.csv").write_text(f"code,name,start,synthetic\n{listed}", encoding="utf-8")
    dropped = ("--org-code", "--org-name", "--site-name", "--start")
    arguments = list(NEW[2:])
    for flag in dropped:
        del arguments[arguments.index(flag) : arguments.index(flag) + 2]
    arguments.remove("--synthetic")
    said = small.evalkit("new", "sites", "list.csv", *arguments)
    assert said.status == 0, said.err
    assert "only described: Place ZZ904 (example)" in said.out
    templates = {one["parameters"]["site"]: one["template"] for one in analyses_of(small, MONTHLY)[1:]}
    assert [name for name, template in templates.items() if template == "describe"] == ["place-zz904-example"]
    pooled = yaml.safe_load((small.root / "data" / "pooled" / "example-ward-rounds.yml").read_text(encoding="utf-8"))
    assert len(pooled["analyses"]) == 3


def test_a_workbook_with_three_waves_can_be_checked_and_added(small):
    path = _workbook_of_waves(small)
    checked = small.evalkit("check", str(path))
    assert checked.status == 0, checked.err
    assert "bear no estimate, so it will only be described" in checked.err
    assert "are missing" not in checked.err
    assert small.evalkit("add", str(path)).status == 0
    (evaluation,) = (small.root / "data" / "evaluations").glob("*.yml")
    assert {one["template"] for one in analyses_of(small, evaluation.relative_to(small.root).as_posix())} == {
        "describe"
    }


def _workbook_of_waves(project) -> Path:
    """The example, of which three months of each measure are left, one of them before the change."""
    path = project.root / "waves.xlsx"
    path.write_bytes(example_workbook(wanted(read_catalogue(project.root))))
    book = load_workbook(path)
    sheet, left, seen = book[DATA], [], {}
    for row in list(sheet.iter_rows(min_row=2)):
        measure, number = row[0].value, seen.get(row[0].value, 0)
        seen[measure] = number + 1
        if not isinstance(row[1].value, str) or number not in (10, 22, 34):
            left.append(row)
    for row in left:
        if isinstance(row[1].value, str) and re.fullmatch(r"\d{4}-\d\d", row[1].value):
            for cell in row:
                cell.value = None
    assert book[MEASURES].max_row > 1
    book.save(path)
    return path


def test_beside_an_answer_it_has_a_page_and_no_direction(example):
    """The one book of this file: a monthly answer, with a survey that was looked at too."""
    write_table(example, SURVEY)
    said = example.evalkit(
        "new", "analysis", "example-ward-rounds", "--table", "survey.csv", "--role", "secondary", "--expected", "increase",
        "--why", "People hear what is going on.", "--results-seen", "no", *OF_THE_MEASURE,
    )  # fmt: skip
    assert said.status == 0, said.err
    assert "so they are only described" in said.out
    assert [one["template"] for one in analyses_of(example, MONTHLY)] == ["interrupted-time-series", "describe"]
    said = example.evalkit("book")
    assert said.status == 0, said.err
    row = next(row for row in results(example) if row["analysis"] == "staff-confidence")
    assert (row["design"], row["standing"], row["estimate"], row["low"], row["scale"], row["direction"]) == (
        "description", "secondary", "", "", "", "",
    )  # fmt: skip
    pages = example.root / "_build" / "html" / "book" / "generated"
    answer = plain((pages / "evaluations" / "example-ward-rounds" / "index.html").read_text(encoding="utf-8"))
    assert "Only described" in answer
    assert "not estimated" in answer
    own = plain((pages / "evaluations" / "example-ward-rounds" / "staff-confidence.html").read_text(encoding="utf-8"))
    assert "too few points to estimate a change; here is what was counted before and after." in own
    assert "52.5% (95% interval 41.7% to 63.1%) in March 2022" in own
    assert "it says what was counted, and nothing is concluded from it" in own
    assert "Only described" in plain((pages / "glance.html").read_text(encoding="utf-8"))
    downloaded = (example.root / "_build/html/downloads/example-ward-rounds/staff-confidence.csv").read_text(
        encoding="utf-8"
    )
    assert downloaded.splitlines()[1].startswith("2022-03,before,42.0,80.0,52.5,")
