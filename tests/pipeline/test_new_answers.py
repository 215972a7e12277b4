"""What is typed at `evalkit new evaluation`: read, or refused in a sentence, never dropped."""

import csv
import json
import os
import re
import signal

import pytest
import yaml

from evalkit.cli.measure_questions import change_of
from evalkit.errors import EvaluationError
from tests.pipeline.conftest import MEASURE, NEW, write_submission


@pytest.mark.parametrize(
    ("scale", "typed", "read"),
    [
        ("percent", "5%", (5.0, "percent")), ("percent", "5 %", (5.0, "percent")), ("percent", "2.5", (2.5, "percent")),
        ("percent", "0.5 unit", (0.5, "unit")), ("points", " 3", (3.0, "points")),
    ],
)  # fmt: skip
def test_a_smallest_change_is_read_with_its_scale(scale, typed, read):
    assert change_of(typed, scale) == read


@pytest.mark.parametrize(
    ("scale", "typed", "remedy"),
    [
        ("percent", "5,5", "5 or 5%"), ("percent", "five", "5 or 5%"), ("percent", "-5", "above 0"), ("percent", "0", "above 0"),
        ("percent", "1e999", "5 or 5%"), ("points", "5%", "5 for five points"), ("unit", "5%", "in its unit"),
    ],
)  # fmt: skip
def test_a_smallest_change_that_cannot_be_read_is_refused(scale, typed, remedy):
    with pytest.raises(EvaluationError) as refused:
        change_of(typed, scale)
    assert repr(typed) in str(refused.value)
    assert remedy in str(refused.value)


@pytest.mark.parametrize(
    ("flag", "given", "said"),
    [
        ("--important-change", "5,5", "'5,5', which cannot be read"),
        ("--org-name", "Ashford Vale", "'Ashford Vale': write the code"),
        ("--org-name", "=Ashford Vale", "'=Ashford Vale': write the code"),
    ],
)
def test_a_flag_that_cannot_be_read_is_refused_and_nothing_is_written(small, flag, given, said):
    write_submission(small.root / "data" / "tables" / "example.csv")
    before = small.snapshot("data")
    at = NEW.index(flag) + 1
    refused = small.evalkit(*NEW[:at], given, *NEW[at + 1 :])
    assert refused.status == 2
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert small.snapshot("data") == before


def test_a_percentage_given_by_flag_is_kept(small):
    write_submission(small.root / "data" / "tables" / "example.csv")
    at = NEW.index("--important-change") + 1
    assert small.evalkit(*NEW[:at], "5%", *NEW[at + 1 :]).status == 0
    measures = yaml.safe_load((small.root / "data" / "measures.yml").read_text(encoding="utf-8"))
    assert measures["weekend-discharges"]["minimum_important_change"]["value"] == 5.0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_stopped_while_it_checks_it_has_written_nothing(small, number):
    write_submission(small.root / "data" / "tables" / "example.csv")
    before = small.snapshot("data")
    stops = f"import os, signal; signal.signal({number:d}, signal.SIG_DFL) if {number:d} != signal.SIGKILL else None\nimport evalkit.runs.planning.check_project as check; check.check_project = lambda root: os.kill(os.getpid(), {number:d})"
    assert small.evalkit_anew(*NEW, before=stops).status != 0
    assert small.snapshot("data") == before


@pytest.mark.parametrize("flag", ["--table-licence", "--table-source", "--org-name"])
def test_bytes_that_are_no_text(small, flag):
    said = small.evalkit_anew(*NEW, flag, os.fsdecode(b"ZZ901=\xff"))
    assert said.status == 2
    assert "is not UTF-8 text: write it in another way." in said.err
    assert "Traceback" not in said.err


