"""The word for what came of an effect: by rule, exhaustive, and never more than the intervals bear."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.effect import Effect
from evalkit.lasted import EFFECT, SINCE_FIRST, lasted
from evalkit.report.wording import lasting

HORIZONS = (3, 6, 12, 24)
WORDS = {"lasted", "grew", "faded", "turned", "cannot tell"}


def table(*rows: tuple, scale: str = "percent") -> pd.DataFrame:
    """Of (horizon, effect, its half-width, change since the first, its half-width); None without a figure."""
    made = []
    for months, *sizes in rows:
        for quantity, estimate, half in ((EFFECT, *sizes[:2]), (SINCE_FIRST, *sizes[2:])):
            if quantity == SINCE_FIRST and months == rows[0][0]:
                continue
            none = estimate is None
            made.append(
                {
                    "horizon": months, "quantity": quantity, "first": months - 2, "last": months, "from_period": "2018-01",
                    "to_period": "2018-03", "units": 1, "units_in_all": 1,
                    "estimate": math.nan if none else estimate, "low": math.nan if none else estimate - half,
                    "high": math.nan if none else estimate + half, "scale": scale, "method": "", "followed": 9,
                    "left_out": "", "reason": "too short" if none else "",
                }
            )  # fmt: skip
    return pd.DataFrame(made)


def effect(*rows: tuple, **more) -> Effect:
    months = pd.period_range("2016-01", periods=33, freq="M").astype(str)
    nothing = pd.DataFrame(columns=["term"])
    series = pd.DataFrame({"period": months}).assign(
        observed=1.0,
        fitted=1.0,
        counterfactual=1.0,
        counterfactual_low=1.0,
        counterfactual_high=1.0,
        in_transition=False,
    )
    headline = {
        "role": "headline", "term": "level", "month": math.nan, "cohort": None, "method": "", "estimate": 1.0, "low": 0.0,
        "high": 2.0, "std_error": 1.0, "p_value": 0.05, "df": 10.0, "scale": "percent",
    }  # fmt: skip
    return Effect(
        "interrupted time series", "", "visits", "visits", ("ZZ901",), ("2018-01",), "", pd.DataFrame([headline]), series,
        nothing, None, tables={"lasting": table(*rows, **more)},
    )  # fmt: skip


NONE = (None, None, None, None)


@pytest.mark.parametrize(
    ("rows", "word", "why"),
    [
        ([(3, -10, 4, 0, 0), (6, -9, 4, 1, 3), (12, -8, 4, 2, 5), (24, *NONE)], "lasted", ""),
        ([(3, -10, 4, 0, 0), (12, -30, 4, -20, 6)], "grew", ""),
        ([(3, -2, 4, 0, 0), (12, -30, 4, -28, 6)], "grew", ""),
        ([(3, -20, 4, 0, 0), (12, -10, 4, 10, 6)], "faded", ""),
        ([(3, -20, 4, 0, 0), (12, -1, 4, 19, 6)], "faded", ""),
        ([(3, -20, 4, 0, 0), (12, 9, 4, 29, 6)], "turned", ""),
        ([(3, -10, 4, 0, 0), (12, -5, 8, 5, 9)], "cannot tell", "no longer clear"),
        ([(3, -2, 4, 0, 0), (12, -8, 4, -6, 9)], "cannot tell", "clear only later"),
        ([(3, -2, 4, 0, 0), (12, -3, 4, -1, 5)], "cannot tell", "none clear"),
        ([(3, -3, 4, 0, 0), (12, 3, 4, 6, 5)], "cannot tell", "moved"),
        ([(3, 10, 6, 0, 0), (12, -12, 18, -22, 18)], "cannot tell", "past none"),
        ([(3, 10, 6, 0, 0), (12, 0, 4.01, -10, 8)], "cannot tell", "past none"),
        ([(3, 10, 6, 0, 0), (12, 0, 3.99, -10, 8)], "faded", ""),
        ([(3, -12, 18, 0, 0), (12, 10, 6, 22, 18)], "cannot tell", "from past none"),
        ([(3, 0, 3.99, 0, 0), (12, 10, 6, 10, 8)], "grew", ""),
        ([(3, 10, 6, 0, 0), (12, -50, math.inf, -60, 8)], "cannot tell", "past none"),
        ([(3, -10, 4, 0, 0), (6, *NONE), (12, *NONE)], "cannot tell", "too short"),
        ([(3, *NONE), (6, -10, 4, 0, 1), (12, -9, 4, 1, 3)], "cannot tell", "too short"),
        ([(3, *NONE), (6, *NONE)], "cannot tell", "too short"),
    ],
)
def test_the_first_rule_that_holds(rows, word, why):
    judged = lasted(effect(*rows))
    assert (judged.word, judged.why) == (word, why)


sizes = st.one_of(st.none(), st.tuples(st.floats(-50, 50), st.one_of(st.floats(0.1, 60), st.just(math.inf))))


@settings(max_examples=60)
@given(st.lists(st.tuples(sizes, sizes), min_size=1, max_size=4))
def test_every_case_has_one_word_and_the_opposite_is_its_mirror(given_sizes):
    def made(sign):
        return effect(
            *(
                (
                    months,
                    *((None, None) if one is None else (sign * one[0], one[1])),
                    *((None, None) if two is None else (sign * two[0], two[1])),
                )
                for months, (one, two) in zip(HORIZONS, given_sizes, strict=False)
            )
        )

    judged = lasted(made(1))
    assert judged.word in WORDS
    assert (judged.why != "") == (judged.word == "cannot tell")
    mirrored = lasted(made(-1))
    assert (mirrored.word, mirrored.why, mirrored.told) == (judged.word, judged.why, judged.told)
    said = " ".join(lasting.sentences(made(1)))
    assert said.startswith(("It cannot be told", "The rise ", "The fall "))
    for never in ("no effect was", "nan", "None", "p =", "p-value", "significant", "inf"):
        assert never not in said
    if judged.word == "cannot tell":
        assert "cannot be told" in said


def test_what_has_no_bounds_is_clear_at_nothing():
    assert lasted(effect((3, -50, math.inf, 0, 0), (12, -50, math.inf, 0, math.inf))).why == "none clear"


def test_horizons_without_a_figure_are_named_with_their_reason():
    said = lasting.sentences(effect((3, -10, 4, 0, 0), (6, -9, 4, 1, 3), (12, *NONE), (24, *NONE)))
    assert said[-1] == (
        "There is no figure at 12 and 24 months: this analysis stops at September 2018, with 9 months after the change that"
        " count."
    )
    assert said[0].startswith(
        "The fall is still there at 6 months; how certain that is, the certainty of the answer says. A fall is clear in months 1 to 3"
        " after the change (January 2018 to March 2018), and in months 4 to 6 ("
    )
    assert "At 3 months: −10.0% (−14.0% to −6.0%); at 6 months: −9.0%" in said[0]


def test_a_fade_leaves_open_what_its_interval_leaves_open():
    assert "A fall is still clear" in lasting.in_short(effect((3, -20, 4, 0, 0), (12, -10, 4, 10, 6)))
    gone = lasting.in_short(effect((3, -20, 4, 0, 0), (12, -1, 4, 19, 6)))
    assert "not the same as that nothing is" in gone


@settings(max_examples=200)
@given(st.floats(-40, 40), st.floats(0.1, 30), st.floats(-40, 40), st.floats(0.1, 30), st.floats(0, 1), st.floats(0, 1))
def test_larger_and_smaller_hold_for_every_truth_that_the_intervals_allow(first, half, last, other_half, at, then):
    word = lasted(effect((3, first, half, 0, 0), (12, last, other_half, last - first, half))).word
    was, came = first + (2 * at - 1) * half, last + (2 * then - 1) * other_half
    allowed = abs((came - was) - (last - first)) < half
    if word == "faded" and allowed:
        assert abs(came) < abs(was)
    if word == "grew" and allowed:
        assert abs(came) > abs(was)


def test_what_may_have_gone_beyond_none_is_not_called_smaller():
    told = lasting.in_short(effect((3, 10, 6, 0, 0), (24, -12, 18, -22, 18)))
    assert told.startswith("It cannot be told: a rise is clear")
    assert "it had moved towards none, and may have gone beyond" in told
    assert "smaller" not in told
    told = lasting.in_short(effect((3, -12, 18, 0, 0), (24, 10, 6, 22, 18)))
    assert "may have been as far on the other side" in told


@pytest.mark.parametrize(
    ("rows", "bare"),
    [(((3, 8, 3, 0, 0), (24, 4, 3, -4, 5)), "still there at 24 months"),
     (((3, -10, 4, 0, 0), (12, -30, 4, -20, 6)), "larger at 12 months than at 3"),
     (((3, -20, 4, 0, 0), (12, -1, 4, 19, 6)), "smaller at 12 months than at 3"),
     (((3, -20, 4, 0, 0), (12, 9, 4, 29, 6)), "the other way round at 12 months"), (((3, -10, 4, 0, 0), (6, *NONE)), "cannot be told")],
)  # fmt: skip
def test_a_word_alone_says_nothing_of_a_size_that_is_not_clear(rows, bare):
    assert lasting.in_a_word(effect(*rows), lasting.BesideIt("low")).removesuffix("; how certain: low") == bare
    assert " lasted to" not in lasting.in_short(effect(*rows))


def test_one_figure_is_no_answer():
    said = lasting.sentences(effect((3, -10, 4, 0, 0), (6, *NONE)))
    assert said[0].startswith(
        "It cannot be told yet: there is one figure, −10.0% (−14.0% to −6.0%) in months 1 to 3 after"
    )


def test_places_that_were_not_followed_so_long_are_counted():
    one = effect((3, -10, 4, 0, 0), (12, -9, 4, 1, 3))
    rows = one.tables["lasting"].assign(units=[3, 2, 2], units_in_all=3, from_period="", to_period="")
    said = lasting.in_short(replace(one, tables={"lasting": rows}))
    assert "at 12 months (at 2 of 3 places): −9.0%" in said
    assert said.endswith("The figure at 12 months is of the 2 of 3 places that have all of those months.")
    assert [at.over for at in lasting.at_horizons(replace(one, tables={"lasting": rows}))] == [
        "months 1 to 3 after the change, 3 of 3 places", "months 10 to 12 after the change, 2 of 3 places"
    ]  # fmt: skip


@pytest.mark.parametrize("last", [(-30, 4, -20, 6), (-1, 4, 19, 6), (-9, 4, 1, 3), (20, 4, 40, 6)])
def test_no_word_compares_figures_of_different_places(last):
    one = effect((3, -20, 4, 0, 0), (24, *last))
    rows = one.tables["lasting"].assign(units=[6, 1, 1], units_in_all=6)
    of_others = replace(one, tables={"lasting": rows})
    judged = lasted(of_others)
    assert (judged.word, judged.why, judged.still_clear) == ("cannot tell", "other places", False)
    told = lasting.in_short(of_others, lasting.BesideIt("low", answer=answer(-30, -2)))
    assert told.startswith("It cannot be told: the figure in months 22 to 24")
    assert "is of 1 of 6 places" in told
    assert "not of the same places" in told
    assert "wider than" not in told
    same = replace(one, tables={"lasting": rows.assign(units=4)})
    assert lasted(same).word != "cannot tell", "fewer than all, but the same at both"


def with_trend(last: int, transition: int, missing: int = 0) -> Effect:
    """A clear fall at 3 months and at ``last``; 24 months before, those in the transition or missing come off them."""
    one = effect((3, -10, 4, 0, 0), (last, -9, 4, 1, 3))
    months = pd.period_range("2016-01", periods=60, freq="M").astype(str)
    series = pd.DataFrame({"period": months}).assign(
        observed=[math.nan] * missing + [1.0] * (60 - missing), fitted=1.0, counterfactual=1.0, counterfactual_low=1.0,
        counterfactual_high=1.0, in_transition=[24 - transition <= at < 24 for at in range(60)],
    )  # fmt: skip
    return replace(one, series=series, coefficients=pd.DataFrame({"term": ["intercept", "trend", "level"]}))


@pytest.mark.parametrize(
    ("last", "transition", "missing", "beyond", "past", "word"),
    [
        (24, 0, 0, 24, 24, "lasted"), (27, 0, 0, 27, 24, "cannot tell"), (24, 0, 1, 24, 23, "cannot tell"),
        (24, 1, 0, 25, 23, "cannot tell"), (12, 6, 0, 18, 18, "lasted"), (12, 7, 0, 19, 17, "cannot tell"),
    ],
)  # fmt: skip
def test_a_straight_line_bears_no_word_beyond_the_length_of_its_past(last, transition, missing, beyond, past, word):
    one = with_trend(last, transition, missing)
    judged = lasted(one)
    assert (judged.word, judged.why) == (word, "short past" if word == "cannot tell" else "")
    said = lasting.sentences(one)
    assert said[1] == (
        "This supposes that the course before would have gone on in a straight line:"
        f" {last} months after is {beyond} months beyond a past of {past} months."
    )
    assert ("the past is shorter than the time since" in said[0]) == (word == "cannot tell")
    without = replace(one, coefficients=pd.DataFrame({"term": ["intercept", "level"]}))
    assert lasted(without).word == "lasted"
    assert "straight" not in " ".join(lasting.sentences(without))


def test_months_of_a_transition_are_said_not_to_count():
    rows = table((3, -10, 4, 0, 0), (24, *NONE)).assign(followed=18)
    one = replace(with_trend(24, 6), tables={"lasting": rows})
    assert lasting.sentences(one)[-1] == (
        "There is no figure at 24 months: this analysis stops at December 2020, with 18 months after the change that count,"
        " as they are counted from January 2018, the first month that does."
    )
    none = replace(with_trend(24, 0), tables={"lasting": rows})
    assert lasting.sentences(none)[-1].endswith("with 18 months after the change that count.")


def test_without_horizons_nothing_is_said():
    one = effect((3, -10, 4, 0, 0))
    none = replace(one, tables={})
    assert lasted(none) is None
    assert lasting.sentences(none) == lasting.at_horizons(none) == []
    assert lasting.in_short(none) == ""


FALL = ((3, -10, 4, 0, 0), (6, -9, 4, 1, 3), (12, *NONE))
UNCLEAR = ((3, -6, 8, 0, 0), (6, -6, 9, 0, 6), (12, -5, 10, 1, 9))


def answer(low: float, high: float) -> pd.Series:
    return pd.Series({"estimate": (low + high) / 2, "low": low, "high": high, "scale": "percent"})


@pytest.mark.parametrize(
    ("rows", "word"),
    [(FALL, "still there at 6 months"), (((3, -10, 4, 0, 0), (12, -30, 4, -20, 6)), "grew"), (((3, -20, 4, 0, 0), (12, -1, 4, 19, 6)), "faded"),
     (((3, -20, 4, 0, 0), (12, 9, 4, 29, 6)), "turned")],
)  # fmt: skip
def test_no_word_is_said_without_its_certainty_and_what_could_explain_all_of_it(rows, word):
    beside = lasting.BesideIt("very low", ("A change in recording", "A change in recording", "Season"))
    first = lasting.in_short(effect(*rows), beside).split(". ")[0]
    assert word in first
    assert "how certain: very low; a change in recording or season could explain all of it" in first
    in_a_word = lasting.in_a_word(effect(*rows), beside)
    assert in_a_word.startswith(tuple(f"{bare} at " for bare in lasting.BARE.values()))
    assert in_a_word.endswith("very low; a change in recording or season could explain all of it")
    assert "could explain all" not in lasting.in_short(effect(*rows), lasting.BesideIt("low"))


def test_the_reason_why_an_analysis_stops_is_said_only_where_it_cuts_something_off():
    beside = lasting.BesideIt("low", stops_because="later months have gaps.")
    assert lasting.sentences(effect(*FALL), beside)[-1] == "It stops there because later months have gaps."
    assert "stops there" not in " ".join(lasting.sentences(effect(*FALL[:2]), beside))


def test_figures_that_are_less_clear_than_the_answer_say_why():
    why = "these intervals are wider than its own"
    told = lasting.in_short(effect(*UNCLEAR), lasting.BesideIt("low", answer=answer(-10, -2)))
    assert f"the answer, which is clear at −6.0% (−10.0% to −2.0%): {why}" in told
    narrower = lasting.in_short(effect(*UNCLEAR), lasting.BesideIt("low", answer=answer(-60, -2)))
    assert why not in narrower
    assert "The answer is clear" in narrower
    for same in (answer(-10, 2), None):
        assert "answer" not in lasting.in_short(effect(*UNCLEAR), lasting.BesideIt("low", answer=same))


def test_no_time_between_is_passed_over():
    one = effect((3, -10, 4, 0, 0), (6, -3, 4, 7, 9), (12, -9, 4, 1, 9), (24, -11, 4, -1, 9))
    told = lasting.in_short(one)
    assert "in months 4 to 6 (January 2018 to March 2018), the direction is not clear" in told
    assert "in months 10 to 12 (January 2018 to March 2018), a fall is clear" in told


def test_fewer_places_at_the_end_bear_no_word():
    one = effect((3, -10, 4, 0, 0), (12, -30, 4, -20, 6))
    assert lasted(one).word == "grew"
    rows = one.tables["lasting"].assign(units=[3, 2, 2], units_in_all=3)
    fewer = replace(one, tables={"lasting": rows})
    assert (lasted(fewer).word, lasted(fewer).why) == ("cannot tell", "other places")
    assert "the two are not of the same places" in lasting.in_short(fewer)
