"""An Effect's numbers as small tables for readers: every cell is text, made from the Effect."""

import html

import pandas as pd

from evalkit.effect import Effect
from evalkit.report import words

PASSED = {True: "✓ passed", False: "✗ did not pass", None: "· for information"}
TERMS = {
    "level": "Step at the change",
    "slope": "Change in trend, per period",
    "mean": "Mean over the time after",
    "level total": "All steps together",
    "cumulative": "Added up over the time after",
    "pooled": "All sites together",
    "prediction interval": "At a new site (prediction interval)",
    "tau": "Standard deviation between sites",
}
COLUMNS = {"scale": "Scale", "low": "95% interval from", "high": "to", "estimate": "Estimate"}


def estimates(effect: Effect) -> pd.DataFrame:
    """Headline and other effects: what, estimate, interval; months 3, 6, 12 and 24 where estimated."""
    rows = _reader_rows(effect, ("headline", "term"))
    months = rows["month"]
    rows = rows[months.isna() | months.isin((3, 6, 12, 24))]
    # A step is the same in every month: once is enough.
    same = (rows[["estimate", "low", "high"]] == rows[["estimate", "low", "high"]].iloc[0]).all(axis=1)
    rows = rows[rows["month"].isna() | ~same | (rows["role"] == "headline")]
    return _readable(rows, [_term(row) for row in rows.itertuples()], "Effect")


def robustness(effect: Effect) -> pd.DataFrame:
    """The headline under other choices (sensitivity) and under other methods of inference (comparison)."""
    rows = _reader_rows(effect, ("headline", "sensitivity", "comparison"))
    kinds = {"headline": "As planned", "sensitivity": "Another choice", "comparison": "Shown only"}
    table = _readable(
        rows, [words.sentence_case(row.method).replace("Arima", "ARIMA") for row in rows.itertuples()], "How"
    )
    table.insert(0, "Kind", [kinds[role] for role in rows["role"]])
    return table


def checks(effect: Effect) -> pd.DataFrame:
    """Every check with its outcome in words."""
    return pd.DataFrame(
        [(check.name, PASSED[check.passed], check.detail) for check in effect.checks],
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
            f"Estimate{unit}": [words.signed(row.estimate, row.scale) for row in rows.itertuples()],
            "95% interval": [
                f"{words.signed(row.low, row.scale)} to {words.signed(row.high, row.scale)}"
                for row in rows.itertuples()
            ],
        }
    )


def _term(row) -> str:
    if pd.notna(row.month):
        return f"In month {row.month:.0f}"
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
