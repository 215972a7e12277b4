"""Everything that pages are made from, put in order once: records, what became of each analysis, what was learned."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from evalkit.book.content.learning_items import ItemCard, item_card
from evalkit.book.content.rates import MeasuredRates
from evalkit.book.content.staff import StaffFigures, StaffThere, afterwards, in_a_sentence, read_staff, staff_at
from evalkit.book.content.summaries import AnalysisSummary, EvaluationSummary
from evalkit.book.content.taking_part import Part, changed_here, parts
from evalkit.book.partners.cells import is_old, newest_of
from evalkit.book.partners.measure_charts import MeasureCharts, charts_of_measures
from evalkit.book.places.flow_of_places import flow_of
from evalkit.book.places.flow_shown import FlowShown
from evalkit.book.places.trust_months import trust_months
from evalkit.catalogue import Catalogue
from evalkit.catalogue.places import PlaceMembers, places_of
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.last_time import KeptResult, read_last_time
from evalkit.catalogue.records.learning import LearningItem, Pooled
from evalkit.catalogue.records.sites import Organisation, Site
from evalkit.flow.waiting import TrustMonth
from evalkit.journey.journeys import Journey, read_journeys
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome
from evalkit.runs.state.pooled_outcomes import PooledOutcome, pool_outcomes


@dataclass(frozen=True)
class EvaluationCard:
    """What a card of an evaluation shows."""

    evaluation: Evaluation
    primary: AnalysisSummary
    places: list[Site]
    synthetic: bool


@dataclass(frozen=True)
class PooledSummary:
    """What other pages show of a pooled result; addresses are below generated/.

    Attributes
    ----------
    word, verdict : str
        Its verdict, and the same in words.
    with_care : str
        Why the analysis itself lowered certainty; empty where it did not.
    """

    id: str
    title: str
    word: str
    verdict: str
    certainty: str | None
    missed: str
    sentence: str
    with_care: str
    page: str
    synthetic: bool

    @property
    def says(self) -> str:
        """Its verdict, that it was not planned where its plan says otherwise, and how sure; what decides nothing has no certainty."""
        unplanned = ", not planned" if self.with_care else ""
        return f"{self.verdict}{unplanned}" + (f", certainty {self.certainty}" if self.certainty else "")


@dataclass(frozen=True)
class BookContent:
    """What the sections of the book draw on.

    Attributes
    ----------
    analyses : dict
        Plan and outcome of every analysis, by the id of its evaluation.
    summaries : dict
        What each evaluation tells the other pages, by its id.
    across : list
        The outcome of every record of ``data/pooled``, by title.
    rates : MeasuredRates
        How often methods and words err.
    last_time : list of KeptResult
        What every analysis came to when the book was last published.
    """

    catalogue: Catalogue
    analyses: dict[str, list[tuple[Plan, Outcome]]]
    across: list[PooledOutcome]
    rates: MeasuredRates
    last_time: list[KeptResult] = field(default_factory=list)
    summaries: dict[str, EvaluationSummary] = field(default_factory=dict)

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

    @cached_property
    def item_cards(self) -> dict[str, ItemCard]:
        """The card of every item that pages show, by its id; by title."""
        return {item.id: item_card(self.catalogue, item) for item in self.items}

    @cached_property
    def explaining(self) -> dict[str, list[LearningItem]]:
        """The items that help to explain the results of each evaluation, by its id; by title."""
        by_evaluation: dict[str, list[LearningItem]] = {evaluation.id: [] for evaluation in self.evaluations}
        for item in self.items:
            for id in dict.fromkeys(item.explains):
                by_evaluation.setdefault(id, []).append(item)
        return by_evaluation

    @cached_property
    def taking_part(self) -> dict[str, list[tuple[Evaluation, list[Part]]]]:
        """What each site takes part in, by its id, by title; a site of which only people speak is not there."""
        holding = defaultdict(list)
        for site in self.catalogue.sites.values():
            for code in site.org_codes:
                holding[code].append(site.id)
        by_site = defaultdict(list)
        for evaluation in self.evaluations:
            asked = {
                code for analysis in evaluation.analyses for code in self.catalogue.codes(analysis.parameters["site"])
            }
            for id in sorted({*evaluation.sites, *(id for code in asked for id in holding[code])}):
                found = parts(self.catalogue, evaluation, self.catalogue.sites[id])
                if found or id in evaluation.sites:
                    by_site[id].append((evaluation, found))
        return dict(by_site)

    @cached_property
    def sites_in(self) -> dict[str, list[str]]:
        """Ids of the sites that take part in each evaluation, by its id."""
        by_evaluation = defaultdict(list)
        for id, takes_part in sorted(self.taking_part.items()):
            for evaluation, _ in takes_part:
                by_evaluation[evaluation.id].append(id)
        return {evaluation.id: by_evaluation[evaluation.id] for evaluation in self.evaluations}

    @cached_property
    def sites(self) -> list[Site]:
        """Every site that takes part in an evaluation or of which an item speaks, by name; none that is withdrawn."""
        ids = {*self.taking_part, *(item.site for item in self.items if item.site is not None)}
        there = [self.catalogue.sites[id] for id in ids]
        return sorted((site for site in there if site.status == "active"), key=lambda site: site.name.casefold())

    @cached_property
    def withdrawn_sites(self) -> list[Site]:
        """Every site that is gone, by name."""
        gone = [site for site in self.catalogue.sites.values() if site.status == "withdrawn"]
        return sorted(gone, key=lambda site: site.name.casefold())

    @cached_property
    def evaluated(self) -> dict[str, list[EvaluationCard]]:
        """The cards of the evaluations of a change at a site, by the site's id; where there is none, nothing is in it."""
        cards = {card.evaluation.id: card for card in self.cards}
        return {
            site.id: [
                cards[evaluation.id]
                for evaluation, found in self.taking_part.get(site.id, ())
                if changed_here(evaluation, site, found)
            ]
            for site in (*self.sites, *self.withdrawn_sites)
        }

    def organisations(self, site: Site) -> list[Organisation]:
        """The organisations of a site."""
        return [self.catalogue.organisations[code] for code in site.org_codes]

    @cached_property
    def partner_charts(self) -> list[MeasureCharts]:
        """The control charts of every measure of ``data/control_charts.yml``, by its name."""
        return charts_of_measures(self.catalogue)

    @cached_property
    def nations_not_charted(self) -> list[str]:
        """Names of nations of which the book has organisations, and control charts of none."""
        charted = {organisation.nation for organisation in self.partners}
        there = {organisation.nation for organisation in self.catalogue.organisations.values()} - charted
        names = self.catalogue.vocabularies.get("nations", {})
        return [name for nation, name in names.items() if nation in there]

    @cached_property
    def partners(self) -> list[Organisation]:
        """Every organisation that has such a chart, by name."""
        codes = {chart.code for charts in self.partner_charts for chart in charts.partners}
        there = [self.catalogue.organisations[code] for code in codes if code in self.catalogue.organisations]
        return sorted(there, key=lambda one: (one.name.casefold(), one.org_code))

    def charted(self, codes: Iterable[str]) -> list[tuple[str, str]]:
        """Of some organisations, code and name of those that have control charts, by name."""
        wanted = {*codes}
        return [(one.org_code, one.name) for one in self.partners if one.org_code in wanted]

    @cached_property
    def places(self) -> list[PlaceMembers]:
        """Every place with an organisation that has control charts, by name."""
        charted = {one.org_code for one in self.partners}
        return [place for place in places_of(self.catalogue) if charted.intersection(place.codes)]

    def places_of(self, code: str) -> list[tuple[str, str]]:
        """Id and name of each place that an organisation belongs to."""
        return [(place.id, place.name) for place in self.places if code in place.codes]

    @cached_property
    def _trust_months(self) -> dict[str, list[TrustMonth]]:
        by_code = defaultdict(list)
        for row in trust_months(self.catalogue):
            by_code[row.code].append(row)
        return dict(by_code)

    def _flow(self, codes: Iterable[str], where: str, charted: Iterable[str] = ()) -> FlowShown | None:
        rows = [row for code in codes for row in self._trust_months.get(code, ())]
        names = {code: one.name for code, one in self.catalogue.organisations.items()}
        return flow_of(rows, self.catalogue.delay_reasons, where, self.newest_charted, is_old, names, charted)

    @cached_property
    def flow_of_all(self) -> FlowShown | None:
        """Whom patients waited for at every organisation that recorded reasons; None where none did."""
        return self._flow(self._trust_months, "at all trusts together")

    def flow_of_place(self, place: PlaceMembers) -> FlowShown | None:
        """The same in a place."""
        return self._flow(place.codes, f"in {place.name}", [code for code, _ in self.charted(place.codes)])

    def flow_of_trust(self, organisation: Organisation) -> FlowShown | None:
        """The same at one organisation."""
        return self._flow([organisation.org_code], f"at {organisation.name}")

    @cached_property
    def staff(self) -> StaffFigures:
        """The staff survey by trust, its context, and the pulse of each site that has one."""
        return read_staff(self.catalogue)

    @cached_property
    def journeys(self) -> dict[str, Journey]:
        """What patients go through, step by step, by the id of the site."""
        return read_journeys(self.catalogue.root, self.catalogue.journeys)[0]

    @cached_property
    def newest_charted(self) -> str:
        """The last month of any figures that are charted, beside which others are old; empty without any."""
        return newest_of(self.partner_charts)

    def staff_at(self, sites: Iterable[Site]) -> StaffThere:
        """What there is of staff at some sites."""
        return staff_at(self.catalogue, self.staff, sites, self.newest_charted)

    def staff_in_a_sentence(self, code: str) -> str:
        """What staff of an organisation said in its last survey; empty where it has none."""
        surveys = self.staff.surveys
        if code not in surveys:
            return ""
        return in_a_sentence(surveys[code].last, afterwards(self.catalogue, surveys, code, self.newest_charted))

    @cached_property
    def cards(self) -> list[EvaluationCard]:
        """A card of each evaluation, by title."""
        return [
            EvaluationCard(
                evaluation,
                self.summaries[evaluation.id].primary,
                [self.catalogue.sites[site] for site in evaluation.sites],
                self.catalogue.is_synthetic(evaluation),
            )
            for evaluation in self.evaluations
        ]

    @cached_property
    def pooled(self) -> list[PooledSummary]:
        """What other pages show of each pooled result there is, real ones first, then by title."""
        summaries = [_summary(outcome.pooled, outcome.result.plain) for outcome in self.across if outcome.result]
        return sorted(summaries, key=lambda summary: summary.synthetic)


def _summary(pooled: Pooled, result: dict[str, Any]) -> PooledSummary:
    from evalkit.report.wording.words import VERDICT_WORDS

    judged, in_words = result["verdict"], result["in_words"]
    return PooledSummary(
        id=pooled.id,
        title=pooled.title,
        word=judged["word"],
        verdict=VERDICT_WORDS[judged["word"]],
        certainty=judged["certainty"],
        missed=in_words["missed"],
        sentence=in_words["answer"],
        with_care=_doubt_about_the_analysis(judged["reasons"]),
        page=f"across/{pooled.id}",
        synthetic=result["synthetic"],
    )


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
    by_title = sorted(across, key=lambda outcome: outcome.pooled.title.casefold())
    return BookContent(
        catalogue, dict(analyses), by_title, MeasuredRates.read(catalogue.root), read_last_time(catalogue.root)
    )
