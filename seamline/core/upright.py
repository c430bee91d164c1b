"""Garments that do not lie upright in their photo: their boxes along their own axes.

A turn is in radians, clockwise as seen in the picture: the garment's x axis points along (cos, sin) in the photo, its y
axis along (-sin, cos).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import intersection_over_union

Floats = NDArray[np.float32]

SURE = 0.8
"""Length of the detector's vector from which the turn is believed. From .5 on, twice as many photos of upright garments
would be turned, 11 in place of 5 of 324, and .960 in place of .951 of turned ones would come out upright."""

SAME = 0.5
"""IoU of a garment's box with the detector's from which both mean one garment."""

_ROUNDED = 0.2
"""How far garments that are turned by 45 degrees stay within the bounds of their box, as a share of these: garments
have no corners. Of silhouettes of flat garments; at quarter turns garments reach their bounds."""

_PRIOR = 0.1
"""What the detector's own width and height count beside the bounds, which at 45 degrees say nothing of either."""


@dataclasses.dataclass(frozen=True)
class UprightBoxes:
    """Boxes (n, 4) as they would be were each garment turned back about its box's centre, and turns (n,), 0 for those
    that lie upright, whose box is their own."""

    boxes: Floats
    turns: Floats

    def __len__(self) -> int:
        return len(self.boxes)


def upright_boxes(boxes: Floats, places: Floats, raw: Floats, within: float, least: float = SURE) -> UprightBoxes:
    """Garments' boxes (n, 4) along their own axes.

    `places` (n, 4): the detector's boxes of the same garments, and `raw` (n, 6) its centres, widths, heights and turns,
    all in the same pixels. `within`: degrees within which a garment lies upright; `least`: the length of the detector's
    vector from which its turn counts. Where a box is far from the detector's, its garment is not the detector's, and
    the box leaves room for any turn.
    """
    turns = np.arctan2(raw[:, 5], raw[:, 4])
    turned = (np.abs(turns) > np.radians(within)) & (np.hypot(raw[:, 4], raw[:, 5]) >= least)
    rows = zip(turned, turns, boxes, places, raw[:, 2:4], strict=True)
    found = [_along_axes(box, place, size, turn) if flag else box for flag, turn, box, place, size in rows]
    return UprightBoxes(np.array(found, np.float32).reshape(-1, 4), np.where(turned, turns, 0.0).astype(np.float32))


def _along_axes(box: Floats, place: Floats, size: Floats, turn: float) -> Floats:
    centre, bounds = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    if intersection_over_union(box, place[None])[0] < SAME:
        half = np.full(2, bounds.max() / 2)  # as large as it can be whichever way it is turned
    else:
        half = np.clip(_size_within(bounds, size, turn), 1.0, np.hypot(*bounds)) / 2
    return np.concatenate([centre - half, centre + half])


def _size_within(bounds: Floats, size: Floats, turn: float) -> Floats:
    """Width and height (2,) of a garment turned by `turn` that reaches `bounds` (2,), the detector's being `size` (2,).

    The axis-parallel box is placed far better than the turned one, whose centre a cell can tell only where it lies
    near by, and bounds two unknowns; least squares (Tikhonov) towards the detector's proportions.
    """
    cosine, sine = abs(np.cos(turn)), abs(np.sin(turn))
    reach = (1 - _ROUNDED * 2 * cosine * sine) * np.array([[cosine, sine], [sine, cosine]])
    size = np.maximum(size, 1.0)
    prior = size * np.sqrt(bounds.prod() / (reach @ size).prod())
    found: Floats = np.linalg.solve(reach.T @ reach + _PRIOR * np.eye(2), reach.T @ bounds + _PRIOR * prior)
    return found
