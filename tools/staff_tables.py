"""What staff said, trimmed: the survey of 2021 to 2024, and engagement beside hospital mortality of 2012 to 2019.

``python -m tools.staff_tables SURVEY ENGAGEMENT`` reads both sources and writes ``data/tables/staff_survey_yearly_2021_2024.csv``
and ``data/tables/staff_engagement_shmi_yearly_2012_2019.csv``. Columns are chosen and renamed and rows put in order; every
figure that is kept is, letter by letter, that of its source. Of the survey the trusts are kept, and no commissioner, support
unit or social enterprise.
"""

import csv
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from evalkit.catalogue import find_root
from evalkit.errors import EvaluationError

TABLES = Path("data", "tables")
SURVEY, ENGAGEMENT = "staff_survey_yearly_2021_2024.csv", "staff_engagement_shmi_yearly_2012_2019.csv"
# Column of the source by column of the table.
SURVEY_COLUMNS = {
    "period": "Year", "org_code": "ODS code", "benchmarking_group": "Benchmarking group",
    "respondents": "Respondents", "improvements_base": "Autonomy_base", "improvements_rate": "Autonomy_rate",
}  # fmt: skip
ENGAGEMENT_COLUMNS = {
    "period": "Year.Index", "org_code": "Code", "responses": "Responses", "engagement": "Engagement.Index", "shmi": "SHMI.Index",
}  # fmt: skip
OF_TRUSTS = "Trusts"  # what the names of benchmarking groups of trusts end with
WEIGHTED = "Occupation Group"  # what every trust's answers are weighted by, as the description of the table says


def trimmed(rows: Iterable[Mapping[str, str]], columns: Mapping[str, str]) -> list[dict[str, str]]:
    """The columns of a table, a row a trust and year in that order; what is blank in the source is blank here.

    Raises
    ------
    EvaluationError
        For two rows of one trust and year.
    """
    kept: dict[tuple[str, str], dict[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        one = {name: row[source] for name, source in columns.items()}
        one |= {name: one[name].removesuffix(".0") for name in ("responses",) if name in one}
        key = (one["period"], one["org_code"])
        if key in kept:
            raise EvaluationError(f"Line {number}: {key[1]} has two rows for {key[0]}.")
        kept[key] = one
    return [kept[key] for key in sorted(kept)]


def of_trusts(rows: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The rows of the survey whose benchmarking group is one of trusts.

    Raises
    ------
    EvaluationError
        Where the answers of one are not weighted as those of the others.
    """
    kept = [row for row in rows if row[SURVEY_COLUMNS["benchmarking_group"]].endswith(OF_TRUSTS)]
    for row in kept:
        if row["Weighting"] != WEIGHTED:
            raise EvaluationError(
                f"{row['ODS code']} is weighted by {row['Weighting']} in {row['Year']}, others by {WEIGHTED}."
            )
    return kept


def _read(source: Path, columns: Mapping[str, str]) -> list[dict[str, str]]:
    with source.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        without = [name for name in columns.values() if name not in (reader.fieldnames or ())]
        if without:
            raise EvaluationError(f"{source.name} has no column `{without[0]}`: give the table that has it.")
        return list(reader)


def _write(name: str, rows: list[dict[str, str]], columns: Mapping[str, str]) -> None:
    with (find_root() / TABLES / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{(TABLES / name).as_posix()}: {len(rows)} rows")


def main(survey: Path, engagement: Path) -> None:
    """Write both tables.

    Raises
    ------
    EvaluationError
        Where a source has not their columns, or two rows of one trust and year.
    """
    surveyed = trimmed(of_trusts(_read(survey, SURVEY_COLUMNS)), SURVEY_COLUMNS)
    engaged = trimmed(_read(engagement, ENGAGEMENT_COLUMNS), ENGAGEMENT_COLUMNS)
    _write(SURVEY, surveyed, SURVEY_COLUMNS)
    _write(ENGAGEMENT, engaged, ENGAGEMENT_COLUMNS)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Name both sources: python -m tools.staff_tables SURVEY ENGAGEMENT")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
