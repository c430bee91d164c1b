"""Another photographer's camera: how the garment is framed, turned and seen, and how its cloth lies."""

from __future__ import annotations

import numpy as np

from seamline.data.copies.geometry import Doubles, Framing, Warp, bent, frame_corners, held_within, matrix_of
from seamline.data.copies.params import PhotoParams
from seamline.data.copies.sample import GarmentSample, Mask


def view_of(sample: GarmentSample, own: bool, mirror: bool, params: PhotoParams, random: np.random.Generator) -> Warp:
    """Where the sample lies in its new picture. Raises ValueError when the mask is empty."""
    height, width = sample.mask.shape
    box = garment_box(sample.mask)
    size = _picture_size(width, height, random.random() < params.square)
    framing = _framing(params, own, random)
    low, high = _limits(sample.mask, own)
    corners = held_within(frame_corners(box, size[0] / size[1], framing), low, high)
    amount = params.bend * max(box[2] - box[0], box[3] - box[1])
    return Warp(matrix_of(corners, size, mirror), bent(amount, random), (width, height), size)


def _picture_size(width: int, height: int, square: bool) -> tuple[int, int]:
    side = round((width * height) ** 0.5)
    return (side, side) if square else (width, height)


def _framing(params: PhotoParams, own: bool, random: np.random.Generator) -> Framing:
    push = np.zeros(2)
    if random.random() < params.crop:
        push[random.integers(2)] = random.choice([-1, 1]) * random.uniform(*params.crop_depth)
    return Framing(
        fill=random.uniform(*params.fill),
        shift=(random.uniform(-0.9, 0.9), random.uniform(-0.9, 0.9)),
        push=(float(push[0]), float(push[1])),
        turn=random.uniform(-1, 1) * params.turn * (0.4 if own else 1.0),
        tilt=random.uniform(-1, 1, (4, 2)) * params.tilt,
    )


def _limits(mask: Mask, own: bool) -> tuple[Doubles, Doubles]:
    """Corners (2,), (2,) that the camera must not look beyond: the photo's edges where the garment is cut off there,
    or all of them where the photo's own background is kept."""
    height, width = mask.shape
    low, high = np.zeros(2), np.array([width, height], float)
    if not own:
        cut_low = np.array([mask[:, 0].any(), mask[0].any()])
        cut_high = np.array([mask[:, -1].any(), mask[-1].any()])
        low, high = np.where(cut_low, low, -1e4), np.where(cut_high, high, 1e4)
    return low, high


def garment_box(mask: Mask) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 of a mask. Raises ValueError when it is empty."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        raise ValueError("the garment's mask is empty")
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
