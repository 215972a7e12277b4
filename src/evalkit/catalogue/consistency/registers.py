"""Has every organisation a code of its register, in the nation and below the board that it says?"""

from evalkit.catalogue.model import Catalogue
from evalkit.errors import Problem, named

REMEDY = 'correct it, or add it there, as CONTRIBUTING.md says under "A nation or a register"'


def check_registers(catalogue: Catalogue) -> list[Problem]:
    """Codes that are not of their register's form, and registers, kinds and parents that there are not.

    A book without ``data/registers.yml`` asks none of it.
    """
    if not catalogue.registers:
        return []
    problems = []
    nations, kinds = (catalogue.vocabularies.get(name, {}) for name in ("nations", "organisation_kinds"))
    for id, register in catalogue.registers.items():
        problems += catalogue.unknown(
            "registers", id, ("nation",), register.nation, nations, "a nation in data/vocabularies.yml", REMEDY
        )
    for code, one in catalogue.organisations.items():

        def asked(
            column: str, word: str | None, known, is_what: str, remedy: str = REMEDY, code: str = code
        ) -> list[Problem]:
            if word is None:
                return []
            return catalogue.unknown("organisations", code, (column,), word, known, is_what, remedy)

        problems += asked("register", one.register_id, catalogue.registers, "a register in data/registers.yml")
        problems += asked("kind", one.kind, kinds, "a kind in data/vocabularies.yml")
        problems += asked("parent", one.parent, catalogue.organisations, "a code of this file", "add a line for it")
        wrong = _against_its_register(catalogue, code)
        problems += [catalogue.problem("organisations", code, (column,), what) for column, what in wrong]
    return problems


def _against_its_register(catalogue: Catalogue, code: str) -> list[tuple[str, str]]:
    one = catalogue.organisations[code]
    register, parent = catalogue.registers.get(one.register_id), catalogue.organisations.get(one.parent or "")
    wrong = []
    if register is not None and register.nation != one.nation:
        wrong.append(
            (
                "nation",
                f"`nation` is {one.nation}, and the register `{register.id}` is of {register.nation}: correct one.",
            )
        )
    if register is not None and not register.gives(code):
        what = (
            f"`org_code` is {code}, and a code of {register.name} is {register.in_words} (such as {named(register.such_as)}):"
            " correct the code, or its register."
        )
        wrong.append(("org_code", what))
    if parent is not None and (parent.nation != one.nation or parent.parent is not None or one.parent == code):
        what = (
            f"`parent` is {one.parent}, which is of another nation or part of another itself: name the trust or board."
        )
        wrong.append(("parent", what))
    return wrong
