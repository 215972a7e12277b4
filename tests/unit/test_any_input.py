"""Files of every kind with anything in them: read, or refused in sentences; never an error of ours, and nothing is left half-written.

`pytest --hypothesis-profile hours tests/unit/test_any_input.py` tries other inputs each time, many more of them.
"""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.catalogue import read_catalogue
from evalkit.catalogue.new_evaluation_files import Answers, new_files
from evalkit.errors import EvaluationError
from evalkit.runs.planning.check_project import apply_if_sound, check_project
from tests.unit.conftest import EVALUATION, ITEM, SITE, SUBMISSION, RecordsFolder

SAME_PROJECT = settings(
    max_examples=settings.default.max_examples // 12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HEADER = "org_code,period,measure,numerator,denominator,note\n"
ROWS = HEADER + "".join(f"RA3,{2016 + n // 12}-{n % 12 + 1:02d},discharges,{1000 + n},,\n" for n in range(36))
TEMPLATE = "book/notebooks/controlled-interrupted-time-series.ipynb"
SIGNS = (
    ",", '"', "'", "\n", "\r", "\n\n", "\0", ":", ": ", "- ", "[", "]", "{", "}", "&a ", "*a", "<<: *a", "!!python/name:os.system ",
    "!!binary ", "!!set ", "|\n", ">\n", "---\n", "...\n", "#", "=", "@", "`", "```", "~", "null", "true", "? ", "%YAML 9\n", "\t",
    "NaN", ".inf", "1e999", "-0", "0x1F", "1_000", "12:30:45", "9" * 400, "2017-02-30", "2017-13", "\ufeff", "\u202e", "é", "\U0001f600",
    "<script>", "../", "/dev/zero", "RA3", "weston", "id: ", "\\", "\\u0000", "=1+1", "*", "ZZ901",
)  # fmt: skip
PIECES = (
    st.sampled_from(SIGNS).map(str.encode)
    | st.binary(max_size=4)
    | st.text(max_size=4).map(lambda t: t.encode(errors="replace"))
)
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), PIECES), min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(SIGNS) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


def _changed(raw: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for where, taken_out, put_in in changes:
        at = int(where * len(raw))
        raw = raw[:at] + put_in + raw[at + taken_out :]
    return raw


def _is_read_or_refused(project: RecordsFolder) -> None:
    try:
        check_project(project.root)
    except EvaluationError as refused:
        said = str(refused)
        assert said.strip()
        assert len(said) < 100_000
        assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in said), "a sign that moves a terminal"


@pytest.mark.parametrize(
    "file",
    [SITE, EVALUATION, ITEM, "data/measures.yml", "data/vocabularies.yml", "data/datapackage.json", "data/organisations.csv",
     "data/sources.yml", TEMPLATE],
)  # fmt: skip
@SAME_PROJECT
@given(changes=CHANGES)
def test_a_file_of_the_project(project, file, changes):
    path = project.root / file
    whole = path.read_bytes()
    path.write_bytes(_changed(whole, changes))
    try:
        _is_read_or_refused(project)
    finally:
        path.write_bytes(whole)


@SAME_PROJECT
@given(changes=CHANGES)
def test_a_table(project, changes):
    project.submit(_changed(ROWS.encode(), changes))
    _is_read_or_refused(project)


@SAME_PROJECT
@given(raw=st.binary(max_size=200), file=st.sampled_from([SITE, ITEM, SUBMISSION, "data/datapackage.json"]))
def test_bytes(project, raw, file):
    project.submit(ROWS)
    path = project.root / file
    whole = path.read_bytes()
    path.write_bytes(raw)
    try:
        _is_read_or_refused(project)
    finally:
        path.write_bytes(whole)


@SAME_PROJECT
@given(
    name=st.sampled_from(["site", "measure", "interruption", "first", "last", "comparators", "headline", "transition", "log", "table"]),
    value=VALUES,
)  # fmt: skip
def test_a_parameter(project, name, value):
    path = project.root / EVALUATION
    whole = path.read_text(encoding="utf-8")
    record = yaml.safe_load(whole)
    record["analyses"][0]["parameters"][name] = value
    path.write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")
    try:
        _is_read_or_refused(project)
    finally:
        path.write_text(whole, encoding="utf-8")


@SAME_PROJECT
@given(words=st.lists(st.text(max_size=12) | st.sampled_from(SIGNS), min_size=6, max_size=6), changes=CHANGES)
def test_a_new_evaluation(project, words, changes):
    """Refused, it leaves no file and changes none."""
    project.write(SUBMISSION, _changed(ROWS.encode(), changes))
    title, question, site_name, place, what_changed, why = words
    before = _files(project.root)
    answers = Answers(
        title=title, question=question, site_name=site_name, place=place, org_codes=["RA3"], what_changed=what_changed,
        start=date(2017, 7, 4), onset="builds", source_title=title, source_where=place, measure="ae-attendances-type-1",
        area="urgent-care-access", expected="unclear", why=why, table=project.root / SUBMISSION, table_name="discharges",
    )  # fmt: skip
    try:
        apply_if_sound(project.root, new_files(read_catalogue(project.root), answers, date(2026, 11, 29)))
    except EvaluationError:
        assert _files(project.root) == before
    finally:
        for path in _files(project.root).keys() - before.keys():
            path.unlink()
        for path, raw in before.items():
            path.write_bytes(raw)


def _files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (root / "data").rglob("*") if path.is_file()}
