"""A CSV as people send it: read as it is meant, or refused with file, line, column and remedy."""

import csv

import pytest

from evalkit.errors import EvaluationError, InputRefused
from evalkit.intake.analysis_checks import check_table
from evalkit.intake.load import load_from
from evalkit.intake.read_table import read_table
from tests.unit.conftest import SUBMISSION

HEAD = "org_code,period,measure,numerator,denominator,note\n"
MONTHS = [f"{year}-{month:02d}" for year in (2016, 2017, 2018) for month in range(1, 13)]
ROWS = "".join(f"RA3,{month},discharges,{1000 + index},,\n" for index, month in enumerate(MONTHS))
SECOND = "RA3,2016-02,discharges,1001,,\n"  # in line 3


def with_second(row: str) -> str:
    return HEAD + ROWS.replace(SECOND, row)


def problems_of(project, content, **options):
    project.submit(content, **options)
    return [problem for problem in _submitted(project) if problem.level == "refused"]


def _submitted(project):
    catalogue = project.catalogue()
    problems = check_table(catalogue, catalogue.tables["discharges"])
    assert {problem.file for problem in problems} <= {SUBMISSION}
    return problems


def loaded(project, content, **options):
    project.submit(content, **options)
    return load_from(project.catalogue(), site="weston", measure="discharges")


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ROWS,
        b"\xef\xbb\xbf" + (HEAD + ROWS).encode(),
        (HEAD + ROWS).replace("\n", "\r\n"),
        HEAD + ROWS + "\n\n\n",
        HEAD + ROWS + ",,,,,\n,,,,,\n",
        HEAD + ROWS.replace(SECOND, "\n" + SECOND),
        (HEAD + ROWS).rstrip("\n"),
        with_second("RA3,Feb-16,discharges,1001,,\n"),
        with_second("RA3,01/02/2016,discharges,1001,,\n"),
        with_second(" RA3 , 2016-02 , discharges , 1001 , , \n"),
        with_second('RA3,2016-02,discharges,1001,,"two\nlines, with a comma"\n'),
        HEAD + "".join(sorted(ROWS.splitlines(keepends=True), reverse=True)),
    ],
    ids=[
        "plain", "byte order mark", "Windows ends of line", "blank lines at the end", "empty rows", "blank line inside",
        "no end of line", "month as Excel writes it", "day first", "spaces", "quoted newline", "unsorted",
    ],
)  # fmt: skip
def test_harmless_oddities_give_the_same_figures(project, content):
    assert loaded(project, content)["value"].tolist() == list(range(1000, 1036))


@pytest.mark.parametrize("header", [HEAD.replace(",", ", "), HEAD.replace("period", "period "), HEAD.upper()])
def test_headers_with_spaces_or_capitals_are_read_or_refused_in_words(project, plain, header):
    problems = problems_of(project, header + ROWS)
    for problem in problems:
        assert problem.line == 1
        plain(str(problem), SUBMISSION, "column")
    if not problems:
        assert loaded(project, header + ROWS)["value"].tolist() == list(range(1000, 1036))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('RA3,2016-02,discharges,"1,001",,\n', ("`numerator`", "signs between its figures", "a number")),
        ("RA3,2016-02,discharges,n/a,,\n", ("`numerator`", "text of 3 characters", "blank (not reported)")),
        ("RA3,2016-02,discharges,nan,,\n", ("`numerator`", "text of 3 characters", "blank (not reported)")),
        ("RA3,2016-02,discharges,inf,,\n", ("`numerator`", "text of 3 characters", "a number")),
        ("RA3,2016-02,discharges,-Infinity,,\n", ("`numerator`", "text of 9 characters", "a number")),
        ("RA3,2016-02,discharges,1e400,,\n", ("`numerator`", "text of 5 characters", "a number")),
        ("RA3,2016-02,discharges,-5,,\n", ("`numerator`", "a number below 0", "a number")),
        ("RA3,2016-02,discharges,<5,,\n", ("`numerator`", "a sign before it", "* (withheld)")),
        ("RA3,2016-02,discharges,95%,,\n", ("`numerator`", "a percent sign", "a number")),
        ("RA3,02/01/2016,discharges,1001,,\n", ("`period`", "a date in another form", "2017-07")),
        ("RA3,42401,discharges,1001,,\n", ("`period`", "a whole number", "2017-07", "as Excel counts days")),
        ("RA3,2016-02-15,discharges,1001,,\n", ("`period`", "a date in another form", "2017-07")),
        ("RA3,9999-02,discharges,1001,,\n", ("`period`", "7 figures and signs", "2017-07")),
        ("RA3,,discharges,1001,,\n", ("`period`", "2017-07")),
        ("ra3,2016-02,discharges,1001,,\n", ("`org_code`", "a code", "use RA3")),
        ("Smith,2016-02,discharges,1001,,\n", ("`org_code`", "a code", "organisations.csv")),
        (",2016-02,discharges,1001,,\n", ("`org_code`", "organisations.csv")),
        ("TOTAL,2016-02,discharges,99999,,\n", ("`org_code`", "a code", "organisations.csv")),
        ("RA3,2016-01,discharges,1001,,\n", ("those of line 2", "add the two up", "a code of its own", "keep the row")),
        ("RA3,2016-02,discharges,1,001,,\n", ("7", "6")),
    ],
)  # fmt: skip
def test_a_bad_cell_names_line_column_and_remedy(project, plain, row, said):
    problems = problems_of(project, with_second(row))
    assert problems, "the row goes through"
    assert problems[0].line == 3, str(problems[0])
    said_of_it = plain(str(problems[0]), f"{SUBMISSION}, line 3", *said)
    for cell in next(csv.reader([row])):
        assert cell in ("", "discharges", "2016-02", "1001", "1") or cell not in said_of_it, "it may be a person's"


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ROWS.replace("1000,", "1,000,"),
        HEAD + ROWS.replace(",,\n", ",,,\n"),
        HEAD + ROWS.replace(",,\n", ",,,,\n"),
    ],
    ids=["thousands in the first row", "a comma too many in every row", "two commas too many"],
)
def test_rows_longer_than_the_header_are_never_shifted(project, plain, content):
    problems = problems_of(project, content)
    for problem in problems:
        plain(str(problem), SUBMISSION)
    if not problems:
        assert loaded(project, content)["value"].tolist() == list(range(1000, 1036))


