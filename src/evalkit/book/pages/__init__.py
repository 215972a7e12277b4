"""Pages of every kind, a module each: an evaluation's own (``evaluation``), and the sections of the book.

Every section has ``inputs(content)``, the records and plain values that its pages show, and ``write(pages, content)``, which is
called where they have changed.
"""

from evalkit.book.pages import (
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
