"""A second photo of a garment, and where the first one's points lie in it."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.core.image import Pixels
from seamline.core.spec import LANDMARKS, mirrored_landmarks
from seamline.data.copies.sample import Floats, Mask
from seamline.data.copies.warp import Warp
from seamline.data.photographer.hinge import Hinge

_MIRRORED = np.array(mirrored_landmarks(LANDMARKS))


@dataclasses.dataclass(frozen=True)
class Transform:
    """From the first photo to the second: sleeves that were laid elsewhere, then everything else."""

    hinges: tuple[Hinge, ...]
    warp: Warp

    def positions(self, points: Floats) -> Floats:
        """Where positions (N, 2) on the first photo's garment lie in the second photo (N, 2)."""
        moved = np.asarray(points, np.float32).reshape(-1, 2).copy()
        for hinge in self.hinges:
            on = hinge.holds(moved)
            moved[on] = hinge.moved(moved[on])
        return self.warp.positions(moved)


@dataclasses.dataclass(frozen=True)
class Shot:
    """`rgb` (H, W, 3); `mask` (H, W): 255 where the garment can be seen, None if it was None; `landmarks` (K, 3):
    zeros where one is unknown or out of the picture, in the left and right of this picture; `transform`: from the
    first photo's pixels to this one's; `mirrored`: left and right changed places; `cover` (H, W): 255 where something
    hides the scene."""

    rgb: Pixels
    mask: Mask | None
    landmarks: Floats | None
    transform: Transform
    mirrored: bool
    cover: Mask


def moved_landmarks(landmarks: Floats, transform: Transform, mirrored: bool) -> Floats:
    """The landmarks (K, 3) in the second photo; what lies out of it is not known there."""
    width, height = transform.warp.size
    places = transform.positions(landmarks[:, :2])
    inside = ((places >= 0) & (places < (width, height))).all(axis=1)
    known = (landmarks[:, 2] > 0) & inside
    moved = np.where(known[:, None], np.column_stack([places, landmarks[:, 2]]), 0)
    return (moved[_MIRRORED] if mirrored else moved).astype(np.float32)
