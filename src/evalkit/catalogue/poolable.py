"""Can the analyses that a pooled record names be pooled? What their records tell, before anything runs."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.catalogue.learning import Pooled
from evalkit.catalogue.read import Catalogue, words_in
from evalkit.catalogue.records import Analysis
from evalkit.errors import Problem

ANSWERS = ("primary", "secondary")
# What a template takes where an analysis does not say; the notebooks hold the same values.
HEADLINES = {
    "interrupted-time-series": "level",
    "controlled-interrupted-time-series": "level",
    "weekend": "level",
    "difference-in-differences": "att",
    "staggered-adoption": "att",
    "synthetic-control": "att",
}
LOGARITHMS = {**dict.fromkeys(HEADLINES, True), "weekend": None}


@dataclass(frozen=True)
class Member:
    """An analysis as a pooled record names it, with the ODS codes of its sites and of its comparators."""

    index: int
    ref: str
    analysis: Analysis
    codes: frozenset[str]
    comparators: frozenset[str]

    def parameter(self, name: str, otherwise: dict[str, Any]) -> Any:
        """What is given, or what the template takes; None where nobody knows."""
        return self.analysis.parameters.get(name, otherwise.get(self.analysis.template))


def check_poolable(catalogue: Catalogue) -> list[Problem]:
    """Members that answer different questions, in different units, or that share their places."""
    problems = []
    for pooled in catalogue.pooled.values():
        members = _members(catalogue, pooled)
        found = _roles(members) + _unlike(members) + _places(members)
        problems += [catalogue.problem("pooled", pooled.id, ("analyses", one.index), what) for one, what in found]
    return problems


def _members(catalogue: Catalogue, pooled: Pooled) -> list[Member]:
    """The members that there are, each once."""
    members = []
    for index, ref in enumerate(pooled.analyses):
        evaluation, _, id = ref.partition("/")
        analyses = catalogue.evaluations[evaluation].analyses if evaluation in catalogue.evaluations else []
        for analysis in analyses:
            if analysis.id == id and ref not in pooled.analyses[:index]:
                site, comparators = (_codes(catalogue, analysis.parameters.get(one)) for one in ("site", "comparators"))
                members.append(Member(index, ref, analysis, site, comparators))
    return members


def _codes(catalogue: Catalogue, given: Any) -> frozenset[str]:
    named = [one for one in given if isinstance(one, str)] if isinstance(given, list) else given
    return frozenset(catalogue.codes(words_in(named))) if isinstance(named, str | list) else frozenset()


def _roles(members: Sequence[Member]) -> list[tuple[Member, str]]:
    return [
        (
            one,
            f"`analyses` names `{one.ref}`, whose role is {one.analysis.role}, which answers nothing by itself: name"
            " analyses with the role primary or secondary.",
        )
        for one in members
        if one.analysis.role not in ANSWERS
    ]


def _unlike(members: Sequence[Member]) -> list[tuple[Member, str]]:
    """The members that differ from most of the others in what they count, or how; the first difference of each."""
    found: dict[int, tuple[Member, str]] = {}
    for name, value, in_words in (
        ("measure", lambda one: one.parameter("measure", {}), str),
        ("headline", lambda one: one.parameter("headline", HEADLINES), str),
        ("log", lambda one: one.parameter("log", LOGARITHMS), lambda value: str(value).lower()),
    ):
        for one, other in _odd(members, value):
            templates = [f" (template {of.analysis.template})" if name == "headline" else "" for of in (one, other)]
            if one.analysis.template == other.analysis.template:
                templates = ["", ""]
            what = (
                f"`analyses` names `{one.ref}`, whose `{name}` is {in_words(value(one))}{templates[0]}, but that of"
                f" `{other.ref}` is {in_words(value(other))}{templates[1]}: name analyses that have one `{name}`."
            )
            found.setdefault(one.index, (one, what))
    return list(found.values())


def _odd(members: Sequence[Member], value: Callable[[Member], Any]) -> list[tuple[Member, Member]]:
    """Every member whose value is not the commonest, beside the first that has the commonest."""
    known = [one for one in members if value(one) is not None]
    if not known:
        return []
    commonest, _ = Counter(str(value(one)) for one in known).most_common(1)[0]
    model = next(one for one in known if str(value(one)) == commonest)
    return [(one, model) for one in known if str(value(one)) != commonest]


def _places(members: Sequence[Member]) -> list[tuple[Member, str]]:
    """Members that share a place, and those whose place others are compared with."""
    found = []
    for position, one in enumerate(members):
        earlier = next((other for other in members[:position] if one.codes & other.codes), None)
        if earlier is not None:
            shared = min(one.codes & earlier.codes)
            what = f"`analyses` names `{one.ref}` and `{earlier.ref}`, which are both about {shared}: keep one of them."
            if one.codes != earlier.codes:
                several = max(one, earlier, key=lambda member: len(member.codes))
                what = (
                    f"`analyses` names `{one.ref}` and `{earlier.ref}`, which are both about {shared}, as `{several.ref}`"
                    " takes several sites together: name one analysis for each site."
                )
            found.append((one, what))
        against = next((other for other in members if other is not one and one.codes & other.comparators), None)
        if against is not None:
            shared = min(one.codes & against.comparators)
            what = (
                f"`analyses` names `{one.ref}`, whose site {shared} is among the comparators of `{against.ref}`: leave one"
                f" of the two out, or take {shared} from those comparators."
            )
            found.append((one, what))
    return found
