"""A garment laid flat in one photo, worn by the person of another in place of a garment of the same kind.

The flat garment is drawn over the worn one by landmarks, in the light and with the folds of the person's photo. It is
cut to the worn one's mask, so that hair, arms, bags and other clothes stay over it. Where the flat garment is shorter,
the worn one goes on below its hem or its sleeves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np

from seamline.data.copies.draping import Window, drawn_piece, nearest_piece, rounded, spline_maps
from seamline.data.copies.landmarks import Point, landmark_array, with_landmarks
from seamline.data.copies.laying import SIDES, Laid, kind_of, lay_trunk
from seamline.data.copies.paths import length
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.worn_light import balance, cast_shadow, folds, lit, matte
from seamline.data.copies.worn_pieces import Piece, sleeve_piece, trunk_piece, trunk_zone
from seamline.data.copies.worn_sleeves import Sleeve, lay_sleeve, sleeve_length, worn_edges
from seamline.data.copies.worn_truth import judged, necklines, places, seen
from seamline.data.copies.zones import group_of, region_zones
from seamline.data.mask_box import mask_box

_PAD = 16
_CLOSED = 0.8
"""Share of its trunk that a worn coat must cover for a pullover to take its place."""

_SLEEVE = 0.001
"""Share of a photo that a sleeve must take to be one."""


@dataclasses.dataclass(frozen=True)
class WornFlat:
    """A flat garment on a person. `sample`: the person's photo, the garment's mask where it shows, its points in the
    photo (GUESSED where something hides them) and its own category; `seen` (5,): share of each region that shows."""

    sample: GarmentSample
    seen: Floats


def lay_onto(flat: GarmentSample, worn: GarmentSample) -> WornFlat:
    """The garment of `flat` in place of the one of `worn`; pixels away from that one's mask stay as they are.

    Raises ValueError, with a sentence that says why, where the one cannot be laid onto the other.
    """
    laid = lay_trunk(flat, worn)
    _check_kinds(flat, worn, laid)
    flat = dataclasses.replace(flat, points=with_landmarks(flat, laid.flat))
    window = _window(worn.mask)
    zones = region_zones(flat)
    sleeves = _sleeves(flat, worn, laid, zones)
    pieces = _pieces(flat, worn, laid, sleeves, zones)
    maps = [spline_maps(piece, window) for piece in pieces]
    maps[0] = rounded(maps[0], laid.flat)
    owner = nearest_piece(worn.mask, [piece.outline for piece in pieces] + _bare_arms(worn, laid, sleeves), window)
    cloth, cover = _composed(flat, pieces, maps, owner, window)
    size = length(laid.worn["armpit_right"] - laid.worn["armpit_left"])
    rgb, mask = _painted(flat, worn, window, cloth, cover, 0.02 * size)
    laid_points = {name: (float(x), float(y)) for name, (x, y) in places(flat, worn, laid, sleeves).items()}
    points = judged(landmark_array(laid_points), mask, max(3, round(0.05 * size)))
    shown = seen(zones, pieces, maps, owner, mask[window])
    return WornFlat(GarmentSample(rgb, mask, points, flat.category), shown)


def _check_kinds(flat: GarmentSample, worn: GarmentSample, laid: Laid) -> None:
    kinds = kind_of(flat.category), kind_of(worn.category)
    if kinds[0] == kinds[1] or kinds == ("top", "dress"):
        return
    long_sleeves = kinds == ("top", "outwear") and flat.category == "long sleeve top"
    if not (long_sleeves and _covered(worn.mask, laid) >= _CLOSED):
        raise ValueError(f"a {flat.category} is not laid onto a {worn.category}")


def _covered(mask: Mask, laid: Laid) -> float:
    """Share of the trunk that shows the worn garment: less where it is open, or hidden."""
    names = ("neck", "shoulder", "armpit", "waist", "hem")
    outline = [laid.body[f"{name}_left"] for name in names] + [laid.body[f"{name}_right"] for name in names[::-1]]
    trunk = np.zeros_like(mask)
    cv2.fillPoly(trunk, [np.round(outline).astype(np.int32)], (255,))
    return float((mask[trunk > 0] > 127).mean()) if trunk.any() else 0.0


def _window(mask: Mask) -> Window:
    x0, y0, x1, y1 = (int(side) for side in mask_box(mask > 127))
    return slice(max(0, y0 - _PAD), min(mask.shape[0], y1 + _PAD)), slice(
        max(0, x0 - _PAD), min(mask.shape[1], x1 + _PAD)
    )


def _sleeves(flat: GarmentSample, worn: GarmentSample, laid: Laid, zones: Sequence[Mask]) -> dict[str, Sleeve]:
    """Side -> sleeve, of those that the flat photo shows."""
    shown = [side for side, zone in zip(SIDES, zones[3:], strict=True) if (zone > 0).sum() > _SLEEVE * zone.size]
    if group_of(flat) != "sleeved" or not shown:
        return {}
    known = {side: sleeve_length(worn, laid.worn, side) for side in SIDES}
    if not any(known.values()):
        raise ValueError("the worn garment has no sleeves, or none whose end is seen")
    return {side: lay_sleeve(flat, worn, laid, side, known[SIDES[1 - SIDES.index(side)]]) for side in shown}


def _pieces(
    flat: GarmentSample, worn: GarmentSample, laid: Laid, sleeves: dict[str, Sleeve], zones: Sequence[Mask]
) -> list[Piece]:
    of_sleeves = np.maximum(zones[3], zones[4]) if sleeves else np.zeros_like(flat.mask)
    trunk = trunk_piece(flat, laid, necklines(flat, worn, laid), trunk_zone(flat, of_sleeves))
    return [trunk, *(sleeve_piece(flat, sleeves[side], zones[3 + SIDES.index(side)]) for side in sleeves)]


def _bare_arms(worn: GarmentSample, laid: Laid, sleeves: dict[str, Sleeve]) -> list[Point]:
    """Outlines (N, 2) of the worn garment's sleeves that the flat one has none for."""
    sides = [side for side in SIDES if side not in sleeves and sleeve_length(worn, laid.worn, side)]
    edges = [worn_edges(worn, laid.worn, side, 0.0) for side in sides]
    return [np.concatenate([outer, inner[::-1]]) for outer, inner in edges]


