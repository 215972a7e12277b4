"""The typeface of the figures, which is that of the pages: the same pictures on every machine.

The files come from `subset`; the pages have theirs, as woff2, in ``book/_static/fonts``.
"""

from pathlib import Path

from matplotlib import font_manager

FOLDER = Path(__file__).parent
FAMILY = ["evalkit Sans", "DejaVu Sans"]  # the second comes with matplotlib, for characters that the first lacks
# By weight. The names carry the version: another one is other code, and figures are drawn again.
FACES = {400: "source-sans-3.052-regular.ttf", 700: "source-sans-3.052-semibold.ttf"}

for name in FACES.values():
    font_manager.fontManager.addfont(FOLDER / name)
