"""Whether what a notebook was given are parameters that it has: papermill takes a misspelt name without a word."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from evalkit.errors import EvaluationError, did_you_mean, named

OF_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


def check_parameters(given: Mapping[str, Any]) -> None:
    """Refuse what a notebook was given and has no parameter for, such as a name that is misspelt.

    Parameters
    ----------
    given : mapping
        ``globals()`` of the notebook, right after its parameters: those are the names that its parameters cell annotates.

    Raises
    ------
    EvaluationError
        Where there is another name, with the one that may have been meant.

    Examples
    --------
    >>> import evalkit as ek
    >>> site: str = "RA3"  # as in a parameters cell
    >>> try:
    ...     ek.check_parameters({"__annotations__": {"site": str}, "site": "RA3", "sit": "RBA"})
    ... except ek.EvaluationError as error:
    ...     print(error)
    `sit` is no parameter of this notebook; did you mean `site`.
    """
    known = list(given.get("__annotations__", {}))
    strange = [
        name for name, value in given.items()
        if name not in known and not name.startswith("_") and name not in OF_IPYTHON and not _is_imported(value)
    ]  # fmt: skip
    if strange:
        what = f"{named([f'`{name}`' for name in strange])} {'are' if len(strange) > 1 else 'is'} no parameter{'s' * (len(strange) > 1)} of this notebook"
        raise EvaluationError(f"{what}{did_you_mean(strange[0], known)}.", strange[0])


def _is_imported(value: Any) -> bool:
    return isinstance(value, ModuleType | type) or callable(value) or type(value).__module__ == "typing"
