"""Logistic regression with a weight for each row and a penalty for each number, which libraries have not together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Doubles = NDArray[np.float64]


def fit_logistic(rows: Doubles, truth: NDArray[np.bool_], weights: Doubles, penalty: Doubles) -> Doubles:
    """The F numbers whose products with the rows [N,F] are the most likely log odds of the truth [N].

    `weights` [N] of the rows sum to 1; `penalty` [F]: half of it times a number squared is added to the loss.
    """
    sign = np.where(truth, 1.0, -1.0)

    def loss(numbers: Doubles) -> tuple[float, Doubles]:
        margin = sign * (rows @ numbers)
        away = -sign * weights / (1 + np.exp(np.clip(margin, -60, 60)))
        shrunk = penalty * numbers
        return float(weights @ np.logaddexp(0, -margin) + numbers @ shrunk / 2), rows.T @ away + shrunk

    found: Doubles = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x
    return found
