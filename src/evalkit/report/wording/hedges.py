"""How certainty is heard in a sentence: "fell", "probably fell", "may have fallen"."""


def moved(estimate: float, certainty: str | None) -> str:
    """What the figures did; certainty that was not judged hedges nothing."""
    rose = estimate > 0
    if certainty in ("low", "very low"):
        return f"may have {'risen' if rose else 'fallen'}"
    return f"{'probably ' if certainty == 'moderate' else ''}{'rose' if rose else 'fell'}"


def did_not_change(certainty: str | None) -> str:
    """The same of a change that would have mattered and was not there."""
    return {"high": "did not change", "moderate": "probably did not change"}.get(certainty, "may not have changed")
