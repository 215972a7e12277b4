"""An Effect's numbers as small tables for readers: every cell is text, made from the Effect."""

import html
import math
import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.errors import weeks_said
from evalkit.report.wording import counted, lasting, words

PASSED = {True: "✓ passed", False: "✗ did not pass", None: "· for information"}
TERMS = {
    "level": "Step at the change",
    "slope": "Change in trend, per period",
    "mean": "Mean over the time after",
    "att": "Mean over the time after the change",
    "level total": "All steps together",
    "slope total": "All changes in trend together, per period",
    "during": "While it lasted, against before",
    "after the end": "After it ended, against before",
    "reversed": "After it ended, against while it lasted",
    "cumulative": "Added up over the time after",
    "pooled": "All sites together",
    "prediction interval": "At a new site (prediction interval)",
    "tau": "Standard deviation between sites",
}
COMPARISONS = {
    "treated with never treated": "Places that changed, with places that never did",
    "earlier with later treated": "Places that changed early, with places yet to change",
    "later with earlier treated (forbidden)": "Places that changed late, with places that had already changed",
}
# Periods after the change that a table tells, by what a period is.
MONTHS_SHOWN = {"month": (3, 6, 12, 24), "quarter": (1, 2, 4, 8), "week": (4, 13, 26, 52), "day": (7, 28, 91, 182)}
LEAST_SHARE = 0.01
NONE = "not given"
NO_FIGURE = "no figure"


