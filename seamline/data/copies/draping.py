"""A flat garment's pieces, trunk and sleeves, drawn over a person by thin-plate splines.

A spline (Bookstein, PAMI 1989) bends each piece from landmark to landmark. The trunk is round: towards its sides the
cloth turns away and is seen narrower than in the middle.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from seamline.core.image import Pixels
from seamline.data.copies.landmarks import Point, beyond
from seamline.data.copies.laying import Points
from seamline.data.copies.paths import length
from seamline.data.copies.sample import Floats, Mask
from seamline.data.copies.warp import remapped
from seamline.data.copies.worn_pieces import OPENING, Piece
from seamline.data.mask_box import mask_box

_STEP = 8
"""The splines are computed for every eighth pixel and interpolated."""

_TURN = 1.0
"""Angle in radians by which the cloth at a trunk's side is turned away from the camera."""

_RIM = 5
"""Width in pixels of the neighbourhood whose smallest value tells what is cloth: edges show background."""

_MARGIN = 0.2
"""How far beyond its cloth a piece may be drawn, as a share of its size."""

_OVERHANG = 0.15
"""How far a hem or cuff may hang below the line between its ends, as a share of its width."""

Window = tuple[slice, slice]


def spline_maps(piece: Piece, window: Window) -> Floats:
    """(h, w, 2): for each pixel of a window of the person's photo, where it comes from in the flat one.

    Raises ValueError where the places lie so that no spline goes through them.
    """
    height, width = (part.stop - part.start for part in window)
    columns, rows = -(-width // _STEP) + 2, -(-height // _STEP) + 2
    x = window[1].start + (np.arange(columns) - 0.5) * _STEP
    y = window[0].start + (np.arange(rows) - 0.5) * _STEP
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    try:
        spline = RBFInterpolator(piece.worn, piece.flat, kernel="thin_plate_spline", smoothing=1.0)
    except np.linalg.LinAlgError as error:
        raise ValueError("the landmarks lie in one line, so that no garment can be drawn over them") from error
    coarse = np.asarray(spline(grid) - 0.5, np.float32).reshape(rows, columns, 2)
    fine = cv2.resize(coarse, (columns * _STEP, rows * _STEP), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(fine[_STEP : _STEP + height, _STEP : _STEP + width], np.float32)


def rounded(maps: Floats, flat: Points) -> Floats:
    """Maps of a trunk with its cloth turned away at the sides, from the armpits down."""
    levels = [(flat[f"{name}_left"] + flat[f"{name}_right"]) / 2 for name in ("shoulder", "armpit", "waist", "hem")]
    halves = [length(flat[f"{name}_right"] - flat[f"{name}_left"]) / 2 for name in
              ("shoulder", "armpit", "waist", "hem")]  # fmt: skip
    axis = (levels[-1] - levels[0]) / max(1.0, length(levels[-1] - levels[0]))
    down = [float((level - levels[0]) @ axis) for level in levels]
    place = maps + 0.5 - levels[0]
    depth = place @ axis
    across = np.array([axis[1], -axis[0]], np.float32)
    middle = np.interp(depth, down, [float((level - levels[0]) @ across) for level in levels])
    half = np.interp(depth, down, halves)
    turn = np.maximum(1e-3, np.interp(depth, down[:2], [0.0, _TURN]))
    share = (place @ across - middle) / np.maximum(half, 1.0)
    inner = np.clip(share, -1, 1)
    bent = np.arcsin(inner * np.sin(turn)) / turn
    return np.asarray(maps + ((bent - inner) * half)[..., None] * across, np.float32)


def extended(rgb: Pixels, cloth: Mask) -> Pixels:
    """The photo (h, w, 3) with the cloth mirrored at its edge where there is none, so that no background is ever drawn;
    in the neck's opening with the neckline's own colours.

    Raises ValueError where there is no cloth.
    """
    eroded = np.asarray(cv2.erode(cloth, np.ones((_RIM, _RIM), np.uint8)), np.uint8)
    inner = np.asarray((eroded if (eroded > 127).any() else cloth) > 127, np.bool_)
    if not inner.any():
        raise ValueError("a piece of the garment laid flat is too small in its photo")
    _, labels = cv2.distanceTransformWithLabels(
        np.where(inner, 0, 255).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.zeros((int(labels.max()) + 1, 2), np.int32)
    nearest[labels[inner]] = np.argwhere(inner)
    edge = nearest[labels[~inner]]
    mirrored = np.clip(2 * edge - np.argwhere(~inner), 0, np.array(cloth.shape) - 1)
    good = inner[mirrored[:, 0], mirrored[:, 1]] & (cloth[~inner] != OPENING)
    taken = np.where(good[:, None], mirrored, edge)
    filled = rgb.copy()
    filled[~inner] = rgb[taken[:, 0], taken[:, 1]]
    return filled


def drawn_piece(rgb: Pixels, piece: Piece, maps: Floats, window: Window) -> tuple[Pixels, Floats]:
    """The piece's cloth (h, w, 3) as the maps show it, and how far each pixel may be drawn (h, w), 0 to 1."""
    rows, columns = _around(piece.cloth)
    cloth = extended(np.ascontiguousarray(rgb[rows, columns]), np.ascontiguousarray(piece.cloth[rows, columns]))
    shrunk = length(np.ptp(piece.flat, axis=0)) / max(1.0, length(np.ptp(piece.worn, axis=0)))
    if shrunk > 1.2:
        cloth = np.asarray(cv2.GaussianBlur(cloth, (0, 0), 0.45 * float(np.sqrt(shrunk**2 - 1))), np.uint8)
    moved = maps - np.array([columns.start, rows.start], np.float32)
    reach = np.asarray(remapped(piece.reach, maps, cv2.BORDER_REPLICATE), np.float32) / 255
    for end in piece.ends:
        first, second, inside = end - np.array([window[1].start, window[0].start], np.float32)
        reach[beyond(reach.shape, first, second, inside) > _OVERHANG * length(second - first)] = 0
    return remapped(cloth, moved, cv2.BORDER_REPLICATE), reach


def _around(cloth: Mask) -> Window:
    """Rows and columns of a piece's cloth, and as many beside it as may be drawn. Raises ValueError for no cloth."""
    if not (cloth > 127).any():
        raise ValueError("a piece of the garment laid flat is not seen in its photo")
    x0, y0, x1, y1 = (int(side) for side in mask_box(cloth > 127))
    pad = round(_MARGIN * max(x1 - x0, y1 - y0))
    height, width = cloth.shape
    return slice(max(0, y0 - pad), min(height, y1 + pad)), slice(max(0, x0 - pad), min(width, x1 + pad))


def nearest_piece(mask: Mask, outlines: list[Point], window: Window) -> Mask:
    """(h, w): which piece is nearest to each pixel of a window; a sleeve, which hangs in front, where both are there.

    The first outline (N, 2) is the trunk's.
    """
    corner = np.array([window[1].start, window[0].start], np.float32)
    far = np.stack([_distance(mask[window].shape, outline - corner) for outline in outlines])
    far[0] += 0.5
    return np.asarray(far.argmin(0), np.uint8)


def _distance(shape: tuple[int, ...], outline: Point) -> Floats:
    outside = np.full(shape, 255, np.uint8)
    cv2.fillPoly(outside, [np.round(outline * 8).astype(np.int32)], (0,), cv2.LINE_8, 3)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_3), np.float32)
