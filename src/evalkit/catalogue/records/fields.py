"""What the fields of records may hold, and what all records are: strict and immutable."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from evalkit.errors import repeated

# `index` is the page of its folder; the others are devices, and no names of files, on Windows.
RESERVED = {
    "index",
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)),
}
CENTURIES = range(1900, 2100)
INVENTED = "ZZ"  # what codes of invented organisations begin with, in every register
# Wide enough for every register; the form that the codes of one have stands in data/registers.yml.
ANY_CODE = re.compile(r"^[A-Z0-9](?:[0-9][a-z][A-Z0-9]|[A-Z0-9-])*$")
CODE_LENGTHS = range(3, 17)
OrgCode = Annotated[
    str, StringConstraints(pattern=ANY_CODE.pattern, min_length=CODE_LENGTHS[0], max_length=CODE_LENGTHS[-1])
]
CODE_IN_WORDS = "capital letters and figures, such as RA3, 7A67A6AR or G107H"
SHORT_CODE = re.compile(r"[A-Z0-9]{3,6}")  # of which one in small letters can be told from a word
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def is_code(written: str) -> bool:
    """Whether it can be a code of some register."""
    return len(written) in CODE_LENGTHS and ANY_CODE.fullmatch(written) is not None


def code_meant(written: str) -> str | None:
    """The code that was meant by one in small letters or with signs in it; nothing where it is one, a word or a name."""
    if is_code(written):
        return None
    code = re.sub(r"[^A-Z0-9]", "", written.upper())
    like_one = SHORT_CODE.fullmatch(code) and (len(code) == 3 or re.search(r"\d", code))
    return code if like_one and code != written else None


def _on_one_line(text: str) -> str:
    if len(text.splitlines()) > 1:
        raise PydanticCustomError("in_words", "must be on one line: it stands in headings and links")
    return text


def _no_reserved_name(id: str) -> str:
    if id in RESERVED:
        raise PydanticCustomError("in_words", "is a name that pages or computers keep for themselves: choose another")
    return id


Slug = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80), AfterValidator(_no_reserved_name)
]
OneLine = Annotated[Words, AfterValidator(_on_one_line)]
ColumnName = Annotated[str, StringConstraints(min_length=1)]


def _flat(value: Any) -> Any:
    """Text, a number, true or false, null, or a list of these: what a line of a parameters cell can hold."""
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(part, date) for part in parts):
        raise PydanticCustomError("in_words", "is read as a date: write it in quotes, such as '2017-07-04'")
    if not all(isinstance(part, str | int | float) for part in parts if not (part is None and part is value)):
        raise PydanticCustomError("in_words", "must be text, a number, true, false, null, or a list of these")
    stripped = [part.strip() if isinstance(part, str) else part for part in parts]
    return stripped if isinstance(value, list) else stripped[0]


def checked_day(value: Any) -> Any:
    """A number would be read as seconds since 1970; other centuries are slips."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip()):
        year = int(value.strip()[:4])
    elif isinstance(value, date):
        year = value.year
    else:
        raise PydanticCustomError("date_in_words", "is not a date")
    if year in CENTURIES:
        return value
    raise PydanticCustomError("in_words", "is not between 1900 and 2099: correct the year")


Day = Annotated[date, BeforeValidator(checked_day)]
ParameterValue = Annotated[Any, AfterValidator(_flat)]

Change = Literal["increase", "decrease", "no_change", "unclear"]
EstimateScale = Literal["unit", "points", "log", "log_odds", "percent"]


@dataclass(frozen=True)
class Vocabulary:
    """The words that a field may have: those of this name in ``data/vocabularies.yml``."""

    name: str


def refuse_repeats(codes: list[str], where: str) -> None:
    """Refuse a code that would be counted twice."""
    twice = repeated(codes)
    if twice:
        raise ValueError(f"{twice[0]} is listed twice in `{where}`: name it once")


class Record(BaseModel):
    """Strict and immutable: a field nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


class Source(Record):
    """Where a fact was read; ``says`` is the fact in our own words."""

    title: OneLine
    where: Words
    says: Words | None = None
    read: Day | None = None
