"""Control charts against published ones, to the digits printed there.

From NHSRplotthedots (github.com/nhs-r-community/NHSRplotthedots, 0.2.2 and the snapshots of its tests), the NIST/SEMATECH
e-Handbook of Statistical Methods, the R package qcc and the manual of SAS/QC. The tables of A&E attendances are those of NHSRdatasets, which the package
draws in its examples.
"""

import struct

import numpy as np
import pandas as pd
import pytest

import evalkit as ek

# R: set.seed(123); rnorm(20), whose first values tests/testthat/_snaps/ptd_spc_standard.md prints.
R_NORMAL = [
    -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123, -0.68685285,
    -0.44566197, 1.2240818, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314, 0.49785048, -1.96661716, 0.7013559,
    -0.47279141,
]  # fmt: skip


def frame_of(values, start="2020-01", **columns) -> pd.DataFrame:
    months = pd.period_range(start, periods=len(values), freq="M")
    return pd.DataFrame({"month": months, "value": np.asarray(values, float), **columns})


def chart_of(values, **options) -> ek.Chart:
    return ek.control_chart(frame_of(values), outcome="value", time="month", **options)


def limits(chart: ek.Chart, phase: int = 1) -> tuple[float, float, float]:
    row = chart.phases.set_index("phase").loc[phase]
    return float(row["centre"]), float(row["lower"]), float(row["upper"])


def doubles(*written: str) -> list[float]:
    """Numbers as R serialised them: eight bytes each, in hexadecimal."""
    return [struct.unpack(">d", bytes.fromhex(number))[0] for number in written]


@pytest.fixture(scope="module")
def attendances(root) -> pd.DataFrame:
    """NHSRdatasets' ae_attendances."""
    table = pd.read_csv(root / "data" / "tables" / "ae_monthly_2016_2019.csv")
    return table.assign(month=table["period"].str[:7])


@pytest.fixture(scope="module")
def england(attendances) -> pd.DataFrame:
    summed = attendances.groupby("month", as_index=False)[["attendances", "over_4h"]].sum()
    return summed.assign(performance=1 - summed["over_4h"] / summed["attendances"])


