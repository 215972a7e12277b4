"""A difference-in-differences under other choices and other methods, and the tables that go with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs.difference_in_differences import estimands
from evalkit.designs.difference_in_differences.inference import (
    by_cluster,
    by_rank,
    by_synthetic_control,
    pretrends_by_cluster,
)
from evalkit.designs.difference_in_differences.inference.by_synthetic_control import Synthesis
from evalkit.designs.difference_in_differences.panel.count_differences import CountDifferences
from evalkit.designs.difference_in_differences.panel.covariates import adjusted
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.difference_in_differences.result import FROM_LAST, DifferencesResult, placebo_table
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.inference.panel.cohort_panel import NEVER
from evalkit.inference.panel.group_time import bacon, imputation
from evalkit.inference.panel.two_way import two_way

RANKED_UP_TO = 20
LARGE = 200_000  # cells of a panel from which rows that are only shown are left out


def sensitivity(
    differences: Differences, answer: DifferencesResult, headline: str, synthesis: Synthesis | None
) -> list:
    """Rows that count: each changes one thing and keeps the way the interval is made; what cannot be fitted is left out."""
    if synthesis is not None:
        return list(_tried(_synthetic_variants(differences, headline)))
    ranked = answer.method == by_rank.METHOD
    make = _ranked if ranked else _clustered
    changes = by_rank.other_choices(differences, ranked)
    return list(_tried((name, make(change, headline)) for name, change in changes))


def _ranked(change: Callable[[], Differences], headline: str) -> Callable[[], Contrast]:
    def contrast() -> Contrast:
        other = change()
        return other.contrast(estimands.weights_of(other, headline))

    return contrast


def _clustered(change: Callable[[], Differences], headline: str) -> Callable[[], Contrast]:
    return lambda: by_cluster.headline_of(by_cluster.fitted(change()), headline)


def _synthetic_variants(differences: Differences, headline: str):
    for name, change in by_rank.other_choices(differences, True):
        if not name.startswith("only the last"):
            yield name, lambda change=change: by_synthetic_control.estimate(change(), headline)[0].headline


def _tried(rows) -> Iterator[tuple[str, Contrast]]:
    for name, make in rows:
        try:
            yield name, make()
        except EvaluationError:
            continue


def comparison(differences: Differences, answer: DifferencesResult, headline: str, synthesis: Synthesis | None) -> list:
    """Rows that are shown and never counted: other ways to the estimate or its interval. Only for the mean effect."""
    if headline != "att":
        return []
    return list(_tried(_others(differences, answer, synthesis)))


def _others(differences: Differences, answer: DifferencesResult, synthesis: Synthesis | None):
    if isinstance(differences, CountDifferences):
        yield "mean of log rates or odds, by rank", lambda: _plain(differences).contrast(differences.weights("att"))
        return
    if synthesis is not None:
        yield "synthetic control, by rank", lambda: by_synthetic_control.control(synthesis)
    ranked = answer.method == by_rank.METHOD
    if not ranked and differences.count <= RANKED_UP_TO:
        yield by_rank.METHOD, lambda: _plain(differences).contrast(differences.weights("att"))
    if differences.panel.one_start and (ranked or synthesis is not None):
        yield "autoregressive errors, by rank", lambda: by_rank.generalised(differences)
    if differences.panel.outcome.size > LARGE:
        return
    if differences.panel.one_start:
        data = by_cluster.TwoByTwo(differences).data
        for name, how in (
            ("errors clustered by unit", "CR1"), ("errors clustered by unit, jackknife", "CR3"),
            ("t-test of unit means", "cluster_t"), ("wild cluster bootstrap", "wild_bootstrap"),
        ):  # fmt: skip
            # With one or two treated units every draw that flips them is alike: the bootstrap has no bounds to speak of.
            if name != answer.method and (how != "wild_bootstrap" or differences.count >= 3):
                yield name, lambda how=how: two_way(**data, how=how, seed=differences.seed)[0]
    elif ranked:
        yield by_cluster.METHOD, lambda: by_cluster.GroupTimes(differences).overall
    yield "imputation", lambda: _imputed(differences)
    if not ranked and synthesis is None:
        yield from pretrends_by_cluster.bending_trends(by_cluster.fitted(differences))


def _plain(differences: Differences) -> Differences:
    """The same by means of logs, or of what covariates leave, for a rank."""
    panel = replace(differences.panel, counts=None, exposure=None)
    panel = panel if panel.covariates is None else adjusted(panel, panel.covariates)
    return Differences(panel, differences.base, differences.comparison, differences.seed)


def _imputed(differences: Differences) -> Contrast:
    panel = differences.panel
    treated = panel.is_treated
    clusters = None if panel.clusters is None else np.unique(panel.clusters, return_inverse=True)[1]
    contrast, _ = imputation(
        panel.outcome, np.where(treated, panel.treated_from, NEVER), weights=panel.weights, cluster=clusters,
        anticipation=int((panel.treated_from - panel.untreated_until)[treated].max()),
    )  # fmt: skip
    return contrast


def coefficients(answer: DifferencesResult, headline: str) -> pd.DataFrame:
    """Headline and event study on the model's scale: term, estimate, low, high, std_error, p_value."""
    names = {
        "since start": "periods since the start: ",
        FROM_LAST: "periods since the start, from the last before: ",
        "start": "started ",
        "calendar": "in ",
    }
    rows = [(headline, answer.headline)]
    rows += [(names[by] + label, contrast) for by, label, _, contrast in answer.event_study]
    return pd.DataFrame(
        [
            (term, contrast.estimate, contrast.low, contrast.high, contrast.std_error, contrast.p_value)
            for term, contrast in rows
        ],
        columns=["term", "estimate", "low", "high", "std_error", "p_value"],
    )


