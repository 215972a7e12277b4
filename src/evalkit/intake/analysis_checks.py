"""Can this analysis be run on the data there are? Asked before any notebook starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from evalkit.adequacy import adequacy, least_terms
from evalkit.catalogue import Catalogue
from evalkit.catalogue.consistency.of_nobody import check_table_of_nobody
from evalkit.catalogue.records.evaluations import Analysis, Evaluation
from evalkit.catalogue.records.successors import events_of
from evalkit.catalogue.records.tables import Table
from evalkit.design_register import describes, describing_template
from evalkit.errors import EvaluationError, InputRefused, Level, Problem, named, shortened
from evalkit.intake.arguments import comparators_in, sites_in, starts_of
from evalkit.intake.change_marks import RowMarks
from evalkit.intake.gated_tables import check_gated, exact_file, is_gated
from evalkit.intake.load import load_from
from evalkit.intake.periods import Interruption, inside, name_of, resolve_end, resolve_interruption
from evalkit.intake.read_table import TableRows, read_table
from evalkit.intake.row_hashes import marks_of
from evalkit.intake.scale_checks import check_scale
from evalkit.intake.successions import contradictions, gated_problems
from evalkit.intake.suspicious_figures import copied, odd_submissions, zeros

STEPS = ("level", "step")
HEADLINES = r"(level|slope)( total| \d{4}\S*)?|first year|mean|cumulative|during|month \d+|mean months \d+ to \d+"
# What shows an effect that works at once, and one that builds.
OF_ONSET = {
    "sudden": r"level( total)?|month 1|during",
    "builds": r"first year|mean|cumulative|slope( total)?|during|month ([2-9]|\d{2,})|mean months \d+ to ([2-9]|\d{2,})",
}
FAMILIES = ("gaussian", "poisson")


@dataclass(frozen=True)
class AnalysisRows:
    """What an analysis would use: its table, hash and marks of its rows, and the lines of data/successors.csv by which they
    are put together; nothing where they cannot be used."""

    rows_sha256: str | None
    problems: list[Problem]
    table: str | None = None
    marks: RowMarks | None = None
    successions: tuple[dict[str, str | None], ...] = ()


def check_table(catalogue: Catalogue, table: Table) -> list[Problem]:
    """The table can be read and holds nothing of people; figures that are hardly true are pointed out."""
    if is_gated(table) and not (catalogue.root / "data" / table.path).is_file():
        what = f"has not been made of {exact_file(table).as_posix()} yet: run `evalkit gate`."
        return [Problem(f"data/{table.path}", 0, what)]
    people = check_table_of_nobody(catalogue.root, table)
    try:
        rows = read_table(catalogue.root, table)
    except InputRefused as error:
        return list(dict.fromkeys([*error.problems, *people]))
    unknown = _unknown_units(catalogue, rows)
    unknown += check_gated(catalogue.root, table, catalogue.measures)
    unknown += _contradicted(catalogue, rows)
    if is_gated(table):
        unknown += gated_problems(catalogue, table, f"data/{table.path}", rows.frame[table.layout.unit])
    if people or any(problem.level == "refused" for problem in unknown):
        return [*people, *unknown]
    return copied(rows) + zeros(rows, catalogue.counted_columns(table.name)) + odd_submissions(rows) + unknown


def _contradicted(catalogue: Catalogue, rows: TableRows) -> list[Problem]:
    """Where a table shows another day than ``successors.csv``.

    A publisher may go on with a code for months: that is worth a look, and refused to an analysis that puts the codes together.
    """
    problems = contradictions(catalogue, rows, events_of(catalogue.successors.values()))
    published = rows.table.layout.disclosure.rule == "official_statistics" and not rows.table.layout.synthetic
    return [replace(problem, level="look") for problem in problems] if published else problems


def _unknown_units(catalogue: Catalogue, rows: TableRows) -> list[Problem]:
    """A provider code in a site's own submission that is not in organisations.csv."""
    if rows.table.layout.shape != "long":
        return []
    problems = []
    shown = f"data/{rows.table.path}"
    for column, known, where, level in (
        ("org_code", catalogue.organisations, "data/organisations.csv", "refused"),
        ("measure", catalogue.measures, "data/measures.yml, so nothing uses it", "look"),
    ):
        codes = rows.frame[column].drop_duplicates()
        lines = codes.index[~codes.isin(list(known))]
        what = f"column `{column}` holds a code that is not in {where}: correct it, or add it there."
        told = (Problem(shown, line, what, level) for line in lines)
        problems += shortened(told, len(lines), f"codes in column `{column}` that are not there")
    return problems


