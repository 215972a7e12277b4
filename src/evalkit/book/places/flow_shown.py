"""What a page shows of whom patients waited for, at one trust or in one place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.book.places.month_words import apart, months_in_words, span
from evalkit.flow import words
from evalkit.flow.hundredths import in_a_hundred, share, to
from evalkit.flow.jumps import extremes, jumps, small_months
from evalkit.flow.order import foremost, unlike
from evalkit.flow.waiting import Waiting
from evalkit.report.wording.words import month_name, sentence_case

MOST_OF_THEM = 0.8  # of patients, whose reasons are drawn one by one
WHOLE_YEAR = 12
MOST = 3  # reasons told in a sentence
LATEST = 3  # months beside the whole
NAMED = 3  # organisations whose months are named one by one
OUTSIDE = "out_of_hospital"


@dataclass(frozen=True)
class ReasonRow:
    """A reason: patients on an average day of the leading months and of all, and where each reader puts it, by id and in words."""

    label: str
    patients: float
    in_all: float
    readings: tuple[str, str]
    classes: str


@dataclass(frozen=True)
class MonthRow:
    """A month: of each class the ends of its range, as shares of 1 and as a table tells them; what to know of it, or nothing."""

    month: str
    recorded: float
    ends: list[tuple[float, float]]
    ranges: list[str]
    stayed: str
    no_reason: str
    note: str


@dataclass(frozen=True)
class StayedRow:
    """Who stayed over some months, and how many of them have no reason, as a table tells it."""

    when: str
    compared: str
    counts: list[str]
    no_reason: str


@dataclass(frozen=True)
class Span:
    """Some months in one: ``run`` since the record last changed, the ``latest`` ones, or ``all``."""

    kind: str
    found: Waiting

    @property
    def when(self) -> str:
        """In words: ``from June 2024 to May 2025``."""
        return span(self.found.months)

    @property
    def no_reason(self) -> str:
        """Of 100 who stayed, how many have no reason, for a table."""
        return no_reason_in_hundred(self.found)

    @property
    def ranges(self) -> list[str]:
        """Of each class the range of 100 recorded patients, for a table."""
        return [to(one.low, one.high) for one in self.found.classes]


@dataclass(frozen=True)
class FlowShown:
    """Whom patients waited for.

    Attributes
    ----------
    where : as it stands in a sentence: "at Royal Example", "in Example"
    spans : the months that lead, which are those since the record last changed, or all; beside them all and the latest
    by_months : the same of each month
    old : whether its last month is more than six months before the newest of the book
    behind : months from its last one to the newest of the book
    reasons : every reason with a recorded patient, in alphabetical order
    months : month by month
    agreed : how far the two readers agree
    trusts, of_trusts : how many organisations recorded reasons, and how many there are
    names : of organisations, by code
    """

    where: str
    spans: list[Span]
    by_months: list[tuple[str, Waiting]]
    old: bool
    behind: int
    reasons: list[ReasonRow]
    months: list[MonthRow]
    agreed: str
    trusts: int
    of_trusts: int
    names: Mapping[str, str]

    @property
    def lead(self) -> Span:
        """The months that lead."""
        return self.spans[0]

    @property
    def whole(self) -> Span:
        """All months."""
        return next(one for one in self.spans if one.kind == "all")

    @property
    def found(self) -> Waiting:
        """What all months come to."""
        return self.whole.found

    @property
    def last(self) -> str:
        """The last month with recorded reasons."""
        return self.found.months[-1]

    @property
    def age(self) -> str:
        """That its months are old; empty where they are not."""
        if not self.old:
            return ""
        return (
            f"The last month with reasons is {month_name(self.last)}, {self.behind} months before the newest figures of this book;"
            " what patients wait for now is not known."
        )

    @property
    def commonest(self) -> str:
        """The reasons that were recorded of the most patients in the leading months, with how many of them on an average day."""
        since = "since the record last changed, " if self.lead.kind == "run" else ""
        by = f" (at {self.trusts} of its {self.of_trusts} trusts)" if self.trusts < self.of_trusts else ""
        return (
            f"Reasons recorded most often {self.where}{by}, {since}{self.lead.when}, with patients on an average day:"
            f" {self._most(self.reasons)}."
        )

    @property
    def largest(self) -> str:
        """The largest classes of the leading months."""
        return f"Of patients with a recorded reason, {self.lead.when}: {words.largest(self.lead.found)}"

    @property
    def others(self) -> list[str]:
        """The same of other months beside the leading ones, a sentence each; of all of them with their reasons."""
        told = []
        for one in self.spans[1:]:
            reasons = ""
            if self.lead.kind == "run" and one is self.whole:
                most = sorted(self.reasons, key=lambda row: (-row.in_all, row.label))[:MOST]
                listed = ", ".join(f"“{row.label}” ({row.in_all:,.1f})" for row in most)
                reasons = f" The reasons of all months recorded most often: {listed}."
            months = "All months" if one is self.whole else f"The last {LATEST} months"
            told.append(f"{months}, {one.when}: {words.largest(one.found)}{reasons}")
        return told

    @property
    def differs(self) -> str:
        """That recent months are unlike all of them together; empty where they are not."""
        recent = self._recent
        if recent is None or not unlike(recent.found, self.found):
            return ""
        now, whole = (words.leading(one.found) for one in (recent, self.whole))
        if now == whole:
            return "Recent months differ from all months together: a class lies at least 20 in 100 patients apart."
        several = len(foremost(recent.found.classes)) > 1
        return (
            f"Recent months differ from all months together: {recent.when} {now} {'may be' if several else 'is'} the largest class,"
            f" over all months it {'may be' if len(foremost(self.found.classes)) > 1 else 'is'} {whole}."
        )

    @property
    def unknown(self) -> list[str]:
        """On those without a reason: in the leading months, in others, in single months, and how many were asked."""
        told = [words.unknown(self.lead.found, self.lead.when)]
        told += [f"{sentence_case(one.when)} it {_is(one.found)}." for one in self.spans[1:]]
        single = [(found.unrecorded, month) for month, found in self.by_months if found.unrecorded is not None]
        if len({share(one) for one, _ in single}) > 1:
            (least, at), (most, then) = min(single), max(single)
            told.append(
                f"In single months it was {share(least)} ({month_name(at)}) to {share(most)} ({month_name(then)}) in 100."
            )
        return [*told, words.NOT_ASKED] if single else told

    @property
    def outside(self) -> str:
        """What stands in the class outside the hospital; empty where nobody waited there."""
        there = [row for row in self.reasons if OUTSIDE in row.readings and row.patients]
        if not there:
            return ""
        return (
            f"“{words.NAMES[OUTSIDE]}” holds health services, councils and others: this book does not tell them apart. Rehabilitation"
            f" beds and mental health beds are commonly the NHS's. Its largest {'reason' if len(there) == 1 else 'reasons'} here:"
            f" {self._most(there)}."
        )

    @property
    def said_of_classes(self) -> list[str]:
        """What no class says, and whose record it is."""
        return [words.ONE_REASON, words.NOT_THE_FAMILY, words.NO_BLAME]

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
            mixed = ", so that shares of all months may be like none of them" if self.differs else ""
            told.append(f"Recording can make such a change as well as care{mixed}.")
        return told

    @property
    def spread(self) -> str:
        """How far the class that moves the most does so between months, beside what the readers make of it."""
        small = small_months(self.by_months)
        rows = [one for month, one in self.by_months if month not in small]
        if len(rows) == 1:
            return ""
        middles = [
            [(one.classes[at].low + one.classes[at].high) / 2 for one in rows] for at in range(len(self.found.classes))
        ]
        at = max(range(len(middles)), key=lambda place: max(middles[place]) - min(middles[place]))
        name = words.NAMES[self.found.classes[at].name]
        return (
            f"The length of a dark bar is no margin of error: it is only how differently the reasons' names can be read. Between"
            f" months, the middle of “{name}” was {in_a_hundred(min(middles[at]), max(middles[at]))}."
        )

    @property
    def rows(self) -> list[tuple[str, list[str], str]]:
        """A row a class: its name, of a hundred recorded in each span, and of a hundred who stayed in the leading months."""
        return [
            (
                words.NAMES[one.name],
                [each.ranges[at] for each in self.spans],
                to(one.lowest, one.highest)
                if one.lowest is not None and one.highest is not None
                else words.CANNOT_BE_TOLD,
            )
            for at, one in enumerate(self.lead.found.classes)
        ]

    @property
    def stayed(self) -> list[StayedRow]:
        """Who stayed, and how many of them have no reason, in each span."""
        told = []
        for one in self.spans:
            counted = one.found.counted
            counts = [counted.ready, counted.left, counted.stayed, counted.recorded] if counted else []
            compared = f"{counted.months:,} of {one.found.reported:,}" if counted else "none"
            listed = [f"{count:,.0f}" for count in counts] or [words.NOT_KNOWN] * 4
            told.append(StayedRow(sentence_case(one.when), compared, listed, one.no_reason))
        return told

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
        if apart(self.lead.found.months[0], self.last) < WHOLE_YEAR:
            told.append(
                f"What leads here, {self.lead.when}, is of less than a year, so that a season weighs more than another."
            )
        return told

    @property
    def _recent(self) -> Span | None:
        """The latest months, or those since the record changed where these are fewer; None where there are no others."""
        return next((one for kind in ("latest", "run") for one in self.spans if one.kind == kind), None)

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
    def _most(rows: Iterable[ReasonRow]) -> str:
        """The largest reasons of the leading months, with their patients."""
        by_size = sorted((row for row in rows if row.patients), key=lambda row: (-row.patients, row.label))
        return ", ".join(f"“{row.label}” ({row.patients:,.1f})" for row in by_size[:MOST])


def no_reason_in_hundred(found: Waiting) -> str:
    """Of 100 who stayed, how many have no reason, for a table."""
    return words.CANNOT_BE_TOLD if found.unrecorded is None else share(found.unrecorded)


def _is(found: Waiting) -> str:
    return words.CANNOT_BE_TOLD if found.unrecorded is None else f"is {share(found.unrecorded)} in 100"
