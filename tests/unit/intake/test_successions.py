"""Codes that merged, were split or recoded, opened or closed are one series over time, or refused with what to do."""

from collections.abc import Iterable
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.catalogue import Catalogue
from evalkit.catalogue.files.yaml_lines import FilePlace, Lines
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation, Site
from evalkit.catalogue.records.successors import Succession, events_of
from evalkit.catalogue.records.tables import SUBMISSION_COLUMNS, Table
from evalkit.errors import EvaluationError, InputRefused, Problem
from evalkit.intake.analysis_checks import check_table
from evalkit.intake.load import load_from
from evalkit.intake.successions import lineage
from tests.unit.conftest import RecordsFolder, only

FILE = "data/successors.csv"
HEADER = "code,successor,from,kind,source\n"
MERGED = "ZZ901,ZZ901,2017-04,merged,\nZZ902,ZZ901,2017-04-01,merged,\n"
SPLIT = "ZZ901,ZZ901,2017-04,split,\nZZ901,ZZ902,2017-04,split,\n"
RECODED = "ZZ902,ZZ901,2017-04,recoded,\n"
CODES = [f"ZZ{number}" for number in (*range(901, 909), *range(910, 913))]
MONTHS = [f"2017-{month:02d}" for month in range(1, 7)]


def _rows(form="count", **by_code) -> str:
    """Six months of each code; None is a month without a row."""
    lines = ["org_code,period,measure,numerator,denominator,note"]
    for code, figures in by_code.items():
        for month, figure in zip(MONTHS, figures, strict=True):
            if figure is not None:
                part, whole = figure if isinstance(figure, tuple) else (figure, "")
                lines.append(f"{code},{month},discharges,{part},{whole},")
    return "\n".join(lines) + "\n"


@pytest.fixture
def told(tmp_path):
    """Records of these rows and lines."""

    def make(lines: str, form: str = "count", *, restated=False, rule="synthetic", **by_code) -> Catalogue:
        (tmp_path / "data" / "tables").mkdir(parents=True)
        (tmp_path / "data" / "tables" / "discharges.csv").write_text(_rows(**by_code), encoding="utf-8")
        table = Table.model_validate(_described(rule, restated=restated))
        measure = Measure(
            id="discharges", name="Discharges", plain_name="discharges", definition="People.", form=form, unit="people",
            direction="increase", type="process", domain="timeliness-flow",
        )  # fmt: skip
        catalogue = Catalogue(tmp_path, tables={"discharges": table}, measures={"discharges": measure})
        for code in CODES:
            catalogue.organisations[code] = Organisation(org_code=code, name=f"Place {code} (synthetic)")
        for at, line in enumerate(lines.splitlines(), start=2):
            values = dict(zip(HEADER.strip().split(","), line.split(","), strict=True))
            one = Succession.model_validate({name: value for name, value in values.items() if value})
            places = Lines()
            places.note((), at)
            catalogue.successors[one.key] = one
            catalogue.written_in["successors", one.key] = FilePlace(FILE, places)
        return catalogue

    return make


def _described(rule: str, *, restated: bool) -> dict:
    kinds = {"numerator": "number", "denominator": "number"}
    return {
        "name": "discharges", "path": "tables/discharges.csv", "title": "Discharges", "description": "Invented.",
        "sources": [{"title": "Invented"}], "licenses": [{"name": "OGL-UK-3.0"}],
        "schema": {"fields": [{"name": n, "type": kinds.get(n, "string"), "description": n} for n in SUBMISSION_COLUMNS]},
        "evalkit": {
            "shape": "long", "grain": "month", "synthetic": True, "restated": restated,
            "disclosure": {"rule": rule, "because": "Invented."},
        },
    }  # fmt: skip


def _loaded(catalogue: Catalogue, site="ZZ901", **wanted) -> pd.DataFrame:
    return load_from(catalogue, site=site, measure="discharges", **wanted)


def _refused(catalogue: Catalogue, **wanted) -> str:
    with pytest.raises(EvaluationError) as error:
        _loaded(catalogue, **wanted)
    return str(error.value)


