"""What notebooks use, loaded once by the server that forks their kernels (`evalkit.runs.kernels`).

Nothing here may leave a thread or a socket behind: a fork would carry half of it along.
"""

import gc
import json
import os
import pkgutil
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import evalkit
from evalkit.catalogue import read_catalogue
from evalkit.intake.load import preload
from evalkit.runs.kernels import WARM

LIBRARIES = (
    "ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell", "matplotlib_inline.backend_inline",
    "matplotlib.backends.backend_agg", "scipy.stats", "seaborn", "statsmodels.api", "statsmodels.tsa.arima.model",
)  # fmt: skip
PACKAGES = ("designs", "inference", "intake", "report")


def _load() -> None:
    for name in LIBRARIES:
        import_module(name)
    for package in PACKAGES:
        found = import_module(f"evalkit.{package}")
        for module in pkgutil.iter_modules(found.__path__, f"evalkit.{package}."):
            import_module(module.name)
    for name in evalkit.__all__:
        getattr(evalkit, name)
    wanted = json.loads(os.environ[WARM])
    catalogue = read_catalogue(Path(wanted["root"]))
    for measure, table in wanted["used"]:
        preload(catalogue, measure, table)
    _draw()


def _draw() -> None:
    """The first picture of a process looks for fonts."""
    from matplotlib.figure import Figure

    from evalkit.report import figures

    picture = Figure()
    picture.add_subplot().plot([0, 1], label="fonts")
    figures.as_png(picture)


with suppress(Exception):  # the notebook that needs it will say what is wrong, in its own words
    _load()
gc.collect()
gc.freeze()  # so that a fork does not copy what it never changes
