"""A garment's photo as somebody else might publish it: cut out, laid on another ground, relit, mirrored, recompressed,
and, for a copied design, with regions redesigned.

All functions take and return RGB uint8 (height, width, 3); masks are (height, width), 255 on the garment. The same
generator state gives the same pixels.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.image import Pixels

Mask = NDArray[np.uint8]
Floats = NDArray[np.float32]


_CORNERS = (0.4, 0.3, 0.2, 0.14)
"""Sides of squares in a photo's corners, as shares of its shorter side, that may serve as ground."""


@dataclass(frozen=True)
class Taken:
    """A photo taken again. `box`: the garment's x0, y0, x1, y1 in it; `mirrored`: whether left and right changed."""

    rgb: Pixels
    box: tuple[float, float, float, float]
    mirrored: bool


def rephotographed(rgb: Pixels, mask: Mask, ground: Pixels, *, mirror: bool, random: np.random.Generator) -> Taken:
    """Lay a garment on another ground: a little turned, moved, scaled and relit, with a soft shadow."""
    height, width = mask.shape
    place = _placement(mask, random)
    flags = cv2.INTER_LINEAR
    garment = cv2.warpAffine(rgb, place, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    moved = cv2.warpAffine(_eroded(mask), place, (width, height), flags=flags).astype(np.float32) / 255.0
    matte: Floats = np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.8), np.float32)[..., None]
    shaded = _fitted(ground, width, height) * (1.0 - 0.35 * _shadow(matte, random))
    photo = relit(np.clip(matte * garment + (1 - matte) * shaded, 0, 255).astype(np.uint8), random)
    box = _box(matte[..., 0] > 0.5)
    if mirror:
        photo = np.ascontiguousarray(photo[:, ::-1])
        box = (width - box[2], box[1], width - box[0], box[3])
    return Taken(photo, box, mirror)


def recompressed(rgb: Pixels, random: np.random.Generator) -> bytes:
    """The photo as a JPEG file after a change of size and a low quality, as platforms and screenshots do."""
    height, width = rgb.shape[:2]
    scale = random.uniform(0.7, 1.1)
    size = max(16, round(width * scale)), max(16, round(height * scale))
    file = io.BytesIO()
    smaller = Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR)
    smaller.save(file, "JPEG", quality=int(random.integers(35, 76)))
    return file.getvalue()


def relit(rgb: Pixels, random: np.random.Generator) -> Pixels:
    """The photo under other light: exposure, contrast, colour of the light and a fall-off to one side."""
    height, width = rgb.shape[:2]
    gamma = random.uniform(0.8, 1.25)
    light = random.uniform(0.92, 1.08, 3) * random.uniform(0.88, 1.1)
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    side = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    field = 1.0 + random.uniform(0.0, 0.25) * side
    return np.clip(255.0 * (rgb / 255.0) ** gamma * light * field[..., None], 0, 255).astype(np.uint8)


def ground_of(rgb: Pixels, mask: Mask, random: np.random.Generator) -> Pixels:
    """The ground of another photo: its emptiest corner, repeated in mirror image over the whole picture.

    A photo without an empty corner gets a made-up ground.
    """
    height, width = mask.shape
    patch = _empty_corner(rgb, mask)
    if patch is None:
        return made_up_ground(height, width, random)
    tile = np.concatenate([patch, patch[:, ::-1]], axis=1)
    tile = np.concatenate([tile, tile[::-1]], axis=0)
    repeats = height // tile.shape[0] + 1, width // tile.shape[1] + 1, 1
    return np.ascontiguousarray(np.tile(tile, repeats)[:height, :width])


def _empty_corner(rgb: Pixels, mask: Mask) -> Pixels | None:
    """The largest of a few squares in the corners that shows next to nothing of the garment."""
    height, width = mask.shape
    for share in _CORNERS:
        side = max(8, round(share * min(height, width)))
        corners = [(y, x) for y in (0, height - side) for x in (0, width - side)]
        covered = [float(np.mean(mask[y : y + side, x : x + side] > 0)) for y, x in corners]
        if min(covered) < 0.01:
            y, x = corners[int(np.argmin(covered))]
            return rgb[y : y + side, x : x + side]
    return None


