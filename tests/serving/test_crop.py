"""The crop step shows each garment upright, whichever way up it lies in the photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from seamline.core.image import Letterbox
from seamline.core.spec import CATEGORIES
from seamline.serving.crop import Crop
from seamline.serving.step import Array, Setting
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


def sees_nothing(name: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> dict[str, np.ndarray]:
    """A detector that finds no garment in any crop, so that what it said of the photo stands."""
    rows, widths = len(inputs["DETECTOR_INPUT"]), {"BOXES": 4, "SCORES": len(CATEGORIES), "DIRECTIONS": 2}
    return {name: np.zeros((rows, 50, widths[name.removeprefix("DETECTOR_")]), F) for name in outputs}


def cropped(rgb: np.ndarray, box: np.ndarray, turn: float, given: np.ndarray | None = None) -> dict[str, Any]:
    """What the step says where the detector sees one garment."""
    height, width = rgb.shape[:2]
    boxes, scores, directions = (np.zeros((1, 50, size), F) for size in (4, len(CATEGORIES), 2))
    boxes[0, 7], scores[0, 7, 1] = Letterbox.of(width, height, SIDE).from_photo(box), 0.9
    directions[0, 7] = np.cos(turn), np.sin(turn)
    return dict(
        Crop(Setting(DEFAULT_SPEC, run_network=sees_nothing))(
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
    before = cropped(rgb, box, 0.0)
    turned, moved = quarters(rgb, box, times)
    after = cropped(turned, moved, times * np.pi / 2, moved if by_box else None)
    assert np.abs(after["CROPS"].astype(int) - before["CROPS"]).mean() < 3
    np.testing.assert_allclose(after["BOXES"][0], moved, atol=0.5)
    assert after["SQUARES"][0, 4] == pytest.approx(np.angle(np.exp(0.5j * times * np.pi)), abs=1e-5)


def test_an_upright_garment_is_cropped_to_the_bit_whatever_the_detector_says_of_its_slant(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    rgb, box = drawn
    plain, other = cropped(rgb, box, 0.0), cropped(rgb, box, np.radians(14.0))
    np.testing.assert_array_equal(other["CROPS"], plain["CROPS"])
    np.testing.assert_array_equal(other["SQUARES"], plain["SQUARES"])
    assert plain["SQUARES"][0, 4] == 0


def test_a_photo_without_garments_has_a_square_that_is_not_turned(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    rgb, _ = drawn
    found = cropped(rgb, np.zeros(4, F), 1.0)
    assert found["COUNT"].tolist() == [0]
    assert found["SQUARES"].tolist() == [[0, 0, DEFAULT_SPEC.crop.side, DEFAULT_SPEC.crop.side, 0]]
