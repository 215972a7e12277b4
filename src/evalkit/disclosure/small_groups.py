"""Which groups of a survey are withheld, so that no share of too few people is shown or follows from others.

A rule that goes by how many people a share is of (``SmallNumbers.of_the_whole``) withholds a group of few. Where the counts
of one row are those of others together, as those of all staff are, taking away what is shown gives what is withheld, taken
together: it has to be of two groups or more, of as many people as the rule asks for, and leave each of them in doubt even to
who takes all of them for small.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from evalkit.disclosure.attack import SPREAD
from evalkit.disclosure.rules import SmallNumbers

MOST_GROUPS = 14  # among which every total is looked for: twice as many for each further one
NEARLY = 1e-9

Total = tuple[int, tuple[int, ...]]  # the row that is one, and its parts


def withheld_groups(counts: np.ndarray, whole: int, rule: SmallNumbers) -> np.ndarray:
    """Which rows are withheld (n,): those of few, the smallest others beside them, and all where these would not do.

    Parameters
    ----------
    counts : (n, k) of int
        Of each group every count that is known of it; more than ``MOST_GROUPS`` are refused by whoever reads them.
    whole : int
        The column of how many people the share is of.
    rule : SmallNumbers
        Of which ``least`` is how many people a share needs.
    """
    people = counts[:, whole]
    withheld = rule.is_small(people)
    totals = list(found_totals(counts, whole))
    while unsafe := _unsafe(people, withheld, totals, rule.least):
        open_ones = [row for row in unsafe if not withheld[row] and people[row] > 0]
        if not open_ones:
            return people > 0
        withheld[min(open_ones, key=lambda row: (people[row], row))] = True
    return withheld


def found_totals(counts: np.ndarray, whole: int) -> Iterator[Total]:
    """Every row that is two others or more together, in how many people there are and in another count at least."""
    rows = [row for row in range(len(counts)) if counts[row].any()]
    for size in range(2, len(rows)):
        for parts in combinations(rows, size):
            together = counts[list(parts)].sum(axis=0)
            for row in rows:
                alike = counts[row] == together
                if row not in parts and alike[whole] and alike.sum() > 1:
                    yield row, parts


def _unsafe(people: np.ndarray, withheld: np.ndarray, totals: Sequence[Total], least: int) -> list[int]:
    """Rows of the first total by which something small is found; nothing where there is none."""
    for total, parts in totals:
        hidden = [row for row in parts if withheld[row]]
        if hidden and not withheld[total] and gives_back(int(people[hidden].sum()), len(hidden), least):
            return list(parts) if any(not withheld[row] and people[row] > 0 for row in parts) else [total]
        if withheld[total] and not hidden:
            return list(parts)
    return _found_by_several(withheld, totals)


def gives_back(together: int, groups: int, least: int) -> bool:
    """Whether what groups have together tells one of them, or is itself of too few."""
    most = groups * (least - 1)  # if all of them are small
    doubt_below, doubt_above = together - groups, most - together
    return groups == 1 or together < least or doubt_below < SPREAD or 0 <= doubt_above < SPREAD


def _found_by_several(withheld: np.ndarray, totals: Sequence[Total]) -> list[int]:
    """Rows of the totals that together give a withheld row: it alone is left when they are taken from each other."""
    hidden = np.flatnonzero(withheld)
    if not len(hidden) or not totals:
        return []
    equations = np.zeros((len(totals), len(withheld)))
    for at, (total, parts) in enumerate(totals):
        equations[at, total], equations[at, list(parts)] = 1, -1
    unknown = equations[:, hidden]
    kept = np.linalg.pinv(unknown) @ unknown  # onto what the totals say of the withheld rows
    found = hidden[np.abs(np.diag(kept) - 1) < NEARLY]
    return (
        sorted({row for total, parts in totals for row in (total, *parts) if {*found} & {total, *parts}})
        if len(found)
        else []
    )
