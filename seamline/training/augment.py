"""Random views of stored crops for the landmark branch: geometry, background, light, occlusion.

All randomness comes from the generator that is passed in, so that a step of training can be repeated.
"""

from __future__ import annotations

import dataclasses
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import LANDMARKS, CropSpec, PhotoSpec, mirrored_landmarks
from seamline.training.crops import ABSENT, BOX_SIDE, OCCLUDED, PRESENT, SIDE, UNSURE, CropStore

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Matrix = NDArray[np.float64]

_MIRRORED = np.array(mirrored_landmarks(LANDMARKS))

_DEEP = 0.05
"""A covered point with nothing seen of its garment within this share of the side cannot be told."""


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """Ranges and probabilities. `rotation` in degrees, `shift` as a share of the garment's longer side."""

    rotation: float = 20.0
    scale: float = 0.15
    shift: float = 0.06
    background: float = 0.35
    colour: float = 0.8
    blur: float = 0.15
    cutout: float = 0.3


@dataclasses.dataclass(frozen=True)
class View:
    """pixels [S,S,3], mask [S,S], points [K,2] in pixels of the view, state [K]."""

    pixels: Bytes
    mask: Bytes
    points: Floats
    state: NDArray[np.int8]


def plain_view(store: CropStore, index: int, side: int) -> View:
    """The view that the encoder gets when serving."""
    return view_of(store, index, side)


def view_of(
    store: CropStore,
    index: int,
    side: int,
    angle: float = 0.0,
    scale: float = 1.0,
    shift: tuple[float, float] = (0.0, 0.0),
    flip: bool = False,
) -> View:
    """A crop turned by `angle` degrees, scaled, shifted by a share of the garment's longer side, then mirrored."""
    return _warp(store, index, _matrix(side, angle, scale, shift, flip), side, flip)


def random_view(store: CropStore, index: int, side: int, settings: Augmentation, random: np.random.Generator) -> View:
    """A random view of a crop."""
    flip = bool(random.random() < 0.5)
    angle = settings.rotation * float(random.uniform(-1, 1)) * float(random.uniform(0, 1))
    scale = float(np.exp(random.uniform(-settings.scale, settings.scale)))
    shift = cast("tuple[float, float]", tuple(random.uniform(-settings.shift, settings.shift, 2)))
    view = view_of(store, index, side, angle, scale, shift, flip)
    pixels, state = view.pixels, view.state
    if store.mask_trust[index] > 0.7 and random.random() < settings.background:
        pixels = on_background(pixels, view.mask, random_background(store, side, random))
    if random.random() < settings.colour:
        pixels = recoloured(pixels, random)
    if random.random() < settings.blur:
        pixels = cast("Bytes", cv2.GaussianBlur(pixels, (0, 0), float(random.uniform(0.4, 1.6))))
    if random.random() < settings.cutout:
        pixels, cover = _cut_out(pixels, random)
        state = states_below(view, cover)
    return dataclasses.replace(view, pixels=pixels, state=state)


def _matrix(side: int, angle: float, scale: float, shift: tuple[float, float], flip: bool) -> Matrix:
    """Affine map [2,3] from the stored crop's continuous coordinates to the view's."""
    zoom = scale * side / (BOX_SIDE * (1 + 2 * CropSpec().margin))
    radians = np.deg2rad(angle)
    turn = zoom * np.array([[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]])
    if flip:
        turn = np.diag([-1.0, 1.0]) @ turn
    offset = side / 2 - turn @ np.full(2, SIDE / 2) + np.array(shift) * zoom * BOX_SIDE
    return np.column_stack([turn, offset])


