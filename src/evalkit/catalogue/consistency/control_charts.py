"""Can each control chart be drawn? Its measure, its table and its target have to go together."""

from collections.abc import Iterator

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.control_charts import WITH_DENOMINATOR, ControlChart
from evalkit.catalogue.records.measures import Measure
from evalkit.disclosure.gate import STAY_HERE
from evalkit.errors import Problem

WHOLE = 100
GRAINS = ("day", "month")


def check_control_charts(catalogue: Catalogue) -> list[Problem]:
    """Entries of ``data/control_charts.yml`` that name what there is not, or what cannot be charted so."""
    problems = []
    for id, chart in catalogue.control_charts.items():
        unknown = catalogue.unknown(
            "control_charts", id, ("id",), id, catalogue.measures, "a measure in data/measures.yml", "correct it"
        ) + catalogue.unknown(
            "control_charts", id, ("table",), chart.table, catalogue.tables, "a table in data/datapackage.json",
            "correct it",
        )  # fmt: skip
        problems += unknown
        if not unknown:
            problems += [
                catalogue.problem("control_charts", id, path, what)
                for path, what in _unfit(catalogue, chart, catalogue.measures[id])
            ]
    return problems


def _unfit(catalogue: Catalogue, chart: ControlChart, measure: Measure) -> Iterator[tuple[tuple[str, ...], str]]:
    table = catalogue.tables[chart.table]
    if table.layout.shape == "wide" and chart.table not in [recipe.table for recipe in measure.recipes]:
        yield (
            ("table",),
            f"`{measure.id}` has no recipe for {chart.table}: add one in data/measures.yml, or name a table that it has one for.",
        )
    if table.layout.grain not in GRAINS:
        yield (
            ("table",),
            f"data/{table.path} holds one row a {table.layout.grain}: charts of partners are made of months or days.",
        )
    if table.layout.shape == "long" and table.layout.grain != "month":
        yield (
            ("table",),
            f"data/{table.path} is a site's own table of {table.layout.grain}s: only one of months is charted.",
        )
    if table.layout.disclosure.rule in STAY_HERE:
        yield (
            ("table",),
            f"the figures of {table.name} have not been published, so no page may chart them: put the table through `evalkit gate`, or name another.",
        )
    known = [rule.name for rule in table.layout.flags if not rule.missing]
    if chart.source_change is not None and chart.source_change not in known:
        have = f"use one of {', '.join(known)}" if known else "leave it out"
        yield (
            ("source_change",),
            f"`{chart.source_change}` is no flag of {table.name} under which figures are kept: {have}.",
        )
    if chart.contrast and table.layout.grain != "day":
        yield (
            ("contrast",),
            f"data/{table.path} holds one row a {table.layout.grain}, not a day: leave `contrast` out.",
        )
    if chart.kind in WITH_DENOMINATOR and measure.form not in ("proportion", "rate"):
        yield (("kind",), f"`{measure.id}` is a {measure.form}, which has no denominator: write `kind: xmr`.")
    if chart.kind == "p" and measure.form == "rate":
        yield (("kind",), f"`{measure.id}` is a rate, which may be above one: write `kind: u`.")
    if chart.target is not None and not _on_the_scale(chart, measure):
        most = f" to {WHOLE}" if measure.form == "proportion" or chart.contrast else " or more"
        yield (
            ("target", "value"),
            f"the target of {chart.target.value:g} is outside the scale of `{measure.id}`, which is 0{most}: correct it.",
        )


def _on_the_scale(chart: ControlChart, measure: Measure) -> bool:
    value = chart.target.value if chart.target else 0.0
    share = measure.form == "proportion" or chart.contrast is not None
    return 0 <= value <= (WHOLE if share else float("inf"))
