"""How the sleeves of a flat garment lie along the arms of a person.

No landmark tells where an elbow is. The outline does: between shoulder and cuff, the place that is farthest out.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from seamline.data.copies.landmarks import Point
from seamline.data.copies.laying import SIDES, Laid, Points, known
from seamline.data.copies.paths import along, length
from seamline.data.copies.sample import GarmentSample, Mask
from seamline.data.copies.warp import Doubles
from seamline.data.copies.zones import sleeve_names

STEPS = 7
"""Places along each edge of a sleeve."""

_BENT = 0.06
"""From this distance on from the straight line, as a share of its length, the outline's farthest place is an elbow."""
_LEAST_SHORT, _LEAST_LONG = 0.75, 0.4
"""From this share of the worn sleeve's length on, a short and a long sleeve end where that one does."""
_LEAST_LEFT = 0.3
"""Of the worn sleeve, as a share of the chest's width: less than this is covered."""
_LEAST_INNER = 0.5
"""Least share of an inner edge that is covered, as a share of the outer one's."""
_LONGEST = 1.6
_CROSSED = 0.8
"""From this share of the way to the other armpit on, an arm is laid across the chest."""


@dataclasses.dataclass(frozen=True)
class Sleeve:
    """A sleeve on a person. `flat`, `worn` (2 * STEPS, 2): corresponding places, down the outer edge and up the inner
    one; `arm` (N, 2): all of the worn sleeve, which may go on below; `ends`: whether the garment's own cuff shows;
    `cuffs`: where its outer and inner end lie."""

    flat: Point
    worn: Point
    arm: Point
    ends: bool
    cuffs: tuple[Point, Point]


def lay_sleeve(flat: GarmentSample, worn: GarmentSample, laid: Laid, side: str, other_length: float | None) -> Sleeve:
    """A sleeve where that of the worn garment is; `other_length`: of the person's other sleeve, for one whose cuff is
    hidden.

    Raises ValueError where the flat garment has no such sleeve, or a much longer one than the worn.
    """
    theirs = known(flat, sleeve_names(side)) | {f"shoulder_{side}": laid.flat[f"shoulder_{side}"]}
    if len(theirs) < len(sleeve_names(side)):
        raise ValueError("the garment laid flat lacks the points of a sleeve")
    shoulder, outer, inner, armpit = (theirs[name] for name in sleeve_names(side))
    below = length(inner - armpit)
    own = laid.scale * np.array([max(below, length(outer - shoulder)), below])
    edges = worn_edges(worn, laid.worn, side, other_length or float(own.mean()))
    full = np.array([_length(edge) for edge in edges])
    if own.mean() > _LONGEST * full.mean():
        raise ValueError(f"the sleeve is {own.mean() / full.mean():.1f} times as long as the one that is worn")
    ends = _ends(own, full, flat.category.startswith("short"), laid)
    reached = [_part(edge, float(share)) for edge, share in zip(edges, _shares(own, full, ends), strict=True)]
    straight = [_part(np.stack(edge), 1.0) for edge in ((shoulder, outer), (armpit, inner))]
    return Sleeve(_around(straight), _around(reached), _around(edges), ends, (reached[0][-1], reached[1][-1]))


def _ends(own: Doubles, full: Doubles, short: bool, laid: Laid) -> bool:
    """Whether a sleeve ends so far above the worn one's cuff that it is not to be stretched down to there."""
    left = float((full - own).mean()) / length(laid.worn["armpit_right"] - laid.worn["armpit_left"])
    return bool(own.mean() < (_LEAST_SHORT if short else _LEAST_LONG) * full.mean()) and left > _LEAST_LEFT


def _shares(own: Doubles, full: Doubles, ends: bool) -> Doubles:
    """Which shares of the worn sleeve's outer and inner edge are covered."""
    if not ends:
        return np.ones(2)
    outer = own[0] / full[0]
    return np.clip([outer, max(own[1] / full[1], _LEAST_INNER * outer)], 0.05, 1)


def sleeve_length(worn: GarmentSample, places: Points, side: str) -> float | None:
    """Mean length of a worn sleeve's edges, or None where its cuff is not known."""
    if not _cuffs(worn, side):
        return None
    return _mean_length(worn_edges(worn, places, side, 0.0))


def worn_edges(worn: GarmentSample, places: Points, side: str, expected: float) -> list[Point]:
    """Outer and inner edge (STEPS, 2) of a worn sleeve, from the shoulder and from the armpit; `expected`: its length
    where its cuff is hidden."""
    shoulder, armpit = places[f"shoulder_{side}"], places[f"armpit_{side}"]
    cuffs = _cuffs(worn, side)
    reach = 1.6 * length(cuffs[0] - shoulder) if cuffs else expected
    if cuffs and _crossed(places, (cuffs[0] + cuffs[1]) / 2, side):
        raise ValueError("the person's arms are crossed")
    outline = _outline(worn.mask, shoulder, places, side, reach)
    if cuffs is None:
        outer = _part(outline, 1.0)
        wide = 0.75 * length(shoulder - armpit)
        return [outer, _offset(outer, armpit, wide, None)]
    outer = _part(_bent(outline, shoulder, cuffs[0], armpit), 1.0)
    return [outer, _offset(outer, armpit, length(cuffs[1] - cuffs[0]), cuffs[1])]


