"""Names and units in figures are the words that were typed."""

import pytest
from matplotlib.text import Text

from evalkit.report.figures import describe, picture
from evalkit.report.figures.charts import as_png, as_svg
from evalkit.report.figures.forest import forest
from tests.support.effects import made_effect

TYPED = [r"$\frac{", "a $x^2$ in $", r"\$ and 100%", "<b>bold</b> & {curly}"]


def _shown(figure, typed: str) -> list[Text]:
    return [text for text in figure.findobj(Text) if typed.casefold() in " ".join(text.get_text().casefold().split())]


@pytest.mark.parametrize("typed", TYPED)
def test_a_measure_and_its_unit(typed):
    figure = picture.draw(describe.time_series(made_effect(measure_unit=typed), typed, "Weston"))
    assert as_png(figure)
    assert "</svg>" in as_svg(figure)
    shown = _shown(figure, typed)
    assert shown
    assert not any(text.get_parse_math() for text in shown)


@pytest.mark.parametrize("typed", TYPED)
def test_a_site(pooled, typed):
    figure = forest(pooled, typed, {"site 00": typed})
    assert as_png(figure)
    assert _shown(figure, typed)
