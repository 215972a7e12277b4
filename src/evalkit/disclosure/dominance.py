"""The p% rule: a sum that one case makes up nearly alone gives that case away to whoever knows the second largest."""

import re

import pandas as pd

PERCENT = 10
LARGEST = ("largest", "second_largest")  # columns of an exact table, never shown: what two cases add to the numerator
MONEY = re.compile(r"£|€|\$|\b(?:pounds?|pence|euros?|dollars?|GBP|EUR|USD|costs?)\b", re.IGNORECASE)


def is_money(unit: str) -> bool:
    """Whether a measure of this unit counts money, which one case can dominate."""
    return MONEY.search(unit) is not None


def is_dominated(total: float, largest: float, second: float, *, is_cost: bool) -> bool:
    """Whether all but the two largest cases add up to less than ``PERCENT`` of the largest; a cost of which the largest is
    not known may be, other means are not asked."""
    if pd.isna(largest):
        return is_cost
    others = total - largest - (largest if pd.isna(second) else second)
    return others < PERCENT / 100 * largest
