"""The result type of a control chart."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from evalkit.check_register import Check
from evalkit.disclosure import gate
from evalkit.disclosure.rules import small_numbers
from evalkit.errors import EvaluationError
from evalkit.plain_frames import frame_from_dict, record_to_dict, rounded, rounded_number

SCHEMA_VERSION = 2
POINT_COLUMNS = (
    "period", "value", "judged", "centre", "lower", "upper", "outside_limits", "trend", "two_of_three", "shift",
    "special_cause", "both_ways", "nature", "lower_two_thirds", "upper_two_thirds", "target", "trajectory", "phase",
    "numerator", "denominator",
)  # fmt: skip
PHASE_COLUMNS = (
    "phase", "first", "last", "reason", "points", "centre", "lower", "upper", "mean_moving_range", "screened",
    "laney_factor",
)  # fmt: skip
WHOLE = ("phase", "points", "screened")
A_YEAR = {"M": 12, "Q-DEC": 4, "Y-DEC": 1}  # periods from one to that of the year after


@dataclass(frozen=True)
class Spoken:
    """One time that a rule spoke.

    Attributes
    ----------
    rule : str
        The column of ``Chart.points`` that says where it speaks.
    side : str
        ``high`` or ``low``: beyond which limit, on which side of the centre line, or rising or falling.
    nature : str
        What that is, as in ``Chart.points``.
    since, until : str
        The first and the last period that it is about, such as ``2025-08``.
    points : int
        How many reported points it rests on: those of the run, the trend, or those beyond the lines.
    at_last : bool
        Whether the last reported point is one of them.
    decides : bool
        Whether it decides what the last reported point is called, and so the icon.
    """

    rule: str
    side: str
    nature: str
    since: str
    until: str
    points: int
    at_last: bool
    decides: bool


@dataclass(frozen=True)
class SourceChange:
    """From the period ``since`` on, such as ``2025-11``, figures come from another source: ``what`` is known of it."""

    since: str
    what: str


@dataclass(frozen=True, eq=False)
class Chart:
    """A series over time, with what it does by itself and where it did something else.

    ``control_chart`` makes it. It says nothing of causes and gives no verdict.

    Attributes
    ----------
    kind : str
        ``xmr``, ``run``, ``p``, ``u``, ``c``, ``t`` or ``g``.
    rule : str
        Whose reading of the rules: ``mdc_2023`` or ``nhsr_0_2_2``.
    direction : str
        What is better: ``increase``, ``decrease`` or ``neutral``.
    measure, measure_unit, label : str
        What is drawn, in what, and whose it is: a measure's id or a column's name, its unit, a site or place.
    points : DataFrame
        A row a period, oldest first: ``period``; ``value``, as it was reported; ``judged``, what lines and rules are of:
        the value without its season where that was removed, and else the value itself; ``centre, lower, upper``; a column
        each for the rules ``outside_limits, trend, two_of_three, shift``; ``special_cause`` names the rule that decides,
        ``both_ways`` says that another speaks of the other way, and ``nature`` is what the point is:
        ``improvement_high``, ``improvement_low``, ``concern_high``, ``concern_low``, ``neutral_high``, ``neutral_low`` or
        ``common_cause``, empty where it is missing; then ``lower_two_thirds, upper_two_thirds, target, trajectory,
        phase``; ``numerator`` and ``denominator`` where they are known.
    phases : DataFrame
        A row a phase: ``phase, first, last, reason, points``; ``centre, lower, upper`` at its last point;
        ``mean_moving_range``, on the scale on which limits were made; ``screened``, how many moving ranges were left out
        of it; ``laney_factor``.
    variation : str
        What the last reported point is, as ``nature``, or ``not_enough_points``.
    assurance : str
        Whether the target will be met as things are: ``pass``, ``fail``, ``hit_and_miss``; or why that is not said:
        ``no_target``, ``no_better_direction``, ``no_limits``, ``not_enough_points``.
    target : float or None
        What assurance was judged against: the target, or else the trajectory, at the last reported point.
    season : str
        What was done about season, in a sentence; empty for series that have none.
    spoken : tuple of Spoken
        Each time that a rule spoke, since when, until when and of which way, oldest first.
    source_changes : tuple of SourceChange
        From when on figures come from another source, as far as it was told.
    checks : tuple of Check
        What to know before reading it.
    notes : tuple of str
        What was done, a sentence each.
    data : mapping
        As of an ``Effect``: table, window, fingerprint of the rows used, disclosure rule.
    gated : bool
        True once ``published`` has passed everything through the disclosure gate.
    schema_version : int
        Of what ``to_dict`` gives.

    Examples
    --------
    Visits to the major A&E of a trust, with their limits:

    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="RRK", measure="ae-attendances-type-1", last="2018-03"
    ... )
    >>> chart = ek.control_chart(
    ...     frame, outcome="value", time="period", direction="neutral"
    ... )
    >>> chart.variation
    'common_cause'
    >>> phase = chart.phases[["points", "centre", "lower", "upper"]]
    >>> print(phase.round(1).to_string(index=False))
     points  centre  lower   upper
         24  9696.9 8273.4 11120.3
    >>> ek.publish(chart)
    Published from table ae-monthly-2016-2019 under the rule
    'official_statistics': ae-attendances-type-1, RRK.
    """

    MEDIA_TYPE: ClassVar[str] = "application/vnd.evalkit.chart+json"

    kind: str
    rule: str
    direction: str
    measure: str
    measure_unit: str
    label: str
    points: pd.DataFrame
    phases: pd.DataFrame
    variation: str
    assurance: str
    target: float | None = None
    season: str = ""
    spoken: tuple[Spoken, ...] = ()
    source_changes: tuple[SourceChange, ...] = ()
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    gated: bool = False
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        for name, columns in (("points", POINT_COLUMNS), ("phases", PHASE_COLUMNS)):
            if tuple(getattr(self, name).columns) != columns:
                raise ValueError(f"{name} needs the columns {', '.join(columns)}")

    @property
    def last(self) -> pd.Series:
        """The row of the last reported point."""
        return self._last_row

    @cached_property
    def _last_row(self) -> pd.Series:
        return self.points.iloc[self.points["value"].notna().to_numpy().nonzero()[0][-1]]

    @property
    def year_before(self) -> pd.Series | None:
        """The row of the same period a year before the last reported one; None where there is none, or it has no figure.

        Of months, quarters and years; no week or day is that of a year before. None too where limits were made anew
        between the two, as what was counted before is not what is counted since.
        """
        return self._year_before

    @cached_property
    def _year_before(self) -> pd.Series | None:
        point = self.last
        last = point["period"]
        if not isinstance(last, pd.Period) or last.freqstr not in A_YEAR:
            return None
        row = self.points[
            (self.points["period"] == last - A_YEAR[last.freqstr])
            & self.points["value"].notna()
            & (self.points["phase"] == point["phase"])
        ]
        return row.iloc[0] if len(row) else None

    @property
    def about(self) -> str:
        """What it is of, in a few words."""
        return f"{self.measure}, {self.label}" if self.label else self.measure

    def published(self, rule: str) -> "Chart":
        """This chart as it may be shown: its points passed through the disclosure ``rule``, numbers rounded.

        Limits are made of the points and of nothing else, so under a rule for small numbers those have to be points that
        the gate let through: rows of a table under the same rule, as ``ek.load`` gives them.

        Raises
        ------
        EvaluationError
            Where the rule is unknown, or where it is one for small numbers and the points did not come through it.
        """
        numbers = small_numbers(rule)
        if numbers is not None:
            if self.data.get("disclosure") != rule:
                raise EvaluationError(
                    f"The points of this chart did not come through the rule {rule!r}, and limits would give small numbers"
                    " away: put the table through `evalkit gate`, load it with ek.load, and draw the chart again."
                )
            for name in ("numerator", "denominator"):
                counts = self.points[["period", name]].dropna()
                withheld = counts[~counts[name].map(numbers.may_be_shown)]
                if len(withheld):
                    raise EvaluationError(
                        f"The {name} of {withheld['period'].iloc[0]} is a count that the rule {rule!r} does not show:"
                        " put the table through `evalkit gate` again."
                    )
        return replace(
            self,
            points=rounded(gate.shown(self.points, rule)),
            phases=rounded(gate.shown(self.phases, rule)),
            target=rounded_number(self.target),
            data={**self.data, "disclosure": rule},
            gated=True,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values only: frames as ``{columns, rows}``, periods as text, missing as None.

        Of ``points``, ``value`` is as reported, and ``judged`` what limits and rules are of.
        """
        return record_to_dict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Chart":
        """The chart that ``to_dict`` wrote.

        Raises
        ------
        EvaluationError
            Where the dictionary is not one, or is of another schema version.
        """
        if plain.get("schema_version") != SCHEMA_VERSION:
            raise EvaluationError(
                f"This chart has schema version {plain.get('schema_version')!r}, evalkit reads {SCHEMA_VERSION}: draw it"
                " again."
            )
        values = dict(plain)
        try:
            for name in ("points", "phases"):
                frame = frame_from_dict(values[name])
                values[name] = frame.astype({column: int for column in WHOLE if column in frame})
            values["checks"] = tuple(Check(**check) for check in values["checks"])
            values["spoken"] = tuple(Spoken(**one) for one in values["spoken"])
            values["source_changes"] = tuple(SourceChange(**one) for one in values["source_changes"])
            values["notes"] = tuple(values["notes"])
            return cls(**values)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise EvaluationError(f"This is not a chart of evalkit ({error}): draw it again.") from error
