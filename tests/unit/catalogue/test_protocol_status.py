"""What a protocol says was known, what was predicted, what should not have moved, and how rivals were graded."""

import pytest

from evalkit.catalogue.consistency.reasons import _chosen_among
from evalkit.catalogue.records.learning import NotPooled
from tests.unit.conftest import EVALUATION, only

GRADES = "    grade: little\n    affects: [type-1-controlled]\n    grade_reason: What all share is taken away.\n    readers: 2\n"
NO_CONTROL = "  no_negative_control: None that the figures allow.\n"
PROOF = "  proof: {title: A protocol, where: a registry, read: 2017-06-20}\n"


def _protocol(project, lines: str) -> None:
    project.edit(EVALUATION, "protocol:\n", f"protocol:\n{lines}")


def _control(
    project, role: str = "negative_control", lines: str = "analysis: all-types-alone, kind: outcome, "
) -> None:
    project.edit(EVALUATION, NO_CONTROL, f"  negative_control: {{{lines}why: It should stay.}}\n")
    project.edit(EVALUATION, "role: recording_check", f"role: {role}")


class TestStatus:
    @pytest.mark.parametrize("status", ["before_data", "not_looked_at"])
    def test_what_is_said_to_be_unseen_has_to_be_proved(self, project, plain, status):
        project.edit(EVALUATION, "status: already_seen", f"status: {status}")
        project.edit(EVALUATION, "written: 2026-11-21", "written: 2017-06-20")
        plain(str(only(project.problems())), EVALUATION, f"`status` is {status}, and nothing proves it", "add `proof`")
        _protocol(project, PROOF)
        assert project.problems() == []

    def test_before_the_data_is_before_the_start(self, project, plain):
        project.edit(EVALUATION, "status: already_seen", "status: before_data")
        _protocol(project, PROOF)
        plain(str(only(project.problems())), "before_data", "2026-11-21, after the start on 2017-07-04", "already_seen")

    def test_another_word_and_the_old_field(self, project, plain):
        project.edit(EVALUATION, "  status: already_seen\n  because", "  status: unseen\n  because")
        plain(str(only(project.problems())), EVALUATION, "status", "before_data", "not_looked_at", "already_seen")
        project.edit(EVALUATION, "  status: unseen\n", "  pre_specified: false\n")
        said = [str(problem) for problem in project.problems()]
        assert any("`protocol.status` is missing" in sentence for sentence in said)
        assert any("`pre_specified` is not a field here" in sentence for sentence in said)


class TestPrediction:
    def test_a_range_with_its_unit_and_its_source(self, project):
        _protocol(
            project, "  predicted: {low: -20, high: -5, scale: percent, source: One visit in five came at night.}\n"
        )
        assert project.problems() == []

    @pytest.mark.parametrize(
        ("range_", "says"),
        [
            ("low: -20, high: -5, source: A count.", "`protocol.predicted.scale` is missing"),
            ("low: -20, high: -5, scale: pounds, source: A count.", "scale"),
            ("low: -20, high: -5, scale: percent", "`protocol.predicted.source` is missing"),
            ("low: -5, high: -20, scale: percent, source: A count.", "give the lower end first"),
            ("low: .nan, high: -5, scale: percent, source: A count.", "low"),
        ],
    )
    def test_bad_ones_are_one_sentence_each(self, project, plain, range_, says):
        _protocol(project, f"  predicted: {{{range_}}}\n")
        plain(str(only(project.problems())), EVALUATION, says)


