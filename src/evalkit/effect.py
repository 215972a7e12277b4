"""The one result type of an estimate."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pandas as pd

from evalkit.check_register import Check
from evalkit.design_register import designs
from evalkit.disclosure import gate
from evalkit.errors import EvaluationError
from evalkit.plain_frames import frame_from_dict, frame_to_dict, record_to_dict, rounded, rounded_number

SCHEMA_VERSION = 2
# On real series with invented starts errors clustered by unit claim a change in about one case of ten with 6 to 12 treated
# units (tools/false_alarms_differences.py); from 20 on they come near one in twenty.
FEW_UNITS = 20
ESTIMATE_COLUMNS = (
    "role", "term", "month", "cohort", "method", "estimate", "low", "high", "std_error", "p_value", "df", "scale",
)  # fmt: skip
SERIES_COLUMNS = (
    "period", "observed", "fitted", "counterfactual", "counterfactual_low", "counterfactual_high", "in_transition",
)  # fmt: skip
TABLES = ("event_study", "weights", "placebo", "decomposition", "members", "influence", "points", "lasting")


@dataclass(frozen=True, eq=False)
class Effect:
    """What changed, how sure we are and what speaks against it. Every design returns one.

    Attributes
    ----------
    design, estimand, method_of_interval : str
        What was fitted, what the headline means, how its interval was made.
    measure, measure_unit : str
        What was counted: a measure's id, or a column's name; and in what.
    treated_units, interruptions : tuple of str
        The units that changed, and the days or periods on which they did.
    estimates : DataFrame
        No rows where a design only describes. Else tidy, headline first: role, term, month, cohort, method, estimate, low, high, std_error, p_value, df, scale.
        ``role`` is headline, term, sensitivity, comparison or follow_up; ``scale`` is unit, points, log, log_odds or
        percent; total, in what is counted, for what adds up over periods. An unbounded end is missing, with a note.
    series : DataFrame
        One row a period, in the measure's own unit: period, observed, fitted, counterfactual, counterfactual_low,
        counterfactual_high, in_transition.
    coefficients : DataFrame
        The whole model: term, estimate, low, high, std_error, p_value.
    tables : mapping of str to DataFrame
        Of these names, where the design has them: event_study, weights, placebo, decomposition, members, influence;
        points, of what is only described: period, part (before, holds the start, after), numerator, denominator, value, and
        low and high of its own 95% interval; lasting, of each horizon after the change the effect in the quarter of a year
        that ends then, and what it changed by since the first horizon, with intervals that hold all at once, or the reason
        why there is none.
    checks : tuple of Check
        Every question that was put to the estimate, with what was seen.
    notes : tuple of str
        What a reader has to know besides, in sentences.
    minimum_detectable_effect : float or None
        Smallest true change found four times in five by this analysis, on the scale of ``headline``.
    data : mapping
        Table, SHA-256 of the rows used, first and last period, disclosure rule.
    end : str or None
        Last day or month of a change that ended.
    gated : bool
        True once ``published`` has passed everything through the disclosure gate.
    schema_version : int
        Of what ``to_dict`` gives.

    Examples
    --------
    Visits to the A&E of Weston, which closed at night from July 2017, as a percentage, with its 95% interval:

    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2019-03",
    ... )
    >>> effect = ek.interrupted_time_series(
    ...     frame, outcome="value", time="period", unit="unit",
    ...     treated="weston", interruption="2017-07-04",
    ...     model="level", log=True, per_day=True, seasonality=2,
    ... )
    >>> headline = effect.headline[["estimate", "low", "high"]]
    >>> headline.astype(float).round(1).to_dict()
    {'estimate': -15.3, 'low': -23.4, 'high': -4.5}
    >>> round(effect.minimum_detectable_effect, 1)
    16.9

    The same under other reasonable choices, and the checks that were not passed:

    >>> other = effect.estimates.query(
    ...     "role == 'sensitivity' and scale == 'percent'"
    ... )
    >>> other = other[["method", "estimate", "low", "high"]].round(1)
    >>> print(other.to_string(index=False))
                          method  estimate   low  high
             without seasonality     -14.7 -25.8  -1.9
       without the last 3 months     -14.7 -23.2  -3.5
    one more month of transition     -12.6 -22.6   3.5
           level and slope model     -14.8 -21.9  -4.6
    >>> [check.name for check in effect.checks if check.passed is False]
    []
    """

    MEDIA_TYPE: ClassVar[str] = "application/vnd.evalkit.effect+json"

    design: str
    estimand: str
    measure: str
    measure_unit: str
    treated_units: tuple[str, ...]
    interruptions: tuple[str, ...]
    method_of_interval: str
    estimates: pd.DataFrame
    series: pd.DataFrame
    coefficients: pd.DataFrame
    minimum_detectable_effect: float | None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    end: str | None = None
    gated: bool = False
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        for name, columns in (("estimates", ESTIMATE_COLUMNS), ("series", SERIES_COLUMNS)):
            if tuple(getattr(self, name).columns) != columns:
                raise ValueError(f"{name} needs the columns {', '.join(columns)}")
        unknown = set(self.tables) - set(TABLES)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))}: not a table of an Effect; use one of {', '.join(TABLES)}")
        if self.estimates.empty and self._describes():
            if "points" not in self.tables:
                raise ValueError("what is only described needs the table points")
        elif self.estimates.empty or self.estimates["role"].iloc[0] != "headline":
            raise ValueError("the first row of estimates must be the headline")

    def _describes(self) -> bool:
        design = designs().get(self.design)
        return design is not None and design.describes

    @property
    def is_estimated(self) -> bool:
        """Whether a change was estimated; else there are points, and no headline."""
        return not self.estimates.empty

    @property
    def headline(self) -> pd.Series:
        """The headline row, on the scale readers are told: percent where the model is on the log scale.

        Raises
        ------
        EvaluationError
            Where nothing was estimated.
        """
        if not self.is_estimated:
            raise EvaluationError(
                f"{self.measure} at {', '.join(self.treated_units)} is only described, so there is no estimate to read."
            )
        rows = self.estimates[self.estimates["role"] == "headline"]
        percent = rows[rows["scale"] == "percent"]
        return (rows if percent.empty else percent).iloc[0]

    @property
    def about(self) -> str:
        """What it is of, in a few words."""
        return f"{self.measure}, {', '.join(self.treated_units)}"

    @property
    def comparators_used(self) -> int:
        """Number of units that the treated were compared with."""
        members = self.tables.get("members")
        if members is None:
            return 0
        return int((members["used"].astype(bool) & ~members["unit"].isin(self.treated_units)).sum())

    def at(self, month: int, scale: str | None = None) -> pd.Series:
        """The row of the effect in ``month`` (1 = first period kept after the interruption).

        Raises
        ------
        EvaluationError
            Where the design did not estimate that month.
        """
        scale = scale or self.headline["scale"]
        rows = self.estimates[(self.estimates["month"] == month) & (self.estimates["scale"] == scale)]
        rows = rows[rows["role"].isin(("headline", "term"))]
        if rows.empty:
            months = self.estimates["month"].dropna()
            known = f"months 1 to {int(months.max())} are" if len(months) else "no month is"
            raise EvaluationError(f"Month {month} was not estimated for {self.measure}: {known} available.")
        return rows.iloc[0]

    def published(self, rule: str) -> "Effect":
        """This effect as it may be shown: every frame passed through the disclosure ``rule``, numbers rounded.

        Rounding to nine significant digits makes the same inputs give the same bytes on every machine.

        Raises
        ------
        EvaluationError
            Where the rule is unknown.
        """
        frames = {
            name: rounded(gate.shown(getattr(self, name), rule)) for name in ("estimates", "series", "coefficients")
        }
        tables = {name: rounded(gate.shown(table, rule)) for name, table in self.tables.items()}
        return replace(
            self,
            **frames,
            tables=tables,
            minimum_detectable_effect=rounded_number(self.minimum_detectable_effect),
            data={**self.data, "disclosure": rule},
            gated=True,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values only: frames as ``{columns, rows}``, periods as text, missing as None."""
        tables = {name: frame_to_dict(self.tables[name]) for name in TABLES if name in self.tables}
        return record_to_dict(self) | {"tables": tables}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Effect":
        """The effect that ``to_dict`` wrote.

        Raises
        ------
        EvaluationError
            Where the dictionary is not one, or is of another schema version.
        """
        refuse_other_schema(plain)
        values = dict(plain)
        try:
            for name in ("estimates", "series", "coefficients"):
                values[name] = frame_from_dict(values[name])
            values["tables"] = {name: frame_from_dict(table) for name, table in values["tables"].items()}
            values["checks"] = tuple(Check(**check) for check in values["checks"])
            for name in ("treated_units", "interruptions", "notes"):
                values[name] = tuple(values[name])
            return cls(**values)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise EvaluationError(f"This is not an evalkit result ({error}): run the analysis again.") from error


def refuse_other_schema(plain: Mapping[str, Any]) -> None:
    """Refuse what another version of ``Effect.to_dict`` wrote."""
    if plain.get("schema_version") != SCHEMA_VERSION:
        raise EvaluationError(
            f"This result has schema version {plain.get('schema_version')!r}, evalkit reads {SCHEMA_VERSION}:"
            " run the analysis again."
        )


def as_percent(log_change: float) -> float:
    """100 (exp(x) - 1): a change on the log scale as a percentage."""
    return 100 * math.expm1(log_change)
