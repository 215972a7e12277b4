"""From a site's exact table to the one that may be shown: small counts withheld, others rounded, no sum to undo it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.disclosure.attack import SPREAD
from evalkit.disclosure.dominance import LARGEST, is_dominated
from evalkit.disclosure.gated_form import COLUMNS, KEY, WITHHELD, Earlier, Gated
from evalkit.disclosure.marks import marks_of
from evalkit.disclosure.rules import SmallNumbers
from evalkit.disclosure.salt import drawn
from evalkit.disclosure.sums import found_sums
from evalkit.disclosure.suppression import Cells, Sum, withheld_cells

FIGURES_OF_A_MEAN = 2  # significant: with more, a mean of whole numbers tells of how many it is
MIDDLES = {
    "mean": 1,
    "cost": 1,
    "median": 2,
}  # forms whose numerator counts nobody, and on how many sides of it people have to be
FEW_SMALL, KEPT = 0.1, 0.9  # shares of cells: where no more are small, so many of the others stay
PARTS = ("numerator", "denominator", "rest")  # the rest of a share is never shown, and follows from the other two


@dataclass(frozen=True, eq=False)
class Problem:
    """What has to be solved.

    Attributes
    ----------
    cell : DataFrame
        One row a figure of a release (0 is today's, those of the tables beside come last), row of its table, part, series,
        period, count.
    variable : (n,) array
        The unknown that each row is.
    cells : Cells
        The unknowns.
    """

    cell: pd.DataFrame
    variable: np.ndarray
    cells: Cells


def gated(
    exact: pd.DataFrame,
    forms: Mapping[str, str],
    rule: SmallNumbers,
    earlier: Sequence[Earlier] = (),
    salt: bytes = b"",
    beside: Sequence[Earlier] = (),
) -> Gated:
    """A table as a rule lets it be shown.

    Of the cells that a sum shares with a small one some are withheld without need, as drawn with ``salt``. Otherwise who
    knows the method could tell, from a cell that is withheld, that it had to be, and so more than its sums say.
    Where few are small they are no more than leave ``KEPT`` of the larger counts, but never none by rule: any chance of
    it leaves each figure possible, and a larger one leaves more doubt.

    Parameters
    ----------
    exact : DataFrame
        One row an organisation, period and measure: org_code, period, measure, and numerator and denominator as numbers,
        missing where not reported; of means also ``dominance.LARGEST``, where they are known. Of a
        note only the marks of ``marks`` pass: the rest is free text.
    forms : mapping
        Of each measure: count, proportion, rate, mean, cost (a mean of money) or median.
    earlier : sequence of Earlier
        What was shown before, the oldest first: a cell that was withheld stays so, and sums over both are solved together.
    beside : sequence of Earlier
        Other tables under the same rule, as they are shown: what of this one adds up to theirs is looked for too.

    Raises
    ------
    NotProtected
        Where what was shown before gives a small count back.
    """
    problem = to_solve(exact, forms, rule, earlier, beside)
    cells = problem.cell[problem.cell["release"] == 0]
    small = cells["withhold"].to_numpy()
    withheld = solved(problem, salt)[problem.variable[: len(cells)]] | small
    rows = exact.sort_values(KEY, ignore_index=True)
    table = _shown(rows, cells.assign(withheld=withheld), forms, rule)
    seen = (cells["part"] != "rest").to_numpy()
    hidden, small = withheld[seen], small[seen]
    counts = int(small.sum()), int((hidden & ~small).sum()), int((~hidden).sum())
    return Gated(table, *counts, len(problem.cells.sums))


def to_solve(
    exact: pd.DataFrame,
    forms: Mapping[str, str],
    rule: SmallNumbers,
    earlier: Sequence[Earlier] = (),
    beside: Sequence[Earlier] = (),
) -> Problem:
    """The figures of today's table, of every release and of the tables beside, as unknowns; those of today come first."""
    told = [_cells(exact.sort_values(KEY, ignore_index=True), forms, rule)]
    for release in (*earlier, *beside):
        before = _cells(release.exact.sort_values(KEY, ignore_index=True), forms, rule)
        told.append(_as_shown(before, release.shown))
    apart = range(1 + len(earlier), len(told))
    for number in apart:  # the same figure in two tables is found as a sum of one
        told[number] = told[number].assign(series=told[number]["series"] + f"\n{number - len(earlier)}")
    hidden = {(row.series, row.period) for before in told[1:] for row in before[before["withhold"]].itertuples()}
    again = [(series, period) in hidden for series, period in zip(told[0]["series"], told[0]["period"], strict=True)]
    told[0] = told[0].assign(withhold=told[0]["withhold"] | np.array(again, dtype=bool))
    cell = pd.concat(told, keys=range(len(told)), names=["release", None]).reset_index(level=0).reset_index(drop=True)
    variable = _variables(cell)
    together = [[0], *([release] for release in range(1, apart.start)), *([[0, *apart]] if apart else [])]
    return Problem(cell, variable, _unknowns(cell, variable, _sums(cell, variable, together), rule))


def solved(problem: Problem, salt: bytes = b"") -> np.ndarray:
    """Which unknowns are withheld."""
    withheld = withheld_cells(problem.cells)
    if salt:
        withheld[_without_need(problem, withheld, salt)] = True
    return withheld


def _without_need(problem: Problem, withheld: np.ndarray, salt: bytes) -> list[int]:
    """Unknowns to withhold beside small ones, as drawn: no more of them than ``_may_go`` says, but one of those drawn."""
    cells = problem.cells
    first = pd.Series(problem.variable).drop_duplicates()
    names = (problem.cell["series"] + "\n" + problem.cell["period"]).to_numpy()[first.index]
    name_of = dict(zip(first.to_numpy(), names, strict=True))
    beside = {
        place for one in cells.sums if cells.small[[one.total, *one.parts]].any() for place in (one.total, *one.parts)
    }
    can = ~withheld & ~cells.settled & (cells.values >= np.maximum(1, cells.least))
    place_of = {name_of[place]: place for place in beside if can[place]}
    chosen = drawn(salt, place_of)
    return [place_of[name] for name in chosen[: max(1, _may_go(problem, withheld))]]


def _may_go(problem: Problem, withheld: np.ndarray) -> int:
    """How many cells of today's can be withheld besides, so that ``KEPT`` of the larger counts stay where few are small."""
    today = problem.cell[problem.cell["release"] == 0]
    counts = today["plain"].to_numpy()  # shares are withheld for other reasons too
    of = counts if counts.any() else (today["part"] != "rest").to_numpy()
    small = today["small"].to_numpy()
    large = of & ~small & (today["count"] > 0).to_numpy()
    if small[of].sum() > FEW_SMALL * of.sum():
        return len(today)
    return int((1 - KEPT) * large.sum() + 1e-9) - int(withheld[problem.variable[: len(today)]][large].sum())


def _cells(rows: pd.DataFrame, forms: Mapping[str, str], rule: SmallNumbers) -> pd.DataFrame:
    """One row a figure that counts people: row, series, period, part, count, small, withhold, plain, least."""
    form = rows["measure"].map(forms)
    numerator, denominator = (rows[part].astype(float) for part in ("numerator", "denominator"))
    denominator = denominator.round()  # of a rate it may be days, and parts of them
    parts = []
    for part, counts, where in (
        ("numerator", numerator, ~form.isin(list(MIDDLES))),
        ("denominator", denominator, form != "count"),
        ("rest", denominator - numerator, form == "proportion"),
    ):
        known = where & counts.notna() & (counts % 1 == 0)
        parts.append(pd.DataFrame({"row": rows.index[known], "part": part, "count": counts[known].astype(int)}))
    cells = pd.concat(parts, ignore_index=True)
    at = cells["row"].to_numpy()
    cells["series"] = rows["org_code"].to_numpy()[at] + "\n" + rows["measure"].to_numpy()[at] + "\n" + cells["part"]
    cells["period"] = rows["period"].to_numpy()[at]
    cells["small"] = rule.is_small(cells["count"].to_numpy())
    if rule.of_the_whole:
        many = (form.eq("proportion") & (denominator >= rule.least)).to_numpy()[at]
        cells["small"] &= ~many
    few = (denominator < rule.whole_from) | (rule.rounded(denominator.fillna(0).to_numpy()) < rule.whole_from)
    no_share = form.isin(["proportion", "rate"]) & denominator.notna() & few
    rest_is_small = (
        form.eq("proportion")
        & (not rule.of_the_whole)
        & pd.Series(rule.is_small((denominator - numerator).fillna(0).to_numpy()))
    )
    of_numerator = cells["part"].eq("numerator") & (no_share | rest_is_small).to_numpy()[at]
    cells["withhold"] = cells["small"] | of_numerator | cells["part"].eq("rest")
    cells["plain"] = form.eq("count").to_numpy()[at]
    # Nought is shown, so what is withheld is at least one, but where no share is shown whatever its part.
    nought_is_shown = cells["part"].eq("denominator") | ~no_share.to_numpy()[at]
    cells["least"] = np.where(nought_is_shown & ((cells["part"] != "rest") | (cells["count"] > 0)), 1, 0)
    cells["settled"] = False
    return cells


def _as_shown(cells: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Cells of an earlier release, whose fate is settled: what was shown and what was not."""
    shown = shown.sort_values(KEY, ignore_index=True)
    told = [
        str(shown[part].iat[row]) if part != "rest" else WITHHELD
        for row, part in zip(cells["row"], cells["part"], strict=True)
    ]
    hidden = np.array([one == WITHHELD for one in told])
    return cells.assign(withhold=hidden, settled=~hidden)


def _variables(cells: pd.DataFrame) -> np.ndarray:
    """The unknown that each cell is (n,): one that was not revised is the same in every release."""
    return cells.groupby(["series", "period", "count"], sort=False).ngroup().to_numpy()


def _sums(cells: pd.DataFrame, variable: np.ndarray, together: Sequence[Sequence[int]]) -> list[Sum]:
    """What adds up within the releases that stand together: parts of a share, and whatever figures are sums of others."""
    told: dict[tuple[int, tuple[int, ...]], None] = {}
    for releases in together:
        of_release = cells.assign(variable=variable)[cells["release"].isin(releases)]
        whole = of_release.pivot(index=["release", "row"], columns="part", values="variable")
        if {"numerator", "denominator", "rest"} <= set(whole.columns):
            for row in whole.dropna(subset=["numerator", "denominator", "rest"]).astype(int).itertuples():
                told[row.denominator, (row.numerator, row.rest)] = None
        counted = of_release[of_release["part"] != "rest"]
        wide = counted.pivot(index="period", columns="series", values="count")
        which = counted.pivot(index="period", columns="series", values="variable")
        at = which.to_numpy(float)
        for (period, series), parts in found_sums(wide):
            told[int(at[period, series]), tuple(int(at[place]) for place in parts)] = None
    return [Sum(total, parts) for total, parts in told]


def _unknowns(cells: pd.DataFrame, variable: np.ndarray, sums: Sequence[Sum], rule: SmallNumbers) -> Cells:
    """One unknown for each figure, whatever releases show of it."""
    unknown = cells.assign(variable=variable).groupby("variable", sort=True)
    count = unknown["count"].first().to_numpy()
    low, high = rule.known(count)
    small, withhold = unknown["small"].any().to_numpy(), unknown["withhold"].any().to_numpy()
    # What was withheld before stays so where it is revised to nought.
    least = np.where(withhold & (count == 0), 0, unknown["least"].max().to_numpy())
    most = np.where(small, rule.least - 1, np.inf)
    most[_too_small(count, least, most, sums)] = np.inf
    return Cells(count, low, high, least, most, small, unknown["settled"].any().to_numpy(), sums, withhold)


def _too_small(count: np.ndarray, least: np.ndarray, most: np.ndarray, sums: Sequence[Sum]) -> list[int]:
    """Totals of so few that each of their parts would be found out, whatever is withheld, by who knows that the total is
    small. Nothing says that it is: a larger one may be drawn without need."""
    least = np.where(count > 0, least, 0)
    return [one.total for one in sums if most[one.total] - least[list(one.parts)].sum() < SPREAD]


def _shown(rows: pd.DataFrame, cells: pd.DataFrame, forms: Mapping[str, str], rule: SmallNumbers) -> pd.DataFrame:
    """The table, as text."""
    table = rows[KEY].assign(note=rows["note"].map(marks_of) if "note" in rows else "")
    rounded = rule.rounded(cells["count"].to_numpy())
    told = np.where(cells["withheld"], WITHHELD, rounded.astype(str))
    form = rows["measure"].map(forms)
    for part in ("numerator", "denominator"):
        written = np.array(
            ["" if pd.isna(value) else _figure(value) for value in rows[part].astype(float)], dtype=object
        )
        own = (cells["part"] == part).to_numpy()
        written[cells["row"].to_numpy()[own]] = told[own]
        if part == "denominator":
            written[(form == "count").to_numpy()] = ""  # it is no part of a count
        table[part] = written
    largest = rows.reindex(columns=LARGEST).astype(float).to_numpy()
    for row in table.index[form.isin(list(MIDDLES))]:
        figure, people = rows.loc[row, "numerator"], rows.loc[row, "denominator"]
        told = str(table.loc[row, "denominator"])
        dominated = form[row] != "median" and is_dominated(figure, *largest[row], is_cost=form[row] == "cost")
        if told in (WITHHELD, "", "0") or people < MIDDLES[form[row]] * rule.least or dominated:
            table.loc[row, "numerator"] = WITHHELD if pd.notna(figure) else ""
        elif pd.notna(figure):
            of_all = float(told) if form[row] != "median" else 1.0  # what a mean is of, added up
            one = figure / people if form[row] != "median" else figure
            table.loc[row, "numerator"] = _figure(significant(one, FIGURES_OF_A_MEAN) * of_all)
    return table[COLUMNS]


def significant(value: float, figures: int) -> float:
    """Rounded to so many significant figures."""
    return value if value == 0 else round(value, figures - 1 - math.floor(math.log10(abs(value))))


def _figure(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.10g}"
