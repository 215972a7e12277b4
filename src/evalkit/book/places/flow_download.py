"""Whom patients waited for as a table to take away: a row for some months of an organisation or a place, and a class."""

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from evalkit.book.places.flow_shown import FlowShown
from evalkit.flow import words
from evalkit.flow.waiting import Waiting

COLUMNS = {
    "code": "ODS code of the organisation; empty for a place or for all",
    "name": "the organisation, the place, or all trusts with recorded reasons",
    "months": "all; since the record last changed (run); the latest three of these (latest); or one month",
    "first_month": "first month with recorded reasons",
    "last_month": "last month with recorded reasons",
    "count": "how many months have recorded reasons; averages are of these",
    "class": "class of reasons",
    "with_a_reason": "patients with a recorded reason, of all classes, on an average day",
    "first_reading": "of 100 of these, those of this class by the first reading as a whole",
    "second_reading": "the same by the second reading",
    "lowest": "of 100 with a reason, those of reasons that both readings have in this class",
    "highest": "of 100 with a reason, those of reasons that any of the two readings has in this class",
    "ready": "patients ready to leave on an average day, of the months of trusts that are compared; empty where not known",
    "left": "of these, who left that day",
    "stayed": "of these, who stayed",
    "compared_with_a_reason": "patients with a recorded reason in the months that are compared",
    "no_reason": "of 100 who stayed, how many have no reason; empty where that cannot be told",
    "lowest_of_stayed": "of 100 who stayed, the fewest of this class that are possible; empty where that cannot be told",
    "highest_of_stayed": "the most that are possible, if every recorded reason is right",
}  # fmt: skip


def flow_table(flows: Iterable[tuple[str, str, FlowShown | None]]) -> pd.DataFrame:
    """Columns of ``COLUMNS``; of each code and name all its spans of months, then each month; nothing where there is no flow."""
    rows = [row for code, name, flow in flows if flow for row in _rows(code, name, flow)]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def _rows(code: str, name: str, flow: FlowShown) -> Iterator[dict[str, Any]]:
    of = [*((one.kind, one.found) for one in flow.spans), *(("month", found) for _, found in flow.by_months)]
    for kind, found in of:
        for at, one in enumerate(found.classes):
            yield {
                "code": code,
                "name": name,
                "months": kind,
                "first_month": found.months[0],
                "last_month": found.months[-1],
                "count": len(found.months),
                "class": words.NAMES[one.name],
                "with_a_reason": _rounded(found.recorded, 1),
                "first_reading": _rounded(one.readings[0]),
                "second_reading": _rounded(one.readings[1]),
                "lowest": _rounded(one.low),
                "highest": _rounded(one.high),
                **_of_stayed(found, at),
            }


def _of_stayed(found: Waiting, at: int) -> dict[str, float | None]:
    counted, one = found.counted, found.classes[at]
    return {
        "ready": _rounded(counted.ready if counted else None, 1),
        "left": _rounded(counted.left if counted else None, 1),
        "stayed": _rounded(counted.stayed if counted else None, 1),
        "compared_with_a_reason": _rounded(counted.recorded if counted else None, 1),
        "no_reason": _rounded(found.unrecorded),
        "lowest_of_stayed": _rounded(one.lowest),
        "highest_of_stayed": _rounded(one.highest),
    }


def _rounded(value: float | None, times: int = 100) -> float | None:
    return None if value is None else round(times * value, 1)
