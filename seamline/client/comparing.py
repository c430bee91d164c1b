"""Two photos without an index: every garment of one against every garment of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seamline import score
from seamline.client.results import Comparison, Embedded, Floats, Garment, GarmentPair, Reading, Versions
from seamline.errors import FingerprintMismatch
from seamline.spec import REGIONS, ScoringSpec


@dataclass(frozen=True)
class Measure:
    """How a pair is scored: a ranking of `seamline.score` with its weights [R] and the numbers of the server's spec."""

    ranking: str
    weights: Floats
    scoring: ScoringSpec
    calibrated: bool

    @classmethod
    def of(cls, versions: Versions, ranking: str, weights: Floats | None) -> Measure:
        """The server's own numbers. Raises BadOption for an unknown ranking or weights that cannot weigh anything."""
        raw, defaults = versions.raw, ScoringSpec({"default": (1 / len(REGIONS),) * len(REGIONS)})
        scoring = ScoringSpec(
            region_weights=defaults.region_weights,
            background_mean=versions.background_mean,
            background_std=versions.background_std,
            region_kept_above=versions.kept_above,
            best_of=int(raw.get("best_of", defaults.best_of)),
            copy_slope=float(raw.get("copy_slope", defaults.copy_slope)),
            copy_offset=float(raw.get("copy_offset", defaults.copy_offset)),
        )
        row = weights if weights is not None else versions.region_weights or scoring.region_weights["default"]
        checked = score.check_weights(np.asarray(row, np.float32))
        return cls(score.check_ranking(ranking), checked, scoring, {"copy_slope", "copy_offset"} <= set(raw))

    def of_pair(self, query: Floats, other: Floats, similarity: Floats) -> float | None:
        """Score of region vectors [R,D] with this similarity [R]; None when no region is comparable."""
        if not np.isfinite(similarity).any():
            return None
        row = similarity[None]
        if self.ranking == "partial":
            return self.partial(similarity)
        if self.ranking == "global":
            return float(score.global_score(row, query, other[None])[0])
        return float(score.weighted_score(row, self.weights)[0])

    def partial(self, similarity: Floats) -> float:
        """The partial score [Seamline's own ranking], on which the copy probability rests."""
        background = score.Background.of_spec(self.scoring)
        return float(score.partial_score(similarity[None], background, self.scoring.best_of)[0])

    def probability(self, reading: Reading) -> float | None:
        """Copy probability of a reading; None without a calibration or a comparable region."""
        if not self.calibrated or reading.score is None:
            return None
        partial = np.array([self.partial(reading.region_similarity)], np.float32)
        return float(score.copy_probability(partial, self.scoring)[0])


def comparison(a: Embedded, b: Embedded, *, ranking: str, weights: Floats | None) -> Comparison:
    """The most alike pair of garments of two photos.

    Raises FingerprintMismatch when different encoders made them, BadOption for an unknown ranking or bad
    weights.
    """
    if a.versions.fingerprint != b.versions.fingerprint:
        raise FingerprintMismatch(
            "the two photos were read by different weights; the server changed in between, try again"
        )
    measure = Measure.of(a.versions, ranking, weights)
    pairs = [_pair(one, other, measure) for one in a.garments for other in b.garments]
    best = max(pairs, key=_strength, default=None)
    return Comparison(a, b, best, ranking, tuple(float(weight) for weight in measure.weights), a.versions)


def _strength(pair: GarmentPair) -> float:
    value = pair.better.score
    return -np.inf if value is None else value


def _pair(a: Garment, b: Garment, measure: Measure) -> GarmentPair:
    straight = _reading(a.vectors, b.vectors, measure, mirrored=False)
    crossed = _reading(score.mirrored(a.vectors), b.vectors, measure, mirrored=True)
    unrated = GarmentPair(a.number, b.number, straight, crossed, None)
    return GarmentPair(a.number, b.number, straight, crossed, measure.probability(unrated.better))


def _reading(query: Floats, other: Floats, measure: Measure, *, mirrored: bool) -> Reading:
    similarity = score.region_similarity(query, other[None])[0]
    kept = kept_marks(similarity, measure.scoring.region_kept_above)
    return Reading(mirrored, similarity, kept, measure.of_pair(query, other, similarity))


def kept_marks(similarity: Floats, kept_above: Sequence[float]) -> tuple[bool | None, ...]:
    """Per region: True kept (at or above its threshold), False changed, None not comparable."""
    return tuple(
        None if np.isnan(value) else bool(value >= threshold)
        for value, threshold in zip(similarity, kept_above, strict=True)
    )
