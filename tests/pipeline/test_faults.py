"""One of the trials of `tests/support/kill_trials.py`: a whole book from nothing, killed at a random moment."""

import os

import pytest

from tests.support.kill_trials import trial, unreadable


@pytest.mark.slow  # its short form: test_interruptions.py, where a run is stopped, met by another and killed
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_commands_leave_nothing_broken_and_the_next_completes(tmp_path):
    seen = trial(tmp_path, 1, seed=1, sites=1, begin=2)
    assert seen.problems == []
    assert sum(seen.kills.values()) + sum(seen.too_late.values()) == 1
    html = tmp_path / "programme" / "_build" / "html"
    published = [path for path in html.rglob("*") if path.is_file()]
    assert len(published) > 50
    assert "results.csv" in {path.name for path in published}
    assert not [path for path in published if path.suffix == ".jsonl" or b"cell_seconds" in path.read_bytes()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("results/one.json", '{"half": '),
        ("results/results.csv", "a,b\n1\n"),
        ("_build/runs/log.jsonl", '{"whole": 1}\n{"ha'),
        ("_build/runs/one.ipynb", '{"cells": []'),
        ("_build/html/page.html", "<html><body>half"),
        ("_build/html/picture.svg", "<svg><path"),
        ("book/generated/page.ipynb", ""),
    ],
)
def test_half_a_file_would_be_seen(tmp_path, name, content):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    (problem,) = unreadable(tmp_path)
    assert problem.startswith(f"{name} does not parse")