def check_analysis(
    catalogue: Catalogue, evaluation: Evaluation, index: int, parameters: Mapping[str, Any]
) -> AnalysisRows:
    """Problems of one analysis with the data, placed in its evaluation's file.

    Parameters
    ----------
    index : int
        Position of the analysis in the evaluation.
    parameters : mapping
        Its parameters with the template's defaults filled in.
    """
    analysis = evaluation.analyses[index]

    def problem(what: str, name: str | None = None, level: Level = "refused") -> Problem:
        path = ("analyses", index, "parameters", *([name] if name else []))
        return catalogue.problem("evaluations", evaluation.id, path, f"({analysis.id}) {what}", level)

    contradictions = _same_look(problem, evaluation, analysis, parameters)
    contradictions += _same_onset(problem, evaluation, analysis, parameters)
    contradictions += _segmented(catalogue, problem, parameters) + _same_end(problem, evaluation, analysis, parameters)
    if contradictions:  # before any figure is read
        return AnalysisRows(None, contradictions)
    wanted: dict[str, Any] = {name: parameters.get(name) for name in ("site", "measure", "first", "last", "table")}
    wanted["apart"] = bool(parameters.get("apart", False))
    waves = describes(analysis.template)
    try:
        sites, comparators = sites_in(wanted["site"]), comparators_in(parameters.get("comparators"))
        starts = starts_of(sites, parameters["interruption"])
        whole = load_from(catalogue, **wanted, comparators=comparators)
        # Between the waves of a survey nothing is missing; marks of changed rows count every period.
        frame = load_from(catalogue, **wanted, comparators=comparators, every_period=False) if waves else whole
        changes = [_change(start, parameters, frame) for start in starts.values()]
        _end(parameters.get("end"), changes, frame)
    except InputRefused as error:
        return AnalysisRows(None, error.problems)
    except EvaluationError as error:
        name = "interruption" if error.parameter == "treated_from" else error.parameter
        return AnalysisRows(None, [problem(str(error), name)])
    problems = []
    for change in dict.fromkeys(changes):
        try:
            inside(change, pd.PeriodIndex(sorted(frame["period"].unique())))
        except EvaluationError as error:
            problems.append(problem(str(error), "interruption"))
    problems += _headline(problem, parameters.get("headline"), changes, frame)
    problems += check_scale(problem, catalogue.measures[str(wanted["measure"])], parameters, frame)
    about = frame.attrs["evalkit"]
    if parameters.get("comparators") is not None and not comparators:
        what = "its template makes a comparison, but `comparators` is empty: list those of the protocol."
        problems.append(problem(what, "comparators"))
    elif about["needs_comparators"] and not comparators and analysis.despite is None:
        why = "; ".join(about["needs_comparators"])
        problems.append(problem(f"its rows are only safe in a comparison ({why}): use the controlled template."))
    problems += _frozen(problem, evaluation, comparators) + _empty(problem, frame, comparators)
    problems += _at_its_sites(catalogue, problem, evaluation, analysis, sites)
    if analysis.despite is None:
        problems += _same_date(catalogue, problem, evaluation, analysis, starts)
    problems += _within_the_window(problem, evaluation, analysis, parameters, frame)
    problems += _recording(catalogue, problem, evaluation, analysis, about)
    whose = frame["site" if wanted["apart"] else "unit"]
    with_gaps = set(whose[frame["value"].isna()].unique())
    for site in sites:
        problems += _gaps(problem, frame[whose == site], site) if site in with_gaps else []
    problems += _too_few(problem, analysis, parameters, frame, dict(zip(starts, changes, strict=True)))
    problems += [problem(sentence, "site", "look") for sentence in about["added_up"]]
    marks = marks_of(whole, name_of(pd.PeriodIndex(whole["period"]).freqstr))
    data, successions = about["data"], tuple(about["successions"])
    return AnalysisRows(data["rows_sha256"], problems, data["table"], marks, successions)


