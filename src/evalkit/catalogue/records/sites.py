"""Places of change, and the organisations they are made of."""

from pydantic import Field, model_validator

from evalkit.catalogue.records.fields import OneLine, OrgCode, Record, Slug, Source, Words, refuse_repeats


class Organisation(Record):
    """A line of ``data/organisations.csv``.

    ``deprivation_fifth`` (1 = most deprived) is a catchment-weighted score of the whole trust, not of its patients.
    """

    org_code: OrgCode
    name: OneLine
    region: str | None = None
    sector: str | None = None
    icb_name: str | None = None
    catchment_population: int | None = None
    deprivation_fifth: int | None = Field(default=None, ge=1, le=5)


class Site(Record):
    """A place of change: one or more organisations treated as one, or none where it has no figures in this book."""

    id: Slug
    name: OneLine
    org_codes: list[OrgCode]
    place: Words
    synthetic: bool = False
    context: Words
    sources: list[Source] = []

    @model_validator(mode="after")
    def _real_sites_cite(self) -> "Site":
        refuse_repeats(self.org_codes, "org_codes")
        invented = [code for code in self.org_codes if code.startswith("ZZ")]
        if self.synthetic and len(invented) != len(self.org_codes):
            raise ValueError(
                "a synthetic site needs invalid codes such as ZZ901, so that nobody takes it for a real one"
            )
        if not self.synthetic and invented:
            raise ValueError(f"{invented[0]} is a code for synthetic data: set `synthetic: true`, or use the real code")
        if not self.synthetic and not self.sources:
            raise ValueError("a real site needs at least one source for what is said of it")
        return self
