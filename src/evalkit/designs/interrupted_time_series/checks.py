"""Questions put to a segmented fit, each with what was seen."""

from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit import check_register
from evalkit.adequacy import Adequacy, adequacy
from evalkit.check_register import Check
from evalkit.designs.interrupted_time_series.against_comparators import Placebo
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.designs.interrupted_time_series.shape_checks import bend_before, season_of_one_size, trend_left_out
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.fit import Correlation
from evalkit.inference.contrast import Contrast
from evalkit.intake.periods import NUMBERED, a_year, name_of, resolve_interruption

MISSING_AT_MOST = 0.05
PERSISTENT_FROM = 0.3
ZEROS_AT_MOST = 0.3
INVENTED_DATE_FROM = 16
SHORT_PERIODS = ("D", "W")  # of which many are there before a year is
SAME = 1e-12


def judge_adequacy(case: SeriesFit, label: str, headline: str) -> Adequacy:
    """Whether the series can bear the model.

    Raises
    ------
    EvaluationError
        Where it is too short for one, or for the headline asked for.
    """
    used, after, frequency = case.used, case.design.after, case.design.periods.freqstr
    enough_time = _two_years(frequency)
    terms = case.design.matrix.shape[1]
    shortest_after = min(int((used & after & part).sum()) for part in _parts_after(case))
    judged = adequacy(int((used & ~after).sum()), shortest_after, terms, enough_time, int(used.sum()))
    series = "The series" if label == "series" else f"The series of {label}"
    if case.design.seasonality and case.used.sum() < enough_time:
        raise EvaluationError(
            f"{series} has {case.used.sum()} {name_of(frequency)}s, and a season of the year needs two years of them"
            f" ({enough_time}): use seasonality=None, or add earlier figures."
        )
    if not judged.can_model:
        raise EvaluationError(f"{series} has {judged.sentence}")
    if headline == "slope" and judged.verdict == "level_only":
        raise EvaluationError(f"{series} has {judged.sentence} Use headline='level' or 'mean'.")
    return judged


def _parts_after(case: SeriesFit) -> list[np.ndarray]:
    """The time after the change, or where it ended the time of it and the time after that."""
    return [case.design.ended, ~case.design.ended] if case.design.end else [case.design.after]


def _two_years(frequency: str) -> int:
    """The periods in two years where they are so short that many are there before a year is; else 0."""
    return 2 * a_year(frequency) if frequency[0] in SHORT_PERIODS else 0


def all_checks(
    case: SeriesFit,
    headline: str,
    judged: Adequacy,
    correlation: Correlation | None,
    placebo: Placebo | None,
    own: Contrast,
    headline_contrast: Contrast,
    influence: pd.DataFrame,
) -> tuple[Check, ...]:
    """Every check, those that certainty reads first."""
    results: list[Check | None] = [judged.as_check(), _missing(case), _invented_date(case)]
    if case.gap is not None and placebo is not None:
        results += [placebo.check(own, headline_contrast.low > 0 or headline_contrast.high < 0), case.gap.check()]
    results += [
        _whole_years(case),
        trend_left_out(case),
        _correlation(case, correlation),
        _season(case),
        bend_before(case),
        season_of_one_size(case),
    ]
    results += [_moves(case), _zeros(case)]
    results.append(_single_months(case, headline_contrast, influence))
    return tuple(check for check in results if check is not None)


def data_checks(case: SeriesFit, judged: Adequacy) -> tuple[Check, ...]:
    """Those that look at the figures alone."""
    checks = (judged.as_check(), _missing(case), _zeros(case))
    return tuple(check for check in checks if check is not None)


def _missing(case: SeriesFit) -> Check:
    wanted = case.keep & ~case.design.in_transition
    share = float((wanted & ~case.used).sum() / wanted.sum())
    detail = f"{share:.0%} of the periods that should count are missing."
    return check_register.MISSING_PERIODS.result(share <= MISSING_AT_MOST, detail)


