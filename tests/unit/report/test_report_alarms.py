"""What a page says of how often its method claims a change where nobody made one."""

import math
from dataclasses import make_dataclass
from types import SimpleNamespace

import pytest

from evalkit.book.content import rates, symbols
from evalkit.book.page_writer import Pages
from evalkit.book.pages.about import DifferenceRates, FamilyRates, NationRates
from evalkit.catalogue.records.evaluations import IndependentResult
from evalkit.catalogue.records.false_alarms import DifferenceAlarms, FamilyAlarms, read_nation_alarms
from evalkit.errors import InputRefused
from tests.support.effects import made_effect

Shown = make_dataclass("Shown", ["primary", "beside"])


class TestAlarms:
    def rendered(self, real, tmp_path, effect, measure: str) -> str:
        measured = rates.MeasuredRates.read(real.root)
        shown = Shown(SimpleNamespace(measure=real.measures[measure]), rates.alarms_beside(measured, effect, measure))
        Pages(tmp_path, real).page("alarms.html", "alarms.html.jinja", shown)
        return (tmp_path / "alarms.html").read_text(encoding="utf-8")

    @pytest.mark.parametrize("measure", ["weekend-discharge-share", "emergency-admissions"])
    def test_what_was_not_measured_for_a_difference_in_differences_is_said(self, real, tmp_path, single, measure):
        said = self.rendered(real, tmp_path, single, measure)
        assert said.count("<p>") == 1
        assert "was not measured for" in said
        assert 'href="../../../methods/difference-in-differences.html"' in said

    def test_a_rate_of_another_method_is_not_shown(self, real, tmp_path, clustered, weighted):
        for effect in (clustered, weighted):
            assert "was not measured for" in self.rendered(real, tmp_path, effect, "ae-attendances-type-1")

    def test_what_was_not_measured_for_a_series_is_said(self, real, tmp_path):
        said = self.rendered(real, tmp_path, made_effect(), "weekend-discharge-share")
        assert "not measured for the weekend" in said
        assert 'href="../../../methods/interrupted-time-series.html"' in said

    def test_what_was_measured_is_shown(self, real, tmp_path, single):
        for effect in (single, made_effect()):
            said = self.rendered(real, tmp_path, effect, "ae-attendances-type-1")
            assert "a change was claimed" in said
            assert "was not measured" not in said


@pytest.mark.parametrize(
    ("scale", "estimate", "low", "high", "written"),
    [
        ("percent", 13.6, None, None, "+13.6%"),
        ("points", -2.5, -4.0, 1.25, "−2.5 points (95% interval −4 to +1.25)"),
        ("unit", 0.0, None, 1.0, "+0"),
    ],
)
def test_what_others_published_keeps_its_digits_and_has_a_true_minus(scale, estimate, low, high, written):
    source = {"title": "A paper", "where": "example.org"}
    result = {"what": "Visits.", "estimate": estimate, "low": low, "high": high, "scale": scale, "beside": "all"}
    assert symbols.published(IndependentResult.model_validate({**result, "source": source})) == written


class TestRates:
    def rendered(self, real, tmp_path, *designs: tuple[str, int, int]) -> str:
        measured = [
            DifferenceAlarms(
                measure="ae-attendances-all", table="ae-monthly-2016-2019", first="2016-04", last="2019-03",
                design=design, treated=treated, units=124, runs=runs, claimed=0.06, refused=0, found=0.4, step=0.1,
            )
            for design, treated, runs in designs
        ]  # fmt: skip
        Pages(tmp_path, real).page(
            "rates.html", DifferenceRates.template, DifferenceRates(rates.difference_rows(real.measures, measured))
        )
        return (tmp_path / "rates.html").read_text(encoding="utf-8")

    def test_each_rate_says_of_how_many_draws(self, real, tmp_path):
        said = self.rendered(real, tmp_path, ("by rank, one start", 1, 100), ("synthetic, by rank", 1, 13))
        first = said.split("</table>")[0]
        assert "of 100 draws" in first
        assert "of 13 draws" in first
        assert first.count("<th scope") - 1 == first.count('<td class="ek-number">') + 1
        assert said.count("<caption>") == 2
        assert "pooled" not in said

    def test_a_table_without_rows_is_left_out(self, real, tmp_path):
        said = self.rendered(real, tmp_path, ("pooled, ten places", 10, 50))
        assert said.count("<caption>") == said.count("<table") == 1
        assert "and pooled</caption>" in said
        assert "<table" not in self.rendered(real, tmp_path)
        many = self.rendered(real, tmp_path, ("by rank, one start", 20, 50))
        assert "claims a change" not in many
        assert many.count("<caption>") == 1


