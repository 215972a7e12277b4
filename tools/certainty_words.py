"""How often each word of certainty is given where nothing happened, and where a change of a known size did: real series.

``python -m tools.certainty_words choose`` prints the rates at the trusts and dates on which the rule may be chosen;
``score`` those at the others, and writes ``data/certainty_words.csv``, which the pages read. Both take some thirty minutes
on one core; ``--sample N`` takes every Nth trust.

The rule was chosen on the trusts of ``CHOSEN_ON``, all that the run that chose it looked at, at the dates of ``MONTHS_BEFORE_CHOSEN``
in the windows of ``CHOOSING``. It is scored at all other trusts, at every month that is no such date: those between them in the
same windows, whose first score was the reason to sharpen "Single months" (on simulated series), and those of the windows of
``SCORED_ONLY``, none of which had been looked at before the rule stood.
Trusts that took over another in the window are left out on both sides, as protocols leave them out; no change is tried at a
trust whose own change the book evaluates with that measure in that window, and panels in which the recording of a measure
changed are not used. Every analysis is a controlled interrupted time series that was not fixed beforehand, without rivals.
"""

import argparse
import csv
import math
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from unittest.mock import patch

import numpy as np
import pandas as pd

from evalkit.catalogue import find_root, read_catalogue
from evalkit.catalogue.naming import words_in
from evalkit.certainty import CERTAINTIES, Circumstances
from evalkit.designs.interrupted_time_series import design, robustness
from evalkit.effect import Effect
from evalkit.intake.load import load_from
from evalkit.intake.measure_rows import rows_of, value_of
from evalkit.intake.read_table import read_table
from evalkit.verdict import disagreeing, verdict
from tools.false_alarms import Window

