"""What a user's type checker says of the names that a notebook uses."""

import re
import subprocess
import sys

NOTEBOOK = """\
import evalkit as ek

frame = ek.load(site="weston", measure="ae-attendances-type-1", first="2016-04", comparators=["RA3"])
effect = ek.interrupted_time_series(frame, outcome="value", time="period", interruption="2017-07-04", transition=1)
word: str = ek.verdict(effect, "ae-attendances-type-1").word
ek.publish(effect)
ek.load(site="weston", measure=3)  # wrong
ek.load("weston", measure="ae-attendances-type-1")  # wrong
ek.interrupted_time_series(frame, outcome="value", interruption="2017-07-04")  # wrong
ek.verdict(frame, "ae-attendances-type-1")  # wrong
ek.difference(effect)  # wrong
"""


def test_a_wrong_argument_is_told_and_a_right_one_is_not(tmp_path):
    (tmp_path / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    checker = [sys.executable, "-m", "ty", "check", "--python", sys.prefix, "--output-format", "concise", "notebook.py"]
    told = subprocess.run(checker, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False).stdout
    lines = {int(line) for line in re.findall(r"^notebook\.py:(\d+):", told, flags=re.MULTILINE)}
    assert lines == {number for number, line in enumerate(NOTEBOOK.splitlines(), 1) if "# wrong" in line}, told
