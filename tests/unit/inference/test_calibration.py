"""Calibration: coverage that is true, tables that are the same everywhere, a cache that never fails."""

import os
import subprocess
import sys

import numpy as np
import pytest

from evalkit.inference import score
from evalkit.inference.autoregressive import calibration, calibration_store
from evalkit.inference.autoregressive.calibration import calibrate, simulate
from evalkit.inference.autoregressive.correlation_grid import GridRegression
from evalkit.inference.autoregressive.fit import fit_many
from tests.unit.inference.test_autoregressive import noise, segmented


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """An empty cache for every test."""
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(calibration, "_memory", type(calibration._memory)())


def level_of(n: int, harmonics: int = 0) -> GridRegression:
    matrix = segmented(n, harmonics)
    return GridRegression(matrix, contrasts=np.eye(matrix.shape[1])[[2]])


@pytest.mark.parametrize(("n", "correlation"), [(12, 0.0), (24, 0.4), (24, 0.8), (48, 0.8)])
def test_intervals_cover_what_they_say(n, correlation):
    fit = fit_many(noise(n, 3000, correlation, seed=n), segmented(n), contrasts=np.eye(4)[[2, 3]])
    covered = ((fit.lows <= 0) & (fit.highs >= 0)).mean(axis=0)
    allowance = 2.5 * np.sqrt(0.05 * 0.95 / 3000)
    assert 0.935 - allowance < covered[0] < 0.970 + allowance
    assert 0.930 - allowance < covered[1] < 0.975 + allowance


def test_p_values_are_uniform_where_nothing_changed():
    fit = fit_many(noise(24, 4000, 0.5), segmented(24), contrasts=np.eye(4)[[2]])
    for level in (0.01, 0.1, 0.3, 0.6):
        assert (fit.p_values < level).mean() == pytest.approx(level, abs=0.25 * level + 0.003)


def test_the_level_is_smooth_inside_bounds_and_clamped_outside():
    table = calibrate(level_of(36))[0]
    alphas = table.alpha(np.linspace(-1, 1, 400))
    assert ((alphas > 0.005) & (alphas < 0.2)).all()
    assert np.abs(np.diff(np.log(alphas))).max() < 0.1
    assert alphas[0] == table.alpha(np.array([-0.9]))[0]
    assert alphas[-1] == table.alpha(np.array([0.999]))[0]


def test_calibrated_p_values_rise_with_the_uncalibrated_ones_and_stay_in_bounds():
    table = calibrate(level_of(24))[0]
    raw = np.geomspace(1e-9, 1, 300)
    for correlation in (-0.5, 0.3, 0.95):
        p_values = table.p_values(raw, np.full(300, correlation))
        assert (np.diff(p_values) >= 0).all()
        assert p_values[-1] == 1.0
        assert p_values[0] < 1e-6


def test_a_contrast_has_the_same_table_alone_and_in_company():
    matrix = segmented(24, 1)
    together = simulate(GridRegression(matrix, contrasts=np.eye(6)[[2, 3]]))
    alone = simulate(GridRegression(matrix, contrasts=np.eye(6)[[3]]))
    np.testing.assert_allclose(alone[0].log_p_values, together[1].log_p_values, rtol=1e-8)


def test_missing_periods_have_their_own_table():
    times = np.setdiff1d(np.arange(30), [5, 6, 7])
    matrix = segmented(30)[times]
    with_gap = calibrate(GridRegression(matrix, times, np.eye(4)[[2]]))[0]
    closed = calibrate(GridRegression(matrix, None, np.eye(4)[[2]]))[0]
    assert not np.array_equal(with_gap.log_p_values, closed.log_p_values)


def test_a_table_is_simulated_once_on_a_machine(monkeypatch):
    first = calibrate(level_of(20))[0]
    monkeypatch.setattr(calibration, "_memory", type(calibration._memory)())
    monkeypatch.setattr(calibration, "simulate", None)
    second = calibrate(level_of(20))[0]
    np.testing.assert_array_equal(first.log_p_values, second.log_p_values)
    assert not list(calibration_store.folder().rglob("*.part"))


def test_a_spoilt_file_is_made_anew(monkeypatch):
    first = calibrate(level_of(20))[0]
    (file,) = (path for path in calibration_store.folder().rglob("*") if path.is_file())
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"-", b"+", 1))
    monkeypatch.setattr(calibration, "_memory", type(calibration._memory)())
    np.testing.assert_array_equal(calibrate(level_of(20))[0].log_p_values, first.log_p_values)
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way", "utf-8")
    monkeypatch.setenv("EVALKIT_CACHE", str(blocked / "inside"))
    assert calibrate(level_of(20))[0].periods == 20


def test_the_cache_is_the_users_own_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("EVALKIT_CACHE")
    assert calibration_store.folder().name == "evalkit"


PROGRAM = """
import numpy as np
from evalkit.inference import score
t = np.arange(30.)
a = (t >= 15) * 1.
X = np.column_stack([np.ones(30), t, a, (t - 15) * a])
y = np.sin(t * t)
print([f"{v:.9g}" for part in score.fit(y, X) for v in part])
"""


def test_the_numbers_do_not_depend_on_threads_or_hash_seed(tmp_path, monkeypatch, capsys):
    """In a process with two threads as in this one, which has one, and another seed."""
    there = {
        "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PYTHONHASHSEED": "2",
        "EVALKIT_CACHE": str(tmp_path / "there"), "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=os.environ | there, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "here"))
    exec(PROGRAM, {})
    assert run.stdout == capsys.readouterr().out
    first, second = (sorted((tmp_path / where).rglob("*.kept")) for where in ("there", "here"))
    assert first
    assert [file.name for file in first] == [file.name for file in second]
    assert [file.read_text("utf-8") for file in first] == [file.read_text("utf-8") for file in second]


def test_the_scorers_entry_point_is_what_the_package_uses():
    outcome, matrix = noise(24)[0], segmented(24)
    estimates, lows, highs = score.fit(outcome, matrix)
    fit = fit_many(outcome, matrix, contrasts=np.eye(4)[[2, 3]])
    np.testing.assert_array_equal(
        np.stack([estimates, lows, highs]), np.stack([fit.estimates[0], fit.lows[0], fit.highs[0]])
    )
