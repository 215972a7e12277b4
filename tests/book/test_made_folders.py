"""What a built project holds is what ARCHITECTURE.md says that it holds."""

import re
from fnmatch import fnmatch

from tests.support.made_folders import made_in_architecture

WHILE_AT_WORK = {"_build/lock.json"}
BY_NEW = {"_build/answers/", "_build/imports/", "_build/undo/"}  # nothing was set up or imported by command there


def test_all_that_is_made_is_told_and_all_that_is_told_is_made(real_book, root):
    project, _ = real_book
    made = {
        f"{folder}/{path.name}" + ("/" if path.is_dir() else "")
        for folder in ("_build", "results", "book/generated")
        for path in (project.root / folder).iterdir()
    }
    told = {path: re.sub(r"<\w+>", "*", path) for path in made_in_architecture(root)}
    assert not {path for path in made if not any(fnmatch(path, pattern) for pattern in told.values())}
    without = {path for path, pattern in told.items() if not any(fnmatch(one, pattern) for one in made)}
    assert without == WHILE_AT_WORK | BY_NEW
