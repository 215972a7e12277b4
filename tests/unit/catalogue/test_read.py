"""Records: one plain sentence with file and line for everything wrong, all at once, nothing half-read."""

import json

import pytest

from evalkit.catalogue import find_root, read_catalogue
from evalkit.catalogue.files.yaml_lines import read_lines
from evalkit.errors import EvaluationError, InputRefused, did_you_mean
from tests.unit.conftest import EVALUATION, SITE, SUBMISSION, WESTON_EVALUATION, WESTON_SITE, only

MEASURES, PACKAGE = "data/measures.yml", "data/datapackage.json"
ORGANISATIONS, WORDS = "data/organisations.csv", "data/vocabularies.yml"
ENCODING = "the encoding UTF-8"


def test_a_sound_project_has_no_problem(project):
    assert project.problems() == []
    assert project.problems("look") == []


def test_the_projects_own_records_are_sound(real):
    assert {"weston", "northumbria"} <= set(real.sites)
    assert all(measure.plain_name for measure in real.measures.values())
    assert real.org_codes("weston") == ["RA3"]
    assert real.org_codes("RBA") == ["RBA"]


def test_every_real_evaluation_cites_its_intervention_and_gives_rivals(real):
    for evaluation in real.evaluations.values():
        assert evaluation.intervention.sources, evaluation.id
        assert evaluation.rival_explanations, evaluation.id
        assert evaluation.primary.role == "primary"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (EVALUATION, "area: urgent", "aera: urgent", ("`aera` is not a field", "did you mean `area`")),
        (EVALUATION, "    kind: national", "    kinds: national", ("`kinds`", "did you mean `kind`")),
        (EVALUATION, "area: urgent", "title: Again\narea: urgent", ("`title` is given twice", "line 2", "keep one")),
        (EVALUATION, "  name: Overnight", "\tname: Overnight", ("not valid YAML", "check the indentation")),
        (EVALUATION, "    change: decrease", "   change: decrease", ("not valid YAML", "check the indentation")),
        (EVALUATION, "area: urgent-care-access", "area: urgent", ("`urgent`", "an area", "use one of")),
        (EVALUATION, "sites: [weston]", "sites: [westen]", ("`westen`", "did you mean `weston`")),
        (EVALUATION, "template: controlled-i", "template: control-i", ("is not a template", "did you mean")),
        (EVALUATION, "kind: national_trend", "kind: trend", ("`trend`", "rival explanation")),
        (EVALUATION, "analyses: [type-1-controlled]", "analyses: [type-1]", ("`type-1`", "an analysis of this")),
        (EVALUATION, "measure: ae-attendances-type-1", "measure: ae-attendance", ("`ae-attendance`", "is not a measure")),
        (SITE, "[RA3]", "[QQ9]", ("`QQ9`", "data/organisations.csv", "correct it")),
        (SITE, "[RA3]", "[ra3]", ("`org_codes`", "the code of an organisation", "use RA3")),
        (SITE, "id: weston", "id: westen", ("`id` is not what the file is called", "weston.yml", "make them the same")),
        (SITE, "context: A small", "context: A: small", ("not valid YAML", "colons")),
        (MEASURES, "numerator: [attendances]", "numerator: [attendance]", ("`attendance`", "did you mean `attendances`")),
        (MEASURES, "table: ae-monthly-2016-2019", "table: ae-2016-2019", ("`ae-2016-2019`", "is not a table")),
        (MEASURES, "show_beside: [ae-attendances-all]", "show_beside: [ae-all]", ("`ae-all`", "is not a measure")),
        (MEASURES, "domain: access", "domain: acces", ("`acces`", "did you mean `access`")),
        (PACKAGE, '"rule": "official_statistics"', '"rule": "none"', ("`none`", "disclosure rule", "use one of")),
        (ORGANISATIONS, "8J094,", "8j094,", ("the code of an organisation", "use 8J094")),
    ],
)  # fmt: skip
def test_one_mistake_gives_one_sentence_with_its_line(project, plain, file, old, new, said):
    line = project.edit(file, old, new)
    problems = [problem for problem in project.problems() if "is missing" not in problem.what]
    assert file in [problem.file for problem in problems]
    problem = next(problem for problem in problems if problem.file == file)
    # A mistake may be noticed at the line that no longer fits the one above it.
    last = line + new.count("\n") + (1 if "YAML" in problem.what else 0)
    assert line <= problem.line <= last, str(problem)
    plain(str(problem), f"{file}, line {problem.line}", *said)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (SITE, "[RA3]", "[ZZ901]", ("ZZ901", "synthetic: true")),
        (
            PACKAGE,
            '"column": "suspect_month"',
            '"column": "suspect"',
            ("`suspect`", "is not a column", "suspect_month"),
        ),
    ],
)
def test_what_a_whole_record_gets_wrong_is_placed_at_the_record(project, plain, file, old, new, said):
    line = project.edit(file, old, new)
    problem = only(project.problems())
    assert 1 <= problem.line <= line
    plain(str(problem), file, *said)


