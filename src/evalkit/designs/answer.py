"""What a difference-in-differences found, whatever its intervals were made by."""

from dataclasses import dataclass, field

from evalkit.inference.regression import Contrast


@dataclass(frozen=True)
class Answer:
    """Contrasts on the model's scale.

    Attributes
    ----------
    headline : Contrast
    method : how its interval was made, in a few words
    terms : (term, cohort or None, Contrast), everything besides the headline
    event_study : (by, label, event time or NaN, Contrast); ``by`` is "since start", "start" or "calendar"
    detectable : smallest true effect found four times in five, or None
    how : the method in sentences
    """

    headline: Contrast
    method: str
    terms: list[tuple[str, str | None, Contrast]]
    event_study: list[tuple[str, str, float, Contrast]]
    detectable: float | None
    how: str
    notes: tuple[str, ...] = field(default=())
