"""One look is the answer; the others have intervals that hold all at once."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import evalkit as ek
from evalkit.catalogue import read_catalogue
from evalkit.designs.follow_up import all_at_once, ranked_look
from evalkit.designs.interrupted_time_series.against_comparators import Gap
from evalkit.designs.interrupted_time_series.looks import headline_at
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.inference.ranks.interval import critical_value
from evalkit.inference.simultaneous import bonferroni
from evalkit.intake.periods import resolve_interruption
from evalkit.report import tables
from tests.unit.conftest import EVALUATION, ROOT, only
from tools.false_alarms import Window, series

BEFORE, AFTER, UNITS = 18, 24, 30
PERIODS = pd.period_range("2016-01", periods=BEFORE + AFTER, freq="M")
LOOKS = [3, 6, 12, 24]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Thirty units of noise; the first falls by 3 SD from July 2017 on."""
    values = 100 + np.random.default_rng(8).normal(size=(len(PERIODS), UNITS))
    values[BEFORE:, 0] -= 3
    wide = pd.DataFrame(values, index=PERIODS, columns=[f"u{number:02d}" for number in range(UNITS)])
    return wide.rename_axis("month").melt(ignore_index=False, var_name="unit", value_name="value").reset_index()


def fitted(frame, **more):
    options = {"outcome": "value", "time": "month", "interruption": "2017-07", "seasonality": None, "errors": "ar1"}
    return ek.interrupted_time_series(frame, **options, **({"unit": "unit", "treated": "u00"} | more))


@pytest.fixture(scope="module")
def followed(frame):
    return fitted(frame, look="2018-06", looks=LOOKS)


class TestRows:
    def test_the_answer_is_that_of_its_look_and_later_months_do_not_touch_it(self, frame, followed):
        to_the_look = fitted(frame[frame["month"] <= pd.Period("2018-06")])
        pd.testing.assert_series_equal(followed.headline, to_the_look.headline)
        assert followed.series["period"].iloc[-1] == "2018-06"

    def test_a_row_a_look_with_the_estimate_of_the_figures_until_then(self, frame, followed):
        rows = followed.estimates[followed.estimates["role"] == "follow_up"]
        assert list(rows["term"]) == [f"look at {look}" for look in LOOKS]
        until = fitted(frame[frame["month"] <= pd.Period("2017-12")])
        assert rows["estimate"].iloc[1] == pytest.approx(until.headline["estimate"])
        assert (rows["high"] < 0).all(), "three standard deviations are found at every look"
        assert rows["high"].iloc[3] - rows["low"].iloc[3] < rows["high"].iloc[0] - rows["low"].iloc[0]

    def test_looks_that_the_figures_do_not_reach_are_left_out(self, frame):
        effect = fitted(frame[frame["month"] <= pd.Period("2018-06")], looks=LOOKS)
        assert list(effect.estimates.query("role == 'follow_up'")["term"]) == [f"look at {n}" for n in (3, 6, 12)]

    def test_and_those_at_which_the_headline_is_not_there_yet(self, frame):
        effect = fitted(frame, headline="month 12", looks=LOOKS)
        assert list(effect.estimates.query("role == 'follow_up'")["term"]) == [f"look at {n}" for n in (12, 24)]

    def test_of_one_series_each_look_has_its_share(self, frame):
        alone = frame[frame["unit"] == "u00"].drop(columns="unit")
        effect = fitted(alone, unit=None, treated=None, looks=[6, 12])
        until = fitted(alone[alone["month"] <= pd.Period("2017-12")], unit=None, treated=None)
        row = effect.estimates.query("role == 'follow_up'").iloc[0]
        wider = bonferroni(2, until.headline["df"])
        assert row["low"] == pytest.approx(
            until.headline["estimate"] - wider * (until.headline["estimate"] - until.headline["low"])
        )

    def test_too_few_comparators_for_one_look_of_four_are_carried_on_by_a_heavy_tail(self, frame):
        """29 of them cannot say at 1.25% by rank what is unusual: at least as wide as where all of them are passed."""
        effect = fitted(frame[frame["month"] <= pd.Period("2017-11")], looks=LOOKS)
        row = effect.estimates.query("role == 'follow_up'").iloc[0]
        assert row["term"] == "look at 3"
        until = fitted(frame[frame["month"] <= pd.Period("2017-11")])
        by_t = stats.t.ppf(1 - 0.0125 / 2, 3) / stats.t.ppf(0.975, 3)
        half = (until.headline["high"] - until.headline["low"]) / 2
        assert (row["high"] - row["low"]) / 2 >= by_t * half - 1e-9
        assert (row["low"] > 0 or row["high"] < 0) == (row["p_value"] < 0.05)

    def test_none_is_as_good_as_an_empty_list(self, frame):
        assert fitted(frame, looks=None).estimates.query("role == 'follow_up'").empty

    def test_they_are_told_in_a_table_and_lower_nothing(self, followed):
        table = tables.follow_up(followed)
        assert list(table.iloc[:, 0]) == ["Months 1 to 3", "Months 1 to 6", "Months 1 to 12", "Months 1 to 24"]
        assert set(table["Points to"]) == {"a fall"}
        assert tables.follow_up(fitted_without(followed)).empty

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            ({"looks": [6, 3]}, "that rise"),
            ({"looks": [0]}, "numbers of periods"),
            ({"looks": ["3"]}, "numbers of periods"),
            ({"looks": 3.5}, "numbers of periods"),
            ({"looks": "3"}, "numbers of periods"),
            ({"looks": True}, "numbers of periods"),
            ({"look": "2017-06"}, "is not after the change"),
            ({"look": "2030-01"}, "within the frame"),
        ],
    )
    def test_bad_ones_are_refused(self, frame, plain, more, says):
        with pytest.raises(EvaluationError) as refused:
            fitted(frame, **more)
        plain(str(refused.value), says)


