"""`evalkit unpack`: a pack of somebody else's becomes ordinary files of a project, or nothing happens."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.catalogue.protocol_fingerprint import protocol_fingerprint
from evalkit.errors import InputRefused, Problem
from evalkit.files import write_together
from evalkit.intake.gated_tables import is_gated
from evalkit.packs import gated, signed_off
from evalkit.packs import manifest as form
from evalkit.packs.merge import Merge
from evalkit.packs.needed import not_invented
from evalkit.packs.read_zip import Pack, read_file
from evalkit.runs.planning.check_project import check_with
from evalkit.runs.planning.plan import Plan
from evalkit.version import __version__


@dataclass(frozen=True)
class Unpacked:
    """What was taken of a pack.

    Attributes
    ----------
    taken : list of str
        What is new or replaced; empty where all of it was there.
    look : list of Problem
        Why a page may differ from the sender's.
    evaluations : list of str
        Their ids.
    """

    taken: list[str]
    look: list[Problem]
    evaluations: list[str]


def unpack(root: Path, path: Path, *, replace: bool = False, dry_run: bool = False) -> Unpacked:
    """Take the records and tables of a pack into a project.

    Parameters
    ----------
    replace : whether records that differ are replaced; else they are refused
    dry_run : whether everything is checked and nothing written

    Raises
    ------
    EvaluationError, InputRefused
        With all that is wrong; nothing has changed.
    OSError
        Where a file cannot be written; nothing has changed.
    """
    pack = read_file(path)
    catalogue = read_catalogue(root)
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        incoming = Path(folder).resolve()
        for name, content in pack.files.items():  # each is one that a pack may hold
            (incoming / name).parent.mkdir(parents=True, exist_ok=True)
            (incoming / name).write_bytes(content)
        merge = Merge(root, catalogue, incoming, pack, replace).merge()
    problems = [*_not_its_evaluations(pack), *merge.problems]
    if problems:
        raise InputRefused(problems)
    look = check_with(root, merge.files, lambda catalogue, plans: _as_packed(pack, catalogue, plans))
    if merge.files and not dry_run:
        write_together(merge.files)
    own = [problem for problem in look if problem.file.startswith(pack.name)]
    return Unpacked(merge.taken, own, sorted(pack.manifest.evaluations))


def _not_its_evaluations(pack: Pack) -> list[Problem]:
    """Where the records of evaluations are not those of the manifest."""
    records = map(form.WHOLE_RECORD.fullmatch, pack.files)
    there = {record["id"] for record in records if record and record["kind"] == "evaluations"}
    said = set(pack.manifest.evaluations)
    what = (
        f"names other evaluations than the pack holds ({', '.join(sorted(there ^ said)[:5])}): ask for the pack again."
    )
    return [Problem(f"{pack.name}, {form.NAME}", 0, what)] if there != said else []


def _as_packed(pack: Pack, catalogue: Catalogue, plans: list[Plan]) -> list[Problem]:
    """Whether a sound project that has taken a pack would show what the sender's does."""
    shown = f"{pack.name}, {form.NAME}"
    by_id = {plan.id: plan for plan in plans}
    same_code = pack.manifest.evalkit == __version__
    problems = []
    if not same_code:
        what = f"was made by evalkit {pack.manifest.evalkit}, and this is {__version__}: results may differ in part."
        problems.append(Problem(shown, 0, what, "look"))
    for id, said in pack.manifest.evaluations.items():
        if protocol_fingerprint(catalogue.evaluations[id], catalogue.sites.values()) != said.protocol:
            what = f"gives another fingerprint of the protocol of {id} than its record has: ask for the pack again."
            problems.append(Problem(shown, 0, what, "refused" if same_code else "look"))
        planned = {plan.analysis.id for plan in plans if plan.evaluation.id == id}
        if planned != set(said.analyses):
            problems.append(
                Problem(shown, 0, f"names other analyses of {id} than its record has: ask for the pack again.")
            )
            continue
        for analysis, rests_on in said.analyses.items():
            table = f"data/{catalogue.tables[rests_on.table].path}" if rests_on.table in catalogue.tables else ""
            if rests_on.table not in pack.manifest.published_tables and table not in pack.files:
                what = f"says that {id}/{analysis} rests on the table `{rests_on.table}`, which is none of the pack's."
                problems.append(Problem(shown, 0, what))
            plan = by_id[f"{id}/{analysis}"]
            if (plan.table, f"sha256:{plan.rows_sha256}") != (rests_on.table, rests_on.rows):
                what = (
                    f"says that {plan.id} rests on other rows than it would here ({plan.table}): compare the tables with"
                    " who sent it."
                )
                problems.append(Problem(shown, 0, what))
            if f"sha256:{plan.template.sha256}" != rests_on.template_sha256:
                what = f"was made with another form of the template {plan.template.name}: results may differ in part."
                problems.append(Problem(shown, 0, what, "look"))
    return problems + _gated(pack, catalogue) + _signed_off(pack, catalogue)


def _gated(pack: Pack, catalogue: Catalogue) -> list[Problem]:
    """What was released of tables under a rule for small numbers shows nothing that the rule does not."""
    problems = []
    releases = [release["table"] for name in pack.files for release in [form.RELEASE.fullmatch(name)] if release]
    packed = {name for name, table in catalogue.tables.items() if f"data/{table.path}" in pack.files}
    for name in sorted({*releases, *packed}):
        table = catalogue.tables[name]
        problems += not_invented(catalogue, table)
        if not is_gated(table):
            if name in releases:
                what = f"holds releases of `{name}`, which is under no rule for small numbers: ask for the pack again."
                problems.append(Problem(pack.name, 0, what))
            continue
        problems += gated.problems_of(catalogue.root, table, catalogue.measures)
    return problems


def _signed_off(pack: Pack, catalogue: Catalogue) -> list[Problem]:
    records = map(form.WHOLE_RECORD.fullmatch, pack.files)
    items = {record["id"] for record in records if record and record["kind"] == "learning"}
    return signed_off.problems_of(catalogue, items)
