"""One description of each figure: the drawing, the picture, the table and the file show the same points."""

import html
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import evalkit as ek
from evalkit.book.content.page_figures import page_figure_of
from evalkit.report.figures import charts, control_chart, describe, page_figure, picture
from evalkit.report.figures.described import CONTROL_CHART, EVENT_STUDY, FUNNEL, HISTOGRAM, NUMBERS, TIME_SERIES
from evalkit.report.figures.frame import TOP, Frame
from tests.support.effects import made_effect

NAME, PLACE = "visits", "Weston & <b>Worle</b>"
UNITS = [f"T{number}" for number in range(40)]


def gaps() -> pd.DataFrame:
    time = np.arange(-6, 6)
    estimate = np.where(time < 0, 0.01 * time, -0.2)
    return pd.DataFrame(
        {"by": "since start", "event_time": time, "estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1,
         "scale": "log"}
    )  # fmt: skip


def placebos(kinds: int = 1) -> dict[str, pd.DataFrame]:
    random = np.random.default_rng(3)
    noise = random.uniform(0.02, 0.1, len(UNITS) + 1)
    found = np.r_[-0.3, random.normal(0, noise[1:] / 2)]
    units = ["treated", *(", ".join(UNITS[at : at + kinds]) for at in range(len(UNITS)))]
    return {
        "placebo": pd.DataFrame(
            {"unit": units, "estimate": found, "studentised": found / noise, "scale": "log",
             "treated": [True, *[False] * len(UNITS)]}
        ),
        "members": pd.DataFrame({"unit": UNITS, "used": True, "weight": 1 / len(UNITS), "reason": ""}),
    }  # fmt: skip


def made_chart(**options) -> ek.Chart:
    first = [10, 12, 11, 9, 10, 12, math.nan, 9, 11, 10, 12, 9, 10, 11, 9, 12]
    values = [*first, 30, 31, 29, 30, 31, 45, 30, 30, 31, 30, 29, 30, 31, 15, 30, 30]
    months = pd.period_range("2023-01", periods=len(values), freq="M")
    frame = pd.DataFrame({"month": months, "value": values, "plan": np.arange(len(values)) + 5.0})
    return ek.control_chart(
        frame, outcome="value", time="month",
        **{"target": 20, "trajectory": "plan", "rebase": {"2024-05-01": "Two wards became one"}, **options},
    )  # fmt: skip


def figures():
    single = made_effect(design="difference-in-differences", tables={"event_study": gaps(), **placebos()})
    several = made_effect(
        design="difference-in-differences", treated_units=("A", "B"), tables={"event_study": gaps(), **placebos(2)}
    )
    return {
        TIME_SERIES: describe.time_series(made_effect(), NAME, PLACE),
        EVENT_STUDY: describe.event_study(single, NAME, PLACE),
        FUNNEL: describe.comparators(single, NAME, PLACE),
        HISTOGRAM: describe.comparators(several, NAME, PLACE),
        CONTROL_CHART: control_chart.control_chart(made_chart(), NAME, PLACE),
    }


FIGURES = figures()
each_kind = pytest.mark.parametrize("kind", FIGURES)


@each_kind
def test_every_kind_has_its_numbers_and_a_row_of_words_for_each_point(kind):
    figure = FIGURES[kind]
    assert figure.kind == kind
    assert tuple(figure.points.columns) == ("name", *NUMBERS[kind])
    told = len(figure.table) - (kind == HISTOGRAM)  # whose last row is the change itself
    assert told == len(figure.points)
    assert figure.table.iloc[: len(figure.points), 0].tolist() == figure.points["name"].tolist()


@each_kind
def test_every_point_of_the_drawing_is_a_row_of_its_table(kind):
    shown = page_figure_of(FIGURES[kind], "made-up")
    numbers = [int(at) for at in re.findall(r'data-i="(\d+)"', shown.drawing)]
    assert sorted(numbers) == list(range(len(FIGURES[kind].points)))
    assert f'data-figure="{kind}" data-of="{shown.id}"' in shown.table
    assert f'<svg id="{shown.id}"' in shown.drawing
    assert shown.table.count("<tr>") == len(FIGURES[kind].table) + 1


