"""How much of what a pair's other regions are like belongs into the threshold of a region; pure numpy.

A logistic function of a region's similarity and of the mean of the others' tells kept regions from redesigned ones.
Where it is even, it is a threshold that moves with the mean: the second weight over the first is how far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from seamline.core.parts import Parts
from seamline.ranking.kept import others_mean
from seamline.training.views import CHANGED, KEPT

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_FEWEST = 20
"""Regions of either kind from which on something can be learnt."""

_UNRELATED = 0.1
"""What unrelated garments count among what is not kept: few of the hits that a person looks at are such."""

_MOST = 0.9
"""Of a slope: at 1 a garment that is changed all over would count as kept all over."""


def fit_kept_context(
    similarity: Floats, change: NDArray[np.int8], unrelated: Floats, parts: Parts
) -> tuple[float, float]:
    """Slope and usual mean of `ScoringSpec.kept_context`, from copies' similarities [M,P] to their originals, what
    became of the regions [M,P], and similarities [K,P] of unrelated garments; no slope where there is too little to
    learn from."""
    regions = list(parts.regions)
    own, fate = similarity[:, regions], change[:, regions]
    means = others_mean(own)
    known = np.isfinite(own) & np.isfinite(means) & ((fate == KEPT) | (fate == CHANGED))
    kept = fate[known] == KEPT
    if min(kept.sum(), (~kept).sum()) < _FEWEST:
        return 0.0, 0.0
    usual = float(means[known].mean())
    other, other_known = others_mean(unrelated[:, regions]), np.isfinite(unrelated[:, regions])
    other_known &= np.isfinite(other)
    rows = np.concatenate([_rows(own, means, known), _rows(unrelated[:, regions], other, other_known)])
    truth = np.concatenate([kept, np.zeros(int(other_known.sum()), bool)])
    weights = np.concatenate(
        [
            np.where(kept, 1 / kept.sum(), (1 - _UNRELATED) / (~kept).sum()),
            np.full(int(other_known.sum()), _UNRELATED / max(1, int(other_known.sum()))),
        ]
    )
    own_weight, others_weight, *_ = _weights(rows, truth, weights)
    slope = min(max(-others_weight / own_weight, 0.0), _MOST) if own_weight > 0 else 0.0
    return slope, usual


def _rows(own: Floats, means: Floats, known: NDArray[np.bool_]) -> Doubles:
    """A region's similarity, the others' mean, and which region it is, for each that is known."""
    which = np.broadcast_to(np.eye(own.shape[1])[None], (*own.shape, own.shape[1]))[known]
    return np.column_stack([own[known], means[known], which]).astype(np.float64)


def _weights(rows: Doubles, truth: NDArray[np.bool_], weights: Doubles) -> Doubles:
    """Of the most likely logistic function of the rows."""
    sign = np.where(truth, 1.0, -1.0)

    def loss(parameters: Doubles) -> tuple[float, Doubles]:
        margin = sign * (rows @ parameters)
        slope = -sign * weights / (1 + np.exp(np.clip(margin, -60, 60)))
        penalty = 1e-6 * parameters
        return float(weights @ np.logaddexp(0, -margin) + parameters @ penalty / 2), rows.T @ slope + penalty

    found: Doubles = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x
    return found
