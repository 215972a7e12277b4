"""What is asked about a thing that was learned, and the files that the answers make."""

import re
from datetime import date
from typing import get_args

from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.new_evaluation_files import TO_FILL_IN
from evalkit.catalogue.new_learning_files import LearningAnswers, NewSource, new_learning_files
from evalkit.catalogue.records.learning import NOT_SOLVED, VOICES, Evidence, ItemType
from evalkit.catalogue.records.voices import NOT_REPORTED, NOT_YET
from evalkit.cli import questions as q
from evalkit.cli.asking import Asking, Question
from evalkit.cli.evaluation_questions import NewRecords
from evalkit.errors import EvaluationError

HOW_VOICES_ARE_SHOWN = (
    "add `voice` with how the speaker agreed, and `signed_off`, as Take part shows, then write `status: published`."
)
KINDS = get_args(Evidence.model_fields["kind"].annotation)


def ask_learning(asking: Asking, catalogue: Catalogue) -> NewRecords:
    """Ask for everything, and make the item's files.

    Raises
    ------
    InputRefused, EvaluationError
        With all that is missing or wrong.
    """
    words = catalogue.vocabularies
    known_types = words.get("item_types", {})
    kind = asking.get(Question("type", "What it is", {word: known_types.get(word, "") for word in get_args(ItemType)}))
    title = asking.get(Question("title", "What was learned, in one sentence", read=_free(catalogue)))
    text = asking.get(Question("text", "The same in a few sentences"))
    site = asking.get(Question("site", "Site (empty: a programme)", _named(catalogue.sites), optional=True))
    programme = None
    if site is None:
        programme = asking.get(Question("programme", "Programme", _named(catalogue.programmes), optional=True))
        if programme is None:
            asking.refuse(
                f"Neither --site nor --programme is given: name one of the sites {', '.join(catalogue.sites)}."
            )
    several = {
        name: asking.get(
            Question(
                name,
                f"{asks} (several: separate them by spaces{'; empty: none' if optional else ''})",
                words.get(name, {}),
                several=True,
                optional=optional,
            ),
            [],
        )
        for name, asks, optional in (
            ("themes", "Themes", kind == "question"),
            ("lessons", "Of the ten lessons", True),
            ("impact", "Of NHS IMPACT", True),
        )
    }
    audience = asking.get(
        Question(
            "audience", "Who can use it (several: separate them by spaces)", words.get("audiences", {}), several=True
        ),
        [],
    )
    stage = asking.get(Question("stage", "At which stage", words.get("stages", {})))
    strength = asking.get(Question("strength", "How sure it is", words.get("strengths", {})))
    response = happened = None
    if kind == "barrier" or kind in VOICES:
        otherwise = f"{NOT_YET if kind in VOICES else NOT_SOLVED} or {NOT_REPORTED} if nothing is known"
        response = asking.get(Question("response", f"What was done about it ({otherwise})"))
        happened = asking.get(Question("what-happened", f"What came of that ({otherwise})"))
    explains = asking.get(
        Question(
            "explains",
            "Evaluations that it helps to explain (empty: none)",
            _titled(catalogue),
            several=True,
            optional=True,
        ),
        [],
    )
    evidence_kind = asking.get(Question("evidence-kind", "What it rests on", KINDS))
    reference, source = _evidence(asking, catalogue, evidence_kind)
    says = asking.get(Question("evidence-says", "What that says, in our own words"))
    people = asking.get(
        Question("evidence-n", "How many people said so (empty: not counted)", optional=True, read=_number)
    )
    when = asking.get(
        Question("date", "When it was learned, as far as known: 2024, 2024-03 or 2024-03-10", read=_as_far_as_known)
    )
    role = asking.get(
        Question("contributor-role", "Who said so, by role and never by name (empty: not said)", optional=True)
    )
    asking.refuse_what_is_wrong()
    answers = LearningAnswers(
        type=kind, title=title, text=text, site=site, programme=programme, audience=audience, stage=stage, strength=strength,
        evidence_kind=evidence_kind, evidence_ref=reference or "", evidence_says=says, evidence_n=people, date=when, explains=explains,
        response=response, what_happened=happened, contributor_role=role, new_source=source, **several,
    )  # fmt: skip
    told: tuple[str, ...] = tuple(_still_asked(catalogue, id) for id in explains if kind != "question")
    if kind == "patient_voice":
        told = (f"data/learning/{slug(title)}.md is a draft: {HOW_VOICES_ARE_SHOWN}", *told)
    return NewRecords(
        slug(title), new_learning_files(catalogue, answers, date.today()), None, tuple(filter(None, told))
    )


def _still_asked(catalogue: Catalogue, evaluation: str) -> str:
    """The open question that came with an evaluation, where nobody has written anything into it."""
    for id, item in catalogue.learning.items():
        if item.type == "question" and item.is_shown and evaluation in item.explains and item.body == TO_FILL_IN:
            return (
                f"data/learning/{id}.md still asks what explains {evaluation}: where this answers it, write `status: withdrawn`"
                " there."
            )
    return ""


def _evidence(asking: Asking, catalogue: Catalogue, kind: str | None) -> tuple[str | None, NewSource | None]:
    """What is rested on: a result there is, or a source, known or new."""
    if kind == "result":
        results = [
            f"{id}/{analysis.id}"
            for id, evaluation in catalogue.evaluations.items()
            for analysis in evaluation.analyses
        ]
        return asking.get(Question("evidence-ref", "Which result", results)), None
    sources = {id: source.title for id, source in catalogue.sources.items()}
    ref = asking.get(
        Question("evidence-ref", "Its id in data/sources.yml, or a new one", sources, closed=False, read=q.id_of)
    )
    if ref is None or ref in sources:
        return ref, None
    said = [
        asking.get(Question(f"source-{name}", asks))
        for name, asks in (
            ("title", f"`{ref}` is a new source. Its title"),
            ("publisher", "Who published or keeps it"),
            ("where", "Where it can be read"),
            ("published", "When it was published, as far as known (or: not known)"),
        )
    ]
    return ref, None if None in said else NewSource(*said)


def _free(catalogue: Catalogue):
    def read(written: str) -> str:
        id = slug(written)
        if not id:
            raise EvaluationError(f"--title is {written!r}, which has no letters or figures to make an id from.")
        if id in catalogue.learning:
            raise EvaluationError(f"data/learning/{id}.md exists already: choose another title, or edit that file.")
        return written

    return read


def _named(records) -> dict[str, str]:
    return {id: record.name for id, record in records.items()}


def _titled(catalogue: Catalogue) -> dict[str, str]:
    return {id: evaluation.title for id, evaluation in catalogue.evaluations.items()}


def _number(written: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,6}", written):
        raise EvaluationError(f"--evidence-n is {written!r}, which is not a whole number above 0: write it in figures.")
    return int(written)


def _as_far_as_known(written: str) -> str:
    if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?", written):
        raise EvaluationError(f"--date is {written!r}: write it as 2024, 2024-03 or 2024-03-10.")
    return written
