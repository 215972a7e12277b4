"""One thing learned, as a file that people edit, and the source that it names. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from evalkit.catalogue.files.yaml_edit import as_yaml
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.errors import EvaluationError


@dataclass(frozen=True)
class NewSource:
    """A document or a talk that ``data/sources.yml`` does not hold yet."""

    title: str
    publisher: str
    where: str
    published: str


@dataclass(frozen=True)
class LearningAnswers:
    """What ``evalkit new learning`` asks: the fields of an item by their names, its evidence and a source where it is new."""

    type: str
    title: str
    text: str
    site: str | None
    programme: str | None
    audience: Sequence[str]
    stage: str
    strength: str
    evidence_kind: str
    evidence_ref: str
    evidence_says: str
    date: str
    evidence_n: int | None = None
    themes: Sequence[str] = ()
    lessons: Sequence[str] = ()
    impact: Sequence[str] = ()
    explains: Sequence[str] = ()
    response: str | None = None
    what_happened: str | None = None
    contributor_role: str | None = None
    new_source: NewSource | None = None
    id: str | None = field(default=None)


def new_learning_files(catalogue: Catalogue, answers: LearningAnswers, today: date) -> dict[Path, str]:
    """The item's file, and ``data/sources.yml`` with one source more.

    Raises
    ------
    EvaluationError
        Where there is an item of that id.
    """
    data = catalogue.root / "data"
    id = answers.id or slug(answers.title)
    if not id:
        raise EvaluationError(f"The title {answers.title!r} has no letters or figures to make an id from.")
    if id in catalogue.learning:
        raise EvaluationError(f"data/learning/{id}.md exists already: choose another title, or edit that file.")
    evidence: dict[str, Any] = {
        "kind": answers.evidence_kind,
        "ref": answers.evidence_ref,
        "says": answers.evidence_says,
    }
    if answers.evidence_n is not None:
        evidence["n"] = answers.evidence_n
    fields = {
        "id": id,
        "type": answers.type,
        "title": answers.title,
        "site": answers.site,
        "programme": answers.programme,
        "themes": list(answers.themes),
        "lessons": list(answers.lessons),
        "impact": list(answers.impact),
        "audience": list(answers.audience),
        "stage": answers.stage,
        "strength": answers.strength,
        "evidence": [evidence],
        "explains": list(answers.explains),
        "response": answers.response,
        "what_happened": answers.what_happened,
        # Nothing that a patient said is shown before the speaker has agreed and a second reader has signed it off.
        "status": "draft" if answers.type == "patient_voice" else "published",
        "date": answers.date,
        "contributor_role": answers.contributor_role,
    }
    said = {name: value for name, value in fields.items() if value not in (None, [])}
    files = {data / "learning" / f"{id}.md": f"---\n{as_yaml(said)}---\n{answers.text}\n"}
    if answers.new_source is not None:
        new = answers.new_source
        source = {
            "title": new.title,
            "publisher": new.publisher,
            "where": new.where,
            "published": new.published,
            "read": today,
        }
        path = data / "sources.yml"
        before = path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n\n" if path.is_file() else ""
        files[path] = before + as_yaml({answers.evidence_ref: source})
    return files
