"""Sources, programmes, glossary, changes, routes and pooled results: every mistake is one sentence with its place."""

import pytest

from tests.unit.conftest import EVALUATION, ITEM, SITE

SOURCES, PROGRAMMES, GLOSSARY = "data/sources.yml", "data/programmes.yml", "data/glossary.yml"
CHANGES, ROUTES, POOLED = "data/changes.yml", "data/routes.yml", "data/pooled/visits.yml"
SYNONYMS, INDEPENDENT = "data/synonyms.yml", "data/independent_results.yml"

# Sound records of the kinds that the small project is without.
PROGRAMMES_TEXT = """\
closures:
  name: Closures at night
  area: urgent-care-access
  what: Several departments that close at night.
  sources: [weston-night-closure-2017]
"""
GLOSSARY_TEXT = """\
ae: {term: A&E, stands_for: accident and emergency, means: Where people go in an emergency.}
"""
CHANGES_TEXT = """\
2026-11-21-weston:
  date: 2026-11-21
  what: The closure at Weston was added.
  evaluations: [weston-overnight-closure-2017]
"""
ROUTES_TEXT = """\
patients-and-public:
  name: Patients and the public
  sentence: Did it make care better?
  opening: Start here.
  audiences: [patients-public]
  leads_to:
    - {title: How to read, page: book/read/how-to-read, says: What the words mean.}
"""
SYNONYMS_TEXT = """\
money:
  words: [money, cost]
night:
  words: [night, overnight]
"""
INDEPENDENT_TEXT = """\
of-others:
  title: What others found of Weston
  about: same_change
  published:
    by: A university
    question: Did visits fall?
    data: Records of patients.
    method: Against other places.
    found: They fell.
    sources:
      - {title: A report, where: example.org/report}
  beside: [weston-overnight-closure-2017/type-1-controlled]
  may_differ: [They count people.]
"""
POOLED_TEXT = """\
id: visits
title: Visits at three sites
question: Did visits fall?
why_together: The same change.
area: urgent-care-access
expected: decrease
analyses:
  - weston-overnight-closure-2017/type-1-controlled
  - weston-overnight-closure-2017/second
  - weston-overnight-closure-2017/third
"""


@pytest.fixture
def full(project):
    """The small project with one sound record of every kind."""
    project.write(PROGRAMMES, PROGRAMMES_TEXT)
    project.write(GLOSSARY, GLOSSARY_TEXT)
    project.write(CHANGES, CHANGES_TEXT)
    project.write(ROUTES, ROUTES_TEXT)
    project.write(SYNONYMS, SYNONYMS_TEXT)
    project.write("book/read/how-to-read.md", "# How to read\n")
    text = (project.root / EVALUATION).read_text(encoding="utf-8")
    first = text[text.index("  - id: type-1-controlled") : text.index("  - id: all-types-alone")]
    for id, code in (("second", "RBA"), ("third", "RRK")):
        text += first.replace("type-1-controlled", id).replace("primary", "secondary").replace("weston", code)
    project.write(EVALUATION, text)
    project.write(POOLED, POOLED_TEXT)
    project.write(INDEPENDENT, INDEPENDENT_TEXT)
    return project


def test_sound_records_of_every_kind_have_no_problem(full):
    assert full.problems() == []
    catalogue = full.catalogue()
    assert (
        catalogue.learning["weston-doctors-at-night"].body == "The trust could not be sure of enough doctors at night."
    )
    kinds = (catalogue.sources, catalogue.programmes, catalogue.glossary, catalogue.changes, catalogue.routes)
    assert [len(kind) for kind in (*kinds, catalogue.pooled)] == [1] * 6
    assert catalogue.synonyms["money"].words == ["money", "cost"]


