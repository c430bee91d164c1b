"""What is known of a flat garment that a person wears: where its landmarks are, and which of its regions show."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from seamline.data.copies.landmarks import GUESSED, Point, landmark
from seamline.data.copies.laying import TRUNK, Laid, Points
from seamline.data.copies.paths import length
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.warp import remapped
from seamline.data.copies.worn_pieces import Piece
from seamline.data.copies.worn_sleeves import Sleeve

_NECK_STRETCH = 0.12
"""How far a neckline is drawn up or down to where the worn one ends, as a share of the chest's width."""


def necklines(flat: GarmentSample, worn: GarmentSample, laid: Laid) -> tuple[Point, Point] | None:
    """The flat neckline's lowest point, and where it comes to lie; None where one of both garments has none, or the
    worn one has a high collar."""
    own, other = landmark(flat, "neck_bottom"), landmark(worn, "neck_bottom")
    if own is None or other is None or any((laid.worn[name] != laid.body[name]).any() for name in TRUNK[:2]):
        return None
    start, middle = ((points["neck_left"] + points["neck_right"]) / 2 for points in (laid.flat, laid.worn))
    chest = length(laid.worn["armpit_right"] - laid.worn["armpit_left"])
    natural, depth = laid.scale * length(own - start), max(1.0, length(other - middle))
    drawn = natural + float(np.clip(depth - natural, -_NECK_STRETCH * chest, _NECK_STRETCH * chest))
    return own, np.asarray(middle + drawn / depth * (other - middle), np.float32)


def seen(zones: Sequence[Mask], pieces: Sequence[Piece], maps: Sequence[Floats], owner: Mask, painted: Mask) -> Floats:
    """Share of each region's pixels in the person's photo that show it."""
    shares = np.zeros(len(zones), np.float32)
    for region, zone in enumerate(zones):
        whole = shown = 0
        for index, (piece, places) in enumerate(zip(pieces, maps, strict=True)):
            there = remapped(np.minimum(zone, piece.cloth), places, cv2.BORDER_CONSTANT) > 127
            whole += int(there.sum())
            shown += int((there & (owner == index) & (painted > 0)).sum())
        shares[region] = shown / max(1, whole)
    return shares


def places(flat: GarmentSample, worn: GarmentSample, laid: Laid, sleeves: dict[str, Sleeve]) -> Points:
    """All of the garment's landmarks in the person's photo."""
    places = dict(laid.worn)
    for side, sleeve in sleeves.items():
        places[f"cuff_{side}_outer"], places[f"cuff_{side}_inner"] = sleeve.cuffs
    own, lowest = landmark(flat, "neck_bottom"), necklines(flat, worn, laid)
    if lowest is not None:
        places["neck_bottom"] = lowest[1]
    elif own is not None:
        start, end = (np.array(list(points.values()), np.float64) for points in (laid.flat, laid.worn))
        spline = RBFInterpolator(start, end, kernel="thin_plate_spline", smoothing=1.0)
        places["neck_bottom"] = np.asarray(spline(own[None])[0], np.float32)
    return places


def judged(points: Floats, mask: Mask, reach: int) -> Floats:
    """The points, GUESSED where the garment does not show around them."""
    near = np.asarray(cv2.dilate(mask, np.ones((2 * reach + 1,) * 2, np.uint8)), np.uint8)
    x, y = np.floor(points[:, :2]).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
    shown = inside & (near[y.clip(0, mask.shape[0] - 1), x.clip(0, mask.shape[1] - 1)] > 0)
    judged = points.copy()
    judged[(points[:, 2] > 0) & ~shown, 2] = GUESSED
    return judged
