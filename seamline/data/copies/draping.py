"""A flat garment's pieces, trunk and sleeves, drawn over a person by thin-plate splines.

A spline (Bookstein, PAMI 1989) bends each piece from landmark to landmark. The trunk is round: towards its sides the
cloth turns away and is seen narrower than in the middle.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from seamline.core.image import Pixels
from seamline.data.copies.landmarks import Point, beyond
from seamline.data.copies.laying import SIDES, Laid, Points, length
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.warp import remapped
from seamline.data.copies.worn_sleeves import Sleeve
from seamline.data.copies.zones import neckline_of
from seamline.data.mask_box import mask_box

_STEP = 8
"""The splines are computed for every eighth pixel and interpolated."""

_TURN = 1.0
"""Angle in radians by which the cloth at a trunk's side is turned away from the camera."""

_RIM = 5
"""Width in pixels of the neighbourhood whose smallest value tells what is cloth: edges show background."""

_OUTLINE = ("neck_left", "shoulder_left", "armpit_left", "waist_left", "hem_left",
            "hem_right", "waist_right", "armpit_right", "shoulder_right", "neck_right")  # fmt: skip

_MARGIN = 0.2
"""How far beyond its cloth a piece may be drawn, as a share of its size."""

_NECK = 0.4
"""How far above the neck a collar may stand, as a share of the way from there down to the armpits."""

_OVERHANG = 0.15
"""How far a hem or cuff may hang below the line between its ends, as a share of its width."""

Window = tuple[slice, slice]


@dataclasses.dataclass(frozen=True)
class Piece:
    """A piece of a garment over a person.

    `flat`, `worn` (N, 2): corresponding places; `outline` (M, 2): of what it may cover on the person; `ends`: for each
    line beyond which it is not drawn, two places of the person's photo and one within the piece, (3, 2); `cloth`
    (h, w): 255 where the flat photo shows the piece; `reach` (h, w): 255 where the piece may be drawn, beyond its cloth
    too, but not beyond an end of it that shows.
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
    """A line across the neck: what is labelled as the garment above it is a scarf, a hood or hair."""
    ends = np.array([places["neck_left"], places["neck_right"]], np.float32)
    chest = (places["armpit_left"] + places["armpit_right"]) / 2
    return np.vstack([ends + _NECK * (ends.mean(0) - chest), chest])


_EDGES = tuple((f"{a}_{side}", f"{b}_{side}") for side in SIDES for a, b in (("armpit", "waist"), ("waist", "hem")))


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
    cv2.fillPoly(zone, [np.round(opening).astype(np.int32)], (0,))
    return zone


def _reach(zone: Mask, mask: Mask, end: tuple[Point, Point], inside: Point, ends: bool) -> Mask:
    if not ends:
        return np.full_like(zone, 255)
    past = beyond(zone.shape, end[0], end[1], inside) > -0.06 * length(end[1] - end[0])
    return np.where(past & (mask <= 127), 0, 255).astype(np.uint8)


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
    """The photo (h, w, 3) with the cloth mirrored at its edge where there is none, so that no background is ever drawn.

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
    bare = np.argwhere(~inner).astype(np.int32)
    edge = nearest[labels[~inner]]
    mirrored = np.clip(2 * edge - bare, 0, np.array(cloth.shape, np.int32) - 1)
    good = inner[mirrored[:, 0], mirrored[:, 1]]
    taken = np.where(good[:, None], mirrored, edge)
    filled = rgb.copy()
    filled[bare[:, 0], bare[:, 1]] = rgb[taken[:, 0], taken[:, 1]]
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
