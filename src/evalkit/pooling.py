"""Several sites' effects of one change as one effect: their mean, how much they differ, and what a new site would see."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from evalkit.designs.difference_in_differences import ALL_TREATED, ONE_TREATED
from evalkit.designs.estimates import Estimates
from evalkit.effect import POOLED, SERIES_COLUMNS, Check, Effect
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive import detectable
from evalkit.inference.group_time import REGRESSION_ONLY, SENTENCES
from evalkit.inference.pooled_sites import Site, correlation, site_of
from evalkit.inference.random_effects import RandomEffects, dersimonian_laird, fit, paule_mandel
from evalkit.inference.regression import Contrast
from evalkit.verdict import DATA_CHECKS, RIVAL_CHECKS

FEWEST = 3
# Below five sites the variance between them is hardly known (Bender et al. 2018, Research Synthesis Methods 9:382).
ENOUGH = 5
# Cochrane Handbook 10.11.4: not fewer than ten studies for each characteristic in a meta-regression.
SITES_PER_MODERATOR = 10
MOST_MODERATORS = 2
METHOD = "REML, Hartung-Knapp"
# Notes on how one site was analysed; all others are about its data.
OF_A_METHOD = (
    ALL_TREATED,
    REGRESSION_ONLY,
    *(sentence for _, sentence in SENTENCES),
    "The calculation gave a warning",
    "Starts leave out different numbers",
)
OF_A_COHORT = re.compile(r"(One cohort is a single unit|\d+ cohorts are single units)\b")
STEPS = {
    "level": "step at the change",
    "mean": "mean change over the time after",
    "slope": "change in trend",
    "att": "mean change over the time after",
}


def pool(effects: Iterable[Effect], *, moderators: Mapping[str, Sequence[float]] | None = None) -> Effect:
    """Pool the headlines of three sites or more, on the scale of their models.

    Random effects: variance between sites by restricted maximum likelihood (Viechtbauer 2005), interval by Hartung
    and Knapp (2001) without truncation, but never narrower than the interval that takes the sites as alike (Wiksten,
    Ruecker and Schwarzer 2016); prediction interval with t on k - 1 degrees of freedom (IntHout et al. 2016).

    A site's sampling error is read from its headline's interval: half its width over the t quantile of its degrees
    of freedom. An interval by rank among c comparators leaves out the m = floor(0.05 (c + 1)) largest, so its
    half-width is read as the normal quantile of 1 - m / (2 (c + 1)) errors: it holds what places where nothing is
    known to have changed do anyway, which the model's own error does not. Sites set against the same comparators at
    the same time share their noise; the correlation is worked out from the comparators' weights, as if all were
    equally noisy, and from the months before and after that two sites have in common.

    Parameters
    ----------
    effects : sequence of Effect
        One a site, of the same measure, headline and scale. Their order does not matter.
    moderators : mapping of name to numbers, one an effect in the order of ``effects``
        One or two characteristics of the sites, for a meta-regression; the headline is then the effect at their
        means. Needs ten sites for each.

    Returns
    -------
    Effect
        Headline ``pooled``; terms ``prediction interval``, ``tau``, every moderator and every site; sensitivity rows
        without each site (of three sites, comparison rows); comparison rows by other methods. Tables weights, members, influence.

    Raises
    ------
    EvaluationError
        With anything but several effects, fewer than three sites, a site given twice, effects that are not alike, or a site whose interval has no
        bound.
    """
    if isinstance(effects, Effect) or not isinstance(effects, Iterable):
        given_instead = "one effect" if isinstance(effects, Effect) else repr(effects)
        raise EvaluationError(
            f"`pool` was given {given_instead}: give a list of effects, one a site, for {FEWEST} sites or more."
        )
    given = list(effects)
    _refuse_what_is_no_effect(given)
    order = sorted(range(len(given)), key=lambda index: given[index].treated_units)
    members = [given[index] for index in order]
    sites = [site_of(one) for one in members]
    _refuse_what_is_not_alike(members, sites)
    names, matrix = _design(moderators or {}, order, [one.label for one in sites])

    estimates = np.array([one.estimate for one in sites])
    errors = np.array([one.std_error for one in sites])
    alike = correlation(members)
    covariance = alike * np.outer(errors, errors)
    found = fit(estimates, covariance, matrix)
    mean = np.eye(matrix.shape[1])[0]
    answer, prediction = found.contrast(mean), found.prediction(mean)
    without = [_without(index, estimates, covariance, matrix).contrast(mean) for index in range(len(sites))]

    rows = Estimates(sites[0].scale, METHOD)
    rows.add("headline", "pooled", answer)
    rows.add("term", "prediction interval", prediction, method="t, tau and the error of the mean")
    rows.add("term", "tau", found.tau, method="REML, interval by Q-profile")
    for position, name in enumerate(names, start=1):
        rows.add("term", name, found.contrast(np.eye(matrix.shape[1])[position]))
    for site in sites:
        rows.add("term", site.label, site.contrast, method=site.method)
    # Two sites have no interval to speak of: without one of three, the mean is shown and never counted.
    role = "sensitivity" if len(sites) > FEWEST else "comparison"
    for site, contrast in zip(sites, without, strict=True):
        rows.add(role, "pooled", contrast, method=f"without {site.label}")
    for name, contrast in _comparisons(estimates, errors):
        rows.add("comparison", "pooled", contrast, method=name)

    weights = found.weights(mean)
    coefficients = [found.contrast(one) for one in np.eye(matrix.shape[1])]
    return Effect(
        design=POOLED,
        estimand=f"the {_step(sites[0].term)}, on average over places like these {len(sites)} sites",
        measure=members[0].measure,
        measure_unit=members[0].measure_unit,
        treated_units=tuple(one.label for one in sites),
        interruptions=tuple(one.interruptions[0] for one in members if one.interruptions),
        method_of_interval=_in_words(len(sites)),
        estimates=rows.frame(),
        series=pd.DataFrame({name: [] for name in SERIES_COLUMNS}).astype({"period": object, "in_transition": bool}),
        coefficients=pd.DataFrame(
            [(one.estimate, one.low, one.high, one.std_error, one.p_value) for one in coefficients],
            columns=["estimate", "low", "high", "std_error", "p_value"],
        ).pipe(lambda frame: frame.assign(term=["pooled", *names])[["term", *frame.columns]]),
        minimum_detectable_effect=rows.reader_size(detectable(answer)),
        tables={
            "weights": pd.DataFrame({"unit": [one.label for one in sites], "weight": weights}),
            "members": pd.DataFrame(
                {
                    "unit": [one.label for one in sites],
                    "used": True,
                    "weight": weights,
                    "reason": "",
                    "design": [one.design for one in members],
                }
            ),
            "influence": pd.DataFrame(
                {
                    "unit": [one.label for one in sites],
                    "shift": [one.estimate - answer.estimate for one in without],
                    "estimate": [one.estimate for one in without],
                    "low": [one.low for one in without],
                    "high": [one.high for one in without],
                }
            ),
        },
        checks=_checks(found, sites, members, weights, alike, rows),
        notes=_notes(sites, members),
        data=_data(members),
    )


def _refuse_what_is_no_effect(given: list) -> None:
    for position, one in enumerate(given, start=1):
        if not isinstance(one, Effect):
            raise EvaluationError(
                f"Number {position} to be pooled is of type {type(one).__name__}: give effects, as every design returns them."
            )
        if one.design == POOLED:
            raise EvaluationError(f"Number {position} to be pooled is itself a pooled effect: give its sites' effects.")
    if len(given) < FEWEST:
        raise EvaluationError(
            f"Pooling needs {FEWEST} sites or more, and {len(given)} were given: show them side by side."
        )


def _refuse_what_is_not_alike(members: list[Effect], sites: list[Site]) -> None:
    for one, other in combinations(members, 2):
        twice = set(one.treated_units) & set(other.treated_units)
        if twice:
            raise EvaluationError(f"{min(twice)} is in two of the effects to be pooled: give one effect a site.")
    synthetic = [bool(one.data.get("synthetic")) for one in members]
    alike = {
        "measures": [one.measure for one in members],
        "scales": [one.scale for one in sites],
        "headlines": [one.term for one in sites],
        "units": [
            one.measure_unit if site.scale in ("unit", "points") else ""
            for one, site in zip(members, sites, strict=True)
        ],
        "disclosure rules": [str(one.data.get("disclosure")) for one in members],
        "kinds of data": ["synthetic" if one else "real" for one in synthetic],
    }
    for what, values in alike.items():
        if len(set(values)) > 1:
            odd = next(index for index, value in enumerate(values) if value != values[0])
            raise EvaluationError(
                f"The effects have different {what}, {values[0]} at {sites[0].label} and {values[odd]} at"
                f" {sites[odd].label}: pool only effects that are alike."
            )


def _design(
    moderators: Mapping[str, Sequence[float]], order: list[int], labels: list[str]
) -> tuple[list[str], np.ndarray]:
    """Names in alphabetical order, and the design matrix (k, 1 + m): ones, and each moderator less its mean."""
    names, count = sorted(moderators), len(order)
    if len(names) > MOST_MODERATORS or count < SITES_PER_MODERATOR * len(names):
        raise EvaluationError(
            f"{len(names)} moderator{'s' if len(names) > 1 else ''} for {count} sites: use at most {MOST_MODERATORS},"
            f" with {SITES_PER_MODERATOR} sites or more for each."
        )
    taken = {"pooled", "prediction interval", "tau", *labels}
    for name in (one for one in names if one in taken or one.startswith("month ")):
        raise EvaluationError(f"The moderator `{name}` has the name of another estimate: call it something else.")
    columns = [np.ones(count)]
    for name in names:
        try:
            values = np.array([float(one) for one in moderators[name]])
        except (TypeError, ValueError):
            values = np.array([math.nan])
        if values.shape != (count,) or not np.isfinite(values).all():
            raise EvaluationError(f"The moderator `{name}` has to be one number for each of the {count} effects.")
        columns.append(values[order] - values.mean())
    matrix = np.column_stack(columns)
    spread = np.sqrt(np.square(matrix).mean(axis=0))
    if (spread == 0).any() or np.linalg.matrix_rank(matrix / np.where(spread > 0, spread, 1.0)) < matrix.shape[1]:
        raise EvaluationError(
            f"The moderators {', '.join(names)} do not differ between sites, or say the same: leave one out."
        )
    return names, matrix


def _without(index: int, estimates: np.ndarray, covariance: np.ndarray, matrix: np.ndarray) -> RandomEffects:
    keep = np.arange(len(estimates)) != index
    return fit(estimates[keep], covariance[np.ix_(keep, keep)], matrix[keep])


def _comparisons(estimates: np.ndarray, errors: np.ndarray) -> list[tuple[str, Contrast]]:
    """As others would pool them: sites independent and without moderators."""
    by_moments = dersimonian_laird(estimates, np.diag(errors**2))
    by_iteration = paule_mandel(estimates, np.diag(errors**2))
    return [
        ("one common effect, normal", replace(by_moments, tau2=0.0).normal()),
        ("DerSimonian-Laird, normal", by_moments.normal()),
        ("Paule-Mandel, Hartung-Knapp", by_iteration.contrast(np.ones(1))),
    ]


def _checks(found, sites, members, weights, alike, rows: Estimates) -> tuple[Check, ...]:
    count = len(sites)
    least = rows.reader_size(found.detectable_tau)
    unit = "%" if rows.model_scale == "log" else ""
    p_value = found.tau.p_value
    differ = (
        f"I² {100 * found.inconsistency:.0f}%; Q {found.heterogeneity:.1f} on {found.df:.0f} df,"
        f" p {'< 0.001' if p_value < 0.001 else f'{p_value:.3f}'}. A standard deviation between sites of {least:.3g}{unit}"
        " would have been found four times in five."
    )
    shared = alike[np.triu_indices(count, 1)]
    checks = [
        Check("Number of sites", count >= ENOUGH, f"{count} sites; below {ENOUGH} their spread is hardly known."),
        Check("Differences between sites", None, differ),
    ]
    if np.any(shared):
        detail = (
            f"Sites share comparators: mean correlation {shared.mean():.2f}, largest {shared.max():.2f}, allowed for."
        )
        checks.append(Check("Shared comparators", None, detail))
    for name in (*DATA_CHECKS, *RIVAL_CHECKS):
        outcomes = [next((check.passed for check in one.checks if check.name == name), None) for one in members]
        if any(outcome is not None for outcome in outcomes):
            failing = [outcome is False for outcome in outcomes]
            share = float(weights[failing].sum())
            weighty = f"{sum(failing)} of {count} sites, which hold {100 * share:.0f}% of the weight"
            detail = f"{name}: not passed at {weighty}." if any(failing) else "Passed wherever it was asked."
            # Where sites of little weight fail, the rest still stand: that is told, and neither passed nor not.
            passed = None if any(failing) and share < 0.5 else share < 0.5
            checks.append(Check(name, passed, detail))
    return tuple(checks)


def _notes(sites: list[Site], members: list[Effect]) -> tuple[str, ...]:
    """Every note on data, once, with the sites it is about; of notes on method only those that all sites share.

    Advice for the analysis of one site by itself is no advice for a mean.
    """
    about: dict[str, list[str]] = {}
    for site, member in zip(sites, members, strict=True):
        for note in member.notes:
            about.setdefault(note, []).append(site.label)
    shared = {note: len(labels) == len(sites) for note, labels in about.items()}
    return tuple(
        note if shared[note] else f"{', '.join(labels)}: {note}"
        for note, labels in sorted(about.items())
        if note != ONE_TREATED and (shared[note] or not _of_a_method(note))
    )


def _of_a_method(note: str) -> bool:
    return note.startswith(OF_A_METHOD) or OF_A_COHORT.match(note) is not None


def _data(members: list[Effect]) -> dict:
    """Where the rows come from; the hash is of the sites' hashes in the order of their labels."""
    known = [one.data for one in members]
    hashes = [str(one.get("rows_sha256", "")) for one in known]
    combined = {
        "table": ", ".join(sorted({str(one["table"]) for one in known if one.get("table")})),
        "rows_sha256": hashlib.sha256("".join(hashes).encode()).hexdigest() if all(hashes) else None,
        "first": min((str(one["first"]) for one in known if one.get("first")), default=None),
        "last": max((str(one["last"]) for one in known if one.get("last")), default=None),
        "disclosure": known[0].get("disclosure"),
        "synthetic": bool(known[0].get("synthetic")),
    }
    return {name: value for name, value in combined.items() if value not in (None, "")}


def _step(term: str) -> str:
    return STEPS.get(term, f"change in {term}" if term.startswith("month ") else f"change ({term})")


def _in_words(count: int) -> str:
    return (
        f"The interval is for the mean effect over places like these {count} sites: it allows for chance at every site"
        " and for true differences between them, and is never narrower than if all sites were alike."
        " The prediction interval is for the effect at one new place of the same kind."
    )
