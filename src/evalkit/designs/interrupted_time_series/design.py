"""Interrupted time series, alone or against comparators: segmented regression of a series or of a gap."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.catalogue.records.measures import FEW_EVENTS
from evalkit.designs import follow_up, lasting
from evalkit.designs.effect_rows import EffectRows, scale_of
from evalkit.designs.interrupted_time_series import (
    against_comparators,
    by_quarter,
    effect_parts,
    ended_effect,
    few_comparators,
    first_year,
    robustness,
)
from evalkit.designs.interrupted_time_series.against_comparators import Gap
from evalkit.designs.interrupted_time_series.checks import all_checks, data_checks, judge_adequacy
from evalkit.designs.interrupted_time_series.description import ALONE, CONTROLLED
from evalkit.designs.interrupted_time_series.interval_in_words import interval_in_words
from evalkit.designs.interrupted_time_series.looks import headline_at
from evalkit.designs.interrupted_time_series.segmented_model import (
    FIRST_YEAR,
    OF_A_CHANGE_THAT_ENDED,
    SegmentedModel,
    months_estimated,
)
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.designs.merger_check import merger_check
from evalkit.designs.series_frame import counts_of, refuse_scale_of_another_form, series_frame, treated_labels
from evalkit.effect import Effect
from evalkit.errors import EvaluationError
from evalkit.inference.autoregressive.counts import mean_events
from evalkit.intake.arguments import refuse_unless_yes_or_no
from evalkit.intake.default_scale import scale_of_frame
from evalkit.intake.exposure import divisor, per_in_words, refuse_unless_per_day
from evalkit.intake.periods import inside, name_of, numbers_in_words, resolve_end, resolve_interruption, weeks_in_words
from evalkit.intake.suspicious_figures import odd_figures

BY_RANK = "rank among comparators"


def interrupted_time_series(
    frame,
    *,
    outcome: str,
    time: str,
    interruption: Any,
    model: str | None = "level",
    headline: str = "level",
    family: str = "gaussian",
    exposure: str | None = None,
    log: bool | None = None,
    per_day: bool | str | None = None,
    seasonality: str | int | None = 2,
    errors: str = "ar1",
    transition: int | Sequence = 0,
    further_interruptions: Sequence = (),
    end: Any = None,
    look: Any = None,
    looks: Sequence[int] = (),
    horizons: Sequence[int] = (),
    unit: str | None = None,
    treated: str | Sequence[str] | None = None,
    comparators: str | Sequence[str] = "pool",
    seed: int = 0,
) -> Effect:
    """What changed at an interruption, by segmented regression.

    y = b0 + b1 t + b2 D + b3 (t - T) D [+ season] + e, with D = 1 from T, the first period kept after the change
    (Wagner et al. 2002). With ``unit`` and other units in the frame, y is the treated unit less what its comparators
    suggest, each on the log scale where ``log`` (controlled interrupted time series).

    Parameters
    ----------
    frame : DataFrame
        One row a period (and unit).
    outcome, time : str
        Columns. ``time`` takes datetimes, periods, ``YYYY-MM`` text, whole years, or numbers from 0 or 1 on, which have no
        dates, no season and no year: their ``first year`` is all of the time after the change.
    interruption : date, period or text
        A date inside a period puts that period in the transition, unless it is its first day.
    model : {"level_and_slope", "level", "slope", "step", "curve"}
        ``step`` is ``level`` without the trend b1 t. ``curve`` is for an effect that builds or fades: a parabola over its
        first year and a line after that, so that the mean over the first year leans on no shape. ``None`` takes
        ``level_and_slope``, or ``step`` for counts and shares with fewer than 5 events a period, which can bear no more.
    headline : {"level", "first year", "mean", "mean months A to B", "slope", "level total", "month H"}
        Fixed before the results; the verdict reads it. ``level`` is the jump at the date, for a change that works at
        once; ``first year`` the mean effect over the first 12 months (or as many as there are), for one that builds.
        With an ``end`` also ``during``.
    family : {"gaussian", "poisson", "binomial"}
        Other than ``"gaussian"`` for ``outcome`` a count (poisson) or a numerator (binomial).
    exposure : str, optional
        Column with the person-time of a count (what it is counted on where left out and ``per_day``), or the denominator of a numerator.
    log : bool, optional
        Model the logarithm. Left out, as in a template: of a count that ``ek.load`` gave with ``family="gaussian"``, else not.
    per_day : bool or {"calendar_days", "weekend_days", "working_days"}
        Divide first by what the measure is counted on: all days where its record (``exposure`` in data/measures.yml) does
        not say otherwise. Or by days of one kind: Saturdays and Sundays, or the other days without bank holidays in England.
        Left out, a count that ``ek.load`` gave is divided, and nothing else.
    seasonality : None, "months" or number of harmonic pairs
        Of the year; ``None`` for whole years and for numbers, which have none. Figures of days have a term for the day of the week besides.
    errors : str
        ``"ar1"``: autoregressive errors integrated over, level calibrated. Else ``"independent"`` (quasi-likelihood
        for counts), ``"newey_west"``, ``"reml"``, ``"prais_winsten"`` or ``"arima(p,d,q)(P,D,Q)s"``.
    transition : int or (first, last)
        Periods left out of the fit.
    further_interruptions : sequence of dates or periods
        Each adds what ``model`` has: a step, called ``level 2024-11`` after its first period kept, a change of slope, called
        ``slope 2024-11``, or both; ``level total`` and ``slope total`` are their sums.
    end : date, period or text, optional
        Last day, or last month, of a change that ended. Gives the mean effect ``during`` it and ``after the end``, each
        against the time before it, and ``reversed``, the second less the first.
    look : date, period or text, optional
        Last period that the result rests on, where the frame goes on; later periods serve ``looks`` only.
    looks : sequence of int
        Periods after the change up to which the headline is estimated again, as rows of role ``follow_up`` whose intervals
        hold all at once; those that the frame does not reach are left out.
    horizons : sequence of int
        Months after the change, multiples of 3, at which it is asked whether the effect lasted: table ``lasting``, by a
        model with a level of its own for every quarter of a year after the change, from all periods of the frame.
    unit : str, optional
        Column that tells units apart; without it the frame is one series.
    treated : str or sequence of str
        Label or labels in ``unit``; several are averaged.
    comparators : "pool", "synthetic", "factors" or list of labels
        What the other units suggest: their mean, or that of the labels; weights fitted before the change; their common
        factors. With ``errors="ar1"`` the interval is that of the rank among 19 or more; with fewer it is the calibrated one, no
        narrower than what they show at several dates.
    seed : int
        Kept for the signature shared by all designs; nothing here is drawn at random for a given design.

    Returns
    -------
    Effect
        Terms for every month after the change and for what the headline is not; table ``influence``, with comparators
        ``members`` and ``placebo`` too, of synthetic ones ``weights``.

    Raises
    ------
    EvaluationError
        For anything that cannot be estimated, naming column, unit and period.

    Examples
    --------
    Visits a day to the A&E of Weston, which closed at night from July 2017, against its own past:

    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2019-03",
    ... )
    >>> effect = ek.interrupted_time_series(
    ...     frame, outcome="value", time="period", unit="unit",
    ...     treated="weston", interruption="2017-07-04",
    ...     model="level", log=True, per_day=True, seasonality=2,
    ... )
    >>> headline = effect.headline[["estimate", "low", "high"]]
    >>> headline.astype(float).round(1).to_dict()
    {'estimate': -15.3, 'low': -23.4, 'high': -4.5}
    >>> effect.design, effect.headline["scale"]
    ('interrupted time series', 'percent')

    Of a change that works at once the headline is the step in the first month kept after it, August:

    >>> left_out = effect.series[effect.series["in_transition"]]
    >>> left_out["period"].astype(str).tolist()
    ['2017-07']
    """
    log, per_day = scale_of_frame(frame, outcome, log, per_day, family=family)
    refuse_unless_yes_or_no(log=log)
    refuse_unless_per_day(per_day)
    refuse_scale_of_another_form(frame, outcome, log=log, per_day=per_day)
    frame, began_too = (
        against_comparators.without_other_starts(frame, unit, treated) if isinstance(comparators, str) else (frame, ())
    )
    whole = frame
    frame, parts = follow_up.by_look(frame, time, interruption, transition, look, looks)
    data = series_frame(
        frame, outcome, time, unit, log=log and family == "gaussian", per_day=per_day if family == "gaussian" else False
    )
    labels = treated_labels(treated, unit, list(data.values.columns))
    periods = data.periods
    change = resolve_interruption(interruption, transition, periods.freqstr)
    further = tuple(resolve_interruption(date, 0, periods.freqstr) for date in further_interruptions)
    ended = None if end is None else resolve_end(end, periods.freqstr)
    for start in (change, *further, *((ended,) if ended else ())):
        inside(start, periods)
    if ended and ended.period <= change.first_kept:
        raise EvaluationError(f"The end {ended.label} is before the change counts: correct the one or the other.")
    own = data.values[labels].mean(axis=1, skipna=False).to_numpy()
    at_risk = None if family == "gaussian" else counts_of(frame, data, time, family, exposure, per_day)
    few = at_risk is not None and mean_events(own, at_risk, family) < FEW_EVENTS
    model = model or ("step" if few else "level_and_slope")
    weekdays = _weekdays(data.values[labels])
    design = SegmentedModel(periods, change, model, seasonality, further, weekdays, ended)
    headline = design.resolved(headline)
    if headline in OF_A_CHANGE_THAT_ENDED[1:]:
        raise EvaluationError(
            f"headline={headline!r} says what was left, or what turned back, and stands beside the answer: use 'during'."
        )
    about = frame.attrs.get("evalkit", {})
    if began_too:
        about = about | {"notes": (*about.get("notes", ()), *began_too)}
    _refuse_family(family, about, outcome)

    case = _case(data, own, labels, design, errors, family, exposure, at_risk, unit, comparators)
    judged = judge_adequacy(case, labels[0], headline)
    measure_unit = about.get("measure_unit", outcome) + per_in_words(divisor(frame, per_day))
    if ended_effect.has_ended(case):
        return _ended(case, headline, judged, about, measure_unit, about.get("measure", outcome), labels, seed)

    adds_up = scale_of(measure_unit, log, family) == "unit" and not per_day
    terms = [headline, *_other_terms(design, headline, adds_up)]
    weights = np.array([design.weights(term) for term in terms])
    calibrated = [not term.startswith("month ") or term == headline for term in terms]
    fitted = case.estimated(weights, calibrated)
    own = fitted.contrasts[0]
    if np.isnan(own.estimate):
        raise EvaluationError(
            f"errors={errors!r} differences away what headline={headline!r} is made of: difference less."
        )
    gap = case.gap
    placebo = None if gap is None else case.placebo(headline)
    ranks = placebo if case.by_rank else None
    headline_contrast = case.widened(headline, own) if ranks is None else ranks.ranked(own)
    # Comparators are judged with autoregressive errors, so the treated unit has to be judged with them too.
    alike = own if placebo is None or errors == "ar1" else case.estimated(weights[:1], errors="ar1").contrasts[0]
    how = interval_in_words(
        fitted.methods[0],
        errors,
        None if gap is None else len(gap.used),
        "rank" if case.by_rank else "dates" if case.by_pooled_dates else "",
        name_of(periods.freqstr),
    )

    own_method = few_comparators.WIDENED if case.by_pooled_dates else fitted.methods[0]
    rows = EffectRows(scale_of(measure_unit, log, family), own_method)
    contrasts, methods, year = {headline: headline_contrast}, {}, design.resolved(FIRST_YEAR)
    judged_by_others = (
        (headline, "level", year, *OF_A_CHANGE_THAT_ENDED) if case.by_rank or case.by_pooled_dates else ()
    )
    by_others = BY_RANK if case.by_rank else own_method
    for term, contrast, method in zip(terms, fitted.contrasts, fitted.methods, strict=True):
        if term in judged_by_others and term != headline:
            contrast = case.placebo(term).ranked(contrast) if case.by_rank else case.widened(term, contrast)
        contrasts.setdefault(term, contrast)
        methods[term] = by_others if term in judged_by_others else method
        rows.add("headline" if term == headline else "term", term, contrasts[term], method=methods[term])
    shown = effect_parts.series(case, log, headline_contrast if _is_amount(headline) else None)
    seen = first_year.counted(frame, case, data, labels, outcome, time, unit, rows.model_scale)
    total = first_year.total(case, contrasts, rows.model_scale, seen, shown) if seen else None
    if total is not None:
        rows.add("term", year.replace("mean", "total", 1), total, method=methods[year], scale="total")
    for name, contrast in robustness.sensitivity(case, headline):
        rows.add("sensitivity", headline, contrast, method=name)
    for name, contrast in robustness.comparison(case, headline, own, fitted.methods[0]):
        rows.add("comparison", headline, contrast, method=name)

    cases = {
        number: _case_of(part, outcome, time, unit, labels, design, errors, family, exposure, comparators, log, per_day)
        for number, part in parts.items()
    }
    reached = headline_at(cases, headline)
    for number, contrast, method in follow_up.all_at_once(reached, len(follow_up.planned_looks(looks))):
        rows.add("follow_up", f"look at {number}", contrast, method=method)

    of_the_whole = (
        case
        if len(whole) == len(frame)
        else _case_of(whole, outcome, time, unit, labels, design, errors, family, exposure, comparators, log, per_day)
    )
    at_horizons = by_quarter.at_horizons(of_the_whole, horizons)

    refits = robustness.without_one_next_to_a_change(case, headline, headline_contrast)
    tables = {"influence": robustness.influence(case, headline, own, refits)}
    if at_horizons:
        tables["lasting"] = lasting.table(at_horizons, len(at_horizons), rows.model_scale)
    if gap is not None and placebo is not None:
        tables |= {"placebo": placebo.table(alike, rows.model_scale), "members": gap.members}
        if gap.kind == "synthetic":
            tables["weights"] = gap.members.query("weight > 0.001")[["unit", "weight"]].reset_index(drop=True)
    detectable = effect_parts.detectable(case, headline_contrast, few)
    # So large that a fall and a rise of it are found: of few events a rise is so sooner, as a share of what was expected.
    least = math.log1p(max(-math.expm1(-detectable[0]), math.expm1(detectable[1]))) if few else max(detectable)
    return Effect(
        design=(ALONE if gap is None else CONTROLLED).name,
        estimand=effect_parts.estimand(headline, about.get("place", ", ".join(labels)), gap, periods),
        measure=about.get("measure", outcome),
        measure_unit=measure_unit,
        treated_units=tuple(labels),
        interruptions=tuple(str(start.label) for start in (change, *further)),
        end=ended.label if ended else None,
        method_of_interval=how,
        estimates=rows.frame(),
        series=shown,
        coefficients=effect_parts.coefficients(case),
        minimum_detectable_effect=rows.reader_size(least),
        tables=tables,
        checks=(
            *all_checks(
                case, headline, judged, fitted.correlation, placebo, alike, headline_contrast, tables["influence"]
            ),
            *merger_check(
                about, labels, _shares(gap), (headline_contrast.high - headline_contrast.low) / 2, rows.model_scale
            ),
        ),
        notes=(
            *about.get("notes", ()),
            *effect_parts.missing_notes(case, labels, about),
            *weeks_in_words(periods),
            *numbers_in_words(periods),
            *(effect_parts.in_events(case, shown, *detectable) if few and headline in (year, "level", "mean") else ()),
            *odd_figures(shown["observed"], shown["period"]).values(),
        ),
        data=about.get("data", {}),
    )


def _is_amount(headline: str) -> bool:
    """Whether it is an amount by which periods differ, and not a trend or a sum."""
    return not any(word in headline for word in ("slope", "cumulative"))


def _ended(case: SeriesFit, headline, judged, about, measure_unit, measure, labels, seed) -> Effect:
    """Nothing was counted after the change."""
    case.design.weights(headline)  # refuses what is no effect of the model
    seen = ended_effect.expected_after(case, seed)
    shown, periods = ended_effect.series(case, seen), case.design.periods
    return Effect(
        design=ALONE.name,
        estimand=effect_parts.estimand(headline, about.get("place", ", ".join(labels)), None, periods),
        measure=measure,
        measure_unit=measure_unit,
        treated_units=tuple(labels),
        interruptions=(str(case.design.interruption.label),),
        method_of_interval=ended_effect.HOW,
        estimates=ended_effect.estimates(seen, headline),
        series=shown,
        coefficients=ended_effect.coefficients(case),
        minimum_detectable_effect=None,
        checks=(*data_checks(case, judged), *merger_check(about, labels, {}, math.inf, "log")),
        notes=(
            *about.get("notes", ()),
            *effect_parts.missing_notes(case, labels, about),
            "Nothing was counted after the change: a fall of 100%, not estimated by the model.",
        ),
        data=about.get("data", {}),
    )


def _shares(gap: Gap | None) -> dict[str, float]:
    """What each comparator counts; alike where they have no weights."""
    if gap is None:
        return {}
    used = gap.members[gap.members["used"]]
    weights = used["weight"] / used["weight"].sum() if used["weight"].any() else used["weight"] + 1 / len(used)
    return dict(zip(used["unit"].astype(str), weights.astype(float), strict=True))


def _refuse_family(family: str, about: dict, outcome: str) -> None:
    """A share or a mean of a loaded measure is no count."""
    if family != "gaussian" and outcome == "value" and about.get("form", "count") != "count":
        raise EvaluationError(
            f"family={family!r} needs counts, and {about['measure']} is a {about['form']}: use family='gaussian', or"
            " family='binomial' with outcome='numerator' and exposure='denominator'."
        )


def _weekdays(values: pd.DataFrame) -> tuple[int, ...]:
    """The days of the week that have figures, where these are of days."""
    periods = pd.PeriodIndex(values.index)
    reported = periods[values.notna().all(axis=1)]
    return tuple(sorted(set(reported.day_of_week.tolist()))) if periods.freqstr == "D" else ()


def _case_of(
    part, outcome, time, unit, labels, design, errors, family, exposure, comparators, log, per_day
) -> SeriesFit:
    """The same question asked of a part of the frame."""
    plain = family == "gaussian"
    data = series_frame(part, outcome, time, unit, log=log and plain, per_day=per_day if plain else False)
    own = data.values[labels].mean(axis=1, skipna=False).to_numpy()
    at_risk = None if plain else counts_of(part, data, time, family, exposure, per_day)
    over = replace(design, periods=data.periods)
    return _case(data, own, labels, over, errors, family, exposure, at_risk, unit, comparators)


def _case(data, own, labels, design, errors, family, exposure, at_risk, unit, comparators) -> SeriesFit:
    """The series to fit: a count with its exposure, a value, or a value less its comparators."""
    keep = np.ones(len(data.periods), dtype=bool)
    others = [label for label in data.values.columns if label not in labels]
    if at_risk is not None:
        if others:
            raise EvaluationError(f"family={family!r} has no comparators here: use log=True with the default family.")
        return SeriesFit(design, own, keep, errors, None, family, at_risk)
    if exposure is not None:
        raise EvaluationError("`exposure` needs family='poisson' (person-time) or 'binomial' (denominators).")
    named = not isinstance(comparators, str)
    if unit and (others or named):
        return SeriesFit(design, own, keep, errors, against_comparators.gap(data.values, labels, comparators, design))
    return SeriesFit(design, own, keep, errors)


def _other_terms(design: SegmentedModel, headline: str, adds_up: bool) -> list[str]:
    """Everything besides the headline; a sum over the periods only where the scale allows adding."""
    terms = [name for name in design.terms if name.startswith(("level", "slope"))]
    terms += ["level"] if design.model == "curve" else []
    if design.further:
        terms += [f"{kind} total" for kind in ("level", "slope") if kind in design.terms]
    terms.append(design.resolved(FIRST_YEAR))
    terms += OF_A_CHANGE_THAT_ENDED if design.end else ("mean",)
    if adds_up:
        terms.append("cumulative")
    terms += [f"month {month}" for month in months_estimated(design)]
    return [term for term in terms if term != headline]
