"""Whether the effect of a difference-in-differences lasted: each horizon at the units that reach it, and its change at the same units."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs import lasting
from evalkit.designs.difference_in_differences import estimands
from evalkit.designs.difference_in_differences.inference import by_cluster, by_rank, by_synthetic_control
from evalkit.designs.difference_in_differences.inference.by_synthetic_control import Synthesis
from evalkit.designs.difference_in_differences.panel.differences import Differences
from evalkit.designs.follow_up import Look, ranked_look
from evalkit.designs.lasting import AtHorizon, Window
from evalkit.errors import EvaluationError
from evalkit.inference.ranks.interval import enough_assignments, rank_interval


def at_horizons(
    differences: Differences, horizons: Sequence[int], ranked: bool, synthesis: Synthesis | None = None
) -> list[AtHorizon]:
    """What the panel says at each horizon.

    Parameters
    ----------
    differences : of all periods there are
    horizons : months after the change, at each unit from its own start
    ranked : whether intervals are those of ranks; else errors are clustered by unit
    synthesis : the synthetic twins, where that is how the answer was made
    """
    panel = differences.panel
    windows = lasting.windows(horizons, panel.periods.freqstr)
    found = []
    for window in windows:
        complete = _complete(differences, window)
        from_period, to_period = _in_time(differences, window)
        at = AtHorizon(
            window,
            units=int(complete.sum()),
            units_in_all=differences.count,
            followed=estimands.longest_follow_up(differences),
            from_period=from_period,
            to_period=to_period,
        )
        if not complete.any():
            found.append(replace(at, reason=lasting.TOO_SHORT))
            continue
        try:
            effect, since_first = _looks(differences, windows[0], window, complete, ranked, synthesis)
        except EvaluationError:
            found.append(replace(at, reason=lasting.NOT_ESTIMABLE))
            continue
        reason = lasting.TOO_FEW_PLACES if effect is None else ""
        found.append(replace(at, effect=effect, since_first=since_first, reason=reason))
    return found


def _complete(differences: Differences, window: Window) -> np.ndarray:
    """Treated units that have every period of the window (k,) bool."""
    weights = differences.weights((window.first - 1, window.last - 1))
    return weights.sum(axis=1) == window.last - window.first + 1


def _in_time(differences: Differences, window: Window) -> tuple[str, str]:
    """The first and the last period of the window in calendar time, where there is one start."""
    firsts = {interruption.first_kept for interruption in differences.panel.interruptions}
    if len(firsts) != 1:
        return "", ""
    first = firsts.pop()
    return str(first + (window.first - 1)), str(first + (window.last - 1))


def _looks(
    differences: Differences,
    first: Window,
    window: Window,
    complete: np.ndarray,
    ranked: bool,
    synthesis: Synthesis | None,
) -> tuple[Look | None, Look | None]:
    """The effect at a horizon, and what it changed by since the first at the same units."""
    later = window != first
    if synthesis is not None:
        return _synthetic(synthesis, window), _synthetic(synthesis, window, first) if later else None
    if ranked:
        effect = _ranked(differences, window, complete)
        return effect, _ranked(differences, window, complete, first) if later else None
    panel = differences.panel
    kept = ~panel.is_treated
    kept[np.flatnonzero(panel.is_treated)[complete]] = True
    some = differences if complete.all() else replace(differences, panel=panel.keep(units=kept))
    events = by_cluster.fitted(some).events
    inside = [_share(events.times, one) for one in (window, first)]
    effect = Look(events.combination(inside[0]), by_cluster.METHOD)
    return effect, Look(events.combination(inside[0] - inside[1]), by_cluster.METHOD) if later else None


def _share(times: np.ndarray, window: Window) -> np.ndarray:
    """The mean over a window as weights of effects by period since the start (m,).

    Raises
    ------
    EvaluationError
        Where a period is not there.
    """
    inside = (times >= window.first - 1) & (times <= window.last - 1)
    if inside.sum() != window.last - window.first + 1:
        raise EvaluationError(f"Periods {window.first} to {window.last} after the change are not all there.")
    return inside / inside.sum()


def _ranked(differences: Differences, window: Window, complete: np.ndarray, since: Window | None = None) -> Look | None:
    """The mean over a window at some of the treated units, or what it changed by, ranked; None with too few assignments."""

    def of(one: Window) -> np.ndarray:
        return differences.weights((one.first - 1, one.last - 1)) * complete[:, None]

    weights = of(window)
    estimates, scales = differences.placebos(weights)
    if not enough_assignments(len(estimates)):
        return None
    own, carried = differences.effect(weights), differences.carried(weights)
    if since is not None:
        own = own - differences.effect(of(since))
        estimates = estimates - differences.placebos(of(since))[0]
        carried = carried - differences.carried(of(since))
    scale = float(differences.scales(differences.own, weights)[0])
    contrast = rank_interval(own, scale, estimates, scales, carried)
    statistics = np.abs(estimates / scales)
    units = differences.panel.units
    names = [", ".join(sorted(units[position] for position in assignment)) for assignment in differences.others]
    return ranked_look(contrast, by_rank.METHOD, abs(own) / scale, pd.Series(statistics, index=names))


def _synthetic(synthesis: Synthesis, window: Window, since: Window | None = None) -> Look | None:
    """The same of a synthetic twin."""
    contrast, own, statistics = synthesis.ranked(
        (window.first - 1, window.last - 1), (since.first - 1, since.last - 1) if since else None
    )
    if not enough_assignments(len(statistics)):
        return None
    units = synthesis.differences.panel.units
    sizes = pd.Series(np.abs(statistics), index=[units[at] for at in synthesis.tried])
    return ranked_look(contrast, by_synthetic_control.METHOD, abs(own), sizes)