def test_an_evaluation_that_is_gone_is_named_where_it_is_cited(full, plain):
    (full.root / EVALUATION).unlink()
    (full.root / POOLED).unlink()
    problems = full.problems()
    assert {(problem.file, problem.what.split("`")[1]) for problem in problems} == {
        (ITEM, "ref"),
        (ITEM, "explains"),
        (CHANGES, "evaluations"),
        (INDEPENDENT, "beside"),
    }
    for problem in problems:
        plain(str(problem), ", line ", "weston-overnight-closure-2017", "correct it")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (SOURCES, "  publisher: Weston Area Health NHS Trust\n", "", ("`publisher` is missing", "add it")),
        (SOURCES, "  publisher:", "  publishers:", ("`publishers` is not a field", "did you mean `publisher`")),
        (SOURCES, 'published: "2017"', "published: 2017", ("`published`", "text", "quotes")),
        (SOURCES, "read: 2026-11-21", "read: 2026-11-31", ("`read`", "not a date", "2017-07-04")),
        (SOURCES, "weston-night-closure-2017:", "Weston Night:", ("text of 12 characters", "an id", "hyphens")),
        (PROGRAMMES, "area: urgent-care-access", "area: urgent", ("`area` names `urgent`", "use one of them")),
        (PROGRAMMES, "area: urgent-care-access", "area: area", ("`area` names `area`", "use one of them")),
        (PROGRAMMES, "[weston-night-closure-2017]", "[weston-closure]", ("`sources` names", "data/sources.yml", "add it")),
        (PROGRAMMES, "[weston-night-closure-2017]", "[]", ("`sources` is empty", "at least one")),
        (GLOSSARY, "means:", "mean:", ("`mean` is not a field", "did you mean `means`")),
        (GLOSSARY, "means: Where people go in an emergency.", "means: null", ("`means` is empty", "write")),
        (GLOSSARY, "ae: {term: A&E, stands_for: accident and emergency, means: Where people go in an emergency.}",
         "ae: {term: A&E, means: Where people go.}\na-and-e: {term: a&e, means: The same.}",
         ("`term` is a&e", "the entry `ae` of the glossary explains already", "make one entry of the two")),
        (CHANGES, "[weston-overnight-closure-2017]", "[weston-2017]", ("`evaluations` names `weston-2017`", "take it out")),
        (CHANGES, "date: 2026-11-21", "date: soon", ("`date`", "not a date", "2017-07-04")),
        (CHANGES, "date: 2026-11-21", "date: 86400", ("`date` is a number, which is not a date", "2017-07-04")),
        (CHANGES, "date: 2026-11-21", "date: 2026-11", ("`date` is 7 figures and signs, which is not a date", "2017-07-04")),
        (CHANGES, "2026-11-21-weston:", "2026-11-21:", ("`2026-11-21` is read as a date", "quotes")),
        (SOURCES, "weston-night-closure-2017:", "2017:", ("`2017` is read as a number", "quotes")),
        (ROUTES, "[patients-public]", "[patients]", ("`audiences` names `patients`", "did you mean `patients-public`")),
        (ROUTES, "title: How to read, ", "", ("`title` in entry 1 of `leads_to` is missing", "add it")),
        (SYNONYMS, "[money, cost]", "[money]", ("`words` has 1", "at least 2", "add more")),
        (SYNONYMS, "[money, cost]", "[Money, cost]", ("entry 1 of `words` has capitals", "write it small")),
        (SYNONYMS, "[night, overnight]", "[night, cost]", ("`words` has cost", "in `money` already", "name it once")),
        (SYNONYMS, "[money, cost]", "[money, cost, money]", ("`words` has money", "earlier in this list", "name it once")),
        (SYNONYMS, "words: [money, cost]", "word: [money, cost]", ("`word` is not a field", "did you mean `words`")),
        (INDEPENDENT, "2017/type-1-controlled]", "2017/type-1]", ("`beside` names", "evaluation/analysis", "correct it")),
        (INDEPENDENT, "about: same_change", "about: same", ("`about` must be", "same_kind")),
        (INDEPENDENT, "  may_differ: [They count people.]\n", "", ("`may_differ` is missing", "add it")),
        (INDEPENDENT, "    found: They fell.\n", "", ("`published.found` is missing", "add it")),
        (POOLED, "id: visits", "id: visit", ("`id` is not what the file is called", "visits.yml", "make them the same")),
        (POOLED, "area: urgent-care-access", "area: urgent", ("`area` names `urgent`", "use one of them")),
        (POOLED, "expected: decrease", "expected: fall", ("`expected` must be", "decrease")),
        (POOLED, "2017/third", "2017/fourth", ("`analyses` names", "evaluation/analysis", "correct it")),
        (POOLED, "2017/third", "2017/second", ("`analyses` names", "twice", "name it once")),
        (POOLED, "  - weston-overnight-closure-2017/second\n  - weston-overnight-closure-2017/third\n", "",
         ("`analyses` has 1", "at least 2")),
    ],
)  # fmt: skip
def test_one_mistake_beside_the_items_gives_one_sentence_with_its_line(full, plain, file, old, new, said):
    line = full.edit(file, old, new)
    problems = full.problems()
    assert problems, "goes through"
    for refusal in problems:
        plain(str(refusal))
    problem = next(problem for problem in problems if problem.file == file and said[0] in problem.what)
    if old.endswith("\n"):
        assert 1 <= problem.line <= line, str(problem)
    else:
        assert problem.line == line + new.count("\n"), str(problem)
    plain(str(problem), f"{file}, line {problem.line}: ", *said)


@pytest.mark.parametrize("file", [SOURCES, PROGRAMMES, GLOSSARY, CHANGES, ROUTES, SYNONYMS, INDEPENDENT, POOLED])
@pytest.mark.parametrize(
    "content", ["- a\n- b\n", "words\n", "null\n", "# nothing yet\n", "", "a: 1\n", "a:\n", "1: {}\n"]
)
def test_a_file_of_the_wrong_shape_is_refused_in_words(full, plain, file, content):
    full.write(file, content)
    problems = [problem for problem in full.problems() if problem.file == file]
    assert problems, "goes through"
    for problem in problems:
        plain(str(problem))


@pytest.mark.parametrize("missing", [SOURCES, PROGRAMMES, GLOSSARY, CHANGES, ROUTES, SYNONYMS, INDEPENDENT])
def test_a_file_beside_the_items_may_be_absent_while_nothing_names_what_it_holds(full, plain, missing):
    (full.root / missing).unlink()
    problems = full.problems()
    assert bool(problems) == (missing == SOURCES)
    for problem in problems:
        plain(str(problem), "data/sources.yml", "add it")


def test_problems_of_many_records_come_at_once(full):
    full.edit(ITEM, "stage: start", "stage: started")
    full.edit(PROGRAMMES, "area: urgent-care-access", "area: urgent")
    full.edit(CHANGES, "[weston-overnight-closure-2017]", "[weston-2017]")
    full.edit(ROUTES, "[patients-public]", "[patients]")
    full.edit(POOLED, "2017/third", "2017/fourth")
    assert {problem.file for problem in full.problems()} == {ITEM, PROGRAMMES, CHANGES, ROUTES, POOLED}


def test_a_place_without_codes_is_for_learning_only(full, plain):
    full.edit(SITE, "[RA3]", "[]")
    problem = next(problem for problem in full.problems() if "org_codes" in problem.what)
    plain(str(problem), EVALUATION, "`weston` has no `org_codes`", "add them in data/sites/weston.yml")
