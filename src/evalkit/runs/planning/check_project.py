"""`evalkit check`: everything that is wrong with a project, said before anything runs or is written."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from evalkit.catalogue import Catalogue
from evalkit.catalogue.consistency.poolable import check_poolable
from evalkit.catalogue.files.page_settings import check_pages
from evalkit.catalogue.files.plain_text import no_links
from evalkit.catalogue.read import read_and_look
from evalkit.errors import InputRefused, Problem
from evalkit.example_site import read_example
from evalkit.files import write_if_changed, write_together
from evalkit.intake.gated_tables import check_private
from evalkit.journey.journeys import read_journeys
from evalkit.memory import MEMORY, Memory
from evalkit.project import GENERATED
from evalkit.runs.planning.notebook_templates import TEMPLATE_FOLDER
from evalkit.runs.planning.plan import Plan, make_plans, read_templates, state_of_inputs, template_defaults
from evalkit.runs.planning.remembered_checks import CHECKS, RememberedChecks
from evalkit.staff.pulses import read_pulses

FOLDERS = ("data", "book", "results", "_build")
COUNTED = ("evaluations", "sites", "measures", "tables", "learning")
NAME = "check"


@dataclass(frozen=True)
class Sound:
    """What there is to say of a project that can be run.

    Attributes
    ----------
    counts : dict of str to int
        Records of each kind, and analyses.
    look : list of Problem
        Problems of level ``look``.
    """

    counts: dict[str, int]
    look: list[Problem]


def check(root: Path) -> Sound:
    """As ``check_project``; nothing is read again where no file that counts has changed since it was last sound.

    Raises
    ------
    InputRefused
        With every problem there is; nothing has changed.
    """
    _check_folders(root)
    memory, state = Memory.of_project(root, "whole"), state_of_inputs(root)
    kept = memory.recall(NAME, state)
    if kept is not None:
        return Sound(kept.content["counts"], [Problem(**problem) for problem in kept.content["look"]])
    catalogue, plans, look = check_project(root)
    sound = Sound({kind: len(getattr(catalogue, kind)) for kind in COUNTED} | {"analyses": len(plans)}, look)
    with suppress(OSError):
        memory.remember(NAME, state, asdict(sound))
    return sound


def check_project(root: Path) -> tuple[Catalogue, list[Plan], list[Problem]]:
    """Read everything, and say what only deserves a look.

    Returns
    -------
    catalogue, plans of published evaluations, problems of level ``look``

    Raises
    ------
    InputRefused
        With every problem there is; nothing has changed.
    """
    _check_folders(root)
    catalogue, look = read_and_look(root)
    checks = RememberedChecks(catalogue)
    problems = read_templates(catalogue)[1]
    problems += [problem for table in catalogue.tables.values() for problem in checks.table(table).problems]
    problems += read_pulses(root, catalogue.sites)[1]
    problems += read_journeys(root, catalogue.journeys)[1]
    problems += read_example(root, catalogue.vocabularies)[1]
    if any(problem.level == "refused" for problem in problems):
        raise InputRefused(problems)
    plans, plan_problems = make_plans(catalogue, checks)
    problems += plan_problems + check_poolable(catalogue, template_defaults(catalogue))
    if any(problem.level == "refused" for problem in problems):
        raise InputRefused(problems)
    checks.forget_the_rest()
    return catalogue, plans, [*look, *problems]


def _check_folders(root: Path) -> None:
    """Refuse what is no file, and what hand-written pages may not ask for."""
    problems = no_links(root, FOLDERS) or check_pages(root, root / GENERATED) or check_private(root)
    if problems:
        raise InputRefused(problems)


def apply_if_sound(root: Path, files: Mapping[Path, str]) -> None:
    """Write ``files`` into a copy of the project, check it, and write them here where it is sound.

    Raises
    ------
    InputRefused
        With what is wrong; nothing has changed.
    """
    check_with(root, files)
    write_together(files)


def check_with(
    root: Path,
    files: Mapping[Path, str | bytes],
    also: Callable[[Catalogue, list[Plan]], list[Problem]] = lambda catalogue, plans: [],
) -> list[Problem]:
    """What is worth a look in a copy of the project that has ``files`` too; ``also`` looks at that copy once it is sound.

    Raises
    ------
    InputRefused
        With what is wrong there.
    """
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        copy = Path(folder).resolve()
        for name in ("data", TEMPLATE_FOLDER, MEMORY / CHECKS):
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, symlinks=True)
        for path, content in files.items():
            write_if_changed(copy / path.relative_to(root), content)
        catalogue, plans, look = check_project(copy)
        found = also(catalogue, plans)
    if any(problem.level == "refused" for problem in found):
        raise InputRefused(problem for problem in found if problem.level == "refused")
    return [*look, *found]
