"""Centre line and limits of every kind of chart, of many series at once.

Arrays are (n series, t points). A phase is what lies between two rebasings: each has lines of its own, from its own points.
"""

from dataclasses import dataclass, replace

import numpy as np

# Of the mean moving range: Making Data Count writes 3 / 1.128 as 2.66, and NHSRplotthedots 0.2.2 does
# (R/ptd_spc_standard.R), where others keep 2.6596.
THREE_SIGMA = 2.66
TWO_THIRDS = 2 / 3
# Moving ranges from here on are screened out: Nelson (1982), Journal of Quality Technology 14(3), 172-173.
SCREENED_FROM = 3.267
# A mean moving range of two is this many standard deviations (d2 of two), as Laney (2002) has it.
RANGE_OF_TWO = 1.128
# Time between rare events to this power is nearly normal: Nelson (1994), A control chart for parts-per-million nonconforming
# items, Journal of Quality Technology 26(3), 239-240; as qicharts2 has it (R/helper.functions.R, qic.t).
TIME_POWER = 1 / 3.6
# From denominators about this size on, points vary by more than chance: qicharts2, vignette, case 5.
LARGE_DENOMINATOR = 1_000

KINDS = {
    "xmr": "XmR chart",
    "run": "run chart",
    "p": "P chart",
    "u": "U chart",
    "c": "C chart",
    "t": "T chart (time between events)",
    "g": "G chart (cases between events)",
}
WITH_DENOMINATOR = ("p", "u")
DRAWN = ("centre", "lower", "upper", "lower_two_thirds", "upper_two_thirds")


@dataclass(frozen=True, eq=False)
class Lines:
    """Where the lines of each point lie, each (n, t); missing where a chart has none.

    ``spread`` (n, t) is the mean moving range on which limits rest, missing where they rest on a distribution;
    ``screened`` (n, t) says which moving ranges were left out of it, each at the later of its two points;
    ``widened`` (n, t) is Laney's factor, 1 where the chart has none.
    """

    centre: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    lower_two_thirds: np.ndarray
    upper_two_thirds: np.ndarray
    spread: np.ndarray
    screened: np.ndarray
    widened: np.ndarray

    def times(self, factor: float) -> "Lines":
        """The same for values that are multiplied."""
        return replace(self, **{name: getattr(self, name) * factor for name in DRAWN})


def lines(
    kind: str,
    values: np.ndarray,
    phases: np.ndarray,
    *,
    denominators: np.ndarray | None = None,
    screen: bool = False,
    laney: np.ndarray | None = None,
    range_factor: float | np.ndarray = 1.0,
    baseline: int | None = None,
) -> Lines:
    """The lines of a chart of each series.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    values : (n, t) float
        What is drawn: shares for ``p``, rates for ``u``; missing where not reported.
    phases : (n, t) int
        0, 1, ... in the order of time.
    denominators : (n, t) float, optional
        Of shares and rates.
    screen : bool
        Leave moving ranges of ``SCREENED_FROM`` times their mean, or more, out of the mean.
    laney : (n,) bool, optional
        Which series of shares or rates have limits widened by Laney's factor.
    range_factor : float or (n, 1) array
        What moving ranges are multiplied by, where something was fitted to the values before.
    baseline : int, optional
        The lines of a phase are made of its first so many reported points, and not of all.
    """
    if kind == "t":
        powers = values**TIME_POWER
        return _on_the_scale_of_time(
            lines("xmr", powers, phases, screen=screen, baseline=baseline), powers=powers, times=values
        )
    groups = _Groups(values, phases, baseline)
    if kind == "run":
        return _no_limits(values, groups.medians(groups.values))
    if kind == "xmr":
        return _individuals(values, groups, screen, range_factor)
    if kind == "c":
        centre = groups.means(groups.values)
        return _by_distribution(values, centre, np.sqrt(centre))
    if kind == "g":
        mean = groups.means(groups.values)
        return _by_distribution(values, groups.medians(groups.values), np.sqrt(mean * (mean + 1)), around=mean)
    assert denominators is not None
    centre = groups.ratios(groups.values, denominators)
    with np.errstate(invalid="ignore", divide="ignore"):
        sigma = np.sqrt(centre * (1 - centre) / denominators if kind == "p" else centre / denominators)
    widened = np.ones_like(values)
    if laney is not None:
        widened = np.where(laney[:, None], _laney_factor(values, centre, sigma, groups, screen), 1.0)
    return _by_distribution(values, centre, sigma * widened, ceiling=1.0 if kind == "p" else np.inf, widened=widened)


def large_denominators(denominators: np.ndarray) -> np.ndarray:
    """Which series (n,) have denominators so large that limits by chance alone are too narrow."""
    with np.errstate(invalid="ignore"):
        return (
            np.array([np.nanmedian(row) if np.isfinite(row).any() else 0 for row in denominators]) > LARGE_DENOMINATOR
        )


