"""Voices, involvement, journeys: what stands in the book is whole, and each broken record is told in one sentence."""

from datetime import date
from pathlib import Path

import pytest

from evalkit.book.content.voices import (
    IN_PUBLIC,
    TOLD_US,
    answered,
    came,
    counted,
    of_the_book,
    reached,
    title_of,
    voice_shown,
)
from evalkit.catalogue.new_learning_files import LearningAnswers, new_learning_files
from evalkit.catalogue.records.learning import VOICES, LearningItem
from evalkit.catalogue.records.voices import Voice
from tests.unit.conftest import EVALUATION, SITE, only

ROOT = Path(__file__).parents[3]
VOICE, RECORD, STEPS = "data/learning/carer.md", "data/journeys/weston.yml", "data/journeys/weston.csv"
SAID = """\
---
id: carer
type: patient_voice
title: A carer said that the way at night was long
site: weston
themes: [patients-and-public]
audience: [patients-public]
stage: run
strength: stated
evidence:
  - kind: document
    ref: weston-night-closure-2017
    says: A carer said so.
response: not_reported
what_happened: not_yet
status: published
date: 2019-10-01
contributor_role: Carer
signed_off:
  by: Patient partner
  date: 2026-03-20
voice:
  speaker: carer
  about: [weston-overnight-closure-2017]
  organisation: themselves
  consent:
    form: written
    date: 2026-03-01
    kept_by: Patient experience team
  seen: 2026-03-10
  correction:
    how: By a letter.
    by_when: Within a month.
    older_copies: They stay.
  reply: The ward manager had not known.
  told: 2026-05-01
  told_by: Patient partner
  harm: 2026-03-02
  harm_told_to: Patient safety lead
  looked: 2026-06-01
---
The way was long.
"""
CONSENT = "  consent:\n    form: written\n    date: 2026-03-01\n    kept_by: Patient experience team\n"
JOURNEY = """\
id: weston
title: From a fall to home
whose: Six people put together.
walked: By two nurses with six patients.
before: March 2024
after: March 2025
signed_off: {by: Patient partner, date: 2025-04-20}
"""
ROWS = """\
version,step,setting,organisation,wait,value adding,cause of delay,said,story told
before,Call for help,Home,Ambulance service,90,10,No crew free,,yes
before,Seen,A&E,Weston,200,,One doctor,,yes
after,Seen,A&E,Weston,20,20,not_reported,"Kind, and quick",no
"""
INVOLVED = """\
involvement:
  aim: To choose what is measured.
  methods: Two talks.
  results: Waits were added.
  outcomes: One measure more.
  reflections: Too late.
  sources: [{title: Notes, where: example.org/notes}]
"""


@pytest.fixture
def told(project):
    """A voice, a journey and involvement of a real place, all whole."""
    project.write(VOICE, SAID)
    project.write(RECORD, JOURNEY)
    project.write(STEPS, ROWS)
    text = (project.root / EVALUATION).read_text(encoding="utf-8")
    project.write(EVALUATION, text.replace("analyses:\n", f"{INVOLVED}analyses:\n", 1))
    return project


def test_whole_records_are_sound(told):
    assert told.problems() == []


