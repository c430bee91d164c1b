"""Sleeves laid elsewhere: swung about the shoulder, or folded in. The cloth is a flat sheet, so a fold is a reflection.

Works in the first photo's own pixels, where the landmarks are known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import ClassVar, cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.core.spec import LANDMARKS
from seamline.data.copies.sample import Floats, Mask
from seamline.data.copies.warp import Doubles, remapped
from seamline.data.photographer.strengths import Strengths

_NAMES = ("shoulder_{}", "armpit_{}", "cuff_{}_outer", "cuff_{}_inner")
_MOST_SWING = 40.0
_RIM = 0.12
"""How far cloth may lie outside the polygon of its landmarks, as a share of the sleeve's width."""

_LEAST_COVERED = 0.55
"""Share of a sleeve's polygon that the mask must cover; elsewhere its landmarks are wrong."""


@dataclasses.dataclass(frozen=True)
class SleeveParams(Strengths):
    """`moved`: probability that the sleeves lie differently; `swing`: standard deviation of the angle in degrees that
    one then moves by; `folded`: probability that it is folded in instead."""

    CHANCES: ClassVar[tuple[str, ...]] = ("moved", "folded")

    moved: float = 0.7
    swing: float = 10.0
    folded: float = 0.05


@dataclasses.dataclass(frozen=True)
class Hinge:
    """What a sleeve does. `part`: polygon (4, 2) of the cloth that moves. It turns by `angle` (radians) about
    `centre`, the more the farther away it is, from nothing at `inner` pixels to all of it at `outer`; or, with
    `fold` (2,), the unit normal of a line through `centre`, it is folded over that line."""

    part: Floats
    centre: Floats
    angle: float = 0.0
    inner: float = 0.0
    outer: float = 1.0
    fold: Doubles | None = None

    def moved(self, points: Floats) -> Floats:
        """Where points (N, 2) of the moving cloth come to lie."""
        return self._placed(points, self.angle)

    def origin(self, points: Floats) -> Floats:
        """Where the moving cloth at places (N, 2) comes from."""
        return self._placed(points, -self.angle)

    def _placed(self, points: Floats, angle: float) -> Floats:
        arm = points - self.centre
        if self.fold is not None:
            return (points - 2 * (arm @ self.fold)[:, None] * self.fold).astype(np.float32)
        turn = angle * self.share(points)
        cosine, sine = np.cos(turn), np.sin(turn)
        x, y = arm[:, 0] * cosine - arm[:, 1] * sine, arm[:, 0] * sine + arm[:, 1] * cosine
        return (self.centre + np.column_stack([x, y])).astype(np.float32)

    def share(self, points: Floats) -> Floats:
        """How far the cloth at points (N, 2) follows the turn, 0 to 1; distances to `centre` do not change by it."""
        distance = np.hypot(*(points - self.centre).T)
        step = np.clip((distance - self.inner) / max(1.0, self.outer - self.inner), 0, 1)
        return np.asarray(step * step * (3 - 2 * step), np.float32)

    def holds(self, points: Floats) -> list[bool]:
        """Which points (N, 2) lie on the moving cloth or its edge, within two pixels."""
        return [cv2.pointPolygonTest(self.part, (float(x), float(y)), True) > -2 for x, y in points]


def random_hinges(landmarks: Floats, params: SleeveParams, random: np.random.Generator) -> list[Hinge]:
    """What each sleeve does whose four landmarks (of (K, 3)) are known."""
    hinges: list[Hinge] = []
    if random.random() >= params.moved:
        return hinges
    for side in ("left", "right"):
        folded, draws = random.random() < params.folded, random.standard_normal(3)
        known = landmarks[[LANDMARKS.index(name.format(side)) for name in _NAMES]]
        if (known[:, 2] > 0).all() and (folded or params.swing > 0):
            hinges.append(_folded(known[:, :2], draws) if folded else _swung(known[:, :2], params.swing, draws))
    return hinges


def _swung(known: Floats, swing: float, draws: Doubles) -> Hinge:
    shoulder, armpit, outer, inner = known
    centre = (shoulder + armpit) / 2
    seam, length = np.hypot(*(shoulder - armpit)) / 2, np.hypot(*((outer + inner) / 2 - centre))
    angle = np.deg2rad(np.clip(swing * draws[0], -_MOST_SWING, _MOST_SWING)) * min(1.0, length / (4 * seam + 1))
    return Hinge(_widened(known), centre, float(angle), float(seam), float(max(0.6 * length, 1.3 * seam)))


