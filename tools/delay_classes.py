"""Two readings of the reasons for delay, side by side, with how far they agree.

``python -m tools.delay_classes FIRST SECOND`` reads what two people wrote without seeing each other's: CSV files with the
columns ``reason``, ``class`` and ``why``, a row for each column of the table of reasons. It writes ``data/delay_reasons.csv``
and prints their agreement. Where they differ nobody decides: pages show both as a range.
"""

import csv
import sys
from pathlib import Path

from evalkit.catalogue import find_root
from evalkit.catalogue.records.delay_reasons import DELAY_CLASSES
from evalkit.errors import EvaluationError
from evalkit.flow.readings import agreement, in_words
from tools.delay_reasons import REASONS

TARGET = Path("data", "delay_reasons.csv")
COLUMNS = ("reason", "label", "published", "class_1", "why_1", "class_2", "why_2")
LABELS = {
    "hospital_therapy_review": "Therapists' review",
    "hospital_medical_review": "Doctors' review",
    "hospital_referral_to_hub": "Referral to the transfer hub",
    "hospital_formal_decision": "Decision to discharge, or a test result",
    "hospital_medicines_or_letter": "Medicines, letter or papers",
    "hospital_transport": "Patient transport",
    "hospital_infection_control": "Infection control",
    "wellbeing_mental_capacity": "Mental capacity to be settled",
    "wellbeing_destination_readiness": "Destination not ready",
    "wellbeing_safeguarding": "Safeguarding",
    "wellbeing_readiness_concerns": "Patient's or family's concerns",
    "hub_confirmation_of_needs": "Transfer hub to confirm needs",
    "hub_referrals": "Transfer hub to send referrals",
    "hub_funding_eligibility": "Funding to be confirmed",
    "interface_home_rehabilitation": "Arranging rehabilitation at home",
    "interface_home_social_care": "Arranging social care at home",
    "interface_home_community_health": "Arranging health care at home",
    "interface_bed_rehabilitation": "Arranging a rehabilitation bed",
    "interface_care_home": "Arranging a care home",
    "interface_end_of_life": "Arranging end of life care",
    "interface_further_action": "Provider asked for something more",
    "interface_no_recourse": "Homeless, no recourse to public funds",
    "interface_homelessness_housing": "Arranging housing for a homeless patient",
    "interface_out_of_area": "Arranging discharge to another area",
    "interface_family_choice": "Choosing a package of care",
    "interface_self_funded": "Arranging care that the patient pays for",
    "capacity_restart_social_care": "Earlier social care to begin again",
    "capacity_home_rehabilitation": "No rehabilitation at home available",
    "capacity_home_social_care": "No social care at home available",
    "capacity_home_community_health": "No health care at home available",
    "capacity_bed_rehabilitation": "No rehabilitation bed available",
    "capacity_mental_health_bed": "No mental health bed available",
    "capacity_care_home": "No care home place available",
    "capacity_end_of_life": "No end of life care available",
    "capacity_equipment": "Equipment not delivered",
    "capacity_housing_adaptations": "Changes to the home not finished",
    "capacity_housing": "No housing available",
}


def read_reading(path: Path) -> dict[str, tuple[str, str]]:
    """Class and why of every reason.

    Raises
    ------
    EvaluationError
        For a reason that the table has not, one that is missing or stands twice, or a class that is none.
    """
    found: dict[str, tuple[str, str]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            reason, chosen = row["reason"], row["class"]
            if reason not in REASONS or reason in found:
                raise EvaluationError(
                    f"{path.name}, line {number}: {reason!r} is no reason of the table, or stands twice."
                )
            if chosen not in DELAY_CLASSES:
                raise EvaluationError(f"{path.name}, line {number}: {chosen!r} is none of {', '.join(DELAY_CLASSES)}.")
            found[reason] = (chosen, row["why"])
    missing = [reason for reason in REASONS if reason not in found]
    if missing:
        raise EvaluationError(f"{path.name} does not read {missing[0]}: read it too.")
    return found


def main(first: Path, second: Path) -> None:
    """Write the file and print the agreement."""
    one, two = read_reading(first), read_reading(second)
    with (find_root() / TARGET).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([reason, LABELS[reason], REASONS[reason], *one[reason], *two[reason]] for reason in REASONS)
    print(in_words(agreement([(one[reason][0], two[reason][0]) for reason in REASONS])))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Name both readings: python -m tools.delay_classes FIRST SECOND")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