def _cuffs(worn: GarmentSample, side: str) -> tuple[Point, Point] | None:
    """Outer and inner end; one of them alone tells where the other is, too little to tell how wide."""
    found = known(worn, (f"cuff_{side}_outer", f"cuff_{side}_inner"))
    return (found[f"cuff_{side}_outer"], found[f"cuff_{side}_inner"]) if len(found) == 2 else None


def _crossed(places: Points, cuff: Point, side: str) -> bool:
    """Whether a sleeve ends far on the other side of the chest."""
    other = SIDES[1 - SIDES.index(side)]
    far, near = places[f"armpit_{other}"], places[f"armpit_{side}"]
    across = far - near
    return float((cuff - near) @ across) > _CROSSED * float(across @ across)


def _mean_length(edges: list[Point]) -> float:
    return float(np.mean([_length(edge) for edge in edges]))


def _length(path: Point) -> float:
    return max(1.0, length(np.diff(path, axis=0)))


def _outline(mask: Mask, shoulder: Point, places: Points, side: str, reach: float) -> Point:
    """The garment's outline (N, 2) from the shoulder down the outside of the arm, `reach` long."""
    contours, _ = cv2.findContours((mask > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        raise ValueError("the worn garment's mask is empty")
    nearest = [float(np.sqrt(((c[:, 0] - shoulder) ** 2).sum(1)).min()) for c in contours]
    contour = contours[int(np.argmin(nearest))][:, 0].astype(np.float32)
    start = int(((contour - shoulder) ** 2).sum(1).argmin())
    ways = [np.concatenate([shoulder[None], way]) for way in (_from(contour, start, 1), _from(contour, start, -1))]
    ways = [_cut(way, reach) for way in ways]
    neck = places[f"neck_{side}"]
    outward = [length(along(way, 0.35 * reach) - neck) for way in ways]
    return ways[int(np.argmax(outward))]


def _from(contour: Point, start: int, step: int) -> Point:
    return np.roll(contour, -start, axis=0) if step > 0 else np.roll(contour[::-1], start + 1, axis=0)


def _cut(path: Point, reach: float) -> Point:
    """The first part of a path, this long."""
    sizes = np.hypot(*np.diff(path, axis=0).T)
    stop = int(np.searchsorted(np.cumsum(sizes), reach)) + 2
    return path[: max(2, min(stop, len(path)))]


def _bent(outline: Point, shoulder: Point, cuff: Point, armpit: Point) -> Point:
    """From the shoulder to the cuff, by way of the elbow if the outline shows one."""
    line = cuff - shoulder
    straight = max(1.0, length(line))
    normal = np.array([-line[1], line[0]], np.float32) / straight
    if float(normal @ (armpit - shoulder)) > 0:
        normal = -normal
    out = (outline - shoulder) @ normal
    elbow = int(out.argmax())
    if out[elbow] < _BENT * straight:
        return np.array([shoulder, cuff], np.float32)
    return np.concatenate([outline[: elbow + 1], cuff[None]])


def _part(path: Point, share: float) -> Point:
    """STEPS places at equal distances along this share of a path (N, 2)."""
    whole = length(np.diff(path, axis=0))
    return np.array([along(path, share * whole * step / (STEPS - 1)) for step in range(STEPS)], np.float32)


def _offset(outer: Point, armpit: Point, end_width: float, end: Point | None) -> Point:
    """The inner edge (STEPS, 2): beside the outer one, from the armpit to where the sleeve ends."""
    heading = np.gradient(outer, axis=0)
    heading = heading / np.maximum(np.hypot(heading[:, 0], heading[:, 1]), 1e-3)[:, None]
    normal = np.stack([-heading[:, 1], heading[:, 0]], 1)
    across = armpit - outer[0]
    if float(normal[:2].mean(0) @ across) < 0:
        normal = -normal
    start_width = abs(float(normal[0] @ across))
    share = np.linspace(0, 1, STEPS, dtype=np.float32)[:, None]
    inner = outer + normal * ((1 - share) * start_width + share * end_width)
    inner += (1 - share) ** 2 * (armpit - inner[0])
    return np.asarray(inner if end is None else inner + share**2 * (end - inner[-1]), np.float32)


def _around(edges: list[Point]) -> Point:
    return np.concatenate([edges[0], edges[1][::-1]])
