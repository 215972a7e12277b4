"""What a chart says in words, and its icons."""

import re
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.charts import icons, past_words, target_words, words
from evalkit.charts.rules import ASSURANCES, VARIATIONS
from tests.unit.charts.test_control_chart import CALM, chart_of, frame_of

NAME = "four-hour waits"


def percent(values, **options) -> ek.Chart:
    frame = frame_of(values).rename(columns={"month": "period"})
    frame.attrs["evalkit"] = {"measure": "ae-four-hours", "measure_unit": "% (seen within 4 hours)"}
    return ek.control_chart(frame, outcome="value", time="period", **options)


class TestLastPoint:
    def test_the_month_comes_first_then_what_it_is_and_why(self):
        values = [*(70 + np.array(CALM)), *[78] * 7]
        assert words.last_point(percent(values), NAME) == (
            "Four-hour waits in November 2024: 78% (82% a year before); a special cause of concerning nature, since May 2024,"
            f" because 7 months in a row lie below the mean of {np.mean(values):.1f}%."
        )

    @pytest.mark.parametrize(
        ("values", "direction", "ends"),
        [
            ([*CALM, 30], "increase", "a special cause of improving nature, new at this point, because it lies above the upper limit of {upper:.1f} (the only one of all 17 months)."),
            ([*CALM, -9], "neutral", "a special cause (lower; neither direction is better), new at this point, because it lies below the lower limit of {lower:.1f} (the only one of all 17 months)."),
            ([*CALM, 8, 9, 10, 11, 12, 13, 13.5, 14], "increase", "of improving nature, since May 2024, because 8 months in a row rise."),
            ([*CALM, 8, 9, 10, 11, 12, 13, 14, 40], "neutral", "since May 2024, because 8 months in a row rise. Another rule agrees: it lies above the upper limit of {upper:.1f} (the only one of all 24 months)."),
            ([*CALM[:-1], 6.6, 6.4], "decrease", "of improving nature, since April 2024, because two of three months in a row lie near or beyond the lower limit."),
            (CALM, "increase", "; common cause variation, within what is usual here."),
            (CALM[:5], "increase", "there are not enough points yet to say whether this is usual."),
        ],
    )  # fmt: skip
    def test_every_rule_has_its_reason(self, values, direction, ends):
        chart = chart_of(values, direction=direction)
        ends = ends.format(upper=chart.last["upper"], lower=chart.last["lower"])
        assert words.last_point(chart, NAME).endswith(ends)

    def test_a_point_of_which_rules_speak_both_ways_says_so(self):
        chart = chart_of([*CALM, 18, 17, 16, 15, 14, 13, 12.5])
        assert (
            "since July 2024, because 7 months in a row fall (since May 2024). Another rule speaks the other way: 8 months in a row lie above"
            in (words.last_point(chart, NAME))
        )

    def test_since_is_the_month_in_which_the_first_rule_that_still_speaks_began(self):
        said = words.last_point(chart_of([*CALM, 30, 9, *[12.6] * 6, 30]), NAME)
        assert "since July 2024, because 7 months in a row lie above the mean" in said
        assert "Another rule agrees: it lies above the upper limit" in said
        assert "(as do 2 of the last 12 months, and 2 of all 25)" in said
        assert "new at this point" in words.last_point(chart_of([*CALM, 30]), NAME)

    def test_the_reported_number_leads_and_the_one_without_season_is_in_the_reason(self):
        season = np.tile([0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 0, -30], 4)[:45]
        values = np.tile(CALM, 3)[:45] + 100.0 + season
        values[-1] += 25
        chart = chart_of(values, season="months")
        said = words.last_point(chart, NAME)
        left = words.number(chart, chart.last["judged"])
        assert said.startswith(
            f"Four-hour waits in September 2026: {values[-1]:.0f} ({values[-13]:.0f} a year before); "
        )
        assert f"because once season is removed, which makes it {left}, it lies above the upper limit" in said
        assert said.count(left) == 1
        assert "once season is removed." in words.last_point(chart_of(values[:-1], season="months"), NAME)

    def test_what_improves_by_the_rules_and_is_worse_than_a_year_before_says_so(self):
        values = [*(one - 8 for one in CALM), *[25] * 4, *[16] * 9]
        said = words.last_point(chart_of(values), NAME)
        assert "a special cause of improving nature" in said
        assert said.endswith("It is worse than a year before, though: the rules look at all since January 2023.")
        assert words.state_in_brief(chart_of(values)).endswith(", though worse than a year before.")
        assert "than a year before" not in words.last_point(chart_of([*CALM, 30]), NAME)
        assert "than a year before" not in words.last_point(chart_of(values, direction="neutral"), NAME)

    def test_a_year_before_that_was_not_reported_is_said_and_none_is_made_up(self):
        values = [*CALM, *CALM]
        values[-13] = np.nan
        assert "(not reported a year before)" in words.last_point(chart_of(values), NAME)
        assert "a year before" not in words.last_point(chart_of(CALM[:12]), NAME)

    @pytest.mark.parametrize(
        ("as_of", "said"), [(date(2024, 10, 1), "this is"), (date(2024, 11, 1), "this was"), (None, "")]
    )
    def test_a_point_older_than_six_months_is_told_in_the_past(self, as_of, said):
        assert f"; {said} common cause".replace("  ", " ") in words.last_point(chart_of(CALM), NAME, as_of)

    def test_the_last_reported_month_is_told_and_not_the_last(self):
        assert "in April 2024" in words.last_point(chart_of([*CALM, np.nan]), NAME)

    def test_run_lengths_do_not_go_back_past_a_gap_or_a_rebasing(self):
        values = [*CALM, *[9] * 3, np.nan, *[9] * 8]
        assert "8 months in a row" in words.last_point(chart_of(values), NAME)


