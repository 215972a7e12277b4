"""Analyses of several sites, each with its own start: what is loaded, and what is refused before anything runs."""

from pathlib import Path

import pytest

from evalkit.catalogue import find_root, read_catalogue
from evalkit.catalogue.records import Evaluation, Intervention
from evalkit.errors import EvaluationError
from evalkit.intake.check import check_analysis
from evalkit.intake.load import load_from

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


def test_each_site_has_the_figures_it_has_alone(catalogue):
    together, alone = (loaded(catalogue, site) for site in (["RXN", "northumbria"], "northumbria"))
    own = [frame[frame["unit"] == "northumbria"]["value"].tolist() for frame in (together, alone)]
    assert own[0] == own[1]


@pytest.mark.parametrize(
    ("site", "dates", "told"),
    [
        (["RTF", "RXN"], ["2016-12-01"], "1 date is given for 2 sites"),
        (["RTF", "RTF"], "2016-12-01", "RTF is given twice in `site`"),
        (["northumbria", "RTF"], "2016-12-01", "RTF is in two of the sites at once"),
        (["RTF", "RD1"], "2016-12-01", "RD1 is the site and a comparator at once"),
        ([], "2016-12-01", "`site` is empty"),
        (["RTF", "RTFF"], "2016-12-01", "`RTFF` is neither a site"),
    ],
)
def test_what_cannot_be_loaded(catalogue, site, dates, told):
    with pytest.raises(EvaluationError, match=told):
        loaded(catalogue, site, treated_from=dates)


def problems(catalogue, changes: dict, **of_evaluation) -> list[str]:
    """What is refused of the primary analysis, as it is written but for ``changes``."""
    evaluation = catalogue.evaluations[UTC]
    changed = Evaluation.model_validate({**evaluation.model_dump(), **of_evaluation})
    parameters = {**evaluation.primary.parameters, **changes}
    index = [one.id for one in evaluation.analyses].index(evaluation.primary.id)
    return [
        one.what for one in check_analysis(catalogue, changed, index, parameters).problems if one.level == "refused"
    ]


def test_as_it_is_written_nothing_is_refused(catalogue):
    assert problems(catalogue, {}) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"interruption": ["2017-01-18", "2016-12-01", "2018-04-09"]}, "is not the start of the intervention at northumbria, 2016-12-01"),
        ({"interruption": ["2016-12-01"]}, "1 date is given for 3 sites"),
        ({"site": ["northumbria", "lancashire-teaching", "weston"]}, "RA3 belongs to no site of this evaluation"),
        ({"interruption": ["2016-12-01", "2017-01-18", "soon"]}, "'soon' is not a date or month"),
        ({"comparators": []}, "`comparators` is empty"),
        ({"first": "2017-01"}, "has no period before it"),
    ],
)  # fmt: skip
def test_what_is_refused_before_it_runs(catalogue, changes, told):
    assert any(told in one for one in problems(catalogue, changes)), problems(catalogue, changes)


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
