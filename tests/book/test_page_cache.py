"""Pages are made again where something they show has changed, and only there."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from evalkit.book import fingerprints
from evalkit.book.page_writer import write_pages
from evalkit.catalogue.records.sites import Organisation
from evalkit.memory import MEMORY
from tests.support.synthetic_book import MEASURE, as_it_is, made_up, make_project, site_id

GENERATED = Path("book", "generated")
PAGES = MEMORY / "pages"


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A project of two evaluations whose pages are written, for copying."""
    folder = tmp_path_factory.mktemp("written")
    make_project(folder)
    write_pages(folder / GENERATED, *made_up(folder, [1, 2]))
    return folder


@pytest.fixture
def project(written, tmp_path):
    """Records, plans and outcomes of two evaluations whose pages are written."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return tmp_path, *made_up(tmp_path, [1, 2])


def _drawn(project) -> list[str]:
    """The evaluations whose pages were made when all pages are written again."""
    folder, catalogue, plans, outcomes = project
    before = {path: path.stat().st_mtime_ns for path in (folder / PAGES / "evaluations").iterdir()}
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    after = {path: path.stat().st_mtime_ns for path in (folder / PAGES / "evaluations").iterdir()}
    return sorted(path.stem for path, when in after.items() if before.get(path) != when)


def test_nothing_is_made_again_where_nothing_changed(project):
    assert _drawn(project) == []


def _rename_site(folder, catalogue, plans, outcomes):
    site = catalogue.sites[site_id(1)]
    catalogue.sites[site.id] = site.model_copy(update={"name": "Renamed hospital (synthetic)"})


def _rename_organisation(folder, catalogue, plans, outcomes):
    organisation = catalogue.organisations["ZZ0001"]
    catalogue.organisations[organisation.org_code] = organisation.model_copy(
        update={"name": "Renamed trust (synthetic)"}
    )


def _retitle(folder, catalogue, plans, outcomes):
    evaluation = plans[0].evaluation.model_copy(update={"limits": ["One more limit."]})
    plans[0] = replace(plans[0], evaluation=evaluation)


def _fail(folder, catalogue, plans, outcomes):
    outcomes[0] = replace(outcomes[0], status="failed", sentence="It failed.", result=None)


def _other_notebook(folder, catalogue, plans, outcomes):
    result = outcomes[0].result
    text = result.notebook.read_text(encoding="utf-8")
    result.notebook.write_text(text.replace("Every month is invented", "All of it is invented"), encoding="utf-8")
    outcomes[0] = replace(outcomes[0], result=as_it_is(result.notebook, result.file))


@pytest.mark.parametrize("change", [_rename_site, _rename_organisation, _retitle, _fail, _other_notebook])
def test_what_concerns_one_evaluation_makes_its_pages_again_and_no_others(project, change):
    change(*project)
    assert _drawn(project) == [site_id(1)]


def _alter_unseen(page: Path) -> None:
    stat, raw = page.stat(), page.read_bytes()
    page.write_bytes(raw[:-9] + b"?" + raw[-8:])
    os.utime(page, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("harm", [Path.unlink, _alter_unseen])
def test_a_page_that_was_lost_or_altered_is_made_again(project, harm):
    folder, *made = project
    page = folder / GENERATED / "evaluations" / site_id(1) / "index.html"
    before = page.read_bytes()
    harm(page)
    write_pages(folder / GENERATED, *made)
    assert page.read_bytes() == before


def test_what_concerns_all_makes_all_again(project):
    _, catalogue, *_ = project
    measure = catalogue.measures[MEASURE["id"]]
    catalogue.measures[measure.id] = measure.model_copy(update={"plain_name": "visits that were made up"})
    assert _drawn(project) == [site_id(1), site_id(2)]
    catalogue.vocabularies["areas"]["whole-system-flow"] = "Flow through the whole system"
    assert _drawn(project) == [site_id(1), site_id(2)]


def test_pages_left_as_they_are_equal_pages_made_anew(project, tmp_path):
    folder, catalogue, plans, outcomes = project
    _rename_site(*project)
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    pages = {path.relative_to(folder): path.read_bytes() for path in (folder / GENERATED).rglob("*") if path.is_file()}
    shutil.rmtree(folder / PAGES)
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    assert pages == {
        path.relative_to(folder): path.read_bytes() for path in (folder / GENERATED).rglob("*") if path.is_file()
    }


def test_a_record_that_is_damaged_is_no_record(project):
    folder, *_ = project
    (folder / PAGES / "evaluations" / f"{site_id(2)}.kept").write_text("{")
    assert _drawn(project) == [site_id(2)]


def _cut(raw: bytes, number: int) -> bytes:
    return raw[: 20 + 10 * (number % 5)]


def _flipped(raw: bytes, number: int) -> bytes:
    at = len(raw) * (number % 7 + 1) // 8
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@pytest.mark.parametrize("harm", [_cut, _flipped])
def test_compiled_templates_that_are_damaged_are_compiled_again(project, harm):
    """Whatever Python would make of them: another word on a page, or a crash."""
    folder, catalogue, plans, outcomes = project
    wanted = {path: path.read_bytes() for path in (folder / GENERATED).rglob("*.html")}
    compiled = list((folder / "_build" / "templates").iterdir())
    assert compiled
    for number, path in enumerate(compiled):
        path.write_bytes(harm(path.read_bytes(), number))
    shutil.rmtree(folder / GENERATED)
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    assert {path: path.read_bytes() for path in (folder / GENERATED).rglob("*.html")} == wanted


def test_another_order_of_a_vocabulary_is_shown(project):
    folder, catalogue, plans, outcomes = project
    words = catalogue.vocabularies["themes"]
    catalogue.vocabularies["themes"] = dict(reversed(words.items()))
    write_pages(folder / GENERATED, catalogue, plans, outcomes)
    found = (folder / GENERATED / "find.html").read_text(encoding="utf-8")
    places = [found.index(f'name="theme" value="{key}"') for key in words]
    assert places == sorted(places, reverse=True)


def test_code_words_and_libraries_belong_to_every_page(project, monkeypatch):
    _, catalogue, *_ = project
    before = fingerprints.shared(catalogue)
    assert fingerprints.shared(catalogue) == before
    monkeypatch.setattr(fingerprints, "_code", lambda: "other code")
    assert fingerprints.shared(catalogue) != before
    monkeypatch.undo()
    monkeypatch.setattr(fingerprints, "version", lambda name: "0")
    assert fingerprints.shared(catalogue) != before
    monkeypatch.undo()
    catalogue.vocabularies["stages"] = {"one": "One"}
    assert fingerprints.shared(catalogue) != before


def test_sphinx_does_not_walk_what_is_not_the_book(root, tmp_path, monkeypatch):
    from jupyter_book.config import get_final_config
    from sphinx.project import Project

    for name in (
        ".venv/lib",
        "data/sites",
        "src/evalkit",
        "_build/runs",
        "tests",
        "results",
        "book/notebooks",
        "book/read",
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "page.md").write_text("# A page", encoding="utf-8")
    settings, _ = get_final_config(
        user_yaml=root / "_config.yml",
        cli_config={"latex_individualpages": False},
        sourcedir=root,
        use_external_toc=True,
    )
    walked, walk = [], os.walk

    def noted(*arguments, **options):
        for visited in walk(*arguments, **options):
            walked.append(Path(visited[0]).relative_to(tmp_path).as_posix())
            yield visited

    monkeypatch.setattr("os.walk", noted)
    project = Project(tmp_path, {".md": "markdown"})
    assert project.discover(settings["exclude_patterns"], settings["include_patterns"]) == {"book/read/page"}
    assert sorted(walked) == [".", "book", "book/read"]


def test_a_trust_that_no_evaluation_names_comes_among_those_to_compare_oneself_with(project):
    folder, catalogue, *_ = project
    catalogue.organisations["ZZ0099"] = Organisation(org_code="ZZ0099", name="Another trust (synthetic)")
    write_pages(folder / GENERATED, *project[1:])
    assert "Another trust (synthetic)" in (folder / GENERATED / "sites" / "index.html").read_text(encoding="utf-8")
