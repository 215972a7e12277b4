"""Questions put to a difference-in-differences, each with what was seen."""

import numpy as np

from evalkit import check_register
from evalkit.check_register import Check
from evalkit.designs.difference_in_differences.estimands import p_value_in_words
from evalkit.designs.difference_in_differences.inference import (
    by_cluster,
    by_rank,
    pretrends_by_cluster,
    pretrends_by_rank,
)
from evalkit.designs.difference_in_differences.inference.by_synthetic_control import Synthesis
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.difference_in_differences.result import DifferencesResult
from evalkit.inference.ranks.interval import enough_assignments, rank_p_value
from evalkit.intake.periods import name_of

ENOUGH_COMPARATORS = 19
LEAST_BEFORE = 3
LOST_AT_MOST = 0.05


def all_checks(
    differences: Differences, answer: DifferencesResult, format_size, synthesis: Synthesis | None, influence
) -> tuple[Check, ...]:
    """Every check, those that certainty reads first; ``format_size`` writes a size on the model's scale for readers."""
    results: list[Check | None] = [_points(differences), _missing(differences)]
    if synthesis is not None:
        results += [
            _rank_synthetic(answer, synthesis),
            _comparators(differences),
            synthesis.fit_check(),
            synthesis.weight_check(),
        ]
    elif answer.method == by_rank.METHOD:
        results += [
            _rank(differences, answer),
            _comparators(differences),
            *pretrends_by_rank.pretrend_checks(differences, format_size),
        ]
    elif differences.few:
        results += [
            _treated(differences),
            _comparators(differences),
            *pretrends_by_rank.pretrend_checks(differences, format_size),
        ]
    else:
        results += [
            pretrends_by_cluster.parallel_trends(by_cluster.fitted(differences), format_size),
            _comparators(differences),
        ]
    results += [_composition(differences), _single(answer, influence)]
    return tuple(check for check in results if check is not None)


def _points(differences: Differences) -> Check:
    until, after = differences.panel.untreated_until[differences.panel.is_treated], differences.after.sum(axis=1)
    unit = name_of(differences.panel.periods.freqstr)
    enough = until.min() >= LEAST_BEFORE and after.min() >= LEAST_BEFORE
    detail = (
        f"{_span(until)} {unit}s before and {_span(after)} after the change, {differences.count} treated"
        f" unit{'s' if differences.count > 1 else ''} and"
        f" {len(differences.panel.units) - differences.count} comparators."
    )
    return check_register.ENOUGH_POINTS.result(bool(enough) if differences.few else None, detail)


def _treated(differences: Differences) -> Check:
    """Failed: errors clustered by unit were asked for with few units on one side."""
    least = min(differences.count, len(differences.panel.units) - differences.count)
    detail = f"{least} treated or untreated units are too few for clustered errors, which are too narrow then: use inference='placebo'."
    return check_register.ENOUGH_TREATED_UNITS.result(False, detail)


def _span(numbers: np.ndarray) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return str(low) if low == high else f"{low} to {high}"


def _missing(differences: Differences) -> Check:
    treated = differences.panel.whole[differences.panel.treated]
    left_out = {period for interruption in differences.panel.interruptions for period in interruption.transition}
    wanted = treated[[period not in left_out for period in treated.index]]
    share = float(wanted.isna().to_numpy().mean())
    return check_register.MISSING_PERIODS.result(
        share <= LOST_AT_MOST, f"{share:.0%} of the treated units' periods are missing."
    )


def _rank(differences: Differences, answer: DifferencesResult) -> Check:
    if not enough_assignments(len(differences.others)):
        return check_register.COMPARATORS_INVENTED_START.result(
            None, f"There are only {len(differences.others)} other ways to choose who is called treated."
        )
    claimed = answer.headline.low > 0 or answer.headline.high < 0
    passed = answer.headline.p_value <= 0.05 if claimed else None
    what = (
        "comparators, where nothing is known to have changed,"
        if differences.count == 1 and differences.clean_only
        else "assignments"
    )
    as_large = round(answer.headline.p_value * (1 + len(differences.others))) - 1
    detail = (
        f"{as_large:,} of {len(differences.others):,} other {what} moved as much for their"
        f" noise (p {p_value_in_words(answer.headline.p_value)})."
    )
    return check_register.COMPARATORS_INVENTED_START.result(passed, detail.replace("other comparators", "comparators"))


def _rank_synthetic(answer: DifferencesResult, synthesis: Synthesis) -> Check:
    count = len(synthesis.placebos)
    statistics = np.array([placebo.estimate for placebo in synthesis.placebos]) / synthesis.scales
    own = synthesis.alike.estimate / synthesis.scale
    claimed = answer.headline.low > 0 or answer.headline.high < 0
    p = rank_p_value(own, statistics)
    as_large = round(p * (1 + count)) - 1
    detail = f"{as_large} of {count} comparators moved as much for their noise (p {p_value_in_words(p)})."
    return check_register.COMPARATORS_INVENTED_START.result(p <= 0.05 if claimed else None, detail)


def _comparators(differences: Differences) -> Check:
    count = len(differences.panel.units) - differences.count
    return check_register.ENOUGH_COMPARATORS.result(
        count >= ENOUGH_COMPARATORS, f"{count} comparator{'s' if count != 1 else ''}."
    )


def _composition(differences: Differences) -> Check | None:
    members = differences.panel.members
    lost = members[~members["used"]]
    if lost.empty:
        return check_register.SAME_UNITS.result(None, "Every unit of the frame was used in every period.")
    shown = "; ".join(f"{row.unit}: {row.reason}" for row in lost.head(3).itertuples())
    more = f"; and {len(lost) - 3} more" if len(lost) > 3 else ""
    treated = lost["treated_from"].ne("").any()
    return check_register.SAME_UNITS.result(
        False if treated else None,
        f"{len(lost)} of {len(members)} units left out ({shown}{more}).",
    )


def _single(answer: DifferencesResult, influence) -> Check | None:
    if influence.empty:
        return None
    largest = influence.loc[influence["shift"].abs().idxmax()]
    estimate = answer.headline.estimate
    turns = np.sign(estimate + largest["shift"]) != np.sign(estimate)
    clear = answer.headline.low > 0 or answer.headline.high < 0
    share = abs(largest["shift"]) / abs(estimate) if estimate else 0.0
    detail = f"Without {largest['unit']} the estimate would move most, by {share:.0%} of its size."
    return check_register.SINGLE_UNITS.result(False if turns and clear else None, detail)
