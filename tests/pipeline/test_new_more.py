"""More of the same by command: a second measure, many sites, what was learned; and taking it back."""

import csv
import json
import re
from datetime import date

import pytest
import yaml

from evalkit.catalogue import read_catalogue
from evalkit.catalogue.days import day_in
from evalkit.catalogue.protocol_fingerprint import kept
from evalkit.errors import EvaluationError
from evalkit.runs.planning.check_project import check_project
from tests.pipeline.conftest import MEASURE, NEW, write_submission

EVALUATION = "data/evaluations/example-ward-rounds.yml"
SECOND = (
    "new", "analysis", "example-ward-rounds", "--measure", "readmissions", "--role", "secondary", "--expected", "no_change",
    "--why", "Nobody should come back sooner.", "--results-seen", "no", "--measure-name", "Readmissions", "--measure-unit", "of discharges",
    "--measure-form", "proportion", "--measure-direction", "decrease", "--measure-type", "balancing", "--measure-domain", "safety",
    "--important-change", "1",
)  # fmt: skip


def without(arguments: tuple[str, ...], *flags: str) -> tuple[str, ...]:
    """Arguments less some flags and what follows each."""
    left = list(arguments)
    for flag in flags:
        at = left.index(flag)
        del left[at : at + 2]
    return tuple(left)


@pytest.fixture
def two_measures(example):
    """The example, whose table has a share as well; its evaluation has a remark of somebody's."""
    path = example.root / "data" / "tables" / "example.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    more = [re.sub(rf"{MEASURE},.*", f"readmissions,{90 + number % 7},1000", row) for number, row in enumerate(rows)]
    path.write_text("\n".join([f"{header},denominator", *(f"{row}," for row in rows), *more]) + "\n", encoding="utf-8")
    package = example.root / "data" / "datapackage.json"
    plain = json.loads(package.read_text(encoding="utf-8"))
    plain["resources"][-1]["schema"]["fields"].append(
        {"name": "denominator", "type": "number", "description": "The whole."}
    )
    package.write_text(json.dumps(plain), encoding="utf-8")
    example.edit(
        EVALUATION, lambda text: text.replace("analyses:\n- id", "# Agreed in May.\nanalyses:\n- id", 1) + "# End.\n"
    )
    return example


def _protocol_kept(project) -> str:
    catalogue = read_catalogue(project.root)
    return kept(catalogue.evaluations["example-ward-rounds"], catalogue.sites.values())


class TestWhatWasFixed:
    def test_it_is_written_down_and_a_plan_that_grows_is_written_down_again(self, two_measures):
        assert _protocol_kept(two_measures) == "unchanged"
        before = (two_measures.root / EVALUATION).read_text(encoding="utf-8")
        assert two_measures.evalkit(*SECOND).status == 0
        after = (two_measures.root / EVALUATION).read_text(encoding="utf-8")
        assert _protocol_kept(two_measures) == "unchanged"
        assert re.findall("fingerprint: .*", before) != re.findall("fingerprint: .*", after)

    def test_what_is_added_after_a_result_was_seen_changes_nothing_that_was_fixed(self, two_measures):
        before = (two_measures.root / EVALUATION).read_text(encoding="utf-8")
        at = SECOND.index("no", SECOND.index("--results-seen"))
        assert two_measures.evalkit(*SECOND[:at], "yes", *SECOND[at + 1 :]).status == 0
        after = (two_measures.root / EVALUATION).read_text(encoding="utf-8")
        assert _protocol_kept(two_measures) == "unchanged"
        assert re.findall("fingerprint: .*", before) == re.findall("fingerprint: .*", after)

    def test_a_change_that_nobody_told_is_worth_a_look_until_a_departure_says_so(self, two_measures):
        two_measures.edit(EVALUATION, lambda text: text.replace("model: level\n", "model: level_and_slope\n", 1))
        assert _protocol_kept(two_measures) == "change_untold"
        said = two_measures.evalkit("check")
        assert said.status == 0
        (now,) = re.findall("with `fingerprint: (sha256:[0-9a-f]{64})`", said.out + said.err)
        departure = f"{{when: 2026-11-30, what: A slope., why: It was said so., fingerprint: '{now}'}}"
        two_measures.edit(
            EVALUATION, lambda text: text.replace("protocol:\n", f"protocol:\n  deviations: [{departure}]\n", 1)
        )
        assert _protocol_kept(two_measures) == "change_told"
        again = two_measures.evalkit("check")
        assert "fingerprint" not in again.out + again.err

    def test_prose_and_titles_are_no_part_of_it(self, two_measures):
        two_measures.edit(EVALUATION, lambda text: text.replace("funded_by: ", "funded_by: The trust and ", 1))
        assert _protocol_kept(two_measures) == "unchanged"


