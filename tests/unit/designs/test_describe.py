"""Points that bear no estimate: told one by one, each with its own interval, and nothing concluded."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import evalkit as ek
from evalkit.catalogue.records.measures import Measure
from evalkit.designs.describe.description import DESCRIPTION
from evalkit.effect import ESTIMATE_COLUMNS, Effect
from evalkit.errors import EvaluationError
from evalkit.inference.classical.single_counts import count_interval, share_interval
from evalkit.runs.state.family import Family
from evalkit.verdict import on_one_side, too_small_to_matter, verdict
from tests.support.effects import made_effect
from tests.support.synthetic_book import MEASURE

WAVES = pd.DataFrame(
    {
        "wave": ["2022-03", "2023-03", "2024-10"],
        "share": [52.5, 61.0, 77.5],
        "sure": [42, 61, 62],
        "asked": [80, 100, 80],
    }
)
SHARE = {"outcome": "share", "time": "wave", "form": "proportion", "numerator": "sure", "denominator": "asked"}


def waves(interruption: str = "2022-09-01", **more) -> Effect:
    return ek.describe(more.pop("frame", WAVES), interruption=interruption, **SHARE | more)


def counted(times: list, values: list, interruption, **more) -> Effect:
    frame = pd.DataFrame({"time": times, "count": values})
    return ek.describe(frame, outcome="count", time="time", interruption=interruption, form="count", **more)


class TestThePoints:
    def test_a_share_has_the_score_interval_on_its_own_scale(self):
        low, high = share_interval(WAVES["sure"].to_numpy(), WAVES["asked"].to_numpy())
        points = waves().tables["points"]
        assert points["low"].tolist() == pytest.approx(100 * low)
        assert points["high"].tolist() == pytest.approx(100 * high)
        whole = waves(frame=WAVES.assign(share=WAVES["share"] / 100)).tables["points"]
        assert whole["low"].tolist() == pytest.approx(low)

    def test_a_count_and_a_rate_have_the_exact_one(self):
        points = counted([2020, 2021, 2022, 2023], [12, 9, 0, 4], "2022").tables["points"]
        low, high = count_interval(np.array([12, 9, 0, 4]))
        assert points["low"].tolist() == pytest.approx(low)
        frame = WAVES.assign(share=1000 * WAVES["sure"] / 2000, asked=2000)
        rate = waves(frame=frame, form="rate").tables["points"]
        low, high = count_interval(frame["sure"].to_numpy(), 2000)
        assert rate["high"].tolist() == pytest.approx(1000 * high)

    @pytest.mark.parametrize("form", ["mean", "median", None])
    def test_what_has_no_parts_has_none_and_says_so(self, form):
        effect = waves(form=form, numerator=None, denominator=None)
        assert effect.tables["points"]["low"].isna().all()
        assert "have no interval" in effect.method_of_interval

    def test_it_says_that_intervals_are_no_test_of_a_change(self):
        assert "no test of a change" in waves().method_of_interval

    def test_what_was_withheld_or_not_reported_is_missing_and_has_no_interval(self):
        effect = waves(frame=WAVES.assign(share=[52.5, np.nan, 77.5], sure=[42, np.nan, 62]))
        (row,) = effect.tables["points"][effect.tables["points"]["period"] == "2023-03"].to_dict("records")
        assert all(math.isnan(row[name]) for name in ("value", "low", "high"))
        assert effect.notes == ("2023-03: not reported; left missing.",)
        assert "1 point before and 1 after" in effect.checks[0].detail

    def test_a_figure_that_is_no_whole_number_is_named(self):
        effect = counted(["2020", "2021", "2022"], [12, 9.5, 3], "2021-06-01")
        assert effect.tables["points"]["low"].isna().tolist() == [False, True, False]
        assert effect.method_of_interval.endswith("events: 2021.")

    def test_between_waves_nothing_is_missing(self):
        effect = waves()
        assert effect.series["period"].tolist() == WAVES["wave"].tolist()
        assert effect.notes == ()

    @given(st.permutations(range(3)))
    def test_the_order_of_rows_does_not_matter(self, order):
        assert waves(frame=WAVES.iloc[order]).to_dict() == waves().to_dict()


class TestBeforeAndAfter:
    @pytest.mark.parametrize(
        ("times", "interruption", "parts"),
        [
            (["2022-03", "2022-09", "2023-03"], "2022-09-01", ["before", "after", "after"]),
            (["2022-03", "2022-09", "2023-03"], "2022-09-02", ["before", "holds the start", "after"]),
            (["2022-03", "2022-09", "2023-03"], "2022-09", ["before", "after", "after"]),
            (["2020Q1", "2021Q3", "2023Q4"], "2021-08-01", ["before", "holds the start", "after"]),
            ([2020, 2021, 2023], "2022-01-01", ["before", "before", "after"]),
            ([1, 4, 9], 4, ["before", "after", "after"]),
            (pd.to_datetime(["2022-02-14", "2022-09-20", "2024-01-03"]), "2022-09-10", ["before", "holds the start", "after"]),
            (["2022-02-14", "2022-09-20", "2024-01-03"], "2022-10-01", ["before", "before", "after"]),
            (["2022-03-01", "2023-03-01", "2024-03-01"], "2022-09-01", ["before", "after", "after"]),
            (["14/01/2022", "14/01/2023", "14/01/2024"], "2022-09-01", ["before", "after", "after"]),
            (["2021-01-01", "2022-01-01", "2023-01-01"], "2022-09-01", ["before", "holds the start", "after"]),
        ],
    )  # fmt: skip
    def test_the_start_decides(self, times, interruption, parts):
        effect = counted(list(times), [3, 4, 5], interruption)
        assert effect.tables["points"]["part"].tolist() == parts
        assert effect.series["in_transition"].tolist() == [part == "holds the start" for part in parts]
        assert any("holds the start" in note for note in effect.notes) == ("holds the start" in parts)

    @pytest.mark.parametrize(
        ("interruption", "side"), [("2022-03-01", "no period before"), ("2024-11-01", "no period after")]
    )
    def test_one_side_alone_is_refused(self, interruption, side):
        with pytest.raises(EvaluationError, match=side):
            waves(interruption)

    def test_two_waves_in_one_month_whose_days_are_far_apart_are_refused(self):
        times = pd.to_datetime(["2022-01-03", "2022-01-20", "2024-06-01"])
        with pytest.raises(EvaluationError, match="mixes frequencies"):
            counted(list(times), [1, 2, 3], "2023-01-01")


class TestTheEffect:
    def test_it_has_points_and_no_headline(self):
        effect = waves()
        assert effect.design == DESCRIPTION.name
        assert not effect.is_estimated
        assert effect.minimum_detectable_effect is None
        with pytest.raises(EvaluationError, match="is only described, so there is no estimate"):
            _ = effect.headline

    def test_the_journey_through_json_and_the_gate_changes_nothing(self):
        effect = waves()
        back = Effect.from_dict(json.loads(json.dumps(effect.published("synthetic").to_dict(), allow_nan=False)))
        assert back.gated
        pd.testing.assert_frame_equal(back.tables["points"], effect.tables["points"], check_dtype=False, rtol=1e-8)

    def test_without_points_or_by_another_design_it_is_refused(self):
        nothing = pd.DataFrame(columns=list(ESTIMATE_COLUMNS))
        with pytest.raises(ValueError, match="needs the table points"):
            made_effect(design=DESCRIPTION.name, estimates=nothing)
        with pytest.raises(ValueError, match="must be the headline"):
            made_effect(estimates=nothing)

    def test_too_few_points_are_said_to_be_and_enough_are_not(self):
        few, enough = waves(), counted(list(range(2010, 2022)), [5] * 12, "2016")
        assert few.estimand == "too few points to estimate a change"
        assert few.checks[0].passed is False
        assert enough.estimand == "no change was estimated"
        assert enough.checks[0].passed is None

    def test_its_verdict_is_a_word_without_a_certainty(self):
        judged = verdict(waves(), Measure.model_validate(MEASURE))
        assert (judged.word, judged.certainty, judged.minimum_important_change) == ("described", None, None)
        assert judged.reasons == ("Too few points to estimate a change.",)

    def test_it_moves_to_no_side_and_is_not_small(self):
        measure = Measure.model_validate(MEASURE)
        assert on_one_side(waves(), measure) is None
        assert not too_small_to_matter(waves(), measure)

    def test_nobody_beside_it_has_to_allow_for_it(self, real):
        evaluation = next(one for one in real.evaluations.values() if len(one.analyses) > 1)
        analyses = [one.model_copy(update={"role": "secondary"}) for one in evaluation.analyses]
        family = Family(evaluation.model_copy(update={"analyses": analyses}), real.measures, lambda _: waves())
        standing = family.standing(analyses[0])
        assert (standing.kind, standing.family, standing.direction) == ("secondary", None, None)

    def test_it_cannot_be_pooled(self):
        with pytest.raises(EvaluationError, match="Number 2 to be pooled, series, is only described"):
            ek.pool([made_effect(), waves(), made_effect()])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"form": "share"}, "form='share' is not one of count, proportion, rate, mean, median"),
        ({"numerator": "suer"}, "`suer` is not a column of the frame; did you mean `sure`"),
        ({"denominator": None}, "needs `numerator` and `denominator`"),
        ({"outcome": "shares"}, "outcome='shares' is not a column"),
        ({"time": "when"}, "time='when' is not a column"),
        ({"frame": WAVES[:0]}, "has no rows"),
        (
            {"frame": WAVES.assign(share=[52.5, 16.0, 77.5])},
            "is 16 in 2023-03, and its numerator and denominator make 61",
        ),
        ({"frame": pd.concat([WAVES, WAVES[:1]])}, "two rows for 2022-03"),
        (
            {"frame": WAVES.assign(wave=["2022-03", "2023-03", "soon"])},
            "Column `wave`, row 3, holds text of 4 characters",
        ),
        ({"frame": WAVES.assign(wave=["2022-03", None, "2024-10"])}, "has no period in row 2"),
        ({"interruption": "soon"}, "'soon' is not a date or month"),
        ({"unit": "wave", "treated": ["2022-03", "2023-03"]}, "names 2 places: describe one at a time"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(more, said, plain):
    with pytest.raises(EvaluationError) as refused:
        waves(**more)
    plain(str(refused.value), said)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=2, max_size=8),
    st.lists(st.integers(1, 40), min_size=8, max_size=8),
)
def test_every_point_lies_in_its_own_interval(parts, gaps):
    months = pd.period_range("2018-01", periods=400, freq="M")
    at = np.cumsum(gaps[: len(parts)])
    frame = pd.DataFrame(
        {"time": [str(months[place]) for place in at], "part": [min(pair) for pair in parts], "whole": [max(pair) for pair in parts]}
    )  # fmt: skip
    frame["share"] = 100 * frame["part"] / frame["whole"].where(frame["whole"] > 0)
    effect = ek.describe(
        frame, outcome="share", time="time", interruption=str(months[at[-1]]), form="proportion", numerator="part", denominator="whole"
    )  # fmt: skip
    points = effect.tables["points"]
    known = points.dropna(subset="value")
    assert ((known["low"] <= known["value"] + 1e-9) & (known["value"] <= known["high"] + 1e-9)).all()
    assert points["low"].isna().equals(points["value"].isna())
    assert set(points["part"]) == {"before", "after"}
