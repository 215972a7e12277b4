"""Which organisations make up each place: integrated care systems by rule, groups by their records."""

import re
from collections import defaultdict
from dataclasses import dataclass

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.places import Place
from evalkit.catalogue.records.sites import Organisation

BOARD = re.compile(r"^NHS | Integrated Care Board$")
SYSTEM, GROUP = "integrated care system", "group"


@dataclass(frozen=True)
class PlaceMembers:
    """A place and who belongs to it.

    Attributes
    ----------
    kind : ``SYSTEM`` or ``GROUP``
    organisations : by name
    added : entries of ``data/places.yml`` that name organisations of it
    """

    id: str
    name: str
    kind: str
    organisations: list[Organisation]
    added: list[Place]

    @property
    def codes(self) -> list[str]:
        """Of its organisations."""
        return [one.org_code for one in self.organisations]

    @property
    def synthetic(self) -> bool:
        """Whether it is invented."""
        return any(one.synthetic for one in self.added)


def system_name(board: str) -> str:
    """What a place is called whose integrated care board is called so."""
    return BOARD.sub("", board)


def system_id(board: str) -> str:
    """Its id."""
    return re.sub(r"[^a-z0-9]+", "-", system_name(board).casefold()).strip("-")


def places_of(catalogue: Catalogue) -> list[PlaceMembers]:
    """Every place, by name."""
    codes: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    added: dict[str, list[Place]] = defaultdict(list)
    for code, one in catalogue.organisations.items():
        if one.icb_name:
            codes[system_id(one.icb_name), system_name(one.icb_name), SYSTEM].append(code)
    for place in catalogue.places.values():
        board = place.icb_name
        key = (system_id(board), system_name(board), SYSTEM) if board else (place.id, place.name or "", GROUP)
        codes[key] += place.org_codes
        added[key[0]].append(place)
    found = [
        PlaceMembers(
            id,
            name,
            kind,
            sorted(
                (catalogue.organisations[code] for code in dict.fromkeys(members)),
                key=lambda one: (one.name.casefold(), one.org_code),
            ),
            added[id],
        )
        for (id, name, kind), members in codes.items()
    ]
    return sorted(found, key=lambda place: (place.name.casefold(), place.id))
