"""What a caller, a YAML file or papermill's ``-p`` may give as sites, comparators and dates."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from evalkit.catalogue.naming import words_in
from evalkit.errors import EvaluationError, did_you_mean, repeated
from evalkit.intake.periods import date_text


def sites_in(site: str | Iterable[str]) -> list[str]:
    """The sites of an analysis, each a unit: a list, or one text with spaces or commas between them.

    Raises
    ------
    EvaluationError
        Where none is named, one twice, or something that is no text.
    """
    sites = _listed_names(site, "site", "name the site, or the sites, where the change happened")
    if not sites:
        raise EvaluationError("`site` is empty: name the site, or the sites, where the change happened.", "site")
    twice = repeated(sites)
    if twice:
        raise EvaluationError(f"{twice[0]} is given twice in `site`: name it once.", "site")
    return sites


def comparators_in(comparators: str | Iterable[str] | None) -> list[str]:
    """ODS codes, given as a list or as one text with spaces or commas between them; none for ``None``.

    Raises
    ------
    EvaluationError
        Where one is there twice, or something is no text.
    """
    codes = [] if comparators is None else _listed_names(comparators, "comparators", "list their ODS codes")
    twice = repeated(codes)
    if twice:
        raise EvaluationError(f"{twice[0]} is given twice among the comparators: name it once.", "comparators")
    return codes


def refuse_unless_yes_or_no(**values: Any) -> None:
    """Refuse, by the names of the arguments, all that is not True or False: the text "false" would count as true.

    Raises
    ------
    EvaluationError
    """
    for name, value in values.items():
        if not isinstance(value, bool | np.bool_):
            what = f"{name}={value!r} is neither True nor False: write one of them, without quotation marks."
            raise EvaluationError(what, name)


def _listed_names(value: Any, name: str, remedy: str) -> list[str]:
    if isinstance(value, str):
        return words_in(value)
    if not isinstance(value, Iterable):
        raise EvaluationError(f"`{name}` is {value!r}, which is not text: {remedy}.", name)
    names = list(value)
    for element in names:
        if not isinstance(element, str):
            raise EvaluationError(f"`{name}` holds {element!r}, which is not text: {remedy}.", name)
    return sorted(names) if isinstance(value, AbstractSet) else names


def starts_of(sites: Sequence[str], when: Any) -> dict[str, str]:
    """The date of each site, as text: one for all, one each in the same order, or ``{site: date}``.

    Parameters
    ----------
    when : str, date, Timestamp, Period, whole year, sequence or mapping of these
        Text may hold several dates with spaces or commas between them.

    Raises
    ------
    EvaluationError
        Where there are more dates than sites, or fewer, or one cannot be read.
    """
    if isinstance(when, Mapping):
        dates = _by_site(sites, when)
    elif isinstance(when, AbstractSet):
        raise EvaluationError(
            "The dates have no order in a set: give a list in the order of the sites.", "treated_from"
        )
    else:
        dates = _dates(when, len(sites))
    if len(dates) != len(sites):
        counted = "1 date is" if len(dates) == 1 else f"{len(dates)} dates are"
        remedy = "give one" if len(sites) == 1 else "give one for all, or one for each in the same order"
        raise EvaluationError(
            f"{counted} given for {len(sites)} site{'s' if len(sites) != 1 else ''}: {remedy}.", "treated_from"
        )
    return {site: _readable(date, f"{site}: ") for site, date in zip(sites, dates, strict=True)}


def _by_site(sites: Sequence[str], when: Mapping) -> list:
    for site in when:
        if site not in sites:
            hint = did_you_mean(site, sites)
            raise EvaluationError(f"A date is given for `{site}`, which is not among the sites{hint}.", "treated_from")
    without = [site for site in sites if site not in when]
    if without:
        raise EvaluationError(f"{without[0]} has no date: give one for each site.", "treated_from")
    return [when[site] for site in sites]


def _dates(when: Any, count: int) -> list:
    """One date for all, or those in a text or list; text that is no list of dates is taken whole, to be refused."""
    if not isinstance(when, str):
        return list(when) if isinstance(when, Iterable) else [when] * count
    parts = words_in(when)
    several = len(parts) > 1 and (len(parts) == count or all(_is_date(part) for part in parts))
    return parts if several else [when] * count


def _is_date(written: str) -> bool:
    try:
        date_text(written)
    except EvaluationError:
        return False
    return True


def _readable(when: Any, whose: str) -> str:
    try:
        return date_text(when)
    except EvaluationError as error:
        raise EvaluationError(f"{whose}{error}", "treated_from") from None
