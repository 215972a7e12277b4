"""The size of one change told in several ways: at the date, over the first year, in numbers, and after its end."""

import math
from datetime import date

import pandas as pd

from evalkit.effect import Effect
from evalkit.report.wording import words
from evalkit.verdict import Verdict, what_was_left

WHAT_WAS_LEFT = {
    "persisted": "So it persisted: what was left is large enough to matter.",
    "turned": "So it turned: what was left goes the other way, and is large enough to matter.",
    "did_not_persist": "So it did not persist: what was left is too small to matter.",
    "nothing": "No effect large enough to matter was clear while it lasted, so there is none of which to ask whether it stayed.",
    "unclear": "So whether it persisted is not clear, which is not the same as that nothing was left.",
}


def facts(effect: Effect, verdict: Verdict | None, counted: str, ended: date | None = None) -> list[tuple[str, str]]:
    """What stands beside the headline of a segmented regression: label and sentences. Of other designs only their end.

    Parameters
    ----------
    verdict : Verdict or None
        Says the scale, and the minimum important change that what was left after an end is held against.
    counted : str
        What adds up over months, such as ``attendances``.
    ended : date, optional
        Last day of a change that ended, where it is recorded.
    """
    if not effect.is_estimated:
        return [("After it ended", text)] if (text := _points_after(effect, ended)) else []
    scale = verdict.scale if verdict else str(effect.headline["scale"])
    over = "mean" if words.period_noun(effect) == "period" else "first year"  # numbers have no year
    told = [
        (f"The jump and the {over}", _jump_and_year(effect, scale)),
        ("Avoided or added", _avoided_or_added(effect, counted)),
        ("After it ended", _after_the_end(effect, verdict, scale) or _holds_more(effect, ended)),
    ]
    return [(label, text) for label, text in told if text]


def _jump_and_year(effect: Effect, scale: str) -> str:
    jump, year = _row(effect, "level", scale), _row(effect, "mean months 1 to ", scale)
    if jump is None or year is None or year["term"] == "mean months 1 to 1":
        return ""
    if math.isclose(jump["estimate"], year["estimate"]):
        return (
            f"The model is one step, so the jump at the date is the mean over {_months(year, effect)} as well:"
            f" {_with_interval(jump)}."
        )
    return (
        f"The jump at the date is {_with_interval(jump)}. The mean over {_months(year, effect)}, which holds what builds up"
        f" later, is {_with_interval(year)}.{_further(effect)}"
    )


def _avoided_or_added(effect: Effect, counted: str) -> str:
    row = _row(effect, "total months 1 to ", "total")
    if row is None or not counted:
        return ""
    over = words.sentence_case(f"over {_months(row, effect)}")
    estimate, low, high = (float(row[end]) for end in ("estimate", "low", "high"))
    if low < 0 < high:
        return f"{over}, anything from {_many(low)} fewer to {_many(high)} more {counted} than expected without the change would fit."
    word = "fewer" if estimate < 0 else "more"
    if not (math.isfinite(low) and math.isfinite(high)):
        return (
            f"{over}, about {_many(estimate)} {word} {counted} than expected without the change; how many has no bound."
        )
    ends = sorted((abs(low), abs(high)))
    return (
        f"{over}, about {_many(estimate)} {word} {counted} than expected without the change (95% interval {_many(ends[0])} to"
        f" {_many(ends[1])} {word})."
    )


def _further(effect: Effect) -> str:
    """That a mean over months holds later changes too."""
    others = [words.as_given(label) for label in effect.interruptions[1:]]
    return f" It holds what changed again ({', '.join(others)}) as well." if others else ""


def _after_the_end(effect: Effect, verdict: Verdict | None, scale: str) -> str:
    during, after, turned = (_row(effect, term, scale) for term in ("during", "after the end", "reversed"))
    if effect.end is None or during is None or after is None or turned is None:
        return ""
    text = (
        f"While it lasted, to {words.as_given(effect.end)}: {_with_interval(during)}. After that, against the time before it:"
        f" {_with_interval(after)}. From the one to the other: {_with_interval(turned)}."
    )
    left = what_was_left(effect, verdict) if verdict else None
    return f"{text} {WHAT_WAS_LEFT[left]}" if left else text


def _holds_more(effect: Effect, ended: date | None) -> str:
    """That an estimate holds the time after an end that was not told apart."""
    if ended is None or not _goes_on_after(effect, ended):
        return ""
    return f"The change ended on {ended.day} {ended:%B %Y}, and this estimate holds the time after that as well."


def _points_after(effect: Effect, ended: date | None) -> str:
    """That points after the end of a change stand among those after its start, where nothing was estimated."""
    if ended is None or not _goes_on_after(effect, ended):
        return ""
    return f"The change ended on {ended.day} {ended:%B %Y}; what was counted later stands among the points after its start."


def _goes_on_after(effect: Effect, ended: date) -> bool:
    last = str(effect.data.get("last", ""))
    return bool(last) and pd.Period(last.split("/")[-1]).end_time.date() > ended


def _row(effect: Effect, term: str, scale: str) -> pd.Series | None:
    """The row of a term, or of the first that begins so where ``term`` ends in a space."""
    rows = effect.estimates[effect.estimates["role"].isin(("headline", "term")) & (effect.estimates["scale"] == scale)]
    rows = rows[rows["term"].str.startswith(term) if term.endswith(" ") else rows["term"] == term]
    return None if rows.empty else rows.iloc[0]


def _months(row: pd.Series, effect: Effect) -> str:
    return f"{words.period_noun(effect)}s {str(row['term']).split('months ')[1]}"


def _with_interval(row: pd.Series) -> str:
    scale = str(row["scale"])
    return f"{words.change(row['estimate'], scale)} (95% interval {words.interval(row['low'], row['high'], scale)})"


def _many(value: float) -> str:
    """Two figures of it: more would promise what no interval keeps."""
    return f"{int(float(f'{abs(value):.2g}')):,}"
