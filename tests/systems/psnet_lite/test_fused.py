"""The fused regions are those of `psnet.regions`, for every category and whatever is not to be seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from seamline.core.spec import CATEGORIES, Spec
from seamline.systems.psnet.regions import region_boxes, roi_align
from seamline.systems.psnet_lite.fused import OTHER, FusedRegions, RegionBoxes
from tests.support.repositories import MODEL_REPOSITORY

SPEC = Spec.load(MODEL_REPOSITORY / "region_pool" / "1" / "spec.json")
NAMES = (*CATEGORIES, "")
Floats = NDArray[np.float32]


def landmarks(count: int, seed: int = 0) -> Floats:
    """Points in and around the crop, confidences on both sides of the threshold; some lie close together."""
    random = np.random.default_rng(seed)
    points = random.uniform((-10, -10, 0), (234, 234, 1), (count, len(SPEC.landmarks), 3))
    points[::5, :, :2] = random.uniform(100, 112, points[::5, :, :2].shape)
    points[::3, :, 2] *= 0.4
    return points.astype(np.float32)


def boxes(points: Floats, categories: NDArray[np.int32]) -> tuple[Floats, Floats]:
    with torch.inference_mode():
        found, visible = RegionBoxes(SPEC)(torch.from_numpy(points), torch.from_numpy(categories[:, None]))
    return found.numpy(), visible.numpy()


@pytest.mark.parametrize("category", range(OTHER + 1), ids=[name or "none" for name in NAMES])
def test_boxes_and_visibility_are_those_of_the_step(category: int) -> None:
    points = landmarks(60, seed=category)
    found, visible = boxes(points, np.full(len(points), category, np.int32))
    wanted = [region_boxes(row, NAMES[category], SPEC) for row in points]
    np.testing.assert_allclose(found, np.stack([box for box, _ in wanted]), atol=1e-5)
    np.testing.assert_allclose(visible, np.stack([seen for _, seen in wanted]), atol=1e-6)
    assert (visible > 0).any()
    assert (visible == 0).any()


def test_categories_may_differ_within_a_batch() -> None:
    points = np.repeat(landmarks(1), len(NAMES), 0)
    points[..., 2] = 1
    found, _ = boxes(points, np.arange(len(NAMES), dtype=np.int32))
    for row, name in zip(found, NAMES, strict=True):
        np.testing.assert_allclose(row, region_boxes(points[0], name, SPEC)[0], atol=1e-5)


def test_a_garment_without_confident_landmarks_has_no_regions() -> None:
    points = landmarks(2)
    points[..., 2] = 0.1
    points[1, 0, 2] = 0.9
    found, visible = boxes(points, np.zeros(2, np.int32))
    assert not found.any()
    assert not visible.any()


def test_pooling_and_places_are_those_of_the_step() -> None:
    random = np.random.default_rng(1)
    cells, count = SPEC.encoder.map_side, 4
    features = random.standard_normal((count, 6, cells, cells)).astype(np.float32)
    points, categories = landmarks(count, seed=3), np.array([[0], [4], [7], [8]], np.int32)
    points[..., 2] = np.maximum(points[..., 2], 0.3)
    squares = np.array([[10, 20, 310, 320]] * count, np.float32)
    given = [torch.from_numpy(array) for array in (features, points, categories, squares)]
    with torch.inference_mode():
        pooled, placed, regions, visible = (found.numpy() for found in FusedRegions(SPEC)(*given))
    scale = 300 / SPEC.crop.side
    np.testing.assert_allclose(placed[..., :2], [10, 20] + points[..., :2] * scale, rtol=1e-5)
    for index in range(count):
        wanted, _ = region_boxes(points[index], NAMES[categories[index, 0]], SPEC)
        seen = visible[index] > 0
        assert seen.any() or index == 0, "the first garment's landmarks lie in one place"
        again = roi_align(features[index], wanted[seen], SPEC.encoder.pool_size, SPEC.crop.side / cells)
        np.testing.assert_allclose(pooled[index][seen], again, atol=1e-4)
        np.testing.assert_allclose(regions[index][seen], wanted[seen] * scale + [10, 20, 10, 20], rtol=1e-5)
        assert not regions[index][~seen].any()
