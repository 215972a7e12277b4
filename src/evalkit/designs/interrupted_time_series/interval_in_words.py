"""What an interval means, in plain sentences."""

from typing import Literal

from evalkit.inference.ranks.interval import least_p_value


def interval_in_words(
    method: str, errors: str, comparators: int | None, judged_by: Literal["rank", "dates", ""], period: str
) -> str:
    """How the headline's interval was made, ``period`` a month or what else a point is: two sentences for everybody.

    Parameters
    ----------
    comparators : how many there are; None of one series alone
    judged_by : the rank among them, what they did at several dates, or nothing that they did
    """
    if judged_by == "rank":
        return (
            f"The interval holds every change that would not stand out among {comparators} places where nothing is known"
            " to have changed, each put through the same analysis with the same date."
            " So a change is claimed in about one of twenty such places, however restless their figures are."
        )
    few = "" if comparators is None else f" {too_few_for_a_rank(comparators)}"
    if judged_by == "dates":
        return (
            f"The interval allows for {period}s that resemble their neighbours, without pretending to know how much they do,"
            f" and is never narrower than what leaves out one in twenty of the changes that the {comparators} comparators, where"
            f" nothing is known to have changed, show at several dates.{few}"
        )
    if errors == "ar1":
        return (
            f"The interval allows for {period}s that resemble their neighbours, without pretending to know how much they do."
            " Its width is set by simulation so that, where the model holds, 95 of 100 such intervals hold the true change."
            + few
        )
    return f"The interval is made by another method, as asked for: {method}. It was not checked by simulation.{few}"


def too_few_for_a_rank(comparators: int) -> str:
    """Why there is no comparison by rank, with the least p-value that one could have."""
    return (
        "There are too few comparators for a comparison by rank, which needs 19: with"
        f" {comparators} its p-value cannot be less than {least_p_value(comparators):.2g}."
    )
