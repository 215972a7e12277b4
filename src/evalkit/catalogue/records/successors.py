"""What became of an organisation's code: a line of ``data/successors.csv``."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from evalkit.catalogue.records.fields import INVENTED, Day, OneLine, OrgCode, Record

Kind = Literal["merged", "split", "recoded", "withdrawn", "opened", "closed"]
WITHOUT_SUCCESSOR = ("withdrawn", "opened", "closed")


def _first_day(written: Any) -> Any:
    """A month stands for its first day."""
    return (
        f"{written.strip()}-01" if isinstance(written, str) and re.fullmatch(r"\s*\d{4}-\d\d\s*", written) else written
    )


class Succession(Record):
    """One code that went into another, or began or ended by itself.

    The lines of one day say together what became of what: all that was counted under their ``code``s before it is what is
    counted under their ``successor``s from it on. A code that goes on is there as a successor of itself. What ``opened`` was
    not there before and what ``closed`` is not there after, so that nothing is missing from a sum of which they are a part;
    what was ``withdrawn`` may go on uncounted.
    """

    code: OrgCode
    successor: OrgCode | None = None
    since: Annotated[Day, BeforeValidator(_first_day)] = Field(alias="from")
    kind: Kind
    source: OneLine | None = None

    @property
    def key(self) -> str:
        """What tells it from every other line."""
        return f"{self.code} {self.successor or self.kind} {self.since}"

    @property
    def codes(self) -> frozenset[str]:
        """The codes that it names."""
        return frozenset({self.code} if self.successor is None else {self.code, self.successor})

    @property
    def before(self) -> frozenset[str]:
        """The code that was used until then; none of what opened."""
        return frozenset() if self.kind == "opened" else frozenset({self.code})

    @property
    def after(self) -> frozenset[str]:
        """The code that is used from then on; none of what was withdrawn or closed."""
        if self.kind == "opened":
            return frozenset({self.code})
        return frozenset() if self.successor is None else frozenset({self.successor})

    def written(self) -> dict[str, str | None]:
        """As it stands in the file."""
        return {
            "code": self.code, "successor": self.successor, "from": self.since.isoformat(), "kind": self.kind,
            "source": self.source,
        }  # fmt: skip

    @model_validator(mode="after")
    def _names_a_successor(self) -> "Succession":
        if self.kind in WITHOUT_SUCCESSOR and self.successor is not None:
            raise ValueError(
                f"`successor` is given, and what {_has(self.kind)} has none: leave it empty, or correct `kind`"
            )
        if self.kind not in WITHOUT_SUCCESSOR and self.successor is None:
            raise ValueError(
                "`successor` is missing: write the code that is used from that day on, or, as `kind`, `withdrawn` or `closed`"
                " where there is none"
            )
        if self.kind == "recoded" and self.successor == self.code:
            raise ValueError("`successor` is the code itself, and a recoded one has another: correct one of the two")
        return self

    @model_validator(mode="after")
    def _real_codes_cite(self) -> "Succession":
        invented = {code.startswith(INVENTED) for code in self.codes}
        if len(invented) > 1:
            raise ValueError(
                "`successor` is of a real organisation and the code invented, or the other way round: correct it"
            )
        if invented == {False} and self.source is None:
            raise ValueError("`source` is missing: say where it can be read that this became of a real organisation")
        return self


@dataclass(frozen=True)
class Event:
    """What happened to some codes on one day.

    Attributes
    ----------
    before, after : frozenset of str
        Codes that hold between them the same activity before the day and from it on; none after what was withdrawn or
        closed, and none before what opened.
    """

    since: date
    before: frozenset[str]
    after: frozenset[str]
    lines: tuple[Succession, ...]

    @property
    def ended(self) -> frozenset[str]:
        """Codes that are used no more."""
        return self.before - self.after

    @property
    def began(self) -> frozenset[str]:
        """Codes that were not used before."""
        return self.after - self.before

    def in_words(self) -> str:
        """What happened, as a sentence with the codes."""
        before, after, day = listed(self.before), listed(self.after), day_in_words(self.since)
        if self.kinds <= {*WITHOUT_SUCCESSOR}:
            what = f"{before or after} {_has(min(self.kinds))} {on_day(self.since)}"
        elif self.kinds == {"merged"}:
            what = f"{before} merged into {after} {on_day(self.since)}"
        elif self.kinds == {"recoded"}:
            what = f"{before} has been {after} since {day}"
        elif self.kinds == {"split"}:
            what = f"{before} was split into {after} {on_day(self.since)}"
        else:
            what = f"what was counted under {before} has been counted under {after} since {day}"
        return f"{what[0].upper()}{what[1:]}{self.cited()}."

    def cited(self) -> str:
        """Its sources in brackets; nothing where none is given."""
        sources = dict.fromkeys(line.source for line in self.lines if line.source)
        return f" ({'; '.join(sources)})" if sources else ""

    @property
    def kinds(self) -> set[str]:
        """The words of its lines."""
        return {line.kind for line in self.lines}


def events_of(lines: Iterable[Succession]) -> tuple[Event, ...]:
    """Lines of one day that share a code, together; the earliest first."""
    events: list[Event] = []
    for line in sorted(lines, key=lambda line: (line.since, line.code, line.successor or "")):
        touching = [
            event for event in events if event.since == line.since and line.codes & (event.before | event.after)
        ]
        others = [event for event in events if event not in touching]
        together = Event(
            line.since,
            line.before.union(*(event.before for event in touching)),
            line.after.union(*(event.after for event in touching)),
            (*(one for event in touching for one in event.lines), line),
        )
        events = [*others, together]
    return tuple(sorted(events, key=lambda event: (event.since, sorted(event.before))))


def connected(codes: Iterable[str], events: Sequence[Event]) -> frozenset[str]:
    """The codes, and all that they ever became or came from."""
    reached, size = frozenset(codes), -1
    while len(reached) != size:
        size = len(reached)
        for event in events:
            if (event.before | event.after) & reached:
                reached |= event.before | event.after
    return reached


def listed(codes: Iterable[str]) -> str:
    """Codes as a sentence names them."""
    *most, last = sorted(codes) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _has(kind: str) -> str:
    return f"was {kind}" if kind == "withdrawn" else kind


def day_in_words(day: date) -> str:
    """The month, for its first day."""
    return f"{day:%B %Y}" if day.day == 1 else f"{day.day} {day:%B %Y}"


def on_day(day: date) -> str:
    """When, as a sentence says it: in a month, for its first day, else on the day."""
    return f"{'in' if day.day == 1 else 'on'} {day_in_words(day)}"
