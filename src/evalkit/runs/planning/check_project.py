"""`evalkit check`: everything that is wrong with a project, said before anything runs or is written."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.catalogue.consistency.poolable import check_poolable
from evalkit.catalogue.consistency.references import check_references
from evalkit.catalogue.files.page_settings import check_pages
from evalkit.catalogue.files.plain_text import no_links
from evalkit.errors import InputRefused, Problem
from evalkit.files import write_if_changed
from evalkit.memory import MEMORY
from evalkit.project import GENERATED
from evalkit.runs.planning.notebook_templates import TEMPLATE_FOLDER
from evalkit.runs.planning.plan import Plan, make_plans, read_templates, template_defaults
from evalkit.runs.planning.remembered_checks import CHECKS, RememberedChecks

FOLDERS = ("data", "book", "results", "_build")


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
    problems = no_links(root, FOLDERS) or check_pages(root, root / GENERATED)
    if problems:
        raise InputRefused(problems)
    catalogue = read_catalogue(root)
    checks = RememberedChecks(catalogue)
    problems = read_templates(catalogue)[1]
    problems += [problem for table in catalogue.tables.values() for problem in checks.table(table).problems]
    if any(problem.level == "refused" for problem in problems):
        raise InputRefused(problems)
    plans, plan_problems = make_plans(catalogue, checks)
    problems += plan_problems + check_poolable(catalogue, template_defaults(catalogue))
    if any(problem.level == "refused" for problem in problems):
        raise InputRefused(problems)
    checks.forget_the_rest()
    return catalogue, plans, check_references(catalogue) + problems


def apply_if_sound(root: Path, files: Mapping[Path, str]) -> None:
    """Write ``files`` into a copy of the project, check it, and write them here where it is sound.

    Raises
    ------
    InputRefused
        With what is wrong; nothing has changed.
    """
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        copy = Path(folder).resolve()
        for name in ("data", TEMPLATE_FOLDER, MEMORY / CHECKS):
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, symlinks=True)
        for path, text in files.items():
            write_if_changed(copy / path.relative_to(root), text)
        check_project(copy)
    for path, text in files.items():
        write_if_changed(path, text)
