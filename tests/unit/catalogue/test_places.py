"""Places, stages, sectors and readings of reasons: the real ones tie to the tables, and each mistake is one sentence."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from evalkit.book.places.trust_months import recorded_in, trust_months
from evalkit.catalogue import read_catalogue
from evalkit.catalogue.places import GROUP, SYSTEM, places_of, system_id
from evalkit.catalogue.records.delay_reasons import DELAY_CLASSES
from evalkit.errors import EvaluationError
from evalkit.flow.jumps import latest_run
from evalkit.flow.order import foremost
from evalkit.flow.waiting import by_month, waiting
from tools.delay_classes import LABELS, read_reading
from tools.delay_reasons import REASONS, TARGET
from tools.sectors import sector_of

ROOT = Path(__file__).parents[3]
PLACES, STAGES, READINGS = "data/places.yml", "data/flow_stages.yml", "data/delay_reasons.csv"
PLACES_TEXT = """\
around-weston:
  name: Around Weston
  org_codes: [RA3, RBA]
  because: They serve one coast.
  sources: [{title: A newspaper, where: example.org}]
"""
STAGES_TEXT = """\
front-door:
  asks: Can people get help?
  not_measured:
    - what: Waits for an ambulance
      sector: ambulance
"""


@pytest.fixture(scope="module")
def real():
    return read_catalogue(ROOT)


def _published() -> dict[str, dict[str, float]]:
    """Patients by month and reason, added up from the published table by itself."""
    totals: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    with (ROOT / TARGET).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for reason in REASONS:
                totals[row["period"][:7]][reason] += int(row[reason] or 0)
    return totals


class TestTheRealOnes:
    def test_totals_tie_to_the_published_table_in_every_month(self, real):
        published, rows = _published(), trust_months(real)
        assert len(published) == 12
        for month, totals in published.items():
            found: dict[str, float] = defaultdict(float)
            for row in rows:
                for reason, count in (row.counts or {}).items() if row.month == month else ():
                    found[reason] += count
            assert {reason: found[reason] for reason in REASONS} == dict(totals), month

    def test_classes_of_all_trusts_together_are_all_that_was_recorded(self, real):
        readings = {id: (one.class_1, one.class_2) for id, one in real.delay_reasons.items()}
        months = by_month(trust_months(real), readings, DELAY_CLASSES)
        published = _published()
        assert [month for month, _ in months] == sorted(published)
        for month, found in months:
            assert found.recorded == sum(published[month].values())
            for reader in (0, 1):
                assert sum(one.readings[reader] for one in found.classes) == pytest.approx(1)

    def test_places_add_up_to_all_trusts_in_every_month(self, real):
        readings = {id: (one.class_1, one.class_2) for id, one in real.delay_reasons.items()}
        rows, published = trust_months(real), _published()
        found: dict[str, float] = defaultdict(float)
        for place in places_of(real):
            of_place = [row for row in rows if row.code in place.codes]
            together = waiting(of_place, readings, DELAY_CLASSES)
            months = by_month(of_place, readings, DELAY_CLASSES)
            assert together is None or together.recorded * len(together.months) == pytest.approx(
                sum(one.recorded for _, one in months)
            )
            for month, one in months:
                found[month] += one.recorded
        assert found == {month: sum(totals.values()) for month, totals in published.items()}
        whole = waiting(rows, readings, DELAY_CLASSES)
        assert whole is not None
        assert whole.recorded * len(whole.months) == pytest.approx(sum(found.values()))

    def test_counts_that_cannot_be_are_told_of_lincolnshire(self, real):
        readings = {id: (one.class_1, one.class_2) for id, one in real.delay_reasons.items()}
        found = waiting([row for row in trust_months(real) if row.code == "RWD"], readings, DELAY_CLASSES)
        assert found is not None
        assert found.unrecorded is None
        assert [month for _, month in found.in_conflict] == ["2024-10", "2024-11", "2024-12", "2025-01", "2025-02"]

    def test_three_months_of_lincolnshire_tell_what_the_year_cannot(self, real):
        readings = {id: (one.class_1, one.class_2) for id, one in real.delay_reasons.items()}
        own = [row for row in trust_months(real) if row.code == "RWD"]
        run = latest_run(by_month(own, readings, DELAY_CLASSES))
        assert run == ["2025-03", "2025-04", "2025-05"]
        found = waiting([row for row in own if row.month in run], readings, DELAY_CLASSES)
        assert found is not None
        assert found.unrecorded is not None
        assert [one.name for one in foremost(found.classes)] == ["interface"]

    def test_reasons_that_go_opposite_ways_do_not_cancel_in_dorset(self, real):
        """Two whole readings both give 38 in 100."""
        readings = {id: (one.class_1, one.class_2) for id, one in real.delay_reasons.items()}
        (dorset,) = [place for place in places_of(real) if place.id == "dorset"]
        found = waiting([row for row in trust_months(real) if row.code in dorset.codes], readings, DELAY_CLASSES)
        assert found is not None
        interface = next(one for one in found.classes if one.name == "interface")
        assert interface.readings == pytest.approx((0.38, 0.38), abs=0.005)
        assert (interface.low, interface.high) == pytest.approx((0.344, 0.416), abs=0.0006)

    def test_reasons_have_the_names_that_nhs_england_gives_them(self, real):
        assert {id: one.published for id, one in real.delay_reasons.items()} == REASONS

    def test_places_have_every_trust_with_reasons_once(self, real):
        places = places_of(real)
        trusts = [row.code for row in trust_months(real) if row.counts]
        held = [code for place in places if place.kind == SYSTEM for code in place.codes]
        assert len({*trusts}) == 119
        assert {*trusts} <= {*held}
        assert len(held) == len({*held})
        assert len(places) == 42

    def test_each_reason_of_the_table_is_read_by_both(self, real):
        assert list(real.delay_reasons) == list(REASONS) == list(LABELS)
        assert recorded_in(real) is not None
        assert all(one.why_1 != one.why_2 for one in real.delay_reasons.values())

    def test_sectors_that_a_name_proves_are_written_down(self, real):
        for code, one in real.organisations.items():
            assert one.sector or not sector_of(code, one.name), code


@pytest.mark.parametrize(
    ("code", "name", "sector"),
    [
        ("RYF", "South Western Ambulance Service NHS Foundation Trust", "ambulance"),
        ("RYW", "Birmingham Community Healthcare NHS Trust", "community"),
        ("C82010", "Oakham Medical Practice", "primary_care"),
        ("Y03007", "Erdington Gp Health & Wellbeing Wic", ""),
        ("RBV", "The Christie NHS Foundation Trust", ""),
        ("R1A", "Worcestershire Health and Care NHS Trust", ""),
    ],
)
def test_a_sector_is_only_what_code_and_name_prove(code, name, sector):
    assert sector_of(code, name) == sector


@pytest.fixture
def placed(project):
    project.write(PLACES, PLACES_TEXT)
    project.write(STAGES, STAGES_TEXT)
    return project


def test_a_group_is_a_place_beside_the_systems(placed):
    assert placed.problems() == []
    (group,) = [place for place in places_of(placed.catalogue()) if place.kind == GROUP]
    assert (group.name, sorted(group.codes)) == ("Around Weston", ["RA3", "RBA"])


def test_a_board_makes_a_place_of_its_own_name():
    assert system_id("NHS Cornwall and the Isles of Scilly Integrated Care Board") == "cornwall-and-the-isles-of-scilly"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (PLACES, "[RA3, RBA]", "[RA3, RB0]", ("`org_codes` names `RB0`", "correct it")),
        (PLACES, "[RA3, RBA]", "[RA3, RA3]", ("RA3 is listed twice in `org_codes`", "name it once")),
        (PLACES, "[RA3, RBA]", "[]", ("names no organisation", "name those")),
        (PLACES, "  name: Around Weston\n", "", ("needs one of `name`", "write one of the two")),
        (PLACES, "  name: Around Weston\n", "  icb_name: NHS Nowhere Integrated Care Board\n", ("`icb_name` names", "a board in data/organisations.csv")),
        (PLACES, "  sources: [{title: A newspaper, where: example.org}]\n", "", ("needs at least one source", "add it")),
        (PLACES, "  because:", "  why:", ("`why` is not a field",)),
        (PLACES, "[RA3, RBA]", "[ZZ901]", ("code for synthetic data", "use the real code")),
        (STAGES, "front-door:", "front-gate:", ("`id` names `front-gate`", "a stage in data/vocabularies.yml")),
        (STAGES, "sector: ambulance", "sector: ambulances", ("`sector`", "ambulance")),
        (STAGES, "  asks: Can people get help?\n", "", ("`asks` is missing", "add it")),
    ],
)  # fmt: skip
def test_one_mistake_is_one_sentence_with_its_line(placed, file, old, new, said):
    placed.edit(file, old, new)
    problems = placed.problems()
    assert problems, "goes through"
    shown = [str(problem) for problem in problems if problem.file == file]
    assert any(all(part in text for part in said) for text in shown), [str(problem) for problem in problems]
    assert all(text.endswith(".") and f"{file}, line " in text for text in shown), shown


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "nothing_counted,A reason,Published,interface,Why.,interface,Why.",
            ("`nothing_counted`, which no measure counts",),
        ),
        ("x,A reason,Published,hospital,Why.,interface,Why.", ("`class_1` must be", "in_hospital")),
        ("x,A reason,Published,interface,,interface,Why.", ("`why_1`",)),
    ],
)
def test_a_reading_that_cannot_be_right_names_its_line(placed, line, said):
    placed.write(READINGS, f"reason,label,published,class_1,why_1,class_2,why_2\n{line}\n")
    shown = [str(problem) for problem in placed.problems() if problem.file == READINGS]
    assert any(all(part in text for part in said) and f"{READINGS}, line 2" in text for text in shown), shown


def test_a_sector_that_is_no_word_is_refused(placed):
    placed.edit("data/organisations.csv", ",acute,", ",acut,")
    shown = " ".join(str(problem) for problem in placed.problems())
    assert "`sector` names `acut`" in shown
    assert "did you mean `acute`?" in shown


def test_a_whole_system_with_figures_of_one_sector_is_worth_a_look(placed):
    evaluation = "data/evaluations/weston-overnight-closure-2017.yml"
    placed.edit(evaluation, "area: urgent-care-access", "area: whole-system-flow")
    (look,) = [str(problem) for problem in placed.problems("look") if "whole-system-flow" in str(problem)]
    assert "all figures are of one sector, acute hospitals: add a measure from another sector" in look


def test_a_reading_with_a_reason_left_out_is_refused(tmp_path):
    path = tmp_path / "reading.csv"
    path.write_text("reason,class,why\nhospital_transport,in_hospital,Why.\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match="does not read hospital_therapy_review"):
        read_reading(path)
