"""A journey: minutes that are missing are not known, stories are counted, and no two lines of a drawing lie on each other."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.book.content.journeys import LETTERS, LINE, WIDTH, journey_shown, minutes
from evalkit.catalogue.records.voices import JourneyRecord
from evalkit.journey.journeys import Journey, versions_of
from evalkit.journey.read_journey import MOST_MINUTES, Step

RECORD = JourneyRecord.model_validate(
    {
        "id": "here", "title": "Home to home", "whose": "Invented.", "walked": "Invented.", "before": "2024", "after": "2025",
        "signed_off": {"by": "Patient partner", "date": "2025-04-20"},
    }
)  # fmt: skip


def step(version="before", wait=60, value_adding=20, story_told=False, name="Seen") -> Step:
    return Step(version, name, "A&E", "Here", wait, value_adding, "No bed free", None, story_told)


class TestWhatIsCounted:
    def test_value_adding_share_and_repeats(self):
        (before,) = versions_of([step(story_told=True), step(wait=100, story_told=True), step(wait=0)])
        assert (before.wait, before.value_adding, before.told, before.told_again) == (160, 60, 2, 1)
        assert before.share == pytest.approx(100 * 60 / 220)
        said = journey_shown(Journey(RECORD, [before])).versions[0].counted
        assert said[1:] == ["1 h of that helped the patient: 27%.", "The story was told twice; once it was told again."]

    def test_a_missing_wait_is_not_zero(self):
        (before,) = versions_of([step(wait=None), step()])
        assert (before.wait, before.value_adding, before.share) == (None, 40, None)
        said = " ".join(journey_shown(Journey(RECORD, [before])).versions[0].counted)
        assert "not known in all" in said
        assert "%" not in said

    def test_a_journey_without_a_minute_has_no_share(self):
        (before,) = versions_of([step(wait=0, value_adding=0)])
        assert before.share is None

    def test_before_and_after_are_compared(self):
        steps = [step(story_told=True), step(story_told=True), step("after", wait=20, story_told=True)]
        shown = journey_shown(Journey(RECORD, versions_of(steps)))
        assert shown.compared == [
            "The story was told twice before and once after.",
            "The share of time that helped the patient was 25% before and 50% after.",
            "Waiting was 2 h before and 20 min after.",
        ]

    def test_nothing_is_compared_with_what_is_not_there(self):
        assert journey_shown(Journey(RECORD, versions_of([step()]))).compared == []

    @pytest.mark.parametrize(
        ("count", "said"),
        [(None, "not known"), (0, "0 min"), (61, "1 h 1 min"), (1440, "1 day"), (2900, "2 days 20 min")],
    )
    def test_minutes(self, count, said):
        assert minutes(count) == said


MINUTES = st.none() | st.integers(0, MOST_MINUTES)
STEPS = st.builds(
    step,
    version=st.sampled_from(["before", "after"]),
    wait=MINUTES,
    value_adding=MINUTES,
    story_told=st.booleans(),
    name=st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=80).filter(str.strip),
)


@given(st.lists(STEPS, min_size=1, max_size=12))
def test_a_drawing_holds_what_it_draws(steps):
    for version in journey_shown(Journey(RECORD, versions_of(steps))).versions:
        height = int(re.search(r'viewBox="0 0 \d+ (\d+)"', version.drawing)[1])
        lines = [int(down) for down in re.findall(r'<text class="[a-z-]+" x="0" y="(\d+)"', version.drawing)]
        assert all(later - earlier >= LINE for earlier, later in pairwise(lines))
        assert max(lines) <= height
        for x, width in re.findall(r'<rect class="[a-z-]+" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', version.drawing):
            assert float(x) + float(width) <= WIDTH
        assert version.drawing.count("<text") >= 2 * len(version.rows)
        assert all(len(text) <= LETTERS + 60 for text in re.findall(r">([^<]*)</text>", version.drawing))


def test_names_are_no_markup():
    drawing = journey_shown(Journey(RECORD, versions_of([step(name='<b>Seen</b> & "sent"')]))).versions[0].drawing
    assert "<b>" not in drawing
    assert "&lt;b&gt;" in drawing
