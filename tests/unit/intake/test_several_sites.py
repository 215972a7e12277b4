"""Analyses of several sites, each with its own start: what is loaded, and what is refused before anything runs."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.catalogue import find_root, read_catalogue
from evalkit.catalogue.consistency.references import check_references
from evalkit.catalogue.records.evaluations import Evaluation, Intervention
from evalkit.errors import EvaluationError, Problem
from evalkit.intake.analysis_checks import check_analysis
from evalkit.intake.arguments import comparators_in, sites_in, starts_of
from evalkit.intake.load import load_from
from evalkit.runs.planning.notebook_templates import read_template

UTC = "urgent-treatment-centres-2016-18"
WINDOW = {"measure": "ae-attendances-all", "table": "ae-monthly-2016-2019", "first": "2016-04", "last": "2019-03"}


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue(find_root(Path(__file__).parent))


def loaded(catalogue, site, **more):
    return load_from(catalogue, site=site, comparators=["RD1", "RTE"], **WINDOW, **more)


def test_every_site_is_a_unit_with_its_own_start(catalogue):
    frame = loaded(catalogue, ["northumbria", "RXN"], treated_from=["2016-12-01", "2017-01-18"])
    assert list(frame["unit"].unique()) == ["northumbria", "RXN", "RD1", "RTE"]
    starts = frame.groupby("unit")["treated_from"].first()
    assert (starts["northumbria"], starts["RXN"]) == ("2016-12-01", "2017-01-18")
    assert frame[frame["unit"].isin(["RD1", "RTE"])]["treated_from"].isna().all()


def test_one_start_serves_all(catalogue):
    frame = loaded(catalogue, ["RTF", "RXN"], treated_from="2016-12")
    assert set(frame["treated_from"].dropna()) == {"2016-12"}


@pytest.mark.parametrize(
    ("when", "read"),
    [
        ("2016-12-01 2017-01-18", ("2016-12-01", "2017-01-18")),
        ("2016-12, 2017-01", ("2016-12", "2017-01")),
        ("18/01/2017", ("2017-01-18", "2017-01-18")),
        (2017, ("2017", "2017")),
        ([2017, np.int64(2018)], ("2017", "2018")),
        (date(2017, 1, 18), ("2017-01-18", "2017-01-18")),
        ([pd.Timestamp("2016-12-01"), date(2017, 1, 18)], ("2016-12-01", "2017-01-18")),
        (pd.DatetimeIndex(["2016-12-01", "2017-01-18"]), ("2016-12-01", "2017-01-18")),
        (np.array(["2016-12-01", "2017-01-18"], dtype="datetime64[D]"), ("2016-12-01", "2017-01-18")),
        (pd.Period("2017-01"), ("2017-01", "2017-01")),
        (pd.Period("2017-01-18", "W-SUN"), ("2017-01-16", "2017-01-16")),
        (pd.Period("2017Q3"), ("2017Q3", "2017Q3")),
        ({"RXN": "2017-01-18", "RTF": date(2016, 12, 1)}, ("2016-12-01", "2017-01-18")),
    ],
)
def test_a_start_may_be_given_in_many_ways(catalogue, when, read):
    assert starts_of(["RTF", "RXN"], when) == dict(zip(["RTF", "RXN"], read, strict=True))
    # What is made of it is read again by every design.
    assert starts_of(["RTF", "RXN"], list(read)) == starts_of(["RTF", "RXN"], when)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("soon", "RTF: 'soon' is not a date or month: write 2017-07-04 or 2017-07."),
        ("1 April 2017", "RTF: '1 April 2017' is not a date or month"),
        (["2016-12-01", "soon"], "RXN: 'soon' is not a date or month"),
        ("2016-12-01 soon", "RXN: 'soon' is not a date or month"),
        (["2016-12-01", None], "RXN: None is not a date or month"),
        (pd.NaT, "RTF: NaT is not a date or month"),
        (17, "RTF: 17 is not a date or month"),
        (2017.5, "RTF: 2017.5 is not a date or month"),
        (True, "RTF: True is not a date or month"),
        ("2016-12 2017-01 2017-02", "3 dates are given for 2 sites"),
        ({"RTF": "2016-12-01"}, "RXN has no date"),
        ({"RTF": "2016-12-01", "RXM": "2017-01"}, "A date is given for `RXM`, which is not among the sites; did you mean `RXN`"),
        ({"2016-12-01", "2017-01-18"}, "no order in a set"),
    ],
)  # fmt: skip
def test_a_start_that_cannot_be_read(when, said, plain):
    with pytest.raises(EvaluationError) as caught:
        starts_of(["RTF", "RXN"], when)
    plain(str(caught.value), said)
    assert caught.value.parameter == "treated_from"


def test_two_dates_for_one_site(plain):
    with pytest.raises(EvaluationError) as caught:
        starts_of(["RTF"], "2016-12 2017-01")
    plain(str(caught.value), "2 dates are given for 1 site: give one.")


def test_several_sites_may_be_one_text(catalogue):
    listed, written = (loaded(catalogue, site, treated_from="2016-12") for site in (["RTF", "RXN"], "RTF, RXN"))
    pd.testing.assert_frame_equal(listed, written)
    assert listed.attrs == written.attrs


def test_no_comparators_are_none(catalogue):
    assert comparators_in(None) == comparators_in("") == comparators_in(()) == []
    assert load_from(catalogue, site="RXN", comparators=None, **WINDOW)["unit"].unique().tolist() == ["RXN"]


@pytest.mark.parametrize("read", [sites_in, comparators_in])
@pytest.mark.parametrize("given", [5, ["RTF", 5], [None]])
def test_what_is_no_text_is_no_site(read, given, plain):
    with pytest.raises(EvaluationError) as caught:
        read(given)
    plain(str(caught.value), "which is not text")


def test_no_site_at_all(plain):
    with pytest.raises(EvaluationError) as caught:
        sites_in(None)
    plain(str(caught.value), "`site` is None")


def test_a_template_for_one_site_takes_no_more():
    root = find_root(Path(__file__).parent)
    given = {"site": "RTF RXN", "measure": "ae-attendances-all", "interruption": "2017-01-18"}
    assert "takes one site" in read_template(root, "interrupted-time-series").problems_with(given)["site"]
    assert read_template(root, "staggered-adoption").problems_with(given) == {}


def test_a_window_the_wrong_way_round(catalogue, plain):
    with pytest.raises(EvaluationError) as caught:
        load_from(catalogue, site="RXN", **{**WINDOW, "last": "2015-03"})
    plain(str(caught.value), "ends in 2015-03, before it begins in 2016-04")
    assert caught.value.parameter == "last"


def test_each_site_has_the_figures_it_has_alone(catalogue):
    together, alone = (loaded(catalogue, site) for site in (["RXN", "northumbria"], "northumbria"))
    own = [frame[frame["unit"] == "northumbria"]["value"].tolist() for frame in (together, alone)]
    assert own[0] == own[1]


@pytest.mark.parametrize(
    ("site", "dates", "said"),
    [
        (["RTF", "RXN"], ["2016-12-01"], "1 date is given for 2 sites"),
        (["RTF", "RTF"], "2016-12-01", "RTF is given twice in `site`"),
        (["northumbria", "RTF"], "2016-12-01", "RTF is in two of the sites at once"),
        (["RTF", "RD1"], "2016-12-01", "RD1 is the site and a comparator at once"),
        ([], "2016-12-01", "`site` is empty"),
        (["RTF", "RTFF"], "2016-12-01", "`RTFF` is neither a site"),
    ],
)
def test_what_cannot_be_loaded(catalogue, site, dates, said):
    with pytest.raises(EvaluationError, match=said):
        loaded(catalogue, site, treated_from=dates)


def refused(catalogue, changes: dict, **of_evaluation) -> list[Problem]:
    """What is refused of the primary analysis, as it is written but for ``changes``."""
    evaluation = catalogue.evaluations[UTC]
    changed = Evaluation.model_validate({**evaluation.model_dump(), **of_evaluation})
    parameters = {**evaluation.primary.parameters, **changes}
    index = [analysis.id for analysis in evaluation.analyses].index(evaluation.primary.id)
    return [
        problem
        for problem in check_analysis(catalogue, changed, index, parameters).problems
        if problem.level == "refused"
    ]


def problems(catalogue, changes: dict, **of_evaluation) -> list[str]:
    return [problem.what for problem in refused(catalogue, changes, **of_evaluation)]


def test_as_it_is_written_nothing_is_refused(catalogue):
    assert problems(catalogue, {}) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"interruption": ["2017-01-18", "2016-12-01", "2018-04-09"]}, "is not the start of the intervention at northumbria, 2016-12-01"),
        ({"interruption": ["2016-12-01"]}, "1 date is given for 3 sites"),
        ({"site": ["northumbria", "lancashire-teaching", "weston"]}, "RA3 belongs to no site of this evaluation"),
        ({"interruption": ["2016-12-01", "2017-01-18", "soon"]}, "'soon' is not a date or month"),
        ({"comparators": []}, "`comparators` is empty"),
        ({"first": "2017-01"}, "has no period before it"),
    ],
)  # fmt: skip
def test_what_is_refused_before_it_runs(catalogue, changes, said):
    assert any(said in sentence for sentence in problems(catalogue, changes)), problems(catalogue, changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("site", ["northumbria", "northumbria", "weston"]),
        ("site", ["northumbria", "lancashire-teaching", "westn"]),
        ("comparators", ["RTF"]),
        ("comparators", ["RD1", "RD1"]),
        ("comparators", ["RD1", "RD11"]),
        ("interruption", ["2016-12-01", "2017-01-18", "soon"]),
        ("interruption", ["2016-12-01"] * 4),
        ("last", "2016-03"),
        ("first", "sometime"),
        ("table", "ae-monthly"),
        ("measure", "ae-attendance"),
        ("transition", -1),
    ],
)
def test_a_problem_is_placed_at_its_parameter(catalogue, name, value):
    evaluation = catalogue.evaluations[UTC]
    index = [analysis.id for analysis in evaluation.analyses].index(evaluation.primary.id)
    expected = catalogue.problem("evaluations", UTC, ("analyses", index, "parameters", name), "")
    whole = catalogue.problem("evaluations", UTC, ("analyses", index, "parameters"), "")
    assert [problem.line for problem in refused(catalogue, {name: value})] == [expected.line]
    assert (expected.line != whole.line) == (name in evaluation.primary.parameters)


OTHERS = ["RD1", "RTE", "R1F", "R1H", "R1K", "RA4", "RAJ"]


@pytest.mark.parametrize(
    ("protocol", "changes", "said"),
    [
        (["RD1", "RTE"], {"comparators": OTHERS}, "R1F, R1H, R1K, RA4, RAJ are not among"),
        (["RD1"], {"comparators": OTHERS}, "RTE, R1F, R1H, R1K, RA4 and 1 more are not among the comparators frozen in the protocol: add them to `protocol.comparators`, or take them out."),
        (["RTE", *OTHERS[2:]], {"comparators": OTHERS}, "RD1 is not among the comparators frozen in the protocol: add it to `protocol.comparators`, or take it out."),
        (OTHERS, {"site": ["R1K", "RTF", "RAJ", "RA4", "R1H", "R1F", "RTE"], "comparators": ["RD1"], "interruption": "2016-12-01"},
         "R1K, RAJ, RA4, R1H, R1F and 1 more belong to no site of this evaluation: add them to `sites`."),
    ],
)  # fmt: skip
def test_many_are_counted_and_the_remedy_is_told(catalogue, protocol, changes, said):
    evaluation = catalogue.evaluations[UTC]
    frozen = evaluation.protocol.model_dump() | {"comparators": protocol, "left_out": []}
    sentences = problems(catalogue, changes, protocol=frozen)
    assert any(said in sentence for sentence in sentences), sentences


def test_another_date_may_be_given_under_starts(catalogue):
    intervention = catalogue.evaluations[UTC].intervention.model_dump() | {"starts": {}}
    for sentences in (
        problems(catalogue, {"interruption": ["2016-12-01", "2017-01-18", "2018-04-10"]}),
        problems(catalogue, {}, intervention=intervention),
    ):
        assert any(
            sentence.endswith(": make them the same, or give its date under `starts` in the intervention.")
            for sentence in sentences
        ), sentences
    one_date = problems(catalogue, {"interruption": "2016-12-02"}, intervention=intervention)
    assert all(sentence.endswith(", 2016-12-01: make them the same.") for sentence in one_date), one_date


@pytest.mark.parametrize(("key", "said"), [("RXM", "did you mean `RXN`"), ("RD1", "correct it")])
def test_a_start_belongs_to_a_site(catalogue, key, said):
    evaluation = catalogue.evaluations[UTC]
    starts = evaluation.intervention.starts
    intervention = evaluation.intervention.model_dump() | {"starts": {**starts, key: date(2018, 1, 1)}}
    changed = Evaluation.model_validate({**evaluation.model_dump(), "intervention": intervention})
    reported = check_references(replace(catalogue, evaluations={**catalogue.evaluations, UTC: changed}))
    (problem,) = [problem for problem in reported if problem.level == "refused"]
    assert f"`starts` names `{key}`, which is not a site of this evaluation or one of their codes" in problem.what
    assert said in problem.what
    assert (problem.file, problem.line) == (
        f"data/evaluations/{UTC}.yml",
        catalogue.problem("evaluations", UTC, ("intervention", "starts"), "").line,
    )


def test_the_earliest_start_is_the_start():
    intervention = read_catalogue(find_root(Path(__file__).parent)).evaluations[UTC].intervention
    with pytest.raises(ValueError, match=r"the earliest of `starts` is 2016-12-01"):
        Intervention.model_validate({**intervention.model_dump(), "start": "2017-01-18"})


def test_several_places_are_named_together(catalogue):
    assert catalogue.place("northumbria") == catalogue.sites["northumbria"].name
    codes = catalogue.sites["uec-vanguards-2015"].org_codes
    assert catalogue.place(codes) == catalogue.sites["uec-vanguards-2015"].name
    assert catalogue.place(["RTF", "RXN"]).count(" and ") == 1
    assert catalogue.place(codes[:7]) == "7 trusts"