def test_a_missing_comma_in_the_data_package_is_placed(project, plain):
    line = project.edit(PACKAGE, '"name": "evalkit",', '"name": "evalkit"')
    problem = only(project.problems())
    assert line <= problem.line <= line + 1
    plain(str(problem), PACKAGE, "','")


def test_problems_of_every_file_come_at_once(project):
    project.edit(SITE, "[RA3]", "[ra3]")
    project.edit(EVALUATION, "status: published", "status: finished")
    project.edit(MEASURES, "form: count", "form: counts")
    assert {problem.file for problem in project.problems()} == {SITE, EVALUATION, MEASURES}


def test_refused_means_nothing_is_read(project):
    project.edit(SITE, "[RA3]", "[ra3]")
    with pytest.raises(InputRefused) as refused:
        read_catalogue(project.root)
    assert refused.value.problems


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"# nothing yet\n", "nothing but comments"),
        (WESTON_SITE.replace("seaside", "café").encode("latin-1"), ENCODING),
        (WESTON_SITE.encode("utf-16"), ENCODING),
        (b"- a\n- b\n", "`field: value`"),
        (b"hello", "`field: value`"),
        (WESTON_SITE.replace("seaside", "sea\x07side").encode(), "cannot be seen (U+0007)"),
    ],
)
def test_a_site_file_that_is_no_record(project, plain, content, said):
    project.write(SITE, content)
    problems = [problem for problem in project.problems() if problem.file == SITE]
    plain(str(only(problems)), SITE, said)


def test_latin_1_names_the_line(project):
    project.write(SITE, WESTON_SITE.replace("seaside", "café").encode("latin-1"))
    assert project.problems()[0].line == 5


@pytest.mark.parametrize("file", [MEASURES, WORDS, PACKAGE])
@pytest.mark.parametrize("content", ["[1, 2]", '"text"', "3", '["a"]'])
def test_a_shared_file_of_the_wrong_shape_is_refused_in_words(project, plain, file, content):
    project.write(file, content)
    problems = project.problems()
    assert any(problem.file == file for problem in problems), [str(problem) for problem in problems]
    for problem in problems:
        plain(str(problem))


@pytest.mark.parametrize("content", ['{"resources": null}', '{"resources": {"a": 1}}', '{"resources": 3}'])
def test_resources_that_are_no_list_are_refused_in_words(project, plain, content):
    project.write(PACKAGE, content)
    problems = project.problems()
    assert any(problem.file == PACKAGE for problem in problems)
    for problem in problems:
        plain(str(problem))


@pytest.mark.parametrize("layout", [None, "wide", ["wide"]])
def test_a_layout_of_the_wrong_shape_is_refused_in_words(project, plain, layout):
    project.describe({"name": "new", "path": "tables/new.csv", "evalkit": layout})
    for problem in project.problems():
        plain(str(problem), PACKAGE)
    assert project.problems()


@pytest.mark.parametrize("missing", [MEASURES, WORDS, PACKAGE, ORGANISATIONS])
def test_a_file_that_is_not_there_is_named(project, plain, missing):
    (project.root / missing).unlink()
    named = [problem for problem in project.problems() if problem.file == missing]
    plain(str(only(named)), missing, "put the file there")


def test_an_empty_vocabulary_is_refused_in_words(project, plain):
    project.edit(WORDS, "areas:\n", "areas:\nmore:\n")
    problems = project.problems()
    assert problems
    for problem in problems:
        plain(str(problem))


@pytest.mark.parametrize("written", ["2017-02-30", "04/07/2017", "July 2017", "4 July 2017"])
def test_a_date_that_is_none_says_how_to_write_one(project, plain, written):
    line = project.edit(EVALUATION, "start: 2017-07-04", f"start: {written}")
    problem = only(project.problems())
    assert problem.line == line
    plain(str(problem), EVALUATION, "2017-07-04")


def test_a_date_as_a_parameter_without_quotes_says_to_quote_it(project, plain):
    line = project.edit(EVALUATION, 'interruption: "2017-07-04"', "interruption: 2017-07-04")
    problem = only(project.problems())
    assert problem.line == line
    assert "quotes" in plain(str(problem), "interruption")


def test_dates_in_a_transition_without_quotes_say_to_quote_them(project, plain):
    project.edit(EVALUATION, "      interruption:", "      transition: [2017-07-01, 2017-08-01]\n      interruption:")
    for problem in project.problems():
        assert "quotes" in plain(str(problem), "transition")