BEFORE_AND_AFTER = {"ZZ901": [10, 10, 10, 25, 25, 25], "ZZ902": [15, 15, 15, None, None, None]}


class TestOneSeries:
    def test_what_merged_is_added_up_before_and_said(self, told):
        frame = _loaded(told(MERGED, **BEFORE_AND_AFTER))
        assert list(frame["value"]) == [25] * 6
        assert set(frame["unit"]) == {"ZZ901"}
        about = frame.attrs["evalkit"]
        assert about["added_up"] == ["ZZ901 and ZZ902 before April 2017 are added up: they merged into ZZ901."]
        assert about["notes"][0] == about["added_up"][0]
        assert about["mergers"] == []

    def test_without_the_line_it_is_a_jump_as_before(self, told):
        assert list(_loaded(told("", **BEFORE_AND_AFTER))["value"]) == [10, 10, 10, 25, 25, 25]

    def test_a_gap_in_a_part_makes_the_sum_missing(self, told):
        figures = {**BEFORE_AND_AFTER, "ZZ902": [15, "*", None, None, None, None]}
        frame = _loaded(told(MERGED, **figures))
        assert frame["value"].isna().tolist() == [False, True, True, False, False, False]
        assert frame["flag"].tolist()[1:3] == ["suppressed", "missing"]

    def test_a_month_that_holds_the_day_is_the_sum_of_both(self, told):
        lines = MERGED.replace("2017-04-01", "2017-04-10").replace("2017-04,", "2017-04-10,")
        frame = _loaded(told(lines, ZZ901=[10, 10, 10, 20, 25, 25], ZZ902=[15, 15, 15, 5, None, None]))
        assert list(frame["value"]) == [25] * 6

    def test_a_share_is_of_the_summed_parts(self, told):
        parts = {"ZZ901": [(10, 100)] * 3 + [(40, 200)] * 3, "ZZ902": [(30, 60)] * 3 + [None] * 3}
        frame = _loaded(told(MERGED, "proportion", **parts))
        assert list(frame["value"]) == [25.0] * 3 + [20.0] * 3
        assert list(frame["denominator"]) == [160] * 3 + [200] * 3

    def test_a_mean_is_weighted_by_how_many_it_is_of(self, told):
        parts = {"ZZ901": [(10, 100)] * 3 + [(40, 200)] * 3, "ZZ902": [(30, 60)] * 3 + [None] * 3}
        assert list(_loaded(told(MERGED, "mean", **parts))["value"]) == [0.25] * 3 + [0.2] * 3

    def test_medians_are_refused(self, told, plain):
        parts = {"ZZ901": [(2, 100)] * 6, "ZZ902": [(3, 60)] * 3 + [None] * 3}
        project = told(MERGED, "median", **parts)
        plain(_refused(project), "is a median", "shorten the window")
        assert len(_loaded(project, first="2017-04")) == 3

    def test_a_recoded_median_is_one_series(self, told):
        parts = {"ZZ901": [None] * 3 + [(2, 100)] * 3, "ZZ902": [(3, 60)] * 3 + [None] * 3}
        assert list(_loaded(told(RECODED, "median", **parts))["value"]) == [3, 3, 3, 2, 2, 2]

    @pytest.mark.parametrize("site", ["ZZ901", "ZZ902"])
    def test_a_recoded_organisation_by_either_code(self, told, site):
        frame = _loaded(told(RECODED, ZZ901=[None] * 3 + [25] * 3, ZZ902=[24] * 3 + [None] * 3), site=site)
        assert list(frame["value"]) == [24] * 3 + [25] * 3
        assert frame.attrs["evalkit"]["added_up"] == [
            "ZZ901 before April 2017 is ZZ902, the code that it had until then."
        ]

    def test_comparators_are_added_up_too(self, told):
        frame = _loaded(told(MERGED, **BEFORE_AND_AFTER, ZZ903=[7] * 6), site="ZZ903", comparators=["ZZ901"])
        assert list(frame.loc[frame["unit"] == "ZZ901", "value"]) == [25] * 6

    def test_a_chain(self, told):
        lines = "ZZ903,ZZ902,2017-02,recoded,\n" + MERGED
        figures = {"ZZ901": [10, 10, 10, 25, 25, 25], "ZZ902": [None, 15, 15] + [None] * 3, "ZZ903": [15] + [None] * 5}
        frame = _loaded(told(lines, **figures))
        assert list(frame["value"]) == [25] * 6
        assert len(frame.attrs["evalkit"]["added_up"]) == 2

    def test_a_window_on_one_side_needs_nothing(self, told):
        project = told(MERGED, **BEFORE_AND_AFTER)
        assert list(_loaded(project, last="2017-03")["value"]) == [10, 10, 10]
        frame = _loaded(project, first="2017-04")
        assert (list(frame["value"]), frame.attrs["evalkit"]["added_up"]) == ([25, 25, 25], [])
        assert list(_loaded(project, site="ZZ902")["value"]) == [15, 15, 15]  # all that there is of it

    def test_it_begins_where_all_parts_are_there(self, told):
        frame = _loaded(told(MERGED, **{**BEFORE_AND_AFTER, "ZZ902": [None, 15, 15, None, None, None]}))
        assert str(frame["period"].iloc[0]) == "2017-02"

    def test_a_table_without_the_parts_is_not_taken_for_restated(self, told):
        assert "ZZ902 is part of ZZ901" in _refused(told(MERGED, ZZ901=[25] * 6), first="2017-01")

    def test_a_table_that_says_so(self, told):
        frame = _loaded(told(MERGED, restated=True, ZZ901=[25] * 6))
        assert (list(frame["value"]), frame.attrs["evalkit"]["added_up"]) == ([25] * 6, [])

    def test_one_that_says_so_and_is_not(self, told, plain):
        catalogue = told(MERGED, restated=True, **BEFORE_AND_AFTER)
        problem = only(check_table(catalogue, catalogue.tables["discharges"]))
        plain(problem.what, "has figures of ZZ902 in 2017-01", "`restated`")


