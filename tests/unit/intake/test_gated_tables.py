"""What becomes of a site's own table on its way from `data/private` to `data/tables`."""

import json

import pytest

from evalkit.catalogue import read_catalogue
from evalkit.files import write_if_changed
from evalkit.intake.gated_tables import as_csv, exact_table, gate_table
from evalkit.packs import gated as packs_gated
from tests.support import invented
from tests.support.packing import OWN, make_book, write_yaml

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
            id: {**plain, "name": id, "form": form, "unit": unit, "recipes": []}
            for id, (form, unit) in measures.items()
        }
        write_yaml(tmp_path / "data" / "measures.yml", invented.measures() | records)
        text = "\n".join([header, *lines]) + "\n"
        (tmp_path / "data" / "private" / "own_counts.csv").write_text(text, encoding="utf-8")
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