def test_an_alias_to_itself_is_refused_in_words(project, plain):
    project.edit(EVALUATION, "area: urgent", "limits: &a [*a]\narea: urgent")
    plain(str(project.problems()[0]), EVALUATION)


def test_an_analysis_needs_exactly_one_primary(project, plain):
    project.edit(EVALUATION, "role: primary", "role: secondary")
    plain(str(only(project.problems())), "0 analyses have the role primary")


def test_two_analyses_need_two_ids(project, plain):
    project.edit(EVALUATION, "id: all-types-alone", "id: type-1-controlled")
    plain(str(only(project.problems())), "type-1-controlled", "its own id")


def test_a_measure_that_relabelling_moves_is_never_shown_alone(project, plain):
    project.edit(EVALUATION, "measure: ae-attendances-all", "measure: emergency-admissions")
    plain(str(only(project.problems())), "ae-attendances-type-1", "beside `ae-attendances-all`", "add an analysis")


def test_a_comparator_cannot_be_left_out_too(project, plain):
    text = "  comparators_chosen: Four"
    project.edit(EVALUATION, text, f"  left_out:\n    - org_codes: [RTE]\n      reason: It merged.\n{text}")
    plain(str(only(project.problems())), "RTE", "both a comparator and left out", "one of the two lists")


def test_a_real_site_needs_a_source(project, plain):
    project.write(SITE, WESTON_SITE[: WESTON_SITE.index("sources:")])
    plain(str(only(project.problems())), "at least one source")


def test_a_synthetic_site_needs_an_invalid_code(project, plain):
    project.edit(SITE, "place:", "synthetic: true\nplace:")
    plain(str(only(project.problems())), "ZZ901")


@pytest.mark.parametrize("codes", ["[RA3, RA3]", "[RA3, RBA, RA3]"])
def test_a_code_listed_twice_is_not_counted_twice(project, plain, codes):
    project.edit(SITE, "[RA3]", codes)
    problems = project.problems()
    assert problems, "a site that lists a code twice goes through"
    plain(str(problems[0]), SITE, "RA3", "twice")


def test_an_org_code_that_yaml_reads_as_a_number_is_refused_in_words(project, plain):
    project.edit(SITE, "[RA3]", "[123]")
    plain(str(only(project.problems())), "a number", "in quotes")


def test_a_comparator_that_yaml_reads_as_a_number_is_refused_in_words(project, plain):
    project.edit(EVALUATION, "      comparators: [RD1,", "      comparators: [123,")
    for problem in project.problems():
        plain(str(problem), "123")
    assert project.problems()


class TestOrganisations:
    def test_a_name_with_a_comma_needs_quotes(self, project, plain):
        line = project.edit(ORGANISATIONS, "8J094,Badger Ltd", "8J094,Badger, Ltd")
        problem = only(project.problems())
        assert problem.line == line
        plain(str(problem), ORGANISATIONS, "12 fields", "11")

    def test_a_code_given_twice(self, project, plain):
        text = (project.root / ORGANISATIONS).read_text()
        project.write(ORGANISATIONS, text + "RA3,Weston again,,,,,,,,,\n")
        problem = only(project.problems())
        assert problem.line == text.count("\n") + 1
        plain(str(problem), "RA3", "already")

    def test_a_misspelt_header(self, project, plain):
        project.edit(ORGANISATIONS, "org_code,", "org code,")
        problem = project.problems()[0]
        assert problem.line == 1
        plain(str(problem), "column 1", "did you mean `org_code`")

    def test_an_empty_name(self, project, plain):
        text = (project.root / ORGANISATIONS).read_text()
        project.write(ORGANISATIONS, text + "RQ1,,,,,,,,,,\n")
        assert "is missing" in plain(str(only(project.problems())), "name")


