"""Questions put to a difference-in-differences, each with what was seen."""

import numpy as np

from evalkit.designs import before, by_cluster, by_rank, parallel
from evalkit.designs.answer import Answer
from evalkit.designs.by_synthetic import Synthesis
from evalkit.designs.differences import Differences
from evalkit.designs.terms import p_words
from evalkit.effect import Check
from evalkit.inference.assignments import can_reach, p_value
from evalkit.intake.periods import name_of

ENOUGH_COMPARATORS = 19
LEAST_BEFORE = 3
LOST_AT_MOST = 0.05


def all_checks(found: Differences, answer: Answer, told, synthesis: Synthesis | None, influence) -> tuple[Check, ...]:
    """Every check, those that certainty reads first; ``told`` writes a size on the model's scale for readers."""
    checks = [_points(found), _missing(found)]
    if synthesis is not None:
        checks += [
            _rank_synthetic(answer, synthesis),
            _comparators(found),
            synthesis.fit_check(),
            synthesis.weight_check(),
        ]
    elif answer.method == by_rank.METHOD:
        checks += [_rank(found, answer), _comparators(found), *before.checks(found, told)]
    elif found.few:
        checks += [_treated(found), _comparators(found), *before.checks(found, told)]
    else:
        checks += [parallel.parallel(by_cluster.fitted(found), told), _comparators(found)]
    checks += [_composition(found), _single(answer, influence)]
    return tuple(check for check in checks if check is not None)


def _points(found: Differences) -> Check:
    until, after = found.panel.untreated_until[found.panel.is_treated], found.after.sum(axis=1)
    unit = name_of(found.panel.periods.freqstr)
    enough = until.min() >= LEAST_BEFORE and after.min() >= LEAST_BEFORE
    detail = (
        f"{_span(until)} {unit}s before and {_span(after)} after the change, {found.count} treated"
        f" unit{'s' if found.count > 1 else ''} and {len(found.panel.units) - found.count} comparators."
    )
    return Check("Enough points", bool(enough) if found.few else None, detail)


def _treated(found: Differences) -> Check:
    """Failed: errors clustered by unit were asked for with few units on one side."""
    least = min(found.count, len(found.panel.units) - found.count)
    detail = f"{least} treated or untreated units are too few for clustered errors, which are too narrow then: use inference='placebo'."
    return Check("Enough treated units", False, detail)


def _span(numbers: np.ndarray) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return str(low) if low == high else f"{low} to {high}"


def _missing(found: Differences) -> Check:
    treated = found.panel.whole[found.panel.treated]
    left_out = {period for one in found.panel.interruptions for period in one.transition}
    wanted = treated[[period not in left_out for period in treated.index]]
    share = float(wanted.isna().to_numpy().mean())
    return Check("Missing periods", share <= LOST_AT_MOST, f"{share:.0%} of the treated units' periods are missing.")


def _rank(found: Differences, answer: Answer) -> Check:
    name = "Comparators with an invented start"
    if not can_reach(len(found.others)):
        return Check(name, None, f"There are only {len(found.others)} other ways to choose who is called treated.")
    claimed = answer.headline.low > 0 or answer.headline.high < 0
    passed = answer.headline.p_value <= 0.05 if claimed else None
    what = (
        "comparators, where nothing is known to have changed,"
        if found.count == 1 and found.clean_only
        else "assignments"
    )
    as_large = round(answer.headline.p_value * (1 + len(found.others))) - 1
    detail = f"{as_large:,} of {len(found.others):,} other {what} moved as much for their noise (p {p_words(answer.headline.p_value)})."
    return Check(name, passed, detail.replace("other comparators", "comparators"))


def _rank_synthetic(answer: Answer, synthesis: Synthesis) -> Check:
    count = len(synthesis.placebos)
    statistics = np.array([one.estimate for one in synthesis.placebos]) / synthesis.scales
    own = synthesis.alike.estimate / synthesis.scale
    claimed = answer.headline.low > 0 or answer.headline.high < 0
    p = p_value(own, statistics)
    as_large = round(p * (1 + count)) - 1
    detail = f"{as_large} of {count} comparators moved as much for their noise (p {p_words(p)})."
    return Check("Comparators with an invented start", p <= 0.05 if claimed else None, detail)


def _comparators(found: Differences) -> Check:
    count = len(found.panel.units) - found.count
    return Check("Enough comparators", count >= ENOUGH_COMPARATORS, f"{count} comparator{'s' if count != 1 else ''}.")


def _composition(found: Differences) -> Check | None:
    members = found.panel.members
    lost = members[~members["used"]]
    if lost.empty:
        return Check("Same units throughout", None, "Every unit of the frame was used in every period.")
    shown = "; ".join(f"{row.unit}: {row.reason}" for row in lost.head(3).itertuples())
    more = f"; and {len(lost) - 3} more" if len(lost) > 3 else ""
    treated = lost["treated_from"].ne("").any()
    return Check(
        "Same units throughout",
        False if treated else None,
        f"{len(lost)} of {len(members)} units left out ({shown}{more}).",
    )


def _single(answer: Answer, influence) -> Check | None:
    if influence.empty:
        return None
    largest = influence.loc[influence["shift"].abs().idxmax()]
    estimate = answer.headline.estimate
    turns = np.sign(estimate + largest["shift"]) != np.sign(estimate)
    clear = answer.headline.low > 0 or answer.headline.high < 0
    share = abs(largest["shift"]) / abs(estimate) if estimate else 0.0
    detail = f"Without {largest['unit']} the estimate would move most, by {share:.0%} of its size."
    return Check("Single units", False if turns and clear else None, detail)