class TestNHSRplotthedots:
    """tests/testthat/_snaps/ptd_spc_standard.md, integration_tests.md, and the vignettes."""

    def test_limits_of_its_random_numbers(self):
        chart = chart_of(R_NORMAL, rule="nhsr_0_2_2")
        assert limits(chart) == pytest.approx((0.1416238, -3.01138, 3.294627), abs=5e-7)
        assert (chart.points["nature"] == "common_cause").all()

    def test_limits_with_an_outlier_with_and_without_screening(self):
        values = [*R_NORMAL[:14], 10, *R_NORMAL[15:]]
        screened = chart_of(values, rule="nhsr_0_2_2")
        assert limits(screened) == pytest.approx((0.6694159, -2.383666, 3.722497), abs=5e-7)
        assert screened.phases["screened"].tolist() == [2]  # the steps to the outlier and from it
        unscreened = chart_of(values, rule="nhsr_0_2_2", screen_moving_ranges=False)
        assert limits(unscreened) == pytest.approx((0.6694159, -4.596625, 5.935457), abs=5e-7)
        # Its default differs from the tool of Making Data Count, which screens nothing (vignette "Deviations").
        assert limits(chart_of(values)) == limits(unscreened)

    @pytest.mark.parametrize("rows", [slice(0, 10), slice(10, 20)])
    def test_limits_of_half_of_them(self, rows):
        printed = {0: (0.0746, -2.60, 2.75), 10: (0.209, -3.28, 3.70)}[rows.start]
        found = limits(chart_of(R_NORMAL[rows], rule="nhsr_0_2_2"))
        assert [float(f"{one:.3g}") for one in found] == pytest.approx(printed)

    def test_attendances_in_england(self, england):
        chart = ek.control_chart(england, outcome="attendances", time="month", rule="nhsr_0_2_2")
        assert limits(chart) == pytest.approx(
            doubles("413E869AF1C71C72", "413A6D045D4C3B2A", "41415018C320FEDD"), rel=1e-14
        )
        assert (chart.points["nature"] == "common_cause").all()

    def test_attendances_in_england_made_anew(self, england):
        chart = ek.control_chart(
            england, outcome="attendances", time="month", rule="nhsr_0_2_2", rebase={"2017-04-01": "Its example"}
        )
        first = doubles("413DB4EA6AAAAAAB", "4139060B5FF61200", "414131E4BAAFA1AB")
        second = doubles("413EEF7335555555", "413B0D7910615AAD", "414168B6AD24A7FF")
        assert limits(chart, 1) == pytest.approx(first, rel=1e-14)
        assert limits(chart, 2) == pytest.approx(second, rel=1e-14)
        assert (chart.points["nature"] == "common_cause").all()

    @pytest.mark.parametrize("rule", ["nhsr_0_2_2", "mdc_2023"])
    def test_performance_in_england_with_limits_of_the_first_twelve_months(self, england, rule):
        chart = ek.control_chart(
            england, outcome="performance", time="month", rule=rule, baseline=12, screen_moving_ranges=True
        )
        assert limits(chart) == pytest.approx(
            doubles("3FEC822F02657506", "3FEB90A12CA09B5A", "3FED73BCD82A4EB2"), rel=1e-14
        )
        outside = np.flatnonzero(chart.points["outside_limits"]).tolist()
        assert outside == [9, 20, 21, 22, 23, 33, 34]
        common = ["common_cause"]
        printed = [
            *9 * common, "concern_low", *common, *8 * ["improvement_high"], *common, *4 * ["concern_low"], *5 * common,
            *7 * ["concern_low"],
        ]  # fmt: skip
        natures = chart.points["nature"].tolist()
        if rule == "mdc_2023":
            # December 2016 lies near the lower limit and January 2017 below it, which makes two of three since 2023.
            assert (natures[8], chart.points["special_cause"][8]) == ("concern_low", "two_of_three")
            natures[8] = "common_cause"
        assert natures == printed
        assert chart.variation == "concern_low"

    @pytest.mark.parametrize(
        ("kind", "written"),
        [("1", ("40C5E231C71C71C7", "40C2E22371185934")), ("other", ("40BF09C000000000", "40B99EDF7912AC46"))],
    )
    def test_attendances_at_one_trust_by_type(self, attendances, kind, written):
        rows = attendances[(attendances["org_code"] == "RL4") & (attendances["ae_type"] == kind)]
        chart = ek.control_chart(rows, outcome="attendances", time="month", rule="nhsr_0_2_2")
        assert limits(chart)[:2] == pytest.approx(doubles(*written), rel=1e-14)

    @pytest.mark.parametrize("rule", ["nhsr_0_2_2", "mdc_2023"])
    def test_eight_months_in_a_row_of_fewer_breaches_at_a_trust(self, attendances, rule):
        """Its introduction: eight points in a row are coloured as improvement, by the rule of seven on one side."""
        rows = attendances[(attendances["org_code"] == "RRK") & (attendances["ae_type"] == "1")]
        rows = rows[rows["month"] < "2018-04"]
        chart = ek.control_chart(rows, outcome="over_4h", time="month", direction="decrease", rule=rule)
        special = chart.points[chart.points["special_cause"] == "shift"]
        assert len(special) == 8
        assert set(special["nature"]) == {"improvement_low"}
        assert special.index.to_list() == list(range(special.index[0], special.index[0] + 8))
        # Its thread 156: the last months are common cause, and stay so where the last of them is missing.
        assert (chart.points["nature"].iloc[-6:] == "common_cause").all()
        rows.loc[rows["month"] == "2018-03", "over_4h"] = np.nan
        chart = ek.control_chart(rows, outcome="over_4h", time="month", direction="decrease", rule=rule)
        assert (chart.points["nature"].iloc[-6:-1] == "common_cause").all()
        assert chart.points["nature"].iloc[-1] == ""

    def test_two_points_near_the_limits_on_opposite_sides_are_common_cause(self):
        chart = chart_of([1, -1] * 7 + [5.5, -5.5], rule="nhsr_0_2_2")
        assert chart.points["nature"].tolist()[-2:] == ["common_cause", "common_cause"]


