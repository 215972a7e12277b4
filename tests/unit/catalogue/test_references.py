"""Do the records agree? Each rule by a record that breaks it alone: the sentence, and the line that it points to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.catalogue.consistency.references import check_references
from evalkit.catalogue.files.plain_text import TABLE_AT_MOST
from evalkit.catalogue.records.evaluations import IndependentResult, LeftOut
from evalkit.catalogue.records.from_records import FromRecords
from evalkit.catalogue.records.learning import NotPooled, Pooled
from evalkit.catalogue.records.tables import FlagRule, Licence, TableSource
from tests.unit.conftest import EVALUATION, ITEM, SITE, SUBMISSION, only

ID, SECOND = "weston-overnight-closure-2017", "all-types-alone"
MEASURES, PACKAGE, WORDS = "data/measures.yml", "data/datapackage.json", "data/vocabularies.yml"
Change = Callable[[Catalogue], Catalogue]


@cache
def _read(root) -> Catalogue:
    return read_catalogue(root)


@pytest.fixture
def catalogue(pattern) -> Catalogue:
    """Weston and nothing else; tests change copies."""
    return _read(pattern)


def having(catalogue: Catalogue, kind: str, id: str, **values) -> Catalogue:
    """The catalogue with other values in one record."""
    records = getattr(catalogue, kind)
    return replace(catalogue, **{kind: {**records, id: records[id].model_copy(update=values)}})


def evaluation(**values) -> Change:
    return lambda catalogue: having(catalogue, "evaluations", ID, **values)


def within(part: str, **values) -> Change:
    """Other values in a part of the evaluation, such as its protocol."""

    def change(catalogue):
        record = getattr(catalogue.evaluations[ID], part)
        return having(catalogue, "evaluations", ID, **{part: record.model_copy(update=values)})

    return change


def entry(part: str, index: int, **values) -> Change:
    """Other values in one entry of a list of the evaluation."""

    def change(catalogue):
        entries = list(getattr(catalogue.evaluations[ID], part))
        entries[index] = entries[index].model_copy(update=values)
        return having(catalogue, "evaluations", ID, **{part: entries})

    return change


def measure(**values) -> Change:
    return lambda catalogue: having(catalogue, "measures", "ae-attendances-type-1", **values)


def recipe(**values) -> Change:
    def change(catalogue):
        recipes = list(catalogue.measures["ae-attendances-type-1"].recipes)
        recipes[0] = recipes[0].model_copy(update=values)
        return measure(recipes=recipes)(catalogue)

    return change


def layout(table: str, **values) -> Change:
    def change(catalogue):
        layout = catalogue.tables[table].layout.model_copy(update=values)
        return having(catalogue, "tables", table, layout=layout)

    return change


def disclosed(table: str, **values) -> Change:
    def change(catalogue):
        rule = catalogue.tables[table].layout.disclosure.model_copy(update=values)
        return layout(table, disclosure=rule)(catalogue)

    return change


def flag(**values) -> Change:
    def change(catalogue):
        flags = list(catalogue.tables["discharge-daily-2022-2025"].layout.flags)
        flags[0] = flags[0].model_copy(update=values)
        return layout("discharge-daily-2022-2025", flags=flags)(catalogue)

    return change


def other_measures(catalogue: Catalogue) -> Catalogue:
    """The answer is of a measure that stands alone; the one that does not stands beside it, as the test's role."""
    first, second = catalogue.evaluations[ID].analyses
    alone = first.model_copy(update={"parameters": {**first.parameters, "measure": "emergency-admissions"}})
    beside = second.model_copy(
        update={"role": "secondary", "parameters": {**second.parameters, "measure": "ae-attendances-type-1"}}
    )
    return having(catalogue, "evaluations", ID, analyses=[alone, beside])


def line_of(catalogue: Catalogue, file: str, text: str) -> int:
    """The first line that holds a text; ``one ... other``: the first that holds the other from the one on."""
    content, at = (catalogue.root / file).read_text(encoding="utf-8"), 0
    for part in text.split(" ... "):
        at = content.index(part, at)
    return 1 + content[:at].count("\n")


