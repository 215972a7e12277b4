"""Do the lines of ``data/successors.csv`` agree with each other, and with the codes that there are?"""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.successors import WITHOUT_SUCCESSOR, Event, Succession, events_of
from evalkit.errors import Problem


def check_successors(catalogue: Catalogue) -> list[Problem]:
    """Unknown codes, circles, and events of which a part is missing or another word would be right."""
    lines = catalogue.successors
    problems = []
    for key, line in lines.items():
        for column, code in (("code", line.code), ("successor", line.successor)):
            if code is not None:
                problems += catalogue.unknown(
                    "successors", key, (column,), code, catalogue.organisations,
                    "a provider code in data/organisations.csv", "correct it, or add a line there with its name",
                )  # fmt: skip
    events = events_of(lines.values())
    told = [*_circles(list(lines.values())), *_ended_before(events)]
    for event in events:
        told += _parts(event)
    return problems + [catalogue.problem("successors", line.key, (column,), what) for line, column, what in told]


Told = Iterator[tuple[Succession, str, str]]


def _circles(lines: list[Succession]) -> Told:
    onward: dict[str, set[str]] = {}
    for line in lines:
        if line.successor is not None and line.successor != line.code:
            onward.setdefault(line.code, set()).add(line.successor)
    try:
        TopologicalSorter(onward).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        line = next(
            line for line in lines if line.code in circle and line.successor in circle and line.code != line.successor
        )
        yield (
            line,
            "successor",
            (
                f"`successor` leads back to where it came from ({' to '.join(circle)}), and no code becomes its own"
                " predecessor: correct one of these lines."
            ),
        )


def _ended_before(events: tuple[Event, ...]) -> Told:
    """A code that ended cannot go on elsewhere, unless something became it again."""
    over: dict[str, Event] = {}
    for event in events:
        for line in event.lines:
            earlier = over.get(line.code)
            if earlier is not None:
                yield (
                    line,
                    "from",
                    (
                        f"`from` is {line.since}, and {line.code} had ended on {earlier.since} already: correct one of the two lines."
                    ),
                )
        over |= dict.fromkeys(event.ended, event)
        for code in event.after:
            over.pop(code, None)


def _parts(event: Event) -> Told:
    """Every part of what merged or split is named, and the kind is the word for what the lines say."""
    for line in event.lines:
        if line.kind in WITHOUT_SUCCESSOR:
            if len(event.lines) > 1:
                yield (
                    line,
                    "kind",
                    (
                        f"`kind` is {line.kind}, and {line.code} stands in another line of {line.since}: keep one of the two."
                    ),
                )
            continue
        onward = [other for other in event.lines if other.code == line.code and other.successor is not None]
        into = [other for other in event.lines if other.successor == line.successor]
        if line.kind in ("merged", "recoded") and len(onward) > 1:
            yield (
                line,
                "kind",
                (
                    f"`kind` is {line.kind}, and {line.code} has {len(onward)} successors on {line.since}: write split, or keep the"
                    " one that is right."
                ),
            )
        elif line.kind == "recoded" and len(into) > 1:
            yield (
                line,
                "kind",
                (f"`kind` is recoded, and {len(into)} codes go into {line.successor} on {line.since}: write merged."),
            )
        elif line.kind == "merged" and len(into) == 1 and len(event.before) == 1:
            yield (
                line,
                "successor",
                (
                    f"only {line.code} is named of what merged into {line.successor} on {line.since}: add a line for each of the"
                    f" others, and one from {line.successor} to itself if that code was used before."
                ),
            )
        elif line.kind == "split" and len(onward) == 1:
            yield (
                line,
                "successor",
                (
                    f"only {line.successor} is named of what {line.code} was split into on {line.since}: add a line for each of the"
                    f" others, and one from {line.code} to itself if that code goes on."
                ),
            )
