"""What ``show`` says of frames that did not come from ``ek.load``, inside a project's folder and outside any."""

import math
import re

import pytest

import evalkit as ek
from evalkit.report import notebook
from evalkit.report.wording import words
from tests.conftest import ROOT
from tests.support.effects import estimate_row, made_effect
from tests.unit.report.conftest import fitted, panel


@pytest.fixture(scope="module")
def alone():
    frame = panel({"U00": "2017-08"}, units=1)
    return ek.interrupted_time_series(
        frame,
        outcome="value",
        time="period",
        interruption="2017-08",
        model="level_and_slope",
        log=True,
        seasonality=None,
    )


@pytest.fixture(scope="module")
def pooled():
    return ek.pool([fitted({unit: "2017-08"}) for unit in ("U01", "U02", "U03")])


@pytest.fixture
def shown(monkeypatch):
    """Whatever a cell displays, as a list of bundles."""
    monkeypatch.setenv("EVALKIT_ROOT", str(ROOT))
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: bundles.append({**data, **more}))
    return bundles


class TestOwnData:
    """Frames that did not come from ``ek.load``, inside the project's folder and outside any."""

    @pytest.fixture(params=["inside", "outside"])
    def anywhere(self, request, shown, monkeypatch, tmp_path):
        if request.param == "outside":
            monkeypatch.delenv("EVALKIT_ROOT")
            monkeypatch.chdir(tmp_path)
        return request.param

    def test_every_part_says_something(self, anywhere, shown, staggered, alone, pooled):
        for effect in (staggered, alone, pooled):
            for part in notebook.PARTS:
                if effect is alone and part == "placebo":
                    continue
                shown.clear()
                ek.show(effect, part)
                said = "\n".join(bundle["text/plain"] for bundle in shown)
                assert len(said) >= 40
                assert not re.search(r"\b(nan|None)\b", said)

    def test_an_answer_without_a_verdict(self, anywhere, shown, staggered, pooled):
        for effect in (staggered, pooled):
            shown.clear()
            ek.show(effect)
            said, row = shown[0]["text/plain"], effect.headline
            assert said.startswith(f"Estimate: {words.change(row['estimate'], 'percent')} in value at ")
            assert words.interval(row["low"], row["high"], "percent") in said
            assert words.detectable_sentence(effect) in said
            assert effect.method_of_interval in said
            assert "There is no verdict" in said
            assert ("data/measures.yml" in said) == (anywhere == "inside")
            assert "includes no change" not in said
            assert not any(f"**{word}**" in said for word in words.VERDICT_WORDS.values())

    def test_an_open_direction_is_said(self):
        assert words.open_direction(made_effect([estimate_row(low=-19.0, high=2.0)]).headline)
        assert words.open_direction(made_effect([estimate_row(low=math.nan, high=math.nan)]).headline)
        assert not words.open_direction(made_effect().headline)

    def test_the_data_say_what_they_are_and_no_source(self, anywhere, shown, staggered, alone, pooled):
        for effect in (staggered, alone, pooled):
            ek.show(effect, "data")
        texts = [bundle["text/plain"] for bundle in shown]
        assert texts[0].startswith("36 periods of value at U01, U02, U03, against 21 comparators, 2016-04 to 2019-03.")
        assert texts[1].startswith("36 periods of value at the place seen, 2016-04 to 2019-03.")
        assert texts[2].startswith("Effects on value at 3 sites. ")
        for text in texts:
            assert "not from a table of the book" in text
            assert "Fingerprint" not in text

    def test_a_project_that_was_named_has_to_be_there(self, shown, monkeypatch, tmp_path, single):
        monkeypatch.setenv("EVALKIT_ROOT", str(tmp_path))
        with pytest.raises(ek.EvaluationError, match="EVALKIT_ROOT"):
            ek.show(single)
