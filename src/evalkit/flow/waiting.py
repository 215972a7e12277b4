"""Of the patients who were ready to leave and stayed, how many waited for whom: shares as ranges, never one figure.

Recorded reasons are shared out by two readings of what each reason means. A class is the least where every reason that the
readers read differently is read away from it, and the most where each is read into it: the readers can differ in opposite
ways, so that two whole readings give one share although its parts are open. Patients who stayed without a recorded reason may
have waited for anybody, so that of all who stayed a share lies between none of them and all of them (worst-case bounds,
Manski 1989, Anatomy of the selection problem, Journal of Human Resources 24, 343-360).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

# Of the patients with a reason, the share in months of more reasons than patients who stayed, up to which the other months
# still say how many are without one. Set by this project: no published threshold was found.
IN_CONFLICT_AT_MOST = 0.25


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

    @property
    def recorded(self) -> float:
        """Patients with a reason."""
        return sum((self.counts or {}).values())

    @property
    def stayed(self) -> float | None:
        """Those who were ready and did not leave that day; None where not known."""
        return None if self.ready is None or self.left is None else max(self.ready - self.left, 0)

    @property
    def in_conflict(self) -> bool:
        """Whether more patients have a reason than stayed."""
        return self.stayed is not None and self.recorded > self.stayed


@dataclass(frozen=True)
class ClassShare:
    """A class of reasons, as shares of 1.

    Attributes
    ----------
    readings : of recorded patients, by the first and by the second reading as a whole
    low, high : of recorded patients, those of reasons that both readings have in this class, and of those that any has
    lowest, highest : of all who stayed, where both counts are there and agree, with none and with all of those without a reason;
        None where that cannot be told
    """

    name: str
    readings: tuple[float, float]
    low: float
    high: float
    lowest: float | None
    highest: float | None


@dataclass(frozen=True)
class Counted:
    """Months of organisations in which it is known how many stayed; patients on an average day of the months that have any.

    Attributes
    ----------
    months : of organisations
    ready, left, stayed, recorded : ``stayed`` is ``ready`` without ``left``
    """

    months: int
    ready: float
    left: float
    stayed: float
    recorded: float


@dataclass(frozen=True)
class Waiting:
    """Whom patients waited for, over some months of one organisation or of several.

    Attributes
    ----------
    months : that have recorded reasons, in order
    recorded : patients with a recorded reason on an average day, all that are in the table
    counted : where it is known how many stayed and, if ``unrecorded`` is told, no count is in conflict; None without any
    unrecorded : share of those who stayed without a recorded reason; None where that cannot be told
    classes : in the order of ``names``
    reasons : patients on an average day by reason
    reported : months of organisations with reasons, or that reported how many stayed
    in_conflict : code and month with more recorded reasons than patients who stayed: nothing is told of those without one
    silent : code and month in which it was reported how many stayed and no reason; they count as unrecorded
    not_counted : code and month with reasons, where it is not known how many stayed
    """

    months: tuple[str, ...]
    recorded: float
    counted: Counted | None
    unrecorded: float | None
    classes: tuple[ClassShare, ...]
    reasons: Mapping[str, float]
    reported: int
    in_conflict: tuple[tuple[str, str], ...]
    silent: tuple[tuple[str, str], ...]
    not_counted: tuple[tuple[str, str], ...]

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
    Figures of organisations are added, and divided by the number of months. Shares of recorded patients are of all of them.
    Shares of those who stayed are of the months of organisations in which both counts are there and agree, so that both
    parts of a share are of the same patients; they are told unless months in conflict hold more than ``IN_CONFLICT_AT_MOST``
    of the recorded patients of all months with both counts.

    Raises
    ------
    KeyError
        For a reason without a reading.
    """
    rows = sorted(rows, key=lambda row: (row.code, row.month))
    months = tuple(sorted({row.month for row in rows if row.recorded}))
    used = [row for row in rows if row.month in months and (row.counts is not None or row.stayed is not None)]
    totals = _totals(used)
    recorded = sum(totals.values())
    if not recorded:
        return None
    known = [row for row in used if row.stayed is not None]
    agreeing = [row for row in known if not row.in_conflict]
    of_known, of_agreeing = (sum(row.recorded for row in each) for each in (known, agreeing))
    told = of_agreeing > 0 and of_known - of_agreeing <= IN_CONFLICT_AT_MOST * of_known
    counted = _counted(agreeing if told else known)
    bounds = _bounds(agreeing, readings, names) if told else {}
    return Waiting(
        months=months,
        recorded=recorded / len(months),
        counted=counted,
        unrecorded=1 - counted.recorded / counted.stayed if told and counted else None,
        classes=tuple(_share(name, totals, readings, recorded, bounds.get(name, (None, None))) for name in names),
        reasons={reason: count / len(months) for reason, count in totals.items()},
        reported=len(used),
        in_conflict=tuple((row.code, row.month) for row in known if row.in_conflict),
        silent=tuple((row.code, row.month) for row in used if row.counts is None),
        not_counted=tuple((row.code, row.month) for row in used if row.stayed is None),
    )


def by_month(
    rows: Iterable[TrustMonth], readings: Mapping[str, tuple[str, str]], names: Sequence[str]
) -> list[tuple[str, Waiting]]:
    """Of each month by itself, in order; a month without a recorded reason is left out."""
    of_month: dict[str, list[TrustMonth]] = {}
    for row in rows:
        of_month.setdefault(row.month, []).append(row)
    found = [(month, waiting(of_month[month], readings, names)) for month in sorted(of_month)]
    return [(month, one) for month, one in found if one is not None]


def _totals(rows: Iterable[TrustMonth]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for row in rows:
        for reason, count in (row.counts or {}).items():
            totals[reason] = totals.get(reason, 0) + count
    return totals


def _counted(rows: Sequence[TrustMonth]) -> Counted | None:
    if not rows:
        return None
    months = len({row.month for row in rows})
    ready, left, stayed, recorded = (
        sum(values) / months
        for values in zip(
            *((row.ready or 0, row.left or 0, row.stayed or 0, row.recorded) for row in rows), strict=True
        )
    )
    return Counted(len(rows), ready, left, stayed, recorded)


@dataclass(frozen=True)
class _OfClass:
    """Patients of a class: by each whole reading, by the reasons that both have in it, and by those that any has."""

    readings: tuple[float, float]
    both: float
    any: float


def _of_class(name: str, totals: Mapping[str, float], readings: Mapping[str, tuple[str, str]]) -> _OfClass:
    first, second, both, either = (
        sum(count for reason, count in totals.items() if there(*(read == name for read in readings[reason])))
        for there in (lambda one, _: one, lambda _, two: two, lambda one, two: one and two, lambda one, two: one or two)
    )
    return _OfClass((first, second), both, either)


def _bounds(
    rows: Sequence[TrustMonth], readings: Mapping[str, tuple[str, str]], names: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Of each class the lowest and the highest share of those who stayed."""
    totals, stayed = _totals(rows), sum(row.stayed or 0 for row in rows)
    without = stayed - sum(totals.values())
    found = {name: _of_class(name, totals, readings) for name in names}
    return {name: (one.both / stayed, (one.any + without) / stayed) for name, one in found.items()}


def _share(
    name: str,
    totals: Mapping[str, float],
    readings: Mapping[str, tuple[str, str]],
    recorded: float,
    bounds: tuple[float | None, float | None],
) -> ClassShare:
    found = _of_class(name, totals, readings)
    first, second = (count / recorded for count in found.readings)
    return ClassShare(name, (first, second), found.both / recorded, found.any / recorded, *bounds)
