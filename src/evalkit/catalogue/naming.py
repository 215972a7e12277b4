"""How ids and codes are written together, and how a sentence names several places."""

import re
import unicodedata
from collections.abc import Sequence


def words_in(written: str | Sequence[str]) -> list[str]:
    """Ids or codes, written as a list or as one text with spaces or commas between them."""
    return written.replace(",", " ").split() if isinstance(written, str) else list(written)


def slug(text: str) -> str:
    """An id from a title: lower-case words joined by hyphens."""
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80].strip("-")


def in_one_phrase(names: Sequence[str]) -> str:
    """Names of organisations, two or more, as a sentence lists them."""
    names = sorted((re.sub(r" NHS (Foundation )?Trust$", "", name) for name in names), key=str.casefold)
    comma = "," if any(" and " in name for name in names) and len(names) > 2 else ""
    return f"{', '.join(names[:-1])}{comma} and {names[-1]}"
