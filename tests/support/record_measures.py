"""Measures that are counted from the synthetic records of `tools/make_records.py`, one of each kind."""

import yaml

STAY = {"start": "arrived_at", "end": "left_at"}
KINDS = {
    "visits": ("count", {"by_weekday": True, "stratum": "department"}),
    "visits-identified": ("count", {"distinct": "attendance_id"}),
    "within-four-hours": ("proportion", {"within": {**STAY, "hours": 4}}),
    "weekend-admitted": ("proportion", {"of_which": {"admitted": "yes"}, "weekdays": ["saturday", "sunday"]}),
    "admitted-by-day-there": ("rate", {"of_which": {"admitted": "yes"}, "per": {**STAY, "unit": "days"}}),
    "hours-in-major": ("mean", {"mean_of": {**STAY, "unit": "hours"}, "where": {"department": "1"}}),
    "age": ("mean", {"mean_of": {"column": "age"}}),
    "median-hours": ("median", {"median_of": {**STAY, "unit": "hours"}}),
}


def measure(form: str, records: dict) -> dict:
    """A measure's fields, as data/measures.yml has them."""
    return {
        "name": "Invented",
        "plain_name": "invented",
        "definition": "Invented for tests.",
        "form": form,
        "unit": "visits",
        "direction": "neutral",
        "type": "outcome",
        "domain": "access",
        "records": {"organisation": "provider_code", "at": "arrived_at", **records},
    }


def measures_yaml(*ids: str) -> str:
    """The text of data/measures.yml with these kinds; all, where none is named."""
    return yaml.safe_dump({id: measure(*KINDS[id]) for id in ids or KINDS}, sort_keys=False)