class TestTarget:
    def test_points_are_counted_beside_the_limits(self):
        values = 70 + np.array(CALM)
        chart = percent(values, target=95)
        assert target_words.assurance(chart) == (
            f"The target of 95% lies above the upper limit of {chart.last['upper']:.1f}%; it was missed in each of 16 months."
        )
        assert target_words.assurance(percent(values, target=60)).endswith("; it was met in each of 16 months.")
        assert "lay above" in target_words.assurance(chart, date(2026, 1, 1))
        at_12 = percent(values, target=82)
        met = [at for at, value in enumerate(values) if value >= 82]
        last = words.in_words(at_12.points["period"].iloc[met[-1]])
        assert f"; it was met in {len(met)} of 16 months, the last {last}." in target_words.assurance(at_12)
        assert target_words.assurance(percent(values)) == ""
        assert "not judged yet" in target_words.assurance(percent(values[:5], target=80))

    def test_where_one_of_the_last_twelve_months_does_otherwise_the_limits_are_gainsaid(self):
        calm = [70 + one for one in CALM]
        values = [*calm, *calm, 99, *calm[:8]]
        chart = percent(values, target=98)
        assert chart.assurance == "fail"
        assert target_words.gainsaid(chart)
        said = target_words.assurance(chart)
        assert "it was met in 1 of 41 months, the last September 2025." in said
        assert "It was met in 1 of the last 12 months, which limits of all since January 2023 do not describe." in said
        assert not re.search("point after point|as things are|sometimes", said)
        assert not target_words.gainsaid(percent([*values, *calm[:4]], target=98))  # thirteen months ago
        assert target_words.gainsaid(percent([*calm, *calm, 20], target=22))  # met by the limits, and missed now
        assert not target_words.gainsaid(percent([*calm, *calm, 20], target=22, direction="neutral"))

    def test_a_target_that_moves_is_counted_month_by_month(self):
        frame = frame_of([70 + one for one in CALM]).assign(aim=[60.0] * 8 + [95.0] * 8)
        chart = ek.control_chart(frame, outcome="value", time="month", target="aim")
        assert "it was met in 8 of 16 months, the last August 2023." in target_words.assurance(chart)

    @pytest.mark.parametrize(
        ("month", "said"),
        [
            ("2024-02", "In February 2024, for which it was set, it was missed: 81.25%."),
            ("2024-05", "It was set for May 2024, and the figures here end before."),
            ("2022-05", "It was set for May 2022, of which there is no figure here."),
        ],
    )
    def test_the_month_that_it_was_set_for_is_told_with_its_value(self, month, said):
        values = [70.25 + one for one in CALM]
        told = target_words.in_period(percent(values, target=95), pd.Period(month, "M"))
        assert told == said

    def test_a_value_close_to_its_target_has_figures_enough_for_its_side(self):
        values = [5, 4, 3, 2, *[1.5] * 12, 1.004, 0.996]
        chart = percent(values, target=1, direction="decrease")
        assert target_words.in_period(chart, pd.Period("2024-05", "M")).endswith("it was missed: 1.004%.")
        assert target_words.in_period(chart, pd.Period("2024-06", "M")).endswith("it was met: 0.996%.")