BROKEN: dict[str, tuple[Change, str, str, str]] = {
    "area": (evaluation(area="urgent"), EVALUATION, "area:", "`area` names `urgent`, which is not an area in data/vocabularies.yml"),
    "site": (evaluation(sites=["weston", "nowhere"]), EVALUATION, "sites: [weston]", "`sites` names `nowhere`, which is not a site in data/sites"),
    "former id of a site there is": (
        lambda catalogue: having(catalogue, "sites", "weston", former_ids=["weston"]), SITE, "id: weston",
        "`weston` is a former id here, and the id of a site at present: take it out, or rename that site.",
    ),
    "former id twice": (
        lambda catalogue: having(catalogue, "sites", "weston", former_ids=["uphill", "uphill"]), SITE, "id: weston",
        "`uphill` is a former id here, and of the site weston too: keep it at one of them, once.",
    ),
    "start": (
        within("intervention", starts={"RBA": date(2017, 7, 4)}), EVALUATION, "intervention:",
        "`starts` names `RBA`, which is not a site of this evaluation or one of their codes",
    ),
    "expectation": (
        entry("expectations", 0, measure="visits"), EVALUATION, "- measure: ae-attendances-type-1",
        "`measure` names `visits`, which is not a measure in data/measures.yml",
    ),
    "comparator": (
        within("protocol", comparators=["RD1", "QQ9"]), EVALUATION, "comparators: [RD1",
        "`comparators` names `QQ9`, which is not a provider code in data/organisations.csv",
    ),
    "left out": (
        within("protocol", left_out=[LeftOut(org_codes=["QQ9"], reason="Merged.")]), EVALUATION, "protocol:",
        "`org_codes` names `QQ9`, which is not a provider code in data/organisations.csv",
    ),
    "page of its own": (
        entry("analyses", 1, id="board"), EVALUATION, "- id: all-types-alone",
        "`board` is the address of another page of the evaluation: give the analysis another id.",
    ),
    "kind of rival": (
        entry("rival_explanations", 0, kind="trend"), EVALUATION, "kind: national_trend",
        "`kind` names `trend`, which is not a kind of rival explanation in data/vocabularies.yml",
    ),
    "affects": (
        entry("rival_explanations", 0, affects=["visits"]), EVALUATION, "affects: [type-1-controlled]",
        "`affects` names `visits`, which is not an analysis of this evaluation",
    ),
    "check of a rival": (
        entry("rival_explanations", 0, analyses=["visits"]), EVALUATION, "analyses: [type-1-controlled]",
        "`analyses` names `visits`, which is not an analysis of this evaluation",
    ),
    "independent result": (
        evaluation(independent_results=[
            IndependentResult.model_construct(what="A paper.", estimate=1.0, scale="percent", beside="visits")
        ]),
        EVALUATION, "id: weston", "`beside` names `visits`, which is not an analysis of this evaluation",
    ),
    "companion": (
        other_measures, EVALUATION, "- id: all-types-alone",
        "`ae-attendances-type-1` is only shown beside `ae-attendances-all`: add an analysis of `ae-attendances-all` to this"
        " evaluation.",
    ),
    "code of a site": (
        lambda catalogue: having(catalogue, "sites", "weston", org_codes=["RA3", "QQ9"]), SITE, "org_codes",
        "`org_codes` names `QQ9`, which is not a provider code in data/organisations.csv",
    ),
    "table of a recipe": (
        recipe(table="ae-1916"), MEASURES, "- table: ae-monthly-2016-2019",
        "`table` names `ae-1916`, which is not a table in data/datapackage.json",
    ),
    "mean of days": (
        recipe(every="month"), MEASURES, "- table: ae-monthly-2016-2019",
        "`every` averages days, but data/tables/ae_monthly_2016_2019.csv holds one row a month: leave it out.",
    ),
    "numerator": (
        recipe(numerator=["org_name"]), MEASURES, "numerator: [attendances]",
        "`org_name` of data/tables/ae_monthly_2016_2019.csv is described as string: name a column of numbers (integer or"
        " number) here.",
    ),
    "denominator": (
        recipe(denominator=["period"]), MEASURES, "- table: ae-monthly-2016-2019",
        "`period` of data/tables/ae_monthly_2016_2019.csv is described as date: name a column of numbers (integer or"
        " number) here.",
    ),
    "where": (
        recipe(where={"kind": "1"}), MEASURES, "where: ",
        "`where` names `kind`, which is not a column of data/tables/ae_monthly_2016_2019.csv",
    ),
    "beside": (
        lambda catalogue: having(catalogue, "measures", "emergency-admissions", show_beside=["ae-all"]), MEASURES,
        "emergency-admissions:", "`show_beside` names `ae-all`, which is not a measure; correct it.",
    ),
    "domain": (
        measure(domain="doors"), MEASURES, "domain: access",
        "`domain` names `doors`, which is not one of the words for `domains` in data/vocabularies.yml",
    ),
    "stage of the flow": (
        measure(flow_stage="doors"), MEASURES, "flow_stage",
        "`flow_stage` names `doors`, which is not one of the words for `flow_stages` in data/vocabularies.yml",
    ),
    "category": (
        layout("ae-monthly-2016-2019", category="kind"), PACKAGE, '"category": "ae_type"',
        "`category` names `kind`, which is not a column of data/tables/ae_monthly_2016_2019.csv",
    ),
    "unit": (
        layout("ae-monthly-2016-2019", unit="trust"), PACKAGE, '"unit": "org_code"',
        "`unit` names `trust`, which is not a column of data/tables/ae_monthly_2016_2019.csv",
    ),
    "flag": (
        layout("ae-trust-monthly-2010-2021", flags=[FlagRule(column="org_name", name="odd", means="Odd.")]), PACKAGE,
        'tables/ae_trust_monthly ... "column": "derived_from_weekly"', "`org_name` of data/tables/ae_trust_monthly_2010_2021.csv is described as string: name a column"
        " of yes or no (boolean) here.",
    ),
    "figures of a flag that are zero": (
        flag(all_zero=["discharges", "org_code"]), PACKAGE, '"all_zero"',
        "`org_code` of data/tables/discharge_daily_2022_2025.csv is described as string: name a column of numbers (integer or"
        " number) here.",
    ),
    "figures that a flag makes missing": (
        flag(missing=["discharges", "visits"]), PACKAGE, '"all_zero" ... "missing"',
        "`missing` names `visits`, which is not a column of data/tables/discharge_daily_2022_2025.csv",
    ),
    "disclosure": (
        disclosed("ae-monthly-2016-2019", rule="none"), PACKAGE, '"rule": "official_statistics"',
        "`none` is not a disclosure rule: use one of ",
    ),
    "published nowhere": (
        lambda catalogue: having(catalogue, "tables", "ae-monthly-2016-2019", sources=[TableSource(title="A trust")]), PACKAGE,
        '"rule": "official_statistics"',
        "`official_statistics` is of figures that were published, and the entry does not say where and under which licence: give a"
        " source its `path` and `licenses` a name, or write `own_figures`.",
    ),
    "without a licence": (
        lambda catalogue: having(catalogue, "tables", "ae-monthly-2016-2019", licenses=[Licence(name="not-stated")]), PACKAGE,
        '"rule": "official_statistics"', "`official_statistics` is of figures that were published, and ",
    ),
    "another file": (
        lambda catalogue: having(catalogue, "tables", "ae-monthly-2016-2019", hash="sha256:" + "0" * 64), PACKAGE, '"hash": "sha256:',
        "data/tables/ae_monthly_2016_2019.csv is not the file described here, its contents have changed: undo the change, or, if it"
        " is meant, write sha256:",
    ),
    "period": (
        layout("ae-monthly-2016-2019", period="month"), PACKAGE, '"period": "period"',
        "`period` names `month`, which is not a column of data/tables/ae_monthly_2016_2019.csv",
    ),
}  # fmt: skip


