"""The figure of a pooled effect, and what is said of it."""

import re

import pandas as pd
import pytest

import evalkit as ek
from evalkit.designs.pooled_effect.description import POOLED
from evalkit.designs.pooled_effect.design import pool
from evalkit.report import notebook, tables
from evalkit.report.figures.charts import as_png, as_svg
from evalkit.report.figures.forest import forest
from evalkit.report.wording import captions, words
from tests.support.effects import made_effect
from tests.unit.designs.test_pooled_effect import sites

NAMES = {"site 00": "Weston", "site 01": "Ashford", "site 02": "Northumbria Specialist Emergency Care Hospital"}


def texts(figure) -> list[str]:
    axes = figure.axes[0]
    return [label.get_text() for label in axes.get_yticklabels()]


def test_sites_by_name_and_the_mean_after_them(pooled):
    labels = texts(forest(pooled, "visits", NAMES))
    assert [label.split("\n")[0] for label in labels] == [
        "Ashford", "Northumbria Specialist", "Weston", "All sites together", "At a new site",
    ]  # fmt: skip


def test_the_same_bytes_each_time(pooled):
    assert as_svg(forest(pooled, "visits")) == as_svg(forest(pooled, "visits"))
    assert as_png(forest(pooled, "visits", synthetic=True)) != as_png(forest(pooled, "visits"))


def test_what_is_drawn_is_what_the_effect_holds(pooled):
    axes = forest(pooled, "visits").axes[0]
    (diamond,) = [patch for patch in axes.patches if len(patch.get_xy()) == 5]
    row = pooled.headline
    assert diamond.get_xy()[:, 0].min() == pytest.approx(row["low"])
    assert diamond.get_xy()[:, 0].max() == pytest.approx(row["high"])
    left, right = axes.get_xlim()
    new = words.pooled_row(pooled, "prediction interval")
    assert left <= new["low"] < new["high"] <= right
    assert left <= 0 <= right


def test_the_alternative_text_names_every_site_and_the_mean(pooled):
    text = words.pooled_alt_text(pooled, "visits", NAMES)
    assert len(text) >= 40
    assert text.index("Ashford") < text.index("Northumbria") < text.index("Weston")
    assert words.number(pooled.headline["estimate"], "percent") in text
    assert words.alt_text(pooled, "visits", "3 sites").startswith("Forest plot of visits at 3 sites.")


def test_show_draws_the_forest(pooled, capsys, monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: seen.append(data))
    for part in notebook.PARTS:
        ek.show(pooled, part)
    said = "\n".join(bundle["text/plain"] for bundle in seen)
    assert "3 sites" in said
    assert "Forest plot" in said
    assert "3 sites count from" in said
    assert "show the sites' own effects" in said
    assert "Each site was analysed by itself" in said
    assert "There is one start" not in said
    assert "mean mean" not in said
    assert not re.search(r"\bnan\b", said)


def test_tables_of_a_pooled_effect(pooled):
    assert list(tables.estimates(pooled)["Effect"])[:3] == [
        "All sites together", "At a new site (prediction interval)", "Standard deviation between sites",
    ]  # fmt: skip
    assert "Without site 00" in list(tables.robustness(pooled)["How"])
    assert tables.series(pooled).empty


def test_sites_are_named_in_every_table(pooled):
    for table in (tables.estimates(pooled, NAMES), tables.robustness(pooled, NAMES), tables.weights(pooled, NAMES)):
        assert "site 0" not in table.to_string()
        assert "Ashford" in table.to_string()
    assert tables.estimates(pooled, NAMES)["Effect"].tolist()[3:] == sorted(NAMES.values())
    shares = tables.weights(pooled, NAMES)
    assert shares["What"].unique().tolist() == ["Site"]
    assert shares["Counts for"].str.rstrip("%").astype(float).sum() == pytest.approx(100, abs=0.2)


def test_the_sentence_on_weights_is_true_of_the_numbers(pooled):
    halves = [0.05, 0.1, 0.4]
    for effect in (pool(sites([-0.1, -0.1, -0.1], halves)), pool(sites([-2.0, 0.0, 2.0], halves))):
        weights = effect.tables["weights"]["weight"]
        assert f"from {100 * weights.min():.1f}% to {100 * weights.max():.1f}%" in captions.weighted(effect)
        assert weights.is_monotonic_decreasing
    alike, apart = (pool(sites(estimates, halves)) for estimates in ([-0.1, -0.1, -0.1], [-2.0, 0.0, 2.0]))
    assert "the more sites truly differ, the more alike they count" in captions.weighted(pooled)
    assert apart.tables["weights"]["weight"].std() < alike.tables["weights"]["weight"].std()


def test_a_standard_deviation_has_no_sign(pooled):
    table = tables.estimates(pooled).set_index("Effect")
    row = words.pooled_row(pooled, "tau")
    written = table.loc["Standard deviation between sites"]
    assert written["Estimate"] == f"{row['estimate']:.1f}%"
    assert "+" not in written["95% interval"]
    assert table.loc["site 02", "Estimate"].startswith("+")


def test_weights_without_periods_are_those_of_comparators():
    weights = pd.DataFrame({"unit": ["b", "a"], "weight": [0.7, 0.3]})
    effect = made_effect(tables={"weights": weights})
    assert tables.weights(effect)["Who or when"].tolist() == ["a", "b"]
    assert captions.weighted(effect).startswith("2 comparators")
    assert "no comparators" in captions.weighted(made_effect())


def test_other_designs_keep_their_own_text():
    assert made_effect().design != POOLED.name
    assert words.alt_text(made_effect(), "visits", "Weston").startswith("Chart of visits")
