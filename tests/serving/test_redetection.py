"""Garments that do not lie upright are detected again in crops that turn them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from seamline.core.detections import intersection_over_union, place_of
from seamline.core.errors import InternalError
from seamline.core.image import letterbox
from seamline.core.spec import CATEGORIES
from seamline.core.upright import UprightBoxes
from seamline.data.mask_box import mask_box
from seamline.serving.onnx_network import OnnxNetwork
from seamline.serving.redetection import Redetection
from seamline.serving.step import Array, Setting
from seamline.serving.weights import Weights
from seamline.synthetic import draw_sample
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from tests.support.repositories import MODEL_REPOSITORY
from tests.support.turned import FILL, moved, turned_photo

F = np.float32
SIDE = DEFAULT_SPEC.detector.side
SKIRT, DRESS = CATEGORIES.index("skirt"), CATEGORIES.index("vest dress")
PHOTO = np.random.default_rng(0).integers(0, 256, (400, 500, 3), np.uint8)
BOX = np.array([200, 60, 280, 260], F)
"""80 x 200 pixels about 240, 160."""

FITTED = (0.5, 0.5, 0.25, 0.7)
"""Centre, width and height as shares of the crop's side; the crop is 200 * 1.3 = 260 pixels wide."""


class Detector:
    """Answers one after the other: what a crop shows, as (centre, width, height, degrees, certainty, category)."""

    def __init__(self, *answers: Sequence[tuple[tuple[float, float, float, float], float, float, int]]) -> None:
        self.answers, self.crops = list(answers), list[np.ndarray]()

    def __call__(self, name: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> dict[str, np.ndarray]:
        assert name == "detector"
        self.crops.append(inputs["DETECTOR_INPUT"])
        rows = self.answers.pop(0)
        assert len(rows) == len(inputs["DETECTOR_INPUT"])
        boxes, scores, directions = (np.zeros((len(rows), 9, size), F) for size in (4, len(CATEGORIES), 2))
        for row, ((x, y, width, height), degrees, certainty, category) in enumerate(rows):
            x, y, width, height = (SIDE * value for value in (x, y, width, height))
            boxes[row, 4] = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
            scores[row, 4, category] = 0.9
            directions[row, 4] = turned(degrees, certainty)
        return dict(zip(outputs, (boxes, scores, directions), strict=True))


def turned(degrees: float, certainty: float = 1.0) -> np.ndarray:
    """What the detector says of a turned garment (1, 2)."""
    return np.array([[certainty * np.cos(np.radians(degrees)), certainty * np.sin(np.radians(degrees))]], F)


def around(degrees: float) -> np.ndarray:
    """The box (1, 4) of the garment turned by quarters."""
    half = np.array([100, 40] if degrees % 180 else [40, 100])
    return np.array([[*(np.array([240, 160]) - half), *(np.array([240, 160]) + half)]], F)


def confirmed(detector: Detector, degrees: float, certainty: float = 1.0) -> tuple[UprightBoxes, tuple[str, ...]]:
    seen = around(degrees)
    return Redetection(DEFAULT_SPEC, detector).confirmed(PHOTO, seen, seen, turned(degrees, certainty), ("skirt",))


def test_a_crop_names_the_garment_and_fits_its_box() -> None:
    detector = Detector([((0.5, 0.45, 0.25, 0.7), 4, 0.95, DRESS)])
    found, names = confirmed(detector, 90)
    assert names == ("vest dress",)
    assert np.degrees(found.turns[0]) == pytest.approx(90)
    # .05 of 260 pixels up in the crop, whose up is right in the photo: the garment was turned clockwise
    np.testing.assert_allclose((found.boxes[0, :2] + found.boxes[0, 2:]) / 2, [240 + 13, 160], atol=0.1)
    np.testing.assert_allclose(found.boxes[0, 2:] - found.boxes[0, :2], [0.25 * 260, 0.7 * 260], atol=0.1)
    assert detector.crops[0].shape == (1, SIDE, SIDE, 3)


def test_a_garment_that_is_still_turned_is_turned_on() -> None:
    exact = (0.5, 0.5, 80 / 260, 200 / 260)
    detector = Detector([(exact, 180, 0.9, SKIRT)], [(exact, 0, 0.9, DRESS)])
    found, names = confirmed(detector, 90)
    assert np.degrees(found.turns[0]) == pytest.approx(-90)
    assert names == ("vest dress",)
    first, second = (crop[0].astype(int) for crop in detector.crops)
    assert np.abs(np.rot90(first, 2) - second).mean() < 0.2 * np.abs(first - second).mean()


def test_a_garment_that_lay_upright_all_the_while_keeps_its_own_box() -> None:
    detector = Detector([((0.5, 0.5, 0.5, 0.75), -90, 0.9, SKIRT)], [((0.5, 0.5, 0.75, 0.5), 0, 0.9, DRESS)])
    found, names = confirmed(detector, 90)
    assert (found.turns.tolist(), names) == ([0], ("vest dress",))
    np.testing.assert_array_equal(found.boxes, around(90))


def test_a_garment_that_the_photo_cannot_hold_is_left() -> None:
    answers = [[((0.5, 0.5, 1.4, 1.4), 45, 0.9, DRESS)]] * 3
    detector = Detector(*answers)
    seen = np.array([[-200, -200, 700, 700]], F)
    found, names = Redetection(DEFAULT_SPEC, detector).confirmed(PHOTO, seen, seen, turned(45, 0.5), ("skirt",))
    assert (len(detector.crops), found.turns.tolist(), names) == (1, [0], ("skirt",))


def test_a_guess_counts_once_a_crop_confirms_it() -> None:
    found, names = confirmed(Detector([(FITTED, 0, 0.9, DRESS)]), 90, certainty=0.5)
    assert np.degrees(found.turns[0]) == pytest.approx(90)
    assert names == ("vest dress",)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param((FITTED, 0, 0.5, DRESS), id="unsure"),
        pytest.param(((0.1, 0.1, 0.1, 0.1), 0, 0.9, DRESS), id="another garment"),
    ],
)
@pytest.mark.parametrize("certainty", [0.5, 1.0])
def test_a_turn_that_no_crop_confirms_counts_for_none(
    seen: tuple[tuple[float, float, float, float], float, float, int], certainty: float
) -> None:
    found, names = confirmed(Detector([seen]), 90, certainty)
    assert (found.turns.tolist(), names) == ([0], ("skirt",))
    np.testing.assert_array_equal(found.boxes, around(90))


