"""What a chart of counts may be made of, and what it draws."""

from collections.abc import Callable

import numpy as np

from evalkit.charts.lines import KINDS, WITH_DENOMINATOR
from evalkit.errors import EvaluationError

COUNTED = (*WITH_DENOMINATOR, "c")


def drawn_values(
    kind: str,
    counts: np.ndarray,
    wholes: np.ndarray,
    columns: tuple[str, str | None],
    where: Callable[[int], str],
) -> np.ndarray:
    """The values that are drawn, before they are multiplied: shares, rates, counts or measurements.

    A share or a rate of nobody is missing, and so is one whose denominator is.

    Parameters
    ----------
    counts, wholes : of one shape
        What the two ``columns``, outcome and denominator, hold.
    where : callable
        Says in words where a place, counted row by row, is.

    Raises
    ------
    EvaluationError
        Naming the column and place of a count that cannot be one.
    """
    outcome, denominator = columns

    def refuse(wrong: np.ndarray, column: str | None, what: str) -> None:
        if wrong.any():
            raise EvaluationError(f"Column `{column}` {what} in {where(int(wrong.argmax()))}: correct it.")

    if kind in (*COUNTED, "g"):
        fraction = np.isfinite(counts) & (counts != np.floor(counts))
        refuse(fraction, outcome, f"is no whole number, and a {KINDS[kind]} is made of counts,")
    if kind in (*COUNTED, "g", "t"):
        refuse(counts < 0, outcome, "is below nought")
    if kind not in WITH_DENOMINATOR:
        return counts
    refuse(wholes < 0, denominator, "is below nought")
    refuse((wholes == 0) & (counts > 0), outcome, f"counts something where column `{denominator}` is nought,")
    if kind == "p":
        refuse(counts > wholes, outcome, f"is more than its denominator in column `{denominator}`")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(wholes > 0, counts / wholes, np.nan)
