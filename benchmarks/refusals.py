"""What a refusal costs: ``python -m benchmarks.refusals``.

Each input that nobody sends in good faith goes into a copy of this project, and `evalkit check` is run on it as a user
would. Every one has to be one or more sentences with exit status 2, within 5 seconds and 500 MB.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.measuring import EVALKIT, MEGABYTE, Row, print_table, say

ROOT = Path(__file__).parents[1]
KEPT = ("data", "book", "_config.yml", "_toc.yml")
SECONDS, MEGABYTES = 5, 500
SITE = "data/sites/weston.yml"
MEASURES = "data/measures.yml"
OWN = "data/tables/own.csv"
HEADER = "org_code,period,measure,numerator\n"
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 11)
)


@dataclass(frozen=True)
class Refusal:
    """What a command said, and what it took: seconds, and megabytes at its peak."""

    status: int
    said: str
    seconds: float
    megabytes: float

    @property
    def is_one(self) -> bool:
        return self.status == 2 and "Traceback" not in self.said and bool(self.said.strip())


def check(root: Path) -> Refusal:
    """Run `evalkit check` there; stopped after a minute."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            ["timeout", "-s", "KILL", "60", *EVALKIT, "check"], cwd=root, stdin=subprocess.DEVNULL, stdout=said,
            stderr=subprocess.STDOUT, env={**os.environ, "EVALKIT_ROOT": str(root), "NO_COLOR": "1"},
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        taken = time.perf_counter() - begun
        said.seek(0)
        return Refusal(os.waitstatus_to_exitcode(status), said.read(), taken, used.ru_maxrss * 1024 / MEGABYTE)


def _field(text: str) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        path = root / SITE
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([f"context: {text}", *(li for li in lines if not li.startswith("context:"))]) + "\n")

    return spoil


def _file(name: str, content: str | bytes, mode: str = "w") -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        path = root / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            with path.open(mode, encoding="utf-8") as file:
                file.write(content)

    return spoil


def _table(content: str) -> Callable[[Path], None]:
    """A table of a site's own that is described."""

    def spoil(root: Path) -> None:
        (root / OWN).write_text(content, encoding="utf-8")
        path = root / "data" / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        kinds = {"org_code": "string", "period": "date", "measure": "string", "numerator": "number"}
        package["resources"].append(
            {
                "name": "own", "path": "tables/own.csv", "title": "Own", "description": "Own.",
                "sources": [{"title": "The site"}], "licenses": [{"name": "none"}],
                "schema": {"fields": [{"name": name, "type": kind, "description": name} for name, kind in kinds.items()]},
                "evalkit": {"shape": "long", "grain": "month", "disclosure": {"rule": "own_figures", "because": "Its own."}},
            }
        )  # fmt: skip
        path.write_text(json.dumps(package), encoding="utf-8")

    return spoil


def _place(name: str, make: Callable[[Path], None]) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        (root / name).unlink(missing_ok=True)
        make(root / name)

    return spoil


