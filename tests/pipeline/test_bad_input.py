"""Bad input: one sentence each, with the place and the remedy, exit status 2, no traceback, nothing changed."""

import subprocess
import sys

import pytest

from evalkit.cli import main
from tests.pipeline.conftest import MEASURE, write_submission

CSV = "data/tables/example.csv"
FILE = "data/evaluations/example-ward-rounds.yml"


def _refused(project, *sentences: str) -> None:
    said = project.evalkit("book")
    assert said.status == 2, said.err
    for sentence in sentences:
        assert sentence in said.err, said.err
    assert "Traceback" not in said.err
    assert "Nothing was changed." in said.err
    assert not (project.root / "results").exists()
    assert not (project.root / "_build" / "html").exists()


def test_a_misspelt_column(example):
    example.edit(CSV, lambda text: text.replace("numerator", "numertor", 1))
    _refused(example, f"{CSV}, line 1: column 4 is not described", "did you mean `numerator`")


def test_an_unknown_provider_code(example):
    example.edit(CSV, lambda text: text.replace("ZZ901,2021-03", "ZZ999,2021-03"))
    _refused(example, f"{CSV}, line 4: column `org_code` holds a code that is not in data/organisations.csv")


def test_an_interruption_outside_the_data(example):
    example.edit(FILE, lambda text: text.replace("'2023-01-01'", "'2030-01-01'"))
    _refused(example, f"{FILE}, line ", "The interruption 2030-01-01 has no period after it", "2021-01 to 2024-04")


def test_an_empty_file(example):
    (example.root / CSV).write_bytes(b"")
    _refused(example, f"{CSV}: is empty: fill it in, or delete it")


def test_a_file_that_is_not_utf8(example):
    raw = (example.root / CSV).read_bytes().replace(b"numerator", "numérator".encode("latin-1"), 1)
    (example.root / CSV).write_bytes(raw)
    _refused(example, f"{CSV}, line 1: is not UTF-8 text: save it again with the encoding UTF-8")


def test_words_where_a_number_belongs(example):
    example.edit(CSV, lambda text: text.replace(f"ZZ901,2021-02,{MEASURE},", f"ZZ901,2021-02,{MEASURE},about "))
    _refused(
        example, f"{CSV}, line 3: column `numerator` holds text of ", "it needs a number, blank (not reported) or *"
    )


def test_a_month_given_twice(example):
    example.edit(CSV, lambda text: text.replace("ZZ901,2021-03", "ZZ901,2021-02"))
    _refused(example, f"{CSV}, line 4: `org_code`, `period` and `measure` are those of line 3")


def test_a_missing_file(example):
    (example.root / CSV).unlink()
    _refused(example, "data/datapackage.json, line ", "data/tables/example.csv does not exist")


def test_every_problem_is_told_at_once(example):
    example.edit(
        FILE, lambda text: text.replace("question:", "queston:").replace("independence: own", "independence: mine")
    )
    example.edit("data/organisations.csv", lambda text: text.replace("RA3,", "ra3,", 1))
    _refused(
        example,
        "`queston` is not a field here; did you mean `question`",
        "`question` is missing",
        "`independence` must be",
        "data/organisations.csv, line ",
        "problems found",
    )


def test_a_key_given_twice(example):
    example.edit(FILE, lambda text: text.replace("area:", "title: Again\narea:", 1))
    _refused(example, "`title` is given twice")


def test_a_broken_yaml(example):
    example.edit(FILE, lambda text: text.replace("area:", "area\t:\n  - x: [", 1))
    _refused(example, f"{FILE}, line ", "is not valid YAML")


def test_no_project_here(tmp_path):
    from tests.conftest import Project

    said = Project(tmp_path).evalkit("check")
    assert said.status == 2
    assert "No evalkit project here" in said.err
    assert "Traceback" not in said.err


def test_an_unknown_analysis(example):
    said = example.evalkit("run", "example-ward-round")
    assert said.status == 2
    assert (
        "`example-ward-round` is not a published evaluation or analysis; did you mean `example-ward-rounds`" in said.err
    )


