"""Places: organisations that serve one population."""

from typing import Annotated

from pydantic import model_validator

from evalkit.catalogue.records.fields import (
    INVENTED,
    OneLine,
    OrgCode,
    Record,
    Slug,
    Source,
    Vocabulary,
    Words,
    refuse_repeats,
)


class Place(Record):
    """An entry of ``data/places.yml``: a group that names itself, or what is added to an integrated care system.

    Every integrated care board of ``data/organisations.csv`` makes a place by itself (``catalogue/places.py``); no entry is
    needed for that.

    Attributes
    ----------
    icb_name : as ``data/organisations.csv`` writes it; its place gets the organisations named here as well
    because : what makes these organisations one place
    """

    id: Slug
    name: OneLine | None = None
    icb_name: OneLine | None = None
    org_codes: list[OrgCode]
    because: Words
    synthetic: bool = False
    sources: list[Source] = []

    @model_validator(mode="after")
    def _is_one_of_two(self) -> "Place":
        if (self.name is None) == (self.icb_name is None):
            raise ValueError(
                "needs one of `name`, where it is a group of its own, and `icb_name`, where its organisations belong to"
                " that integrated care system: write one of the two"
            )
        if not self.org_codes:
            raise ValueError("`org_codes` names no organisation: name those that serve this population")
        return self

    @model_validator(mode="after")
    def _real_places_cite(self) -> "Place":
        refuse_repeats(self.org_codes, "org_codes")
        invented = [code for code in self.org_codes if code.startswith(INVENTED)]
        if self.synthetic and len(invented) != len(self.org_codes):
            raise ValueError(
                "a synthetic place needs invalid codes such as ZZ901: write these, or leave `synthetic` out"
            )
        if not self.synthetic and invented:
            raise ValueError(f"{invented[0]} is a code for synthetic data: set `synthetic: true`, or use the real code")
        if not self.synthetic and not self.sources:
            raise ValueError("a real place needs at least one source that says who belongs to it: add it to `sources`")
        return self


class FlowStage(Record):
    """A stage of patients' way through a place, an entry of ``data/flow_stages.yml``.

    Attributes
    ----------
    id : a word of the vocabulary ``flow_stages``
    asks : what is asked at this stage
    not_measured : what no table of this book counts there, with the sector that could count it
    """

    id: Annotated[OneLine, Vocabulary("flow_stages")]
    asks: OneLine
    not_measured: list["NotMeasured"]


class NotMeasured(Record):
    """What nobody measures here; ``failure_demand`` is demand that earlier care or prevention would have avoided."""

    what: Words
    sector: Annotated[OneLine, Vocabulary("sectors")]
    failure_demand: bool = False
