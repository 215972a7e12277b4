"""How long building the book takes, beside the layout that Jupyter Book gives by default: ``python -m benchmarks.book``.

``python -m benchmarks.book 200 1000`` makes synthetic books of so many evaluation pages, each a notebook with one PNG and one
table: in the default layout (flat contents, stock theme and extensions), and the same pages in the layout of this book. The
whole book, as evalkit writes it, has three pages for an evaluation: its own with a figure, that of its notebook, that of its
site. Medians of three, from one run: seconds of the clock, and of all processors in brackets. A flat book of more than 200 is
left out.
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

from tests.support.synthetic_book import made_up, make_project, site_id

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


def timed(command: Sequence[str], cwd: Path = ROOT) -> Seconds:
    """What a command takes, with all that it starts.

    Raises
    ------
    subprocess.CalledProcessError
        Where it fails.
    """
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, cwd=cwd, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Seconds(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def median(measured: Iterable[Seconds]) -> Seconds:
    """Of each of the two."""
    measured = list(measured)
    return Seconds(
        statistics.median(seconds.wall for seconds in measured),
        statistics.median(seconds.processor for seconds in measured),
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

    from evalkit.report.figures.charts import as_svg

    with patch("evalkit.report.figures.charts.as_svg", once):
        _publish(folder, evaluations)


def make_alike(folder: Path, book: Path, evaluations: int) -> None:
    """The notebooks of ``book`` alone in the layout of this book: no pages that evalkit writes beside them."""
    shutil.copytree(book, folder, ignore=shutil.ignore_patterns("_build", "generated"))
    generated = folder / "book" / "generated"
    for kind in ("evaluations", "sites"):
        (generated / kind).mkdir(parents=True)
        (generated / kind / "index.md").write_text(f"# All {kind}\n", encoding="utf-8")
    (generated / "sites" / "example.md").write_text("# An example (synthetic)\n", encoding="utf-8")
    shutil.copytree(book / "book" / "generated" / "about", generated / "about")
    shutil.copytree(book / "book" / "generated" / "index-parts", generated / "index-parts")
    for number in range(1, evaluations + 1):
        name = Path("evaluations", site_id(number))
        (generated / name).mkdir()
        shutil.copyfile(book / "book" / "generated" / name / "visits.ipynb", generated / name / "index.ipynb")


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
    from evalkit.book.build import build

    catalogue, plans, outcomes = made_up(folder, range(1, evaluations + 1))
    (folder / "results").mkdir(exist_ok=True)
    (folder / "results" / "results.csv").touch()
    build(folder, catalogue, plans, outcomes, incremental=True)


def _repeated(measure: Callable[..., Seconds], *arguments: Path | int) -> Seconds:
    return median(measure(*arguments) for _ in range(REPEATS))


def report(sizes: Sequence[int], folder: Path) -> None:
    """Print every figure beside its target."""
    colds: dict[int, Seconds] = {}
    for size in sizes:
        book, alike, flat = (folder / f"{name}-{size}" for name in ("book", "alike", "flat"))
        book.mkdir()
        make_book(book, size)
        make_alike(alike, book, size)
        print(f"{size} evaluation pages, one PNG and one table each", flush=True)
        colds[size] = _repeated(cold, alike)
        print(f"  layout of this book, cold        {colds[size]}", flush=True)
        if size <= FLAT_UP_TO:
            make_flat(flat, book, size)
            usual = _repeated(cold, flat)
            times = usual.processor / colds[size].processor
            print(f"  flat layout, cold                {usual}")
            print(f"  times faster than flat           {times:.1f} (target: {COLD_AGAINST_FLAT} or more)", flush=True)
        print(f"whole book of {size} evaluations, {3 * size} pages")
        print(f"  cold                             {_repeated(cold, book)}", flush=True)
        print(f"  one new site, incremental        {_repeated(one_new, book, size)}", flush=True)
        print(f"  nothing changed, incremental     {_repeated(incremental, book, size)}", flush=True)
    small, large, most = GROWTH
    if small in colds and large in colds:
        times = colds[large].processor / colds[small].processor
        print(f"{large} evaluation pages cost {times:.1f} times as much as {small} (target: {most} or less)")


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