class TestRefused:
    def test_a_code_that_merged_has_no_series_after(self, told, plain):
        project = told(MERGED, **BEFORE_AND_AFTER)
        said = _refused(project, site="ZZ902", last="2017-06")
        plain(said, "ZZ902 was merged into ZZ901 in April 2017", "name ZZ901", "before 2017-04-01")
        said = _refused(project, site="ZZ901", comparators=["ZZ902"])
        plain(said, "ZZ902", "leave it out")

    def test_a_part_of_what_was_split(self, told, plain):
        lines = "ZZ901,ZZ902,2017-04,split,\nZZ901,ZZ903,2017-04,split,\n"
        figures = {"ZZ901": [9] * 3 + [None] * 3, "ZZ902": [None] * 3 + [4] * 3, "ZZ903": [None] * 3 + [5] * 3}
        project = told(lines, **figures)
        plain(_refused(project, site="ZZ902", first="2017-01"), "ZZ902 was a part of ZZ901", "with ZZ903", "2017-04-01")
        whole = _loaded(project, site="ZZ901")
        assert list(whole["value"]) == [9] * 6
        assert whole.attrs["evalkit"]["added_up"] == [
            "ZZ902 and ZZ903 from April 2017 on are added up: until then they were ZZ901."
        ]

    def test_a_whole_that_keeps_its_code_is_compared_with_all_its_parts(self, told):
        project = told(SPLIT, ZZ901=[9, 9, 9, 4, 4, 4], ZZ902=[None] * 3 + [5] * 3)
        assert list(_loaded(project)["value"]) == [9] * 6
        assert list(_loaded(project, first="2017-04")["value"]) == [4] * 3

    def test_a_code_that_would_count_twice(self, told, plain):
        project = told(RECODED, ZZ901=[None] * 3 + [25] * 3, ZZ902=[24] * 3 + [None] * 3)
        plain(_refused(project, comparators=["ZZ902"]), "is part of ZZ901 and of ZZ902", "leave one of the two out")

    def test_a_part_without_any_figure(self, told, plain):
        plain(_refused(told(MERGED, ZZ901=[10, 10, 10, 25, 25, 25])), "ZZ902 is part of ZZ901", "cannot be added up")

    def test_what_was_withdrawn_ends_and_is_never_nought(self, told):
        project = told("ZZ901,,2017-04,withdrawn,\n", ZZ901=[9, 9, 9, 0, 0, None], ZZ902=[3] * 6)
        frame = _loaded(project, last="2017-06")
        assert frame["value"].tolist()[:3] == [9, 9, 9]
        assert frame["value"].isna().sum() == 3
        assert set(frame["flag"][3:]) == {"withdrawn"}
        assert "its figures end there" in frame.attrs["evalkit"]["added_up"][0]


