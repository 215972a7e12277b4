"""One treated unit, or several with one start, against a weighted mean of comparators that ran alongside before."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from evalkit.check_register import FIT_BEFORE, WEIGHTS, Check
from evalkit.designs.difference_in_differences import estimands
from evalkit.designs.difference_in_differences.panel.differences import LEAST_FREEDOM, Differences
from evalkit.designs.difference_in_differences.result import DifferencesResult, placebo_table
from evalkit.errors import EvaluationError
from evalkit.inference.contrast import Contrast
from evalkit.inference.panel.synthetic_control import Synthetic, synthetic_control, synthetic_difference
from evalkit.inference.ranks.interval import detectable_by_rank, enough_assignments, rank_interval

METHOD = "synthetic difference-in-differences, by rank"
LEAST_WEIGHT = 0.001
MOST_PLACEBOS = 199
LEAST_NOISE = 0.01  # of the middle one
LEAST_FOR_LINE = 3
POORLY_FOLLOWED = 0.9
LEFT_OUT_ONE_BY_ONE = 5


@dataclass(frozen=True, eq=False)
class Synthesis:
    """The treated mean's synthetic twin, and every comparator's.

    Attributes
    ----------
    own : Synthetic of the treated mean, as its authors' package makes it
    alike : Synthetic of the treated mean, made as the placebos are
    placebos : list of Synthetic, one for each of ``tried``
    tried : (B,) positions of comparators in the panel
    """

    own: Synthetic
    alike: Synthetic
    placebos: list[Synthetic]
    tried: np.ndarray
    differences: Differences

    @cached_property
    def scales(self) -> np.ndarray:
        """Noise of each placebo's gap (B,)."""
        return _noise(np.array([placebo.gap for placebo in self.placebos]), self.start)

    @cached_property
    def scale(self) -> float:
        """Noise of the treated mean's gap, never far below that of the middle placebo."""
        own = float(_noise(self.alike.gap[None, :], self.start)[0])
        return max(own, LEAST_NOISE * float(np.median(self.scales)))

    @property
    def start(self) -> int:
        """Position of the first treated period."""
        return int(self.differences.panel.starts[0])

    def contrast(self, first: int = 0, last: int | None = None) -> Contrast:
        """Mean effect over periods ``first`` to ``last`` since the start, ranked; all of them by default."""
        span = slice(self.start + first, None if last is None else self.start + last + 1)
        estimates = np.array([placebo.gap[span].mean() for placebo in self.placebos])
        alike = float(self.alike.gap[span].mean())
        shown = float(self.own.gap[span].mean())
        return rank_interval(alike, self.scale, estimates, self.scales).shifted(shown - alike)

    def ranked(self, span: tuple[int, int], since: tuple[int, int] | None = None) -> tuple[Contrast, float, np.ndarray]:
        """Mean effect over a span of periods since the start, or what it changed by since another; its statistic, and those of placebos (B,)."""

        def over(twin: Synthetic) -> float:
            means = [
                twin.gap[self.start + first : self.start + last + 1].mean()
                for first, last in (span, *([since] if since else []))
            ]
            return float(means[0] - means[1] if since else means[0])

        estimates = np.array([over(placebo) for placebo in self.placebos])
        alike, shown = over(self.alike), over(self.own)
        contrast = rank_interval(alike, self.scale, estimates, self.scales).shifted(shown - alike)
        return contrast, alike / self.scale, estimates / self.scales

    def weights(self) -> pd.DataFrame:
        """Comparators, and periods before, that count: of, unit, weight."""
        panel = self.differences.panel
        rows = [
            ("unit", unit, float(weight))
            for unit, weight in sorted(zip(panel.units[self.differences.count :], self.own.unit_weights, strict=True))
        ]
        rows += [
            ("period", str(period), float(weight))
            for period, weight in zip(panel.periods, self.own.time_weights, strict=False)
        ]
        table = pd.DataFrame(rows, columns=["of", "unit", "weight"])
        return table[table["weight"] > LEAST_WEIGHT].reset_index(drop=True)

    def placebo_table(self, scale: str) -> pd.DataFrame:
        """The treated mean first, then each comparator; ``studentised`` in half-widths of each one's own interval."""
        estimates = np.array([placebo.estimate for placebo in self.placebos])
        names = [self.differences.panel.units[position] for position in self.tried]
        own = self.own.estimate, self.alike.estimate / self.scale
        return placebo_table(names, *own, estimates, estimates / self.scales, scale)

    def fit_check(self) -> Check:
        """How closely the weighted comparators ran alongside before: passed unless nine in ten were followed more closely."""
        closeness = np.array([placebo.rmspe_before for placebo in self.placebos])
        share = float((closeness <= self.own.rmspe_before).mean())
        level = float(np.std(self.differences.panel.outcome[: self.differences.count].mean(axis=0)[: self.start]))
        detail = (
            f"Before the change the gap to the weighted comparators strayed from its mean by {self.own.rmspe_before:.3g}"
            f" (root mean square), the treated series itself by {level:.3g}; {share:.0%} of comparators were followed as"
            " closely or more."
        )
        return FIT_BEFORE.result(share <= POORLY_FOLLOWED, detail)

    def weight_check(self) -> Check:
        """How many comparators and months before carry the weight; for information."""
        sentences = []
        for weights, what in ((self.own.unit_weights, "comparators"), (self.own.time_weights, "periods before")):
            counting = int((weights > LEAST_WEIGHT).sum())
            sentences.append(f"{counting} {what} carry the weight, the heaviest {weights.max():.0%} of it")
        return WEIGHTS.result(None, f"{'; '.join(sentences)}.")


