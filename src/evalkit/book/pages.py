"""Every generated page, from records and outcomes, by the templates beside this file."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import nbformat

from evalkit.book import parts
from evalkit.catalogue import Catalogue
from evalkit.catalogue.false_alarms import read_difference_alarms, read_false_alarms
from evalkit.catalogue.read import words_in
from evalkit.catalogue.records import Evaluation
from evalkit.report import figures, words
from evalkit.runs.files import keep_only, write_if_changed
from evalkit.runs.normalise import for_readers
from evalkit.runs.outcomes import Outcome
from evalkit.runs.plan import Plan

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """Collects what it writes, so that everything else can be deleted."""

    def __init__(self, folder: Path, catalogue: Catalogue):
        self.folder = folder
        self.catalogue = catalogue
        self.written: set[Path] = set()
        self._jinja = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES, encoding="utf-8"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._jinja.filters |= {"markdown": parts.markdown, "day": parts.day, "month": words.month_name}
        self._jinja.globals |= {"steps": parts.steps, "vocabularies": catalogue.vocabularies}

    def write(self, name: str, content: str | bytes) -> None:
        """One file below the folder of generated pages."""
        path = self.folder / name
        write_if_changed(path, content)
        self.written.add(path)

    def page(self, name: str, template: str, **context: Any) -> None:
        """One page from a template."""
        self.write(name, self._jinja.get_template(template).render(**context).strip() + "\n")


def write_pages(folder: Path, catalogue: Catalogue, plans: Sequence[Plan], outcomes: Sequence[Outcome]) -> list[str]:
    """Write all pages below ``folder`` and delete every other file there.

    Returns
    -------
    list of str
        The HTML files the build must give, relative to its output folder.
    """
    pages = Pages(folder, catalogue)
    by_id = {(one.evaluation, one.analysis): one for one in outcomes}
    evaluations = sorted({plan.evaluation.id: plan.evaluation for plan in plans}.values(), key=lambda one: one.title)
    cards = []
    for evaluation in evaluations:
        entries = [
            parts.entry(catalogue, plan, by_id[evaluation.id, plan.analysis.id])
            for plan in plans
            if plan.evaluation.id == evaluation.id
        ]
        primary = next(entry for entry in entries if entry["plan"].analysis.role == "primary")
        _evaluation(pages, evaluation, entries, primary)
        places = [catalogue.sites[site] for site in evaluation.sites]
        synthetic = catalogue.is_synthetic(evaluation)
        cards.append({"evaluation": evaluation, "primary": primary, "places": places, "synthetic": synthetic})
    used = {one.id: _sites_of(catalogue, one) for one in evaluations}
    sites = sorted((catalogue.sites[id] for id in set().union(*used.values())), key=lambda one: one.name)
    for site in sites:
        own = [card for card in cards if site.id in used[card["evaluation"].id]]
        organisations = [catalogue.organisations[code] for code in site.org_codes]
        pages.page(f"sites/{site.id}.md", "site.md.jinja", site=site, organisations=organisations, cards=own)
    pages.page("evaluations/index.md", "evaluations.md.jinja", cards=cards)
    counts = {site.id: sum(site.id in ids for ids in used.values()) for site in sites}
    pages.page("sites/index.md", "sites.md.jinja", sites=sites, counts=counts)
    pages.page(
        "index-parts/home.md", "home.md.jinja",
        cards=cards, sites=sites, newest=_newest(outcomes), real=[card for card in cards if not card["synthetic"]], analyses=_counts(outcomes),
    )  # fmt: skip
    rates = sorted(read_false_alarms(catalogue.root), key=lambda one: (one.measure, one.first))
    pages.page("index-parts/false-alarms.md", "false-alarms.md.jinja", rates=parts.rates(catalogue, rates))
    of_differences = parts.difference_rates(catalogue, read_difference_alarms(catalogue.root))
    pages.page("index-parts/false-alarms-differences.md", "false-alarms-differences.md.jinja", rates=of_differences)
    pages.page(
        "about/data.md", "data.md.jinja", tables=list(catalogue.tables.values()), measures=catalogue.measures.values()
    )
    keep_only(folder, pages.written)
    return sorted(
        f"book/generated/{path.relative_to(folder).with_suffix('.html').as_posix()}"
        for path in pages.written
        if path.suffix in (".md", ".ipynb") and path.parent.name not in ("index-parts", "about")
    )


def _sites_of(catalogue: Catalogue, evaluation: Evaluation) -> set[str]:
    """Ids of the sites that an evaluation names, or that one of its analyses draws on."""
    drawn_on = [id for one in evaluation.analyses for id in words_in(one.parameters.get("site", ()))]
    return {*evaluation.sites, *(id for id in drawn_on if id in catalogue.sites)}


def _newest(outcomes: Sequence[Outcome]) -> str:
    return max((one.effect.data["last"] for one in outcomes if one.effect is not None), default="")


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    judged = [one.verdict.word for one in outcomes if one.verdict is not None and not one.result["synthetic"]]
    unclear = sum(word in ("inconclusive", "unclear", "no_important_change") for word in judged)
    return {"done": len(judged), "unclear": unclear}


def _evaluation(pages: Pages, evaluation, entries: list[dict], primary: dict) -> None:
    folder = f"evaluations/{evaluation.id}"
    catalogue = pages.catalogue
    for entry in entries:
        analysis, outcome = entry["plan"].analysis, entry["outcome"]
        if outcome.status == "done":
            notebook = for_readers(nbformat.read(outcome.notebook, as_version=4))
            pages.write(f"{folder}/{analysis.id}.ipynb", nbformat.writes(notebook) + "\n")
        else:
            pages.page(f"{folder}/{analysis.id}.md", "failure.md.jinja", analysis=analysis, outcome=outcome)
    outcome = primary["outcome"]
    synthetic = catalogue.is_synthetic(evaluation)
    if outcome.effect is not None:
        figure = figures.time_series(outcome.effect, primary["measure"].plain_name, synthetic)
        pages.write(f"{folder}/{evaluation.id}.svg", figures.as_svg(figure))
        differences = primary["differences"]
        if differences is not None and differences["figure"] is not None:
            figure = figures.event_study(outcome.effect, primary["measure"].plain_name, synthetic)
            pages.write(f"{folder}/{evaluation.id}-event-study.svg", figures.as_svg(figure))
        if primary["placebo_alt"]:
            figure = figures.placebo(outcome.effect, primary["place"], synthetic)
            pages.write(f"{folder}/{evaluation.id}-comparators.svg", figures.as_svg(figure))
    protocol = evaluation.protocol.model_dump_json() + "".join(one.model_dump_json() for one in evaluation.analyses)
    pages.page(
        f"{folder}/index.md",
        "evaluation.md.jinja",
        evaluation=evaluation,
        entries=entries,
        primary=primary,
        by_analysis={entry["plan"].analysis.id: entry for entry in entries},
        sites=sorted((catalogue.sites[site] for site in evaluation.sites), key=lambda one: one.name.casefold()),
        starts=parts.starts(catalogue, evaluation),
        measures=catalogue.measures,
        organisations=catalogue.organisations,
        synthetic=synthetic,
        newest=_newest([entry["outcome"] for entry in entries]),
        protocol_sha256=hashlib.sha256(protocol.encode()).hexdigest(),
        **parts.alarms(catalogue, primary),
        sources=parts.sources(evaluation, [catalogue.sites[site] for site in evaluation.sites]),
    )