def test_nothing_is_broken_before(catalogue):
    assert check_references(catalogue) == []


@pytest.mark.parametrize("name", BROKEN)
def test_one_thing_broken_is_one_sentence_with_its_line(catalogue, name):
    change, file, where, what = BROKEN[name]
    problem = only(check_references(change(catalogue)))
    assert (problem.file, problem.line, problem.level) == (file, line_of(catalogue, file, where), "refused")
    assert problem.what.startswith(what)


def test_a_comparator_is_not_left_out_and_a_site_needs_codes(catalogue):
    left_out = [LeftOut(org_codes=["RA4", "RTE"], reason="Merged.")]
    known = replace(catalogue, organisations=catalogue.organisations | {"RA4": catalogue.organisations["RTE"]})
    problem = only(check_references(within("protocol", left_out=left_out)(known)))
    assert problem.what == "RTE is both a comparator and left out: take it from one of the two lists."
    assert problem.line == line_of(catalogue, EVALUATION, "comparators: [RD1")
    problem = only(check_references(having(catalogue, "sites", "weston", org_codes=[])))
    assert problem.what == "`weston` has no `org_codes`, so it has no figures: add them in data/sites/weston.yml."
    assert (problem.file, problem.line) == (EVALUATION, line_of(catalogue, EVALUATION, "sites: [weston]"))


