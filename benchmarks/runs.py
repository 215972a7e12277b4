"""The run engine beside its targets, from one run on this machine: ``python -m benchmarks.runs [a b c d e]``.

a: 100 analyses against a papermill loop over the same notebooks. b: overhead per notebook. c: one new site in a book of
200. d: memory. e: how soon the command answers. Without a letter all of them; ``--quick`` takes few sites and one repeat,
to see that the benchmark itself works. Medians; times on an idle machine only.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.support.invented import WAVES, InventedPlace
from tests.support.lean_template import LEAN, LEFT_OUT, TEMPLATE, without_checks
from tests.support.measuring import MEGABYTE, Ran, Row, TimedProject, print_table, say, watch
from tests.support.programme import add_site, make_programme, notebooks

MONTHS = 60
JOBS = (os.cpu_count() or 1) + 1  # the default of `evalkit run`, named so that the overhead is counted for as many
HEAVY = ("pandas", "statsmodels", "seaborn", "sphinx")


@dataclass
class Bench:
    """Sizes, and what was measured so far, so that parts share it."""

    folder: Path
    quick: bool
    loops: dict[str, list[float]] = field(default_factory=dict)
    runs: dict[tuple[str, int], list[Ran]] = field(default_factory=dict)

    @property
    def repeats(self) -> int:
        return 1 if self.quick else 3

    @property
    def analyses(self) -> int:
        return 6 if self.quick else 100

    @property
    def sample(self) -> int:
        """Notebooks of the papermill loop, in each repeat."""
        return 2 if self.quick else 8

    @property
    def book(self) -> int:
        return 8 if self.quick else 200

    @property
    def long_run(self) -> int:
        return 100 if self.quick else 1000

    def programme(self, name: str, sites: int) -> TimedProject:
        """A new programme; all programmes share one cache of calibrations."""
        here = TimedProject(self.folder / name, self.folder / "cache")
        make_programme(here.root, sites, MONTHS)
        say(f"  {name}: {sites} invented sites x {MONTHS} months")
        return here


def warm_up(here: TimedProject) -> None:
    """One analysis of each wave: a model's calibration table is made once on a machine, and is no part of the engine."""
    here.seconds("run", *(InventedPlace(number).evaluation for number in range(1, WAVES + 1)))


