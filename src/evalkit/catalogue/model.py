"""Everything the book knows, by id, and how a record is named and blamed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from evalkit.catalogue.files.yaml_lines import FilePlace
from evalkit.catalogue.naming import in_one_phrase, words_in
from evalkit.catalogue.records.candidates import Candidate
from evalkit.catalogue.records.control_charts import ControlChart
from evalkit.catalogue.records.delay_reasons import DelayReason
from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.catalogue.records.independent_results import IndependentEvaluation
from evalkit.catalogue.records.learning import (
    BookChange,
    LearningItem,
    Pooled,
    Programme,
    Publication,
    Route,
    Synonyms,
    Term,
)
from evalkit.catalogue.records.measures import Measure
from evalkit.catalogue.records.places import FlowStage, Place
from evalkit.catalogue.records.registers import Register
from evalkit.catalogue.records.sites import Organisation, Site
from evalkit.catalogue.records.successors import Succession
from evalkit.catalogue.records.tables import Table
from evalkit.catalogue.records.voices import CommentService, CommentTheme, Contact, JourneyRecord
from evalkit.errors import Level, Problem, did_you_mean

IN_ONE_FILE = {
    "measures": Measure, "programmes": Programme, "sources": Publication, "glossary": Term, "changes": BookChange,
    "routes": Route, "synonyms": Synonyms, "control_charts": ControlChart,
    "places": Place, "flow_stages": FlowStage, "comment_themes": CommentTheme, "comment_services": CommentService,
    "registers": Register, "independent_results": IndependentEvaluation, "candidates": Candidate, "book": Contact,
}  # fmt: skip
IN_FILES_OF_THEIR_OWN = {"sites": Site, "evaluations": Evaluation, "pooled": Pooled, "journeys": JourneyRecord}
MEANT = "; did you mean"
MANY = 200  # ids too many to look for one that was meant
NAMED = 4  # sites that a sentence names one by one


@dataclass(frozen=True)
class Catalogue:
    """Every record of the project, by id.

    Attributes
    ----------
    root : Path
        The project's folder.
    organisations, sites, measures, evaluations, tables : dict
        Records by id (organisations by ODS code).
    registers : dict
        Who gives organisations their codes, in which nation.
    successors : dict
        What became of codes, by ``Succession.key``.
    learning, programmes, sources, pooled, glossary, changes, routes, synonyms : dict
        Records of what was learned and of the book itself, by id.
    control_charts : dict
        How each measure is charted for every partner, by the measure's id.
    places : dict
        Groups of organisations that serve one population, beside integrated care systems.
    flow_stages : dict
        Stages of patients' way through a place, by the word of the vocabulary.
    delay_reasons : dict
        Why patients stayed in hospital, by column of the table of reasons.
    written_in : dict
        Where each record stands, by kind and id.
    journeys : dict
        What each site's journey is of, by the site's id.
    candidates : dict
        Changes that were looked for, and what was decided of each.
    independent_results : dict
        What others published on a change of this book or one like it.
    comment_services : dict
        Services whose comments were sorted into themes.
    comment_themes : dict
        Themes of patients' comments that some measure asks too.
    book : dict
        Settings of the book as a whole: ``contact``, where there is one.
    vocabularies : dict of dict
        Words a record may use, with how a page writes them.
    """

    root: Path
    organisations: dict[str, Organisation] = field(default_factory=dict)
    registers: dict[str, Register] = field(default_factory=dict)
    successors: dict[str, Succession] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    learning: dict[str, LearningItem] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    sources: dict[str, Publication] = field(default_factory=dict)
    pooled: dict[str, Pooled] = field(default_factory=dict)
    glossary: dict[str, Term] = field(default_factory=dict)
    changes: dict[str, BookChange] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    synonyms: dict[str, Synonyms] = field(default_factory=dict)
    control_charts: dict[str, ControlChart] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    flow_stages: dict[str, FlowStage] = field(default_factory=dict)
    delay_reasons: dict[str, DelayReason] = field(default_factory=dict)
    journeys: dict[str, JourneyRecord] = field(default_factory=dict)
    comment_services: dict[str, CommentService] = field(default_factory=dict)
    comment_themes: dict[str, CommentTheme] = field(default_factory=dict)
    independent_results: dict[str, IndependentEvaluation] = field(default_factory=dict)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    book: dict[str, Contact] = field(default_factory=dict)
    vocabularies: dict[str, dict[str, str]] = field(default_factory=dict)
    written_in: dict[tuple[str, str], FilePlace] = field(default_factory=dict, repr=False)

    @property
    def contact(self) -> Contact | None:
        """Whom readers write to, where the book says so."""
        return self.book.get("contact")

    def problem(self, kind: str, id: str, path: Iterable, what: str, level: Level = "refused") -> Problem:
        """A problem with a value of a record, placed in its file and line."""
        return self.written_in[kind, id].problem(tuple(path), what, level)

    def unknown(
        self, kind: str, id: str, path: Iterable, word: str, known: Iterable[str], is_what: str, remedy: str
    ) -> list[Problem]:
        """The problem that a field names what there is not; nothing where there is."""
        if word in known:
            return []
        named = [part for part in path if isinstance(part, str)]
        field = named[-2] if len(named) > 1 and named[-1] == word else named[-1]
        hint = did_you_mean(str(word), known) if len(list(known)) < MANY else ""
        if hint.startswith(MEANT):
            hint, remedy = f"{hint}?", f"If so, write that; if not, {remedy}"
        else:
            hint = f" (there are: {', '.join(map(str, known))});" if hint else ";"
        return [self.problem(kind, id, path, f"`{field}` names `{word}`, which is not {is_what}{hint} {remedy}.")]

    def org_codes(self, site: str) -> list[str]:
        """The ODS codes behind a site's slug; an ODS code stands for itself."""
        return list(self.sites[site].org_codes) if site in self.sites else [site]

    def started(self, evaluation: Evaluation, site: str) -> date:
        """When the change began at a site or ODS code, whichever of the two the evaluation's ``starts`` name."""
        starts = evaluation.intervention.starts
        same = [id for id in evaluation.sites if id in self.sites and self.sites[id].org_codes == [site]]
        return next(
            (starts[key] for key in (site, *self.org_codes(site), *same) if key in starts),
            evaluation.intervention.start,
        )

    def place(self, site: str | Sequence[str]) -> str:
        """How a page names a site, the organisation behind an ODS code, or several of them together."""
        labels = words_in(site)
        if len(labels) == 1:
            label = labels[0]
            return self.sites[label].name if label in self.sites else self.organisations[label].name
        for record in self.sites.values():
            if set(record.org_codes) == set(labels):
                return record.name
        if len(labels) > NAMED:
            return f"{len(labels)} {self.called(self.codes(labels))}"
        return in_one_phrase([self.place(label) for label in labels])

    def kind(self, code: str) -> str:
        """What an organisation is called in its nation: a trust, a hospital, a health board."""
        one = self.organisations[code]
        if one.kind is not None:
            return self.vocabularies.get("organisation_kinds", {}).get(one.kind, one.kind)
        register = self.registers.get(one.register_id)
        return "place" if register is None else register.called

    def called(self, codes: Iterable[str]) -> str:
        """What several organisations are called together; places, where they are of several kinds."""
        kinds = {self.kind(code) if code in self.organisations else "place" for code in codes}
        return f"{kinds.pop() if len(kinds) == 1 else 'place'}s"

    def names(self, labels: Iterable[str]) -> dict[str, str]:
        """The name of every label that is a site or an ODS code; other labels are left out."""
        return {label: self.place(label) for label in labels if label in self.sites or label in self.organisations}

    def codes(self, site: str | Sequence[str]) -> list[str]:
        """The ODS codes of one site or of several."""
        return [code for label in words_in(site) for code in self.org_codes(label)]

    def counted_columns(self, table: str) -> list[str]:
        """The columns of a table that some measure counts."""
        recipes = [recipe for measure in self.measures.values() for recipe in measure.recipes if recipe.table == table]
        return sorted({name for recipe in recipes for name in (*recipe.numerator, *recipe.denominator)})

    def is_synthetic(self, evaluation: Evaluation) -> bool:
        """Whether any of its sites is invented."""
        return any(self.sites[site].synthetic for site in evaluation.sites)
