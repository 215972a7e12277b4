"""What a page shows of whom patients waited for, at one trust or in one place."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.catalogue.records.delay_reasons import DELAY_CLASSES, DelayReason
from evalkit.flow import words
from evalkit.flow.jumps import extremes, jumps, small_months
from evalkit.flow.readings import agreement, in_words
from evalkit.flow.waiting import TrustMonth, Waiting, by_month, waiting
from evalkit.report.wording.words import month_name

MOST_OF_THEM = 0.8  # of patients, whose reasons are drawn one by one
WHOLE_YEAR = 12
MOST = 3  # reasons told in a sentence
LATEST = 3  # months beside the whole
NAMED = 3  # organisations whose months are named one by one
OUTSIDE = "out_of_hospital"


@dataclass(frozen=True)
class ReasonRow:
    """A reason: patients on an average day, and where each reader puts it, by id and in words."""

    label: str
    patients: float
    readings: tuple[str, str]
    classes: str


@dataclass(frozen=True)
class MonthRow:
    """A month: of each class the ends of its range, in hundredths of the recorded patients; what to know of it, or nothing."""

    month: str
    recorded: float
    ranges: list[tuple[float, float]]
    note: str


@dataclass(frozen=True)
class FlowShown:
    """Whom patients waited for.

    Attributes
    ----------
    where : as it stands in a sentence: "at Royal Example", "in Example"
    latest : of the last months with figures; None where there are no more than these
    by_months : the same of each month
    old : whether its last month is more than six months before the newest of the book
    reasons : every reason with a recorded patient, in alphabetical order
    months : month by month
    agreed : how far the two readers agree
    trusts : how many organisations recorded reasons
    names : of organisations, by code
    """

    where: str
    found: Waiting
    latest: Waiting | None
    by_months: list[tuple[str, Waiting]]
    old: bool
    reasons: list[ReasonRow]
    months: list[MonthRow]
    agreed: str
    trusts: int
    names: Mapping[str, str]

    @property
    def last(self) -> str:
        """The last month with recorded reasons."""
        return self.found.months[-1]

    @property
    def span(self) -> str:
        """Its months in words: a whole year, or how many of them."""
        return _span(self.found)

    @property
    def latest_span(self) -> str:
        """The last months in words; empty where there are no more than these."""
        return _span(self.latest) if self.latest else ""

    @property
    def commonest(self) -> str:
        """The reasons that were recorded of the most patients, with how many of them there are on an average day."""
        told = [f"“{row.label}” ({row.patients:,.1f})" for row in self._by_size(self.reasons)[:MOST]]
        return f"Reasons recorded most often {self.where}, {self.span}, with patients on an average day: {', '.join(told)}."

    @property
    def largest(self) -> str:
        """The two largest classes, of all months and of the last ones."""
        said = f"Largest class of patients with a recorded reason, {self.span}: {words.largest(self.found)}"
        if self.latest is None:
            return said
        return f"{said} {self.latest_span[:1].upper()}{self.latest_span[1:]}: {words.largest(self.latest)}"

    @property
    def unknown(self) -> str:
        """One line on those without a reason."""
        return words.unknown(self.found)

    @property
    def unknown_in_hundred(self) -> str:
        """Of 100 who stayed, how many have no reason, for a table."""
        return words.CANNOT_BE_TOLD if self.found.unrecorded is None else words.share(self.found.unrecorded)

    @property
    def no_blame(self) -> str:
        """What no class says, and whose record it is."""
        return words.NO_BLAME

    @property
    def outside(self) -> str:
        """What stands in the class outside the hospital; empty where nobody waited there."""
        there = [row for row in self.reasons if OUTSIDE in row.readings]
        if not there:
            return ""
        told = [f"“{row.label}” ({row.patients:,.1f})" for row in self._by_size(there)[:MOST]]
        return (
            f"“{words.NAMES[OUTSIDE]}” holds health services, councils and others: this book does not tell them apart. Its largest"
            f" {'reason' if len(told) == 1 else 'reasons'} here: {', '.join(told)}."
        )

    @property
    def moved(self) -> list[str]:
        """That recording or a class's share changed abruptly, or much over the months, a sentence each."""
        if len(self.by_months) == 1:
            return []
        found, counts = jumps(self.by_months), {month: one.recorded for month, one in self.by_months}
        told = [words.jumped(jump, month_name) for jump in found]
        if len(told) > MOST:
            told = [f"There is a jump between neighbouring months {len(told)} times."]
        ends = extremes(self.by_months)
        if ends and len(found) not in range(1, MOST + 1):
            fewest, most = ends
            told.append(
                f"The patients with a recorded reason were {counts[fewest]:,.0f} in {month_name(fewest)} and"
                f" {counts[most]:,.0f} in {month_name(most)}."
            )
        if told:
            told.append(
                "Recording can make such a change as well as care, so that shares of all months may be like none of them."
            )
        return told

    @property
    def spread(self) -> str:
        """How far the class that moves the most does so between months, beside what the readers make of it."""
        small = small_months(self.by_months)
        rows = [one for month, one in self.by_months if month not in small]
        if len(rows) == 1:
            return ""
        middles = [[sum(one.classes[at].readings) / 2 for one in rows] for at in range(len(self.found.classes))]
        at = max(range(len(middles)), key=lambda place: max(middles[place]) - min(middles[place]))
        name = words.NAMES[self.found.classes[at].name]
        return (
            f"The length of a dark bar is no margin of error: it is only how differently the reasons' names can be read. Between"
            f" months, the middle of “{name}” was {words.in_a_hundred(min(middles[at]), max(middles[at]))}."
        )

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """A row a class: its name, of a hundred recorded, the same of the last months, of a hundred who stayed."""
        latest = self.latest.classes if self.latest else self.found.classes
        return [
            (
                words.NAMES[one.name],
                words.to(*words.ends(one.low, one.high)),
                words.to(*words.ends(new.low, new.high)),
                words.to(*words.ends(one.lowest, one.highest))
                if one.lowest is not None and one.highest is not None
                else words.CANNOT_BE_TOLD,
            )
            for one, new in zip(self.found.classes, latest, strict=True)
        ]

    @property
    def cautions(self) -> list[str]:
        """What to know of the figures, a sentence each."""
        found, told = self.found, []
        if found.in_conflict:
            told.append(
                f"More patients have a reason than stayed, which cannot be: {self._named(found.in_conflict)}. The two are counted on"
                " different days and perhaps of different patients. Nothing is told there of those without a reason."
            )
        if found.not_counted:
            told.append(
                f"Reasons were recorded, and too few days have figures of how many stayed: {self._named(found.not_counted)}. These"
                " months count among the recorded reasons, and not where it is told how many have none."
            )
        if found.silent:
            told.append(
                f"Patients stayed and no reasons were reported: {self._named(found.silent)}. All who stayed there are without a"
                " recorded reason."
            )
        if _apart(found.months[0], self.last) < WHOLE_YEAR:
            told.append("This is less than a year, so that a season weighs more than another.")
        return told

    def _named(self, rows: Sequence[tuple[str, str]]) -> str:
        """Months by organisation; where these are many, how many."""
        by_code = defaultdict(list)
        for code, month in rows:
            by_code[code].append(month)
        if len(by_code) > NAMED:
            return f"{len(rows)} months of {len(by_code)} trusts, which their own pages name"
        told = sorted((self.names.get(code, code), months_in_words(months)) for code, months in by_code.items())
        if len({*self.names}) == 1:
            return told[0][1]
        return "; ".join(f"{name} ({months})" for name, months in told)

    @staticmethod
    def _by_size(rows: Iterable[ReasonRow]) -> list[ReasonRow]:
        return sorted(rows, key=lambda row: (-row.patients, row.label))