class TestNIST:
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2, 6.3.3.1 and 6.3.3.2."""

    def test_individuals(self):
        chart = chart_of([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
        assert chart.phases["centre"].iloc[0] == pytest.approx(50.81)
        spread = chart.phases["mean_moving_range"].iloc[0]
        assert spread == pytest.approx(1.8778, abs=5e-5)
        # NIST divides by 1.128, which Making Data Count rounds to a factor of 2.66: 0.0008 wider on either side.
        assert 50.81 + 3 * spread / 1.128 == pytest.approx(55.8041, abs=5e-5)
        assert limits(chart)[1:] == pytest.approx((45.8159, 55.8041), abs=1e-3)

    def test_shares(self):
        counts = [
            12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6
        ]  # fmt: skip
        chart = ek.control_chart(
            frame_of(counts, chips=50),
            outcome="value",
            time="month",
            kind="p",
            denominator="chips",
            direction="decrease",
        )
        assert limits(chart) == pytest.approx((0.2313, 0.0524, 0.4102), abs=6e-5)
        assert np.flatnonzero(chart.points["outside_limits"]).tolist() == [14, 22]

    def test_counts(self):
        counts = [
            16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13
        ]  # fmt: skip
        chart = ek.control_chart(frame_of(counts), outcome="value", time="month", kind="c", direction="decrease")
        assert limits(chart) == pytest.approx((16, 4, 28))
        assert np.flatnonzero(chart.points["outside_limits"]).tolist() == [23]


class TestQcc:
    """What qcc 3.0 prints in its vignette "A quick tour of qcc" (luca-scr/qcc, docs/articles), of Montgomery's data."""

    JUICE = (12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6)
    JUICE_LATER = (9, 6, 12, 5, 6, 4, 6, 3, 7, 6, 2, 4, 3, 6, 5, 4, 8, 5, 6, 7, 5, 6, 3, 5)
    CIRCUITS = (
        21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15
    )  # fmt: skip
    COMPUTERS = (10, 12, 8, 14, 10, 16, 11, 7, 10, 15, 9, 5, 7, 11, 12, 6, 8, 10, 7, 5)
    OPTIONS = {"outcome": "value", "time": "month", "denominator": "of", "direction": "decrease"}

    @pytest.mark.parametrize(
        ("counts", "printed"),
        [
            ([*JUICE[:14], *JUICE[15:22], *JUICE[23:]], (0.215, 0.04070284, 0.3892972)),
            (JUICE_LATER, (0.1108333, 0.0, 0.2440207)),
        ],
    )
    def test_shares(self, counts, printed):
        chart = ek.control_chart(frame_of(counts, of=50), kind="p", **self.OPTIONS)
        assert limits(chart) == pytest.approx(printed, rel=5e-7)

    def test_counts(self):
        chart = ek.control_chart(frame_of(self.CIRCUITS), outcome="value", time="month", kind="c")
        assert limits(chart) == pytest.approx((19.84615, 6.481447, 33.21086), rel=5e-7)
        assert np.flatnonzero(chart.points["outside_limits"]).tolist() == [5, 19]

    @pytest.mark.parametrize(
        ("counts", "units", "printed"),
        [
            (COMPUTERS, 5, (1.93, 0.06613305, 3.793867)),
            ([*CIRCUITS[:5], *CIRCUITS[6:19], *CIRCUITS[20:]], 100, (0.1966667, 0.06362532, 0.329708)),
        ],
    )
    def test_rates(self, counts, units, printed):
        chart = ek.control_chart(frame_of(counts, of=units), kind="u", **self.OPTIONS)
        assert limits(chart) == pytest.approx(printed, rel=5e-7)

    def test_individuals(self):
        viscosity = [
            33.75, 33.05, 34, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54, 33.12, 33.84
        ]  # fmt: skip
        chart = chart_of(viscosity)
        spread = chart.phases["mean_moving_range"].iloc[0]
        assert limits(chart)[0] == pytest.approx(33.52333, abs=5e-6)
        assert spread / 1.128 == pytest.approx(0.4261651, rel=5e-7)
        # qcc divides by 1.128, which Making Data Count rounds to a factor of 2.66.
        assert 33.52333 + 3 * spread / 1.128 == pytest.approx(34.80183, abs=1e-5)
        assert limits(chart)[1:] == pytest.approx((32.24484, 34.80183), abs=3e-4)


def test_defects_of_fabric_as_sas_prints_them():
    """SAS/QC, the SHEWHART procedure, "Saving Control Limits" of the UCHART statement: table Fablim."""
    defects = [12, 11, 9, 15, 7, 6, 5, 10, 8, 8, 14, 5, 9, 13, 7, 5, 8, 11, 7, 12]
    chart = ek.control_chart(
        frame_of(defects, metres=30), outcome="value", time="month", kind="u", denominator="metres"
    )
    assert limits(chart)[1] == pytest.approx(0.001671271, abs=5e-10)
    assert limits(chart) == pytest.approx((0.30333, 0.001671271, 0.60500), abs=5e-6)
