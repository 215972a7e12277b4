"""What readers see of a difference-in-differences: figures, tables, captions, and sentences where a part is missing."""

import math
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

import evalkit as ek
from evalkit.check_register import PARALLEL_TRENDS
from evalkit.report import eight_steps, notebook, tables
from evalkit.report.figures import charts, describe, event_study, picture
from evalkit.report.figures.line_names import TELLS
from evalkit.report.wording import captions, words
from evalkit.verdict import Verdict, disagreeing
from tests.conftest import ROOT
from tests.support.effects import estimate_row, made_effect
from tests.unit.report.conftest import fitted

NAME, PLACE = "visits to major A&E departments", "three hospitals"
DIFFERENCES = "difference-in-differences"


@pytest.fixture
def shown(monkeypatch):
    """Whatever a cell displays, as a list of bundles."""
    monkeypatch.setenv("EVALKIT_ROOT", str(ROOT))
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: bundles.append({**data, **more}))
    return bundles


def by_hand(rows: list[tuple], **more):
    """An effect whose event study is given: event time, estimate, low, high, on the log scale."""
    table = pd.DataFrame(
        [("since start", str(time), float(time), *values, "log") for time, *values in rows],
        columns=["by", "label", "event_time", "estimate", "low", "high", "scale"],
    )
    return made_effect(design=DIFFERENCES, tables={"event_study": table}, **more)


def drawn(described, effect):
    """The picture of a figure of an effect."""
    return picture.draw(described(effect, NAME, PLACE))


class TestEventStudy:
    def test_a_month_is_the_same_month_everywhere(self, staggered):
        rows = event_study.rows(staggered).set_index("position")
        assert 0 not in rows.index
        for month in (1, 3, 12):
            row = staggered.at(month)
            assert rows.loc[month, ["estimate", "low", "high"]].tolist() == pytest.approx(
                row[["estimate", "low", "high"]].tolist()
            )

    def test_the_base_is_marked_and_not_counted(self, staggered):
        rows = event_study.rows(staggered)
        assert rows.loc[rows["base"], "position"].tolist() == [-1]
        _, before, _, after = event_study.clear(rows)
        assert before == (rows["position"] < -1).sum()
        assert after == (rows["position"] > 0).sum()
        assert "counted from here" in event_study.table(staggered)["95% interval"].tolist()

    def test_the_title_counts_what_is_clear(self):
        effect = by_hand([(-2, 0.1, 0.05, 0.15), (-1, 0, -0.1, 0.1), (0, -0.2, -0.3, -0.1), (1, -0.1, -0.2, 0.1)])
        assert event_study.title(effect, NAME).endswith(": a clear gap in 1 of 2 months before, 1 of 2 after")
        assert "1 with an interval clear of nought" in event_study.alt_text(effect, NAME, PLACE)

    def test_nothing_before_and_no_bound_are_said(self):
        effect = by_hand([(0, -0.2, math.nan, math.nan), (1, -0.1, -0.2, 0.1)])
        assert event_study.title(effect, NAME).endswith("in 0 of 2 months after")
        assert "before the change:" not in event_study.alt_text(effect, NAME, PLACE)
        assert "dotted bar has no bound" in event_study.caption(effect)
        assert "no bounds" in event_study.table(effect)["95% interval"].tolist()
        assert "nan" not in event_study.alt_text(effect, NAME, PLACE)
        charts.as_png(drawn(describe.event_study, effect))

    def test_before_and_after_differ_by_shape_and_filling(self, single):
        axes = drawn(describe.event_study, single).axes[0]
        before, after = (
            points for points in axes.collections if len(points.get_offsets()) and hasattr(points, "get_sizes")
        )
        assert len(before.get_offsets()) + len(after.get_offsets()) == len(event_study.rows(single))
        assert (before.get_offsets()[:, 0] < 0).all()
        assert (after.get_offsets()[:, 0] > 0).all()
        assert before.get_paths()[0].vertices.shape != after.get_paths()[0].vertices.shape
        assert before.get_facecolor().tolist() != after.get_facecolor().tolist()

    @settings(max_examples=40)
    @given(
        st.lists(st.tuples(st.floats(-3, 3), st.one_of(st.just(math.nan), st.floats(0, 50))), min_size=1, max_size=30),
        st.integers(0, 29),
    )
    def test_every_estimate_is_within_the_axes(self, points, before):
        rows = [(time - before, middle, middle - half, middle + half) for time, (middle, half) in enumerate(points)]
        effect = by_hand(rows)
        bottom, top = drawn(describe.event_study, effect).axes[0].get_ylim()
        estimates = event_study.rows(effect)["estimate"]
        assert bottom < estimates.min()
        assert estimates.max() < top
        assert bottom < 0 < top

    def test_a_bar_that_is_cut_off_says_so(self):
        usual = [(time, -0.1, -0.15, -0.05) for time in range(-15, 15)]
        whole = by_hand(usual)
        assert "triangle" not in event_study.caption(whole)
        for far, marker in (((15, 0.0, -0.05, 3.0), "^"), ((15, 0.0, -3.0, 0.05), "v")):
            effect = by_hand([*usual, far])
            assert "A bar with a triangle at its end goes on beyond" in event_study.caption(effect)
            axes = drawn(describe.event_study, effect).axes[0]
            ends = [line for line in axes.lines if line.get_marker() == marker and len(line.get_xdata())]
            assert [line.get_xdata().tolist() for line in ends] == [[16.0]]
            assert ends[0].get_ydata()[0] in axes.get_ylim()
            other = {"^": "v", "v": "^"}[marker]
            assert not any(len(line.get_xdata()) for line in axes.lines if line.get_marker() == other)

    def test_the_base_is_told_with_what_is_counted_from_it(self):
        effect = by_hand([(-2, 0.1, 0.05, 0.15), (-1, 0, 0, 0), (0, -0.2, -0.3, -0.1)])
        assert "as every other month is counted from it" in event_study.caption(effect)
        assert "The others" not in event_study.caption(effect)

    def test_the_axis_says_its_unit(self, single):
        assert event_study.axis_label(single).endswith("%")
        points = by_hand([(0, -2, -3, -1)])
        points.tables["event_study"]["scale"] = "points"
        assert "percentage points" in event_study.axis_label(points)
        points.tables["event_study"]["scale"] = "unit"
        assert "attendances per day" in event_study.axis_label(points)


