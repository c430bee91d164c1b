"""Two photos without an index: every garment of one against every garment of the other, by the rule of a search."""

from __future__ import annotations

import numpy as np

from seamline.client.results import Comparison, Embedded, Floats, Garment, GarmentPair, Versions
from seamline.core.errors import FingerprintMismatch
from seamline.core.parts import Parts
from seamline.ranking import Query, Ranking, ranking_named
from seamline.ranking.kept import kept_thresholds
from seamline.ranking.scorer import Scorer, check_weights
from seamline.ranking.similarity import ScoreNorm


def comparison(a: Embedded, b: Embedded, *, ranking: str | None, weights: Floats | None) -> Comparison:
    """The most alike pair of garments of two photos; without `ranking`, by the system's default one.

    Raises FingerprintMismatch when different weights made them, BadOption for an unknown ranking or bad
    weights.
    """
    if a.versions.fingerprint != b.versions.fingerprint:
        raise FingerprintMismatch(
            "the two photos were read by different weights; the server changed in between, try again"
        )
    versions = a.versions
    row = check_weights(np.asarray(versions.part_weights if weights is None else weights, np.float32), versions.parts)
    chosen = ranking_named(ranking or versions.rankings[0], versions.rankings)
    scorers = [(one, _scorer(one, versions, chosen, row)) for one in a.garments]
    pairs = [_pair(one, other, scorer) for one, scorer in scorers for other in b.garments]
    best = max(pairs, key=_strength, default=None)
    return Comparison(a, b, best, chosen.name, tuple(float(weight) for weight in row), versions)


def _scorer(garment: Garment, versions: Versions, ranking: Ranking, weights: Floats) -> Scorer:
    scoring = versions.scoring
    query = Query(garment.vectors, versions.parts, weights, scoring, ScoreNorm.of_spec(scoring))
    return Scorer(query, ranking, ranking_named(versions.rankings[0]))


def _pair(a: Garment, b: Garment, scorer: Scorer) -> GarmentPair:
    found = scorer.score(b.vectors[None])
    similarity = found.part_similarity[0]
    comparable = bool(np.isfinite(similarity).any())
    return GarmentPair(
        a=a.number,
        b=b.number,
        mirrored=bool(found.mirrored[0]),
        part_similarity=similarity,
        kept=kept_marks(similarity, kept_thresholds(similarity, scorer.query.parts, scorer.query.scoring)),
        score=float(found.score[0]) if comparable else None,
        copy_probability=float(found.copy_probability[0]) if comparable else None,
    )


def _strength(pair: GarmentPair) -> float:
    return -np.inf if pair.score is None else pair.score


def kept_marks(similarity: Floats, thresholds: Floats) -> tuple[bool | None, ...]:
    """Per part: True kept (at or above its threshold), False changed, None not comparable. `thresholds`: those of the
    pair, `Versions.kept_thresholds`."""
    return tuple(
        None if np.isnan(value) else bool(value >= threshold)
        for value, threshold in zip(similarity, thresholds, strict=True)
    )


def kept_parts(similarity: Floats, versions: Versions) -> tuple[bool | None, ...]:
    """`kept_marks` of a pair with these similarities (P,)."""
    return kept_marks(similarity, versions.kept_thresholds(similarity))


def paired_labels(parts: Parts, category: str, other: str, *, mirrored: bool) -> tuple[tuple[str, str], ...]:
    """Per part of the first garment: its name, and that of the other garment's part that it is compared with."""
    names, others = parts.labels_for(category), parts.labels_for(other)
    order = parts.mirror if mirrored else range(len(parts))
    return tuple(zip(names, (others[place] for place in order), strict=True))
