"""The rules of Making Data Count from the published CSV of a measure alone, written out point by point."""

import itertools

import pandas as pd

LONG = 7
RULES = ("outside_limits", "trend", "two_of_three", "shift")
ORDER = {
    "improving, higher": 1,
    "concerning, higher": 1,
    "higher": 1,
    "improving, lower": -1,
    "concerning, lower": -1,
    "lower": -1,
    "": 0,
}


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _runs(signs: list[int]) -> list[tuple[int, int]]:
    """First and last of each longest run of one sign that is not nought."""
    runs, first = [], 0
    for at in range(1, len(signs) + 1):
        if at == len(signs) or signs[at] != signs[first]:
            if signs[first]:
                runs.append((first, at - 1))
            first = at
    return runs


def _stretches(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Months in a row of one organisation, without gap, with the same limits."""
    found = []
    for _, of_one in rows.sort_values("month").groupby(["org_code", "phase"], sort=False):
        gaps = of_one["judged"].isna().cumsum()
        found += [part for _, part in of_one[of_one["judged"].notna()].groupby(gaps)]
    return found


def _of_stretch(part: pd.DataFrame, skip_centre: bool) -> pd.DataFrame:
    judged, centre = part["judged"].tolist(), part["centre"].tolist()
    count = len(part)
    side = [_sign(value - middle) for value, middle in zip(judged, centre, strict=True)]
    marks = {rule: [0] * count for rule in RULES}
    for at, row in enumerate(part.itertuples()):
        if row.judged > row.upper or row.judged < row.lower:
            marks["outside_limits"][at] = side[at]
    steps = [_sign(later - sooner) for sooner, later in itertools.pairwise(judged)]
    for first, last in _runs(steps):
        if last - first + 2 >= LONG:
            for at in range(first, last + 2):
                marks["trend"][at] = steps[
                    first
                ]  # a turning point goes the way that it turns, so later runs write over
    far = [row.judged > row.upper_two_thirds or row.judged < row.lower_two_thirds for row in part.itertuples()]
    for at in range(count - 2):
        three = range(at, at + 3)
        if abs(sum(side[one] for one in three)) == 3 and sum(far[one] for one in three) >= 2:
            for one in three:
                if far[one]:
                    marks["two_of_three"][one] = side[one]
    kept = [at for at in range(count) if side[at] or not skip_centre]
    for first, last in _runs([side[at] for at in kept]):
        if last - first + 1 >= LONG:
            for at in kept[first : last + 1]:
                marks["shift"][at] = side[at]
    told = []
    for at in range(count):
        speaking = [(rule, marks[rule][at]) for rule in RULES if marks[rule][at]]
        way = speaking[0][1] if speaking else 0
        told.append(
            (
                "; ".join(rule for rule, _ in speaking),
                speaking[0][0] if speaking else "",
                way,
                any(other == -way for _, other in speaking) if speaking else False,
            )
        )
    return pd.DataFrame(told, columns=["rules", "deciding_rule", "way", "both_ways"], index=part.index)


def differences(csv: pd.DataFrame, skip_centre: bool = False) -> list[tuple]:
    """Rows of which the CSV says otherwise than its own numbers: code, month, column, what it says, what they say."""
    if csv["judged"].isna().all():
        return []
    found = pd.concat([_of_stretch(part, skip_centre) for part in _stretches(csv)]).sort_index()
    there = csv.loc[found.index]
    said = pd.DataFrame(
        {
            "rules": there["rules"].fillna(""), "deciding_rule": there["deciding_rule"].fillna(""),
            "way": there["special_cause"].fillna("").map(ORDER), "both_ways": there["both_ways"],
        }
    )  # fmt: skip
    return [
        (there.at[at, "org_code"], there.at[at, "month"], column, said.at[at, column], found.at[at, column])
        for column in found.columns
        for at in found.index[said[column].to_numpy() != found[column].to_numpy()]
    ]