def _too_few(
    problem, analysis: Analysis, parameters: Mapping[str, Any], frame: pd.DataFrame, changes: Mapping[str, Interruption]
) -> list[Problem]:
    """A segmented regression of fewer points than any has: its run would fail."""
    if "model" not in parameters:
        return []
    terms = least_terms(parameters["model"], parameters.get("seasonality"))
    usable = frame[frame["value"].notna()]
    problems = []
    for site, change in changes.items():
        periods = usable.loc[usable["unit"] == site, "period"]
        periods = periods[~periods.isin(change.transition)]
        judged = adequacy(int((periods < change.period).sum()), int((periods >= change.first_kept).sum()), terms)
        if judged.can_model or (frame["unit"] != site).all():
            continue
        remedy = (
            f"write `template: {describing_template()}`, with no parameters but site, measure, table, interruption, first and"
            " last, or wait for more points"
        )
        what = (
            f"{site} has {judged.sentence.rstrip('.')}, so that {analysis.template} will fail when it is run: {remedy}."
        )
        problems.append(problem(what, level="look"))
    return problems


def _headline(problem, headline: Any, changes: list[Interruption], frame: pd.DataFrame) -> list[Problem]:
    """A month after the change that the rows do not reach, at whichever place began first."""
    match = re.fullmatch(r"month (\d+)|mean months (\d+) to (\d+)", str(headline))
    last = frame["period"].max()
    there = max(last.ordinal - change.first_kept.ordinal + 1 for change in changes)
    if not match or there < 1 or 1 <= int((match[1] or match[3])[:9]) <= there:
        return []
    what = f"the headline `{headline}` is outside the data: months 1 to {there} after the change are there."
    return [problem(what, "headline")]


def _gaps(problem, rows: pd.DataFrame, site: str) -> list[Problem]:
    """Where a site has no usable figure."""
    missing = rows[rows["value"].isna()]
    if rows["unit"].nunique() > 1:
        what = f"{site} has no usable figure in {len(missing)} of {len(rows)} rows of its organisations"
    else:
        periods = [str(period) for period in missing["period"]]
        listed = ", ".join(periods[:6]) + (f" and {len(periods) - 6} more" if len(periods) > 6 else "")
        what = f"{site} has no usable figure in {listed}"
    return [problem(f"{what}: left missing, not filled.", level="look")]


def _change(when: str, parameters: Mapping[str, Any], frame: pd.DataFrame) -> Interruption:
    """The periods of a change whose date can be read: what is wrong now is the transition."""
    try:
        return resolve_interruption(when, parameters.get("transition", 0), pd.PeriodIndex(frame["period"]).freqstr)
    except EvaluationError as error:
        raise EvaluationError(str(error), "transition") from None


def _end(last: Any, changes: list[Interruption], frame: pd.DataFrame) -> None:
    """Refuse an end that cannot be read, or that leaves no time of the change, or none after it, in the rows."""
    if last is None:
        return
    periods = pd.PeriodIndex(sorted(frame["period"].unique()))
    try:
        end = resolve_end(last, periods.freqstr)
        inside(end, periods)
    except EvaluationError as error:
        raise EvaluationError(str(error).replace("interruption", "end", 1), "end") from None
    if any(end.period <= change.first_kept for change in changes):
        raise EvaluationError(f"The end {end.label} is before the change counts: correct the one or the other.", "end")


