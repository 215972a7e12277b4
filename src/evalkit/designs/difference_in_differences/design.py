"""Difference-in-differences: what changed at treated units beyond those not treated, or not yet."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs import follow_up, lasting
from evalkit.designs.difference_in_differences import robustness
from evalkit.designs.difference_in_differences.checks import all_checks
from evalkit.designs.difference_in_differences.description import DIFFERENCES
from evalkit.designs.difference_in_differences.effect_series import series
from evalkit.designs.difference_in_differences.inference import by_cluster, by_horizon, by_rank, by_synthetic_control
from evalkit.designs.difference_in_differences.panel.adoption import AdoptionPanel, adoption_panel
from evalkit.designs.difference_in_differences.panel.count_differences import CountDifferences
from evalkit.designs.difference_in_differences.panel.covariates import adjusted
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.difference_in_differences.result import DifferencesResult
from evalkit.designs.effect_rows import EffectRows, scale_of
from evalkit.designs.merger_check import merger_check
from evalkit.designs.series_frame import refuse_scale_of_another_form
from evalkit.effect import FEW_UNITS, Effect
from evalkit.errors import EvaluationError, did_you_mean
from evalkit.intake.default_scale import scale_of_frame
from evalkit.intake.periods import name_of, weeks_in_words
from evalkit.intake.suspicious_figures import odd_figures

METHODS = ("auto", "two_by_two", "group_time", "synthetic")
INFERENCES = ("auto", "placebo", "cluster", "wild_bootstrap")
ONE_TREATED = (
    "One treated unit with a long series: a controlled interrupted time series of the same data can find smaller"
    " changes; show both."
)
ALL_TREATED = "Nobody was never treated: effects end when the last unit starts, as nobody is left to compare with."

FROM = "treated_from"  # the column of dates, where they are given by unit


def difference_in_differences(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated_from: str | Mapping[str, Any],
    method: str = "auto",
    comparison: str = "not_yet_treated",
    inference: str = "auto",
    headline: str = "att",
    family: str = "gaussian",
    exposure: str | None = None,
    log: bool | None = None,
    weights: str | None = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    transition: int | Sequence = 0,
    anticipation: int = 0,
    look: Any = None,
    looks: Sequence[int] = (),
    horizons: Sequence[int] = (),
    seed: int = 0,
) -> Effect:
    """What changed at the treated units, beyond what changed at units not treated, or not yet.

    Parameters
    ----------
    frame : DataFrame
        One row a unit and period. It is balanced before anything is estimated, and what was left out is said.
    outcome, unit, time : str
        Columns. ``time`` takes datetimes, periods, ``YYYY-MM`` text or whole years.
    treated_from : str or mapping
        Column with each unit's first treated period, the same in all its rows; missing for units never treated. A date
        inside a period puts that period in the transition, unless it is its first day. Or the date of each treated unit:
        ``{"ZZ901": "2023-01"}``.
    method : {"auto", "two_by_two", "group_time", "synthetic"}
        ``"two_by_two"``: means after less before, one start. ``"group_time"``: each start by itself against units not
        yet treated, then averaged (Callaway and Sant'Anna 2021). ``"synthetic"``: synthetic difference-in-differences
        (Arkhangelsky et al. 2021), one start. ``"auto"``: the first for one start, the second for several.
    comparison : {"not_yet_treated", "never_treated"}
        Whom units are compared with: those that have not started by then, or only those that never do.
    inference : {"auto", "placebo", "cluster", "wild_bootstrap"}
        ``"auto"``: placebo with fewer than 20 treated or 20 untreated units, else errors clustered by unit.
    headline : {"att", "month H", "mean months A to B"}
        Fixed before the results; the verdict reads it. ``att``: mean over all treated units and periods.
    family : {"gaussian", "poisson", "binomial"}
        Other than ``"gaussian"`` for ``outcome`` a count (poisson) or a numerator (binomial); one start, rates of whole
        groups.
    exposure : str, optional
        Column with the person-time of a count, or the denominator of a numerator.
    log : bool, optional
        Model the logarithm. Left out, as in a template: of a count that ``ek.load`` gave with ``family="gaussian"``, else not.
    weights : str, optional
        Column with one positive number a unit, such as its population.
    covariates : sequence of str
        Columns with one number a unit, from before the change: by regression among units never treated (placebo), or
        doubly robust (clustered errors).
    cluster : str, optional
        Column saying which units move together; by default each stands alone.
    transition : int or (first, last)
        Periods left out from each start on.
    anticipation : int
        Periods before each start that may already be affected, and are left out.
    look : date, period or text, optional
        As in ``interrupted_time_series``; with one start.
    looks : sequence of int
        As in ``interrupted_time_series``; with one start.
    horizons : sequence of int
        Months after each unit's own change, multiples of 3, at which it is asked whether the effect lasted: table
        ``lasting``, each at the units that have been treated so long.
    seed : int
        Of the assignments drawn where there are too many to try all, and of the bootstrap.

    Returns
    -------
    Effect
        Tables ``event_study`` (months from the start), ``members`` and ``influence``; by rank ``placebo``, of a
        synthetic one ``weights``, of several starts ``decomposition``.

    Raises
    ------
    EvaluationError
        For anything that cannot be estimated, naming column, unit and period.

    Examples
    --------
    Three trusts where urgent treatment centres opened on different days, against the comparators that the protocol of
    their evaluation names:

    >>> import evalkit as ek
    >>> from evalkit.catalogue import find_root, read_catalogue
    >>> evaluations = read_catalogue(find_root()).evaluations
    >>> evaluation = evaluations["urgent-treatment-centres-2016-18"]
    >>> planned = evaluation.analyses[0]
    >>> opened = {
    ...     "northumbria": "2016-12-01", "lancashire-teaching": "2017-01-18",
    ...     "mid-yorkshire": "2018-04-09",
    ... }
    >>> frame = ek.load(
    ...     site=list(opened), treated_from=opened,
    ...     measure="ae-attendances-all", first="2016-04", last="2019-03",
    ...     comparators=planned.parameters["comparators"],
    ... )
    >>> effect = ek.difference_in_differences(
    ...     frame, outcome="value", unit="unit", time="period",
    ...     treated_from="treated_from", log=True,
    ... )
    >>> headline = effect.headline[["estimate", "low", "high"]]
    >>> headline.astype(float).round(1).to_dict()
    {'estimate': 5.8, 'low': 0.2, 'high': 11.9}
    >>> effect.comparators_used, effect.headline["method"]
    (93, 'rank among assignments')
    >>> [check.name for check in effect.checks if check.passed is False]
    ['Mergers']
    """
    for name, choice, known in (("method", method, METHODS), ("inference", inference, INFERENCES)):
        if choice not in known:
            raise EvaluationError(f"{name}={choice!r} is not available: use one of {', '.join(map(repr, known))}.")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise EvaluationError(f"seed={seed!r} is not a whole number of 0 or more.")
    log, _ = scale_of_frame(frame, outcome, log, family=family)
    refuse_scale_of_another_form(frame, outcome, log=bool(log))
    if isinstance(treated_from, Mapping):
        frame, treated_from = _with_dates(frame, unit, treated_from), FROM
    covariates = [covariates] if isinstance(covariates, str) else list(covariates or ())
    whole = frame
    frame, parts = _by_look(frame, time, treated_from, transition, look, looks)
    panel_of = partial(
        adoption_panel, outcome=outcome, unit=unit, time=time, treated_from=treated_from, family=family, exposure=exposure,
        log=log, weights=weights, covariates=covariates, cluster=cluster, transition=transition,
        anticipation=anticipation, comparison=comparison,
    )  # fmt: skip
    panel = panel_of(frame)
    method = _method(method, panel, family)
    by_rank_wanted = _by_rank(inference, panel, method, family)
    if panel.covariates is not None and not by_rank_wanted and method == "two_by_two":
        # Doubly robust adjustment is of changes from one period to another.
        method = "group_time"
    if by_rank_wanted and panel.clusters is not None:
        raise EvaluationError(
            f"`cluster` is not used by rank, which takes every unit by itself: add up the units of each `{cluster}` into one"
            " unit, or use inference='cluster'."
        )
    again = {}
    if method != "synthetic":
        for number, part in parts.items():
            over = _differences(panel_of(part), method, comparison, family, by_rank_wanted, seed)
            found = by_rank.at_look(over, headline) if by_rank_wanted else by_cluster.at_look(over, headline)
            again |= {} if found is None else {number: found}
    differences = _differences(panel, method, comparison, family, by_rank_wanted, seed)
    if method == "synthetic":
        answer, synthetic = by_synthetic_control.estimate(differences, headline)
        differences = synthetic.differences
    elif by_rank_wanted:
        answer, synthetic = by_rank.estimate(differences, headline), None
    else:
        answer, synthetic = by_cluster.estimate(differences, headline, bootstrap=inference == "wild_bootstrap"), None
    to_the_end = differences
    if len(whole) != len(frame):
        to_the_end = _differences(panel_of(whole), method, comparison, family, by_rank_wanted, seed)
        synthetic_to_the_end = by_synthetic_control.estimate(to_the_end, "att")[1] if method == "synthetic" else None
    else:
        synthetic_to_the_end = synthetic
    at_horizons = by_horizon.at_horizons(to_the_end, horizons, by_rank_wanted, synthetic_to_the_end)
    followed = follow_up.all_at_once(again, len(follow_up.planned_looks(looks)))
    return _effect(frame, differences, answer, synthetic, method, headline, outcome, log, family, followed, at_horizons)


def _with_dates(frame: pd.DataFrame, unit: str, dates: Mapping[str, Any]) -> pd.DataFrame:
    """The frame with the date of each treated unit in a column."""
    units = frame[unit].unique() if unit in frame.columns else dates
    strange = [name for name in dates if name not in set(units)]
    if strange or not dates:
        hint = did_you_mean(strange[0], map(str, units)) if strange else ""
        what = f"gives a date for {strange[0]!r}, which is not in column `{unit}`{hint}" if strange else "names no unit"
        raise EvaluationError(f"treated_from {what}.", "treated_from")
    return frame.assign(**{FROM: frame[unit].map(dict(dates))})


def _by_look(frame: pd.DataFrame, time: str, treated_from: str, transition, look, looks):
    """The rows of the answer and of each look, counted from the one start."""
    if look is None and not follow_up.planned_looks(looks):
        return frame, {}
    starts = frame[treated_from].dropna().unique() if treated_from in frame.columns else []
    if len(starts) != 1:
        raise EvaluationError(
            f"`look` and `looks` count from one start, and column `{treated_from}` has {len(starts)}: leave them out."
        )
    return follow_up.by_look(frame, time, starts[0], transition, look, looks)


def _method(method: str, panel: AdoptionPanel, family: str) -> str:
    if method == "auto":
        method = "two_by_two" if panel.one_start else "group_time"
    if not panel.one_start and method != "group_time":
        starts = " and ".join(dict.fromkeys(interruption.label for interruption in panel.interruptions))
        raise EvaluationError(
            f"method={method!r} needs one start, but there are {starts}: use method='group_time', or leave one out."
        )
    if family != "gaussian":
        for name, values in (("weights", panel.weights), ("covariates", panel.covariates)):
            if values is not None:
                raise EvaluationError(
                    f"family={family!r} compares the rates of whole groups and takes no `{name}`: leave it out, or use"
                    " log=True."
                )
    if family != "gaussian" and method != "two_by_two":
        raise EvaluationError(f"family={family!r} needs one start and method='two_by_two': use log=True instead.")
    return method


def _by_rank(inference: str, panel: AdoptionPanel, method: str, family: str) -> bool:
    treated = int(panel.is_treated.sum())
    if method == "synthetic" or family != "gaussian":
        if inference in ("cluster", "wild_bootstrap"):
            what = f"method={method!r}" if method == "synthetic" else f"family={family!r}"
            raise EvaluationError(f"inference={inference!r} is not available with {what}: use 'placebo'.")
        return True
    if inference == "auto":
        return min(treated, len(panel.units) - treated) < FEW_UNITS
    if inference == "wild_bootstrap" and not panel.one_start:
        raise EvaluationError("inference='wild_bootstrap' needs one start: use 'cluster' or 'placebo'.")
    return inference == "placebo"


def _differences(panel: AdoptionPanel, method: str, comparison: str, family: str, by_rank_wanted: bool, seed: int):
    if family != "gaussian":
        return CountDifferences(panel, "mean", comparison, seed, family)
    if by_rank_wanted and panel.covariates is not None:
        panel = adjusted(panel, panel.covariates)
    return Differences(panel, "last" if method == "group_time" else "mean", comparison, seed)


def _effect(
    frame,
    differences: Differences,
    answer: DifferencesResult,
    synthetic,
    method,
    headline,
    outcome,
    log,
    family,
    followed,
    at_horizons,
) -> Effect:
    about = frame.attrs.get("evalkit", {})
    panel = differences.panel
    measure_unit = about.get("measure_unit", outcome)
    scale = scale_of(measure_unit, log, family)
    rows = EffectRows(scale, answer.method)
    rows.add("headline", headline, answer.headline)
    for term, cohort, contrast in answer.terms:
        rows.add("term", term, contrast, cohort=cohort)
    for name, contrast in robustness.sensitivity(differences, answer, headline, synthetic):
        rows.add("sensitivity", headline, contrast, method=name)
    for name, contrast in robustness.comparison(differences, answer, headline, synthetic):
        rows.add("comparison", headline, contrast, method=name)
    for number, contrast, how in followed:
        rows.add("follow_up", f"look at {number}", contrast, method=how)
    detectable = None if answer.detectable is None else rows.reader_size(answer.detectable)
    tables = robustness.tables(differences, answer, headline, scale, synthetic)
    if at_horizons:
        tables["lasting"] = lasting.table(at_horizons, len(at_horizons), scale)
    place = _place(panel, about.get("place"))
    shown = series(differences, answer, log, family, None if synthetic is None else synthetic.own.gap)
    return Effect(
        design=DIFFERENCES.name,
        estimand=_estimand(headline, place, method, differences),
        measure=about.get("measure", outcome),
        measure_unit=measure_unit,
        treated_units=tuple(sorted(panel.treated)),
        interruptions=tuple(sorted({interruption.label for interruption in panel.interruptions})),
        method_of_interval=answer.how,
        estimates=rows.frame(),
        series=shown,
        coefficients=robustness.coefficients(answer, headline),
        minimum_detectable_effect=detectable,
        tables=tables,
        checks=(
            *all_checks(differences, answer, rows.in_reader_words, synthetic, tables["influence"]),
            *merger_check(
                about, panel.treated, _shares(panel), (answer.headline.high - answer.headline.low) / 2, scale
            ),
        ),
        notes=(
            *about.get("notes", ()),
            *panel.notes,
            *answer.notes,
            *_notes(differences, method),
            *weeks_in_words(panel.periods),
            *odd_figures(shown["observed"], shown["period"]).values(),
        ),
        data=about.get("data", {}),
    )


def _listed(labels: list[str]) -> str:
    return ", ".join(labels) if len(labels) <= 4 else f"{len(labels)} treated units"


def _shares(panel: AdoptionPanel) -> dict[str, float]:
    """What each comparator counts, all alike."""
    others = set(panel.units) - set(panel.treated)
    return dict.fromkeys(others, 1 / max(len(others), 1))


def _place(panel: AdoptionPanel, called: str | None) -> str:
    """Who changed, of those that could be used."""
    treated = panel.members[panel.members["treated_from"] != ""]
    listed = _listed(sorted(panel.treated))
    if treated["used"].all():
        return called or listed
    return f"{listed} ({treated['used'].sum()} of the {len(treated)} that changed, which alone could be used)"


def _comparators(panel: AdoptionPanel) -> str:
    """How many of the comparators were used, where not all were; and of which periods, where some were left out."""
    others = panel.members[panel.members["treated_from"] == ""]
    transition = {period for interruption in panel.interruptions for period in interruption.transition}
    missing = [str(period) for period in panel.whole.index if period not in panel.periods and period not in transition]
    words = "comparators"
    if not others["used"].all():
        unit = name_of(panel.periods.freqstr)
        words = f"{others['used'].sum()} of {len(others)} comparators, those with a figure in every {unit},"
    return (
        words
        + (f" without {', '.join(missing[:3])}" if missing else "")
        + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    )


def _estimand(headline: str, place: str, method: str, differences: Differences) -> str:
    what = {"att": "the mean effect over the time after the change"}.get(headline, f"the effect in {headline}")
    if headline.startswith("mean "):
        what = f"the mean effect over {headline.removeprefix('mean ')}"
    comparators = _comparators(differences.panel)
    against = {
        "two_by_two": f"the change since before at {comparators} over the same time",
        "group_time": f"the change at {comparators} "
        + ("not yet treated" if differences.comparison == "not_yet_treated" else "never treated")
        + ", since the last period before each start",
        "synthetic": f"the change at a weighted mean of {comparators} that ran alongside before",
    }[method]
    return f"{what} on those treated, at {place}, against {against}"


def _notes(differences: Differences, method: str) -> tuple[str, ...]:
    notes = []
    panel = differences.panel
    if differences.count == 1 and len(panel.periods) >= 24 and method != "synthetic":
        notes.append(ONE_TREATED)
    if differences.panel.is_treated.all():
        notes.append(ALL_TREATED)
    if isinstance(differences, CountDifferences) and np.any(differences.counted[0] == 0):
        notes.append("Some counts are zero: rates of whole groups and spans were compared, so that they count as zero.")
    return tuple(notes)
