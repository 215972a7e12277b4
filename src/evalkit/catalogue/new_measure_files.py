"""A measure that `evalkit new` describes in data/measures.yml. Nothing is written here."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from evalkit.catalogue.files.yaml_edit import as_yaml
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.measures import Exposure
from evalkit.errors import EvaluationError


@dataclass(frozen=True)
class NewMeasure:
    """A measure that ``data/measures.yml`` does not hold yet."""

    name: str
    unit: str
    form: str
    direction: str
    type: str
    domain: str
    definition: str | None = None
    flow_stage: str | None = None
    important_change: float | None = None
    important_because: str | None = None
    exposure: Exposure | None = None
    important_scale: str | None = None

    @property
    def scale_of_change(self) -> str:
        """What the smallest change worth acting on is counted in: as it was given, else as the form has it."""
        return self.important_scale or scale_of_change(self.form)

    @property
    def is_per_day(self) -> bool:
        """Whether it is taken per day unless an analysis says otherwise."""
        return self.form == "count" and self.exposure != "none"


def new_measure_files(catalogue: Catalogue, id: str, new: NewMeasure, today: date) -> dict[Path, str]:
    """``data/measures.yml`` with one measure more at its end.

    Raises
    ------
    EvaluationError
        Where there is one of that id.
    """
    if id in catalogue.measures:
        raise EvaluationError(f"`{id}` is in data/measures.yml already: choose another id, or edit it there.")
    record: dict[str, Any] = {
        "name": new.name,
        "plain_name": new.name[:1].lower() + new.name[1:],
        "definition": new.definition or f"{new.name}, as counted in the site's own submission.",
        "form": new.form,
        "unit": new.unit,
        "direction": new.direction,
        "type": new.type,
        "domain": new.domain,
    }
    if new.exposure is not None:
        record["exposure"] = new.exposure
    if new.flow_stage is not None:
        record["flow_stage"] = new.flow_stage
    if new.important_change is not None:
        record["minimum_important_change"] = {
            "value": new.important_change,
            "scale": new.scale_of_change,
            "source": new.important_because or "Set with this evaluation; no published threshold is cited.",
            "chosen": today,
        }
    path = catalogue.root / "data" / "measures.yml"
    return {path: path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n\n" + as_yaml({id: record})}


def scale_of_change(form: str) -> str:
    """What the smallest change worth acting on is counted in, for a new measure of this form."""
    return {"count": "percent", "proportion": "points"}.get(form, "unit")