def test_a_month_counted_in_part_and_a_lone_zero_are_worth_a_look(project, plain):
    rows = ROWS.replace("2018-12,discharges,1035", "2018-12,discharges,300").replace(
        "2017-05,discharges,1016", "2017-05,discharges,0"
    )
    project.submit(HEAD + rows)
    looks = _submitted(project)
    assert [(problem.line, problem.level) for problem in looks] == [(18, "look"), (37, "look")]
    plain(str(looks[0]), "2017-05 has 0", "leave it blank")
    plain(str(looks[1]), "2018-12, the last", "counted in part")


def test_the_line_is_that_of_the_file_even_after_a_quoted_newline(project):
    content = with_second('RA3,2016-02,discharges,1001,,"two\nlines"\n') + "RA3,2019-01,discharges,x,,\n"
    problem = problems_of(project, content)[0]
    assert problem.line == content.splitlines().index("RA3,2019-01,discharges,x,,") + 1


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("", 0, ("is empty",)),
        ("\n \n", 0, ("is empty",)),
        (HEAD, 0, ("no rows", "add the data")),
        (with_second("RA3,2016-02,discharges,1001,,café\n").encode("latin-1"), 3, ("CSV UTF-8 (comma delimited)",)),
        ((HEAD + ROWS).encode("utf-16"), 1, ("UTF-8",)),
        (b"PK\x03\x04\x14\x00\xff\xfe\x00", 1, ("a workbook", "evalkit import")),
        (HEAD.replace("period", "month") + ROWS, 1, ("column 2 is not described", "needed: org_code, period, measure, numerator")),
        (HEAD.replace("period", "perod") + ROWS, 1, ("column 2 is not described", "did you mean `period`")),
        (HEAD.replace("note", "period") + ROWS, 1, ("`period`", "twice", "keep one")),
        ((HEAD + ROWS).replace(",", ";"), 1, ("names no column", "needed: org_code, period, measure, numerator", "semicolons")),
        ("Discharges by month\n" + HEAD + ROWS, 1, ("names no column",)),
        ("<html><body>404</body></html>", 1, ("names no column",)),
        (with_second('RA3,2016-02,discharges,1001,,"open\n'), 3, ("quot",)),
        ((HEAD + ROWS).replace("\n", "\r"), None, ()),
        ("\n" + HEAD + ROWS, 1, ("column",)),
    ],
    ids=[
        "empty", "blank", "header only", "Latin-1", "UTF-16", "a workbook", "unknown column", "misspelt column",
        "column twice", "semicolons", "title line", "a web page", "open quote", "old Mac ends of line", "line above",
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_in_words(project, plain, content, line, said):
    problems = problems_of(project, content)
    if line is None and not problems:
        assert len(loaded(project, content)) == 36
        return
    assert problems
    sentences = [plain(str(problem), SUBMISSION) for problem in problems]
    for word in said:
        assert any(word in sentence for sentence in sentences), sentences
    if line is not None:
        assert problems[0].line == line


def test_a_long_list_of_bad_cells_is_cut_short(project):
    problems = problems_of(project, HEAD + ROWS.replace(",discharges,1", ",discharges,x"))
    assert len(problems) == 6
    assert "31 more" in str(problems[-1])


def test_rows_given_twice_are_told_beside_bad_cells(project):
    rows = "RA3,2016-02,discharges,1001,,\nRA3,2016-02,discharges,1002,,\nRA3,2016-03,discharges,x,,\n"
    said = [str(problem) for problem in problems_of(project, HEAD + rows)]
    assert len(said) == 2
    assert "those of line 2" in said[0] + said[1]
    assert "`numerator`" in said[0] + said[1]


def test_every_bad_column_is_told_at_once(project):
    said = " ".join(str(problem) for problem in problems_of(project, with_second("RA3,2016-2-2,discharges,x,y,\n")))
    assert all(name in said for name in ("`period`", "`numerator`", "`denominator`"))


@pytest.mark.parametrize(
    ("grain", "written", "example"),
    [("week", "2017-W27", "2017-07-03"), ("quarter", "Q1 2017/18", "2017"), ("day", "4.7.2017", "2017-07-04")],
)
def test_a_bad_period_of_any_grain_says_how_to_write_one(project, plain, grain, written, example):
    problem = problems_of(project, f"{HEAD}RA3,{written},discharges,5,,\n", grain=grain)[0]
    plain(str(problem), "`period`", grain if grain != "day" else "date", example)


@pytest.mark.parametrize("grain", ["day", "week"])
def test_a_window_of_any_grain_says_how_to_write_it(project, plain, grain):
    project.submit(f"{HEAD}RA3,2017-07-03,discharges,5,,\nRA3,2017-07-10,discharges,6,,\n", grain=grain)
    with pytest.raises(EvaluationError) as refused:
        load_from(project.catalogue(), site="weston", measure="discharges", first="2017-07")
    said = plain(str(refused.value), "'2017-07'", "2017-07-0")
    assert "write it as 2017-07." not in said


def test_weekly_data_are_complete_weeks(project):
    content = HEAD + "".join(f"RA3,{day},discharges,{n},,\n" for n, day in enumerate(("2017-07-03", "2017-07-17"), 5))
    frame = loaded(project, content, grain="week")
    assert frame["days"].tolist() == [7, 7, 7]
    assert frame["value"].isna().tolist() == [False, True, False]
    assert frame["flag"].tolist() == ["", "missing", ""]


def test_two_rows_of_one_quarter_are_refused(project, plain):
    content = HEAD + "RA3,2017-01,discharges,5,,\nRA3,2017-02,discharges,6,,\n"
    plain(str(problems_of(project, content, grain="quarter")[0]), "line 3", "those of line 2")


def test_a_withheld_figure_is_missing_and_says_so(project):
    frame = loaded(project, with_second("RA3,2016-02,discharges,*,,\n"))
    row = frame.set_index(frame["period"].astype(str)).loc["2016-02"]
    assert row["value"] != row["value"]
    assert row["flag"] == "suppressed"
    assert any("2016-02" in note and "withheld" in note for note in frame.attrs["evalkit"]["notes"])


def test_a_blank_figure_is_missing_and_says_so(project):
    frame = loaded(project, with_second("RA3,2016-02,discharges,,,\n"))
    row = frame.set_index(frame["period"].astype(str)).loc["2016-02"]
    assert row["value"] != row["value"]
    assert row["flag"]
    assert any("2016-02" in note for note in frame.attrs["evalkit"]["notes"])


def test_a_zero_stays_a_zero(project):
    frame = loaded(project, with_second("RA3,2016-02,discharges,0,,\n"))
    assert frame["value"].tolist()[1] == 0
    assert frame["flag"].tolist()[1] == ""


def test_a_whole_number_column_takes_no_fraction(project, plain):
    table = "data/tables/ae_monthly_2016_2019.csv"
    row = next(line for line in (project.root / table).read_text().splitlines() if line.startswith("2016-05-01,RA3,"))
    cells = row.split(",")
    number = cells.index("1") + 1
    line = project.edit(table, row, ",".join([*cells[:number], cells[number] + ".5", *cells[number + 1 :]]))
    with pytest.raises(InputRefused) as refused:
        read_table(project.root, project.catalogue().tables["ae-monthly-2016-2019"])
    assert refused.value.problems[0].line == line
    plain(str(refused.value), "`attendances`", "a whole number")


def test_a_share_above_one_names_the_row(project, plain):
    content = HEAD + "RA3,2016-01,discharges,5,10,\nRA3,2016-02,discharges,11,10,\n"
    project.submit(content)
    project.edit("data/measures.yml", "People sent home.\n  form: count", "People sent home.\n  form: proportion")
    with pytest.raises(EvaluationError) as refused:
        load_from(project.catalogue(), site="weston", measure="discharges")
    plain(str(refused.value), f"{SUBMISSION}, line 3", "2016-02", "denominator")


def test_a_share_without_its_whole_is_refused_in_words(project, plain):
    project.submit(HEAD + ROWS)
    project.edit("data/measures.yml", "People sent home.\n  form: count", "People sent home.\n  form: proportion")
    with pytest.raises(EvaluationError) as refused:
        load_from(project.catalogue(), site="weston", measure="discharges")
    plain(str(refused.value), "denominator")
