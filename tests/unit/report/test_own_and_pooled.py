"""Why a planned answer may be another than its sites pooled, and what an estimate says of one of its places."""

import math
from typing import ClassVar

import pytest

from evalkit.report.wording import pooled_effect
from evalkit.report.wording.own_part import own_part
from evalkit.report.wording.pooled_effect import beside
from tests.support.effects import estimate_row, made_effect

BEFORE, LAST = "the change since before at comparators", "the change since the last period before"
MONTHS = "There every month after a start counts alike, at every place; here a place counts for more, the surer its own"


def about(*units: str, against: str = BEFORE):
    return made_effect(treated_units=units, estimand=f"the mean effect, at some places, against {against}")


def test_the_same_sites_on_the_same_base_differ_in_weights_alone():
    members = [about("a"), about("b"), about("c")]
    assert beside(about("a", "b", "c"), members) == f"{MONTHS} estimate is."


def test_other_sites_and_another_base_are_told():
    members = [about("a"), about("b"), about("c")]
    said = beside(about("a", "b", "elsewhere", against=LAST), members)
    assert said.startswith("It is of 2 of the 3 sites here, and of 1 more. ")
    assert f"Its estimate is against {LAST}; here that of each site is against {BEFORE}." in said
    assert MONTHS in said


def test_one_site_has_no_weights():
    said = beside(about("a"), [about("a"), about("b"), about("c")])
    assert said == "It is of 1 of the 3 sites here."


@pytest.mark.parametrize(("scale", "estimate"), [("percent", "−12.0%"), ("points", "−12.0 points"), ("unit", "−12.0")])
def test_a_place_by_itself_is_read_from_its_own_row(scale, estimate):
    own = estimate_row(role="term", term="att b", estimate=-12.0, low=-math.inf, high=3.0, scale=scale)
    log = estimate_row(role="term", term="att b", estimate=-0.1, low=-0.2, high=0.1, scale="log")
    rows = [estimate_row(), *([log] if scale == "percent" else []), own]
    part = own_part(made_effect(rows), "b")
    assert (part.estimate, part.interval.partition(" to ")[0]) == (estimate, "no bound")
    assert own_part(made_effect(rows), "a") is None


class TestHowManyPlacesWouldBeEnough:
    """Sentences of a power of a pool, from its plain values."""

    ROWS: ClassVar = [
        {"sites": 3, "detectable": 30.0},
        {"sites": 15, "detectable": 9.0},
        {"sites": 30, "detectable": 6.0},
    ]

    def asked(self, **more) -> str:
        values = {"effect": 5.0, "scale": "percent", "needed": None, "known": False, "sites": 4, "table": self.ROWS}
        return pooled_effect.enough({**values, **more})

    def test_more_than_were_tried_and_twice_the_change(self):
        said = self.asked()
        assert "5.0% four times in five takes more than 30 places, as nobody knows" in said
        assert "10.0% four times in five takes 15 places" in said
        assert "as sure as the 4 here" in said

    def test_a_number_that_is_enough_and_a_spread_that_is_known(self):
        said = self.asked(needed=30, known=True, sites=1)
        assert "takes 30 places;" in said
        assert "the one here" in said
