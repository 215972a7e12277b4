"""`evalkit new`: the commands that start something."""

import typer

from evalkit.cli.new_analysis import new_analysis
from evalkit.cli.new_evaluation import new_evaluation
from evalkit.cli.new_learning import new_learning
from evalkit.cli.new_measure import new_measure
from evalkit.cli.new_sites import new_sites
from evalkit.cli.workbook import new_workbook

new = typer.Typer(help="Start something new.", no_args_is_help=True)
new.command("evaluation")(new_evaluation)
new.command("measure")(new_measure)
new.command("analysis")(new_analysis)
new.command("sites")(new_sites)
new.command("learning")(new_learning)
new.command("workbook")(new_workbook)
