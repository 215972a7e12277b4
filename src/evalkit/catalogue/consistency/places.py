"""Do places, stages, sectors and readings of reasons go together with the rest of the records?"""

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.places import system_id
from evalkit.errors import Problem

WHOLE_SYSTEM = "whole-system-flow"  # an area that claims more than one sector
REASONS = "data/delay_reasons.csv"


def check_places(catalogue: Catalogue) -> list[Problem]:
    """Entries that name what there is not, or claim what they cannot."""
    return [*_sectors(catalogue), *_groups(catalogue), *_stages(catalogue), *_reasons(catalogue), *_claims(catalogue)]


def _sectors(catalogue: Catalogue) -> list[Problem]:
    known = catalogue.vocabularies.get("sectors", {})
    return [
        problem
        for code, one in catalogue.organisations.items()
        if one.sector
        for problem in catalogue.unknown(
            "organisations", code, ("sector",), one.sector, known, "a sector in data/vocabularies.yml",
            "correct it, or leave it blank where no record says so",
        )
    ]  # fmt: skip


def _groups(catalogue: Catalogue) -> list[Problem]:
    problems = []
    boards = {one.icb_name for one in catalogue.organisations.values() if one.icb_name}
    systems = {system_id(board) for board in boards}
    for id, place in catalogue.places.items():
        for index, code in enumerate(place.org_codes):
            problems += catalogue.unknown(
                "places", id, ("org_codes", index), code, catalogue.organisations,
                "a provider code in data/organisations.csv", "correct it, or add a line there with its name",
            )  # fmt: skip
        if place.icb_name:
            problems += catalogue.unknown(
                "places", id, ("icb_name",), place.icb_name, boards, "a board in data/organisations.csv", "correct it"
            )
        elif id in systems:
            what = f"`{id}` is the id of an integrated care system: give the group another, or write `icb_name`."
            problems.append(catalogue.problem("places", id, ("name",), what))
    return problems


def _stages(catalogue: Catalogue) -> list[Problem]:
    known = catalogue.vocabularies
    problems = []
    for id, stage in catalogue.flow_stages.items():
        problems += catalogue.unknown(
            "flow_stages",
            id,
            ("id",),
            id,
            known.get("flow_stages", {}),
            "a stage in data/vocabularies.yml",
            "correct it",
        )
        for index, one in enumerate(stage.not_measured):
            problems += catalogue.unknown(
                "flow_stages", id, ("not_measured", index, "sector"), one.sector, known.get("sectors", {}),
                "a sector in data/vocabularies.yml", "correct it",
            )  # fmt: skip
    return problems


def _reasons(catalogue: Catalogue) -> list[Problem]:
    """Each reason is a column of a table; a table with one of them has a reading of every other that its measure counts."""
    read = set(catalogue.delay_reasons)
    counted = {
        (id, recipe.table): set(recipe.numerator)
        for id, measure in catalogue.measures.items()
        for recipe in measure.recipes
        if read & set(recipe.numerator)
    }
    problems = [
        catalogue.problem(
            "delay_reasons", reason, (),
            f"`reason` names `{reason}`, which no measure counts: correct it, or take the line out.",
        )
        for reason in catalogue.delay_reasons
        if not any(reason in columns for columns in counted.values())
    ]  # fmt: skip
    for (id, table), columns in counted.items():
        missing = sorted(columns - read)
        if missing:
            what = (
                f"has no line for {', '.join(missing)}, which `{id}` counts in {table}: add one, with what two readers say"
                " of it."
            )
            problems.append(Problem(REASONS, 1, what))
    return problems


def _claims(catalogue: Catalogue) -> list[Problem]:
    """A whole system is claimed with figures of one sector: worth a look, and told on the page."""
    problems = []
    for id in catalogue.evaluations:
        setting = one_setting(catalogue, id)
        if setting:
            what = (
                f"`area` is `{WHOLE_SYSTEM}`, and {setting}: add a measure from another sector, or choose another area."
            )
            problems.append(catalogue.problem("evaluations", id, ("area",), what, "look"))
    return problems


def one_setting(catalogue: Catalogue, evaluation: str) -> str:
    """Where an evaluation claims a whole system with figures of one sector, a clause that says so; else empty.

    A sector that is not recorded does not count.
    """
    record = catalogue.evaluations[evaluation]
    codes = {
        code
        for analysis in record.analyses
        for text in _texts(analysis.parameters.get("site"))
        for code in catalogue.codes(text)
    }
    known = catalogue.organisations
    sectors = sorted({sector for code in codes if code in known and (sector := known[code].sector)})
    if record.area != WHOLE_SYSTEM or len(sectors) > 1:
        return ""
    if not sectors:
        return "no organisation with figures has a sector recorded"
    words = catalogue.vocabularies.get("sectors", {})
    return f"all figures are of one sector, {words.get(sectors[0], sectors[0]).lower()}"


def _texts(written: object) -> list[str]:
    """What may name places in a parameter; what is no text is refused with the analysis, and names none here."""
    several = written if isinstance(written, list) else [written]
    return [one for one in several if isinstance(one, str)]