DOORS = "ZZ901,,2017-03-14,closed,\nZZ902,,2017-03-14,opened,\n"
DOOR_FIGURES = {"ZZ901": [9, 9, 4, None, None, None], "ZZ902": [None, None, 5, 9, 9, 9], "ZZ903": [1] * 6}


class TestDoors:
    """What opened or closed is part of a sum while it is there."""

    @pytest.fixture
    def doors(self, told):
        catalogue = told(DOORS, **DOOR_FIGURES)
        for id, codes in {"all-doors": ["ZZ901", "ZZ902", "ZZ903"], "two-doors": ["ZZ901", "ZZ902"]}.items():
            catalogue.sites[id] = Site(
                id=id, name=id, org_codes=codes, place="Nowhere", synthetic=True, context="None."
            )
        return catalogue

    def test_every_door_is_counted_while_it_is_open(self, doors):
        frame = _loaded(doors, "all-doors")
        assert list(frame["value"]) == [10] * 6
        assert sorted(frame.attrs["evalkit"]["added_up"]) == [
            "ZZ901 closed on 14 March 2017: it is part of the sum until then.",
            "ZZ902 opened on 14 March 2017: it is part of the sum from then on.",
        ]

    def test_one_that_replaced_another_goes_on_from_it(self, doors):
        assert list(_loaded(doors, "two-doors")["value"]) == [9] * 6

    def test_a_gap_while_it_was_open_is_a_gap_of_the_sum(self, told):
        catalogue = told(DOORS, **{**DOOR_FIGURES, "ZZ902": [None, None, 5, None, 9, 9]})
        catalogue.sites["all-doors"] = Site(
            id="all-doors", name="All", org_codes=["ZZ901", "ZZ902"], place="Nowhere", synthetic=True, context="None."
        )
        assert _loaded(catalogue, "all-doors")["value"].isna().tolist() == [False] * 3 + [True] + [False] * 2

    @pytest.mark.parametrize(
        ("door", "missing"), [("ZZ901", [False] * 3 + [True] * 3), ("ZZ902", [True] * 2 + [False] * 4)]
    )
    def test_by_itself_it_has_no_figures_when_it_is_not_there(self, doors, door, missing):
        assert _loaded(doors, door, first="2017-01", last="2017-06")["value"].isna().tolist() == missing

    def test_other_doors_need_not_be_named(self, doors):
        assert list(_loaded(doors, "ZZ903")["value"]) == [1] * 6

    def test_a_door_that_was_closed_is_counted_no_more(self, told, plain):
        catalogue = told("ZZ901,,2017-03,closed,\n", ZZ901=[9, 9, 4, None, None, None], ZZ902=[9] * 6)
        problem = only(check_table(catalogue, catalogue.tables["discharges"]))
        plain(problem.what, "`from` is 2017-03-01", "figures of ZZ901 in 2017-03", "correct the day")

    def test_a_code_has_no_successor_when_it_opens_or_closes(self, project, plain):
        wrong = ["ZZ901,ZZ902,2017-04,opened,", "ZZ901,ZZ902,2017-04,closed,"]
        for problem in _wrong(project, wrong):
            plain(problem.what, "`successor` is given")


