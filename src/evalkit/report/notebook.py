"""What a notebook cell calls: ``show`` for people, ``publish`` for the book."""

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from markupsafe import Markup, escape

from evalkit.charts.chart import Chart
from evalkit.design_register import design_called
from evalkit.disclosure.gate import STAY_HERE
from evalkit.effect import Effect
from evalkit.errors import EvaluationError, weeks_said
from evalkit.report import chart_in_notebook

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from evalkit.catalogue import Catalogue
    from evalkit.catalogue.records.measures import Measure
    from evalkit.report.figures.described import Described

MIME = Effect.MEDIA_TYPE
UNNAMED = "series"  # the label of the only unit of a frame without a column for units
PARTS = (
    "data", "answer", "figure", "points", "event study", "estimates", "robustness", "weights", "decomposition", "placebo",
    "checks", "model",
)  # fmt: skip
FIGURES = ("figure", "event study", "placebo")
OF_ESTIMATES = ("event study", "placebo", "weights", "decomposition", "estimates", "robustness", "model")
ONLY_DESCRIBED = "Nothing was estimated here: the points are only described."
SYNTHETIC = Markup("<strong>Synthetic data.</strong> These numbers are invented and describe no real place.")
NO_FIGURE = {
    "event study": "the effect was not estimated period by period.",
    "placebo": (
        "the interval was not made by a rank, so the analysis was not repeated at places where nothing is known to have"
        " changed."
    ),
}


def show(effect: Effect | Chart, part: str = "answer") -> None:
    """Display one part of an effect, or of a control chart.

    A part that a difference-in-differences can have, but this one has not, is a sentence that says why. An effect of
    your own data, and one shown outside a project, has no verdict and no names but its labels.

    Parameters
    ----------
    effect : Effect or Chart
        Of any design.
    part : str
        ``"data"``, ``"answer"``, ``"figure"``, ``"points"`` (of what is only described), ``"event study"``,
        ``"estimates"``, ``"robustness"``, ``"weights"``, ``"decomposition"``, ``"placebo"``, ``"checks"`` or ``"model"``; of
        a chart ``"answer"``, ``"figure"``, ``"points"`` or ``"checks"``.

    Raises
    ------
    EvaluationError
        Where there is no such part.

    Examples
    --------
    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2019-03",
    ... )
    >>> effect = ek.interrupted_time_series(
    ...     frame, outcome="value", time="period", unit="unit",
    ...     treated="weston", interruption="2017-07-04",
    ...     model="level", log=True, per_day=True, seasonality=2,
    ... )
    >>> ek.show(effect, "data")
    36 periods of visits to major A&E departments at Weston General
    Hospital, 2016-04 to 2019-03, from table ae-monthly-2016-2019.
    Fingerprint of the rows used: a3c41ce2d478.
    """
    if isinstance(effect, Chart):
        _show_chart(effect, part)
        return
    if part not in PARTS:
        raise EvaluationError(f"show has no part {part!r}: use one of {', '.join(PARTS)}.")
    if part in OF_ESTIMATES and not effect.is_estimated:
        _say(ONLY_DESCRIBED)
        return
    if part == "placebo" and "placebo" not in effect.tables and not design_called(effect.design).compares:
        raise EvaluationError("This effect has no comparators, so no placebo figure.")
    {
        "data": _data,
        "answer": _answer,
        "figure": _figure,
        "points": _points,
        "event study": _event_study,
        "placebo": _placebo,
        "weights": _weights,
        "decomposition": _decomposition,
        "estimates": _estimates,
        "robustness": lambda result: _named_table(
            "robustness", result, "The same headline under other choices and methods"
        ),
        "checks": lambda result: _named_table("checks", result, "Checks, with what was seen"),
        "model": lambda result: _table("coefficients", result, "Every coefficient, on the model's scale"),
    }[part](effect)


class Publishable(Protocol):
    """What ``publish`` takes: an Effect, a Chart, or another result with these."""

    MEDIA_TYPE: ClassVar[str]

    @property
    def about(self) -> str:
        """What it is of, in a few words."""
        ...

    @property
    def data(self) -> Mapping[str, Any]: ...

    @property
    def checks(self) -> tuple[Any, ...]: ...

    def published(self, rule: str) -> "Publishable": ...

    def to_dict(self) -> dict[str, Any]: ...


