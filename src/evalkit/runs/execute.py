"""One analysis: papermill runs its template in a fresh kernel."""

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from evalkit.effect import Effect
from evalkit.errors import EvaluationError
from evalkit.runs.normalise import effect_of, normalise
from evalkit.runs.plan import Plan

SECONDS_AT_MOST = 600


@dataclass(frozen=True)
class Executed:
    """What one run gave: a normalised notebook and a gated effect, or a sentence that says why not.

    ``detail`` may hold data and paths: it goes to the private run log only.
    """

    plan: Plan
    seconds: float
    notebook: str | None = None
    effect: dict[str, Any] | None = None
    failure: str | None = None
    detail: str | None = None


def execute(plan: Plan, root: Path) -> Executed:
    """Run one analysis. Never raises for what a notebook does."""
    started = time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="ek-"))
    os.environ["EVALKIT_ROOT"] = str(root)
    try:
        papermill.execute_notebook(
            plan.template.path,
            folder / "run.ipynb",
            parameters=plan.parameters,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            execution_timeout=SECONDS_AT_MOST,
            config=_kernel_config(folder),
            extra_arguments=["--IPKernelApp.log_level=50"],  # it reports its own orderly end as an error
        )
        notebook = normalise(nbformat.read(folder / "run.ipynb", as_version=4), plan.analysis.title)
        effect = effect_of(notebook)
        if not Effect.from_dict(effect).gated:
            raise EvaluationError("The effect did not pass the disclosure gate: publish it with `ek.publish(effect)`.")
        text = nbformat.writes(notebook) + "\n"
        return Executed(plan, time.perf_counter() - started, text, effect)
    except EvaluationError as error:
        return Executed(plan, time.perf_counter() - started, failure=str(error), detail=str(error))
    except PapermillExecutionError as error:
        failure = _sentence(error)
        return Executed(
            plan, time.perf_counter() - started, failure=failure, detail=f"{error.ename}: {error.evalue}\n{error}"
        )
    except DeadKernelError as error:
        failure = "The notebook's kernel stopped, perhaps for want of memory."
        return Executed(plan, time.perf_counter() - started, failure=failure, detail=repr(error))
    except Exception as error:
        failure = f"The notebook could not be run ({type(error).__name__})."
        return Executed(plan, time.perf_counter() - started, failure=failure, detail=repr(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sentence(error: PapermillExecutionError) -> str:
    """An EvaluationError is written for people; of anything else only its kind may be shown."""
    if error.ename in ("EvaluationError", "InputRefused"):
        return str(error.evalue)
    return f"The notebook stopped in cell {error.exec_count} with {error.ename}; the run log has the details."


def _kernel_config(folder: Path) -> Config:
    """Sockets in the run's own folder: no ports to collide over. Windows has none, and keeps TCP."""
    if os.name == "nt":
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": str(folder / "k")}})
