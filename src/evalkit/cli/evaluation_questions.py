"""What is asked to set up an evaluation of one site, and the files that the answers make."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from evalkit.adequacy import Adequacy
from evalkit.advice import enough_of
from evalkit.catalogue import Catalogue
from evalkit.catalogue.naming import slug
from evalkit.catalogue.new_evaluation_files import NO_STRATIFIER, Answers, new_files
from evalkit.catalogue.new_table_files import described_as
from evalkit.cli import questions as q
from evalkit.cli.asking import Asking, Question
from evalkit.cli.measure_questions import ask_measure, refuse_change_in_percent
from evalkit.disclosure.rules import SMALL_NUMBERS
from evalkit.errors import EvaluationError, named
from evalkit.intake.load import table_around
from evalkit.intake.noughts import in_words, noughts
from evalkit.intake.periods import a_year, resolve_interruption
from evalkit.intake.read_table import read_table
from evalkit.intake.table_contents import TableContents


@dataclass(frozen=True)
class NewRecords:
    """Files to write, the table that they are about, and sentences for the person."""

    id: str
    files: Mapping[Path, str]
    table: str | None
    told: tuple[str, ...] = ()


def ask_evaluation(asking: Asking, catalogue: Catalogue) -> NewRecords:
    """Ask for everything; the table is looked at first, so that its codes, measures and months are answers.

    Raises
    ------
    InputRefused, EvaluationError
        With all that is missing or wrong.
    """
    path, contents = ask_table(asking, catalogue)
    codes = asking.get(
        Question(
            "org-code",
            "Organisation (several make one site: separate them by spaces)",
            q.code_words(catalogue, contents),
            several=True,
            read=q.code_of,
        ),
        [],
    )
    synthetic = _synthetic(asking, codes)
    measure = asking.get(q.measure_question(catalogue, contents, codes or None))
    new_measure = None
    if measure is not None and measure not in catalogue.measures:
        if contents is None:
            asking.refuse(f"`{measure}` is a new measure: name the CSV that holds it with --table.")
        new_measure = ask_measure(asking, catalogue, measure, contents=contents)
    start = asking.get(Question("start", "First day of the change", read=_start(contents, codes, measure)))
    bears = _bears(contents, codes, measure, start)
    dated = "" if start is None else f"The change is dated {start.day} {start:%B %Y}.{f' {bears}' if bears else ''}"
    if dated and asking.talking:
        asking.tell(dated)
    title = asking.get(Question("title", q.TITLE.asks, read=lambda written: free_title(catalogue, written)))
    said = {
        "title": title,
        "question": asking.get(q.QUESTION),
        "site_name": asking.get(Question("site-name", "Name of the site, as people call it")),
        "place": asking.get(q.PLACE),
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
    others = (
        {}
        if contents is None
        else {code: what for code, what in q.code_words(catalogue, contents).items() if code not in codes}
    )
    compare = Question(
        "comparators",
        "Places to compare with, where nothing changed (empty: none)",
        others,
        several=True,
        optional=True,
        read=q.code_of,
    )
    comparators = asking.get(compare, []) if others or contents is None else []
    if not others and contents is not None and asking.given.get("comparators"):
        asking.refuse("--comparators names places, and the table holds no other organisation.")
    span = "" if contents is None else f" (the table has {contents.first} to {contents.last})"
    grain = q.grain_of(catalogue, measure, path, contents)
    window = {
        name: asking.get(
            Question(
                name,
                f"{name.title()} {grain} used{span}; empty: all",
                optional=True,
                read=q.period_of(name, grain),
            )
        )
        for name in ("first", "last")
    }
    in_table = [] if contents is None else contents.codes
    names = q.ask_names(asking, catalogue, list(dict.fromkeys([*codes, *comparators, *in_table])))
    published = q.ask_published(asking, catalogue, path, synthetic)
    asking.refuse_what_is_wrong()
    if path is None:
        table = table_around(catalogue, catalogue.measures[measure], codes, start.isoformat())
    else:
        table = described_as(catalogue, path) or slug(path.stem)
    own = q.taken_as_own(
        path, path is not None and q.described_as(catalogue, path) is not None, synthetic, published["published_at"]
    )
    form = (new_measure or catalogue.measures[measure]).form
    enough, withheld = _enough(contents, codes, measure, start, window), ""
    if (
        _becomes_gated(catalogue, path, synthetic, published["published_at"])
        and contents is not None
        and enough is not None
    ):
        shown = _enough(contents.without_small(SMALL_NUMBERS["own_counts"], form), codes, measure, start, window)
        if shown is not None and shown.sentence != enough.sentence:
            enough, withheld = shown, f"Small counts of a site's own are withheld, which leaves {shown.sentence}"
    describe = bool(asking.given.get("describe")) or (enough is not None and not enough.can_model)
    of_whom = [measure, *(catalogue.measures[measure].show_beside if new_measure is None else ())]
    counted = [
        which for which in of_whom if (new_measure or catalogue.measures[which]).form == "count" and not describe
    ]
    places = [codes, *([code] for code in comparators)]
    sought = {which: noughts(catalogue, contents, table, which, places, **window) for which in counted}
    found = {which: where for which, where in sought.items() if where}
    result = "in its unit" if comparators else "of a model of counts (`family: poisson`)"
    of_noughts = [in_words(which, where, result) for which, where in found.items()]
    if measure in found and comparators:
        refuse_change_in_percent(asking, catalogue, measure, new_measure, of_noughts[0])
        asking.refuse_what_is_wrong()
    answers = Answers(
        **said,
        org_codes=codes,
        start=start,
        measure=measure,
        table=path,
        table_name=table,
        table_source=published["source"],
        table_licence=published["licence"],
        table_published_at=published["published_at"],
        comparators=comparators,
        **window,
        synthetic=synthetic,
        org_names=names,
        new_measure=new_measure,
        describe=describe,
        noughts=frozenset(found),
        has_season=_has_season(catalogue, contents, table, window),
    )
    odd = "" if contents is None else contents.percentages.get(measure, "")
    told = (dated, withheld, _is_described(comparators) if describe else "", *of_noughts, own, odd)
    return NewRecords(slug(title), new_files(catalogue, answers, date.today()), table, tuple(filter(None, told)))


def _becomes_gated(catalogue: Catalogue, path: Path | None, synthetic: bool, published_at: str | None) -> bool:
    """Whether the figures are exact ones of the site's own, of which the book shows less."""
    if path is None or synthetic or published_at:
        return False
    return path.parent.name == "private" or q.described_as(catalogue, path) is None


