"""What has been pointed out before, so that every run does not say it all again."""

from collections.abc import Sequence
from pathlib import Path

from evalkit.errors import Problem
from evalkit.runs.state.complete_run import whole

NAME = "warnings"


def not_seen_before(root: Path, problems: Sequence[Problem]) -> list[Problem]:
    """The problems that the run before did not have; all of them are remembered."""
    kept = whole(root).entry(NAME)
    whole(root).remember(NAME, {}, [str(problem) for problem in problems])
    before = set(kept.content) if kept else set()
    return [problem for problem in problems if str(problem) not in before]
