"""What a worker is told, and what it gives back: plain values that can travel to another machine."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What one notebook may take: minutes, and GB of memory of its kernel's own (where kernels are forked)."""

    minutes: float = 10
    memory_gb: float = 4


@dataclass(frozen=True)
class Job:
    """One notebook to run; all that a worker has to be told.

    Attributes
    ----------
    id : str
        ``evaluation/analysis``.
    template : str
        File of the template below the project's folder.
    """

    id: str
    template: str
    parameters: dict[str, Any]
    limits: Limits = Limits()


@dataclass(frozen=True)
class Executed:
    """What one run gave: a normalised notebook and a gated effect, or a sentence that says why not.

    Attributes
    ----------
    seconds, cell_seconds : float
        Wall time of the whole, and of the cells alone by the kernel's own clock.
    detail : str or None
        May hold data and paths: it goes to the private run log only.
    """

    id: str
    seconds: float
    cell_seconds: float = 0.0
    notebook: str | None = None
    effect: dict[str, Any] | None = None
    failure: str | None = None
    detail: str | None = None
    worker: str = "here"
