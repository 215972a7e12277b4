"""Whom patients waited for at some organisations, from their months to what a page shows."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from evalkit.book.places.flow_shown import LATEST, FlowShown, MonthRow, ReasonRow, Span, no_reason_in_hundred
from evalkit.book.places.month_words import apart
from evalkit.catalogue.records.delay_reasons import DELAY_CLASSES, DelayReason
from evalkit.flow import words
from evalkit.flow.hundredths import to
from evalkit.flow.jumps import latest_run, small_months
from evalkit.flow.readings import agreement, in_words
from evalkit.flow.waiting import TrustMonth, Waiting, by_month, waiting


def flow_of(
    rows: Sequence[TrustMonth],
    reasons: Mapping[str, DelayReason],
    where: str,
    newest: str,
    is_old: Callable[[str, str], bool],
    names: Mapping[str, str],
    charted: Iterable[str] = (),
) -> FlowShown | None:
    """What is shown of these organisations; None where no patient has a recorded reason.

    ``newest`` is the last month of any figures of the book, and ``charted`` are codes that count among the trusts though they may
    have recorded nothing.
    """
    readings = {id: (one.class_1, one.class_2) for id, one in reasons.items()}
    months = by_month(rows, readings, DELAY_CLASSES)
    if not months:
        return None

    def together(some: Sequence[str]) -> Waiting:
        found = waiting([row for row in rows if row.month in some], readings, DELAY_CLASSES)
        assert found is not None, "each of these months has a recorded reason"
        return found

    every, run = [month for month, _ in months], latest_run(months)
    whole = together(every)
    spans = [Span("run", together(run))] if len(run) < len(every) else []
    latest = [Span("latest", together(every[-LATEST:]))] if len(run) > LATEST else []
    spans = [*spans, Span("all", whole), *latest]
    lead = spans[0].found
    shown = [
        ReasonRow(reasons[id].label, lead.reasons.get(id, 0), patients, readings[id], _classes(*readings[id]))
        for id, patients in whole.reasons.items()
        if patients
    ]
    codes = {row.code for row in rows}
    reporting = {row.code for row in rows if row.recorded}
    return FlowShown(
        where,
        spans,
        months,
        is_old(every[-1], newest),
        apart(every[-1], newest) - 1 if newest else 0,
        sorted(shown, key=lambda row: row.label.casefold()),
        [_month_row(month, one, small_months(months), len(codes)) for month, one in months],
        in_words(agreement(list(readings.values()))),
        len(reporting),
        len(reporting.union(charted)),
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
    ends = [(each.low, each.high) for each in found.classes]
    stayed = f"{found.counted.stayed:,.0f}" if found.counted else words.NOT_KNOWN
    return MonthRow(
        month, found.recorded, ends, [to(*each) for each in ends], stayed, no_reason_in_hundred(found), "; ".join(notes)
    )


def _classes(first: str, second: str) -> str:
    one, two = words.NAMES[first], words.NAMES[second]
    return one if first == second else f"{one}, or {two[:1].lower()}{two[1:]}: the readers differ"
