"""Who gained? Fifths of trusts are called that wherever they stand, nothing is ranked, and what nobody counts is said."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from evalkit.book.page_writer import write_pages
from evalkit.book.pages import equity
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.catalogue.records.evaluations import Stratifier
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation
from evalkit.equity import Between, Fifths
from tests.book.test_partner_pages import LEFT, SHARE, _describe
from tests.support.synthetic_book import made_up, make_project

MONTHS = pd.period_range("2022-01", "2024-12", freq="M")
FIFTHS = {f"ZZ8{number:02d}": 1 + number % 5 for number in range(30)}
ENDS = re.compile(r"(most|least) deprived", re.IGNORECASE)


def rows() -> pd.DataFrame:
    """Trusts of the most deprived fifth have ten points less on time."""
    random = np.random.default_rng(6)
    parts = []
    for number, (code, fifth) in enumerate(FIFTHS.items()):
        visits = 2000 + 10 * number + random.integers(-40, 40, len(MONTHS))
        share = 0.7 - (0.1 if fifth == 1 else 0.0) + 0.01 * random.normal()
        on_time = (share * visits + random.integers(-15, 15, len(MONTHS))).round()
        parts.append(
            pd.DataFrame({"period": MONTHS.astype(str) + "-01", "org_code": code, "visits": visits, "on_time": on_time})
        )
    return pd.concat(parts)


def records(folder: Path):
    catalogue, plans, outcomes = made_up(folder, [1])
    catalogue.tables["waits"] = _describe(folder, "waits", rows()[["period", "org_code", "on_time", "visits"]])
    for code, fifth in FIFTHS.items():
        catalogue.organisations[code] = Organisation(
            org_code=code, name=f"{code} (invented)", sector="acute", deprivation_fifth=fifth
        )
    recipe = {"table": "waits", "numerator": ["on_time"], "denominator": ["visits"]}
    catalogue.measures["made-up-waits"] = Measure.model_validate({**SHARE, "recipes": [recipe]})
    catalogue.control_charts["made-up-waits"] = ControlChart.model_validate(
        {"id": "made-up-waits", "table": "waits", **LEFT}
    )
    return catalogue, plans, outcomes


def page(folder: Path) -> BeautifulSoup:
    return BeautifulSoup((folder / "book" / "generated" / "equity.html").read_text(encoding="utf-8"), "html.parser")


def words(part) -> str:
    return re.sub(r"\s+", " ", part.get_text(" "))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> BeautifulSoup:
    folder = tmp_path_factory.mktemp("equity")
    make_project(folder)
    write_pages(folder / "book" / "generated", *records(folder))
    return page(folder)


def test_the_first_sentence_names_the_last_month_and_the_warning_follows(made):
    said = words(made)
    assert "The last month here is December 2024" in said
    assert said.index("The last month here") < said.index("These are fifths of trusts, not of patients.")
    assert "A trust's catchment is not its patients" in said


def test_a_clear_difference_is_told_with_interval_trusts_and_what_could_be_found(made):
    said = words(made)
    assert "1 of 1 differences between the most and the least deprived fifth of trusts is clear" in said
    assert re.search(r"−\d+\.\d points −\d+\.\d to −\d+\.\d; lower at the most deprived fifth of trusts", said)
    assert "6 and 6 trusts with all months at either end" in said
    assert re.search(r"Could be found from .* \d\.\d points", said)


def test_the_weighting_is_said_and_the_other_one_stands_beside_it(made):
    said = words(made)
    assert "Each trust counts once here" in said
    assert "each independent of the others" in said
    assert re.search(r"All figures of a fifth taken together: −\d+\.\d points, without an interval", said)


def test_every_fifth_is_one_of_trusts_and_nothing_is_ranked(made):
    for part in made.find_all(["p", "th", "caption", "td"]):
        text = words(part)
        if ENDS.search(text):
            assert "fifth of trusts" in text or "trusts whose catchments" in text, text
    for never in ("best", "worst", "rank", "league", "significant", "p ="):
        assert never not in words(made).lower()


def test_what_nobody_counts_apart_is_no_finding(made):
    said = words(made)
    assert "No evaluation of this book tells groups of people apart" in said
    assert "which is not the same as that it did neither" in said
    assert "Invented." in said, "the reason of the record"


def test_an_evaluation_with_a_stratifier_links_its_analyses(tmp_path):
    make_project(tmp_path)
    catalogue, plans, outcomes = records(tmp_path)
    (id,) = catalogue.evaluations
    evaluation = catalogue.evaluations[id]
    stratifier = Stratifier(
        what="Fifth of deprivation of the patient's home", why="Asked for.", analyses=[evaluation.primary.id]
    )
    protocol = evaluation.protocol.model_copy(update={"stratifier": stratifier, "no_stratifier": None})
    changed = evaluation.model_copy(update={"protocol": protocol})
    catalogue.evaluations[id] = changed
    plans = [replace(plan, evaluation=changed) for plan in plans]
    write_pages(tmp_path / "book" / "generated", catalogue, plans, outcomes)
    made = page(tmp_path)
    assert "1 of 1 evaluations tells groups of people apart" in words(made)
    assert made.find("a", href=f"evaluations/{id}/{evaluation.primary.id}.html")


def test_without_charts_the_page_says_what_would_stand_here(tmp_path):
    make_project(tmp_path)
    write_pages(tmp_path / "book" / "generated", *made_up(tmp_path, [1]))
    said = words(page(tmp_path))
    assert "Here stands how shares differ between trusts" in said
    assert "The last month" not in said


def test_means_and_their_difference_agree_as_they_are_shown():
    gap = Between(0.02, -0.4, 0.44, 0.1, 9.0, 3, 3, 0.5)
    means = [(1, 3, 1.66), (2, 3, None), (3, 3, 2.0), (4, 3, 2.0), (5, 3, 1.64)]
    fifths = Fifths("2022-01", "2022-12", means, gap, None, 0, (3, 3), 0.0)
    assert equity._decimals(fifths) == 2  # 1.7 less 1.6 is not 0.0
    assert equity._decimals(replace(fifths, means=[(1, 3, 1.6), (5, 3, 1.5)], gap=replace(gap, estimate=0.1))) == 1
    told = equity._difference(gap, (3, 7), equity.SAYS, 2)
    assert (told.size, told.interval, told.detectable) == ("+0.02 points", "−0.40 to +0.44", "0.50 points")
    assert told.trusts == "3 of 3 and 3 of 7"
    assert equity._counted((3, 7), (3, 7)) == "3 and 7"
    assert equity._signed(-0.001, 2) == "0.00"


@given(st.floats(0, 100), st.floats(0, 100))
def test_the_fewest_decimals_that_agree_are_used(most, least):
    gap = Between(most - least, 0, 0, 1, 9, 3, 3, 1)
    decimals = equity._decimals(Fifths("", "", [(1, 3, most), (5, 3, least)], gap, None, 0, (3, 3), 0.0))
    if decimals < equity.MOST_DECIMALS:
        shown = float(f"{most:.{decimals}f}") - float(f"{least:.{decimals}f}")
        assert shown == pytest.approx(float(f"{gap.estimate:.{decimals}f}"), abs=1e-6)


def test_a_reason_that_several_share_is_said_once(tmp_path):
    make_project(tmp_path)
    write_pages(tmp_path / "book" / "generated", *made_up(tmp_path, [1, 2, 3]))
    made = page(tmp_path)
    assert words(made).count("Invented.") == 1
    assert len(made.select("ul a[href^='evaluations/']")) == 3


def test_none_of_several_is_clear(tmp_path):
    make_project(tmp_path)
    catalogue, plans, outcomes = records(tmp_path)
    for organisation in catalogue.organisations.values():
        if organisation.org_code in FIFTHS:  # fifths that have nothing to do with the figures
            fifth = 1 + (FIFTHS[organisation.org_code] + int(organisation.org_code[-2:]) // 5) % 5
            catalogue.organisations[organisation.org_code] = organisation.model_copy(
                update={"deprivation_fifth": fifth}
            )
    write_pages(tmp_path / "book" / "generated", catalogue, plans, outcomes)
    assert "None of 1 differences between the most and the least deprived fifth of trusts is clear" in words(
        page(tmp_path)
    )


def test_home_does_not_promise_what_nothing_counts(tmp_path):
    make_project(tmp_path)
    write_pages(tmp_path / "book" / "generated", *made_up(tmp_path, [1]))
    home = (tmp_path / "book" / "generated" / "index-parts" / "home.html").read_text(encoding="utf-8")
    assert "No evaluation tells groups of people apart" in home
