"""Sleeves laid elsewhere, in the first photo's own pixels, where the landmarks are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats, Mask
from seamline.data.copies.warp import remapped
from seamline.data.photographer.hinge import Hinge

_LEAST_COVERED = 0.55
"""Share of a sleeve's polygon that the mask must cover; elsewhere its landmarks are wrong."""

_STILL = 0.01
"""Share of a turn that leaves cloth where it was."""

_STEP = 3


def laid_elsewhere(rgb: Pixels, mask: Mask, hinge: Hinge) -> tuple[Pixels, Mask] | None:
    """Photo and mask with a sleeve laid elsewhere; None where it would leave the photo, or the mask shows no sleeve.

    Where the sleeve was, the photo still shows it, and the mask no longer does.
    """
    height, width = mask.shape
    outline = _cover(mask.shape, hinge.sleeve)
    if cv2.countNonZero(outline & mask) < _LEAST_COVERED * cv2.countNonZero(outline):
        return None
    part = _moving(_cover(mask.shape, hinge.part) & mask & ~_cover(mask.shape, hinge.body), hinge)
    places = np.argwhere(part[::_STEP, ::_STEP])[:, ::-1].astype(np.float32) * _STEP
    moved = hinge.moved(places)
    if not len(moved) or (moved < 0).any() or (moved >= (width, height)).any():
        return None
    window = _window(np.concatenate([moved, places]), mask.shape)
    maps = _maps(window, hinge.origin)
    sleeve = remapped(part, maps, cv2.BORDER_CONSTANT)
    cloth = remapped(rgb, maps, cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(cv2.erode(sleeve, np.ones((3, 3), np.uint8)), (0, 0), 0.8).astype(np.float32) / 255
    below = rgb[window] * (1 - 0.25 * _contact_shadow(sleeve, hinge))[..., None]
    picture, cover = rgb.copy(), _body(mask, part)
    picture[window] = (below + soft[..., None] * (cloth - below)).astype(np.uint8)
    cover[window] = np.maximum(cover[window], sleeve)
    return picture, np.where(cover > 127, 255, 0).astype(np.uint8)


def _moving(part: Mask, hinge: Hinge) -> Mask:
    """Of the sleeve, the cloth that moves."""
    y, x = np.nonzero(part)
    stays = hinge.share(np.column_stack([x, y]).astype(np.float32) + 0.5) <= _STILL
    moving = part.copy()
    moving[y[stays], x[stays]] = 0
    return moving


def _cover(shape: tuple[int, ...], polygon: Floats) -> Mask:
    cover = np.zeros(shape, np.uint8)
    cv2.fillPoly(cover, [np.round(polygon).astype(np.int32)], (255,))
    return cover


def _window(places: Floats, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns around places (N, 2)."""
    low, high = np.floor(places.min(0)).astype(int) - 3, np.ceil(places.max(0)).astype(int) + 4
    return slice(max(0, low[1]), min(shape[0], high[1])), slice(max(0, low[0]), min(shape[1], high[0]))


def _maps(window: tuple[slice, slice], origin: Callable[[Floats], Floats]) -> Floats:
    rows, columns = (np.arange(part.start, part.stop, dtype=np.float32) for part in window)
    places = np.stack(np.meshgrid(columns, rows), -1)
    return (origin(places.reshape(-1, 2) + 0.5) - 0.5).reshape(places.shape).astype(np.float32)


def _body(mask: Mask, part: Mask) -> Mask:
    """The mask without the cloth that moves away; slivers that are left of it go too."""
    body = cv2.subtract(mask, part)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(body, cv2.MORPH_OPEN, _DISC))
    if count < 2:
        return cast("Mask", body)
    return np.where(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), 255, 0).astype(np.uint8)


_DISC = cast("Mask", cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))


def _contact_shadow(sleeve: Mask, hinge: Hinge) -> Floats:
    """The shadow (h, w), 0 to 1, of cloth folded over other cloth; cloth that lies beside it throws none."""
    if hinge.fold is None:
        return np.zeros(sleeve.shape, np.float32)
    return np.asarray(cv2.GaussianBlur(sleeve, (0, 0), 3.0), np.float32) / 255
