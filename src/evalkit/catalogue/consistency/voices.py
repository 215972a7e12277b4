"""Do voices, journeys and themes of comments go together with the rest of the records?"""

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.learning import VOICES
from evalkit.errors import Problem


def check_voices(catalogue: Catalogue) -> list[Problem]:
    """Words that stand nowhere else than is said, invented words among real ones, and names of what there is not."""
    return [
        *_published(catalogue),
        *_about(catalogue),
        *_invented(catalogue),
        *_journeys(catalogue),
        *_themes(catalogue),
    ]


def _published(catalogue: Catalogue) -> list[Problem]:
    """The source that published the words is one that the item rests on."""
    problems = []
    for id, item in catalogue.learning.items():
        source = item.voice.published_elsewhere if item.voice is not None else None
        if source is not None and source not in [piece.ref for piece in item.evidence]:
            what = f"`published_elsewhere` names `{source}`, which is none of the item's `evidence`: add it there with what it says."
            problems.append(catalogue.problem("learning", id, ("voice", "published_elsewhere"), what))
    return problems


def _about(catalogue: Catalogue) -> list[Problem]:
    return [
        problem
        for id, item in catalogue.learning.items()
        if item.voice is not None
        for index, evaluation in enumerate(item.voice.about)
        for problem in catalogue.unknown(
            "learning", id, ("voice", "about", index), evaluation, catalogue.evaluations, "an evaluation in data/evaluations",
            "correct it, or take it out"
        )
    ]  # fmt: skip


def _invented(catalogue: Catalogue) -> list[Problem]:
    """Of a synthetic site nobody said anything, and words would be listed with those that somebody said."""
    problems = []
    for id, item in catalogue.learning.items():
        site = catalogue.sites.get(item.site) if item.site else None
        if item.type in VOICES and item.is_shown and site is not None and site.synthetic:
            what = f"`site` is `{site.id}`, which is synthetic, so nobody there said this: take the item out, or make it a draft."
            problems.append(catalogue.problem("learning", id, ("site",), what))
    return problems


def _journeys(catalogue: Catalogue) -> list[Problem]:
    problems = []
    for id in catalogue.journeys:
        problems += catalogue.unknown(
            "journeys", id, ("id",), id, catalogue.sites, "a site in data/sites", "call the journey as its site"
        )
        if id in catalogue.sites and catalogue.sites[id].synthetic:
            what = f"`id` is `{id}`, a synthetic site: an invented journey would stand with real ones, so take it out."
            problems.append(catalogue.problem("journeys", id, ("id",), what))
    return problems


def _themes(catalogue: Catalogue) -> list[Problem]:
    return [
        problem
        for id, theme in catalogue.comment_themes.items()
        for index, measure in enumerate(theme.measures)
        for problem in catalogue.unknown(
            "comment_themes", id, ("measures", index), measure, catalogue.measures, "a measure in data/measures.yml", "correct it"
        )
    ]  # fmt: skip
