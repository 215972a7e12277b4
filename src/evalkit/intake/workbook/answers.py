"""What a file cannot say by itself, as somebody has answered it: kept beside the table, so that next month asks nothing."""

import re
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from evalkit.catalogue.files.plain_text import text_of
from evalkit.catalogue.records.fields import CODE_IN_WORDS, is_code
from evalkit.errors import InputRefused, Problem

Role = Literal["organisation", "measure", "part", "add up", "leave out"]
LEAVE_OUT = "leave out"
MEASURE = re.compile(
    r"(?P<id>(?=[a-z0-9-]{1,80}(?:\s|$))[a-z0-9]+(?:-[a-z0-9]+)*)(?:\s+(?P<part>numerator|denominator))?"
)
PARTS = ("numerator", "denominator")
MARKS = ("not reported", "withheld", "nought")


class Answers(BaseModel):
    """Answers by question; what was never asked is left out.

    ``roles`` says what a column or heading names; ``organisations`` and ``measures`` what each of its names stands for;
    ``marks`` what a sign in place of a figure means.
    """

    model_config = ConfigDict(extra="forbid")

    sheets: list[str] = []
    hidden: Literal["take", "leave out"] | None = None
    struck: Literal["take", "leave out"] | None = None
    dates: Literal["day first", "month first"] | None = None
    quarters: Literal["calendar", "financial"] | None = None
    roles: dict[str, Role] = {}
    organisation: str | None = None
    organisations: dict[str, str] = {}
    measure: str | None = None
    measures: dict[str, str] = {}
    marks: dict[str, Literal["not reported", "withheld", "nought"]] = {}
    weeks: Literal["first day", "last day"] | None = None
    days: Literal["days"] | None = None
    same_code: Literal["add up"] | None = None
    fractions: Literal["keep"] | None = None
    units: Literal["as they are"] | None = None
    above: Literal["a rate"] | None = None

    @field_validator("organisation")
    @classmethod
    def _is_a_code(cls, answer: str | None) -> str | None:
        return None if answer is None else _code(answer)

    @field_validator("organisations")
    @classmethod
    def _are_codes(cls, answers: dict[str, str]) -> dict[str, str]:
        return {name: answer if answer == LEAVE_OUT else _code(answer) for name, answer in answers.items()}

    @field_validator("measure")
    @classmethod
    def _is_a_measure(cls, answer: str | None) -> str | None:
        return None if answer is None else _measure(answer)

    @field_validator("measures")
    @classmethod
    def _are_measures(cls, answers: dict[str, str]) -> dict[str, str]:
        return {name: answer if answer == LEAVE_OUT else _measure(answer) for name, answer in answers.items()}

    def with_answer(self, key: tuple[str, ...], answer: str) -> "Answers":
        """The same with one more.

        Raises
        ------
        ValueError
            Where it is none that the question allows; says which are.
        """
        told = self.model_dump()
        if len(key) == 2:
            told[key[0]] = {**told[key[0]], key[1]: answer}
        else:
            told[key[0]] = answer
        try:
            return Answers.model_validate(told)
        except ValidationError as error:
            raise ValueError(_allowed(error)) from None


def _code(answer: str) -> str:
    code = answered_code(answer)
    if code is None:
        raise PydanticCustomError("code", f"the code of an organisation, of {CODE_IN_WORDS}")
    return code


def answered_code(answer: str) -> str | None:
    """An answer that is the code of an organisation: as it is written, or in capital letters; of four letters and more one is
    a figure."""
    return next(
        (
            code
            for code in (answer.strip(), answer.strip().upper())
            if is_code(code) and (len(code) == 3 or re.search(r"\d", code))
        ),
        None,
    )


def _measure(answer: str) -> str:
    told = re.sub(r"[\s,.(]+(numerator|denominator)\)?\s*\Z", r" \1", answer.strip())
    if not MEASURE.fullmatch(told):
        what = "the id of a measure in lower-case letters, such as weekend-discharges; of a share with its part after it, such as readmissions numerator"
        raise PydanticCustomError("measure", what)
    return told


def _allowed(error: ValidationError) -> str:
    return "; ".join(sorted({one["msg"].removeprefix("Input should be ") for one in error.errors()}))


def read_answers(path: Path, shown: str) -> Answers:
    """Answers of a file; none where there is no file.

    Raises
    ------
    InputRefused
        With everything that is wrong with it.
    """
    if not path.is_file():
        return Answers()
    text, problems = text_of(path, shown)
    if text is None:
        raise InputRefused(problems)
    try:
        told = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise InputRefused(
            [Problem(shown, line, "is no YAML here: write `question: answer`, as `evalkit import` wrote it.")]
        ) from None
    if told is None:  # nothing but questions
        return Answers()
    if not isinstance(told, dict):
        raise InputRefused([Problem(shown, 0, "holds no answers: write `question: answer`, or delete the file.")])
    for name, value in list(told.items()):
        if value in (None, "", {}):  # a question that is still open
            del told[name]
        elif isinstance(value, dict):
            told[name] = {str(key): answer for key, answer in value.items() if answer not in (None, "")}
    try:
        return Answers.model_validate(told)
    except ValidationError as error:
        raise InputRefused([Problem(shown, 0, _sentence(one)) for one in error.errors()]) from None


def _sentence(error) -> str:
    place = " of ".join(f"`{part}`" for part in reversed(error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{place} is no question: the questions are {', '.join(Answers.model_fields)}."
    allowed = get_args(error.get("ctx", {}).get("expected", "")) or error["msg"].removeprefix("Input should be ")
    return f"{place} should be {allowed}."


def as_yaml(answers: Answers, head: str) -> str:
    """Answers as the text of a file, without what was never asked."""
    told = {name: value for name, value in answers.model_dump().items() if value not in (None, {}, [])}
    return head + yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120)