def test_a_point_of_the_drawing_stands_where_its_number_says():
    figure = FIGURES[TIME_SERIES]
    drawn = page_figure.drawing(figure)
    frame = Frame.around((0, len(figure.points) - 1), page_figure.scale_of([figure]), page_figure.HEIGHTS[TIME_SERIES])
    for at, value in enumerate(figure.points["observed"]):
        x, y = re.search(rf'data-i="{at}" cx="([\d.]+)%" cy="([\d.]+)"', drawn).groups()
        assert float(x) == pytest.approx(frame.across(at), abs=0.06)
        assert float(y) == pytest.approx(frame.down(value), abs=0.06)


def test_the_picture_shows_the_same_points():
    axes = picture.draw(FIGURES[TIME_SERIES]).axes[0]
    offsets = np.concatenate([points.get_offsets() for points in axes.collections if hasattr(points, "get_sizes")])
    offsets = offsets[~np.isnan(offsets.astype(float)).any(axis=1)]
    seen = FIGURES[TIME_SERIES].points["observed"]
    assert dict(map(tuple, offsets.tolist())) == dict(enumerate(seen))
    fitted = [line.get_ydata() for line in axes.lines if line.get_linestyle() == "-" and len(line.get_ydata()) > 2]
    assert np.concatenate(fitted).tolist() == FIGURES[TIME_SERIES].points["fitted"].tolist()
    funnel = picture.draw(FIGURES[FUNNEL]).axes[0]
    found = np.concatenate([points.get_offsets() for points in funnel.collections if hasattr(points, "get_sizes")])
    assert sorted(map(tuple, found.tolist())) == sorted(
        zip(FIGURES[FUNNEL].points["noise"], FIGURES[FUNNEL].points["estimate"], strict=True)
    )
    columns = [patch.get_height() for patch in picture.draw(FIGURES[HISTOGRAM]).axes[0].patches]
    assert columns == FIGURES[HISTOGRAM].points["count"].tolist()


@each_kind
def test_a_picture_is_16_to_9_with_what_it_found_and_its_source(kind):
    figure = picture.draw(replace(FIGURES[kind], source="Data: made up, no licence."))
    wide, high = figure.get_size_inches()
    assert wide / high == pytest.approx(16 / 9)
    assert " ".join(figure.get_suptitle().split()) == FIGURES[kind].title
    assert "Data: made up" in " ".join(figure.get_supxlabel().split())
    drawn = charts.as_svg(figure, titled=True)
    assert drawn == charts.as_svg(
        picture.draw(replace(FIGURES[kind], source="Data: made up, no licence.")), titled=True
    )


@each_kind
def test_words_of_others_are_no_markup(kind):
    shown = page_figure_of(FIGURES[kind], "made-up")
    for part in (shown.drawing, shown.table, shown.whole("How to <read> it")):
        assert "<b>" not in part
        assert "<read>" not in part
    assert html.escape(PLACE) in shown.drawing or html.escape(FIGURES[kind].alt, quote=True) in shown.drawing


def test_in_a_funnel_the_one_that_changed_is_marked_and_noise_is_the_half_width():
    points = FIGURES[FUNNEL].points
    table = placebos()["placebo"]
    assert points["marked"].tolist() == [True, *[False] * len(UNITS)]
    assert points["name"][0] == PLACE
    by_name = points.set_index("name")
    for row in table[~table["treated"]].itertuples():
        assert by_name.loc[row.unit, "noise"] == pytest.approx(100 * abs(row.estimate / row.studentised))
        assert by_name.loc[row.unit, "estimate"] == pytest.approx(100 * math.expm1(row.estimate))
    assert (points["noise"][1:].diff().dropna() >= 0).all()


def test_comparators_have_their_names_where_they_are_known():
    single = made_effect(design="difference-in-differences", tables=placebos())
    named = describe.comparators(single, NAME, PLACE, {"T3": "Somewhere NHS Trust"})
    assert "Somewhere NHS Trust" in named.points["name"].tolist()
    assert "T3" not in named.points["name"].tolist()


def test_an_effect_without_comparators_or_periods_has_no_such_figure():
    assert describe.event_study(made_effect(), NAME, PLACE) is None
    assert describe.comparators(made_effect(), NAME, PLACE) is None
    with pytest.raises(ek.EvaluationError, match="has no event study: the effect was not estimated period by period"):
        ek.figure(made_effect(), "event study")
    with pytest.raises(ek.EvaluationError, match="figure has no part 'pie': use one of figure, event study, placebo"):
        ek.figure(made_effect(), "pie")


def test_a_figure_can_be_saved(tmp_path):
    effect = made_effect()
    for ending in ("png", "svg", "pdf"):
        ek.figure(effect).savefig(tmp_path / f"figure.{ending}")
        assert (tmp_path / f"figure.{ending}").stat().st_size > 5000