def _invented_date(case: SeriesFit) -> Check:
    """An invented interruption half-way through the periods before the real one, judged by the same errors."""
    positions = np.flatnonzero(case.used & ~case.design.after)
    if len(positions) < INVENTED_DATE_FROM:
        return check_register.INVENTED_DATE.result(
            None, f"{len(positions)} points before the change are too few to try an invented date."
        )
    middle = case.design.periods[positions[len(positions) // 2]]
    keep = case.keep.copy()
    keep[positions[-1] + 1 :] = False
    for_a_season = max(2 * INVENTED_DATE_FROM, _two_years(case.design.periods.freqstr))
    season = case.design.seasonality if len(positions) >= for_a_season else None
    pretend = replace(
        case.design,
        interruption=resolve_interruption(middle, 0, case.design.periods.freqstr),
        model="step" if case.design.model == "step" else "level",
        seasonality=season,
        further=(),
        end=None,
    )
    try:
        contrast = replace(case, design=pretend, keep=keep & ~case.design.in_transition).headline("level")
    except EvaluationError as error:
        return check_register.INVENTED_DATE.result(None, f"It could not be tried: {error}")
    clear = contrast.low > 0 or contrast.high < 0
    finding = (
        "a change appears there too"
        if clear
        else "none that is clear appears there, though a small one could be missed"
    )
    return check_register.INVENTED_DATE.result(not clear, f"With an invented start in {middle}, {finding}.")


def _correlation(case: SeriesFit, correlation: Correlation | None) -> Check | None:
    period = name_of(case.design.periods.freqstr)
    if correlation is None:
        return None
    detail = (
        f"What one period has over the expected carries over to the next by {correlation.median:.2f}"
        f" (95% interval {correlation.low:.2f} to {correlation.high:.2f}); shown for information, never used to choose."
    )
    if correlation.near_one > PERSISTENT_FROM:
        close = " It may be close to 1, where no interval on a short series can be relied on."
        return check_register.LIKENESS_OF_NEIGHBOURS.result(False, detail + close, period)
    return check_register.LIKENESS_OF_NEIGHBOURS.result(None, detail, period)


def _season(case: SeriesFit) -> Check | None:
    if case.design.seasonality in (None, 0):
        return None
    years = int(case.used.sum()) / a_year(case.design.periods.freqstr)
    if years >= 2:
        return None
    return check_register.SEASON.result(
        False, f"{years:.1f} years of data are too few to tell the season from the change."
    )


def _whole_years(case: SeriesFit) -> Check | None:
    """Of a change that ended: whether both the time of it and the time after it hold every season."""
    if case.design.end is None or case.design.periods.freqstr == NUMBERED:
        return None
    period, year = name_of(case.design.periods.freqstr), a_year(case.design.periods.freqstr)
    ended, during = (int((case.used & case.design.after & part).sum()) for part in _parts_after(case))
    counted = f"{during} {period}s of the change and {ended} after its end are in the data"
    if min(during, ended) >= year:
        return check_register.WHOLE_YEARS.result(True, f"{counted}: a whole year of each.")
    detail = f"{counted}: under a year of one, so the season may be taken for the change, or for its end."
    return check_register.WHOLE_YEARS.result(False, detail)


def _moves(case: SeriesFit) -> Check | None:
    values = case.own[case.used]
    if np.ptp(values) > SAME * max(1.0, float(np.abs(values).max())):
        return None
    return check_register.OUTCOME_MOVES.result(
        False, "The outcome is the same in every period: there is nothing to learn from it."
    )


def _zeros(case: SeriesFit) -> Check | None:
    share = float((case.own[case.used] == 0).mean())
    if case.gap is not None or share <= ZEROS_AT_MOST:
        return None
    return check_register.MANY_ZEROS.result(
        False, f"{share:.0%} of the periods are zero: a method for rare events is needed."
    )


def _single_months(case: SeriesFit, headline: Contrast, influence: pd.DataFrame) -> Check | None:
    """Whether a change that is found hangs on one period next to it; other periods are for information."""
    shifts = influence.dropna(subset="shift")
    if shifts.empty:
        return None
    period = name_of(case.design.periods.freqstr)
    largest = shifts.loc[shifts["shift"].abs().idxmax()]
    half = (headline.high - headline.low) / 2
    share = abs(largest["shift"]) / half if half > 0 else 0.0
    moves = f"Without {largest['period']} the estimate would move most, by {share:.1f} times the half-width of its interval."
    refits = shifts.dropna()
    if not (headline.low > 0 or headline.high < 0) or refits.empty:
        return check_register.SINGLE_PERIODS.result(None, moves, period)
    decides = list(refits.loc[that_decide(refits, headline), "period"])
    if not decides:
        detail = f"No single one of the {len(refits)} {period}s next to it decides whether the change is clear. {moves}"
        return check_register.SINGLE_PERIODS.result(True, detail, period)
    detail = (
        f"Without {' or without '.join(decides)} alone the estimate moves so far that an interval of the"
        f" same width would take no change in: one {period} decides. {moves}"
    )
    return check_register.SINGLE_PERIODS.result(False, detail, period)


def that_decide(refits: pd.DataFrame, headline: Contrast) -> pd.Series:
    """Which periods decide (n,): without one, an interval as wide as the headline's would take no change in.

    The refit's own interval is wider, as it has a period less: that is no fault of the period. Nor is it that an interval
    nearly took no change in, so the move has a least size.

    Parameters
    ----------
    refits : DataFrame with the shift of the headline without each period
    headline : an estimate whose interval is clear of no change
    """
    half = (headline.high - headline.low) / 2
    shift = refits["shift"]
    return ((headline.estimate + shift).abs() <= half) & (shift.abs() >= check_register.DECIDES * half)