def _at_its_sites(
    catalogue: Catalogue, problem, evaluation: Evaluation, analysis: Analysis, sites: list[str]
) -> list[Problem]:
    """Of several units kept apart each belongs to a site that the page names."""
    known = catalogue.codes(evaluation.sites)
    strange = [code for code in catalogue.codes(sites) if code not in known] if len(sites) > 1 else []
    if not strange or analysis.role in ("spill_over", "negative_control"):
        return []
    belongs, it = ("belongs", "it") if len(strange) == 1 else ("belong", "them")
    what = f"{named(strange)} {belongs} to no site of this evaluation: add {it} to `sites`."
    return [problem(what, "site")]


def _same_date(
    catalogue: Catalogue, problem, evaluation: Evaluation, analysis: Analysis, starts: Mapping[str, str]
) -> list[Problem]:
    """The dates analysed are those the page says, except where a change of recording is looked at."""
    if analysis.role == "recording_check":
        return []
    problems = []
    for site, when in starts.items():
        start = catalogue.started(evaluation, site)
        if when not in (start.isoformat(), f"{start:%Y-%m}"):
            several = evaluation.intervention.starts or len(set(starts.values())) > 1
            at = f" at {site}" if several else ""
            remedy = "make them the same" + (", or give its date under `starts` in the intervention" if several else "")
            what = f"the interruption {when} is not the start of the intervention{at}, {start}: {remedy}."
            problems.append(problem(what, "interruption"))
    return problems


def _same_end(problem, evaluation: Evaluation, analysis: Analysis, parameters: Mapping[str, Any]) -> list[Problem]:
    """The end analysed is the one the page says."""
    given, recorded = parameters.get("end"), evaluation.intervention.end
    if given is None or analysis.role == "recording_check":
        return []
    if recorded is None:
        what = f"`end` is {given}, but the intervention has none: add `end` there, or leave it out here."
    elif given not in (recorded.isoformat(), f"{recorded:%Y-%m}"):
        what = f"`end` is {given}, but the intervention ended on {recorded}: make them the same."
    else:
        return []
    return [problem(what, "end")]


def _within_the_window(
    problem, evaluation: Evaluation, analysis: Analysis, parameters: Mapping[str, Any], frame: pd.DataFrame
) -> list[Problem]:
    """An end within the window that is not analysed as one."""
    recorded = evaluation.intervention.end
    if recorded is None or parameters.get("end") is not None or analysis.role == "recording_check":
        return []
    if resolve_end(recorded, frame["period"].array.freqstr).period > frame["period"].max():
        return []
    remedy = "give `end`, or end the window there" if "end" in parameters else "end the window there"
    return [problem(f"the change ended on {recorded}, within the window: {remedy}.", level="look")]


def _same_look(problem, evaluation: Evaluation, analysis: Analysis, parameters: Mapping[str, Any]) -> list[Problem]:
    """The answer rests on the figures that the protocol names: newer ones do not replace them without a word."""
    named, given = evaluation.protocol.look, parameters.get("look") or parameters.get("last")
    if named is None or analysis.role != "primary" or str(given) == named:
        return []
    if any(deviation.changes_headline for deviation in evaluation.protocol.deviations):
        return []
    what = (
        f"the protocol looks at the figures to {named}, but the answer would rest on those to {given or 'the newest'}"
    )
    remedy = f'write `look: "{named}"`' if "look" in parameters else f'write `last: "{named}"`'
    return [
        problem(
            f"{what}: {remedy}, or add a deviation with `changes_headline: true` and the reason.",
            "look" if parameters.get("look") else "last",
        )
    ]


