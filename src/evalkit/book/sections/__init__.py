"""The sections of the book beside the evaluations' own pages: a module each, guessed from the page's name.

Every module has ``inputs(shelf)``, the records and plain values that its pages show, and ``write(pages, shelf)``, which is
called where they have changed.
"""

from evalkit.book.sections import (
    about,
    across,
    evaluations,
    find,
    glance,
    home,
    learning,
    measures,
    protocols,
    routes,
    sites,
)

SECTIONS = (home, routes, find, glance, evaluations, across, sites, measures, learning, protocols, about)
