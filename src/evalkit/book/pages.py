"""Every generated page, from records and outcomes, by the templates beside this file."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2

from evalkit.book.unchanged import Kept, Keys
from evalkit.catalogue import Catalogue
from evalkit.catalogue.false_alarms import read_difference_alarms, read_false_alarms
from evalkit.catalogue.read import words_in
from evalkit.catalogue.records import Evaluation
from evalkit.runs.files import keep_only, write_if_changed
from evalkit.runs.outcomes import Outcome
from evalkit.runs.plan import Plan

TEMPLATES = Path(__file__).parent / "templates"
LISTS = "_lists"  # no id of an evaluation


class Pages:
    """Writes, and collects the names of what it wrote."""

    def __init__(self, folder: Path, catalogue: Catalogue):
        self.folder = folder
        self.catalogue = catalogue
        self.written: set[str] = set()

    @cached_property
    def _jinja(self) -> jinja2.Environment:
        from evalkit.book import parts
        from evalkit.report import words

        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES, encoding="utf-8"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        environment.filters |= {"markdown": parts.markdown, "day": parts.day, "month": words.month_name}
        environment.globals |= {"steps": parts.steps, "vocabularies": self.catalogue.vocabularies}
        return environment

    def write(self, name: str, content: str | bytes) -> None:
        """One file below the folder of generated pages."""
        write_if_changed(self.folder / name, content)
        self.written.add(name)

    def page(self, name: str, template: str, **context: Any) -> None:
        """One page from a template."""
        self.write(name, self._jinja.get_template(template).render(**context).strip() + "\n")


def write_pages(folder: Path, catalogue: Catalogue, plans: Sequence[Plan], outcomes: Sequence[Outcome]) -> list[str]:
    """Write the pages below ``folder`` whose inputs have changed, and delete every file there that is no page's.

    Returns
    -------
    list of str
        The HTML files the build must give, relative to its output folder.
    """
    kept, keys, pages = Kept(catalogue.root, folder), Keys(catalogue), Pages(folder, catalogue)
    by_id = {(one.evaluation, one.analysis): one for one in outcomes}
    analyses = defaultdict(list)
    for plan in plans:
        analyses[plan.evaluation.id].append((plan, by_id[plan.evaluation.id, plan.analysis.id]))
    evaluations = sorted(
        {plan.evaluation.id: plan.evaluation for plan in plans}.values(), key=lambda one: one.title.casefold()
    )
    told = [_evaluation(kept, keys, pages, one, analyses[one.id]) for one in evaluations]
    _lists(kept, keys, pages, evaluations, told)
    kept.forget_all_but([*analyses, LISTS])
    keep_only(folder, {folder / name for name in pages.written})
    return sorted(
        f"book/generated/{Path(name).with_suffix('.html').as_posix()}"
        for name in pages.written
        if name.endswith((".md", ".ipynb")) and not name.startswith(("index-parts/", "about/"))
    )


def _evaluation(
    kept: Kept,
    keys: Keys,
    pages: Pages,
    evaluation: Evaluation,
    analyses: list[tuple[Plan, Outcome]],
) -> dict:
    """What other pages say of an evaluation; its own pages are written where something they show has changed."""
    found = kept.recall(evaluation.id, lambda labels: keys.of_evaluation(evaluation, analyses, labels))
    if found is not None:
        files, told = found
        pages.written.update(files)
        return told
    from evalkit.book.evaluation import labels_of, write_evaluation

    before = set(pages.written)
    told, labels = write_evaluation(pages, evaluation, analyses), labels_of(analyses)
    inputs = keys.of_evaluation(evaluation, analyses, labels)
    kept.remember(evaluation.id, inputs, labels, pages.written - before, told)
    return told


def _lists(kept: Kept, keys: Keys, pages: Pages, evaluations: list[Evaluation], told: list[dict]) -> None:
    """The pages that list evaluations, sites, rates and tables, where something they show has changed."""
    catalogue = pages.catalogue
    used = {one.id: _sites_of(catalogue, one) for one in evaluations}
    sites = sorted((catalogue.sites[id] for id in set().union(*used.values())), key=lambda one: one.name.casefold())
    organisations = {site.id: [catalogue.organisations[code] for code in site.org_codes] for site in sites}
    inputs = keys.of(
        evaluations, told, sites, organisations, catalogue.tables, catalogue.measures,
        {one.id: [catalogue.sites[site] for site in one.sites] for one in evaluations},
    )  # fmt: skip
    found = kept.recall(LISTS, lambda _: inputs)
    if found is not None:
        pages.written.update(found[0])
        return
    before = set(pages.written)
    cards = [
        {
            "evaluation": evaluation,
            "primary": one["primary"],
            "places": [catalogue.sites[site] for site in evaluation.sites],
            "synthetic": catalogue.is_synthetic(evaluation),
        }
        for evaluation, one in zip(evaluations, told, strict=True)
    ]
    cards_of = {site.id: [card for card in cards if site.id in used[card["evaluation"].id]] for site in sites}
    for site in sites:
        pages.page(
            f"sites/{site.id}.md",
            "site.md.jinja",
            site=site,
            organisations=organisations[site.id],
            cards=cards_of[site.id],
        )
    pages.page("evaluations/index.md", "evaluations.md.jinja", cards=cards)
    counts = {id: len(own) for id, own in cards_of.items()}
    pages.page("sites/index.md", "sites.md.jinja", sites=sites, counts=counts)
    pages.page(
        "index-parts/home.md", "home.md.jinja",
        cards=cards, sites=sites, newest=max(one["newest"] for one in told), real=[card for card in cards if not card["synthetic"]],
        analyses={name: sum(one[name] for one in told) for name in ("done", "unclear")},
    )  # fmt: skip
    _rates_and_tables(pages)
    kept.remember(LISTS, inputs, [], pages.written - before, None)


def _rates_and_tables(pages: Pages) -> None:
    from evalkit.book import parts

    catalogue = pages.catalogue
    rates = sorted(read_false_alarms(catalogue.root), key=lambda one: (one.measure, one.first))
    pages.page("index-parts/false-alarms.md", "false-alarms.md.jinja", rates=parts.rates(catalogue, rates))
    of_differences = parts.difference_rates(catalogue, read_difference_alarms(catalogue.root))
    pages.page("index-parts/false-alarms-differences.md", "false-alarms-differences.md.jinja", rates=of_differences)
    pages.page(
        "about/data.md", "data.md.jinja", tables=list(catalogue.tables.values()), measures=catalogue.measures.values()
    )


def _sites_of(catalogue: Catalogue, evaluation: Evaluation) -> set[str]:
    """Ids of the sites that an evaluation names, or that one of its analyses draws on."""
    drawn_on = [id for one in evaluation.analyses for id in words_in(one.parameters.get("site", ()))]
    return {*evaluation.sites, *(id for id in drawn_on if id in catalogue.sites)}
