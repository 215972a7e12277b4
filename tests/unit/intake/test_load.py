"""Every trap of the real tables: what was not reported is missing and says why; what misleads is flagged or refused."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.catalogue.records.successors import events_of
from evalkit.errors import EvaluationError
from evalkit.intake.analysis_checks import check_analysis, check_table
from evalkit.intake.load import load, load_from
from evalkit.runs.planning.notebook_templates import read_template
from tests.unit.conftest import EVALUATION, POOL, ROOT, SITE, RecordsFolder


def _of_tables(catalogue):
    return [problem for table in catalogue.tables.values() for problem in check_table(catalogue, table)]


COLUMNS = ["unit", "period", "value", "numerator", "denominator", "days", "flag"]
FIELD_TEST = ("RC9", "RDU", "RFR", "RGR", "RGT", "RHU", "RK9", "RNQ", "RQM", "RVW", "RX1", "RXF", "RYJ")
FIELD_TEST_MERGED = {"R0D": ("2020-10", "2023-05"), "RD3": ("2020-04", "2020-09")}
NEVER_OBTAINED = ("2019-02", "2019-09", "2019-10", "2019-11", "2021-11")
MERGED = {  # trap 8, by table
    "ae-monthly-2016-2019": {"RRK", "RDE", "RTG", "RGN", "RWE"},
    "ae-monthly-2020-2026": {"R0A", "RM3", "RH5", "RBN", "RH8", "RAL"},
}
JOINED = {"RRK": "2018-07", "RDE": "2018-07"}  # from when on the figures of both are under the code
DAILY = Path(__file__).parents[1] / "data" / "discharge_daily_june_2022.csv"


def by_period(frame: pd.DataFrame, unit: str | None = None) -> pd.DataFrame:
    frame = frame if unit is None else frame[frame["unit"] == unit]
    return frame.set_index(frame["period"].astype(str))


def refused(catalogue, **wanted) -> str:
    with pytest.raises(EvaluationError) as error:
        load_from(catalogue, **wanted)
    return str(error.value)


def check_with(catalogue, evaluation: str, template: str, **parameters):
    """The problems of an analysis of a real evaluation, with other parameters."""
    record = catalogue.evaluations[evaluation]
    filled = read_template(ROOT, template).filled(parameters)
    return check_analysis(catalogue, record, 0, filled)


class TestShape:
    def test_weston_as_published(self, real):
        frame = load_from(real, site="weston", measure="ae-attendances-type-1", first="2016-04", last="2019-03")
        assert list(frame.columns) == COLUMNS
        months = by_period(frame)
        assert len(frame) == 36
        assert set(frame["unit"]) == {"weston"}
        raw = pd.read_csv(ROOT / "data/tables/ae_monthly_2016_2019.csv")
        raw = raw[(raw["org_code"] == "RA3") & (raw["ae_type"] == "1")].set_index("period")["attendances"]
        assert months.loc["2017-07", "value"] == raw["2017-07-01"]
        assert frame["value"].sum() == raw.sum()
        assert (frame["flag"] == "").all()

    def test_every_unit_has_every_period(self, real):
        frame = load_from(
            real, site="RA3", measure="ae-attendances-all", first="2016-04", last="2019-03", comparators=POOL
        )
        assert frame.groupby("unit")["period"].nunique().to_dict() == {"RA3": 36, **dict.fromkeys(POOL, 36)}
        assert not frame.duplicated(["unit", "period"]).any()

    def test_a_site_may_be_named_by_slug_or_code(self, real):
        window = {"measure": "ae-attendances-type-1", "first": "2016-04", "last": "2019-03"}
        slug, code = (load_from(real, site=site, **window) for site in ("weston", "RA3"))
        assert slug["value"].tolist() == code["value"].tolist()

    def test_comparators_may_be_one_text(self, real):
        window = {"site": "RA3", "measure": "ae-attendances-type-1", "first": "2016-04", "last": "2019-03"}
        frames = [
            load_from(real, **window, comparators=comparators)
            for comparators in (["RD1", "RTE"], "RD1 RTE", "RD1, RTE")
        ]
        assert all(frame.equals(frames[0]) for frame in frames)

    def test_a_share_is_in_per_cent_of_its_denominator(self, real):
        frame = load_from(real, site="weston", measure="ae-four-hour-type-1", first="2016-04", last="2019-03")
        assert frame["value"].between(50, 100).all()
        assert frame["value"].tolist() == pytest.approx((100 * frame["numerator"] / frame["denominator"]).tolist())

    def test_the_fingerprint_knows_the_figures_and_nothing_else(self, project):
        def fingerprint():
            frame = load(
                root=project.root, site="weston", measure="ae-attendances-type-1", first="2016-04", last="2019-03"
            )
            return frame.attrs["evalkit"]["data"]["rows_sha256"]

        before = fingerprint()
        table = "data/tables/ae_monthly_2016_2019.csv"
        lines = (project.root / table).read_text().splitlines(keepends=True)
        project.write(table, "".join([lines[0], *reversed(lines[1:])]))
        project.rehash()
        assert fingerprint() == before
        project.edit(table, ",Weston Area Health NHS Trust,1,", ",Weston Area Health NHS Trust,1,1")
        assert fingerprint() != before


class TestNotReportedIsMissing:
    @pytest.mark.parametrize("code", FIELD_TEST)
    @pytest.mark.parametrize("measure", ["ae-four-hour-type-1", "ae-four-hour-all"])
    def test_waits_of_the_field_test_trusts_until_may_2023(self, real, code, measure):
        frame = load_from(real, site=code, measure=measure, first="2020-04", last="2025-03")
        silent = frame[frame["period"] <= pd.Period("2023-05")]
        assert silent["value"].isna().all()
        assert silent["numerator"].isna().all()
        assert silent["flag"].str.contains("not_reported").all()
        reported = frame[frame["period"] > pd.Period("2023-05")]
        assert reported["value"].notna().all()
        assert any(
            "2020-04 to 2023-05" in note and "not the same as none" in note for note in frame.attrs["evalkit"]["notes"]
        )

    @pytest.mark.parametrize("code", FIELD_TEST_MERGED)
    def test_and_of_the_two_codes_of_a_field_test_trust_that_merged(self, real, code):
        first, last = FIELD_TEST_MERGED[code]
        frame = load_from(real, site=code, measure="ae-four-hour-all", first=first, last=last)
        assert frame["value"].isna().all()
        assert frame["flag"].str.contains("not_reported").all()

    def test_no_other_trust_is_held_back(self, real):
        raw = pd.read_csv(ROOT / "data/tables/ae_monthly_2020_2026.csv", usecols=["org_code", "over4h_reported"])
        assert set(raw.loc[~raw["over4h_reported"], "org_code"]) == {*FIELD_TEST, *FIELD_TEST_MERGED}

    def test_their_visits_were_reported_all_along(self, real):
        frame = load_from(real, site="RGT", measure="ae-attendances-type-1", first="2020-04", last="2023-05")
        assert frame["value"].gt(0).all()

    def test_the_older_table_is_blank_for_them_too_and_says_so(self, real):
        frame = load_from(real, site="RGT", measure="ae-four-hour-all", first="2015-07", last="2021-12")
        blank = by_period(frame).loc["2020-01"]
        assert blank["value"] != blank["value"]
        assert blank["flag"], "missing without a reason"

    @pytest.mark.parametrize("measure", ["ae-attendances-type-1", "ae-attendances-all", "emergency-admissions"])
    @pytest.mark.parametrize("window", [("2016-04", "2019-03"), ("2020-04", "2026-02")])
    def test_whatever_is_missing_says_why(self, real, measure, window):
        over = {code for event in events_of(real.successors.values()) for code in event.ended}
        named = real.evaluations["weston-overnight-closure-2017"].protocol.comparators
        comparators = [code for code in named if code not in over]
        frame = load_from(real, site="RTF", measure=measure, first=window[0], last=window[1], comparators=comparators)
        assert (frame.loc[frame["value"].isna(), "flag"] != "").all()


class TestCopiedMonths:
    @pytest.mark.parametrize(("code", "month"), [("RAX", "2022-03"), ("RC9", "2022-04"), ("RVJ", "2022-05")])
    @pytest.mark.parametrize("measure", ["ae-attendances-type-1", "ae-attendances-all", "emergency-admissions"])
    def test_three_provider_months_are_missing(self, real, code, month, measure):
        frame = load_from(real, site=code, measure=measure, first="2021-04", last="2023-03")
        row = by_period(frame).loc[month]
        assert row["value"] != row["value"]
        assert "copied_from_year_before" in row["flag"]
        assert frame["value"].notna().sum() == 23
        assert any(month in note and "exact copy" in note for note in frame.attrs["evalkit"]["notes"])

    def test_a_copy_nobody_flagged_is_pointed_out(self, project, plain):
        table = "data/tables/ae_monthly_2016_2019.csv"
        lines = (project.root / table).read_text().splitlines()
        before = next(line for line in lines if line.startswith("2017-05-01,RA3,"))
        after = next(line for line in lines if line.startswith("2018-05-01,RA3,"))
        line = project.edit(table, after, before.replace("2017-05-01", "2018-05-01"))
        problems = [problem for problem in _of_tables(project.catalogue()) if problem.line == line]
        assert len(problems) == 1
        plain(str(problems[0]), f"{table}, line {line}", "2018-05", "ask the publisher")
        assert problems[0].level == "look"

    def test_the_flagged_ones_are_not_pointed_out_again(self, real):
        assert [problem for problem in _of_tables(real) if problem.level == "refused"] == []
        assert not any(code in str(problem) for problem in _of_tables(real) for code in ("RAX in", "RC9 in", "RVJ in"))


class TestTheTableOf2010To2021:
    def test_months_shared_out_from_weeks_are_flagged(self, real):
        frame = load_from(real, site="RTF", measure="ae-attendances-all", first="2013-04", last="2016-11")
        weekly = by_period(frame)["flag"].str.contains("shared_out_from_weeks")
        assert weekly.loc[:"2015-05"].all()
        assert not weekly.loc["2015-06":].any()
        assert frame["value"].notna().all()
        assert frame.attrs["evalkit"]["needs_comparators"]

    def test_a_single_series_of_them_is_refused(self, real, plain):
        parameters = {
            "site": "RTF", "measure": "ae-attendances-all", "interruption": "2015-06-16",
            "first": "2013-04", "last": "2016-11",
        }  # fmt: skip
        id = "northumbria-emergency-care-hospital-2015"
        alone = check_with(real, id, "interrupted-time-series", **parameters)
        said = [str(problem) for problem in alone.problems if problem.level == "refused"]
        assert len(said) == 1
        plain(said[0], f"data/evaluations/{id}.yml", "weekly", "use the controlled template")
        comparators = real.evaluations[id].protocol.comparators
        against = check_with(real, id, "controlled-interrupted-time-series", **parameters, comparators=comparators)
        assert [problem for problem in against.problems if problem.level == "refused"] == []

    def test_a_single_series_of_later_months_is_not(self, real):
        parameters = {
            "site": "RWD", "measure": "ae-attendances-all", "interruption": "2016-08-17",
            "first": "2015-06", "last": "2018-12",
        }  # fmt: skip
        checked = check_with(real, "grantham-overnight-closure-2016", "interrupted-time-series", **parameters)
        assert [str(problem) for problem in checked.problems if "weekly" in problem.what] == []

    @pytest.mark.parametrize("measure", ["ae-attendances-all", "ae-four-hour-all"])
    def test_march_2013_is_missing_for_everybody(self, real, measure):
        comparators = ["RTR", "RXP", "RVW"]
        frame = load_from(real, site="RTF", measure=measure, first="2012-04", last="2014-03", comparators=comparators)
        month = by_period(frame).loc["2013-03"]
        assert len(month) == 4
        assert month["value"].isna().all()
        assert month["flag"].str.contains("suspect_month").all()

    def test_months_never_obtained_are_missing_not_zero(self, real):
        frame = by_period(load_from(real, site="RTF", measure="ae-attendances-all", first="2015-06", last="2021-12"))
        missing = frame[frame["value"].isna()]
        assert tuple(missing.index) == NEVER_OBTAINED
        assert set(missing["flag"]) == {"missing"}
        assert len(frame) == 79

    def test_the_year_without_figures_by_type_cannot_be_bridged(self, real, plain):
        said = refused(real, site="RTF", measure="ae-attendances-type-1", first="2018-04", last="2021-03")
        plain(said, "ae-attendances-type-1", "RTF", "2018-04 to 2021-03", "correct the window")


class TestSums:
    def test_a_type_that_is_silent_for_a_month_leaves_the_sum_missing(self, real):
        raw = pd.read_csv(ROOT / "data/tables/ae_monthly_2016_2019.csv")
        trust = raw[raw["org_code"] == "RA2"]
        types = trust.pivot(index="period", columns="ae_type", values="attendances")
        other = types["other"]
        span = other.loc[other.first_valid_index() : other.last_valid_index()]
        silent = [period[:7] for period in span.index[span.isna()]]
        assert silent == ["2018-06", "2018-07", "2018-08", "2018-09", "2018-10"]
        frame = by_period(load_from(real, site="RA2", measure="ae-attendances-all", first="2016-04", last="2019-03"))
        assert frame.loc[silent, "value"].isna().all()
        assert frame.loc[silent, "flag"].str.contains("partly_reported").all()
        whole = frame.drop(index=silent)
        assert whole["value"].tolist() == types.sum(axis=1).drop([f"{month}-01" for month in silent]).tolist()

    def test_comparators_with_blank_types_are_left_out_of_the_total(self, real):
        for code in ("RCU", "RLQ", "RNZ", "RTP"):
            frame = load_from(real, site=code, measure="ae-attendances-all", first="2016-04", last="2019-03")
            assert frame["value"].isna().any(), code

    def test_a_withheld_part_leaves_the_sum_missing(self, project):
        table = "data/tables/ae_monthly_2020_2026.csv"
        row = next(
            line for line in (project.root / table).read_text().splitlines() if line.startswith("2021-05-01,RD1,")
        )
        cells = row.split(",")
        spoilt = ",".join([*cells[:6], "*", *cells[7:]])
        project.edit(table, row, spoilt)
        catalogue = project.catalogue()
        window = {"site": "RD1", "first": "2021-04", "last": "2021-06"}
        for measure, missing in (("ae-attendances-all", True), ("ae-attendances-type-1", False)):
            month = by_period(load_from(catalogue, measure=measure, **window)).loc["2021-05"]
            assert pd.isna(month["value"]) == missing
            assert ("suppressed" in month["flag"]) == missing

    def test_two_organisations_are_one_unit_and_missing_where_either_is(self, project):
        project.edit(SITE, "[RA3]", "[RA3, RBA]")
        catalogue = project.catalogue()
        window = {"measure": "ae-attendances-type-1", "first": "2016-04", "last": "2019-03"}
        both, first, other = (load_from(catalogue, site=site, **window) for site in ("weston", "RA3", "RBA"))
        assert both["value"].tolist() == (first["value"] + other["value"]).tolist()
        table = "data/tables/ae_monthly_2016_2019.csv"
        gone = next(row for row in (project.root / table).read_text().splitlines() if row.startswith("2017-05-01,RBA,"))
        project.edit(table, gone + "\n", "")
        again = by_period(load_from(catalogue, site="weston", **window))
        assert again["value"].isna().sum() == 1
        assert "missing" in again.loc["2017-05", "flag"]

    def test_a_code_that_ended_in_a_merger_is_not_a_site_that_fell_silent(self, project, plain):
        project.edit(SITE, "[RA3]", "[RR1, RRK]")
        said = [str(problem) for problem in project.problems()]
        assert said, "RR1 ended in 2018; the site goes missing from then on and only deserves a look"
        plain(said[0], "RR1")

    @settings(max_examples=25)
    @given(hidden=st.sets(st.integers(0, 11), max_size=5), withheld=st.sets(st.integers(0, 11), max_size=5))
    def test_whatever_is_not_a_number_is_missing_never_zero(self, pattern, tmp_path_factory, hidden, withheld):
        root = tmp_path_factory.mktemp("any") / "project"
        shutil.copytree(pattern, root)
        project = RecordsFolder(root)
        figure = dict.fromkeys(hidden, "") | dict.fromkeys(withheld, "*")
        rows = "".join(f"RA3,2017-{n + 1:02d},discharges,{figure.get(n, 50 + n)},,\n" for n in range(12))
        project.submit("org_code,period,measure,numerator,denominator,note\n" + rows)
        frame = load_from(project.catalogue(), site="RA3", measure="discharges", first="2017-01", last="2017-12")
        expected = [None if n in figure else 50.0 + n for n in range(12)]
        assert [None if pd.isna(value) else value for value in frame["value"]] == expected
        assert [flag == "suppressed" for flag in frame["flag"]] == [n in withheld for n in range(12)]


class TestMergers:
    @pytest.mark.parametrize(
        ("code", "ended", "month", "table"),
        [
            ("RGN", "RQQ", "2017-04", "ae-monthly-2016-2019"), ("RDE", "RGQ", "2018-07", "ae-monthly-2016-2019"),
            ("RTG", "RJF", "2018-07", "ae-monthly-2016-2019"), ("RH8", "RBZ", "2022-04", "ae-monthly-2020-2026"),
            ("RH5", "RA4", "2023-04", "ae-monthly-2020-2026"), ("RBN", "RVY", "2023-07", "ae-monthly-2020-2026"),
        ],
    )  # fmt: skip
    def test_a_trust_that_merged_is_one_series_over_time(self, real, code, ended, month, table):
        wanted = {"measure": "ae-attendances-all", "table": table}
        frame, before = (
            load_from(real, site=code, **wanted),
            load_from(replace(real, successors={}), site=code, **wanted),
        )
        assert [ended in told for _, told, _ in before.attrs["evalkit"]["mergers"]].count(True) == 1
        assert not any(ended in told for _, told, _ in frame.attrs["evalkit"]["mergers"])
        (sentence,) = frame.attrs["evalkit"]["added_up"]
        assert all(name in sentence for name in (code, ended, "they merged into"))
        own, both, at = by_period(before)["value"], by_period(frame)["value"], pd.Period(month, "M")
        around = {
            side: [str(at + step) for step in range(*steps)] for side, steps in (("before", (-6, 0)), ("after", (0, 6)))
        }
        assert own[around["after"]].mean() > 1.3 * own[around["before"]].mean()
        assert both[around["after"]].mean() < 1.15 * both[around["before"]].mean()
        assert both.notna().all()

    def test_no_evaluation_compares_with_a_trust_that_merged_in_its_window(self, real):
        ever = set().union(*MERGED.values())
        for evaluation in real.evaluations.values():
            for analysis in evaluation.analyses:
                comparators = ever.intersection(analysis.parameters.get("comparators", []))
                if not comparators:
                    continue
                window = {name: analysis.parameters.get(name) for name in ("site", "measure", "first", "last")}
                table = load_from(real, **window).attrs["evalkit"]["data"]["table"]
                last = analysis.parameters["last"]
                merged = {code for code in MERGED.get(table, ()) if last >= JOINED.get(code, "")}
                assert not merged & comparators, f"{evaluation.id}/{analysis.id}"

    def test_what_is_left_out_says_why(self, real):
        for evaluation in real.evaluations.values():
            assert evaluation.protocol.left_out, evaluation.id
            assert all(group.reason for group in evaluation.protocol.left_out)

    def test_no_place_is_its_own_comparator(self, real):
        for evaluation in real.evaluations.values():
            own = {code for site in evaluation.sites for code in real.org_codes(site)}
            assert not own & set(evaluation.protocol.comparators)


class TestDailyDischarges:
    @pytest.fixture
    def daily(self, project):
        target = project.root / "data/tables/discharge_daily.csv"
        shutil.copy(DAILY, target)
        kinds = {
            "date": "date", "org_code": "string", "discharges": "number", "discharged_by_1700": "number",
            "discharged_between_1701_2359": "number", "not_meeting_criteria_to_reside": "number",
            "date_shift_flag": "boolean",
        }  # fmt: skip
        project.describe(
            {
                "name": "discharge-daily",
                "path": "tables/discharge_daily.csv",
                "title": "Discharges by day",
                "description": "Patients discharged, by trust and day.",
                "hash": "sha256:" + hashlib.sha256(target.read_bytes()).hexdigest(),
                "sources": [
                    {"title": "Acute Discharge Situation Report", "path": "https://www.england.nhs.uk/statistics"}
                ],
                "licenses": [{"name": "OGL-UK-3.0"}],
                "schema": {
                    "fields": [{"name": name, "type": kind, "description": name} for name, kind in kinds.items()]
                },
                "evalkit": {
                    "shape": "wide",
                    "grain": "day",
                    "period": "date",
                    "flags": [
                        {
                            "column": "date_shift_flag",
                            "name": "date_shift",
                            "means": "the trust's dates moved by one day on 20 June 2022, cause unknown",
                            "needs_comparators": True,
                        }
                    ],
                    "disclosure": {"rule": "official_statistics", "because": "Published."},
                },
            }
        )
        path = project.root / "data/measures.yml"
        path.write_text(
            path.read_text()
            + "\ndaily-discharges:\n  name: Discharges\n  plain_name: people sent home\n  definition: Discharges a day.\n"
            "  form: count\n  unit: discharges\n  direction: increase\n  type: process\n  domain: timeliness-flow\n"
            "  recipes:\n    - table: discharge-daily\n      numerator: [discharges]\n"
        )
        return project

    def test_shifted_dates_are_flagged_and_kept(self, daily):
        frame = by_period(load_from(daily.catalogue(), site="R0A", measure="daily-discharges"))
        assert len(frame) == 14
        assert set(frame["days"]) == {1}
        assert (frame.loc["2022-06-20":, "flag"] == "date_shift").all()
        assert (frame.loc[:"2022-06-19", "flag"] == "").all()
        assert frame.loc["2022-06-18", "value"] == 195
        assert frame.loc["2022-06-21", "value"] == 253
        about = load_from(daily.catalogue(), site="R0A", measure="daily-discharges").attrs["evalkit"]
        assert any("R0A in 2022-06-20 to 2022-06-26" in note and "one day" in note for note in about["notes"])
        assert about["needs_comparators"]

    def test_a_trust_whose_dates_stayed_is_not(self, daily):
        about = load_from(daily.catalogue(), site="R0B", measure="daily-discharges").attrs["evalkit"]
        assert not about["needs_comparators"]
        assert about["notes"] == []

    def test_the_rest_of_the_project_stays_sound(self, daily):
        assert daily.problems() == []

    def test_a_single_series_over_the_shift_is_refused(self, daily, plain):
        daily.edit(SITE, "[RA3]", "[R0A]")
        text = (daily.root / EVALUATION).read_text()
        for old, new in (
            ("2017-07-04", "2022-06-20"),
            ("ae-attendances-type-1", "daily-discharges"),
            ("ae-attendances-all", "daily-discharges"),
            ('"2016-04"', "null"),
            ('"2019-03"', "null"),
        ):
            text = text.replace(old, new)
        daily.write(EVALUATION, text)
        about = [
            problem
            for problem in daily.problems()
            if "all-types-alone" in problem.what and "comparison" in problem.what
        ]
        assert len(about) == 1, [str(problem) for problem in daily.problems()]
        said = plain(str(about[0]), EVALUATION, "all-types-alone", "use the controlled template")
        assert "weekly" not in said, "the reason is that of another table"


class TestRefusals:
    window = {"first": "2016-04", "last": "2019-03"}

    @pytest.mark.parametrize(
        ("wanted", "said"),
        [
            ({"site": "westen", "measure": "ae-attendances-all"}, ("`westen`", "did you mean `weston`")),
            ({"site": "weston", "measure": "ae-attendance-all"}, ("did you mean `ae-attendances-all`",)),
            ({"site": "weston", "measure": "ae-attendances-all", "comparators": ["QQ9"]}, ("`QQ9`", "organisations.csv")),
            ({"site": "weston", "measure": "ae-attendances-all", "comparators": "RD1 RA3"}, ("RA3", "take it out")),
            ({"site": "weston", "measure": "ae-attendances-all", "first": "2016"}, ("'2016'", "2017-07")),
            ({"site": "weston", "measure": "ae-attendances-all", "last": "2019-13"}, ("'2019-13'", "2017-07")),
            ({"site": "weston", "measure": "ae-attendances-all", "last": "2015-01"}, ("RA3", "correct the window")),
            ({"site": "weston", "measure": "ae-attendances-all", "last": "2031-01"}, ("RA3", "correct the window")),
            ({"site": "ZZ901", "measure": "ae-attendances-all"}, ("`ZZ901`",)),
        ],
    )  # fmt: skip
    def test_what_cannot_be_loaded_is_said(self, real, plain, wanted, said):
        plain(refused(real, **{**self.window, **wanted}), *said)

    def test_a_provider_without_the_measure(self, real, plain):
        plain(
            refused(real, site="8J094", measure="ae-attendances-type-1", **self.window),
            "ae-attendances-type-1",
            "8J094",
            "correct",
        )

    @pytest.mark.parametrize("comparators", ["RD1 RD1 RTE", ["RD1", "RD1"]])
    def test_a_comparator_named_twice_is_refused_or_counted_once(self, real, comparators):
        wanted = {"site": "RA3", "measure": "ae-attendances-type-1", "comparators": comparators, **self.window}
        try:
            frame = load_from(real, **wanted)
        except EvaluationError:
            assert "RD1" in refused(real, **wanted)
            return
        assert not frame.duplicated(["unit", "period"]).any()


class TestBeforeAnythingRuns:
    @pytest.mark.slow  # `tests/golden` runs them
    def test_the_real_evaluations_can_all_be_run(self, real):
        for evaluation in real.evaluations.values():
            for index, analysis in enumerate(evaluation.analyses):
                parameters = read_template(ROOT, analysis.template).filled(analysis.parameters)
                checked = check_analysis(real, evaluation, index, parameters)
                assert [str(problem) for problem in checked.problems if problem.level == "refused"] == []

    @pytest.mark.parametrize(
        ("date", "said"),
        [("2016-04", "no period before"), ("2015-01", "no period before"), ("2019-04", "no period after")],
    )
    def test_an_interruption_outside_the_data(self, project, plain, date, said):
        line = project.edit(EVALUATION, 'interruption: "2017-07-04"', f'interruption: "{date}"')
        problem = project.problems()[0]
        assert problem.line == line
        plain(str(problem), f"{EVALUATION}, line {line}", "type-1-controlled", date, said, "2016-04 to 2019-03")

    def test_a_british_date_is_read_day_first(self, project, plain):
        """5 March 2016 lies before the data; turned round, it would be 3 May and go through."""
        project.edit(EVALUATION, 'interruption: "2017-07-04"', 'interruption: "05/03/2016"')
        plain(str(project.problems()[0]), "2016-03-05", "no period before it")

    def test_a_month_taken_out_is_told(self, project, plain):
        table = "data/tables/ae_monthly_2016_2019.csv"
        gone = next(row for row in (project.root / table).read_text().splitlines() if row.startswith("2017-11-01,RA3,"))
        project.edit(table, gone + "\n", "")
        project.rehash()
        said = [str(problem) for problem in project.problems("look")]
        assert len(said) == 2
        plain(said[0], EVALUATION, "weston", "2017-11", "left missing")

    def test_a_comparator_that_was_not_frozen(self, project, plain):
        line = project.edit(EVALUATION, "      comparators: [RD1,", "      comparators: [RBA,")
        problem = project.problems()[0]
        assert problem.line == line
        plain(str(problem), "RBA", "frozen in the protocol")

    @pytest.mark.parametrize("written", ["[]", '""'])
    def test_a_comparison_without_comparators(self, project, plain, written):
        project.edit(EVALUATION, "      comparators: [RD1, RTE, RNZ, RN3]", f"      comparators: {written}")
        problems = project.problems()
        assert problems, "a controlled analysis without comparators goes through"
        plain(str(problems[0]), EVALUATION, "type-1-controlled", "comparators")

    @pytest.mark.parametrize(
        ("first", "last", "asked_for"),
        [
            ("2025-03", "2025-06", True), ("2025-04", "2025-06", False),
            ("2020-01", "2020-04", True), ("2020-01", "2020-03", False),
        ],
    )  # fmt: skip
    def test_a_recording_change_in_the_window_needs_a_rival(self, real, plain, first, last, asked_for):
        """The window's first and last month are in it."""
        measure, grantham = real.measures["emergency-admissions"], real.evaluations["grantham-overnight-closure-2016"]
        change = measure.recording_changes[0].model_copy(update={"first": first, "last": last})
        measure = measure.model_copy(update={"recording_changes": [change]})
        grantham = grantham.model_copy(update={"rival_explanations": []})
        catalogue = replace(real, measures={measure.id: measure}, evaluations={grantham.id: grantham})
        window = {
            "site": "RWD",
            "measure": measure.id,
            "interruption": "2023-01",
            "first": "2020-04",
            "last": "2025-03",
        }
        secondary = next(n for n, analysis in enumerate(grantham.analyses) if analysis.role == "secondary")
        filled = read_template(ROOT, "interrupted-time-series").filled(window)
        checked = check_analysis(catalogue, grantham, secondary, filled)
        said = [str(problem) for problem in checked.problems if "recording of" in problem.what]
        assert len(said) == asked_for
        if asked_for:
            plain(said[0], "emergency-admissions", f"{first} to {last}", "rival explanation")