class TestFigures:
    def test_every_figure_has_words_of_its_own(self, staggered, single, weighted):
        for effect in (staggered, single, weighted):
            said = [
                words.alt_text(effect, NAME, PLACE),
                event_study.alt_text(effect, NAME, PLACE),
                captions.placebo_alt_text(effect, PLACE, NAME),
            ]
            assert len(set(said)) == 3
            for text in said:
                assert len(text) >= 40
                assert PLACE in text
                assert "nan" not in text
                assert not re.search(r"(?<!statistically )significan", text)

    @pytest.mark.parametrize(
        "starts",
        [
            ("2016-12-01", "2017-01-18"),
            ("2016-12-01", "2017-01-18", "2017-04-01", "2018-04-09"),
            ("2018-10", "2018-11", "2018-12"),
            ("2016-05", "2017-06", "2018-07"),
            ("2016-06", "2016-07", "2016-08", "2016-09", "2016-10", "2018-12"),
        ],
    )
    def test_labels_of_several_starts_never_overlap(self, starts):
        effect = made_effect(design=DIFFERENCES, interruptions=starts, treated_units=("A", "B"))
        figure = drawn(describe.time_series, effect)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        axes = figure.axes[0]
        labels = [label for label in axes.texts if label.get_text() not in ("", *TELLS.values())]
        assert len(labels) == (len(starts) if len(starts) <= 4 else 2)
        boxes = [label.get_window_extent(canvas.get_renderer()) for label in labels]
        frame = axes.get_window_extent(canvas.get_renderer())
        for index, box in enumerate(boxes):
            assert frame.x0 <= box.x0
            assert box.x1 <= frame.x1 + 2
            assert not any(box.overlaps(other) for other in boxes[index + 1 :])
        highest = axes.transData.transform((0, effect.series["counterfactual_high"].max()))[1]
        assert min(box.y0 for box in boxes) >= highest

    def test_the_legend_names_only_what_is_drawn(self, single, staggered):
        transition = made_effect(design=DIFFERENCES)
        for effect, there in ((single, False), (staggered, False), (transition, True)):
            legend = [text.get_text() for text in drawn(describe.time_series, effect).axes[0].get_legend().get_texts()]
            assert ("Left out" in legend) == there

    def test_assignments_are_not_called_comparators(self, staggered, single):
        for effect, kind in ((staggered, "Assignments"), (single, "Comparators")):
            figure = drawn(describe.comparators, effect)
            assert figure.axes[0].get_ylabel() == (kind if kind == "Assignments" else "Change found, %")
            assert ("assignment" in captions.glossary(effect)) == (kind == "Assignments")
        said = captions.placebo_alt_text(staggered, PLACE)
        assert "other choices of 3 places" in said
        assert "comparators" not in said

    def test_captions_say_what_the_lines_are(self, staggered, single):
        assert "its band is as wide as the 95% interval of the answer" in captions.figure_caption(staggered)
        assert "mean of the 3 places" in captions.figure_caption(staggered)
        assert "what the comparators suggest without the change" in captions.figure_caption(single)
        assert "hollow" not in captions.figure_caption(single)
        assert captions.figure_caption(made_effect()) == (
            "Each point is one month; hollow points are left out of the fit. The solid line is fitted, the dashed line is"
            " what would have been expected without the change, and its band is as wide as the 95% interval of the answer."
        )


