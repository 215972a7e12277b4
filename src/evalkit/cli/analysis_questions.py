"""What is asked to add an analysis to an evaluation, and the files that the answers make."""

from datetime import date
from pathlib import Path

from evalkit.advice import enough_of
from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.new_analysis_files import ROLES, FurtherAnalysis, further_analysis_files
from evalkit.catalogue.new_table_files import NewTable, described_as, new_table_files
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.cli import questions as q
from evalkit.cli.asking import Asking, Question
from evalkit.cli.evaluation_questions import NewRecords
from evalkit.cli.measure_questions import ask_measure, refuse_change_in_percent
from evalkit.errors import EvaluationError
from evalkit.intake.load import table_around
from evalkit.intake.noughts import in_words, noughts_beside
from evalkit.intake.periods import resolve_interruption
from evalkit.intake.table_contents import TableContents, contents_of
from evalkit.project import PRIVATE
from evalkit.runs.planning.notebook_templates import read_template

CONTROL_KINDS = {
    "outcome": "a measure that the change should leave alone",
    "place": "a place where nothing changed",
    "date": "a day on which nothing changed",
}


def ask_analysis(asking: Asking, catalogue: Catalogue, id: str) -> NewRecords:
    """Ask for everything that the first analysis does not say.

    Raises
    ------
    InputRefused, EvaluationError
        With all that is missing or wrong.
    """
    evaluation = catalogue.evaluations[id]
    path, contents = _table(asking, catalogue, evaluation)
    codes = catalogue.codes(evaluation.sites)
    asked = q.measure_question(catalogue, contents, codes)
    if asking.given.get("measure") in catalogue.measures:  # whatever table holds it
        asked = Question("measure", "Measure", read=q.id_of)
    measure = asking.get(asked)
    new_measure = None
    if measure is not None and measure not in catalogue.measures:
        if contents is None or measure not in contents.measures(codes):
            asking.refuse(f"`{measure}` is a new measure: name the CSV that holds it with --table.")
        new_measure = ask_measure(asking, catalogue, measure, contents=contents)
    role = asking.get(Question("role", "What it is beside the first", ROLES))
    kind = None
    if role == "negative_control":
        kind = asking.get(Question("control-kind", "What is another than in the question", CONTROL_KINDS))
    expected, why = asking.get(q.EXPECTED), asking.get(q.WHY)
    seen = _seen(asking, catalogue.root, id)
    synthetic = catalogue.is_synthetic(evaluation)
    published = q.ask_published(asking, catalogue, path, synthetic)
    asking.refuse_what_is_wrong()
    table = _name(catalogue, evaluation, path, contents, measure)
    files: dict[Path, str] = {}
    if path is not None:
        files = new_table_files(
            catalogue,
            NewTable(
                path, evaluation.title, synthetic, published["source"], published["licence"], published["published_at"]
            ),
        )
    takes = read_template(catalogue.root, evaluation.primary.template).parameters
    describe = _bears_no_estimate(contents, codes, measure, evaluation)
    found, told = [], "Its points are too few for an estimate, so they are only described." if describe else ""
    if not describe and (new_measure or catalogue.measures[measure]).form == "count" and "log" in takes:
        found = noughts_beside(catalogue, contents, evaluation, table, measure)
    if found:
        told = in_words(
            measure, found, "of a model of counts (`family: poisson`)" if "family" in takes else "in its unit"
        )
    if found and "family" not in takes:
        refuse_change_in_percent(asking, catalogue, measure, new_measure, told)
        asking.refuse_what_is_wrong()
    further = FurtherAnalysis(
        evaluation=id,
        measure=measure,
        role=role,
        expected=expected,
        why=why,
        table=table,
        seen=seen,
        id=asking.get(Question("id", "", read=q.id_of, optional=True)) if asking.given.get("id") else None,
        title=asking.given.get("title"),
        new_measure=new_measure,
        control_kind=kind,
        describe=describe,
        noughts=bool(found),
    )
    files |= further_analysis_files(catalogue, further, takes, date.today())
    return NewRecords(id, files, table, (told,) if told else ())


def _bears_no_estimate(contents: TableContents | None, codes: list[str], measure: str, evaluation: Evaluation) -> bool:
    """Whether its points are too few for the design of the first analysis, which is of one site."""
    if contents is None or not isinstance(evaluation.primary.parameters.get("site"), str):
        return False
    change = resolve_interruption(evaluation.intervention.start.isoformat(), 0, contents.first.freqstr)
    return not enough_of(contents.points(measure), codes, change).can_model


def _table(asking: Asking, catalogue: Catalogue, evaluation: Evaluation) -> tuple[Path | None, TableContents | None]:
    """The file that is named, else what is in the one of the first analysis, where it is a site's own."""
    if asking.given.get("table") or asking.kept.get("table"):
        looked: list[tuple[Path, TableContents | None]] = []

        def read(written: str) -> str:
            looked.append(q.look_at_table(catalogue, written))
            return written

        asking.get(Question("table", "Table", read=read))
        asking.refuse_what_is_wrong()
        return looked[-1]
    described = catalogue.tables.get(str(evaluation.primary.parameters.get("table")))
    if described is None or described.layout.shape != "long":
        return None, None
    exact = catalogue.root / PRIVATE / Path(described.path).name
    path = exact if exact.is_file() else catalogue.root / "data" / described.path
    return None, contents_of(catalogue.root, path, described)


def _name(
    catalogue: Catalogue, evaluation: Evaluation, path: Path | None, contents: TableContents | None, measure: str
) -> str:
    """The table that holds the measure: the one named, that of the first analysis, or another that holds the date."""
    codes = catalogue.codes(evaluation.sites)
    if contents is not None and measure in contents.measures(codes):
        first = str(evaluation.primary.parameters.get("table"))
        return first if path is None else described_as(catalogue, path) or slug(path.stem)
    if measure not in catalogue.measures:
        raise EvaluationError(f"No table holds `{measure}` at {', '.join(codes)}: name the CSV with --table.")
    if path is not None and described_as(catalogue, path) is not None:
        return str(described_as(catalogue, path))
    first = catalogue.tables.get(str(evaluation.primary.parameters.get("table")))
    if first is not None and any(recipe.table == first.name for recipe in catalogue.measures[measure].recipes):
        return first.name
    return table_around(catalogue, catalogue.measures[measure], codes, evaluation.intervention.start.isoformat())


def _seen(asking: Asking, root: Path, evaluation: str) -> bool:
    """Whether a result has been seen: there is one here, or somebody says so."""
    if any((root / "results" / evaluation).glob("*.json")) or (root / "_build" / "runs" / evaluation).is_dir():
        return True
    asked = Question("results-seen", "Has anybody seen a result of this evaluation", q.YES_NO)
    return asking.get(asked) == "yes"
