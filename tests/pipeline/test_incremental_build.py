"""``evalkit build --incremental``: a new title, and an evaluation that has not been run and goes by another name."""

from pathlib import Path

from evalkit.book.sphinx.html import HTML
from tests.pipeline.conftest import MEASURE

EVALUATIONS = Path("book", "generated", "evaluations")


def test_the_command_builds_on_what_is_there(run_example):
    example = run_example
    records = example.root / "data" / "evaluations"
    (record,) = records.iterdir()
    text = record.read_text(encoding="utf-8")
    other = text.replace(record.stem, "another-change").replace("Example ward rounds", "A title of its own")
    (records / "another-change.yml").write_text(other, encoding="utf-8")
    (item,) = (example.root / "data" / "learning").iterdir()
    why = item.read_text(encoding="utf-8")
    item.write_text(why.replace(f"- {record.stem}", f"- {record.stem}\n- another-change"), encoding="utf-8")
    said = example.evalkit("build")
    assert said.status == 0, said.err
    pages = example.root / HTML / EVALUATIONS
    assert (pages / "another-change" / "index.html").is_file()

    (records / "another-change.yml").unlink()
    renamed = other.replace("another-change", "renamed-change")
    (records / "renamed-change.yml").write_text(renamed, encoding="utf-8")
    item.write_text(why.replace(f"- {record.stem}", f"- {record.stem}\n- renamed-change"), encoding="utf-8")
    name = record.relative_to(example.root).as_posix()
    example.edit(name, lambda text: text.replace("title: Weekend discharges", "title: A better name", 1))
    assert example.evalkit("due", record.stem).err == "0 of 1 analysis due.\n"  # a new title needs no run
    said = example.evalkit("build", "--incremental")
    assert said.status == 0, said.err
    assert not (pages / "another-change").exists()
    assert (pages / "renamed-change" / "index.html").is_file()
    assert "A better name" in (pages / record.stem / f"{MEASURE}.html").read_text(encoding="utf-8")
    made = example.snapshot("_build/html")
    assert [name for name, raw in made.items() if b"another-change" in raw] == []
    assert [name for name, raw in made.items() if b"renamed-change" in raw]