def test_a_table_nobody_described_is_pointed_out(example):
    write_submission(example.root / "data" / "tables" / "stray.csv")
    said = example.evalkit("check")
    assert said.status == 0
    assert "data/tables/stray.csv: is not described in data/datapackage.json" in said.err


def test_a_changed_published_table_is_refused(example):
    example.edit("data/tables/ae_monthly_2016_2019.csv", lambda text: text.replace("2176", "2177", 1))
    _refused(example, "is not the file described here, its contents have changed", "as its `hash`")


def test_another_date_than_the_page_says_is_refused(example):
    example.edit(FILE, lambda text: text.replace("'2023-01-01'", "'2022-12-01'"))
    _refused(example, "the interruption 2022-12-01 is not the start of the intervention, 2023-01-01")


@pytest.mark.parametrize("code", ["RA3", "ZZ901"])
def test_nothing_invented_carries_a_real_code(example, code):
    example.edit(
        "data/sites/ashford-vale-example.yml",
        lambda text: text.replace("- ZZ901", f"- {code}", 1).replace(
            "synthetic: true", "synthetic: false" if code == "ZZ901" else "synthetic:  true"
        ),
    )
    _refused(example, "data/sites/ashford-vale-example.yml")


def test_what_is_worth_a_look_does_not_stand_beside_a_problem(example):
    example.edit(FILE, lambda text: text.replace("'2023-01-01'", "'2022-12-01'"))
    example.edit(CSV, lambda text: "".join(line for line in text.splitlines(True) if ",2021-03," not in line))
    said = example.evalkit("book").err
    assert "(worth a look)" not in said
    assert said.endswith("\n1 problem found. Nothing was changed.\n")
    _refused(example, "1 problem found")
    everything = example.evalkit("check", "--all").err
    assert "no usable figure in 2021-03: left missing, not filled. (worth a look)" in everything


def test_a_problem_points_to_the_line_of_its_parameter(example):
    example.edit(FILE, lambda text: text.replace("'2023-01-01'", "'soon'"))
    lines = (example.root / FILE).read_text().splitlines()
    (line,) = [number for number, text in enumerate(lines, start=1) if "'soon'" in text]
    _refused(example, f"{FILE}, line {line}: ", "'soon' is not a date or month: write 2017-07-04 or 2017-07.")


def test_a_start_of_another_site(example):
    example.edit(FILE, lambda text: text.replace("  certainty:", "  starts: {ZZ902: 2023-01-01}\n  certainty:", 1))
    _refused(
        example,
        f"{FILE}, line ",
        "`starts` names `ZZ902`, which is not a site of this evaluation or one of their codes; did you mean `ZZ901`",
    )


def _asks_for(example, headline: str) -> None:
    example.edit(FILE, lambda text: text.replace("headline: level\n", f"headline: {headline}\n"))
    example.edit(FILE, lambda text: text.replace("onset: sudden\n", "onset: builds\n"))
    example.edit(FILE, lambda text: text.replace("model: level\n", "model: curve\n"))


@pytest.mark.parametrize("headline", ["month 40", "mean months 3 to 40"])
def test_a_headline_that_the_data_do_not_reach_is_refused(example, headline):
    _asks_for(example, headline)
    _refused(example, f"the headline `{headline}` is outside the data: months 1 to 16 after the change are there")


def test_a_headline_in_the_last_month_is_accepted(example):
    _asks_for(example, "mean months 3 to 16")
    assert example.evalkit("check").status == 0


def test_ctrl_c_while_python_loads_is_one_word(small):
    stop = (
        "import sys, evalkit.__main__\n"
        "class Stop:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Stop())\n"
        "evalkit.__main__.main()"
    )
    done = subprocess.run([sys.executable, "-c", stop], cwd=small.root, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "Stopped.\n")


def test_a_stop_while_a_command_still_reads_says_so_once(monkeypatch, capsys):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr("evalkit.cli.find_root", stopped)
    monkeypatch.setattr("sys.argv", ["evalkit", "due"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130
    assert capsys.readouterr().err == "Stopped.\n"
