"""A journey as pages show it: a drawing and a table of each version, and what is counted in them."""

import html
from dataclasses import dataclass
from textwrap import wrap

from evalkit.catalogue.records.voices import NOT_REPORTED, JourneyRecord
from evalkit.journey.journeys import Journey, Version
from evalkit.journey.read_journey import Step

WIDTH = 280  # of a drawing, in pixels: as a narrow phone shows it whole, so that its words are never made smaller
LETTERS, SMALL_LETTERS = 36, 50  # that a line of that width holds
LINE, BAR, GAP = 18, 12, 12
LEAST = 2  # width of a part that is too short to be seen
TITLES = {"before": "Before the change", "after": "After the change"}


@dataclass(frozen=True)
class VersionShown:
    """One version: its heading, when it was, the drawing as SVG, sentences, and a row a step for the table."""

    title: str
    when: str
    drawing: str
    counted: list[str]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class JourneyShown:
    """A journey of a site; ``compared`` says in sentences what changed, and is empty without a second version."""

    record: JourneyRecord
    versions: list[VersionShown]
    compared: list[str]


def journey_shown(journey: Journey) -> JourneyShown:
    """Its drawings to one scale, so that their lengths compare."""
    longest = max(
        ((step.wait or 0) + (step.value_adding or 0) for version in journey.versions for step in version.steps),
        default=0,
    )
    when = {"before": journey.record.before, "after": journey.record.after or ""}
    shown = [
        VersionShown(
            TITLES[version.when],
            when[version.when],
            _drawing(version, longest),
            _counted(version),
            [_row(step) for step in version.steps],
        )
        for version in journey.versions
    ]
    return JourneyShown(journey.record, shown, _compared(journey.versions))


def minutes(count: int | None) -> str:
    """Minutes as people say them."""
    if count is None:
        return "not known"
    hours, rest = divmod(count, 60)
    days, hours = divmod(hours, 24)
    parts = [
        f"{number} {word}"
        for number, word in ((days, "day" if days == 1 else "days"), (hours, "h"), (rest, "min"))
        if number
    ]
    return " ".join(parts) or "0 min"


def _row(step: Step) -> tuple[str, ...]:
    cause = "not reported" if step.cause_of_delay == NOT_REPORTED else step.cause_of_delay or ""
    told = "yes" if step.story_told else "no"
    known = [minutes(step.wait), minutes(step.value_adding)]
    return (step.step, step.setting, step.organisation, *known, cause, told, step.said or "")


def _counted(version: Version) -> list[str]:
    whole = None if version.wait is None or version.value_adding is None else version.wait + version.value_adding
    first = f"{len(version.steps)} steps, {minutes(whole)} in all"
    if version.share is None:
        share = "How much of that helped the patient is not known, as the minutes of a step are missing"
    else:
        share = f"{minutes(version.value_adding)} of that helped the patient: {_share(version.share)}"
    told = f"The story was told {_times(version.told)}"
    if version.told_again:
        told += f"; {_times(version.told_again)} it was told again"
    return [f"{first}.", f"{share}.", f"{told}."]


def _compared(versions: list[Version]) -> list[str]:
    if len(versions) < len(TITLES):
        return []
    before, after = versions
    sentences = [f"The story was told {_times(before.told)} before and {_times(after.told)} after."]
    if before.share is not None and after.share is not None:
        sentences.append(
            f"The share of time that helped the patient was {_share(before.share)} before and {_share(after.share)} after."
        )
    if before.wait is not None and after.wait is not None:
        sentences.append(f"Waiting was {minutes(before.wait)} before and {minutes(after.wait)} after.")
    return sentences


def _share(share: float) -> str:
    """In whole per cent, as minutes that were noted on one way are no closer."""
    return "less than 1%" if 0 < share < 1 else f"{share:.0f}%"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _drawing(version: Version, longest: int) -> str:
    """Below each other, of each step its words, an empty box for waiting and a full one for what helped, and both in words."""
    parts, down = [], LINE
    for number, step in enumerate(version.steps, start=1):
        for line in wrap(f"{number}. {step.step}", LETTERS):
            parts.append(f'<text class="ek-journey-step" x="0" y="{down}">{html.escape(line)}</text>')
            down += LINE
        waited, helped = (_width(part, longest) for part in (step.wait, step.value_adding))
        top = down - BAR + 2
        if waited:
            parts.append(f'<rect class="ek-journey-wait" x="0.5" y="{top + 0.5}" width="{waited}" height="{BAR - 1}"/>')
        if helped:
            parts.append(f'<rect class="ek-journey-care" x="{waited + 1}" y="{top}" width="{helped}" height="{BAR}"/>')
        down += LINE
        said = f"{minutes(step.wait)} waiting, {minutes(step.value_adding)} that helped"
        for line in wrap(said + ("; story told" if step.story_told else ""), SMALL_LETTERS):
            parts.append(f'<text class="ek-journey-said" x="0" y="{down}">{html.escape(line)}</text>')
            down += LINE
        down += GAP
    height = down - GAP
    label = html.escape(
        f"{TITLES[version.when]}: {' '.join(_counted(version))} The table below has every step.", quote=True
    )
    return (
        f'<svg class="ek-journey" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"'
        f' aria-label="{label}">{"".join(parts)}</svg>'
    )


def _width(part: int | None, longest: int) -> float:
    """Of the drawing, less what the other part may add at the least."""
    if not part or not longest:
        return 0
    return max(round((WIDTH - 2 * LEAST - 2) * part / longest, 1), LEAST)
