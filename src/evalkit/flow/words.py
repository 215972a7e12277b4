"""Whom patients waited for, in sentences that a ward manager would say."""

from collections.abc import Callable, Sequence

from evalkit.flow.hundredths import in_a_hundred, share
from evalkit.flow.jumps import Jump
from evalkit.flow.order import foremost
from evalkit.flow.waiting import ClassShare, Waiting

NAMES = {
    "in_hospital": "In hospital",
    "interface": "At the interface",
    "out_of_hospital": "Outside the hospital",
    "patient_and_family": "Choice, mental capacity and safeguarding",
}
CANNOT_BE_TOLD = "cannot be told"
NOT_KNOWN = "not known"
NOT_IN_BOOK = "how many stayed is not in this book"
CONFLICT = "more patients have a reason than stayed, in too many of the months"
NOT_ASKED = (
    "Many of them were probably not asked: it is likely, and not certain, that reasons are asked only of patients who have been"
    " in hospital for seven days or more."
)
ONE_REASON = "One reason is recorded for a patient, although several may hold at once, and trusts differ in which of them they choose."
NO_BLAME = "No class says who is to blame. Each hospital records the reasons itself; what others would say is not in the table."
NOT_THE_FAMILY = (
    f"“{NAMES['patient_and_family']}” is no delay that patients or families cause: professionals assess mental capacity and make"
    " safeguarding enquiries, and providers and brokers have a part in care that is chosen or paid for."
)


def largest(found: Waiting) -> str:
    """The class with the most patients whose reason was recorded, and the next; or that which is larger cannot be told."""
    first = foremost(found.classes)
    if len(first) > 1:
        return f"{_listed(first, 'and')}: which is larger cannot be told."
    then = foremost([one for one in found.classes if one not in first])
    said = f"{_listed(first, 'and')} is the largest class"
    if not then:
        return f"{said}."
    unclear = ": which of these is larger cannot be told" if len(then) > 1 else ""
    return f"{said}, then {_listed(then, 'or')}{unclear}."


def leading(found: Waiting) -> str:
    """The class, or the classes, that may be the largest, by name."""
    return " or ".join(f"“{NAMES[one.name]}”" for one in foremost(found.classes))


def unknown(found: Waiting, when: str) -> str:
    """One line on those who stayed without a reason; ``when`` as in ``from June 2024 to May 2025``."""
    if found.unrecorded is None:
        why = CONFLICT if found.in_conflict else NOT_IN_BOOK
        return f"How many of those who stayed {when} have no reason cannot be told: {why}."
    return (
        f"For {share(found.unrecorded)} in 100 of those who were ready to leave and stayed {when}, no reason was recorded: they may"
        " have waited for anybody."
    )


def jumped(jump: Jump, named: Callable[[str], str]) -> str:
    """A sentence on a jump; ``named`` says a month in words."""
    was, became = (f"{count:,.0f}" for count in jump.recorded)
    shares = (
        f" and “{NAMES[jump.name]}” went from {in_a_hundred(*jump.before)} of them to {in_a_hundred(*jump.after)}"
        if jump.name
        else ""
    )
    return f"From {named(jump.first)} to {named(jump.second)} the patients with a recorded reason went from {was} to {became}{shares}."


def far_apart(of_trusts: Sequence[tuple[str, Waiting]], least: float) -> str:
    """Between which two trusts a class's share differs the most, by name; empty where none does by ``least`` (of 1)."""
    best: tuple[float, tuple[tuple[str, ClassShare], ...]] = (0, ())
    for at in range(len(of_trusts[0][1].classes)) if of_trusts else ():
        low = min(of_trusts, key=lambda one: one[1].classes[at].high)
        high = max(of_trusts, key=lambda one: one[1].classes[at].low)
        apart = high[1].classes[at].low - low[1].classes[at].high
        if apart > best[0]:
            best = (
                apart,
                tuple(
                    (name, found.classes[at]) for name, found in sorted((low, high), key=lambda one: one[0].casefold())
                ),
            )
    if best[0] < least:
        return ""
    (one, first), (other, second) = best[1]
    return (
        f"Trusts here record very differently: “{NAMES[first.name]}” is {in_a_hundred(first.low, first.high)} at {one} and"
        f" {in_a_hundred(second.low, second.high)} at {other}, so that the place as a whole is like neither."
    )


def _listed(classes: Sequence[ClassShare], word: str) -> str:
    told = [f"“{NAMES[one.name]}” ({in_a_hundred(one.low, one.high)})" for one in classes]
    return f"{', '.join(told[:-1])} {word} {told[-1]}" if len(told) > 1 else told[0]
