"""What an import writes: the long table, the answers that it rests on, and a list of every cell taken and left out."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evalkit.catalogue.files.csv_rows import read_rows
from evalkit.catalogue.naming import slug
from evalkit.errors import EvaluationError, InputRefused, Problem
from evalkit.intake.workbook.answers import Answers, as_yaml
from evalkit.intake.workbook.reading import COLUMNS, Reading
from evalkit.intake.workbook.roles import Question
from evalkit.project import PRIVATE

TABLES = Path("data", "tables")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 80
KEY = COLUMNS[:3]
MANY = 4  # figures
HEAD = """# What `evalkit import` was told about {file}; it asks nothing of this again.
# A question without an answer is still open. Delete an answer to be asked again.
"""


@dataclass(frozen=True)
class Places:
    """Where an import is written, below the project: a site's own figures stay in data/private, which git ignores."""

    table: Path
    answers: Path
    report: Path

    @classmethod
    def of(cls, name: str, *, own: bool) -> "Places":
        folder = PRIVATE if own else TABLES
        answers = PRIVATE / "imports" if own else Path("data", "imports")
        return cls(folder / f"{name}.csv", answers / f"{name}.yml", Path("_build", "imports", f"{name}.txt"))


@dataclass(frozen=True)
class Merged:
    """A table with what was read: its text, and how many of its rows are new, other than before, and as before."""

    text: str
    new: int
    changed: tuple[str, ...]
    same: int
    kept: int

    @property
    def is_much_changed(self) -> bool:
        """Whether so much is other than before that the file may be another place's."""
        return len(self.changed) >= MANY and len(self.changed) > (len(self.changed) + self.same) / 4


def table_name(file: Path, wanted: str | None) -> str:
    """The name of a table: as wanted, or that of the file.

    Raises
    ------
    EvaluationError
        Where it cannot be one.
    """
    if wanted is None:
        return slug(file.stem) or "table"
    if not NAME.fullmatch(wanted) or len(wanted) > LONGEST_NAME:
        raise EvaluationError(
            f"--name is {wanted!r}: write lower-case letters and figures joined by -, such as discharges."
        )
    return wanted


def merged(root: Path, places: Places, rows: pd.DataFrame) -> Merged:
    """What was read, with the rows that the table had before and the file says nothing of.

    Raises
    ------
    InputRefused
        Where there is a table that is no long one.
    """
    codes, periods, measures, *figures = (rows[name].tolist() for name in COLUMNS)
    keys = zip(codes, periods, measures, strict=True)
    told = dict(zip(keys, zip(*(map(_text, column) for column in figures), strict=True), strict=True))
    before: dict[tuple[str, ...], tuple[str, ...]] = {}
    if (root / places.table).is_file():
        written, problems = read_rows(root / places.table, places.table.as_posix())
        if written is None:
            raise InputRefused(problems)
        if not set(COLUMNS[:4]) <= set(written.header):
            what = f"is there, and has not the columns {', '.join(COLUMNS)}: choose another --name."
            raise InputRefused([Problem(places.table.as_posix(), 1, what)])
        for row in written.rows:
            cells = dict(zip(written.header, row, strict=False))
            before[tuple(cells.get(name, "") for name in KEY)] = (
                cells.get("numerator", ""),
                cells.get("denominator", ""),
            )
    changed = [key for key, figures in told.items() if key in before and _other(before[key], figures)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((*key, *figures) for key, figures in sorted((before | told).items()))
    return Merged(
        out.getvalue(),
        sum(key not in before for key in told),
        tuple(" ".join(key) for key in changed),
        sum(key in before for key in told) - len(changed),
        sum(key not in told for key in before),
    )


def _other(before: tuple[str, ...], now: tuple[str, ...]) -> bool:
    return [_number(one) for one in before] != [_number(one) for one in now]


def _number(written: str) -> float | str:
    try:
        return float(written)
    except ValueError:
        return written


def _text(figure: float | str | None) -> str:
    if figure is None or figure != figure:
        return ""
    return figure if isinstance(figure, str) else f"{figure:.15g}"


def answers_text(answers: Answers, file: Path, open_questions: list[Question]) -> str:
    """The file of answers, with the questions that are still open as lines to be filled in."""
    head = HEAD.format(file=file.name)
    lines = [as_yaml(answers, head) if answers != Answers() else head]  # of none YAML writes {}
    for question in open_questions:
        choices = f" One of: {', '.join(question.choices)}." if question.choices else ""
        meant = f" Perhaps {question.suggestion}." if question.suggestion else ""
        lines.append(
            f"#\n# {question.text}{choices}{meant}\n#   --answer {quoted('='.join(['.'.join(question.key), '...']))}\n"
        )
    return "".join(lines)


def quoted(text: str) -> str:
    """Text as a shell takes it for one word."""
    return text if re.fullmatch(r"[\w.=/-]+", text) else f"'{text}'" if "'" not in text else f'"{text}"'


def report(file: Path, reading: Reading) -> str:
    """Every cell that was taken and left out, one line each range."""
    lines = [f"{file.name}", "", "Taken", *(f"  {one.cells}: {one.what}" for one in reading.taken), "", "Left out"]
    lines += [f"  {one.cells}: {one.why}" for one in reading.left_out] or ["  nothing"]
    return "\n".join(lines) + "\n"


def of_answer(written: str, questions: Mapping[str, object]) -> tuple[tuple[str, ...], str]:
    """``question=answer`` or ``question.name=answer`` as a command line gives it.

    Raises
    ------
    EvaluationError
        Where it is none, with the questions there are.
    """
    key, equals, answer = written.partition("=")
    # A name may hold an equals sign, an answer never.
    if equals and "=" in answer:
        key, _, answer = written.rpartition("=")
    field, dot, name = key.partition(".")
    if not equals or not answer.strip() or field not in questions:
        raise EvaluationError(
            f"--answer {written!r} cannot be read: write question=answer, or question.name=answer; the questions are {', '.join(questions)}."
        )
    return ((field, name.strip()) if dot else (field,)), answer.strip()
