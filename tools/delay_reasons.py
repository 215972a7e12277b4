"""The published reasons for delayed discharges, trimmed: a row a trust and month, a column a reason.

``python -m tools.delay_reasons SOURCE`` reads ``SOURCE``, a row a month, trust and reason with the columns ``date``,
``org_code``, ``delay_reason`` and ``delay_count``, and writes ``data/tables/delay_reasons_monthly_2024_2025.csv``. Figures
are those of the source: none is added up, averaged or filled in, and what is blank there is blank here. ``main`` refuses to
write where a month's total of any reason differs from that of the source.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from evalkit.catalogue import find_root
from evalkit.errors import EvaluationError

TARGET = Path("data", "tables", "delay_reasons_monthly_2024_2025.csv")
# As published, but for blanks that differ from month to month; in the order of the published groups.
REASONS = {
    "hospital_therapy_review": "Hospital process - Awaiting therapy review of need for supported discharge",
    "hospital_medical_review": "Hospital process - Awaiting medical review of need for supported discharge",
    "hospital_referral_to_hub": "Hospital process - Awaiting referral to care transfer hub for supported discharge",
    "hospital_formal_decision": "Hospital process - Awaiting formal decision to discharge (inc diagnostic test results)",
    "hospital_medicines_or_letter": "Hospital process - Awaiting medicines to take home, discharge letter or other discharge documentation",
    "hospital_transport": "Hospital process - Awaiting patient transport services",
    "hospital_infection_control": "Hospital process - Remaining in hospital due to infection prevention and control restrictions",
    "wellbeing_mental_capacity": "Wellbeing concerns - Awaiting determination of mental capacity",
    "wellbeing_destination_readiness": "Wellbeing concerns - Issues with discharge destination readiness",
    "wellbeing_safeguarding": "Wellbeing concerns - Ongoing safeguarding concern",
    "wellbeing_readiness_concerns": "Wellbeing concerns - Patient /family/carer concerns over discharge readiness",
    "hub_confirmation_of_needs": "Care transfer hub process - Waiting for confirmation of immediate care needs and pathway",
    "hub_referrals": "Care transfer hub process- Awaiting necessary referrals by care transfer hub",
    "hub_funding_eligibility": "Care transfer hub process - Awaiting confirmation of funding eligibility",
    "interface_home_rehabilitation": "Interface process - Home based rehabilitation, reablement or recovery service arrangements still underway (Pathway 1)",
    "interface_home_social_care": "Interface process - Other home-based social care service arrangements still underway (Pathway 1)",
    "interface_home_community_health": "Interface process - Other home-based community health service arrangements still underway (Pathway 1)",
    "interface_bed_rehabilitation": "Interface process - Bed-based rehabilitation, reablement or recovery service arrangements still underway (Pathway 2)",
    "interface_care_home": "Interface process - Residential/nursing home care arrangements still underway (Pathway 3)",
    "interface_end_of_life": "Interface process - End of life care inc Fast-Track CHC arrangement still underway(Pathway 1 or 3)",
    "interface_further_action": "Interface process - Further action requested by agreed provider",
    "interface_no_recourse": "Interface process - Homeless with no recourse to public funds",
    "interface_homelessness_housing": "Interface process - Housing provision arrangement for homelessness still underway (Pathway 0 or 1)",
    "interface_out_of_area": "Interface process - Out of area discharge arrangements requested but not completed",
    "interface_family_choice": "Interface process - Patient/family/carer choice discussions on package still underway",
    "interface_self_funded": "Interface process - Self-funded care package arrangements still underway",
    "capacity_restart_social_care": "Capacity - Awaiting restart of existing social care arrangements (Pathway 0)",
    "capacity_home_rehabilitation": "Capacity - Home-based rehabilitation, reablement or recovery services not yet available (Pathway 1)",
    "capacity_home_social_care": "Capacity - Other home-based social care service not yet available (Pathway 1)",
    "capacity_home_community_health": "Capacity - Other home-based community health services not yet available (Pathway 1)",
    "capacity_bed_rehabilitation": "Capacity - Bed-based rehabilitation, reablement or recovery services not yet available (Pathway 2)",
    "capacity_mental_health_bed": "Capacity - Mental health admitted patient care not yet available (Pathway 2)",
    "capacity_care_home": "Capacity - Residential/nursing home care not yet available (Pathway 3)",
    "capacity_end_of_life": "Capacity - End of life care inc Fast-Track CHC not yet available (Pathway 1 or 3)",
    "capacity_equipment": "Capacity - Equipment and associated training not yet delivered (Pathway 1-3)",
    "capacity_housing_adaptations": "Capacity - Housing adaptations not yet completed (Pathway 1 or 3)",
    "capacity_housing": "Capacity - Housing provision not yet available (Pathway 0 or 1)",
}  # fmt: skip
COLUMNS = ("period", "org_code", *REASONS)
ASKED_FOR = ("date", "org_code", "delay_reason", "delay_count")


def trimmed(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """A row a month and trust, in this order; a reason that the trust did not report is blank, never nought.

    Raises
    ------
    EvaluationError
        For a reason that is not one of the 37, a count that is no whole number, or two of one trust, month and reason.
    """
    column_of = {_same_blanks(text): column for column, text in REASONS.items()}
    out: dict[tuple[str, str], dict[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        column = column_of.get(_same_blanks(row["delay_reason"]))
        if column is None:
            raise EvaluationError(f"Line {number}: {row['delay_reason']!r} is none of the {len(REASONS)} reasons.")
        count = row["delay_count"].removesuffix(".0")
        if count and not (count.isascii() and count.isdigit()):
            raise EvaluationError(f"Line {number}: {row['delay_count']!r} is no number of patients.")
        key = (row["date"], row["org_code"])
        month = out.setdefault(key, {"period": key[0], "org_code": key[1]})
        if column in month:
            raise EvaluationError(f"Line {number}: {key[1]} has two figures for one reason in {key[0]}.")
        month[column] = count
    return [{name: out[key].get(name, "") for name in COLUMNS} for key in sorted(out)]


def totals(rows: Iterable[dict[str, str]]) -> dict[tuple[str, str], int]:
    """Patients by month and reason, in a table of ``trimmed``."""
    added: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        for column in REASONS:
            added[row["period"], column] += int(row[column] or 0)
    return dict(added)


def _same_blanks(text: str) -> str:
    return " ".join(text.split()).casefold()


def _totals_of_source(rows: Iterable[dict[str, str]]) -> dict[tuple[str, str], int]:
    column_of = {_same_blanks(text): column for column, text in REASONS.items()}
    added: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        added[row["date"], column_of[_same_blanks(row["delay_reason"])]] += int(float(row["delay_count"] or 0))
    return dict(added)


def main(source: Path) -> None:
    """Write the table.

    Raises
    ------
    EvaluationError
        Where the source is not such a table, or totals do not tie.
    """
    with source.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        without = [name for name in ASKED_FOR if name not in (reader.fieldnames or ())]
        if without:
            raise EvaluationError(f"{source.name} has no column `{without[0]}`: give the table of reasons.")
        published = list(reader)
    rows = trimmed(published)
    if totals(rows) != _totals_of_source(published):
        raise EvaluationError(f"Totals do not tie with those of {source.name}: nothing was written.")
    with (find_root() / TARGET).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{TARGET.as_posix()}: {len(rows)} rows, {sum(totals(rows).values()):,} patients as in {source.name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the table of reasons: python -m tools.delay_reasons SOURCE")
    main(Path(sys.argv[1]))
