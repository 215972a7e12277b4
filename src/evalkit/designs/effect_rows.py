"""The tidy rows of an Effect, on the model's scale and on the reader's."""

import math
from typing import Any

import pandas as pd

from evalkit.effect import ESTIMATE_COLUMNS, as_percent
from evalkit.inference.contrast import Contrast
from evalkit.intake.day_contrast import LOGGED


def scale_of(measure_unit: str, log: bool, family: str = "gaussian") -> str:
    """``log`` for a logged outcome or a count, ``log_odds`` for shares, ``points`` for a percentage, else ``unit``.

    A contrast of days may be a logarithm already; its unit says so.
    """
    if family == "binomial":
        return "log_odds"
    if log or family == "poisson" or measure_unit.startswith(LOGGED):
        return "log"
    return "points" if measure_unit.startswith("%") else "unit"


class EffectRows:
    """Collects contrasts as rows. A logged outcome gives two rows each: log, and percent from the interval's ends."""

    def __init__(self, model_scale: str, method: str):
        self.model_scale = model_scale
        self._method = method
        self._rows: list[dict[str, Any]] = []

    def add(
        self,
        role: str,
        term: str,
        contrast: Contrast,
        method: str | None = None,
        cohort: str | None = None,
        scale: str | None = None,
    ) -> None:
        """One more estimate, on the model's scale if no other is named; ``month`` is read from terms such as ``month 12``."""
        scale = scale or self.model_scale
        low, high = (end if math.isfinite(end) else math.nan for end in (contrast.low, contrast.high))
        row: dict[str, Any] = {
            "role": role,
            "term": term,
            "month": float(term.removeprefix("month ")) if term.startswith("month ") else math.nan,
            "cohort": cohort,
            "method": method or self._method,
            "estimate": contrast.estimate,
            "low": low,
            "high": high,
            "std_error": contrast.std_error,
            "p_value": contrast.p_value,
            "df": contrast.df,
            "scale": scale,
        }
        self._rows.append(row)
        if scale == "log":
            percent = {name: as_percent(row[name]) for name in ("estimate", "low", "high")}
            self._rows.append({**row, **percent, "std_error": math.nan, "scale": "percent"})

    def reader_size(self, size: float) -> float:
        """A size on the model's scale as readers are told it: percent (of a fall, the larger) for logs."""
        return as_percent(size) if self.model_scale == "log" else size

    def in_reader_words(self, size: float) -> str:
        """A size on the model's scale in a reader's words, with its sign."""
        shown = self.reader_size(size)
        unit = {"log": "%", "points": " points"}.get(self.model_scale, "")
        return f"{'−' if shown < 0 else ''}{abs(shown):.3g}{unit}"

    def frame(self) -> pd.DataFrame:
        """Every row, in the order added."""
        return pd.DataFrame(self._rows, columns=list(ESTIMATE_COLUMNS))