def fitted_without(effect):
    from dataclasses import replace

    return replace(effect, estimates=effect.estimates.query("role != 'follow_up'"))


class TestDifferences:
    """The same of a difference-in-differences with one start."""

    def made(self, frame, **more):
        started = frame.assign(start=frame["unit"].map({"u00": "2017-07", "u01": "2017-07"}))
        options = {"outcome": "value", "unit": "unit", "time": "month", "treated_from": "start"}
        return ek.difference_in_differences(started, **options, **more)

    @pytest.mark.parametrize("inference", ["placebo", "cluster"])
    def test_rows_of_each_look_with_the_estimate_until_then(self, frame, inference):
        effect = self.made(frame, look="2018-06", looks=LOOKS, inference=inference)
        to_the_look = self.made(frame[frame["month"] <= pd.Period("2018-06")], inference=inference)
        pd.testing.assert_series_equal(effect.headline, to_the_look.headline)
        rows = effect.estimates.query("role == 'follow_up'").set_index("term")
        assert list(rows.index) == [f"look at {look}" for look in LOOKS]
        row, own = rows.loc["look at 12"], to_the_look.headline
        assert row["estimate"] == pytest.approx(own["estimate"])
        assert row["low"] < own["low"]
        assert row["high"] > own["high"]

    def test_several_starts_have_no_one_look(self, frame, plain):
        started = frame.assign(start=frame["unit"].map({"u00": "2017-07", "u01": "2017-09"}))
        with pytest.raises(EvaluationError) as refused:
            ek.difference_in_differences(
                started, outcome="value", unit="unit", time="month", treated_from="start", looks=[3]
            )
        plain(str(refused.value), "count from one start", "has 2")


class TestTheProtocolNamesTheLook:
    def test_another_is_refused_unless_a_deviation_says_why(self, project, plain):
        project.edit(EVALUATION, "protocol:\n", 'protocol:\n  look: "2019-03"\n')
        assert project.problems() == []
        project.edit(EVALUATION, 'look: "2019-03"', 'look: "2018-07"')
        plain(
            str(only(project.problems())), "figures to 2018-07", "rest on those to 2019-03", 'write `look: "2018-07"`'
        )
        project.edit(EVALUATION, '      last: "2019-03"\n', '      last: "2019-03"\n      look: "2018-07"\n')
        assert project.problems() == []
        project.edit(EVALUATION, '      look: "2018-07"\n', "")
        deviation = "{when: 2026-11-29, what: Later figures., why: They were asked for., changes_headline: true}"
        project.edit(EVALUATION, "protocol:\n", f"protocol:\n  deviations: [{deviation}]\n")
        assert project.problems() == []


def test_over_all_looks_one_trust_in_twenty_is_called_changed_on_real_series():
    """Type 1 visits at 119 trusts, every fourth in turn, 12 months before an invented start and 24 after it."""
    values, periods, units = series(
        read_catalogue(ROOT), Window("ae-attendances-type-1", "ae-monthly-2020-2026", "2021-07", "2024-06")
    )
    tried = range(0, len(units), 4)
    at_any = at_last = 0
    for unit in tried:
        others = np.delete(values, unit, axis=1)
        cases = {}
        for look in LOOKS:
            part = slice(0, 12 + look)
            design = SegmentedModel(periods[part], resolve_interruption(periods[12], 0, "M"), "level", 1)
            before = np.arange(12 + look) < 12
            labels = tuple(name for at, name in enumerate(units) if at != unit)
            members = pd.DataFrame({"unit": labels, "used": True, "weight": 1 / len(labels), "reason": ""})
            gap = Gap(others[part], labels, others[part].mean(axis=1), members, "pool", before)
            cases[look] = SeriesFit(design, values[part, unit], np.ones(12 + look, bool), "ar1", gap)
        found = all_at_once(headline_at(cases, "level"), len(LOOKS))
        at_any += any(contrast.low > 0 or contrast.high < 0 for _, contrast, _ in found)
        at_last += found[-1][1].low > 0 or found[-1][1].high < 0
    allowed = 0.05 + 2 * math.sqrt(0.05 * 0.95 / len(tried))
    assert at_last / len(tried) <= at_any / len(tried) <= allowed


@pytest.mark.parametrize("others", [19, 29, 38, 59])
def test_looks_by_rank_hold_at_once_where_nothing_happened(others):
    """One assignment among many that are alike, at seven looks that vary by different amounts."""
    rng = np.random.default_rng(others)
    spread = np.array([1, 1, 1.3, 1.7, 2.2, 1.1, 1.9])
    missed, tries = 0, 400
    for _ in range(tries):
        shared = rng.normal(size=(1 + others, 1))
        statistics = spread * (0.6 * shared + 0.8 * rng.normal(size=(1 + others, len(spread))))
        looks = {}
        for at, column in enumerate(abs(statistics).T):
            half = critical_value(column[1:])
            contrast = Contrast(column[0], column[0] - half, column[0] + half, 1.0, 0.05, np.inf)
            looks[at] = ranked_look(contrast, "rank", column[0], pd.Series(column[1:]))
        missed += any(contrast.low > 0 for _, contrast, _ in all_at_once(looks, len(looks)))
    assert missed / tries <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / tries)
    assert missed > 0
