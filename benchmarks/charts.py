"""How long control charts of many series take.

``python -m benchmarks.charts`` prints seconds (best of three, one core): 1,000 series by 60 months, as a long frame, to
limits, rules and icons. Beside it, in the same run, the same series one after the other: by `ek.control_chart`, and by the
plain reading of the rules that the tests hold it to, a point at a time.
Target: at most 1 s for all.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import evalkit as ek
from evalkit.charts.icons import assurance_icon, variation_icon
from evalkit.charts.many import many_charts
from tests.support import chart_rules

SERIES, MONTHS = 1_000, 60
ALONE = 100  # series charted one by one, from which the time of all is told


def frame() -> pd.DataFrame:
    """A row a series and month, of noise that wanders a little."""
    random = np.random.default_rng(1)
    values = random.normal(size=(SERIES, MONTHS)) + 0.2 * random.normal(size=(SERIES, MONTHS)).cumsum(axis=1)
    return pd.DataFrame(
        {
            "place": np.repeat([f"P{number:04}" for number in range(SERIES)], MONTHS),
            "month": np.tile(pd.period_range("2021-01", periods=MONTHS, freq="M").astype(str), SERIES),
            "value": values.ravel(),
        }
    )


def at_once(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Limits, rules and icons of all series."""
    many = many_charts(rows, series="place", outcome="value", time="month", target=0.5)
    return [
        (variation_icon(variation, season), assurance_icon(assurance))
        for variation, assurance, season in zip(many.variation, many.assurance, many.season, strict=True)
    ]


def one_by_one(rows: pd.DataFrame) -> None:
    """`ek.control_chart` of the first of them."""
    for _, of_place in list(rows.groupby("place"))[:ALONE]:
        ek.control_chart(of_place, outcome="value", time="month", target=0.5)


def plain(rows: pd.DataFrame) -> None:
    """The rules as they read, of the first of them: the yardstick."""
    for _, of_place in list(rows.groupby("place"))[:ALONE]:
        chart_rules.xmr(of_place["value"].tolist(), [0] * MONTHS, screen=False, reading="mdc_2023")


def seconds(work: Callable[[], object]) -> float:
    """The best of three."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    rows = frame()
    all_at_once = seconds(lambda: at_once(rows))
    alone = seconds(lambda: one_by_one(rows)) * SERIES / ALONE
    yardstick = seconds(lambda: plain(rows)) * SERIES / ALONE
    print(f"{SERIES:,} series x {MONTHS} months, one core")
    print(f"limits, rules and icons at once   {all_at_once:6.2f} s   target <= 1 s")
    print(
        f"one control_chart after another   {alone:6.1f} s   {alone / all_at_once:.0f} times as long (from {ALONE} of them)"
    )
    print(f"the plain reading of the rules    {yardstick:6.1f} s   {yardstick / all_at_once:.0f} times as long")


if __name__ == "__main__":
    main()
