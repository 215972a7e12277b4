"""On which scale an analysis is that does not say so: one rule for YAML, templates and Python."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from evalkit.intake.exposure import NONE


def default_scale(form: str | None, *, on_days: bool, family: str = "gaussian") -> Mapping[str, bool]:
    """A count is in per cent, and per day where it is counted on days; all else, and figures of which nobody said what
    they are, stays as it is. A count of few events has no logarithm of its own: its model has one."""
    counted = form == "count"
    return {"log": counted and family == "gaussian", "per_day": counted and on_days}


def scale_of_frame(
    frame: pd.DataFrame, outcome: str, log: Any, per_day: Any = False, *, family: str = "gaussian"
) -> tuple[Any, Any]:
    """``log`` and ``per_day`` as they were given; where they are None, as the measure that `ek.load` named has them."""
    about = frame.attrs.get("evalkit", {}) if outcome == "value" else {}
    default = default_scale(about.get("form"), on_days=about.get("exposure") != NONE, family=family)
    return default["log"] if log is None else log, default["per_day"] if per_day is None else per_day