class TestNegativeControl:
    def test_an_analysis_with_the_role_is_sound(self, project):
        _control(project)
        assert project.problems() == []

    @pytest.mark.parametrize(
        ("role", "lines", "says"),
        [
            ("negative_control", "kind: outcome, ", "`protocol.negative_control.analysis` is missing"),
            (
                "negative_control",
                "analysis: all-types, kind: outcome, ",
                "is `all-types`, which is no analysis with the role",
            ),
            ("secondary", "analysis: all-types-alone, kind: outcome, ", "none has that role"),
            ("negative_control", "analysis: all-types-alone, kind: weather, ", "kind"),
        ],
    )
    def test_bad_ones_are_one_sentence_each(self, project, plain, role, lines, says):
        _control(project, role, lines)
        plain(str(only(project.problems())), EVALUATION, says)

    def test_one_or_the_reason_for_none_and_not_both(self, project, plain):
        project.edit(EVALUATION, NO_CONTROL, "")
        plain(str(only(project.problems())), EVALUATION, "has no `negative_control`", "`no_negative_control`")
        project.edit(EVALUATION, "status: published", "status: draft")
        assert project.problems() == []
        _protocol(project, f"{NO_CONTROL}  negative_control: {{analysis: all-types-alone, kind: date, why: Calm.}}\n")
        plain(str(only(project.problems())), EVALUATION, "keep the one or the other")


class TestRivals:
    @pytest.mark.parametrize(
        ("line", "instead", "says"),
        [
            ("    grade: little\n", "", "`grade` in entry 1 of `rival_explanations` is missing"),
            ("    readers: 2\n", "", "`readers` in entry 1 of `rival_explanations` is missing"),
            ("    readers: 2\n", "    readers: 0\n", "readers"),
            (
                "    grade_reason: What all share is taken away.\n",
                "",
                "`grade_reason` in entry 1 of `rival_explanations` is missing",
            ),
            ("    grade: little\n", "    grade: some\n", "grade"),
            (
                "    affects: [type-1-controlled]\n",
                "    affects: [type-1]\n",
                "`affects` names `type-1`, which is not an analysis",
            ),
            (
                "    grade: little\n    affects: [type-1-controlled]\n",
                "    grade: all\n",
                "`affects` names no analysis",
            ),
            (
                "    readers: 2\n",
                "    readers: 2\n    otherwise: [{grade: part, affects: [type-1-controlled], grade_reason: Twice.}]\n",
                "type-1-controlled is listed twice in `affects`",
            ),
        ],
    )
    def test_bad_ones_are_one_sentence_each(self, project, plain, line, instead, says):
        project.edit(EVALUATION, GRADES, GRADES.replace(line, instead))
        plain(str(only(project.problems())), EVALUATION, says)

    def test_what_is_graded_little_may_affect_nothing(self, project):
        project.edit(EVALUATION, GRADES, GRADES.replace("    affects: [type-1-controlled]\n", ""))
        assert project.problems() == []


class TestAnAnswerIsNotAddedLater:
    def test_another_analysis_may_be(self, project, plain):
        project.edit(EVALUATION, "role: recording_check", "added: 2026-11-29\n    role: recording_check")
        assert project.problems() == []
        project.edit(EVALUATION, "role: primary", "added: 2026-11-29\n    role: primary")
        plain(str(only(project.problems())), EVALUATION, "what was added later cannot answer the question")

    def test_a_physical_cause_needs_its_day(self, project, plain):
        project.edit(EVALUATION, "  certainty: confirmed\n", "  certainty: inferred\n  physical_cause: locked doors\n")
        plain(str(only(project.problems())), EVALUATION, "`physical_cause` needs a day that is known", "inferred")


class TestPooledResultsTakeAll:
    def test_leaving_one_out_needs_a_reason(self, real):
        (pooled,) = [one for one in real.pooled.values() if len(one.analyses) == 13]
        fewer = pooled.model_copy(update={"analyses": pooled.analyses[1:]})
        (problem,) = _chosen_among(real, pooled.id, fewer)
        assert f"{pooled.analyses[0]} asks the same of another site" in problem.what
        assert "`left_out` with the reason" in problem.what
        left_out = NotPooled(analysis=pooled.analyses[0], reason="It closed.")
        assert _chosen_among(real, pooled.id, fewer.model_copy(update={"left_out": [left_out]})) == []

    def test_the_real_ones_do(self, real):
        together = {id: pooled for id, pooled in real.pooled.items() if pooled.not_pooled is None}
        assert {id: _chosen_among(real, id, pooled) for id, pooled in together.items()} == {id: [] for id in together}
