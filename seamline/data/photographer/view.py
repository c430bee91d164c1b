"""From where the garment is seen: distance, place in the picture, turn, slant, lens; and how its cloth lies.

All start from the first photo's own framing, so that at strength 0 the second photo is the first.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from seamline.data.copies.camera import Framing, frame_corners, held_within, homography
from seamline.data.copies.sample import Floats, Mask
from seamline.data.copies.warp import FIELD_SIDE, Doubles, Warp, projected, random_displacement
from seamline.data.mask_box import mask_box
from seamline.data.photographer.strengths import Strengths

_LARGEST_SLANT = 0.35
_EVEN = 3**0.5
_LEAST_FILL, _MOST_FILL = 0.3, 0.98


@dataclasses.dataclass(frozen=True)
class ViewParams(Strengths):
    """Spreads (standard deviations), and probabilities.

    `zoom`: of the logarithm of the garment's size; `shift`: of its place, in shares of the room that it leaves;
    `turn`: degrees; `slant`: of the camera against the cloth, a tenth means that the far edge is a tenth farther away
    than the middle; `lens`: of the radial distortion at the picture's corner; `cut`: probability that part of the
    garment is beyond the picture's edge, by up to `cut_depth` of its side.
    Cloth. `stretch`: of the logarithm of its width over its height; `shear`; `bend`: how far it moves, as a share of
    the garment's longer side.
    """

    CHANCES: ClassVar[tuple[str, ...]] = ("cut",)

    zoom: float = 0.2
    shift: float = 0.4
    turn: float = 4.5
    slant: float = 0.09
    lens: float = 0.02
    cut: float = 0.06
    cut_depth: float = 0.15
    stretch: float = 0.06
    shear: float = 0.03
    bend: float = 0.02


@dataclasses.dataclass(frozen=True)
class View:
    """What kind of second photo is wanted. `any_angle`: turned by any angle; `mirrored`; `within`: it may not show
    what lies beyond the first photo's edges."""

    any_angle: bool
    mirrored: bool
    within: bool


def view_of(mask: Mask, view: View, params: ViewParams, random: np.random.Generator) -> Warp:
    """How the second photo sees what the mask (H, W) covers; the whole photo where it is empty."""
    height, width = mask.shape
    box = mask_box(mask) if mask.any() else (0.0, 0.0, float(width), float(height))
    turn = _turn(view, params, random)
    size = (height, width) if abs(np.sin(np.deg2rad(turn))) > 0.8 else (width, height)
    framing = _framing(box, (width, height), turn, params, random)
    corners = frame_corners(box, size[0] / size[1], framing)
    if view.within:
        corners = held_within(corners, np.zeros(2), np.array([width, height], float))
    matrix = homography(corners, size, view.mirrored) @ _laid(box, params, random)
    field = _cloth(box, params, random) + _lens(matrix, (width, height), size, params.lens * _even(random))
    return Warp(matrix, field, (width, height), size)


def _even(random: np.random.Generator, count: int | None = None) -> Any:
    """Numbers of mean 0 and spread 1, evenly distributed: nobody takes quite the same photo again, nor goes far."""
    return random.uniform(-_EVEN, _EVEN, count)


def _turn(view: View, params: ViewParams, random: np.random.Generator) -> float:
    """Degrees. Within the first photo's edges it is by quarters, or most of the garment would be cut off."""
    turn = params.turn * float(_even(random))
    if not view.any_angle:
        return turn
    whole = random.uniform(-180, 180)
    return 90 * round(whole / 90) + turn if view.within else whole


def _framing(
    box: tuple[float, float, float, float], size: tuple[int, int], turn: float, params: ViewParams,
    random: np.random.Generator,
) -> Framing:  # fmt: skip
    low, high = np.array(box[:2]), np.array(box[2:])
    fill = float(np.max((high - low) / size))
    # Where the garment lies in the room around it: 0 is the middle of the photo, 1 the lower right.
    place = np.clip((low + high - size) / np.maximum(size - (high - low), 1.0), -1, 1)
    shift = np.clip(place + params.shift * _even(random, 2), -1, 1)
    zoom = float(np.exp(params.zoom * _even(random)))
    slant = np.clip(params.slant * _even(random, 2), -_LARGEST_SLANT, _LARGEST_SLANT)
    return Framing(
        fill=float(np.clip(fill * zoom, min(_LEAST_FILL, fill), max(_MOST_FILL, fill))),
        shift=(float(shift[0]), float(shift[1])),
        push=_push(params, random),
        turn=turn,
        tilt=_slanted(slant),
    )


def _push(params: ViewParams, random: np.random.Generator) -> tuple[float, float]:
    """How far the garment is moved out of the picture, in shares of its own sides."""
    depth = params.cut_depth * random.random() * random.choice([-1, 1]) if random.random() < params.cut else 0.0
    return (depth, 0.0) if random.random() < 0.5 else (0.0, depth)


def _slanted(slant: Doubles) -> Doubles:
    """How far the frame's corners (4, 2) move when its right and lower edges are farther away by these shares."""
    unit = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    distance = 1 + 2 * unit @ slant
    return np.asarray(unit * (distance[:, None] - 1), np.float64)


def _laid(box: tuple[float, float, float, float], params: ViewParams, random: np.random.Generator) -> Doubles:
    """(3, 3): the cloth pulled wider or longer, and askew, about the garment's middle."""
    wider, askew = params.stretch / 2 * _even(random), params.shear * _even(random)
    linear = np.array([[np.exp(wider), askew], [0.0, np.exp(-wider)]])
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    matrix = np.eye(3)
    matrix[:2, :2], matrix[:2, 2] = linear, centre - linear @ centre
    return matrix


def _cloth(box: tuple[float, float, float, float], params: ViewParams, random: np.random.Generator) -> Floats:
    return random_displacement(params.bend * max(box[2] - box[0], box[3] - box[1]), random)


def _lens(matrix: Doubles, source: tuple[int, int], size: tuple[int, int], amount: float) -> Floats:
    """The lens's radial distortion (N, N, 2) in pixels of the source, on the grid of the cloth's displacements."""
    x, y = ((np.arange(FIELD_SIDE) + 0.5) / FIELD_SIDE * side for side in source)
    places = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2).astype(np.float32)
    seen = projected(matrix, places)
    centre, radius = np.array(size) / 2, np.hypot(*size) / 2
    out = (seen - centre) / radius
    moved = centre + radius * out * (1 + amount * (out**2).sum(1, keepdims=True).clip(0, 1.5))
    shift = projected(np.linalg.inv(matrix), moved.astype(np.float32)) - places
    return np.asarray(shift.reshape(FIELD_SIDE, FIELD_SIDE, 2), np.float32)
