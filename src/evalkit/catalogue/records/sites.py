"""Places of change, and the organisations they are made of."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from evalkit.catalogue.records.fields import INVENTED, OneLine, OrgCode, Record, Slug, Source, Words, refuse_repeats


class Organisation(Record):
    """A line of ``data/organisations.csv``.

    ``register`` gives its code (``data/registers.yml``), in the ``nation`` that the register is of; ``kind`` is what it is
    called there, and ``parent`` the code of the trust or board that it is part of.
    ``deprivation_fifth`` (1 = most deprived) is a catchment-weighted score of the whole trust, not of its patients.
    """

    org_code: OrgCode
    name: OneLine
    nation: str = "england"
    register_id: Slug = Field(default="ods", alias="register")
    kind: str | None = None
    parent: OrgCode | None = None
    region: str | None = None
    sector: str | None = None
    icb_name: str | None = None
    catchment_population: int | None = None
    deprivation_fifth: int | None = Field(default=None, ge=1, le=5)

    @classmethod
    def columns(cls) -> dict[str, str | None]:
        """The columns of the file, with what a blank cell of each stands for."""
        return {
            field.alias or name: None if field.is_required() else field.default
            for name, field in cls.model_fields.items()
        }


class PopulationSaid(Record):
    """How many people a place serves, as one of its sources says; ``source`` is the title of that one."""

    people: OneLine
    source: OneLine


class PartOf(Record):
    """The organisation that a site's own became part of, and from when; ``source`` is the title of one of the site's."""

    org_code: OrgCode
    since: date
    source: OneLine


class Site(Record):
    """A place of change: one or more organisations treated as one, or none where it has no figures in this book.

    ``former_ids`` are what it, or a site that it took in, was called: their addresses lead here. One that is gone is
    ``withdrawn``: it keeps its page, on which ``went`` says where it went. ``part_of`` is told where figures are of the
    larger organisation: no series is joined by it, as ``data/successors.csv`` does.
    """

    id: Slug
    name: OneLine
    org_codes: list[OrgCode]
    place: Words
    synthetic: bool = False
    context: Words
    population_said: PopulationSaid | None = None
    part_of: PartOf | None = None
    sources: list[Source] = []
    former_ids: list[Slug] = []
    status: Literal["active", "withdrawn"] = "active"
    went: Words | None = None

    @model_validator(mode="after")
    def _what_is_said_has_its_source(self) -> "Site":
        titles = [source.title for source in self.sources]
        for field in ("population_said", "part_of"):
            said = getattr(self, field)
            if said is not None and said.source not in titles:
                raise ValueError(
                    f"`{field}` names the source “{said.source}”, which is the title of none of `sources`: copy the"
                    " title, or add the source"
                )
        return self

    @model_validator(mode="after")
    def _gone_says_where(self) -> "Site":
        if self.status == "withdrawn" and self.went is None:
            raise ValueError("is withdrawn, and `went` is missing: say in a sentence where it went")
        if self.status == "active" and self.went is not None:
            raise ValueError("has `went`, and is not withdrawn: write `status: withdrawn`, or leave it out")
        return self

    @model_validator(mode="after")
    def _real_sites_cite(self) -> "Site":
        refuse_repeats(self.org_codes, "org_codes")
        invented = [code for code in self.org_codes if code.startswith(INVENTED)]
        if self.synthetic and len(invented) != len(self.org_codes):
            raise ValueError(
                "a synthetic site needs invalid codes such as ZZ901, so that nobody takes it for a real one"
            )
        if not self.synthetic and invented:
            raise ValueError(f"{invented[0]} is a code for synthetic data: set `synthetic: true`, or use the real code")
        if not self.synthetic and not self.sources:
            raise ValueError("a real site needs at least one source for what is said of it")
        return self