class TestPeriodsFarApart:
    """What a table has no row of is not missing where ``every_period`` is False; what it has blank or withheld is."""

    def loaded(self, project, grain: str, periods: tuple[str, ...], **more) -> pd.DataFrame:
        rows = zip(periods, ("12", "", "9"), strict=True)
        text = "".join(f"RA3,{period},discharges,{count}\n" for period, count in rows)
        fields = ("org_code", "period", "measure", "numerator")
        project.submit(",".join(fields) + "\n" + text, fields=fields, grain=grain)
        return load_from(project.catalogue(), site="RA3", measure="discharges", table="discharges", **more)

    @pytest.mark.parametrize(
        ("grain", "periods"),
        [
            ("month", ("2022-03", "2022-09", "2024-10")),
            ("quarter", ("2021Q1", "2021Q4", "2023Q2")),
            ("year", ("2018", "2020", "2023")),
        ],
    )
    def test_only_the_rows_there_are(self, project, grain, periods):
        frame = self.loaded(project, grain, periods, every_period=False)
        assert frame["period"].astype(str).tolist() == list(periods)
        assert frame["value"].isna().tolist() == [False, True, False]
        assert frame.attrs["evalkit"]["notes"] == [f"RA3 in {periods[1]}: not reported; left missing."]

    def test_else_every_period_between(self, project):
        assert len(self.loaded(project, "year", ("2018", "2020", "2023"))) == 6

    def test_a_month_is_no_year(self, project):
        with pytest.raises(EvaluationError, match="it needs a year such as 2017"):
            self.loaded(project, "year", ("2018", "2020-04", "2023"))


