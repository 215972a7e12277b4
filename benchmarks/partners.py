"""How long the metrics across all partners take, from tables to pages.

``python -m benchmarks.partners`` prints seconds, of one process: rows, limits, rules, icons and sentences of every measure of
``data/control_charts.yml`` at every partner; their pages, as Sphinx is given them; and both once more with nothing changed.
What a page of them takes to become HTML is that of any other page (``benchmarks/book.py``).
Target: at most 60 s for 120 partners and 10 measures, HTML and all.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from evalkit.book.content.book_content import put_in_order
from evalkit.book.page_writer import Pages
from evalkit.book.pages import partners, seven_day
from evalkit.catalogue import Catalogue, find_root, read_catalogue


def main() -> None:
    root = find_root()
    catalogue = read_catalogue(root)
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        there = Path(folder).resolve()
        (there / "data").symlink_to(root / "data")
        moved = replace(catalogue, root=there)
        content = put_in_order(moved, [], [])
        charts = seconds(lambda: content.partner_charts)
        cells = sum(len(one.partners) for one in content.partner_charts)
        print(f"{len(content.partners)} partners, {len(content.partner_charts)} measures, {cells} charts")
        print(f"charts                    {charts:6.1f} s")
        print(f"pages                     {seconds(lambda: write(moved)):6.1f} s")
        print(f"both, nothing changed     {seconds(lambda: write(moved)):6.1f} s")


def write(catalogue: Catalogue) -> None:
    """The pages of partners alone, in a book without evaluations."""
    content = put_in_order(catalogue, [], [])
    pages = Pages(catalogue.root / "pages", catalogue)
    for section in (partners, seven_day):
        for name, page in section.pages(content):
            pages.put(name, page)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