class _Groups:
    """Every phase of every series by itself."""

    def __init__(self, values: np.ndarray, phases: np.ndarray, baseline: int | None):
        count = int(phases.max(initial=0)) + 1
        self.number = np.arange(len(values))[:, None] * count + phases
        self.of_all = len(values) * count
        self.shape, self.reported = values.shape, np.isfinite(values)
        if baseline is not None:
            in_order = self.reported.ravel().cumsum().reshape(self.shape)
            before = np.full(self.of_all, self.reported.size)
            np.minimum.at(before, self.number[self.reported], in_order[self.reported] - 1)
            self.reported = self.reported & (in_order - before[self.number] <= baseline)
        # What lines are made of; other points are only held against them.
        self.values = np.where(self.reported, values, np.nan)

    def _sums(self, values: np.ndarray, where: np.ndarray) -> np.ndarray:
        return np.bincount(self.number[where], values[where], self.of_all)[self.number]

    def means(self, values: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
        """Of each point's phase, twice over as R does it, so that the mean of equal numbers is that number."""
        where = self.reported if where is None else where
        count = self._sums(np.ones(self.shape), where)
        with np.errstate(invalid="ignore", divide="ignore"):
            first = self._sums(values, where) / count
            return first + self._sums(values - first, where) / count

    def ratios(self, values: np.ndarray, wholes: np.ndarray) -> np.ndarray:
        """All counts over all ``wholes`` of each point's phase, twice over too."""
        with np.errstate(invalid="ignore", divide="ignore"):
            of_all = self._sums(wholes, self.reported)
            first = self._sums(values * wholes, self.reported) / of_all
            return first + self._sums((values - first) * wholes, self.reported) / of_all

    def medians(self, values: np.ndarray) -> np.ndarray:
        order = np.lexsort((values[self.reported], self.number[self.reported]))
        ordered, of = values[self.reported][order], self.number[self.reported][order]
        first = np.searchsorted(of, np.arange(self.of_all))
        count = np.bincount(of, minlength=self.of_all)
        medians = np.full(self.of_all, np.nan)
        some = count > 0
        low, high = first[some] + (count[some] - 1) // 2, first[some] + count[some] // 2
        medians[some] = (ordered[low] + ordered[high]) / 2
        return medians[self.number]

    def moving_ranges(self, values: np.ndarray) -> np.ndarray:
        """The step to each point from the one before (n, t); none to a phase's first, and none across a gap."""
        ranges = np.full(self.shape, np.nan)
        ranges[:, 1:] = np.abs(np.diff(values, axis=1))
        ranges[:, 1:][self.number[:, 1:] != self.number[:, :-1]] = np.nan
        return ranges

    def mean_moving_range(self, values: np.ndarray, screen: bool) -> tuple[np.ndarray, np.ndarray]:
        """The mean (n, t) of each point's phase, and which ranges (n, t) were screened out of it."""
        ranges = self.moving_ranges(values)
        there = np.isfinite(ranges)
        mean = self.means(ranges, there)
        screened = np.zeros(self.shape, bool)
        if screen:
            # Where nothing moves nothing is screened, although no range is below 3.267 times nought.
            screened[there] = (ranges >= SCREENED_FROM * mean)[there] & (mean > 0)[there]
            mean = self.means(ranges, there & ~screened)
        return mean, screened


def _individuals(values: np.ndarray, groups: _Groups, screen: bool, range_factor: float | np.ndarray) -> Lines:
    centre = groups.means(groups.values)
    spread, screened = groups.mean_moving_range(groups.values, screen)
    spread = spread * range_factor
    inner = TWO_THIRDS * THREE_SIGMA * spread
    return Lines(
        centre,
        centre - THREE_SIGMA * spread,
        centre + THREE_SIGMA * spread,
        centre - inner,
        centre + inner,
        spread,
        screened,
        np.ones_like(values),
    )


def _on_the_scale_of_time(of_powers: Lines, powers: np.ndarray, times: np.ndarray) -> Lines:
    """The lines of ``times`` to the power of ``TIME_POWER`` as those of the times themselves; time is not below nought.

    A line that goes through a point goes through its time, which there and back again would miss by rounding.
    """
    turned = {}
    for name in DRAWN:
        line = np.maximum(getattr(of_powers, name), 0)
        turned[name] = np.where(line == powers, times, line ** (1 / TIME_POWER))
    return replace(of_powers, **turned)


def _by_distribution(
    values: np.ndarray,
    centre: np.ndarray,
    sigma: np.ndarray,
    *,
    around: np.ndarray | None = None,
    ceiling: float = np.inf,
    widened: np.ndarray | None = None,
) -> Lines:
    """Three and two standard deviations from ``around``, not below nought and not above ``ceiling``."""
    around = centre if around is None else around
    return Lines(
        centre,
        np.maximum(around - 3 * sigma, 0),
        np.minimum(around + 3 * sigma, ceiling),
        np.maximum(around - 2 * sigma, 0),
        np.minimum(around + 2 * sigma, ceiling),
        np.full_like(values, np.nan),
        np.zeros(values.shape, bool),
        np.ones_like(values) if widened is None else widened,
    )


def _laney_factor(
    values: np.ndarray, centre: np.ndarray, sigma: np.ndarray, groups: _Groups, screen: bool
) -> np.ndarray:
    """Mean moving range of standardised points over ``RANGE_OF_TWO``.

    Laney (2002), Improved control charts for attributes, Quality Engineering 14(4), 531-537; as qicharts2 has it (qic.pp).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        standardised = (values - centre) / sigma
    standardised[~np.isfinite(standardised) | ~groups.reported] = np.nan
    factor = groups.mean_moving_range(standardised, screen)[0] / RANGE_OF_TWO
    # Where nobody or everybody is counted there is no chance to widen.
    return np.where(sigma == 0, 1.0, factor)


def _no_limits(values: np.ndarray, centre: np.ndarray) -> Lines:
    nowhere = np.full_like(values, np.nan)
    return Lines(
        centre, nowhere, nowhere, nowhere, nowhere, nowhere, np.zeros(values.shape, bool), np.ones_like(values)
    )
