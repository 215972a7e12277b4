"""The questions that are put to an estimate: one list, from which designs ask, certainty counts and pages explain."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.errors import weeks_said

# What a check can lower certainty for, with the words of the reasons.
DOMAINS = {"data": "the data", "precision": "precision", "rivals": "rival causes", "analysis": "the analysis"}

# A period decides where the headline moves this far without it, in half-widths of its interval: less only says that the
# interval was near no change, which precision counts. Chosen on simulated series (tests/validation/test_single_months.py).
DECIDES = 0.25


@dataclass(frozen=True)
class Check:
    """One question put to an estimate, with what was seen.

    Attributes
    ----------
    code : str
        Of its kind, the same in every result.
    domain : str or None
        One of ``DOMAINS``: a check that did not pass lowers certainty there. ``None``: it never does.
    name : str
        What readers call it.
    passed : bool or None
        ``None`` where the answer is only for information.
    detail : str
        What was seen, in a sentence.

    Examples
    --------
    >>> import evalkit as ek
    >>> check = ek.Check(
    ...     code="enough_points", domain="data", name="Enough points",
    ...     passed=False, detail="9 points before and 8 after are few.",
    ... )
    >>> check.lowers_certainty
    True
    """

    code: str
    domain: str | None
    name: str
    passed: bool | None
    detail: str

    @property
    def lowers_certainty(self) -> bool:
        """Whether certainty goes down for it."""
        return self.domain is not None and self.passed is False


@dataclass(frozen=True)
class CheckKind:
    """A question that can be put to an estimate.

    Attributes
    ----------
    name : str
        ``{period}`` stands for what one period of the series is.
    fails_when : str
        Ends the sentence "It does not pass where ..."; empty where it always is for information.
    of_assumptions : bool
        Whether it speaks to what a comparison with other places assumes.
    """

    code: str
    domain: str | None
    name: str
    fails_when: str = ""
    of_assumptions: bool = False

    def result(self, passed: bool | None, detail: str, period: str = "period") -> Check:
        """The check, asked of one estimate."""
        return Check(self.code, self.domain, self.name.format(period=period), passed, weeks_said(detail))

    def in_general(self) -> str:
        """Its name where no series is meant."""
        return self.name.format(period="month")


ENOUGH_POINTS = CheckKind(
    "enough_points",
    "data",
    "Enough points",
    "there are fewer than 24 points, or in a difference-in-differences fewer than 3 periods on one side",
)
MISSING_PERIODS = CheckKind("missing_periods", "data", "Missing periods", "more than 5% of periods are missing")
SAME_UNITS = CheckKind(
    "same_units_throughout", "data", "Same units throughout", "a place that changed had to be left out"
)
MERGERS = CheckKind(
    "mergers",
    "data",
    "Mergers",
    "a place, or one that it is compared with, grew by a jump in the month in which the code of another ended",
)
SINGLE_PERIODS = CheckKind(
    "single_periods",
    "data",
    "Single {period}s",
    "a change is claimed, and without one of the three months either side of it the estimate moves so far, by"
    f" {DECIDES:g} times the half-width of its interval or more, that an interval of the same width would take no change in",
)
COMPARATORS_INVENTED_START = CheckKind(
    "comparators_invented_start",
    "rivals",
    "Comparators with an invented start",
    "a change is claimed and too many comparators moved as far",
)
INVENTED_DATE = CheckKind(
    "invented_date",
    "rivals",
    "Invented date before the change",
    "an invented date before the change finds something",
    of_assumptions=True,
)
ENOUGH_COMPARATORS = CheckKind(
    "enough_comparators", "rivals", "Enough comparators", "there are comparators, but fewer than 19"
)
PARALLEL_TRENDS = CheckKind(
    "parallel_trends",
    "rivals",
    "Parallel trends before the change",
    "trends were not parallel before it",
    of_assumptions=True,
)
CHANGE_SHORTLY_BEFORE = CheckKind(
    "change_shortly_before",
    "rivals",
    "Change shortly before the start",
    "the last months before it already differed",
    of_assumptions=True,
)
FIT_BEFORE = CheckKind(
    "fit_before",
    "rivals",
    "Fit before the change",
    "a synthetic control did not follow closely before",
    of_assumptions=True,
)
ENOUGH_TREATED_UNITS = CheckKind(
    "enough_treated_units",
    "rivals",
    "Enough treated units",
    "errors clustered by unit were asked for with few units on one side",
)
WHOLE_YEARS = CheckKind(
    "whole_years",
    "rivals",
    "Whole years of it and after it",
    "a change ended, and there is under a year of it or of the time after it",
)
TREND_LEFT_OUT = CheckKind(
    "trend_left_out",
    "rivals",
    "Trend left out",
    "the model has no trend, and the figures have one",
)
LIKENESS_OF_NEIGHBOURS = CheckKind(
    "likeness_of_neighbours",
    None,
    "Likeness of neighbouring {period}s",
    "the likeness may well be close to 1 (a chance above 30% that it is over 0.9)",
)
SEASON = CheckKind("season", None, "Season", "there are under two years of data to tell the season by")
BEND_BEFORE = CheckKind(
    "bend_before",
    None,
    "Straight trend before the change",
    "the trend before the change bends, as that of one series in fifteen does by chance",
)
SIZE_OF_SEASON = CheckKind(
    "size_of_season",
    None,
    "Season of one size",
    "the season is larger or smaller after the change, as that of one series in fifteen is by chance",
)
OUTCOME_MOVES = CheckKind("outcome_moves", None, "Outcome that moves", "the outcome is the same in every period")
MANY_ZEROS = CheckKind("many_zeros", None, "Many zeros", "more than 30% of the periods are zero")
SINGLE_UNITS = CheckKind(
    "single_units", None, "Single units", "the estimate is clear and would turn without one of them"
)
WEIGHTS = CheckKind("weights", None, "Weights")
NUMBER_OF_SITES = CheckKind("number_of_sites", None, "Number of sites", "fewer than 5 sites are pooled")
DIFFERENCES_BETWEEN_SITES = CheckKind("differences_between_sites", None, "Differences between sites")
SHARED_COMPARATORS = CheckKind("shared_comparators", None, "Shared comparators")
ENOUGH_POINTS_BEFORE = CheckKind(
    "enough_points_before",
    None,
    "Enough points before",
    "a sketch of power rests on too few points",
)

# Those that can lower certainty first, by domain.
KINDS = (
    ENOUGH_POINTS,
    MISSING_PERIODS,
    SAME_UNITS,
    MERGERS,
    SINGLE_PERIODS,
    COMPARATORS_INVENTED_START,
    INVENTED_DATE,
    ENOUGH_COMPARATORS,
    PARALLEL_TRENDS,
    CHANGE_SHORTLY_BEFORE,
    FIT_BEFORE,
    ENOUGH_TREATED_UNITS,
    WHOLE_YEARS,
    TREND_LEFT_OUT,
    LIKENESS_OF_NEIGHBOURS,
    SEASON,
    BEND_BEFORE,
    SIZE_OF_SEASON,
    OUTCOME_MOVES,
    MANY_ZEROS,
    SINGLE_UNITS,
    WEIGHTS,
    NUMBER_OF_SITES,
    DIFFERENCES_BETWEEN_SITES,
    SHARED_COMPARATORS,
    ENOUGH_POINTS_BEFORE,
)


def that_lower_certainty() -> list[CheckKind]:
    """The kinds of check for which certainty goes down."""
    return [kind for kind in KINDS if kind.domain is not None]


def lowering(checks: Sequence[Check], domain: str) -> list[str]:
    """What was seen by each check that did not pass, in one domain."""
    return [check.detail for check in checks if check.domain == domain and check.lowers_certainty]
