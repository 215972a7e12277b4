"""How often the words of certainty are given: what was measured, and how pages tell it."""

import re

import jinja2
import pandas as pd
import pytest

from evalkit.book.content import certainty_words
from evalkit.book.page_writer import TEMPLATES
from evalkit.catalogue.records.false_alarms import WordGiven, read_words_given
from evalkit.design_register import designs
from evalkit.errors import InputRefused
from tests.unit.conftest import ROOT
from tools import certainty_words as tool

CONTROLLED = designs()["controlled interrupted time series"]


@pytest.fixture(scope="module")
def rates() -> list[WordGiven]:
    return read_words_given(ROOT)


def made_up(measure: str, happened: float, **given: float) -> list[WordGiven]:
    given = {"high": 0.0, "moderate": 0.0, "low": 0.0, "very_low": 0.0} | given
    words = {"clear": sum(given.values()), **given}
    return [
        WordGiven(
            measure=measure, rule="now", happened=happened, trusts=10, trust_dates=100, word=word.replace("_", " "),
            given=share, given_low=0, given_high=1, of_found=share / words["clear"] if words["clear"] else None,
        )
        for word, share in words.items()
    ]  # fmt: skip


class TestTheTable:
    def test_it_holds_what_was_asked_of_the_rule_where_nothing_happened(self, rates):
        """At most 1% called moderate or better at 2,000 trust-dates, at most 2% with the upper end of the interval."""
        (nothing,) = [
            rate
            for rate in rates
            if (rate.measure, rate.rule, rate.happened, rate.word) == ("counts", "now", 0.0, "moderate")
        ]
        assert nothing.trust_dates >= 2000
        assert nothing.given <= 0.01
        assert nothing.given_high <= 0.02

    @pytest.mark.parametrize(("step", "found"), [(-0.10, 300), (-0.17, 300), (-0.20, 300)])
    def test_it_calls_more_real_steps_moderate_than_the_rule_before(self, rates, step, found):
        by_rule = {
            rate.rule: rate
            for rate in rates
            if (rate.measure, rate.happened, rate.word) == ("counts", step, "moderate")
        }
        assert by_rule["now"].given / by_rule["now"].of_found * by_rule["now"].trust_dates >= found
        assert by_rule["now"].given > by_rule["formerly"].given

    def test_the_words_add_up_to_what_was_clear(self, rates):
        for rate in rates:
            if rate.word == "clear":
                words = [
                    other.given
                    for other in rates
                    if (other.measure, other.rule, other.happened) == (rate.measure, rate.rule, rate.happened)
                    and other.word != "clear"
                ]
                assert sum(words) == pytest.approx(rate.given, abs=0.0003)

    @pytest.fixture
    def one_window(self, monkeypatch):
        monkeypatch.setattr(tool, "WINDOWS", tool.WINDOWS[:1])

    def test_no_trust_of_the_choice_is_scored(self, one_window):
        chosen, scored = ([group[0] for group in tool.places(half, 1)] for half in ("choose", "score"))
        assert not {place.unit for place in chosen} & {place.unit for place in scored}

    def test_no_month_of_the_choice_is_scored_and_none_twice(self):
        def months(half: str) -> list[tuple[str, str]]:
            return [
                (window.measure, str(pd.Period(window.first, "M") + before))
                for number, at in tool.dates(half)
                for window in [tool.WINDOWS[number]]
                for before in at
            ]

        chosen, scored = months("choose"), months("score")
        assert not {month for _, month in chosen} & {month for _, month in scored}
        assert len(set(scored)) == len(scored) > len(chosen)

    def test_one_fit_finds_what_the_whole_analysis_of_each_step_finds(self, one_window):
        places = next(group for group in tool.places("score", 1) if len(group) > 1)
        for seen in tool._look(places[:2]):
            headline = tool._effect(seen.place).headline
            assert seen.clear == (headline["low"] > 0 or headline["high"] < 0)


class TestOnPages:
    def test_how_many_are_real(self):
        rates = made_up("counts", 0.0, moderate=0.01, low=0.04) + made_up("counts", -0.1, moderate=0.5, low=0.2)
        (table,) = certainty_words.table(rates)
        assert table.real == [
            certainty_words.RealRow("a fall of 10%", ["85% (0 to 100%)", "94% (0 to 100%)", "98% (0 to 100%)"])
        ]
        assert [row.of_found for row in table.rows] == ["20%", "71%"]

    def test_every_cell_of_the_page_is_a_figure(self, rates):
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined)
        text = environment.get_template("certainty-words.html.jinja").render(
            tables=certainty_words.table(rates), first=certainty_words.RULES["now"], working=["1 in 10", "1 in 4", "half"],
            aims=certainty_words.aims(rates), by_chance="",
        )  # fmt: skip
        cells = re.findall(r"<td[^>]*>(.*?)</td>", text)
        assert len(cells) > 80
        assert [cell for cell in cells if not re.fullmatch(r"[\d,.]+%?( \(\d+ to \d+%\))?|–", cell)] == []

    def test_the_line_beside_a_verdict(self, real):
        measure = real.measures["ae-attendances-type-1"]
        rates = made_up(measure.id, 0.0, moderate=0.01, low=0.04)
        rates += made_up(measure.id, -0.1, moderate=0.5, low=0.2, very_low=0.1)
        (found,) = certainty_words.line(rates, CONTROLLED, measure, "moderate")
        assert found == (
            "In trials at 10 trusts, 100 trusts and dates in all, certainty was called “moderate” or better in 1.0% where nothing had"
            " happened, and in 50% where a fall of 10% had been put in."
        )
        assert "“low” or better in 5.0%" in certainty_words.line(rates, CONTROLLED, measure, "low")[0]
        assert "found in 5.0% of trials" in certainty_words.line(rates, CONTROLLED, measure, None)[0]

    @pytest.mark.parametrize(
        ("measure", "design"),
        [
            ("weekend-discharge-share", "controlled interrupted time series"),
            ("ae-attendances-type-1", "interrupted time series"),
            ("ae-attendances-type-1", "difference-in-differences"),
        ],
    )
    def test_what_was_not_tried_is_called_so(self, real, rates, measure, design):
        line = certainty_words.line(rates, designs()[design], real.measures[measure], "moderate")
        assert line == [
            "These words are not calibrated for this measure: how often they are right was not tried with it in this design."
        ]

    def test_without_a_table_there_is_none(self, tmp_path):
        assert certainty_words.table(read_words_given(tmp_path)) == []

    def test_a_table_with_a_line_less_is_refused(self, tmp_path):
        (tmp_path / "data").mkdir()
        lines = (ROOT / "data" / "certainty_words.csv").read_text().splitlines(keepends=True)
        (tmp_path / "data" / "certainty_words.csv").write_text("".join(lines[:1] + lines[2:]))
        with pytest.raises(InputRefused) as refused:
            read_words_given(tmp_path)
        assert "does not hold every word of counts by the rule `now`" in str(refused.value)

    def test_a_line_that_cannot_be_read_is_named(self, tmp_path):
        (tmp_path / "data").mkdir()
        text = (ROOT / "data" / "certainty_words.csv").read_text().replace("moderate", "quite", 1)
        (tmp_path / "data" / "certainty_words.csv").write_text(text)
        with pytest.raises(InputRefused) as refused:
            read_words_given(tmp_path)
        assert "data/certainty_words.csv, line " in str(refused.value)
        assert "python -m tools.certainty_words score" in str(refused.value)
