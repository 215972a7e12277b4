"""The pages of one evaluation: the answer, its figures, and a page for every analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import nbformat

from evalkit.book.content import bar_rows, findings, independent_results, lasting_told, pooled_cards, symbols
from evalkit.book.content.analysis_entry import AnalysisEntry, AnswerEntry, EstimatedEntry, analysis_entry
from evalkit.book.content.bar_rows import BarRow
from evalkit.book.content.board import Board, board
from evalkit.book.content.book_content import BookContent
from evalkit.book.content.downloads import figure_data, points_as_csv
from evalkit.book.content.in_a_minute import InAMinute, in_a_minute
from evalkit.book.content.learning_items import ItemCard, Reason, newest_first, reasons
from evalkit.book.content.notebook_figures import with_figures_in_words
from evalkit.book.content.page import Pages
from evalkit.book.content.page_figures import PageFigure
from evalkit.book.content.pooled_cards import DrawnOnBy
from evalkit.book.content.rates import AlarmsBeside, MeasuredRates, alarms_beside
from evalkit.book.content.staff import StaffThere
from evalkit.book.content.summaries import AnalysisSummary, EvaluationSummary
from evalkit.catalogue import Catalogue
from evalkit.catalogue.consistency.places import one_setting
from evalkit.catalogue.naming import words_in
from evalkit.catalogue.protocol_fingerprint import Kept, kept, shown_fingerprint
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.fields import Source
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.sites import Organisation, Site
from evalkit.report.figures import sparkline
from evalkit.report.figures.described import Described
from evalkit.runs.execution.normalise import for_readers
from evalkit.runs.planning.plan import Plan
from evalkit.runs.state.outcomes import Outcome

VOICES = ("patient_voice", "staff_voice")


@dataclass(frozen=True)
class EvaluationPages:
    """All that the pages of an evaluation show.

    Attributes
    ----------
    places : list of str
        The name of the place of each analysis.
    names : dict
        Of every label of a place that the records of the evaluation hold.
    organisations : dict
        Those that the protocol names as comparators, by code.
    starts : list
        Name and date of each place that began on its own date; nothing where there is one date.
    learned : list of Reason
        The items that help to explain its results.
    across : list of DrawnOnBy
        The pooled results that draw on it.
    charted : list
        Code and name of its organisations that have control charts.
    one_setting : str
        Where it claims a whole system with figures of one sector, a clause that says so.
    set_beside : list
        Id and title of what others published that stands beside its results.
    """

    evaluation: Evaluation
    analyses: list[tuple[Plan, Outcome]]
    places: list[str]
    names: dict[str, str]
    sites: list[Site]
    measures: dict[str, Measure]
    organisations: dict[str, Organisation]
    starts: list[tuple[str, date]]
    synthetic: bool
    learned: list[Reason]
    voices: list[ItemCard]
    across: list[DrawnOnBy]
    rates: MeasuredRates
    rival_kinds: dict[str, str]
    charted: list[tuple[str, str]]
    one_setting: str
    staff: StaffThere
    set_beside: list[tuple[str, str]]

    def write(self, pages: Pages) -> dict[str, Any]:
        """Write them; returns what the other pages say of the evaluation, as plain values."""
        entries = [
            analysis_entry(
                plan,
                outcome,
                self.measures[plan.parameters["measure"]],
                place,
                self.names,
                self.rates,
                self.rival_kinds,
            )
            for (plan, outcome), place in zip(self.analyses, self.places, strict=True)
        ]
        primary = next(entry for entry in entries if entry.analysis.role == "primary")
        newest = max((entry.effect.data["last"] for entry in entries if isinstance(entry, EstimatedEntry)), default="")
        by_id = {entry.analysis.id: entry for entry in entries}
        effect = primary.effect if isinstance(primary, EstimatedEntry) else None
        beside = alarms_beside(self.rates, effect, primary.measure.id)
        minute = in_a_minute(self.evaluation, by_id, self.rival_kinds, beside)
        sheet = self._write_board(pages, primary, entries, newest, minute)
        shown = _figures_of_the_answer(primary, minute) if minute and isinstance(primary, AnswerEntry) else {}
        for entry in entries:
            self._write_analysis(pages, entry, shown)
        if minute and isinstance(primary, AnswerEntry):
            self._write_to_take_away(pages, by_id, primary, minute, sheet)
        self._write_answer(pages, by_id, primary, newest, minute, beside)
        return EvaluationSummary(
            primary.analysis.id,
            newest,
            minute.finding if minute else [],
            minute.not_ruled_out if minute else "",
            bar_rows.answer_size(primary) if isinstance(primary, AnswerEntry) and primary.is_estimated else None,
            findings.to_be_written_again(self.evaluation, by_id),
            [_summary(entry) for entry in entries],
            sheet,
            lasting_told.in_a_word(primary, self.rival_kinds) if isinstance(primary, AnswerEntry) else "",
            lasting_told.at_each_time(primary.effect) if isinstance(primary, AnswerEntry) else [],
        ).to_plain()

    def _write_analysis(self, pages: Pages, entry: AnalysisEntry, shown: Mapping[str, PageFigure]) -> None:
        """Its notebook with the files of its figures, but those that the evaluation's page has; or why there is no result."""
        folder, analysis, result = f"evaluations/{self.evaluation.id}", entry.analysis, entry.outcome.result
        if result is None or not isinstance(entry, EstimatedEntry):
            pages.page(f"{folder}/{analysis.id}.html", "failure.html.jinja", entry)
            return
        notebook = for_readers(nbformat.read(result.notebook, as_version=4), analysis.title, entry.note)
        base = f"../../../../downloads/{self.evaluation.id}/"
        figures = with_figures_in_words(notebook, base, entry, self.names)
        pages.write(f"{folder}/{analysis.id}.ipynb", nbformat.writes(notebook) + "\n")
        pages.write(f"{folder}/{analysis.id}.csv", figure_data(entry.effect, self.synthetic))
        for of_notebook in figures:
            figure = of_notebook.figure
            if figure.file in shown:
                continue
            described = replace(figure.described, synthetic=self.synthetic, source=self._source(entry))
            pages.write(f"{folder}/{figure.file}.png", of_notebook.picture or _pictures(described)[0])
            if figure.file != analysis.id:
                pages.write(f"{folder}/{figure.file}.csv", points_as_csv(described))

    def _source(self, entry: AnalysisEntry) -> str:
        result = entry.outcome.result
        if result is None:
            return ""
        data = result.plain["provenance"]
        return (
            f"Data: {data['table_title']}, {', '.join(data['licences'])}. evalkit, evaluation {self.evaluation.id}, protocol"
            f" {shown_fingerprint(self.evaluation, self.sites)}."
        )

    @property
    def _by_name(self) -> list[Site]:
        return sorted(self.sites, key=lambda site: site.name.casefold())

    def _write_board(
        self, pages: Pages, primary: AnalysisEntry, entries: list[AnalysisEntry], newest: str, minute: InAMinute | None
    ) -> Board:
        """The sheet for boards: as a page, and to take away where there is a result."""
        across = [(pooled.id, pooled.title, pooled.says) for pooled in self.across if pooled.says]
        evaluation = self.evaluation
        lasted = lasting_told.on_a_sheet(primary, entries, self.rival_kinds)
        sheet = board(
            evaluation, primary, minute, self._by_name, self.rival_kinds, across, self.synthetic, newest, lasted
        )
        folder = f"evaluations/{evaluation.id}"
        series = "".join(figure.table for figure in minute.figures) if minute else ""
        pages.page(f"{folder}/board.html", "board.html.jinja", BoardPage(sheet, series))
        return sheet

    def _write_to_take_away(
        self,
        pages: Pages,
        entries: Mapping[str, AnalysisEntry],
        primary: AnswerEntry,
        minute: InAMinute,
        sheet: Board,
    ) -> None:
        """Pictures of each figure, numbers of those that draw more than a series, and the answer as a slide and in Word."""
        # They take time to load, and most pages stand as they were.
        from evalkit.book.content.slide import slide
        from evalkit.book.content.word_page import word_page

        folder, written = f"evaluations/{self.evaluation.id}", self.evaluation.protocol.written
        says = {
            step.figure.file: step.says.rstrip(".") for step in minute.story
        }  # what a picture by itself would leave out
        figures = _figures_of_the_answer(primary, minute)
        drawn = {}
        for file, figure in {primary.figure.file: primary.figure, **figures}.items():
            source = self._source(entries.get(file, primary))
            described = replace(figure.described, synthetic=self.synthetic, source=source)
            if file in says:
                described = replace(described, title=says[file])
            drawn[file], svg = _pictures(described)
            if file not in figures:
                continue  # the page tells a story instead, and only the page of Word shows it
            pages.write(f"{folder}/{file}.png", drawn[file])
            pages.write(f"{folder}/{file}.svg", svg)
            if file not in entries:
                pages.write(f"{folder}/{file}.csv", points_as_csv(described))
        pages.write(f"{folder}/{self.evaluation.id}.pptx", slide(sheet, primary, written))
        pages.write(
            f"{folder}/{self.evaluation.id}.docx", word_page(sheet, primary, drawn[primary.figure.file], written)
        )

    def _write_answer(
        self,
        pages: Pages,
        by_id: dict[str, AnalysisEntry],
        primary: AnalysisEntry,
        newest: str,
        minute: InAMinute | None,
        beside: AlarmsBeside,
    ) -> None:
        folder, evaluation = f"evaluations/{self.evaluation.id}", self.evaluation
        answer = primary if isinstance(primary, AnswerEntry) else None
        entries = list(by_id.values())
        estimated = [entry for entry in entries if isinstance(entry, EstimatedEntry)]
        page = EvaluationPage(
            evaluation, primary, self._by_name, self.synthetic, newest,
            shown_fingerprint(evaluation, self.sites), kept(evaluation, self.sites), entries,
            family=max((entry.standing.family or 0 for entry in estimated), default=0),
            exploratory=any(entry.standing.kind == "exploratory" for entry in estimated),
            minute=minute,
            bars=bar_rows.of_each(entries),
            robustness=bar_rows.robustness(answer.effect, answer.judged, answer.names)
            if answer and answer.is_estimated
            else [],
            over_time=bar_rows.over_time(answer.effect, answer.judged) if answer else [],
            further=lasting_told.further(answer, estimated) if answer else [],
            by_analysis=by_id,
            starts=self.starts,
            measures=self.measures,
            learned=self.learned,
            voices=self.voices,
            across=self.across,
            beside=beside,
            sources=symbols.sources(evaluation, self.sites),
            charted=self.charted,
            one_setting=self.one_setting,
            staff=self.staff,
            set_beside=self.set_beside,
        )  # fmt: skip
        pages.page(f"{folder}/index.html", "evaluation.html.jinja", page)
        files = FilesPage(evaluation, entries, self.synthetic, minute is not None, primary.used, self.organisations)
        pages.page(f"{folder}/files.html", "files.html.jinja", files)


