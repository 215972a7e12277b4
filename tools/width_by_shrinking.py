"""Whether intervals by rank can be narrower if each unit's noise is steadied by the pool's: power, width, false alarms.

With 19 comparators or more a change is judged by rank: each unit's level change over its own calibrated half-width
(``Placebo.ranked``). A half-width is itself an estimate. Here each is drawn towards what the pool suggests
(``rule_of``) before units are ranked, and it is measured what a change of 10% gains and whether alarms move to noisy
units. Panels are those of ``tools.false_alarms``. The noise of a unit is the residual SD of its gap over trend and
season in the months before the date alone; thirds of it are taken among the units of one panel and date.

A rule has to gain half of the power that ``AIM`` (half-and-half towards the median) gains on real panels, and to pass
two judgements:

1. Simulated panels, of as many units as each real one. Every unit has the AR(1) coefficient and SD fitted to the real
   unit's gap in the months before (restricted likelihood); gaps are taken anew and nothing changes at the date. Every
   third of every panel has to be within [.04, .06]. Of n units exactly floor(n / 20) are in the outer 5%, whichever
   rule ranks them, so that the size overall is .042 where n is 119 and hardly a rule can pass; the same is therefore
   asked of panels cut by lot to 100 units, where it is .05.
2. Real panels pooled, at invented dates: no third above .05 + 2 SE, and the noisy less the quiet third not above the
   present rule's difference by more than 2 SE (of the rise; SEs are clustered by trust).

Weights are chosen on units at even positions of the sorted codes, and reported on the others and on new simulated
panels; comparators are all units in both. The forms of rules were looked for on all units of these panels: what
follows of untouched panels (four hours, later emergency admissions) is the only real trial of a form.

``python -m tools.width_by_shrinking`` prints the tables in some minutes; ``--quick`` has fewer dates and simulates few
panels, too few to judge by.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import polygamma

from evalkit.catalogue import find_root, read_catalogue
from evalkit.designs.interrupted_time_series.against_comparators import ENOUGH_COMPARATORS
from evalkit.designs.interrupted_time_series.segmented_model import SegmentedModel
from evalkit.inference.autoregressive.fit import fit_many
from evalkit.inference.ranks.interval import TEST_LEVEL
from evalkit.intake.periods import resolve_interruption
from tools.false_alarms import MONTHS_BEFORE, WINDOWS, Window, series

STEPS = {"count": float(np.log(0.9)), "proportion": -5.0}
PANELS = [
    window
    for window in WINDOWS
    if window.measure in ("ae-attendances-type-1", "ae-attendances-all")
    or (window.measure == "emergency-admissions" and window.first == "2016-04")
]
CORRELATIONS = np.linspace(-0.3, 0.9, 49)
SEED_OF_CHOICE, SEED_OF_REPORT, SEED_OF_LOTS = 16, 1616, 161616
FOR_CHOICE, FOR_REPORT, FOR_QUICK = 6_000, 15_000, 480  # units simulated of a panel at a date
QUICK_DATES = (12, 24)
EVEN_SIZE, SMALLEST = 100, ENOUGH_COMPARATORS + 1
LOTS = 50  # of pools of 20 from each real panel
LIMITS = (0.04, 0.06)
PRESENT, AIM = "present", "median 0.5"
ALWAYS = (
    PRESENT, "median 0.25", AIM, "median 0.75", "median 1",
    "arithmetic 0.25", "arithmetic 0.5", "arithmetic 0.75", "empirical Bayes", "nearest half",
    "line+variance 0.5 0", "line+variance 0 0.1", "line+variance 0.5 0.1",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Fits:
    """What panels of units show at a date where nothing changed.

    Attributes
    ----------
    before : months before the date
    df : residual degrees of freedom of the whole series
    positions : (r, n) of the units of r panels among the sorted codes
    estimates, half_widths : (r, n)
    noise, whole : (r, n) residual SD of the months before, and of all months
    """

    before: int
    df: int
    positions: np.ndarray
    estimates: np.ndarray
    half_widths: np.ndarray
    noise: np.ndarray
    whole: np.ndarray

    @cached_property
    def thirds(self) -> np.ndarray:
        """0 quiet, 1 middle, 2 noisy (r, n), by the months before."""
        return thirds_of(self.noise)

    def cut(self, units: int, seed: int) -> "Fits":
        """So many units of each panel, by lot."""
        lots = np.random.default_rng([seed, units]).random(self.noise.shape)
        kept = np.sort(np.argsort(lots, axis=1)[:, :units], axis=1)
        columns = (self.positions, self.estimates, self.half_widths, self.noise, self.whole)
        return Fits(self.before, self.df, *(np.take_along_axis(column, kept, axis=1) for column in columns))

    def repeated(self, times: int) -> "Fits":
        """The same panels so many times over."""
        columns = (self.positions, self.estimates, self.half_widths, self.noise, self.whole)
        return Fits(self.before, self.df, *(np.repeat(column, times, axis=0) for column in columns))


def thirds_of(noise: np.ndarray) -> np.ndarray:
    """0, 1 or 2 by rank within each row (r, n)."""
    order = np.argsort(np.argsort(noise, axis=1, kind="stable"), axis=1, kind="stable")
    return order * 3 // noise.shape[1]


def gaps_of(values: np.ndarray) -> np.ndarray:
    """Each unit (..., months, units) less the mean of the others."""
    units = values.shape[-1]
    return values - (values.sum(axis=-1, keepdims=True) - values) / (units - 1)


def model_at(periods: pd.PeriodIndex, before: int) -> tuple[SegmentedModel, np.ndarray]:
    """The model of a change after so many months, and its columns in the months before."""
    design = SegmentedModel(periods, resolve_interruption(periods[before], 0, "M"), seasonality=1)
    early = design.matrix[:before]
    return design, early[:, early.any(axis=0)]


def fits_of(gaps: np.ndarray, periods: pd.PeriodIndex, before: int) -> Fits:
    """Level changes, half-widths and noise of gaps (r, months, units)."""
    design, early = model_at(periods, before)
    panels, _, units = gaps.shape
    rows = gaps.transpose(0, 2, 1).reshape(panels * units, -1)
    fits = fit_many(rows, design.matrix, contrasts=design.weights("level")[None, :], with_p_values=False)
    columns = (
        fits.estimates[:, 0],
        (fits.highs - fits.lows)[:, 0] / 2,
        _residual_sd(rows[:, :before], early),
        _residual_sd(rows, design.matrix),
    )
    positions = np.broadcast_to(np.arange(units), (panels, units))
    df = design.matrix.shape[0] - design.matrix.shape[1]
    return Fits(before, df, positions, *(column.reshape(panels, units) for column in columns))


def _residual_sd(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    left = rows - rows @ np.linalg.pinv(matrix).T @ matrix.T
    return np.sqrt((left**2).sum(axis=1) / (matrix.shape[0] - matrix.shape[1]))


def errors_before(gaps: np.ndarray, early: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AR(1) coefficients and SDs (units,) of gaps (months, units) in the months before, by restricted likelihood."""
    months, columns = early.shape
    lag = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    likelihoods, deviations = [], []
    for correlation in CORRELATIONS:
        root = np.linalg.cholesky(correlation**lag)
        whitened, outcome = np.linalg.solve(root, early), np.linalg.solve(root, gaps)
        left = outcome - whitened @ np.linalg.lstsq(whitened, outcome, rcond=None)[0]
        variance = (left**2).sum(axis=0) / (months - columns)
        determinants = 2 * np.log(np.diag(root)).sum() + np.linalg.slogdet(whitened.T @ whitened)[1]
        likelihoods.append(-0.5 * ((months - columns) * np.log(variance) + determinants))
        deviations.append(np.sqrt(variance))
    best = np.argmax(likelihoods, axis=0)
    return CORRELATIONS[best], np.array(deviations)[best, np.arange(gaps.shape[1])]