@given(
    st.floats(-1e6, 1e6), st.floats(0, 1e6), st.lists(st.floats(0, 1), min_size=1, max_size=6), st.integers(100, 400)
)
def test_what_is_drawn_lies_within_the_figure_and_keeps_its_order(low, span, shares, height):
    frame = Frame.around((0, 10), (low, low + span), height)
    values = sorted(low + span * share for share in shares)
    drawn = [frame.down(value) for value in values]
    assert all(TOP - 1e-6 <= y <= frame.floor + 1e-6 for y in drawn)
    assert drawn == sorted(drawn, reverse=True)
    assert frame.ticks[0] <= low
    assert frame.ticks[-1] >= low + span - 1e-6 * max(abs(low), span)


def test_a_period_that_is_missing_can_be_read_and_is_no_point():
    effect = made_effect()
    effect.series.loc[5, "observed"] = math.nan
    figure = page_figure_of(describe.time_series(effect, NAME, PLACE), "made-up")
    assert re.search(r'data-i="5"[^>]*r="0"', figure.drawing)
    assert figure.described.table["Observed"][5] == ""


class TestControlChart:
    def test_the_picture_and_the_drawing_have_a_shape_behind_each_special_point(self):
        figure = FIGURES[CONTROL_CHART]
        special = figure.points["nature"].str.startswith(("improvement", "concern"))
        assert special.sum() == 2
        drawn = page_figure.drawing(figure)
        assert (drawn.count('class="ek-improving"'), drawn.count('class="ek-concerning"')) == (1, 1)
        axes = picture.draw(figure).axes[0]
        shapes = [points for points in axes.collections if len(points.get_offsets()) and points.get_sizes()[0] > 50]
        assert sum(len(points.get_offsets()) for points in shapes) == 2
        neutral = control_chart.control_chart(made_chart(direction="neutral"), NAME)
        assert page_figure.drawing(neutral).count('class="ek-special"') == 2

    def test_lines_begin_anew_at_a_rebasing_and_values_are_not_joined_over_a_gap(self):
        drawn = page_figure.drawing(FIGURES[CONTROL_CHART])
        centre, joined = (re.search(rf'class="{kind}" d="([^"]*)"', drawn)[1] for kind in ("ek-fitted", "ek-joined"))
        assert centre.count("M") == 2
        assert joined.count("M") == 3
        assert "from May 2024" in drawn

    def test_words_of_title_table_and_answer(self):
        figure = FIGURES[CONTROL_CHART]
        assert figure.title.startswith(
            "Visits in August 2025: 30 (30 a year before); usual 30.1; common cause variation, within"
        )
        assert figure.answer.startswith("Weston & <b>Worle</b>. The target of 20 lay within the limits")
        assert figure.table["Special cause"].tolist()[6] == "not reported"
        assert figure.table["Special cause"].tolist()[21] == "improving, higher"
        assert list(figure.table) == [
            "Period", "Value", "Centre", "Lower limit", "Upper limit", "Target", "Trajectory", "Special cause"
        ]  # fmt: skip

    def test_a_run_chart_has_no_limits_and_no_column_for_them(self):
        figure = control_chart.control_chart(made_chart(kind="run"), NAME)
        assert "Upper limit" not in figure.table
        assert "Limits" not in [text.get_text() for text in picture.draw(figure).axes[0].get_legend().get_texts()]

    @pytest.mark.parametrize("part", ["answer", "figure", "points", "checks"])
    def test_a_notebook_shows_every_part(self, part, monkeypatch):
        given = []
        monkeypatch.setattr("IPython.display.display", lambda output, **more: given.append({**output, **more}))
        ek.show(made_chart(), part)
        (output,) = given
        assert output["text/plain"]
        if part == "figure":
            assert output["metadata"]["image/png"]["alt"].startswith(
                "Control chart of value, January 2023 to August 2025."
            )
        else:
            assert "<p>" in output["text/html"] or "<table" in output["text/html"]
        assert "A special cause is no effect" not in output["text/plain"]

    def test_what_a_chart_has_not_is_refused(self):
        with pytest.raises(ek.EvaluationError, match="A chart has no part 'estimates': use one of answer, figure"):
            ek.show(made_chart(), "estimates")
        with pytest.raises(ek.EvaluationError, match="A chart has no event study"):
            ek.figure(made_chart(), "event study")
        assert ek.figure(made_chart()).get_suptitle().startswith("Value in August 2025")
