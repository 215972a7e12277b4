"""How `evalkit new` describes a site's own table in data/datapackage.json. Nothing is written here."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.catalogue.days import day_in
from evalkit.catalogue.files.csv_rows import read_rows
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.records.tables import SUBMISSION_COLUMNS, Table
from evalkit.errors import EvaluationError, InputRefused, Problem

FOLDERS = ("tables", "private")
NOT_READ = {
    ".xlsx": "a workbook", ".xlsm": "a workbook", ".xls": "a workbook", ".ods": "a workbook", ".parquet": "a Parquet file",
}  # fmt: skip
DESCRIPTIONS = {
    "org_code": ("string", "ODS code of the organisation, upper-case text."),
    "period": ("string", "Month, written 2017-07; also 2017-07-01, Jul-17, July 2017 or 01/07/2017."),
    "measure": ("string", "Id of a measure in data/measures.yml."),
    "numerator": ("number", "The count; for a share or a rate, the part. Blank is not reported, * is withheld."),
    "denominator": ("number", "For a share or a rate, the whole. Blank for a count."),
    "note": ("string", "Anything a reader of the row should know."),
}
# No type of the standard holds all the forms that a month may have in a submission.
DAY = r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}"
PERIODS = {
    "week": ("Week, by the date of its first day.", rf"^ *({DAY}) *$"),
    "quarter": ("Quarter, written 2017Q3.", r"^ *\d{4}Q[1-4] *$"),
    "year": ("Year, written 2017.", r"^ *\d{4} *$"),
}
MONTH = r"^ *(\d{4}-\d{1,2}(-\d{1,2})?|\d{1,2}/\d{1,2}/\d{4}|[A-Za-z]+[- ](\d{2}|\d{4})) *$"
BECAUSE = {
    "synthetic": "Invented numbers: they describe nobody.",
    "own_counts": "The site's own counts of people, which nobody has published: the exact table stays in data/private.",
}
NO_LICENCE = {"name": "not-stated", "title": "Not stated"}


@dataclass(frozen=True)
class NewTable:
    """A CSV in data/tables or data/private, and what is said of it."""

    path: Path
    title: str
    synthetic: bool
    source: str | None = None
    licence: str | None = None
    published_at: str | None = None


def table_file(catalogue: Catalogue, written: Path) -> Path:
    """The file that was meant: a path, or its name alone where it lies in data/tables or data/private.

    Raises
    ------
    EvaluationError
        Where it is not there, lies elsewhere, or is of a kind that is not read.
    """
    if not written.name:
        raise EvaluationError("--table names no file: give the name of a CSV in data/tables or data/private.")
    root = catalogue.root
    folders = _folders(root)
    tried = [written if written.is_absolute() else Path.cwd() / written, root / written]
    if len(written.parts) == 1:
        tried += [folder / written.name for folder in folders]
    found = list(dict.fromkeys(path.resolve() for path in tried if path.is_file()))
    here = [path for path in found if path.parent in folders]
    if (found or not here) and written.suffix.lower() in NOT_READ:
        lies = found[0] if found and not written.is_file() else written
        where = lies.relative_to(root) if lies.is_relative_to(root) else lies
        raise EvaluationError(
            f"{written} is {NOT_READ[written.suffix.lower()]}: `evalkit import {where.as_posix()}` makes a table of it that can be used here."
        )
    if len(here) > 1 and not is_described(catalogue, here[0]):
        raise EvaluationError(f"{written} is in data/tables and in data/private: say which of the two is meant.")
    if here and not slug(here[0].stem):
        raise EvaluationError(f"{written} has no letters or figures in its name to make an id from: rename it.")
    if here:
        return here[0]
    if found:
        raise _elsewhere(written)
    said = "/".join(("data", *written.parts[-2:])) if written.parent.name in FOLDERS else str(written)
    there = sorted(path.name for folder in folders for path in folder.glob("*.csv"))
    among = f" There {'is' if len(there) == 1 else 'are'} {', '.join(there)}." if 0 < len(there) <= 20 else ""
    raise EvaluationError(f"{said} does not exist: put the file into data/tables or data/private first.{among}")


def _folders(root: Path) -> list[Path]:
    return [(root / "data" / name).resolve() for name in FOLDERS]


def _elsewhere(path: Path) -> EvaluationError:
    return EvaluationError(
        f"{path} is neither in data/tables nor in data/private: put what was published into the first, and a site's own"
        " figures into the second."
    )


def is_described(catalogue: Catalogue, path: Path) -> bool:
    """Whether data/datapackage.json knows a file already."""
    return described_as(catalogue, path) is not None


def described_as(catalogue: Catalogue, path: Path) -> str | None:
    """The name by which data/datapackage.json knows a file."""
    return next((name for name, table in catalogue.tables.items() if table.path == f"tables/{path.name}"), None)


def as_submission(path: Path) -> Table:
    """How a site's own file would be described, to read it before it is."""
    new = NewTable(path, "A submission", synthetic=False)
    resource = _resource(new, SUBMISSION_COLUMNS, _grain(path), *_disclosure(new, private=True), path.parent.name)
    return Table.model_validate(resource)


def _grain(path: Path) -> str:
    """What a period of a submission is: a quarter or a year where every one is written so, a week where dates are weeks apart,
    else a month."""
    written, _ = read_rows(path, path.name)
    if written is None or "period" not in written.header:
        return "month"  # what is wrong with the file is told when it is read
    at = written.header.index("period")
    periods = {row[at].strip() for row in written.rows if at < len(row)} - {""}
    for grain, (_, pattern) in PERIODS.items():
        if periods and all(re.match(pattern, period) for period in periods):
            return grain if grain != "week" or _weeks_apart(periods) else "month"
    return "month"