def simulated(
    values: np.ndarray, periods: pd.PeriodIndex, before: int, panels: int, random: np.random.Generator
) -> Fits:
    """Panels of as many units as ``values`` (months, units), whose errors are as theirs were before the date."""
    correlations, deviations = errors_before(gaps_of(values)[:before], model_at(periods, before)[1])
    draws = random.standard_normal((panels, *values.shape))
    errors = np.empty_like(draws)
    errors[:, 0] = draws[:, 0]
    for month in range(1, len(periods)):
        errors[:, month] = correlations * errors[:, month - 1] + np.sqrt(1 - correlations**2) * draws[:, month]
    return fits_of(gaps_of(errors * deviations), periods, before)


def _mixed(logs: np.ndarray, target: np.ndarray, weight: float | np.ndarray) -> np.ndarray:
    return np.exp((1 - weight) * logs + weight * target)


def _median(logs: np.ndarray) -> np.ndarray:
    return np.median(logs, axis=1, keepdims=True)


def _line(fits: Fits) -> np.ndarray:
    """Log half-width that the pool's line on log noise before suggests for each unit."""
    y, x = np.log(fits.half_widths), np.log(fits.noise)
    x = x - x.mean(axis=1, keepdims=True)
    slope = (x * y).sum(axis=1, keepdims=True) / (x**2).sum(axis=1, keepdims=True)
    return y.mean(axis=1, keepdims=True) + slope * x


