"""Faults once found in difference_in_differences, each with a test that keeps it mended."""

import subprocess
import sys

import numpy as np
import pytest

from evalkit.designs.difference_in_differences.inference import by_cluster, pretrends_by_cluster, pretrends_by_rank
from evalkit.errors import EvaluationError
from evalkit.inference.ranks.interval import rank_p_value
from tests.support.panels import detectable_effect, differences, frame_of, injected, noise
from tests.support.simulations import chance, simulations
from tests.unit.designs.test_did_rank import _quick


def counts(units=24, months=24, rate=40.0):
    return np.random.default_rng(1).poisson(rate, (units, months)).astype(float)


class TestCounts:
    def test_each_treated_unit_has_its_own_term(self):
        """Ratios take the first row of the weights for all, so that one term is the whole and the others are nonsense."""
        outcome = counts(24, 10)
        outcome[0, 5:] *= 2
        estimates = differences(frame_of(outcome, [5, 5]), family="poisson").estimates
        by_term = estimates[estimates["scale"] == "log"].set_index("term")["estimate"]
        for unit in (0, 1):
            own, others = outcome[unit], outcome[2:].sum(axis=0)
            expected = np.log(own[5:].sum() / own[:5].sum()) - np.log(others[5:].sum() / others[:5].sum())
            assert by_term[f"att U00{unit}"] == pytest.approx(expected, abs=0.01)

    def test_observed_in_transition_is_a_rate(self):
        """The picture takes exp() of the count itself there: 1e18 cases."""
        effect = differences(frame_of(counts(24, 10), [5]), family="poisson", transition=2)
        assert effect.series["observed"].max() < 100

    def test_covariates_are_used_or_refused(self):
        frame = frame_of(counts(24, 10), [5], age=np.arange(24.0) ** 2)
        with pytest.raises(EvaluationError, match="covariates"):
            differences(frame, family="poisson", covariates=["age"])

    def test_weights_are_used_or_refused(self):
        frame = frame_of(counts(24, 10), [5], people=np.arange(24) + 1.0)
        with pytest.raises(EvaluationError, match="weights"):
            differences(frame, family="poisson", weights="people")

    def test_fewer_comparators_than_treated(self):
        """IndexError; with as many the figures compare with nobody."""
        effect = differences(frame_of(counts(5, 8), [4] * 3), family="poisson")
        assert np.isfinite(effect.headline["estimate"])


class TestRank:
    def test_single_units_are_ranked_among_all_units_alike(self):
        """With one start the first column of the assignments holds low numbers mostly: the terms of single units are
        ranked among units with low figures in the first month, and change with the units' levels."""
        outcome = noise(3, 11, 13, uneven=0.3)
        level = np.arange(11)[::-1, None] * 100.0
        tables = [
            differences(frame_of(values, [7, 7])).estimates.set_index("term") for values in (outcome, outcome + level)
        ]
        for term in ("att U000", "att U001"):
            for column in ("estimate", "p_value"):
                assert tables[0].loc[term, column] == pytest.approx(tables[1].loc[term, column])

    def test_clear_of_nought_wherever_the_test_rejects(self):
        """An assignment less noisy than the share it has of the treated counts as limiting no effect at all, so that
        the interval may hold nought though p is below 5%: 'clear' and p then say different things."""
        outcomes = [injected(noise(seed, 12, 12, uneven=1.0), [7] * 3, 1.5) for seed in range(30)]
        said = [differences(frame_of(values, [7] * 3), headline="mean months 1 to 5").headline for values in outcomes]
        differ = [
            headline["p_value"]
            for headline in said
            if (headline["low"] > 0 or headline["high"] < 0) != (headline["p_value"] <= 0.05)
        ]
        assert not differ

    def test_smallest_detectable_effect_does_not_grow_with_the_effect(self):
        """Among all units other assignments hold treated units with their effect in; it has to be taken out first."""
        outcome = noise(4, 12, 16)
        plain, changed = (
            detectable_effect(differences(frame_of(values, [8] * 3)))
            for values in (outcome, injected(outcome, [8] * 3, 10.0))
        )
        assert changed == pytest.approx(plain, rel=0.05)

    def test_an_outcome_that_never_changes(self):
        """ZeroDivisionError once, then nought from nought to nought: nothing can be learnt from it."""
        with pytest.raises(EvaluationError, match="never moves"):
            differences(frame_of(np.ones((22, 12)), [6]))