def _folded(known: Floats, draws: Doubles) -> Hinge:
    """The outer part of the sleeve folded back over a line across it, leaning so that it comes to lie on the body."""
    shoulder, armpit, outer, inner = known
    along = float(np.clip(0.4 + 0.15 * draws[1], 0.2, 0.7))
    upper, lower = shoulder + along * (outer - shoulder), armpit + along * (inner - armpit)
    reach = (outer + inner) / 2 - (shoulder + armpit) / 2
    reach = reach / max(1.0, float(np.hypot(*reach)))
    lean = np.deg2rad(25 + 12 * draws[2]) * np.sign(reach[0] * 1.0 or 1.0)
    turn = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    part = _widened(np.stack([upper, lower, outer, inner]))
    return Hinge(part, ((upper + lower) / 2).astype(np.float32), fold=turn @ reach)


def _widened(known: Floats) -> Floats:
    """Polygon (4, 2) around a sleeve: upper edge, cuff, lower edge; a little wider and longer than its landmarks."""
    start_upper, start_lower, end_upper, end_lower = known
    across = _RIM * (start_upper - start_lower)
    ahead = _RIM * ((end_upper + end_lower) - (start_upper + start_lower)) / 2
    corners = [start_upper + across, end_upper + 2 * across + ahead, end_lower - across + ahead, start_lower]
    return np.ascontiguousarray(np.stack(corners), np.float32)


def laid_elsewhere(rgb: Pixels, mask: Mask, hinge: Hinge) -> tuple[Pixels, Mask] | None:
    """Photo and mask with a sleeve laid elsewhere; None where it would leave the photo, or there is none to speak of.

    Where the sleeve was, the photo still shows it, and the mask no longer does.
    """
    height, width = mask.shape
    moved = hinge.moved(hinge.part)
    if (moved < 0).any() or (moved >= (width, height)).any():
        return None
    whole = _cover(mask.shape, hinge.part)
    part = whole & mask
    if cv2.countNonZero(part) < _LEAST_COVERED * cv2.countNonZero(whole):
        return None
    window = _window(np.concatenate([moved, hinge.part]), mask.shape)
    maps = _maps(window, hinge.origin)
    sleeve = remapped(part, maps, cv2.BORDER_CONSTANT)
    cloth = remapped(rgb, maps, cv2.BORDER_REPLICATE)
    body = _body(mask, part, hinge)
    soft = cv2.GaussianBlur(cv2.erode(sleeve, np.ones((3, 3), np.uint8)), (0, 0), 0.8).astype(np.float32) / 255
    below = rgb[window] * (1 - 0.25 * _contact_shadow(sleeve, hinge))[..., None]
    picture, cover = rgb.copy(), body.copy()
    picture[window] = (below + soft[..., None] * (cloth - below)).astype(np.uint8)
    cover[window] = np.maximum(cover[window], sleeve)
    return picture, np.where(cover > 127, 255, 0).astype(np.uint8)


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


def _body(mask: Mask, part: Mask, hinge: Hinge) -> Mask:
    """The mask without the cloth that moves away; slivers that the polygon left over go with it."""
    body = mask.copy()
    y, x = np.nonzero(part)
    leaves = hinge.share(np.column_stack([x, y]).astype(np.float32)) > 0.03 if hinge.fold is None else slice(None)
    body[y[leaves], x[leaves]] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(body, cv2.MORPH_OPEN, _DISC))
    if count < 2:
        return body
    return np.where(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), 255, 0).astype(np.uint8)


_DISC = cast("Mask", cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))


def _contact_shadow(sleeve: Mask, hinge: Hinge) -> Floats:
    """The shadow (h, w), 0 to 1, of cloth folded over other cloth; cloth that lies beside it throws none."""
    if hinge.fold is None:
        return np.zeros(sleeve.shape, np.float32)
    return np.asarray(cv2.GaussianBlur(sleeve, (0, 0), 3.0), np.float32) / 255