BROKEN = [
    (VOICE, "response: not_reported\n", "", "`response` is missing", "not_yet or not_reported"),
    (VOICE, "what_happened: not_yet\n", "what_happened: ' '\n", "`what_happened` is missing", "not_yet or not_reported"),
    (VOICE, SAID[SAID.index("voice:") : SAID.index("---\nThe way")], "", "`voice` is missing", "draft"),
    (VOICE, "  organisation: themselves\n", "", "`voice.organisation` is missing", "add it"),
    (VOICE, "  speaker: carer\n", "", "`voice.speaker` is missing", "campaign_group"),
    (VOICE, "speaker: carer", "speaker: expert", "`voice.speaker`", "patients_organisation"),
    (VOICE, "speaker: carer", "speaker: carer\n  signatures: 9", "`signatures` is for a petition", "take it out"),
    (VOICE, "about: [weston-overnight-closure-2017]", "about: [weston]", "`about` names `weston`", "take it out"),
    (VOICE, "  reply: The ward manager had not known.\n", "", "`voice.reply` is missing", "add it"),
    (VOICE, CONSENT, "", "`voice` needs either `consent`", "give one of the two"),
    (VOICE, CONSENT, f"{CONSENT}  published_elsewhere: weston-night-closure-2017\n", "either `consent`", "give one"),
    (VOICE, CONSENT, "  published_elsewhere: some-paper\n", "`published_elsewhere` names `some-paper`", "add it there"),
    (VOICE, "form: written", "form: assumed", "`voice.consent.form`", "written"),
    (VOICE, "    kept_by: Patient experience team\n", "", "`voice.consent.kept_by`", "add it"),
    (VOICE, "seen: 2026-03-10", "seen: not_asked", "`seen` is not_asked", "show the speaker"),
    (VOICE, "seen: 2026-03-10", "seen: soon", "`voice.seen` is neither a day", "write one of them"),
    (VOICE, "    by_when: Within a month.\n", "", "`voice.correction.by_when`", "add it"),
    (VOICE, "told: 2026-05-01", "told: perhaps", "`voice.told` is neither a day", "not_yet or not_reported"),
    (VOICE, "  told_by: Patient partner\n", "", "`told_by` is missing", "by role"),
    (VOICE, "told: 2026-05-01", "told: not_yet", "`told_by` is given", "take `told_by` out"),
    (VOICE, "  harm_told_to: Patient safety lead\n", "", "`harm_told_to` is missing", "by role"),
    (VOICE, "harm: 2026-03-02", "harm: 2026-04-02", "`harm` is after the day in `signed_off`", "sign the item off after"),
    (VOICE, "signed_off:\n  by: Patient partner\n  date: 2026-03-20\n", "", "`signed_off` is missing", "draft"),
    (VOICE, "contributor_role: Carer\n", "", "`contributor_role` is missing", "by role"),
    (VOICE, "type: patient_voice", "type: staff_voice", "`voice` is for items of the type patient_voice", "take it out"),
    (EVALUATION, "  reflections: Too late.\n", "", "`involvement.reflections` is missing", "add it"),
    (EVALUATION, "  sources: [{title: Notes, where: example.org/notes}]\n", "", "`involvement.sources` is missing", "add it"),
    (RECORD, "signed_off: {by: Patient partner, date: 2025-04-20}\n", "", "`signed_off`", "add it"),
    (RECORD, "id: weston\n", "id: wells\n", "`id` is not what the file is called", "make them the same"),
    (STEPS, "90,10,No crew", "an hour,10,No crew", "`wait` is", "leave it empty"),
    (STEPS, "90,10,No crew", "90,-1,No crew", "`value_adding` is", "leave it empty"),
    (STEPS, "90,10,No crew free", "90,10,", "`cause_of_delay` is empty", "not_reported"),
    (STEPS, "before,Seen", "later,Seen", "`version` is", "before or after"),
    (STEPS, "One doctor,,yes", "One doctor,,often", "`story_told` is", "yes or no"),
    (STEPS, "before,Seen", "before,", "`step` is empty", "write it on every row"),
    (STEPS, "Ambulance service,90", "=HYPERLINK(1),90", "`organisation` begins as a formula", "begin it with a letter"),
    (STEPS, "Kind, and quick", "x" * 201, "`said` has 201 characters", "shorten it"),
    (STEPS, ROWS[ROWS.index("before") :], "", "has a header and no rows", "add one a step"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "says", "remedy"), BROKEN)
def test_a_broken_record_is_one_sentence_with_file_field_and_remedy(told, plain, file, old, new, says, remedy):
    told.edit(file, old, new)
    plain(str(only(told.problems())), file, says, remedy)


def test_twenty_kinds_of_them_are_tried():
    assert len(BROKEN) >= 20


class TestWhatIsBesideTheRecords:
    def test_steps_without_a_record(self, told, plain):
        (told.root / RECORD).unlink()
        plain(str(only(told.problems())), STEPS, "has no record beside it", "write weston.yml")

    def test_a_record_without_steps(self, told, plain):
        (told.root / STEPS).unlink()
        plain(str(only(told.problems())), STEPS, "is not there", "add it")

    def test_a_journey_of_no_site(self, told, plain):
        told.write("data/journeys/nowhere.yml", JOURNEY.replace("id: weston", "id: nowhere"))
        told.write("data/journeys/nowhere.csv", ROWS)
        plain(str(only(told.problems())), "data/journeys/nowhere.yml", "`nowhere`", "call the journey as its site")

    def test_a_link_is_not_followed(self, told, plain, tmp_path):
        (told.root / STEPS).unlink()
        (tmp_path / "elsewhere.csv").write_text(ROWS, encoding="utf-8")
        (told.root / STEPS).symlink_to(tmp_path / "elsewhere.csv")
        assert told.problems()

    def test_somebody_in_it_who_can_be_found(self, told):
        told.edit(STEPS, "Kind, and quick", "My number is 943 476 5919")
        said = str(only(told.problems()))
        assert STEPS in said
        assert "943" not in said

    def test_words_from_an_invented_place(self, told, plain):
        told.edit(SITE, "org_codes: [RA3]", "org_codes: []\nsynthetic: true")
        said = [str(problem) for problem in told.problems() if problem.file == VOICE]
        plain(only(said), "`site` is `weston`, which is synthetic", "nobody there said this", "take the item out")


def _items() -> list[LearningItem]:
    from evalkit.catalogue import read_catalogue

    return [item for item in read_catalogue(ROOT).learning.values() if item.type in VOICES and item.is_shown]


def test_every_voice_of_the_book_says_what_was_done_and_what_came_of_it():
    items = _items()
    assert sum(item.type == "patient_voice" for item in items) >= 3
    assert all(item.response and item.what_happened for item in items)


