from __future__ import annotations

import numpy as np
import pytest

from seamline.core.spec import CATEGORIES, LANDMARKS, mirrored_landmarks
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import region_boxes, roi_align
from seamline.systems.psnet.spec import MIRRORED

TOP = {
    "neck_left": (90, 30), "neck_right": (134, 30), "neck_bottom": (112, 48),
    "shoulder_left": (60, 36), "shoulder_right": (164, 36),
    "cuff_left_outer": (20, 90), "cuff_left_inner": (40, 104),
    "cuff_right_outer": (204, 90), "cuff_right_inner": (184, 104),
    "armpit_left": (62, 84), "armpit_right": (162, 84),
    "waist_left": (64, 140), "waist_right": (160, 140),
    "hem_left": (60, 200), "hem_right": (164, 200),
}  # fmt: skip
TROUSERS = {
    "waistband_left": (80, 20), "waistband_right": (144, 20), "crotch": (112, 90),
    "leg_left_outer": (70, 204), "leg_left_inner": (100, 204),
    "leg_right_inner": (124, 204), "leg_right_outer": (154, 204),
}  # fmt: skip
SKIRT = {"waistband_left": (80, 20), "waistband_right": (144, 20), "hem_left": (50, 200), "hem_right": (174, 200)}


def landmarks(points: dict[str, tuple[float, float]], confidence: float = 0.9) -> np.ndarray:
    found = np.zeros((len(LANDMARKS), 3), np.float32)
    for name, (x, y) in points.items():
        found[LANDMARKS.index(name)] = x, y, confidence
    return found


@pytest.mark.parametrize(
    ("category", "points"),
    [("short sleeve top", TOP), ("long sleeve dress", TOP), ("trousers", TROUSERS), ("skirt", SKIRT)],
)
def test_every_kind_of_garment_has_five_regions(category: str, points: dict[str, tuple[float, float]]) -> None:
    boxes, visible = region_boxes(landmarks(points), category, DEFAULT_SPEC)
    np.testing.assert_allclose(visible, 0.9, atol=1e-6)
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert boxes.min() >= 0
    assert boxes.max() <= DEFAULT_SPEC.crop.side


def test_regions_of_a_mirrored_garment_are_the_mirrored_regions() -> None:
    points = landmarks(TOP)
    points[LANDMARKS.index("cuff_left_outer"), 0] -= 10
    flipped = points[list(mirrored_landmarks(LANDMARKS))]
    flipped[:, 0] = 224 - flipped[:, 0]
    boxes, _ = region_boxes(points, "short sleeve top", DEFAULT_SPEC)
    other, _ = region_boxes(flipped, "short sleeve top", DEFAULT_SPEC)
    expected = boxes[list(MIRRORED)][:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [224, 0, 224, 0]
    np.testing.assert_allclose(other, expected, atol=1e-4)


def test_collar_sits_above_the_chest_and_the_chest_above_the_waist() -> None:
    boxes, _ = region_boxes(landmarks(TOP), "short sleeve top", DEFAULT_SPEC)
    assert boxes[0, 1] < boxes[1, 1] < boxes[2, 1]
    assert boxes[3, 0] < boxes[1, 0] < boxes[4, 0]


def test_region_without_confident_landmarks_is_absent() -> None:
    points = landmarks(TOP)
    for name in LANDMARKS:
        if "right" in name and ("cuff" in name or "shoulder" in name or "armpit" in name):
            points[LANDMARKS.index(name), 2] = 0.05
    boxes, visible = region_boxes(points, "short sleeve top", DEFAULT_SPEC)
    assert visible[4] == 0
    assert not boxes[4].any()
    assert (visible[:4] > 0).all()


def test_no_landmarks_no_regions() -> None:
    boxes, visible = region_boxes(np.zeros((len(LANDMARKS), 3), np.float32), "vest", DEFAULT_SPEC)
    assert not boxes.any()
    assert not visible.any()


def test_an_unknown_category_is_read_as_a_sleeved_one() -> None:
    np.testing.assert_array_equal(
        region_boxes(landmarks(TOP), "", DEFAULT_SPEC)[0], region_boxes(landmarks(TOP), CATEGORIES[0], DEFAULT_SPEC)[0]
    )


def test_roi_align_averages_a_constant_map_to_itself() -> None:
    features = np.full((3, 28, 28), 2.5, np.float32)
    pooled = roi_align(features, np.array([[8, 8, 120, 200]], np.float32), 7, 8.0)
    np.testing.assert_allclose(pooled, 2.5, rtol=1e-6)


def test_roi_align_equals_torchvision() -> None:
    torch = pytest.importorskip("torch", reason="the train extra is not installed")
    from torchvision.ops import roi_align as reference

    random = np.random.default_rng(0)
    features = random.normal(size=(16, 28, 28)).astype(np.float32)
    corners = random.uniform(0, 224, (20, 2, 2)).astype(np.float32)
    boxes = np.concatenate([corners.min(1), corners.max(1)], 1)
    expected = reference(torch.tensor(features)[None], [torch.tensor(boxes)], 7, 1 / 8, 2, True).numpy()
    np.testing.assert_allclose(roi_align(features, boxes, 7, 8.0), expected, atol=1e-4)
