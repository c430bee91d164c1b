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

_SURE = 0.8
"""Length of the detector's vector from which the turn is believed. From .5 on, twice as many upright garments would be
turned, and .87 in place of .83 of turned ones would come out upright."""

_SAME = 0.5
"""IoU of a caller's box with the detector's from which both mean one garment."""


@dataclasses.dataclass(frozen=True)
class UprightBoxes:
    """Boxes (n, 4) as they would be were each garment turned back about its box's centre, and turns (n,), 0 for those
    that lie upright, whose box is their own."""

    boxes: Floats
    turns: Floats

    def __len__(self) -> int:
        return len(self.boxes)


def upright_boxes(boxes: Floats, places: Floats, raw: Floats, within: float) -> UprightBoxes:
    """Garments' boxes (n, 4) along their own axes.

    `places` (n, 4): the detector's boxes of the same garments, and `raw` (n, 6) its centres, widths, heights and turns,
    all in the same pixels. `within`: degrees within which a garment lies upright. A box that is not the detector's gets
    the detector's turned box, moved and scaled as theirs are to each other.
    """
    turns = np.arctan2(raw[:, 5], raw[:, 4])
    turned = (np.abs(turns) > np.radians(within)) & (np.hypot(raw[:, 4], raw[:, 5]) >= _SURE)
    found = [_along_axes(*row) if flag else row[0] for flag, *row in zip(turned, boxes, places, raw, strict=True)]
    return UprightBoxes(np.array(found, np.float32).reshape(-1, 4), np.where(turned, turns, 0.0).astype(np.float32))


def _along_axes(box: Floats, place: Floats, raw: Floats) -> Floats:
    centre, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    if intersection_over_union(box, place[None])[0] < _SAME:
        half = np.full(2, size.max() / 2)  # as large as it can be whichever way it is turned
        return np.concatenate([centre - half, centre + half])
    ratio = np.sqrt(size.prod() / (place[2:] - place[:2]).prod())
    centre = np.clip(centre + ratio * (raw[:2] - (place[:2] + place[2:]) / 2), box[:2], box[2:])
    half = np.clip(ratio * raw[2:4], 1.0, np.hypot(*size)) / 2
    return np.concatenate([centre - half, centre + half])
