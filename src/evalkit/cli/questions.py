"""Questions that several commands ask in the same words."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from evalkit.catalogue import Catalogue
from evalkit.catalogue.days import day_in
from evalkit.catalogue.naming import slug
from evalkit.catalogue.new_table_files import described_as, table_file
from evalkit.catalogue.records.fields import CODE_IN_WORDS, code_meant, is_code
from evalkit.cli.asking import ANSWERS, Asking, Question, read_kept
from evalkit.errors import EvaluationError, InputRefused
from evalkit.intake.periods import name_of
from evalkit.intake.table_contents import TableContents, contents_of

ONSETS = {"sudden": "it works at once", "builds": "its effect builds over months"}
CHANGES = {
    "increase": "the figure should rise",
    "decrease": "it should fall",
    "no_change": "it should stay as it is",
    "unclear": "either may happen",
}
CERTAINTIES = {
    "confirmed": "a source says the day",
    "partly_confirmed": "a source says about when",
    "inferred": "it was worked out from something else",
}
YES_NO = {"yes": "", "no": ""}
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

TITLE = Question("title", "Title of the evaluation")
QUESTION = Question("question", "The question it answers, in one sentence")
PLACE = Question("place", "Town or area")
WHAT_CHANGED = Question("what-changed", "What changed, in a sentence or two")
ONSET = Question("onset", "How it works", ONSETS)
START_CERTAINTY = Question("start-certainty", "How sure the date is", CERTAINTIES)
SOURCE_TITLE = Question("source-title", "A source for what changed: its title")
SOURCE_WHERE = Question("source-where", "Where that source can be read")
EXPECTED = Question("expected", "What was expected of the figure", CHANGES)
WHY = Question("why", "Why it should move that way, in a sentence")
ALSO_CHANGED = Question(
    "also-changed", "What else changed there in these months, in a sentence (empty: nobody has looked)", optional=True
)
FUNDED_BY = Question("funded-by", "Who pays for the evaluation (empty: not said)", optional=True)
NO_STRATIFIER = Question(
    "no-stratifier",
    "Why the figures do not tell people apart, by deprivation, age, sex or ethnicity (empty: not said)",
    optional=True,
)
CONFLICT = Question(
    "conflict-of-interest", "Who of the evaluators gains by one result or the other (empty: not said)", optional=True
)
PUBLISHED_AT = Question(
    "table-published-at", "Where the figures were published (empty: nowhere, they are the site's own)", optional=True
)
TABLE_SOURCE = Question("table-source", "Who published them, and under which title")
TABLE_LICENCE = Question("table-licence", "The licence they are under, such as Open Government Licence v3.0")


def start_asking(root: Path, command: str, given: Mapping, answers: Path | None, called: str) -> Asking:
    """The answers so far: of flags, of the file that is named, and on a terminal of what was kept of the last time."""
    flags = {name.replace("_", "-"): value for name, value in given.items() if name != "answers"}
    said = {
        flag: [str(one) for one in value] if isinstance(value, list | tuple) else value for flag, value in flags.items()
    }
    said = {flag: value for flag, value in said.items() if value not in (None, False, [], "")}
    file = answers or root / ANSWERS / f"{slug(called) or command}.yml"
    if file.is_dir():
        raise EvaluationError(f"{_shown(root, file)} is a folder: name a file for --answers.")
    asking = Asking(said, file=file, kept_for_good=answers is not None)
    if file.is_file() and (answers is not None or asking.on_a_terminal):
        kept = read_kept(file, _shown(root, file), flags)
        asking.use(kept, _shown(root, file), sure=answers is not None)
    elif answers is not None and not asking.on_a_terminal and not file.parent.is_dir():
        raise EvaluationError(f"{answers} cannot be written: there is no such folder.")
    return asking


def _shown(root: Path, file: Path) -> str:
    path = file.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file.as_posix()


def code_of(written: str) -> str:
    """The code of an organisation, in any register."""
    if is_code(written):
        return written
    meant = code_meant(written)
    remedy = f"use {meant}" if meant else f"write {CODE_IN_WORDS}"
    raise EvaluationError(f"{written!r} is not the code of an organisation: {remedy}.")


def id_of(written: str) -> str:
    """An id, or the one that was meant."""
    if ID.fullmatch(written) and len(written) <= 80:
        return written
    meant = slug(written)
    raise EvaluationError(
        f"{written!r} is not an id, which has lower-case letters and figures joined by hyphens"
        + (f": use {meant}." if meant else ".")
    )


def date_of(flag: str):
    """How a day is read, by the flag that gives it."""
    return lambda written: day_in(written, f"--{flag}")


DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
WRITTEN = {
    "day": (DATE, "2022-04-04"),
    "week": (DATE, "2022-04-04, a day of that week"),
    "month": (r"\d{4}-(0[1-9]|1[0-2])", "2022-04"),
    "quarter": (r"\d{4}Q[1-4]", "2022Q2"),
    "year": (r"\d{4}", "2022"),
}


def grain_of(catalogue: Catalogue, measure: str | None, path: Path | None, contents: TableContents | None) -> str:
    """What a period is called in the table that is meant; in the first that holds the measure, where none is named."""
    if contents is not None:
        return name_of(contents.first.freqstr)
    known = catalogue.measures.get(measure or "")
    recipes = [] if known is None else known.recipes
    named = None if path is None else described_as(catalogue, path)
    recipe = next((recipe for recipe in recipes if named in (None, recipe.table)), None)
    if recipe is None:
        return "month"
    return recipe.every or catalogue.tables[recipe.table].layout.grain


def period_of(flag: str, grain: str):
    """How a period is read, by the flag that gives it."""
    pattern, example = WRITTEN[grain]

    def read(written: str) -> str:
        if not re.fullmatch(pattern, written):
            raise EvaluationError(f"--{flag} is {written!r}, which is not a {grain}: write it as {example}.")
        return written

    return read


def look_at_table(catalogue: Catalogue, written: Path | str) -> tuple[Path, TableContents | None]:
    """The file that is meant, and what is in it; nothing of a published table, whose measures are recipes.

    Raises
    ------
    InputRefused, EvaluationError
        Where it is not there, or cannot be read.
    """
    path = table_file(catalogue, Path(written))
    name = described_as(catalogue, path)
    if name is not None and catalogue.tables[name].layout.shape != "long":
        return path, None
    try:
        return path, contents_of(catalogue.root, path, catalogue.tables.get(name or ""))
    except InputRefused as refused:
        if name is not None:
            raise
        *before, last = refused.problems
        where = path.relative_to(catalogue.root) if path.is_relative_to(catalogue.root) else path
        other = f"Or let `evalkit import {where.as_posix()}` read it as it is; records, one row each, are counted by `evalkit aggregate`."
        raise InputRefused([*before, replace(last, what=f"{last.what} {other}")]) from None


def code_words(catalogue: Catalogue, contents: TableContents | None) -> dict[str, str]:
    """The codes of a table, with what there is of each."""
    if contents is None:
        return {}
    named = {code: catalogue.organisations[code].name for code in contents.codes if code in catalogue.organisations}
    return {code: ", ".join(filter(None, (named.get(code), contents.of_code(code)))) for code in contents.codes}


def measure_question(catalogue: Catalogue, contents: TableContents | None, codes: list[str] | None) -> Question:
    """Which measure: one of the table's, or one that is known."""
    if contents is None:
        return Question("measure", "Measure, by its id", list(catalogue.measures))
    there = contents.measures(codes)
    return Question("measure", "Measure", {id: contents.of_measure(id) for id in there}, read=id_of)