@dataclass(frozen=True)
class BoardPage:
    """An evaluation on one sheet; ``series`` is the table of the figure's numbers as HTML, empty without a result."""

    board: Board
    series: str


@dataclass(frozen=True)
class FilesPage:
    """Who an evaluation compares with, and its files; ``used`` is how many comparators its answer uses."""

    evaluation: Evaluation
    entries: list[AnalysisEntry]
    synthetic: bool
    answered: bool
    used: int
    organisations: Mapping[str, Organisation]


@dataclass(frozen=True)
class EvaluationPage:
    """The page of an evaluation.

    Attributes
    ----------
    family : int
        How many analyses also looked.
    exploratory : bool
        Whether any was added later.
    bars : dict
        The bar of each analysis, as SVG.
    robustness : list of BarRow
        The same question asked in other ways.
    further : list of Further
        The other analyses of the same change there that have later figures than the answer.
    over_time : list of BarRow
        The effect at each horizon after the change.
    voices : list of ItemCard
        What patients, carers and staff at its places said, of this change or another.
    set_beside : list
        Id and title of what others published that stands beside its results.
    """

    evaluation: Evaluation
    primary: AnalysisEntry
    sites: list[Site]
    synthetic: bool
    newest: str
    fingerprint: str
    kept: Kept
    entries: list[AnalysisEntry]
    family: int
    exploratory: bool
    minute: InAMinute | None
    bars: dict[str, str]
    robustness: list[BarRow]
    over_time: list[BarRow]
    further: list[lasting_told.Further]
    by_analysis: dict[str, AnalysisEntry]
    starts: list[tuple[str, date]]
    measures: Mapping[str, Measure]
    learned: list[Reason]
    voices: list[ItemCard]
    across: list[DrawnOnBy]
    beside: AlarmsBeside
    sources: list[Source]
    charted: list[tuple[str, str]]
    one_setting: str
    staff: StaffThere
    set_beside: list[tuple[str, str]]


