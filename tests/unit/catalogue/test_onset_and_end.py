"""What a protocol says of how a change works, and when it ended, is what its analyses estimate."""

import re

import pytest

import evalkit as ek
from evalkit.catalogue import read_catalogue
from evalkit.catalogue.files.yaml_lines import read_yaml
from evalkit.catalogue.protocol_fingerprint import protocol_fingerprint
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.sites import Site
from evalkit.errors import EvaluationError
from evalkit.intake.load import load_from
from tests.unit.conftest import EVALUATION, ROOT

WINDOW = '      last: "2019-03"\n'
RIVAL = "rival_explanations:\n"
AT_THE_END = "  - {id: reopened, kind: other_change, what: Nothing else is known to have begun., answer: It was asked., grade: little, grade_reason: Nothing is known., readers: 2, at: end}\n"


def _onset(project, word: str) -> None:
    project.edit(EVALUATION, "protocol:\n", f"protocol:\n  onset: {word}\n")


def _parameters(project, *lines: str) -> None:
    project.edit(EVALUATION, WINDOW, WINDOW + "".join(f"      {line}\n" for line in lines))


def _end(project, day: str) -> None:
    project.edit(EVALUATION, "  certainty: confirmed\n", f"  end: {day}\n  certainty: confirmed\n")


def _fingerprint(project) -> str:
    catalogue = read_catalogue(project.root)
    return protocol_fingerprint(catalogue.evaluations["weston-overnight-closure-2017"], catalogue.sites.values())


class TestOnset:
    @pytest.mark.parametrize(
        ("onset", "headline"),
        [("sudden", "level"), ("sudden", "level total"), ("builds", "first year"), ("builds", "month 12")],
    )
    def test_the_headline_of_its_kind_is_sound(self, project, onset, headline):
        _onset(project, onset)
        _parameters(project, "model: level_and_slope", f"headline: {headline}")
        assert project.problems() == []

    def test_one_step_cannot_show_what_builds(self, project, plain):
        _onset(project, "builds")
        _parameters(project, "model: level", "headline: first year")
        plain(str(project.problems()[0]), EVALUATION, "use the model `curve`")

    @pytest.mark.parametrize(
        ("onset", "headline", "wanted"),
        [
            ("builds", "level", "first year"),
            ("builds", "month 1", "first year"),
            ("builds", "level 2018-07", "first year"),
            ("sudden", "first year", "level"),
            ("sudden", "slope", "level"),
        ],
    )
    def test_another_is_refused_with_what_to_do(self, project, plain, onset, headline, wanted):
        _onset(project, onset)
        _parameters(project, "model: level_and_slope", f"headline: {headline}")
        (problem,) = project.problems()
        plain(str(problem), EVALUATION, f"make it `{wanted}`", "changes_headline")

    def test_or_has_a_dated_deviation(self, project):
        _onset(project, "builds")
        _parameters(project, "headline: level")
        deviation = "{when: 2026-11-29, what: The jump., why: It was sudden after all., changes_headline: true}"
        project.edit(EVALUATION, "protocol:\n", f"protocol:\n  deviations: [{deviation}]\n")
        assert project.problems() == []

    def test_another_word_is_refused(self, project, plain):
        _onset(project, "slow")
        plain(str(project.problems()[0]), "onset", "sudden", "builds")

    def test_what_is_not_said_leaves_the_fingerprint_of_a_protocol_alone(self, project):
        before = _fingerprint(project)
        assert (
            "onset"
            not in read_catalogue(project.root).evaluations["weston-overnight-closure-2017"].protocol.model_dump()
        )
        _onset(project, "sudden")
        assert _fingerprint(project) != before


