"""A voice, a journey and involvement open their page or their block, and without them there is none."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from evalkit.book.content.voices import IN_PUBLIC, TOLD_US
from evalkit.book.page_writer import write_pages
from evalkit.catalogue.records.learning import LearningItem, Publication
from evalkit.catalogue.records.voices import Contact, Involvement, JourneyRecord
from tests.support.synthetic_book import made_up, make_project, site_id

ROOT = Path(__file__).parents[2]
GENERATED = Path("book", "generated")
ONE = site_id(1)
PATIENTS = "learning/patients-and-carers.html"
VOICE = {
    "speaker": "readers", "reply": "They denied it.", "about": [ONE], "organisation": "themselves", "published_elsewhere": "report", "seen": "not_asked", "told": "not_yet",
    "harm": "none_reported", "looked": "2026-06-01",
}  # fmt: skip
SIGNED = {"by": "Patient partner", "date": "2026-06-02"}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("voices")
    make_project(folder)
    return folder


@pytest.fixture
def pages(project):
    """Write the pages of two places taken for real ones, after a change of their records."""

    def written(change=lambda catalogue, plans: None) -> dict[str, str]:
        catalogue, plans, outcomes = made_up(project, [1, 2])
        for id, site in catalogue.sites.items():
            catalogue.sites[id] = site.model_copy(update={"synthetic": False})
        report = {"title": "A report", "publisher": "A paper", "where": "example.org/report", "published": "2019-12"}
        catalogue.sources["report"] = Publication(id="report", read="2026-01-01", **report)
        change(catalogue, plans)
        write_pages(project / GENERATED, catalogue, plans, outcomes)
        folder = project / GENERATED
        return {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")
        }

    return written


def _voice(**fields) -> LearningItem:
    plain = {
        "id": "carer", "type": "patient_voice", "title": "What a carer said", "site": ONE, "themes": ["leadership"],
        "audience": ["boards"], "stage": "run", "strength": "stated", "status": "published", "date": "2020-05",
        "evidence": [{"kind": "document", "ref": "report", "says": "It says so."}], "body": "The way was long.",
        "response": "not_reported", "what_happened": "not_yet", "contributor_role": "Carer", "voice": VOICE, "signed_off": SIGNED,
    }  # fmt: skip
    return LearningItem.model_validate(plain | fields)


def test_without_a_voice_there_is_no_page_and_no_empty_block(pages):
    said = pages()
    assert PATIENTS not in said
    assert "take-part/example-site.html" not in said
    for name, text in said.items():
        assert "journey" not in text, name
        assert "How patients and the public were involved" not in text, name


def test_a_voice_opens_the_page_and_stands_where_it_belongs(pages):
    said = pages(lambda catalogue, plans: catalogue.learning.update(carer=_voice()))
    assert "The way was long." in said[PATIENTS]
    for name in (
        PATIENTS,
        "learning/items/carer.html",
        "learning/index.html",
        f"sites/{ONE}.html",
        f"evaluations/{ONE}/index.html",
    ):
        assert "<dd>Not yet</dd>" in said[name], name
        assert "<dd>They denied it.</dd>" in said[name], name
        assert "<dd>Not reported</dd>" in said[name], name
        assert "read/help-or-complain.html" in said[name], name
    assert "Not recorded." in said[PATIENTS]
    assert "no, as the words were read" in said[PATIENTS]


def test_the_page_is_called_by_who_spoke_and_how_it_came(pages):
    said = pages(lambda catalogue, plans: catalogue.learning.update(carer=_voice()))
    assert f"<ek-h1>{IN_PUBLIC}</ek-h1>" in said[PATIENTS]
    assert "one newspaper’s readers" in said[PATIENTS]
    assert "What was said, in our words" in said[PATIENTS]
    for name, text in said.items():
        assert "told us" not in text, name
        assert "patients and carers say" not in text, name


def test_a_carer_who_agreed_told_us_in_her_own_words(pages):
    agreed = {"form": "spoken", "date": "2026-03-01", "kept_by": "The team"}
    how = {"how": "By a letter.", "by_when": "In a week.", "older_copies": "They stay."}
    voice = {name: value for name, value in VOICE.items() if name != "published_elsewhere"}
    voice |= {"speaker": "carer", "consent": agreed, "seen": "2026-03-02", "correction": how}
    said = pages(lambda catalogue, plans: catalogue.learning.update(carer=_voice(voice=voice)))
    assert f"<ek-h1>{TOLD_US}</ek-h1>" in said[PATIENTS]
    assert "in our words" not in said[PATIENTS]
    assert "No patient or carer has" not in said[PATIENTS]
    assert TOLD_US in said["learning/items/carer.html"]
    assert "No patient or carer has been heard about this change" not in said[f"evaluations/{ONE}/index.html"]
    assert "No patient or carer has been heard about this change" in said[f"evaluations/{site_id(2)}/index.html"]


@pytest.mark.parametrize(
    ("of", "says"),
    [([ONE], "of this change"), ([site_id(2)], "of another change there: "), ([], "of another change there")],
)
def test_beside_an_evaluation_stands_of_which_change_it_was_said(pages, of, says):
    said = pages(lambda catalogue, plans: catalogue.learning.update(carer=_voice(voice=VOICE | {"about": of})))
    assert f"<strong>{says}" in said[f"evaluations/{ONE}/index.html"]


def test_nobody_is_invited_to_write_to_a_book_without_an_address(pages):
    said = pages(lambda catalogue, plans: catalogue.learning.update(carer=_voice()))
    words = said["take-part/your-words.html"]
    assert "You cannot yet add your words yourself: this book has no address yet." in words
    assert "nobody can be written to" in said["index-parts/contact.html"]
    assert "You cannot yet add your words yourself" in said[PATIENTS]
    assert "You cannot do this yet" in said["learning/items/carer.html"]
    for name, text in said.items():
        assert "in its repository" not in text, name


def test_with_an_address_it_stands_wherever_something_can_be_asked(pages):
    contact = Contact(id="contact", name="Patient panel", email="panel@example.org", answers_within="ten working days")

    def change(catalogue, plans):
        catalogue.learning["carer"] = _voice()
        catalogue.book["contact"] = contact

    said = pages(change)
    for name in ("take-part/your-words.html", "index-parts/contact.html", PATIENTS, "learning/items/carer.html"):
        assert "Patient panel; by email: panel@example.org" in said[name], name
        assert "within ten working days" in said[name], name
        for refused in ("You cannot", "no address"):
            assert refused not in said[name], name


def test_what_a_speaker_was_promised_stands_beside_their_words(pages):
    promised = {
        "speaker": "carer", "reply": "not_yet", "organisation": "unnamed", "consent": {"form": "spoken", "date": "2026-03-01", "kept_by": "The team"},
        "seen": "2026-03-02", "correction": {"how": "By a letter.", "by_when": "In a week.", "older_copies": "They stay."},
        "told": "2026-05-01", "told_by": "A nurse", "harm": "2026-03-01", "harm_told_to": "Safety lead", "looked": "2026-06-01",
    }  # fmt: skip
    text = pages(lambda catalogue, plans: catalogue.learning.update(carer=_voice(voice=promised)))[
        "learning/items/carer.html"
    ]
    for words in (
        "One that wishes to stay unnamed", "Agreed by word of mouth on 1 March 2026; kept by: The team", "Yes, on 2 March 2026",
        "On 1 May 2026, by: A nurse", "The place was told before this was published, on 1 March 2026: Safety lead",
        "By a letter.", "In a week.", "They stay.",
    ):  # fmt: skip
        assert words in text, words


def test_a_journey_stands_on_the_page_of_its_place_alone(pages, project):
    folder = project / "data" / "journeys"
    folder.mkdir()
    shutil.copy(ROOT / "data" / "example" / "journey.csv", folder / f"{ONE}.csv")
    record = {
        "id": ONE, "title": "Home to home", "whose": "Six people.", "walked": "By two nurses.", "before": "2024", "after": "2025",
        "signed_off": SIGNED,
    }  # fmt: skip

    def change(catalogue, plans):
        catalogue.learning["carer"] = _voice()
        catalogue.journeys[ONE] = JourneyRecord.model_validate(record)

    said = pages(change)
    shutil.rmtree(folder)
    assert {name for name, text in said.items() if '<svg class="ek-journey"' in text} == {f"sites/{ONE}.html"}
    assert "The story was told 5 times before and twice after." in said[f"sites/{ONE}.html"]
    assert f"sites/{ONE}.html#the-journey-step-by-step" in said[PATIENTS]


def test_involvement_is_shown_where_it_is_known_and_missed_in_one_place(pages):
    items = dict.fromkeys(("aim", "methods", "results", "outcomes", "reflections"), "In words.")
    known = Involvement.model_validate(items | {"sources": [{"title": "Notes", "where": "example.org/notes"}]})

    def change(catalogue, plans):
        catalogue.learning["carer"] = _voice()
        plans[0] = replace(plans[0], evaluation=plans[0].evaluation.model_copy(update={"involvement": known}))

    said = pages(change)
    assert "For 1 evaluation nothing is recorded" in said[PATIENTS]
    assert "GRIPP2" in said[PATIENTS]
    shown = {name for name, text in said.items() if "How patients and the public were involved" in text}
    assert shown == {f"evaluations/{ONE}/index.html"}
