"""What stands beside a figure or a table: captions, and words explained where they first appear."""

from evalkit.design_register import design_called
from evalkit.effect import Effect
from evalkit.report.wording import words

# Half-widths of a 95% interval that hold 99.8%: the normal distribution's 3.090 over its 1.960.
FARTHER = 3.090 / 1.960
BAND = ", and its band is as wide as the 95% interval of the answer"
WIDER = ", or as that of the {period} by itself where this is wider, as the effect may have grown or waned"


def figure_caption(effect: Effect) -> str:
    """What the points, lines and band of the time series figure are."""
    series, figure = effect.series, design_called(effect.design).figure
    period = words.period_noun(effect)
    points = f"Each point is one {period}"
    if words.is_mean(effect):
        points += f", the mean of the {len(effect.treated_units)} places that changed"
        if effect.headline["scale"] == "percent":
            points += " (of logarithms, so that a large place counts no more than a small one)"
    banded = series["counterfactual_low"].notna().any()
    if figure == "fitted" or series["in_transition"].any():
        points += "; hollow points are left out of the fit"
    if figure == "fitted":
        band = (
            BAND + (WIDER.format(period=period) if "slope" in set(effect.estimates["term"]) else "") if banded else ""
        )
        return (
            f"{points}. The solid line is fitted, the dashed line is what would have been expected without the change"
            f"{band}."
        )
    expected = "The dashed line is what the comparators suggest without the change"
    expected += BAND if banded else "; it has no band, as the answer has no bounds"
    before = (
        "follows the comparators, on the level of those that changed"
        if not words.is_mean(effect)
        else "follows the comparators"
    )
    return f"{points}. The solid line {before}, and after the start has the mean effect added. {expected}."


def placebo_title(effect: Effect) -> str:
    """What the figure of placebos is called."""
    if placebo_kind(effect) == "Comparators":
        return "The same analysis at places where nothing is known to have changed"
    return f"The same analysis with other choices of {len(effect.treated_units)} places called changed"


def placebo_finding(effect: Effect, place: str) -> str:
    """How many of what was tried moved as much or more, each for its own noise."""
    larger, count = _as_large(effect)
    if placebo_kind(effect) == "Assignments":
        return f"{larger:,} of {count:,} other choices moved as much or more"
    return f"{larger} of {count} other places moved as much as {place} or more, each for its own noise"


def _as_large(effect: Effect) -> tuple[int, int]:
    """How many placebos moved as much or more, of how many."""
    table = effect.tables["placebo"]
    sizes, treated = table["studentised"].astype(float).abs(), table["treated"].astype(bool)
    return int((sizes[~treated] >= sizes[treated].iloc[0]).sum()), int((~treated).sum())


def _beyond(effect: Effect, half_widths: float) -> int:
    """How many places where nothing changed lie that far out, in half-widths of their own intervals."""
    table = effect.tables["placebo"]
    sizes = table.loc[~table["treated"].astype(bool), "studentised"].astype(float).abs()
    return int((sizes > half_widths).sum())


def placebo_caption(effect: Effect) -> str:
    """What the histogram counts, and how to read it."""
    if placebo_kind(effect) == "Assignments":
        return (
            f"Drawn are {_as_large(effect)[1]:,} choices, each counted once: as many places as changed, chosen by chance and given the same starts. Dotted lines mark where"
            " a change would be clear of nought. If many moved as much, the change would be nothing unusual."
        )
    solid, dashed, count = (_beyond(effect, 1.0), _beyond(effect, FARTHER), _as_large(effect)[1])
    return (
        "Each dot is a place where nothing is known to have changed, given the same start date: how large a change was found"
        " there, by how noisy its figures are. If every interval were as good as its formula says, one dot in twenty would lie"
        f" beyond the solid lines, and one in five hundred beyond the dashed ones; here {solid} and {dashed} of {count} do."
        " So the interval of the answer holds whatever would not stand out among these dots, and not what a formula gives."
    )