class TestASecondMeasure:
    def test_it_is_added_as_its_form_asks_and_taken_back_to_the_byte(self, two_measures):
        before = two_measures.snapshot("data")
        refused = two_measures.evalkit(*without(SECOND, "--role", "--measure-form", "--measure-domain"))
        assert refused.status == 2
        for said in (
            "--role is missing",
            "negative_control",
            "--measure-form is missing",
            "proportion",
            "timeliness-flow",
        ):
            assert said in refused.err
        assert two_measures.snapshot("data") == before

        said = two_measures.evalkit(*SECOND)
        assert said.status == 0, said.err
        assert "evaluations/example-ward-rounds/index.html" in said.out
        text = (two_measures.root / EVALUATION).read_text(encoding="utf-8")
        lines = iter(text.splitlines())
        of_before = [line for line in before[EVALUATION].decode().splitlines() if "fingerprint: " not in line]
        assert all(line in lines for line in of_before)  # in their order
        record = yaml.safe_load(text)
        first, added = record["analyses"]
        assert (added["role"], added["expected"], added["template"]) == ("secondary", "no_change", first["template"])
        assert (added["parameters"]["log"], added["parameters"]["per_day"]) == (False, False)
        assert added["parameters"]["interruption"] == first["parameters"]["interruption"]
        assert record["expectations"][1] == {
            "measure": "readmissions", "change": "no_change", "why": "Nobody should come back sooner.",
        }  # fmt: skip
        assert record["rival_explanations"][0]["affects"] == [MEASURE, "readmissions"]

        assert two_measures.evalkit("undo").status == 0
        assert two_measures.snapshot("data") == before

    def test_a_negative_control_takes_the_place_of_the_reason_for_none(self, two_measures):
        at = SECOND.index("secondary")
        said = two_measures.evalkit(*SECOND[:at], "negative_control", *SECOND[at + 1 :], "--control-kind", "outcome")
        assert said.status == 0, said.err
        protocol = yaml.safe_load((two_measures.root / EVALUATION).read_text(encoding="utf-8"))["protocol"]
        assert protocol["negative_control"]["analysis"] == "readmissions"
        assert "no_negative_control" not in protocol

    def test_what_is_added_after_a_result_was_seen_says_so(self, two_measures):
        at = SECOND.index("no", SECOND.index("--results-seen"))
        assert two_measures.evalkit(*SECOND[:at], "yes", *SECOND[at + 1 :]).status == 0
        assert yaml.safe_load((two_measures.root / EVALUATION).read_text(encoding="utf-8"))["analyses"][1]["added"]


class TestANought:
    """A nought has no logarithm: what is written down says so, and so does the command."""

    FALLS = (
        *without(SECOND, "--measure", "--measure-name", "--measure-unit", "--measure-form", "--important-change"),
        "--measure", "falls", "--measure-name", "Falls", "--measure-unit", "falls", "--measure-form", "count",
        "--important-change", "5",
    )  # fmt: skip

    def _with_falls(self, project, *counts: int) -> None:
        path = project.root / "data" / "tables" / "example.csv"
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        more = [re.sub(r",[^,]*,\d+$", f",falls,{counts[at % len(counts)]}", row) for at, row in enumerate(rows)]
        path.write_text("\n".join([header, *rows, *more]) + "\n", encoding="utf-8")

    def _added(self, project) -> dict:
        return yaml.safe_load((project.root / EVALUATION).read_text(encoding="utf-8"))["analyses"][1]["parameters"]

    def test_a_count_without_one_is_in_per_cent(self, example):
        self._with_falls(example, 8, 9, 7)
        said = example.evalkit(*self.FALLS)
        assert said.status == 0, said.err
        assert "nought" not in said.out + said.err
        assert (self._added(example)["log"], self._added(example).get("family")) == (True, None)

    def test_a_further_analysis_counts_by_a_model_of_counts(self, example):
        self._with_falls(example, 8, 0, 9)
        said = example.evalkit(*self.FALLS)
        assert said.status == 0, said.err
        assert "`falls` is nought at ZZ901, 2021-02" in said.out + said.err
        added = self._added(example)
        assert (added["log"], added["family"]) == (False, "poisson")
        assert len(check_project(example.root)[1]) == 2


