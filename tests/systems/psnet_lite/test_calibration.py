"""Which copies calibrate what: further ones on people move the stated probability, and no order of hits."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import ScoringSpec
from seamline.ranking.cohort import LEAST_COHORT
from seamline.systems.psnet_lite.calibration import calibrated
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.spec import default_spec
from seamline.training.measure import Encoded
from seamline.training.part_weights import WeightSearch
from seamline.training.second_photos import SecondPhotoPlan
from seamline.training.views import KEPT, Views

GARMENTS = 40
SPEC = default_spec()
PARTS = SPEC.parts
Floats = NDArray[np.float32]


def unit(vectors: NDArray[np.float64]) -> Floats:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def probability(scoring: ScoringSpec, score: float) -> float:
    return float(1 / (1 + np.exp(-scoring.copy_slope * score - scoring.copy_offset)))


def encoded(garments: Floats, *copies: Floats) -> Encoded:
    """Garments and copies of each."""
    count = GARMENTS * (1 + len(copies))
    number = np.repeat(np.arange(-1, len(copies)), GARMENTS)
    views = Views(
        np.ones((count, len(PARTS)), np.float32), np.tile(np.arange(GARMENTS), 1 + len(copies)), number,
        np.full((count, len(PARTS)), KEPT, np.int8), np.zeros(count, np.bool_),
    )  # fmt: skip
    return Encoded(np.concatenate([garments, *copies]), views, np.full(count, "short sleeve top"), PARTS.mirror)


def test_further_copies_move_the_probability_alone() -> None:
    random = np.random.default_rng(0)

    def drawn(count: int) -> NDArray[np.float64]:
        return random.standard_normal((count, len(PARTS), PARTS.dimension))

    garments, others = drawn(GARMENTS), unit(drawn(LEAST_COHORT))
    alike, hardly, less = (unit(garments + spread * drawn(GARMENTS)) for spread in (0.6, 3.0, 1.0))
    ranked, every = encoded(unit(garments), alike, less), encoded(unit(garments), alike, hardly, less)
    further = every.views.copy == 1

    def scoring(unseen: Encoded, marked: NDArray[np.bool_]) -> ScoringSpec:
        return calibrated(SPEC, unseen, marked, others, WeightSearch(epochs=1), 0).scoring

    none = np.zeros(len(ranked.vectors), np.bool_)
    alone, beside = scoring(ranked, none), scoring(every, further)
    low = -(alone.copy_offset + 3) / alone.copy_slope
    assert probability(beside, low) > probability(alone, low) + 0.02
    moved = {"copy_slope", "copy_offset", "copy_cohort", "cohort_scores"}
    same = [field.name for field in dataclasses.fields(ScoringSpec) if field.name not in moved]
    assert all(getattr(beside, name) == getattr(alone, name) for name in same)
    assert beside.cohort_scores != (0.0, 0.0, 0.0)


def test_without_some_copies_all_that_is_known_of_the_others_stays_with_them() -> None:
    random = np.random.default_rng(0)
    vectors = [unit(random.standard_normal((GARMENTS, len(PARTS), PARTS.dimension))) for _ in range(4)]
    every = encoded(*vectors)
    views = dataclasses.replace(every.views, mirrored=every.views.copy == 2)
    left = Encoded(every.vectors, views, every.category, every.mirror).without(views.copy == 1)
    np.testing.assert_array_equal(left.vectors, np.concatenate([vectors[0], vectors[1], vectors[3]]))
    assert [np.unique(left.views.copy[place * GARMENTS :][:GARMENTS]).tolist() for place in range(3)] == [
        [-1],
        [0],
        [2],
    ]
    np.testing.assert_array_equal(left.views.mirrored, left.views.copy == 2)
    np.testing.assert_array_equal(left.views.original, np.tile(np.arange(GARMENTS), 3))


def test_of_copies_on_people_the_first_orders_hits_and_the_second_is_for_the_probability() -> None:
    several = RetrievalOptions(second_photos=SecondPhotoPlan(photographs=2, dyed=1, worn=4))
    first = len(several.copies.levels) + 3
    assert several.calibration_copies[-1] == first
    assert several.probability_copies == (first + 1,)
    single = RetrievalOptions(second_photos=SecondPhotoPlan(photographs=2, dyed=1, worn=1))
    assert single.calibration_copies == several.calibration_copies
    assert single.probability_copies == ()
    assert RetrievalOptions(second_photos=SecondPhotoPlan(0, 0, 0)).probability_copies == ()
