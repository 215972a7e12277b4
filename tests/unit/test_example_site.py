"""The invented site: whole as it stands, in no record of the book, and refused where somebody might take it for real."""

import shutil
from pathlib import Path

import pytest

from evalkit.book.content.comment_themes import comment_themes
from evalkit.catalogue import read_catalogue
from evalkit.example_site import CODES, FOLDER, read_example
from tests.unit.conftest import only
from tools.comment_themes import LEAST, trimmed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(ROOT / FOLDER, tmp_path / FOLDER)
    return tmp_path


def spoil(root: Path, name: str, old: str, new: str) -> str:
    path = root / FOLDER / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return str(only(read_example(root, {})[1]))


def test_the_example_of_the_book_is_whole():
    example, problems = read_example(ROOT, read_catalogue(ROOT).vocabularies)
    assert problems == []
    assert example is not None
    assert [version.when for version in example.journey.versions] == ["before", "after"]


def test_no_record_of_the_book_has_it():
    catalogue = read_catalogue(ROOT)
    assert not any(site.synthetic or set(site.org_codes) & set(CODES) for site in catalogue.sites.values())
    assert not {*CODES} & {*catalogue.organisations}
    assert not {"zz901", "example-voice"} & {*catalogue.sites, *catalogue.learning, *catalogue.journeys}


def test_a_project_without_one_has_none(tmp_path):
    assert read_example(tmp_path, {}) == (None, [])


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("voice.md", "---\nExample entry, nobody said this.", "---\nI waited all night.", ("`body` is not", "write just that")),
        ("voice.md", "what_happened: not_yet\n", "", ("`what_happened` is missing", "not_yet or not_reported")),
        ("journey.csv", '"Example entry, nobody said this"', "I waited all night", ("line 4", "`said` is not", "leave it empty")),
        ("site.yml", "[ZZ901]", "[ZZ902]", ("`org_codes` is not ZZ901", "write both so")),
        ("involvement.yml", "aim:", "note: More.\naim:", ("`note` is not a field here",)),
        ("pulse.csv", "84,40", "84,90", ("`confident`", "correct it")),
    ],
)  # fmt: skip
def test_what_somebody_might_take_for_real_or_cannot_read(copied, plain, name, old, new, said):
    plain(spoil(copied, name, old, new), (FOLDER / name).as_posix(), *said)


def test_a_file_that_is_missing_or_too_many(copied, plain):
    (copied / FOLDER / "voice.md").unlink()
    plain(str(only(read_example(copied, {})[1])), "data/example/voice.md", "is not there", "add it")
    shutil.copy(ROOT / FOLDER / "voice.md", copied / FOLDER / "voice.md")
    (copied / FOLDER / "more.csv").write_text("a\n", encoding="utf-8")
    plain(str(only(read_example(copied, {})[1])), "data/example/more.csv", "no file of the example", "take it out")


class TestThemesOfComments:
    def test_the_sample_of_the_book(self):
        comments = comment_themes(read_catalogue(ROOT))
        assert comments is not None
        assert len(comments.rows) == 50
        rows = {row.theme: row.counts for row in comments.rows}
        assert rows["Labelling not possible"] == ("1,198", "487")
        assert rows["Timeliness of care"] == ("997", "107")
        assert rows["Care plans"] == ("1 to 4", "21")
        ambulance, other = comments.services
        assert (ambulance.kind, ambulance.comments, ambulance.unlabelled) == ("An ambulance service", 5096, 1198)
        assert (other.comments, other.unlabelled, other.unassigned) == (2812, 487, 138)
        assert ambulance.most == [
            ("Positive experience & gratitude", "1,145"),
            ("Staff manner & personal attributes", "1,008"),
            ("Timeliness of care", "997"),
            ("Transport to/ from services", "293"),
        ]
        assert len(comments.measured) + len(comments.unmeasured) == 48
        assert (len(comments.unmeasured), comments.without) == (45, 4)
        assert [row.theme for row in comments.unmeasured if row.as_published] == [
            "Referals & continuity of care", "Safeguarding concerns?",
        ]  # fmt: skip
        assert not any(count.isdecimal() and 0 < int(count) < LEAST for counts in rows.values() for count in counts)

    def test_every_theme_that_a_measure_asks_is_one_of_the_sample(self):
        catalogue = read_catalogue(ROOT)
        comments = comment_themes(catalogue)
        assert comments is not None
        assert {theme.theme for theme in catalogue.comment_themes.values()} == {row.theme for row in comments.measured}

    def test_small_counts_are_withheld_and_no_others(self):
        rows = [{"theme": "b", "NEAS": "4.0", "NHFT": "5.0"}, {"theme": "A", "NEAS": "0.0", "NHFT": "12"}]
        assert [(row["org_code"], row["theme"], row["comments"]) for row in trimmed(rows)] == [
            ("RP1", "A", "12"), ("RP1", "b", "5"), ("RX6", "A", "0"), ("RX6", "b", "*"),
        ]  # fmt: skip