class TestChecks:
    def test_a_steep_trend_before_fails_the_check_of_trends(self):
        """Its noise holds the trend itself, so that a trend of any size looks like 0.1: with one treated unit and as
        many months before as after, the joint statistic is the same (T - 2) / 2 for every trend."""
        outcome = noise(6, 42, 24)
        outcome[0] += 2.0 * np.arange(24)
        checks = {check.code: check.passed for check in pretrends_by_rank.pretrend_checks(_quick(outcome, [16]), str)}
        assert checks["parallel_trends"] is False

    def test_a_trend_that_would_have_been_found_is_found(self):
        """'would have been found four times in five': the check reads another statistic, and finds 5%."""
        runs, detected = 60, 0
        for outcome in noise(9, 42 * runs, 24, 0.3).reshape(runs, 42, 24):
            outcome[0] += pretrends_by_rank.PretrendGaps.from_differences(
                _quick(outcome, [12])
            ).detectable() * np.arange(24)
            leads = pretrends_by_rank.PretrendGaps.from_differences(_quick(outcome, [12]))
            detected += rank_p_value(leads.joint, leads.other_joints) <= 0.05
        assert detected / runs > 0.6

    @simulations(short=15, long=40)
    def test_parallel_trends_with_eight_treated_has_its_size(self, runs):
        """Clustered errors with few treated: the joint test of 17 months fails 96 of 100 times where nothing moves."""
        failed = 0
        for outcome in noise(10, 60 * runs, 36, 0.3).reshape(runs, 60, 36):
            failed += (
                pretrends_by_cluster.parallel_trends(by_cluster.fitted(_quick(outcome, [18] * 8)), str).passed is False
            )
        assert failed / runs <= 0.05 + 2 * chance(0.05, runs)


class TestFrames:
    def test_only_one_month_after_the_start(self):
        """One more month of transition leaves nobody treated: ValueError out of the sensitivity rows."""
        effect = differences(frame_of(noise(1, 22, 12), [11]))
        assert np.isfinite(effect.headline["estimate"])

    def test_one_more_month_of_transition_makes_no_comparator_of_a_treated_unit(self):
        outcome = noise(1, 22, 12)
        disturbed = injected(outcome, [11, 6], 0.0)
        disturbed[0, 11] += 100  # the last start's only treated month
        rows = []
        for values in (outcome, disturbed):
            estimates = differences(frame_of(values, [11, 6])).estimates
            rows.append(estimates[estimates["method"] == "one more month of transition"]["estimate"].tolist())
        assert rows[0] == pytest.approx(rows[1])

    def test_a_unit_in_transition_at_the_end_is_no_clean_comparator(self):
        """It started in month 21 of 24 and its three months in transition reach the end: those months are affected."""
        outcome = noise(1, 24, 24)
        disturbed = outcome.copy()
        disturbed[1, 21:] += 100
        undisturbed, other = (
            differences(frame_of(values, [12, 21]), transition=3).headline["estimate"]
            for values in (outcome, disturbed)
        )
        assert undisturbed == pytest.approx(other)

    def test_every_comparator_misses_some_month(self):
        frame = frame_of(noise(1, 24, 24), [12])
        for number in range(1, 24):
            rows = (frame["unit"] == f"U{number:03d}") & (frame["month"] == sorted(set(frame["month"]))[number])
            frame.loc[rows, "value"] = np.nan
        with pytest.raises(EvaluationError, match=r"missing|no figure"):
            differences(frame)

    @pytest.mark.parametrize("wrong", [1, True, np.inf], ids=str)
    def test_a_column_that_says_whether_and_not_when(self, wrong):
        """Refused, but the sentence names neither column nor unit, and shows np.int64(1)."""
        frame = frame_of(noise(1, 6, 12), [6])
        frame["start"] = np.where(frame["unit"] == "U000", wrong, None).astype(object)
        with pytest.raises(EvaluationError, match="start") as caught:
            differences(frame)
        assert "U000" in str(caught.value)
        assert "np." not in str(caught.value)

    def test_covariates_none(self):
        frame = frame_of(noise(1, 6, 12), [6])
        assert differences(frame, covariates=None).headline["estimate"] == differences(frame).headline["estimate"]

    def test_headline_none(self):
        with pytest.raises(EvaluationError, match="headline"):
            differences(frame_of(noise(1, 6, 12), [6]), headline=None)

    def test_the_observed_are_observed_whatever_the_covariates(self):
        outcome = noise(1, 24, 12)
        frame = frame_of(outcome, [6], age=np.arange(24.0) % 7)
        series = differences(frame, covariates=["age"], inference="placebo").series
        assert series["observed"].to_numpy(float) == pytest.approx(outcome[0])


