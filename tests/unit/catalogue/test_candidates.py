"""Changes that were looked for: the real ones were decided first and their power is as worked out; each mistake is one sentence."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from evalkit.catalogue import read_catalogue
from evalkit.catalogue.records.candidate_power import read_candidate_power
from evalkit.catalogue.records.candidates import Candidate
from evalkit.catalogue.records.evaluations import Prediction
from evalkit.report.wording.predictions import predicted
from tools.candidate_power import power_of

ROOT = Path(__file__).parents[3]
CANDIDATES = "data/candidates.yml"
# The rows of the table of interventions that the book began with: each is used, kept or set aside.
FIRST_LIST = [
    "weston-overnight-2017",
    "nsech-2015",
    "grantham-overnight-2016",
    "northumbria-ucc-2016",
    "preston-chorley-ucc-2017",
    "north-tees-iucs-2017",
    "pontefract-utc-2018",
    "grantham-utc-2023",
    "james-cook-utc-2024",
    "midland-met-2024",
    "hundred-day-2022",
    "crs-field-test-2019",
    "uec-vanguards-2015",
    "discharge-frontrunners-2023",
    "ff20-2024",
    "gp-streaming-capital-2017",
    "sdec-type5-2024",
    "medicaid-expansion",
    "llanelli-miu-overnight-2024",
    "grange-2020",
    "glasgow-2015",
    "chorley-closure-2016",
]
TEXT = """\
weston-nights:
  what: A&E closed at night
  where: Weston
  org_codes: [RA3]
  day: 2017-07-04
  when: From 4 July 2017
  cause: the doors are shut
  figures: Visits by month
  predicted: {low: -20, high: -5, scale: percent, source: A newspaper.}
  power: {org_code: RA3, measure: ae-attendances-type-1, table: ae-monthly-2016-2019, first: 2016-04, last: 2017-06,
    months_after: 20, change: 5}
  known: seen
  decision: used
  decided: 2026-11-30
  because: It has an evaluation.
  evaluation: weston-overnight-closure-2017
  sources: [{title: A newspaper, where: example.org}]
"""


@pytest.fixture(scope="module")
def real():
    return read_catalogue(ROOT)


class TestTheRealOnes:
    def test_every_row_of_the_first_list_is_used_kept_or_set_aside(self, real):
        assert {*FIRST_LIST} <= {*real.candidates}

    def test_an_evaluation_that_nobody_had_looked_at_comes_from_the_register(self, real):
        unseen = {id for id, one in real.evaluations.items() if one.protocol.status == "not_looked_at"}
        kept = {one.evaluation for one in real.candidates.values() if one.decision == "kept"}
        assert unseen
        assert unseen <= kept

    def test_what_is_predicted_is_what_its_protocol_predicts(self, real):
        for candidate in real.candidates.values():
            evaluation = real.evaluations.get(candidate.evaluation or "")
            if candidate.decision == "kept" and evaluation is not None and evaluation.protocol.predicted:
                ends = (candidate.predicted.low, candidate.predicted.high, candidate.predicted.scale)
                fixed = evaluation.protocol.predicted
                assert ends == (fixed.low, fixed.high, fixed.scale), candidate.id

    def test_power_is_worked_out_for_each_that_asks_and_for_no_other(self, real):
        made = read_candidate_power(ROOT)
        assert list(made) == sorted(id for id, one in real.candidates.items() if one.power is not None)
        assert all(row.change == real.candidates[id].power.change for id, row in made.items())

    def test_the_table_of_power_is_what_the_tool_gives(self, real):
        """To what rough calibrations, which unit tests have, allow."""
        id = "dudley-urgent-care-centre-2015"
        now, kept = power_of(real, id, real.candidates[id].power), read_candidate_power(ROOT)[id]
        assert now.model_dump(exclude={"detectable", "power"}) == kept.model_dump(exclude={"detectable", "power"})
        assert now.power == pytest.approx(kept.power, abs=0.05)
        assert now.detectable == pytest.approx(kept.detectable, rel=0.1)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-42, -20, "A fall of 20.0 to 42.0%"),
        (-1.9, 0, "No change to a fall of 1.9%"),
        (0, 3, "No change to a rise of 3.0%"),
        (30, 41, "A rise of 30.0 to 41.0%"),
        (-2, 3, "From a fall of 2.0% to a rise of 3.0%"),
    ],
)
def test_a_predicted_range_in_words(low, high, words):
    assert predicted(Prediction(low=low, high=high, scale="percent", source="A newspaper.")) == words


def test_a_sound_entry_is_read(project):
    project.write(CANDIDATES, TEXT)
    assert project.problems() == []
    assert project.catalogue().candidates["weston-nights"].power.change == 5


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("org_codes: [RA3]", "org_codes: [ZZZ]", "`org_codes` names `ZZZ`"),
        ("evaluation: weston-overnight-closure-2017", "evaluation: elsewhere", "`evaluation` names `elsewhere`"),
        ("measure: ae-attendances-type-1", "measure: no-such", "`measure` names `no-such`"),
        ("last: 2017-06", "last: 2017-07", "power may see only months before that one"),
    ],
)
def test_what_there_is_not_and_months_after_are_told_with_their_line(project, old, new, says):
    assert old in TEXT
    project.write(CANDIDATES, TEXT.replace(old, new, 1))
    (problem,) = project.problems()
    assert says in str(problem)
    assert str(problem).startswith(f"{CANDIDATES}, line ")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("first: 2016-04", "first: 2017-06", "give the earlier month first"),
        ("  decision: used", "  decision: set_aside", "is set aside, and has the evaluation"),
        ("  evaluation: weston-overnight-closure-2017\n", "", "is used already, and names no `evaluation`"),
        ("  known: seen", "  no_power: None.\n  known: seen", "give `power`, or in `no_power` why there is none"),
        ("  predicted: {low: -20, high: -5, scale: percent, source: A newspaper.}\n", "", "give `predicted`"),
    ],
)
def test_an_entry_says_each_thing_or_why_not(old, new, says):
    assert old in TEXT
    ((id, fields),) = yaml.safe_load(TEXT.replace(old, new, 1)).items()
    with pytest.raises(ValidationError, match=re.escape(says)):
        Candidate.model_validate({"id": id, **fields})
