"""Effect and reason in one graph: does everything that was learned hang together, and has every result its reasons?"""

from evalkit.catalogue.consistency.synthetic_apart import check_invented
from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.new_evaluation_files import TO_FILL_IN
from evalkit.catalogue.records.evaluations import Analysis, Evaluation
from evalkit.catalogue.records.learning import Pooled
from evalkit.errors import Problem, did_you_mean, named

SINGLE = {"stage": "stages", "strength": "strengths"}
SEVERAL = {"themes": "themes", "lessons": "lessons", "impact": "impact", "audience": "audiences"}


def check_graph(catalogue: Catalogue) -> list[Problem]:
    """Unknown ids and words in what was learned, and published results without a reason, a rival or a negative control."""
    problems = []
    for check in (
        _sources,
        _independent_results,
        _learning,
        _about_the_book,
        _pooled,
        _results_have_reasons,
        _asked_after_an_answer,
        check_invented,
    ):
        problems += check(catalogue)
    return problems


def _word(catalogue: Catalogue, kind: str, id: str, path, word: str, vocabulary: str) -> list[Problem]:
    known = catalogue.vocabularies.get(vocabulary, {})
    is_what = f"one of the words for `{vocabulary}` in data/vocabularies.yml"
    return catalogue.unknown(kind, id, path, word, known, is_what, "use one of them, or add it there")


def _words(catalogue: Catalogue, kind: str, id: str, name: str, words: list[str], vocabulary: str) -> list[Problem]:
    problems = _named_once(catalogue, kind, id, name, words)
    for index, word in enumerate(words):
        problems += _word(catalogue, kind, id, (name, index), word, vocabulary)
    return problems


def _named_once(catalogue: Catalogue, kind: str, id: str, name: str, ids: list[str]) -> list[Problem]:
    """What is named twice would be counted and shown twice."""
    seen = set()
    problems = []
    for index, ref in enumerate(ids):
        if ref in seen:
            problems.append(catalogue.problem(kind, id, (name, index), f"`{name}` names `{ref}` twice: name it once."))
        seen.add(ref)
    return problems


def _evaluations(catalogue: Catalogue, kind: str, id: str, name: str, ids: list[str]) -> list[Problem]:
    problems = _named_once(catalogue, kind, id, name, ids)
    is_what, remedy = "an evaluation in data/evaluations", "correct it, or take it out"
    for index, ref in enumerate(ids):
        problems += catalogue.unknown(kind, id, (name, index), ref, catalogue.evaluations, is_what, remedy)
    return problems


def _analyses(catalogue: Catalogue) -> set[str]:
    return {
        f"{evaluation.id}/{analysis.id}"
        for evaluation in catalogue.evaluations.values()
        for analysis in evaluation.analyses
    }


def _analysis(catalogue: Catalogue, kind: str, id: str, path, ref: str, known: set[str]) -> list[Problem]:
    is_what = "a result of this book, written evaluation/analysis"
    return catalogue.unknown(kind, id, path, ref, known, is_what, "correct it")


def _sources(catalogue: Catalogue) -> list[Problem]:
    problems = []
    for id, programme in catalogue.programmes.items():
        problems += _word(catalogue, "programmes", id, ("area",), programme.area, "areas")
        for index, source in enumerate(programme.sources):
            problems += catalogue.unknown(
                "programmes", id, ("sources", index), source, catalogue.sources,
                "a publication in data/sources.yml", "correct it, or add it there",
            )  # fmt: skip
    return problems


def _independent_results(catalogue: Catalogue) -> list[Problem]:
    problems, analyses = [], _analyses(catalogue)
    for id, one in catalogue.independent_results.items():
        problems += _named_once(catalogue, "independent_results", id, "beside", one.beside)
        for index, ref in enumerate(one.beside):
            problems += _analysis(catalogue, "independent_results", id, ("beside", index), ref, analyses)
    return problems


