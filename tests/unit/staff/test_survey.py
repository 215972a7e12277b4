"""The staff survey: figures as published, intervals as statsmodels gives them, small groups withheld with what gives them back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from evalkit.errors import EvaluationError
from evalkit.staff.survey import JUMP, LEAST_IN_SPREAD, is_old, surveys
from evalkit.staff.yearly_context import band, context
from tests.unit.conftest import ROOT
from tools import staff_tables
from tools.staff_tables import ENGAGEMENT, ENGAGEMENT_COLUMNS, SURVEY, SURVEY_COLUMNS, TABLES, of_trusts, trimmed

# Trusts and answers to question 3f in the published file, added up apart from the code under test.
PUBLISHED = {2021: (217, 619_316), 2022: (215, 608_297), 2023: (213, 674_099), 2024: (210, 741_309)}
# The share of all acute trusts, specialist ones included, by answers.
ACUTE = {2021: 52.885936, 2022: 54.236803, 2023: 56.053995, 2024: 55.555506}
NORTHUMBRIA = {2021: (894, 61.489632), 2022: (5508, 60.397717), 2023: (5812, 60.611030), 2024: (6234, 58.459994)}
TRUSTS_WITH_SHMI = {2012: 142, 2013: 141, 2014: 137, 2015: 136, 2016: 135, 2017: 134, 2018: 131, 2019: 128}


def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / TABLES / name).rename(columns={"period": "year"})


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return _table(SURVEY)


def _invented(answers: list[int], rate: float = 50.0, year: int = 2024, first: int = 0) -> pd.DataFrame:
    codes = [f"ZZ{number:03}" for number in range(first, first + len(answers))]
    return pd.DataFrame(
        {"org_code": codes, "year": year, "benchmarking_group": "Made up", "improvements_base": answers, "improvements_rate": rate}
    )  # fmt: skip


class TestPublished:
    def test_trusts_and_answers_are_those_of_the_publisher(self, rows):
        by_year = rows.groupby("year")["improvements_base"].agg(["size", "sum"])
        assert {year: tuple(map(int, by_year.loc[year])) for year in by_year.index} == PUBLISHED

    def test_acute_trusts_come_to_the_published_share(self, rows):
        acute = rows[rows["benchmarking_group"].str.startswith("Acute")]
        for year, own in acute.groupby("year"):
            assert np.average(own["improvements_rate"], weights=own["improvements_base"]) == pytest.approx(
                ACUTE[year], abs=1e-6
            )

    def test_a_trust_has_its_published_figures_and_nothing_else(self, rows):
        found = surveys(rows)["RTF"].years
        assert {year.year: (year.answered, round(year.rate, 6)) for year in found} == NORTHUMBRIA

    def test_every_interval_is_that_of_statsmodels(self, rows):
        checked = 0
        for trust in surveys(rows).values():
            for year in trust.years:
                low, high = proportion_confint(year.rate / 100 * year.answered, year.answered, method="wilson")
                assert (year.low / 100, year.high / 100) == pytest.approx((low, high), abs=1e-12)
                assert year.low < year.rate < year.high
                checked += 1
        assert checked == len(rows) == 855

    def test_the_spread_is_of_the_group_in_that_year(self, rows):
        year = surveys(rows)["RTF"].last
        own = rows[(rows["year"] == 2024) & (rows["benchmarking_group"] == year.group)]
        rates = np.sort(own["improvements_rate"])
        assert (year.spread.trusts, year.spread.lowest, year.spread.highest) == (122, rates[0], rates[-1])
        inside = (rates >= year.spread.lower_quarter) & (rates <= year.spread.upper_quarter)
        assert inside.sum() == pytest.approx(len(rates) / 2, abs=1)
        assert (year.spread.fewest, year.spread.most) == (
            own["improvements_base"].min(),
            own["improvements_base"].max(),
        )

    def test_a_sample_that_became_a_census_is_flagged_and_little_else(self, rows):
        found = surveys(rows)
        flagged = {
            (code, year.year): year.jumped_from for code, one in found.items() for year in one.years if year.jumped_from
        }
        assert flagged["RTF", 2022] == 894
        assert ("RTF", 2023) not in flagged
        assert len(flagged) == 19

    def test_shmi_is_of_the_published_trusts_and_its_mean_is_one(self):
        table = _table(ENGAGEMENT)
        assert table.groupby("year").size().to_dict() == TRUSTS_WITH_SHMI
        assert (table.groupby("year")["shmi"].mean() - 1).abs().max() < 0.005


class TestTrimming:
    def _row(self, **other) -> dict[str, str]:
        return dict.fromkeys(SURVEY_COLUMNS.values(), "1") | {
            "Year": "2024", "ODS code": "RTF", "Benchmarking group": "Acute Trusts", "Weighting": "Occupation Group",
        } | other  # fmt: skip

    def test_only_trusts_are_kept_letter_by_letter(self):
        rows = [
            self._row(Autonomy_rate="61.4896320000001"),
            self._row(**{"ODS code": "00L", "Benchmarking group": "CCGs"}),
        ]
        (only,) = trimmed(of_trusts(rows), SURVEY_COLUMNS)
        assert only["improvements_rate"] == "61.4896320000001"

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ([{"Weighting": "Unweighted"}], "RTF is weighted by Unweighted in 2024"),
            ([{}, {}], "Line 3: RTF has two rows for 2024"),
        ],
    )
    def test_what_is_no_such_table_is_refused(self, rows, said):
        with pytest.raises(EvaluationError, match=said):
            trimmed(of_trusts([self._row(**row) for row in rows]), SURVEY_COLUMNS)

    def test_a_table_of_other_columns_is_refused(self, tmp_path):
        (tmp_path / "survey.csv").write_text("Year,ODS code\n", encoding="utf-8")
        with pytest.raises(EvaluationError, match="no column `Benchmarking group`"):
            staff_tables.main(tmp_path / "survey.csv", tmp_path / "survey.csv")
        assert set(ENGAGEMENT_COLUMNS) == {"period", "org_code", "responses", "engagement", "shmi"}


class TestWithheld:
    def test_ten_answers_are_withheld_and_eleven_are_not(self):
        few, enough = (surveys(_invented([answers]))["ZZ000"].last for answers in (10, 11))
        assert few.withheld
        assert (few.rate, few.low, few.high, few.answered) == (None, None, None, None)
        assert enough.answered == 11

    def test_nobody_is_not_few(self):
        nobody = surveys(_invented([0]))["ZZ000"].last
        assert (nobody.withheld, nobody.rate) == (False, None)

    @given(
        st.lists(st.integers(11, 5000), min_size=LEAST_IN_SPREAD, max_size=12), st.integers(1, 10), st.floats(0, 100)
    )
    def test_a_withheld_trust_leaves_no_trace_in_what_is_said_of_others(self, answers, few, rate):
        """Whatever the few said and however few they were, every other trust and every group says the same."""
        others = _invented(answers, 50.0)
        hidden = _invented([few], rate, first=len(answers))
        without, within = surveys(others), surveys(pd.concat([others, hidden], ignore_index=True))
        assert {code: within[code] for code in without} == without
        (own,) = within[f"ZZ{len(answers):03}"].years
        assert own.spread == without["ZZ000"].last.spread
        assert str(few) not in {str(value) for name, value in own.to_dict().items() if name not in ("year", "spread")}

    @settings(max_examples=20)
    @given(st.integers(1, 10), st.integers(11, 4000))
    def test_no_jump_tells_how_few_there_were(self, few, many):
        for pair in ((few, many), (many, few)):
            years = surveys(pd.concat([_invented([pair[0]], year=2023), _invented([pair[1]])]))["ZZ000"].years
            assert all(year.jumped_from is None for year in years)

    def test_a_group_of_few_trusts_has_no_spread(self):
        of_four, of_five = (surveys(_invented([100] * count))["ZZ000"].last.spread for count in (4, 5))
        assert of_four is None
        assert of_five.trusts == 5


class TestRules:
    @settings(max_examples=20)
    @given(st.integers(11, 5000), st.integers(11, 5000))
    def test_a_jump_is_either_way_by_the_same_factor(self, before, after):
        there = surveys(pd.concat([_invented([before], year=2023), _invented([after])]))["ZZ000"].last
        back = surveys(pd.concat([_invented([after], year=2023), _invented([before])]))["ZZ000"].last
        large = max(before, after) / min(before, after) >= JUMP
        assert there.jumped_from == before if large else there.jumped_from is None, (before, after)
        assert (there.jumped_from is None) == (back.jumped_from is None)

    def test_a_year_without_the_one_before_is_not_flagged(self):
        years = surveys(pd.concat([_invented([900], year=2021), _invented([5000], year=2023)]))["ZZ000"].years
        assert [year.jumped_from for year in years] == [None, None]

    @settings(max_examples=20)
    @given(st.permutations(range(8)))
    def test_rows_have_no_order(self, order):
        rows = pd.concat([_invented([100, 200, 300, 400], year=year) for year in (2023, 2024)], ignore_index=True)
        assert surveys(rows.iloc[order]) == surveys(rows)

    @pytest.mark.parametrize(
        ("year", "newest", "old"), [(2024, "2026-02", True), (2024, "2025-12", False), (2024, "", False)]
    )
    def test_a_survey_is_old_by_the_newest_figures(self, year, newest, old):
        assert is_old(year, newest) is old


class TestBand:
    def test_ninety_five_of_a_hundred_lie_within_where_trusts_differ_beyond_chance(self):
        random = np.random.default_rng(3)
        trusts = np.exp(random.normal(0, 0.09, 4000))  # how they differ
        seen = random.poisson(1200 * trusts) / 1200  # and chance on top
        low, high = band(seen)
        assert ((seen > low) & (seen < high)).mean() == pytest.approx(0.95, abs=0.01)
        by_chance = 1.96 / np.sqrt(1200)
        assert high - 1 > 2 * by_chance, "limits of chance alone would be far narrower"

    def test_it_is_about_one_and_not_about_the_mean(self):
        low, high = band(np.full(30, 1.2))
        assert low == pytest.approx(1 / high)
        assert high == pytest.approx(np.exp(1.959963984540054 * np.log(1.2)))

    def test_of_few_trusts_there_is_none(self):
        assert band(np.full(19, 1.1)) == (None, None)

    def test_what_is_blank_is_not_known_and_few_responses_are_withheld(self):
        rows = pd.DataFrame(
            {"org_code": ["ZZ001", "ZZ002"], "year": 2019, "responses": [np.nan, 9], "engagement": [np.nan, 3.9], "shmi": [1.1, np.nan]}
        )  # fmt: skip
        (blank,), (few,) = context(rows).values()
        assert (blank.responses, blank.engagement, blank.shmi, blank.shmi_low) == (None, None, 1.1, None)
        assert (few.responses, few.engagement, few.shmi) == (None, None, None)

    def test_of_every_year_with_trusts_enough_there_is_a_band_around_one(self):
        for years in context(_table(ENGAGEMENT)).values():
            assert all(year.shmi_low < 1 < year.shmi_high and year.trusts > 100 for year in years)
