"""What pydantic refuses in a record, in sentences that say what to do."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from evalkit.catalogue.files.yaml_lines import FilePlace
from evalkit.catalogue.records.fields import ANY_CODE, CODE_IN_WORDS, Vocabulary, code_meant
from evalkit.errors import Problem, described, did_you_mean

ABOUT_A_FIELD = re.compile(r"`(\w+)` is ")
FIELDS_LISTED_AT_MOST = 60
Vocabularies = Mapping[str, Mapping[str, str]]


def problems_in_record(
    error: ValidationError, record: type[BaseModel], place: FilePlace, vocabularies: Vocabularies | None = None
) -> list[Problem]:
    """A sentence for each field that pydantic refused, placed in its file and line, with the words that it may have."""
    by_field = {}
    for refusal in error.errors():
        path = tuple(part for part in refusal["loc"] if part != "[key]")
        what = _sentence(refusal, path, record, vocabularies or {})
        at_fault = ABOUT_A_FIELD.match(what)  # a rule of the whole record names the field
        where = (at_fault[1],) if not path and at_fault else path
        if refusal["type"] == "invalid_key":
            where = (*path[:-1], str(path[-1]))
        by_field.setdefault(path, place.problem(where, what))
    return list(by_field.values())


def problems_beside(
    error: ValidationError,
    record: type[BaseModel],
    plain: Mapping[str, Any],
    place: FilePlace,
    vocabularies: Vocabularies,
) -> list[Problem]:
    """What else is wrong with a record that pydantic refused: words that are none, and rules between its fields.

    Both are asked for once all fields are sound; so that a person need not come back for them, they are asked for here as
    if the fields at fault were.
    """
    at_fault = {refusal["loc"] for refusal in error.errors()}
    problems = []
    for path, name, word in _words_in(record, plain, ()):
        known = vocabularies.get(name, {})
        if isinstance(word, str) and word not in known and path not in at_fault:
            field = next(part for part in reversed(path) if isinstance(part, str))
            what = f"`{field}` names `{word}`, which is not one of the words for `{name}` in data/vocabularies.yml{_among(known)}: use one of them, or add it there."
            problems.append(place.problem(path, what))
    return problems + _rules(error, record, plain, place, vocabularies)


def _words_in(record: type[BaseModel], plain: Any, path: tuple) -> Iterator[tuple[tuple, str, Any]]:
    """Path, vocabulary and word of every field of a record that has words of its own."""
    if not isinstance(plain, dict):
        return
    for name, field in record.model_fields.items():
        value = plain.get(name)
        vocabulary = _vocabulary(field)
        if vocabulary and isinstance(value, list):
            yield from (((*path, name, index), vocabulary, word) for index, word in enumerate(value))
        elif vocabulary and value is not None:
            yield (*path, name), vocabulary, value
        inner = _model_of(field)
        if inner is not None and isinstance(value, list):
            for index, entry in enumerate(value):
                yield from _words_in(inner, entry, (*path, name, index))
        elif inner is not None:
            yield from _words_in(inner, value, (*path, name))


def _rules(
    error: ValidationError,
    record: type[BaseModel],
    plain: Mapping[str, Any],
    place: FilePlace,
    vocabularies: Vocabularies,
) -> list[Problem]:
    """What rules between fields refuse, as if the fields at fault had words; nothing where that cannot be known."""
    mended = dict(plain)
    for refusal in error.errors():
        name = refusal["loc"][0] if refusal["loc"] else ""
        field = record.model_fields.get(str(name))
        if len(refusal["loc"]) != 1:
            return []
        if refusal["type"] == "extra_forbidden":
            mended.pop(str(name))
        elif field is None or not (_vocabulary(field) or field.annotation is str):
            return []
        else:
            mended[str(name)] = next(iter(vocabularies.get(_vocabulary(field) or "", {})), "x")
    try:
        record.model_validate(mended)
    except ValidationError as again:
        if all(refusal["type"] == "value_error" for refusal in again.errors()):
            return problems_in_record(again, record, place)
    return []


def _vocabulary(field: FieldInfo) -> str | None:
    return next((part.name for part in field.metadata if isinstance(part, Vocabulary)), None)


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    inner = [field.annotation, *get_args(field.annotation)]
    return next((part for part in inner if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _among(words: Any) -> str:
    return f" (there are: {', '.join(map(str, words))})" if words else ""


def _allowed(record: type[BaseModel], path: tuple, vocabularies: Vocabularies) -> list[str]:
    """The words that a field may have; none where any will do."""
    field = None
    for part in path:
        if isinstance(part, int):
            continue
        field = record.model_fields.get(part)
        if field is None:
            return []
        record = _model_of(field) or record
    if field is None:
        return []
    kinds = [field.annotation, *get_args(field.annotation)]
    literal = next((kind for kind in kinds if get_origin(kind) is Literal), None)
    return [str(word) for word in (get_args(literal) if literal else vocabularies.get(_vocabulary(field) or "", ()))]


def _sentence(refusal: ErrorDetails, path: tuple, record: type[BaseModel], vocabularies: Vocabularies) -> str:
    """What is wrong with a value, of all that pydantic may find, and what to do."""
    name = _named(path)
    last, kind, given, context = path[-1] if path else "", refusal["type"], refusal["input"], refusal.get("ctx", {})
    if kind in ("extra_forbidden", "invalid_key"):
        return (
            f"`{last}` is not a field here{did_you_mean(last, _fields_at(record, path[:-1]), FIELDS_LISTED_AT_MOST)}."
        )
    if kind == "missing":
        return f"{name} is missing: add it{_among(_allowed(record, path, vocabularies))}."
    if kind == "value_error":
        return f"{context['error']!s}."
    if kind == "string_pattern_mismatch" and context["pattern"] == ANY_CODE.pattern:
        meant = code_meant(str(given))
        if meant:
            return (
                f"{name} is not the code of an organisation, which has capital letters and figures only: use {meant}."
            )
    if kind == "string_pattern_mismatch":
        return f"{name} is {described(given)}, which is not {_pattern_in_words(context['pattern'])}."
    if kind == "in_words":
        return f"{name} {refusal['msg']}."
    if given is None or given == "" or given == [] or kind == "string_too_short":
        least = "at least one" if kind in ("too_short", "list_type") else "it"
        return f"{name} is empty: write {least}{_among(_allowed(record, path, vocabularies))}."
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
        ANY_CODE.pattern: f"the code of an organisation: {CODE_IN_WORDS}",
        r"^\d{4}-(0[1-9]|1[0-2])$": "a month: write it as YYYY-MM in quotes, such as '2017-07'",
        r"^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$": "a date: write it as 2017-07-04, or as 2017-07 or 2017 where no more is known",
        r"^[^@\s]+@[^@\s]+\.[^@\s]+$": "an address for email, such as panel@hospital.example",
        r"^sha256:[0-9a-f]{64}$": "a hash or fingerprint: write sha256: and 64 hexadecimal figures",
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
