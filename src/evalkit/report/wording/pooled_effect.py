"""What pages say of a pooled effect, in sentences and a table; every number is read from the effect."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.report.wording import words
from evalkit.verdict import Verdict

NEW_SITE = "prediction interval"


def place(effect: Effect) -> str:
    """``these 5 sites together``, and that others are set beside them where the sites' own designs do so."""
    sites = f"these {len(effect.treated_units)} sites together"
    compared = any(design_called(name).is_relative for name in effect.tables["members"]["design"])
    return f"{sites}, relative to their comparators," if compared else sites


def pooled_answer(effect: Effect, verdict: Verdict, name: str) -> str:
    """The finding over all sites in one sentence, hedged by certainty."""
    return words.headline(effect, verdict, name, place(effect))


def at_a_new_site(effect: Effect) -> str:
    """Where one more site of the same kind would fall if these are a fair guide, as a sentence."""
    row = words.pooled_row(effect, NEW_SITE)
    low, high, scale = row["low"], row["high"], row["scale"]
    spread = words.interval(low, high, scale)
    if low > 0 or high < 0:
        spread = f"{'a rise' if low > 0 else 'a fall'} of between {spread.replace(' to ', ' and ', 1)}"
    else:
        spread = f"anything {spread}"
    return f"If these sites are a fair guide, one more of the same kind would see {spread}, nineteen times in twenty."


def enough(asked: Mapping[str, Any]) -> str:
    """How many sites would find the mean change that is asked for, and twice that, in sentences; of a ``PoolPower`` as plain values."""
    rows, there = asked["table"], asked["sites"]
    unknown = "" if asked["known"] else ", as nobody knows how much places differ"
    first = _would_find(asked["effect"], asked["scale"], asked["needed"], rows)
    twice = next((row["sites"] for row in rows if row["detectable"] <= 2 * abs(asked["effect"])), None)
    second = _would_find(2 * asked["effect"], asked["scale"], twice, rows)
    sure = f"as sure as {'the one' if there == 1 else f'the {there}'} here"
    return f"{first}{unknown}; {second[0].lower()}{second[1:]}. Each is taken to be {sure}, and these count among them."


def _would_find(change: float, scale: str, sites: int | None, rows: Sequence[Mapping[str, Any]]) -> str:
    takes = f"takes {sites} places" if sites is not None else f"takes more than {rows[-1]['sites']} places"
    return f"To find a mean change of {words.size(abs(change), scale)} four times in five {takes}"


def beside(planned: Effect, members: Sequence[Effect]) -> str:
    """Why the planned answer of an evaluation may be another than that of its sites pooled, in sentences."""
    pooled, asked = [label for member in members for label in member.treated_units], planned.treated_units
    both = len(set(asked) & set(pooled))
    said = []
    if len(asked) != both or len(pooled) != both:
        others = "" if len(asked) == both else f", and of {len(asked) - both} more"
        said.append(f"It is of {both} of the {len(pooled)} sites here{others}.")
    here = list(dict.fromkeys(_set_against(member) for member in members))
    if here != [_set_against(planned)]:
        said.append(f"Its estimate is against {_set_against(planned)}; here that of each site is against {_or(here)}.")
    if len(asked) > 1:
        said.append(
            "There every month after a start counts alike, at every place; here a place counts for more, the surer its own"
            " estimate is."
        )
    return " ".join(said)


def _set_against(effect: Effect) -> str:
    """What an estimate is taken against, from its estimand."""
    return effect.estimand.partition(", against ")[2] or "what it would have been by its own past"


def _or(words: Sequence[str]) -> str:
    return " or ".join(words)


def spread_between_sites(effect: Effect) -> str:
    """How much the sites truly differ, as a sentence."""
    row = words.pooled_row(effect, "tau")
    spread = words.size(row["estimate"], row["scale"])
    most = words.size(row["high"], row["scale"])
    return f"Beyond chance the sites differ by about {spread} (standard deviation; the data fit up to {most})."


def home_alt(effect: Effect, title: str, name: str) -> str:
    """What the forest plot shows where it stands without its page: no site by name."""
    row, new = effect.headline, words.pooled_row(effect, NEW_SITE)
    return (
        f"{title}: forest plot of {name}, with {len(effect.treated_units)} sites, their mean"
        f" ({words.change(row['estimate'], row['scale'])}, interval"
        f" {words.interval(row['low'], row['high'], row['scale'])}) and what a new site might expect"
        f" ({words.interval(new['low'], new['high'], new['scale'])})."
    )


def rows(effect: Effect) -> pd.DataFrame:
    """Everything a forest plot draws, for others to compute with: what, estimate, low, high, scale, weight."""
    scale = effect.headline["scale"]
    estimates = effect.estimates[
        effect.estimates["role"].isin(("headline", "term")) & (effect.estimates["scale"] == scale)
    ]
    weights = effect.tables["weights"].set_index("unit")["weight"]
    return pd.DataFrame(
        {
            "what": estimates["term"],
            "estimate": estimates["estimate"],
            "low": estimates["low"],
            "high": estimates["high"],
            "scale": estimates["scale"],
            "weight": estimates["term"].map(weights),
        }
    )


def short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Names of trusts without what they all share, so that they fit beside a figure."""
    return {label: re.sub(r" NHS (Foundation )?Trust$", "", name) for label, name in names.items()}
