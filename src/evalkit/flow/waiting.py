"""Of the patients who were ready to leave, how many waited for whom: shares as ranges, never one figure.

Recorded reasons are shared out by two readings of what each reason means. Patients without a recorded reason may have waited
for anybody, so that of all who waited a share lies between none of them and all of them (worst-case bounds, Manski 1989,
Anatomy of the selection problem, Journal of Human Resources 24, 343-360).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class TrustMonth:
    """One organisation in one month; patients on an average day.

    Attributes
    ----------
    counts : patients by recorded reason; None where no reasons were reported
    ready : all who no longer met the criteria to reside; None where that was not reported
    left : of these, discharged that day; None where not reported
    """

    code: str
    month: str
    counts: Mapping[str, float] | None
    ready: float | None
    left: float | None = None


@dataclass(frozen=True)
class ClassShare:
    """A class of reasons, as shares of 1.

    Attributes
    ----------
    readings : of recorded patients, by the first and by the second reading
    low, high : of recorded patients, the smaller and the larger of these
    lowest, highest : of all who waited, with none and with all of those without a reason; None where it is not known how many waited
    """

    name: str
    readings: tuple[float, float]
    low: float
    high: float
    lowest: float | None
    highest: float | None


@dataclass(frozen=True)
class Waiting:
    """Whom patients waited for, over some months of one organisation or of several.

    Attributes
    ----------
    months : that have recorded reasons, in order
    recorded : patients with a recorded reason on an average day
    ready : all who no longer met the criteria to reside; None where not reported
    left : of these, discharged that day; None where not reported for all of them
    unrecorded : share of ``ready`` without a recorded reason; None where ``ready`` is
    classes : in the order of ``names``
    reasons : patients on an average day by reason
    more_reasons : months of organisations with more recorded reasons than patients who were ready: there nobody is without one
    silent : months of organisations that reported how many waited and no reason; they count as unrecorded
    left_out : months of organisations with reasons that are not here, as how many were ready was not reported
    """

    months: tuple[str, ...]
    recorded: float
    ready: float | None
    left: float | None
    unrecorded: float | None
    classes: tuple[ClassShare, ...]
    reasons: Mapping[str, float]
    more_reasons: int
    silent: int
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        """Its fields as plain values."""
        return asdict(self)


def waiting(
    rows: Iterable[TrustMonth], readings: Mapping[str, tuple[str, str]], names: Sequence[str]
) -> Waiting | None:
    """Whom patients waited for, over all months in which any of these organisations recorded reasons.

    Parameters
    ----------
    rows : one a month and organisation
    readings : the class of each reason by the first and by the second reading
    names : every class, in the order in which they are told

    Returns
    -------
    Waiting or None
        None where no patient has a recorded reason.

    Notes
    -----
    Figures of organisations are added, and divided by the number of months. An organisation that reported reasons and not
    how many were ready is left out where any other did report it, so that both parts of a share are of the same patients.

    Raises
    ------
    KeyError
        For a reason without a reading.
    """
    rows = list(rows)
    months = tuple(sorted({row.month for row in rows if row.counts is not None}))
    used = [row for row in rows if row.month in months]
    known = [row for row in used if row.ready is not None]
    bounded = any(row.counts is not None for row in known)
    left_out = sum(row.counts is not None and row.ready is None for row in used) if bounded else 0
    used = known if bounded else [row for row in used if row.counts is not None]
    months = tuple(sorted({row.month for row in used if row.counts is not None}))
    used = [row for row in used if row.month in months]
    totals: dict[str, float] = {}
    for row in used:
        for reason, count in (row.counts or {}).items():
            totals[reason] = totals.get(reason, 0) + count
    recorded = sum(totals.values())
    if not recorded:
        return None
    of_row = [(row, sum((row.counts or {}).values())) for row in used]
    ready = sum(max(row.ready or 0, count) for row, count in of_row) if bounded else None
    classes = tuple(_share(name, totals, readings, recorded, ready) for name in names)
    return Waiting(
        months=months,
        recorded=recorded / len(months),
        ready=None if ready is None else ready / len(months),
        left=_left(used, len(months)) if bounded else None,
        unrecorded=None if ready is None else (ready - recorded) / ready,
        classes=classes,
        reasons={reason: count / len(months) for reason, count in totals.items()},
        more_reasons=sum(row.ready is not None and count > row.ready for row, count in of_row) if bounded else 0,
        silent=sum(row.counts is None for row in used),
        left_out=left_out,
    )


def by_month(
    rows: Iterable[TrustMonth], readings: Mapping[str, tuple[str, str]], names: Sequence[str]
) -> list[tuple[str, Waiting]]:
    """Of each month by itself, in order, whom all patients with a recorded reason waited for, whatever else was reported.

    A month without a recorded reason is left out.
    """
    of_month: dict[str, list[TrustMonth]] = {}
    for row in rows:
        of_month.setdefault(row.month, []).append(replace(row, ready=None, left=None))
    found = [(month, waiting(of_month[month], readings, names)) for month in sorted(of_month)]
    return [(month, one) for month, one in found if one is not None]


def _left(rows: Sequence[TrustMonth], months: int) -> float | None:
    left = [row.left for row in rows]
    return None if any(one is None for one in left) else sum(one or 0 for one in left) / months


def _share(
    name: str,
    totals: Mapping[str, float],
    readings: Mapping[str, tuple[str, str]],
    recorded: float,
    ready: float | None,
) -> ClassShare:
    of_class = [sum(count for reason, count in totals.items() if readings[reason][reader] == name) for reader in (0, 1)]
    low, high = sorted(of_class)
    lowest = None if ready is None else low / ready
    highest = None if ready is None else (high + ready - recorded) / ready
    first, second = (count / recorded for count in of_class)
    return ClassShare(name, (first, second), low / recorded, high / recorded, lowest, highest)
