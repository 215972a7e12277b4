"""Sentences made from an Effect and its Verdict."""

import math
import re
from collections.abc import Mapping

import pandas as pd

from evalkit.design_register import design_called
from evalkit.disclosure.rules import small_numbers
from evalkit.effect import Effect
from evalkit.errors import weeks_said
from evalkit.inference.overstatement import overstated
from evalkit.intake.periods import NUMBERS
from evalkit.report.wording.hedges import did_not_change, moved
from evalkit.report.wording.records import EXPECTED
from evalkit.verdict import UNDECIDED, Verdict

VERDICT_WORDS = {
    "improved": "Improved",
    "slightly_improved": "Slightly improved",
    "worse": "Worse",
    "slightly_worse": "Slightly worse",
    "increased": "Increased",
    "slightly_increased": "Slightly increased",
    "decreased": "Decreased",
    "slightly_decreased": "Slightly decreased",
    "no_important_change": "No important change",
    "inconclusive": "Inconclusive",
    "unclear": "Unclear",
    "not_evaluable": "Could not be evaluated",
    "described": "Only described",
}
OVERSTATES_FROM = 1.05
FOUND_WITH = ("high", "moderate")  # certainty from which a change is said to have been found
NAMED_STARTS = 4  # starts that a sentence tells one by one
SCALE_SUFFIX = {
    "percent": "%",
    "points": " percentage points",
    "unit": "",
    "log": " on the log scale",
    "log_odds": " log odds",
}


def number(value: float, scale: str) -> str:
    """A size without its sign: one decimal for percentages and points, else three significant figures."""
    size = abs(value)
    if scale in ("percent", "points"):
        return f"{size:.1f}"
    if size == 0 or not math.isfinite(size):
        return f"{size:g}"
    decimals = max(0, 2 - math.floor(math.log10(size)))
    return f"{size:,.{decimals}f}"


def signed(value: float, scale: str) -> str:
    """A number for a table, with a true minus sign; an unbounded end is said in words."""
    if not math.isfinite(value):
        return "no bound"
    written = number(value, scale)
    sign = "" if not float(written.replace(",", "")) else "−" if value < 0 else "+"
    return f"{sign}{written}{'%' if scale == 'percent' else ''}"


def both_ends(low: float, high: float, scale: str) -> str:
    """An interval for a table."""
    if not (math.isfinite(low) or math.isfinite(high)):
        return "no bounds"
    return f"{signed(low, scale)} to {signed(high, scale)}"


def size(value: float, scale: str) -> str:
    """``16.0%``, ``7.4 percentage points``."""
    return f"{number(value, scale)}{SCALE_SUFFIX[scale]}"


def change(value: float, scale: str) -> str:
    """``a fall of 16.0%`` or ``a rise of 16.0%``."""
    return f"{'a fall' if value < 0 else 'a rise'} of {size(value, scale)}"


def interval(low: float, high: float, scale: str) -> str:
    """An interval in words: both ends on one side of zero, or from a fall to a rise."""
    if not (math.isfinite(low) and math.isfinite(high)):
        ends = [change(end, scale) if math.isfinite(end) else "no bound" for end in (low, high)]
        return f"from {ends[0]} to {ends[1]}"
    if low < 0 < high:
        return f"from {change(low, scale)} to {change(high, scale)}"
    inner, outer = sorted((abs(low), abs(high)))
    return f"{number(inner, scale)} to {size(outer, scale)}"


def headline(effect: Effect, verdict: Verdict, name: str, place: str) -> str:
    """The finding in one sentence, hedged by certainty.

    Parameters
    ----------
    name : str
        The measure in plain words, such as ``visits to major A&E departments``.
    place : str
        Where, in plain words.
    """
    row = headline_row(effect, verdict)
    subject = f"{sentence_case(name)} at {place}"
    against = beside(effect)
    if verdict.word == "not_evaluable":
        return f"{subject} could not be evaluated."
    spread = interval(row["low"], row["high"], row["scale"])
    if verdict.word in UNDECIDED:
        return f"It is not clear whether {name} at {place} changed{against}: the data fit anything {_anything(spread)}."
    if verdict.word == "no_important_change":
        assert verdict.minimum_important_change is not None  # it is what the word means
        least = size(verdict.minimum_important_change, row["scale"])
        return (
            f"{subject} {did_not_change(verdict.certainty)} by an important amount ({least} or more){against}; the data fit anything"
            f" {_anything(spread)}."
        )
    return f"{subject} {moved(row['estimate'], verdict.certainty)} by {size(row['estimate'], row['scale'])}{against} (95% interval {spread})."


def beside(effect: Effect) -> str:
    """What a finding that is a gap to others has to say: so, and that it is a mean where several places changed.

    The measure itself may have moved the other way, if it did so elsewhere by more.
    """
    if not design_called(effect.design).is_relative:
        return ""
    return f"{', on average,' if len(effect.treated_units) > 1 else ''} relative to comparators"