SITES = (
    "new", "sites", "list.csv", "--table", "many.csv", "--measure", MEASURE, "--title", "Ward rounds at several",
    "--question", "Did more people go home?", "--place", "Nowhere", "--what-changed", "Rounds on both days.", "--onset", "sudden",
    "--expected", "increase", "--why", "Those who are ready can go.", "--source-title", "Invented", "--source-where", "Here",
    "--start-certainty", "inferred", "--area", "seven-day-services", *NEW[NEW.index("--measure-name") : NEW.index("--expected")],
)  # fmt: skip
LISTED = {"ZZ901": "2022-06-01", "ZZ902": "15/09/2022", "ZZ903": "1 January 2023", "ZZ904": "none", "ZZ905": "none"}


class TestManySites:
    @pytest.fixture
    def listed(self, small):
        write_submission(small.root / "data" / "tables" / "many.csv", codes=tuple(LISTED))
        lines = [f"{code},Place {code} (invented),{start},yes" for code, start in LISTED.items()]
        (small.root / "list.csv").write_text("\n".join(["code,name,start,synthetic", *lines]), encoding="utf-8")
        return small

    def test_one_list_gives_records_analyses_and_one_place_for_dates(self, listed):
        before = listed.snapshot("data")
        said = listed.evalkit(*SITES)
        assert said.status == 0, said.err
        path = listed.root / "data" / "evaluations" / "ward-rounds-at-several.yml"
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert record["intervention"]["starts"]["place-zz902-invented"] == date(2022, 9, 15)
        assert not any("interruption" in analysis["parameters"] for analysis in record["analyses"])
        pooled = yaml.safe_load(
            (listed.root / "data" / "pooled" / "ward-rounds-at-several.yml").read_text(encoding="utf-8")
        )
        assert len(pooled["analyses"]) == 3

        def dates() -> list:
            return [plan.parameters["interruption"] for plan in check_project(listed.root)[1]]

        assert dates() == [["2022-06-01", "2022-09-15", "2023-01-01"], "2022-06-01", "2022-09-15", "2023-01-01"]
        listed.edit(
            "data/evaluations/ward-rounds-at-several.yml", lambda text: text.replace("2022-09-15", "2022-10-01")
        )
        assert dates()[0][1] == dates()[2] == "2022-10-01"
        edited = listed.evalkit("undo")
        assert edited.status == 2
        assert "data/evaluations/ward-rounds-at-several.yml: was edited since" in edited.err
        listed.edit(
            "data/evaluations/ward-rounds-at-several.yml", lambda text: text.replace("2022-10-01", "2022-09-15")
        )
        assert listed.evalkit("undo").status == 0
        assert listed.snapshot("data") == before

    def test_a_nought_anywhere_leaves_all_of_them_in_their_unit(self, listed):
        listed.edit("data/tables/many.csv", lambda text: re.sub(r"(ZZ904,2021-05,[^,]*,)\d+", r"\g<1>0", text))
        before = listed.snapshot("data")
        refused = listed.evalkit(*SITES)
        assert refused.status == 2
        assert "`weekend-discharges` is nought at ZZ904, 2021-05, which has no logarithm" in refused.err
        assert "--important-change '0.5 unit'" in refused.err
        assert listed.snapshot("data") == before

        at = SITES.index("--important-change") + 1
        said = listed.evalkit(*SITES[:at], "0.5 unit", *SITES[at + 1 :])
        assert said.status == 0, said.err
        assert "nought at ZZ904, 2021-05" in said.out + said.err
        path = listed.root / "data" / "evaluations" / "ward-rounds-at-several.yml"
        analyses = yaml.safe_load(path.read_text(encoding="utf-8"))["analyses"]
        assert {analysis["parameters"]["log"] for analysis in analyses} == {False}
        measures = yaml.safe_load((listed.root / "data" / "measures.yml").read_text(encoding="utf-8"))
        change = measures[MEASURE]["minimum_important_change"]
        assert (change["value"], change["scale"]) == (0.5, "unit")

    def test_everything_wrong_in_a_list_is_told_at_once_by_its_line(self, listed):
        before = listed.snapshot("data")
        faulty = [
            "code,name,start,synthetic", "zz901,Place one,2022-06-01,yes", "ZZ902,Place two,,yes", "ZZ903,Place one,31/02/2022,yes",
            "ZZ904,Place four,none,no",
        ]  # fmt: skip
        (listed.root / "list.csv").write_text("\n".join(faulty), encoding="utf-8")
        said = listed.evalkit(*SITES)
        assert said.status == 2
        for line, what in (
            (2, "use ZZ901"),
            (3, "`start` is empty"),
            (4, "not a date"),
            (4, "place-one is there twice"),
            (5, "invented"),
        ):
            assert re.search(rf"list\.csv, line {line}: .*{re.escape(what)}", said.err), said.err
        assert listed.snapshot("data") == before