def test_the_folder_of_results_across_sites_is_no_evaluation(catalogue):
    renamed = catalogue.evaluations[ID].model_copy(update={"id": "across"})
    places = {**catalogue.written_in, ("evaluations", "across"): catalogue.written_in["evaluations", ID]}
    changed = replace(catalogue, evaluations={ID: catalogue.evaluations[ID], "across": renamed}, written_in=places)
    said = [problem for problem in check_references(changed) if "folder" in problem.what]
    assert only(said).what == "`across` is the folder of results across sites: give the evaluation another id."
    assert only(said).line == line_of(catalogue, EVALUATION, f"id: {ID}")


@pytest.mark.parametrize(
    ("role", "asked_for"),
    [("secondary", True), ("spill_over", False), ("recording_check", False), ("negative_control", False)],
)
def test_a_measure_is_shown_beside_its_companion_where_it_answers_something(catalogue, role, asked_for):
    changed = other_measures(catalogue)
    analyses = changed.evaluations[ID].analyses
    analyses[1] = analyses[1].model_copy(update={"role": role})
    assert len(check_references(changed)) == asked_for


def test_the_end_of_a_change_needs_what_else_began_then(catalogue):
    changed = within("intervention", end=date(2018, 3, 1))(catalogue)
    assert check_references(changed) == []
    analyses = list(changed.evaluations[ID].analyses)
    analyses[1] = analyses[1].model_copy(update={"parameters": {**analyses[1].parameters, "end": "2018-03"}})
    changed = having(changed, "evaluations", ID, analyses=analyses)
    assert only(check_references(changed)).what == (
        "`end` is given, but no rival explanation has `at: end`: say what else began when the change ended, or that nothing is"
        " known to have."
    )
    assert check_references(entry("rival_explanations", 0, at="end")(changed)) == []


@pytest.mark.parametrize("name", ["areas", "lessons", "item_types"])
def test_a_vocabulary_that_is_missing(catalogue, name):
    words = {other: words for other, words in catalogue.vocabularies.items() if other != name}
    said = [problem for problem in check_references(replace(catalogue, vocabularies=words)) if problem.file == WORDS]
    assert (only(said).line, only(said).what) == (0, f"`{name}` is missing: add it, with its words.")


def test_a_word_that_pages_write_is_missing(catalogue):
    words = {**catalogue.vocabularies, "item_types": {"question": "Question"}}
    said = [
        problem.what for problem in check_references(replace(catalogue, vocabularies=words)) if problem.file == WORDS
    ]
    assert said == [
        "`item_types` does not say how to write enabler, barrier, lesson, example, adaptation, patient_voice, staff_voice, unintended_effect: add it, with its words."
    ]


def test_without_a_table_that_is_the_one_thing_said_of_measures(catalogue):
    said = [problem for problem in check_references(replace(catalogue, tables={})) if problem.file == PACKAGE]
    assert (only(said).line, only(said).what) == (
        1, "describes no table, so nothing can be counted: describe one under `resources`.",
    )  # fmt: skip


