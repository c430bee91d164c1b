"""What baselines share: vectors of unit length, and any way of comparing garments as a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from seamline.evaluation.protocol import QueryGallery

Floats = NDArray[np.float32]

Compared = Callable[[int], Floats]
"""Row of a query's garment -> scores (n,) of all garments."""


def compare(problem: QueryGallery, compared: Compared, queries: Iterable[int] | None = None) -> Floats:
    """Scores (Q, P) of any other way of comparing garments; -inf for queries that are not among `queries`."""
    scores = np.full((problem.queries, problem.photos), -np.inf, np.float32)
    for query in range(problem.queries) if queries is None else queries:
        row = int(problem.query_garment[query])
        if row >= 0:
            scores[query] = by_photo(problem, compared(row))
    scores[problem.self_mask] = -np.inf
    return scores


def by_photo(problem: QueryGallery, scores: Floats) -> Floats:
    """Scores (n,) of garments -> scores (P,) of photos, -inf for a photo without any."""
    best = np.full(problem.photos, -np.inf, np.float32)
    np.maximum.at(best, problem.photo, scores)
    return best


def unit(vectors: Floats) -> Floats:
    """Vectors (..., D) scaled to unit length; zeros stay."""
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)).astype(np.float32)
