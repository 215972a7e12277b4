"""Difference-in-differences of counts, with covariates, with many treated, against a synthetic control."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evalkit.designs.difference_in_differences.inference import by_cluster
from tests.support.panels import differences, frame_of, injected, noise
from tests.support.simulations import chance, simulations
from tests.unit.designs.test_did_rank import _quick

SHORT = {"headline": "att"}


def rows(effect, role, scale=None) -> pd.DataFrame:
    chosen = effect.estimates[effect.estimates["role"] == role]
    return chosen if scale is None else chosen[chosen["scale"] == scale]


class TestCounts:
    def counts(self, seed, units=24, rate=30.0):
        return np.random.default_rng(seed).poisson(rate, (units, 12)).astype(float)

    def test_poisson_is_the_regression_with_unit_and_period_effects(self):
        counts = self.counts(1)
        effect = differences(frame_of(counts, [5, 5]), family="poisson")
        unit, period = np.divmod(np.arange(counts.size), 12)
        treated = (unit < 2) & (period >= 5)
        matrix = np.column_stack([treated, np.eye(24)[unit], np.eye(12)[period][:, 1:]]).astype(float)
        fitted = sm.GLM(counts.ravel(), matrix, family=sm.families.Poisson()).fit(tol=1e-12)
        assert rows(effect, "headline", "log")["estimate"].iloc[0] == pytest.approx(fitted.params[0], abs=1e-8)
        assert effect.headline["estimate"] == pytest.approx(100 * np.expm1(fitted.params[0]), abs=1e-6)
        assert effect.headline["scale"] == "percent"

    def test_poisson_rates_by_hand(self):
        counts = self.counts(2)
        people = np.repeat(np.linspace(50, 400, 24)[:, None], 12, axis=1)
        frame = frame_of(counts, [5], names=None).assign(people=people.ravel())
        effect = differences(frame, family="poisson", exposure="people")

        def rate(units, months):
            return counts[units, months].sum() / people[units, months].sum()

        first, last, own, others = slice(0, 5), slice(5, 12), slice(0, 1), slice(1, 24)
        expected = np.log(rate(own, last) / rate(own, first)) - np.log(rate(others, last) / rate(others, first))
        assert rows(effect, "headline", "log")["estimate"].iloc[0] == pytest.approx(expected)

    def test_binomial_odds_by_hand(self):
        counts = self.counts(3)
        frame = frame_of(counts, [5]).assign(people=100)
        effect = differences(frame, family="binomial", exposure="people")

        def odds(units, months):
            cases = counts[units, months].sum()
            return np.log(cases / (counts[units, months].size * 100 - cases))

        first, last = slice(0, 5), slice(5, 12)
        expected = odds(slice(0, 1), last) - odds(slice(0, 1), first)
        expected -= odds(slice(1, 24), last) - odds(slice(1, 24), first)
        assert effect.headline["estimate"] == pytest.approx(expected)
        assert effect.headline["scale"] == "log_odds"
        assert effect.series["observed"].between(0, 1).all()

    def test_zeros_count_as_zero_and_are_told(self):
        counts = self.counts(4, rate=1.0)
        assert (counts == 0).mean() > 0.2
        effect = differences(frame_of(counts, [5]), family="poisson")
        assert np.isfinite(effect.headline["estimate"])
        assert any("zero" in note for note in effect.notes)

    @pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
    def test_a_factor_moves_the_ratio_by_itself(self, factor):
        counts = self.counts(6)
        changed = counts.copy()
        changed[0, 5:] *= factor
        plain, other = (
            rows(differences(frame_of(outcome, [5]), family="poisson"), "headline", "log")["estimate"].iloc[0]
            for outcome in (counts, changed)
        )
        assert other == pytest.approx(plain + np.log(factor))

    def test_six_months_before_or_more(self):
        """The invented date takes its counts from the months before, too."""
        counts = np.random.default_rng(1).poisson(40, (24, 24))
        effect = differences(frame_of(counts, [12]), family="poisson")
        invented = next(check for check in effect.checks if check.code == "invented_date")
        assert isinstance(invented.passed, bool)

    @simulations(short=15, long=40)
    def test_size(self, runs):
        rejected = 0
        for seed in range(runs):
            frame = frame_of(self.counts(seed + 100, 21), [5])
            rejected += differences(frame, family="poisson", headline="mean months 1 to 7").headline["p_value"] <= 0.05
        assert rejected / runs <= 0.05 + 2 * chance(0.05, runs)


class TestCovariates:
    """Units with a higher covariate drift upwards, and the treated have higher ones."""

    def made(self, seed, starts, units):
        random = np.random.default_rng(seed)
        age = random.standard_normal(units) + 2 * (np.arange(units) < len(starts))
        drift = 0.5 * age[:, None] * np.arange(16)
        return frame_of(noise(seed, units, 16) + drift, starts, age=age, area=np.arange(units) // 2)

    @pytest.mark.parametrize(
        ("starts", "units"),
        [([8], 30), ([8] * 3, 30), ([7, 9], 30), ([8] * 8, 40), ([6] * 10 + [9] * 10, 60)],
        ids=["1", "3", "two starts", "8 clustered", "20 in two starts"],
    )
    def test_a_trend_that_the_covariate_drives_is_removed(self, starts, units):
        """Without it the estimate is off by several, with it by chance only."""
        plain, adjusted = [], []
        for seed in range(3):
            frame = self.made(seed, starts, units)
            plain.append(differences(frame, headline="mean months 1 to 5").headline["estimate"])
            adjusted.append(differences(frame, covariates=["age"], headline="mean months 1 to 5").headline["estimate"])
        assert np.mean(plain) > 2
        assert abs(np.mean(adjusted)) < 0.25 * np.mean(plain)

    def test_one_covariate_may_be_named_alone(self):
        frame = self.made(1, [8], 30)
        headline, other = (differences(frame, covariates=given, **SHORT).headline for given in ("age", ["age"]))
        assert headline["estimate"] == other["estimate"]


class TestManyTreated:
    def test_coverage_of_clustered_errors(self):
        runs, held = 120, 0
        for outcome in noise(11, 60 * runs, 14, 0.5).reshape(runs, 60, 14):
            interval = by_cluster.fitted(_quick(injected(outcome, [7] * 20, 1.0), [7] * 20)).overall
            held += interval.low <= 1 <= interval.high
        assert 0.90 <= held / runs <= 0.985

    def test_clusters_are_used(self):
        outcome = noise(12, 60, 14)
        area = np.arange(60) // 3
        together = outcome + noise(13, 20, 14)[area]
        frame = frame_of(together, [7] * 21, area=[f"area {number}" for number in area])
        apart, clustered = differences(frame), differences(frame, cluster="area")
        assert apart.headline["estimate"] == clustered.headline["estimate"]
        assert clustered.headline["df"] == 19
        assert apart.headline["df"] == 59
        assert clustered.headline["std_error"] > 1.2 * apart.headline["std_error"]

    @pytest.mark.parametrize("starts", [[7] * 21, [5] * 9 + [8] * 12])
    def test_names_of_clusters_do_not_matter(self, starts):
        area = np.arange(60) // 3
        outcome = noise(12, 60, 14) + noise(13, 20, 14)[area]
        names = np.random.default_rng(1).permutation(20)[area]
        headline, other = (
            differences(frame_of(outcome, starts, area=list(map(str, given))), cluster="area").headline
            for given in (area, names)
        )
        assert headline["std_error"] == pytest.approx(other["std_error"], rel=1e-9)

    def test_forty_cohorts_of_one(self):
        starts = [2 + number // 2 for number in range(40)]
        frame = frame_of(injected(noise(14, 70, 26), starts, 2.0), starts)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            effect = differences(frame)
        assert effect.headline["estimate"] == pytest.approx(2, abs=0.6)
        assert len(effect.tables["event_study"].query("by == 'start'")) == 20
        assert effect.headline["df"] == 69

    def test_by_rank_and_by_cluster_agree_on_the_estimates(self):
        frame = frame_of(noise(15, 30, 14), [5, 5, 5, 8, 8, 8])
        by_rank, clustered = (differences(frame, inference=how) for how in ("placebo", "cluster"))
        assert by_rank.headline["estimate"] == pytest.approx(clustered.headline["estimate"])
        for month in (1, 3, 7):
            assert by_rank.at(month)["estimate"] == pytest.approx(clustered.at(month)["estimate"])
        cohorts = [
            effect.estimates.dropna(subset="cohort").set_index("cohort")["estimate"] for effect in (by_rank, clustered)
        ]
        pd.testing.assert_series_equal(*cohorts)

    def test_wild_bootstrap_headline(self):
        frame = frame_of(injected(noise(16, 16, 14), [7] * 6, 2.0), [7] * 6)
        wild, plain = (differences(frame, inference=how) for how in ("wild_bootstrap", "cluster"))
        assert wild.headline["method"] == "wild cluster bootstrap"
        assert wild.headline["estimate"] == plain.headline["estimate"]
        assert wild.headline["low"] < plain.headline["estimate"] < wild.headline["high"]
        assert (wild.headline["p_value"] <= 0.05) == (wild.headline["low"] > 0)
        assert wild.headline["low"] != plain.headline["low"]
        assert "wild cluster bootstrap" not in set(rows(wild, "comparison")["method"])


class TestSynthetic:
    def made(self, seed, units=21, periods=16):
        random = np.random.default_rng(seed)
        factors = random.standard_normal((2, periods)).cumsum(axis=1)
        return random.uniform(0, 1, (units, 2)) @ factors + 0.3 * noise(seed, units, periods)

    @simulations(short=10, long=25)
    def test_size(self, runs):
        rejected = 0
        for seed in range(runs):
            effect = differences(frame_of(self.made(seed), [10]), method="synthetic", headline="mean months 1 to 6")
            rejected += effect.headline["p_value"] <= 0.05
        assert rejected / runs <= 0.05 + 2 * chance(0.05, runs)

    def test_tables(self):
        effect = differences(frame_of(self.made(1), [10]), method="synthetic")
        weights = effect.tables["weights"]
        assert (weights["weight"] > 0).all()
        for of in ("unit", "period"):
            assert weights.loc[weights["of"] == of, "weight"].sum() == pytest.approx(1, abs=0.03)
        assert set(weights.loc[weights["of"] == "period", "unit"]) <= {f"2016-{month:02d}" for month in range(1, 11)}
        heaviest = weights[weights["of"] == "unit"].nlargest(5, "weight")["unit"]
        assert set(effect.tables["influence"]["unit"]) == set(heaviest)
        placebos = effect.tables["placebo"]
        assert len(placebos) == 21
        assert placebos.loc[0, "estimate"] == pytest.approx(effect.headline["estimate"])
        assert {check.name for check in effect.checks} >= {
            "Fit before the change",
            "Comparators with an invented start",
        }

    def test_leaving_one_out_is_leaving_its_rows_out(self):
        frame = frame_of(self.made(2), [10])
        effect = differences(frame, method="synthetic")
        for row in effect.tables["influence"].head(2).itertuples():
            without = differences(frame[frame["unit"] != row.unit], method="synthetic").headline["estimate"]
            assert effect.headline["estimate"] + row.shift == pytest.approx(without, abs=5e-3)

    def test_an_effect_is_found_where_plain_differences_are_biased(self):
        outcome = injected(self.made(3), [10], 4.0)
        headline = differences(frame_of(outcome, [10]), method="synthetic").headline
        assert headline["estimate"] == pytest.approx(4, abs=0.8)
        assert headline["p_value"] <= 0.05
        assert headline["low"] > 0

    def test_several_treated_with_one_start(self):
        effect = differences(frame_of(injected(self.made(4, 30), [10] * 3, 3.0), [10] * 3), method="synthetic")
        assert effect.headline["estimate"] == pytest.approx(3, abs=0.8)
        assert effect.treated_units == ("U000", "U001", "U002")
