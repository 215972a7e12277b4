"""What to know before a chart is read, and what was done to make it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.charts import rules
from evalkit.charts.chart import SourceChange
from evalkit.charts.lines import KINDS, LARGE_DENOMINATOR, SCREENED_FROM, WITH_DENOMINATOR
from evalkit.charts.series import one_period
from evalkit.check_register import Check

SOURCE_CHANGED = "Limits are not made anew there, so that a point can be special for that alone."


@dataclass(frozen=True)
class Choices:
    """What a chart was made by; ``season`` is the sentence on it."""

    kind: str
    rule: str
    screen: bool
    laney: bool
    season: str
    baseline: int | None = None


def checks_of(
    values: np.ndarray,
    phases: np.ndarray,
    periods: pd.Index,
    choices: Choices,
    season_removed: bool,
    large: bool,
    source_changes: tuple[SourceChange, ...] = (),
) -> tuple[Check, ...]:
    """Points enough, periods missing, season, source, denominators: none says anything of an effect's certainty."""
    return tuple(
        check
        for check in (
            _enough_points(values, phases, choices.rule),
            _missing(values, periods, choices.kind),
            _season(choices.season, season_removed),
            _source(source_changes),
            _denominators(choices, large),
        )
        if check is not None
    )


def _enough_points(values: np.ndarray, phases: np.ndarray, rule: str) -> Check:
    counts = np.bincount(phases, np.isfinite(values)).astype(int)
    short = np.flatnonzero(counts < rules.ENOUGH_POINTS)
    enough = counts[-1] >= rules.ENOUGH_POINTS
    said = f"The last phase has {_points(counts[-1])}"
    if enough:
        detail = f"{said}, and {rules.ENOUGH_POINTS} are enough for limits."
    else:
        icons = ", and there is no icon yet" if rule == "mdc_2023" else ""
        detail = f"{said}, fewer than {rules.ENOUGH_POINTS}: its limits are trial limits, which move with every further point{icons}."
    earlier = [str(number + 1) for number in short if number != len(counts) - 1]
    if earlier:
        detail += f" Limits of phase {' and '.join(earlier)} are trial limits too."
    return Check("chart_enough_points", None, "Enough points for limits", bool(enough) and not earlier, detail)


def _points(count: int) -> str:
    return f"{count} reported point{'' if count == 1 else 's'}"


def _missing(values: np.ndarray, periods: pd.Index, kind: str) -> Check | None:
    if not isinstance(periods, pd.PeriodIndex) or kind in ("t", "g"):
        return None
    count, one = int(np.isnan(values).sum()), one_period(periods)
    if not count:
        return Check("chart_missing_periods", None, f"Missing {one}s", True, f"Every {one} has a figure.")
    detail = (
        f"{count} of {len(values)} {one}s {'has' if count == 1 else 'have'} no figure here. None is taken for nought: a run"
        " ends at a gap, and no moving range goes across it."
    )
    if np.isnan(values[-1]):
        detail += f" The last {one} reported is {periods[int(np.flatnonzero(np.isfinite(values))[-1])]}."
    return Check("chart_missing_periods", None, f"Missing {one}s", False, detail)


def _season(sentence: str, removed: bool) -> Check | None:
    if not sentence:
        return None
    detail = sentence if removed else f"{sentence} A point can be special for the time of year that it is of."
    return Check("chart_season", None, "Season", True if removed else None, detail)


def _source(changes: tuple[SourceChange, ...]) -> Check | None:
    if not changes:
        return None
    told = " ".join(f"From {one.since} on figures come from another source: {one.what}." for one in changes)
    detail = f"{told} {SOURCE_CHANGED}"
    return Check("chart_source_changes", None, "One source throughout", False, detail)


def _denominators(choices: Choices, large: bool) -> Check | None:
    if choices.kind not in WITH_DENOMINATOR:
        return None
    size = "above" if large else "at most"
    detail = f"The median denominator is {size} {LARGE_DENOMINATOR:,}"
    if choices.laney:
        detail += ", and limits are made of how much points vary, by Laney's factor."
    elif large:
        detail += ": limits by chance alone are too narrow there, so use Laney's factor or an XmR chart."
    else:
        detail += ", where limits by chance alone will do."
    return Check("chart_large_denominators", None, "Large denominators", not large or choices.laney, detail)


def notes_of(choices: Choices, screened: int, widened: np.ndarray) -> tuple[str, ...]:
    """How the chart was made, a sentence each."""
    notes = [
        f"{KINDS[choices.kind][:1].upper()}{KINDS[choices.kind][1:]}, special causes as {rules.READINGS[choices.rule]} has"
        " them."
    ]
    if choices.kind in ("xmr", "t"):
        notes.append(_screening(choices.screen, screened))
    if choices.baseline is not None:
        notes.append(f"Limits are made of the first {choices.baseline} reported points of each phase.")
    if choices.laney:
        notes.append(f"Limits are {widened[-1]:.3g} times as wide as chance alone would have them (Laney's factor).")
    if choices.kind == "g":
        notes.append("The centre line is the median, as cases between events are skewed; limits lie about the mean.")
    if choices.kind == "run":
        notes.append("A run chart has a median and no limits: only runs and trends are told.")
    if choices.season:
        notes.append(choices.season)
    return tuple(notes)


def _screening(screen: bool, screened: int) -> str:
    if not screen:
        return "All moving ranges count in the limits."
    left_out = "none was" if screened == 0 else "1 was" if screened == 1 else f"{screened} were"
    return f"Moving ranges of {SCREENED_FROM} times their mean or more are left out of the limits: {left_out}."