def ask_names(asking: Asking, catalogue: Catalogue, codes: list[str]) -> dict[str, str]:
    """The names of organisations that data/organisations.csv does not hold."""
    names = {}
    for source in (asking.kept, asking.given):
        for pair in source.get("org-name") or ():
            try:
                code, name = name_of_organisation(str(pair))
                names[code] = name
            except EvaluationError as error:
                asking.refuse(str(error))
    for code in codes:
        if code in catalogue.organisations or code in names:
            continue
        if not asking.on_a_terminal:
            asking.refuse(f"{code} is not in data/organisations.csv: add --org-name '{code}=its name'.")
            continue
        names[code] = asking.ask_once(f"{code} is not in data/organisations.csv. Its name")
    if names:
        asking.add("org-name", [f"{code}={name}" for code, name in names.items()])
    return names


def name_of_organisation(pair: str) -> tuple[str, str]:
    """Code and name in CODE=Name."""
    code, _, name = map(str.strip, pair.partition("="))
    if not (code and name):
        raise EvaluationError(
            f"--org-name is {pair!r}: write the code, an equals sign and the name, as in ZZ901=Ashford."
        )
    return code, name


def ask_published(asking: Asking, catalogue: Catalogue, path: Path | None, synthetic: bool) -> dict[str, str | None]:
    """Where the figures of a new table were published, by whom and on what terms; else they are the site's own."""
    said: dict[str, str | None] = {"published_at": None, "source": None, "licence": None}
    if path is None or described_as(catalogue, path) is not None or synthetic or path.parent.name == "private":
        return said | {
            name: asking.given.get(flag)
            for name, flag in (("source", "table-source"), ("published_at", "table-published-at"))
        }
    said["published_at"] = asking.get(PUBLISHED_AT)
    if said["published_at"]:
        said |= {"source": asking.get(TABLE_SOURCE), "licence": asking.get(TABLE_LICENCE)}
    return said


def taken_as_own(path: Path | None, described: bool, synthetic: bool, published_at: str | None) -> str:
    """What is said of figures of which nobody says where they were published."""
    if path is None or described or synthetic or published_at or path.parent.name == "private":
        return ""
    return (
        f"Nobody said where the figures of {path.name} were published, so they are the site's own: the exact table is in"
        " data/private, and small counts are withheld in data/tables. If they were published, `evalkit undo`, and say where with"
        " --table-published-at."
    )
