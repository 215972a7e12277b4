"""Reads a filled-in workbook, and says cell by cell what has to be corrected, corrected or explained, or looked at."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Literal

from evalkit.adequacy import SEGMENT_FLOOR
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.records.fields import CODE_IN_WORDS
from evalkit.disclosure.people import IDENTIFIES, found_in
from evalkit.errors import InputRefused, Problem, did_you_mean, repeated
from evalkit.intake.submission.read_pulse_sheet import Answers, read_pulse_sheet
from evalkit.intake.submission.sheets import (
    DATA,
    EXAMPLE_CODE,
    HEADINGS,
    LEARNING,
    MEASURES,
    PULSE,
    SITE,
    Field,
    Wanted,
    wanted,
)
from evalkit.intake.workbook import cells
from evalkit.intake.workbook.answers import answered_code
from evalkit.intake.workbook.grids import Sheet, Value, read_sheets
from evalkit.intake.workbook.period_labels import label, written

Level = Literal["correct", "explain", "look"]
LEVELS: dict[Level, str] = {
    "correct": "Has to be corrected",
    "explain": "Has to be corrected, or explained in the column Explanation",
    "look": "Worth a look",
}
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FAR = 4  # times the usual figure, or that part of it
FEW_MONTHS = 12  # on either side of a change: fewer tell little
USUAL_FROM = 20  # a usual figure of fewer moves so much by itself


@dataclass(frozen=True)
class Remark:
    """Something about a cell."""

    level: Level
    cell: str
    what: str

    def __str__(self) -> str:
        return f"{self.cell}: {self.what}"


@dataclass(frozen=True)
class Row:
    """A row of a sheet: its answers by field, as text, and its number as people see it."""

    number: int
    answers: dict[str, str]


@dataclass(eq=False)
class Submission:
    """What a workbook says.

    Attributes
    ----------
    site : dict
        Answers by field; an empty one is left out.
    figures : list of (org_code, period, measure, numerator, denominator)
        As text: empty is not reported, ``*`` withheld.
    pulse : list of Answers
        What staff answered, in exact counts.
    """

    site: dict[str, str] = field(default_factory=dict)
    start: date | None = None
    measures: list[dict[str, str]] = field(default_factory=list)
    figures: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    learning: list[dict[str, str]] = field(default_factory=list)
    pulse: list[Answers] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return all(remark.level == "look" for remark in self.remarks)


def read_submission(path: Path, catalogue: Catalogue) -> Submission:
    """A filled-in workbook, with everything that there is to say about it.

    Raises
    ------
    InputRefused
        Where it is no such workbook.
    """
    asked = wanted(catalogue)
    sheets = {sheet.name: sheet for sheet in read_sheets(path)}
    missing = [name for name in asked.fields if name not in sheets and name != PULSE]  # of before it was asked for
    if missing:
        what = (
            f"has no sheet {' and no sheet '.join(missing)}: begin with `evalkit new workbook`; a workbook of your own is"
            " read by `evalkit import`."
        )
        raise InputRefused([Problem(path.name, 0, what)])
    reader = _Reader(asked, sheets, catalogue)
    reader.site()
    reader.measures()
    reader.data()
    reader.learning()
    reader.pulse()
    return reader.told


class _Reader:
    def __init__(self, asked: Wanted, sheets: dict[str, Sheet], catalogue: Catalogue):
        self.asked, self.sheets, self.catalogue = asked, sheets, catalogue
        self.told = Submission()

    def say(self, level: Level, sheet: str, row: int, column: int, what: str) -> None:
        self.told.remarks.append(Remark(level, self.sheets[sheet].cell(row, column), what))

    def site(self) -> None:
        sheet, fields = self.sheets[SITE], self.asked.fields[SITE]
        by_label = {
            _text(row[0]).lower(): number for number, row in enumerate(sheet.rows) if row and row[0] is not None
        }
        for field_ in fields:
            row = by_label.get(field_.label.lower())
            if row is None:
                self.say(
                    "correct", SITE, HEADINGS, 0, f"the question `{field_.label}` is gone from column A: write it back."
                )
                continue
            answer = _text(sheet.rows[row][1]) if len(sheet.rows[row]) > 1 else ""
            answer = self._checked(SITE, row, 1, field_, answer)
            if answer:
                self.told.site[field_.name] = answer
                self.told.start = date.fromisoformat(answer) if field_.name == "start" else self.told.start
        self._site_as_a_whole(by_label)

    def _site_as_a_whole(self, by_label: dict[str, int]) -> None:
        site = self.told.site

        def where(name: str) -> int:
            return by_label.get(self.asked.field(SITE, name).label.lower(), HEADINGS)

        if site.get("published_at") and not (site.get("published_by") and site.get("licence")):
            self.say(
                "correct",
                SITE,
                where("published_at"),
                1,
                "figures that are published need who published them, and the licence, below.",
            )
        invented = [code for code in site.get("org_code", "").split() if code.startswith("ZZ9")]
        if invented and site.get("synthetic") == "no":
            self.say(
                "correct",
                SITE,
                where("synthetic"),
                1,
                f"{invented[0]} is a code for invented figures: answer yes, or correct the code.",
            )
        if site.get("org_code") and not invented and site.get("synthetic") == "yes":
            self.say(
                "correct", SITE, where("org_code"), 1, "invented figures carry an invented code: ZZ901 and the like."
            )
        for code in site.get("org_code", "").split():
            if not invented and code not in self.catalogue.organisations:
                self.say(
                    "look",
                    SITE,
                    where("org_code"),
                    1,
                    f"{code} is not in data/organisations.csv{did_you_mean(code, self.catalogue.organisations)}; it is added under the name of the site.",
                )

        for code in site.get("comparators", "").split():
            if code not in self.catalogue.organisations:
                hint = did_you_mean(code, self.catalogue.organisations)
                self.say(
                    "correct",
                    SITE,
                    where("comparators"),
                    1,
                    f"{code} is not in data/organisations.csv{hint}: correct it, or leave it out.",
                )

    def measures(self) -> None:
        rows = self._rows(MEASURES)
        for row in rows:
            answers = row.answers
            id = answers.get("id", "")
            if id in self.catalogue.measures:
                given = [name for name in ("name", "unit", "form") if answers.get(name)]
                if given and answers.get("form", self.catalogue.measures[id].form) != self.catalogue.measures[id].form:
                    self.say(
                        "correct",
                        MEASURES,
                        row.number,
                        self.asked.column(MEASURES, "form"),
                        f"{id} is known as a {self.catalogue.measures[id].form}: leave this cell empty, or choose another id.",
                    )
                elif given:
                    name = self.catalogue.measures[id].name
                    what = (
                        f"{id} is in the book already, as “{name}”: what stands here of its name and form is not used."
                    )
                    self.say("look", MEASURES, row.number, 0, what)
            elif id:
                for name in ("name", "unit", "form", "better", "type", "domain"):
                    if not answers.get(name):
                        self.say(
                            "correct",
                            MEASURES,
                            row.number,
                            self.asked.column(MEASURES, name),
                            f"is empty, and {id} is a new measure{did_you_mean(id, self.catalogue.measures) if name == 'name' else ''}: fill it in.",
                        )
            form, exposure = answers.get("form", "count"), answers.get("exposure")
            if id not in self.catalogue.measures and form != "count" and exposure not in (None, "none"):
                column = self.asked.column(MEASURES, "exposure")
                what = f"is {exposure}, and a {form} is not counted on days or over person-time: clear the cell."
                self.say("correct", MEASURES, row.number, column, what)
            change = answers.get("important_change")
            if change and (not re.fullmatch(r"\d+(\.\d+)?", change) or float(change) == 0):
                column = self.asked.column(MEASURES, "important_change")
                self.say(
                    "correct",
                    MEASURES,
                    row.number,
                    column,
                    f"{change!r} cannot be read: write a number above 0, such as 5.",
                )
            if answers.get("important_change") and not answers.get("important_because"):
                self.say(
                    "look",
                    MEASURES,
                    row.number,
                    self.asked.column(MEASURES, "important_because"),
                    "is empty: say why that much matters, or the page says that no reason was given.",
                )
            self.told.measures.append(answers)
        primary = [row for row in rows if row.answers.get("role") == "primary"]
        if len(primary) != 1:
            at = primary[1].number if primary else HEADINGS
            what = (
                "is a second primary measure: one answers the question."
                if primary
                else "no measure has the role primary: one answers the question."
            )
            self.say("correct", MEASURES, at, self.asked.column(MEASURES, "role"), what)
        for id in repeated(row.answers.get("id", "") for row in rows):
            row = next(row for row in reversed(rows) if row.answers.get("id") == id)
            self.say("correct", MEASURES, row.number, 0, f"{id} is there twice: keep one row of it.")

    def data(self) -> None:
        known = {row["id"]: row for row in self.told.measures if row.get("id")}
        series: dict[tuple[str, str], dict[date, tuple[int, float | None, float | None]]] = defaultdict(dict)
        for row in self._rows(DATA):
            self._figure(row, known, series)
        for (code, measure), by_month in series.items():
            self._series(code, measure, by_month)
        primary = next((id for id, row in known.items() if row.get("role") == "primary"), None)
        if primary and primary not in {measure for _, measure in series}:
            self.say("correct", DATA, HEADINGS, 0, f"there are no figures of {primary}, the primary measure.")
        for row, column in sorted(self.sheets[DATA].struck):
            if row >= HEADINGS:
                what = "is struck through: empty the cell where it does not hold, or take the line through it away."
                self.say("correct", DATA, row, column, what)
        for row, column in sorted(self.sheets[DATA].commented):
            what = "has a comment, which is not read: look whether the figure holds, and write what matters into the column Note."
            self.say("look", DATA, row, column, what)

    def _figure(self, row: Row, known: dict[str, dict[str, str]], series) -> None:
        answers, at = (
            row.answers,
            {
                name: self.asked.column(DATA, name)
                for name in ("measure", "period", "numerator", "denominator", "org_code")
            },
        )
        measure, explained = answers.get("measure", ""), bool(answers.get("explanation"))
        if measure and measure not in known:
            self.say(
                "correct",
                DATA,
                row.number,
                at["measure"],
                f"{measure} is not in the sheet Measures{did_you_mean(measure, known)}.",
            )
            return
        month = self._month(row, at["period"])
        parts = {name: self._number(row, name, at[name]) for name in ("numerator", "denominator")}
        if not measure or month is None or any(part is None for part in parts.values()):
            return
        form = known[measure].get("form") or (
            self.catalogue.measures[measure].form if measure in self.catalogue.measures else "count"
        )
        numerator, denominator = (part.number if part else None for part in parts.values())
        told = {name: _written(part) for name, part in parts.items()}
        cell = self.sheets[DATA].cell(row.number, at["denominator"])
        recorded = self.catalogue.measures.get(measure)
        over = (recorded.exposure if recorded else known[measure].get("exposure")) == "person_time"
        if form == "count" and not over and told["denominator"]:
            self.say(
                "correct",
                DATA,
                row.number,
                at["denominator"],
                f"{measure} is a count, and has no denominator: clear the cell, or make it a share in the sheet Measures.",
            )
            return
        if (form != "count" or over) and told["numerator"] and not told["denominator"]:
            is_a = f"a {form}" if form != "count" else "counted over person-time"
            self.say(
                "correct", DATA, row.number, at["denominator"], f"is empty, and {measure} is {is_a}: say of how many."
            )
            return
        if form == "proportion" and numerator is not None and denominator is not None and numerator > denominator:
            if not explained:
                self.say(
                    "explain",
                    DATA,
                    row.number,
                    at["numerator"],
                    f"{numerator:g} is more than its denominator {denominator:g} ({cell}). Correct one of them, or explain in column H: the row is then left out as not reported.",
                )
                return
            told, numerator, denominator = {"numerator": "", "denominator": ""}, None, None
        if form in ("count", "proportion") and not explained:
            for name, number in (("numerator", numerator), ("denominator", denominator)):
                if number is not None and number % 1:
                    self.say(
                        "explain",
                        DATA,
                        row.number,
                        at[name],
                        f"{number:g} is a fraction, and people are counted in whole numbers. Correct it, or explain in column H what is counted.",
                    )
        codes = answers.get("org_code") or " ".join(self.told.site.get("org_code", "").split()[:1])
        before = series[codes, measure].get(month)
        if before:
            first = self.sheets[DATA].cell(before[0], at["period"])
            self.say(
                "correct",
                DATA,
                row.number,
                at["period"],
                f"{measure}, {month:%Y-%m} is in {first} too: keep the row that is right; add them up if both are, or give each a code of its own.",
            )
            return
        series[codes, measure][month] = (row.number, numerator, denominator)
        self.told.figures.append((codes, written(month, "month"), measure, told["numerator"], told["denominator"]))

    def _month(self, row: Row, column: int) -> date | None:
        text = row.answers.get("period", "")
        raw = self.sheets[DATA].rows[row.number][column]
        told = label(raw) or label(text)
        if told is None or told.first is None or told.grain not in ("month", "day") or told.first.day != 1:
            if text:
                self.say(
                    "correct",
                    DATA,
                    row.number,
                    column,
                    f"{text!r} is no month: write it as 2022-04, Apr-22 or April 2022.",
                )
            return None
        if told.first > date.today():
            self.say("correct", DATA, row.number, column, f"{text} has not come yet: correct the year.")
            return None
        return told.first

    def _number(self, row: Row, name: str, column: int) -> cells.Figure | None:
        """What a cell of figures says; None, once it is told, where it cannot be read."""
        read = cells.figure(
            self.sheets[DATA].rows[row.number][column], as_percent=(row.number, column) in self.sheets[DATA].percent
        )
        if read.problem:
            self.say("correct", DATA, row.number, column, read.problem)
            return None
        if read.percent:
            self.say(
                "correct", DATA, row.number, column, "is a percentage: give the two counts, how many and of how many."
            )
            return None
        own = self.told.site.get("synthetic") != "yes" and "published_at" not in self.told.site
        if own and cells.meaning(read.mark) == "withheld":
            what = "is withheld, and a table of your own has exact figures: write it, or clear the cell where nobody has it."
            self.say("correct", DATA, row.number, column, what)
            return None
        if read.number is None and cells.meaning(read.mark) is None:
            self.say(
                "correct",
                DATA,
                row.number,
                column,
                f"`{read.mark}` may mean several things: clear the cell if nothing was reported, write 0 or *.",
            )
            return None
        return read

    def _series(self, code: str, measure: str, by_month: dict[date, tuple[int, float | None, float | None]]) -> None:
        """What looks odd in a series: gaps, far figures, nothing on one side of the change."""
        at = self.asked.column(DATA, "numerator")
        months = sorted(by_month)
        gaps = [(a, b) for a, b in itertools.pairwise(months) if _months_between(a, b) > 1]
        irregular = len(months) > 1 and 2 * len(months) <= _months_between(months[0], months[-1])
        if gaps and not irregular:  # of waves of a survey nothing is missing between
            a, b = gaps[0]
            more = f", and {len(gaps) - 1} more gaps" if len(gaps) > 1 else ""
            self.say(
                "look",
                DATA,
                by_month[b][0],
                self.asked.column(DATA, "period"),
                f"between {a:%Y-%m} and {b:%Y-%m} months of {measure} are missing{more}: not reported?",
            )
        values = {
            month: part / whole if whole else part for month, (_, part, whole) in by_month.items() if part is not None
        }
        usual = median(values.values()) if values else 0.0
        counted = [part for _, part, _ in by_month.values() if part is not None]
        for month, value in values.items():
            far = usual > 0 and median(counted) >= USUAL_FROM and (value > usual * FAR or value < usual / FAR)
            row = by_month[month][0]
            if far and not self._explained(row):
                self.say(
                    "explain",
                    DATA,
                    row,
                    at,
                    f"{by_month[month][1]:g} is far from the usual {median(counted):g} of {measure}. Correct it, or explain in column H.",
                )
        start = self.told.start
        if start and code in self.told.site.get("org_code", "").split():
            before, after = sum(month < start for month in values), sum(month >= start for month in values)
            for side, count in (("before", before), ("after", after)):
                if count >= FEW_MONTHS:
                    continue
                little = (
                    "there is nothing to set side by side: wait, or begin earlier"
                    if not count
                    else f"fewer than {SEGMENT_FLOOR} bear no estimate, so it will only be described"
                    if count < SEGMENT_FLOOR
                    else f"fewer than {FEW_MONTHS} can tell little"
                )
                self.say(
                    "look" if count else "correct",
                    DATA,
                    by_month[months[0]][0],
                    self.asked.column(DATA, "period"),
                    f"{measure} has {count} month{'s' * (count != 1)} {side} the change: {little}.",
                )

    def _explained(self, row: int) -> bool:
        cells_of_row = self.sheets[DATA].rows[row]
        column = self.asked.column(DATA, "explanation")
        return column < len(cells_of_row) and bool(_text(cells_of_row[column]))

    def learning(self) -> None:
        words = self.catalogue.vocabularies
        for row in self._rows(LEARNING):
            for name, allowed in (("themes", words["themes"]), ("audience", words["audiences"])):
                for word in several(row.answers.get(name, "")):
                    if word not in allowed:
                        self.say(
                            "correct",
                            LEARNING,
                            row.number,
                            self.asked.column(LEARNING, name),
                            f"{word!r} is none of the words{did_you_mean(word, allowed)}.",
                        )
            if row.answers.get("type") == "barrier":
                for name in ("response", "what_happened"):
                    if not row.answers.get(name):
                        self.say(
                            "correct",
                            LEARNING,
                            row.number,
                            self.asked.column(LEARNING, name),
                            "is empty, and a barrier needs it: say it, or write not_solved or not_reported.",
                        )
            self.told.learning.append(row.answers)

    def pulse(self) -> None:
        if PULSE not in self.sheets:
            return
        rows = [(row.number, row.answers) for row in self._rows(PULSE)]

        def column(name: str) -> int:
            return self.asked.column(PULSE, name)

        def say(row: int, name: str, what: str) -> None:
            self.say("correct", PULSE, row, column(name), what)

        self.told.pulse = read_pulse_sheet(rows, self.sheets[PULSE], column, say)
        invented = self.told.site.get("synthetic") == "yes" and self.told.site.get("org_code") != EXAMPLE_CODE
        if rows and invented:
            what = (
                f"invented answers are kept at {EXAMPLE_CODE}: write that code in the sheet Site, or clear these rows."
            )
            say(rows[0][0], "wave", what)

    def _rows(self, name: str) -> list[Row]:
        """The filled-in rows of a sheet, each cell checked by its field."""
        sheet, fields = self.sheets[name], self.asked.fields[name]
        head = next(
            (
                at
                for at, row in enumerate(sheet.rows)
                if [_text(cell).lower() for cell in row[:2]] == [one.label.lower() for one in fields[:2]]
            ),
            None,
        )
        if head is None:
            self.say(
                "correct",
                name,
                HEADINGS - 1,
                0,
                f"the headings are gone: they begin with {fields[0].label} and {fields[1].label}.",
            )
            return []
        moved = [one for at, one in enumerate(fields) if _cell(sheet.rows[head], at).lower() != one.label.lower()]
        # A workbook of before a last column was asked for.
        if (
            len(moved) == 1
            and moved[0] is fields[-1]
            and not (_cell(sheet.rows[head], len(fields) - 1) or moved[0].needed)
        ):
            fields, moved = fields[:-1], []
        for one in moved:
            self.say(
                "correct",
                name,
                head,
                self.asked.column(name, one.name),
                f"should be headed {one.label}: put the columns back in their order.",
            )
        if moved:
            return []
        rows = []
        for at in range(head + 1, len(sheet.rows)):
            if all(cell is None for cell in sheet.rows[at][: len(fields)]):
                continue
            answers = {
                one.name: self._checked(name, at, column, one, _text(sheet.rows[at][column]))
                for column, one in enumerate(fields)
            }
            rows.append(Row(at, {key: answer for key, answer in answers.items() if answer}))
        return rows

    def _checked(self, sheet: str, row: int, column: int, asked: Field, answer: str) -> str:
        """An answer as the program takes it; empty, once it is told, where it cannot be used."""
        if not answer:
            if asked.needed:
                self.say("correct", sheet, row, column, f"is empty: {asked.help[:1].lower()}{asked.help[1:]}")
            return ""
        if found_in(answer):
            self.say("correct", sheet, row, column, f"{IDENTIFIES}.")
            return ""
        if asked.choices and answer.lower() not in asked.choices:
            self.say("correct", sheet, row, column, f"{answer!r} is none of {', '.join(asked.choices)}.")
            return ""
        if asked.choices:
            return answer.lower()
        if asked.kind == "date":
            return self._day(sheet, row, column, answer)
        if asked.kind == "code":
            return self._codes(sheet, row, column, answer)
        if asked.kind == "id" and not ID.fullmatch(answer):
            self.say("correct", sheet, row, column, f"{answer!r} is no id: write {slug(answer)}.")
            return ""
        return answer

    def _day(self, sheet: str, row: int, column: int, answer: str) -> str:
        raw = self.sheets[sheet].rows[row][column]
        told = label(raw) or label(answer)
        if told is None or told.first is None or told.grain != "day":
            self.say("correct", sheet, row, column, f"{answer!r} is no date: write it as 2023-10-01.")
            return ""
        if told.other is not None and told.other != told.first:
            self.say(
                "look",
                sheet,
                row,
                column,
                f"{answer} is taken as {told.first:%d %B %Y}: write it as {told.first.isoformat()}.",
            )
        return told.first.isoformat()

    def _codes(self, sheet: str, row: int, column: int, answer: str) -> str:
        written = answer.replace(",", " ").split()
        codes = [code for one in written if (code := answered_code(one))]
        wrong = [one for one in written if answered_code(one) is None]
        if wrong:
            self.say("correct", sheet, row, column, f"{wrong[0]!r} is no code of an organisation: {CODE_IN_WORDS}.")
            return ""
        return " ".join(codes)


def _cell(row: Sequence[Value], at: int) -> str:
    """The text of a cell; nothing beyond the end of its row."""
    return _text(row[at]) if at < len(row) else ""


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):  # and a datetime
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return cells.cleaned(str(value))


def several(answer: str) -> list[str]:
    """The words of a cell that holds several."""
    return [word.strip() for word in re.split(r"[;,]", answer) if word.strip()]


def _written(read: cells.Figure | None) -> str:
    if read is None or (read.number is None and cells.meaning(read.mark) != "withheld"):
        return ""
    return "*" if read.number is None else f"{read.number:.15g}"


def by_level(remarks: Iterable[Remark]) -> list[tuple[str, Sequence[Remark]]]:
    """Remarks under what has to be done about them, the gravest first."""
    told = list(remarks)
    return [(title, some) for level, title in LEVELS.items() if (some := [one for one in told if one.level == level])]


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
