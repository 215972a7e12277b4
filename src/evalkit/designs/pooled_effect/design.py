"""Several sites' effects of one change as one effect: their mean, how much they differ, and what a new site would see."""

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit import check_register
from evalkit.check_register import Check
from evalkit.designs.difference_in_differences.design import ALL_TREATED, ONE_TREATED
from evalkit.designs.effect_rows import EffectRows
from evalkit.designs.pooled_effect.description import POOLED
from evalkit.effect import SERIES_COLUMNS, Effect
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.fit import detectable_change
from evalkit.inference.contrast import Contrast
from evalkit.inference.meta_analysis.alike import refuse_what_is_no_effect, refuse_what_is_not_alike, term_of
from evalkit.inference.meta_analysis.prediction import predict, usual_spread
from evalkit.inference.meta_analysis.random_effects import (
    RandomEffects,
    dersimonian_laird,
    fit_random_effects,
    paule_mandel,
)
from evalkit.inference.meta_analysis.site_estimates import (
    SiteEstimate,
    correlation,
    shared_choices,
    site_estimate,
)
from evalkit.inference.panel.group_time import REGRESSION_ONLY, SENTENCES

NEW_SITE = "prediction interval"
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


def pool(
    effects: Iterable[Effect],
    *,
    moderators: Mapping[str, Sequence[float]] | None = None,
    together: Iterable[Effect] = (),
    measure: str | None = None,
) -> Effect:
    """Pool the headlines of three sites or more, on the scale of their models.

    What a step without a change of slope came to while it lasted (``during``) is pooled with steps (``level``).

    Random effects: variance between sites by restricted maximum likelihood (Viechtbauer 2005), interval by Hartung
    and Knapp (2001) without truncation, but never narrower than the interval that takes the sites as alike (Wiksten,
    Ruecker and Schwarzer 2016); prediction interval with the spread integrated over (``meta_analysis.prediction``).

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
    moderators : mapping of name to numbers, optional
        One or two characteristics of the sites, a number for each effect in the order of ``effects``, for a
        meta-regression; the headline is then the effect at their means. Needs ten sites for each.
    together : sequence of Effect, optional
        Estimates of several of these sites at once. What a comparison with other places assumes is asked of them too, as
        sites together show sooner than each by itself that it does not hold.
    measure : str, optional
        Where places count each in their own way: the measure that their changes, which have to be in per cent, are put
        together under. Left out, all have to be of one measure.

    Returns
    -------
    Effect
        Headline ``pooled``; terms ``prediction interval``, ``tau``, every moderator and every site; sensitivity rows
        without each site (of three sites, comparison rows), and by each other choice that all sites have; comparison rows by other methods, and of the prediction interval with
        other spreads expected. Tables weights, members, influence.

    Raises
    ------
    EvaluationError
        With anything but several effects, fewer than three sites, a site given twice, effects that are not alike, or
        a site whose interval has no bound.

    Examples
    --------
    Visits at three trusts where urgent treatment centres opened, each against the same comparators:

    >>> import evalkit as ek
    >>> from evalkit.catalogue import find_root, read_catalogue
    >>> evaluations = read_catalogue(find_root()).evaluations
    >>> evaluation = evaluations["urgent-treatment-centres-2016-18"]
    >>> planned = evaluation.analyses[0]
    >>> opened = {
    ...     "northumbria": "2016-12-01", "lancashire-teaching": "2017-01-18",
    ...     "mid-yorkshire": "2018-04-09",
    ... }
    >>> effects = []
    >>> for site, date in opened.items():
    ...     frame = ek.load(
    ...         site=site, treated_from=date, measure="ae-attendances-all",
    ...         first="2016-04", last="2019-03",
    ...         comparators=planned.parameters["comparators"],
    ...     )
    ...     effect = ek.difference_in_differences(
    ...         frame, outcome="value", unit="unit", time="period",
    ...         treated_from="treated_from", log=True,
    ...     )
    ...     effects.append(effect)
    >>> rows = ek.pool(effects).estimates.query("scale == 'percent'")
    >>> rows = rows[rows["role"].isin(["headline", "term"])]
    >>> rows = rows[["term", "estimate", "low", "high"]].round(1)
    >>> print(rows.to_string(index=False))
                   term  estimate   low  high
                 pooled       3.5 -11.2  20.7
    prediction interval       3.5 -27.2  45.5
                    tau       4.5   0.0  46.5
    lancashire-teaching      10.2   1.8  19.2
          mid-yorkshire       0.7  -7.4   9.5
            northumbria      -1.9 -12.7  10.1
    """
    if isinstance(effects, Effect) or not isinstance(effects, Iterable):
        given_instead = "one effect" if isinstance(effects, Effect) else repr(effects)
        raise EvaluationError(
            f"`pool` was given {given_instead}: give a list of effects, one a site, for {FEWEST} sites or more."
        )
    effect_list = list(effects)
    refuse_what_is_no_effect(effect_list, POOLED.name)
    if len(effect_list) < FEWEST:
        raise EvaluationError(
            f"Pooling needs {FEWEST} sites or more, and {len(effect_list)} were given: show them side by side."
        )
    order = sorted(range(len(effect_list)), key=lambda index: effect_list[index].treated_units)
    members = [effect_list[index] for index in order]
    sites = [site_estimate(member) for member in members]
    refuse_what_is_not_alike(members, sites, measure)
    names, matrix = _design(moderators or {}, order, [site.label for site in sites])

    estimates = np.array([site.estimate for site in sites])
    errors = np.array([site.std_error for site in sites])
    alike = correlation(members)
    covariance = alike * np.outer(errors, errors)
    random_effects = fit_random_effects(estimates, covariance, matrix)
    mean = np.eye(matrix.shape[1])[0]
    pooled, usual = random_effects.contrast(mean), usual_spread(sites[0].scale, _level(members))
    without = [_without(index, estimates, covariance, matrix).contrast(mean) for index in range(len(sites))]

    rows = EffectRows(sites[0].scale, METHOD)
    rows.add("headline", "pooled", pooled)
    rows.add(
        "term",
        NEW_SITE,
        predict(random_effects, mean, usual),
        method="every spread between sites that they leave possible",
    )
    rows.add("term", "tau", random_effects.tau, method="REML, interval by Q-profile")
    for position, name in enumerate(names, start=1):
        rows.add("term", name, random_effects.contrast(np.eye(matrix.shape[1])[position]))
    for site in sites:
        rows.add("term", site.label, site.contrast, method=site.method)
    # Two sites have no interval to speak of: without one of three, the mean is shown and never counted.
    role = "sensitivity" if len(sites) > FEWEST else "comparison"
    for site, contrast in zip(sites, without, strict=True):
        rows.add(role, "pooled", contrast, method=f"without {site.label}")
    for choice, contrast in _other_choices(members, alike, matrix):
        rows.add("sensitivity", "pooled", contrast, method=choice)
    for name, contrast in _comparisons(estimates, errors):
        rows.add("comparison", "pooled", contrast, method=name)
    for name, contrast in _other_predictions(random_effects, mean, usual):
        rows.add("comparison", NEW_SITE, contrast, method=f"at a new site, {name}")

    weights = random_effects.weights(mean)
    coefficients = [random_effects.contrast(basis) for basis in np.eye(matrix.shape[1])]
    return Effect(
        design=POOLED.name,
        estimand=f"the {_step(term_of(members[0], sites[0]))}, on average over places like these {len(sites)} sites",
        measure=measure or members[0].measure,
        measure_unit=members[0].measure_unit,
        treated_units=tuple(site.label for site in sites),
        interruptions=tuple(member.interruptions[0] for member in members if member.interruptions),
        method_of_interval=_in_words(len(sites)),
        estimates=rows.frame(),
        series=pd.DataFrame({name: [] for name in SERIES_COLUMNS}).astype({"period": object, "in_transition": bool}),
        coefficients=pd.DataFrame(
            [
                (contrast.estimate, contrast.low, contrast.high, contrast.std_error, contrast.p_value)
                for contrast in coefficients
            ],
            columns=["estimate", "low", "high", "std_error", "p_value"],
        ).pipe(lambda frame: frame.assign(term=["pooled", *names])[["term", *frame.columns]]),
        minimum_detectable_effect=rows.reader_size(detectable_change(pooled)),
        tables={
            "weights": pd.DataFrame({"unit": [site.label for site in sites], "weight": weights}),
            "members": pd.DataFrame(
                {
                    "unit": [site.label for site in sites],
                    "used": True,
                    "weight": weights,
                    "reason": "",
                    "design": [member.design for member in members],
                }
            ),
            "influence": pd.DataFrame(
                {
                    "unit": [site.label for site in sites],
                    "shift": [contrast.estimate - pooled.estimate for contrast in without],
                    "estimate": [contrast.estimate for contrast in without],
                    "low": [contrast.low for contrast in without],
                    "high": [contrast.high for contrast in without],
                }
            ),
        },
        checks=_checks(random_effects, usual, sites, members, weights, alike, rows, list(together)),
        notes=_notes(sites, members),
        data=_data(members),
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
    taken = {"pooled", NEW_SITE, "tau", *labels}
    for name in (moderator for moderator in names if moderator in taken or moderator.startswith("month ")):
        raise EvaluationError(f"The moderator `{name}` has the name of another estimate: call it something else.")
    columns = [np.ones(count)]
    for name in names:
        try:
            values = np.array([float(value) for value in moderators[name]])
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
    return fit_random_effects(estimates[keep], covariance[np.ix_(keep, keep)], matrix[keep])


def _other_choices(members: list[Effect], alike: np.ndarray, matrix: np.ndarray) -> Iterator[tuple[str, Contrast]]:
    """The mean as it were had every site been estimated by another choice; where one has no interval so, nothing."""
    for choice in shared_choices(members):
        try:
            sites = [site_estimate(member, choice) for member in members]
        except EvaluationError:
            continue
        errors = np.array([site.std_error for site in sites])
        fit = fit_random_effects(np.array([site.estimate for site in sites]), alike * np.outer(errors, errors), matrix)
        yield choice, fit.contrast(np.eye(matrix.shape[1])[0])


def _comparisons(estimates: np.ndarray, errors: np.ndarray) -> list[tuple[str, Contrast]]:
    """As others would pool them: sites independent and without moderators."""
    by_moments = dersimonian_laird(estimates, np.diag(errors**2))
    by_iteration = paule_mandel(estimates, np.diag(errors**2))
    return [
        ("one common effect, normal", replace(by_moments, tau2=0.0).normal()),
        ("DerSimonian-Laird, normal", by_moments.normal()),
        ("Paule-Mandel, Hartung-Knapp", by_iteration.contrast(np.ones(1))),
    ]


def _other_predictions(fit: RandomEffects, mean: np.ndarray, usual: float) -> list[tuple[str, Contrast]]:
    return [
        ("half the spread expected", predict(fit, mean, usual / 2)),
        ("twice the spread expected", predict(fit, mean, 2 * usual)),
        ("the estimated spread taken as known", fit.prediction(mean)),
    ]


def _level(members: list[Effect]) -> float:
    """What is usual of the measure at these sites, in its unit; missing where no site has a series."""
    levels = [float(member.series["observed"].mean()) for member in members if not member.series.empty]
    return float(np.median(levels)) if levels else math.nan


def _least_seen_at_a_new_site(fit: RandomEffects, usual: float) -> float:
    """How far the interval for a new site would reach had all sites seen the same."""
    mean = np.eye(fit.matrix.shape[1])[0]
    agreed = replace(fit, estimates=fit.matrix @ fit.coefficients)
    new = predict(agreed, mean, usual)
    return new.high - new.estimate


def _checks(
    random_effects, usual, sites, members, weights, alike, rows: EffectRows, together: list[Effect]
) -> tuple[Check, ...]:
    count = len(sites)
    least = rows.reader_size(random_effects.detectable_tau)
    unit = "%" if rows.model_scale == "log" else ""
    p_value = random_effects.tau.p_value
    differ = (
        f"I² {100 * random_effects.inconsistency:.0f}%; Q {random_effects.heterogeneity:.1f} on"
        f" {random_effects.df:.0f} df,"
        f" p {'< 0.001' if p_value < 0.001 else f'{p_value:.3f}'}. A standard deviation between sites of {least:.3g}{unit}"
        " would have been found four times in five."
    )
    shared = alike[np.triu_indices(count, 1)]
    results = [
        check_register.NUMBER_OF_SITES.result(
            count >= ENOUGH,
            f"{count} sites; below {ENOUGH} their spread is hardly known. Had all seen the same, an effect at a new site would"
            f" still be clear of no change only beyond {rows.in_reader_words(_least_seen_at_a_new_site(random_effects, usual))}.",
        ),
        check_register.DIFFERENCES_BETWEEN_SITES.result(None, differ),
    ]
    if np.any(shared):
        detail = (
            f"Sites share comparators: mean correlation {shared.mean():.2f}, largest {shared.max():.2f}, allowed for."
        )
        results.append(check_register.SHARED_COMPARATORS.result(None, detail))
    for kind in check_register.that_lower_certainty():
        outcomes = [
            next((check.passed for check in member.checks if check.code == kind.code), None) for member in members
        ]
        if any(outcome is not None for outcome in outcomes):
            results.append(_over_all_sites(kind, outcomes, [site.label for site in sites], weights, together))
    return tuple(results)


def _over_all_sites(
    kind: check_register.CheckKind,
    outcomes: list[bool | None],
    labels: list[str],
    weights: np.ndarray,
    together: list[Effect],
) -> Check:
    """What came of a check at each site by itself and, of an assumption, at several of them together."""
    count, failing = len(labels), np.array([outcome is False for outcome in outcomes])
    by_itself, said = failing.any(), []
    if by_itself:
        weighty = f"{failing.sum()} of {count} sites, which hold {100 * weights[failing].sum():.0f}% of the weight"
        said.append(f"{kind.in_general()}: not passed at {weighty}.")
    for effect in together if kind.of_assumptions else ():
        asked = set(effect.treated_units)
        failed = [check.detail for check in effect.checks if check.code == kind.code and check.passed is False]
        if failed and len(asked) > 1 and asked <= set(labels):
            failing |= np.isin(labels, list(asked))
            which = "these sites" if len(asked) == count else f"{len(asked)} of these {count} sites"
            at_each = "Nor does it pass" if by_itself else "At no site by itself does it fail, but it does not pass"
            said.append(f"{at_each} where {which} are taken together. {' '.join(failed)}")
    share = float(weights[failing].sum())
    # Where sites of little weight fail, the rest still stand: that is told, and neither passed nor not.
    passed = None if failing.any() and share < 0.5 else share < 0.5
    return kind.result(passed, " ".join(said) or "Passed wherever it was asked.")


def _notes(sites: list[SiteEstimate], members: list[Effect]) -> tuple[str, ...]:
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
    known = [member.data for member in members]
    hashes = [str(source.get("rows_sha256", "")) for source in known]
    combined = {
        "table": ", ".join(sorted({str(source["table"]) for source in known if source.get("table")})),
        "rows_sha256": hashlib.sha256("".join(hashes).encode()).hexdigest() if all(hashes) else None,
        "first": min((str(source["first"]) for source in known if source.get("first")), default=None),
        "last": max((str(source["last"]) for source in known if source.get("last")), default=None),
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
        " The prediction interval is for the effect at one new place of the same kind: it allows for every difference between"
        " places that these leave possible, and for those that are usual elsewhere."
    )
