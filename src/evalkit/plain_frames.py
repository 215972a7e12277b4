"""Results, frames and numbers as plain values, the same bytes on every machine."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any

import pandas as pd

SIGNIFICANT_DIGITS = 9


def plain(value: Any) -> Any:
    """A value that JSON has: periods as text, what is missing or not finite as None."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, pd.Period):
        return str(value)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def record_to_dict(record: Any) -> dict[str, Any]:
    """A dataclass in plain values: its frames by ``frame_to_dict``, its tuples as lists, what its ``data`` says in order."""
    values: dict[str, Any] = {}
    for attribute in fields(record):
        value = getattr(record, attribute.name)
        if isinstance(value, pd.DataFrame):
            value = frame_to_dict(value)
        elif isinstance(value, tuple):
            value = [asdict(one) if is_dataclass(one) and not isinstance(one, type) else one for one in value]
        elif attribute.name == "data":
            value = json.loads(json.dumps(dict(value), sort_keys=True))
        values[attribute.name] = plain(value)
    return values


def frame_to_dict(frame: pd.DataFrame) -> dict[str, Any]:
    """``{columns, kinds, rows}`` of a frame, in plain values."""
    rows = [[plain(value) for value in row] for row in frame.astype(object).itertuples(index=False, name=None)]
    kinds = ["number" if pd.api.types.is_numeric_dtype(frame[name]) else "other" for name in frame.columns]
    kinds = [
        "flag" if pd.api.types.is_bool_dtype(frame[name]) else kind
        for name, kind in zip(frame.columns, kinds, strict=True)
    ]
    return {"columns": list(frame.columns), "kinds": kinds, "rows": rows}


def frame_from_dict(plain: Mapping[str, Any]) -> pd.DataFrame:
    """The frame that ``frame_to_dict`` wrote; numbers are floats."""
    frame = pd.DataFrame(plain["rows"], columns=plain["columns"], dtype=object)
    for name, kind in zip(plain["columns"], plain["kinds"], strict=True):
        if kind == "number":
            frame[name] = pd.to_numeric(frame[name], errors="raise").astype(float)
        elif kind == "flag":
            frame[name] = frame[name].astype(bool)
    return frame


def rounded_number(value: float | None) -> float | None:
    """To as many digits as every machine gives alike; None where it is no number."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy whose floating columns are so rounded."""
    frame = frame.copy()
    for name in frame.select_dtypes("floating").columns:
        frame[name] = frame[name].map(rounded_number).astype(float)
    return frame
