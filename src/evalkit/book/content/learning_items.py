"""Learning items as pages show them, with the words of the vocabularies beside their keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.learning import NOT_SOLVED, Evidence, LearningItem, Publication
from evalkit.catalogue.records.voices import NOT_REPORTED, NOT_YET

HONEST = {NOT_SOLVED: "Not solved", NOT_REPORTED: "Not reported", NOT_YET: "Not yet"}
KINDS = {"document": "", "interview": "Interview", "observation": "Observation", "survey": "Survey"}


@dataclass(frozen=True)
class ItemCard:
    """What a card, a list or a filter shows of an item.

    ``themes``, ``lessons``, ``impact``, ``audience`` and ``areas`` are from the key of the vocabulary to its words;
    ``type``, ``stage``, ``strength`` and ``status`` are keys with their words in ``type_word`` and so on.

    Attributes
    ----------
    place : str
        The name of the site or, without one, of the programme.
    site : str or None
        The id for its page's address.
    reply, response, what_happened : str or None
        What was answered, what was done and what came of it, in words; a reply is kept of what people said alone.
    unsolved : bool
        Of a barrier, whether either is not solved.
    """

    id: str
    title: str
    type: str
    type_word: str
    place: str
    site: str | None
    programme: str | None
    synthetic: bool
    themes: dict[str, str]
    lessons: dict[str, str]
    impact: dict[str, str]
    audience: dict[str, str]
    areas: dict[str, str]
    regions: list[str]
    stage_word: str
    strength_word: str
    status: str
    status_word: str
    reply: str | None
    response: str | None
    what_happened: str | None
    unsolved: bool
    date: str


@dataclass(frozen=True)
class CitedResult:
    """A result of this book that an item rests on; a draft has no page."""

    evaluation: str
    evaluation_title: str
    id: str
    title: str
    has_page: bool


@dataclass(frozen=True)
class Rests:
    """What an item rests on: what it says, of how many, and either a result or a publication.

    ``kind`` is how the publication's words were gathered, where that is not by reading it.
    """

    says: str
    n: int | None
    result: CitedResult | None = None
    kind: str = ""
    publication: Publication | None = None


@dataclass(frozen=True)
class Reason:
    """What the page of an evaluation shows of an item that explains it; ``programme`` is an id."""

    id: str
    title: str
    type: str
    type_word: str
    status: str
    place: str
    site: str | None
    programme: str | None
    synthetic: bool
    reply: str | None
    response: str | None
    what_happened: str | None
    body: str
    evidence: list[Rests]


def item_card(catalogue: Catalogue, item: LearningItem) -> ItemCard:
    """The card of an item."""
    words = catalogue.vocabularies
    site = catalogue.sites[item.site] if item.site is not None else None
    programme = catalogue.programmes[item.programme] if item.programme is not None else None
    organisations = [catalogue.organisations[code] for code in site.org_codes] if site is not None else []
    areas = [programme.area] if programme is not None else []
    areas += [catalogue.evaluations[id].area for id in bears_on(item)]
    return ItemCard(
        id=item.id,
        title=_line(item.title),
        type=item.type,
        type_word=words["item_types"][item.type],
        place=place_of(catalogue, item),
        site=item.site,
        programme=item.programme,
        synthetic=site is not None and site.synthetic,
        themes=_in_words(words["themes"], item.themes),
        lessons=_in_words(words["lessons"], item.lessons),
        impact=_in_words(words["impact"], item.impact),
        audience=_in_words(words["audiences"], item.audience),
        areas=_in_words(words["areas"], areas),
        regions=sorted({organisation.region for organisation in organisations if organisation.region}),
        stage_word=words["stages"][item.stage],
        strength_word=words["strengths"][item.strength],
        status=item.status,
        status_word=words["item_statuses"][item.status],
        reply=_reply(item),
        response=honest(item.response),
        what_happened=honest(item.what_happened),
        unsolved=item.type == "barrier" and NOT_SOLVED in (item.response, item.what_happened),
        date=item.date,
    )


def place_of(catalogue: Catalogue, item: LearningItem) -> str:
    """The name of the site or, without one, of the programme."""
    if item.site is not None:
        return catalogue.sites[item.site].name
    return catalogue.programmes[str(item.programme)].name


def bears_on(item: LearningItem) -> list[str]:
    """Ids of the evaluations that an item helps to explain or rests on, each once."""
    rests_on = [piece.ref.partition("/")[0] for piece in item.evidence if piece.kind == "result"]
    return list(dict.fromkeys([*item.explains, *rests_on]))


def newest_first(cards: Iterable[ItemCard]) -> list[ItemCard]:
    """Cards by date, the newest first; those of one day by title."""
    by_title = sorted(cards, key=lambda card: card.title.casefold())
    return sorted(by_title, key=lambda card: card.date, reverse=True)


def reasons(catalogue: Catalogue, items: Sequence[LearningItem]) -> list[Reason]:
    """What the page of an evaluation shows of the items that explain it."""
    return [
        Reason(
            id=item.id,
            title=_line(item.title),
            type=item.type,
            type_word=catalogue.vocabularies["item_types"][item.type],
            status=item.status,
            place=place_of(catalogue, item),
            site=item.site,
            programme=item.programme,
            synthetic=item.site is not None and catalogue.sites[item.site].synthetic,
            reply=_reply(item),
            response=honest(item.response),
            what_happened=honest(item.what_happened),
            body=item.body,
            evidence=evidence(catalogue, item),
        )
        for item in items
    ]


def evidence(catalogue: Catalogue, item: LearningItem) -> list[Rests]:
    """What an item rests on."""
    return [_rests(catalogue, piece) for piece in item.evidence]


def _rests(catalogue: Catalogue, piece: Evidence) -> Rests:
    says = _line(piece.says)
    if piece.kind == "result":
        id, _, analysis_id = piece.ref.partition("/")
        evaluation = catalogue.evaluations[id]
        analysis = next(analysis for analysis in evaluation.analyses if analysis.id == analysis_id)
        has_page = evaluation.status == "published"
        return Rests(says, piece.n, CitedResult(id, evaluation.title, analysis.id, analysis.title, has_page))
    publication = catalogue.sources[piece.ref]
    return Rests(says, piece.n, None, KINDS[piece.kind], publication)


def _reply(item: LearningItem) -> str | None:
    return honest(item.voice.reply) if item.voice is not None else None


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
