"""What has been pointed out before, so that every run does not say it all again."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from evalkit.errors import Problem
from evalkit.runs.files import write_if_changed

SEEN_WARNINGS = Path("_build", "told.json")


def not_seen_before(root: Path, problems: Sequence[Problem]) -> list[Problem]:
    """The problems that the run before did not have; all of them are remembered."""
    before: set[str] = set()
    with suppress(OSError, ValueError, TypeError):
        before = set(json.loads((root / SEEN_WARNINGS).read_text(encoding="utf-8")))
    write_if_changed(root / SEEN_WARNINGS, json.dumps([str(problem) for problem in problems]))
    return [problem for problem in problems if str(problem) not in before]
