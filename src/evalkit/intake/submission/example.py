"""Invented figures for the example workbook: three years of two measures at one site, with a change half-way."""

import random

import pandas as pd

from evalkit.intake.exposure import WEEKEND, days_of
from evalkit.intake.submission.sheets import DATA, LEARNING, MEASURES, PULSE, SITE, Wanted
from evalkit.intake.submission.write_workbook import workbook

SEED = 2023
MONTHS = 36
CHANGE = 18  # months before it
DAYS = 8.7  # of weekends in a usual month
USUAL, SEASON, RISE, SPREAD = 400, (0, -8, -12, -6, 4, 10, 14, 8, -20, 16, 12, -18), 45, 14
SENT_HOME, READMITTED = 1_300, 0.092

MEASURES_OF_IT = (
    ("weekend-discharges", "primary", "increase", "Somebody who can decide is there on both days.", "Discharges at weekends", "discharges", "count", "increase", "outcome", "timeliness-flow", "5", "Two beds' worth of patients a week.", "weekend_days"),
    ("readmission-30-day", "balancing", "no_change", "Going home on a Saturday should not mean coming back.", "Readmissions within 30 days", "readmissions", "proportion", "decrease", "balancing", "safety", "1", "One patient in a hundred.", ""),
)  # fmt: skip

ASKED = (
    ("2023-11", "Nurses", "60", "44", "30"), ("2023-11", "Doctors", "40", "31", "12"), ("2023-11", "All staff", "100", "75", "42"),
)  # fmt: skip

Row = tuple[str, str, str, str]


def example_rows(measure: str, share: str) -> list[Row]:
    """Measure, month, numerator and denominator; the first measure, of weekends, rises at the change, the second stays."""
    drawn = random.Random(SEED)
    rows: list[Row] = []
    months = [f"{2022 + (3 + month) // 12}-{(3 + month) % 12 + 1:02d}" for month in range(MONTHS)]
    weekends = days_of(pd.PeriodIndex(months, freq="M"), WEEKEND)
    for number, (month, days) in enumerate(zip(months, weekends, strict=True)):
        usual = USUAL + SEASON[number % 12] + (RISE if number >= CHANGE else 0) + drawn.gauss(0, SPREAD)
        rows.append((measure, month, str(round(usual * days / DAYS)), ""))
    for month in months:
        people = SENT_HOME + round(drawn.gauss(0, 40))
        rows.append((share, month, str(round(people * READMITTED + drawn.gauss(0, 6))), str(people)))
    return rows


def example_workbook(asked: Wanted) -> bytes:
    """The workbook with the example filled in."""
    answers = {sheet: [[field.example for field in asked.fields[sheet]]] for sheet in (SITE, LEARNING)}
    figures = example_rows("weekend-discharges", "readmission-30-day")
    question = asked.field(PULSE, "question").example
    pulse = [(wave, group, question, *counts) for wave, group, *counts in ASKED]
    return workbook(asked, answers | {MEASURES: MEASURES_OF_IT, DATA: figures, PULSE: pulse})
