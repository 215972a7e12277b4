"""What has been pointed out before, so that every run does not say it all again."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from evalkit.errors import Problem
from evalkit.runs.files import write_if_changed

TOLD = Path("_build", "told.json")


def not_told_before(root: Path, problems: Sequence[Problem]) -> list[Problem]:
    """The problems that the run before did not have; all of them are remembered."""
    before: set[str] = set()
    with suppress(OSError, ValueError, TypeError):
        before = set(json.loads((root / TOLD).read_text(encoding="utf-8")))
    write_if_changed(root / TOLD, json.dumps([str(one) for one in problems]))
    return [one for one in problems if str(one) not in before]
