"""What the wire server sees in a photo: garments with vectors, and what they hit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import LANDMARKS
from seamline.systems.psnet.spec import LABELS, MIRRORED, REGIONS

Array = NDArray[Any]
DIMENSION = 128

KEPT_ABOVE = (0.8, 0.75, 0.7, 0.8, 0.8)
VERSIONS: dict[str, Any] = {
    "seamline": "0.1.0",
    "fingerprint": "0011223344556677",
    "detector": "8899aabbccddeeff",
    "dimension": 128,
    "system": "psnet_lite",
    "parts": list(REGIONS),
    "mirror": list(MIRRORED),
    "labels": {category: list(row) for category, row in LABELS.items()},
    "rankings": ["partial", "weighted", "global"],
    "landmarks": list(LANDMARKS),
    "kept_above": list(KEPT_ABOVE),
    "znorm_mean": [0.3] * 5,
    "znorm_std": [0.1] * 5,
    "part_weights": [0.2] * 5,
    "best_of": 3,
    "copy_slope": 2.0,
    "copy_offset": -8.0,
}
INDEX = {
    "alias": "catalogue",
    "collection": "catalogue__0011223344556677__19a",
    "rows": 1234,
    "fingerprint": VERSIONS["fingerprint"],
}


def vectors(seed: int, absent: tuple[int, ...] = ()) -> Array:
    """Five unit vectors [5, D]; zeros for the parts in `absent`."""
    drawn = np.random.default_rng(seed).normal(size=(5, DIMENSION)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    drawn[list(absent)] = 0
    return drawn


def part_boxes(box: tuple[float, float, float, float]) -> Array:
    """Plausible regions [5, 4] of a garment in `box`."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    shares = [
        (0.35, 0, 0.65, 0.15),
        (0.2, 0.15, 0.8, 0.55),
        (0.2, 0.55, 0.8, 1),
        (0, 0.05, 0.2, 0.6),
        (0.8, 0.05, 1, 0.6),
    ]
    return np.array(
        [[x0 + a * width, y0 + b * height, x0 + c * width, y0 + d * height] for a, b, c, d in shares],
        np.float32,
    )


@dataclass(frozen=True)
class SceneHit:
    """One hit as the search step reports it."""

    item: str
    score: float = 4.2
    similarity: tuple[float, ...] = (0.95, 0.9, 0.42, 0.91, float("nan"))
    probability: float = 0.93
    mirrored: bool = False
    photo: str = "items/a.jpg"
    photo_sha256: str = "ab" * 32
    photo_size: tuple[int, int] = (300, 400)
    box: tuple[float, float, float, float] = (30.0, 40.0, 270.0, 360.0)
    category: str = "short sleeve top"

    def about(self) -> str:
        """HIT_GARMENT's JSON."""
        boxes: list[list[float | None]] = part_boxes(self.box).tolist()
        return json.dumps(
            {
                "item": self.item,
                "photo": self.photo,
                "garment": 0,
                "category": self.category,
                "box": self.box,
                "part_boxes": boxes,
                "photo_size": self.photo_size,
                "photo_sha256": self.photo_sha256,
            }
        )


@dataclass(frozen=True)
class SceneGarment:
    """One garment: box as shares of the photo, its vectors [5, D] and its hits."""

    vectors: Array = field(default_factory=lambda: vectors(1))
    hits: tuple[SceneHit, ...] = ()
    box: tuple[float, float, float, float] = (0.1, 0.1, 0.9, 0.9)
    category: str = "short sleeve top"


@dataclass(frozen=True)
class Scene:
    """The garments of one photo."""

    garments: tuple[SceneGarment, ...] = (SceneGarment(),)


NOTHING = Scene(())