def _figures_of_the_answer(primary: AnswerEntry, minute: InAMinute) -> dict[str, PageFigure]:
    """Those that the evaluation's page shows, by what their files are called."""
    gaps = primary.differences.figure if primary.differences is not None else None
    return {figure.file: figure for figure in (*minute.figures, gaps, primary.others) if figure is not None}


def _pictures(described: Described) -> tuple[bytes, str]:
    """A described figure as PNG and as SVG; its layout is worked out once."""
    from evalkit.report.figures import charts, picture

    figure = picture.draw(described)
    png = charts.as_png(figure)
    figure.set_layout_engine("none")
    return png, charts.as_svg(figure, titled=True)


def pages_of(content: BookContent, evaluation: Evaluation) -> EvaluationPages:
    """What the pages of an evaluation show."""
    catalogue, analyses = content.catalogue, content.analyses[evaluation.id]
    measures = {plan.parameters["measure"] for plan, _ in analyses}
    measures |= {expectation.measure for expectation in evaluation.expectations}
    comparators = evaluation.protocol.comparators
    labels = {label for plan, _ in analyses for label in _labels(catalogue, plan)}
    labels |= {*evaluation.intervention.starts, *comparators}
    return EvaluationPages(
        evaluation,
        analyses,
        [catalogue.place(plan.parameters["site"]) for plan, _ in analyses],
        catalogue.names(sorted(labels)),
        [catalogue.sites[id] for id in evaluation.sites],
        {id: catalogue.measures[id] for id in sorted(measures)},
        {code: catalogue.organisations[code] for code in comparators},
        _named_starts(catalogue, evaluation),
        catalogue.is_synthetic(evaluation),
        reasons(catalogue, content.explaining[evaluation.id]),
        _voices(content, evaluation),
        pooled_cards.of_evaluation(content, evaluation.id),
        content.rates,
        catalogue.vocabularies["rival_kinds"],
        content.charted(catalogue.codes(evaluation.sites)),
        one_setting(catalogue, evaluation.id),
        content.staff_at(catalogue.sites[id] for id in evaluation.sites),
        independent_results.beside(catalogue, evaluation.id),
    )