def publish(result: Publishable) -> None:
    """Emit a result for the book, as an output of the notebook, through the disclosure gate of its table.

    Nothing is written here: ``evalkit run`` takes the output out of the executed notebook.

    Parameters
    ----------
    result : Effect or Chart
        Of rows that ``load`` gave, so that it says under which rule they may be shown.

    Raises
    ------
    EvaluationError
        Where the result does not say which table its rows come from.

    Examples
    --------
    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2019-03",
    ... )
    >>> effect = ek.interrupted_time_series(
    ...     frame, outcome="value", time="period", unit="unit",
    ...     treated="weston", interruption="2017-07-04",
    ...     model="level", log=True, per_day=True, seasonality=2,
    ... )
    >>> ek.publish(effect)
    Published from table ae-monthly-2016-2019 under the rule
    'official_statistics': ae-attendances-type-1, weston.
    """
    from IPython.display import display

    rule = result.data.get("disclosure")
    if rule is None:
        what = result.MEDIA_TYPE.removeprefix("application/vnd.evalkit.").removesuffix("+json")
        raise EvaluationError(f"This {what} does not know which table its rows come from: load them with ek.load.")
    gated = result.published(rule)
    rows = result.data.get("table", "")
    what = "Kept on this machine" if rule in STAY_HERE else "Published"
    sentence = f"{what} from table {rows} under the rule {rule!r}: {gated.about}."
    display({result.MEDIA_TYPE: gated.to_dict(), "text/plain": sentence}, raw=True)


def show_coverage(table: Any, length: int) -> None:
    """Display a table of coverage in per cent, by length and correlation, and its figure at one length."""
    from evalkit.report.figures import charts

    wide = (
        (100 * table.pivot(index=["length", "correlation"], columns="method", values="coverage")).round(0).astype(int)
    )
    wide = wide[list(dict.fromkeys(table["method"]))].reset_index()
    names = {"length": "Months", "correlation": "Correlation"}
    _frame(wide.rename(columns=names), "Of 95% intervals, the share (%) that hold the true change in level")
    here = table[table["length"] == length]
    ranges = ", ".join(
        f"{name} from {100 * of_method['coverage'].max():.0f}% to {100 * of_method['coverage'].min():.0f}%"
        for name, of_method in here.groupby("method", sort=False)
    )
    alt = f"Line chart of coverage at {length} months against the correlation of neighbouring months: {ranges}."
    _image(charts.as_png(charts.coverage(table, length)), alt)


def _names(effect: Effect) -> tuple[str, str, bool]:
    """The measure in plain words, the place, and whether the data are invented."""
    labels = list(effect.treated_units)
    catalogue, known_labels = _catalogue(), _labels(effect)
    if design_called(effect.design).pools:
        place = f"{len(labels)} sites"
    elif catalogue is not None and all(label in known_labels for label in labels):
        place = catalogue.place(labels)
    else:
        place = "the place seen" if labels == [UNNAMED] else ", ".join(labels)
    measure = catalogue.measures.get(effect.measure) if catalogue is not None else None
    return measure.plain_name if measure else effect.measure, place, bool(effect.data.get("synthetic"))


def _catalogue() -> "Catalogue | None":
    """The records of the project around here; None outside a project."""
    from evalkit.catalogue import find_root, read_catalogue

    try:
        root = find_root()
    except EvaluationError:
        if "EVALKIT_ROOT" in os.environ:  # a project was named: say that it is not there
            raise
        return None
    return read_catalogue(root)


def _data(effect: Effect) -> None:
    name, place, _ = _names(effect)
    data = effect.data
    if design_called(effect.design).pools:
        text = escape(f"Effects on {name} at {place}")
    else:
        used = effect.comparators_used
        against = f", against {used} comparator{'s' if used != 1 else ''}" if used else ""
        text = escape(f"{len(effect.series)} periods of {name} at {place}{against}")
    periods = effect.series["period"].astype(str)
    first, last = (
        data.get(end) or (periods.iloc[at] if len(periods) else None) for end, at in (("first", 0), ("last", -1))
    )
    if first and last:
        text += f", {weeks_said(first)} to {weeks_said(last)}"  # escaped, as all that is added to Markup
    if data.get("table"):
        text += Markup(", from table <code>{}</code>.").format(data["table"])
    else:
        text += ". The rows are not from a table of the book, so nothing is said here of their source."
    if data.get("rows_sha256"):
        text += Markup(" Fingerprint of the rows used: <code>{}</code>.").format(data["rows_sha256"][:12])
    _say(text)


