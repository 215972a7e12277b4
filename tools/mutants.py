"""Mutants of the rules between records, by mutmut: ``python -m tools.mutants`` tells by module how many no test notices.

Which modules, and by which tests, stands in ``pyproject.toml``. Texts are left as they are: most are words of sentences.
Names given on the command line, such as ``'*x_judge__mutmut_*'``, run those mutants only; what was killed before stays so.
"""

import sys
from collections import Counter
from pathlib import Path

from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation import mutators
from mutmut.mutation.data import SourceFileMutationData
from mutmut.stats import status_by_exit_code

AT_LEAST = 0.9  # of all that were tried
KILLED = ("killed", "timeout", "segfault")
SURVIVED = ("survived", "no tests", "suspicious")


def run(names: list[str]) -> None:
    """One process, which forks for each mutant."""
    mutators.mutation_operators[:] = [
        (kind, operator) for kind, operator in mutators.mutation_operators if operator is not mutators.operator_string
    ]
    mutmut.cli(["run", "--max-children", "1", *names], standalone_mode=False)


def results() -> dict[str, dict[str, str]]:
    """What became of each mutant that was tried, by module."""
    by_module = {}
    for path in config().only_mutate:
        module = SourceFileMutationData(path=Path(path))
        module.load()
        statuses = {name: status_by_exit_code[code] for name, code in module.exit_code_by_key.items()}
        by_module[path] = {name: status for name, status in statuses.items() if status in KILLED + SURVIVED}
    return by_module


def main() -> int:
    """0 where enough were killed, else 1."""
    run(sys.argv[1:])
    by_module = results()
    print("\n| module | mutants | killed | survived | share |\n|---|---|---|---|---|")
    every = [status for statuses in by_module.values() for status in statuses.values()]
    for module, statuses in [*((path, list(found.values())) for path, found in by_module.items()), ("all", every)]:
        counts = Counter(status in KILLED for status in statuses)
        share = f"{counts[True] / len(statuses):.0%}" if statuses else "–"
        print(f"| {module} | {len(statuses)} | {counts[True]} | {counts[False]} | {share} |")
    print("\nSurvived; `mutmut show NAME` shows one:")
    print(*(name for found in by_module.values() for name, status in found.items() if status in SURVIVED), sep="\n")
    return 0 if sum(status in KILLED for status in every) >= AT_LEAST * len(every) else 1


if __name__ == "__main__":
    sys.exit(main())
