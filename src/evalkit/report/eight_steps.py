"""A difference-in-differences in the eight steps of Baker and others (2025), each filled from the Effect.

Baker, Callaway, Cunningham, Goodman-Bacon and Sant'Anna, Difference-in-differences designs: a practitioner's guide
(arXiv 2503.13323).
"""

from collections.abc import Mapping, Sequence

from evalkit.catalogue.records.evaluations import Evaluation
from evalkit.check_register import KINDS, SINGLE_UNITS
from evalkit.effect import Effect
from evalkit.report import tables
from evalkit.report.wording import words
from evalkit.verdict import Verdict

ASSUMPTIONS = frozenset(kind.code for kind in KINDS if kind.of_assumptions)
OUTCOMES = {True: "passed", False: "did not pass", None: "says nothing either way"}


def eight(
    effect: Effect,
    judged: Verdict,
    evaluation: Evaluation,
    headline: str,
    differing: Sequence[str],
    names: Mapping[str, str] | None = None,
) -> list[tuple[str, list[str]]]:
    """Heading and sentences of each step.

    Parameters
    ----------
    headline : str
        The finding in one sentence.
    differing : sequence of str
        Other choices under which the verdict would be another word.
    names : mapping of label to name, optional
    """
    names = names or {}
    steps = [
        ("Target parameter: what was to be found", _target(effect)),
        ("Assumptions: what must be true", _assumptions(effect)),
        ("Estimator: how the number was made", _estimator(effect)),
        ("Uncertainty: how the interval was made", [effect.method_of_interval, words.detectable_sentence(effect)]),
        ("Estimate: what was found", [headline]),
        ("Sensitivity: would other choices have changed it", _sensitivity(effect, differing)),
        ("Heterogeneity: was it the same everywhere and always", _heterogeneity(effect, names)),
        ("Learning: what this does and does not teach", _learning(effect, judged, evaluation)),
    ]
    return [(heading, [words.with_names(sentence, names) for sentence in sentences]) for heading, sentences in steps]


def _target(effect: Effect) -> list[str]:
    places = "the places that changed" if len(effect.treated_units) > 1 else "the place that changed"
    return [
        f"{words.sentence_case(effect.estimand)}.",
        f"It is the effect on {places}, over the time that was seen; elsewhere or later it may be another.",
    ]


def _assumptions(effect: Effect) -> list[str]:
    alike = "the weighted comparators" if "weights" in effect.tables else "the comparators"
    sentences = [
        f"Without the change, those that changed would have moved as {alike} did (parallel trends); nothing moved in"
        " expectation of the start; and the change did not reach the comparators.",
        "This cannot be proved; what the time before the start says of it is below.",
    ]
    sentences += [
        f"{check.name}: {OUTCOMES[check.passed]}. {check.detail}"
        for check in effect.checks
        if check.code in ASSUMPTIONS
    ]
    return sentences


def _estimator(effect: Effect) -> list[str]:
    used = effect.comparators_used
    comparators = f"{used} comparator{'s' if used != 1 else ''}"
    if "weights" in effect.tables:
        how = (
            f"Synthetic difference-in-differences: {comparators} were weighted so that together they ran alongside before the"
            " change, and the gap to them after is compared with the gap before."
        )
    elif len(effect.interruptions) > 1:
        yet = " and with places that had not changed yet" if "not yet treated" in effect.estimand else ""
        how = (
            f"Group-time effects: each start was compared by itself with {comparators}{yet}, and the effects were then averaged."
            " No place that had already changed served as a comparator."
        )
    else:
        how = (
            f"The change from before to after at those that changed, less the same change at {comparators}."
            " With one start this is the plain difference of two differences."
        )
    if effect.headline["scale"] == "percent":
        how += " The logarithm was modelled, so changes are in per cent."
    return [how]


def _sensitivity(effect: Effect, differing: Sequence[str]) -> list[str]:
    rows = effect.estimates[effect.estimates["role"] == "sensitivity"]
    count = rows["method"].nunique()
    if not count:
        return ["No other choice could be tried on these data."]
    tried = f"{count} other choice{'s were' if count != 1 else ' was'} tried, each changing one thing."
    if not differing:
        return [f"{tried} None would change the verdict."]
    return [f"{tried} The verdict would be another for {len(differing)} of them: {'; '.join(differing)}."]


def _heterogeneity(effect: Effect, names: Mapping[str, str]) -> list[str]:
    scale = effect.headline["scale"]
    sentences = []
    named_rows = tables.place_rows(effect, names) or tables.start_rows(effect)
    if named_rows:
        unit = " points" if scale == "points" else ""
        listed = "; ".join(f"{name} {words.signed(row.estimate, scale)}{unit}" for name, row in named_rows)
        sentences.append(f"One by one: {listed}.")
    else:
        sentences.append("One place changed, at one time, so there are no places to set side by side.")
    noun = words.period_noun(effect)
    months = effect.estimates[(effect.estimates["role"] == "term") & (effect.estimates["scale"] == scale)]
    months = months[months["month"].notna()].sort_values("month")
    if len(months) > 1:
        first, last = months.iloc[0], months.iloc[-1]
        sentences.append(
            f"Over time: {words.signed(first.estimate, scale)} in {noun} {first.month:.0f} after the start,"
            f" {words.signed(last.estimate, scale)} in {noun} {last.month:.0f}."
        )
    sentences += [check.detail for check in effect.checks if check.code == SINGLE_UNITS.code]
    return sentences


def _learning(effect: Effect, judged: Verdict, evaluation: Evaluation) -> list[str]:
    rivals = evaluation.rival_explanations
    whole = sum(rival.could_explain_all(evaluation.primary.id) is not None for rival in rivals)
    also = f", of which {whole} could explain all of it" if whole else ""
    certain = (
        f" Certainty is {judged.certainty}, with the reasons at the top of this page."
        if judged.certainty
        else " The result decides nothing, so there is no certainty to speak of."
    )
    sentences = [
        f"{len(rivals)} other explanation{'s are' if len(rivals) != 1 else ' is'} set out above{also}.{certain}",
    ]
    if evaluation.limits:
        sentences.append(
            f"{len(evaluation.limits)} limit{'s are' if len(evaluation.limits) != 1 else ' is'} listed above."
        )
    few = len(effect.treated_units)
    if few == 1:
        sentences.append("One place is one case: what happened here once may not happen elsewhere.")
    return sentences
