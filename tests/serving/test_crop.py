"""The crop step shows each garment upright, whichever way up it lies in the photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from seamline.core.image import Letterbox
from seamline.core.spec import CATEGORIES
from seamline.serving.crop import Crop
from seamline.serving.step import Array, RunNetwork, Setting
from seamline.synthetic import draw_sample
from seamline.systems.psnet.region_rules import DEFAULT_SPEC

F = np.float32
SIDE = DEFAULT_SPEC.detector.side


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """A drawn garment's photo and box."""
    sample = draw_sample(np.random.default_rng(9), 400)
    return sample.rgb, np.array(sample.box, F)


def quarters(rgb: np.ndarray, box: np.ndarray, times: int) -> tuple[np.ndarray, np.ndarray]:
    """Photo and box after so many quarters clockwise."""
    for _ in range(times):
        x0, y0, x1, y1 = box
        box = np.array([rgb.shape[0] - y1, x0, rgb.shape[0] - y0, x1], F)
        rgb = np.rot90(rgb, -1)
    return np.ascontiguousarray(rgb), box


def seen_upright(size: np.ndarray) -> RunNetwork:
    """A detector that sees a garment of this size upright in the middle of every crop, which leaves .15 about it."""

    def run(name: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> dict[str, np.ndarray]:
        boxes, scores, directions = (np.zeros((1, 50, width), F) for width in (4, len(CATEGORIES), 2))
        half = SIDE * size / size.max() / 1.3 / 2
        boxes[0, 3] = np.concatenate([SIDE / 2 - half, SIDE / 2 + half])
        scores[0, 3, 1], directions[0, 3] = 0.9, [1, 0]
        return dict(zip(outputs, (boxes, scores, directions), strict=True))

    return run


def cropped(
    rgb: np.ndarray, box: np.ndarray, size: np.ndarray, turn: float, given: np.ndarray | None = None
) -> dict[str, Any]:
    """What the step says where the detector sees one garment, `size` wide and high along its own axes."""
    height, width = rgb.shape[:2]
    boxes, scores, directions = (np.zeros((1, 50, size), F) for size in (4, len(CATEGORIES), 2))
    boxes[0, 7], scores[0, 7, 1] = Letterbox.of(width, height, SIDE).from_photo(box), 0.9
    directions[0, 7] = np.cos(turn), np.sin(turn)
    return dict(
        Crop(Setting(DEFAULT_SPEC, run_network=seen_upright(size)))(
            {
                "PHOTO": rgb, "PHOTO_SIZE": np.array([width, height], np.int32), "DETECTOR_BOXES": boxes,
                "DETECTOR_SCORES": scores, "DETECTOR_DIRECTIONS": directions, "BOX": given, "PHOTO_WARNINGS": None,
            }
        )
    )  # fmt: skip


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("by_box", [False, True])
def test_a_garment_turned_by_quarters_is_cropped_as_it_was(
    drawn: tuple[np.ndarray, np.ndarray], times: int, by_box: bool
) -> None:
    rgb, box = drawn
    size = box[2:] - box[:2]
    before = cropped(rgb, box, size, 0.0)
    turned, moved = quarters(rgb, box, times)
    after = cropped(turned, moved, size, times * np.pi / 2, moved if by_box else None)
    assert np.abs(after["CROPS"].astype(int) - before["CROPS"]).mean() < 3
    np.testing.assert_allclose(after["BOXES"][0], moved, atol=0.5)
    assert after["SQUARES"][0, 4] == pytest.approx(np.angle(np.exp(0.5j * times * np.pi)), abs=1e-5)


def test_an_upright_garment_is_cropped_to_the_bit_whatever_the_detector_says_of_its_slant(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    rgb, box = drawn
    size = box[2:] - box[:2]
    plain, other = cropped(rgb, box, size, 0.0), cropped(rgb, box, size, np.radians(14.0))
    np.testing.assert_array_equal(other["CROPS"], plain["CROPS"])
    np.testing.assert_array_equal(other["SQUARES"], plain["SQUARES"])
    assert plain["SQUARES"][0, 4] == 0


def test_a_photo_without_garments_has_a_square_that_is_not_turned(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    rgb, _ = drawn
    found = cropped(rgb, np.zeros(4, F), np.ones(2, F), 1.0)
    assert found["COUNT"].tolist() == [0]
    assert found["SQUARES"].tolist() == [[0, 0, DEFAULT_SPEC.crop.side, DEFAULT_SPEC.crop.side, 0]]
