"""The headline of a segmented regression at each look."""

from collections.abc import Mapping

import pandas as pd

from evalkit.designs.follow_up import Look
from evalkit.designs.interrupted_time_series.series_fit import SeriesFit
from evalkit.errors import EvaluationError


def headline_at(cases: Mapping[int, SeriesFit], headline: str) -> dict[int, Look]:
    """By look; one at which the headline is not there yet, such as month 12 at 6, is left out.

    Where all are judged by rank, half-widths need no calibration: they are only what statistics are measured in.

    Parameters
    ----------
    cases : the series and its comparators up to each look, by the number of periods after the change
    headline : the effect; ``first year`` and ``mean`` are those of the periods up to the look
    """
    by_rank = all(case.by_rank for case in cases.values())
    looks = {}
    for number, case in cases.items():
        try:
            term = case.design.resolved(headline)
            weights = case.design.weights(term)[None, :]
        except EvaluationError:
            continue
        estimated = case.estimated(weights, calibrated=not by_rank)
        sizes = None
        if by_rank:
            placebo = case.placebo(term, calibrated=False)
            sizes = pd.Series(abs(placebo.studentised), index=list(placebo.units))
        contrast = estimated.contrasts[0] if by_rank else case.widened(term, estimated.contrasts[0])
        looks[number] = Look(contrast, estimated.methods[0], sizes)
    return looks
