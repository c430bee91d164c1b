"""Whether a region of a pair was kept or changed, given how alike the pair's other regions are.

Light, cloth and body lower all similarities of a pair together, a redesign those of some of its regions. So a region is
judged against its own threshold, moved by a share of what the mean of the others lies above or below the usual.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec

Floats = NDArray[np.float32]


_ABOVE_UNRELATED = 2.5
"""Standard deviations above the mean of unrelated garments below which no region counts as kept, however little alike
the others are."""


def kept_thresholds(similarity: Floats, parts: Parts, scoring: ScoringSpec) -> Floats:
    """The thresholds (..., P) for pairs with these similarities (..., P), NaN where a part cannot be compared.

    Those of the garment as a whole are `kept_above`, and so is that of a region beside which none can be compared.
    """
    usual = np.array(scoring.kept_above, np.float32)
    unrelated = np.array(scoring.znorm_mean, np.float32) + _ABOVE_UNRELATED * np.array(scoring.znorm_std, np.float32)
    moved = usual + threshold_moves(similarity, parts, scoring)
    return np.maximum(moved, np.minimum(usual, unrelated)).astype(np.float32)


def threshold_moves(similarity: Floats, parts: Parts, scoring: ScoringSpec) -> Floats:
    """By how much the thresholds (..., P) of pairs with these similarities (..., P) move."""
    moves = np.zeros(similarity.shape, np.float32)
    if scoring.kept_context:
        regions = list(parts.regions)
        others = np.nan_to_num(others_mean(similarity[..., regions]), nan=scoring.kept_usual)
        moves[..., regions] = np.array(scoring.kept_context)[regions] * (others - scoring.kept_usual)
    return moves


def kept_log_odds(similarity: Floats, parts: Parts, scoring: ScoringSpec) -> Floats:
    """Log odds (..., P) that parts with these similarities (..., P) were kept: 0 at their thresholds."""
    slopes = np.array(scoring.kept_slope or (1.0,) * len(parts), np.float32)
    return slopes * (similarity - kept_thresholds(similarity, parts, scoring))


def others_mean(similarity: Floats) -> Floats:
    """Per region (..., R) the mean similarity of the other ones that can be compared, NaN where there are none."""
    known = np.isfinite(similarity)
    values = np.where(known, similarity, 0.0)
    count = known.sum(-1, keepdims=True) - known
    total = values.sum(-1, keepdims=True) - values
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
