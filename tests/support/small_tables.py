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


Name = tuple[str, tuple[str, str, str]]


@dataclass(frozen=True, eq=False)
class _Published:
    """What an attacker knows: bounds of each unknown, sums that are nought, the exact figures (to begin from, as they are
    possible), and the place of every withheld count of 1 to 7 of the last release."""

    exact: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sums: csr_array
    looked_at: dict[Name, int]


def _published(releases: Sequence[tuple[MadeTable, pd.DataFrame]], least: int, base: int) -> _Published:
    """Of each release: the exact table (whose figures serve to tell what was revised, and what to look at), and the table as
    shown."""
    half = (base - 1) // 2
    unknown: dict[tuple, int] = {}
    low: list[float] = []
    high: list[float] = []
    equations: list[tuple[int, list[int]]] = []
    looked_at: dict[Name, int] = {}
    for number, (made, shown) in enumerate(releases):
        exact = made.exact.set_index(KEY)
        told = shown.set_index(KEY)[["numerator", "denominator"]].to_dict("index")

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
        last = number == len(releases) - 1
        for key, row in exact.iterrows():
            figure = int(row["numerator"])
            written = str(told[key]["numerator"])
            own[key] = place("numerator", key, figure, written)
            if written == WITHHELD and 0 < figure < least and last:
                looked_at["numerator", key] = own[key]
            if made.forms[key[2]] == "proportion":
                people = int(row["denominator"])
                whole = place("denominator", key, people, str(told[key]["denominator"]))
                rest = place("rest", key, people - figure, WITHHELD)
                equations.append((whole, [own[key], rest]))
                if 0 < people - figure < least and last:
                    looked_at["rest", key] = rest
        equations += [(own[total], [own[part] for part in parts]) for total, parts in made.sums]
    entries = [(row, total, 1.0) for row, (total, _) in enumerate(equations)]
    entries += [(row, part, -1.0) for row, (_, parts) in enumerate(equations) for part in parts]
    rows, columns, signs = zip(*entries, strict=True)
    sums = csr_array((signs, (rows, columns)), shape=(len(equations), len(low)))
    exact = np.array([figure for _, _, figure in unknown], float)
    return _Published(exact, np.array(low), np.array(high), sums, looked_at)


def _furthest(known: _Published, cells: Sequence[int], sign: int, within: float = np.inf) -> np.ndarray:
    """Figures that fit all that is published, with the sum of those of ``cells`` as large (or small) as it can be; each of
    them no further than ``within`` from its exact figure."""
    goal = np.zeros(len(known.low))
    goal[cells] = -sign
    low, high = known.low.copy(), known.high.copy()
    low[cells] = np.maximum(low[cells], known.exact[cells] - within)
    high[cells] = np.minimum(high[cells], known.exact[cells] + within)
    adds_up = LinearConstraint(known.sums, 0, 0)
    found = milp(goal, constraints=adds_up, bounds=Bounds(low, high), integrality=np.ones(len(goal)))
    assert found.x is not None  # the exact figures are possible
    figures = np.round(found.x)
    assert not (known.sums @ figures).any()
    assert ((figures >= known.low) & (figures <= known.high)).all()
    return figures


def possible(
    releases: Sequence[tuple[MadeTable, pd.DataFrame]], least: int = 8, base: int = 5, at_most: int | None = None
) -> dict[Name, tuple[int, int, int]]:
    """Exact figure, and least and largest that the attacker finds possible, of every withheld count of 1 to 7 in the last
    release. At most so many are looked at, spread over all."""
    known = _published(releases, least, base)
    step = 1 if at_most is None else max(1, len(known.looked_at) // at_most)
    return {
        name: (int(known.exact[at]), int(_furthest(known, [at], -1)[at]), int(_furthest(known, [at], 1)[at]))
        for name, at in list(known.looked_at.items())[::step]
    }


def figures_possible(
    releases: Sequence[tuple[MadeTable, pd.DataFrame]], enough: int = 4, least: int = 8, base: int = 5
) -> dict[Name, int]:
    """How many figures, from the least to the largest, the attacker finds possible for every withheld count of 1 to 7 in the
    last release; no more than ``enough`` are looked for.

    What is found for one cell is possible for all others as well, so that few cells have to be asked about by themselves.
    """
    known = _published(releases, least, base)
    every = np.array(list(known.looked_at.values()), int)
    low, high = known.exact.copy(), known.exact.copy()

    def ask(cells: np.ndarray, sign: int) -> None:
        figures = _furthest(known, cells, sign, enough - 1)
        np.minimum(low, figures, out=low)
        np.maximum(high, figures, out=high)

    for cells in (every, *every[:, None]):
        for sign in (1, -1):
            left = cells[high[cells] - low[cells] < enough - 1]
            if len(left):
                ask(left, sign)
    return {name: int(min(high[at] - low[at] + 1, enough)) for name, at in known.looked_at.items()}


def kept(made: MadeTable, shown: pd.DataFrame, least: int = 8) -> tuple[float, float]:
    """The share of cells that are withheld as they are small, and of those of 8 or more the share that is shown; of counts,
    as a share is also withheld for what it leaves, or for how few it is of."""
    counts = made.exact["measure"].map(made.forms) == "count"
    exact = made.exact[counts].sort_values(KEY, ignore_index=True)["numerator"]
    written = shown[shown["measure"].map(made.forms) == "count"].sort_values(KEY, ignore_index=True)["numerator"]
    small, large = (exact > 0) & (exact < least), exact >= least
    return float(small.mean()), float((written[large] != WITHHELD).mean())
