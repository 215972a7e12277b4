"""Invented names, series and records for a synthetic programme. Nothing is read or written here."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from evalkit.catalogue.records.tables import SUBMISSION_COLUMNS
from evalkit.errors import EvaluationError

LABEL = "(synthetic)"
WARNING = "Synthetic data: every place, date and figure here is invented, for trials of scale."
MEASURE = "weekend-discharges"
TABLE = "synthetic-programme"
PATH = "tables/synthetic_programme.csv"
FIRST_YEAR = 2012
MONTHS_AT_LEAST = 24  # fewer would only be described, or warned of, and would not be the ordinary work
WAVES = 3  # the change begins in three waves, two months apart
INVENTED_ON = "2026-01-01"

BEGINNINGS = (
    "Bramble", "Button", "Candle", "Cobble", "Dapple", "Ember", "Fable", "Gossamer", "Hush", "Inkle", "Juniper",
    "Lantern", "Marzipan", "Nimble", "Pebble", "Quillow", "Riddle", "Saffron", "Thimble", "Tinsel", "Umber", "Vellum",
    "Wisp", "Zephyr",
)  # fmt: skip
ENDINGS = (
    "combe", "dale", "fold", "ford", "garth", "haven", "holt", "ley", "mere", "mouth", "ness", "shaw", "stead",
    "thorpe", "wick", "worth",
)  # fmt: skip
SIDES = ("", "North ", "South ", "East ", "West ", "Upper ", "Lower ", "Great ", "Little ")
KINDS = ("General Hospital", "Infirmary", "Community Hospital", "Royal Hospital", "District Hospital")
PLACES = len(BEGINNINGS) * len(ENDINGS)
SITES_AT_MOST = PLACES * len(SIDES)
STRIDE = 149  # no common factor with the number of places: neighbours in the list do not sound alike


@dataclass(frozen=True)
class InventedProgramme:
    """What a programme was made of; kept in its ``datapackage.json``."""

    sites: int
    months: int
    comparators: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.sites <= SITES_AT_MOST:
            raise EvaluationError(f"{self.sites} sites cannot be made: ask for 1 to {SITES_AT_MOST}.")
        if self.months < MONTHS_AT_LEAST:
            raise EvaluationError(f"{self.months} months are too few: ask for {MONTHS_AT_LEAST} or more.")
        if self.comparators < 0 or self.seed < 0:
            raise EvaluationError("The numbers of comparators and the seed cannot be negative: give 0 or more.")


@dataclass(frozen=True)
class InventedPlace:
    """One invented hospital, counted from 1."""

    number: int

    @property
    def town(self) -> str:
        index = self.number - 1
        which = index * STRIDE % PLACES
        beginning, ending = BEGINNINGS[which // len(ENDINGS)], ENDINGS[which % len(ENDINGS)]
        return f"{SIDES[index // PLACES]}{beginning}{ending}"

    @property
    def hospital(self) -> str:
        """Its name without the label."""
        return f"{self.town} {KINDS[(self.number - 1) % len(KINDS)]}"

    @property
    def name(self) -> str:
        return f"{self.hospital} {LABEL}"

    @property
    def code(self) -> str:
        return f"ZZ{self.number:03d}"

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z]+", "-", self.name.lower()).strip("-")

    @property
    def evaluation(self) -> str:
        """The id of its evaluation."""
        return f"ward-rounds-{self.id}"


def comparator_codes(programme: InventedProgramme) -> list[str]:
    """Hospitals in which nothing changed; they are organisations only, no sites."""
    return [f"ZZC{number:03d}" for number in range(1, programme.comparators + 1)]


def organisations(programme: InventedProgramme, places: Sequence[InventedPlace]) -> list[tuple[str, str]]:
    """Code and name of every organisation."""
    others = [(code, f"Unchanged hospital {code[3:]} {LABEL}") for code in comparator_codes(programme)]
    return [(place.code, place.name) for place in places] + others


def starts_at(programme: InventedProgramme, number: int) -> int:
    """The first month with the change, counted from 0: by wave, a little after half of the months."""
    return programme.months * 11 // 20 + 2 * ((number - 1) % WAVES)


def period(month: int) -> str:
    """``2012-01`` and so on."""
    return f"{FIRST_YEAR + month // 12}-{month % 12 + 1:02d}"


def counts(programme: InventedProgramme, number: int, changes: bool) -> list[int]:
    """Monthly counts with a season, noise that wanders, and for a site a step; the same whatever the other sites.

    A longer month has more of them: analyses divide by its days.
    """
    random = np.random.default_rng([programme.seed, int(changes), number])
    months = np.arange(programme.months)
    noise = np.zeros(programme.months)
    shocks = random.normal(0, 0.03, programme.months)
    for month in months:
        noise[month] = 0.3 * noise[month - 1] + shocks[month] if month else shocks[month]
    season = 0.04 * np.cos(2 * np.pi * (months + random.integers(0, 12)) / 12)
    step = random.normal(0.05, 0.05) * (months >= starts_at(programme, number)) if changes else 0.0
    days = np.array([monthrange(FIRST_YEAR + month // 12, month % 12 + 1)[1] for month in months.tolist()])
    return (days * np.exp(random.uniform(3, 5) + season + step + noise)).round().astype(int).tolist()


def rows(programme: InventedProgramme, code: str, number: int, changes: bool = True) -> list[str]:
    """Lines of the submission."""
    figures = counts(programme, number, changes)
    return [f"{code},{period(month)},{MEASURE},{count},,synthetic" for month, count in enumerate(figures)]


def package(programme: InventedProgramme) -> dict[str, Any]:
    """``datapackage.json``, yet without size and hash of its table."""
    kinds = {"numerator": "number", "denominator": "number", "period": "date"}
    licence = {"name": "CC0-1.0", "title": "CC0 1.0: invented figures"}
    table = {
        "name": TABLE,
        "path": PATH,
        "title": f"Submissions of an invented programme {LABEL}",
        "description": WARNING,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "profile": "tabular-data-resource",
        "sources": [{"title": "Invented by tests/support/programme.py (synthetic)"}],
        "licenses": [licence],
        "schema": {
            "fields": [
                {"name": name, "type": kinds.get(name, "string"), "description": f"{name} {LABEL}"}
                for name in SUBMISSION_COLUMNS
            ],
            "missingValues": ["", "*"],
        },
        "evalkit": {
            "shape": "long",
            "grain": "month",
            "synthetic": True,
            "disclosure": {"rule": "synthetic", "because": "Invented numbers: they describe nobody."},
        },
    }
    return {
        "profile": "tabular-data-package",
        "name": TABLE,
        "title": f"An invented programme {LABEL}",
        "description": WARNING,
        "licenses": [licence],
        "programme": {
            "sites": programme.sites,
            "months": programme.months,
            "comparators": programme.comparators,
            "seed": programme.seed,
        },
        "resources": [table],
    }


def measures() -> dict[str, Any]:
    """``measures.yml``."""
    return {
        MEASURE: {
            "name": f"Weekend discharges {LABEL}",
            "plain_name": f"weekend discharges {LABEL}",
            "definition": f"People sent home on a Saturday or Sunday. {WARNING}",
            "form": "count",
            "unit": "discharges",
            "exposure": "calendar_days",  # as its series are drawn
            "direction": "increase",
            "type": "outcome",
            "domain": "timeliness-flow",
            "flow_stage": "discharge",
            "minimum_important_change": {
                "value": 5,
                "scale": "percent",
                "source": f"Invented {LABEL}.",
                "chosen": INVENTED_ON,
            },
        }
    }


def site(place: InventedPlace) -> dict[str, Any]:
    """One file of ``sites``."""
    return {
        "id": place.id,
        "name": place.name,
        "org_codes": [place.code],
        "place": f"{place.town}, a town that does not exist {LABEL}",
        "synthetic": True,
        "context": f"{place.hospital} was made up by a program. {WARNING}",
    }


def evaluation(programme: InventedProgramme, place: InventedPlace) -> dict[str, Any]:
    """One file of ``evaluations``: one analysis on a committed template."""
    start = f"{period(starts_at(programme, place.number))}-01"
    controls = comparator_codes(programme)
    parameters = {
        "site": place.id,
        "measure": MEASURE,
        "table": TABLE,
        "interruption": start,
        "first": None,
        "last": None,
        "model": "level",
        "headline": "level",
        "log": True,
        "per_day": True,
        "seasonality": 2,
        "errors": "ar1",
    }
    protocol = {"written": INVENTED_ON, "status": "already_seen", "because": f"An invented protocol {LABEL}."}
    protocol["no_negative_control"] = f"None {LABEL}."
    protocol["no_stratifier"] = f"None {LABEL}."
    if controls:
        parameters["comparators"] = controls
        protocol |= {"comparators": controls, "comparators_chosen": f"All invented hospitals without a change {LABEL}."}
    return {
        "id": place.evaluation,
        "title": f"Weekend ward rounds at {place.hospital} {LABEL}",
        "question": f"Did more people go home at weekends after the invented change at {place.hospital} {LABEL}?",
        "area": "seven-day-services",
        "status": "published",
        "sites": [place.id],
        "intervention": {
            "name": f"Ward rounds by consultants on Saturday and Sunday {LABEL}",
            "what": f"A change that nobody made. {WARNING}",
            "start": start,
            "certainty": "confirmed",
            "sources": [{"title": f"Invented {LABEL}", "where": "tests/support/programme.py"}],
        },
        "expectations": [{"measure": MEASURE, "change": "increase", "why": f"An invented reason {LABEL}."}],
        "protocol": protocol,
        "rival_explanations": [
            {
                "id": "other-changes",
                "kind": "other_change",
                "what": f"An invented rival explanation {LABEL}.",
                "answer": "There is none: the series were drawn at random.",
                "grade": "little",
                "affects": [MEASURE],
                "grade_reason": f"The series were drawn at random {LABEL}.",
                "readers": 2,
                "analyses": [MEASURE],
            }
        ],
        "independence": "own",
        "funded_by": f"nobody {LABEL}",
        "conflict_of_interest": "none",
        "analyses": [
            {
                "id": MEASURE,
                "title": f"Weekend discharges at {place.hospital} {LABEL}",
                "role": "primary",
                "template": "controlled-interrupted-time-series" if controls else "interrupted-time-series",
                "expected": "increase",
                "parameters": parameters,
            }
        ],
    }


def learning_item(place: InventedPlace) -> str:
    """One file of ``learning``: the question that stays open at an invented place."""
    id = f"{place.evaluation}-why"
    fields = {
        "id": id,
        "type": "question",
        "title": f"What explains what happened at {place.hospital}? {LABEL}",
        "site": place.id,
        "themes": ["data-and-measurement"],
        "audience": ["analysts"],
        "stage": "run",
        "strength": "stated",
        "evidence": [
            {"kind": "result", "ref": f"{place.evaluation}/{MEASURE}", "says": f"Numbers drawn at random {LABEL}."}
        ],
        "explains": [place.evaluation],
        "status": "published",
        "date": INVENTED_ON,
    }
    return f"---\n{yaml.safe_dump(fields, sort_keys=False, allow_unicode=True)}---\n{WARNING}\n"