def test_synthetic_with_anticipation():
    """ValueError: the picture has the months of anticipation, the gap has not."""
    effect = differences(frame_of(noise(1, 24, 16), [10]), method="synthetic", anticipation=2)
    assert np.isfinite(effect.headline["estimate"])


def test_all_treated_some_day_gives_no_warning():
    """Single units after nobody is left to compare with: nought by nought."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        effect = differences(frame_of(noise(1, 8, 24), [8, 12, 16, 20] * 2))
    assert np.isfinite(effect.estimates["estimate"].to_numpy(float)).all()


def test_the_mean_of_months_is_one_estimand():
    """By rank every unit and month alike, by cluster every month alike: two answers to one pre-specified headline."""
    frame = frame_of(noise(15, 30, 14), [5, 5, 5, 10, 10, 10])
    by_rank, clustered = (
        differences(frame, inference=how, headline="mean months 1 to 8").headline["estimate"]
        for how in ("placebo", "cluster")
    )
    assert by_rank == pytest.approx(clustered)


def test_clusters_are_used_or_refused_by_rank():
    """Ignored in silence: three treated units of one area are ranked as if each stood alone."""
    outcome = noise(12, 30, 14)
    frame = frame_of(outcome, [7] * 3, area=np.arange(30) // 3)
    with pytest.raises(EvaluationError, match="cluster"):
        differences(frame, cluster="area", inference="placebo")


def test_clustered_errors_with_one_treated_unit_are_warned_of():
    """Few treated units are ranked. Clustered errors, asked for by name, were given without a failed check or a note."""
    effect = differences(frame_of(noise(2, 30, 14), [7]), inference="cluster", headline="mean months 1 to 7")
    assert any("treated" in note for note in effect.notes) or any(
        check.passed is False and "treated" in check.detail
        for check in effect.checks
        if check.code != "parallel_trends"
    )


def test_names_are_functions_whatever_was_imported_before():
    """``import evalkit.verdict`` (or a template that imports from it) hides ``ek.verdict`` behind the module."""
    program = "import evalkit.verdict, evalkit.power\nimport evalkit as ek\nassert callable(ek.verdict) and callable(ek.power)\n"
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_starts_in_mid_month_and_on_the_first_are_counted_alike_by_rank_and_by_cluster():
    """Once the clustered path counted every start from the month before the longest transition."""
    frame = frame_of(noise(21, 30, 24), [8, 13, 18])
    months = sorted(set(frame["month"]))
    frame["start"] = frame["start"].replace({months[13]: f"{months[12]}-15"})
    by_rank, by_errors = (
        differences(frame, inference=how, comparison="never_treated").headline["estimate"]
        for how in ("placebo", "cluster")
    )
    assert by_rank == pytest.approx(by_errors)


@pytest.mark.parametrize("span", [slice(0, 5), slice(5, 10)], ids=["before", "after"])
def test_counts_without_a_case_on_one_side_are_refused(span):
    outcome = counts(24, 10)
    outcome[0, span] = 0
    with pytest.raises(EvaluationError, match="no case among the treated"):
        differences(frame_of(outcome, [5]), family="poisson")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"log": "no"}, "log='no' is neither True nor False"),
        ({"seed": -1}, "seed=-1 is not a whole number"),
        ({"outcome": ["value"]}, "is not the name of a column"),
    ],
)
def test_wrong_options_are_refused_in_words(wrong, said):
    with pytest.raises(EvaluationError, match=said.replace("[", r"\[")):
        differences(frame_of(noise(1, 22, 12), [6]), **wrong)


def test_an_outcome_without_a_number():
    frame = frame_of(noise(1, 22, 12), [6])
    frame["value"] = np.nan
    with pytest.raises(EvaluationError, match="holds no number"):
        differences(frame)


def test_two_columns_of_one_name():
    frame = frame_of(noise(1, 22, 12), [6])
    frame.insert(0, "value", 1.0, allow_duplicates=True)
    with pytest.raises(EvaluationError, match="two columns called `value`"):
        differences(frame)


def test_blank_text_is_never_treated():
    frame = frame_of(noise(1, 22, 12), [6])
    blank = frame.assign(start=frame["start"].where(frame["start"].notna(), " "))
    assert differences(blank).headline["estimate"] == differences(frame).headline["estimate"]


def test_many_treated_are_told_how_far_trends_may_part():
    """Smoothness with its breakdown value; relative magnitudes without an interval."""
    outcome = injected(noise(31, 60, 16, 0.3), [8] * 30, 5.0)
    detail = next(
        check.detail for check in differences(frame_of(outcome, [8] * 30)).checks if check.code == "parallel_trends"
    )
    assert "could bend by" in detail
    assert "times the largest before would explain the estimate away; no interval" in detail
