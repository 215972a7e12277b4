"""evalkit: find out whether a change in health services worked, and pass the reasons on with the numbers.

The names a notebook uses; each is imported when first asked for, so that ``import evalkit`` costs next to nothing.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from evalkit.version import __version__

_HOMES = {
    "Chart": "evalkit.charts.chart",
    "Check": "evalkit.check_register",
    "Effect": "evalkit.effect",
    "EvaluationError": "evalkit.errors",
    "check_parameters": "evalkit.intake.given_parameters",
    "control_chart": "evalkit.charts.control_chart",
    "day_contrast": "evalkit.intake.day_contrast",
    "describe": "evalkit.designs.describe.design",
    "difference_in_differences": "evalkit.designs.difference_in_differences.design",
    "figure": "evalkit.report.notebook",
    "interrupted_time_series": "evalkit.designs.interrupted_time_series.design",
    "load": "evalkit.intake.load",
    "pool": "evalkit.designs.pooled_effect.design",
    "power": "evalkit.power",
    "power_of_pool": "evalkit.power_of_pool",
    "publish": "evalkit.report.notebook",
    "show": "evalkit.report.notebook",
    "stratum_gap": "evalkit.intake.stratum_gap",
    "verdict": "evalkit.verdict",
}
# What others call it.
_OTHERWISE = {
    "synthetic_control": 'difference_in_differences(..., method="synthetic")',
    "pre_post": "interrupted_time_series",
    "meta_analysis": "pool",
}
__all__ = ["__version__", *_HOMES]

if TYPE_CHECKING:
    from evalkit.charts.chart import Chart
    from evalkit.charts.control_chart import control_chart
    from evalkit.check_register import Check
    from evalkit.designs.describe.design import describe
    from evalkit.designs.difference_in_differences.design import difference_in_differences
    from evalkit.designs.interrupted_time_series.design import interrupted_time_series
    from evalkit.designs.pooled_effect.design import pool
    from evalkit.effect import Effect
    from evalkit.errors import EvaluationError
    from evalkit.intake.day_contrast import day_contrast
    from evalkit.intake.given_parameters import check_parameters
    from evalkit.intake.load import load
    from evalkit.intake.stratum_gap import stratum_gap
    from evalkit.power import power
    from evalkit.power_of_pool import power_of_pool
    from evalkit.report.notebook import figure, publish, show
    from evalkit.verdict import verdict
else:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            meant = f": it is `{_OTHERWISE[name]}` here" if name in _OTHERWISE else ""
            raise AttributeError(f"module 'evalkit' has no attribute {name!r}{meant}")
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def home_of(name: str) -> str | None:
    """The module that a name of this package comes from; None where it has no such name."""
    return _HOMES.get(name)


class _Package(ModuleType):
    """Keeps ``evalkit.verdict`` and ``evalkit.power`` the functions when their modules are imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted(__all__)
