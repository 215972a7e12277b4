"""What the page "Take part" shows of other records can be copied: each example is one."""

import re
from typing import get_args

import pytest
import yaml

from evalkit.catalogue.consistency.plain_words import WORDS_IN_A_SENTENCE, WORDS_OF_A_RECORD, sentences, word_count
from evalkit.catalogue.records.candidates import Candidate
from evalkit.catalogue.records.learning import BookChange, LearningItem, Pooled, Programme, Publication, Synonyms, Term
from evalkit.catalogue.records.sites import Site
from tests.unit.conftest import ROOT

PAGE = (ROOT / "book" / "take-part" / "index.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("\n## Other records\n") : PAGE.index("\n## When a file is wrong\n")]


def example(name: str) -> dict:
    """The example below the words in bold."""
    return yaml.safe_load(re.search(rf"^\*\*{name}\*\* .*?```yaml\n(.*?)```", SECTION, re.DOTALL | re.MULTILINE)[1])


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("A programme", Programme),
        ("A source", Publication),
        ("A glossary term", Term),
        ("Synonyms", Synonyms),
        ("A change log entry", BookChange),
        ("A change that was looked for", Candidate),
    ],
)
def test_a_record_below_its_id(name, record):
    ((id, fields),) = example(name).items()
    record.model_validate({"id": id, **fields})


def test_a_record_in_a_file_of_its_own(real):
    assert Site.model_validate(example("A place without figures")).org_codes == []
    pooled = Pooled.model_validate(example("A pooled record"))
    assert {pooled.area, *(programme["area"] for programme in example("A programme").values())} <= real.vocabularies[
        "areas"
    ].keys()


def test_plain_words():
    text = example("Plain words")["plain_words"]
    assert word_count(text) <= WORDS_OF_A_RECORD
    assert all(word_count(sentence) <= WORDS_IN_A_SENTENCE for sentence in sentences(text))
    assert f"at most {WORDS_OF_A_RECORD} words, at most {WORDS_IN_A_SENTENCE} in a sentence" in SECTION


def test_every_status_is_told():
    statuses = PAGE[PAGE.index("{list-table} What a status shows") :]
    statuses = re.findall(r"^\* - `(\w+)`$", statuses[: statuses.index("\n```\n")], re.MULTILINE)
    assert set(statuses) == set(get_args(LearningItem.model_fields["status"].annotation))
