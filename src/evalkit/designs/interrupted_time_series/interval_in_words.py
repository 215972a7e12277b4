"""What an interval means, in plain sentences."""


def interval_in_words(method: str, errors: str, ranked_among: int | None, has_comparators: bool, period: str) -> str:
    """How the headline's interval was made, ``period`` a month or what else a point is: two sentences for everybody."""
    if ranked_among is not None:
        return (
            f"The interval holds every change that would not stand out among {ranked_among} places where nothing is known"
            " to have changed, each put through the same analysis with the same date."
            " So a change is claimed in about one of twenty such places, however restless their figures are."
        )
    few = " There are too few comparators for a comparison by rank, which needs 19." if has_comparators else ""
    if errors == "ar1":
        return (
            f"The interval allows for {period}s that resemble their neighbours, without pretending to know how much they do."
            " Its width is set by simulation so that, where the model holds, 95 of 100 such intervals hold the true change."
            + few
        )
    return f"The interval is made by another method, as asked for: {method}. It was not checked by simulation.{few}"
