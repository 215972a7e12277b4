"""Difference-in-differences: what cannot be used is refused in one sentence that names it and says what to do."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import EvaluationError
from tests.support.panels import differences, frame_of, noise

STARTS = [6]  # 2016-07


@pytest.fixture
def frame() -> pd.DataFrame:
    values = np.abs(noise(1, 8, 12)) + 10
    return frame_of(values, STARTS, people=np.arange(8) + 100.0, age=np.arange(8.0) ** 2, area=list("AABBCCDD"))


def refused(frame, **options) -> str:
    with pytest.raises(EvaluationError) as caught:
        differences(frame, **options)
    return str(caught.value)


def _where(frame, unit, month=None):
    chosen = frame["unit"] == unit
    return chosen if month is None else chosen & (frame["month"] == month)


def _with(frame, column, unit, month, value):
    changed = frame.copy()
    changed[column] = changed[column].astype(object)
    changed.loc[_where(changed, unit, month), column] = value
    return changed


STARTING = {
    "switches off": (lambda f: _with(f, "start", "U000", "2016-11", None), "U000", "start", "2016-11", "end the data"),
    "two starts": (lambda f: _with(f, "start", "U000", "2016-11", "2016-08"), "U000", "2016-07", "2016-08", "once"),
    "first month": (lambda f: f.assign(start=f["start"].replace("2016-07", "2016-01")), "U000", "2016-01", "earlier"),
    "before the data": (lambda f: f.assign(start=f["start"].replace("2016-07", "2015-01")), "U000", "2015-01", "earlier"),
    "all at once": (lambda f: f.assign(start="2016-07"), "8 units", "2016-07", "add"),
    "nobody": (lambda f: f.assign(start=None), "start", "give the first"),
    "after the data": (lambda f: f.assign(start=f["start"].replace("2016-07", "2017-07")), "2016-01", "2016-12", "window"),
    "nought for never": (lambda f: f.assign(start=np.where(f["unit"] == "U000", 2016, 0)), "start", "U001", "blank"),
    "not a date": (lambda f: f.assign(start=f["start"].replace("2016-07", "soon")), "U000", "text of 4 characters", "2017-07"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "named"), [(case[0], case[1:]) for case in STARTING.values()], ids=STARTING)
def test_starts(frame, plain, change, named):
    plain(refused(change(frame)), *named)


OUTCOMES = {
    "text": (lambda f: _with(f, "value", "U002", "2016-03", "n/a"), "value", "U002", "2016-03", "blank"),
    "infinite": (lambda f: _with(f, "value", "U002", "2016-03", np.inf), "value", "U002", "2016-03", "correct"),
    "twice": (lambda f: pd.concat([f, f[_where(f, "U003", "2016-05")]]), "U003", "2016-05", "keep one"),
    "no unit": (lambda f: _with(f, "unit", "U003", "2016-05", None), "unit", "2016-05"),
    "no month": (lambda f: _with(f, "month", "U003", "2016-05", None), "month", "leave"),
    "no rows": (lambda f: f.iloc[:0], "no rows"),
    "one month": (lambda f: f[f["month"] == "2016-07"], "U000", "2016-07", "earlier"),
}


@pytest.mark.parametrize(("change", "named"), [(case[0], case[1:]) for case in OUTCOMES.values()], ids=OUTCOMES)
def test_outcomes(frame, plain, change, named):
    plain(refused(change(frame)), *named)


def test_nought_has_no_logarithm(frame, plain):
    plain(refused(_with(frame, "value", "U004", "2016-02", 0), log=True), "value", "U004", "2016-02", "log=False")


@pytest.mark.parametrize("option", ["outcome", "unit", "time", "treated_from", "weights", "cluster", "exposure"])
def test_columns_that_are_not_there(frame, plain, option):
    near = {"outcome": "vlaue", "unit": "unitt", "time": "mnoth", "treated_from": "strat"}.get(option, "peopel")
    meant = {"vlaue": "value", "unitt": "unit", "mnoth": "month", "strat": "start"}.get(near, "people")
    plain(refused(frame, **{option: near}), option, near, f"did you mean `{meant}`")


def test_covariates_that_are_not_there(frame, plain):
    plain(refused(frame, covariates=["aeg"]), "covariates", "aeg", "did you mean `age`")


@pytest.mark.parametrize(
    ("value", "named"),
    [(0.0, ["above zero", "0"]), (-5.0, ["above zero", "-5"]), ("many", ["not a number"]), (None, ["no value"])],
)
def test_weights(frame, plain, value, named):
    plain(refused(_with(frame, "people", "U005", None, value), weights="people"), "people", "U005", *named)


@pytest.mark.parametrize("option", ["weights", "covariates", "cluster"])
def test_columns_that_vary_within_a_unit(frame, plain, option):
    column = {"weights": "people", "covariates": "age", "cluster": "area"}[option]
    changed = _with(frame, column, "U005", "2016-05", "Z" if option == "cluster" else 7.0)
    plain(refused(changed, **{option: column}), column, "U005", "more than one value", "one value")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"method": "did"}, ["method", "did", "two_by_two"]),
        ({"inference": "bootstrap"}, ["inference", "bootstrap", "placebo"]),
        ({"comparison": "later"}, ["comparison", "later", "never_treated"]),
        ({"family": "gamma"}, ["family", "gamma", "poisson"]),
        ({"headline": "level"}, ["headline", "level", "month H"]),
        ({"headline": "month 0"}, ["headline", "month 0", "month H"]),
        ({"headline": "mean months 3 to 2"}, ["headline", "mean months 3 to 2"]),
        ({"headline": "month 7"}, ["month 7", "1 to 6"]),
        ({"headline": "mean months 4 to 9"}, ["1 to 6"]),
        ({"headline": "month 7", "method": "synthetic"}, ["month 7", "1 to 6"]),
        ({"headline": "month 7", "inference": "cluster"}, ["1 to 6"]),
        ({"anticipation": -1}, ["anticipation", "-1", "0 or more"]),
        ({"anticipation": 1.5}, ["anticipation", "1.5"]),
        ({"anticipation": True}, ["anticipation", "True"]),
        ({"anticipation": 6}, ["U000", "2016-07", "earlier"]),
        ({"transition": -1}, ["transition", "-1"]),
        ({"transition": 12}, ["2016-01", "correct"]),
        ({"transition": ("2016-09", "2016-08")}, ["transition", "2016-09", "swap"]),
        ({"transition": ("2016-09", "2016-10")}, ["transition", "2016-09", "2016-07"]),
        ({"exposure": "people"}, ["exposure", "poisson"]),
        ({"family": "binomial"}, ["binomial", "exposure"]),
        ({"family": "poisson", "log": True}, ["log", "poisson", "one of the two"]),
        ({"method": "synthetic", "weights": "people"}, ["synthetic", "weights"]),
        ({"method": "synthetic", "inference": "cluster"}, ["cluster", "synthetic", "placebo"]),
        ({"method": "synthetic", "inference": "wild_bootstrap"}, ["wild_bootstrap", "synthetic", "placebo"]),
        ({"method": "group_time", "family": "poisson"}, ["poisson", "two_by_two"]),
        ({"method": "group_time", "inference": "wild_bootstrap"}, ["wild_bootstrap"]),
        ({"headline": "month 1", "inference": "wild_bootstrap"}, ["wild_bootstrap", "att"]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_options(frame, plain, options, named):
    plain(refused(frame, **options), *named)


@pytest.fixture
def staggered(frame) -> pd.DataFrame:
    frame.loc[_where(frame, "U001"), "start"] = "2016-09"
    return frame


@pytest.mark.parametrize("method", ["two_by_two", "synthetic"])
def test_one_start_is_needed(staggered, plain, method):
    plain(refused(staggered, method=method), method, "2016-07", "2016-09", "group_time")


def test_counts_need_one_start(staggered, plain):
    plain(refused(staggered, family="poisson"), "poisson", "one start", "log=True")


def test_wild_bootstrap_needs_one_start(staggered, plain):
    plain(refused(staggered, inference="wild_bootstrap"), "wild_bootstrap", "one start", "cluster")


def test_never_treated_where_all_are_treated_some_day(staggered, plain):
    only = staggered[staggered["unit"].isin(["U000", "U001"])]
    plain(refused(only, comparison="never_treated"), "never_treated", "not_yet_treated")


class TestCounts:
    @pytest.fixture
    def counts(self, frame):
        return frame.assign(value=np.arange(len(frame)) % 7, size=20)

    @pytest.mark.parametrize("family", ["poisson", "binomial"])
    @pytest.mark.parametrize("value", [0, -1, None])
    def test_exposure_above_zero(self, counts, plain, family, value):
        changed = _with(counts, "size", "U003", "2016-04", value)
        plain(refused(changed, family=family, exposure="size"), "size", "U003", "2016-04", "leave")

    def test_more_cases_than_people(self, counts, plain):
        changed = _with(counts, "value", "U003", "2016-04", 21)
        plain(refused(changed, family="binomial", exposure="size"), "size", "U003", "2016-04", "correct")

    @pytest.mark.parametrize("inference", ["cluster", "wild_bootstrap"])
    def test_no_clustered_errors(self, counts, plain, inference):
        plain(refused(counts, family="poisson", inference=inference), inference, "poisson", "placebo")

    def test_negative_count(self, counts, plain):
        plain(refused(_with(counts, "value", "U003", "2016-04", -2), family="poisson"), "negative", "correct")


def test_a_synthetic_control_needs_two_comparators(frame, plain):
    plain(refused(frame[frame["unit"].isin(["U000", "U001"])], method="synthetic"), "two untreated")


def test_covariates_that_are_the_same(frame, plain):
    changed = frame.assign(again=frame["age"] * 2)
    plain(refused(changed, covariates=["age", "again"]), "covariates", "leave one")


def test_more_covariates_than_untreated_units_bear(frame, plain):
    random = np.random.default_rng(0)
    columns = {f"c{number}": np.repeat(random.standard_normal(8), 12) for number in range(6)}
    plain(refused(frame.assign(**columns), covariates=list(columns)), "7 units", "6 covariates", "fewer")
