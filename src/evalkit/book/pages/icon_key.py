"""The key of a page's icons of control charts: each as it is drawn there, beside its words."""

from collections.abc import Iterable
from dataclasses import dataclass

from evalkit.book.partners.chance import NOT_MEASURED, TOO_OFTEN, ChanceRate
from evalkit.charts.icons import HOLLOW, UNREAD, name_of, used_icon

OF_VARIATION = {
    ("improvement_high", "improvement_low"): "improving: a special cause in the better direction (H higher, L lower)",
    ("concern_high", "concern_low"): "concerning: a special cause in the worse direction (H higher, L lower)",
    ("neutral_high", "neutral_low"): "a special cause, higher or lower, where neither direction is better",
    ("common_cause",): "common cause: the last month is within what is usual",
}
OF_ASSURANCE = {
    ("pass",): "both limits lie on the better side of the target; how many months met it is told beside it",
    ("fail",): "both limits lie on the worse side of the target; how many months met it is told beside it",
    ("hit_and_miss",): "the target lies within the limits; how many months met it is told beside it",
}


@dataclass(frozen=True)
class IconKey:
    """A line of the key; ``drawn`` is SVG that shows icons of the page's sheet, ``hollow`` says that it is of hollow ones."""

    drawn: str
    says: str
    hollow: bool = False


def icon_key(used: Iterable[str]) -> list[IconKey]:
    """The key of the icons with these names (``charts.icons.name_of``)."""
    there = {*used}
    lines = []
    for groups, of_assurance in ((OF_VARIATION, False), (OF_ASSURANCE, True)):
        for codes, says in groups.items():
            names = [name_of(code, of_assurance, hollow) for code in codes for hollow in (False, True)]
            drawn = "".join(used_icon(name) for name in names if name in there)
            if drawn:
                lines.append(IconKey(drawn, says))
    if UNREAD in there:
        lines.append(
            IconKey(
                used_icon(UNREAD),
                "cannot be read here: chance raises icons of this measure in more than a third of series in which nothing happens, so none is shown",
            )
        )
    often = f"chance alone raises it in more than {TOO_OFTEN:.0%} of series in which nothing happens"
    for kind, says in (
        ("v", f"hollow, without a colour: {often}, so it is weak evidence"),
        ("a", "hollow, of a target: one of the last twelve months did otherwise than the icon says"),
    ):
        hollow = sorted(name for name in there if name.startswith(kind) and name.endswith(HOLLOW))
        if hollow:
            lines.append(IconKey(used_icon(hollow[0]), says, hollow=True))
    return lines


def by_chance_in_words(rate: ChanceRate | None) -> str:
    """How often an icon like one is raised where nothing happens, in a short sentence for the side of it."""
    if rate is None:
        return f"{NOT_MEASURED[0].upper()}{NOT_MEASURED[1:]}."
    return f"Where nothing happens, about {rate.alarms:.0%} of charts of this measure raise an icon."
