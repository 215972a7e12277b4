"""A page for every site, their list, and what tells which are like a reader's own."""

from typing import Any

from evalkit.book.content.book_content import BookContent
from evalkit.book.content.learning_items import item_card, newest_first
from evalkit.catalogue.records.sites import Organisation, Site

FIFTHS = range(1, 6)  # 1 = most deprived


def inputs(content: BookContent) -> Any:
    return [_sites(content), content.summaries, _organisations(content)]


def write(pages, content: BookContent) -> None:
    entries = _sites(content)
    for entry in entries:
        newest = [content.summaries[card["evaluation"].id]["newest"] for card in entry["cards"]]
        pages.page(f"sites/{entry['site'].id}.html", "site.html.jinja", **entry, newest=max(newest, default=""))
    organisations = _organisations(content)
    pages.page(
        "sites/index.html",
        "sites.html.jinja",
        sites=entries,
        fifths=FIFTHS,
        regions=sorted({organisation["region"] for organisation in organisations.values() if organisation["region"]}),
        likeness={"organisations": organisations, "sites": [_compared(entry) for entry in entries]},
    )


def _sites(content: BookContent) -> list[dict[str, Any]]:
    """Every site with its organisations, the cards of its evaluations and of what was learned there; by name."""
    return [
        {
            "site": site,
            "organisations": content.organisations(site),
            "cards": content.evaluated[site.id],
            "items": newest_first(item_card(content, item) for item in content.items if item.site == site.id),
        }
        for site in content.sites
    ]


def _organisations(content: BookContent) -> dict[str, dict[str, Any]]:
    """The characteristics of every organisation, by ODS code; None where they are not recorded."""
    organisations = content.catalogue.organisations
    names = [organisation.name for organisation in organisations.values()]
    return {
        code: _characteristics(organisation, names.count(organisation.name) > 1)
        for code, organisation in organisations.items()
    }


def _characteristics(organisation: Organisation, shares_its_name: bool) -> dict[str, Any]:
    return {
        "name": f"{organisation.name} ({organisation.org_code})" if shares_its_name else organisation.name,
        "catchment": organisation.catchment_population,
        "fifth": organisation.deprivation_fifth,
        "region": organisation.region,
    }


def _compared(entry: dict[str, Any]) -> dict[str, Any]:
    site: Site = entry["site"]
    return {"id": site.id, "name": site.name, "codes": site.org_codes, "synthetic": site.synthetic}