MONTHS_BEFORE, MONTHS_BEFORE_CHOSEN = range(11, 27), range(12, 27, 2)
DATES_WITH_A_STEP = 2  # of each trust and window, in turn
COUNTS = ("ae-attendances-type-1", "ae-attendances-all", "emergency-admissions")
SHARES = ("ae-four-hour-type-1", "ae-four-hour-all")
EARLIER, LATER = ("ae-monthly-2016-2019", "2016-04", "2019-03"), ("ae-monthly-2020-2026", "2021-07", "2024-06")
LATEST = ("ae-monthly-2020-2026", "2022-10", "2025-09")
CHOOSING = [
    *(Window(measure, *EARLIER) for measure in (*COUNTS, *SHARES)),
    *(Window(measure, *LATER) for measure in (*COUNTS[:2], *SHARES)),  # recording of admissions changed in 2023
    *(Window(measure, *LATEST) for measure in COUNTS[:2]),
    Window("ae-attendances-all", "ae-trust-monthly-2010-2021", "2013-04", "2016-03"),
]
SCORED_ONLY = [  # the table of trusts lacks March 2013 and February 2019
    *(
        Window("ae-attendances-all", "ae-trust-monthly-2010-2021", first, last)
        for first, last in (("2014-04", "2017-03"), ("2015-06", "2018-05"))
    ),
    *(Window(measure, "ae-monthly-2020-2026", "2023-03", "2026-02") for measure in COUNTS[:2]),
]
WINDOWS = CHOOSING + SCORED_ONLY
STEPS = {"count": (-0.10, -0.17, -0.20), "proportion": (5.0, 8.5, 10.0)}  # shares of a count; points
SMALLEST = 1500  # visits a month, below which it is no major department
WORDS = ("clear", *CERTAINTIES[::-1])
CHOSEN_ON = frozenset(
    [
        "M85813",
        "R0A",
        "R1F",
        "R1H",
        "R1K",
        "RA3",
        "RA4",
        "RA9",
        "RAE",
        "RAJ",
        "RAP",
        "RAS",
        "RAT",
        "RAX",
        "RBK",
        "RBL",
        "RBN",
        "RBS",
        "RBT",
        "RBZ",
        "RC1",
        "RCB",
        "RCD",
        "RCF",
        "RCX",
        "RD1",
        "RD3",
        "RD8",
        "RDD",
        "RDZ",
        "RE9",
        "REF",
        "RF4",
        "RFR",
        "RFS",
        "RGP",
        "RGR",
        "RH8",
        "RHM",
        "RHU",
        "RJ1",
        "RJ6",
        "RJC",
        "RJL",
        "RJR",
        "RK5",
        "RKB",
        "RKE",
        "RL4",
        "RLQ",
        "RLT",
        "RM1",
        "RM3",
        "RMC",
        "RN3",
        "RN5",
        "RN7",
        "RNQ",
        "RNS",
        "RNZ",
        "RP6",
        "RQ3",
        "RQ6",
        "RQM",
        "RQW",
        "RQX",
        "RR7",
        "RR8",
        "RRF",
        "RRV",
        "RTD",
        "RTF",
        "RTG",
        "RTH",
        "RTR",
        "RTX",
        "RVJ",
        "RVV",
        "RVW",
        "RW3",
        "RW6",
        "RWA",
        "RWD",
        "RWF",
        "RWG",
        "RWH",
        "RWJ",
        "RWP",
        "RWW",
        "RWY",
        "RX1",
        "RXC",
        "RXF",
        "RXK",
        "RXN",
        "RXP",
        "RXQ",
        "RXW",
        "RYJ",
        "RYR",
    ]
)
COLUMNS = (
    "measure", "rule", "happened", "trusts", "trust_dates", "word", "given", "given_low", "given_high", "of_found",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A trust, a date and what is made to happen then."""

    window: int
    unit: str
    before: int
    step: float = 0.0


@dataclass(frozen=True)
class Seen:
    """What the method said there: nothing clear, or the words by the present rule and by that before."""

    place: Place
    measure: str
    clear: bool = False
    now: str = ""
    formerly: str = ""
    failed: tuple[str, ...] = ()
    agreeing: float = math.nan
    nearer: float = math.nan
    p_value: float = math.nan
    estimate: float = math.nan


@cache
def _catalogue():
    """The records, with every trust under the code that it had: what merged is left out here, not added up."""
    return replace(read_catalogue(find_root()), successors={})


@cache
def _panel(number: int) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of one window as ``load`` gives them, and its trusts by code."""
    window, catalogue = WINDOWS[number], _catalogue()
    periods = pd.period_range(window.first, window.last, freq="M")

    def wide(measure: str) -> pd.DataFrame:
        recorded = catalogue.measures[measure]
        recipe = next(recipe for recipe in recorded.recipes if recipe.table == window.table)
        rows = rows_of(read_table(catalogue.root, catalogue.tables[window.table]), recorded, recipe)
        rows = rows.assign(value=value_of(rows, recorded))
        return rows.pivot(index="period", columns="unit", values="value").reindex(periods)

    by_type = any(recipe.table == window.table for recipe in catalogue.measures[COUNTS[0]].recipes)
    major = wide(COUNTS[0] if by_type else COUNTS[1])
    least = 0 if by_type else SMALLEST
    values = wide(window.measure)
    values = values[[unit for unit in values if unit in major and (major[unit] > least).all()]].dropna(axis=1)
    values = values.loc[:, (values > 0).all() & (values.std() > 0)]
    units = sorted(unit for unit in values if unit in catalogue.organisations)
    grown = {unit for unit, *_ in _loaded(window, units).attrs["evalkit"]["mergers"]}
    units = [unit for unit in units if unit not in grown]
    return _loaded(window, units), tuple(units)


def _evaluated(window: Window) -> set[str]:
    """Trusts whose own change an evaluation of the book looks at with this measure, begun in this window."""
    catalogue, codes = _catalogue(), set()
    for evaluation in catalogue.evaluations.values():
        for analysis in evaluation.analyses:
            if analysis.parameters.get("measure") == window.measure and analysis.role in ("primary", "secondary"):
                sites = words_in(analysis.parameters["site"])
                begun = {site: f"{catalogue.started(evaluation, site):%Y-%m}" for site in sites}
                codes |= {
                    code
                    for site, month in begun.items()
                    if window.first <= month <= window.last
                    for code in catalogue.codes([site])
                }
    return codes


def _loaded(window: Window, units: list[str]) -> pd.DataFrame:
    return load_from(
        _catalogue(), site=units[0], measure=window.measure, first=window.first, last=window.last,
        comparators=units[1:], table=window.table,
    )  # fmt: skip


def _effect(place: Place) -> Effect:
    frame, _ = _panel(place.window)
    window = WINDOWS[place.window]
    counted = window.measure in COUNTS
    start = pd.period_range(window.first, window.last, freq="M")[place.before]
    made = frame.copy()
    made.attrs["evalkit"] = {**frame.attrs["evalkit"], "place": place.unit}
    hit = (made["unit"] == place.unit) & (made["period"] >= start)
    made.loc[hit, "value"] = (
        made.loc[hit, "value"] * (1 + place.step) if counted else made.loc[hit, "value"] + place.step
    )
    return design.interrupted_time_series(
        made, outcome="value", time="period", unit="unit", treated=place.unit, interruption=str(start), model="level",
        log=counted, per_day=counted, seasonality=2,
    )  # fmt: skip


def _headline_alone(place: Place) -> pd.Series:
    """The headline on the model's scale, without the rows that only a finding asks for."""
    with patch.multiple(
        robustness, sensitivity=lambda *_: (), comparison=lambda *_: (), without_one_next_to_a_change=lambda *_: {}
    ):
        return _effect(place).estimates.iloc[0]


def _look(places: list[Place]) -> list[Seen]:
    """One trust and date, with each step in turn: a step moves the interval by its own size, so one fit finds all."""
    first = places[0]
    window = WINDOWS[first.window]
    counted = window.measure in COUNTS
    row = _headline_alone(replace(first, step=0.0))
    seen = []
    for place in places:
        moved = math.log1p(place.step) if counted else place.step
        clear = row["low"] + moved > 0 or row["high"] + moved < 0
        seen.append(_judged(place) if clear else Seen(place, window.measure))
    return seen


def _judged(place: Place) -> Seen:
    effect, measure = _effect(place), _catalogue().measures[WINDOWS[place.window].measure]
    judged = verdict(effect, measure, Circumstances(fixed_before=False))
    rows = effect.estimates[(effect.estimates["scale"] == judged.scale)]
    row, others = rows[rows["role"] == "headline"].iloc[0], rows[rows["role"] == "sensitivity"]
    side = 1 if row["estimate"] > 0 else -1
    alike = (np.minimum(side * others["low"], side * others["high"]) > 0).mean()
    return Seen(
        place, measure.id, judged.certainty is not None, judged.certainty or "", _formerly(effect, measure, judged),
        tuple(f"{check.domain} {check.code}" for check in effect.checks if check.lowers_certainty), float(alike),
        float(min(abs(row["low"]), abs(row["high"])) / (judged.minimum_important_change or math.nan)),
        float(row["p_value"]), float(row["estimate"]),
    )  # fmt: skip


def _formerly(effect: Effect, measure, judged) -> str:
    """The rule until November 2026: a step down for each domain with a failed check, and where any choice differs."""
    failed = {check.domain for check in effect.checks if check.lowers_certainty}
    steps = len(failed) + bool(disagreeing(effect, measure, judged))
    return CERTAINTIES[max(CERTAINTIES.index("moderate") - steps, 0)]


def _month(window: Window, before: int) -> pd.Period:
    return pd.Period(window.first, "M") + before


def dates(half: str) -> Iterator[tuple[int, list[int]]]:
    """The number of each window of one half, with its months before the invented starts; none is scored twice for a measure."""
    if half == "choose":
        yield from ((n, list(MONTHS_BEFORE_CHOSEN)) for n, window in enumerate(WINDOWS) if window in CHOOSING)
        return
    taken = {_month(window, before) for window in CHOOSING for before in MONTHS_BEFORE_CHOSEN}
    scored: set[tuple[str, pd.Period]] = set()
    for number, window in enumerate(WINDOWS):
        new = [
            before
            for before in MONTHS_BEFORE
            if (month := _month(window, before)) not in taken and (window.measure, month) not in scored
        ]
        scored |= {(window.measure, _month(window, before)) for before in new}
        yield number, new


def places(half: str, every: int) -> Iterator[list[Place]]:
    """Trusts and dates of one half, each with the steps that are made there."""
    choosing = half == "choose"
    for number, months in dates(half):
        window = WINDOWS[number]
        steps = STEPS["count" if window.measure in COUNTS else "proportion"]
        units = sorted(set(_panel(number)[1]) - _evaluated(window))
        units = [unit for unit in units if (unit in CHOSEN_ON) == choosing][::every]
        for at, unit in enumerate(units):
            with_steps = {months[(at + turn * len(months) // DATES_WITH_A_STEP) % len(months)] for turn in range(DATES_WITH_A_STEP)}  # fmt: skip
            for before in months:
                made = steps if before in with_steps else ()
                yield [Place(number, unit, before, step) for step in (0.0, *made)]


def table(seen: list[Seen]) -> list[tuple]:
    """One row a measure (and counts and shares together), rule, what happened and word."""
    rows = []
    together = {"counts": COUNTS, "shares": SHARES}
    for name, measures in {**together, **{measure: (measure,) for measure in (*COUNTS, *SHARES)}}.items():
        here = [one for one in seen if one.measure in measures]
        for step in sorted({one.place.step for one in here}, key=abs):
            those = [one for one in here if one.place.step == step]
            trusts = np.array([one.place.unit for one in those])
            for rule in ("now", "formerly"):
                found = sum(one.clear for one in those)
                for word in WORDS:
                    given = np.array([one.clear and word in ("clear", getattr(one, rule)) for one in those])
                    share, low, high = _clustered(given, trusts)
                    of_found = given.sum() / found if found else math.nan
                    rows.append(
                        (name, rule, f"{step:g}", len(set(trusts)), len(those), word, f"{share:.4f}", f"{low:.4f}",
                         f"{high:.4f}", f"{of_found:.4f}" if found else "")
                    )  # fmt: skip
    return rows


def _clustered(given: np.ndarray, trusts: np.ndarray) -> tuple[float, float, float]:
    """A share with its 95% interval, clustered by trust (Liang and Zeger 1986)."""
    share = float(given.mean())
    sums = pd.Series(given - share).groupby(trusts).sum()
    half = 1.96 * float(np.sqrt((sums**2).sum())) / len(given)
    return share, max(share - half, 0.0), min(share + half, 1.0)


def measured(half: str, every: int = 1, jobs: int = 1) -> list[Seen]:
    """What is said at every place of a half."""
    work = list(places(half, every))
    if jobs == 1:
        return [one for group in work for one in _look(group)]
    with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
        return [one for seen in pool.map(_look, work, chunksize=8) for one in seen]


def main() -> None:
    """Measure one half, print, and write the scored one."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("half", choices=("choose", "score"))
    asked.add_argument("--sample", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=os.cpu_count())
    asked.add_argument("--finds", help="a CSV for what was found at each place, to look at the rule")
    given = asked.parse_args()
    seen = measured(given.half, given.sample, given.jobs)
    rows = table(seen)
    for row in rows:
        print(*row)
    sys.stdout.flush()
    if given.finds:
        found = [{**vars(one.place), **{k: v for k, v in vars(one).items() if k != "place"}} for one in seen]
        pd.DataFrame(found).to_csv(given.finds, index=False)
    if given.half == "score" and given.sample == 1:
        with (find_root() / "data" / "certainty_words.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)


if __name__ == "__main__":
    main()
