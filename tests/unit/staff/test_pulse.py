"""A place's own pulse: broken rows told one by one, small groups withheld with what would give them back."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from evalkit.staff.pulse import RULE, as_csv, published_problems, to_show, with_intervals
from evalkit.staff.read_pulse import COLUMNS, PulseRow, read_pulse

HEADER = "wave,staff group,question,asked,answered,confident"
GOOD = "2024-05,Nurses,Will it work?,60,44,30"
NAME = "my-pulse.csv"


def _read(tmp_path, *lines: str, header: str = HEADER):
    path = tmp_path / NAME
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_pulse(path, NAME)


class TestReading:
    def test_what_is_good_is_read_with_its_line(self, tmp_path):
        rows, problems = _read(tmp_path, GOOD, "", "2024-11,Nurses,Will it work?,60,*,*")
        assert problems == []
        assert rows == [
            PulseRow("2024-05", "Nurses", "Will it work?", 60, 44, 30, 2),
            PulseRow("2024-11", "Nurses", "Will it work?", 60, None, None, 4),
        ]

    # Where it is, the field, and what to do: each in one sentence.
    BROKEN = (
        ("May 2024,Nurses,Will it work?,60,44,30", "`wave` is text of 8 characters", "such as 2024-05"),
        ("2024-13,Nurses,Will it work?,60,44,30", "`wave` is", "such as 2024-05"),
        ("2024-05,,Will it work?,60,44,30", "`staff_group` is empty", "write what it is"),
        ("2024-05,Nurses,,60,44,30", "`question` is empty", "write what it is"),
        (f"2024-05,{'N' * 81},Will it work?,60,44,30", "`staff_group` has 81 characters", "shorten it"),
        ("2024-05,=HYPERLINK(1),Will it work?,60,44,30", "`staff_group` begins as a formula", "begin it with a letter"),
        ("2024-05,Nur\u200bses,Will it work?,60,44,30", "holds a character that cannot be seen", "delete it"),
        ('2024-05,"Nurses\nand others",Will it work?,60,44,30', "`staff_group` is on several lines", "write it on one"),
        ("2024-05,Nurses,Will it work?,*,44,30", "`asked` is withheld", "that is no answer"),
        ("2024-05,Nurses,Will it work?,,44,30", "`asked` is empty", "write a whole number"),
        ("2024-05,Nurses,Will it work?,60,44.5,30", "`answered` is a number with a fraction", "write a whole number"),
        ("2024-05,Nurses,Will it work?,60,44,68%", "`confident` is a number with a percent sign", "write a whole number"),
        ("2024-05,Nurses,Will it work?,60,-4,0", "`answered` is a number below 0", "write a whole number"),
        ("2024-05,Nurses,Will it work?,٦٠,44,30", "`asked` is", "write a whole number"),
        ("2024-05,Nurses,Will it work?,9999999999,44,30", "`asked` is a whole number", "write a whole number"),
        ("2024-05,Nurses,Will it work?,44,60,30", "`answered` is more than `asked`", "correct it"),
        ("2024-05,Nurses,Will it work?,60,30,44", "`confident` is more than `answered`", "correct it"),
        ("2024-05,Nurses,Will it work?,0,0,0", "`asked` is 0", "leave out a group"),
        ("2024-05,Nurses,Will it work?,60,*,30", "`confident` is given where `answered` is withheld", "evalkit pulse"),
        ("2024-05,Nurses,Will it work?,60,44", "the row has 5 fields, the header 6", "give every column one"),
        ("2024-05,Nurses 943 476 5919,Will it work?,60,44,30", "holds", "take out what is about one person"),
    )  # fmt: skip

    @pytest.mark.parametrize(("line", "what", "remedy"), BROKEN)
    def test_a_broken_row_is_told_in_one_sentence_with_file_field_and_remedy(self, tmp_path, line, what, remedy):
        rows, problems = _read(tmp_path, GOOD.replace("Nurses", "Doctors"), line)
        assert rows == []
        assert len(problems) == 1, problems
        assert (problems[0].file, problems[0].line) == (NAME, 3)
        assert what in problems[0].what
        assert remedy in problems[0].what
        assert problems[0].what.count(". ") == 0

    def test_twice_the_same_is_told_with_the_first(self, tmp_path):
        _, (problem,) = _read(tmp_path, GOOD, GOOD)
        assert (problem.line, "those of line 2" in problem.what) == (3, True)

    @pytest.mark.parametrize(
        ("header", "said"),
        [
            ("wave,staff group,question,asked,answered", "the column `confident` is missing: add it."),
            (f"{HEADER},confidnt", "column 7 is none of"),
            (f"{HEADER},wave", "the column `wave` is there twice: take one out."),
        ],
    )
    def test_a_header_is_told_apart_from_rows(self, tmp_path, header, said):
        _, problems = _read(tmp_path, GOOD + ",1" if header.count(",") > 5 else GOOD[:-3], header=header)
        assert any(said in problem.what for problem in problems)
        assert {problem.line for problem in problems} == {1}

    def test_columns_that_name_people_are_refused_without_their_values(self, tmp_path):
        _, problems = _read(tmp_path, f"{GOOD},Smith", header=f"{HEADER},surname")
        assert problems
        assert "Smith" not in str(problems)

    def test_a_file_without_rows_and_one_that_is_no_text(self, tmp_path):
        _, (empty,) = _read(tmp_path)
        assert "a header and no rows" in empty.what
        path = tmp_path / "b.csv"
        path.write_bytes(b"\xff\xfe\x00wave")
        _, (no_text,) = read_pulse(path, "b.csv")
        assert no_text.file == "b.csv"
        link = tmp_path / "link.csv"
        link.symlink_to(path)
        assert "is a link" in read_pulse(link, "link.csv")[1][0].what

    def test_too_many_groups_are_refused_before_any_sum_is_looked_for(self, tmp_path):
        _, (problem,) = _read(tmp_path, *(GOOD.replace("Nurses", f"Ward {number}") for number in range(15)))
        assert "more than 14" in problem.what

    def test_all_that_is_wrong_is_told_at_once(self, tmp_path):
        _, problems = _read(tmp_path, *(line for line, *_ in self.BROKEN[:6]))
        assert [problem.line for problem in problems] == list(range(2, 8))


def _rows(counts: list[tuple[int, int, int]], wave: str = "2024-05") -> list[PulseRow]:
    """Groups, and all of them together as the last."""
    together = [*counts, tuple(map(sum, zip(*counts, strict=True)))]
    names = [*(f"Group {number}" for number in range(len(counts))), "All staff"]
    return [
        PulseRow(wave, name, "Will it work?", *each, line=at)
        for at, (name, each) in enumerate(zip(names, together, strict=True), start=2)
    ]


class TestWithheld:
    EXAMPLE = _rows([(60, 44, 30), (20, 9, 4), (30, 21, 15)])

    def test_a_small_group_is_withheld_and_another_so_that_the_total_does_not_give_it_back(self):
        shown = {row.staff_group: row for row in to_show(self.EXAMPLE)}
        assert shown["Group 1"].answered is None
        assert shown["Group 1"].confident is None
        hidden = [name for name, row in shown.items() if row.answered is None]
        assert len(hidden) >= 2
        assert shown["All staff"].answered == 74 or len(hidden) > 2

    def test_ten_are_withheld_and_eleven_are_not(self):
        shown = [to_show([PulseRow("2024-05", "Nurses", "Q", 60, answers, 3)])[0].answered for answers in (10, 11)]
        assert shown == [None, 11]

    def test_without_small_groups_everything_is_shown(self):
        rows = _rows([(60, 44, 30), (40, 31, 12)])
        assert to_show(rows) == rows

    def test_what_was_withheld_stays_withheld_when_it_is_asked_again(self):
        before = to_show(self.EXAMPLE)
        grown = [replace(row, answered=20) if row.staff_group == "Group 1" else row for row in self.EXAMPLE]
        again = to_show([*grown, *_rows([(60, 40, 31), (20, 14, 9), (30, 19, 15)], "2024-11")], before)
        assert again[: len(before)] == before

    def test_a_file_that_shows_few_people_is_refused_and_so_is_one_group_withheld_alone(self):
        assert "`answered` is of 10 people or fewer" in published_problems(NAME, self.EXAMPLE)[0].what
        nobody = {"answered": None, "confident": None}
        alone = [replace(row, **nobody) if row.staff_group == "Group 1" else row for row in self.EXAMPLE]
        (problem,) = published_problems(NAME, alone)
        assert (problem.line, "can be found from line 5" in problem.what, "evalkit pulse" in problem.what) == (
            3,
            True,
            True,
        )
        assert published_problems(NAME, to_show(self.EXAMPLE)) == []

    @given(st.lists(st.tuples(st.integers(0, 45), st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=4))
    def test_no_difference_gives_a_small_group_back(self, drawn):
        """Who knows all that is shown, and takes all that is withheld for small, finds four sizes of every small group."""
        exact = _rows([(1 + more + said + not_sure, said + not_sure, said) for said, not_sure, more in drawn])
        shown = to_show(exact)
        assert published_problems(NAME, shown) == []
        parts, total = shown[:-1], shown[-1]
        hidden = [at for at, row in enumerate(parts) if row.answered is None]
        assert {at for at, row in enumerate(exact[:-1]) if 0 < row.answered < RULE.least} <= set(hidden)
        if total.answered is None or not hidden:
            return
        left = total.answered - sum(row.answered for row in parts if row.answered is not None)
        assert left >= RULE.least
        possible = [sizes for sizes in product(range(1, RULE.least), repeat=len(hidden)) if sum(sizes) == left]
        for place in range(len(hidden)):
            assert not possible or len({sizes[place] for sizes in possible}) >= 4
        assert possible or left > (RULE.least - 1) * len(hidden), "one of them is larger, and nothing says which"

    @given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=3), st.integers(1, 10))
    def test_without_a_small_group_nothing_is_withheld_and_with_one_there_is_company(self, drawn, few):
        large = [(11 + said + more, 11 + said, said) for said, more in drawn]
        assert to_show(_rows(large)) == _rows(large)
        shown = to_show(_rows([*large, (few + 5, few, 0)]))
        assert sum(row.answered is None for row in shown) >= 2

    def test_totals_of_some_groups_are_found_too(self):
        rows = [
            PulseRow("2024-05", name, "Q", *counts)
            for name, counts in (
                ("Consultants", (20, 9, 4)), ("Junior doctors", (40, 25, 11)), ("Doctors", (60, 34, 15)), ("Nurses", (80, 60, 31)),
                ("All", (140, 94, 46)),
            )
        ]  # fmt: skip
        hidden = {row.staff_group for row in to_show(rows) if row.answered is None}
        assert {"Consultants", "Junior doctors"} <= hidden
        assert len(hidden) < len(rows)

    def test_a_total_is_known_where_one_of_its_counts_was_mistyped(self):
        *parts, total = self.EXAMPLE
        for wrong in (replace(total, asked=111), replace(total, confident=48)):
            hidden = [row for row in to_show([*parts, wrong]) if row.answered is None]
            assert len(hidden) == 2, wrong

    def test_totals_that_are_taken_from_each_other_give_nothing(self):
        """A and B, and A and B and C: the small C follows from the two totals, whatever is withheld of A and B."""
        counts = {
            "A": (90, 70, 31),
            "B": (50, 40, 13),
            "C": (20, 9, 5),
            "A and B": (140, 110, 44),
            "All": (160, 119, 49),
        }
        rows = [PulseRow("2024-05", name, "Q", *each) for name, each in counts.items()]
        shown = {row.staff_group: row.answered for row in to_show(rows)}
        assert shown["C"] is None
        assert shown["A and B"] is None or shown["All"] is None

    def test_the_file_that_is_written_is_read_again(self, tmp_path):
        shown = to_show(self.EXAMPLE)
        path = tmp_path / NAME
        path.write_text(as_csv(shown), encoding="utf-8")
        again, problems = read_pulse(path, NAME)
        assert problems == []
        assert again == shown
        assert path.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)


class TestIntervals:
    @given(st.lists(st.tuples(st.integers(11, 900), st.floats(0, 1), st.integers(0, 400)), min_size=1, max_size=8))
    def test_every_interval_is_that_of_statsmodels_and_holds_its_share(self, drawn):
        rows = [
            PulseRow("2024-05", f"G{at}", "Q", answered + more, answered, int(share * answered))
            for at, (answered, share, more) in enumerate(drawn)
        ]
        for row, shown in zip(
            sorted(rows, key=lambda row: row.staff_group.casefold()), with_intervals(rows), strict=True
        ):
            low, high = proportion_confint(row.confident, row.answered, method="wilson")
            ends = (0.0 if row.confident == 0 else low, 1.0 if row.confident == row.answered else high)
            assert (shown.low / 100, shown.high / 100) == pytest.approx(ends, abs=1e-12)
            assert 0 <= shown.low <= shown.rate <= shown.high <= 100
            assert shown.response == pytest.approx(100 * row.answered / row.asked)

    def test_where_nobody_answered_there_is_a_response_rate_and_no_share(self):
        (shown,) = with_intervals([PulseRow("2024-05", "Nurses", "Q", 40, 0, 0)])
        assert (shown.response, shown.rate, shown.withheld) == (0.0, None, False)

    def test_plain_values_are_plain(self):
        (shown,) = with_intervals([PulseRow("2024-05", "Nurses", "Q", 40, 20, 5)])
        assert not any(isinstance(value, np.generic) for value in shown.to_dict().values())