def _annotation(written: str) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        for path in (root / "book" / "notebooks").glob("*.ipynb"):
            notebook = json.loads(path.read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                if "parameters" in cell["metadata"].get("tags", []):
                    cell["source"] = [f"site: {written} = 'x'\n", *cell["source"]]
            path.write_text(json.dumps(notebook), encoding="utf-8")

    return spoil


def _replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text, (name, old)
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def _first(pattern: str, old: str, new: str) -> Callable[[Path], None]:
    """In the first file below ``data`` that holds ``old``."""

    def spoil(root: Path) -> None:
        path = next(p for p in sorted((root / "data").glob(pattern)) if old in p.read_text(encoding="utf-8"))
        _replaced(str(path.relative_to(root)), old, new)(root)

    return spoil


def _evaluation(old: str, new: str) -> Callable[[Path], None]:
    return _first("evaluations/*.yml", old, new)


def _many(form: str) -> str:
    return ", ".join(form.format(n) for n in range(49_000))


def _analyses(number: int) -> Callable[[Path], None]:
    """As many analyses with an end that the intervention has not."""

    def spoil(root: Path) -> None:
        path = root / "data" / "evaluations" / "weston-overnight-closure-2017.yml"
        text = path.read_text(encoding="utf-8")
        one = (
            "  - {{id: more-{n}, title: More, role: secondary, template: interrupted-time-series, expected: decrease,"
            " parameters: {{site: weston, measure: ae-attendances-all, interruption: '2017-07-04', end: '2018-06-30'}}}}\n"
        )
        path.write_text(text.rstrip("\n") + "\n" + "".join(one.format(n=n) for n in range(number)), encoding="utf-8")

    return spoil


def _rows(number: int, last: str) -> str:
    """As many rows as are asked for, of which the last cannot be read."""
    months = [f"{year}-{month:02d}" for year in range(1900, 2100) for month in range(1, 13)]
    rows = [f"RA3,{months[n % len(months)]},m{n // len(months)},{n % 97}\n" for n in range(number)]
    return "".join([HEADER, *rows, last])


# Made when they are needed: what this process holds would count as memory of the commands it starts.
INPUTS: dict[str, Callable[[], Callable[[Path], None]]] = {
    "3,000 levels deep": lambda: _field("[" * 3_000 + "]" * 3_000),
    "100,000 brackets": lambda: _field("[" * 100_000),
    "100,000 fields in each other": lambda: _field("{a: " * 100_000),
    "50,000 dashes": lambda: _field("\n  " + "- " * 50_000 + "x"),
    "aliases that multiply": lambda: _file(SITE, LAUGHS),
    "an alias of itself": lambda: _field("&a [*a]"),
    "a wide list": lambda: _field("[" + "x, " * 300_000 + "]"),
    "a text of 900,000 characters": lambda: _field("'" + "x" * 900_000 + "'"),
    "a record of 100 MB": lambda: _file(SITE, "x: " + "y" * 100_000_000),
    "a number without end": lambda: _replaced(MEASURES, "value: ", "value: .inf #"),
    "9 repeated 100,000 times": lambda: _replaced(MEASURES, "value: ", f"value: {'9' * 100_000} #"),
    "control characters": lambda: _field("'A\x1b[31m'"),
    "direction marks": lambda: _field("'A\u202eb'"),
    "a mapping for a word": lambda: _replaced("data/vocabularies.yml", "whole-system-flow: ", "whole-system-flow: {a: b} #"),
    "a body of brackets": lambda: _file("data/learning/x.md", "---\nid: x\n---\n" + "[a](" * 200_000 + "*" * 100_000),
    "an id that is kept": lambda: _file("data/sites/con.yml", (ROOT / SITE).read_text(encoding="utf-8").replace("id: weston", "id: con")),
    "an id that looks alike": lambda: _file("data/sites/west0n.yml", (ROOT / SITE).read_text(encoding="utf-8").replace("id: weston", "id: west0n")),
    "a link to /etc/passwd": lambda: _place("data/learning/x.md", lambda path: path.symlink_to("/etc/passwd")),
    "a link to /dev/zero": lambda: _place(SITE, lambda path: path.symlink_to("/dev/zero")),
    "a link to itself": lambda: _place("data/sites/x.yml", lambda path: path.symlink_to(path.name)),
    "a link to its folder": lambda: _place("data/sites/x", lambda path: path.symlink_to(path.parent)),
    "a pipe": lambda: _place(OWN, os.mkfifo),
    "a CSV of 500 MB": lambda: _table(HEADER + "RA3,2017-01,m,5\n" * 31_250_000),
    "a CSV of 8 MB, one bad cell": lambda: _table(_rows(410_000, "RA3,2017-01,m,x\n")),
    "a CSV of 8 MB, all cells bad": lambda: _table(HEADER + "RA3,x,m,y\n" * 790_000),
    "a CSV of 8 MB, all rows twice": lambda: _table(HEADER + "RA3,2017-01,m,5\n" * 490_000),
    "a CSV of 8 MB, a row too short": lambda: _table(_rows(410_000, "RA3\n")),
    "a CSV of one line of 8 MB": lambda: _table("a," * 3_900_000),
    "a cell of 200,000 characters": lambda: _table(f"{HEADER}RA3,2017-01,{'m' * 200_000},5\n"),
    "a quotation mark that stays open": lambda: _table(f'{HEADER}"' + "RA3,2017-01,m,5\n" * 490_000),
    "infinite numbers in a CSV": lambda: _table(f"{HEADER}RA3,2017-01,m,inf\n"),
    "nulls in a CSV": lambda: _table(f"{HEADER}RA3,2017-01,m,\0\n"),
    "not UTF-8": lambda: _file(MEASURES, b"\xff\xfe" * 1000),
    "organisations of 1 MB": lambda: _file("data/organisations.csv", "org_code,name\n" + "ra3,x\n" * 160_000),
    "organisations of 20 MB": lambda: _file("data/organisations.csv", "org_code,name\n" + "ra3,x\n" * 3_000_000),
    "an annotation that computes": lambda: _annotation("9**9**9"),
    "an annotation that runs": lambda: _annotation("__import__('os').system('touch ran') or str"),
    "an annotation 5,000 deep": lambda: _annotation("list[" * 5_000 + "str" + "]" * 5_000),
    "a notebook of 100 MB": lambda: _file("book/notebooks/controlled-interrupted-time-series.ipynb", '{"cells": [' + "1," * 50_000_000),
    "a CSV of 600,000 columns": lambda: _table(HEADER.strip() + "".join(f",c{n}" for n in range(600_000)) + "\n"),
    "190,000 codes that are not there": lambda: _table(HEADER + "".join(f"X{n:05d},2017-01,m,5\n" for n in range(190_000))),
    "49,000 comparators, one twice": lambda: _evaluation("comparators: [", f"comparators: [{_many('X{:05d}')}, X00001, "),
    "49,000 comparators that are not there": lambda: _evaluation("comparators: [", f"comparators: [{_many('X{:05d}')}, "),
    "49,000 themes that are not there": lambda: _first("learning/*.md", "themes: [", f"themes: [{_many('word-{}')}, "),
    "a window that no table holds": lambda: _evaluation('first: "20', 'first: "19'),
    "a headline beyond the figures": lambda: _evaluation("headline: level", "headline: month 999"),
    "1,200 analyses that cannot be run": lambda: _analyses(1_200),
    "24,000 fields that are not there": lambda: _file(SITE, "".join(f"f{n}: x\n" for n in range(24_000)), "a"),
    "JSON 100,000 deep": lambda: _file("data/datapackage.json", "[" * 100_000),
}  # fmt: skip


def main() -> None:
    rows, wrong = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, what in enumerate(INPUTS):
            root = Path(folder, str(number))
            for name in KEPT:
                source = ROOT / name
                if source.is_dir():
                    shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("generated"))
                else:
                    shutil.copy2(source, root / name)
            subprocess.run([sys.executable, "-m", "benchmarks.refusals", what, str(root)], check=True, cwd=ROOT)
            seen = check(root)
            shutil.rmtree(root)
            say(
                f"{what}: status {seen.status}, {seen.seconds:.1f} s, {seen.megabytes:.0f} MB: {_first_line(seen.said)}"
            )
            rows += [Row(f"{what}: time", seen.seconds, "s", SECONDS), Row("  memory", seen.megabytes, "MB", MEGABYTES)]
            wrong += [] if seen.is_one else [what]
    print_table(rows)
    sys.exit(f"no sentence with status 2: {', '.join(wrong)}" if wrong else 0)


def _first_line(said: str) -> str:
    lines = [line for line in said.splitlines() if "(worth a look)" not in line]
    return (lines or [""])[0][:160]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        INPUTS[sys.argv[1]]()(Path(sys.argv[2]))
    else:
        main()
