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

_LEAST = 0.3
"""Length of the detector's vector from which it says which way up a garment may lie."""

SAME = 0.5
"""IoU of a garment's box with the detector's from which both mean one garment."""

_ROUNDED = 0.2
"""How far garments that are turned by 45 degrees stay within the bounds of their box, as a share of these: garments
have no corners. Of silhouettes of flat garments; at quarter turns garments reach their bounds."""

_PRIOR = 0.1
"""What a square counts beside the bounds at 45 degrees, where these say nothing of width and height alone."""


@dataclasses.dataclass(frozen=True)
class UprightBoxes:
    """Boxes (n, 4) as they would be were each garment turned back about its box's centre, and turns (n,), 0 for those
    that lie upright, whose box is their own."""

    boxes: Floats
    turns: Floats

    def __len__(self) -> int:
        return len(self.boxes)


def upright_boxes(boxes: Floats, places: Floats, directions: Floats, within: float) -> UprightBoxes:
    """Garments' boxes (n, 4) along their own axes.

    `places` (n, 4): the detector's boxes of the same garments in the same pixels, and `directions` (n, 2) its vectors.
    `within`: degrees within which a garment lies upright. Where a box is far from the detector's, its garment is not
    the detector's, and the box leaves room for any turn.
    """
    turns = np.arctan2(directions[:, 1], directions[:, 0])
    turned = (np.abs(turns) > np.radians(within)) & (np.hypot(directions[:, 0], directions[:, 1]) >= _LEAST)
    rows = zip(turned, turns, boxes, places, strict=True)
    found = [_along_axes(box, place, turn) if flag else box for flag, turn, box, place in rows]
    return UprightBoxes(np.array(found, np.float32).reshape(-1, 4), np.where(turned, turns, 0.0).astype(np.float32))


def _along_axes(box: Floats, place: Floats, turn: float) -> Floats:
    centre, bounds = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    if intersection_over_union(box, place[None])[0] < SAME:
        half = np.full(2, bounds.max() / 2)  # as large as it can be whichever way it is turned
    else:
        half = np.clip(_size_within(bounds, turn), 1.0, np.hypot(*bounds)) / 2
    return np.concatenate([centre - half, centre + half])


def _size_within(bounds: Floats, turn: float) -> Floats:
    """Width and height (2,) of a garment turned by `turn` that reaches `bounds` (2,), by least squares (Tikhonov)
    towards a square."""
    cosine, sine = abs(np.cos(turn)), abs(np.sin(turn))
    reach = (1 - _ROUNDED * 2 * cosine * sine) * np.array([[cosine, sine], [sine, cosine]])
    prior = np.sqrt(bounds.prod() / reach.sum(-1).prod()) * np.ones(2)
    weight = _PRIOR * (2 * cosine * sine) ** 2  # at quarter turns the bounds say all
    found: Floats = np.linalg.solve(reach.T @ reach + weight * np.eye(2), reach.T @ bounds + weight * prior)
    return found
