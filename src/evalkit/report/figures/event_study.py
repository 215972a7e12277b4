"""The gap to comparators period by period: its numbers on the reader's scale, and their words."""

import math

import numpy as np
import pandas as pd

from evalkit.effect import Effect
from evalkit.report.wording import words

FROM_LAST = "since start, from the last before"  # of the event study's rows, as the design calls them
AXIS = {
    "percent": "Gap to comparators, %",
    "points": "Gap to comparators, percentage points",
    "log_odds": "Gap to comparators, log odds",
    "log": "Gap to comparators, log scale",
}


def from_last(effect: Effect) -> pd.DataFrame:
    """As ``rows``, counted from the last period before the change; empty where the others are already."""
    return rows(effect, FROM_LAST)


def rows(effect: Effect, by: str = "since start") -> pd.DataFrame:
    """Periods since the start as readers count them.

    Returns
    -------
    DataFrame
        position (-1 the last period before the change, 1 the first that counts after it, as in ``month 1``), estimate,
        low, high (per cent where the model is on the log scale; missing where unbounded), base (the period that the
        others are counted from: nought by construction).
    """
    table = effect.tables.get("event_study")
    if table is None:
        return pd.DataFrame(columns=["position", "estimate", "low", "high", "base"])
    table = table[table["by"] == by]
    time = table["event_time"].to_numpy(float)
    values = table[["estimate", "low", "high"]].astype(float).reset_index(drop=True)
    base = (values["estimate"] == 0) & (values["low"] == values["high"])
    if scale(effect) == "percent":
        values = values.map(lambda value: 100 * math.expm1(value))
    return values.assign(position=np.where(time < 0, time, time + 1).astype(int), base=base).sort_values(
        "position", ignore_index=True
    )[["position", "estimate", "low", "high", "base"]]


def scale(effect: Effect) -> str:
    """The scale readers are told: per cent where the model is on the log scale."""
    table = effect.tables["event_study"]
    model_scale = table["scale"].iloc[0]
    return "percent" if model_scale == "log" else model_scale


def axis_limits(gaps: pd.DataFrame) -> tuple[float, float]:
    """Limits of the axis that hold every estimate and nine bars in ten: one endless bar must not flatten all others."""
    estimate, low, high = (gaps[name].to_numpy(float) for name in ("estimate", "low", "high"))
    half = np.nan_to_num((high - low) / 2, nan=0.0, posinf=0.0)
    usual = float(np.quantile(half[half > 0], 0.9)) if (half > 0).any() else 0.0
    ends = np.r_[estimate - usual, estimate + usual, 0.0]
    ends = ends[np.isfinite(ends)]
    room = 0.06 * (float(np.ptp(ends)) or 1.0)
    return float(ends.min()) - room, float(ends.max()) + room


def cut_off(gaps: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Which bars have an end below the axis, and which above it (R,); an end without bound is another matter."""
    bottom, top = axis_limits(gaps)
    low, high = gaps["low"].to_numpy(float), gaps["high"].to_numpy(float)
    return np.isfinite(low) & (low < bottom), np.isfinite(high) & (high > top)


def clear(gaps: pd.DataFrame) -> tuple[int, int, int, int]:
    """Periods before with an interval clear of nought, of how many; the same after. The base is not counted."""
    apart = (gaps["low"] > 0) | (gaps["high"] < 0)
    before, after = (gaps["position"] < 0) & ~gaps["base"], gaps["position"] > 0
    return int((apart & before).sum()), int(before.sum()), int((apart & after).sum()), int(after.sum())


def axis_label(effect: Effect) -> str:
    """What the vertical axis measures."""
    return AXIS.get(scale(effect), f"Gap to comparators, {effect.measure_unit}")


def title(effect: Effect, name: str) -> str:
    """The finding of the figure: where the gap is clear of nought, before the change and after it."""
    early, before, late, after = clear(rows(effect))
    period = words.period_noun(effect)
    where = (
        f"in {early} of {before} {period}s before, {late} of {after} after"
        if before
        else f"in {late} of {after} {period}s after"
    )
    return f"{words.sentence_case(name)}: a clear gap {where}"


def alt_text(effect: Effect, name: str, place: str) -> str:
    """What the figure shows, for those who cannot see it."""
    gaps = rows(effect)
    early, before, late, after = clear(gaps)
    period = words.period_noun(effect)
    sentences = [f"Chart of the gap in {name} between {place} and the comparators, {period} by {period}."]
    for side, count, apart, when in (
        (gaps[gaps["position"] < 0], before, early, "before"),
        (gaps[gaps["position"] > 0], after, late, "after"),
    ):
        if not count:
            continue
        side = side[~side["base"]]
        low, high = (words.signed(side["estimate"].agg(end), scale(effect)) for end in ("min", "max"))
        sentences.append(
            f"{sum(side['position'] != 0)} {period}{'s' if count != 1 else ''} {when} the change: from {low} to {high},"
            f" {apart} with an interval clear of nought."
        )
    return " ".join(sentences)


def caption(effect: Effect) -> str:
    """What the points are, and how to read those before the change."""
    period = words.period_noun(effect)
    gaps = rows(effect)
    sentences = [
        f"Each point is how far those that changed lay from their comparators in one {period}, compared with before the"
        " change; the bar is its 95% interval. Hollow points are before the change, filled ones after it.",
        "Before the change the points should lie about nought: by chance alone about one bar in twenty misses it.",
    ]
    if gaps["base"].any():
        sentences.append(
            f"The last {period} before the change is nought by construction, as every other {period} is counted from it."
        )
    if len(from_last(effect)):
        sentences.append(
            f"The points are counted from the mean of all {period}s before the change; other work often counts from the last"
            f" {period} alone. The numbers have both."
        )
    if (gaps[["low", "high"]].isna().any(axis=1) & ~gaps["base"]).any():
        sentences.append("A dotted bar has no bound.")
    if len(gaps) and np.any(cut_off(gaps)):
        sentences.append("A bar with a triangle at its end goes on beyond the edge of the figure.")
    if len(effect.interruptions) > 1:
        sentences.append(
            f"The places began at different times, so the {period}s far from the start rest on fewer of them."
        )
    return " ".join(sentences)


def table(effect: Effect) -> pd.DataFrame:
    """The figure's numbers as text."""
    gaps, of = rows(effect), scale(effect)
    period = words.period_noun(effect)
    names = [f"{abs(position)} {'before' if position < 0 else 'after'}" for position in gaps["position"]]
    columns = {
        f"{period.capitalize()} from the start": names,
        "Gap": [words.signed(gap, of) for gap in gaps["estimate"]],
        "95% interval": [
            "counted from here" if row.base else words.both_ends(row.low, row.high, of) for row in gaps.itertuples()
        ],
    }
    again = {row.position: row for row in from_last(effect).itertuples()}
    if again:
        columns[f"From the last {period} before"] = [
            f"{words.signed(again[position].estimate, of)} ({words.both_ends(again[position].low, again[position].high, of)})"
            if position in again
            else "counted from here"
            if position == -1
            else "not given"
            for position in gaps["position"]
        ]
    return pd.DataFrame(columns)