class TestWhatAPooledRecordLeavesOut:
    """Of one evaluation: analyses that ask the same of other sites."""

    @staticmethod
    def pooling(catalogue, *more, left_out=()):
        """Three analyses alike, pooled, and more of the same evaluation; what is said of the record."""
        first, last = catalogue.evaluations[ID].analyses
        alike = [
            first.model_copy(update={"id": id, "role": "secondary", "parameters": {**first.parameters, "site": site}})
            for id, site in (("second", "RBA"), ("third", "RRK"), *(((f"other-{n}"), "RTE") for n in range(len(more))))
        ]
        others = [
            analysis.model_copy(
                update={**values, "parameters": {**analysis.parameters, **values.get("parameters", {})}}
            )
            for analysis, values in zip(alike[2:], more, strict=True)
        ]
        record = Pooled(
            id="visits", title="Visits", question="Did visits fall?", why_together="The same.", area="urgent-care-access",
            expected="decrease", analyses=[f"{ID}/{analysis.id}" for analysis in (first, *alike[:2])],
            left_out=[NotPooled(analysis=f"{ID}/{id}", reason="It closed.") for id in left_out],
        )  # fmt: skip
        changed = having(catalogue, "evaluations", ID, analyses=[first, *alike[:2], *others, last])
        places = {**catalogue.written_in, ("pooled", "visits"): catalogue.written_in["evaluations", ID]}
        problems = check_references(replace(changed, pooled={"visits": record}, written_in=places))
        if not left_out:
            assert {problem.line for problem in problems} <= {line_of(catalogue, EVALUATION, "\nanalyses:") + 1}
        return [problem.what for problem in problems]

    def test_it_takes_every_one_or_says_why_not(self, catalogue):
        assert self.pooling(catalogue) == []
        assert self.pooling(catalogue, {}) == [
            f"{ID}/other-0 asks the same of another site: add it to `analyses`, or name it under `left_out` with the reason."
        ]
        assert self.pooling(catalogue, {}, {}) == [
            f"{ID}/other-0, {ID}/other-1 ask the same of another site: add them to `analyses`, or name them under `left_out`"
            " with the reason."
        ]
        assert self.pooling(catalogue, {}, {}, left_out=["other-0", "other-1"]) == []

    @pytest.mark.parametrize(
        "values",
        [
            {"role": "negative_control"}, {"role": "spill_over"}, {"template": "interrupted-time-series"},
            {"parameters": {"measure": "ae-attendances-all"}}, {"parameters": {"site": "RTE RD1"}}, {"parameters": {"site": ["RTE", "RD1"]}},
        ],
    )  # fmt: skip
    def test_what_asks_something_else_may_stay_out(self, catalogue, values):
        assert self.pooling(catalogue, values) == []

    def test_what_is_left_out_is_an_analysis_of_the_book(self, catalogue):
        (said,) = self.pooling(catalogue, left_out=["fourth"])
        assert said.startswith(
            f"`analysis` names `{ID}/fourth`, which is not a result of this book, written evaluation/analysis"
        )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"site": "nowhere"}, "`site` names `nowhere`, which is not a site in data/sites"),
        ({"programme": "closures"}, "`programme` names `closures`, which is not a programme in data/programmes.yml"),
        ({"stage": "soon"}, "`stage` names `soon`, which is not one of the words for `stages` in data/vocabularies.yml"),
        ({"themes": ["doors"]}, "`themes` names `doors`, which is not one of the words for `themes` in data/vocabularies.yml"),
        ({"themes": ["workforce", "workforce"]}, "`themes` names `workforce` twice: name it once."),
        ({"explains": [ID, ID]}, f"`explains` names `{ID}` twice: name it once."),
        ({"explains": [ID, "nowhere"]}, "`explains` names `nowhere`, which is not an evaluation in data/evaluations"),
    ],
)  # fmt: skip
def test_an_item_names_what_there_is(catalogue, values, said):
    (field,) = values
    (problem,) = check_references(having(catalogue, "learning", "weston-doctors-at-night", **values))
    assert problem.what.startswith(said)
    where = field if field != "programme" else "id: weston"
    assert (problem.file, problem.line) == (ITEM, line_of(catalogue, ITEM, where))


def test_the_evidence_of_an_item_is_of_the_book(catalogue):
    item = catalogue.learning["weston-doctors-at-night"]
    evidence = [
        each.model_copy(update={"ref": ref})
        for each, ref in zip(item.evidence, ("report", f"{ID}/visits"), strict=True)
    ]
    problems = check_references(having(catalogue, "learning", item.id, evidence=evidence))
    assert [problem.what.split(" (")[0].split(";")[0] for problem in problems] == [
        "`ref` names `report`, which is not a publication in data/sources.yml",
        f"`ref` names `{ID}/visits`, which is not a result of this book, written evaluation/analysis",
    ]
    lines = [line_of(catalogue, ITEM, where) for where in ("ref: weston-night", f"ref: {ID}")]
    assert [problem.line for problem in problems] == lines


def test_a_published_evaluation_without_reason_rival_and_control_is_told_thrice(catalogue):
    changed = replace(catalogue, learning={})
    for change in (within("protocol", no_negative_control=None), entry("rival_explanations", 0, analyses=[])):
        changed = change(changed)
    problems = check_references(changed)
    assert [(problem.file, problem.line) for problem in problems] == [
        (EVALUATION, line_of(catalogue, EVALUATION, where))
        for where in ("status: published", "rival_explanations:", "protocol:")
    ]
    assert [problem.what for problem in problems] == [
        f"no learning item explains this result: write `explains: [{ID}]` into a published one in data/learning, of type"
        " `question` if nobody has been asked yet.",
        "`rival_explanations` has none with `analyses`: name the analysis that speaks to one of them.",
        "`protocol` has no `negative_control`, something that should not have moved: name its analysis, or give the reason for"
        " none as `no_negative_control`.",
    ]
    assert check_references(evaluation(status="draft")(changed)) == []


