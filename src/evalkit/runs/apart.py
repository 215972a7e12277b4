"""The same project on other figures, in a folder of its own that is gone afterwards: what exact figures would have given,
and proof that what is shown does not depend on them."""

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue import Catalogue
from evalkit.catalogue.records.tables import Table
from evalkit.disclosure.redraw import redrawn
from evalkit.disclosure.salt import salt_of
from evalkit.effect import Effect
from evalkit.errors import EvaluationError, named
from evalkit.intake.gated_tables import (
    as_csv,
    earlier_releases,
    exact_file,
    exact_table,
    is_gated,
    released_exact,
    rule_of,
    shown_beside,
)
from evalkit.project import PRIVATE
from evalkit.runs.planning.plan import Plan

SEED = 20261130


@dataclass(frozen=True)
class BesideExact:
    """One analysis: its effect as shown, and as the exact figures would have given it."""

    id: str
    shown: Effect
    exact: Effect


def own_tables(root: Path, catalogue: Catalogue) -> dict[str, Table]:
    """Own tables whose exact form is on this machine, by name."""
    return {
        name: table
        for name, table in catalogue.tables.items()
        if is_gated(table) and (root / exact_file(table)).is_file()
    }


def exact_effects(root: Path, catalogue: Catalogue, plans: Sequence[Plan]) -> list[BesideExact]:
    """What the exact figures would have given, for every analysis of an own table; nothing of it is kept.

    Raises
    ------
    EvaluationError
        Where there is none, an analysis has no result yet, or it cannot be run.
    """
    own = own_tables(root, catalogue)
    wanted = [plan for plan in plans if plan.table in own]
    if not wanted:
        raise EvaluationError(
            f"None of these analyses is of a table whose exact form lies in {PRIVATE.as_posix()} here."
        )
    missing = [plan.id for plan in wanted if not _result(root, plan).is_file()]
    if missing:
        raise EvaluationError(f"There is no result yet of {named(missing)}: run `evalkit run` first.")
    with project_copy(root, ("data", "book")) as copy:
        package = json.loads((copy / "data" / "datapackage.json").read_text(encoding="utf-8"))
        for resource in package["resources"]:
            if resource["name"] in own:
                resource["evalkit"]["disclosure"]["rule"] = "own_figures"
                shutil.copy(root / exact_file(own[resource["name"]]), copy / "data" / resource["path"])
        (copy / "data" / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        shutil.rmtree(copy / PRIVATE)
        run_evalkit(copy, "run", "--force", *(plan.id for plan in wanted))
        return [BesideExact(plan.id, _effect(root, plan), _effect(copy, plan)) for plan in wanted]


def prove(root: Path, catalogue: Catalogue, plans: Sequence[Plan], html: Path) -> int:
    """Build the book again from other exact tables with the same gated form, and compare every byte.

    Parameters
    ----------
    html : the folder of the built book, below the project

    Returns
    -------
    int
        How many figures of the exact tables were others.

    Raises
    ------
    EvaluationError
        Where the books differ, naming the files; where no other exact table with the same gated form was found.
    """
    own = own_tables(root, catalogue)
    if not own:
        raise EvaluationError(f"There is no exact table in {PRIVATE.as_posix()}, so there is nothing to prove.")
    with project_copy(root, ("data", "book", "results", "_build")) as copy:
        moved = sum(_redraw(copy, catalogue, table) for table in own.values())
        ids = sorted({plan.evaluation.id for plan in plans if plan.table in own})
        run_evalkit(copy, "gate")
        run_evalkit(copy, "run", "--force", *ids)
        run_evalkit(copy, "build")
        different = _different(root / html, copy / html)
    if different:
        raise EvaluationError(
            f"The book depends on exact figures that it does not show, in {named(different)}: do not publish it, and tell"
            " the developers."
        )
    return moved


def _redraw(copy: Path, catalogue: Catalogue, table: Table) -> int:
    """Write another exact table, with those of its releases, that adds up with those redrawn before; how many of its figures
    are others."""
    measures, rule = catalogue.measures, rule_of(table)
    exact = exact_table(copy, table, measures)
    earlier = earlier_releases(copy, table, measures, exact)
    forms = {id: measure.form_at_the_gate for id, measure in measures.items()}
    beside = shown_beside(copy, table, catalogue.tables, measures)
    other = redrawn(exact, forms, rule, list(earlier.values()), SEED, salt_of(copy), list(beside.values()))
    if other is None:
        raise EvaluationError(
            f"No other exact table was found that would be shown as data/{table.path} is: so little may be known of it that"
            " it should not be shown at all."
        )
    (copy / exact_file(table)).write_text(as_csv(other[0]), encoding="utf-8")
    for number, release in zip(earlier, other[1], strict=True):
        path = copy / released_exact(table, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_csv(release.exact), encoding="utf-8")
    before = exact.sort_values(["org_code", "period", "measure"], ignore_index=True)
    return int((before["numerator"] != other[0]["numerator"]).sum())


@contextmanager
def project_copy(root: Path, folders: Sequence[str]) -> Generator[Path]:
    """The files of a project and some of its folders, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        copy = Path(folder).resolve()
        for path in root.iterdir():
            if path.is_file():
                shutil.copy2(path, copy / path.name)
        for name in folders:
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, symlinks=True)
        yield copy


def run_evalkit(root: Path, *words: str) -> None:
    """A process of its own, so that nothing of this one's project is left in it."""
    done = subprocess.run(
        [sys.executable, "-m", "evalkit", *words], cwd=root, env=os.environ | {"EVALKIT_ROOT": str(root)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip().replace(str(root), "the copy")
        raise EvaluationError(
            f"`evalkit {words[0]}` in a copy of the project ended with status {done.returncode}: {said}"
        )


def _result(root: Path, plan: Plan) -> Path:
    return root / "results" / plan.evaluation.id / f"{plan.analysis.id}.json"


def _effect(root: Path, plan: Plan) -> Effect:
    return Effect.from_dict(json.loads(_result(root, plan).read_text(encoding="utf-8"))["effect"])


def _different(one: Path, other: Path) -> list[str]:
    """Files, by their path, that two folders do not have alike."""
    names = [
        {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} for folder in (one, other)
    ]
    shared = sorted(names[0] & names[1])
    _, unequal, unread = filecmp.cmpfiles(one, other, shared, shallow=False)
    return sorted({*(names[0] ^ names[1]), *unequal, *unread})
