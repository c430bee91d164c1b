"""Garments as the served steps pass them on: where they are, and their vectors.

Row i of every array is the same garment. Boxes are x0, y0, x1, y1 in the photo's own pixels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import Spec

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class Detections:
    """n garments, each photo's strongest first.

    boxes (n, 4) and the squares (n, 5) that were cropped, scores (n,), n categories, crops (n, side, side, 3).
    """

    boxes: Floats
    squares: Floats
    scores: Floats
    categories: tuple[str, ...]
    crops: Pixels

    def __len__(self) -> int:
        return len(self.boxes)

    def rows(self, rows: slice) -> Detections:
        """Some of them."""
        return Detections(
            self.boxes[rows], self.squares[rows], self.scores[rows], self.categories[rows], self.crops[rows]
        )


@dataclasses.dataclass(frozen=True)
class Embeddings:
    """n garments: vectors (n, P, D), of unit length or zero where a part is absent; part_boxes (n, P, 4) and
    part_visible (n, P); landmarks (n, K, 3) = x, y and confidence, None for a system without any."""

    vectors: Floats
    part_boxes: Floats
    part_visible: Floats
    landmarks: Floats | None

    def __len__(self) -> int:
        return len(self.vectors)

    @classmethod
    def none(cls, spec: Spec) -> Embeddings:
        """No garment, in the shapes of a spec."""
        parts, number = len(spec.parts), np.float32
        return cls(
            np.zeros((0, parts, spec.parts.dimension), number), np.zeros((0, parts, 4), number),
            np.zeros((0, parts), number),
            np.zeros((0, len(spec.landmarks), 3), number) if spec.landmarks else None,
        )  # fmt: skip

    @classmethod
    def joined(cls, several: Sequence[Embeddings]) -> Embeddings:
        """The garments of several of them, one at least, in their order."""
        landmarks = [one.landmarks for one in several if one.landmarks is not None]
        return cls(
            np.concatenate([one.vectors for one in several]),
            np.concatenate([one.part_boxes for one in several]),
            np.concatenate([one.part_visible for one in several]),
            np.concatenate(landmarks) if len(landmarks) == len(several) else None,
        )