def _answer(effect: Effect) -> None:
    from evalkit.report.wording import words
    from evalkit.verdict import verdict

    name, place, synthetic = _names(effect)
    catalogue = _catalogue()
    measure = catalogue.measures.get(effect.measure) if catalogue is not None else None
    if not effect.is_estimated:
        _say(*_described_in_words(effect, name, place, synthetic))
        return
    if measure is None:
        row, lead = effect.headline, "Estimate"
        after = [*words.open_direction(row), words.no_verdict(effect, in_project=catalogue is not None)]
        close = "How certain this is depends on rival explanations too: ask what else changed at that time."
    else:
        judged = verdict(effect, measure)
        row, lead, after = (
            words.headline_row(effect, judged),
            f"By itself: {words.VERDICT_WORDS[judged.word].lower()}",
            [],
        )
        close = (
            "How much this may say depends on the other analyses of its evaluation and on rival explanations: see the page of"
            " the evaluation."
        )
    paragraphs = [
        Markup("<strong>{}</strong>: {}").format(
            lead,
            f"{words.change(row['estimate'], row['scale'])} in {name} at {place}{words.beside(effect)}"
            f" (95% interval {words.interval(row['low'], row['high'], row['scale'])}).",
        ),
        *after,
        f"The estimate is {effect.estimand}.",
        words.detectable_sentence(effect),
        effect.method_of_interval,
        close,
        *(words.with_names(note, _labels(effect)) for note in effect.notes),
    ]
    if synthetic:
        paragraphs.insert(0, SYNTHETIC)
    _say(*paragraphs)


def _described_in_words(effect: Effect, name: str, place: str, synthetic: bool) -> list[str]:
    """What was counted, how each point's interval is made, and that nothing follows from it."""
    from evalkit.report.wording import counted, words

    return [
        *([SYNTHETIC] if synthetic else []),
        Markup("<strong>Only described</strong>: {}").format(counted.headline(effect, name, place)),
        counted.before_and_after(effect),
        effect.method_of_interval,
        *(words.with_names(note, _labels(effect)) for note in effect.notes),
    ]


def figure(effect: Effect | Chart, part: str = "figure") -> "Figure":
    """A figure of an effect or of a control chart, to look at or to save.

    Its method ``savefig`` writes it as PNG, SVG or PDF.

    Parameters
    ----------
    effect : Effect or Chart
        Of any design.
    part : str
        ``"figure"``, ``"event study"`` or ``"placebo"``, as in ``show``; a chart has the first only.

    Returns
    -------
    matplotlib.figure.Figure
        16 to 9, 9.6 by 5.4 inches, with what it found as its title; a forest of pooled sites is as high as they need.

    Raises
    ------
    EvaluationError
        Where there is no such figure.

    Examples
    --------
    >>> import evalkit as ek
    >>> frame = ek.load(
    ...     site="weston", measure="ae-attendances-type-1",
    ...     first="2016-04", last="2019-03",
    ... )
    >>> effect = ek.interrupted_time_series(
    ...     frame, outcome="value", time="period", unit="unit",
    ...     treated="weston", interruption="2017-07-04",
    ...     model="level", log=True, per_day=True, seasonality=2,
    ... )
    >>> ek.figure(effect).get_suptitle()
    'Visits to major A&E departments: 15.3% below what was expected'
    """
    if isinstance(effect, Chart):
        if part != "figure":
            raise EvaluationError(f"A chart has no {part}: leave `part` out.")
        return chart_in_notebook.figure(effect, *_chart_names(effect), _source(effect))
    if part not in FIGURES:
        raise EvaluationError(f"figure has no part {part!r}: use one of {', '.join(FIGURES)}.")
    if part == "figure" and design_called(effect.design).figure == "forest":
        from evalkit.report.figures.forest import forest

        name, _, synthetic = _names(effect)
        return forest(effect, name, _labels(effect), synthetic)
    from evalkit.report.figures import picture

    if part != "figure" and not effect.is_estimated:
        raise EvaluationError(f"This effect has no {part}. {ONLY_DESCRIBED}")
    described = _described(effect, part)
    if described is None:
        raise EvaluationError(f"This effect has no {part}: {NO_FIGURE[part]}")
    return picture.draw(described)


def _described(effect: Effect, part: str) -> "Described | None":
    from evalkit.report.figures import describe

    name, place, synthetic = _names(effect)
    described = describe.of_part(effect, part, name, place, _labels(effect), synthetic)
    return described and replace(described, source=_source(effect))


def _show_chart(chart: Chart, part: str) -> None:
    from IPython.display import display

    shown = chart_in_notebook.show(chart, part, *_chart_names(chart), _source(chart))
    alt = {"metadata": {"image/png": {"alt": shown["text/plain"]}}} if "image/png" in shown else {}
    display(shown, raw=True, **alt)


def _chart_names(chart: Chart) -> tuple[str, str]:
    """The measure in plain words and the place, as far as the project around here knows them."""
    catalogue = _catalogue()
    measure = catalogue.measures.get(chart.measure) if catalogue is not None else None
    names = catalogue.names([chart.label]) if catalogue is not None and chart.label else {}
    return measure.plain_name if measure else chart.measure, names.get(chart.label, chart.label)


def _source(effect: Effect | Chart) -> str:
    """Where the figures are from, as far as the project around here knows the table."""
    catalogue = _catalogue()
    table = catalogue.tables.get(effect.data.get("table", "")) if catalogue is not None else None
    if table is None:
        return ""
    return f"Data: {table.title}, {', '.join(licence.title or licence.name for licence in table.licenses)}."