class TestTables:
    def test_a_start_with_one_place_is_told_once(self, staggered):
        names = {"U01": "Zeta", "U02": "Alpha", "U03": "Mid"}
        table = tables.estimates(staggered, names)
        assert table["Effect"].tolist() == [
            "Mean over the time after the change", "In month 3", "In month 6", "In month 12", "In month 24",
            "Those that changed from August 2017", "Alpha", "Mid (from January 2017)", "Zeta",
        ]  # fmt: skip
        assert not table["Effect"].duplicated().any()
        assert all(isinstance(cell, str) for cell in table.to_numpy().ravel())

    def test_another_headline_comes_first(self):
        effect = fitted({"U03": "2017-01", "U01": "2017-08"}, headline="mean months 3 to 6")
        table = tables.estimates(effect)
        assert table["Effect"].tolist()[:2] == ["Mean of months 3 to 6", "Mean over the time after the change"]

    def test_years_are_not_called_months(self):
        series = made_effect().series.assign(period=[str(1980 + index) for index in range(36)])
        rows = [estimate_row(term="att"), estimate_row(role="term", term="month 2", month=2.0, estimate=-3.0)]
        effect = made_effect(rows, design=DIFFERENCES, series=series)
        assert tables.estimates(effect)["Effect"].tolist()[1] == "In year 2"

    def test_other_choices_name_places_in_alphabetical_order(self, staggered):
        table = tables.robustness(staggered, {"U01": "Zeta", "U02": "Alpha", "U03": "Mid"})
        left_out = [choice for choice in table["How"] if choice.startswith("Without") and "months" not in choice]
        assert left_out == ["Without Alpha", "Without Mid", "Without Zeta"]
        values = dict(zip(table["How"], table["Estimate"], strict=True))
        rows = staggered.estimates[staggered.estimates["scale"] == "percent"].set_index("method")["estimate"]
        assert values["Without Zeta"] == words.signed(rows["without U01"], "percent")

    def test_weights_add_up(self, weighted):
        table = tables.weights(weighted)
        share = table["Counts for"].str.rstrip("%").astype(float)
        for kind in ("Comparator", "Period before"):
            assert share[table["What"] == kind].sum() == pytest.approx(100, abs=1.5)
        units = table.loc[(table["What"] == "Comparator"), "Who or when"]
        named = [unit for unit in units if "others" not in unit]
        assert named == sorted(named)
        assert str(len(weighted.tables["weights"].query("of == 'unit'"))) in captions.weighted(weighted)

    def test_the_forbidden_share_is_the_tables(self, staggered):
        table = tables.decomposition(staggered)
        unfair = table.loc[table["Fair comparison"] != "yes", "Share"]
        assert captions.forbidden(staggered).startswith(unfair.iloc[0])
        assert table["Share"].str.rstrip("%").astype(float).sum() == pytest.approx(100, abs=0.2)

    def test_no_bounds_are_explained_where_they_stand(self):
        bounded = made_effect([estimate_row(term="att")], design=DIFFERENCES)
        rows = [estimate_row(term="att"), estimate_row(role="term", term="att RTF", low=math.nan, high=math.nan)]
        open_ended = made_effect(rows, design=DIFFERENCES)
        assert captions.unbounded(bounded) == ""
        assert "no bounds" in tables.estimates(open_ended)["95% interval"].tolist()
        assert captions.unbounded(open_ended).startswith("No bounds")

    def test_what_the_model_does_not_give_is_said_in_words(self):
        given = made_effect().coefficients
        unbounded = given.assign(low=math.nan, high=math.inf, std_error=None, p_value=math.nan)
        both = tables.coefficients(made_effect(coefficients=pd.concat([given, unbounded])))
        assert both.iloc[0].tolist() == ["level", "-0.17", "-0.2", "-0.14", "0.02", "0.010"]
        assert both.iloc[1].tolist() == ["level", "-0.17", "no bound", "no bound", "not given", "not given"]

    def test_labels_become_names_as_whole_words_only(self):
        names = {"RTF": "Northumbria", "weston": "Weston"}
        said = words.with_names("without RTF, RTFX, re-weston and weston.", names)
        assert said == "without Northumbria, RTFX, re-weston and Weston."
        assert words.with_names("without RTF", {}) == "without RTF"