def estimates(effect: Effect, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Headline and other effects: what, estimate, interval; months 3, 6, 12 and 24 where estimated.

    Starts in order of time, then places in alphabetical order; ``names`` gives the name of a label.
    """
    rows = _reader_rows(effect, ("headline", "term"))
    months, period = rows["month"], words.period_noun(effect)
    months_shown = MONTHS_SHOWN.get(period)
    rows = rows[
        months.isna() | (rows["role"] == "headline") | (True if months_shown is None else months.isin(months_shown))
    ]
    # A step is the same in every month: once is enough.
    same = (rows[["estimate", "low", "high"]] == rows[["estimate", "low", "high"]].iloc[0]).all(axis=1)
    rows = rows[rows["month"].isna() | ~same | (rows["role"] == "headline")]
    figure = design_called(effect.design).figure
    if figure == "forest":
        return _by_site(effect, rows, names or {})
    if figure == "alongside":
        return _by_place(effect, rows, names or {}, period)
    return _readable(rows, [_term(row, period) for row in rows.itertuples()], "Effect")


def _by_site(effect: Effect, rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """All sites together, a new site and their spread, then every site in the order of names."""
    site_rows = [(name, row) for _, name, row in words.site_rows(effect, names)]
    other_rows = rows[~rows["term"].isin(effect.treated_units)]
    named_rows = [(_term(row, "period"), row) for _, row in other_rows.iterrows()] + site_rows
    return _readable(pd.DataFrame([row for _, row in named_rows]), [name for name, _ in named_rows], "Effect")


def place_rows(effect: Effect, names: Mapping[str, str] | None = None) -> list[tuple[str, pd.Series]]:
    """Name and row of each treated unit's own effect, in alphabetical order; nothing where they were not told apart."""
    rows = _reader_rows(effect, ("term",))
    rows = rows[rows["term"].str.startswith("att ")]
    named_rows = [((names or {}).get(row["term"][4:], row["term"][4:]), row) for _, row in rows.iterrows()]
    return sorted(named_rows, key=lambda named_row: named_row[0].casefold())


def start_rows(effect: Effect) -> list[tuple[str, pd.Series]]:
    """Name and row of each start's own effect, in order of time; nothing where there is one start."""
    rows = _reader_rows(effect, ("term",))
    rows = rows[rows["cohort"].notna()]
    return [(f"Those that changed from {words.month_name(row['cohort'])}", row) for _, row in rows.iterrows()]


def _by_place(effect: Effect, rows: pd.DataFrame, names: Mapping[str, str], period: str) -> pd.DataFrame:
    """One row an effect; a start with one place is told as that place, not twice."""
    other_rows = rows[~rows["term"].str.startswith("att ") & rows["cohort"].isna()]
    # The mean over all belongs directly below a headline that is something else.
    other_rows = other_rows.sort_values("month", na_position="first", kind="stable")
    other_rows = pd.concat([other_rows[other_rows["role"] == "headline"], other_rows[other_rows["role"] != "headline"]])
    named_rows = [(_term(row, period), row) for row in other_rows.itertuples()]
    rows_by_place = place_rows(effect, names)
    values = ["estimate", "low", "high"]
    alone = {tuple(row[values].fillna(math.inf)): name for name, row in rows_by_place}
    since = {}
    for name, row in start_rows(effect):
        place = alone.get(tuple(row[values].fillna(math.inf)))
        if place is None:
            named_rows.append((name, row))
        else:
            since[place] = f"{place} (from {words.month_name(row['cohort'])})"
    named_rows += [(since.get(name, name), row) for name, row in rows_by_place]
    return _readable(pd.DataFrame([_plain(row) for _, row in named_rows]), [name for name, _ in named_rows], "Effect")


def _plain(row) -> dict:
    return {name: getattr(row, name) for name in ("estimate", "low", "high", "scale")}


class RobustnessRow(NamedTuple):
    """The headline by one choice: its kind and how in words, and the row of estimates."""

    kind: str
    how: str
    row: pd.Series


def robustness_rows(effect: Effect, names: Mapping[str, str] | None = None) -> list[RobustnessRow]:
    """The headline under other choices (sensitivity) and under other methods of inference (comparison)."""
    rows = _reader_rows(effect, ("headline", "sensitivity", "comparison"))
    # Nobody planned what is pooled from results that were there.
    headline = "As above" if design_called(effect.design).pools else "Main analysis"
    kinds = {"headline": headline, "sensitivity": "Another choice", "comparison": "Shown only"}
    how = [words.with_names(words.sentence_case(row.method), names or {}) for row in rows.itertuples()]
    # Rows that leave out one unit stand in the order of the names shown, not of labels.
    single = [index for index, row in enumerate(rows["method"]) if str(row).removeprefix("without ") in (names or {})]
    order = list(range(len(how)))
    for index, other in zip(single, sorted(single, key=lambda position: how[position].casefold()), strict=True):
        order[index] = other
    return [
        RobustnessRow(kinds[rows.iloc[at]["role"]], how[at].replace("Arima", "ARIMA"), rows.iloc[at]) for at in order
    ]


def robustness(effect: Effect, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The same as a table of words."""
    rows = robustness_rows(effect, names)
    table = _readable(pd.DataFrame([row.row for row in rows]), [row.how for row in rows], "How")
    table.insert(0, "Kind", [row.kind for row in rows])
    return table


def follow_up(effect: Effect) -> pd.DataFrame:
    """The headline at each look, with intervals that hold at all of them at once; no rows where there was one look."""
    rows = _reader_rows(effect, ("follow_up",)) if effect.is_estimated else effect.estimates
    if rows.empty:
        return pd.DataFrame()
    period = words.period_noun(effect)
    names = [f"{period.capitalize()}s 1 to {term.rpartition(' ')[2]}" for term in rows["term"]]
    table = _readable(rows, names, "With the figures of").rename(
        columns={"95% interval": "Interval, all looks at once"}
    )
    directions = [
        "a rise" if row.low > 0 else "a fall" if row.high < 0 else "direction not clear" for row in rows.itertuples()
    ]
    return table.assign(**{"Points to": directions})


def over_quarters(effect: Effect) -> pd.DataFrame:
    """The effect at each horizon with the months that it is the mean over; no rows where it was asked at none."""
    told = lasting.at_horizons(effect)
    if not told:
        return pd.DataFrame()
    return pd.DataFrame(
        [
            (
                at.when,
                at.over,
                f"No figure: {at.missing}" if at.missing else words.signed(at.row["estimate"], at.row["scale"]),
                "" if at.missing else words.both_ends(at.row["low"], at.row["high"], at.row["scale"]),
                at.since,
            )
            for at in told
        ],
        columns=["When", "Mean over", "Estimate", "Interval, all at once", "Change since the first"],
    )


def weights(effect: Effect, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Comparators, and periods before the change, with the share each counts for; small shares added up in one row.

    Comparators, or the sites of a pooled effect, in alphabetical order, periods in order of time.
    """
    rows = []
    everything = effect.tables["weights"]
    if "of" not in everything:
        everything = everything.assign(of="unit")
    units = "Site" if design_called(effect.design).pools else "Comparator"
    for of, kind, rest in (("unit", units, "others"), ("period", "Period before", "others")):
        table = everything[everything["of"] == of]
        heavy = table[table["weight"] >= LEAST_SHARE]
        shares = [
            ((names or {}).get(unit, words.month_name(unit)), weight)
            for unit, weight in zip(heavy["unit"], heavy["weight"], strict=True)
        ]
        if of == "unit":
            shares.sort(key=lambda share: share[0].casefold())
        rows += [(name, kind, f"{100 * weight:.1f}%") for name, weight in shares]
        light = table[table["weight"] < LEAST_SHARE]
        if len(light):
            rows.append((f"{len(light)} {rest}, below 1% each", kind, f"{100 * light['weight'].sum():.1f}%"))
    return pd.DataFrame(rows, columns=["Who or when", "What", "Counts for"])


def decomposition(effect: Effect) -> pd.DataFrame:
    """What a plain regression with unit and period effects would average: comparison, share, estimate, whether fair."""
    scale = effect.headline["scale"]
    return pd.DataFrame(
        [
            (
                COMPARISONS.get(row.comparison, words.sentence_case(row.comparison)),
                f"{100 * row.weight:.1f}%",
                words.signed(100 * math.expm1(row.estimate) if scale == "percent" else row.estimate, scale),
                "no: already changed" if row.forbidden else "yes",
            )
            for row in effect.tables["decomposition"].itertuples()
        ],
        columns=["Comparison", "Share", "Estimate", "Fair comparison"],
    )


def checks(effect: Effect, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Every check with its outcome in words."""
    return pd.DataFrame(
        [(check.name, PASSED[check.passed], words.with_names(check.detail, names or {})) for check in effect.checks],
        columns=["Check", "Outcome", "What was seen"],
    )


def coefficients(effect: Effect) -> pd.DataFrame:
    """The whole model, on its own scale, to four significant figures; what there is none of is said in words."""

    def in_figures(value: float, missing: str) -> str:
        return f"{value:.4g}" if math.isfinite(value) else missing

    table = effect.coefficients.copy()
    for name, missing in (("estimate", NONE), ("low", "no bound"), ("high", "no bound"), ("std_error", NONE)):
        table[name] = [in_figures(value, missing) for value in table[name].astype(float)]
    table["p_value"] = [
        NONE if pd.isna(value) else "< 0.001" if value < 0.001 else f"{value:.3f}" for value in table["p_value"]
    ]
    table.columns = ["Term", "Estimate", "95% interval from", "to", "Standard error", "p"]
    return table


def series(effect: Effect) -> pd.DataFrame:
    """The figure's data, to three significant figures."""
    table = effect.series.drop(columns="in_transition").copy()
    for name in table.columns[1:]:
        table[name] = table[name].map(lambda value: "" if pd.isna(value) else words.plain(value))
    table.columns = ["Period", "Observed", "Fitted", "Expected", "Expected, from", "to"]
    if effect.series["counterfactual_low"].isna().all():
        table = table.drop(columns=["Expected, from", "to"])
    if design_called(effect.design).figure == "fitted" or effect.series["in_transition"].any():
        table["Left out"] = ["yes" if left_out else "" for left_out in effect.series["in_transition"]]
    return table


def points(effect: Effect) -> pd.DataFrame:
    """What is only described, point by point, with the interval of each; columns of which nothing is known are left out."""
    table = counted.points(effect)
    shown = pd.DataFrame(
        {
            "Period": table["period"].map(lambda period: weeks_said(str(period))),
            "When": table["part"].map(counted.IN_A_TABLE),
            "Counted": [_figure(number) for number in table["numerator"]],
            "Of": [_figure(number) for number in table["denominator"]],
            "Observed": [NO_FIGURE if pd.isna(number) else counted.value(number, effect) for number in table["value"]],
            "Its own 95% interval": [counted.ends(row, effect) for row in table.itertuples()],
        }
    )
    # Of a count what was counted is the figure itself.
    alone = table["denominator"].isna().all()
    return shown.drop(
        columns=[
            *(["Counted", "Of"] if alone else []),
            *(["Its own 95% interval"] if table["low"].isna().all() else []),
        ]
    )


def _figure(number: float) -> str:
    return "" if pd.isna(number) else f"{number:,.10g}"


def _reader_rows(effect: Effect, roles: tuple[str, ...]) -> pd.DataFrame:
    rows = effect.estimates[effect.estimates["role"].isin(roles)]
    return rows[rows["scale"] == effect.headline["scale"]]


def _readable(rows: pd.DataFrame, names: list[str], heading: str) -> pd.DataFrame:
    unit = {"percent": "", "points": " (points)"}.get(rows["scale"].iloc[0], "")
    return pd.DataFrame(
        {
            heading: names,
            f"Estimate{unit}": [_unsigned(row, words.signed(row.estimate, row.scale)) for row in rows.itertuples()],
            "95% interval": [
                _unsigned(row, words.both_ends(row.low, row.high, row.scale)) for row in rows.itertuples()
            ],
        }
    )


def _unsigned(row, written: str) -> str:
    """A standard deviation is a size, no change: it has no sign."""
    return written.replace("+", "") if getattr(row, "term", None) == "tau" else written


def _term(row, period: str) -> str:
    if pd.notna(row.month):
        return f"In {period} {row.month:.0f}"
    if row.term.startswith("mean months "):
        return f"Mean of {period}s {row.term.removeprefix('mean months ')}"
    at_a_date = re.fullmatch(r"(level|slope) (\d{4}.*)", row.term)
    if at_a_date:
        what = {"level": "Step in {}", "slope": "Change in trend in {}, per period"}[at_a_date[1]]
        return what.format(words.month_name(at_a_date[2]))
    return TERMS.get(row.term, row.term)


def as_html(frame: pd.DataFrame, caption: str, kind: str = "", data: Mapping[str, str] | None = None) -> str:
    """An accessible table: caption, column headers with scope, first cell of a row as its header.

    It stands in a container of its own that scrolls and takes the keyboard, so that a phone never scrolls sideways.
    ``data`` is what scripts read of it, by name.
    """
    heads = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in frame.columns)
    body = []
    for row in frame.itertuples(index=False, name=None):
        first, *rest = (html.escape(str(cell)) for cell in row)
        body.append(f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>")
    label = html.escape(caption, quote=True)
    css = f"ek-table {kind}".strip()
    for_scripts = "".join(f' data-{name}="{html.escape(value, quote=True)}"' for name, value in (data or {}).items())
    return (
        f'<div class="ek-scroll" tabindex="0" role="region" aria-label="{label}">'
        f'<table class="{css}"{for_scripts}><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
