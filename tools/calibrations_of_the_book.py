"""Ship the calibrations that the book's analyses need: ``python -m tools.calibrations_of_the_book``.

Runs every analysis in a copy of the project with an empty store, and keeps what that made. To be run again where designs of
the book or ``calibration.VERSION`` change; until then they are simulated once on each machine, as any other design.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from evalkit.catalogue import find_root
from evalkit.inference.autoregressive import calibration_store

COPIED = ("data", "book", "_config.yml", "_toc.yml", "requirements.lock")


def main() -> None:
    """Simulate afresh, and write beside the module that reads them."""
    with tempfile.TemporaryDirectory() as folder:
        project, store = Path(folder, "project"), Path(folder, "store")
        project.mkdir()
        for name in COPIED:
            source = find_root() / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, project / name)
        calibration_store.ship({"": np.zeros((1, 1))})  # so that none of those there is read
        subprocess.run(
            [sys.executable, "-m", "evalkit", "run"], cwd=project, check=True,
            env={**os.environ, "EVALKIT_ROOT": str(project), calibration_store.FOLDER_VARIABLE: str(store)},
        )  # fmt: skip
        tables = calibration_store.kept_in(store)
    calibration_store.ship(tables)
    print(f"{len(tables)} calibrations shipped.")


if __name__ == "__main__":
    main()
