"""What a network says of a crop is brought into the photo, and what it does not say has no place."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.core.box_corners import box_corners
from seamline.core.parts import Parts
from seamline.core.spec import CropSpec, ScoringSpec, Spec
from seamline.serving.place_parts import PlaceParts
from seamline.serving.step import Array, Setting
from seamline.systems.one_network import PLACES, OneNetworkEmbedder, one_network_steps
from tests.support.scenes import turned

SPEC = Spec(
    "two", Parts(("front", "back"), (0, 1), 3), ScoringSpec.of_parts(2), crop=CropSpec(side=10), landmarks=("a",)
)
SQUARES = np.array([[100, 50, 140, 90, 0], [0, 0, 20, 20, 0]], np.float32)
VECTORS = np.array([[[1, 0, 0], [0, 0, 0]], [[0, 1, 0], [0, 0, 1]]], np.float32)
CROP_BOXES = np.array([[[0, 0, 5, 10], [1, 1, 2, 2]]] * 2, np.float32)
POINTS = np.array([[[5, 5, 0.9]]] * 2, np.float32)


def placed(count: int = 2, **given: Array) -> dict[str, Array]:
    step = PlaceParts(Setting(SPEC))
    known = {"HEAD_EMBEDDING": VECTORS, "SQUARES": SQUARES, **given}
    rows = {name: array[: max(count, 1)] for name, array in known.items()}
    return dict(step({**dict.fromkeys(step.inputs), **rows, "COUNT": np.array([count], np.int32)}))


def test_a_network_of_vectors_alone_gives_parts_without_a_place() -> None:
    found = placed()
    assert np.isnan(found["PART_BOXES"]).all()
    assert found["PART_VISIBLE"].tolist() == [[1, 0], [1, 1]]
    assert "LANDMARKS" not in found


def test_boxes_and_points_of_the_crop_are_pixels_of_the_photo() -> None:
    visible = np.array([[1, 0], [1, 1]], np.float32)
    found = placed(CROP_PART_BOXES=CROP_BOXES, CROP_PART_VISIBLE=visible, CROP_LANDMARKS=POINTS)
    assert found["PART_BOXES"][0].tolist() == [[100, 50, 120, 90], [0, 0, 0, 0]]
    assert found["PART_BOXES"][1].tolist() == [[0, 0, 10, 20], [2, 2, 4, 4]]
    np.testing.assert_allclose(found["LANDMARKS"][:, 0], [[120, 70, 0.9], [10, 10, 0.9]], rtol=1e-6)


@pytest.mark.parametrize("degrees", [0, 90, 180, -90, 30])
def test_corners_lie_as_the_garment_is_turned_and_boxes_around_them(degrees: float) -> None:
    square = np.array([[100, 50, 140, 90, np.radians(degrees)]], np.float32)
    squares = np.concatenate([square, SQUARES[1:]])
    found = placed(SQUARES=squares, CROP_PART_BOXES=CROP_BOXES, CROP_PART_VISIBLE=np.ones((2, 2), np.float32))
    upright = np.array([[100, 50], [120, 50], [120, 90], [100, 90]], np.float32)
    wanted = turned(upright, (120, 70), degrees)
    np.testing.assert_allclose(found["PART_CORNERS"][0, 0], wanted, atol=1e-3)
    np.testing.assert_allclose(found["PART_BOXES"][0, 0], [*wanted.min(0), *wanted.max(0)], atol=1e-3)
    np.testing.assert_array_equal(found["PART_CORNERS"][1], box_corners(found["PART_BOXES"][1]))


def test_corners_of_what_has_no_place_or_is_not_there_say_so() -> None:
    assert np.isnan(placed()["PART_CORNERS"]).all()
    found = placed(CROP_PART_BOXES=CROP_BOXES, CROP_PART_VISIBLE=np.array([[1, 0], [1, 1]], np.float32))
    assert not found["PART_CORNERS"][0, 1].any()
    assert found["PART_CORNERS"].shape == (2, 2, 4, 2)


@pytest.mark.parametrize("count", [0, 1])
def test_the_blank_row_of_a_photo_without_garments_is_dropped(count: int) -> None:
    found = placed(count, CROP_PART_BOXES=CROP_BOXES, CROP_LANDMARKS=POINTS)
    assert {len(array) for array in found.values()} == {count}


def test_in_this_process_the_same_is_answered() -> None:
    embedder = OneNetworkEmbedder({"two": lambda _: {"EMBEDDING": VECTORS, "CROP_LANDMARKS": POINTS}}, SPEC)
    crops = np.zeros((2, 10, 10, 3), np.uint8)
    found = embedder.embed(crops, SQUARES, ["skirt", "vest"])
    wanted = placed(CROP_LANDMARKS=POINTS)
    np.testing.assert_array_equal(found.part_boxes, wanted["PART_BOXES"])
    np.testing.assert_array_equal(found.landmarks, wanted["LANDMARKS"])
    assert len(embedder.embed(crops[:0], SQUARES[:0], [])) == 0


def test_its_step_takes_just_what_the_network_gives() -> None:
    for places in ((), ("CROP_LANDMARKS",), PLACES):
        network, parts = one_network_steps("two", places)
        assert set(network.outputs) == {"EMBEDDING", *places}
        assert set(parts.inputs) == {"HEAD_EMBEDDING", "SQUARES", "COUNT", *places}
        assert ("LANDMARKS" in parts.outputs) == ("CROP_LANDMARKS" in places)
