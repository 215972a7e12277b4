"""Can the analyses that a pooled record names be pooled? What their records tell, before anything runs."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.evaluations import Analysis
from evalkit.catalogue.records.learning import Pooled
from evalkit.design_register import describes
from evalkit.errors import Problem

ANSWERS = ("primary", "secondary")
Defaults = Mapping[str, Mapping[str, Any]]  # by template, then by parameter


@dataclass(frozen=True)
class Member:
    """An analysis as a pooled record names it, with the ODS codes of its sites and of its comparators."""

    index: int
    ref: str
    analysis: Analysis
    codes: frozenset[str]
    comparators: frozenset[str]

    def parameter(self, name: str, defaults: Defaults) -> Any:
        """What is given, or what the template takes; None where it has no such parameter."""
        return self.analysis.parameters.get(name, defaults.get(self.analysis.template, {}).get(name))


def check_poolable(catalogue: Catalogue, defaults: Defaults) -> list[Problem]:
    """Members that answer different questions, in different units, or that share their places.

    Parameters
    ----------
    defaults : what each template takes where an analysis does not say
    """
    problems = []
    for pooled in catalogue.pooled.values():
        members = _members(catalogue, pooled)
        faults = _roles(members) + _described(members)
        if pooled.not_pooled is None:
            faults += _unlike(members, defaults, _measure_of(catalogue, pooled)) + _places(members)
        problems += [
            catalogue.problem("pooled", pooled.id, ("analyses", member.index), what) for member, what in faults
        ]
    return problems


def _members(catalogue: Catalogue, pooled: Pooled) -> list[Member]:
    """The members that there are, each once."""
    members = []
    for index, ref in enumerate(pooled.analyses):
        evaluation, _, id = ref.partition("/")
        analyses = catalogue.evaluations[evaluation].analyses if evaluation in catalogue.evaluations else []
        for analysis in analyses:
            if analysis.id == id and ref not in pooled.analyses[:index]:
                site, comparators = (
                    _codes(catalogue, analysis.parameters.get(name)) for name in ("site", "comparators")
                )
                members.append(Member(index, ref, analysis, site, comparators))
    return members


def _codes(catalogue: Catalogue, value: Any) -> frozenset[str]:
    places = [place for place in value if isinstance(place, str)] if isinstance(value, list) else value
    return frozenset(catalogue.codes(words_in(places))) if isinstance(places, str | list) else frozenset()


def _roles(members: Sequence[Member]) -> list[tuple[Member, str]]:
    return [
        (
            member,
            f"`analyses` names `{member.ref}`, whose role is {member.analysis.role}, which answers nothing by itself: name"
            " analyses with the role primary or secondary.",
        )
        for member in members
        if member.analysis.role not in ANSWERS
    ]


def _described(members: Sequence[Member]) -> list[tuple[Member, str]]:
    return [
        (
            member,
            f"`analyses` names `{member.ref}`, which is only described (template {member.analysis.template}), and there is no"
            " estimate to pool: leave it out.",
        )
        for member in members
        if describes(member.analysis.template)
    ]


def _measure_of(catalogue: Catalogue, pooled: Pooled) -> Callable[[Member], Any]:
    """What has to be the same: the measure, or, where a record puts several under one, only that they are counts."""

    def form(member: Member) -> str:
        id = str(member.parameter("measure", {}))
        counts = id in catalogue.measures and catalogue.measures[id].form == "count"
        return "a count" if counts else id

    return (lambda member: member.parameter("measure", {})) if pooled.measure is None else form


def _step(member: Member, defaults: Defaults) -> Any:
    """The headline; what a step without a change of slope came to while it lasted is that step."""
    headline = member.parameter("headline", defaults)
    return "level" if headline == "during" and member.parameter("model", defaults) in ("level", "step") else headline


def _unlike(
    members: Sequence[Member], defaults: Defaults, measure: Callable[[Member], Any]
) -> list[tuple[Member, str]]:
    """The members that differ from most of the others in what they count, or how; the first difference of each."""
    differing: dict[int, tuple[Member, str]] = {}
    for name, value, in_words in (
        ("measure", measure, str),
        ("headline", lambda member: _step(member, defaults), str),
        ("log", lambda member: member.parameter("log", defaults), lambda value: str(value).lower()),
    ):
        for member, other in _odd(members, value):
            templates = [
                f" (template {compared.analysis.template})" if name == "headline" else ""
                for compared in (member, other)
            ]
            if member.analysis.template == other.analysis.template:
                templates = ["", ""]
            what = (
                f"`analyses` names `{member.ref}`, whose `{name}` is {in_words(value(member))}{templates[0]}, but that of"
                f" `{other.ref}` is {in_words(value(other))}{templates[1]}: name analyses that have one `{name}`."
            )
            differing.setdefault(member.index, (member, what))
    return list(differing.values())


def _odd(members: Sequence[Member], value: Callable[[Member], Any]) -> list[tuple[Member, Member]]:
    """Every member whose value is not the commonest, beside the first that has the commonest."""
    known = [member for member in members if value(member) is not None]
    if not known:
        return []
    commonest, _ = Counter(str(value(member)) for member in known).most_common(1)[0]
    model = next(member for member in known if str(value(member)) == commonest)
    return [(member, model) for member in known if str(value(member)) != commonest]


def _places(members: Sequence[Member]) -> list[tuple[Member, str]]:
    """Members that share a place, and those whose place others are compared with."""
    faults = []
    for position, member in enumerate(members):
        earlier = next((other for other in members[:position] if member.codes & other.codes), None)
        if earlier is not None:
            shared = min(member.codes & earlier.codes)
            what = (
                f"`analyses` names `{member.ref}` and `{earlier.ref}`, which are both about {shared}: keep one of them."
            )
            if member.codes != earlier.codes:
                several = max(member, earlier, key=lambda candidate: len(candidate.codes))
                what = (
                    f"`analyses` names `{member.ref}` and `{earlier.ref}`, which are both about {shared}, as `{several.ref}`"
                    " takes several sites together: name one analysis for each site."
                )
            faults.append((member, what))
        against = next((other for other in members if other is not member and member.codes & other.comparators), None)
        if against is not None:
            shared = min(member.codes & against.comparators)
            what = (
                f"`analyses` names `{member.ref}`, whose site {shared} is among the comparators of `{against.ref}`: leave one"
                f" of the two out, or take {shared} from those comparators."
            )
            faults.append((member, what))
    return faults