def _anything(spread: str) -> str:
    return spread if spread.startswith("from") else f"between {spread.replace(' to ', ' and ', 1)}"


def headline_row(effect: Effect, verdict: Verdict) -> pd.Series:
    """The headline estimate on the scale that was judged."""
    rows = effect.estimates[effect.estimates["role"] == "headline"]
    return rows[rows["scale"] == verdict.scale].iloc[0]


def detectable_sentence(effect: Effect) -> str:
    """What this analysis could have found, as a sentence."""
    if effect.minimum_detectable_effect is None:
        return "What this analysis could have found is not known."
    least = size(effect.minimum_detectable_effect, effect.headline["scale"])
    return f"A true change of about {least} or more would have been found four times in five; smaller ones could be missed."


def missed(effect: Effect) -> str:
    """What a result that decides nothing could have missed: it stands where others have their certainty."""
    if effect.minimum_detectable_effect is None:
        return "How large a change would have been missed is not known."
    least = size(effect.minimum_detectable_effect, effect.headline["scale"])
    return f"Too little information: a change of under {least} could have been missed."


def missed_in_short(effect: Effect) -> str:
    """The same for a table."""
    if effect.minimum_detectable_effect is None:
        return ""
    least = size(effect.minimum_detectable_effect, effect.headline["scale"])
    return f"could have missed {least.replace('percentage points', 'points')}"


def overstatement(effect: Effect, verdict: Verdict) -> str:
    """By how much clear results would overstate a change that just matters, at this precision; empty where none is judged."""
    if verdict.word in (*UNDECIDED, "no_important_change", "not_evaluable") or verdict.minimum_important_change is None:
        return ""
    row = effect.estimates.iloc[0]
    if not (math.isfinite(row["low"]) and math.isfinite(row["high"])):
        return ""
    least = verdict.minimum_important_change
    fell = row["estimate"] < 0
    true = math.log1p((-least if fell else least) / 100) if verdict.scale == "percent" and least < 100 else least
    times = overstated(true, (row["high"] - row["low"]) / 2)
    told = size(least, verdict.scale)
    if times < OVERSTATES_FROM:
        return f"Had the true change been {told}, the smallest that counts, clear results at this precision would be near it."
    return (
        f"Had the true change been {told}, the smallest that counts, clear results at this precision would overstate it"
        f" {times:.1f} times on average."
    )


def open_direction(row: pd.Series) -> list[str]:
    """That an interval leaves the direction open, where it does: what stands in for a verdict that nobody set."""
    if row["low"] > 0 or row["high"] < 0:
        return []
    return ["The interval includes no change, so it is not clear whether there was a rise or a fall."]


def no_verdict(effect: Effect, in_project: bool) -> str:
    """Why an effect has no verdict: its measure is not recorded, or nothing is, outside a project."""
    if not in_project:
        return "There is no verdict outside a project, where no measures are recorded."
    return (
        f"There is no verdict, as `{effect.measure}` is not a measure in data/measures.yml: nobody has set how large a"
        " change is important."
    )


def important(verdict: Verdict) -> str:
    """Which change counts as important, as a sentence."""
    if verdict.minimum_important_change is None:
        return "No smallest important change was set, so only the direction is judged."
    return f"A change of {size(verdict.minimum_important_change, verdict.scale)} or more counts as important here."


def expected(effect: Effect, verdict: Verdict, change: str) -> str:
    """How the finding sits with what was expected to move, as a sentence."""
    row = headline_row(effect, verdict)
    expectation = f"Expected: {EXPECTED[change].told}."
    if verdict.word == "not_evaluable":
        return expectation
    if verdict.word in UNDECIDED:
        return f"{expectation} What happened is not clear."
    if verdict.word == "no_important_change":
        return f"{expectation} {'No important change was found.' if change in ('no_change', 'unclear') else 'That was not found.'}"
    direction = "a rise" if row["estimate"] > 0 else "a fall"
    if verdict.certainty not in FOUND_WITH:
        alike = ", as expected" if direction == EXPECTED[change].told else ""
        return f"{expectation} The best estimate is {direction}{alike}."
    if change == "no_change":
        return f"{expectation} A change was found."
    if change == "unclear":
        return f"{expectation} {sentence_case(direction)} was found."
    return f"{expectation} {'That is what was found.' if direction == EXPECTED[change].told else f'{sentence_case(direction)} was found.'}"


def rounding(effect: Effect) -> str:
    """What was done to the figures that an effect was made from, for its axis; empty where they are as published."""
    rule = small_numbers(effect.data.get("disclosure") or "")
    return f", counts rounded to the nearest {rule.base}" if rule is not None and rule.base > 1 else ""


def figure_title(effect: Effect, name: str) -> str:
    """The finding as a figure's title, without a claim where the interval includes no change."""
    row = effect.headline
    if row["low"] > 0 or row["high"] < 0:
        direction = "below" if row["estimate"] < 0 else "above"
        return f"{sentence_case(name)}: {size(row['estimate'], row['scale'])} {direction} what was expected"
    return f"{sentence_case(name)}: not clear whether it changed"


