"""Control charts of partners: what an entry may say, and how often charts err, each mistake in one sentence."""

import json
from dataclasses import asdict

import pytest

from evalkit.book.partners.measure_charts import MeasureCharts, charts_of
from evalkit.catalogue.records.chart_alarms import read_chart_alarms
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.errors import EvaluationError, InputRefused

PACKAGE = "data/datapackage.json"
CHARTS, ALARMS = "data/control_charts.yml", "data/chart_alarms.csv"
CHARTS_TEXT = """\
ae-attendances-type-1:
  table: ae-monthly-2016-2019
  kind: xmr
  season: months
  first: 2016-05
  rebase:
    - from: 2017-07-04
      what: The department closed at night
      source: {title: A newspaper, where: example.org, read: 2026-11-21}
  why: Visits follow the season.
ae-four-hour-type-1:
  table: ae-monthly-2016-2019
  kind: p
  per: 100
  target:
    value: 78
    source: {title: The plan, where: example.org, read: 2026-11-21}
  why: It is a share.
"""
ALARMS_TEXT = """\
measure,table,kind,season,trusts,series,months,raised,raised_at_most,raised_within_year,correlation,season_strength,seed
ae-four-hour-type-1,ae-monthly-2016-2019,xmr,left,100,2000,48,0.041,0.05,0.2,0.1,0.2,1
"""


@pytest.fixture
def charted(project):
    project.write(CHARTS, CHARTS_TEXT)
    return project


def test_sound_entries_have_no_problem(charted):
    assert charted.problems() == []
    chart = charted.catalogue().control_charts["ae-attendances-type-1"]
    assert (chart.season, chart.per, chart.rebase[0].begins.isoformat()) == ("months", 1, "2017-07-04")
    assert charted.catalogue().control_charts["ae-four-hour-type-1"].target.value == 78


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ae-attendances-type-1:", "ae-attendance-type-1:", ("not a measure in data/measures.yml", "did you mean")),
        ("table: ae-monthly-2016-2019\n  kind: xmr", "table: ae-monthly-2016\n  kind: xmr", ("not a table", "correct it")),
        ("kind: xmr", "kind: c", ("`kind` must be", "xmr")),
        ("kind: xmr", "kind: p", ("season is only removed from an XmR chart", "season: left")),
        ("season: months", "season: months\n  per: 100", ("`per` is for shares and rates", "leave it out")),
        ("season: months", "season: left\n  contrast: share", ("one row a month, not a day", "leave `contrast` out")),
        ("kind: xmr\n  season: months", "kind: u", ("is a count, which has no denominator", "kind: xmr")),
        ("value: 78", "value: 178", ("target of 178 is outside the scale", "0 to 100", "correct it")),
        ("{title: The plan, where: example.org, read: 2026-11-21}", "{title: The plan, where: example.org}", ("needs `read`",)),
        ("first: 2016-05", "first: May 2016", ("`first`",)),
        ("  why: It is a share.\n", "", ("`why` is missing", "add it")),
        ("why: It is", "because: It is", ("`because` is not a field",)),
        ("from: 2017-07-04", "from: 2017-07", ("`from`", "not a date")),
        ("season: months", "season: months\n  source_change: new_register", ("`new_register` is no flag of ae-monthly-2016-2019", "leave it out")),
    ],
)  # fmt: skip
def test_one_mistake_is_one_sentence_with_its_line(charted, old, new, said):
    charted.edit(CHARTS, old, new)
    problems = charted.problems()
    assert problems, "goes through"
    shown = [str(problem) for problem in problems if problem.file == CHARTS]
    assert any(all(part in text for part in said) for text in shown), shown
    assert all(text.endswith(".") and f"{CHARTS}, line " in text for text in shown), shown


def test_a_measure_needs_a_recipe_for_the_table(charted):
    charted.edit(CHARTS, "ae-monthly-2016-2019\n  kind: xmr", "ae-trust-monthly-2010-2021\n  kind: xmr")
    shown = " ".join(map(str, charted.problems()))
    assert (
        "ae-attendances-type-1` has no recipe for ae-trust-monthly-2010-2021: add one" in shown
        or "not a table" in shown
    )


def test_rates_are_read_and_may_be_missing(charted):
    assert read_chart_alarms(charted.root) == {}
    charted.write(ALARMS, ALARMS_TEXT)
    (rate,) = read_chart_alarms(charted.root).values()
    assert (rate.measure, rate.raised, rate.season_strength) == ("ae-four-hour-type-1", 0.041, 0.2)
    charted.write(ALARMS, ALARMS_TEXT.replace("0.041", "4.1"))
    with pytest.raises(InputRefused, match="line 2"):
        read_chart_alarms(charted.root)


OWN = ControlChart(id="discharges", table="discharges", kind="xmr", why="Invented.")


def submit(project, rule: str, last: int) -> None:
    """A site's own table of fourteen months, under a rule."""
    counts = [40, 45, 50, 45, 40, 45, 55, 50, 45, 40, 45, 50, 45, last]
    rows = [f"RA3,2016-{month:02},discharges,{count},," for month, count in enumerate(counts[:12], start=1)]
    rows += [f"RA3,2017-{month:02},discharges,{count},," for month, count in enumerate(counts[12:], start=1)]
    project.submit("\n".join(["org_code,period,measure,numerator,denominator,note", *rows, ""]))
    resources = (project.root / PACKAGE).read_text(encoding="utf-8")
    start = resources.index("tables/discharges.csv")
    own = resources[start:].replace('"official_statistics"', f'"{rule}"', 1)
    project.write(PACKAGE, resources[:start] + own)


def test_own_counts_are_charted_as_the_gate_let_them_through_and_else_refused(project):
    submit(project, "own_counts", last=60)
    catalogue = project.catalogue()
    charts = charts_of(catalogue, catalogue.measures["discharges"], OWN)
    assert [(one.code, one.reported[-1], one.judged[-1]) for one in charts.partners] == [("RA3", 60.0, 60.0)]
    submit(project, "own_counts", last=3)
    catalogue = project.catalogue()
    with pytest.raises(EvaluationError, match="is a count that the rule 'own_counts' does not show"):
        charts_of(catalogue, catalogue.measures["discharges"], OWN)


def test_a_partner_s_chart_tells_the_year_before_and_when_rules_spoke_and_is_kept_whole(project):
    submit(project, "own_counts", last=90)
    catalogue = project.catalogue()
    charts = charts_of(catalogue, catalogue.measures["discharges"], OWN)
    (chart,) = charts.partners
    assert (chart.last, chart.value.split()[0], chart.year_before.split()[0]) == ("2017-02", "90", "45")
    assert [(one.rule, one.since, one.until, one.decides) for one in chart.spoken] == [
        ("outside_limits", "2017-02", "2017-02", True)
    ]
    assert chart.source_changes == []
    assert MeasureCharts.from_plain(json.loads(json.dumps(asdict(charts)))) == charts


def test_figures_that_nobody_has_published_are_on_no_chart(project):
    submit(project, "own_figures", last=60)
    project.write(CHARTS, "discharges: {table: discharges, kind: xmr, why: Invented.}\n")
    (problem,) = [problem for problem in project.problems() if problem.file == CHARTS]
    assert "have not been published, so no page may chart them" in str(problem)
