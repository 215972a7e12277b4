"""Analyses to executed notebooks and result files. Starts notebooks; imports no design."""

from evalkit.runs.engine import RunReport, run
from evalkit.runs.outcomes import Outcome, read_outcomes
from evalkit.runs.plan import Plan, check, make_plans

__all__ = ["Outcome", "Plan", "RunReport", "check", "make_plans", "read_outcomes", "run"]
