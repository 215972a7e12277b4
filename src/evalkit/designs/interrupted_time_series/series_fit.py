"""What is fitted: one outcome, a segmented design, and the comparators it is set against. Variants change one thing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evalkit.designs.interrupted_time_series import against_comparators, few_comparators
from evalkit.designs.interrupted_time_series.against_comparators import Gap, Placebo
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.inference.contrast import Contrast
from evalkit.inference.interval_methods import Estimated, estimate


@dataclass(frozen=True, eq=False)
class SeriesFit:
    """One series and everything an estimate of it needs.

    Attributes
    ----------
    design : SegmentedModel over n periods
    own : (n,) the treated unit on the model's scale (counts where ``family`` says so); missing where not reported
    keep : (n,) bool, periods that may be used; transition and missing ones are taken away in ``used``
    gap : its comparators, or None
    exposure : (n,), which counts have
    """

    design: SegmentedModel
    own: np.ndarray
    keep: np.ndarray
    errors: str
    gap: Gap | None = None
    family: str = "gaussian"
    exposure: np.ndarray | None = None

    @cached_property
    def outcome(self) -> np.ndarray:
        """What is regressed (n,): the series, or its gap to the comparators."""
        return self.own if self.gap is None else self.own - self.gap.level

    @property
    def at_risk(self) -> np.ndarray:
        """The exposure (n,); one a period where none was given."""
        return np.ones(len(self.own)) if self.exposure is None else self.exposure

    @cached_property
    def used(self) -> np.ndarray:
        """Periods in the fit (n,)."""
        known = ~np.isnan(self.outcome)
        if self.exposure is not None:
            known &= ~np.isnan(self.exposure)
        return self.keep & ~self.design.in_transition & known

    def estimated(
        self, weights: np.ndarray, calibrated: Sequence[bool] | bool = True, errors: str | None = None
    ) -> Estimated:
        """Contrasts (k, p) of this case under its errors, or under others.

        A value is fitted less its first: a series that never moves then gives exact zeros, not rounding errors.
        """
        outcome = self.outcome[self.used]
        first = outcome[0] if self.family == "gaussian" else 0.0
        estimated = estimate(
            outcome - first,
            self.design.matrix[self.used],
            np.flatnonzero(self.used),
            weights,
            errors or self.errors,
            calibrated=calibrated,
            family=self.family,
            exposure=None if self.exposure is None else self.exposure[self.used],
        )
        shifts = first * weights[:, self.design.terms.index("intercept")]
        return replace(
            estimated,
            contrasts=[contrast.shifted(by) for contrast, by in zip(estimated.contrasts, shifts, strict=True)],
        )

    @property
    def by_rank(self) -> bool:
        """Whether the headline is judged by its rank among the comparators."""
        return self.gap is not None and self.errors == "ar1" and self.gap.enough

    def placebo(self, term: str, calibrated: bool = True) -> Placebo:
        """Every comparator through the same procedure."""
        return self.placebos([term], calibrated)[0]

    def placebos(self, terms: Sequence[str], calibrated: bool = False) -> list[Placebo]:
        """Every comparator through the same procedure, for several effects at once.

        Where ranks are all that is asked of them, half-widths need no calibration: statistics are only measured in them.
        """
        assert self.gap is not None  # asked only where there are comparators
        return against_comparators.placebos(self.gap, self.design, self.used, terms, calibrated)

    @property
    def by_pooled_dates(self) -> bool:
        """Whether its comparators, too few for a rank, are asked at several dates."""
        return self.gap is not None and self.errors == "ar1" and not self.gap.enough and len(self.gap.used) > 1

    def widened(self, term: str, contrast: Contrast) -> Contrast:
        """A calibrated contrast, no narrower than few comparators at several dates ask for; as it is with none or many."""
        if not self.by_pooled_dates:
            return contrast

        def placebo_at(design: SegmentedModel) -> Placebo:
            return replace(self, design=design).placebo(term, calibrated=False)

        rough = self.estimated(self.design.weights(term)[None, :], calibrated=False).contrasts[0]
        return few_comparators.pooled_dates(self.design, placebo_at).widened(contrast, rough)

    def headline(self, term: str, calibrated: bool = True) -> Contrast:
        """The headline's estimate and interval: by rank with enough comparators, else by the errors of the case.

        Uncalibrated it serves only beside another that is uncalibrated too, and is not widened.
        """
        contrast = self.estimated(self.design.weights(term)[None, :], calibrated).contrasts[0]
        if self.by_rank:
            return self.placebo(term, calibrated).ranked(contrast)
        return self.widened(term, contrast) if calibrated else contrast

    def with_design(self, **changes) -> "SeriesFit":
        """The same with another design."""
        return replace(self, design=replace(self.design, **changes))

    def without(self, positions: Iterable[int]) -> "SeriesFit":
        """The same without some periods."""
        keep = self.keep.copy()
        keep[list(positions)] = False
        return replace(self, keep=keep)

    def against(self, gap: Gap | None) -> "SeriesFit":
        """The same against other comparators, or none."""
        return replace(self, gap=gap)
