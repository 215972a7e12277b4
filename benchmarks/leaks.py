"""What it adds to a build to look for records on people: ``python -m benchmarks.leaks``.

Builds the book of this project (or of ``--project FOLDER``), which takes a run first where anything is due, and then reads it as the
build did: from nothing, as after a change of the rules; when no file has changed; and when one page has. Medians of three, in
seconds of the processor, which other work on the machine disturbs least, and as shares of the build.
"""

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.book import timed
from evalkit.book.sphinx.html import HTML
from evalkit.disclosure.leak_scan import refuse_leaks
from evalkit.disclosure.people import kind_of_number, numbers_in
from evalkit.files import _content_sha256, files_below

ROOT = Path(__file__).parents[1]
REPEATS = 3
AT_MOST = 0.1  # of a build
RANDOM = 1_000_000


def seconds(book: Path, memory: Path, before: Callable[[], object]) -> float:
    """Of the processor, to read a book once, after ``before``."""
    before()
    _content_sha256.cache_clear()  # a build is a process of its own
    start = time.process_time()
    refuse_leaks(memory, {name: f"{book}/{name}" for name in files_below(book)})
    return time.process_time() - start


def report(project: Path) -> None:
    """Print every figure, and the target."""
    command = [sys.executable, "-c", "from evalkit.cli import main; main()", "book"]
    timed(command, project)
    build = timed(command, project)
    print(f"evalkit book, nothing due            {build}", flush=True)
    with tempfile.TemporaryDirectory(prefix="evalkit-leaks-") as folder:
        book, memory = Path(folder, "book"), Path(folder, "memory")
        shutil.copytree(project / HTML, book)
        size = sum(stat.st_size for stat in files_below(book).values()) / 1e6
        print(f"files                                {len(files_below(book))}, {size:.0f} MB")
        page = book / "index.html"
        for what, before in (
            ("everything", lambda: shutil.rmtree(memory, ignore_errors=True)),
            ("nothing changed", lambda: None),
            ("one page changed", lambda: page.write_bytes(page.read_bytes() + b"\n")),
        ):
            took = statistics.median(seconds(book, memory, before) for _ in range(REPEATS))
            print(
                f"read, {what:30} {took:.2f} s, {took / build.processor:.1%} of the build (target: {AT_MOST:.0%} or less)"
            )
    draw = random.Random(1)
    alone = [f"{draw.randrange(10**10):010}" for _ in range(RANDOM)]
    print(
        f"of {RANDOM:,} random ten digits          {sum(kind_of_number(one) is not None for one in alone):,} count as a number"
    )
    for what, text in (
        ("decimals", " ".join(repr(draw.random() * 10 ** draw.randrange(-3, 9)) for _ in range(RANDOM))),
        ("hashes", " ".join(f"{draw.getrandbits(160):040x}" for _ in range(RANDOM))),
        (
            "counts of up to nine digits",
            " ".join(str(draw.randrange(10 ** draw.randrange(1, 10))) for _ in range(RANDOM)),
        ),
    ):
        print(f"of {RANDOM:,} random {what:28} {len(list(numbers_in(text))):,} do")


def main() -> None:
    """Measure one project."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaks", description="What it takes to look for leaks.")
    parser.add_argument("--project", type=Path, default=ROOT, metavar="FOLDER")
    report(parser.parse_args().project.resolve())


if __name__ == "__main__":
    main()
