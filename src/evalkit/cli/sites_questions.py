"""What is asked to set up one change at many sites, and the files that the answers make."""

from collections.abc import Sequence
from datetime import date

from evalkit.advice import enough_at
from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.new_evaluation_files import NO_STRATIFIER
from evalkit.catalogue.new_sites_files import ListedSite, SitesAnswers, new_sites_files
from evalkit.catalogue.new_table_files import NewTable, described_as
from evalkit.cli import questions as q
from evalkit.cli.asking import Asking, Question
from evalkit.cli.evaluation_questions import NewRecords, ask_table, free_title
from evalkit.cli.measure_questions import ask_measure, refuse_change_in_percent
from evalkit.errors import named
from evalkit.intake.load import table_around
from evalkit.intake.noughts import in_words, noughts
from evalkit.intake.periods import resolve_interruption
from evalkit.intake.table_contents import TableContents


def ask_sites(asking: Asking, catalogue: Catalogue, sites: Sequence[ListedSite]) -> NewRecords:
    """Ask for everything that the list does not say.

    Raises
    ------
    InputRefused, EvaluationError
        With all that is missing or wrong.
    """
    path, contents = ask_table(asking, catalogue)
    codes = [site.code for site in sites]
    without = [code for code in codes if contents is not None and code not in contents.codes]
    if without:
        asking.refuse(
            f"The table holds no row of {named(without)}, which the list names: correct the one or the other."
        )
    measure = asking.get(q.measure_question(catalogue, contents, codes))
    new_measure = None
    if measure is not None and measure not in catalogue.measures:
        if contents is None:
            asking.refuse(f"`{measure}` is a new measure: name the CSV that holds it with --table.")
        new_measure = ask_measure(asking, catalogue, measure, contents=contents)
    title = asking.get(Question("title", q.TITLE.asks, read=lambda written: free_title(catalogue, written)))
    said = {
        "title": title,
        "question": asking.get(q.QUESTION),
        "place": asking.get(Question("place", "The area they are in")),
        "what_changed": asking.get(q.WHAT_CHANGED),
        "onset": asking.get(q.ONSET),
        "expected": asking.get(q.EXPECTED),
        "why": asking.get(q.WHY),
        "also_changed": asking.get(q.ALSO_CHANGED),
        "start_certainty": asking.get(q.START_CERTAINTY),
        "source_title": asking.get(q.SOURCE_TITLE),
        "source_where": asking.get(q.SOURCE_WHERE),
        "area": asking.get(Question("area", "Area of change", catalogue.vocabularies.get("areas", {}))),
        "funded_by": asking.get(q.FUNDED_BY, "Not said."),
        "conflict_of_interest": asking.get(q.CONFLICT, "Not said."),
        "no_stratifier": asking.get(q.NO_STRATIFIER, NO_STRATIFIER),
    }
    others = {code: what for code, what in q.code_words(catalogue, contents).items() if code not in codes}
    compare = Question(
        "comparators",
        "Further places to compare with, where nothing changed (empty: those of the list)",
        others,
        several=True,
        optional=True,
        read=q.code_of,
    )
    comparators = asking.get(compare, []) if others or contents is None else []
    grain = q.grain_of(catalogue, measure, path, contents)
    window = {
        name: asking.get(
            Question(name, f"{name.title()} {grain} used; empty: all", optional=True, read=q.period_of(name, grain))
        )
        for name in ("first", "last")
    }
    in_table = [] if contents is None else [code for code in contents.codes if code not in codes]
    names = q.ask_names(asking, catalogue, list(dict.fromkeys([*comparators, *in_table])))
    synthetic = any(site.synthetic for site in sites)
    published = q.ask_published(asking, catalogue, path, synthetic)
    asking.refuse_what_is_wrong()
    if path is None:
        starts = [site.start for site in sites if site.start is not None]
        table = table_around(
            catalogue, catalogue.measures[measure], codes, min(starts, default=date.today()).isoformat()
        )
        new_table = None
    else:
        table = described_as(catalogue, path) or slug(path.stem)
        new_table = NewTable(
            path, title, synthetic, published["source"], published["licence"], published["published_at"]
        )
    bear_no_estimate, found, of_noughts = _bear_no_estimate(contents, sites, measure), [], ""
    if (new_measure or catalogue.measures[measure]).form == "count":
        compared = [*codes, *comparators]
        found = noughts(catalogue, contents, table, measure, [[code] for code in compared], **window)
    if found:
        of_noughts = in_words(measure, found, "in its unit")
        refuse_change_in_percent(asking, catalogue, measure, new_measure, of_noughts)
        asking.refuse_what_is_wrong()
    answers = SitesAnswers(
        **said,
        measure=measure,
        sites=sites,
        comparators=comparators,
        table=new_table,
        table_name=table,
        **window,
        new_measure=new_measure,
        org_names=names,
        described=bear_no_estimate,
        noughts=bool(found),
    )
    few = [site.name for site in sites if site.code in answers.described]
    described = f"Too few points for an estimate of its own, so only described: {', '.join(few)}." if few else ""
    told = tuple(filter(None, (described, of_noughts)))
    return NewRecords(slug(title), new_sites_files(catalogue, answers, date.today()), table, told)


def _bear_no_estimate(contents: TableContents | None, sites: Sequence[ListedSite], measure: str) -> frozenset[str]:
    """The codes of sites whose own points are too few."""
    if contents is None:
        return frozenset()
    points, frequency = contents.points(measure), contents.first.freqstr
    return frozenset(
        site.code
        for site in sites
        if site.start is not None
        and not enough_at(points, site.code, resolve_interruption(site.start.isoformat(), 0, frequency)).can_model
    )