def _towards_median(fits: Fits, weight: float) -> np.ndarray:
    logs = np.log(fits.half_widths)
    return _mixed(logs, _median(logs), weight)


def _arithmetic(fits: Fits, weight: float) -> np.ndarray:
    return (1 - weight) * fits.half_widths + weight * np.median(fits.half_widths, axis=1, keepdims=True)


def _fewer_months(fits: Fits, weight: float) -> np.ndarray:
    """The weight holds after 12 months, half of it after 24."""
    return _towards_median(fits, min(1.0, weight * MONTHS_BEFORE[0] / fits.before))


def _thirds(fits: Fits, weight: float) -> np.ndarray:
    """Towards the median of one's own third."""
    logs = np.log(fits.half_widths)
    medians = [np.nanmedian(np.where(fits.thirds == third, logs, np.nan), axis=1, keepdims=True) for third in range(3)]
    return _mixed(logs, np.choose(fits.thirds, medians), weight)


def _line_and_variance(fits: Fits, to_line: float, of_variance: float) -> np.ndarray:
    """Towards the line on the log scale; then a share of the median's square is mixed into each square."""
    scale = _mixed(np.log(fits.half_widths), _line(fits), to_line)
    middle = np.exp(_median(np.log(fits.half_widths)))
    return np.sqrt((1 - of_variance) * scale**2 + of_variance * middle**2)


def _empirical_bayes(fits: Fits) -> np.ndarray:
    """The weight is the share of the variance of log half-widths that luck of a residual SD alone would give."""
    logs = np.log(fits.half_widths)
    luck = float(polygamma(1, fits.df / 2)) / 4
    return _mixed(logs, _median(logs), np.minimum(1, luck / logs.var(axis=1, keepdims=True)))


FAMILIES: dict[str, Callable[..., np.ndarray]] = {
    "median": _towards_median,
    "arithmetic": _arithmetic,
    "fewer": _fewer_months,
    "thirds": _thirds,
    "line+variance": _line_and_variance,
}
TENTHS = tuple(f"{tenth / 10:g}" for tenth in range(1, 11))
CANDIDATES = {family: [f"{family} {weight}" for weight in TENTHS] for family in list(FAMILIES)[:-1]} | {
    "line+variance": [
        f"line+variance {line} {variance}"
        for line, variance in product(("0", "0.25", "0.5", "0.75", "1"), ("0", "0.05", "0.1", "0.15", "0.2", "0.3"))
    ][1:]
}


def rule_of(name: str) -> Callable[[Fits], np.ndarray]:
    """The scale (r, n) over which a rule ranks: by family and weights, as in ``median 0.5``."""
    if name in (PRESENT, "nearest half"):
        return lambda fits: fits.half_widths
    if name == "empirical Bayes":
        return _empirical_bayes
    family, *weights = name.split()
    return lambda fits: FAMILIES[family](fits, *map(float, weights))


def _outer(others: int) -> int:
    return max(int(np.floor(TEST_LEVEL * (1 + others) + 1e-9)), 1)


def critical_values(sizes: np.ndarray) -> np.ndarray:
    """What each unit's size (r, n) has to pass: the ``critical_value`` of all the others."""
    outer = _outer(sizes.shape[1] - 1)
    ordered = -np.sort(-sizes, axis=1)
    last, following = ordered[:, [outer - 1]], ordered[:, [outer]]
    return np.where(sizes >= last, following, last)


