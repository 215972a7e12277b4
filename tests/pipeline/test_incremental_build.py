"""``evalkit build --incremental`` on a project whose analyses have not been run, so that no notebook is needed."""

from pathlib import Path

from evalkit.book.sphinx.html import HTML

EVALUATIONS = Path("book", "generated", "evaluations")


def test_the_command_builds_on_what_is_there(example):
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
    said = example.evalkit("build", "--incremental")
    assert said.status == 0, said.err
    assert not (pages / "another-change").exists()
    assert (pages / "renamed-change" / "index.html").is_file()
    made = example.snapshot("_build/html")
    assert [name for name, raw in made.items() if b"another-change" in raw] == []
    assert [name for name, raw in made.items() if b"renamed-change" in raw]