class TestContradictions:
    """Told at the line of the file, with that of the table."""

    @pytest.mark.parametrize(
        ("lines", "figures", "line", "says"),
        [
            (MERGED, {**BEFORE_AND_AFTER, "ZZ902": [15] * 5 + [None]}, 3,
             ("`from` is 2017-04-01", "data/tables/discharges.csv, line 11", "figures of ZZ902 in 2017-04")),
            (RECODED, {"ZZ901": [None] * 4 + [25] * 2, "ZZ902": [24] * 3 + [None] * 3}, 2, ("begin in 2017-05",)),
            (RECODED, {"ZZ901": [None, None, 1, 25, 25, 25], "ZZ902": [24] * 3 + [None] * 3}, 2,
             ("has figures of ZZ901 in 2017-03", "from ZZ901 to itself")),
            ("ZZ901,,2017-03,withdrawn,\n", {"ZZ901": [9] * 4 + [0, 0]}, 2, ("has figures of ZZ901 in 2017-03",)),
        ],
        ids=["the old code goes on", "the new one begins late", "the new one was there", "withdrawn and counted"],
    )  # fmt: skip
    def test_days_that_the_rows_deny(self, told, plain, lines, figures, line, says):
        catalogue = told(lines, **figures)
        problem = only(check_table(catalogue, catalogue.tables["discharges"]))
        assert (problem.file, problem.line) == (FILE, line)
        plain(problem.what, "`from`", "correct the day", *says)
        with pytest.raises(InputRefused):
            _loaded(catalogue, first="2017-01", last="2017-06")


class TestLines:
    """What is wrong in the file, all of it at once, each at its line."""

    def test_lines_that_say_too_little_or_what_cannot_be(self, project, plain):
        wrong = {
            "RA3,RBA,2017-04,recoded,": ("`source` is missing",),
            "ZZ901,RBA,2017-04,recoded,": ("`successor`", "invented"),
            "ZZ901,ZZ902,2017-04,joined,": ("`kind`", "merged", "withdrawn"),
            "ZZ901,ZZ902,April,recoded,": ("`from`", "2017-07-04"),
            "ZZ901,,2017-04,recoded,": ("`successor` is missing",),
            "ZZ901,ZZ902,2017-04,withdrawn,": ("`successor` is given",),
            "ZZ901,ZZ901,2017-04,recoded,": ("`successor` is the code itself",),
            "zz901,ZZ902,2017-04,recoded,": ("`code`", "ZZ901"),
        }
        for problem, says in zip(_wrong(project, wrong), wrong.values(), strict=True):
            plain(problem.what, *says)

    def test_lines_that_do_not_agree(self, project, plain):
        wrong = {
            "ZZ939,ZZ901,2015-04,recoded,": ("`code`", "ZZ939", "organisations.csv"),
            "ZZ908,ZZ929,2018-04,recoded,": ("`successor`", "ZZ929"),
            "ZZ902,ZZ901,2017-04,merged,": ("only ZZ902 is named", "from ZZ901 to itself"),
            "ZZ903,ZZ904,2017-05,split,": ("only ZZ904 is named", "from ZZ903 to itself"),
            "ZZ905,ZZ906,2017-06,recoded,": ("leads back", "ZZ905 to ZZ906 to ZZ905"),
            "ZZ906,ZZ905,2017-07,recoded,": (),
            "ZZ905,ZZ907,2017-08,merged,": ("write split",),
            "ZZ905,ZZ908,2017-08,merged,": ("write split",),
            "ZZ910,ZZ911,2017-09,recoded,": ("write merged",),
            "ZZ912,ZZ911,2017-09,recoded,": ("write merged",),
            "ZZ910,ZZ901,2018-09,recoded,": ("had ended on 2017-09-01",),
            "ZZ912,,2019-09,withdrawn,": ("had ended on 2017-09-01",),
        }
        path = project.root / "data" / "organisations.csv"
        there = path.read_text(encoding="utf-8")
        empty = "," * (there.splitlines()[0].count(",") - 1)
        codes = "\n".join(f"{code},Place {code} (synthetic){empty}" for code in CODES)
        project.write("data/organisations.csv", f"{there}{codes}\n")
        said = {problem.line: problem.what for problem in _wrong(project, wrong)}
        for line, says in enumerate(wrong.values(), start=2):
            if says:
                plain(said.pop(line), *says)
        assert said == {}

    def test_the_same_line_twice(self, project, plain):
        same = "ZZ902,ZZ901,2017-04,recoded,"
        project.write(FILE, HEADER + f"{same}\n{same}\n")
        with pytest.raises(InputRefused) as error:
            project.catalogue()
        problem = next(problem for problem in error.value.problems if problem.line == 3)
        plain(problem.what, "already", FILE)

    def test_a_file_with_its_header_alone_or_none(self, project):
        project.write(FILE, HEADER)
        assert project.catalogue().successors == {}
        (project.root / FILE).unlink()
        assert project.catalogue().successors == {}