class TestWhatCanBeAskedFor:
    @pytest.mark.parametrize(
        ("lines", "says"),
        [
            (["headline: reversed"], "no headline"),
            (["headline: First Year"], "no headline"),
            (["headline: during"], "needs `end`"),
        ],
    )
    def test_a_headline_is_one_of_a_few(self, project, plain, lines, says):
        _parameters(project, *lines)
        plain(str(project.problems()[0]), EVALUATION, says)

    @pytest.mark.parametrize(("family", "says"), [("binomial", "no family"), ("POISSON", "no family")])
    def test_a_family_is_one_that_the_template_can_have(self, project, plain, family, says):
        project.edit(EVALUATION, "template: controlled-interrupted-time-series", "template: interrupted-time-series")
        project.edit(EVALUATION, "      comparators: [RD1, RTE, RNZ, RN3]\n", "")
        _parameters(project, f"family: {family}")
        plain(str(project.problems()[0]), EVALUATION, says)

    def test_a_share_is_no_count(self, real, plain):
        frame = load_from(real, site="RA3", measure="ae-four-hour-type-1", first="2016-04", last="2019-03")
        options = {"outcome": "value", "time": "period", "unit": "unit", "treated": "RA3", "interruption": "2017-07"}
        with pytest.raises(EvaluationError, match="needs counts"):
            ek.interrupted_time_series(frame, **options, family="poisson")


class TestEnd:
    def test_a_rival_of_an_end_needs_one(self, project, plain):
        project.edit(EVALUATION, RIVAL, RIVAL + AT_THE_END)
        plain(str(project.problems()[0]), EVALUATION, "the intervention has no `end`")

    def test_a_year_that_nobody_means_is_refused(self, project, plain):
        _end(project, "9999-12-31")
        plain(str(project.problems()[0]), EVALUATION, "between 1900 and 2099")

    def test_a_change_that_ended_is_sound_with_a_rival_of_its_end(self, project):
        _end(project, "2018-05-31")
        _parameters(project, 'end: "2018-05-31"')
        project.edit(EVALUATION, RIVAL, RIVAL + AT_THE_END)
        assert project.problems() == []

    def test_without_one_it_is_refused(self, project, plain):
        _end(project, "2018-05-31")
        _parameters(project, 'end: "2018-05"')
        plain(str(project.problems()[0]), "at: end", "what else began when the change ended")

    @pytest.mark.parametrize(
        ("recorded", "given", "says"),
        [
            (None, "2018-05", "the intervention has none"),
            ("2018-06-30", "2018-05", "make them the same"),
            ("2017-07-20", "2017-07-20", "before the change counts"),
            ("2030-01-01", "2030-01", "no period after it"),
            ("2018-05-31", "May", "make them the same"),
        ],
    )
    def test_another_end_is_refused(self, project, plain, recorded, given, says):
        _parameters(project, f'end: "{given}"')
        if recorded:
            _end(project, recorded)
            project.edit(EVALUATION, RIVAL, RIVAL + AT_THE_END)
        plain(str(project.problems()[0]), EVALUATION, says)

    def test_one_within_the_window_that_is_not_analysed_is_worth_a_look(self, project):
        _end(project, "2018-05-31")
        said = [str(problem) for problem in project.problems("look")]
        assert any(re.search(r"ended on 2018-05-31, within the window", problem) for problem in said)

    def test_it_cannot_end_before_it_begins(self, project, plain):
        _end(project, "2016-05-31")
        plain(str(project.problems()[0]), "2016-05-31", "before it began")


class TestStartsOfSites:
    """A site by its id or by its one code, in any order and any quotation marks, is one plan."""

    BY_ID = "    northumbria: 2016-12-01\n    lancashire-teaching: 2017-01-18\n"

    @pytest.mark.parametrize(
        ("written", "same"),
        [
            ('    lancashire-teaching: "2017-01-18"\n    "northumbria": 2016-12-01\n', True),
            ("    RTF: 2016-12-01\n    RXN: 2017-01-18\n", True),
            ("    RTF: 2016-12-01\n    RXN: 2017-01-19\n", False),
            ("    RXN: 2016-12-01\n    RTF: 2017-01-18\n", False),
        ],
    )
    def test_only_what_is_meant_counts(self, written, same):
        text = (ROOT / "data" / "evaluations" / "urgent-treatment-centres-2016-18.yml").read_text(encoding="utf-8")
        sites = [
            Site.model_validate(read_yaml((ROOT / "data" / "sites" / f"{id}.yml").read_text(encoding="utf-8"), id)[0])
            for id in ("northumbria", "lancashire-teaching")
        ]
        assert self.BY_ID in text
        before, after = (
            protocol_fingerprint(Evaluation.model_validate(read_yaml(written_so, "it")[0]), sites)
            for written_so in (text, text.replace(self.BY_ID, written))
        )
        assert (before == after) is same
