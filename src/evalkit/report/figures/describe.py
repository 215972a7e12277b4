"""The figures of an effect, described."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from evalkit.effect import Effect
from evalkit.report import tables
from evalkit.report.figures import event_study as events
from evalkit.report.figures.described import EVENT_STUDY, FUNNEL, HISTOGRAM, POINTS, TIME_SERIES, Described, Mark
from evalkit.report.figures.observed_series import place_of
from evalkit.report.figures.positions import position_of, positions
from evalkit.report.wording import captions, counted, words


def time_series(effect: Effect, name: str, place: str, synthetic: bool = False) -> Described:
    """What was counted, what was fitted and what was expected without the change.

    Parameters
    ----------
    name, place : the measure and the place in plain words
    """
    series = effect.series
    points = pd.DataFrame({"name": [str(period) for period in series["period"]]})
    for column, kept in (
        ("observed", "observed"), ("fitted", "fitted"), ("expected", "counterfactual"), ("low", "counterfactual_low"),
        ("high", "counterfactual_high"),
    ):  # fmt: skip
        points[column] = pd.to_numeric(series[kept]).to_numpy(float)
    points["left_out"] = series["in_transition"].to_numpy(bool)
    bounded = points["expected"].notna()
    points[["low", "high"]] = points[["low", "high"]].where(bounded)
    unit = words.sentence_case(effect.measure_unit)
    unit += f", mean of {len(effect.treated_units)} places" if words.is_mean(effect) else ""
    unit += words.rounding(effect)
    return Described(
        TIME_SERIES, words.figure_title(effect, name), words.alt_text(effect, name, place),
        words.sentence_case(words.period_noun(effect)), unit, points, tables.series(effect),
        f"The figure's numbers, in {effect.measure_unit}", _moments(effect, points["name"].tolist()), synthetic,
        _answer(effect, place),
    )  # fmt: skip


def single_points(effect: Effect, name: str, place: str, synthetic: bool = False) -> Described:
    """What was counted, each point at its place in time with its own interval; nothing is fitted or joined.

    Parameters
    ----------
    name, place : the measure and the place in plain words
    """
    table = counted.points(effect)
    periods = table["period"].astype(str).tolist()
    points = pd.DataFrame(
        {
            "name": periods,
            "position": positions(periods),
            "observed": table["value"].to_numpy(float),
            "low": table["low"].to_numpy(float),
            "high": table["high"].to_numpy(float),
            "left_out": (table["part"] == "holds the start").to_numpy(bool),
        }
    )
    unit = words.sentence_case(effect.measure_unit) + words.rounding(effect)
    marks = tuple(Mark(position_of(start, periods), _month(start)) for start in effect.interruptions)
    return Described(
        POINTS, counted.figure_title(effect, name), counted.alt_text(effect, name, place),
        words.sentence_case(words.period_noun(effect)), unit, points, tables.points(effect),
        f"The figure's numbers, in {effect.measure_unit}", marks, synthetic,
        f"{words.sentence_case(place)}: {counted.why(effect)}.",
    )  # fmt: skip


def main_figure(effect: Effect, name: str, place: str, synthetic: bool = False) -> Described:
    """The figure that an analysis has in any case: a series, or single points where nothing was estimated."""
    drawn = time_series if effect.is_estimated else single_points
    return drawn(effect, name, place, synthetic)


def _answer(effect: Effect, place: str) -> str:
    row = effect.headline
    interval = words.interval(row["low"], row["high"], row["scale"])
    return f"{words.sentence_case(place)}: {words.signed(row['estimate'], row['scale'])} (95% interval {interval})."


def event_study(effect: Effect, name: str, place: str, synthetic: bool = False) -> Described | None:
    """The gap to comparators in each period from the start; None where it was not estimated period by period."""
    gaps = events.rows(effect)
    if gaps.empty:
        return None
    period = words.period_noun(effect)
    table = events.table(effect)
    points = gaps[["position", "estimate", "low", "high", "base"]]
    points.insert(0, "name", table.iloc[:, 0].tolist())
    return Described(
        EVENT_STUDY, events.title(effect, name), events.alt_text(effect, name, place),
        f"{words.sentence_case(period)}s before and after the start", events.axis_label(effect), points, table,
        f"The gap to comparators, {period} by {period}", (Mark(0.0, "start"),), synthetic,
    )  # fmt: skip


def comparators(
    effect: Effect, name: str, place: str, names: Mapping[str, str] | None = None, synthetic: bool = False
) -> Described | None:
    """The same analysis where nothing is known to have changed: a funnel of one place's comparators, or a histogram of
    other choices of several. None where it was not made.

    Parameters
    ----------
    names : of comparators, by label
    """
    if len(effect.tables.get("placebo", ())) < 2:
        return None
    if captions.placebo_kind(effect) == "Assignments" or words.is_mean(effect):
        return _histogram(effect, name, place, synthetic)
    return _funnel(effect, name, place, names or {}, synthetic)


def of_part(
    effect: Effect, part: str, name: str, place: str, names: Mapping[str, str] | None = None, synthetic: bool = False
) -> Described | None:
    """The figure of a part that ``evalkit.show`` has: ``figure``, ``event study`` or ``placebo``; None where there is none."""
    if part == "figure":
        return main_figure(effect, name, place, synthetic)
    if part == "event study":
        return event_study(effect, name, place, synthetic)
    return comparators(effect, name, place, names, synthetic)


def _funnel(effect: Effect, name: str, place: str, names: Mapping[str, str], synthetic: bool) -> Described:
    tried = effect.tables["placebo"]
    tried = tried[np.isfinite(tried["studentised"].astype(float)) & (tried["studentised"].astype(float) != 0)]
    scale = str(tried["scale"].iloc[0])
    estimate, studentised = (tried[column].to_numpy(float) for column in ("estimate", "studentised"))
    half = np.abs(estimate / studentised)
    if scale == "log":
        estimate, half, scale = 100 * np.expm1(estimate), 100 * half, "percent"
    marked = tried["treated"].to_numpy(bool)
    points = pd.DataFrame(
        {"name": [place if here else names.get(label, label) for here, label in zip(marked, tried["unit"], strict=True)],
         "noise": half, "estimate": estimate, "marked": marked}
    )  # fmt: skip
    points = points.sort_values(["marked", "noise"], ascending=[False, True], ignore_index=True, kind="stable")
    table = pd.DataFrame(
        {
            "Place": points["name"],
            "Change found": [words.signed(value, scale) for value in points["estimate"]],
            "Half-width of its own interval": [words.size(value, scale) for value in points["noise"]],
        }
    )
    return Described(
        FUNNEL, captions.placebo_finding(effect, place), captions.placebo_alt_text(effect, place, name),
        f"Half-width of its own 95% interval, {_axis(scale)}", f"Change found, {_axis(scale)}", points, table,
        "Each place by how noisy it is: the change found there, and the half-width of its own interval", (), synthetic,
    )  # fmt: skip


def _histogram(effect: Effect, name: str, place: str, synthetic: bool) -> Described:
    tried = effect.tables["placebo"]
    treated = tried["treated"].to_numpy(bool)
    values = tried["studentised"].to_numpy(float)
    placebos = values[~treated & np.isfinite(values)]
    counts, edges = np.histogram(placebos, bins="fd")
    kind = captions.placebo_kind(effect)
    label = "Those that changed" if words.is_mean(effect) else place
    ranges = [f"{_signed(low)} to {_signed(high)}" for low, high in pairwise(edges)]
    points = pd.DataFrame({"name": ranges, "from": edges[:-1], "to": edges[1:], "count": counts})
    table = pd.DataFrame(
        [*zip(ranges, map(str, counts), strict=True), (label, _signed(values[treated][0]))],
        columns=["Change, in half-widths of its own interval", kind],
    )
    return Described(
        HISTOGRAM, captions.placebo_finding(effect, place), captions.placebo_alt_text(effect, place, name),
        "Change found, in half-widths of its own 95% interval", kind, points, table,
        f"{kind} by the change found there; the last row is the change itself",
        (Mark(float(values[treated][0]), label),), synthetic,
    )  # fmt: skip


def _moments(effect: Effect, periods: list[str]) -> tuple[Mark, ...]:
    """Each start before its period, those of one period as one; and the end after its own."""
    first = periods[0].split("/")[0]
    starts: dict[int, str] = {}
    for start in effect.interruptions:
        if start[: len(first)] >= first:
            starts.setdefault(place_of(periods, start), start)
    marks = [Mark(at - 0.5, _month(label)) for at, label in sorted(starts.items())]
    if effect.end:
        marks.append(Mark(place_of(periods, effect.end) + 0.5, f"ended {_month(effect.end)}"))
    return tuple(marks)


def _month(start: str) -> str:
    """``Jul 2017``, which has room in a small figure."""
    name, _, year = words.month_name(start[:7]).rpartition(" ")
    return f"{name[:3]} {year}" if year.isdigit() and len(start) >= 7 else words.as_given(start)


def _axis(scale: str) -> str:
    return {"percent": "%", "points": "percentage points"}.get(scale, "in the units of the model")


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