def test_a_barrier_and_its_new_source_are_written_and_appear_nowhere_else(example):
    before = example.snapshot("data")
    asked = (
        "new", "learning", "--type", "barrier", "--title", "Nobody dispensed on Sundays", "--text", "The pharmacy was closed.",
        "--site", "ashford-vale-example", "--themes", "workforce flow-and-delays", "--audience", "frontline", "--stage", "run",
        "--strength", "observed-once", "--response", "not_reported", "--what-happened", "not_reported", "--explains",
        "example-ward-rounds", "--evidence-kind", "interview", "--evidence-ref", "ward-sisters-2024", "--evidence-says", "Three said so.",
        "--date", "2024-03", "--source-title", "Talks with ward sisters", "--source-publisher", "The project", "--source-where", "Notes",
        "--source-published", "2024",
    )  # fmt: skip
    refused = example.evalkit(*without(asked, "--strength", "--response"), "--impact", "purpose")
    assert refused.status == 2
    for said in ("observed-once", "--response is missing", "--impact is 'purpose'", "shared-purpose"):
        assert said in refused.err
    said = example.evalkit(*asked)
    assert said.status == 0, said.err
    assert "example-ward-rounds-why.md still asks what explains" in said.out
    after = example.snapshot("data")
    assert {name for name in after if after[name] != before.get(name)} == {
        "data/learning/nobody-dispensed-on-sundays.md", "data/sources.yml",
    }  # fmt: skip
    assert after["data/sources.yml"].startswith(before["data/sources.yml"].rstrip(b"\n"))


class TestUndo:
    def test_exact_figures_are_not_copied_and_come_back(self, small):
        write_submission(small.root / "data" / "tables" / "example.csv", codes=("Q9Q9",))
        before = small.snapshot("data")
        asked = tuple(part.replace("ZZ901", "Q9Q9") for part in NEW if part != "--synthetic")
        said = small.evalkit(*asked)
        assert said.status == 0, said.err
        with (small.root / "data" / "private" / "example.csv").open(encoding="utf-8") as exact:
            unrounded = next(row["numerator"] for row in csv.DictReader(exact) if int(row["numerator"]) % 5)
        kept = b"".join(path.read_bytes() for path in (small.root / "_build" / "undo").iterdir())
        assert f",{unrounded}".encode() not in kept
        assert small.evalkit("undo").status == 0
        after = small.snapshot("data")
        assert {name: after[name] for name in before} == before
        assert (
            "data/releases/example/001.csv" in after
        )  # it may have been published, and what is shown later depends on it
        assert small.evalkit("check").status == 0
        again = small.evalkit(*asked)
        assert again.status == 0, again.err
        assert not (small.root / "data" / "releases" / "example" / "002.csv").exists()
        assert small.evalkit("undo").status == 0
        assert small.evalkit("undo").status == 2

    def test_it_shows_first_and_changes_nothing_when_asked_to(self, example):
        before = example.snapshot("data")
        said = example.evalkit("undo", "--dry-run")
        assert f"{EVALUATION}: is deleted" in said.out
        assert "data/measures.yml: is put back as it was before" in said.out
        assert example.snapshot("data") == before


def test_days_as_people_write_them():
    assert {
        day_in(written, "x") for written in ("2023-10-01", "01/10/2023", "1 Oct 2023", "1 October 2023", "01-Oct-23")
    } == {date(2023, 10, 1)}
    with pytest.raises(EvaluationError, match="10/31/2023"):
        day_in("10/31/2023", "x")
