"""Garments on people make the stated probability more careful, and change no order of hits."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import ScoringSpec
from seamline.systems.psnet_lite.calibration import calibrated
from seamline.systems.psnet_lite.spec import default_spec
from seamline.training.measure import Encoded
from seamline.training.part_weights import WeightSearch
from seamline.training.views import KEPT, Views

GARMENTS = 40
SPEC = default_spec()
PARTS = SPEC.parts
Floats = NDArray[np.float32]


def unit(vectors: NDArray[np.float64]) -> Floats:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def scoring_among(people: Floats, flat: Floats, unseen: Encoded) -> ScoringSpec:
    return calibrated(SPEC, unseen, flat, people, WeightSearch(epochs=1), 0).scoring


def probability(scoring: ScoringSpec, score: float) -> float:
    return float(1 / (1 + np.exp(-scoring.copy_slope * score - scoring.copy_offset)))


def test_people_lower_the_probability_alone() -> None:
    random = np.random.default_rng(0)

    def drawn(count: int) -> NDArray[np.float64]:
        return random.standard_normal((count, len(PARTS), PARTS.dimension))

    garments = drawn(GARMENTS)
    vectors = unit(np.concatenate([garments, garments + 0.6 * drawn(GARMENTS)]))
    own, none = np.arange(GARMENTS), np.full(GARMENTS, -1)
    views = Views(
        np.ones((2 * GARMENTS, len(PARTS)), np.float32), np.concatenate([own, own]),
        np.concatenate([none, np.zeros(GARMENTS, np.int64)]), np.full((2 * GARMENTS, len(PARTS)), KEPT, np.int8),
        np.zeros(2 * GARMENTS, np.bool_),
    )  # fmt: skip
    unseen = Encoded(vectors, views, np.full(2 * GARMENTS, "short sleeve top"), PARTS.mirror)
    flat, alike = unit(drawn(200)), unit(garments + 0.8 * drawn(GARMENTS))
    alone, among = (scoring_among(people, flat, unseen) for people in (flat[:0], alike))
    score = -alone.copy_offset / alone.copy_slope
    assert probability(among, score) < probability(alone, score) - 0.1
    moved = {"copy_slope", "copy_offset", "copy_cohort", "cohort_scores"}
    same = [field.name for field in dataclasses.fields(ScoringSpec) if field.name not in moved]
    assert all(getattr(among, name) == getattr(alone, name) for name in same)
