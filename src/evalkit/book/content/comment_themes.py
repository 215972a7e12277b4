"""What patients' comments were about, in the labelled sample; which of it the measures of this book ask, and what none asks."""

import csv
from dataclasses import dataclass

from evalkit.catalogue import Catalogue

TABLE = "comment-themes-2021-2022"
WITHHELD = "*"
FEW = 4  # themes that are told without opening the table
# Rows that are no theme of care.
UNLABELLED, UNASSIGNED = NO_THEME = ("Labelling not possible", "Not assigned")
AS_PUBLISHED = ("Referals & continuity of care", "Safeguarding concerns?")  # spelled so by the publisher


@dataclass(frozen=True)
class ThemeRow:
    """A theme with its comments of each service; ``measures`` are ids and names of those that ask the same."""

    theme: str
    counts: tuple[str, ...]
    measures: list[tuple[str, str]]
    as_published: bool


@dataclass(frozen=True)
class ServiceComments:
    """Comments on one service: how many, how many could not be labelled or were given no theme, and the themes most had."""

    kind: str
    comments: int
    unlabelled: int
    unassigned: int
    most: list[tuple[str, str]]


@dataclass(frozen=True)
class CommentThemes:
    """The sample: services by their kind, every row, and which themes of care no measure asks.

    Attributes
    ----------
    services : list of ServiceComments
        Of each kind of service.
    unmeasured : list of ThemeRow
        Themes of care that no measure asks.
    without : int
        How many of those no comment of the sample has.
    others : list of (str, str)
        Id and name of each measure that asks after none of the themes.
    """

    title: str
    kinds: list[str]
    rows: list[ThemeRow]
    services: list[ServiceComments]
    measured: list[ThemeRow]
    unmeasured: list[ThemeRow]
    without: int
    others: list[tuple[str, str]]


def comment_themes(catalogue: Catalogue) -> CommentThemes | None:
    """What there is of the sample; None in a project without its table, or with none of its rows."""
    table = catalogue.tables.get(TABLE)
    services = list(catalogue.comment_services.values())
    if table is None or not services:
        return None
    asked = {theme.theme: theme.measures for theme in catalogue.comment_themes.values()}
    named = {id: measure.name for id, measure in catalogue.measures.items()}
    with (catalogue.root / "data" / table.path).open(newline="", encoding="utf-8") as file:
        counted = {(row["theme"], row["org_code"]): row["comments"] for row in csv.DictReader(file)}
    rows = [
        ThemeRow(
            theme,
            tuple(_shown(counted[theme, service.org_code]) for service in services),
            [(id, named[id]) for id in asked.get(theme, ())],
            theme in AS_PUBLISHED,
        )
        for theme in dict.fromkeys(theme for theme, _ in counted)
    ]
    if not rows:
        return None
    unmeasured = [row for row in rows if not row.measures and row.theme not in NO_THEME]
    used = {id for measures in asked.values() for id in measures}
    return CommentThemes(
        table.title,
        [service.kind for service in services],
        rows,
        [
            ServiceComments(
                service.kind,
                service.comments,
                int(counted[UNLABELLED, service.org_code]),
                int(counted[UNASSIGNED, service.org_code]),
                _most(counted, service.org_code),
            )
            for service in services
        ],
        [row for row in rows if row.measures],
        unmeasured,
        sum(set(row.counts) == {"0"} for row in unmeasured),
        sorted(((id, name) for id, name in named.items() if id not in used), key=lambda one: one[1].casefold()),
    )


def _most(counted: dict[tuple[str, str], str], code: str) -> list[tuple[str, str]]:
    """Themes of care by how many comments have them, those of equal numbers by name."""
    known = [(int(count), theme) for (theme, of), count in counted.items() if of == code and count != WITHHELD]
    of_care = sorted((-count, theme) for count, theme in known if theme not in NO_THEME)
    return [(theme, f"{-count:,}") for count, theme in of_care[:FEW]]


def _shown(count: str) -> str:
    return "1 to 4" if count == WITHHELD else f"{int(count):,}"
