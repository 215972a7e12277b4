"""The records and the table that a filled-in workbook becomes: an ordinary evaluation, as the commands of `evalkit new` write it."""

import csv
import io
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from evalkit.advice import enough_of
from evalkit.catalogue import read_catalogue
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.new_analysis_files import FurtherAnalysis, further_analysis_files
from evalkit.catalogue.new_evaluation_files import NO_STRATIFIER, Answers, new_files
from evalkit.catalogue.new_learning_files import LearningAnswers, NewSource, new_learning_files
from evalkit.catalogue.new_measure_files import NewMeasure
from evalkit.catalogue.records.measures import Exposure
from evalkit.errors import EvaluationError
from evalkit.files import write_if_changed
from evalkit.intake.noughts import noughts_beside
from evalkit.intake.periods import resolve_interruption
from evalkit.intake.submission.read_workbook import Submission, several
from evalkit.intake.table_contents import contents_of
from evalkit.project import PRIVATE
from evalkit.runs.planning.notebook_templates import read_template
from evalkit.staff.pulse import as_csv, to_show
from evalkit.staff.pulses import pulse_file
from evalkit.staff.read_pulse import PulseRow, read_pulse

COLUMNS = ("org_code", "period", "measure", "numerator", "denominator")
NOTHING_KNOWN = "nothing known"
YES = "yes"


@dataclass(frozen=True)
class Submitted:
    """What a workbook becomes: an evaluation, its table by name, and every file by its path."""

    evaluation: str
    table: str
    files: dict[Path, str]


def submitted(root: Path, told: Submission, today: date) -> Submitted:
    """The files of a sound workbook; nothing is written here.

    Raises
    ------
    EvaluationError
        Where an evaluation of that title, or its table, is there already.
    """
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        copy = Path(folder).resolve()
        for name in ("data", "book/notebooks"):
            shutil.copytree(root / name, copy / name, symlinks=True)
        return _Submitted(copy, root, told, today).all()


