"""Scores galleries for one query garment by a ranking.

A mirrored photo exchanges left and right, so a pair is compared twice, straight and with the gallery's parts exchanged,
and the better comparison counts. Similarities are reported in the order of the query's parts.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import BadOption
from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.ranking import RANKINGS, ranking_named
from seamline.ranking.base import Query, Ranking
from seamline.ranking.cohort import beside_cohort, cohort_score
from seamline.ranking.similarity import Counts, Floats, ScoreNorm, part_similarity

_CLEARLY = 0.25
"""Standard deviations by which the flipped comparison must fit better; a symmetric garment is compared straight."""


@dataclasses.dataclass(frozen=True)
class Scores:
    """A query against N garments: score (N,), part similarity (N, P), copy probability (N,), and mirrored (N,), whether
    the flipped comparison counts."""

    score: Floats
    part_similarity: Floats
    copy_probability: Floats
    mirrored: NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Scorer:
    """Scores galleries for `query` by `ranking`; copy probabilities follow from the score of `calibrated`, the ranking
    that they were measured for, and from that of the query's cohort, where there is one."""

    query: Query
    ranking: Ranking
    calibrated: Ranking = RANKINGS["partial"]
    cohort_score: float | None = None

    @classmethod
    def of_spec(
        cls, spec: Spec, vectors: Floats, ranking: Ranking, weights: Floats, cohort: Floats | None = None
    ) -> Scorer:
        """For a query's vectors (P, D) with weights (P,) that sum to 1, against a cohort (N, P, D) if there is one."""
        norm = ScoreNorm.of_spec(spec.scoring)
        if cohort is not None:
            norm = ScoreNorm.of_cohort(vectors, cohort, norm)
        query = Query(vectors, spec.parts, weights, spec.scoring, norm)
        scorer = cls(query, ranking, ranking_named(spec.rankings[0]))
        return scorer.beside(cohort) if cohort is not None and spec.scoring.copy_cohort else scorer

    def beside(self, cohort: Floats) -> Scorer:
        """The same with the cohort score of a cohort (N, P, D)."""
        calibrated = dataclasses.replace(self, ranking=self.calibrated)
        return dataclasses.replace(self, cohort_score=cohort_score(calibrated.score(cohort).score))

    def score(self, gallery: Floats) -> Scores:
        """Score a gallery (N, P, D)."""
        straight = part_similarity(self.query.vectors, gallery)
        flipped = part_similarity(self.query.flipped, gallery)[:, list(self.query.parts.mirror)]
        return self.score_compared(straight, flipped, gallery.any(-1).sum(-1))

    def score_compared(self, straight: Floats, flipped: Floats, counts: Counts) -> Scores:
        """Score N garments by their part similarities (N, P) in both comparisons and their numbers of parts (N,)."""
        similarity, flip = self._compared(straight, flipped)
        score = self.ranking.score(self.query, similarity, counts)
        same = self.calibrated is self.ranking
        calibrated = score if same else self.calibrated.score(self.query, similarity, counts)
        probability = copy_probability(calibrated, self.query.scoring, self.cohort_score)
        return Scores(score, similarity, probability, flip)

    def best(self, straight: Floats, flipped: Floats, counts: Counts, most: int) -> NDArray[np.int64]:
        """The numbers of the `most` best of N garments, compared as in `score_compared`; among equals the first."""
        similarity, _ = self._compared(straight, flipped)
        score = self.ranking.score(self.query, similarity, counts)
        if len(score) > most:
            bound = np.partition(score, len(score) - most)[len(score) - most]
            near = np.flatnonzero(score >= bound)
            return near[np.argsort(-score[near], kind="stable")[:most]]
        return np.argsort(-score, kind="stable")

    def _compared(self, straight: Floats, flipped: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Similarities (N, P) of the comparison that counts, and where (N,) that is the flipped one."""
        flip = self._fit(flipped) > self._fit(straight) + _CLEARLY
        return np.where(flip[:, None], flipped, straight), flip

    def _fit(self, similarity: Floats) -> Floats:
        return np.asarray(self.query.norm.applied(similarity).sum(-1), np.float32)


def copy_probability(score: Floats, scoring: ScoringSpec, cohort_score: float | None = None) -> Floats:
    """Probability (N,) that a garment with this score of the calibrated ranking copies the query's design."""
    logit = scoring.copy_slope * score + scoring.copy_offset + beside_cohort(cohort_score, scoring)
    return (1.0 / (1.0 + np.exp(-np.clip(logit, -60, 60)))).astype(np.float32)


def check_weights(weights: Floats, parts: Parts) -> Floats:
    """Part weights (P,) scaled to sum to 1. Raises BadOption when they cannot weigh anything."""
    values = np.asarray(weights, np.float64).reshape(-1)  # the sum of large float32 values would overflow
    if values.shape != (len(parts),):
        raise BadOption(
            f"PART_WEIGHTS needs {len(parts)} numbers, one each for {', '.join(parts.names)}; got {values.size}"
        )
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() <= 0:
        raise BadOption("PART_WEIGHTS must be finite and not negative, and at least one must be above 0")
    return (values / values.sum()).astype(np.float32)