def _learning(catalogue: Catalogue) -> list[Problem]:
    problems, analyses = [], _analyses(catalogue)
    for id, item in catalogue.learning.items():
        for name, known, is_what in (
            ("site", catalogue.sites, "a site in data/sites"),
            ("programme", catalogue.programmes, "a programme in data/programmes.yml"),
        ):
            value = getattr(item, name)
            if value is not None:
                problems += catalogue.unknown("learning", id, (name,), value, known, is_what, "correct it, or add it")
        for name, vocabulary in SINGLE.items():
            problems += _word(catalogue, "learning", id, (name,), getattr(item, name), vocabulary)
        for name, vocabulary in SEVERAL.items():
            problems += _words(catalogue, "learning", id, name, getattr(item, name), vocabulary)
        for index, evidence in enumerate(item.evidence):
            path = ("evidence", index, "ref")
            if evidence.kind == "result":
                problems += _analysis(catalogue, "learning", id, path, evidence.ref, analyses)
            else:
                problems += catalogue.unknown(
                    "learning", id, path, evidence.ref, catalogue.sources,
                    "a publication in data/sources.yml", "correct it, or add it there",
                )  # fmt: skip
        problems += _evaluations(catalogue, "learning", id, "explains", item.explains)
    return problems


def _about_the_book(catalogue: Catalogue) -> list[Problem]:
    problems = []
    for id, change in catalogue.changes.items():
        problems += _evaluations(catalogue, "changes", id, "evaluations", change.evaluations)
    problems += _terms(catalogue) + _synonyms(catalogue)
    for id, route in catalogue.routes.items():
        problems += _words(catalogue, "routes", id, "audiences", route.audiences, "audiences")
        for index, item in enumerate(route.first):
            problems += catalogue.unknown(
                "routes", id, ("first", index), item, catalogue.learning, "an item in data/learning", "correct it"
            )
    return problems


def _terms(catalogue: Catalogue) -> list[Problem]:
    """Two entries of the glossary for one term."""
    problems, ids_by_term = [], {}
    for id, entry in catalogue.glossary.items():
        first = ids_by_term.setdefault(" ".join(entry.term.split()).casefold(), id)
        if first != id:
            what = (
                f"`term` is {entry.term}, which the entry `{first}` of the glossary explains already: make one entry of"
                " the two, or correct the term."
            )
            problems.append(catalogue.problem("glossary", id, ("term",), what))
    return problems


def _synonyms(catalogue: Catalogue) -> list[Problem]:
    """A word that stands twice: what it finds would depend on the order of the file."""
    problems, ids_by_word = [], {}
    for id, entry in catalogue.synonyms.items():
        for index, word in enumerate(entry.words):
            first = ids_by_word.get(word)
            if first is not None:
                where = "earlier in this list" if first == id else f"in `{first}`"
                what = f"`words` has {word}, which stands {where} already: name it once, or make one entry of the two."
                problems.append(catalogue.problem("synonyms", id, ("words", index), what))
            ids_by_word.setdefault(word, id)
    return problems


def _pooled(catalogue: Catalogue) -> list[Problem]:
    problems, analyses = [], _analyses(catalogue)
    for id, pooled in catalogue.pooled.items():
        problems += _word(catalogue, "pooled", id, ("area",), pooled.area, "areas")
        for index, ref in enumerate(pooled.analyses):
            problems += _analysis(catalogue, "pooled", id, ("analyses", index), ref, analyses)
        problems += _named_once(catalogue, "pooled", id, "analyses", pooled.analyses)
        if pooled.measure is not None and pooled.measure not in catalogue.measures:
            what = f"`measure` names `{pooled.measure}`, which is not in data/measures.yml{did_you_mean(pooled.measure, catalogue.measures)}."
            problems.append(catalogue.problem("pooled", id, ("measure",), what))
        for index, left_out in enumerate(pooled.left_out):
            problems += _analysis(catalogue, "pooled", id, ("left_out", index, "analysis"), left_out.analysis, analyses)
        if pooled.not_pooled is None:
            problems += _chosen_among(catalogue, id, pooled)
    return problems