def _composed(
    flat: GarmentSample, pieces: Sequence[Piece], maps: Sequence[Floats], owner: Mask, window: Window
) -> tuple[Mask, Floats]:
    """The cloth (h, w, 3) of all pieces, and how far each pixel shows it (h, w)."""
    cloth = np.zeros((*owner.shape, 3), np.uint8)
    cover = np.zeros(owner.shape, np.float32)
    for index, (piece, origin) in enumerate(zip(pieces, maps, strict=True)):
        drawn, reach = drawn_piece(flat.rgb, piece, origin, window)
        own = owner == index
        cloth[own], cover[own] = drawn[own], reach[own]
    return cloth, np.asarray(cv2.GaussianBlur(cover, (0, 0), 1.0), np.float32)


def _painted(
    flat: GarmentSample, worn: GarmentSample, window: Window, cloth: Mask, cover: Floats, shadow: float
) -> tuple[Mask, Mask]:
    """The person's photo with the cloth, and the cloth's mask (H, W)."""
    photo, mask = np.ascontiguousarray(worn.rgb[window]), np.ascontiguousarray(worn.mask[window])
    share, behind = matte(photo, mask)
    new = lit(cloth, folds(photo, mask), balance(flat.rgb, worn.rgb))
    rest = photo * (1 - (1 - cover) * (1 - cast_shadow(cover, shadow)))[..., None]
    base = rest + cover[..., None] * (behind - rest)
    mixed = base + (share * cover)[..., None] * (new - base)
    rgb, painted = worn.rgb.copy(), np.zeros_like(worn.mask)
    touched = share > 0
    rgb[window][touched] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)[touched]
    painted[window] = np.where((mask > 127) & (cover > 0.5), 255, 0)
    if not painted.any():
        raise ValueError("nothing of the garment would show on the person")
    return rgb, painted