def _noise(gaps: np.ndarray, start: int) -> np.ndarray:
    """Standard deviation of gaps (B, T) about a line of their own before ``start`` and another from it on (B,).

    The fit before alone would make those look quiet that were followed too closely to be true, and an effect that grows
    is no noise. Where fewer than four degrees of freedom are left, root mean squares before.
    """
    freedom = gaps.shape[1] - 4
    if freedom < LEAST_FREEDOM or min(start, gaps.shape[1] - start) < LEAST_FOR_LINE:
        before = gaps[:, :start] - gaps[:, :start].mean(axis=1, keepdims=True)
        sizes = np.sqrt((before**2).mean(axis=1))
    else:
        sizes = np.sqrt((_about_a_line(gaps[:, :start]) + _about_a_line(gaps[:, start:])) / freedom)
    return np.maximum(sizes, LEAST_NOISE * max(float(np.median(sizes)), 1e-12))


def _about_a_line(gaps: np.ndarray) -> np.ndarray:
    """Sum of squares of each row about its own line (B,)."""
    time = np.arange(gaps.shape[1]) - (gaps.shape[1] - 1) / 2
    centred = gaps - gaps.mean(axis=1, keepdims=True)
    left = centred - np.outer(centred @ time / (time @ time), time)
    return (left**2).sum(axis=1)


def estimate(differences: Differences, headline: str) -> tuple[DifferencesResult, Synthesis]:
    """Headline, months and event study of synthetic difference-in-differences, each by its rank among placebos.

    Raises
    ------
    EvaluationError
        Where the headline is not "att", a month or a mean of months, or weights are given.
    """
    panel = differences.panel
    if panel.weights is not None:
        raise EvaluationError("method='synthetic' chooses its own weights: leave `weights` out.")
    if panel.untreated_until[0] < panel.treated_from[0]:
        kept = np.r_[0 : int(panel.untreated_until[0]), int(panel.treated_from[0]) : len(panel.periods)]
        differences = _without_gap(differences, kept)
        panel = differences.panel
    synthesis = synthesise(differences)
    longest = estimands.longest_follow_up(differences)
    span = None if headline == "att" else estimands.span(headline)
    if span is not None and span[1] > longest:
        raise EvaluationError(f"headline={headline!r} is outside the data: months 1 to {longest} are there.")
    own = synthesis.contrast() if span is None else synthesis.contrast(span[0] - 1, span[1] - 1)
    other_terms = [] if headline == "att" else [("att", None, synthesis.contrast())]
    other_terms += [
        (f"month {month}", None, synthesis.contrast(month - 1, month - 1))
        for month in estimands.months(differences)
        if f"month {month}" != headline
    ]
    start = int(panel.starts[0])
    event_study = [
        ("since start", str(time), float(time), synthesis.contrast(time, time))
        for time in range(max(-start, -estimands.MOST_MONTHS), min(longest, estimands.MOST_MONTHS))
    ]
    statistics = np.array([placebo.estimate for placebo in synthesis.placebos]) / synthesis.scales
    return (
        DifferencesResult(
            own, METHOD, other_terms, event_study, detectable_by_rank(synthesis.scale, statistics), _in_words(synthesis)
        ),
        synthesis,
    )