class TestBesideTheRules:
    def test_months_on_one_side_of_the_year_before_are_counted_without_a_claim(self):
        calm = [70 + CALM[at % 4] for at in range(24)]
        said = past_words.year_on_year(percent([*calm, *[one - 0.5 for one in calm[:9]]]))
        assert said == "Lower than the same month a year before in each of the last 9 months."
        told = words.sentences(percent([*calm, *[one - 0.5 for one in calm[:9]]]), NAME)
        assert f"{said} That is a count: no test, and no rule of the chart." in told
        assert past_words.year_on_year(percent([*calm, *[one - 0.5 for one in calm[:5]]])) == ""
        broken = [*calm, *[one - 0.5 for one in calm[:9]]]
        broken[-4] = np.nan
        assert past_words.year_on_year(percent(broken)) == ""  # three months are no six
        assert "Higher" in past_words.year_on_year(percent([*calm, *[one + 0.5 for one in calm[:6]]]))

    def test_a_run_that_has_ended_within_a_year_is_told(self):
        values = [*(70 + np.array(CALM)), *[78] * 7, 82, 81, 83]
        assert past_words.ended_run(percent(values)).endswith("(concerning) ended in November 2024.")
        assert past_words.ended_run(percent(values[:-3])) == ""  # it still speaks
        assert past_words.ended_run(percent([*values, *[80 + at % 3 for at in range(12)]])) == ""

    @pytest.mark.parametrize(
        ("last", "direction", "said"),
        [(85, "increase", "better"), (85, "decrease", "worse"), (82, "increase", "same"), (75, "neutral", "lower"), (None, "increase", "")],
    )  # fmt: skip
    def test_a_year_before_is_better_worse_or_the_same(self, last, direction, said):
        values = [70.0 + one for one in CALM]
        values = values[:12] if last is None else [*values[:4], 82.0, *values[5:], last]
        assert past_words.against_year_before(percent(values, direction=direction)) == said

    def test_since_is_the_first_of_the_unbroken_points_that_are_marked_so(self):
        chart = chart_of([*CALM, 8, 9, 10, 11, 12, 13, 14, 30, 29])
        since = words.since(chart)
        natures = chart.points.set_index(chart.points["period"].astype(str))["nature"]
        assert (natures[since:] == natures.iloc[-1]).all()
        before = natures[:since].iloc[:-1]
        assert before.iloc[-1] != natures.iloc[-1]
        assert f"since {words.in_words(pd.Period(since, 'M'))}, because" in words.last_point(chart, NAME)

    def test_the_third_of_three_months_of_which_two_lie_near_a_limit_breaks_nothing(self):
        chart = chart_of([*CALM, *CALM[:-1], 6.3, 9.5, 6.2], direction="decrease")
        assert list(chart.points["nature"].iloc[-3:]) == ["improvement_low", "common_cause", "improvement_low"]
        assert words.since(chart) == "2025-08"
        assert "since August 2025, because two of three" in words.last_point(chart, NAME)


