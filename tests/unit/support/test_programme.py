"""The synthetic programme that the benchmarks run: sound, labelled, the same each time, and changed where it says."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from evalkit.errors import EvaluationError
from evalkit.runs.planning.check_project import check_project
from tests.support.invented import SITES_AT_MOST, InventedPlace
from tests.support.programme import add_site, change_month, make_programme, notebooks, use_template

ROOT = Path(__file__).parents[3]
SITES, MONTHS = 5, 30


@pytest.fixture
def programme(tmp_path) -> Path:
    folder = tmp_path / "programme"
    make_programme(folder, SITES, MONTHS)
    return folder


@pytest.fixture
def controlled(tmp_path) -> Path:
    folder = tmp_path / "controlled"
    make_programme(folder, SITES, MONTHS, comparators=3)
    return folder


def plans_of(folder: Path) -> dict:
    """Every plan by its id."""
    _, plans, _ = check_project(folder)
    return {plan.id: plan for plan in plans}


def bytes_of(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.mark.parametrize("sites", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_many_sites_pass_the_projects_check_without_a_word(tmp_path, sites):
    make_programme(tmp_path, sites, MONTHS)
    catalogue, plans, look = check_project(tmp_path)
    assert len(plans) == len(catalogue.sites) == len(catalogue.evaluations) == sites
    assert look == []
    assert len(catalogue.tables) == 1
    assert {plan.analysis.template for plan in plans} == {"interrupted-time-series"}


def test_with_comparators_every_site_is_set_against_hospitals_that_are_no_site(controlled):
    catalogue, plans, look = check_project(controlled)
    assert look == []
    own = {code for site in catalogue.sites.values() for code in site.org_codes}
    for plan in plans:
        assert plan.analysis.template == "controlled-interrupted-time-series"
        assert len(plan.parameters["comparators"]) == 3
        assert not own & set(plan.parameters["comparators"])


def test_everything_a_reader_sees_says_synthetic(controlled):
    catalogue, plans, _ = check_project(controlled)
    for site in catalogue.sites.values():
        assert site.synthetic
        for text in (site.id, site.name, site.place, site.context):
            assert "synthetic" in text.lower()
        assert all(code.startswith("ZZ") for code in site.org_codes)
    for organisation in catalogue.organisations.values():
        assert "(synthetic)" in organisation.name
    for plan in plans:
        assert catalogue.is_synthetic(plan.evaluation)
        intervention = plan.evaluation.intervention
        texts = (plan.evaluation.id, plan.evaluation.title, plan.evaluation.question, plan.analysis.title)
        for text in (*texts, intervention.name, intervention.what, intervention.sources[0].title):
            assert "synthetic" in text.lower()
    for measure in catalogue.measures.values():
        assert all("synthetic" in text.lower() for text in (measure.name, measure.plain_name, measure.definition))
    for table in catalogue.tables.values():
        assert table.layout.synthetic
        assert table.layout.disclosure.rule == "synthetic"
        assert all("synthetic" in text.lower() for text in (table.path, table.title, table.description))
    with (controlled / "data" / table.path).open(encoding="utf-8", newline="") as file:
        assert {row["note"] for row in csv.DictReader(file)} == {"synthetic"}
    package = json.loads((controlled / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert "synthetic" in package["title"]
    assert "synthetic" in yaml.safe_load((controlled / "_config.yml").read_text(encoding="utf-8"))["title"]
    front = (controlled / "book" / "index.md").read_text(encoding="utf-8")
    assert "synthetic" in front.split("\n")[0]
    assert "Synthetic data: every place, date and figure here is invented" in front


def test_nothing_of_a_real_provider_is_in_it(programme):
    with (ROOT / "data" / "organisations.csv").open(encoding="utf-8", newline="") as file:
        real = {row["org_code"] for row in csv.DictReader(file)} | {row.stem for row in (ROOT / "data/sites").iterdir()}
    words = {
        word for path in (programme / "data").rglob("*.*") for word in re.findall(r"[\w-]+", path.read_text("utf-8"))
    }
    assert not real & words


def test_it_has_the_book_of_this_checkout_and_leads_to_no_page_that_is_not_there(programme):
    for name in ("notebooks/interrupted-time-series.ipynb", "_static/evalkit.css"):
        assert (programme / "book" / name).read_bytes() == (ROOT / "book" / name).read_bytes()
    assert (programme / "_toc.yml").read_bytes() == (ROOT / "_toc.yml").read_bytes()
    assert not (programme / "book" / "generated").exists()
    here = plans_of(programme)
    evaluations = {plan.evaluation.id for plan in here.values()}
    for path in (programme / "book").rglob("*.md"):
        for led_to in re.findall(r"generated/evaluations/([^/)]+)/", path.read_text(encoding="utf-8")):
            assert led_to in evaluations, path


def test_the_same_bytes_each_time_and_others_with_another_seed(programme, tmp_path):
    make_programme(tmp_path / "again", SITES, MONTHS)
    assert bytes_of(tmp_path / "again") == bytes_of(programme)
    make_programme(tmp_path / "other", SITES, MONTHS, seed=1)
    changed = {name for name, content in bytes_of(tmp_path / "other").items() if bytes_of(programme)[name] != content}
    assert changed == {"data/datapackage.json", "data/tables/synthetic_programme.csv"}


def test_sites_have_names_and_codes_of_their_own():
    places = [InventedPlace(number) for number in range(1, SITES_AT_MOST + 1)]
    for part in ("name", "code", "id", "evaluation"):
        assert len({getattr(place, part) for place in places}) == SITES_AT_MOST
    assert all(re.fullmatch("[A-Z0-9]{3,6}", place.code) for place in places)
    assert max(len(place.evaluation) for place in places) <= 80
    beginnings = [place.town[:3] for place in places[:20]]
    assert len(set(beginnings)) > 10


@pytest.mark.parametrize("comparators", [0, 3])
def test_a_site_added_makes_one_analysis_more_due_and_no_other(tmp_path, comparators):
    folder = tmp_path / "programme"
    make_programme(folder, SITES, MONTHS, comparators)
    before = {id: plan.key for id, plan in plans_of(folder).items()}
    site = add_site(folder)
    after = {id: plan.key for id, plan in plans_of(folder).items()}
    new = set(after) - set(before)
    assert len(new) == 1
    assert plans_of(folder)[new.pop()].parameters["site"] == site
    assert {id: after[id] for id in before} == before


def test_sites_added_one_by_one_are_those_of_a_larger_programme(programme, tmp_path):
    add_site(programme)
    add_site(programme)
    make_programme(tmp_path / "larger", SITES + 2, MONTHS)
    assert bytes_of(programme) == bytes_of(tmp_path / "larger")


def test_a_changed_month_changes_the_rows_of_its_site_only(controlled):
    before = plans_of(controlled)
    site = next(iter(before.values())).parameters["site"]
    change_month(controlled, site)
    after = plans_of(controlled)
    moved = [plan for id, plan in after.items() if plan.rows_sha256 != before[id].rows_sha256]
    assert [plan.parameters["site"] for plan in moved] == [site]
    change_month(controlled, site)
    assert plans_of(controlled)[moved[0].id].rows_sha256 not in (moved[0].rows_sha256, before[moved[0].id].rows_sha256)


def test_a_changed_month_of_a_comparator_changes_every_site(controlled):
    before = plans_of(controlled)
    change_month(controlled, "ZZC002")
    after = plans_of(controlled)
    assert all(plan.rows_sha256 != before[id].rows_sha256 for id, plan in after.items())


def test_a_site_that_is_not_there_is_refused(programme):
    before = bytes_of(programme)
    with pytest.raises(EvaluationError, match="neither a site nor a code"):
        change_month(programme, "weston")
    assert bytes_of(programme) == before


def test_the_papermill_loop_runs_what_the_engine_runs(programme):
    plans = plans_of(programme)
    analyses = notebooks(programme)
    assert {id for id, _, _ in analyses} == set(plans)
    for id, template, parameters in analyses:
        assert template == plans[id].template.path
        assert parameters == plans[id].analysis.parameters


def test_another_template_of_its_own(programme):
    source = programme / "book" / "notebooks" / "interrupted-time-series.ipynb"
    (source.parent / "a-copy.ipynb").write_bytes(source.read_bytes())
    use_template(programme, "a-copy")
    assert {plan.analysis.template for plan in plans_of(programme).values()} == {"a-copy"}


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    command = [sys.executable, "-m", "tests.support.programme", str(tmp_path), "--sites", "3", "--months", "30"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "is not an empty folder: name one that is empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sites": 0, "months": 30}, "0 sites cannot be made"),
        ({"sites": SITES_AT_MOST + 1, "months": 30}, f"ask for 1 to {SITES_AT_MOST}"),
        ({"sites": 3, "months": 23}, "23 months are too few: ask for 24 or more"),
        ({"sites": 3, "months": 30, "comparators": -1}, "cannot be negative"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(tmp_path, given, sentence):
    with pytest.raises(EvaluationError, match=sentence):
        make_programme(tmp_path / "programme", **given)
    assert not (tmp_path / "programme").exists()