def test_every_patient_of_the_book_agreed_or_was_published_and_a_second_reader_signed_off():
    for item in _items():
        if item.type == "patient_voice":
            assert item.signed_off
            assert item.voice
            shown = voice_shown(item.voice, None)
            assert all((shown.organisation, shown.consent, shown.seen, shown.told, shown.harm, shown.correction.how))


CONTACT = "data/book.yml"


class TestTheContact:
    def test_it_is_whom_readers_write_to(self, told):
        told.write(
            CONTACT, "contact: {name: Patient panel, post: 'The hospital, My town', answers_within: ten working days}\n"
        )
        assert told.problems() == []
        contact = told.catalogue().contact
        assert reached(contact) == "Patient panel; by post: The hospital, My town"
        assert "within ten working days" in of_the_book(contact).by_when

    def test_no_time_is_promised_where_none_is_given(self, told):
        told.write(CONTACT, "contact: {name: Patient panel, phone: '01632 960 000'}\n")
        assert "within" not in of_the_book(told.catalogue().contact).by_when

    def test_without_one_nobody_is_invited(self, told):
        assert told.catalogue().contact is None
        assert of_the_book(None).how.startswith("You cannot do this yet")

    @pytest.mark.parametrize(
        ("text", "says", "remedy"),
        [
            ("contact: {name: Patient panel}\n", "names no way to be reached", "give `email`, `post` or `phone`"),
            ("contact: {name: Patient panel, email: at the desk}\n", "`email`", ""),
            ("address: {name: Patient panel, phone: '1'}\n", "`id`", "contact"),
        ],
    )
    def test_one_that_cannot_be_used_is_refused(self, told, text, says, remedy):
        told.write(CONTACT, text)
        problem = str(only(told.problems()))
        assert CONTACT in problem
        assert says in problem
        assert remedy in problem


class TestWhatTheyAreCalled:
    """The title and the counts say no more than the records."""

    def _voices(self, *speakers_and_consents: tuple[str, bool]) -> list[Voice]:
        agreed = {"form": "written", "date": "2026-03-01", "kept_by": "The team"}
        may_correct = {"how": "By a letter.", "by_when": "In a week.", "older_copies": "They stay."}
        plain = {
            "organisation": "themselves",
            "reply": "not_reported",
            "told": "not_yet",
            "harm": "none_reported",
            "looked": "2026-06-01",
        }
        here = {"consent": agreed, "seen": "2026-03-02", "correction": may_correct}
        before = {"published_elsewhere": "report", "seen": "not_asked"}
        return [
            Voice.model_validate(plain | (here if consents else before) | {"speaker": speaker})
            for speaker, consents in speakers_and_consents
        ]

    @pytest.mark.parametrize(
        ("voices", "title"),
        [
            ([("petition", False), ("readers", False)], IN_PUBLIC),
            ([("carer", False)], IN_PUBLIC),
            ([("campaign_group", True), ("carer", False)], "What people said about these changes"),
            ([("campaign_group", False), ("carer", True)], TOLD_US),
        ],
    )
    def test_they_told_us_only_where_a_patient_or_a_carer_did(self, voices, title):
        assert title_of(self._voices(*voices)) == title
        assert ("No patient or carer has yet spoken to this book" in came(self._voices(*voices))) == (title != TOLD_US)

    def test_they_are_counted_by_who_spoke(self):
        voices = self._voices(("petition", False), ("carer", True), ("carer", True), ("readers", False))
        assert counted(voices) == "2 carers, one petition and one newspaper’s readers"
        assert came(voices) == "How they came: 2 told to this book and 2 published elsewhere before."

    def test_a_denial_is_a_reply_and_no_action(self):
        by_id = {item.id: item for item in _items()}
        item = by_id["grantham-campaign"]
        assert answered([item]).startswith(
            "A reply is reported to 1 of 1, an action after 0, and what came of it for 1."
        )

    def test_risk_without_a_name_clears_nobody(self):
        harm = voice_shown(next(item for item in _items() if item.id == "grantham-campaign").voice, None).harm
        assert (
            harm
            == "It says that people were at risk. It names no person harmed. This book cannot tell whether anybody was."
        )


def test_a_draft_may_be_unfinished(told):
    told.write(
        VOICE, SAID.replace(SAID[SAID.index("voice:") : SAID.index("---\nThe way")], "").replace("published", "draft")
    )
    assert told.problems() == []


def test_what_is_asked_for_a_voice_makes_a_draft(told):
    answers = LearningAnswers(
        type="patient_voice", title="A patient waited", text="The wait was long.", site="weston", programme=None,
        themes=["workforce"], audience=["boards"], stage="run", strength="stated", evidence_kind="document",
        evidence_ref="weston-night-closure-2017", evidence_says="It says so.", date="2024", response="not_yet",
        what_happened="not_yet", contributor_role="Patient",
    )  # fmt: skip
    for path, text in new_learning_files(told.catalogue(), answers, date(2026, 11, 30)).items():
        told.write(path.relative_to(told.root).as_posix(), text)
    assert told.catalogue().learning["a-patient-waited"].status == "draft"
    assert told.problems() == []