class TestFiles:
    """What stands in the folder beside the records."""

    def test_files_that_nobody_reads_are_worth_a_look(self, project):
        for name in (
            "sites/notes.txt",
            "sites/old/weston.yml",
            "learning/item.yml",
            "sites/.hidden",
            "evaluations/a.yaml~",
        ):
            project.write(f"data/{name}", "Words.")
        problems = {problem.file: problem for problem in check_references(project.catalogue())}
        assert problems.keys() == {
            "data/sites/notes.txt", "data/sites/old/weston.yml", "data/learning/item.yml", "data/evaluations/a.yaml~"
        }  # fmt: skip
        assert {(problem.line, problem.level) for problem in problems.values()} == {(0, "look")}
        assert problems["data/learning/item.yml"].what == (
            "is not read, since records of this kind are data/learning/<id>.md: rename it, or move it away."
        )
        assert "records of this kind are data/sites/<id>.yml:" in problems["data/sites/notes.txt"].what

    def test_tables(self, project):
        catalogue = project.catalogue()
        (project.root / "data" / "tables" / "ae_monthly_2016_2019.csv").unlink()
        with (project.root / "data" / "tables" / "ae_trust_monthly_2010_2021.csv").open("ab") as file:
            file.truncate(TABLE_AT_MOST + 1)
        project.write("data/tables/more.csv", "a,b\n")
        gone, large, more = check_references(catalogue)
        assert gone.what == (
            "data/tables/ae_monthly_2016_2019.csv does not exist: put the file there, or take its entry out."
        )
        assert (gone.file, gone.line) == (PACKAGE, line_of(project, PACKAGE, "ae_monthly_2016_2019.csv"))
        assert large.what.startswith("data/tables/ae_trust_monthly_2010_2021.csv has 8,000,001 bytes")
        assert (large.file, large.line) == (PACKAGE, line_of(project, PACKAGE, "ae_trust_monthly_2010_2021.csv"))
        assert (more.file, more.line, more.level) == ("data/tables/more.csv", 0, "look")
        assert more.what == (
            "is not described in data/datapackage.json, so nothing uses it: run `evalkit new evaluation`."
        )

    def test_a_table_as_large_as_may_be_is_read(self, project):
        catalogue = having(project.catalogue(), "tables", "ae-monthly-2016-2019", hash=None)
        with (project.root / "data" / "tables" / "ae_monthly_2016_2019.csv").open("ab") as file:
            file.truncate(TABLE_AT_MOST)
        assert check_references(catalogue) == []

    @pytest.mark.parametrize("column", ["numerator", "denominator"])
    def test_the_figures_of_a_submission_are_numbers(self, project, column):
        project.submit("org_code,period,measure,numerator,denominator,note\nRA3,2020-01,discharges,1,2,\n")
        assert project.problems() == []
        project.edit(
            PACKAGE,
            f'"name": "{column}",\n            "type": "number"',
            f'"name": "{column}",\n            "type": "string"',
        )
        assert only(project.problems()).what == (
            f"`{column}` of {SUBMISSION} is described as string: name a column of numbers (integer or number) here."
        )


class TestOnWhichDays:
    """A count of weekends that would be divided by all days is worth a look, until somebody says which is right."""

    def _said(self, catalogue, **values) -> list[str]:
        changed = having(catalogue, "measures", "ae-attendances-all", **values)
        return [problem.what for problem in check_references(changed) if "exposure" in problem.what]

    @pytest.mark.parametrize("name", ["Weekend visits", "Visits on Saturdays and Sundays", "Week-end visits"])
    def test_its_name_speaks_of_weekends(self, catalogue, plain, name):
        (what,) = self._said(catalogue, name=name)
        plain(what, "`ae-attendances-all`", "per calendar day", "`exposure: weekend_days`", "`exposure: calendar_days`")

    def test_its_records_are_of_weekends(self, catalogue):
        records = FromRecords(organisation="a", at="b", weekdays=["saturday", "sunday"])
        assert len(self._said(catalogue, records=records)) == 1
        assert self._said(catalogue, records=records.model_copy(update={"weekdays": ["friday", "sunday"]})) == []

    @pytest.mark.parametrize("exposure", ["weekend_days", "calendar_days", "none"])
    def test_it_has_been_said(self, catalogue, exposure):
        assert self._said(catalogue, name="Weekend visits", exposure=exposure) == []

    def test_what_is_not_divided_is_not_asked(self, catalogue):
        assert self._said(catalogue, name="Visits") == []
        assert self._said(catalogue) == []  # with the share of weekends, which is counted in a table of days