class TestShow:
    @pytest.mark.parametrize("part", notebook.PARTS)
    def test_every_part_of_every_method_says_something(self, shown, part, staggered, single, weighted, clustered):
        for effect in (staggered, single, weighted, clustered):
            shown.clear()
            ek.show(effect, part)
            assert shown
            for bundle in shown:
                assert len(bundle["text/plain"]) >= 40
                if "image/png" in bundle:
                    assert bundle["metadata"]["image/png"]["alt"] == bundle["text/plain"]

    def test_what_is_not_there_is_a_sentence(self, shown, single, clustered):
        ek.show(single, "decomposition")
        ek.show(single, "weights")
        ek.show(clustered, "placebo")
        ek.show(made_effect(design=DIFFERENCES), "event study")
        sentences = [bundle["text/plain"] for bundle in shown]
        assert len(sentences) == 4
        assert sentences[0].startswith("There is one start")
        assert "none was weighted" in sentences[1]
        assert "not made by a rank" in sentences[2]
        assert "not estimated period by period" in sentences[3]


class TestWords:
    def headline(self, effect, **more):
        row = effect.headline
        judged = Verdict(**{"word": "decreased", "scale": row["scale"], "minimum_important_change": 5.0,
                            "certainty": "moderate", "reasons": (), **more})  # fmt: skip
        return words.headline(effect, judged, NAME, PLACE)

    def test_a_gap_is_not_called_a_fall_by_itself(self, staggered, single):
        assert "relative to comparators (95% interval" in self.headline(single)
        assert "on average" not in self.headline(single)
        assert "on average, relative to comparators" in self.headline(staggered)
        assert "relative" not in self.headline(made_effect())

    @pytest.mark.parametrize("word", ["inconclusive", "no_important_change"])
    def test_nothing_found_is_relative_too(self, single, word):
        said = self.headline(single, word=word)
        assert "relative to comparators" in said
        assert "no effect" not in said

    def test_places_are_named_in_alphabetical_order(self, real):
        assert real.place(["RTF", "RXN", "RXF"]) == (
            "Lancashire Teaching Hospitals, Mid Yorkshire Teaching and Northumbria Healthcare"
        )
        assert real.place(["RVW", "RTF", "RXN"]).endswith(", North Tees and Hartlepool, and Northumbria Healthcare")
        assert real.place(["RTF", "RXN", "RXF", "RVW", "RA3"]) == "5 trusts"
        assert real.names(["RTF", "nobody"]) == {"RTF": real.place("RTF")}


class TestEightSteps:
    def steps(self, real, effect, word="decreased", differing=()):
        judged = Verdict(word, "percent", 5.0, "moderate", ())
        evaluation = real.evaluations["weston-overnight-closure-2017"]
        return eight_steps.eight(effect, judged, evaluation, "The finding.", differing, {"U01": "Zeta"})

    def test_all_eight_are_filled(self, real, staggered, single, weighted, clustered):
        for effect in (staggered, single, weighted, clustered):
            steps = self.steps(real, effect)
            assert [heading.split(":")[0] for heading, _ in steps] == [
                "Target parameter", "Assumptions", "Estimator", "Uncertainty", "Estimate", "Sensitivity",
                "Heterogeneity", "Learning",
            ]  # fmt: skip
            for _, sentences in steps:
                for sentence in sentences:
                    assert sentence.endswith(".")
                    assert "nan" not in sentence.split()
                    assert not re.search(r"(?<!statistically )significan", sentence, re.IGNORECASE)
            assert "U01" not in str(steps)

    def test_choices_that_would_change_the_verdict_are_named(self, real, staggered):
        measure = real.measures["ae-attendances-type-1"]
        judged = Verdict("increased", "percent", 5.0, "moderate", ())
        differing = disagreeing(staggered, measure, judged)
        sensitivity = staggered.estimates[staggered.estimates["role"] == "sensitivity"]["method"].unique().tolist()
        assert differing == sensitivity
        steps = dict(self.steps(real, staggered, differing=differing))[
            "Sensitivity: would other choices have changed it"
        ]
        assert f"for {len(differing)} of them" in steps[0]
        assert "without Zeta" in steps[0]
        none = dict(self.steps(real, staggered))["Sensitivity: would other choices have changed it"]
        assert none[0].endswith("None would change the verdict.")

    def test_a_failed_check_is_said_with_its_assumption(self, real):
        failed = PARALLEL_TRENDS.result(False, "They stand out.")
        steps = dict(self.steps(real, made_effect(design=DIFFERENCES, checks=(failed,))))[
            "Assumptions: what must be true"
        ]
        assert steps[-1] == "Parallel trends before the change: did not pass. They stand out."