class TestTooFewPointsForATemplate:
    ID = "weston-overnight-closure-2017"
    WINDOW = {
        "site": "weston", "measure": "ae-attendances-type-1", "interruption": "2017-07-04", "first": "2017-05", "last": "2017-10",
    }  # fmt: skip

    def checked(self, catalogue, template: str, **parameters):
        """As an analysis beside the answer, which may end when it likes."""
        evaluation = catalogue.evaluations[self.ID]
        index = next(at for at, analysis in enumerate(evaluation.analyses) if analysis.role == "secondary")
        return check_analysis(catalogue, evaluation, index, read_template(ROOT, template).filled(parameters))

    @pytest.mark.parametrize("last", ["2017-10", "2019-03"])
    def test_it_is_told_before_it_is_run(self, real, last):
        checked = self.checked(real, "interrupted-time-series", **self.WINDOW | {"last": last})
        (problem,) = [problem for problem in checked.problems if "will fail when it is run" in problem.what]
        assert problem.level == "look"
        assert "weston has 2 points before and" in problem.what
        assert "write `template: describe`, with no parameters but site, measure, table," in problem.what

    @pytest.mark.parametrize(
        ("template", "first", "last"),
        [("interrupted-time-series", "2016-04", "2019-03"), ("describe", "2017-05", "2017-10")],
    )
    def test_enough_of_them_or_a_description_is_not(self, real, template, first, last):
        checked = self.checked(real, template, **self.WINDOW | {"first": first, "last": last})
        assert not any("will fail" in problem.what for problem in checked.problems)
        assert checked.rows_sha256 is not None

    @pytest.mark.parametrize(("seasonality", "told"), [(2, True), (None, False)])
    def test_terms_count_too(self, real, seasonality, told):
        """Five on each side bear a step and a trend, and no season with it."""
        few = self.WINDOW | {"first": "2017-02", "last": "2017-12"}
        checked = self.checked(real, "interrupted-time-series", **few, seasonality=seasonality)
        assert any("for 7 terms" in problem.what for problem in checked.problems) == told
