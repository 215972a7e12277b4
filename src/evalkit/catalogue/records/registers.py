"""Registers that give organisations their codes: an entry of ``data/registers.yml``."""

import re
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from evalkit.catalogue.records.fields import INVENTED, OneLine, Record, Slug, Vocabulary, Words, is_code


class Register(Record):
    """Who gives codes, in which nation, and what one looks like.

    ``form`` is a regular expression that the whole of a code matches; ``in_words`` says the same to people, and each of
    ``such_as`` is a code of that form. What begins with ZZ is invented, in any register.
    ``called`` is what one with such a code is called where its line names no kind.
    """

    id: Slug
    name: OneLine
    nation: Annotated[Words, Vocabulary("nations")]
    form: Words
    in_words: OneLine
    called: OneLine = "organisation"
    such_as: list[OneLine] = Field(min_length=1)

    @field_validator("form")
    @classmethod
    def _is_an_expression(cls, form: str) -> str:
        try:
            re.compile(form)
        except re.error as error:
            raise ValueError(f"`form` is no regular expression ({error}): correct it") from None
        return form

    @model_validator(mode="after")
    def _examples_have_the_form(self) -> "Register":
        for code in self.such_as:
            if not (self.gives(code) and is_code(code)):
                raise ValueError(
                    f"`such_as` names {code}, which is no code of the form {self.form}: correct one of the two"
                )
        return self

    def gives(self, code: str) -> bool:
        """Whether a code has its form; one that is invented needs none."""
        return code.startswith(INVENTED) or re.fullmatch(self.form, code) is not None