def _figure(effect: Effect) -> None:
    from evalkit.report.figures import charts
    from evalkit.report.wording import words

    if not effect.is_estimated:
        _drawn(effect, "figure")
        return
    name, place, _ = _names(effect)
    pools = design_called(effect.design).figure == "forest"
    alt = words.pooled_alt_text(effect, name, _labels(effect)) if pools else words.alt_text(effect, name, place)
    _image(charts.as_png(figure(effect)), alt)


def _points(effect: Effect) -> None:
    if effect.is_estimated:
        _say("There is no table of single points here: a change was estimated, so show the figure.")
    else:
        _table("points", effect, "Every point that was counted")


def _event_study(effect: Effect) -> None:
    from evalkit.report.figures import event_study

    if _drawn(effect, "event study"):
        _say(event_study.caption(effect))


def _placebo(effect: Effect) -> None:
    from evalkit.report.wording import captions

    if design_called(effect.design).pools:
        _say("There is no figure here: comparators are ranked at each site by itself, so show the sites' own effects.")
    elif _drawn(effect, "placebo") and (explanation := captions.glossary(effect)):
        _say(explanation)


def _drawn(effect: Effect, part: str) -> bool:
    """Display a figure, or say why there is none."""
    from evalkit.report.figures import charts, picture

    described = _described(effect, part)
    if described is None:
        _say(f"There is no figure here: {NO_FIGURE[part]}")
        return False
    _image(charts.as_png(picture.draw(described)), described.alt)
    return True


def _estimates(effect: Effect) -> None:
    from evalkit.report import tables
    from evalkit.report.wording import captions, lasting, over_time
    from evalkit.verdict import verdict

    _named_table("estimates", effect, "The effect, by kind and month")
    looks = tables.follow_up(effect)
    if not looks.empty:
        _frame(looks, "The headline with the figures of each look")
    over_quarters = tables.over_quarters(effect)
    if not over_quarters.empty:
        _frame(over_quarters, "Has it lasted? The effect in the quarter of a year that ends at each time")
        _say(*lasting.sentences(effect))
    catalogue = _catalogue()
    measure = catalogue.measures.get(effect.measure) if catalogue is not None else None
    judged = verdict(effect, measure) if measure else None
    if told := over_time.facts(effect, judged, _counted(effect, measure)):
        _say(*(text for _, text in told))
    if sentence := captions.unbounded(effect):
        _say(sentence)


def _counted(effect: Effect, measure: "Measure | None") -> str:
    """What adds up over the months of an effect."""
    return (measure.adds_up_to or "") if measure else effect.measure


def _weights(effect: Effect) -> None:
    from evalkit.report.wording import captions

    _say(captions.weighted(effect))
    if "weights" in effect.tables:
        pooled = design_called(effect.design).pools
        caption = "Sites, with what each counts for" if pooled else "Comparators and periods, with what each counts for"
        _named_table("weights", effect, caption)


def _decomposition(effect: Effect) -> None:
    from evalkit.report import tables
    from evalkit.report.wording import captions

    _say(captions.forbidden(effect))
    if "decomposition" in effect.tables:
        _frame(tables.decomposition(effect), "What a plain regression would average")


def _labels(effect: Effect) -> dict[str, str]:
    """The names of all units of an effect that the catalogue knows, by label."""
    catalogue = _catalogue()
    if catalogue is None:
        return {}
    members = effect.tables["members"]["unit"] if "members" in effect.tables else ()
    return catalogue.names([*effect.treated_units, *members])


def _named_table(name: str, effect: Effect, caption: str) -> None:
    from evalkit.report import tables

    _frame(getattr(tables, name)(effect, _labels(effect)), caption)


def _table(name: str, effect: Effect, caption: str) -> None:
    from evalkit.report import tables

    _frame(getattr(tables, name)(effect), caption)


def _say(*paragraphs: str) -> None:
    """Display paragraphs: text, or HTML as ``Markup``, which escapes what is put into it."""
    from IPython.display import display

    as_html = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    plain = "\n\n".join(Markup(escape(paragraph)).striptags() for paragraph in paragraphs)
    display({"text/html": as_html, "text/plain": plain}, raw=True)


def _image(png: bytes, alt: str) -> None:
    from IPython.display import display

    display({"image/png": b64encode(png).decode(), "text/plain": alt}, raw=True, metadata={"image/png": {"alt": alt}})


def _frame(frame: Any, caption: str) -> None:
    """A table with a caption and header cells that say what they head."""
    from IPython.display import display

    from evalkit.report.tables import as_html

    display({"text/html": as_html(frame, caption), "text/plain": frame.to_string(index=False)}, raw=True)
