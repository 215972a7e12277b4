"""A book in which something failed: every other page stands, and the failure has a plain page."""

from tests.pipeline.conftest import MEASURE, copy_example  # noqa: F401 - a fixture

EVALUATION = "data/evaluations/example-ward-rounds.yml"


def _fails_and_has_a_second(text: str) -> str:
    """More harmonics than monthly data hold is only found out by the notebook."""
    _, _, primary = text.partition("analyses:\n- id: ")
    second = primary.replace(MEASURE, "second", 1).replace("role: primary", "role: secondary")
    return f"{text}    seasonality: 9\n- id: {second}"


def test_a_failed_primary_analysis_leaves_the_book_standing(copy_example, tmp_path):  # noqa: F811
    project = copy_example(tmp_path)
    project.edit(EVALUATION, _fails_and_has_a_second)
    said = project.evalkit("book")
    assert said.status == 1
    assert f"example-ward-rounds/{MEASURE} failed" in said.err
    assert "Traceback" not in said.err + said.out

    generated = tmp_path / "_build" / "html" / "book" / "generated"
    folder = generated / "evaluations" / "example-ward-rounds"
    failed = (folder / f"{MEASURE}.html").read_text(encoding="utf-8")
    assert "This analysis could not be run" in failed
    assert "at most 5 harmonics" in failed
    assert "Traceback" not in failed
    front = (folder / "index.html").read_text(encoding="utf-8")
    assert "No result at present" in front
    assert "What else could explain it" in front
    assert "Estimate" in (folder / "second.html").read_text(encoding="utf-8")
    item = (generated / "learning" / "items" / "example-ward-rounds-why.html").read_text(encoding="utf-8")
    assert "a result for which nobody has given a reason yet" in item.lower()

    before = project.snapshot("_build/html")
    (tmp_path / "_config.yml").write_text("title: [", encoding="utf-8")
    said = project.evalkit("build")
    assert said.status == 2
    assert "The book built before is unchanged" in said.err
    assert project.snapshot("_build/html") == before


def test_a_book_without_evaluations_is_refused(copy_example, tmp_path):  # noqa: F811
    project = copy_example(tmp_path)
    project.edit(EVALUATION, lambda text: text.replace("status: published", "status: draft"))
    said = project.evalkit("book")
    assert said.status == 2
    assert "No evaluation is published" in said.err
