"""Cosines of parts, and what they are worth against those of unrelated garments (score normalisation)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import ScoringSpec

Floats = NDArray[np.float32]
Counts = NDArray[np.int64]

_SMALLEST_SPREAD = 0.02


def mirrored(vectors: Floats, mirror: Sequence[int]) -> Floats:
    """The vectors (..., P, D) as the mirrored photo would have them."""
    return vectors[..., list(mirror), :]


def part_similarity(query: Floats, gallery: Floats) -> Floats:
    """Cosine per part (N, P) of a query (P, D) against a gallery (N, P, D); NaN where either lacks the part."""
    similarity = np.einsum("pd,npd->np", query, gallery)
    absent = ~(query.any(-1)[None, :] & gallery.any(-1))
    similarity[absent] = np.nan
    return similarity.astype(np.float32)


def negative_log_distance(similarity: Floats) -> Floats:
    """How close similarities (N, P) come to 1: -log(1 - s), slightly softened; that of s = 0 where not comparable.

    Two parts with similarities of .95 and .98 differ more than two with .45 and .48: the first pair is a question of
    whether the same cloth is seen, the second says nothing.
    """
    return -np.log(1 + _SOFTENING - np.minimum(np.nan_to_num(similarity), 1.0)).astype(np.float32)


_SOFTENING = 0.02
"""Values end at -log(.02) = 3.9; photos of one part rarely come closer than .98."""


@dataclasses.dataclass(frozen=True)
class ScoreNorm:
    """Mean and spread (P,) of each part's similarity between the query and unrelated garments (z-norm).

    The sample of unrelated garments is the cohort, as in speaker verification (Auckenthaler et al., 2000).
    """

    mean: Floats
    std: Floats

    @classmethod
    def of_spec(cls, scoring: ScoringSpec) -> ScoreNorm:
        """What was measured in training."""
        return cls(np.array(scoring.znorm_mean, np.float32), np.array(scoring.znorm_std, np.float32))

    @classmethod
    def of_cohort(cls, query: Floats, cohort: Floats, fallback: ScoreNorm, at_least: int = 32) -> ScoreNorm:
        """Measured for this query (P, D) against a cohort (N, P, D) of a collection's own garments.

        A part that fewer than `at_least` members share keeps the fallback.
        """
        if not len(cohort):
            return fallback
        similarity = part_similarity(query, cohort)
        known = np.isfinite(similarity)
        count = known.sum(0)
        filled = np.where(known, similarity, 0.0)
        mean = filled.sum(0) / np.maximum(count, 1)
        spread = np.sqrt((np.where(known, similarity - mean, 0.0) ** 2).sum(0) / np.maximum(count, 1))
        enough = count >= at_least
        return cls(
            np.where(enough, mean, fallback.mean).astype(np.float32),
            np.where(enough, np.maximum(spread, _SMALLEST_SPREAD), fallback.std).astype(np.float32),
        )

    def only(self, places: Sequence[int]) -> ScoreNorm:
        """That of the parts in these places."""
        chosen = list(places)
        return ScoreNorm(self.mean[chosen], self.std[chosen])

    def applied(self, similarity: Floats) -> Floats:
        """Similarities (N, P) in standard deviations above those of unrelated garments; 0 where not comparable."""
        return np.nan_to_num((similarity - self.mean) / self.std)
