"""What the benchmarks make of what they measure."""

import math
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from evalkit.runs.planning.check_project import check_project
from tests.support.lean_template import LEAN, SWITCHED_OFF, without_checks
from tests.support.measuring import MEGABYTE, MemoryUse, Ran, Row, print_table
from tests.support.programme import make_programme, notebooks

ROOT = Path(__file__).parents[3]
FIT = """
import sys
import evalkit as ek
from evalkit.inference.autoregressive import calibration
calibration.MOST_DIRECTIONS = calibration.FEWEST_DIRECTIONS  # roughly, kept in a folder of its own
frame = ek.load(site=sys.argv[1], measure="weekend-discharges")
effect = ek.interrupted_time_series(frame, outcome="value", time="period", unit="unit", treated=sys.argv[1],
    interruption=sys.argv[2], model="level", log=True, per_day=True, seasonality=2)
roles = set(effect.estimates["role"])
print(*sorted(roles), len(effect.checks), effect.headline["estimate"])
"""


@pytest.mark.parametrize(
    ("row", "judged"),
    [
        (Row("wall", 0.9, "s", 1.0), "met"),
        (Row("wall", 1.0, "s", 1.0), "met"),
        (Row("wall", 1.25, "s", 1.0), "missed by 0.25 s (25%)"),
        (Row("faster", 12.0, "times", 10.0, at_least=True), "met"),
        (Row("faster", 8.0, "times", 10.0, at_least=True), "missed by 2 times (20%)"),
        (Row("libraries", 2, "", 0), "missed by 2"),
        (Row("growth", 29.0, "%", 5.0), "missed by 24 %"),
        (Row("cells", float("nan"), "s", 1.0), "not measured"),
        (Row("for information", 7.0, "s"), ""),
    ],
)
def test_met_or_by_how_much_it_was_missed(row, judged):
    assert row.judged == judged


def test_the_table_has_target_and_seen_side_by_side(capsys):
    print_table([Row("faster", 8.0, "times", 10.0, at_least=True), Row("wall", 312.4, "s")])
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split() == ["what", "target", "seen"]
    assert first.split() == ["faster", ">=", "10", "times", "8", "times", "missed", "by", "2", "times", "(20%)"]
    assert second.split() == ["wall", "312", "s"]


def test_overhead_is_the_time_of_workers_in_which_no_cell_ran():
    lines = [{"cell_seconds": 0.6}] * 10
    assert Ran(wall=10.0, processor=12.0, lines=lines).overhead(jobs=1) == pytest.approx(0.4)
    # Of 12 s of three workers 6 s were cells: 0.6 s a notebook, three notebooks at once.
    assert Ran(wall=4.0, processor=12.0, lines=lines).overhead(jobs=3) == pytest.approx(0.2)
    assert math.isnan(Ran(10.0, 12.0, [{}] * 10).of_cells)


def test_a_kernel_is_a_process_that_started_no_other_and_is_no_small_helper():
    peaks = {1: 300 * MEGABYTE, 2: 90 * MEGABYTE, 3: 80 * MEGABYTE, 4: 5 * MEGABYTE}
    memory = MemoryUse(parent=[(0, 1), (99, 2), (100, 3), (150, 4)], peaks=peaks, with_children={1})
    assert memory.kernels == [90 * MEGABYTE, 80 * MEGABYTE]
    assert memory.between == [300 * MEGABYTE]
    assert memory.parent_from(100) == [3, 4]


def test_with_checks_switched_off_the_estimate_is_the_same_and_nothing_else_is_computed(tmp_path):
    make_programme(tmp_path, 1, 36)
    _, _, parameters = notebooks(tmp_path)[0]
    given = [parameters["site"], parameters["interruption"]]
    environment = {**os.environ, "EVALKIT_ROOT": str(tmp_path), "EVALKIT_CACHE": str(tmp_path / "rough")}

    def printed(code: str) -> list[str]:
        command = [sys.executable, "-c", code, *given]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.split()

    *roles, checks, estimate = printed(FIT)
    assert {"sensitivity", "comparison"} <= set(roles)
    assert int(checks) > 3
    assert printed(SWITCHED_OFF + FIT) == ["headline", "term", "1", estimate]


def test_the_template_without_checks_still_publishes_and_takes_the_same_parameters(tmp_path):
    make_programme(tmp_path, 1, 36)
    whole = [cell.source for cell in nbformat.read(notebooks(tmp_path)[0][1], as_version=4).cells]
    without_checks(tmp_path)
    _, (plan,), _ = check_project(tmp_path)
    assert plan.analysis.template == LEAN
    kept = [cell.source for cell in nbformat.read(plan.template.path, as_version=4).cells]
    gone = [source for source in whole if source not in kept and not source.startswith("import evalkit as ek")]
    assert gone == ['ek.show(effect, "robustness")', 'ek.show(effect, "checks")', 'ek.show(effect, "model")']
    assert kept[-1] == "ek.publish(effect)"
