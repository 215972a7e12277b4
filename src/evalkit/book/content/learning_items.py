"""Learning items as pages show them: plain values, with the words of the vocabularies beside their keys."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from evalkit.book.content.book_content import BookContent
from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.learning import NOT_REPORTED, NOT_SOLVED, Evidence, LearningItem

HONEST = {NOT_SOLVED: "Not solved", NOT_REPORTED: "Not reported"}
KINDS = {"document": "", "interview": "Interview", "observation": "Observation", "survey": "Survey"}
ADDRESS = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,}(/\S*)?")


def item_card(content: BookContent, item: LearningItem) -> dict[str, Any]:
    """What a card, a list or a filter shows of an item, as plain values.

    ``themes``, ``lessons``, ``impact``, ``audience`` and ``areas`` are dicts from the key of the vocabulary to its words;
    ``type``, ``stage``, ``strength`` and ``status`` are keys with their words in ``type_word`` and so on. ``place`` is
    the name of the site or, without one, of the programme; ``site`` is the id for its page's address, or None.
    ``response`` and ``what_happened`` are words or None; ``unsolved`` says of a barrier that either is not solved.
    """
    catalogue = content.catalogue
    words = catalogue.vocabularies
    site = catalogue.sites[item.site] if item.site is not None else None
    programme = catalogue.programmes[item.programme] if item.programme is not None else None
    organisations = content.organisations(site) if site is not None else []
    areas = [programme.area] if programme is not None else []
    areas += [catalogue.evaluations[id].area for id in bears_on(item)]
    return {
        "id": item.id,
        "title": _line(item.title),
        "type": item.type,
        "type_word": words["item_types"][item.type],
        "place": place_of(catalogue, item),
        "site": item.site,
        "programme": programme.name if programme is not None else None,
        "synthetic": site is not None and site.synthetic,
        "themes": _in_words(words["themes"], item.themes),
        "lessons": _in_words(words["lessons"], item.lessons),
        "impact": _in_words(words["impact"], item.impact),
        "audience": _in_words(words["audiences"], item.audience),
        "areas": _in_words(words["areas"], areas),
        "regions": sorted({organisation.region for organisation in organisations if organisation.region}),
        "stage": item.stage,
        "stage_word": words["stages"][item.stage],
        "strength": item.strength,
        "strength_word": words["strengths"][item.strength],
        "status": item.status,
        "status_word": words["item_statuses"][item.status],
        "response": honest(item.response),
        "what_happened": honest(item.what_happened),
        "unsolved": item.type == "barrier" and NOT_SOLVED in (item.response, item.what_happened),
        "date": item.date,
        "explains": item.explains,
    }


def place_of(catalogue: Catalogue, item: LearningItem) -> str:
    """The name of the site or, without one, of the programme."""
    return catalogue.sites[item.site].name if item.site is not None else catalogue.programmes[item.programme].name


def bears_on(item: LearningItem) -> list[str]:
    """Ids of the evaluations that an item helps to explain or rests on, each once."""
    rests_on = [piece.ref.partition("/")[0] for piece in item.evidence if piece.kind == "result"]
    return list(dict.fromkeys([*item.explains, *rests_on]))


def newest_first(cards: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cards by date, the newest first; those of one day by title."""
    by_title = sorted(cards, key=lambda card: card["title"].casefold())
    return sorted(by_title, key=lambda card: card["date"], reverse=True)


def reasons(catalogue: Catalogue, items: Sequence[LearningItem]) -> list[dict[str, Any]]:
    """What the page of an evaluation shows of the items that explain it, as plain values (see ``reasons.html.jinja``)."""
    return [
        {
            "id": item.id,
            "title": _line(item.title),
            "type": item.type,
            "type_word": catalogue.vocabularies["item_types"][item.type],
            "status": item.status,
            "place": place_of(catalogue, item),
            "site": item.site,
            "programme": item.programme,
            "synthetic": item.site is not None and catalogue.sites[item.site].synthetic,
            "response": honest(item.response),
            "what_happened": honest(item.what_happened),
            "body": item.body,
            "evidence": evidence(catalogue, item),
        }
        for item in items
    ]


def evidence(catalogue: Catalogue, item: LearningItem) -> list[dict[str, Any]]:
    """What an item rests on, as plain values: a result with its titles, anything else with its publication."""
    return [_evidence(catalogue, piece) for piece in item.evidence]


def _evidence(catalogue: Catalogue, piece: Evidence) -> dict[str, Any]:
    plain = {"says": _line(piece.says), "n": piece.n, "result": None, "publication": None}
    if piece.kind == "result":
        id, _, analysis_id = piece.ref.partition("/")
        evaluation = catalogue.evaluations[id]
        analysis = next(analysis for analysis in evaluation.analyses if analysis.id == analysis_id)
        titles = {"evaluation": id, "evaluation_title": evaluation.title, "id": analysis.id, "title": analysis.title}
        return plain | {"result": titles | {"has_page": evaluation.status == "published"}}
    publication = catalogue.sources[piece.ref].model_dump(mode="json")
    address = f"https://{publication['where']}" if ADDRESS.fullmatch(publication["where"]) else None
    return plain | {"kind": KINDS[piece.kind], "publication": publication | {"address": address}}


def honest(words: str | None) -> str | None:
    """``Not solved`` and ``Not reported`` as pages write them; other words as they are."""
    return None if words is None else HONEST.get(words, _line(words))


def prose(text: str) -> str:
    """The HTML, on one line, of an item's Markdown: paragraphs, lists, emphasis and links; other signs stay as typed."""
    return " ".join(_markdown().render(text).split())


@cache
def _markdown():
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(["list", "emphasis", "backticks", "link", "escape", "entity", "newline"])


def _line(text: str) -> str:
    return " ".join(text.split())


def _in_words(vocabulary: dict[str, str], keys: Iterable[str]) -> dict[str, str]:
    return {key: vocabulary[key] for key in keys}
