"""What a command keeps for the next one: JSON that holds the hash of its own content, so that what was damaged is nothing."""

import json
from pathlib import Path
from typing import Any

from evalkit.runs.files import sha256_of, write_if_changed

SHA256 = "content_sha256"


def write_kept(path: Path, content: dict[str, Any]) -> None:
    """Keep plain values."""
    write_if_changed(path, json.dumps({**content, SHA256: sha256_of(content)}))


def read_kept(path: Path) -> dict[str, Any]:
    """What was kept; empty where there is nothing, or not as it was written."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        written = kept.pop(SHA256)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return kept if sha256_of(kept) == written else {}