def _is_described(comparators: list[str]) -> str:
    """What an evaluation without an estimate gives, and what of the answers it does not take."""
    compared = f" It compares with nobody, so {named(comparators)} {'is' if len(comparators) == 1 else 'are'} left out."
    return (
        "So it is only described: every point with its own interval, before and after, and no estimate of a change."
        f"{compared if comparators else ''}"
    )


def ask_table(asking: Asking, catalogue: Catalogue) -> tuple[Path | None, TableContents | None]:
    """The file and what is in it; nothing where a table is to be found by the date."""
    looked: dict[str, tuple[Path, TableContents | None]] = {}

    def read(written: str) -> str:
        looked[written] = q.look_at_table(catalogue, written)
        return written

    there = [
        path.name for name in ("tables", "private") for path in sorted((catalogue.root / "data" / name).glob("*.csv"))
    ]
    ask = Question(
        "table", "Table (empty: the published one that holds the site)", there, closed=False, optional=True, read=read
    )
    asking.talking = not (asking.given or asking.kept)  # a person who says nothing yet is to be asked
    written = asking.get(ask)
    asking.refuse_what_is_wrong()
    return looked[written] if written is not None else (None, None)


def _synthetic(asking: Asking, codes: list[str]) -> bool:
    """Whether the figures are invented, as codes such as ZZ901 say."""
    invented = [code for code in codes if code.startswith("ZZ")]
    said = bool(asking.given.get("synthetic") or asking.kept.get("synthetic") in (True, "yes", "true", "True"))
    if said and len(invented) < len(codes):
        real = next(code for code in codes if code not in invented)
        asking.refuse(f"{real} is no code for invented figures: use ZZ901 and the like, or leave out --synthetic.")
    if invented and not said:
        if asking.on_a_terminal:
            asked = Question("synthetic", f"{invented[0]} is a code for invented figures. Are they invented", q.YES_NO)
            said = asking.get(asked) == "yes"
        if not said:
            asking.refuse(f"{invented[0]} is a code for invented figures: add --synthetic, or give the real code.")
    return said


def _start(contents: TableContents | None, codes: list[str], measure: str | None):
    """How the day of the change is read: there must be months before and after it."""

    def read(written: str) -> date:
        day = q.date_of("start")(written)
        if contents is None:
            return day
        here = contents.spans[contents.spans["org_code"].isin(codes) & (contents.spans["measure"] == measure)]
        if here.empty:
            return day
        first, last = here["first"].min(), here["last"].max()
        if first < pd.Period(day, first.freqstr) <= last:
            return day
        raise EvaluationError(
            f"--start is {day}, and the table has {measure} from {first} to {last}: it needs months before the change and"
            " after it."
        )

    return read


def _bears(contents: TableContents | None, codes: list[str], measure: str | None, start: date | None) -> str | None:
    """What the points of a site are enough for; nothing where they are not known."""
    enough = _enough(contents, codes, measure, start, {})
    return None if enough is None else f"{measure} at {' and '.join(codes)}: {enough.sentence}"


def _enough(
    contents: TableContents | None,
    codes: list[str],
    measure: str | None,
    start: date | None,
    window: Mapping[str, str | None],
) -> Adequacy | None:
    """The same as a judgement, of the points within a window."""
    if contents is None or not codes or measure is None or start is None:
        return None
    points, frequency = contents.points(measure), contents.first.freqstr
    first, last = (window.get(end) and pd.Period(window[end], frequency) for end in ("first", "last"))
    points = points[(points >= (first or contents.first)) & (points <= (last or contents.last))]
    return enough_of(points, codes, resolve_interruption(start.isoformat(), 0, frequency))


def _has_season(
    catalogue: Catalogue, contents: TableContents | None, table: str, window: Mapping[str, str | None]
) -> bool:
    """Whether days or weeks are two years at least: of fewer no season of the year can be told."""
    known = catalogue.tables.get(table)
    if contents is not None:
        begins, ends = contents.first, contents.last
    elif known is not None and known.layout.grain in ("day", "week"):
        periods = read_table(catalogue.root, known).frame[known.layout.period]
        begins, ends = periods.min(), periods.max()
    else:
        return True
    if begins.freqstr[0] not in "DW":
        return True
    first, last = (
        pd.Period(window[end], begins.freqstr) if window.get(end) else there
        for end, there in (("first", begins), ("last", ends))
    )
    return (last - first).n + 1 >= 2 * a_year(begins.freqstr)


def free_title(catalogue: Catalogue, written: str) -> str:
    id = slug(written)
    if not id:
        raise EvaluationError(f"--title is {written!r}, which has no letters or figures to make an id from.")
    if id in catalogue.evaluations:
        raise EvaluationError(
            f"data/evaluations/{id}.yml exists already: choose another title, or add to that one with `evalkit new analysis {id}`."
        )
    return written
