"""An Effect's numbers as small tables for readers: every cell is text, made from the Effect."""

import html
import math
from collections.abc import Mapping

import pandas as pd

from evalkit.effect import POOLED, Effect
from evalkit.report import words

PASSED = {True: "✓ passed", False: "✗ did not pass", None: "· for information"}
TERMS = {
    "level": "Step at the change",
    "slope": "Change in trend, per period",
    "mean": "Mean over the time after",
    "att": "Mean over the time after the change",
    "level total": "All steps together",
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
TOLD = {"month": (3, 6, 12, 24), "quarter": (1, 2, 4, 8), "week": (4, 13, 26, 52), "day": (7, 28, 91, 182)}
LEAST_SHARE = 0.01
COLUMNS = {"scale": "Scale", "low": "95% interval from", "high": "to", "estimate": "Estimate"}


def estimates(effect: Effect, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Headline and other effects: what, estimate, interval; months 3, 6, 12 and 24 where estimated.

    Starts in order of time, then places in alphabetical order; ``names`` gives the name of a label.
    """
    rows = _reader_rows(effect, ("headline", "term"))
    months, period = rows["month"], words.period_noun(effect)
    told = TOLD.get(period)
    rows = rows[months.isna() | (rows["role"] == "headline") | (True if told is None else months.isin(told))]
    # A step is the same in every month: once is enough.
    same = (rows[["estimate", "low", "high"]] == rows[["estimate", "low", "high"]].iloc[0]).all(axis=1)
    rows = rows[rows["month"].isna() | ~same | (rows["role"] == "headline")]
    if effect.design == POOLED:
        return _by_site(effect, rows, names or {})
    if effect.design != words.DIFFERENCES:
        return _readable(rows, [_term(row, period) for row in rows.itertuples()], "Effect")
    return _by_place(effect, rows, names or {}, period)


def _by_site(effect: Effect, rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """All sites together, a new site and their spread, then every site in the order of names."""
    own = [(name, row) for _, name, row in words.site_rows(effect, names)]
    other = rows[~rows["term"].isin(effect.treated_units)]
    named = [(_term(row, "period"), row) for _, row in other.iterrows()] + own
    return _readable(pd.DataFrame([row for _, row in named]), [name for name, _ in named], "Effect")


def places(effect: Effect, names: Mapping[str, str] | None = None) -> list[tuple[str, pd.Series]]:
    """Name and row of each treated unit's own effect, in alphabetical order; nothing where they were not told apart."""
    rows = _reader_rows(effect, ("term",))
    rows = rows[rows["term"].str.startswith("att ")]
    found = [((names or {}).get(row["term"][4:], row["term"][4:]), row) for _, row in rows.iterrows()]
    return sorted(found, key=lambda one: one[0].casefold())


def starts(effect: Effect) -> list[tuple[str, pd.Series]]:
    """Name and row of each start's own effect, in order of time; nothing where there is one start."""
    rows = _reader_rows(effect, ("term",))
    rows = rows[rows["cohort"].notna()]
    return [(f"Those that changed from {words.month_name(row['cohort'])}", row) for _, row in rows.iterrows()]


def _by_place(effect: Effect, rows: pd.DataFrame, names: Mapping[str, str], period: str) -> pd.DataFrame:
    """One row an effect; a start with one place is told as that place, not twice."""
    other = rows[~rows["term"].str.startswith("att ") & rows["cohort"].isna()]
    # The mean over all belongs directly below a headline that is something else.
    other = other.sort_values("month", na_position="first", kind="stable")
    other = pd.concat([other[other["role"] == "headline"], other[other["role"] != "headline"]])
    named = [(_term(row, period), row) for row in other.itertuples()]
    own = places(effect, names)
    values = ["estimate", "low", "high"]
    alone = {tuple(row[values].fillna(math.inf)): name for name, row in own}
    since = {}
    for name, row in starts(effect):
        place = alone.get(tuple(row[values].fillna(math.inf)))
        if place is None:
            named.append((name, row))
        else:
            since[place] = f"{place} (from {words.month_name(row['cohort'])})"
    named += [(since.get(name, name), row) for name, row in own]
    return _readable(pd.DataFrame([_plain(row) for _, row in named]), [name for name, _ in named], "Effect")


def _plain(row) -> dict:
    return {name: getattr(row, name) for name in ("estimate", "low", "high", "scale")}


def robustness(effect: Effect, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The headline under other choices (sensitivity) and under other methods of inference (comparison)."""
    rows = _reader_rows(effect, ("headline", "sensitivity", "comparison"))
    kinds = {"headline": "As planned", "sensitivity": "Another choice", "comparison": "Shown only"}
    how = [words.with_names(words.sentence_case(row.method), names or {}) for row in rows.itertuples()]
    # Rows that leave out one unit stand in the order of the names shown, not of labels.
    single = [index for index, row in enumerate(rows["method"]) if str(row).removeprefix("without ") in (names or {})]
    order = list(range(len(how)))
    for index, other in zip(single, sorted(single, key=lambda one: how[one].casefold()), strict=True):
        order[index] = other
    rows, how = rows.iloc[order], [how[one] for one in order]
    table = _readable(rows, [one.replace("Arima", "ARIMA") for one in how], "How")
    table.insert(0, "Kind", [kinds[role] for role in rows["role"]])
    return table


def weights(effect: Effect, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Comparators, and periods before the change, with the share each counts for; small shares added up in one row.

    Comparators, or the sites of a pooled effect, in alphabetical order, periods in order of time.
    """
    rows = []
    everything = effect.tables["weights"]
    if "of" not in everything:
        everything = everything.assign(of="unit")
    units = "Site" if effect.design == POOLED else "Comparator"
    for of, kind, rest in (("unit", units, "others"), ("period", "Period before", "others")):
        table = everything[everything["of"] == of]
        heavy = table[table["weight"] >= LEAST_SHARE]
        shown = [
            ((names or {}).get(unit, words.month_name(unit)), weight)
            for unit, weight in zip(heavy["unit"], heavy["weight"], strict=True)
        ]
        if of == "unit":
            shown.sort(key=lambda one: one[0].casefold())
        rows += [(name, kind, f"{100 * weight:.1f}%") for name, weight in shown]
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
    """The whole model, on its own scale, to four significant figures."""
    table = effect.coefficients.copy()
    for name in ("estimate", "low", "high", "std_error"):
        table[name] = table[name].map(lambda value: f"{value:.4g}")
    table["p_value"] = table["p_value"].map(lambda value: "< 0.001" if value < 0.001 else f"{value:.3f}")
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
    if effect.design != words.DIFFERENCES or effect.series["in_transition"].any():
        table["Left out"] = ["yes" if one else "" for one in effect.series["in_transition"]]
    return table


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
    if row.term.startswith("level 2"):
        return f"Step in {words.month_name(row.term.removeprefix('level '))}"
    return TERMS.get(row.term, row.term)


def as_html(frame: pd.DataFrame, caption: str, kind: str = "") -> str:
    """An accessible table: caption, column headers with scope, first cell of a row as its header.

    It stands in a container of its own that scrolls and takes the keyboard, so that a phone never scrolls sideways.
    """
    heads = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in frame.columns)
    body = []
    for row in frame.itertuples(index=False, name=None):
        first, *rest = (html.escape(str(cell)) for cell in row)
        body.append(f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>")
    label = html.escape(caption, quote=True)
    css = f"ek-table {kind}".strip()
    return (
        f'<div class="ek-scroll" tabindex="0" role="region" aria-label="{label}">'
        f'<table class="{css}"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
