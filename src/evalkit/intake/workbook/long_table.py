"""From figures with their places to rows of the long table: what is given twice, what is added up, and what a share needs."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from operator import itemgetter

import pandas as pd

from evalkit.catalogue.model import Catalogue
from evalkit.errors import Problem, shortened
from evalkit.intake.workbook.answers import Answers
from evalkit.intake.workbook.columns import Column, Value
from evalkit.intake.workbook.layout import LeftOut
from evalkit.intake.workbook.names import Counted
from evalkit.intake.workbook.period_labels import Grain, written
from evalkit.intake.workbook.reading import AT_MOST, COLUMNS, WITHHELD, Reading, Taken
from evalkit.intake.workbook.roles import Question

ALIKE = 3  # periods in which two series agree, to be one


def assemble(file: str, columns: Sequence[Column], catalogue: Catalogue, answers: Answers, reading: Reading) -> None:
    """Put the rows into ``reading``, or what has to be asked or mended before there are any."""
    wholes = {column.named.counted.measure for column in columns if column.named.counted.part == "denominator"}
    alone = next(
        (one.named for one in columns if one.named.counted.is_said and one.named.counted.measure not in wholes), None
    )
    if alone:
        what = f"`{alone.key}` is answered as a numerator, and nothing as the denominator of {alone.counted.measure}: say of how many it is."
        reading.problems.append(Problem(file, 0, what))
        return
    by_key: dict[tuple[str, Counted], list[Column]] = defaultdict(list)
    for column in columns:
        by_key[column.named.code, column.named.counted].append(column)
    figures: dict[tuple[str, date, str], dict[str, Value]] = defaultdict(dict)
    for (code, counted), several in by_key.items():
        one = several[0] if len(several) == 1 else _together(file, code, counted, several, answers, reading)
        for first, value in (one or {}).items() if isinstance(one, dict) else one.values.items():
            figures[code, first, counted.measure][counted.part] = value
    if reading.questions or reading.problems:
        return
    _check_shares(file, figures, catalogue, answers, reading)
    if reading.problems or reading.questions:
        return
    periods = {first: written(first, reading.grain) for first in {first for _, first, _ in figures}}
    rows = [
        (code, periods[first], measure, _cell(parts.get("numerator")), _cell(parts.get("denominator")))
        for (code, first, measure), parts in figures.items()
    ]
    rows.sort(key=itemgetter(0, 1, 2))
    reading.rows = pd.DataFrame(rows, columns=COLUMNS)
    for column in columns:
        reading.taken.append(Taken(column.named.series.cells(), _what(column, reading.grain)))


def _what(column: Column, grain: Grain) -> str:
    counted, told = column.named.counted, sorted(column.values)
    figures = [value for value in column.values.values() if value.number is not None]
    marks = {mark: sum(value.mark == mark for value in column.values.values()) for mark in ("not reported", "withheld")}
    said = [
        f"{len(figures)} figure{'s' * (len(figures) != 1)}",
        *(f"{count} {mark}" for mark, count in marks.items() if count),
    ]
    part = f" ({counted.part})" if counted.part == "denominator" or column.named.is_share else ""
    window = f"{written(told[0], grain)} to {written(told[-1], grain)}" if told else "no period"
    return f"{column.named.code}, {counted.measure}{part}, {window}: {', '.join(said)}"


def _cell(value: Value | None) -> float | str | None:
    return None if value is None else WITHHELD if value.mark == "withheld" else value.number


def _together(
    file: str, code: str, counted: Counted, several: Sequence[Column], answers: Answers, reading: Reading
) -> dict[date, Value]:
    """Series of one code: the same twice, parts that are added up, or a question."""
    labels = list(dict.fromkeys(one.named.key for one in several))
    if len(labels) > 1:
        what = (
            f"`{labels[0]}` ({several[0].named.series.cells()}) and `{labels[1]}` are both answered as {counted.measure} {counted.part}: say which is the"
            " numerator and which the denominator, give one another id, or answer `leave out`."
        )
        reading.problems.append(Problem(file, 0, what))
        return {}
    shared = [day for day in several[0].values if all(day in one.values for one in several[1:])]
    if not shared:  # one goes on where another ends
        ends = [day for one in several for day in one.values]
        if len(ends) == len(set(ends)):
            return {day: value for one in several for day, value in one.values.items()}
    alike = len(shared) >= min(ALIKE, *(len(one.values) for one in several)) and all(
        len({(one.values[day].number, one.values[day].mark) for one in several}) == 1 for day in shared
    )
    if shared and alike and any(one.values[day].number for one in several for day in shared):
        reading.left_out += [
            LeftOut(one.named.series.cells(), f"the same figures as {several[0].named.series.cells()}")
            for one in several[1:]
        ]
        return {day: value for one in reversed(several) for day, value in one.values.items()}
    for one in several:
        others = [other for other in several if other is not one]
        if len(others) > 1 and len(shared) >= ALIKE and all(_is_sum(one, others, day) for day in shared):
            what = f"{one.named.series.cells()} adds up the others of {code}, {counted.measure}: answer `leave out` for it, or it counts twice."
            reading.problems.append(Problem(file, 0, what))
            return {}
    if answers.same_code is None and "add up" not in answers.roles.values():
        where = " and ".join(one.named.series.cells() for one in several[:3]) + (
            f" and {len(several) - 3} more" if len(several) > 3 else ""
        )
        names = ", ".join(dict.fromkeys(one.named.organisation for one in several if one.named.organisation))
        what = (
            f"{where} are all {code}, {counted.measure}{f' ({names})' if names else ''}. Add them up? (Else give each a code of its own under"
            " `organisations`, such as RXN01, or `leave out` those that are not wanted.)"
        )
        if ("same_code",) not in [question.key for question in reading.questions]:
            reading.questions.append(Question(("same_code",), what, ("add up",)))
        return {}
    total = {}
    for day in sorted({day for one in several for day in one.values}):
        told = [one.values.get(day) for one in several]
        known = [value for value in told if value is not None and value.number is not None]
        some = next(value for value in told if value is not None)
        if len(known) == len(several):
            total[day] = Value(sum(value.number or 0.0 for value in known), "", some.sheet, some.at)
        else:
            mark = "withheld" if any(value and value.mark == "withheld" for value in told) else "not reported"
            total[day] = Value(None, mark, some.sheet, some.at)
            if known:
                empty = next(
                    (value.cell for value in told if value is not None and value.number is None), "another part"
                )
                without = f"{empty}, another part" if empty != "another part" else empty
                reading.left_out.append(
                    LeftOut(
                        ", ".join(value.cell for value in known),
                        f"not added up for {written(day, reading.grain)}, as {without} of {code} has no figure",
                    )
                )
    return total


def _is_sum(one: Column, others: Sequence[Column], day: date) -> bool:
    parts = [other.values[day].number for other in others]
    whole = one.values[day].number
    return whole is not None and None not in parts and abs(whole - sum(part or 0.0 for part in parts)) < 1e-9


def _check_shares(file: str, figures, catalogue: Catalogue, answers: Answers, reading: Reading) -> None:
    """Shares have both their counts, and a part is no more than its whole; of a measure that nobody has described, where that
    holds of most of its figures."""
    problems = []
    missing: dict[tuple[str, str], str] = {}
    pairs: dict[str, list[tuple[Value, Value]]] = defaultdict(list)
    for (code, _, measure), parts in figures.items():
        numerator, denominator = parts.get("numerator"), parts.get("denominator")
        known = catalogue.measures.get(measure)
        if denominator is not None and numerator is None:
            what = "without a numerator: say which figures are counted of it."
            missing.setdefault((code, measure), f"{denominator.cell} is a denominator of {measure} at {code} {what}")
        elif numerator is not None and denominator is None and known and known.form != "count":
            what = f"a {known.form}, without a denominator: say of how many it is."
            missing.setdefault((code, measure), f"{numerator.cell} is a numerator of {measure}, {what}")
        elif numerator is not None and denominator is not None and (known is None or known.form == "proportion"):
            pairs[measure].append((numerator, denominator))
    for measure, told in pairs.items():
        both = [(part, whole) for part, whole in told if part.number is not None and whole.number is not None]
        more = [(part, whole) for part, whole in both if (part.number or 0) > (whole.number or 0)]
        if more and measure not in catalogue.measures and len(more) > len(both) / 2:
            part, whole = more[0]
            if answers.above is None:
                what = (
                    f"{part.cell}: {part.number:g} is more than its denominator {whole.number:g} ({whole.cell}), and {len(more) - 1:,} more are."
                    " Is it a rate, counted per something, and no share? (Else stop, and look which is which.)"
                )
                reading.questions.append(Question(("above",), what, ("a rate",)))
            continue
        if more:
            problems += [
                Problem(
                    file,
                    0,
                    f"{part.cell}: {part.number:g} is more than its denominator {whole.number:g} ({whole.cell}): correct one of them.",
                )
                for part, whole in more
            ]
    problems += [Problem(file, 0, what) for what in missing.values()]
    reading.problems += shortened(problems, len(problems), "such cells", AT_MOST)
