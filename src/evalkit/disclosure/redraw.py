"""Other exact tables with the same gated form: what a book shows has to be the same for all of them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from evalkit.disclosure import own_counts
from evalkit.disclosure.dominance import LARGEST
from evalkit.disclosure.gated_form import Earlier
from evalkit.disclosure.own_counts import gated
from evalkit.disclosure.rules import SmallNumbers
from evalkit.disclosure.suppression import NotProtected

TRIES = 40
FARTHEST = 40  # a withheld figure that may be of any size is redrawn within so many of its own


def redrawn(
    exact: pd.DataFrame,
    forms: Mapping[str, str],
    rule: SmallNumbers,
    earlier: Sequence[Earlier],
    seed: int,
    salt: bytes = b"",
    beside: Sequence[Earlier] = (),
) -> tuple[pd.DataFrame, list[Earlier]] | None:
    """An exact table drawn anew, with those of earlier releases: withheld cells and what rounding took are others, sums
    add up, and the gated form is the same; None where none was found.

    Parameters
    ----------
    exact, forms, rule, earlier, salt, beside : as ``own_counts.gated`` takes them; tables beside stay as they are
    """
    random = np.random.default_rng(seed)
    shown = gated(exact, forms, rule, earlier, salt, beside).table
    tables = [exact.sort_values(own_counts.KEY, ignore_index=True)]
    tables += [release.exact.sort_values(own_counts.KEY, ignore_index=True) for release in earlier]
    problem = own_counts.to_solve(exact, forms, rule, earlier, beside)
    below, above = problem.cells.room(own_counts.solved(problem, salt))
    below, above = np.maximum(below, -FARTHEST), np.minimum(above, FARTHEST)
    stays = problem.cells.values == 0
    stays[problem.variable[(problem.cell["release"] > len(earlier)).to_numpy()]] = True
    below[stays], above[stays] = 0, 0
    adds_up = LinearConstraint(problem.cells.matrix(), 0, 0) if problem.cells.sums else ()
    for attempt in range(TRIES):
        moved = random.random(len(below)) < 1 / (1 + attempt / 2)  # fewer and fewer, where many change what is withheld
        goal = np.where(moved, random.normal(size=len(below)), 0.0)
        low, high = np.where(moved, below, 0), np.where(moved, above, 0)
        found = milp(goal, constraints=adds_up, bounds=Bounds(low, high), integrality=np.ones(len(goal)))
        if found.x is None or not np.round(found.x).any():
            continue
        others = _moved(tables, problem, np.round(found.x))
        before = [Earlier(table, release.shown) for table, release in zip(others[1:], earlier, strict=True)]
        with suppress(NotProtected):  # which the exact figures are
            if gated(others[0], forms, rule, before, salt, beside).table.equals(shown):
                return others[0], before
    return None


def _moved(tables: Sequence[pd.DataFrame], problem: "own_counts.Problem", by: np.ndarray) -> list[pd.DataFrame]:
    """Each release with its figures moved; what a mean adds up stays in proportion to how many people it is of."""
    told = []
    for number, table in enumerate(tables):
        own = (problem.cell["release"] == number).to_numpy()
        other = table.copy()
        for part in ("numerator", "denominator"):
            which = own & (problem.cell["part"] == part).to_numpy()
            values = other[part].to_numpy(float).copy()
            values[problem.cell["row"].to_numpy()[which]] += by[problem.variable[which]]
            other[part] = values
        of_a_mean = table["numerator"].notna() & ~np.isin(
            table.index, problem.cell["row"][own & (problem.cell["part"] == "numerator")]
        )
        ratio = other["denominator"] / table["denominator"]
        for column in table.columns.intersection(["numerator", *LARGEST]):
            other.loc[of_a_mean, column] = (table[column] * ratio)[of_a_mean]
        told.append(other)
    return told