def test_a_garment_that_never_comes_to_rest_is_left_after_three_crops() -> None:
    detector = Detector(*[[(FITTED, 180, 0.9, DRESS)]] * 3)
    found, names = confirmed(detector, 90)
    assert (len(detector.crops), found.turns.tolist(), names) == (3, [0], ("skirt",))


@pytest.mark.parametrize(("degrees", "certainty"), [(0, 1.0), (14, 1.0), (90, 0.2)])
def test_upright_garments_are_not_looked_at_again(degrees: float, certainty: float) -> None:
    found, names = confirmed(Detector(), degrees, certainty)
    assert (found.turns.tolist(), names) == ([0], ("skirt",))


def test_many_garments_are_detected_in_batches_that_the_detector_takes() -> None:
    detector = Detector([(FITTED, 0, 0.9, DRESS)] * 16, [(FITTED, 0, 0.9, SKIRT)] * 4)
    seen = np.repeat(around(90), 21, 0)
    directions = np.concatenate([turned(0), np.repeat(turned(90), 20, 0)])
    found, names = Redetection(DEFAULT_SPEC, detector).confirmed(PHOTO, seen, seen, directions, ("shorts",) * 21)
    assert names == ("shorts", *["vest dress"] * 16, *["skirt"] * 4)
    assert (found.turns != 0).tolist() == [False] + [True] * 20


def test_no_garments_need_no_detector() -> None:
    found, names = Redetection(DEFAULT_SPEC, Detector()).confirmed(
        PHOTO, BOX[None][:0], BOX[None][:0], turned(0)[:0], ()
    )
    assert (len(found), names) == (0, ())


def test_a_step_without_networks_beside_it_says_so() -> None:
    with pytest.raises(InternalError, match="detector"):
        Setting(DEFAULT_SPEC).run_network("detector", {}, ())


@pytest.fixture(scope="module")
def served() -> Weights:
    return Weights.of_repository(MODEL_REPOSITORY)


@pytest.mark.parametrize("degrees", [90, 180, -90, 37, -65, 160])
@pytest.mark.parametrize("category", ["short sleeve top", "trousers", "sling dress"])
def test_the_shipped_detector_finds_the_box_that_a_turned_garment_had_upright(
    served: Weights, category: str, degrees: float
) -> None:
    network = OnnxNetwork(served.detector, threads=1)
    sample = draw_sample(np.random.default_rng(2), 480, category)
    photo, matrix = turned_photo(sample.rgb, degrees)
    mask, _ = turned_photo(np.repeat(sample.mask[..., None], 3, -1), degrees, (0, 0, 0))
    seen = np.array(mask_box(mask[..., 0] > 127), F)
    square, fit = letterbox(photo, SIDE, FILL)
    boxes, scores, directions = (value[0] for value in network({"DETECTOR_INPUT": square[None]}).values())
    place = place_of(fit.from_photo(seen), boxes, scores)
    redetection = Redetection(served.spec, lambda name, inputs, outputs: network(inputs))
    rows = seen[None], fit.to_photo(boxes[place])[None], directions[place][None]
    found, _ = redetection.confirmed(photo, *rows, (category,))
    upright = moved(np.array(sample.box, F), matrix)
    assert intersection_over_union(upright, found.boxes)[0] > 0.65
    assert abs((np.degrees(found.turns[0]) - degrees + 180) % 360 - 180) < 15
