"""The headline looked at several times: with the figures to 3, 6, 12, ... periods after the change, all intervals holding at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.inference.simultaneous import ALIGNED_FROM, FAMILY_LEVEL, bonferroni, critical_value_of_largest
from evalkit.intake.periods import resolve_interruption, to_periods

BY_RANK = "rank of the largest over all looks among comparators"


def by_look(
    frame: pd.DataFrame, time: str, interruption: Any, transition: Any, look: Any, looks: Sequence[int]
) -> tuple[pd.DataFrame, dict[int, pd.DataFrame]]:
    """The rows that the result rests on, and those of each look that the frame reaches, by its number of periods.

    Raises
    ------
    EvaluationError
        Where ``look`` is not in the frame, or ``looks`` are not numbers of periods that rise.
    """
    given = [looks] if isinstance(looks, Integral) else list(looks)
    if look is None and not given:
        return frame, {}
    wrong = [number for number in given if isinstance(number, bool) or not isinstance(number, Integral) or number < 1]
    if wrong or given != sorted(set(given)):
        raise EvaluationError(
            f"looks={looks!r}: give numbers of periods after the change that rise, such as [3, 6, 12]."
        )
    if frame.empty or time not in frame.columns:
        return frame, {}  # refused with its reason where the frame is read
    periods = to_periods(frame[time], time)
    parts = {}
    first_kept = resolve_interruption(interruption, transition, periods.freqstr).first_kept
    for number in given:
        last = first_kept + (int(number) - 1)
        if last <= periods.max():
            parts[int(number)] = _up_to(frame, periods, last)
    if look is None:
        return frame, parts
    last = resolve_interruption(look, 0, periods.freqstr).period
    if not first_kept <= last <= periods.max():
        raise EvaluationError(
            f"look={look!r} is not after the change and within the frame ({first_kept} to {periods.max()}): correct it."
        )
    return _up_to(frame, periods, last), parts


def _up_to(frame: pd.DataFrame, periods: pd.PeriodIndex, last: pd.Period) -> pd.DataFrame:
    part = frame[periods <= last].copy()
    about = frame.attrs.get("evalkit")
    if about is not None:
        part.attrs["evalkit"] = {**about, "data": {**about["data"], "last": str(last)}}
    return part


def looked_at_again(
    cases: Mapping[int, SeriesFit], headline: str, planned: int | None = None
) -> list[tuple[int, Contrast, str]]:
    """Periods after the change, the contrast with an interval that holds at all looks at once, and how it was made.

    Of 5% each planned look has its share, and those not reached yet keep theirs. By rank, those that are reached spend their
    shares together: the critical value is that of the largest of a comparator's statistics over them.

    Parameters
    ----------
    cases : the series and its comparators up to each look, by the number of periods after the change
    headline : the effect; ``first year`` and ``mean`` are those of the periods up to the look
    planned : how many looks there will be; those of ``cases`` where no more are
    """
    terms = _terms(cases, headline)
    cases = {look: case for look, case in cases.items() if look in terms}
    if not cases:
        return []
    planned = max(planned or 0, len(cases))
    if all(case.by_rank for case in cases.values()):
        found = _by_rank(cases, terms, FAMILY_LEVEL * len(cases) / planned)
        if found:
            return found
    found = []
    for look, case in cases.items():
        estimated = case.estimated(case.design.weights(terms[look])[None, :])
        contrast = estimated.contrasts[0]
        wider = bonferroni(planned, contrast.df)
        adjusted = replace(
            contrast,
            low=contrast.estimate - wider * (contrast.estimate - contrast.low),
            high=contrast.estimate + wider * (contrast.high - contrast.estimate),
            p_value=min(contrast.p_value * planned, 1.0),
        )
        found.append((look, adjusted, f"{estimated.methods[0]}, for {planned} looks"))
    return found


def _terms(cases: Mapping[int, SeriesFit], headline: str) -> dict[int, str]:
    """The headline by look; a look at which it is not there yet, such as month 12 at 6, is left out."""
    terms = {}
    for look, case in cases.items():
        try:
            term = case.design.resolved(headline)
            case.design.weights(term)
        except EvaluationError:
            continue
        terms[look] = term
    return terms


def _by_rank(cases: Mapping[int, SeriesFit], terms: Mapping[int, str], level: float) -> list[tuple[int, Contrast, str]]:
    """Against the comparators that have every look, at a level; nothing where they are too few for it."""
    own, sizes = {}, {}
    for look, case in cases.items():
        weights = case.design.weights(terms[look])[None, :]
        own[look] = case.estimated(weights, calibrated=False).contrasts[0]
        placebo = case.placebo(terms[look], calibrated=False)
        sizes[look] = pd.Series(abs(placebo.studentised), index=list(placebo.units))
    together = pd.concat(sizes, axis=1, join="inner")
    critical = critical_value_of_largest(together, level)
    if len(together) < ALIGNED_FROM or not np.isfinite(critical):
        return []
    largest = together.max(axis=1)
    found = []
    for look, contrast in own.items():
        half = (contrast.high - contrast.low) / 2
        as_large = int((largest >= abs(contrast.estimate) / half).sum()) if half > 0 else len(largest)
        adjusted = replace(
            contrast,
            low=contrast.estimate - half * critical,
            high=contrast.estimate + half * critical,
            p_value=min((1 + as_large) / (1 + len(largest)) * FAMILY_LEVEL / level, 1.0),
        )
        found.append((look, adjusted, BY_RANK))
    return found
