"""What pydantic refuses in a record, in sentences that say what to do."""

import re
from datetime import date

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from evalkit.catalogue.files.yaml_lines import FilePlace
from evalkit.errors import Problem, described, did_you_mean

ABOUT_A_FIELD = re.compile(r"`(\w+)` is ")


def problems_in_record(error: ValidationError, record: type[BaseModel], place: FilePlace) -> list[Problem]:
    """A sentence for each field that pydantic refused, placed in its file and line."""
    by_field = {}
    for refusal in error.errors():
        path = tuple(part for part in refusal["loc"] if part != "[key]")
        what = _sentence(refusal, path, record)
        at_fault = ABOUT_A_FIELD.match(what)  # a rule of the whole record names the field
        where = (at_fault[1],) if not path and at_fault else path
        if refusal["type"] == "invalid_key":
            where = (*path[:-1], str(path[-1]))
        by_field.setdefault(path, place.problem(where, what))
    return list(by_field.values())


def _sentence(refusal: ErrorDetails, path: tuple, record: type[BaseModel]) -> str:
    """What is wrong with a value, of all that pydantic may find, and what to do."""
    name = _named(path)
    last, kind, given, context = path[-1] if path else "", refusal["type"], refusal["input"], refusal.get("ctx", {})
    if kind in ("extra_forbidden", "invalid_key"):
        return f"`{last}` is not a field here{did_you_mean(last, _fields_at(record, path[:-1]))}."
    if kind == "missing":
        return f"{name} is missing: add it."
    if kind == "value_error":
        return f"{context['error']!s}."
    if kind == "string_pattern_mismatch":
        return f"{name} is {described(given)}, which is not {_pattern_in_words(context['pattern'])}."
    if kind == "in_words":
        return f"{name} {refusal['msg']}."
    if given is None or given == "" or given == [] or kind == "string_too_short":
        least = "at least one" if kind in ("too_short", "list_type") else "it"
        return f"{name} is empty: write {least}."
    if kind.startswith("int_"):
        return f"{name} is {described(given)}, which is not a whole number: write it in figures, such as 3."
    if kind.startswith("float_"):
        return f"{name} is {described(given)}, which is not a number: write it in figures, such as 2.5."
    if kind.startswith("bool_"):
        return f"{name} is {described(given)}, which is neither true nor false: write one of them."
    if kind == "greater_than_equal":
        return f"{name} is below {context['ge']}: write {context['ge']} or more."
    if kind.startswith("date_"):
        return f"{name} is {described(given)}, which is not a date: write it as 2017-07-04."
    if isinstance(given, date):
        return f"{name} is read as a date: write it in quotes, such as '2017-07-04'."
    if kind == "string_type" and isinstance(given, bool | int | float):
        return f"{name} must be text, and {described(given)} is not read as text: write it in quotes."
    if kind == "string_too_long":
        return f"{name} is {len(given)} characters long: shorten it to {context['max_length']} or fewer."
    if kind == "too_short":
        return f"{name} has {len(given)} of the entries it needs, at least {context['min_length']}: add more."
    if kind == "list_type":
        return f"{name} must be a list, even of one: write it in square brackets, or on lines of their own that begin with a hyphen."
    if kind in ("model_type", "dict_type"):
        return f"{name} should hold `field: value` lines, one field a line (it is {described(given)})."
    message = refusal["msg"][0].lower() + refusal["msg"][1:]
    message = message.removeprefix("input ").replace("should be", "must be")
    it_is = "" if isinstance(given, str) else f" (it is {described(given)})"
    return f"{name} {message}{it_is}."


def _named(path: tuple) -> str:
    """A field as a sentence names it, with places in lists counted from 1: `n` in entry 1 of `evidence`."""
    parts, fields = [], []
    for part in path:
        if not isinstance(part, int):
            fields.append(str(part))
            continue
        parts.insert(0, f"`{'.'.join(fields)}`" if fields else "")
        parts[0] = f"entry {part + 1} of {parts[0]}" if fields else f"entry {part + 1}"
        fields = []
    if fields:
        parts.insert(0, f"`{'.'.join(fields)}`")
    return " in ".join(parts) or "this record"


def _pattern_in_words(pattern: str) -> str:
    words = {
        r"^[a-z0-9]+(-[a-z0-9]+)*$": "an id: lower-case letters and figures joined by hyphens, such as weston-2017",
        r"^[A-Z0-9]{3,6}$": "an ODS code: 3 to 6 capital letters and figures, such as RA3",
        r"^\d{4}-(0[1-9]|1[0-2])$": "a month: write it as YYYY-MM in quotes, such as '2017-07'",
        r"^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$": "a date: write it as 2017-07-04, or as 2017-07 or 2017 where no more is known",
        r"^sha256:[0-9a-f]{64}$": "a hash: write sha256: and 64 hexadecimal figures",
    }
    return words[pattern]


def _fields_at(record: type[BaseModel], path: tuple) -> list[str]:
    for part in path:
        if isinstance(part, int):
            continue
        annotation = record.model_fields[part].annotation if part in record.model_fields else None
        inner = [part for part in (annotation, *getattr(annotation, "__args__", ())) if isinstance(part, type)]
        models = [kind for kind in inner if issubclass(kind, BaseModel)]
        if not models:
            return []
        record = models[0]
    return list(record.model_fields)
