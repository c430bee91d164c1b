"""Another photographer's camera: how the garment is framed, turned and seen, and how its cloth lies."""

from __future__ import annotations

import dataclasses
from typing import cast

import cv2
import numpy as np

from seamline.data.copies.params import PhotoParams
from seamline.data.copies.sample import GarmentSample, Mask
from seamline.data.copies.warp import Doubles, Warp, random_displacement
from seamline.data.mask_box import mask_box


@dataclasses.dataclass(frozen=True)
class Framing:
    """How a camera frames a garment.

    `fill`: share of the frame that the garment's box takes along its fuller side; `shift`: where it lies in the room
    that is left, -1 to 1 for x and y; `push`: how far it is moved beyond, in shares of its own sides; `turn` in
    degrees; `tilt` (4, 2): how far the frame's corners move, in shares of its sides.
    """

    fill: float
    shift: tuple[float, float]
    push: tuple[float, float]
    turn: float
    tilt: Doubles


def view_of(
    sample: GarmentSample, own_background: bool, mirror: bool, params: PhotoParams, random: np.random.Generator
) -> Warp:
    """Where the sample lies in its new picture. Raises ValueError when the mask is empty."""
    height, width = sample.mask.shape
    box = mask_box(sample.mask)
    size = _picture_size(width, height, random.random() < params.square)
    framing = _framing(params, own_background, random)
    low, high = _limits(sample.mask, own_background)
    corners = held_within(frame_corners(box, size[0] / size[1], framing), low, high)
    amount = params.bend * max(box[2] - box[0], box[3] - box[1])
    return Warp(homography(corners, size, mirror), random_displacement(amount, random), (width, height), size)


def _picture_size(width: int, height: int, square: bool) -> tuple[int, int]:
    side = round((width * height) ** 0.5)
    return (side, side) if square else (width, height)


def _framing(params: PhotoParams, own_background: bool, random: np.random.Generator) -> Framing:
    push = np.zeros(2)
    if random.random() < params.crop:
        push[random.integers(2)] = random.choice([-1, 1]) * random.uniform(*params.crop_depth)
    return Framing(
        fill=random.uniform(*params.fill),
        shift=(random.uniform(-0.9, 0.9), random.uniform(-0.9, 0.9)),
        push=(float(push[0]), float(push[1])),
        turn=random.uniform(-1, 1) * params.turn * (0.4 if own_background else 1.0),
        tilt=random.uniform(-1, 1, (4, 2)) * params.tilt,
    )


def _limits(mask: Mask, own_background: bool) -> tuple[Doubles, Doubles]:
    """Corners (2,), (2,) that the camera must not look beyond: the photo's edges where the garment is cut off there,
    or all of them where the photo's own background is kept."""
    height, width = mask.shape
    low, high = np.zeros(2), np.array([width, height], float)
    if not own_background:
        cut_low = np.array([mask[:, 0].any(), mask[0].any()])
        cut_high = np.array([mask[:, -1].any(), mask[-1].any()])
        low, high = np.where(cut_low, low, -1e4), np.where(cut_high, high, 1e4)
    return low, high


def frame_corners(box: tuple[float, float, float, float], aspect: float, framing: Framing) -> Doubles:
    """Corners (4, 2) of what the camera sees, in the source: top left, top right, bottom right, bottom left.

    `box`: the garment's x0, y0, x1, y1; `aspect`: width over height of the picture.
    """
    radians = np.deg2rad(framing.turn)
    cosine, sine = np.cos(radians), np.sin(radians)
    width, height = box[2] - box[0], box[3] - box[1]
    across = np.abs([[cosine, sine], [sine, cosine]])
    garment = across @ (width, height)
    wide = max(garment[0], garment[1] * aspect) / framing.fill
    sides = np.array([wide, wide / aspect])
    offset = np.array(framing.shift) * np.maximum(sides - garment, 0) / 2
    offset = np.where(framing.push, np.sign(framing.push) * abs(sides - garment) / 2, offset)
    offset += np.array(framing.push) * garment
    unit = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) + framing.tilt
    turn = np.array([[cosine, -sine], [sine, cosine]])
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    return cast("Doubles", centre + (unit * sides - offset) @ turn.T)


def held_within(corners: Doubles, low: Doubles, high: Doubles) -> Doubles:
    """The frame moved, and where that is not enough made smaller, so that it lies between two corners (2,)."""
    spread = np.ptp(corners, axis=0)
    scale = float(min(1.0, *((high - low) / spread)))
    centre = corners.mean(axis=0)
    corners = centre + (corners - centre) * scale
    corners = corners + np.maximum(low - corners.min(axis=0), 0)
    return cast("Doubles", corners - np.maximum(corners.max(axis=0) - high, 0))


def homography(corners: Doubles, size: tuple[int, int], mirror: bool) -> Doubles:
    """The homography (3, 3) that shows a frame's corners in the corners of a picture of `size` (width, height)."""
    width, height = size
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    if mirror:
        target[:, 0] = width - target[:, 0]
    return cast("Doubles", cv2.getPerspectiveTransform(corners.astype(np.float32), target))
