"""A difference-in-differences under other choices and other methods, and the tables that go with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs import by_cluster, by_rank, by_synthetic, parallel, terms
from evalkit.designs.answer import Answer, placebo_table
from evalkit.designs.by_synthetic import Synthesis
from evalkit.designs.count_differences import CountDifferences
from evalkit.designs.covariates import adjusted
from evalkit.designs.differences import Differences
from evalkit.errors import EvaluationError
from evalkit.inference.clusters import two_way
from evalkit.inference.group_time import bacon, imputation
from evalkit.inference.panel import NEVER
from evalkit.inference.regression import Contrast

SHOWN_PLACEBOS = 1000
RANKED_UP_TO = 20
LARGE = 200_000  # cells of a panel from which rows that are only shown are left out


def sensitivity(found: Differences, answer: Answer, headline: str, synthesis: Synthesis | None) -> list:
    """Rows that count: each changes one thing and keeps the way the interval is made; what cannot be fitted is left out."""
    if synthesis is not None:
        return list(_tried(_synthetic_variants(found, headline)))
    ranked = answer.method == by_rank.METHOD
    make = _ranked if ranked else _clustered
    changes = by_rank.changes(found, ranked)
    return list(_tried((name, make(change, headline)) for name, change in changes))


def _ranked(change: Callable[[], Differences], headline: str) -> Callable[[], Contrast]:
    def contrast() -> Contrast:
        other = change()
        return other.contrast(terms.weights_of(other, headline))

    return contrast


def _clustered(change: Callable[[], Differences], headline: str) -> Callable[[], Contrast]:
    return lambda: by_cluster.headline_of(by_cluster.fitted(change()), headline)


def _synthetic_variants(found: Differences, headline: str):
    for name, change in by_rank.changes(found, True):
        if not name.startswith("only the last"):
            yield name, lambda change=change: by_synthetic.answer(change(), headline)[0].headline


def _tried(rows) -> Iterator[tuple[str, Contrast]]:
    for name, make in rows:
        try:
            yield name, make()
        except EvaluationError:
            continue


def comparison(found: Differences, answer: Answer, headline: str, synthesis: Synthesis | None) -> list:
    """Rows that are shown and never counted: other ways to the estimate or its interval. Only for the mean effect."""
    if headline != "att":
        return []
    return list(_tried(_others(found, answer, synthesis)))


def _others(found: Differences, answer: Answer, synthesis: Synthesis | None):
    if isinstance(found, CountDifferences):
        yield "mean of log rates or odds, by rank", lambda: _plain(found).contrast(found.weights("att"))
        return
    if synthesis is not None:
        yield "synthetic control, by rank", lambda: by_synthetic.control(synthesis)
    ranked = answer.method == by_rank.METHOD
    if not ranked and found.count <= RANKED_UP_TO:
        yield by_rank.METHOD, lambda: _plain(found).contrast(found.weights("att"))
    if found.panel.one_start and (ranked or synthesis is not None):
        yield "autoregressive errors, by rank", lambda: by_rank.generalised(found)
    if found.panel.outcome.size > LARGE:
        return
    if found.panel.one_start:
        data = by_cluster.TwoByTwo(found).data
        for name, how in (
            ("errors clustered by unit", "CR1"), ("errors clustered by unit, jackknife", "CR3"),
            ("t-test of unit means", "cluster_t"), ("wild cluster bootstrap", "wild_bootstrap"),
        ):  # fmt: skip
            # With one or two treated units every draw that flips them is alike: the bootstrap has no bounds to speak of.
            if name != answer.method and (how != "wild_bootstrap" or found.count >= 3):
                yield name, lambda how=how: two_way(**data, how=how, seed=found.seed)[0]
    elif ranked:
        yield by_cluster.METHOD, lambda: by_cluster.GroupTimes(found).overall
    yield "imputation", lambda: _imputed(found)
    if not ranked and synthesis is None:
        yield from parallel.bending_trends(by_cluster.fitted(found))


def _plain(found: Differences) -> Differences:
    """The same by means of logs, or of what covariates leave, for a rank."""
    panel = replace(found.panel, counts=None, exposure=None)
    panel = panel if panel.covariates is None else adjusted(panel)
    return Differences(panel, found.base, found.comparison, found.seed)


def _imputed(found: Differences) -> Contrast:
    panel = found.panel
    treated = panel.is_treated
    clusters = None if panel.clusters is None else np.unique(panel.clusters, return_inverse=True)[1]
    contrast, _ = imputation(
        panel.outcome, np.where(treated, panel.treated_from, NEVER), weights=panel.weights, cluster=clusters,
        anticipation=int((panel.treated_from - panel.untreated_until)[treated].max()),
    )  # fmt: skip
    return contrast


def coefficients(answer: Answer, headline: str) -> pd.DataFrame:
    """Headline and event study on the model's scale: term, estimate, low, high, std_error, p_value."""
    names = {"since start": "periods since the start: ", "start": "started ", "calendar": "in "}
    rows = [(headline, answer.headline)]
    rows += [(names[by] + label, contrast) for by, label, _, contrast in answer.event_study]
    return pd.DataFrame(
        [(term, one.estimate, one.low, one.high, one.std_error, one.p_value) for term, one in rows],
        columns=["term", "estimate", "low", "high", "std_error", "p_value"],
    )


