"""Which measures have control charts of every partner, and how they are drawn: ``data/control_charts.yml``, an entry a measure."""

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from evalkit.catalogue.records.fields import Day, Month, OneLine, Record, Slug, Source, Words

WITH_DENOMINATOR = ("p", "u")


class Target(Record):
    """What a measure is held against, on the scale of its chart; the source is where somebody set it.

    ``set_for`` says for when it was set, and by what: ``March 2026, in the planning guidance for 2025/26``; ``month`` is
    that month where it was set for a single one, so that its page says whether it was met in it.
    """

    value: float
    set_for: OneLine | None = None
    month: Month | None = None
    source: Source

    def in_words(self, unit: str) -> str:
        """The target with its unit and for when it was set; ``unit`` is that of the chart."""
        number = f"{self.value:g}%" if unit.startswith("%") else f"{self.value:g} {unit}"
        return f"{number} for {self.set_for}" if self.set_for else number

    @model_validator(mode="after")
    def _was_read(self) -> "Target":
        if self.source.read is None:
            raise ValueError("the source of a target needs `read`, the day on which it was opened")
        return self


class Rebasing(Record):
    """A known event from which on the limits of every partner are made anew."""

    model_config = ConfigDict(populate_by_name=True)

    begins: Day = Field(alias="from")
    what: OneLine
    source: Source


class ControlChart(Record):
    """How one measure is charted for every partner; ``id`` is the measure's.

    Attributes
    ----------
    table : the table charted from; one of days is charted by months, as the mean of their days
    kind : the chart, as ``ek.control_chart`` knows it
    per : what shares and rates are multiplied by; 100 for per cent
    season : ``months`` where it is removed (``evalkit.charts.seasons``), or ``left``
    target : what it is held against
    rebase : known events, in the order of time
    source_change : the table's flag of rows that come from another source; from the first month that has it on, season
        is fitted with a level of its own, and limits go on
    first : the first month that is charted
    contrast : of a table of days, the ``share`` of a week that its weekend has
    why : why it is charted so
    """

    id: Slug
    table: Slug
    kind: Literal["xmr", "p", "u", "run"]
    per: float = Field(default=1, gt=0)
    season: Literal["months", "left"] = "left"
    target: Target | None = None
    rebase: list[Rebasing] = []
    source_change: Words | None = None
    first: Month | None = None
    contrast: Literal["share"] | None = None
    why: Words

    @model_validator(mode="after")
    def _what_fits_the_kind(self) -> "ControlChart":
        if self.season == "months" and self.kind != "xmr":
            raise ValueError(
                f"season is only removed from an XmR chart, and `kind` is {self.kind}: write `season: left`, or `kind: xmr`"
            )
        if self.per != 1 and self.kind not in WITH_DENOMINATOR:
            raise ValueError(
                f"`per` is for shares and rates (`kind: p` or `u`), and `kind` is {self.kind}: leave it out"
            )
        if self.contrast and self.kind not in ("xmr", "run"):
            raise ValueError("a `contrast` of days is charted by `kind: xmr` or `kind: run`")
        return self

    @model_validator(mode="after")
    def _rebased_in_order(self) -> "ControlChart":
        dates = [one.begins for one in self.rebase]
        if dates != sorted(set(dates)):
            raise ValueError("`rebase` is not in the order of its dates, each once: put it in order")
        return self
