"""Two photos without an index: every garment of one against every garment of the other, by the rule of a search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seamline.client.results import Comparison, Embedded, Floats, Garment, GarmentPair, Versions
from seamline.core.errors import FingerprintMismatch
from seamline.core.spec import ScoringSpec
from seamline.ranking.score import Background, Scorer, check_ranking, check_weights


def comparison(a: Embedded, b: Embedded, *, ranking: str, weights: Floats | None) -> Comparison:
    """The most alike pair of garments of two photos.

    Raises FingerprintMismatch when different encoders made them, BadOption for an unknown ranking or bad
    weights.
    """
    if a.versions.fingerprint != b.versions.fingerprint:
        raise FingerprintMismatch(
            "the two photos were read by different weights; the server changed in between, try again"
        )
    row = check_weights(np.asarray(a.versions.region_weights if weights is None else weights, np.float32))
    scorers = [(one, _scorer(one, a.versions, check_ranking(ranking), row)) for one in a.garments]
    pairs = [_pair(one, other, scorer) for one, scorer in scorers for other in b.garments]
    best = max(pairs, key=_strength, default=None)
    return Comparison(a, b, best, ranking, tuple(float(weight) for weight in row), a.versions)


def _scorer(garment: Garment, versions: Versions, ranking: str, weights: Floats) -> Scorer:
    scoring = ScoringSpec(
        {"default": versions.region_weights},
        versions.background_mean,
        versions.background_std,
        versions.kept_above,
        versions.best_of,
        versions.copy_slope,
        versions.copy_offset,
    )
    return Scorer(garment.vectors, scoring, Background.of_spec(scoring), ranking, weights)


def _pair(a: Garment, b: Garment, scorer: Scorer) -> GarmentPair:
    found = scorer.score(b.vectors[None])
    similarity = found.region_similarity[0]
    comparable = bool(np.isfinite(similarity).any())
    return GarmentPair(
        a=a.number,
        b=b.number,
        mirrored=bool(found.mirrored[0]),
        region_similarity=similarity,
        kept=kept_marks(similarity, scorer.scoring.region_kept_above),
        score=float(found.score[0]) if comparable else None,
        copy_probability=float(found.copy_probability[0]) if comparable else None,
    )


def _strength(pair: GarmentPair) -> float:
    return -np.inf if pair.score is None else pair.score


def kept_marks(similarity: Floats, kept_above: Sequence[float]) -> tuple[bool | None, ...]:
    """Per region: True kept (at or above its threshold), False changed, None not comparable."""
    return tuple(
        None if np.isnan(value) else bool(value >= threshold)
        for value, threshold in zip(similarity, kept_above, strict=True)
    )
