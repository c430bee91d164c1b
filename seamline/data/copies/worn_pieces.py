"""The pieces of a flat garment, trunk and sleeves: what the flat photo shows of each, and where a person has it."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from seamline.data.copies.landmarks import Point, beyond
from seamline.data.copies.laying import SIDES, Laid, Points
from seamline.data.copies.paths import length
from seamline.data.copies.sample import GarmentSample, Mask
from seamline.data.copies.worn_sleeves import Sleeve
from seamline.data.copies.zones import neckline_of

OPENING = 1
"""Value of a piece's cloth in the opening of the neck."""

_OUTLINE = (
    "neck_left", "shoulder_left", "armpit_left", "waist_left", "hem_left",
    "hem_right", "waist_right", "armpit_right", "shoulder_right", "neck_right",
)  # fmt: skip
_EDGES = tuple((f"{a}_{side}", f"{b}_{side}") for side in SIDES for a, b in (("armpit", "waist"), ("waist", "hem")))

_NECK = 0.15
"""How far above the neck a collar may stand, as a share of the way from there down to the armpits."""


@dataclasses.dataclass(frozen=True)
class Piece:
    """A piece of a garment over a person.

    `flat`, `worn` (N, 2): corresponding places; `outline` (M, 2): of what it may cover on the person; `ends`: for each
    line beyond which it is not drawn, two places of the person's photo and one within the piece, (3, 2); `cloth`
    (h, w): 255 where the flat photo shows the piece, OPENING in the neck's opening; `reach` (h, w): 255 where the
    piece may be drawn, beyond its cloth too, but not beyond an end of it that shows.
    """

    flat: Point
    worn: Point
    outline: Point
    ends: tuple[Point, ...]
    cloth: Mask
    reach: Mask


def trunk_piece(flat: GarmentSample, laid: Laid, necklines: tuple[Point, Point] | None, zones: Mask) -> Piece:
    """The trunk; `necklines`: the lowest point of the flat garment's and of the worn one's; `zones` (h, w): what is
    trunk in the flat photo."""
    pairs = [(laid.flat[name], laid.worn[name]) for name in _OUTLINE]
    pairs += [(_middle(laid.flat, *edge), _middle(laid.worn, *edge)) for edge in _EDGES]
    if necklines is not None:
        pairs.append(necklines)
    start, end = (np.array(places, np.float32) for places in zip(*pairs, strict=True))
    hem = laid.flat["hem_left"], laid.flat["hem_right"]
    reach = _reach(zones, flat.mask, hem, laid.flat["waist_left"], laid.ends)
    outline = np.array([laid.body[name] for name in _OUTLINE], np.float32)
    ends = _lines(laid.worn, "hem", "waist_left") if laid.ends else ()
    return Piece(start, end, outline, (_above(laid.worn), *ends), zones, reach)


def _lines(places: Points, name: str, inside: str) -> tuple[Point, ...]:
    return (np.array([places[f"{name}_left"], places[f"{name}_right"], places[inside]], np.float32),)


def _above(places: Points) -> Point:
    """A line across the neck: what is worn above it, a high collar or a hood, stays as it is."""
    ends = np.array([places["neck_left"], places["neck_right"]], np.float32)
    chest = (places["armpit_left"] + places["armpit_right"]) / 2
    return np.vstack([ends + _NECK * (ends.mean(0) - chest), chest])


def _middle(points: Points, first: str, second: str) -> Point:
    return (points[first] + points[second]) / 2


def sleeve_piece(flat: GarmentSample, sleeve: Sleeve, zone: Mask) -> Piece:
    """A sleeve; `zone` (h, w): where the flat photo shows it."""
    middle = len(sleeve.flat) // 2
    cuff = sleeve.flat[middle - 1], sleeve.flat[middle]
    reach = _reach(zone, flat.mask, cuff, sleeve.flat[0], sleeve.ends)
    ends = (np.stack([*sleeve.cuffs, sleeve.worn[0]]),) if sleeve.ends else ()
    return Piece(sleeve.flat, sleeve.worn, sleeve.arm, ends, zone, reach)


def trunk_zone(flat: GarmentSample, sleeves: Mask) -> Mask:
    """The flat garment without its sleeves and without the inside of its back, which a neck hides."""
    zone = np.where(sleeves > 0, 0, flat.mask).astype(np.uint8)
    curve = neckline_of(flat)
    if curve is None:
        return zone
    raised = curve - np.array([0, 0.05 * length(curve[-1] - curve[0])], np.float32)
    opening = np.concatenate([raised, [[raised[-1, 0], 0], [raised[0, 0], 0]]])
    cv2.fillPoly(zone, [np.round(opening).astype(np.int32)], (OPENING,))
    return zone


def _reach(zone: Mask, mask: Mask, end: tuple[Point, Point], inside: Point, ends: bool) -> Mask:
    if not ends:
        return np.full_like(zone, 255)
    past = beyond(zone.shape, end[0], end[1], inside) > -0.06 * length(end[1] - end[0])
    return np.where(past & (mask <= 127), 0, 255).astype(np.uint8)
