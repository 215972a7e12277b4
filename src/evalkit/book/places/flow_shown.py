"""What a page shows of whom patients waited for, at one trust or in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.catalogue.records.delay_reasons import DELAY_CLASSES, DelayReason
from evalkit.flow import words
from evalkit.flow.readings import agreement, in_words
from evalkit.flow.waiting import TrustMonth, Waiting, by_month, waiting
from evalkit.report.wording.words import month_name

MOST_OF_THEM = 0.8  # of patients, whose reasons are drawn one by one
WHOLE_YEAR = 12
MOST = 3  # reasons told in a sentence


@dataclass(frozen=True)
class ReasonRow:
    """A reason: patients on an average day, and where each reader puts it."""

    label: str
    patients: float
    classes: str


@dataclass(frozen=True)
class MonthRow:
    """A month: of each class the ends of its range, in hundredths of the recorded patients."""

    month: str
    recorded: float
    ranges: list[tuple[float, float]]


@dataclass(frozen=True)
class FlowShown:
    """Whom patients waited for.

    Attributes
    ----------
    where : as it stands in a sentence: "at Royal Example", "in Example"
    old : whether its last month is more than six months before the newest of the book
    reasons : every reason with a recorded patient, in alphabetical order
    months : month by month
    agreed : how far the two readers agree
    trusts : how many organisations recorded reasons
    """

    where: str
    found: Waiting
    old: bool
    reasons: list[ReasonRow]
    months: list[MonthRow]
    agreed: str
    trusts: int

    @property
    def last(self) -> str:
        """The last month with recorded reasons."""
        return self.found.months[-1]

    @property
    def span(self) -> str:
        """Its months in words: a whole year, or how many of them."""
        first, last, count = self.found.months[0], self.last, len(self.found.months)
        if first == last:
            return f"in {month_name(last)}"
        return f"from {month_name(first)} to {month_name(last)}" + (
            "" if count == _apart(first, last) else f" ({count} months with figures)"
        )

    @property
    def recorded(self) -> str:
        """The answer, of those whose reason was recorded."""
        return words.recorded(self.found, self.where, self.span)

    @property
    def of_all(self) -> str:
        """The answer, of all who were ready to leave."""
        return words.of_all(self.found)

    @property
    def most(self) -> str:
        """The reasons that were recorded of the most patients, with how many of them there are on an average day."""
        by_size = sorted(self.reasons, key=lambda row: (-row.patients, row.label))[:MOST]
        told = [f"“{row.label}” ({row.patients:,.1f} patients on an average day)" for row in by_size]
        return f"Recorded of the most patients: {', '.join(told)}."

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """A row a class: its name, of a hundred recorded, of a hundred who were ready."""
        return [
            (
                words.NAMES[one.name],
                _to(*words.ends(one.low, one.high)),
                _to(*words.ends(one.lowest, one.highest))
                if one.lowest is not None and one.highest is not None
                else "not known",
            )
            for one in self.found.classes
        ]

    @property
    def cautions(self) -> list[str]:
        """What to know of the figures, a sentence each."""
        told = []
        if self.found.more_reasons:
            count = self.found.more_reasons
            months = "month of a trust has" if count == 1 else "months of trusts have"
            told.append(
                f"{count} {months} more recorded reasons than patients who were ready to leave on an average day: the two are"
                " counted on different days, and there nobody is taken to be without a reason."
            )
        if self.found.silent:
            count = self.found.silent
            months = "month of a trust has" if count == 1 else "months of trusts have"
            told.append(f"{count} {months} no reasons at all: all who were ready there are without a recorded reason.")
        if self.found.left_out:
            count = self.found.left_out
            months = "month of a trust is" if count == 1 else "months of trusts are"
            told.append(
                f"{count} {months} left out here and shown month by month: there reasons were recorded, and too few days have"
                " figures of how many were ready to leave."
            )
        if _apart(self.found.months[0], self.last) < WHOLE_YEAR:
            told.append("This is less than a year, so that a season weighs more than another.")
        return told


def _apart(first: str, last: str) -> int:
    """How many months there are from one to another, both counted."""
    years, months = int(last[:4]) - int(first[:4]), int(last[5:]) - int(first[5:])
    return 12 * years + months + 1


def _to(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"


def flow_of(rows: Sequence[TrustMonth], reasons: Mapping[str, DelayReason], where: str, is_old) -> FlowShown | None:
    """What is shown of these organisations; None where no patient has a recorded reason."""
    readings = {id: (one.class_1, one.class_2) for id, one in reasons.items()}
    found = waiting(rows, readings, DELAY_CLASSES)
    if found is None:
        return None
    shown = [
        ReasonRow(reasons[id].label, patients, _classes(*readings[id]))
        for id, patients in found.reasons.items()
        if patients
    ]
    months = [
        MonthRow(month, one.recorded, [(100 * each.low, 100 * each.high) for each in one.classes])
        for month, one in by_month(rows, readings, DELAY_CLASSES)
    ]
    return FlowShown(
        where,
        found,
        is_old(found.months[-1]),
        sorted(shown, key=lambda row: row.label.casefold()),
        months,
        in_words(agreement(list(readings.values()))),
        len({row.code for row in rows if row.counts}),
    )


def _classes(first: str, second: str) -> str:
    one, two = words.NAMES[first], words.NAMES[second]
    return one if first == second else f"{one}, or {two[:1].lower()}{two[1:]}: the readers differ"