class TestFamilies:
    """Families whose comparators are too few for ranks."""

    def test_they_claim_one_in_twenty_at_most_as_far_as_units_tell(self, real):
        rows = rates.family_rows(rates.MeasuredRates.read(real.root).of_families)
        assert [row.family for row in rows] == [2, 3, 5, 7, 10, 14]
        assert all(row.within and row.trials > 6_000 and row.error < 0.03 for row in rows), rows

    def test_a_row_weighs_series_by_their_trials(self):
        one = FamilyAlarms(
            nation="wales", measure="visits", table="t", first="2016-04", last="2019-03", comparators=23, units=24,
            trials=300, family=2, claimed=0.04, error=0.03,
        )  # fmt: skip
        (row,) = rates.family_rows([one, one.model_copy(update={"trials": 100, "claimed": 0.0, "error": 0.04})])
        assert (row.series, row.trials, row.claimed) == (2, 400, pytest.approx(0.03))
        assert row.error == pytest.approx(math.hypot(300 * 0.03, 100 * 0.04) / 400)

    def test_none_measured_is_said(self, real, tmp_path):
        Pages(tmp_path, real).page("families.html", "false-alarms-families.html.jinja", FamilyRates([]))
        assert "has not been counted" in (tmp_path / "families.html").read_text(encoding="utf-8")


class TestNations:
    """Wales and Scotland: rates with their errors, power, and the least p-value of a rank."""

    @pytest.fixture
    def measured(self, real) -> rates.MeasuredRates:
        return rates.MeasuredRates.read(real.root)

    def rates_of(self, measured, real, design: str) -> list[rates.NationRate]:
        return [rate for rate in rates.nation_rows(real.measures, measured.of_nations) if rate.design == design]

    def test_the_books_own_interval_claims_one_in_twenty_as_far_as_units_tell(self, measured, real):
        own = self.rates_of(measured, real, "controlled")
        assert {(rate.units_are, rate.grain) for rate in own} == {
            ("hospitals", "month"), ("emergency departments", "month"), ("health boards", "week"),
        }  # fmt: skip
        for rate in own:
            assert rate.claimed <= 0.05 + 2 * rate.error, rate
            assert rate.counted, rate

    def test_it_is_by_rank_only_where_a_rank_can_be_one_in_twenty(self, measured, real):
        for rate in self.rates_of(measured, real, "controlled"):
            assert rate.least_p == pytest.approx(1 / rate.units, abs=1e-4)
            assert rate.by_rank == (rate.units >= 20)

    def test_three_sizes_were_put_in_and_larger_ones_are_found_more_often(self, measured, real):
        for rate in self.rates_of(measured, real, "controlled"):
            shares = [one.share for one in rate.found]
            assert len(shares) == 3
            assert shares == sorted(shares)
        (first, *_) = self.rates_of(measured, real, "controlled")
        assert [one.size for one in first.found] == ["5.0%", "10.0%", "20.0%"]

    def test_an_interval_that_finds_nothing_has_no_rate(self, measured, real):
        made = [
            rate.model_copy(update={"claimed": 0.0 if rate.happened == 0 else 0.1}) for rate in measured.of_nations[:4]
        ]
        (rate,) = rates.nation_rows(real.measures, made)
        assert not rate.counted

    @pytest.mark.parametrize(
        ("measure", "said"),
        [("wales-ae-attendances", "no p-value below 0.059"), ("scotland-ae-attendances", "by rank among the others")],
    )
    def test_they_stand_beside_a_result(self, real, tmp_path, measure, said):
        effect = made_effect(measure=measure)
        shown = TestAlarms().rendered(real, tmp_path, effect, measure)
        assert "a change was claimed" in shown
        assert "was not measured" not in shown
        assert "10.0% in" in shown
        assert said in shown
        assert "methods/controlled.html" in shown

    def test_the_methods_page_has_them(self, measured, real, tmp_path):
        page = NationRates(rates.nation_rows(real.measures, measured.of_nations))
        Pages(tmp_path, real).page("rates.html", NationRates.template, page)
        shown = (tmp_path / "rates.html").read_text(encoding="utf-8")
        assert shown.count("<caption>") == 2
        assert "0.071" in shown
        Pages(tmp_path, real).page("none.html", NationRates.template, NationRates([]))
        assert "not been counted" in (tmp_path / "none.html").read_text(encoding="utf-8")

    def test_a_table_without_what_was_put_in_is_refused(self, real, tmp_path):
        (tmp_path / "data").mkdir()
        lines = (real.root / "data/false_alarms_nations.csv").read_text(encoding="utf-8").splitlines()
        (tmp_path / "data/false_alarms_nations.csv").write_text("\n".join(lines[:2]), encoding="utf-8")
        with pytest.raises(InputRefused, match="without a change and with one"):
            read_nation_alarms(tmp_path)
