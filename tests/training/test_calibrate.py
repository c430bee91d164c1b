"""Projection and calibration on made-up views with a known structure."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec
from seamline.nn.grid import COLUMNS, ROWS
from seamline.systems.psnet.perturb import COPIES
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.spec import MIRRORED, REGIONS, region_parts
from seamline.systems.psnet_lite.projection import fit_head
from seamline.systems.psnet_lite.region_head import RegionHeadConfig
from seamline.systems.psnet_lite.stored_views import RegionStatistics
from seamline.training.calibrate import calibrate
from seamline.training.measure import Encoded, retrieval_figures
from seamline.training.views import CHANGED, KEPT

CHANNELS, SIGNAL = 16, 8
PARTS = region_parts(SIGNAL)
CONFIG = RegionHeadConfig(CHANNELS, SIGNAL, rows=1, columns=1)


def made_up(photos: int, copied: int, seed: int) -> RegionStatistics:
    """Statistics whose first SIGNAL numbers are the garment and whose others are strong noise of each photo."""
    random = np.random.default_rng(seed)
    size = 2 * (CHANNELS - 1)
    garments = random.standard_normal((photos, len(REGIONS), SIGNAL))
    rows = [(n, -1) for n in range(photos)] + [(n, c) for n in range(copied) for c in range(len(COPIES))]
    statistics = 3 * random.standard_normal((len(rows), len(REGIONS), size))
    change = np.full((len(rows), len(REGIONS)), KEPT, np.int8)
    mirrored = np.zeros(len(rows), bool)
    for row, (garment, copy) in enumerate(rows):
        signal = garments[garment] + 0.1 * random.standard_normal((len(REGIONS), SIGNAL))
        if copy >= 0:
            new = random.permutation(len(REGIONS))[: COPIES[copy].regions]
            signal[new] = random.standard_normal((len(new), SIGNAL))
            change[row, new] = CHANGED
            mirrored[row] = COPIES[copy].mirror
        statistics[row, :, :SIGNAL] = signal[list(MIRRORED)] if mirrored[row] else signal
    return RegionStatistics(
        np.ones((len(rows), len(REGIONS)), np.float32),
        np.array([garment for garment, _ in rows]),
        np.array([copy for _, copy in rows]),
        change,
        mirrored,
        statistics.astype(np.float32),
        random.standard_normal((len(rows), CHANNELS, ROWS, COLUMNS)).astype(np.float32),
    )


@pytest.fixture(scope="module")
def unseen() -> RegionStatistics:
    return made_up(120, 40, seed=2)


@pytest.fixture(scope="module")
def vectors(unseen: RegionStatistics) -> np.ndarray:
    head = fit_head(made_up(300, 150, seed=1), CONFIG, shrinkage=0.01)
    return unseen.vectors(head)


def test_the_head_keeps_the_garment_and_drops_the_noise(unseen: RegionStatistics, vectors: np.ndarray) -> None:
    copies = np.flatnonzero(unseen.copy == 0)
    own = (vectors[copies] * vectors[unseen.original[copies]]).sum(-1)
    other = (vectors[copies] * vectors[(unseen.original[copies] + 1) % 120]).sum(-1)
    assert own.mean() > 0.9
    assert abs(other.mean()) < 0.1


def test_vectors_have_unit_length_and_sleeves_share_a_projection(vectors: np.ndarray) -> None:
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-5)
    head = fit_head(made_up(50, 20, seed=4), CONFIG)
    views = made_up(10, 2, seed=5)
    swapped = dataclasses.replace(views, statistics=views.statistics[:, list(MIRRORED)])
    np.testing.assert_allclose(swapped.vectors(head), views.vectors(head)[:, list(MIRRORED)], atol=1e-5)


def test_calibration_finds_where_kept_and_changed_part(unseen: RegionStatistics, vectors: np.ndarray) -> None:
    found = calibrate(vectors, unseen, DEFAULT_SPEC.scoring, PARTS)
    assert (found.kept_accuracy > 0.95).all()
    assert ((found.kept_above > 0.3) & (found.kept_above < 0.95)).all()
    np.testing.assert_allclose(found.znorm_mean, 0, atol=0.1)
    np.testing.assert_allclose(found.znorm_std, SIGNAL**-0.5, atol=0.08)
    assert found.copy_odds.slope > 0


def test_calibration_is_repeatable_and_leaves_other_numbers_alone(
    unseen: RegionStatistics, vectors: np.ndarray
) -> None:
    scoring = DEFAULT_SPEC.scoring
    first, second = (calibrate(vectors, unseen, scoring, PARTS).applied_to(scoring) for _ in range(2))
    assert first == second
    assert first.part_weights == scoring.part_weights
    assert first.best_of == scoring.best_of


def test_copies_mostly_find_their_originals(unseen: RegionStatistics, vectors: np.ndarray) -> None:
    figures = retrieval_figures(Encoded(vectors, unseen, np.full(len(vectors), "vest"), MIRRORED))
    assert figures["first"] > 0.9
    assert figures["part AUC"] > 0.95
    shuffled = dataclasses.replace(unseen, original=np.roll(unseen.original, 7))
    assert retrieval_figures(Encoded(vectors, shuffled, np.full(len(vectors), "vest"), MIRRORED))["first"] < 0.5


def test_the_probability_is_of_the_ranking_that_a_system_has_as_its_default(
    unseen: RegionStatistics, vectors: np.ndarray
) -> None:
    scoring = ScoringSpec.of_parts(len(PARTS))
    partial, whole = (calibrate(vectors, unseen, scoring, PARTS, ranking=name) for name in ("partial", "global"))
    assert whole.copy_odds.slope > 2 * partial.copy_odds.slope  # its scores end at 1, those of partial at 3.9


def test_a_garment_of_one_part_is_calibrated_too(unseen: RegionStatistics, vectors: np.ndarray) -> None:
    views = dataclasses.replace(unseen, visible=unseen.visible[:, :1], change=unseen.change[:, :1])
    scoring = ScoringSpec.of_parts(1)
    found = calibrate(vectors[:, :1], views, scoring, Parts(("whole",), (0,), SIGNAL)).applied_to(scoring)
    assert len(found.kept_above) == len(found.znorm_mean) == 1
    assert found.copy_slope > 0