def _critical_among_nearest(sizes: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """As ``critical_values``, among the half of the others nearest in log noise before (at least 19)."""
    units = sizes.shape[1]
    count = max(ENOUGH_COMPARATORS, (units - 1) // 2)
    logs = np.log(noise)
    out = np.empty_like(sizes)
    for unit in range(units):
        distance = np.abs(logs - logs[:, [unit]])
        distance[:, unit] = np.inf
        near = np.argpartition(distance, count - 1, axis=1)[:, :count]
        out[:, unit] = np.sort(np.take_along_axis(sizes, near, axis=1), axis=1)[:, -_outer(count)]
    return out


def ranked(fits: Fits, name: str, step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether a change is claimed, whether ``step`` would be found, and the interval's half-width (each (r, n))."""
    scale = rule_of(name)(fits)
    sizes = np.abs(fits.estimates) / scale
    limit = _critical_among_nearest(sizes, fits.noise) if name == "nearest half" else critical_values(sizes)
    return sizes > limit, np.abs(fits.estimates + step) / scale > limit, limit * scale


def clustered_error(values: np.ndarray, clusters: np.ndarray) -> float:
    """SE of a mean of values that come in clusters."""
    _, of = np.unique(clusters, return_inverse=True)
    sums = np.bincount(of, values - values.mean())
    return float(np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / len(values))


@dataclass(frozen=True, eq=False)
class Panel:
    """Fits of one panel by date, the codes of its units in order, and the step to find."""

    window: Window
    fits: list[Fits]
    units: np.ndarray
    step: float


def cut_to(panels: Iterable[Panel], units: int, times: int = 1) -> list[Panel]:
    """So many units of each panel by lot, each panel so many times."""
    return [replace(one, fits=[fits.repeated(times).cut(units, SEED_OF_LOTS) for fits in one.fits]) for one in panels]


@dataclass(frozen=True, eq=False)
class Outcome:
    """One rule on pooled panels: a row per unit, date and panel, of the units counted."""

    claimed: np.ndarray
    found: np.ndarray
    thirds: np.ndarray
    clusters: np.ndarray
    width: float

    def share(self, third: int | None = None) -> tuple[float, float]:
        """Share claimed with its SE, of one third or of all."""
        chosen = self.thirds == third if third is not None else np.ones(len(self.thirds), bool)
        return float(self.claimed[chosen].mean()), clustered_error(self.claimed[chosen], self.clusters[chosen])

    @property
    def difference(self) -> np.ndarray:
        """Values whose mean is the noisy less the quiet third's share."""
        parts = [(self.thirds == third) / np.mean(self.thirds == third) for third in (2, 0)]
        return self.claimed * (parts[0] - parts[1])

    @property
    def power(self) -> float:
        """Share of steps found."""
        return float(self.found.mean())


def outcome(panels: Iterable[Panel], name: str, half: int | None, by: Callable[[Fits], np.ndarray]) -> Outcome:
    """A rule on panels, counting units at even (0) or odd (1) positions, or all; clusters are units' codes."""
    rows, widths = [], []
    for panel in panels:
        for fits in panel.fits:
            claimed, found, width = ranked(fits, name, panel.step)
            counted = np.ones(claimed.shape, bool) if half is None else fits.positions % 2 == half
            codes = panel.units[fits.positions]
            rows.append([part[counted] for part in (claimed.astype(float), found.astype(float), by(fits), codes)])
            widths.append(np.median(width[counted]) / np.median(ranked(fits, PRESENT, panel.step)[2][counted]))
    return Outcome(*(np.concatenate(parts) for parts in zip(*rows, strict=True)), float(np.mean(widths)))


def by_noise_before(fits: Fits) -> np.ndarray:
    """Thirds that both judgements go by."""
    return fits.thirds


def by_noise_of_all_months(fits: Fits) -> np.ndarray:
    """Thirds by a noise from which no rule takes its line."""
    return thirds_of(fits.whole)


def simulated_shares(panel: Panel, name: str, half: int | None) -> np.ndarray:
    """Share claimed by third, and its SE over simulated panels (3, 2)."""
    claims, totals = [], []
    for fits in panel.fits:
        claimed = ranked(fits, name, panel.step)[0]
        counted = np.ones(claimed.shape, bool) if half is None else fits.positions % 2 == half
        of_third = [counted & (fits.thirds == third) for third in range(3)]
        claims.append(np.stack([(claimed & of).sum(axis=1) for of in of_third]))
        totals.append(np.stack([of.sum(axis=1) for of in of_third]))
    claims, totals = np.concatenate(claims, axis=1), np.concatenate(totals, axis=1)
    rates = claims.sum(axis=1) / totals.sum(axis=1)
    errors = np.sqrt(((claims - rates[:, None] * totals) ** 2).sum(axis=1)) / totals.sum(axis=1)
    return np.column_stack([rates, errors])


@dataclass(frozen=True, eq=False)
class Judged:
    """A rule on real panels, and on simulated ones whole and cut to 100 (panels, 3, 2)."""

    name: str
    real: Outcome
    present: Outcome
    whole: np.ndarray
    cut: np.ndarray

    @property
    def rise(self) -> tuple[float, float]:
        """Noisy less quiet third, over the present rule's, with the SE of that rise."""
        values = self.real.difference - self.present.difference
        return float(values.mean()), clustered_error(values, self.real.clusters)

    @property
    def first(self) -> tuple[bool, bool]:
        """The first judgement, of panels as they are and cut to 100."""
        least, most = LIMITS
        shares = (self.whole[..., 0], self.cut[..., 0])
        whole, cut = (bool(((share >= least) & (share <= most)).all()) for share in shares)
        return whole, cut

    @property
    def second(self) -> bool:
        """The second judgement."""
        rise, error = self.rise
        shares = [self.real.share(third) for third in range(3)]
        return rise <= 2 * error and all(share <= TEST_LEVEL + 2 * of_it for share, of_it in shares)

    def gains(self, aim: float) -> bool:
        """Half of the power that ``AIM`` gains, or more."""
        return self.real.power - self.present.power >= (aim - self.present.power) / 2


def judged(
    names: Iterable[str], real: list[Panel], made: list[Panel], half: int, half_of_made: int | None
) -> dict[str, Judged]:
    """Each rule, on one half of the real units, and on one half or all of those simulated."""
    cut = cut_to(made, EVEN_SIZE)
    present = outcome(real, PRESENT, half, by_noise_before)
    return {
        name: Judged(
            name,
            outcome(real, name, half, by_noise_before),
            present,
            np.array([simulated_shares(panel, name, half_of_made) for panel in made]),
            np.array([simulated_shares(panel, name, half_of_made) for panel in cut]),
        )
        for name in names
    }


def chosen(rules: dict[str, Judged]) -> dict[str, str]:
    """By family the rule of most power of those that pass on this half; where none does, the nearest by the first."""
    out = {}
    for family, names in CANDIDATES.items():
        passing = [name for name in names if rules[name].first[1] and rules[name].second]
        if passing:
            out[family] = max(passing, key=lambda name: rules[name].real.power)
        else:
            out[family] = min(names, key=lambda name: float(np.abs(rules[name].cut[..., 0] - TEST_LEVEL).max()))
    return out


def real_panels(catalogue, windows: Iterable[Window], dates: Iterable[int]) -> list[Panel]:
    """Panels of real series, as if the change had come at each date."""
    out = []
    for window in windows:
        values, periods, units = series(catalogue, window)
        fits = [fits_of(gaps_of(values)[None], periods, before) for before in dates]
        out.append(Panel(window, fits, np.array(units), STEPS[catalogue.measures[window.measure].form]))
    return out


def made_panels(catalogue, windows: Iterable[Window], dates: Iterable[int], units: int, seed: int) -> list[Panel]:
    """Simulated panels like the real ones, of ``units`` units or a few more in all at each date."""
    out = []
    for index, window in enumerate(windows):
        values, periods, codes = series(catalogue, window)
        panels = -(-units // len(codes))
        fits = [
            simulated(values, periods, before, panels, np.random.default_rng([seed, index, before])) for before in dates
        ]
        out.append(Panel(window, fits, np.array(codes), STEPS[catalogue.measures[window.measure].form]))
    return out


def _told(share: tuple[float, float] | np.ndarray) -> str:
    return f"{share[0]:.3f} ({share[1]:.3f})"


def _mean(shares: np.ndarray) -> np.ndarray:
    """Mean over panels (panels, 3, 2) with its SE."""
    return np.column_stack([shares[..., 0].mean(axis=0), np.sqrt((shares[..., 1] ** 2).sum(axis=0)) / len(shares)])


def print_real(title: str, outcomes: dict[str, Outcome]) -> None:
    """Power, width and sizes with SEs; the rise is over the first of the outcomes."""
    print(f"\n{title}\n{'rule':24} power  width  {'size':14}{'quiet':14}{'middle':14}{'noisy':14}noisy - quiet, rise")
    present = next(iter(outcomes.values()))
    for name, one in outcomes.items():
        sizes = "  ".join(_told(one.share(third)) for third in (None, 0, 1, 2))
        rise = one.difference - present.difference
        error = clustered_error(rise, one.clusters)
        print(f"{name:24} {one.power:.3f}  {one.width:.2f}   {sizes}  {rise.mean():+.3f} ({error:.3f})")
    sys.stdout.flush()


def print_simulated(title: str, shares: dict[str, np.ndarray], powers: dict[str, tuple[float, float]]) -> None:
    """Sizes by third, pooled and at the extremes of single panels."""
    print(f"\n{title}\n{'rule':24} power  width  size   {'quiet':15}{'middle':15}{'noisy':15}panels: least, most")
    for name, of_panels in shares.items():
        pooled = _mean(of_panels)
        power, width = powers[name]
        thirds = "  ".join(f"{rate:.4f} ({error:.4f})"[:15] for rate, error in pooled)
        least, most = of_panels[..., 0].min(), of_panels[..., 0].max()
        print(f"{name:24} {power:.3f}  {width:.2f}   {pooled[:, 0].mean():.3f}  {thirds}  {least:.4f}, {most:.4f}")
    sys.stdout.flush()


def main() -> None:
    """Choose, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer dates and few simulated panels")
    quick = parser.parse_args().quick
    catalogue = read_catalogue(find_root())
    dates = QUICK_DATES if quick else MONTHS_BEFORE
    for_choice, for_report = (FOR_QUICK, FOR_QUICK) if quick else (FOR_CHOICE, FOR_REPORT)
    real = real_panels(catalogue, PANELS, dates)

    names = [PRESENT, AIM, *(name for family in CANDIDATES.values() for name in family)]
    on_even = judged(names, real, made_panels(catalogue, PANELS, dates, for_choice, SEED_OF_CHOICE), 0, 0)
    weights = chosen(on_even)
    print("Chosen on units at even positions (first judgement by panels cut to 100):")
    for family, name in weights.items():
        one = on_even[name]
        print(f"{family:14} {name:24} power {one.real.power:.3f}, passes: {one.first[1]}, {one.second}")
    passing = [name for name in weights.values() if on_even[name].first[1] and on_even[name].second]
    best = max(passing or weights.values(), key=lambda name: on_even[name].real.power)

    made = made_panels(catalogue, PANELS, dates, for_report, SEED_OF_REPORT)
    reported = list(dict.fromkeys([*ALWAYS, *weights.values()]))
    on_odd = judged(reported, real, made, 1, None)
    powers = {}
    for name in reported:
        one = outcome(made, name, None, by_noise_before)
        powers[name] = (one.power, one.width)
    print_simulated("(1) simulated panels", {name: on_odd[name].whole for name in reported}, powers)
    of_cut = {name: on_odd[name].cut for name in reported}
    print_simulated("(1) the same cut to 100 units (power and width of whole panels)", of_cut, powers)
    print_real("(2) real panels, units at odd positions", {name: on_odd[name].real for name in reported})
    print_real("(2) real panels, all units", {name: outcome(real, name, None, by_noise_before) for name in reported})

    aim = on_odd[AIM].real.power
    print(f"\nJudged on units at odd positions{'':20} gains half, (1) as they are, (1) of 100, (2)")
    for name, one in on_odd.items():
        print(f"{name:24} {one.real.power - one.present.power:+.3f} of {aim - one.present.power:+.3f}", end="  ")
        print(*("yes" if passed else "no" for passed in (one.gains(aim), *one.first, one.second)), sep=", ")

    few = list(dict.fromkeys([PRESENT, AIM, "arithmetic 0.25", "line+variance 0.5 0.1", best]))
    by_all = {name: outcome(real, name, None, by_noise_of_all_months) for name in few}
    print_real("Real panels, all units, thirds by the noise of all months", by_all)
    made_by_all = {name: outcome(made, name, None, by_noise_of_all_months) for name in few}
    print("\nSimulated panels, thirds by the noise of all months")
    for name, one in made_by_all.items():
        print(f"{name:24}", *(f"{one.share(third)[0]:.4f}" for third in range(3)))
    untouched = [window for window in WINDOWS if window not in PANELS]
    others = real_panels(catalogue, untouched, dates)
    print_real("Untouched panels, all units", {name: outcome(others, name, None, by_noise_before) for name in few})
    made_others = cut_to(made_panels(catalogue, untouched, dates, for_report, SEED_OF_REPORT), EVEN_SIZE)
    shares = {name: np.array([simulated_shares(panel, name, None) for panel in made_others]) for name in few}
    powers = {
        name: (one.power, one.width) for name in few for one in [outcome(made_others, name, None, by_noise_before)]
    }
    print_simulated("Untouched panels simulated, cut to 100 units", shares, powers)
    for title, panels, times in (("real", real, LOTS), ("simulated", made, 1)):
        small = cut_to(panels, SMALLEST, times)
        outcomes = {name: outcome(small, name, None, by_noise_before) for name in few}
        print_real(f"Pools of {SMALLEST} units by lot, {title}", outcomes)


if __name__ == "__main__":
    main()
