"""What the shipped encoder does with drawn garments: landmarks, presence, mirrored photos, other garments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from seamline.core.image import crop_square, square_box
from seamline.core.spec import LANDMARKS
from seamline.serving.weights import newest
from seamline.synthetic import Drawn, photograph, random_design
from seamline.systems.psnet.regions import region_boxes, roi_align
from seamline.systems.psnet_lite.spec import GRID, PSNetLiteSpec

REPOSITORY = Path(__file__).parents[2] / "model_repository"


class Encoder:
    """crop -> encoder -> region_pool -> region_head in this process."""

    def __init__(self) -> None:
        self.spec = PSNetLiteSpec.load(newest(REPOSITORY, "encoder") / "spec.json")
        self._encoder, self._head = (
            onnxruntime.InferenceSession(
                str(newest(REPOSITORY, name) / "model.onnx"), providers=["CPUExecutionProvider"]
            )
            for name in ("encoder", "region_head")
        )

    def landmarks(self, rgb: np.ndarray, box: tuple[float, ...]) -> np.ndarray:
        return self._run(rgb, box)[1]

    def vectors(self, rgb: np.ndarray, box: tuple[float, ...], category: str) -> np.ndarray:
        features, landmarks, grid = self._run(rgb, box)
        boxes, visible = region_boxes(landmarks, category, self.spec)
        pooled = roi_align(features, boxes, self.spec.encoder.pool_size, self.spec.crop.side / features.shape[-1])
        inputs = {"REGION_FEATURES": pooled[None], "REGION_VISIBLE": visible[None], GRID: grid[None]}
        return self._head.run(None, inputs)[0][0]

    def _run(self, rgb: np.ndarray, box: tuple[float, ...]) -> tuple[np.ndarray, ...]:
        crop, _ = crop_square(rgb, box, self.spec.crop.side, self.spec.crop.margin, self.spec.photo.fill)
        return tuple(output[0] for output in self._encoder.run(None, {"CROPS": crop[None]}))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture(scope="module")
def tops() -> list[Drawn]:
    """Six photos of three designs, two photos of each."""
    designs = [random_design(np.random.default_rng(seed), "short sleeve top") for seed in (11, 12, 13)]
    return [
        photograph(design, np.random.default_rng(100 + shot), 384, mirrored=False)
        for design in designs
        for shot in range(2)
    ]


def test_landmarks_lie_near_the_drawn_ones(encoder: Encoder, tops: list[Drawn]) -> None:
    distances = []
    for drawn in tops:
        found = encoder.landmarks(drawn.rgb, drawn.box)
        square = square_box(drawn.box, encoder.spec.crop.margin)
        diagonal = np.hypot(drawn.box[2] - drawn.box[0], drawn.box[3] - drawn.box[1])
        for name, point in drawn.landmarks.items():
            place = square[:2] + found[LANDMARKS.index(name), :2] * (square[2] - square[0]) / encoder.spec.crop.side
            distances.append(np.hypot(*(place - point)) / diagonal)
    assert np.mean(distances) < 0.05


def test_a_top_has_sleeves_and_no_legs(encoder: Encoder, tops: list[Drawn]) -> None:
    confidence = np.array([encoder.landmarks(drawn.rgb, drawn.box)[:, 2] for drawn in tops])
    legs = [index for index, name in enumerate(LANDMARKS) if name.startswith(("leg", "crotch", "waistband"))]
    body = [LANDMARKS.index(name) for name in ("neck_left", "shoulder_right", "armpit_left", "hem_right")]
    assert confidence[:, legs].mean() < 0.2
    assert confidence[:, body].mean() > 0.7


def test_a_mirrored_photo_keeps_its_vectors_with_sleeves_exchanged(encoder: Encoder, tops: list[Drawn]) -> None:
    similarities = []
    for drawn in tops[::2]:
        width = drawn.rgb.shape[1]
        x0, y0, x1, y1 = drawn.box
        straight = encoder.vectors(drawn.rgb, drawn.box, drawn.category)
        flipped = encoder.vectors(
            np.ascontiguousarray(drawn.rgb[:, ::-1]), (width - x1, y0, width - x0, y1), drawn.category
        )
        similarities.append((straight * flipped[list(encoder.spec.parts.mirror)]).sum(-1))
    assert np.mean(similarities) > 0.75


def test_the_same_design_is_more_alike_than_another(encoder: Encoder, tops: list[Drawn]) -> None:
    vectors = np.stack([encoder.vectors(drawn.rgb, drawn.box, drawn.category) for drawn in tops])
    alike = np.einsum("ird,jrd->ij", vectors, vectors) / len(encoder.spec.parts)
    same = [alike[index, index + 1] for index in (0, 2, 4)]
    other = [alike[a, b] for a in range(6) for b in range(6) if a // 2 != b // 2]
    assert min(same) > np.mean(other) + 0.2
    assert np.mean(same) > max(other)