class TestWhoseFigures:
    """A real site's own table is nobody's publication until somebody says whose."""

    @pytest.fixture
    def own(self, small) -> tuple:
        write_submission(small.root / "data" / "tables" / "example.csv", codes=("Q9Q9",))
        asked = tuple(part.replace("ZZ901", "Q9Q9") for part in NEW if part != "--synthetic")
        return small, asked

    def test_they_are_the_sites_own_and_what_is_shown_of_them_is_gated(self, own):
        project, asked = own
        exact = (project.root / "data" / "tables" / "example.csv").read_text(encoding="utf-8")
        said = project.evalkit(*asked)
        assert said.status == 0
        assert "so they are the site's own" in said.out
        (table,) = (table for table in _tables(project) if table["name"] == "example")
        assert table["evalkit"]["disclosure"]["rule"] == "own_counts"
        assert (project.root / "data" / "private" / "example.csv").read_text(encoding="utf-8") == exact
        with (project.root / "data" / "tables" / "example.csv").open(encoding="utf-8") as shown:
            counts = [row["numerator"] for row in csv.DictReader(shown)]
        assert all(count in ("", "*", "0") or int(count) % 5 == 0 for count in counts)
        assert (project.root / "data" / "releases" / "example" / "001.csv").is_file()
        assert project.evalkit("check").status == 0
        project.edit("data/private/example.csv", lambda text: text.replace(text.split(",")[8], "999", 1))
        assert "run `evalkit gate`" in project.evalkit("check").err

    def test_figures_that_stay_here_are_in_no_book_where_their_analysis_fails_either(self, own):
        """What it says may be of its figures."""
        project, asked = own
        assert project.evalkit(*asked).status == 0
        project.edit("data/datapackage.json", lambda text: text.replace('"own_counts"', '"own_figures"'))
        fails = "raise ek.EvaluationError('figures: 2150.0, 2014.0'); ek.publish("
        project.edit("book/notebooks/interrupted-time-series.ipynb", lambda text: text.replace("ek.publish(", fails, 1))
        said = project.evalkit("book")
        assert said.status == 2
        assert "whose figures nobody has published" in said.err
        assert not (project.root / "_build" / "html").exists()

    def test_published_is_said_with_where_by_whom_and_the_licence(self, own):
        project, asked = own
        said = ("--table-published-at", "https://example.org/figures", "--table-source", "The trust, ward rounds")
        refused = project.evalkit(*asked, *said)
        assert refused.status == 2
        assert "--table-licence" in refused.err
        assert project.evalkit(*asked, *said, "--table-licence", "Open Government Licence v3.0").status == 0
        (table,) = (table for table in _tables(project) if table["name"] == "example")
        because = "Published: The trust, ward rounds, https://example.org/figures."
        assert table["evalkit"]["disclosure"] == {"rule": "official_statistics", "because": because}
        assert table["sources"] == [{"title": "The trust, ward rounds", "path": "https://example.org/figures"}]


def _tables(project) -> list[dict]:
    return json.loads((project.root / "data" / "datapackage.json").read_text(encoding="utf-8"))["resources"]


def on_a_terminal(*typed: str) -> str:
    """Python that answers for a person: a line for each question."""
    lines = "".join(f"{line}\n" for line in typed)
    return f"import io, sys\nclass Typed(io.StringIO):\n    isatty = lambda self: True\nsys.stdin = Typed({lines!r})"


TWO_ALPHABETS = "W\u0430rd rounds"
KEPT = "_build/answers/example.yml"


def test_a_percentage_is_not_taken_for_a_count_silently(small):
    path = small.root / "data" / "tables" / "example.csv"
    write_submission(path)
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("numerator")
    cells = [row.split(",") for row in rows]
    alone = [[*row[:at], "9.8", *row[at + 1 :]] for row in cells]
    path.write_text("\n".join([header, *map(",".join, alone)]) + "\n", encoding="utf-8")
    done = small.evalkit(*NEW)
    assert done.status == 0, done.err
    assert "has fractions and no denominator" in done.out
    assert "example.csv, line 2: column `numerator` has fractions" in small.evalkit("check").err


def test_what_is_no_table_leads_to_the_command_that_reads_it(small):
    tables = small.root / "data" / "tables"
    (tables / "pack.xlsx").write_bytes(b"PK")
    (tables / "wide.csv").write_text("Org code,Apr-22,May-22\nZZ901,12,14\n", encoding="utf-8")
    for name in ("pack.xlsx", "wide.csv"):
        refused = small.evalkit("new", "evaluation", "--table", name)
        assert refused.status == 2
        assert f"`evalkit import data/tables/{name}`" in refused.err


