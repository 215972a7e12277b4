"""The points of every partner's chart of a measure as CSV, so that signals, targets and the funnel can be worked out again."""

import io
from collections.abc import Iterable, Mapping

import pandas as pd

from evalkit.book.partners.figure_changes import FigureChange
from evalkit.charts.chart import Chart
from evalkit.charts.rules import RULES
from evalkit.report.spreadsheets import csv_of

# Each column with what it is, in the order of the file; pages show both.
COLUMNS = {
    "org_code": "ODS code of the organisation.",
    "name": "Its name.",
    "month": "The month, such as 2025-08.",
    "reported": "The figure as it was reported; empty where it was not reported, or was left out. An empty cell is not nought.",
    "judged": (
        "What lines and rules are of: the figure without its season where that was removed, and else the same as reported. Season is"
        " by how much each calendar month lies above or below the others (twelve deviations that add up to nought), fitted by least"
        " squares together with a straight line and a level for each phase and each side of a change of source; only the deviations"
        " are taken off."
    ),
    "season_removed": "Whether season was removed, true or false.",
    "phase": (
        "1 for the first limits of an organisation, 2 for those that were made anew after it, at a recorded merger or another"
        " event that the note names, and so on. No run goes across two, and no month is held against one of another."
    ),
    "lower": (
        "Lower limit of the month. On an XmR chart: centre less 2.66 times the mean of the steps from month to month (judged,"
        " within the phase, none across a gap; all steps count), times the square root of n / (n - 12) of n reported months"
        " where season was removed. May lie below nought. Limits are empty on a run chart."
    ),
    "lower_two_thirds": "Two thirds of the way from the centre line to the lower limit.",
    "centre": "Centre line: the mean of judged over the phase, or the median of a run chart; pages call it usual.",
    "upper_two_thirds": "Two thirds of the way from the centre line to the upper limit.",
    "upper": "Upper limit of the month: as far above the centre as the lower one lies below it.",
    "rules": "Every rule that marks the month, with semicolons between them: outside_limits, trend, two_of_three, shift.",
    "deciding_rule": "The first of those in that order, which says whether the month is higher or lower.",
    "special_cause": (
        "What that comes to: improving, concerning, or neither where no direction is better; and higher or lower. By a trend, lower means"
        " falling and higher means rising, wherever the point lies: the first months of a falling trend often lie above the centre line,"
        " and are lower all the same. Empty where no rule marks the month."
    ),
    "both_ways": "True where another rule that marks the month says the other way, such as a falling trend above the centre line.",
    "last_point": "True at the last reported month of an organisation: its icons are of that one.",
    "target": "What the measure is held against, where a national target was found.",
    "assurance": (
        "At the last reported month, where the target lies against the limits: pass, fail, hit_and_miss; or why that is not said: no_target,"
        " no_better_direction, no_limits, not_enough_points. Empty in other months."
    ),
    "numerator": "What is counted; of the weekend's share, about as many as were: the weekend of an average week, times the weeks of the month. The funnel is of numerators over denominators, in the month or months that it names.",
    "denominator": "Out of how many; empty where a measure is a count.",
    "source_changed": "True from the month on in which figures come from another source.",
    "note": "What is known of a change of source, of a merger (with whom), or of a jump of the figures, in its first month.",
    "unit": "Of reported, judged and all lines.",
}  # fmt: skip
NUMBERS = (
    "reported", "judged", "phase", "lower", "lower_two_thirds", "centre", "upper_two_thirds", "upper", "target", "numerator",
    "denominator",
)  # fmt: skip
NATURES = {"improvement": "improving", "concern": "concerning", "neutral": ""}
WAYS = {"high": "higher", "low": "lower"}


def nature_in_words(nature: str) -> str:
    """What a point is, of its nature in ``Chart.points``; empty where it is not special."""
    kind, _, way = nature.partition("_")
    return ", ".join(filter(None, (NATURES[kind], WAYS[way]))) if kind in NATURES else ""


def points_as_rows(
    chart: Chart, season_removed: bool, unit: str, figure_changes: Iterable[FigureChange] = ()
) -> pd.DataFrame:
    """The points of one chart in ``COLUMNS``, but for the name; numbers as they were judged, to nine digits."""
    points = chart.points
    months = points["period"].astype(str)
    last = points["period"] == chart.last["period"]
    since = min((change.since for change in chart.source_changes), default=None)
    changes: dict[str, str] = {}
    for change in (*chart.source_changes, *figure_changes):
        changes[change.since] = " ".join(filter(None, (changes.get(change.since), change.what)))
    return pd.DataFrame(
        {
            "org_code": chart.label,
            "month": months,
            "reported": points["value"],
            "judged": points["judged"],
            "season_removed": str(season_removed).lower(),
            "phase": points["phase"],
            **{name: points[name] for name in ("lower", "lower_two_thirds", "centre", "upper_two_thirds", "upper")},
            "rules": ["; ".join(rule for rule, hit in zip(RULES, hits, strict=True) if hit) for hits in points[list(RULES)].to_numpy(bool)],
            "deciding_rule": points["special_cause"].fillna(""),
            "special_cause": [nature_in_words(nature) for nature in points["nature"]],
            "both_ways": points["both_ways"].astype(str).str.lower(),
            "last_point": last.astype(str).str.lower(),
            "target": points["target"],
            "assurance": last.map({True: chart.assurance, False: ""}),
            "numerator": points["numerator"],
            "denominator": points["denominator"],
            "source_changed": [str(since is not None and month >= since).lower() for month in months],
            "note": [changes.get(month, "") for month in months],
            "unit": unit,
        }
    )  # fmt: skip


def as_columns(tables: Iterable[pd.DataFrame]) -> str:
    """Tables of ``points_as_rows`` together as CSV, which is kept; empty without any."""
    every = list(tables)
    return pd.concat(every).to_csv(index=False, float_format="%.9g", lineterminator="\n") if every else ""


def with_names(columns: str, names: Mapping[str, str]) -> str:
    """What ``as_columns`` gave as the file that is published: every column of ``COLUMNS``, organisations by name."""
    if not columns:
        return csv_of(pd.DataFrame(columns=list(COLUMNS)))
    kept = pd.read_csv(
        io.StringIO(columns), keep_default_na=False, na_values={name: [""] for name in NUMBERS},
        dtype={name: str for name in COLUMNS if name not in NUMBERS},
    )  # fmt: skip
    kept["name"] = kept["org_code"].map(names)
    kept = kept.sort_values(["name", "org_code"], key=lambda column: column.str.casefold(), kind="stable")
    return csv_of(kept[list(COLUMNS)])
