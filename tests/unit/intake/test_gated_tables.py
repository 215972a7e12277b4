"""What becomes of a site's own table on its way from `data/private` to `data/tables`."""

import json
import shutil

import numpy as np
import pytest

from evalkit.catalogue import read_catalogue
from evalkit.files import write_if_changed
from evalkit.intake.gated_tables import as_csv, check_gated, exact_table, gate_table
from evalkit.packs import gated as packs_gated
from tests.support import invented
from tests.support.packing import OWN, make_book, write_yaml
from tests.support.small_tables import MadeTable, possible

MONTHS = 6
HEADER = "org_code,period,measure,numerator,denominator,note"


@pytest.fixture
def own(tmp_path):
    """A book with one own table of the lines given, and of measures by their form and unit."""

    def make(rule, measures, lines, header=HEADER):
        make_book(tmp_path, [1], gated=True)
        package = json.loads((tmp_path / "data" / "datapackage.json").read_text(encoding="utf-8"))
        package["resources"][0]["evalkit"]["disclosure"]["rule"] = rule
        (tmp_path / "data" / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        plain = invented.measures()[invented.MEASURE]
        records = {
            id: {**plain, "name": id, "form": form, "unit": unit, "recipes": [], "exposure": None}
            for id, (form, unit) in measures.items()
        }
        write_yaml(tmp_path / "data" / "measures.yml", invented.measures() | records)
        text = "\n".join([header, *lines]) + "\n"
        (tmp_path / "data" / "private" / "own_counts.csv").write_text(text, encoding="utf-8")
        shutil.rmtree(tmp_path / "data" / "releases")
        (tmp_path / "data" / "private" / "salt").write_text("always the same", encoding="utf-8")
        catalogue = read_catalogue(tmp_path)
        return tmp_path, catalogue.tables[OWN], catalogue.measures

    return make


def gated_lines(root, table, measures) -> list[str]:
    return as_csv(gate_table(root, table, measures).gated.table).splitlines()


def test_the_largest_cases_of_a_cost_are_read_and_not_shown(own):
    lines = [
        "ZZ901,2021-01,spent,1000,20,,100,90",
        "ZZ901,2021-02,spent,1000,20,,800,150",
        "ZZ901,2021-03,spent,1000,20,,,",
    ]
    book = own("own_counts", {"spent": ("mean", "£ a patient")}, lines, f"{HEADER},largest,second_largest")
    assert gated_lines(*book) == [
        HEADER,
        "ZZ901,2021-01,spent,1000,20,",
        "ZZ901,2021-02,spent,*,20,",
        "ZZ901,2021-03,spent,*,20,",
    ]
    exact = exact_table(*book)
    assert as_csv(exact).splitlines()[1] == "ZZ901,2021-01,spent,1000,20,,100,90"


def test_a_mark_goes_all_the_way_and_free_text_does_not(own):
    lines = ["ZZ901,2021-01,falls,12,,Mrs A fell", "ZZ901,2021-02,falls,12,,synthetic; partly counted"]
    root, table, measures = own("own_counts", {"falls": ("count", "falls")}, lines)
    made = gate_table(root, table, measures)
    shown = ["ZZ901,2021-01,falls,10,,", "ZZ901,2021-02,falls,10,,synthetic; partly counted"]
    assert as_csv(made.gated.table).splitlines()[1:] == shown
    for path, text in made.files.items():
        write_if_changed(root / path, text)
    assert packs_gated.problems_of(root, table, measures) == []
    (root / "data" / table.path).write_text(as_csv(made.gated.table).replace("partly", "badly"), encoding="utf-8")
    told = [str(problem) for problem in packs_gated.problems_of(root, table, measures)]
    assert "data/tables/own_counts.csv, line 3: column `note` holds text" in told[0]


Shares = dict[str, list[tuple[int, int]]]


def shares(seed: int, **small: tuple[int, int]) -> Shares:
    """Part and whole of each month, of five wards, their two sites and both; those of some wards are always the same."""
    random = np.random.default_rng(seed)
    told: Shares = {}
    for ward in ("ZZ911", "ZZ912", "ZZ913", "ZZ921", "ZZ922"):
        of = random.integers(14, 90, MONTHS)
        told[ward] = [small.get(ward, (int(random.integers(0, whole + 1)), int(whole))) for whole in of]
    for total, parts in {
        "ZZ910": ("ZZ911", "ZZ912", "ZZ913"),
        "ZZ920": ("ZZ921", "ZZ922"),
        "ZZ900": ("ZZ910", "ZZ920"),
    }.items():
        told[total] = [
            tuple(map(sum, zip(*months, strict=True))) for months in zip(*(told[part] for part in parts), strict=True)
        ]
    return told


def rows(measure: str, figures: Shares) -> list[str]:
    return [
        f"{code},2021-{month:02d},{measure},{part},{whole},"
        for code, months in figures.items()
        for month, (part, whole) in enumerate(months, start=1)
    ]


def by_month(lines: list[str]) -> list[dict[str, str]]:
    """What is shown of each organisation, a month each."""
    cells = [line.split(",") for line in lines[1:]]
    months = sorted({cell[1] for cell in cells})
    return [{cell[0]: f"{cell[3]}/{cell[4]}" for cell in cells if cell[1] == month} for month in months]


def test_a_stricter_rule_of_an_organisation_goes_by_its_own_numbers(own):
    figures = {"ZZ911": [(count, None) for count in (0, 9, 10, 24, 25, 36)]}
    lines = [line.replace("None", "") for line in rows("falls", figures)]
    book = own("own_counts: least 10, base 10, whole_from 30", {"falls": ("count", "falls")}, lines)
    assert [told["ZZ911"].rstrip("/") for told in by_month(gated_lines(*book))] == ["0", "*", "10", "20", "30", "40"]


class TestFriendsAndFamily:
    def test_nothing_of_1_to_4_responses_nor_of_one_beside_them(self, own):
        figures = shares(1, ZZ911=(3, 3))
        book = own("friends_and_family", {"liked": ("proportion", "% of responses")}, rows("liked", figures))
        for month, told in enumerate(by_month(gated_lines(*book))):
            assert told["ZZ911"] == "*/*"
            beside = [told[code] for code in ("ZZ912", "ZZ913", "ZZ910")]
            assert any(one.startswith("*") for one in beside)
            assert any(one.endswith("*") for one in beside)
            for code, (part, whole) in ((code, figures[code][month]) for code in told):
                assert all(
                    cell in ("*", str(figure))
                    for cell, figure in zip(told[code].split("/"), (part, whole), strict=True)
                )
            assert sum("*" in one for one in told.values()) <= 4

    def test_a_few_of_many_are_shown(self, own):
        figures = shares(2, ZZ912=(38, 40))
        book = own("friends_and_family", {"liked": ("proportion", "% of responses")}, rows("liked", figures))
        assert {told["ZZ912"] for told in by_month(gated_lines(*book))} == {"38/40"}

    def test_it_goes_up_where_a_site_has_nobody_else(self, own):
        figures = shares(3, ZZ911=(2, 3), ZZ912=(0, 0), ZZ913=(0, 0))
        book = own("friends_and_family", {"liked": ("proportion", "% of responses")}, rows("liked", figures))
        for told in by_month(gated_lines(*book)):
            assert told["ZZ911"] == told["ZZ910"] == "*/*"
            assert "*" in told["ZZ920"] + told["ZZ900"]

    def test_what_is_hidden_can_be_any_of_1_to_4(self, own):
        wards = ("ZZ911", "ZZ912", "ZZ913")
        figures = {code: months for code, months in shares(4, ZZ911=(3, 3)).items() if code in (*wards, "ZZ910")}
        lines = [line.rsplit(",", 3)[0] + f",{line.split(',')[4]},," for line in rows("said", figures)]
        root, table, measures = own("friends_and_family", {"said": ("count", "responses")}, lines)
        keys = [(f"2021-{month:02d}", "said") for month in range(1, MONTHS + 1)]
        sums = [(("ZZ910", *key), tuple((code, *key) for code in wards)) for key in keys]
        made = MadeTable(exact_table(root, table, measures), {"said": "count"}, sums)
        hidden = possible([(made, gate_table(root, table, measures).gated.table)], least=5, base=1)
        assert len(hidden) == MONTHS
        assert {(least, most) for _, least, most in hidden.values()} == {(1, 4)}


class TestStaffSurvey:
    def test_nothing_of_fewer_than_11(self, own):
        root, table, measures = own(
            "staff_survey",
            {"able": ("proportion", "% of staff")},
            rows("able", shares(5, ZZ911=(10, 10), ZZ912=(3, 11), ZZ922=(0, 40))),
        )
        made = gate_table(root, table, measures)
        for told in by_month(as_csv(made.gated.table).splitlines()):
            assert told["ZZ911"] == "*/*"
            assert any("*" in told[code] for code in ("ZZ912", "ZZ913", "ZZ910"))
            assert told["ZZ922"] in ("0/40", "0/*")
        for path, text in made.files.items():
            write_if_changed(root / path, text)
        assert check_gated(root, table, measures) == []

    def test_a_mean_score_of_fewer_than_11_is_withheld(self, own):
        lines = ["ZZ911,2021-06,score,65,10,", "ZZ912,2021-06,score,71.5,11,"]
        book = own("staff_survey", {"score": ("mean", "points of ten")}, lines)
        assert by_month(gated_lines(*book)) == [{"ZZ911": "*/*", "ZZ912": "71.5/11"}]
