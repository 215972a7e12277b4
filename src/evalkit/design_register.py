"""What a design says of itself, and the register of all there are.

A design is a folder of ``evalkit.designs`` with a file ``description.py`` that lists its ``DESIGNS``. Verdict, report,
pooling, catalogue and pages ask the description, and name no design.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

from evalkit.errors import EvaluationError, did_you_mean

PACKAGE = "evalkit.designs"
DESCRIPTION = "description"


@dataclass(frozen=True)
class Design:
    """A way to estimate what changed.

    Attributes
    ----------
    name : str
        As ``Effect.design`` carries it.
    title : str
        As the methods pages list it.
    starts_at : {"moderate", "low", "very low"} or None
        Where certainty starts; ``None`` where it pools effects, which starts where the weakest of its sites does, and where
        it estimates nothing, of which nobody can be certain.
    starts_because : str
        Ends the sentence "Starts at moderate: ...".
    compares : bool
        Whether other places say what would have happened.
    is_relative : bool
        Whether the finding itself is a gap to comparators, which a sentence has to say.
    figure : {"fitted", "alongside", "forest", "points"}
        ``fitted``: one series with its fitted line and what was expected. ``alongside``: the mean of the places that
        changed, beside what their comparators suggest. ``forest``: the sites of a pooled effect. ``points``: what was
        counted, each point with its own interval.
    describes : bool
        Whether it only tells what was counted: it has no estimate, no interval of a change and no verdict on one.
    in_eight_steps : bool
        Whether a page sets it out in the eight steps of a difference-in-differences.
    no_decomposition : str
        Why no plain regression over several starts is taken apart; empty where one is.
    false_alarms : {"series", "differences", ""}
        Which measured rates of false alarms speak to it; empty where none was measured.
    methods_page : str
        The page below ``book/methods`` that explains it.
    templates : mapping of template to what it is for
    """

    name: str
    title: str
    starts_at: Literal["moderate", "low", "very low"] | None
    starts_because: str
    compares: bool
    figure: Literal["fitted", "alongside", "forest", "points"]
    false_alarms: Literal["series", "differences", ""]
    methods_page: str
    no_decomposition: str = ""
    is_relative: bool = False
    in_eight_steps: bool = False
    describes: bool = False
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def pools(self) -> bool:
        """Whether it is made from the effects of several sites."""
        return self.starts_at is None and not self.describes


@cache
def designs() -> dict[str, Design]:
    """Every design there is, by name."""
    descriptions = (design for module in description_modules() for design in import_module(module).DESIGNS)
    return {design.name: design for design in descriptions}


@cache
def description_modules() -> tuple[str, ...]:
    """The modules that describe designs, in alphabetical order."""
    folders = import_module(PACKAGE).__path__
    names = {path.parent.name for folder in folders for path in Path(folder).glob(f"*/{DESCRIPTION}.py")}
    return tuple(f"{PACKAGE}.{name}.{DESCRIPTION}" for name in sorted(names))


def design_called(name: str) -> Design:
    """The design of that name.

    Raises
    ------
    EvaluationError
        Where there is none.
    """
    known = designs()
    if name not in known:
        raise EvaluationError(f"`{name}` is not a design that evalkit knows{did_you_mean(name, known)}.")
    return known[name]


def design_of_template(template: str) -> Design | None:
    """The design that a template belongs to; None of a template that is nobody's."""
    return next((design for design in designs().values() if template in design.templates), None)


def describes(template: str) -> bool:
    """Whether what a template gives is only described."""
    design = design_of_template(template)
    return design is not None and design.describes


def describing_template() -> str:
    """The template that needs no more than points, for what bears no other."""
    return next(name for design in designs().values() if design.describes for name in design.templates)