class TestAnswersAreKept:
    def test_a_refusal_names_everything_with_its_words_and_the_file_resumes(self, small):
        write_submission(small.root / "data" / "tables" / "example.csv")
        before = small.snapshot("data")
        asked = [part for part in NEW if part not in ("--onset", "sudden")]
        asked[asked.index("ZZ901")], asked[asked.index("2023-01-01")] = "zz901", "2023"
        asked[asked.index("data/tables/example.csv")] = "example.csv"  # it is found where it lies
        refused = small.evalkit(*asked)
        assert refused.status == 2
        for said in ("use ZZ901", "'2023', which is not a date", "--onset is missing: add it (one of sudden, builds)"):
            assert said in refused.err
        assert small.snapshot("data") == before
        kept = re.search(r"--answers (\S+?)\.?$", refused.err.strip())
        assert kept, refused.err
        path = small.root / kept[1]
        answers = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert answers["why"] == "Those who are ready can go."
        path.write_text(yaml.safe_dump(answers | {"org-code": "ZZ901", "start": "2023-01-01"}), encoding="utf-8")
        said = small.evalkit("new", "evaluation", "--answers", kept[1], "--onset", "builds")
        assert said.status == 0, said.err
        assert "book/generated/evaluations/example-ward-rounds/index.html" in said.out

    def test_a_file_of_answers_that_asks_what_nobody_asks(self, small):
        (small.root / "a.yml").write_text("tilte: A\nstart: {a: 1}\n", encoding="utf-8")
        said = small.evalkit("new", "evaluation", "--answers", "a.yml")
        assert said.status == 2
        assert "a.yml, line 1: `tilte` is no flag of this command; did you mean `title`" in said.err
        assert "a.yml, line 2: `start` holds fields" in said.err

    def test_no_line_of_a_file_that_is_not_there(self, small):
        write_submission(small.root / "data" / "tables" / "example.csv")
        at = NEW.index("--title") + 1
        said = small.evalkit(*NEW[:at], TWO_ALPHABETS, *NEW[at + 1 :])
        assert said.status == 2, said.out
        assert "data/evaluations/wrd-rounds.yml (not written): " in said.err
        assert ", line" not in said.err


class TestOnATerminal:
    def test_the_table_is_looked_at_first_and_every_answer_checked(self, small):
        write_submission(small.root / "data" / "tables" / "example.csv")
        typed = (
            "zz901", "1", "yes", "1", "Weekend discharges", "discharges", "amount", "1", "weekend_dys", "2", "1", "1", "2", "", "", "5,5", "5%", "",
            "2031-01-01", "1 January 2023", "Example ward rounds", "Did more go home?", "Ashford Vale (example)", "Nowhere", "Rounds.",
            "1", "1", "They can go.", "A new lift.", "1", "Invented", "Here", "4", "", "", "", "", "", "Ashford Vale (example)",
        )  # fmt: skip
        said = small.evalkit("new", "evaluation", "--table", "example.csv", before=on_a_terminal(*typed))
        assert said.status == 0, said.out + said.err
        assert f"1  {MEASURE}  2021-01 to 2024-04" in said.out
        for wrong in (
            "use ZZ901",
            "'amount'; did you mean `count`",
            "'weekend_dys'; did you mean `weekend_days`",
            "'5,5', which cannot be read",
            "2031-01-01, and the table has",
        ):
            assert wrong in said.err
        record = yaml.safe_load((small.root / "data/evaluations/example-ward-rounds.yml").read_text(encoding="utf-8"))
        measures = yaml.safe_load((small.root / "data/measures.yml").read_text(encoding="utf-8"))
        assert measures[MEASURE]["exposure"] == "weekend_days"
        assert record["rival_explanations"][0]["what"] == "A new lift."
        assert record["expectations"][0]["why"] == "They can go."
        assert not (small.root / KEPT).exists()

    def test_what_is_refused_at_the_end_is_asked_for_again_and_nothing_else(self, small):
        write_submission(small.root / "data" / "tables" / "example.csv")
        at = NEW.index("--title") + 1
        flags = (*NEW[:at], TWO_ALPHABETS, *NEW[at + 1 :])
        said = small.evalkit(*flags, before=on_a_terminal("ttle", "title", "Ward rounds"))
        assert said.status == 0, said.out + said.err
        assert (small.root / "data" / "evaluations" / "ward-rounds.yml").is_file()

    def test_answers_are_there_again_after_it_was_stopped(self, small):
        write_submission(small.root / "data" / "tables" / "example.csv")
        stopped = small.evalkit("new", "evaluation", "--table", "example.csv", before=on_a_terminal("1", "yes", "1"))
        assert stopped.status != 0
        assert yaml.safe_load((small.root / KEPT).read_text(encoding="utf-8"))["measure"] == MEASURE
        again = small.evalkit("new", "evaluation", "--table", "example.csv", before=on_a_terminal("y", "Weekends"))
        assert "Name of the measure" in again.out
        assert "Organisation (" not in again.out