@contextmanager
def environment(values: dict[str, str]):
    """``os.environ`` as the commands have it."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def papermill_loop(here: TimedProject, sample: int) -> list[float]:
    """Seconds of each of the first ``sample`` notebooks, run by papermill one after another."""
    import papermill

    taken = []
    with tempfile.TemporaryDirectory() as folder, environment(here.environment):
        for number, (_, template, parameters) in enumerate(notebooks(here.root)[:sample]):
            begun = time.perf_counter()
            papermill.execute_notebook(
                template, Path(folder, f"{number}.ipynb"), parameters=parameters, kernel_name="python3",
                progress_bar=False, log_output=False, extra_arguments=["--IPKernelApp.log_level=50"],
            )  # fmt: skip
            taken.append(time.perf_counter() - begun)
    return taken


def runs_of(bench: Bench, template: str, with_loop: bool) -> None:
    """Runs of all analyses, one at a time and several, and the loop between them, so that all see the same machine."""
    if (template, 1) in bench.runs:
        return
    here = bench.programme(template, bench.analyses)
    if template == LEAN:
        without_checks(here.root)
    warm_up(here)
    for repeat in range(1, bench.repeats + 1):
        if with_loop:
            taken = papermill_loop(here, bench.sample)
            bench.loops.setdefault(template, []).extend(taken)
            say(f"  repeat {repeat}: papermill loop {median(taken):.2f} s a notebook (median of {len(taken)})")
        for jobs in (1, JOBS):
            ran = here.logged("--force", "--jobs", str(jobs))
            if len(ran.lines) != bench.analyses:
                raise SystemExit(f"The run log has {len(ran.lines)} new lines for {bench.analyses} analyses.")
            bench.runs.setdefault((template, jobs), []).append(ran)
            say(
                f"  repeat {repeat}: evalkit run --jobs {jobs} {ran.wall:.1f} s, {ran.per_notebook:.2f} s a notebook"
                f" (its cells {ran.of_cells:.2f} s; processors {ran.processor / len(ran.lines):.2f} s)"
            )


def loop_against_engine(bench: Bench) -> list[Row]:
    """Part a."""
    rows = []
    for template, called in ((LEAN, "checks switched off"), (TEMPLATE, "full template")):
        say(f"a. {bench.analyses} analyses, {called}" + (f" ({LEFT_OUT})" if template == LEAN else ""))
        runs_of(bench, template, with_loop=True)
        each = median(bench.loops[template])
        loop = each * bench.analyses
        say(
            f"  loop: {each:.2f} s a notebook (median of {len(bench.loops[template])}) x {bench.analyses} = {loop:.0f} s"
        )
        target = 10.0 if template == LEAN else None
        rows.append(Row(f"a. {called}: papermill loop, median x {bench.analyses}", loop, "s"))
        for jobs, aim in ((JOBS, target), (1, None)):
            wall = median(ran.wall for ran in bench.runs[template, jobs])
            rows.append(Row(f"a. {called}: evalkit run, jobs {jobs}", wall, "s"))
            rows.append(Row(f"a. {called}: times faster, jobs {jobs}", loop / wall, "times", aim, at_least=True))
    return rows


def overhead(bench: Bench) -> list[Row]:
    """Part b."""
    say(f"b. overhead per notebook: {bench.analyses} analyses, full template")
    runs_of(bench, TEMPLATE, with_loop=False)
    rows = []
    for jobs, called, target in ((1, "serial", 0.4), (JOBS, f"throughput, jobs {JOBS}", 0.2)):
        ran = bench.runs[TEMPLATE, jobs]
        seen = median(run.overhead(jobs) for run in ran)
        inside = median(
            median(line["seconds"] - line.get("cell_seconds", float("nan")) for line in run.lines) for run in ran
        )
        say(f"  {called}: the median notebook spends {inside:.2f} s of its worker outside its cells")
        rows.append(Row(f"b. wall a notebook, {called}", median(run.per_notebook for run in ran), "s"))
        rows.append(Row(f"b. its cells' own time, {called}", median(run.of_cells for run in ran), "s"))
        rows.append(Row(f"b. overhead a notebook, {called} (whole command)", seen, "s", target))
    return rows


def one_new_site(bench: Bench) -> list[Row]:
    """Part c: by the one command that checks, runs and builds, and by two commands for information."""
    say(f"c. a new site in a book of {bench.book}")
    here = bench.programme("book", bench.book)
    warm_up(here)
    whole, new, apart, idle = [], [], [], []
    for repeat in range(1, bench.repeats + 1):
        here.seconds("clean")
        whole.append(here.seconds("book"))
        say(f"  repeat {repeat}: book from nothing {whole[-1]:.1f} s")
    here.seconds("build", "--incremental")  # the author at work has built this way before
    for repeat in range(1, bench.repeats + 1):
        add_site(here.root)
        before = len(here.log())
        new.append(here.seconds("book", "--incremental"))
        if len(here.log()) != before + 1:
            raise SystemExit(f"One site was added, but {len(here.log()) - before} analyses ran.")
        idle.append(here.seconds("run"))
        add_site(here.root)
        ran, built = here.seconds("run"), here.seconds("build", "--incremental")
        apart.append(ran + built)
        say(f"  repeat {repeat}: new site, book --incremental {new[-1]:.2f} s; run {ran:.2f} s + build {built:.2f} s")
        say(f"  repeat {repeat}: nothing due, run {idle[-1]:.2f} s")
    return [
        Row(f"c. book of {bench.book} from nothing", median(whole), "s"),
        Row("c. book --incremental after one new site", median(new), "s"),
        Row("c. the second as a share of the first", 100 * median(new) / median(whole), "%", 5.0),
        Row("c. run, then build --incremental, as a share", 100 * median(apart) / median(whole), "%"),
        Row(f"c. evalkit run, nothing due of {bench.book}", median(idle), "s", 1.0),
    ]


def memory(bench: Bench) -> list[Row]:
    """Part d."""
    say(f"d. memory in a run of {bench.long_run} analyses, jobs {JOBS}")
    here = bench.programme("long", bench.long_run)
    warm_up(here)
    seen = watch(here, "run", "--force", "--jobs", str(JOBS))
    if not seen.kernels:
        raise SystemExit("No kernel was seen below the process of `evalkit run`: do its kernels leave it?")
    mark = 100 if bench.long_run > 100 else 20
    say(f"  {len(seen.kernels)} kernels seen; own memory of the median one {median(seen.kernels) / MEGABYTE:.0f} MB")
    if seen.between:
        largest = max(seen.between) / MEGABYTE
        say(f"  {len(seen.between)} processes between the command and its kernels, the largest {largest:.0f} MB (USS)")
    later = seen.parent_from(mark)
    if not later:
        raise SystemExit(f"The run ended before the memory at analysis {mark} was seen.")
    last = [rss for rss in seen.parent_from(bench.long_run - JOBS) if rss][:1] or later[-1:]
    at_mark, at_last, at_end = later[0] / MEGABYTE, last[0] / MEGABYTE, max(later) / MEGABYTE
    return [
        Row("d. own memory (USS) of a worker's kernel at its peak, largest", max(seen.kernels) / MEGABYTE, "MB", 250.0),
        Row(f"d. parent (RSS) after {mark} analyses", at_mark, "MB"),
        Row(f"d. parent (RSS) after {bench.long_run - JOBS} analyses", at_last, "MB"),
        Row("d. parent (RSS), highest until the end, results written", at_end, "MB"),
        Row(f"d. the parent's growth from {mark} analyses to the last", 100 * (at_last / at_mark - 1), "%", 5.0),
        Row(f"d. the parent's growth from {mark} analyses to its highest", 100 * (at_end / at_mark - 1), "%", 5.0),
    ]


def first_answer(bench: Bench) -> list[Row]:
    """Part e."""
    say("e. import and help, medians of 7")
    help_shown = "import sys; sys.argv = ['evalkit', '--help']\nfrom evalkit.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
    cases = (
        ("python, nothing imported", "pass", None),
        ("import evalkit", "import evalkit", 0.3),
        ("evalkit --help", help_shown, 0.4),
    )
    rows = []
    for name, code, target in cases:
        seconds = median(_wall([sys.executable, "-c", code]) for _ in range(7))
        rows.append(Row(f"e. {name}", seconds, "s", target))
        if target is not None:
            loaded = _loaded(code)
            say(f"  {name}: {', '.join(loaded) if loaded else 'none'} of {', '.join(HEAVY)} loaded")
            rows.append(Row(f"e. {name}: heavy libraries loaded", len(loaded), "", 0))
    return rows


def _wall(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def _loaded(code: str) -> list[str]:
    """The heavy libraries that a process has loaded once ``code`` has run."""
    ask = f"\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code + ask], check=True, capture_output=True, text=True)
    return done.stderr.split()


PARTS: dict[str, Callable[[Bench], list[Row]]] = {
    "a": loop_against_engine,
    "b": overhead,
    "c": one_new_site,
    "d": memory,
    "e": first_answer,
}


def main() -> None:
    """Measure the parts asked for and print them beside their targets."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runs", description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="a b c d e; all where none is named")
    parser.add_argument("--quick", action="store_true", help="few sites and one repeat")
    given = parser.parse_args()
    if unknown := sorted(set(given.parts) - set(PARTS)):
        parser.error(f"{unknown[0]} is not a part: use {', '.join(PARTS)}.")
    rows = []
    with tempfile.TemporaryDirectory(prefix="evalkit-bench-") as folder:
        bench = Bench(Path(folder), given.quick)
        for part, measure in PARTS.items():
            if not given.parts or part in given.parts:
                rows += measure(bench)
    say(f"\n{os.cpu_count()} cores" + (", quick: few sites, one repeat, so not for judging" if given.quick else ""))
    print_table(rows)


if __name__ == "__main__":
    main()