def _without_gap(differences: Differences, kept: np.ndarray) -> Differences:
    periods = np.zeros(len(differences.panel.periods), bool)
    periods[kept] = True
    return replace(differences, panel=differences.panel.keep(periods=periods))


def synthesise(differences: Differences) -> Synthesis:
    """The treated mean against its twin, and up to 199 comparators each against theirs, the treated set aside."""
    panel, k = differences.panel, differences.count
    start = int(panel.starts[0])
    own = synthetic_difference(panel.outcome, panel.is_treated, start)
    alike = synthetic_difference(panel.outcome, panel.is_treated, start, solver="exact")
    clean = panel.outcome[k:]
    tried = np.arange(len(clean))
    if len(tried) > MOST_PLACEBOS:
        tried = np.sort(np.random.default_rng(differences.seed).permutation(tried)[:MOST_PLACEBOS])
    placebos = [
        synthetic_difference(clean, np.arange(len(clean)) == position, start, solver="exact") for position in tried
    ]
    return Synthesis(own, alike, placebos, tried + k, differences)


def _in_words(synthesis: Synthesis) -> str:
    count = len(synthesis.placebos)
    if not enough_assignments(count):
        return (
            f"{count} comparators are too few for a rank among them to be in the outer 5%: the interval has no bounds."
        )
    return (
        f"Comparators were weighted so that together they ran alongside the treated before the change. Each of {count}"
        " comparators went through the same procedure; the interval holds every effect that would not stand out among"
        " theirs, each measured against how much its own gap moves about."
    )


def control(synthesis: Synthesis) -> Contrast:
    """Synthetic control proper: no time weights, no free level (Abadie, Diamond and Hainmueller 2010)."""
    differences = synthesis.differences
    panel, k = differences.panel, differences.count
    start = int(panel.starts[0])
    own = synthetic_control(panel.outcome, panel.is_treated, start)
    clean = panel.outcome[k:]
    others = [synthetic_control(clean, np.arange(len(clean)) == position, start) for position in synthesis.tried - k]
    scales = _noise(np.array([placebo.gap for placebo in others]), start)
    scale = max(float(_noise(own.gap[None, :], start)[0]), LEAST_NOISE * float(np.median(scales)))
    return rank_interval(own.estimate, scale, np.array([placebo.estimate for placebo in others]), scales)


def without_each(synthesis: Synthesis) -> list[tuple[str, float]]:
    """The estimate without each of the five comparators that count most, one at a time: label, estimate."""
    differences = synthesis.differences
    panel, k = differences.panel, differences.count
    start = int(panel.starts[0])
    heaviest = np.argsort(-synthesis.own.unit_weights, kind="stable")[:LEFT_OUT_ONE_BY_ONE]
    rows = []
    for position in heaviest:
        if synthesis.own.unit_weights[position] <= LEAST_WEIGHT or len(panel.units) - k < 3:
            continue
        keep = np.arange(len(panel.units)) != position + k
        left = synthetic_difference(panel.outcome[keep], panel.is_treated[keep], start, solver="exact")
        rows.append((panel.units[k + position], left.estimate))
    return rows
