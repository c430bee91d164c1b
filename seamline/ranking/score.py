"""Similarity and rankings of garments from their region vectors.

Invariants: larger is more alike; a region vector has unit length, or is all zeros where the region is absent;
arrays are (..., 5) or (..., 5, D) in the order of `spec.REGIONS`.

A mirrored photo exchanges left and right, so a pair is read twice, straight and with the gallery's sleeves exchanged,
and the better reading counts. Similarities are reported in the order of the query's regions.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import BadOption
from seamline.core.spec import MIRRORED, REGIONS, ScoringSpec

Floats = NDArray[np.float32]
Counts = NDArray[np.int64]

RANKINGS = ("weighted", "partial", "global")
BEST = "best"
"""A ranking that only evaluation uses; see `best_score`."""


def mirrored(vectors: Floats) -> Floats:
    """The region vectors (..., 5, D) as the mirrored photo would have them."""
    return vectors[..., MIRRORED, :]


def region_similarity(query: Floats, gallery: Floats) -> Floats:
    """Cosine per region (N, 5) of a query (5, D) against a gallery (N, 5, D); NaN where either lacks the region."""
    similarity = np.einsum("rd,nrd->nr", query, gallery)
    absent = ~(query.any(-1)[None, :] & gallery.any(-1))
    similarity[absent] = np.nan
    return similarity.astype(np.float32)


@dataclasses.dataclass(frozen=True)
class Background:
    """Mean and spread (5,) of each region's similarity between the query and unrelated garments."""

    mean: Floats
    std: Floats

    @classmethod
    def of_spec(cls, scoring: ScoringSpec) -> Background:
        """The background that was measured in training."""
        return cls(np.array(scoring.background_mean, np.float32), np.array(scoring.background_std, np.float32))

    @classmethod
    def of_cohort(cls, query: Floats, cohort: Floats, fallback: Background, at_least: int = 32) -> Background:
        """Measured for this query (5, D) against a cohort (N, 5, D) of a collection's own garments.

        A region that fewer than `at_least` members share keeps the fallback.
        """
        if not len(cohort):
            return fallback
        similarity = region_similarity(query, cohort)
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


_SMALLEST_SPREAD = 0.02

_CLEARLY = 0.25
"""Standard deviations by which the mirrored reading must fit better; a symmetric garment is read straight."""


def weighted_score(similarity: Floats, weights: Floats) -> Floats:
    """PS-Net's similarity (N,): the weighted mean of the comparable regions' cosines, (N, 5) with NaN for the others.

    Weights (5,) are renormalised over the comparable regions (Lang et al., CVPR 2020). A pair without a comparable
    region of positive weight scores -1.
    """
    known = np.isfinite(similarity)
    share = known * weights
    total = share.sum(-1)
    score = np.where(known, similarity, 0.0) @ weights / np.maximum(total, 1e-12)
    return np.where(total > 0, score, -1.0).astype(np.float32)


def global_score(similarity: Floats, query: Floats, regions: Counts) -> Floats:
    """Cosine (N,) of the five vectors taken as one: PS-Net's fashion output. `regions` (N,): how many each has."""
    norms = np.sqrt(query.any(-1).sum() * regions)
    return (np.nan_to_num(similarity).sum(-1) / np.maximum(norms, 1.0)).astype(np.float32)


def standardised(similarity: Floats, background: Background) -> Floats:
    """Similarities (N, 5) in standard deviations above their background; 0 where not comparable."""
    return np.nan_to_num((similarity - background.mean) / background.std)


def likeness(similarity: Floats) -> Floats:
    """How close similarities (N, 5) come to 1: -log(1 - s), slightly softened; that of s = 0 where not comparable.

    Two regions with similarities of .95 and .98 differ more than two with .45 and .48: the first pair is a question of
    whether the same cloth is seen, the second says nothing.
    """
    return -np.log(1 + _SOFTENING - np.minimum(np.nan_to_num(similarity), 1.0)).astype(np.float32)


