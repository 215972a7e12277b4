"""Pages of every kind, a module each.

Every module has ``pages(content)``, which gives each page, or group of pages that is written together, with the name by which
it is remembered. A page is a frozen dataclass: its fields are all that it shows, so they are what its template is given and
what says whether it has to be written again. ``write(pages)`` writes it and, of an evaluation, gives what the others say of it.
"""

from evalkit.book.pages import (
    about,
    across,
    api,
    board_pack,
    candidates,
    equity,
    evaluations,
    example_site,
    find,
    glance,
    home,
    independent_results,
    learning,
    measures,
    moved,
    partners,
    places,
    protocols,
    reevaluations,
    routes,
    search,
    seven_day,
    sites,
    staff,
    voices,
    your_words,
)

SECTIONS = (
    home,
    routes,
    board_pack,
    find,
    glance,
    moved,
    reevaluations,
    evaluations,
    across,
    independent_results,
    sites,
    measures,
    partners,
    seven_day,
    equity,
    places,
    staff,
    learning,
    voices,
    your_words,
    example_site,
    protocols,
    candidates,
    about,
    api,
    search,
)