def _weeks_apart(written: Collection[str]) -> bool:
    """Whether dates are on one day of the week and not all the first of a month; two may be so by chance."""
    try:
        days = [day_in(one, "period") for one in written]
    except EvaluationError:
        return False
    return len(days) > 2 and len({day.weekday() for day in days}) == 1 and any(day.day != 1 for day in days)


def new_table_files(catalogue: Catalogue, new: NewTable) -> dict[Path, str]:
    """data/datapackage.json with one table more, and a site's own figures where nothing publishes them.

    Nothing where the file is described already.

    Raises
    ------
    EvaluationError
        Where the file is in another folder, or too little is said of what was published.
    """
    root, path = catalogue.root, new.path.resolve()
    if path.parent not in _folders(root):
        raise _elsewhere(new.path)
    if not path.is_file():
        raise EvaluationError(f"data/{path.parent.name}/{path.name} does not exist: put the file there first.")
    if is_described(catalogue, path):
        return {}
    try:
        package = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        what = f"is not JSON ({error.msg[0].lower()}{error.msg[1:]}): mend it, so that the table can be added there."
        raise InputRefused([Problem("data/datapackage.json", error.lineno, what)]) from None
    private = path.parent.name == "private"
    rule, because = _disclosure(new, private)
    written, _ = read_rows(path, path.name)
    header = written.header if written else SUBMISSION_COLUMNS  # what is wrong with the file is told when it is read
    package["resources"].append(_resource(new, header, _grain(path), rule, because))
    files = {root / "data" / "datapackage.json": json.dumps(package, indent=2, ensure_ascii=False) + "\n"}
    if rule == "own_counts" and not private:  # which its gated form will replace
        exact, kept = path.read_bytes().decode("utf-8-sig"), root / "data" / "private" / path.name
        if kept.is_file() and kept.read_bytes().decode("utf-8-sig") != exact:
            raise EvaluationError(
                f"data/private/{path.name} is there already and holds other figures than data/tables/{path.name}, which are to be"
                " kept there: give one of the two another name."
            )
        files[kept] = exact
    return files


def _resource(
    new: NewTable, header: Sequence[str], grain: str, rule: str, because: str, folder: str = "tables"
) -> dict[str, Any]:
    source = {"title": new.source or "Submitted by the site; no source was given"}
    if new.published_at:
        source["path"] = new.published_at
    return {
        "name": slug(new.path.stem),
        "path": f"{folder}/{new.path.name}",
        "title": f"Submission for {new.title}",
        "description": f"A site's own submission in long form: one row an organisation, {grain} and measure.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "profile": "tabular-data-resource",
        "dialect": {"skipBlankRows": True},  # spreadsheets write them, and they say nothing
        "sources": [source],
        "licenses": [{"name": slug(new.licence), "title": new.licence} if new.licence else NO_LICENCE],
        "schema": {
            "fields": [_field(name, grain) for name in header if name in DESCRIPTIONS],
            "missingValues": ["", "*"],
        },
        "evalkit": {
            "shape": "long",
            "grain": grain,
            "synthetic": new.synthetic,
            "disclosure": {"rule": rule, "because": because},
        },
    }


def _disclosure(new: NewTable, private: bool) -> tuple[str, str]:
    """The rule of a new table, and why that one; published is what somebody says where, by whom and on what terms."""
    if private and new.published_at:
        raise EvaluationError(
            "The table lies in data/private, where figures are that nobody has published: put it into data/tables, or leave"
            " out --table-published-at."
        )
    if new.synthetic and not private:
        return "synthetic", BECAUSE["synthetic"]
    if not new.published_at:
        return "own_counts", BECAUSE["own_counts"]
    if not (new.source and new.licence):
        raise EvaluationError(
            "A table that was published needs --table-source (who published it, and its title) and --table-licence"
            " beside --table-published-at."
        )
    return "official_statistics", f"Published: {new.source}, {new.published_at}."


def _field(name: str, grain: str) -> dict[str, Any]:
    kind, description = DESCRIPTIONS[name]
    pattern = MONTH
    if name == "period" and grain in PERIODS:
        description, pattern = PERIODS[grain]
    constraints = {"constraints": {"pattern": pattern}} if name == "period" else {}
    return {"name": name, "type": kind, "description": description, **constraints}


def _registered(catalogue: Catalogue, code: str, beside: Sequence[str]) -> dict[str, str]:
    """The register that gives such a code, and its nation; of several that of the others in the same table."""
    giving = [id for id, register in catalogue.registers.items() if register.gives(code)]
    if not giving:
        return {}
    register = next((id for id, _ in Counter(beside).most_common() if id in giving), giving[0])
    return {"register": register, "nation": catalogue.registers[register].nation}


def new_organisations(catalogue: Catalogue, names: Mapping[str, str]) -> dict[Path, str]:
    """data/organisations.csv with a line more for each code that it does not hold."""
    new = {code: name for code, name in names.items() if code not in catalogue.organisations}
    if not new:
        return {}
    path = catalogue.root / "data" / "organisations.csv"
    written, _ = read_rows(path, "data/organisations.csv")
    assert written is not None  # the catalogue was read from it
    out = io.StringIO()
    writer = csv.DictWriter(out, written.header, restval="", lineterminator="\n")
    known = [catalogue.organisations[code].register_id for code in names if code in catalogue.organisations]
    for code, name in new.items():
        line = {"org_code": code, "name": name} | _registered(catalogue, code, known)
        writer.writerow({column: line[column] for column in written.header if column in line})
    return {path: path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n" + out.getvalue()}