def _wrong(project: RecordsFolder, lines: Iterable[str]) -> list[Problem]:
    project.write(FILE, HEADER + "\n".join(lines) + "\n")
    with pytest.raises(InputRefused) as error:
        project.catalogue()
    assert {problem.file for problem in error.value.problems} == {FILE}
    return error.value.problems


def test_counts_withheld_one_by_one_are_not_added_up(told, plain):
    catalogue = told(MERGED, rule="own_counts", **BEFORE_AND_AFTER)
    (problem,) = (found for found in check_table(catalogue, catalogue.tables["discharges"]) if found.level == "refused")
    assert (problem.file, problem.line) == ("data/tables/discharges.csv", 8)
    plain(problem.what, "ZZ901 and ZZ902", "rounded apart are not added up", "evalkit gate")
    plain(_refused(catalogue), "are not added up", "`restated: true`")


@st.composite
def histories(draw):
    """Codes that merge, split, change, open and close over the years, with what each counts in every year.

    Beside them the codes that are there at the end, and those that closed.
    """
    alive, made, lines, counted, closed = ["ZZ900", "ZZ901", "ZZ902"], 3, [], {}, []
    sizes = {code: draw(st.integers(1, 9)) for code in alive}
    for year in range(2001, 2007):
        what = draw(st.sampled_from(["nothing", "merged", "split", "recoded", "opened", "closed"]))
        new = f"ZZ{900 + made}"
        one = draw(st.sampled_from(sorted(alive)))
        if what == "merged" and len(alive) > 1:
            other = draw(st.sampled_from(sorted(set(alive) - {one})))
            lines += [(one, one, year, "merged"), (other, one, year, "merged")]
            sizes[one] += sizes[other]
            alive.remove(other)
        elif what == "split" and sizes[one] > 1:
            lines += [(one, one, year, "split"), (one, new, year, "split")]
            sizes[new] = draw(st.integers(1, sizes[one] - 1))
            sizes[one] -= sizes[new]
            alive.append(new)
            made += 1
        elif what == "recoded":
            lines.append((one, new, year, "recoded"))
            sizes[new] = sizes[one]
            alive[alive.index(one)] = new
            made += 1
        elif what == "opened":
            lines.append((new, None, year, "opened"))
            sizes[new] = draw(st.integers(1, 9))
            alive.append(new)
            made += 1
        elif what == "closed" and len(alive) > 1:
            lines.append((one, None, year, "closed"))
            alive.remove(one)
            closed.append(one)
        counted[year] = {code: sizes[code] for code in alive}
    return lines, counted, sorted(alive) + closed


@given(histories())
def test_all_codes_together_are_those_that_are_there_in_every_year(history):
    lines, counted, named = history
    events = events_of(
        Succession.model_validate({"code": a, "from": f"{year}-01", "kind": kind} | ({"successor": b} if b else {}))
        for a, b, year, kind in lines
    )
    one = lineage(named, events, date(2000, 1, 1), date(2006, 12, 31))
    years = pd.period_range("2001", "2006", freq="Y-DEC")
    doors = {kind for *_, kind in lines} & {"opened", "closed"}
    total = sum(counted[2006].values())
    for at, year in enumerate(range(2001, 2007)):
        parts = {code for code in one.codes if one.counts(code, years)[at]}
        assert parts == set(counted[year])
        assert doors or sum(counted[year][code] for code in parts) == total
