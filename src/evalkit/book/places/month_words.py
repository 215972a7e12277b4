"""Months in words, as pages of places tell them."""

from collections.abc import Sequence

from evalkit.report.wording.words import month_name


def apart(first: str, last: str) -> int:
    """How many months there are from one to another, both counted."""
    years, months = int(last[:4]) - int(first[:4]), int(last[5:]) - int(first[5:])
    return 12 * years + months + 1


def span(months: Sequence[str]) -> str:
    """``from June 2024 to May 2025``, and how many of them have reasons where these are fewer."""
    first, last, count = months[0], months[-1], len(months)
    if first == last:
        return f"in {month_name(last)}"
    return f"from {month_name(first)} to {month_name(last)}" + (
        "" if count == apart(first, last) else f" ({count} months with reasons)"
    )


def months_in_words(months: Sequence[str]) -> str:
    """Months, those that follow on each other as one: ``June 2024, August 2024 to October 2024``."""
    runs: list[list[str]] = []
    for month in sorted(months):
        if runs and apart(runs[-1][-1], month) == 2:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(
        month_name(run[0]) if len(run) == 1 else f"{month_name(run[0])} to {month_name(run[-1])}" for run in runs
    )