def made_up_ground(height: int, width: int, random: np.random.Generator) -> Pixels:
    """A ground that no photo shows: boards, tiles or cloth in a random colour, with grain."""
    colour = random.uniform(40, 230, 3)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = random.uniform(0, np.pi)
    across = x * np.cos(angle) + y * np.sin(angle)
    period = random.uniform(18, 90)
    pattern = {
        "boards": np.floor(across / period) * 1.7 % 1.0 - 0.5,
        "tiles": np.where((x % period < 2) | (y % period < 2), -0.8, 0.0),
        "cloth": 0.4 * np.sin(across / 3.0),
    }[str(random.choice(["boards", "tiles", "cloth"]))]
    grain = cv2.resize(random.normal(0, 1, (height // 8 + 2, width // 8 + 2)).astype(np.float32), (width, height))
    shade = 1.0 + 0.18 * pattern + 0.06 * grain + 0.02 * random.normal(0, 1, (height, width))
    return np.clip(colour * shade[..., None], 0, 255).astype(np.uint8)


def redesigned(rgb: Pixels, where: Mask, random: np.random.Generator) -> Pixels:
    """Give the marked part of a garment another colour or another print; its folds and light stay."""
    weight = cv2.GaussianBlur(where.astype(np.float32) / 255.0, (0, 0), 1.5)[..., None]
    if not (where > 0).any():
        return rgb
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    mean = lab[where > 0].mean(axis=0)
    target = _distant_colour(mean, random)
    changed = np.empty_like(lab)
    changed[..., 0] = np.clip(lab[..., 0] + (target[0] - mean[0]), 0, 255)
    changed[..., 1:] = target[1:] + 0.25 * (lab[..., 1:] - mean[1:])
    if random.random() < 0.6:
        changed = _printed(changed, _distant_colour(target, random), random)
    painted = cv2.cvtColor(np.clip(changed, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    return np.clip(weight * painted + (1 - weight) * rgb, 0, 255).astype(np.uint8)


def region_parts(mask: Mask, boxes: Floats, visible: Floats) -> list[Mask]:
    """Divide a garment among its region boxes (5, 4).

    A pixel belongs to the visible box whose middle is nearest, measured in the box's own half sides. A region that is
    not visible gets an empty mask.
    """
    y, x = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]].astype(np.float32) + 0.5
    distance = np.full((len(boxes), *mask.shape), np.inf, np.float32)
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        if visible[index] > 0:
            across = np.abs(x - (x0 + x1) / 2) / max(1.0, (x1 - x0) / 2)
            down = np.abs(y - (y0 + y1) / 2) / max(1.0, (y1 - y0) / 2)
            distance[index] = np.maximum(across, down)
    owner = distance.argmin(axis=0)
    inside = (mask > 0) & (distance.min(axis=0) < 1.3)
    return [np.where(inside & (owner == index), 255, 0).astype(np.uint8) for index in range(len(boxes))]


def choose_ground(grounds: Sequence[Pixels], shape: tuple[int, ...], random: np.random.Generator) -> Pixels:
    """One of the given grounds, or, one time in three or if there are none, a made-up one; of shape (height, width)."""
    height, width = shape
    if not len(grounds) or random.random() < 1 / 3:
        return made_up_ground(height, width, random)
    return _fitted(grounds[int(random.integers(len(grounds)))], width, height)


def _printed(lab: Floats, ink: Floats, random: np.random.Generator) -> Floats:
    """Stripes or dots of another colour, under the same folds."""
    height, width = lab.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    period = random.uniform(0.03, 0.1) * max(height, width)
    angle = random.uniform(0, np.pi)
    across = x * np.cos(angle) + y * np.sin(angle)
    along = -x * np.sin(angle) + y * np.cos(angle)
    stripes = np.sin(2 * np.pi * across / period)
    waves = stripes if random.random() < 0.5 else stripes * np.sin(2 * np.pi * along / period) - 0.2
    share = np.clip(waves * 4.0, 0, 1)[..., None]
    light = lab[..., :1] + (ink[0] - lab[..., :1].mean())
    coloured = np.concatenate([light, np.broadcast_to(ink[1:], (height, width, 2))], -1)
    return ((1 - share) * lab + share * coloured).astype(np.float32)


def _distant_colour(colour: Floats, random: np.random.Generator) -> Floats:
    """A colour in Lab (0..255) clearly unlike the given one."""
    candidates = np.column_stack([random.uniform(50, 210, 24), random.uniform(75, 185, (24, 2))])
    apart = np.linalg.norm(candidates - colour, axis=1)
    return np.asarray(candidates[int(np.argsort(apart)[random.integers(12, 24)])], np.float32)


def _placement(mask: Mask, random: np.random.Generator) -> Floats:
    """2x3 matrix that turns, scales and moves the garment within the picture."""
    height, width = mask.shape
    x0, y0, x1, y1 = _box(mask > 0)
    scale = min(random.uniform(0.75, 1.1), 0.97 * width / (x1 - x0), 0.97 * height / (y1 - y0))
    centre = (x0 + x1) / 2, (y0 + y1) / 2
    turn: Floats = np.asarray(cv2.getRotationMatrix2D(centre, random.uniform(-8, 8), scale), np.float32)
    room = np.array([width - scale * (x1 - x0), height - scale * (y1 - y0)]) / 2
    middle = np.array([width, height]) / 2 + random.uniform(-0.7, 0.7, 2) * np.maximum(room, 0)
    turn[:, 2] += middle - np.array(centre)
    return turn


def _shadow(matte: Floats, random: np.random.Generator) -> Floats:
    height, width = matte.shape[:2]
    shift = random.uniform(-0.02, 0.02, 2) * max(height, width)
    moved = cv2.warpAffine(matte[..., 0], np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32), (width, height))
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.012 * max(height, width)), np.float32)[..., None]


def _eroded(mask: Mask) -> Mask:
    return np.asarray(cv2.erode(mask, np.ones((3, 3), np.uint8)), np.uint8)


def _fitted(ground: Pixels, width: int, height: int) -> Pixels:
    if ground.shape[:2] == (height, width):
        return ground
    return np.asarray(cv2.resize(ground, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _box(inside: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    if not len(rows):
        return 0.0, 0.0, float(inside.shape[1]), float(inside.shape[0])
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
