"""How long building the book takes, beside the layout that Jupyter Book gives by default: ``python -m benchmarks.book``.

``python -m benchmarks.book 200 1000`` makes synthetic books of so many evaluations, each with a page of a notebook with one
PNG and one table. The default layout (flat contents, stock theme and extensions) holds these notebooks alone; this book
holds beside each a page of the evaluation with its figure, and a page of its site: three times as many pages. Medians of
three, from one run: seconds of the clock, and of all processors in brackets. A flat book of more than 200 is left out.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import yaml

from benchmarks.synthetic_book import made_up, make_project, site_id

ROOT = Path(__file__).parents[1]
REPEATS = 3
FLAT_UP_TO = 200
COLD_AGAINST_FLAT = 2.5  # times faster
GROWTH = (200, 1000, 6)  # so many evaluations may cost at most so many times as much as so many


@dataclass(frozen=True)
class Seconds:
    """Of the clock, and of all processors together."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.processor:.1f})"


def timed(command: Sequence[str]) -> Seconds:
    """What a command takes, with all that it starts.

    Raises
    ------
    subprocess.CalledProcessError
        Where it fails.
    """
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Seconds(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def median(measured: Iterable[Seconds]) -> Seconds:
    """Of each of the two."""
    measured = list(measured)
    return Seconds(
        statistics.median(one.wall for one in measured), statistics.median(one.processor for one in measured)
    )


def cold(project: Path) -> Seconds:
    """Jupyter Book from nothing, by its own command."""
    output = project / "_build" / "cold"
    shutil.rmtree(output, ignore_errors=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(project)]
    return timed([*command, "--path-output", str(output)])


def incremental(project: Path, evaluations: int) -> Seconds:
    """This book with so many evaluations, from what is there: the whole command, Python's start included."""
    return timed([sys.executable, "-m", "benchmarks.book", "--publish", str(project), str(evaluations)])


def one_new(project: Path, evaluations: int) -> Seconds:
    """One evaluation and its site more than the book holds, which is left as it was."""
    for name in (f"evaluations/{site_id(evaluations + 1)}", f"sites/{site_id(evaluations + 1)}"):
        assert not (project / "_build" / "html" / "book" / "generated" / name).exists(), "the book holds it already"
    took = incremental(project, evaluations + 1)
    incremental(project, evaluations)
    return took


def make_book(folder: Path, evaluations: int) -> None:
    """This book, published once. One figure is drawn and repeated, as drawing is not what is measured."""
    make_project(folder)
    first: list[str] = []

    def once(figure) -> str:
        if not first:
            first.append(as_svg(figure))
        return first[0]

    from evalkit.report.figures import as_svg

    with patch("evalkit.report.figures.as_svg", once):
        _publish(folder, evaluations)


def make_flat(folder: Path, book: Path, evaluations: int) -> None:
    """The notebooks of ``book`` in the layout of ``jupyter-book create``: one flat list, stock theme and extensions."""
    folder.mkdir()
    settings = {"title": "Flat", "execute": {"execute_notebooks": "off"}}
    (folder / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "intro.md").write_text("# Flat\n\nSynthetic data.\n", encoding="utf-8")
    names = [site_id(number) for number in range(1, evaluations + 1)]
    for name in names:
        source = book / "book" / "generated" / "evaluations" / name / "visits.ipynb"
        shutil.copyfile(source, folder / f"{name}.ipynb")
    contents = {"format": "jb-book", "root": "intro", "chapters": [{"file": name} for name in names]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")


def _publish(folder: Path, evaluations: int) -> None:
    from evalkit.book.build import publish

    catalogue, plans, outcomes = made_up(folder, range(1, evaluations + 1))
    (folder / "results").mkdir(exist_ok=True)
    (folder / "results" / "results.csv").touch()
    publish(folder, catalogue, plans, outcomes, incremental=True)


def _repeated(measure: Callable[[], Seconds]) -> Seconds:
    return median(measure() for _ in range(REPEATS))


def report(sizes: Sequence[int], folder: Path) -> None:
    """Print every figure beside its target."""
    colds = {}
    for size in sizes:
        book = folder / f"book-{size}"
        book.mkdir()
        make_book(book, size)
        colds[size] = _repeated(lambda book=book: cold(book))
        print(f"{size} evaluations, {3 * size} pages and {size} figures of each kind", flush=True)
        print(f"  cold build                     {colds[size]}")
        if size <= FLAT_UP_TO:
            make_flat(folder / f"flat-{size}", book, size)
            flat = _repeated(lambda size=size: cold(folder / f"flat-{size}"))
            times = flat.processor / colds[size].processor
            print(f"  flat layout, {size} pages         {flat}")
            print(f"  faster than flat               {times:.1f} times (target: {COLD_AGAINST_FLAT} or more)")
        print(f"  one new site, incremental      {_repeated(lambda book=book, size=size: one_new(book, size))}")
        print(f"  nothing changed, incremental   {_repeated(lambda book=book, size=size: incremental(book, size))}")
    small, large, most = GROWTH
    if small in colds and large in colds:
        times = colds[large].processor / colds[small].processor
        print(f"{large} evaluations cost {times:.1f} times as much as {small} (target: {most} or less)")


def main() -> None:
    """Measure, or publish one book as a command of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.book", description="How long building the book takes.")
    parser.add_argument("evaluations", nargs="*", type=int, default=[GROWTH[0], GROWTH[1]])
    parser.add_argument("--publish", type=Path, metavar="FOLDER", help="build this book and measure nothing")
    given = parser.parse_args()
    if given.publish is not None:
        _publish(given.publish, given.evaluations[0])
        return
    with tempfile.TemporaryDirectory(prefix="evalkit-book-") as folder:
        report(given.evaluations, Path(folder))


if __name__ == "__main__":
    main()
