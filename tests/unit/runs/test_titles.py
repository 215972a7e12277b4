"""A title in a notebook is the text that was typed, whatever Markdown would make of it."""

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evalkit.runs.execution.normalise import as_markdown

TYPED = st.text(st.sampled_from("aé1 `*_#$<>[](){}!|\\\\&;:~^-+=.\"'\n\t@%/"), min_size=1)


@given(TYPED)
@example("*a* _b_ `c` $d$ <b>e</b> [f](g) {h}`i` &lt; # ")
@example("````")
def test_it_is_one_heading_of_one_text(typed):
    text = " ".join(typed.split())
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(f"# {as_markdown(typed)}\n\nA paragraph.")
    assert [token.type for token in tokens[:3]] == ["heading_open", "inline", "heading_close"]
    parts = tokens[1].children
    assert {part.type for part in parts} <= {"text", "text_special"}
    assert "".join(part.content for part in parts) == text