def _chosen_among(catalogue: Catalogue, id: str, pooled: Pooled) -> list[Problem]:
    """Analyses that ask the same of one more site of the same evaluations, and are neither pooled nor left out for a reason."""
    there = {*pooled.analyses, *(left_out.analysis for left_out in pooled.left_out)}
    asked = {
        (ref.partition("/")[0], analysis.template, analysis.parameters.get("measure"))
        for ref in pooled.analyses
        for analysis in [_record_of(catalogue, ref)]
        if analysis is not None
    }
    sites = {
        (ref.partition("/")[0], str(analysis.parameters.get("site")))
        for ref in pooled.analyses
        for analysis in [_record_of(catalogue, ref)]
        if analysis is not None
    }
    missing = [
        f"{evaluation}/{analysis.id}"
        for evaluation, template, measure in sorted(asked, key=str)
        for analysis in catalogue.evaluations[evaluation].analyses
        if (analysis.template, analysis.parameters.get("measure")) == (template, measure)
        and analysis.role not in ("negative_control", "spill_over")
        and len(words_in(analysis.parameters.get("site", ""))) == 1
        and (evaluation, str(analysis.parameters.get("site"))) not in sites
        and f"{evaluation}/{analysis.id}" not in there
    ]
    if not missing:
        return []
    it = "it" if len(missing) == 1 else "them"
    what = (
        f"{named(missing)} {'asks' if len(missing) == 1 else 'ask'} the same of another site: add {it} to `analyses`, or"
        f" name {it} under `left_out` with the reason."
    )
    return [catalogue.problem("pooled", id, ("analyses",), what)]


def _record_of(catalogue: Catalogue, ref: str) -> Analysis | None:
    evaluation, _, id = ref.partition("/")
    analyses = catalogue.evaluations[evaluation].analyses if evaluation in catalogue.evaluations else ()
    return next((analysis for analysis in analyses if analysis.id == id), None)


def _results_have_reasons(catalogue: Catalogue) -> list[Problem]:
    """A published evaluation is explained by a learning item, and by a rival with the check that speaks to it."""
    problems = []
    explained = {id for item in catalogue.learning.values() if item.is_shown for id in item.explains}
    for id, evaluation in catalogue.evaluations.items():
        if evaluation.status != "published":
            continue
        if id not in explained:
            what = (
                f"no learning item explains this result: write `explains: [{id}]` into a published one in data/learning,"
                " of type `question` if nobody has been asked yet."
            )
            problems.append(catalogue.problem("evaluations", id, ("status",), what))
        if not any(rival.analyses for rival in evaluation.rival_explanations):
            what = "`rival_explanations` has none with `analyses`: name the analysis that speaks to one of them."
            problems.append(catalogue.problem("evaluations", id, ("rival_explanations",), what))
        if not (evaluation.protocol.negative_control or evaluation.protocol.no_negative_control):
            what = (
                "`protocol` has no `negative_control`, something that should not have moved: name its analysis, or give the"
                " reason for none as `no_negative_control`."
            )
            problems.append(catalogue.problem("evaluations", id, ("protocol",), what))
        problems += _told_apart(catalogue, id, evaluation)
    return problems


def _told_apart(catalogue: Catalogue, id: str, evaluation: Evaluation) -> list[Problem]:
    """For whom it worked: a stratifier whose analyses are there, or the reason for none."""
    protocol = evaluation.protocol
    if protocol.stratifier is None:
        if protocol.no_stratifier:
            return []
        what = (
            "`protocol` has no `stratifier`, by which to see who gained: name it with its analyses (a fifth of deprivation,"
            " age, sex, ethnicity), or give the reason for none as `no_stratifier`."
        )
        return [catalogue.problem("evaluations", id, ("protocol",), what, "look")]
    known = {analysis.id for analysis in evaluation.analyses}
    return [
        catalogue.problem(
            "evaluations", id, ("protocol", "stratifier", "analyses", index),
            f"`{name}` is no analysis of this evaluation{did_you_mean(name, known)}.",
        )
        for index, name in enumerate(protocol.stratifier.analyses)
        if name not in known
    ]  # fmt: skip


def _asked_after_an_answer(catalogue: Catalogue) -> list[Problem]:
    """The question that came with an evaluation stands untouched beside an item that explains the result."""
    answers = {
        evaluation: id
        for id, item in catalogue.learning.items()
        if item.is_shown and item.type != "question"
        for evaluation in item.explains
    }
    problems = []
    for id, item in catalogue.learning.items():
        told = [answers[evaluation] for evaluation in item.explains if evaluation in answers]
        if item.type == "question" and item.is_shown and item.body.strip() == TO_FILL_IN and told:
            what = f"still asks, and `{told[0]}` explains the same result: write `status: withdrawn` where that answers it."
            problems.append(catalogue.problem("learning", id, ("status",), what, "look"))
    return problems
