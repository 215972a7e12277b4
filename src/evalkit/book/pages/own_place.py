"""From which a reader chooses the own place, on pages that show every partner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evalkit.catalogue.records.sites import Organisation


@dataclass(frozen=True)
class Place:
    """An organisation that can be chosen; region and board (its integrated care board) are empty where not recorded."""

    code: str
    name: str
    region: str
    board: str


def places_of(organisations: Iterable[Organisation]) -> list[Place]:
    """In their order."""
    return [Place(one.org_code, one.name, one.region or "", one.icb_name or "") for one in organisations]


def regions_of(places: Iterable[Place]) -> list[str]:
    """The regions that can be chosen."""
    return sorted({place.region for place in places} - {""})


def boards_of(places: Iterable[Place]) -> list[str]:
    """The integrated care boards that can be chosen."""
    return sorted({place.board for place in places} - {""})


def organisation_name(organisations: Mapping[str, Organisation], code: str) -> str:
    """Its name; the code itself where no name is known."""
    known = organisations.get(code)
    return known.name if known else code
