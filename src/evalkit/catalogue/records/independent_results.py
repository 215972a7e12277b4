"""What others published on a change of this book, on its programme or on a change like it: an entry of ``data/independent_results.yml``."""

from typing import Literal

from pydantic import Field, model_validator

from evalkit.catalogue.records.fields import EstimateScale, OneLine, Record, Slug, Source, Words


class Figure(Record):
    """One figure as published; ``what`` is what it is of, as the beginning of a line."""

    what: OneLine
    estimate: float
    low: float | None = None
    high: float | None = None
    scale: EstimateScale


class Published(Record):
    """What others asked, of which data, how, and what they found, in this book's words.

    ``not_opened`` is what of their report could not be read.
    """

    by: OneLine
    question: Words
    data: Words
    method: Words
    found: Words
    figures: list[Figure] = []
    sources: list[Source] = Field(min_length=1)
    not_opened: Words | None = None


class IndependentEvaluation(Record):
    """A published evaluation, and the results of this book that it stands beside.

    Attributes
    ----------
    about : where results stand beside it, whether it is of the very change, of the programme that the change was part of, or of
        a change of its kind
    beside : results of this book, written ``evaluation/analysis``
    none_here : why there is none
    may_differ : why the two may come to different answers, a sentence or more each
    """

    id: Slug
    title: OneLine
    about: Literal["same_change", "same_programme", "same_kind"] | None = None
    published: Published
    beside: list[OneLine] = []
    none_here: Words | None = None
    may_differ: list[Words] = Field(min_length=1)

    @model_validator(mode="after")
    def _stands_beside_something(self) -> "IndependentEvaluation":
        if bool(self.beside) == bool(self.none_here):
            raise ValueError(
                "needs one of `beside`, the results of this book, and `none_here`, why it has none: write one of the two"
            )
        if bool(self.beside) != bool(self.about):
            raise ValueError("`about` says of what change the results in `beside` are: give both, or neither")
        return self
