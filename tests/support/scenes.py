"""What the wire server sees in a photo: garments with vectors, and what they hit."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.client import to_jsonable
from seamline.core.box_corners import box_corners, boxes_around
from seamline.core.parts import WHOLE, Parts
from seamline.core.spec import LANDMARKS
from seamline.systems.psnet.spec import LABELS, MIRRORED, REGIONS
from seamline.systems.psnet_lite.spec import lite_parts

Array = NDArray[Any]
DIMENSION = 128
FINGERPRINT = "0011223344556677"

FIVE = Parts(REGIONS, MIRRORED, DIMENSION, LABELS)
SEVEN = lite_parts(DIMENSION)
EIGHT = Parts(tuple(f"attribute {n}" for n in range(8)), tuple(range(8)), DIMENSION)
ONE = dataclasses.replace(WHOLE, dimension=DIMENSION)
KEPT_ABOVE = (0.8, 0.75, 0.7, 0.8, 0.8)


def versions_of(parts: Parts, system: str = "psnet_lite") -> dict[str, Any]:
    """VERSIONS of a system with these parts."""
    count = len(parts)
    data = parts.to_data()
    return {
        "seamline": "0.1.0",
        "fingerprint": FINGERPRINT if system == "psnet_lite" else hashlib.sha256(system.encode()).hexdigest()[:16],
        "detector": "8899aabbccddeeff",
        "system": system,
        "labels": {},
        **data,
        "parts": data.pop("names"),
        "rankings": ["partial", "weighted", "global"],
        "landmarks": list(LANDMARKS),
        "kept_above": (list(KEPT_ABOVE) * count)[:count],
        "znorm_mean": [0.3] * count,
        "znorm_std": [0.1] * count,
        "part_weights": [1 / count] * count,
        "best_of": min(3, count),
        "region_odds": [6.0, -8.0] if parts.whole else [1.0, 0.0],
        "whole_odds": [15.0, -6.0] if parts.whole else [1.0, 0.0],
        "copy_slope": 2.0,
        "copy_offset": -8.0,
    }


VERSIONS = versions_of(FIVE)
INDEX = {
    "alias": "catalogue",
    "collection": "catalogue__0011223344556677__19a",
    "rows": 1234,
    "fingerprint": VERSIONS["fingerprint"],
}


def vectors(seed: int, absent: tuple[int, ...] = (), parts: int = 5) -> Array:
    """Unit vectors [P, D]; zeros for the parts in `absent`."""
    drawn = np.random.default_rng(seed).normal(size=(parts, DIMENSION)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    drawn[list(absent)] = 0
    return drawn


def part_boxes(box: tuple[float, float, float, float], parts: int = 5) -> Array:
    """Plausible places [P, 4] of the first five parts of a garment in `box`; NaN for others, and for a single one."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    shares = [
        (0.35, 0, 0.65, 0.15),
        (0.2, 0.15, 0.8, 0.55),
        (0.2, 0.55, 0.8, 1),
        (0, 0.05, 0.2, 0.6),
        (0.8, 0.05, 1, 0.6),
    ]
    boxes = np.full((parts, 4), np.nan, np.float32)
    if parts > 1:
        placed = [[x0 + a * width, y0 + b * height, x0 + c * width, y0 + d * height] for a, b, c, d in shares]
        boxes[: len(placed)] = placed[:parts]
    return boxes


def turned(points: Array, about: tuple[float, float], degrees: float) -> Array:
    """Points (..., 2) turned clockwise, as the picture is seen."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return ((points - about) @ np.array([[cosine, sine], [-sine, cosine]]) + about).astype(np.float32)


def part_corners(box: tuple[float, float, float, float], parts: int, degrees: float) -> Array:
    """Places [P, 4, 2] of the parts of a garment that would lie in `box`, were it not turned about the box's middle."""
    x0, y0, x1, y1 = box
    return turned(box_corners(part_boxes(box, parts)), ((x0 + x1) / 2, (y0 + y1) / 2), degrees)


@dataclass(frozen=True)
class SceneHit:
    """One hit as the search step reports it; `turn`: degrees by which its garment is turned in its photo."""

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
    turn: float = 0.0

    def about(self) -> str:
        """HIT_GARMENT's JSON."""
        corners = part_corners(self.box, len(self.similarity), self.turn)
        about = {
            "item": self.item,
            "photo": self.photo,
            "garment": 0,
            "category": self.category,
            "box": self.box,
            "part_boxes": to_jsonable(boxes_around(corners)),
            "photo_size": self.photo_size,
            "photo_sha256": self.photo_sha256,
        }
        return json.dumps(about | ({"part_corners": to_jsonable(corners)} if self.turn else {}))


@dataclass(frozen=True)
class SceneGarment:
    """One garment: box as shares of the photo, its vectors [P, D] and its hits; `turn`: degrees clockwise."""

    vectors: Array = field(default_factory=lambda: vectors(1))
    hits: tuple[SceneHit, ...] = ()
    box: tuple[float, float, float, float] = (0.1, 0.1, 0.9, 0.9)
    turn: float = 0.0
    category: str = "short sleeve top"


@dataclass(frozen=True)
class Scene:
    """The garments of one photo."""

    garments: tuple[SceneGarment, ...] = (SceneGarment(),)


NOTHING = Scene(())