def _voices(content: BookContent, evaluation: Evaluation) -> list[ItemCard]:
    """What patients, carers and staff at its places said of this change or another, the newest first."""
    explaining = {item.id for item in content.explaining[evaluation.id]}
    there = [card for card in content.item_cards.values() if card.site in evaluation.sites and card.type in VOICES]
    return newest_first(card for card in there if card.id not in explaining)


def _labels(catalogue: Catalogue, plan: Plan) -> list[str]:
    """Every label of a place that an analysis, and so its effect, may name."""
    site = plan.parameters["site"]
    return [*words_in(site), *catalogue.codes(site), *words_in(plan.parameters.get("comparators") or ())]


def _named_starts(catalogue: Catalogue, evaluation: Evaluation) -> list[tuple[str, date]]:
    """In alphabetical order."""
    places = [(catalogue.place(site), when) for site, when in evaluation.intervention.starts.items()]
    return sorted(places, key=lambda place: place[0].casefold())


def _summary(entry: AnalysisEntry) -> AnalysisSummary:
    """What other pages say of one analysis."""
    analysis = entry.analysis
    known: dict[str, Any] = {
        "id": analysis.id,
        "title": analysis.title,
        "template": analysis.template,
        "measure": entry.measure.id,
        "place": entry.place,
        "role": entry.role,
        "expected": entry.expected,
        "done": entry.done,
        "sentence": entry.outcome.sentence,
    }
    if not isinstance(entry, EstimatedEntry):
        return AnalysisSummary(**known)
    answer = entry if isinstance(entry, AnswerEntry) else None
    return AnalysisSummary(
        **known,
        synthetic=bool(entry.result["synthetic"]),
        word=answer.word if answer else None,
        verdict=entry.verdict,
        headline=entry.headline,
        estimate=entry.estimate,
        interval=entry.interval,
        points=entry.points,
        certainty=entry.certainty,
        says=entry.says,
        in_family=entry.in_family,
        missed=answer.missed if answer else None,
        missed_in_short=answer.missed_in_short if answer else None,
        direction=entry.standing.direction,
        last=str(entry.effect.data["last"]),
        seen=sparkline.observed_series(entry.effect),
        used=entry.used,
        places=len(entry.effect.treated_units),
    )