def _warp(store: CropStore, index: int, matrix: Matrix, side: int, flip: bool) -> View:
    centres = matrix.copy()  # OpenCV counts from pixel centres, we from pixel corners
    centres[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
    fill = PhotoSpec().fill
    pixels = cv2.warpAffine(store.pixels[index], centres, (side, side), flags=cv2.INTER_LINEAR, borderValue=fill)
    mask = cv2.warpAffine(store.masks[index], centres, (side, side), flags=cv2.INTER_LINEAR)
    points = store.points[index] @ matrix[:, :2].T.astype(np.float32) + matrix[:, 2].astype(np.float32)
    state = store.state[index].copy()
    if flip:
        points, state = points[_MIRRORED], state[_MIRRORED]
    outside = ((points < 0) | (points >= side)).any(-1)
    state[(state > ABSENT) & outside] = UNSURE
    return View(cast("Bytes", pixels), cast("Bytes", mask), points.astype(np.float32), state)


def states_below(view: View, cover: Bytes) -> NDArray[np.int8]:
    """The states of the view's points when what `cover` [S,S] marks is hidden.

    A point below it is OCCLUDED where its garment is seen near by, so that its place can be told, and else ABSENT. The
    cover's edge does not count, at which there may be background. Without a mask, all around the cover is garment.
    """
    side = len(cover)
    hidden = cover > 127
    seen = ~hidden & (view.mask > 127 if view.mask.any() else True)
    far = cv2.distanceTransform((~seen).astype(np.uint8), cv2.DIST_L2, 3)
    column, row = np.clip(np.floor(view.points), 0, side - 1).astype(int).T
    below, state = hidden[row, column], view.state.copy()
    state[below & (state == PRESENT)] = OCCLUDED
    state[below & (state > ABSENT) & (far[row, column] > _DEEP * side)] = ABSENT
    return state


def random_background(store: CropStore, side: int, random: np.random.Generator) -> Bytes:
    """[side,side,3]: an enlarged corner of another crop, or a smooth gradient, or a plain colour with grain."""
    if random.random() < 0.6:
        other = int(random.integers(len(store)))
        size = int(random.integers(36, 90))
        x, y = (int(random.choice([0, SIDE - size])) for _ in range(2))
        patch = store.pixels[other, y : y + size, x : x + size]
        return cast("Bytes", cv2.resize(patch, (side, side), interpolation=cv2.INTER_CUBIC))
    corners = random.integers(0, 256, (2, 2, 3))
    if random.random() < 0.5:
        corners[:] = corners[0, 0]
    smooth = cv2.resize(corners.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    grain = random.normal(0, random.uniform(0, 12), (side, side, 1))
    return np.clip(smooth + grain, 0, 255).astype(np.uint8)


def on_background(pixels: Bytes, mask: Bytes, background: Bytes) -> Bytes:
    """The garment on another background, blended at the mask's soft edge."""
    share = cv2.GaussianBlur(mask, (0, 0), 1.0)[..., None].astype(np.float32) / 255
    return (pixels * share + background * (1 - share) + 0.5).astype(np.uint8)


def recoloured(pixels: Bytes, random: np.random.Generator) -> Bytes:
    """Other light and dye: gain and offset per channel, gamma, saturation, sometimes grey or exchanged channels."""
    values = np.arange(256, dtype=np.float32) / 255
    gamma, contrast = np.exp(random.uniform(-0.4, 0.4, 2))
    gain = np.exp(random.uniform(-0.15, 0.15, 3))
    offset = random.uniform(-0.15, 0.15)
    curve = values[:, None] ** gamma * contrast * gain + offset
    table = (np.clip(curve, 0, 1) * 255 + 0.5).astype(np.uint8)[None]
    pixels = cast("Bytes", cv2.LUT(pixels, table))
    if random.random() < 0.3:
        pixels = pixels[..., random.permutation(3)]
    if random.random() < 0.4:
        grey = pixels.mean(-1, keepdims=True, dtype=np.float32)
        colour = random.uniform(0, 1.6)
        pixels = np.clip(grey + (pixels - grey) * colour, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(pixels)


def _cut_out(pixels: Bytes, random: np.random.Generator) -> tuple[Bytes, Bytes]:
    """The pixels below plain rectangles, and where these lie: [S,S], 255 inside."""
    side = len(pixels)
    pixels, cover = pixels.copy(), np.zeros((side, side), np.uint8)
    for _ in range(int(random.integers(1, 4))):
        width, height = (random.uniform(0.05, 0.3, 2) * side).astype(int)
        x, y = int(random.integers(side - width)), int(random.integers(side - height))
        pixels[y : y + height, x : x + width] = random.integers(0, 256, 3)
        cover[y : y + height, x : x + width] = 255
    return pixels, cover
