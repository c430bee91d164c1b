"""Which copies calibrate what: further ones on people move the stated probability, and no order of hits."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from seamline.core.spec import ScoringSpec, Spec
from seamline.nn.backbone import LEVEL_CHANNELS
from seamline.ranking.cohort import LEAST_COHORT
from seamline.systems.psnet.spec import REGIONS
from seamline.systems.psnet_lite.calibration import Others, Unseen, calibrated, write_heads
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.spec import default_spec
from seamline.systems.psnet_lite.stored_views import RegionStatistics
from seamline.systems.psnet_lite.whole_head import SERVED
from seamline.training.measure import Encoded
from seamline.training.part_weights import WeightSearch
from seamline.training.second_photos import SecondPhotoPlan
from seamline.training.views import KEPT, Views

GARMENTS = 40
CHANNELS = SERVED.levels * LEVEL_CHANNELS[-1]
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
    np.testing.assert_array_equal(left.views.copy, np.repeat([-1, 0, 2], GARMENTS))
    np.testing.assert_array_equal(left.views.mirrored, left.views.copy == 2)
    np.testing.assert_array_equal(left.views.original, np.tile(np.arange(GARMENTS), 3))


def statistics_of(count: int, copies: int, random: np.random.Generator) -> RegionStatistics:
    """Random garments, and copies of each that resemble it."""
    config, views = RegionHeadConfig(), count * (1 + copies)
    garments = np.tile(random.standard_normal((count, len(REGIONS) * config.statistics)), (1 + copies, 1))
    noisy = (garments + random.standard_normal(garments.shape)).astype(np.float32)
    return RegionStatistics(
        np.ones((views, len(REGIONS)), np.float32), np.tile(np.arange(count), 1 + copies),
        np.repeat(np.arange(-1, copies), count), np.full((views, len(REGIONS)), KEPT, np.int8),
        np.zeros(views, np.bool_), noisy.reshape(views, len(REGIONS), -1),
        random.standard_normal((views, CHANNELS, 3, 2)).astype(np.float32),
    )  # fmt: skip


def test_marked_copies_order_no_hits_by_what_is_written(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    torch.manual_seed(0)
    head = RegionHead(RegionHeadConfig())
    torch.nn.init.normal_(head.weight)
    views, rest = statistics_of(GARMENTS, 2, random), statistics_of(GARMENTS, 0, random)
    others, names = Others(rest, rest.grid), np.full(len(views.original), "short sleeve top")
    written = []
    for name, further in (("none", views.copy > 2), ("second", views.copy == 1)):
        folder = tmp_path / name
        folder.mkdir()
        write_heads(head, others, Unseen(views, names, further), WeightSearch(epochs=1), 0, folder)
        written.append(Spec.from_json((folder / "spec.json").read_text()).scoring)
    every, first = written
    assert every.region_odds != first.region_odds
    assert min(every.copy_slope, first.copy_slope) > 0


def test_of_copies_on_people_the_first_orders_hits_and_the_second_is_for_the_probability() -> None:
    several = RetrievalOptions(second_photos=SecondPhotoPlan(photographs=2, dyed=1, worn=4))
    first = len(several.copies.levels) + 3
    assert several.calibration_copies[-1] == first
    assert several.probability_copies == (first + 1,)
    single = RetrievalOptions(second_photos=SecondPhotoPlan(photographs=2, dyed=1, worn=1))
    assert single.calibration_copies == several.calibration_copies
    assert single.probability_copies == ()
    assert RetrievalOptions(second_photos=SecondPhotoPlan(0, 0, 0)).probability_copies == ()