def placebo_kind(effect: Effect) -> str:
    """What the placebos are: single comparators, or assignments, each a choice of as many places as changed."""
    if not words.is_mean(effect):
        return "Comparators"
    table = effect.tables["placebo"]
    tried = table.loc[~table["treated"].astype(bool), "unit"]
    return "Comparators" if tried.isin(effect.tables["members"]["unit"]).all() else "Assignments"


def placebo_alt_text(effect: Effect, place: str, name: str | None = None) -> str:
    """What the figure of comparators, or of other assignments, shows."""
    larger, count = _as_large(effect)
    of = f" in {name}" if name else ""
    if placebo_kind(effect) == "Assignments":
        return (
            f"Histogram of the changes{of} found under {count:,} other choices of {len(effect.treated_units)} places called"
            f" changed, each for its own noise. The choice that is true ({place}) is marked; {larger:,} of the {count:,}"
            " that are drawn moved as much or more."
        )
    return (
        f"Funnel of the changes{of} found at {count} comparators given the same invented start, each against its own noise."
        f" {place} is marked; {larger} of the {count} moved as much or more for their noise."
    )


def glossary(effect: Effect) -> str:
    """The words of a ranked difference-in-differences, each in one clause; empty where none is needed."""
    if not design_called(effect.design).in_eight_steps or "placebo" not in effect.tables:
        return ""
    explanation = (
        "A placebo is a place where nothing is known to have changed that goes through the same analysis as if it had;"
        " the rank is how far out the true result lies among the placebos."
    )
    if placebo_kind(effect) == "Assignments":
        explanation += " With several places that changed, a placebo is an assignment: as many places, chosen to be called changed."
    return explanation


def unbounded(effect: Effect) -> str:
    """What "no bounds" means, where a row of the effect in full says it; else empty."""
    rows = effect.estimates[effect.estimates["role"].isin(("headline", "term"))]
    if rows[["low", "high"]].notna().any(axis=1).all():
        return ""
    return "No bounds: the ranks could rule out no size of that effect, large or small."


def forbidden(effect: Effect) -> str:
    """How much of a plain regression would rest on places that had already changed, in a sentence or two."""
    table = effect.tables.get("decomposition")
    if why := design_called(effect.design).no_decomposition:
        return why
    if len(effect.interruptions) < 2:
        return "There is one start, so no place that had already changed could serve as a comparator."
    if table is None:
        return "The parts of a plain regression were not computed for data of this size; the estimate here does not use them."
    share = 100 * float(table.loc[table["forbidden"].astype(bool), "weight"].sum())
    return (
        f"{share:.1f}% of a plain regression would rest on forbidden comparisons: with places that had already changed, so"
        " that their own change counts as if it were the normal course of things. The estimate on this page uses none of"
        " them."
    )


def weighted(effect: Effect) -> str:
    """How many comparators count, or sites of a pooled effect, and how the weights were chosen, in a sentence."""
    table, design = effect.tables.get("weights"), design_called(effect.design)
    if table is None:
        if design.is_relative or effect.comparators_used:
            return "Every comparator counts the same here: none was weighted."
        return "There are no comparators here, so nothing was weighted."
    if design.pools:
        least, most = (f"{100 * float(table['weight'].agg(end)):.1f}%".replace("-", "−") for end in ("min", "max"))
        return (
            f"{len(table)} sites count from {least} to {most} each: the surer a site's own estimate, the more it counts;"
            " the more sites truly differ, the more alike they count."
        )
    weights = table["weight"] if "of" not in table else table.loc[table["of"] == "unit", "weight"]
    counted, heaviest = len(weights), 100 * float(weights.max())
    return (
        f"{counted} comparators are weighted so that together they ran alongside before the change; the heaviest counts for"
        f" {heaviest:.1f}%."
    )
