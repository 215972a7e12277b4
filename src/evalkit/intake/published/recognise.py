"""Which published layout a file has, by its headings."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue.records.published_files import PublishedFile
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.people import names_a_person, without_numbers
from evalkit.errors import Problem, named, repeated

HEADER_AT_MOST = 20_000  # bytes
HEADING_SHOWN = 80  # characters
NEARLY = 0.75  # of a layout's headings that are there


@dataclass(frozen=True)
class Known:
    """A table, a layout in which its months are published, and under which heading of the file each column stands."""

    table: Table
    layout: PublishedFile
    heading_of: dict[str, str]


def recognised(path: Path, tables: Iterable[Table]) -> tuple[Known | None, list[Problem]]:
    """The layout of a CSV whose headings are exactly those of one; of one that is nearly so, what is other in it.

    A file that is none, cannot be read, or is not there gives nothing: others say what is wrong with it.
    """
    headings = _headings(path)
    candidates = [(table, layout) for table in tables for layout in table.layout.published_files]
    for table, layout in candidates:
        heading_of = {column: _there(spelled, headings) for column, spelled in layout.columns.items()}
        wanted = [layout.period.heading, *layout.left_out, *(heading for heading in heading_of.values() if heading)]
        if all(heading_of.values()) and sorted(wanted) == sorted(headings):
            return Known(table, layout, {column: str(heading) for column, heading in heading_of.items()}), []
    near = ((_nearness(layout, headings), table, layout) for table, layout in candidates)
    nearness, table, layout = max(near, key=lambda one: one[0], default=(0.0, None, None))
    if table is None or layout is None or nearness < NEARLY:
        return None, []
    return None, [_nearly(path, headings, table, layout)]


def _headings(path: Path) -> list[str]:
    if path.suffix.lower() != ".csv":
        return []
    try:
        with path.open("rb") as file:
            line = file.readline(HEADER_AT_MOST).decode("utf-8-sig")
        headings = [heading.strip() for heading in next(csv.reader([line], strict=True), [])]
    except (OSError, UnicodeDecodeError, csv.Error):
        return []
    while headings and not headings[-1]:  # spreadsheets write commas for empty columns
        headings.pop()
    return headings


def _there(spelled: Sequence[str], headings: Sequence[str]) -> str | None:
    return next((heading for heading in spelled if heading in headings), None)


def _nearness(layout: PublishedFile, headings: Sequence[str]) -> float:
    wanted = [[layout.period.heading], *layout.columns.values(), *([heading] for heading in layout.left_out)]
    return sum(_there(spelled, headings) is not None for spelled in wanted) / len(wanted)


def _nearly(path: Path, headings: Sequence[str], table: Table, layout: PublishedFile) -> Problem:
    wanted = [[layout.period.heading], *layout.columns.values(), *([heading] for heading in layout.left_out)]
    missing = [spelled[0] for spelled in wanted if _there(spelled, headings) is None]
    new = [heading for heading in headings if heading not in layout.headings]
    twice = repeated(headings)
    said = [
        f"{_in_words(headings)} {verb}"
        for headings, verb in (
            (missing, "missing"), (new, "not known there"), (twice, "there twice"),
        ) if headings
    ] or ["two spellings of one heading are there"]  # fmt: skip
    what = (
        f"has nearly the headings of `{layout.name}`, but {' and '.join(said)}, so it is read as any other file; where the"
        f" published layout has changed, write the heading into `published_files` of {table.name} in data/datapackage.json."
    )
    return Problem(path.name, 1, what, "look")


def _in_words(headings: Sequence[str]) -> str:
    shown = [_shown(heading) for heading in headings]
    return f"{named(shown)} {'is' if len(shown) == 1 else 'are'}"


def _shown(heading: str) -> str:
    """A heading of somebody else's file, where it says nothing of a person."""
    if not heading:
        return "a column without a heading"
    if names_a_person(heading):
        return "a heading that may identify people"
    return f"`{without_numbers(heading)[:HEADING_SHOWN]}`"
