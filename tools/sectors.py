"""The sector of each organisation of which a record proves it: fills blanks of ``data/organisations.csv``, and changes nothing else.

``python -m tools.sectors`` says what it wrote. A sector that stands there stays. What proves one:

- ``ambulance``, ``community``: the legal name of an NHS trust or a community interest company says that it is one.
- ``primary_care``: the code is of the register of general practices and other prescribers (a letter and five figures), and
  the name says that it is a practice.

Hospital trusts that are left blank stay so: whether figures of a specialist hospital belong among those of acute trusts is
no question of names. Trusts that run several kinds of service under one name stay blank too.
"""

import csv
import re
from pathlib import Path

from evalkit.catalogue import find_root

TARGET = Path("data", "organisations.csv")
RULES = (
    ("ambulance", re.compile(r"R\w{2}"), re.compile(r"\bAmbulance Service\b.*\bNHS\b", re.IGNORECASE)),
    (
        "community",
        re.compile(r"R\w{2}"),
        re.compile(r"\bCommunity (Health|Healthcare|Health Services|Health and Care)\b.*\bNHS\b", re.IGNORECASE),
    ),
    ("community", re.compile(r"R\w{2}"), re.compile(r"^\w+ Community NHS\b", re.IGNORECASE)),
    ("community", re.compile(r"N\w{2}"), re.compile(r"\bCommunity (Health|Healthcare)\b", re.IGNORECASE)),
    (
        "primary_care",
        re.compile(r"[A-Z]\d{5}"),
        re.compile(r"\b(Medical (Practice|Centre|Group)|Med\.?\s?(Ctr|P)|Surgery|Community Practice)\b", re.IGNORECASE),
    ),
)


def sector_of(code: str, name: str) -> str:
    """What code and name prove; empty where they prove nothing."""
    return next((sector for sector, codes, names in RULES if codes.fullmatch(code) and names.search(name)), "")


def main() -> None:
    """Fill the blanks."""
    path = find_root() / TARGET
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), reader.fieldnames or []
    filled = 0
    for row in rows:
        found = "" if row["sector"] else sector_of(row["org_code"], row["name"])
        if found:
            row["sector"], filled = found, filled + 1
            print(f"{row['org_code']} {row['name']}: {found}")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    blank = sum(not row["sector"] for row in rows)
    print(f"{filled} filled, {blank} of {len(rows)} not recorded")


if __name__ == "__main__":
    main()
