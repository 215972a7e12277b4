"""What may be asked of a chart, refused under the name of its argument where it may not."""

import numpy as np

from evalkit.charts import rules, seasons
from evalkit.charts.lines import KINDS, WITH_DENOMINATOR
from evalkit.errors import EvaluationError, did_you_mean


def known(kind: str, rule: str, direction: str) -> tuple[str, str, str]:
    kind = kind.lower() if isinstance(kind, str) else kind
    for name, value, known in (
        ("kind", kind, KINDS),
        ("rule", rule, rules.READINGS),
        ("direction", direction, rules.DIRECTIONS),
    ):
        if not isinstance(value, str) or value not in known:
            raise EvaluationError(f"{name}={value!r} is not known{did_you_mean(value, known)}.", name)
    return kind, rule, direction


def refuse_what_does_not_fit(
    kind: str, outcome: str | None, denominator: str | None, per: float, season: str | None
) -> None:
    if kind in WITH_DENOMINATOR and denominator is None:
        raise EvaluationError(
            f"A {KINDS[kind]} needs `denominator`, the column that the counts are divided by.", "denominator"
        )
    if kind not in WITH_DENOMINATOR and denominator is not None:
        raise EvaluationError(
            f"A {KINDS[kind]} has no denominator: use kind='p' for shares or kind='u' for rates.", "denominator"
        )
    if isinstance(per, bool) or not isinstance(per, int | float) or not 0 < per < np.inf:
        raise EvaluationError(f"per={per!r} is no number above nought: use 100 for per cent.", "per")
    if per != 1 and kind not in WITH_DENOMINATOR:
        raise EvaluationError(f"A {KINDS[kind]} draws its values as they are: leave `per` out.", "per")
    if outcome is None and kind != "t":
        raise EvaluationError("`outcome` is only left out of a T chart, which takes time from the dates.", "outcome")
    known = [name for name, _ in seasons.SEASONS.values()]
    if season is not None and season not in known:
        raise EvaluationError(f"season={season!r} is not known{did_you_mean(season, known)}.", "season")
    if season is not None and kind != "xmr":
        raise EvaluationError(
            f"Season is only taken out of an XmR chart, not out of a {KINDS[kind]}: leave `season` out, or use kind='xmr'.",
            "season",
        )


def refuse_switches(kind: str, **switches: bool | None) -> None:
    for name, value in switches.items():
        if value is not None and not isinstance(value, bool | np.bool_):
            raise EvaluationError(
                f"{name}={value!r} is neither True nor False: write one of them, without quotation marks.", name
            )
    if switches["laney"] and kind not in WITH_DENOMINATOR:
        raise EvaluationError(
            f"Laney's factor is for P and U charts, not for a {KINDS[kind]}: leave `laney` out.", "laney"
        )


def refuse_target(target: float | str | None) -> None:
    """Refuse a target that is neither a number nor the name of a column.

    Raises
    ------
    EvaluationError
    """
    if target is None or isinstance(target, str):
        return
    if (
        isinstance(target, bool)
        or not isinstance(target, int | float | np.integer | np.floating)
        or not np.isfinite(target)
    ):
        raise EvaluationError(f"target={target!r} is neither a number nor the name of a column.", "target")


def refuse_baseline(baseline: int | None) -> None:
    """Refuse a number of points of which no limits can be made.

    Raises
    ------
    EvaluationError
    """
    if baseline is None:
        return
    if isinstance(baseline, bool) or not isinstance(baseline, int | np.integer) or baseline < 2:
        raise EvaluationError(f"baseline={baseline!r} is no number of points: give 2 or more.", "baseline")
