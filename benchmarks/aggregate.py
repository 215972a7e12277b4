"""Speed and memory of `evalkit aggregate`, beside the same in pandas: ``python -m benchmarks.aggregate [--rows N] [--alone]``.

Both count the synthetic records of `tools/make_records.py` as eight measures say, one of each kind, in processes of their
own, one after the other in one run, and have to come to the same figures. pandas reads the columns it needs and no other,
as categories and dates, by pyarrow where that is installed (it is not in the lock; without it DuckDB reads Parquet for
pandas, and pandas' own reader CSV), and counts with vectors, and with codes in place of texts. ``--alone`` leaves pandas out: a
hundred million rows are more than it can hold. What is timed of the command is what it has in common with pandas, from
its start to the exact table; the gate that comes after it looks at figures and not at records, and is in
`tests/unit/disclosure`.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
import pandas as pd
from rich.console import Console

from tests.support.measuring import Row, print_table, say
from tests.support.record_measures import measures_yaml
from tools.make_records import make_records

ROOT = Path(__file__).parents[1]
FOUR_HOURS = 4 * 60
GIGABYTE, MEMORY = 1_000_000_000, 2
AT_LEAST = {"parquet": 3, "csv": 2}
KEYS = ["org_code", "period", "measure"]


def by_evalkit(path: Path, root: Path) -> pd.DataFrame:
    """The same as `evalkit aggregate` counts them, before its gate."""
    from evalkit.aggregate.run import Asked, aggregate
    from evalkit.catalogue import read_catalogue

    asked = Asked([path], [], "month", with_last=False, memory=MEMORY, today=date.today())
    (root / "data" / "private").mkdir(exist_ok=True)
    return aggregate(read_catalogue(root), asked, root / "data" / "private", Console(stderr=True)).table


def _read(path: Path) -> pd.DataFrame:
    texts, times = ["provider_code", "department", "admitted"], ["arrived_at", "left_at"]
    columns = ["attendance_id", *texts, *times, "age"]
    fast = importlib.util.find_spec("pyarrow") is not None
    if path.suffix == ".csv":
        kinds = dict.fromkeys(texts, "category") | {"age": "float64"}
        engine = {"engine": "pyarrow"} if fast else {}
        return pd.read_csv(
            path, usecols=columns, dtype=kinds, parse_dates=times, date_format="%Y-%m-%d %H:%M:%S", **engine
        )
    if fast:
        frame = pd.read_parquet(path, columns=columns, engine="pyarrow")
    else:
        frame = duckdb.read_parquet(str(path)).select(*columns).df()
    return frame.astype(dict.fromkeys(texts, "category"))


def _texts(column: pd.Series) -> pd.Series:
    """Categories as texts: pandas' reader takes figures for numbers."""
    return column.cat.rename_categories(list(map(str, column.cat.categories)))


def by_pandas(path: Path) -> pd.DataFrame:
    """The eight measures as a long table."""
    rows = _read(path)
    department = _texts(rows["department"])
    arrived = rows["arrived_at"].to_numpy().astype("datetime64[s]")
    stay = (rows["left_at"].to_numpy().astype("datetime64[s]") - arrived) / np.timedelta64(1, "m")
    month = arrived.astype("datetime64[M]").astype(np.int64)
    known = stay >= 0  # false for a time that is not there
    yes, major = (rows["admitted"] == "yes").to_numpy(), (department == "1").to_numpy()
    weekday = ((arrived.astype("datetime64[D]").astype(np.int64) + 3) % 7).astype(np.int8)
    weekend, age = weekday >= 5, rows["age"].to_numpy()
    keys = pd.DataFrame({"org_code": rows["provider_code"], "period": month.astype(np.int32)})
    figures = keys.assign(
        visits=1, within=known & (stay <= FOUR_HOURS), known=known, weekend=weekend, weekend_admitted=weekend & yes,
        admitted=yes & known, days=np.where(known, stay, 0) / (24 * 60), hours_in_major=np.where(known & major, stay, 0) / 60,
        major=known & major, age=age,
    )  # fmt: skip
    group = {"observed": True, "sort": False}
    sums = figures.groupby(["org_code", "period"], **group).sum()
    long = [
        _long(measure, sums[part], None if whole is None else sums[whole])
        for measure, part, whole in (
            ("visits", "visits", None), ("within-four-hours", "within", "known"),
            ("weekend-admitted", "weekend_admitted", "weekend"), ("admitted-by-day-there", "admitted", "days"),
            ("hours-in-major", "hours_in_major", "major"), ("age", "age", "visits"),
        )
    ]  # fmt: skip
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for extra, values, of in (("weekday", weekday, names.__getitem__), ("department", department, str)):
        parts = keys.assign(**{extra: values}).groupby(["org_code", "period", extra], **group).size()
        long += [
            _long(f"visits-{of(part)}", counts.droplevel(extra), None)
            for part, counts in parts.groupby(extra, observed=True)
        ]
    different = keys.assign(id=rows["attendance_id"]).groupby(["org_code", "period"], **group)["id"].nunique()
    long.append(_long("visits-identified", different, None))
    middle = keys[known].assign(hours=stay[known] / 60).groupby(["org_code", "period"], **group)["hours"]
    long.append(_long("median-hours", middle.median(), middle.size()))
    table = pd.concat(long, ignore_index=True)
    months = {month: str(np.datetime64(int(month), "M")) for month in table["period"].unique()}
    return table.assign(period=table["period"].map(months))


