"""Is what is invented kept apart from what is real? One would lend the other a weight that it has not."""

from collections.abc import Iterator

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.learning import LearningItem, Pooled
from evalkit.errors import Problem


def check_invented(catalogue: Catalogue) -> list[Problem]:
    """Learning items and pooled records that bring synthetic and real places together."""
    problems = []
    for item in catalogue.learning.values():
        problems += _item(catalogue, item)
    for pooled in catalogue.pooled.values():
        problems += _pooled(catalogue, pooled)
    return problems


def _is_synthetic(catalogue: Catalogue, evaluation: str) -> bool | None:
    """Whether an evaluation is of synthetic sites; None where it or its sites are not known."""
    sites = catalogue.evaluations[evaluation].sites if evaluation in catalogue.evaluations else []
    known = [catalogue.sites[site].synthetic for site in sites if site in catalogue.sites]
    return any(known) if known else None


def _evaluations_of(item: LearningItem) -> Iterator[tuple[tuple[str | int, ...], str, str, str]]:
    """Path, field, words written there and evaluation, wherever an item speaks of a result."""
    for index, evaluation in enumerate(item.explains):
        yield ("explains", index), "explains", evaluation, evaluation
    for index, evidence in enumerate(item.evidence):
        if evidence.kind == "result":
            yield ("evidence", index, "ref"), "ref", evidence.ref, evidence.ref.partition("/")[0]


def _item(catalogue: Catalogue, item: LearningItem) -> list[Problem]:
    site = catalogue.sites.get(item.site) if item.site else None
    if site is None:
        return []
    problems = []
    for path, field, written, evaluation in _evaluations_of(item):
        synthetic = _is_synthetic(catalogue, evaluation)
        if synthetic is None or synthetic == site.synthetic:
            continue
        if site.synthetic:
            what = (
                f"`{field}` names `{written}`, which is about real places, but the site `{site.id}` of this item is"
                " synthetic: take it out, or name a real `site`."
            )
        else:
            what = (
                f"`{field}` names `{written}`, which is synthetic, but the site `{site.id}` of this item is real:"
                " take it out, or name a synthetic `site`."
            )
        problems.append(catalogue.problem("learning", item.id, path, what))
    return problems


def _pooled(catalogue: Catalogue, pooled: Pooled) -> list[Problem]:
    """The members that are not like the first of them."""
    kinds = [(ref, _is_synthetic(catalogue, ref.partition("/")[0])) for ref in pooled.analyses]
    known = [(index, ref, kind) for index, (ref, kind) in enumerate(kinds) if kind is not None]
    if not known:
        return []
    _, first, kind_of_first = known[0]
    words = {True: "synthetic", False: "about real places"}
    return [
        catalogue.problem(
            "pooled", pooled.id, ("analyses", index),
            f"`analyses` names `{ref}`, which is {words[kind]}, beside `{first}`,"
            f" which is {words[kind_of_first]}: take one kind out.",
        )
        for index, ref, kind in known
        if kind != kind_of_first
    ]  # fmt: skip