class _Submitted:
    """Writes into a copy of the project, as each file is made from those before."""

    def __init__(self, copy: Path, root: Path, told: Submission, today: date):
        self.copy, self.root, self.told, self.today = copy, root, told, today
        self.files: dict[Path, str] = {}
        self.id = slug(told.site["title"])

    def all(self) -> Submitted:
        name = self._table()
        self._evaluation(name)
        for measure in self.told.measures:
            if measure["role"] != "primary":
                self._further(measure, name)
        self._learned()
        self._pulse()
        return Submitted(self.id, name, self.files)

    def _put(self, files: Mapping[Path, str]) -> None:
        for path, text in files.items():
            write_if_changed(path, text)
            self.files[self.root / path.relative_to(self.copy)] = text

    def _catalogue(self) -> Catalogue:
        return read_catalogue(self.copy)

    def _table(self) -> str:
        """The rows, where the exact figures of a site stay and others are shown."""
        site = self.told.site
        own = site["synthetic"] != YES and "published_at" not in site
        path = self.copy / (PRIVATE if own else Path("data", "tables")) / f"{self.id}.csv"
        for there in (path, self.copy / "data" / "tables" / path.name):
            if there.exists():
                shown = there.relative_to(self.copy).as_posix()
                raise EvaluationError(
                    f"{shown} is there already: choose another title, or take the earlier one back first."
                )
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(self.told.figures))
        self._put({path: out.getvalue()})
        return self.id

    def _evaluation(self, table: str) -> None:
        site, catalogue = self.told.site, self._catalogue()
        primary = next(measure for measure in self.told.measures if measure["role"] == "primary")
        codes = site["org_code"].split()
        path = self._figures(table)
        also = site["also_changed"]
        assert self.told.start is not None  # a sound workbook has one
        answers = Answers(
            title=site["title"], question=site["question"], site_name=site["site_name"], place=site["place"], org_codes=codes,
            what_changed=site["what_changed"], start=self.told.start, start_certainty=site["start_certainty"], onset=site["onset"], source_title=site["source_title"],
            source_where=site["source_where"], measure=primary["id"], area=site["area"], expected=primary["expected"],
            why=primary["why"], also_changed=None if also.strip(".").lower() == NOTHING_KNOWN else also, funded_by=site["funded_by"],
            table=path, describe=self._bears_no_estimate(path, primary["id"]), table_source=site.get("published_by"), table_licence=site.get("licence"),
            table_published_at=site.get("published_at"), table_name=table, comparators=site.get("comparators", "").split(),
            synthetic=site["synthetic"] == YES, new_measure=_new_measure(catalogue, primary),
            no_stratifier=site.get("no_stratifier") or NO_STRATIFIER,
            org_names={code: site["site_name"] for code in codes if code not in catalogue.organisations},
        )  # fmt: skip
        self._put(new_files(catalogue, answers, self.today))

    def _figures(self, table: str) -> Path:
        exact = self.copy / PRIVATE / f"{table}.csv"
        return exact if exact.is_file() else self.copy / "data" / "tables" / f"{table}.csv"

    def _bears_no_estimate(self, path: Path, measure: str) -> bool:
        """Whether a measure of the site has too few points before or after the change."""
        assert self.told.start is not None  # a sound workbook has one
        contents = contents_of(self.copy, path)
        change = resolve_interruption(self.told.start.isoformat(), 0, contents.first.freqstr)
        return not enough_of(contents.points(measure), self.told.site["org_code"].split(), change).can_model

    def _further(self, measure: Mapping[str, str], table: str) -> None:
        catalogue = self._catalogue()
        evaluation, new = catalogue.evaluations[self.id], _new_measure(catalogue, measure)
        contents = contents_of(self.copy, self._figures(table))
        counted = (new or catalogue.measures[measure["id"]]).form == "count"
        further = FurtherAnalysis(
            evaluation=self.id, measure=measure["id"], role="secondary", expected=measure["expected"], why=measure["why"],
            table=table, seen=False, new_measure=new,
            describe=self._bears_no_estimate(self._figures(table), measure["id"]),
            noughts=counted and bool(noughts_beside(catalogue, contents, evaluation, table, measure["id"])),
        )  # fmt: skip
        takes = read_template(self.copy, evaluation.primary.template).parameters
        self._put(further_analysis_files(catalogue, further, takes, self.today))

    def _learned(self) -> None:
        site = self.told.site
        source = f"{self.id[:70].strip('-')}-workbook"
        new: NewSource | None = NewSource(
            f"What people at {site['site_name']} told with the figures",
            site["site_name"],
            "Told in the site's workbook; not published",
            self.today.isoformat(),
        )
        for row in self.told.learning:
            catalogue = self._catalogue()
            item = LearningAnswers(
                type=row["type"], title=row["title"], text=row["body"], site=catalogue.evaluations[self.id].sites[0], programme=None,
                audience=several(row["audience"]), stage=row["stage"], strength=row["strength"], evidence_kind="interview",
                evidence_ref=source, evidence_says=row["says"], date=self.today.isoformat(), themes=several(row["themes"]),
                explains=[self.id], response=row.get("response"), what_happened=row.get("what_happened"), new_source=new,
            )  # fmt: skip
            self._put(new_learning_files(catalogue, item, self.today))
            new = None
        if self.told.learning:  # somebody has given a reason, so that the question is none any more
            self.files = {
                path: text for path, text in self.files.items() if path.stem != f"{self.id[:76].strip('-')}-why"
            }

    def _pulse(self) -> None:
        """What may be shown of what staff answered; waves and questions that are there already stay."""
        if not self.told.pulse:
            return
        site = self._catalogue().evaluations[self.id].sites[0]
        path = self.copy / pulse_file(site)
        before = read_pulse(path, path.name)[0] if path.is_file() else []
        exact = [PulseRow(*row) for row in self.told.pulse]
        asked = {(row.wave, row.question) for row in exact}
        kept = [row for row in before if (row.wave, row.question) not in asked]
        path.parent.mkdir(exist_ok=True)
        self._put({path: as_csv([*kept, *to_show(exact, before)])})


def _new_measure(catalogue: Catalogue, row: Mapping[str, str]) -> NewMeasure | None:
    if row["id"] in catalogue.measures:
        return None
    change = row.get("important_change")
    return NewMeasure(
        row["name"], row["unit"], row["form"], row["better"], row["type"], row["domain"],
        important_change=float(change) if change else None, important_because=row.get("important_because"),
        exposure=cast(Exposure | None, row.get("exposure")),
    )  # fmt: skip