def tables(found: Differences, answer: Answer, headline: str, scale: str, synthesis: Synthesis | None) -> dict:
    """Event study, members, placebos, weights, the parts of two-way fixed effects, influence of single units."""
    event_study = pd.DataFrame(
        [(by, label, time, one.estimate, one.low, one.high, scale) for by, label, time, one in answer.event_study],
        columns=["by", "label", "event_time", "estimate", "low", "high", "scale"],
    )
    made = {"event_study": event_study, "members": found.panel.members, "influence": _influence(found, synthesis)}
    if synthesis is not None:
        made |= {"weights": synthesis.weights(), "placebo": synthesis.placebo_table(scale)}
    elif answer.method == by_rank.METHOD:
        made["placebo"] = _placebos(found, terms.weights_of(found, headline), scale)
    treated = found.panel.is_treated
    if len(np.unique(found.panel.starts)) > 1 and found.panel.outcome.size <= LARGE:
        made["decomposition"] = bacon(found.panel.outcome, np.where(treated, found.panel.treated_from, NEVER)).table
    return made


def _placebos(found: Differences, weights: np.ndarray, scale: str) -> pd.DataFrame:
    """The treated first, then up to 1,000 assignments; ``studentised`` in half-widths of each one's own 95% interval."""
    estimates, scales = found.placebos(weights)
    own, own_scale = found.effect(weights), float(found.scales(found.own, weights)[0])
    statistics = estimates / scales
    units = found.panel.units
    names = [", ".join(units[one] for one in row) for row in found.others[:SHOWN_PLACEBOS]]
    return placebo_table(names, own, own / own_scale, estimates, statistics, scale)


def _influence(found: Differences, synthesis: Synthesis | None) -> pd.DataFrame:
    """How far the mean effect would move without each treated unit, or each comparator that counts: unit, shift."""
    if synthesis is not None:
        rows = [(unit, estimate - synthesis.alike.estimate) for unit, estimate in by_synthetic.without_each(synthesis)]
    elif 2 <= found.count <= RANKED_UP_TO and not isinstance(found, CountDifferences):
        own = found.effect(found.weights("att"))
        rows = []
        for label in sorted(found.panel.treated):
            other = replace(
                found, panel=found.panel.keep(units=np.array([unit != label for unit in found.panel.units]))
            )
            rows.append((label, other.effect(other.weights("att")) - own))
    else:
        rows = []
    return pd.DataFrame(rows, columns=["unit", "shift"])
