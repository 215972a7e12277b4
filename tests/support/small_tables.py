"""Tables of small counts by a written generator, and somebody who tries to find what is withheld in them.

The attacker knows how the gate works, which figures are sums of which, and every release; only the exact figures not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

KEY = ["org_code", "period", "measure"]
WITHHELD = "*"


@dataclass(frozen=True, eq=False)
class MadeTable:
    """An exact table, the form of each measure, and its sums: total and parts, by (org_code, period, measure)."""

    exact: pd.DataFrame
    forms: dict[str, str]
    sums: list[tuple[tuple[str, str, str], tuple[tuple[str, str, str], ...]]]


def made_table(seed: int, most: int = 36) -> MadeTable:
    """12 to 36 months, or ``most``, of 2 to 8 strata, 5 to 40% of cells at 1 to 7, their total, running totals of each year in half of
    the tables, quarterly moving sums in a third, and a share in a third."""
    random = np.random.default_rng(seed)
    months, strata = int(random.integers(12, most + 1)), int(random.integers(2, 9 if most > 20 else 5))
    share = random.uniform(0.05, 0.4)
    periods = [str(period) for period in pd.period_range("2021-01", periods=months, freq="M")]
    counts = random.integers(8, int(random.choice([20, 60, 300])), (months, strata))
    counts = np.where(random.random(counts.shape) < share, random.integers(1, 8, counts.shape), counts)
    counts = np.where(random.random(counts.shape) < 0.02, 0, counts)
    whole = np.c_[counts, counts.sum(axis=1)]
    names = [f"ZZ9{stratum:02d}" for stratum in range(strata)] + ["ZZ999"]
    rows, sums = [], []
    for month, period in enumerate(periods):
        rows += [(name, period, "falls", whole[month, at], np.nan) for at, name in enumerate(names)]
        sums.append((("ZZ999", period, "falls"), tuple((name, period, "falls") for name in names[:-1])))
    if random.random() < 0.5:
        for at, name in enumerate(names):
            up = 0
            for month, period in enumerate(periods):
                begins = period.endswith("-04") or month == 0
                up = whole[month, at] + (0 if begins else up)
                rows.append((name, period, "falls-this-year", up, np.nan))
                before = () if begins else ((name, periods[month - 1], "falls-this-year"),)
                sums.append(((name, period, "falls-this-year"), (*before, (name, period, "falls"))))
    if random.random() < 0.33:
        for at, name in enumerate(names):
            for month in range(2, months):
                rows.append(
                    (name, periods[month], "falls-in-three-months", whole[month - 2 : month + 1, at].sum(), np.nan)
                )
                last = tuple((name, periods[month - back], "falls") for back in range(3))
                sums.append(((name, periods[month], "falls-in-three-months"), last))
    if random.random() < 0.33:
        people = random.integers(8, 80, (months, strata))
        parts = random.binomial(people, random.uniform(0.1, 0.9))
        for month, period in enumerate(periods):
            rows += [(name, period, "seen", parts[month, at], people[month, at]) for at, name in enumerate(names[:-1])]
    forms = {"falls": "count", "falls-this-year": "count", "falls-in-three-months": "count", "seen": "proportion"}
    exact = pd.DataFrame(rows, columns=[*KEY, "numerator", "denominator"])
    return MadeTable(exact.sample(frac=1, random_state=seed, ignore_index=True), forms, sums)


def revised(made: MadeTable, seed: int) -> MadeTable:
    """The same a month later: one count of the last months one or two more, with all that it is a part of."""
    random = np.random.default_rng(seed)
    exact = made.exact.set_index(KEY)["numerator"].astype(float)
    counts = [key for key in exact.index if key[2] == "falls" and key[0] != "ZZ999"]
    late = sorted(counts, key=lambda key: key[1])[-12:]
    wrong = late[int(random.integers(len(late)))]
    more = float(random.integers(1, 3))
    changed = {wrong}
    for total, parts in sorted(made.sums, key=lambda one: (one[0][2] != "falls", one[0][1])):
        if changed & set(parts):
            changed.add(total)
    for key in changed:
        exact[key] += more
    table = made.exact.set_index(KEY)
    table["numerator"] = exact
    return MadeTable(table.reset_index(), made.forms, made.sums)


def possible(
    releases: Sequence[tuple[MadeTable, pd.DataFrame]], least: int = 8, base: int = 5, at_most: int | None = None
) -> dict[tuple[str, tuple[str, str, str]], tuple[int, float, float]]:
    """Exact figure, and least and largest that the attacker finds possible, of every withheld count of 1 to 7 in the last
    release. Of each release: the exact table (whose figures serve to tell what was revised, and what to look at), and the
    table as shown. At most so many are looked at, spread over all."""
    half = (base - 1) // 2
    unknown: dict[tuple, int] = {}
    low: list[float] = []
    high: list[float] = []
    equations: list[tuple[int, list[int]]] = []
    looked_at: dict[tuple[str, tuple[str, str, str]], tuple[int, int]] = {}
    for number, (made, shown) in enumerate(releases):
        exact = made.exact.set_index(KEY)
        told = shown.set_index(KEY)

        def place(part: str, key, figure: int, written: str, known=(0.0, np.inf)) -> int:
            at = unknown.setdefault((part, key, figure), len(low))
            if at == len(low):
                low.append(known[0])
                high.append(known[1])
            if written == WITHHELD:
                bounds = (1.0, least - 1.0) if 0 < figure < least else known
            elif written == "0":
                bounds = (0.0, 0.0)
            else:
                bounds = (max(float(written) - half, least), float(written) + half)
            low[at], high[at] = max(low[at], bounds[0]), min(high[at], bounds[1])
            return at

        own: dict[tuple[str, str, str], int] = {}
        for key, row in exact.iterrows():
            figure = int(row["numerator"])
            written = str(told.loc[key, "numerator"])
            own[key] = place("numerator", key, figure, written)
            if written == WITHHELD and 0 < figure < least and number == len(releases) - 1:
                looked_at["numerator", key] = (figure, own[key])
            if made.forms[key[2]] == "proportion":
                people = int(row["denominator"])
                whole = place("denominator", key, people, str(told.loc[key, "denominator"]))
                rest = place("rest", key, people - figure, WITHHELD)
                equations.append((whole, [own[key], rest]))
                if 0 < people - figure < least and number == len(releases) - 1:
                    looked_at["rest", key] = (people - figure, rest)
        equations += [(own[total], [own[part] for part in parts]) for total, parts in made.sums]
    entries = [(row, total, 1.0) for row, (total, _) in enumerate(equations)]
    entries += [(row, part, -1.0) for row, (_, parts) in enumerate(equations) for part in parts]
    rows, columns, signs = zip(*entries, strict=True)
    matrix = csr_array((signs, (rows, columns)), shape=(len(equations), len(low)))
    bounds = Bounds(np.array(low), np.array(high))
    adds_up = LinearConstraint(matrix, 0, 0)
    result = {}
    step = 1 if at_most is None else max(1, len(looked_at) // at_most)
    for name, (figure, at) in list(looked_at.items())[::step]:
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(low))
            goal[at] = sign
            found = milp(goal, constraints=adds_up, bounds=bounds, integrality=np.ones(len(low)))
            assert found.x is not None  # the exact figures are possible
            ends.append(round(found.x[at]))
        result[name] = (figure, *ends)
    return result


def kept(made: MadeTable, shown: pd.DataFrame, least: int = 8) -> tuple[float, float]:
    """The share of cells that are withheld as they are small, and of those of 8 or more the share that is shown; of counts,
    as a share is also withheld for what it leaves, or for how few it is of."""
    counts = made.exact["measure"].map(made.forms) == "count"
    exact = made.exact[counts].sort_values(KEY, ignore_index=True)["numerator"]
    written = shown[shown["measure"].map(made.forms) == "count"].sort_values(KEY, ignore_index=True)["numerator"]
    small, large = (exact > 0) & (exact < least), exact >= least
    return float(small.mean()), float((written[large] != WITHHELD).mean())