def _long(measure: str, part: pd.Series, whole: pd.Series | None) -> pd.DataFrame:
    table = part.rename("numerator").astype(float).reset_index()
    wholes = float("nan") if whole is None else whole.reindex(part.index).to_numpy(dtype=float)
    return table.assign(measure=measure, denominator=wholes)


def _project(folder: Path) -> Path:
    data = folder / "project" / "data"
    data.mkdir(parents=True)
    for name in ("datapackage.json", "organisations.csv", "vocabularies.yml"):
        shutil.copy(ROOT / "data" / name, data / name)
    shutil.copytree(ROOT / "data" / "tables", data / "tables")
    measures = (ROOT / "data" / "measures.yml").read_text(encoding="utf-8")
    (data / "measures.yml").write_text(f"{measures}\n{measures_yaml()}", encoding="utf-8")
    return folder / "project"


def _taken(*command: str, cwd: Path) -> tuple[float, float, float]:
    """Seconds of a command's process, those of processors in it, and GB of memory at its peak."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command[:3])} ... ended with {os.waitstatus_to_exitcode(status)}.")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / GIGABYTE


def _most_apart(ours: Path, theirs: Path) -> float:
    """The largest difference between two tables of the same rows, as a share."""
    one, other = (pd.read_csv(path).set_index(KEYS).sort_index() for path in (ours, theirs))
    figures = ["numerator", "denominator"]
    # A part that nobody had in a month is 0 in ours, and no row of a group in pandas.
    other = other.reindex(one.index)[figures].mask(one["numerator"] == 0, one[figures])
    apart = (one[figures] - other).abs() / one[figures].abs().clip(lower=1)
    return float("inf") if (one[figures].isna() != other.isna()).any(axis=None) else float(apart.max(axis=None))


def measure(folder: Path, rows: int, kinds: list[str], alone: bool, repeats: int, python: str) -> list[Row]:
    """Make records, count them, and say what it took."""
    project, seen = _project(folder), []
    for kind in kinds:
        path = folder / f"synthetic-records.{kind}"
        make_records(path, rows)
        say(f"{rows:,} rows in {path.stat().st_size / GIGABYTE:.2f} GB of {kind}.")
        here, there = str(folder / "evalkit.csv"), str(folder / "pandas.csv")
        again = ("-m", "benchmarks.aggregate")
        ours, theirs, work, work_pandas, peak, peak_pandas = [], [], [], [], 0.0, 0.0
        for _ in range(repeats):
            taken, processor, memory = _taken(
                sys.executable, *again, "--evalkit", str(path), here, str(project), cwd=ROOT
            )
            ours.append(taken)
            work.append(processor)
            peak = max(peak, memory)
            if not alone:
                taken, processor, memory = _taken(python, *again, "--pandas", str(path), there, cwd=ROOT)
                theirs.append(taken)
                work_pandas.append(processor)
                peak_pandas = max(peak_pandas, memory)
        seen.append(Row(f"{kind}: evalkit aggregate", median(ours), "s"))
        seen.append(Row(f"{kind}: seconds of processors", median(work), "s"))
        seen.append(Row(f"{kind}: memory at its peak", peak, "GB", MEMORY))
        if theirs:
            apart = _most_apart(Path(here), Path(there))
            seen.append(Row(f"{kind}: pandas", median(theirs), "s"))
            seen.append(Row(f"{kind}: seconds of processors, pandas", median(work_pandas), "s"))
            seen.append(Row(f"{kind}: memory of pandas", peak_pandas, "GB"))
            seen.append(
                Row(
                    f"{kind}: times as fast as pandas", median(theirs) / median(ours), "", AT_LEAST[kind], at_least=True
                )
            )
            seen.append(Row(f"{kind}: largest difference, millionths", 1e6 * apart, "", 1))
        path.unlink()
    return seen


def main() -> None:
    """Read the command line, and print each figure with its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without pandas")
    parser.add_argument("--kinds", nargs="+", default=["parquet", "csv"], choices=["parquet", "csv"])
    parser.add_argument("--python", default=sys.executable, help="the Python for pandas: one that has pyarrow, say")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where there is room")
    parser.add_argument("--pandas", nargs=2, type=Path, metavar=("FILE", "TABLE"), help=argparse.SUPPRESS)
    parser.add_argument("--evalkit", nargs=3, type=Path, metavar=("FILE", "TABLE", "PROJECT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.evalkit:
        file, table, project = given.evalkit
        by_evalkit(file, project).to_csv(table, index=False)
        return
    if given.pandas:
        by_pandas(given.pandas[0]).to_csv(given.pandas[1], index=False)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        print_table(measure(Path(folder), given.rows, given.kinds, given.alone, given.repeats, given.python))


if __name__ == "__main__":
    main()
