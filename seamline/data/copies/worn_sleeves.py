"""How the sleeves of a flat garment lie along the arms of a person.

No landmark tells where an elbow is. The outline does: between shoulder and cuff, the place that is farthest out.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from seamline.data.copies.landmarks import Point
from seamline.data.copies.laying import Points, along, known, length
from seamline.data.copies.sample import GarmentSample, Mask
from seamline.data.copies.zones import sleeve_names

STEPS = 7
"""Places along each edge of a sleeve."""

_BENT = 0.12
"""From this distance on from the straight line, as a share of its length, the outline's farthest place is an elbow."""
_SAME_LENGTH = 1.35
_LONGEST = 1.6


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


def lay_sleeve(
    flat: GarmentSample, worn: GarmentSample, places: Points, scale: float, side: str, other_length: float | None
) -> Sleeve:
    """A sleeve where that of the worn garment is.

    `places`: the trunk's points in the person's photo; `scale`: pixels there per pixel of the flat garment;
    `other_length`: of the person's other sleeve, for one whose cuff is hidden. Raises ValueError where the flat
    garment has no such sleeve, or a much longer one than the worn.
    """
    names = sleeve_names(side)
    theirs = known(flat, names)
    if len(theirs) < len(names):
        raise ValueError("the garment laid flat lacks the points of a sleeve")
    shoulder, outer, inner, armpit = (theirs[name] for name in names)
    own = scale * (length(outer - shoulder) + length(inner - armpit)) / 2
    edges = worn_edges(worn, places, side, other_length or own)
    full = _mean_length(edges)
    if own > _LONGEST * full:
        raise ValueError(f"the sleeve is {own / full:.1f} times as long as the one that is worn")
    ends = own * _SAME_LENGTH < full
    reached = [_part(edge, min(1.0, own / full) if ends else 1.0) for edge in edges]
    flat_edges = [_part(np.array(ends_, np.float32), 1.0) for ends_ in ((shoulder, outer), (armpit, inner))]
    return Sleeve(
        flat=_around(flat_edges), worn=_around(reached), arm=_around(edges), ends=ends,
        cuffs=(reached[0][-1], reached[1][-1]),
    )  # fmt: skip


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


def _mean_length(edges: list[Point]) -> float:
    return max(1.0, float(np.mean([length(np.diff(edge, axis=0)) for edge in edges])))


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
