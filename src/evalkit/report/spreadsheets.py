"""CSV for people who open it in a spreadsheet: no text in it is taken for a formula."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(value: Any) -> Any:
    """A text that a spreadsheet would run begins with an apostrophe (OWASP, CSV injection), and a text stays on its line."""
    if not isinstance(value, str):
        return value
    line = " ".join(value.splitlines()) if value.strip() else value
    return f"'{line}" if line.startswith(BEGINS_A_FORMULA) else line


def csv_of(frame: "pd.DataFrame") -> str:
    """A frame as CSV, without its index."""
    texts = frame.select_dtypes(exclude="number").columns
    safe = frame.assign(**{name: frame[name].map(as_text) for name in texts})
    return safe.to_csv(index=False, lineterminator="\n")