def _span(found: Waiting) -> str:
    first, last, count = found.months[0], found.months[-1], len(found.months)
    if first == last:
        return f"in {month_name(last)}"
    return f"from {month_name(first)} to {month_name(last)}" + (
        "" if count == _apart(first, last) else f" ({count} months with reasons)"
    )


def months_in_words(months: Sequence[str]) -> str:
    """Months, those that follow on each other as one: ``June 2024, August 2024 to October 2024``."""
    runs: list[list[str]] = []
    for month in sorted(months):
        if runs and _apart(runs[-1][-1], month) == 2:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(
        month_name(run[0]) if len(run) == 1 else f"{month_name(run[0])} to {month_name(run[-1])}" for run in runs
    )


def _apart(first: str, last: str) -> int:
    """How many months there are from one to another, both counted."""
    years, months = int(last[:4]) - int(first[:4]), int(last[5:]) - int(first[5:])
    return 12 * years + months + 1


def flow_of(
    rows: Sequence[TrustMonth],
    reasons: Mapping[str, DelayReason],
    where: str,
    is_old: Callable[[str], bool],
    names: Mapping[str, str],
) -> FlowShown | None:
    """What is shown of these organisations; None where no patient has a recorded reason."""
    readings = {id: (one.class_1, one.class_2) for id, one in reasons.items()}
    found = waiting(rows, readings, DELAY_CLASSES)
    if found is None:
        return None
    shown = [
        ReasonRow(reasons[id].label, patients, readings[id], _classes(*readings[id]))
        for id, patients in found.reasons.items()
        if patients
    ]
    months = by_month(rows, readings, DELAY_CLASSES)
    last = found.months[-LATEST:]
    codes = {row.code for row in rows}
    return FlowShown(
        where,
        found,
        waiting([row for row in rows if row.month in last], readings, DELAY_CLASSES)
        if len(found.months) > LATEST
        else None,
        months,
        is_old(found.months[-1]),
        sorted(shown, key=lambda row: row.label.casefold()),
        [_month_row(month, one, small_months(months), len(codes)) for month, one in months],
        in_words(agreement(list(readings.values()))),
        len({row.code for row in rows if row.recorded}),
        {code: names.get(code, code) for code in codes},
    )


def _month_row(month: str, found: Waiting, small: set[str], trusts: int) -> MonthRow:
    notes = ["few recorded"] if month in small else []
    for rows, what in (
        (found.in_conflict, "more reasons than patients who stayed"),
        (found.not_counted, "not known how many stayed"),
        (found.silent, "no reasons reported"),
    ):
        if rows:
            notes.append(what if trusts == 1 else f"{what} ({len(rows)} of {trusts} trusts)")
    ranges = [(100 * each.low, 100 * each.high) for each in found.classes]
    return MonthRow(month, found.recorded, ranges, "; ".join(notes))


def _classes(first: str, second: str) -> str:
    one, two = words.NAMES[first], words.NAMES[second]
    return one if first == second else f"{one}, or {two[:1].lower()}{two[1:]}: the readers differ"
