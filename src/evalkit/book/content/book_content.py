"""Everything that pages are made from, put in order once: records, what became of each analysis, what was learned."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.learning import LearningItem, explaining
from evalkit.catalogue.records.sites import Organisation, Site
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome
from evalkit.runs.state.pooled_outcomes import PooledOutcome, pool_outcomes

UNCLEAR = ("inconclusive", "unclear", "no_important_change")  # verdicts by which nothing is known to have changed


@dataclass(frozen=True)
class BookContent:
    """What the sections of the book draw on.

    Attributes
    ----------
    analyses : dict
        Plan and outcome of every analysis, by the id of its evaluation.
    summaries : dict
        What an evaluation tells the other pages, by its id (see ``evaluation.write_evaluation``).
    across : list
        The outcome of every record of ``data/pooled``, by title.
    """

    catalogue: Catalogue
    analyses: dict[str, list[tuple[Plan, Outcome]]]
    across: list[PooledOutcome] = field(default_factory=list)
    summaries: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def evaluations(self) -> list[Evaluation]:
        """Every published evaluation, by title."""
        published = [pairs[0][0].evaluation for pairs in self.analyses.values()]
        return sorted(published, key=lambda evaluation: evaluation.title.casefold())

    @cached_property
    def items(self) -> list[LearningItem]:
        """Every learning item that pages show, by title."""
        shown = [item for item in self.catalogue.learning.values() if item.is_shown]
        return sorted(shown, key=lambda item: item.title.casefold())

    def primary(self, evaluation: Evaluation) -> dict[str, Any]:
        """What the analysis that answers the question of an evaluation came to (see ``evaluation.TOLD``)."""
        return next(
            analysis
            for analysis in self.summaries[evaluation.id]["analyses"]
            if analysis["id"] == evaluation.primary.id
        )

    def explaining(self, evaluation: str) -> list[LearningItem]:
        """The items that help to explain an evaluation's results, by title."""
        return explaining(self.items, evaluation)

    def site_ids(self, evaluation: Evaluation) -> set[str]:
        """Ids of the sites that an evaluation names, or that one of its analyses draws on."""
        drawn_on = [id for analysis in evaluation.analyses for id in words_in(analysis.parameters.get("site", ()))]
        return {*evaluation.sites, *(id for id in drawn_on if id in self.catalogue.sites)}

    @cached_property
    def sites(self) -> list[Site]:
        """Every site that an evaluation draws on or an item speaks of, by name."""
        ids = {id for evaluation in self.evaluations for id in self.site_ids(evaluation)}
        ids |= {item.site for item in self.items if item.site is not None}
        return sorted((self.catalogue.sites[id] for id in ids), key=lambda site: site.name.casefold())

    @cached_property
    def evaluated(self) -> dict[str, list[dict[str, Any]]]:
        """The cards of the evaluations that draw on a site, by the site's id; a site of which only people speak has none."""
        drawn_on = {evaluation.id: self.site_ids(evaluation) for evaluation in self.evaluations}
        return {
            site.id: [card for card in self.cards if site.id in drawn_on[card["evaluation"].id]] for site in self.sites
        }

    def organisations(self, site: Site) -> list[Organisation]:
        """The organisations of a site."""
        return [self.catalogue.organisations[code] for code in site.org_codes]

    @cached_property
    def cards(self) -> list[dict[str, Any]]:
        """What a card of each evaluation shows, by title."""
        return [
            {
                "evaluation": evaluation,
                "primary": self.summaries[evaluation.id]["primary"],
                "places": [self.catalogue.sites[site] for site in evaluation.sites],
                "synthetic": self.catalogue.is_synthetic(evaluation),
            }
            for evaluation in self.evaluations
        ]

    @cached_property
    def pooled(self) -> list[dict[str, Any]]:
        """What other pages show of each pooled result there is, real ones first, then by title; addresses below generated/."""
        summaries = [
            {
                "id": outcome.pooled.id,
                "title": outcome.pooled.title,
                "verdict": outcome.result["verdict"]["word"],
                "certainty": outcome.result["verdict"]["certainty"],
                "missed": outcome.result["in_words"]["missed"],
                "sentence": outcome.result["in_words"]["answer"],
                "new_site": outcome.result["in_words"]["new_site"],
                "with_care": _doubt_about_the_analysis(outcome.result["verdict"]["reasons"]),
                "figure": f"across/{outcome.pooled.id}.svg",
                "alt": outcome.result["in_words"]["alt"],
                "heading": outcome.result["in_words"]["heading"],
                "columns": outcome.result["in_words"]["columns"],
                "rows": outcome.result["in_words"]["rows"],
                "page": f"across/{outcome.pooled.id}",
                "synthetic": outcome.result["synthetic"],
            }
            for outcome in self.across
            if outcome.published
        ]
        return sorted(summaries, key=lambda summary: summary["synthetic"])

    @cached_property
    def newest_month(self) -> str:
        """The last month of any analysis's data; empty without a result."""
        return max((summary["newest"] for summary in self.summaries.values()), default="")


def _doubt_about_the_analysis(reasons: Sequence[str]) -> str:
    """Why the analysis itself lowered certainty, such as that the planned one says otherwise; empty where it did not."""
    start = "One step down for the analysis: "
    return next((reason.removeprefix(start) for reason in reasons if reason.startswith(start)), "")


def put_in_order(catalogue: Catalogue, plans: Sequence[Plan], outcomes: Sequence[Outcome]) -> BookContent:
    """Every plan beside its outcome."""
    by_id = {(outcome.evaluation, outcome.analysis): outcome for outcome in outcomes}
    analyses = defaultdict(list)
    for plan in plans:
        analyses[plan.evaluation.id].append((plan, by_id[plan.evaluation.id, plan.analysis.id]))
    across = pool_outcomes(catalogue.root, catalogue, outcomes)
    return BookContent(catalogue, dict(analyses), sorted(across, key=lambda outcome: outcome.pooled.title.casefold()))
