"""What an estimate over several places says of one of them."""

from dataclasses import dataclass

from evalkit.effect import Effect
from evalkit.report.wording.words import both_ends, signed


@dataclass(frozen=True)
class OwnPart:
    """One place's own estimate, with its interval, as text."""

    estimate: str
    interval: str


def own_part(effect: Effect, label: str) -> OwnPart | None:
    """Of a place by its label; None where the design has estimated none by itself."""
    rows = effect.estimates[(effect.estimates["role"] == "term") & (effect.estimates["term"] == f"att {label}")]
    if rows.empty:
        return None
    in_percent = rows[rows["scale"] == "percent"]
    row = (rows if in_percent.empty else in_percent).iloc[0]
    unit = " points" if row["scale"] == "points" else ""
    return OwnPart(f"{signed(row['estimate'], row['scale'])}{unit}", both_ends(row["low"], row["high"], row["scale"]))
