"""Which analyses a place takes part in: by itself, as one of several, or as several of which some take part."""

from collections.abc import Iterable
from dataclasses import dataclass

from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.evaluations import Analysis, Evaluation
from evalkit.catalogue.records.sites import Site


@dataclass(frozen=True)
class Part:
    """A place in an analysis.

    Attributes
    ----------
    by_itself : bool
        Whether the analysis is about this place and no other.
    about : str
        Whom it is about, in words.
    elsewhere : bool
        Whether the change was at another place, beside which this one is looked at.
    """

    analysis: Analysis
    by_itself: bool
    about: str
    elsewhere: bool


def parts(catalogue: Catalogue, evaluation: Evaluation, site: Site) -> list[Part]:
    """Every analysis of an evaluation in which a place takes part, those about it alone first, as they are listed.

    One of several organisations takes part in what is about them all. A site with several, as a programme has, takes
    part in what is about some of them, where the evaluation names it or asks about all of them somewhere.
    """
    own = set(site.org_codes)
    asked = [(analysis, set(catalogue.codes(analysis.parameters["site"]))) for analysis in evaluation.analyses]
    if not own or not (site.id in evaluation.sites or any(own <= codes for _, codes in asked)):
        return []
    found = [
        Part(analysis, own == codes, _about(catalogue, own, codes), _is_elsewhere(evaluation, analysis))
        for analysis, codes in asked
        if own & codes
    ]
    return sorted(found, key=lambda part: not part.by_itself)


def changed_here(evaluation: Evaluation, site: Site, found: Iterable[Part]) -> bool:
    """Whether an evaluation is of a change at a place, alone or with others, given the parts that it takes."""
    return site.id in evaluation.sites or any(not part.elsewhere for part in found)


def _about(catalogue: Catalogue, own: set[str], asked: set[str]) -> str:
    if own == asked:
        return "this place by itself"
    if own < asked:
        these = "this is one" if len(own) == 1 else f"{len(own)} are here"
        return f"{len(asked)} {catalogue.called(asked)} together, of which {these}"
    others = len(asked - own)
    beside = f", and {others} other{'s' if others > 1 else ''}" if others else ""
    return f"{len(own & asked)} of the {len(own)} {catalogue.called(own)} here{beside}"


def _is_elsewhere(evaluation: Evaluation, analysis: Analysis) -> bool:
    control = evaluation.protocol.negative_control
    is_control = control is not None and control.kind == "place" and control.analysis == analysis.id
    return is_control or analysis.role == "spill_over"