class TestTablesDescribed:
    def test_a_changed_table_is_refused(self, project, plain):
        project.edit("data/tables/ae_monthly_2016_2019.csv", ",other,", ",2,", meant=False)
        plain(str(only(project.problems())), PACKAGE, "contents have changed", "sha256:")

    def test_a_table_that_is_not_there(self, project, plain):
        (project.root / "data/tables/ae_monthly_2016_2019.csv").unlink()
        plain(str(only(project.problems())), "data/tables/ae_monthly_2016_2019.csv", "put the file there")

    def test_a_table_nobody_described(self, project, plain):
        project.write("data/tables/new.csv", "a,b\n1,2\n")
        plain(str(only(project.problems("look"))), "data/tables/new.csv", "evalkit new evaluation")

    def test_a_published_table_needs_its_hash(self, project, plain):
        package = json.loads((project.root / PACKAGE).read_text())
        del package["resources"][0]["hash"]
        project.write(PACKAGE, json.dumps(package, indent=2))
        plain(str(only(project.problems())), PACKAGE, "`hash`")

    @pytest.mark.parametrize(
        ("old", "new", "named"),
        [
            ('"unit": "org_code"', '"unit": "org"', "org"),
            ('"period": "period"', '"period": "month"', "month"),
            ('"category": "ae_type"', '"category": "type"', "type"),
        ],
    )
    def test_a_layout_that_names_no_column(self, project, plain, old, new, named):
        project.edit(PACKAGE, old, new)
        problems = project.problems()
        assert problems
        plain(str(problems[0]), PACKAGE, f"`{named}`")

    def test_a_flag_must_be_a_yes_or_no_column(self, project, plain):
        project.edit(PACKAGE, '"column": "suspect_month"', '"column": "org_name"')
        problems = project.problems()
        assert problems, "a flag over a text column never holds, so the trap it guards against goes unnoticed"
        plain(str(problems[0]), PACKAGE, "org_name")

    def test_a_measure_cannot_count_text(self, project, plain):
        project.edit(MEASURES, "numerator: [attendances]", "numerator: [org_name]")
        problems = project.problems()
        assert problems, "a measure that adds up names goes through"
        plain(str(problems[0]), MEASURES, "org_name")

    def test_a_table_outside_the_data_folder_is_refused(self, project, plain):
        project.write("elsewhere.csv", (project.root / "data/tables/ae_monthly_2016_2019.csv").read_bytes())
        project.edit(PACKAGE, "tables/ae_monthly_2016_2019.csv", "../elsewhere.csv")
        problems = project.problems()
        assert problems, "a table outside data/tables goes through"
        plain(str(problems[0]), PACKAGE)


class TestRoot:
    def test_found_from_below(self, project, monkeypatch):
        monkeypatch.delenv("EVALKIT_ROOT", raising=False)
        assert find_root(project.root / "book" / "notebooks") == project.root.resolve()

    def test_none_there(self, tmp_path, monkeypatch, plain):
        monkeypatch.delenv("EVALKIT_ROOT", raising=False)
        with pytest.raises(EvaluationError) as refused:
            find_root(tmp_path)
        plain(str(refused.value), str(tmp_path), "data/datapackage.json", "EVALKIT_ROOT")

    def test_named_but_wrong(self, tmp_path, monkeypatch, plain):
        monkeypatch.setenv("EVALKIT_ROOT", str(tmp_path))
        with pytest.raises(EvaluationError) as refused:
            find_root()
        plain(str(refused.value), "EVALKIT_ROOT", "does not exist")


class TestLines:
    def test_a_value_knows_its_line_and_a_missing_one_its_parents(self, tmp_path):
        path = tmp_path / "a.yml"
        path.write_text(WESTON_EVALUATION, encoding="utf-8")
        value, lines, problems = read_lines(path, "a.yml")
        wanted = WESTON_EVALUATION.splitlines().index("  comparators: [RD1, RTE, RNZ, RN3]") + 1
        assert problems == []
        assert value["protocol"]["comparators"][2] == "RNZ"
        assert lines.line_of(("protocol", "comparators", 2)) == wanted
        assert lines.line_of(("protocol", "comparators", 99)) == wanted

    def test_json_is_read_with_a_byte_order_mark(self, tmp_path):
        path = tmp_path / "a.json"
        path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
        assert read_lines(path, "a.json")[0] == {"a": 1}


def test_did_you_mean_offers_the_nearest_or_the_short_list():
    assert did_you_mean("slop", ["level", "slope"]) == "; did you mean `slope`"
    assert did_you_mean("zzz", ["level", "slope"]) == ": use one of level, slope"
    assert did_you_mean("zzz", [str(number) for number in range(99)]) == ""


def test_ipython_shows_the_sentence_only():
    assert EvaluationError("No.")._render_traceback_() == ["EvaluationError: No."]


def test_an_unknown_provider_in_a_submission_is_placed(project, plain):
    project.submit("org_code,period,measure,numerator,denominator,note\nQQ9,2016-01,discharges,5,,\n")
    problem = only(project.problems())
    assert (problem.file, problem.line) == (SUBMISSION, 2)
    plain(str(problem), "`org_code`", "a code", "data/organisations.csv")


def test_figures_that_were_published_say_where_and_under_which_licence(project):
    project.edit(PACKAGE, '          "name": "OGL-UK-3.0"', '          "name": "not-stated"')
    (problem,) = [problem for problem in project.problems() if "`own_figures`" in problem.what]
    assert problem.file == PACKAGE
    assert "does not say where and under which licence" in problem.what