def _same_onset(problem, evaluation: Evaluation, analysis: Analysis, parameters: Mapping[str, Any]) -> list[Problem]:
    """The headline of a segmented regression is of the kind that the protocol's onset asks for."""
    onset, headline = evaluation.protocol.onset, str(parameters.get("headline"))
    if onset is None or analysis.role != "primary" or "model" not in parameters:
        return []
    if any(deviation.changes_headline for deviation in evaluation.protocol.deviations):
        return []
    if onset == "builds" and parameters["model"] in STEPS and parameters.get("family", "gaussian") == "gaussian":
        what = f"the protocol says that the effect builds, but a {parameters['model']} model has one step"
        return [problem(f"{what}: use the model `curve`, or add a deviation with `changes_headline: true`.", "model")]
    if re.fullmatch(OF_ONSET[onset], headline):
        return []
    is_it = "builds" if onset == "builds" else "is sudden"
    what = f"the protocol says that the effect {is_it}, but the headline is `{headline}`"
    wanted = "first year" if onset == "builds" else "level"
    remedy = f"make it `{wanted}`, or add a deviation with `changes_headline: true` and the reason."
    return [problem(f"{what}: {remedy}", "headline")]


def _segmented(catalogue: Catalogue, problem, parameters: Mapping[str, Any]) -> list[Problem]:
    """What a segmented regression is asked for can be had."""
    if "model" not in parameters:
        return []
    problems = []
    headline, family = str(parameters.get("headline")), parameters.get("family", "gaussian")
    not_counts = {id for id, measure in catalogue.measures.items() if measure.form != "count"}
    if not re.fullmatch(HEADLINES, headline):
        what = f"`{headline}` is no headline: write level, first year, mean, slope, during, month 12 or mean months 3 to 12."
        problems.append(problem(what, "headline"))
    elif headline == "during" and parameters.get("end") is None:
        problems.append(problem("`during` needs `end`, the last day of the change.", "headline"))
    if family not in FAMILIES:
        problems.append(
            problem(f"`{family}` is no family: write gaussian, or poisson for a count of few events.", "family")
        )
    elif family == "poisson" and parameters["measure"] in not_counts:
        problems.append(problem(f"`{parameters['measure']}` is no count: leave out `family`.", "family"))
    return problems


def _empty(problem, frame: pd.DataFrame, comparators: list[str]) -> list[Problem]:
    """A comparator without a single figure in the window."""
    counts = frame.groupby("unit")["value"].count()
    empty = [code for code in comparators if not counts[code]]
    if not empty:
        return []
    what = f"{named(empty)} {'has' if len(empty) == 1 else 'have'} no figure in the window: leave out what has none."
    return [problem(what, "comparators")]


def _frozen(problem, evaluation: Evaluation, comparators: list[str]) -> list[Problem]:
    """Comparators are those of the protocol."""
    extra = [code for code in comparators if code not in evaluation.protocol.comparators]
    if not extra:
        return []
    are, them = ("is", "it") if len(extra) == 1 else ("are", "them")
    what = (
        f"{named(extra)} {are} not among the comparators frozen in the protocol: add {them} to `protocol.comparators`,"
        f" or take {them} out."
    )
    return [problem(what, "comparators")]


def _recording(catalogue: Catalogue, problem, evaluation: Evaluation, analysis: Analysis, about) -> list[Problem]:
    """A measure whose recording changed in the window needs that among the rival explanations."""
    if any(rival.kind == "recording_change" for rival in evaluation.rival_explanations):
        return []
    data, measure = about["data"], catalogue.measures[about["measure"]]
    return [
        problem(
            f"the recording of `{measure.id}` changed from {change.first} to {change.last}: give a rival explanation"
            " of kind recording_change, or shorten the window.",
            "measure",
        )
        for change in measure.recording_changes
        if change.first <= data["last"] and change.last >= data["first"] and analysis.role != "recording_check"
    ]
