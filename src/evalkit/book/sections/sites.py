"""A page for every site, their list, and what tells which are like a reader's own."""

from typing import Any

from evalkit.book.items import item_card, newest_first
from evalkit.book.shelf import Shelf
from evalkit.catalogue.records import Organisation, Site

FIFTHS = range(1, 6)  # 1 = most deprived


def inputs(shelf: Shelf) -> Any:
    return [_sites(shelf), shelf.told, _organisations(shelf)]


def write(pages, shelf: Shelf) -> None:
    found = _sites(shelf)
    for one in found:
        newest = [shelf.told[card["evaluation"].id]["newest"] for card in one["cards"]]
        pages.page(f"sites/{one['site'].id}.md", "site.md.jinja", **one, newest=max(newest, default=""))
    organisations = _organisations(shelf)
    pages.page(
        "sites/index.md",
        "sites.md.jinja",
        sites=found,
        fifths=FIFTHS,
        regions=sorted({one["region"] for one in organisations.values() if one["region"]}),
        likeness={"organisations": organisations, "sites": [_compared(one) for one in found]},
    )


def _sites(shelf: Shelf) -> list[dict[str, Any]]:
    """Every site with its organisations, the cards of its evaluations and of what was learned there; by name."""
    return [
        {
            "site": site,
            "organisations": shelf.organisations(site),
            "cards": shelf.evaluated[site.id],
            "items": newest_first(item_card(shelf, item) for item in shelf.items if item.site == site.id),
        }
        for site in shelf.sites
    ]


def _organisations(shelf: Shelf) -> dict[str, dict[str, Any]]:
    """The characteristics of every organisation, by ODS code; None where they are not recorded."""
    known = shelf.catalogue.organisations
    names = [one.name for one in known.values()]
    return {code: _characteristics(one, names.count(one.name) > 1) for code, one in known.items()}


def _characteristics(one: Organisation, shares_its_name: bool) -> dict[str, Any]:
    return {
        "name": f"{one.name} ({one.org_code})" if shares_its_name else one.name,
        "catchment": one.catchment_population,
        "fifth": one.deprivation_fifth,
        "region": one.region,
    }


def _compared(one: dict[str, Any]) -> dict[str, Any]:
    site: Site = one["site"]
    return {"id": site.id, "name": site.name, "codes": site.org_codes, "synthetic": site.synthetic}