_SOFTENING = 0.02
"""Likenesses end at -log(.02) = 3.9; photos of one region rarely come closer than .98."""


def partial_score(similarity: Floats, best_of: int) -> Floats:
    """Mean likeness (N,) of the `best_of` best regions, the best one counting most: by 3, 2 and 1 of six for three.

    A copy may have two of five regions redesigned and a third one hidden or touched, so the others decide.
    """
    best = np.sort(likeness(similarity), axis=-1)[..., ::-1][..., :best_of]
    weights = np.arange(best_of, 0, -1, dtype=np.float32)
    return (best @ (weights / weights.sum())).astype(np.float32)


def best_score(similarity: Floats, background: Background, best_of: int) -> Floats:
    """Mean (N,) of the `best_of` best regions, each in standard deviations above its background.

    A region that cannot be compared counts as an unrelated one (0). A baseline of `partial`.
    """
    best = np.partition(standardised(similarity, background), -best_of, axis=-1)[..., -best_of:]
    return best.mean(-1).astype(np.float32)


def copy_probability(partial: Floats, scoring: ScoringSpec) -> Floats:
    """Probability (N,) that a garment with this partial score copies the query's design."""
    logit = scoring.copy_slope * partial + scoring.copy_offset
    return (1.0 / (1.0 + np.exp(-np.clip(logit, -60, 60)))).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class Scores:
    """A query against N garments: ranking score (N,), region similarity (N, 5), copy probability and reading (N,)."""

    score: Floats
    region_similarity: Floats
    copy_probability: Floats
    mirrored: NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Scorer:
    """Scores galleries for one query garment (5, D)."""

    query: Floats
    scoring: ScoringSpec
    background: Background
    ranking: str
    weights: Floats

    def score(self, gallery: Floats) -> Scores:
        """Score a gallery (N, 5, D), each garment in the reading that fits better over all regions."""
        straight = region_similarity(self.query, gallery)
        crossed = region_similarity(self.query, mirrored(gallery))
        return self.judge(straight, crossed, gallery.any(-1).sum(-1))

    def judge(self, straight: Floats, crossed: Floats, regions: Counts) -> Scores:
        """Score N garments by their region similarities (N, 5) in both readings and their numbers of regions (N,)."""
        flip = self._fit(crossed) > self._fit(straight) + _CLEARLY
        similarity = np.where(flip[:, None], crossed, straight)
        partial = partial_score(similarity, self.scoring.best_of)
        ranked = self._rank(similarity, partial, regions)
        return Scores(ranked, similarity, copy_probability(partial, self.scoring), flip)

    def _fit(self, similarity: Floats) -> Floats:
        return standardised(similarity, self.background).sum(-1)

    def _rank(self, similarity: Floats, partial: Floats, regions: Counts) -> Floats:
        if self.ranking == "partial":
            return partial
        if self.ranking == BEST:
            return best_score(similarity, self.background, self.scoring.best_of)
        if self.ranking == "global":
            return global_score(similarity, self.query, regions)
        return weighted_score(similarity, self.weights)


def check_weights(weights: Floats) -> Floats:
    """Region weights (5,) scaled to sum to 1. Raises BadOption when they cannot weigh anything."""
    values = np.asarray(weights, np.float64).reshape(-1)  # the sum of large float32 values would overflow
    if values.shape != (len(REGIONS),):
        raise BadOption(
            f"REGION_WEIGHTS needs {len(REGIONS)} numbers, one each for {', '.join(REGIONS)}; got {values.size}"
        )
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() <= 0:
        raise BadOption("REGION_WEIGHTS must be finite and not negative, and at least one must be above 0")
    return (values / values.sum()).astype(np.float32)


def check_ranking(ranking: str) -> str:
    """The ranking's name. Raises BadOption for an unknown one."""
    if ranking not in RANKINGS:
        raise BadOption(f"RANKING must be one of {', '.join(RANKINGS)}")
    return ranking
