"""A sample's named points, and lines and polygons between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import LANDMARKS
from seamline.data.copies.sample import Floats, GarmentSample, Mask

Point = NDArray[np.float32]
"""(2,) x, y in pixels; an array of several is (N, 2)."""


GUESSED = 0.5
"""Confidence of a point that divides a garment into regions and is not sure enough to measure anything."""


def landmark_array(known: Mapping[str, tuple[float, float] | None], unsure: Collection[str] = ()) -> Floats:
    """(K, 3) in the order of LANDMARKS: x, y and a confidence of 1 where the place is known, GUESSED where it is
    unsure, else zeros."""
    points = np.zeros((len(LANDMARKS), 3), np.float32)
    for index, name in enumerate(LANDMARKS):
        place = known.get(name)
        if place is not None:
            points[index] = *place, GUESSED if name in unsure else 1.0
    return points


def landmark(sample: GarmentSample, name: str) -> Point | None:
    """A named point, or None where the garment has none."""
    x, y, confidence = sample.points[LANDMARKS.index(name)]
    return np.array([x, y], np.float32) if confidence > 0 else None


def landmarks(sample: GarmentSample, *names: str) -> Point | None:
    """Several named points (N, 2), or None unless there are all."""
    found = [landmark(sample, name) for name in names]
    return None if any(point is None for point in found) else np.array(found, np.float32)


def with_landmarks(sample: GarmentSample, targets: dict[str, Point]) -> NDArray[np.float32]:
    """The sample's points with some of them elsewhere."""
    points = sample.points.copy()
    for name, target in targets.items():
        points[LANDMARKS.index(name), :2] = target
    return points


def extent(mask: Mask) -> float:
    """The longer side of a mask's bounding box, in pixels; 0 if it is empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return float(max(np.ptp(rows), np.ptp(columns)) + 1) if len(rows) else 0.0


def neckline(ends: Point, bottom: Point, sharpness: float = 0.0, steps: int = 24) -> Point:
    """The neckline (steps, 2) from its left end through its lowest point to its right end.

    `sharpness` 0 is a round neck, 1 a V; between them is between.
    """
    t = np.linspace(-1, 1, steps, dtype=np.float32)[:, None]
    middle = ends.mean(0)
    across, down = (ends[1] - ends[0]) / 2, bottom - middle
    depth = (1 - sharpness) * np.sqrt(np.maximum(0, 1 - t * t)) + sharpness * (1 - np.abs(t))
    return (middle + t * across + depth * down).astype(np.float32)


def beyond(shape: tuple[int, ...], first: Point, second: Point, inside: Point) -> NDArray[np.float32]:
    """Signed distance (H, W) of each pixel from the line through two places; negative on the side of `inside`."""
    heading = (second - first) / max(1e-3, float(np.hypot(*(second - first))))
    normal = np.array([-heading[1], heading[0]], np.float32)
    if float(normal @ (inside - first)) > 0:
        normal = -normal
    y, x = np.arange(shape[0], dtype=np.float32)[:, None], np.arange(shape[1], dtype=np.float32)[None, :]
    return np.asarray((x - first[0]) * normal[0] + (y - first[1]) * normal[1], np.float32)