def tables(
    differences: Differences, answer: DifferencesResult, headline: str, scale: str, synthesis: Synthesis | None
) -> dict:
    """Event study, members, placebos, weights, the parts of two-way fixed effects, influence of single units."""
    event_study = pd.DataFrame(
        [
            (by, label, time, contrast.estimate, contrast.low, contrast.high, scale)
            for by, label, time, contrast in answer.event_study
        ],
        columns=["by", "label", "event_time", "estimate", "low", "high", "scale"],
    )
    frames = {
        "event_study": event_study,
        "members": differences.panel.members,
        "influence": _influence(differences, synthesis),
    }
    if synthesis is not None:
        frames |= {"weights": synthesis.weights(), "placebo": synthesis.placebo_table(scale)}
    elif answer.method == by_rank.METHOD:
        frames["placebo"] = _placebos(differences, estimands.weights_of(differences, headline), scale)
    treated = differences.panel.is_treated
    if len(np.unique(differences.panel.starts)) > 1 and differences.panel.outcome.size <= LARGE:
        frames["decomposition"] = bacon(
            differences.panel.outcome, np.where(treated, differences.panel.treated_from, NEVER)
        ).table
    return frames


def _placebos(differences: Differences, weights: np.ndarray, scale: str) -> pd.DataFrame:
    """The treated first, then every assignment, in the order of their units.

    ``studentised`` is in half-widths of each one's own 95% interval.
    """
    estimates, scales = differences.placebos(weights)
    own, own_scale = differences.effect(weights), float(differences.scales(differences.own, weights)[0])
    statistics = estimates / scales
    units = differences.panel.units
    names = [", ".join(sorted(units[position] for position in other)) for other in differences.others]
    return placebo_table(names, own, own / own_scale, estimates, statistics, scale)


def _influence(differences: Differences, synthesis: Synthesis | None) -> pd.DataFrame:
    """How far the mean effect would move without each treated unit, or each comparator that counts: unit, shift."""
    if synthesis is not None:
        rows = [
            (unit, estimate - synthesis.alike.estimate)
            for unit, estimate in by_synthetic_control.without_each(synthesis)
        ]
    elif 2 <= differences.count <= RANKED_UP_TO and not isinstance(differences, CountDifferences):
        own = differences.effect(differences.weights("att"))
        rows = []
        for label in sorted(differences.panel.treated):
            other = replace(
                differences,
                panel=differences.panel.keep(units=np.array([unit != label for unit in differences.panel.units])),
            )
            rows.append((label, other.effect(other.weights("att")) - own))
    else:
        rows = []
    return pd.DataFrame(rows, columns=["unit", "shift"])
