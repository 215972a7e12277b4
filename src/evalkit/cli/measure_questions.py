"""What is asked about a measure that data/measures.yml does not describe yet."""

import re

from evalkit.catalogue import Catalogue
from evalkit.catalogue.new_measure_files import NewMeasure, scale_of_change
from evalkit.catalogue.records.measures import Exposure
from evalkit.cli.asking import Asking, Question
from evalkit.errors import EvaluationError
from evalkit.intake.table_contents import TableContents

FORMS = {
    "count": "how many",
    "proportion": "a share in %, from its part and its whole",
    "rate": "so many for each of something, from both",
    "mean": "a mean, from the sum and the number",
    "median": "a median, with the number of people behind it",
}
DIRECTIONS = {
    "increase": "more is better",
    "decrease": "less is better",
    "neutral": "neither is better by itself",
}
EXPOSURES = {
    "calendar_days": "it can happen on any day",
    "weekend_days": "it happens on Saturdays and Sundays",
    "working_days": "it happens from Monday to Friday, but for bank holidays in England",
    "person_time": "it is set against the denominator, such as days in beds",
    "none": "the length of a month does not matter to it",
}
TYPES = {
    "outcome": "what the change is for",
    "process": "whether the change was carried out",
    "balancing": "what may get worse elsewhere for it",
    "structure": "what is there to do it with",
}


def ask_measure(
    asking: Asking, catalogue: Catalogue, id: str, prefix: str = "measure-", contents: TableContents | None = None
) -> NewMeasure | None:
    """The description of a new measure, by flags that begin with ``prefix``; nothing where too little was said."""
    words = catalogue.vocabularies
    wholes = None if contents is None else contents.spans[contents.spans["measure"] == id]["wholes"].sum()

    def form_of(written: str) -> str:
        if written != "count" and wholes == 0:
            raise EvaluationError(
                f"`{id}` is to be a {written}, and no row of it has a denominator: fill in that column. A percentage alone is"
                " not enough: give its two counts, the part and the whole; only a plain number of something is a count."
            )
        return written

    name = asking.get(Question(f"{prefix}name", f"Name of the measure `{id}`"))
    unit = asking.get(Question(f"{prefix}unit", "Its unit, such as discharges"))
    form = asking.get(Question(f"{prefix}form", "What it is", FORMS, read=form_of))
    exposure = ask_exposure(asking, id, prefix, wholes) if form == "count" else None
    direction = asking.get(Question(f"{prefix}direction", "What is better", DIRECTIONS))
    kind = asking.get(Question(f"{prefix}type", "What it measures", TYPES))
    domain = asking.get(Question(f"{prefix}domain", "What it belongs to", words.get("domains", {})))
    definition = asking.get(
        Question(
            f"{prefix}definition",
            "How exactly it is counted, in a sentence (empty: as the site counts it)",
            optional=True,
        )
    )
    stage = asking.get(
        Question(
            f"{prefix}flow-stage",
            "Where on the way of a patient (empty: nowhere)",
            words.get("flow_stages", {}),
            optional=True,
        )
    )
    scale = scale_of_change(form or "count")
    least = asking.get(
        Question(
            "important-change",
            f"Smallest change worth acting on, {IN_WORDS[scale]} (empty if not agreed)",
            optional=True,
            read=lambda written: change_of(written, scale),
        )
    )
    because = None
    change, said = least or (None, None)
    if least is not None:
        because = asking.get(
            Question("important-because", "Why that much (empty if no reason was given)", optional=True)
        )
    if None in (name, unit, form, direction, kind, domain):
        return None
    return NewMeasure(name, unit, form, direction, kind, domain, definition, stage, change, because, exposure, said)


def ask_exposure(asking: Asking, id: str, prefix: str, wholes: int | None) -> Exposure | None:
    """What a count is taken per; nothing where it was not said."""

    def over(written: str) -> str:
        if written == "person_time" and wholes == 0:
            raise EvaluationError(
                f"`{id}` is to be over person-time, and no row of it has a denominator: fill in that column, or choose days."
            )
        return written

    what = "On what it is counted, so that months of unequal length compare (empty: on any day)"
    return asking.get(Question(f"{prefix}exposure", what, EXPOSURES, optional=True, read=over))


IN_WORDS = {"percent": "in per cent", "points": "in percentage points", "unit": "in its unit"}


def change_of(written: str, scale: str) -> tuple[float, str]:
    """A smallest change worth acting on, more than 0, and its scale: a percent sign stands only behind a percentage, and a
    count's may be told in its own unit, as `0.5 unit`."""
    figure = written.strip()
    if scale == "percent" and figure.endswith("unit"):
        scale, figure = "unit", figure.removesuffix("unit").rstrip()
    elif scale == "percent":
        figure = figure.removesuffix("%").rstrip()
    if not re.fullmatch(r"\d+(\.\d+)?", figure) or float(figure) == 0:
        example = {"percent": "5 or 5% for five per cent", "points": "5 for five points"}.get(scale, "0.5, in its unit")
        raise EvaluationError(
            f"The smallest change worth acting on (--important-change) is {written!r}, which cannot be read:"
            f" write it in figures above 0 with a decimal point, such as {example}."
        )
    return float(figure), scale


def refuse_change_in_percent(
    asking: Asking, catalogue: Catalogue, id: str, new: NewMeasure | None, said_of_noughts: str
) -> None:
    """Say, where a count has no logarithm, that its smallest change worth acting on is on another scale than the result."""
    known = catalogue.measures[id].minimum_important_change if new is None else None
    if new is not None and new.important_change is not None and new.scale_of_change == "percent":
        asking.refuse(
            f"{said_of_noughts} Give the smallest change worth acting on in it too, as --important-change '0.5 unit', or leave"
            " it out."
        )
    elif known is not None and known.scale == "percent":
        asking.refuse(
            f"{said_of_noughts} Its smallest change that matters is in per cent (`minimum_important_change` of `{id}` in"
            " data/measures.yml): give that in the unit, use a window or places without a nought, or set up one site by itself"
            " with `evalkit new evaluation`, which takes noughts by a model of counts."
        )