def pooled_row(effect: Effect, term: str) -> pd.Series:
    """The row of a term of a pooled effect, on the scale readers are told."""
    rows = effect.estimates[effect.estimates["role"].isin(("headline", "term"))]
    return rows[(rows["term"] == term) & (rows["scale"] == effect.headline["scale"])].iloc[0]


def site_rows(effect: Effect, names: Mapping[str, str] | None = None) -> list[tuple[str, str, pd.Series]]:
    """Label, plain name and own estimate of every site of a pooled effect, by name: never ranked."""
    rows = [(label, (names or {}).get(label, label), pooled_row(effect, label)) for label in effect.treated_units]
    return sorted(rows, key=lambda row: (row[1].casefold(), row[0]))


def pooled_title(effect: Effect, name: str) -> str:
    """The finding over all sites as a figure's title, without a claim where the interval includes no change."""
    return f"{figure_title(effect, name)}, over {len(effect.treated_units)} sites"


def pooled_alt_text(effect: Effect, name: str, names: Mapping[str, str] | None = None) -> str:
    """What a forest plot shows, for those who cannot see it: the mean, a new site, and every site by name."""

    def movement_and_interval(row: pd.Series) -> str:
        movement = change(row["estimate"], row["scale"])
        return f"{movement}, interval {interval(row['low'], row['high'], row['scale'])}"

    new = pooled_row(effect, "prediction interval")
    sites = "; ".join(f"{place}: {movement_and_interval(row)}" for _, place, row in site_rows(effect, names))
    return (
        f"Forest plot of {name} at {len(effect.treated_units)} sites. All sites together: {movement_and_interval(effect.headline)}."
        f" At a new site: {interval(new['low'], new['high'], new['scale'])}. {sites}."
    )


def alt_text(effect: Effect, name: str, place: str) -> str:
    """What the figure shows, for those who cannot see it."""
    if design_called(effect.design).figure == "forest":
        return pooled_alt_text(effect, name)
    series = effect.series
    observed = series["observed"].dropna().astype(float)
    row = effect.headline
    mean = f", each the mean of {len(effect.treated_units)} places," if is_mean(effect) else ""
    return (
        f"Chart of {name} at {place}, {month_name(series['period'].iloc[0])} to {month_name(series['period'].iloc[-1])}."
        f" {len(observed)} points{mean} between {plain(observed.min())} and {plain(observed.max())} {effect.measure_unit}."
        f" After the {started(effect)} the solid fitted line is set against a dashed line of what"
        f" was expected: {change(row['estimate'], row['scale'])},"
        f" 95% interval {interval(row['low'], row['high'], row['scale'])}."
    )


def started(effect: Effect) -> str:
    """``change (2017-07-04)``, or with many starts ``changes (5, from December 2016 to April 2018)``."""
    starts = tuple(map(as_given, effect.interruptions))
    if effect.end:
        return f"change ({', '.join(starts)} to {as_given(effect.end)})"
    if len(starts) <= NAMED_STARTS:
        return f"change{'s' if len(starts) > 1 else ''} ({', '.join(starts)})"
    return f"changes ({len(starts)}, from {month_name(starts[0][:7])} to {month_name(starts[-1][:7])})"


def as_given(label: str) -> str:
    """A date as it was given; of periods that are numbers, the number."""
    return month_name(label) if period_word(label) == "period" else label


def is_mean(effect: Effect) -> bool:
    """Whether the series is the mean of several treated units."""
    return design_called(effect.design).figure == "alongside" and len(effect.treated_units) > 1


def plain(value: float) -> str:
    """A level of the measure: three significant figures, thousands separated."""
    return number(value, "unit")


def sentence_case(text: str) -> str:
    """First letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A sentence with the names of sites and organisations in place of their labels."""
    if not names:
        return text
    labels = "|".join(re.escape(label) for label in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])(?:{labels})(?![\w-])", lambda match: names[match[0]], text)


def period_noun(effect: Effect) -> str:
    """What one period of the effect's series is; ``period`` where it has no series."""
    return period_word(effect.series["period"].iloc[0]) if len(effect.series) else "period"


def period_word(period: str) -> str:
    """What one period of a series is: day, week, month, quarter or year."""
    text = str(period)
    if re.fullmatch(r"[01]\d{3}", text) and int(text) in NUMBERS:
        return "period"
    return "week" if "/" in text else "quarter" if "Q" in text else {4: "year", 7: "month"}.get(len(text), "day")


def month_name(period: str) -> str:
    """``July 2017`` for ``2017-07``, the first day of a week; anything else as it is."""
    text = str(period)
    if period_word(text) == "period":
        return f"period {int(text)}"
    return pd.Period(text, "M").strftime("%B %Y") if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) else weeks_said(text)