class TestWhatAChartCannotSay:
    def test_a_special_cause_is_no_effect_and_the_evaluation_is_named(self):
        chart = chart_of([*CALM, 30], rebase=None)
        said = words.sentences(chart, NAME, evaluation="Weston closed its A&E at night")
        assert "A special cause is no effect" in said[-1]
        assert "“Weston closed its A&E at night”" in said[-1]

    def test_common_cause_is_no_proof_of_no_effect(self):
        assert "does not show that a change had no effect" in words.sentences(chart_of(CALM), NAME)[-1]

    def test_no_word_of_a_verdict_nor_the_word_that_is_never_used_alone(self):
        for values in (CALM, [*CALM, 30], CALM[:5]):
            text = " ".join(words.sentences(chart_of(values, target=11), NAME, date(2026, 1, 1), "An evaluation"))
            assert not re.search(r"significant|verdict|caused by|because of the change|no change", text, re.IGNORECASE)

    def test_what_to_know_is_told_too(self):
        said = words.sentences(chart_of([*CALM, np.nan], rebase={"2023-09-01": "A second ward"}), NAME)
        text = " ".join(said)
        assert "1 of 17 months has no figure here" in text
        assert "Season is not removed" in text
        assert "Limits are made anew from September 2023 on: A second ward (2023-09-01)." in said
        assert "trial limits" in text


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (pd.Period("2026-03", "M"), "March 2026"),
        (pd.Period("2026-03-02", "W-SUN"), "the week from 2 March 2026"),
        (pd.Period("2026-03-02", "D"), "2 March 2026"),
        (pd.Period("2026Q1", "Q-DEC"), "quarter 1 of 2026"),
        (pd.Period("2026", "Y-DEC"), "2026"),
        (7, "number 7"),
    ],
)
def test_periods_in_words(period, said):
    assert words.in_words(period) == said


@pytest.mark.parametrize(
    ("values", "value", "said"),
    [([1000, 2000], 1234.5, "1,234"), ([0.71, 0.75], 0.7263, "0.726"), ([1, 3], 2, "2"), ([-4, 3], -2.345, "−2.3")],
)
def test_amounts_have_as_many_figures_as_the_spread_bears(values, value, said):
    assert words.amount(chart_of(values), value) == said


class TestIcons:
    @pytest.mark.parametrize(
        "draw",
        [
            *(lambda v=v: icons.variation_icon(v) for v in VARIATIONS),
            *(lambda a=a: icons.assurance_icon(a) for a in ASSURANCES),
        ],
    )
    def test_each_is_an_image_with_its_words(self, draw):
        drawn = ElementTree.fromstring(draw())
        assert drawn.get("role") == "img"
        title = drawn.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert title.text == drawn.get("aria-label")
        assert drawn.get("width") == "32"

    def test_no_two_are_told_apart_by_colour_alone(self):
        def without_colour(svg):
            return re.sub(r'(fill|stroke)="[^"]*"|<title>.*</title>|aria-label="[^"]*"|class="[^"]*"', "", svg)

        told = [without_colour(icons.variation_icon(code)) for code in VARIATIONS]
        assert len(set(told)) == len(VARIATIONS)
        judged = [without_colour(icons.assurance_icon(code)) for code in ("pass", "fail", "hit_and_miss", "no_target")]
        assert len({*told, *judged}) == len(told) + len(judged)

    def test_the_words_say_whether_season_is_removed(self):
        drawn, _ = icons.icons_of(chart_of(CALM))
        assert (
            "<title>Variation: common cause, no special cause in the last point. Season is not removed.</title>"
            in drawn
        )

    def test_what_is_missing_is_said(self):
        _, drawn = icons.icons_of(chart_of(CALM))
        assert "there is no target" in drawn


def test_a_run_of_weeks_is_told_in_weeks():
    weeks = pd.period_range("2024-01-01", periods=40, freq="W-SUN")
    values = [50.0, 52.0] * 10 + [60.0] * 10 + [50.0, 52.0] * 5
    chart = ek.control_chart(pd.DataFrame({"week": weeks, "y": values}), outcome="y", time="week", direction="increase")
    assert "weeks above the mean" in past_words.ended_run(chart)
