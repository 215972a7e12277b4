"""`evalkit gate` and `evalkit exact`: what may be shown of a site's own tables, and what that costs."""

from typing import Annotated

import typer

from evalkit.errors import EvaluationError
from evalkit.project import PRIVATE, find_root


def gate(
    tables: Annotated[
        list[str] | None, typer.Argument(metavar="[TABLE]...", help="Names; all own tables by default.")
    ] = None,
) -> None:
    """Make of each exact table in data/private what may be shown of it, in data/tables."""
    from evalkit.catalogue import read_catalogue
    from evalkit.errors import did_you_mean
    from evalkit.intake.gated_tables import is_gated, rule_of
    from evalkit.runs.planning.own_table import gate_all
    from evalkit.runs.project_lock import interrupted_once, project_lock

    root = find_root()
    with interrupted_once(), project_lock(root):
        known = {name: table for name, table in read_catalogue(root).tables.items() if is_gated(table)}
        for name in tables or []:
            if name not in known:
                raise EvaluationError(f"{name} is no table under a rule for small numbers{did_you_mean(name, known)}.")
        made = gate_all(root, tables or [])
    if not made:
        print(f"There is no exact table in {PRIVATE.as_posix()} to make anything of.")
        return
    for name, one in made.items():
        table, gated = known[name], one.gated
        sums = "1 sum" if gated.sums == 1 else f"{gated.sums} sums"
        print(
            f"data/{table.path}: {gated.shown} figures shown, {gated.small} withheld as they or what they leave are small,"
            f" {gated.further} so that no sum gives those back ({sums} found). Release {one.release}."
        )
        print(rule_of(table).in_words())


def exact(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Evaluations, or evaluation/analysis; all by default.")
    ] = None,
) -> None:
    """Say what the exact figures of own tables would have given, on this machine only."""
    from evalkit.report.wording import counted, words
    from evalkit.runs.apart import exact_effects
    from evalkit.runs.planning.check_project import check_project
    from evalkit.runs.planning.plan import chosen
    from evalkit.runs.project_lock import interrupted_once, project_lock

    root = find_root()
    catalogue, plans, _ = check_project(root)
    with interrupted_once(), project_lock(root):
        beside = exact_effects(root, catalogue, chosen(plans, ids or []))
    for one in beside:
        told = []
        for effect in (one.shown, one.exact):
            if not effect.is_estimated:
                counts = counted.before_and_after(effect).rstrip(".")
                told.append(f"{counts[:1].lower()}{counts[1:]}")
                continue
            row = effect.headline
            told.append(
                f"{words.signed(row['estimate'], row['scale'])} ({words.both_ends(row['low'], row['high'], row['scale'])})"
            )
        print(f"{one.id}: as shown {told[0]}, from the exact figures {told[1]}.")
    print("Nothing of this is kept: publish what is shown, not what the exact figures give.")
