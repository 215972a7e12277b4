"""Sentences: every number comes from the effect, and nothing is claimed that was not found."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.certainty import CERTAINTIES
from evalkit.check_register import ENOUGH_POINTS, Check
from evalkit.report import tables
from evalkit.report.wording import words
from evalkit.verdict import Verdict, judge, verdict
from tests.support.effects import estimate_row, made_effect

NAME, PLACE = "visits to major A&E departments", "Weston General Hospital"
CLAIMS = ("rose", "fell", "risen", "fallen", "improved", "increased", "decreased", "no effect", "did not change")

finite = st.floats(-80, 80, allow_nan=False)
intervals = st.tuples(finite, finite, finite).map(sorted)
certainties = st.sampled_from(CERTAINTIES)


def sentence(low, estimate, high, certainty="moderate", important=5.0, direction="neutral", scale="percent"):
    effect = made_effect([estimate_row(estimate=estimate, low=low, high=high, scale=scale)])
    word = judge(estimate, low, high, important, direction)
    return word, words.headline(effect, Verdict(word, scale, important, certainty, ()), NAME, PLACE)


def everything_said(effect, judged) -> list[str]:
    return [
        words.headline(effect, judged, NAME, PLACE),
        words.detectable_sentence(effect),
        words.figure_title(effect, NAME),
        words.alt_text(effect, NAME, PLACE),
        *(words.expected(effect, judged, change) for change in ("increase", "decrease", "no_change", "unclear")),
    ]


class TestHeadline:
    @given(
        intervals, certainties, st.one_of(st.none(), st.just(5.0)), st.sampled_from(["increase", "decrease", "neutral"])
    )
    def test_significant_is_never_said_without_statistically(self, interval, certainty, important, direction):
        low, estimate, high = interval
        effect = made_effect([estimate_row(estimate=estimate, low=low, high=high)])
        judged = Verdict(judge(estimate, low, high, important, direction), "percent", important, certainty, ())
        for said in everything_said(effect, judged):
            assert not re.search(r"(?<!statistically )significan", said, re.IGNORECASE), said

    @given(intervals, certainties, st.sampled_from(["increase", "decrease", "neutral"]))
    def test_inconclusive_claims_nothing_and_gives_the_whole_interval(self, interval, certainty, direction):
        low, estimate, high = interval
        word, said = sentence(low, estimate, high, certainty, direction=direction)
        if word != "inconclusive":
            return
        assert said.startswith("It is not clear whether")
        assert not any(claim in said for claim in CLAIMS)
        for end in (low, high):
            assert words.number(end, "percent") in said

    @given(intervals, certainties)
    def test_every_number_is_the_effects(self, interval, certainty):
        low, estimate, high = interval
        _, said = sentence(low, estimate, high, certainty)
        allowed = {words.number(value, "percent") for value in (low, estimate, high, 5.0)} | {"95"}
        numbers = re.findall(r"\d[\d,]*\.?\d*", said)
        assert set(numbers) <= allowed, said

    @given(intervals, certainties)
    def test_the_direction_is_that_of_the_estimate(self, interval, certainty):
        low, estimate, high = interval
        word, said = sentence(low, estimate, high, certainty)
        if word.removeprefix("slightly_") in ("increased", "decreased"):
            assert ("rose" in said or "risen" in said) == (estimate > 0)
            assert ("fell" in said or "fallen" in said) == (estimate < 0)

    @pytest.mark.parametrize(
        ("certainty", "hedge"),
        [
            ("high", " fell by"),
            ("moderate", "probably fell by"),
            ("low", "may have fallen by"),
            ("very low", "may have fallen by"),
        ],
    )
    def test_the_hedge_is_that_of_the_certainty(self, certainty, hedge):
        _, said = sentence(-19.0, -16.0, -13.0, certainty)
        assert hedge in said
        assert said.startswith("Visits to major A&E departments at Weston General Hospital")
        assert "16.0%" in said
        assert "13.0 to 19.0%" in said

    def test_no_important_change_names_what_would_have_been_important(self):
        word, said = sentence(-2.0, 0.5, 3.0)
        assert word == "no_important_change"
        assert "5.0% or more" in said
        assert "from a fall of 2.0% to a rise of 3.0%" in said
        assert "no effect" not in said

    def test_what_could_not_be_evaluated_has_no_number(self):
        word, said = sentence(math.nan, math.nan, math.nan, None)
        assert word == "not_evaluable"
        assert not re.search(r"\d", said.replace(NAME, ""))

    def test_an_unbounded_end_is_said_in_words(self):
        _, said = sentence(math.nan, 3.0, 9.0)
        assert "no bound" in said
        assert "nan" not in said

    def test_the_real_verdict_of_a_fall(self, real):
        effect = made_effect(checks=(ENOUGH_POINTS.result(True, "Enough."),))
        judged = verdict(effect, real.measures["ae-attendances-type-1"])
        said = words.headline(effect, judged, NAME, PLACE)
        assert said == (
            "Visits to major A&E departments at Weston General Hospital probably fell by 16.0% (95% interval 13.0 to 19.0%)."
        )


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "scale", "said"),
        [
            (-16.04, "percent", "16.0"), (7.36, "points", "7.4"), (1234.5, "unit", "1,234"), (0.01234, "unit", "0.0123"),
            (12.3456, "unit", "12.3"), (0, "unit", "0"), (999.9, "unit", "1,000"),
        ],
    )  # fmt: skip
    def test_as_people_read_them(self, value, scale, said):
        assert words.number(value, scale) == said

    @given(st.floats(-1e9, 1e9, allow_nan=False), st.sampled_from(["percent", "points", "unit", "log"]))
    def test_a_number_has_no_sign_and_its_size_is_right(self, value, scale):
        said = words.number(value, scale)
        assert not said.startswith("-")
        read = float(said.replace(",", ""))
        assert read == pytest.approx(abs(value), rel=0.006, abs=0.051 if scale in ("percent", "points") else 1e-12)

    def test_signs(self):
        assert words.signed(-3.14, "percent") == "−3.1%"
        assert words.signed(3.14, "points") == "+3.1"
        assert words.signed(math.inf, "percent") == "no bound"

    @pytest.mark.parametrize(
        ("low", "high", "said"),
        [
            (-19, -13, "13.0 to 19.0%"), (13, 19, "13.0 to 19.0%"), (-3, 4, "from a fall of 3.0% to a rise of 4.0%"),
            (0, 4, "0.0 to 4.0%"),
        ],
    )  # fmt: skip
    def test_intervals(self, low, high, said):
        assert words.interval(low, high, "percent") == said

    @given(st.floats(-0.04, -1e-9), st.floats(1e-9, 0.04))
    def test_an_interval_that_rounds_to_nothing_has_no_sign_to_it(self, low, high):
        assert "−0" not in words.interval(low, high, "percent")
        assert words.signed(low, "percent") != "−0.0%"


class TestFigureAndExpectation:
    @given(intervals)
    def test_a_title_claims_only_what_is_clear(self, interval):
        low, estimate, high = interval
        title = words.figure_title(made_effect([estimate_row(estimate=estimate, low=low, high=high)]), NAME)
        clear = low > 0 or high < 0
        assert ("not clear whether it changed" in title) != clear
        if clear:
            assert ("below" in title) == (estimate < 0)

    def test_the_alt_text_describes_the_figure(self):
        said = words.alt_text(made_effect(), NAME, PLACE)
        for word in (NAME, PLACE, "April 2016", "March 2019", "36 points", "4,000", "4,035", "2017-07-04", "16.0%"):
            assert word in said

    @pytest.mark.parametrize(
        ("estimate", "expected", "said"),
        [
            (-16.0, "decrease", "Expected: a fall. That is what was found."),
            (16.0, "decrease", "Expected: a fall. A rise was found."),
            (16.0, "increase", "Expected: a rise. That is what was found."),
            (-16.0, "increase", "Expected: a rise. A fall was found."),
            (-16.0, "no_change", "Expected: no change. A change was found."),
            (-16.0, "unclear", "Expected: no particular direction. A fall was found."),
        ],
    )  # fmt: skip
    def test_how_it_sits_with_what_was_expected(self, estimate, expected, said):
        effect = made_effect([estimate_row(estimate=estimate)])
        judged = Verdict("decreased" if estimate < 0 else "increased", "percent", 5.0, "moderate", ())
        assert words.expected(effect, judged, expected) == said

    @pytest.mark.parametrize(
        ("expected", "said"),
        [
            ("decrease", "Expected: a fall. The best estimate is a fall, as expected."),
            ("increase", "Expected: a rise. The best estimate is a fall."),
            ("no_change", "Expected: no change. The best estimate is a fall."),
            ("unclear", "Expected: no particular direction. The best estimate is a fall."),
        ],
    )
    @pytest.mark.parametrize("certainty", ["low", "very low"])
    def test_with_little_certainty_nothing_is_called_found(self, expected, said, certainty):
        judged = Verdict("decreased", "percent", 5.0, certainty, ())
        assert words.expected(made_effect(), judged, expected) == said

    @pytest.mark.parametrize("word", ["inconclusive", "unclear"])
    @pytest.mark.parametrize("expected", ["increase", "decrease", "no_change", "unclear"])
    def test_an_inconclusive_finding_is_not_set_against_the_expectation(self, word, expected):
        effect = made_effect([estimate_row(estimate=-3.0, low=-9.0, high=3.0)])
        said = words.expected(effect, Verdict(word, "percent", 5.0, "low", ()), expected)
        assert said.startswith("Expected: ")
        assert said.endswith(". What happened is not clear.")
        assert "found" not in said

    @pytest.mark.parametrize(
        ("expected", "said"),
        [("no_change", "No important change was found."), ("increase", "That was not found.")],
    )
    def test_no_important_change_is_set_against_it(self, expected, said):
        effect = made_effect([estimate_row(estimate=1.0, low=-2.0, high=3.0)])
        judged = Verdict("no_important_change", "percent", 5.0, "low", ())
        assert words.expected(effect, judged, expected).endswith(said)


class TestNamesOfMeasures:
    def test_a_share_has_its_article_in_every_sentence(self, real):
        shares = [measure.plain_name for measure in real.measures.values() if measure.form == "proportion"]
        assert shares
        effect = made_effect([estimate_row(estimate=-3.0, low=-9.0, high=3.0)])
        open_ended = Verdict("inconclusive", "percent", 5.0, "low", ())
        fall = Verdict("decreased", "percent", 5.0, "high", ())
        for name in shares:
            assert name.startswith("the ")
            assert words.headline(effect, open_ended, name, PLACE).startswith(f"It is not clear whether {name} at ")
            assert words.headline(effect, fall, name, PLACE).startswith("The ")
            assert words.figure_title(effect, name).startswith("The ")

    def test_no_title_claims_what_its_verdict_may_deny(self, real):
        titles = [analysis.title for evaluation in real.evaluations.values() for analysis in evaluation.analyses]
        assert not [title for title in titles if "is not one" in title]


class TestTables:
    def test_every_cell_is_text_and_every_sensitivity_is_shown(self):
        rows = [
            estimate_row(),
            estimate_row(role="sensitivity", method="without seasonality", estimate=-11.0, low=-15.0, high=-7.0),
        ]
        table = tables.robustness(made_effect(rows))
        assert table["Kind"].tolist() == ["Main analysis", "Another choice"]
        assert "−11.0%" in table.to_string()
        assert all(isinstance(cell, str) for cell in table.to_numpy().ravel())

    def test_a_check_says_its_outcome_in_words(self):
        checks = tuple(
            Check(f"code_{outcome}", None, f"Check {outcome}", outcome, "Seen.") for outcome in (True, False, None)
        )
        assert tables.checks(made_effect(checks=checks))["Outcome"].tolist() == [
            "✓ passed",
            "✗ did not pass",
            "· for information",
        ]

    def test_a_table_is_escaped_and_named(self):
        import pandas as pd

        html = tables.as_html(pd.DataFrame({"A&E": ["<b>x</b>"]}), 'The "effect"')
        assert "<b>" not in html
        assert "&lt;b&gt;" in html
        assert "A&amp;E" in html
        assert 'scope="col"' in html
        assert "<caption>" in html
