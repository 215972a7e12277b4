"""Do changes that were looked for name organisations, tables, measures and evaluations that there are?"""

from evalkit.catalogue.model import Catalogue
from evalkit.errors import Problem


def check_candidates(catalogue: Catalogue) -> list[Problem]:
    """Entries of ``data/candidates.yml`` that name what there is not, or claim to have been decided before they were."""
    problems = []
    for id, candidate in catalogue.candidates.items():
        for index, code in enumerate(candidate.org_codes):
            problems += catalogue.unknown(
                "candidates", id, ("org_codes", index), code, catalogue.organisations,
                "a provider code in data/organisations.csv", "correct it, or leave it out where no table has it",
            )  # fmt: skip
        if candidate.evaluation is not None:
            problems += catalogue.unknown(
                "candidates", id, ("evaluation",), candidate.evaluation, catalogue.evaluations,
                "an evaluation in data/evaluations", "correct it, or leave it out until there is one",
            )  # fmt: skip
            problems += _decided_first(catalogue, id)
        asked = candidate.power
        if asked is None:
            continue
        for field, name, known, is_what in (
            ("org_code", asked.org_code, catalogue.organisations, "a provider code in data/organisations.csv"),
            ("measure", asked.measure, catalogue.measures, "a measure in data/measures.yml"),
            ("table", asked.table, catalogue.tables, "a table in data/datapackage.json"),
        ):
            problems += catalogue.unknown("candidates", id, ("power", field), name, known, is_what, "correct it")
        began = candidate.day.isoformat() if candidate.day is not None else None
        if began is not None and asked.last >= began[:7]:
            what = (
                f"`last` is {asked.last}, and the change began on {began}: power may see only months before that one."
            )
            problems.append(catalogue.problem("candidates", id, ("power", "last"), what))
    return problems


def _decided_first(catalogue: Catalogue, id: str) -> list[Problem]:
    candidate = catalogue.candidates[id]
    evaluation = catalogue.evaluations.get(candidate.evaluation or "")
    unseen = evaluation is not None and evaluation.protocol.status == "not_looked_at"
    if candidate.decision == "kept" and unseen and candidate.known == "seen":
        what = (
            f"`known` says seen, and the protocol of {candidate.evaluation} that nobody had looked: say which is true."
        )
        return [catalogue.problem("candidates", id, ("known",), what)]
    return []
