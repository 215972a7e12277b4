"""Pooling: one effect from several, whatever their order, unit or spread."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from evalkit.certainty import Circumstances
from evalkit.check_register import INVENTED_DATE, MERGERS, PARALLEL_TRENDS
from evalkit.designs.difference_in_differences.design import ALL_TREATED, ONE_TREATED
from evalkit.designs.pooled_effect.description import POOLED
from evalkit.designs.pooled_effect.design import pool
from evalkit.effect import Effect
from evalkit.errors import EvaluationError
from evalkit.inference.meta_analysis.random_effects import fit_random_effects
from evalkit.inference.meta_analysis.site_estimates import correlation, site_estimate
from evalkit.verdict import verdict
from tests.support.effects import CONTROLLED, SINGLE, estimate_row, made_effect

RANK = "rank among comparators"


def site(
    label: str, estimate: float, half: float, *, scale="log", method="AR(1), calibrated", df=30.0, **more
) -> Effect:
    row = estimate_row(
        estimate=estimate, low=estimate - half, high=estimate + half, scale=scale, method=method, df=df,
        std_error=half / 3,
    )  # fmt: skip
    rows = [row]
    if scale == "log":
        percent = {name: 100 * math.expm1(row[name]) for name in ("estimate", "low", "high")}
        rows.append({**row, **percent, "scale": "percent"})
    data = {
        "table": "t",
        "disclosure": "official_statistics",
        "first": "2016-04",
        "last": "2019-03",
        "rows_sha256": label,
    }
    return made_effect(rows, **{"treated_units": (label,), "data": data, **more})


def sites(estimates, halves, **more) -> list[Effect]:
    return [
        site(f"site {index:02}", estimate, half, **more)
        for index, (estimate, half) in enumerate(zip(estimates, halves, strict=True))
    ]


def row(effect: Effect, term: str) -> pd.Series:
    return effect.estimates[effect.estimates["term"] == term].iloc[0]


estimates_and_halves = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.05, 3)), min_size=3, max_size=12).map(
    lambda pairs: tuple(zip(*pairs, strict=True))
)


class TestProperties:
    @settings(max_examples=25)
    @given(estimates_and_halves, st.randoms())
    def test_order_does_not_matter(self, made_of, random):
        effects = sites(*made_of)
        shuffled = random.sample(effects, len(effects))
        assert pool(effects).to_dict() == pool(shuffled).to_dict()

    @settings(max_examples=25)
    @given(estimates_and_halves, st.sampled_from([-1.0, 1e-4, 8.0, 1e5]))
    def test_the_unit_does_not_matter(self, made_of, factor):
        estimates, halves = (np.array(numbers) for numbers in made_of)
        rows = pool(sites(estimates, halves, scale="unit")).estimates
        others = sites(factor * estimates, abs(factor) * halves, scale="unit")
        series = others[0].series.assign(observed=factor * others[0].series["observed"])
        scaled = pool([replace(other, series=series) for other in others]).estimates
        names = ["estimate", "low", "high"] if factor > 0 else ["estimate", "high", "low"]
        keep = rows["term"] != "tau"
        expected = factor * rows.loc[keep, names].to_numpy()
        assert scaled.loc[keep, ["estimate", "low", "high"]].to_numpy() == pytest.approx(
            expected, rel=1e-6, abs=1e-7 * abs(factor)
        )
        tau = abs(factor) * rows.loc[~keep, ["estimate", "low", "high"]].to_numpy()
        assert scaled.loc[~keep, ["estimate", "low", "high"]].to_numpy() == pytest.approx(
            tau, rel=1e-4, abs=1e-4 * abs(factor), nan_ok=True
        )

    @settings(max_examples=25)
    @given(estimates_and_halves)
    def test_the_mean_lies_among_the_sites_and_in_its_interval_and_that_in_the_prediction(self, made_of):
        effect = pool(sites(*made_of))
        mean, new = row(effect, "pooled"), row(effect, "prediction interval")
        assert min(made_of[0]) - 1e-9 <= mean["estimate"] <= max(made_of[0]) + 1e-9
        assert new["low"] <= mean["low"] < mean["estimate"] < mean["high"] <= new["high"]
        assert (mean["p_value"] < 0.05) == (mean["low"] > 0 or mean["high"] < 0)
        assert effect.tables["weights"]["weight"].sum() == pytest.approx(1)
        tau = row(effect, "tau")
        assert tau["low"] >= 0
        assert math.isnan(tau["high"]) or tau["low"] <= tau["high"]

    @settings(max_examples=20)
    @given(estimates_and_halves)
    def test_never_narrower_than_if_all_sites_were_alike(self, made_of):
        effect = pool(sites(*made_of))
        alike = effect.estimates[effect.estimates["method"] == "one common effect, normal"].iloc[0]
        mean = row(effect, "pooled")
        assert mean["high"] - mean["low"] >= (alike["high"] - alike["low"]) * (1 - 1e-9)

    @settings(max_examples=20)
    @given(estimates_and_halves)
    def test_it_is_the_most_likely_variance(self, made_of):
        estimates, errors = np.array(made_of[0]), np.array(made_of[1]) / 2
        fit = fit_random_effects(estimates, np.diag(errors**2), np.ones((len(estimates), 1)))

        def likelihood(tau2: float) -> float:
            weights = 1 / (errors**2 + tau2)
            mean = weights @ estimates / weights.sum()
            return 0.5 * (np.log(weights).sum() - np.log(weights.sum()) - weights @ (estimates - mean) ** 2)

        best = likelihood(fit.tau2)
        assert all(likelihood(variance) <= best + 1e-9 for variance in np.linspace(0, 6, 200))

    def test_round_trip(self):
        effect = pool(sites([0.1, 0.3, 0.2], [0.2, 0.1, 0.3])).published("official_statistics")
        assert Effect.from_dict(effect.to_dict()).to_dict() == effect.to_dict()


class TestSamplingError:
    def test_from_t_intervals(self):
        read = site_estimate(site("a", 0.1, 0.4, df=9.0))
        assert read.std_error == pytest.approx(0.4 / stats.t.ppf(0.975, 9))

    @pytest.mark.parametrize(("comparators", "left_out"), [(19, 1 / 20), (38, 1 / 39), (39, 2 / 40), (130, 6 / 131)])
    def test_from_ranks(self, comparators, left_out):
        table = pd.DataFrame({"treated": [True] + [False] * comparators})
        read = site_estimate(site("a", 0.1, 0.4, method=RANK, tables={"placebo": table}))
        assert read.std_error == pytest.approx(0.4 / stats.norm.ppf(1 - left_out / 2))

    def test_the_headline_on_the_scale_of_the_model(self):
        read = site_estimate(site("a", 0.1, 0.4))
        assert (read.scale, read.estimate) == ("log", 0.1)


def members(labels: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"unit": labels, "used": True, "weight": 1 / len(labels), "reason": ""})


class TestSharedComparators:
    pool_of_20 = [f"c{index:02}" for index in range(20)]

    def test_the_same_comparators_at_the_same_time(self):
        effects = [site(name, 0.1, 0.2, tables={"members": members(self.pool_of_20)}) for name in "abc"]
        correlations = correlation(effects)
        assert correlations[0, 1] == pytest.approx((1 / 20) / (1 + 1 / 20), rel=2e-3)
        apart = pool([replace(effect, tables={}) for effect in effects])
        together = pool(effects)
        assert row(together, "pooled")["high"] > row(apart, "pooled")["high"]
        assert "Shared comparators" in {check.name for check in together.checks}
        assert "Shared comparators" not in {check.name for check in apart.checks}

    def test_comparators_without_weights_count_alike(self):
        weighted = [site(name, 0.1, 0.2, tables={"members": members(self.pool_of_20)}) for name in "abc"]
        plain = [
            replace(effect, tables={"members": effect.tables["members"].drop(columns="weight")}) for effect in weighted
        ]
        assert correlation(plain) == pytest.approx(correlation(weighted))

    def test_other_months_share_nothing(self):
        effects = [site(name, 0.1, 0.2, tables={"members": members(self.pool_of_20)}) for name in "abc"]
        later = effects[2].series.assign(
            period=[str(month) for month in pd.period_range("2021-04", periods=36, freq="M")]
        )
        effects[2] = replace(effects[2], series=later, interruptions=("2022-07-01",))
        correlations = correlation(effects)
        assert correlations[0, 2] == 0
        assert correlations[0, 1] > 0.04

    def test_simulated_noise_correlates_as_said(self):
        random = np.random.default_rng(0)
        noise = random.standard_normal((20_000, 8))
        labels = [f"c{index}" for index in range(6)]
        effects = [
            site("a", 0.1, 0.2, tables={"members": members(labels[:4])}),
            site("b", 0.1, 0.2, tables={"members": members(labels[2:])}),
            site("c", 0.1, 0.2, tables={"members": members(["a", *labels[:2]])}),
        ]
        a, b = noise[:, 6] - noise[:, :4].mean(axis=1), noise[:, 7] - noise[:, 2:6].mean(axis=1)
        c = random.standard_normal(20_000) - noise[:, [6, 0, 1]].mean(axis=1)
        assert correlation(effects) == pytest.approx(np.corrcoef([a, b, c]), abs=0.03)


class TestWhatItHolds:
    effects = sites([-0.1, -0.2, -0.15, -0.3], [0.1, 0.15, 0.1, 0.3])

    def test_rows(self):
        effect = pool(self.effects)
        assert effect.design == POOLED.name
        assert "4 sites" in effect.estimand
        assert effect.headline["scale"] == "percent"
        assert effect.headline["estimate"] == pytest.approx(100 * math.expm1(row(effect, "pooled")["estimate"]))
        assert set(effect.treated_units) <= set(effect.estimates["term"])
        assert [f"without {unit}" for unit in effect.treated_units] == list(
            effect.estimates.query("role == 'sensitivity' and scale == 'log'")["method"]
        )
        assert set(effect.tables) == {"weights", "members", "influence"}
        assert effect.minimum_detectable_effect > 0
        assert effect.data["first"] == "2016-04"

    def test_without_one_of_three_sites_is_shown_and_never_counted(self):
        rows = pool(self.effects[:3]).estimates.set_index("method")
        assert set(rows.loc["without site 01", "role"]) == {"comparison"}

    def test_leaving_out_equals_pooling_the_others(self):
        influence = pool(self.effects).tables["influence"].set_index("unit")
        for effect in self.effects:
            others = pool([other for other in self.effects if other is not effect])
            assert influence.loc[effect.treated_units[0], "estimate"] == pytest.approx(
                row(others, "pooled")["estimate"]
            )

    def test_comparisons_are_those_of_statsmodels(self):
        effects = sites([-0.1, -0.8, -0.15, 0.9], [0.1, 0.15, 0.1, 0.3])
        comparisons = pool(effects).estimates.query("role == 'comparison' and scale == 'log'").set_index("method")
        read = [site_estimate(effect) for effect in effects]
        estimates = np.array([estimate.estimate for estimate in read])
        variances = np.array([estimate.std_error for estimate in read]) ** 2
        iterated = combine_effects(estimates, variances, method_re="iterated", use_t=True)
        one_step = combine_effects(estimates, variances, method_re="dl")
        for name, theirs in (
            ("one common effect, normal", one_step.conf_int()[0]),
            ("DerSimonian-Laird, normal", one_step.conf_int()[1]),
            ("Paule-Mandel, Hartung-Knapp", iterated.conf_int()[3]),
        ):
            assert tuple(comparisons.loc[name, ["low", "high"]]) == pytest.approx(tuple(theirs), rel=1e-4)

    @pytest.mark.parametrize("term", ["level", "mean", "slope", "att", "month 12"])
    def test_the_estimand_says_mean_once(self, term):
        effects = [replace(effect, estimates=effect.estimates.assign(term=term)) for effect in self.effects]
        assert pool(effects).estimand.count("mean") <= 1
        assert "on average over places like these 4 sites" in pool(effects).estimand

    def test_notes_on_one_site_are_not_said_of_all(self):
        data = "2016-05: not reported; left missing."
        alone = "2 cohorts are single units, whose own variation the standard errors cannot see: trust"
        others = [replace(other, notes=(ONE_TREATED,)) for other in self.effects[1:]]
        full = replace(self.effects[0], notes=(ONE_TREATED, data, ALL_TREATED, alone))
        assert pool([full, *others]).notes == (f"site 00: {data}",)
        shared = [replace(other, notes=(ALL_TREATED, data)) for other in self.effects]
        assert pool(shared).notes == tuple(sorted((ALL_TREATED, data)))

    def test_checks_of_the_sites_count_by_their_weight(self):
        failed = INVENTED_DATE.result(False, "A change appears there too.")
        fine = replace(failed, passed=True)
        mostly = [replace(effect, checks=(failed if index else fine,)) for index, effect in enumerate(self.effects)]
        rarely = [replace(effect, checks=(fine if index else failed,)) for index, effect in enumerate(self.effects)]
        by_name = lambda effects: {check.name: check for check in pool(effects).checks}[failed.name]  # noqa: E731
        assert by_name(mostly).passed is False
        assert "3 of 4 sites" in by_name(mostly).detail
        assert by_name(rarely).passed is None
        assert "1 of 4 sites" in by_name(rarely).detail

    def test_an_assumption_is_asked_of_the_sites_together(self):
        passed = [replace(effect, checks=(PARALLEL_TRENDS.result(True, "Level."),)) for effect in self.effects]
        labels = tuple(label for effect in passed for label in effect.treated_units)
        fails = (PARALLEL_TRENDS.result(False, "Joint p 0.005."), MERGERS.result(False, "One grew."))

        def asked(together: tuple[str, ...]) -> dict:
            effect = pool(passed, together=[made_effect(treated_units=together, checks=fails)])
            return {check.code: check for check in effect.checks}

        check = asked(labels)["parallel_trends"]
        assert check.passed is False
        assert check.detail.startswith("At no site by itself does it fail")
        assert check.detail.endswith("Joint p 0.005.")
        assert asked(labels[2:])["parallel_trends"].passed is None
        assert "2 of these 4 sites" in asked(labels[2:])["parallel_trends"].detail
        assert asked((*labels, "elsewhere"))["parallel_trends"].passed is True
        assert "mergers" not in asked(labels)

    def test_other_choices_that_all_sites_have_are_pooled_too(self):
        shifted = [
            replace(
                effect,
                estimates=pd.concat(
                    [
                        effect.estimates,
                        effect.estimates.assign(role="sensitivity", method="another base")
                        .assign(**{end: effect.estimates[end] + 0.5 for end in ("estimate", "low", "high")})
                        .query("scale == 'log'"),
                    ],
                    ignore_index=True,
                ),
            )
            for effect in self.effects
        ]
        effect = pool(shifted)
        rows = effect.estimates.query("scale == 'log'").set_index("method")
        assert rows.loc["another base", "role"] == "sensitivity"
        assert rows.loc["another base", "estimate"] == pytest.approx(row(effect, "pooled")["estimate"] + 0.5)
        assert "another base" not in set(pool([*shifted[:3], self.effects[3]]).estimates["method"])

    def test_moderators(self):
        random = np.random.default_rng(5)
        beds = random.uniform(100, 900, 14)
        effects = sites(0.1 + 0.001 * (beds - beds.mean()), np.full(14, 0.05))
        effect = pool(effects, moderators={"beds": list(beds)})
        assert row(effect, "beds")["estimate"] == pytest.approx(0.001, rel=1e-6)
        assert row(effect, "pooled")["estimate"] == pytest.approx(0.1, rel=1e-6)
        order = list(random.permutation(14))
        again = pool([effects[index] for index in order], moderators={"beds": [beds[index] for index in order]})
        assert row(again, "beds")["low"] == pytest.approx(row(effect, "beds")["low"])


class TestRefusals:
    three = sites([0.1, 0.2, 0.3], [0.1, 0.1, 0.1])

    @pytest.mark.parametrize(
        ("effects", "named"),
        [
            (three[:2], "3 sites or more"),
            ([*three, 7], "int"),
            ([*three, three[0]], "site 00"),
            ([*three, site("z", 0.1, 0.1, measure="other")], "measures"),
            ([*three, site("z", 0.1, 0.1, scale="points")], "scales"),
            ([*three, site("z", 0.1, math.nan)], "z"),
            ([*three, site("z", 0.1, math.inf)], "no bound"),
            ([*three, site("z", 0.1, 0.0)], "no width"),
            ([*three, site("z", 0.1, 0.1, data={"synthetic": True, "disclosure": "official_statistics"})], "synthetic"),
        ],
    )
    def test_in_one_sentence(self, effects, named, plain):
        with pytest.raises(EvaluationError) as caught:
            pool(effects)
        plain(str(caught.value), named)

    def test_what_is_not_several_effects(self, plain):
        for effects, named in ((self.three[0], "one effect"), (None, "None"), (5, "5")):
            with pytest.raises(EvaluationError) as caught:
                pool(effects)
            plain(str(caught.value), "`pool` was given", named, "a list of effects")

    def test_different_headlines(self, plain):
        odd = replace(self.three[2], estimates=self.three[2].estimates.assign(term="mean"))
        with pytest.raises(EvaluationError) as caught:
            pool([*self.three[:2], odd])
        plain(str(caught.value), "headlines", "mean")

    def test_a_pooled_effect(self, plain):
        with pytest.raises(EvaluationError) as caught:
            pool([pool(self.three), *self.three])
        plain(str(caught.value), "pooled")

    @pytest.mark.parametrize(
        ("moderators", "count", "named"),
        [
            ({"beds": [1.0] * 9}, 9, "10 sites"),
            ({"a": range(25), "b": range(25), "c": range(25)}, 25, "at most 2"),
            ({"beds": [1.0] * 12}, 12, "do not differ"),
            ({"beds": range(11)}, 12, "`beds`"),
            ({"tau": range(12)}, 12, "`tau`"),
            ({"month of opening": range(12)}, 12, "`month of opening`"),
            ({"beds": ["x"] * 12}, 12, "`beds`"),
            ({"beds": list(range(20)), "size": list(range(1, 21))}, 20, "beds, size"),
        ],
    )
    def test_moderators(self, moderators, count, named, plain):
        with pytest.raises(EvaluationError) as caught:
            pool(sites(np.linspace(0, 1, count), np.full(count, 0.3)), moderators=moderators)
        plain(str(caught.value), named)


class TestVerdict:
    def test_starts_where_the_weakest_site_does(self, real):
        measure = real.measures["ae-attendances-type-1"]
        spread = sites([-0.4, -0.1, -0.3, -0.2, -0.15, -0.35], [0.02] * 6)
        assert verdict(pool(spread), measure).certainty == "moderate"
        judged = verdict(pool([*spread[:5], replace(spread[5], design=SINGLE)]), measure)
        assert judged.certainty == "low"
        assert judged.reasons[0].startswith("Starts at low")

    def test_goes_up_only_where_a_new_site_would_see_it_too(self, real):
        measure = real.measures["ae-attendances-type-1"]
        agreeing = pool(sites([-0.2, -0.21, -0.19, -0.2], [0.05] * 4))
        judged = verdict(agreeing, measure)
        assert judged.certainty == "high"
        assert "One step up" in judged.reasons[-1]
        spread = pool(sites([-0.4, -0.1, -0.3, -0.2, -0.15, -0.35], [0.02] * 6))
        assert spread.headline["high"] < 0 < row(spread, "prediction interval")["high"]
        assert verdict(spread, measure).certainty == "moderate"

    def test_it_does_not_go_up_where_the_planned_analysis_says_otherwise(self, real):
        agreeing = pool(sites([-0.2, -0.21, -0.19, -0.2], [0.05] * 4))
        around = Circumstances(fixed_before=False, planned=(("Visits at all four", "inconclusive"),))
        judged = verdict(agreeing, real.measures["ae-attendances-type-1"], around)
        assert judged.certainty == "low"
        assert judged.reasons[1:] == (
            "One step down for the analysis: It was not fixed beforehand, and the planned analysis of “Visits at all four”"
            " comes to another verdict (inconclusive).",
        )

    def test_a_single_site_never_goes_up(self, real):
        judged = verdict(made_effect(design=CONTROLLED), real.measures["ae-attendances-type-1"])
        assert judged.certainty == "moderate"

    def test_recording_changes_are_looked_for_in_the_window_of_the_sites(self, real):
        measure = next(measure for measure in real.measures.values() if measure.recording_changes)
        change = measure.recording_changes[0]
        data = {"disclosure": "official_statistics", "first": change.first, "last": change.last}
        inside = pool([replace(effect, data=data) for effect in sites([-0.3, -0.31, -0.29], [0.02] * 3)])
        assert any("Recording changed" in reason for reason in verdict(inside, measure).reasons)


def test_coverage_and_power_over_ten_sites():
    """Known truth: coverage near 95% with and without true differences; a log step of 0.05 found in four of five."""
    random = np.random.default_rng(1)
    held, seen = {0.0: 0, 0.05: 0}, {0.0: 0, 0.05: 0}
    sets = 400
    for tau in held:
        for _ in range(sets):
            errors = random.uniform(0.02, 0.06, 10)
            estimates = 0.05 + tau * random.standard_normal(10) + errors * random.standard_normal(10)
            fit = fit_random_effects(estimates, np.diag(errors**2), np.ones((10, 1))).contrast(np.ones(1))
            held[tau] += fit.low <= 0.05 <= fit.high
            seen[tau] += fit.low > 0
    assert seen[0.0] / sets > 0.8
    assert all(0.925 < count / sets < 0.985 for count in held.values())


class TestPlacesThatCountInTheirOwnWay:
    def members(self, **of_last) -> list[Effect]:
        return [*sites([-0.05, -0.1], [0.04, 0.05]), site("z", -0.12, 0.06, measure="wales-ae-attendances", **of_last)]

    def test_changes_in_per_cent_are_pooled_under_the_name_that_is_given(self):
        with pytest.raises(EvaluationError, match="different measures"):
            pool(self.members())
        together = pool(self.members(), measure="visits-as-each-place-counts-them")
        alike = [replace(member, measure="ae-attendances-type-1") for member in self.members()]
        assert together.measure == "visits-as-each-place-counts-them"
        assert together.estimates.equals(pool(alike).estimates)

    def test_amounts_are_not(self, plain):
        members = [*sites([1.0, 2.0], [0.4, 0.5], scale="points"), site("z", 1.0, 0.6, scale="points")]
        with pytest.raises(EvaluationError) as refused:
            pool(members, measure="visits-as-each-place-counts-them")
        plain(str(refused.value), "in per cent", "log=True")

    def test_a_step_while_it_lasted_is_a_step(self):
        members = sites([-0.05, -0.1, -0.12], [0.04] * 3)
        during = replace(members[2], estimates=members[2].estimates.assign(term="during"))
        assert pool([*members[:2], during]).headline["estimate"] == pool(members).headline["estimate"]
        bends = during.coefficients.assign(term="slope")
        with pytest.raises(EvaluationError, match="different headlines"):
            pool([*members[:2], replace(during, coefficients=bends)])
