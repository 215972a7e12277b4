"""What covariates would have made of each unit, taken away period by period."""

from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs.difference_in_differences.panel.adoption import AdoptionPanel
from evalkit.errors import EvaluationError


def adjusted(panel: AdoptionPanel, covariates: np.ndarray) -> AdoptionPanel:
    """The panel less what its ``covariates`` (N, k) predict in each period among units never treated, and without them.

    Outcome regression of Heckman, Ichimura and Todd (1997), with slopes that may differ in every period.

    Raises
    ------
    EvaluationError
        Where the units never treated are too few for the covariates, or cannot tell them apart.
    """
    clean = ~panel.is_treated
    centred = covariates - covariates[clean].mean(axis=0) if clean.any() else covariates
    matrix = np.column_stack([np.ones(len(centred)), centred])
    if clean.sum() < matrix.shape[1] + 2:
        raise EvaluationError(
            f"{int(clean.sum())} units were never treated, too few to adjust for {centred.shape[1]} covariates: use fewer."
        )
    if np.linalg.matrix_rank(matrix[clean]) < matrix.shape[1]:
        raise EvaluationError(
            "The covariates cannot be told apart among the units never treated: leave one of them out."
        )
    slopes = np.linalg.lstsq(matrix[clean], panel.outcome[clean], rcond=None)[0][1:]
    values = pd.DataFrame((panel.outcome - centred @ slopes).T, index=panel.values.index, columns=panel.values.columns)
    return replace(panel, values=values, covariates=None)
