"""A drawn person to wear a garment: limbs, neck, head and hair, in the centimetres of the garment.

The origin is the garment's, between the ends of its neck; x right, y down. A person is about seven heads tall.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.synthetic.curves import Pair, Points, both_sides, join, offset, spline
from seamline.synthetic.design import Colour
from seamline.synthetic.light import shade
from seamline.synthetic.noise import Field
from seamline.synthetic.palette import jittered, shaded
from seamline.synthetic.patterns import Image
from seamline.synthetic.scene import Light
from seamline.synthetic.view import View

CHIN, CROWN, SOLE, WAISTLINE = -4.0, -29.0, 140.0, 38.0
"""Heights in cm below the garment's neck."""

_ARM, _HAND, _SHOULDER = 52.0, 16.0, 17.5
"""An arm's length to the wrist, a hand's, and how far from the middle the joint of the shoulder is, in cm."""

_SKINS: tuple[Colour, ...] = (
    (238, 205, 180), (224, 182, 150), (198, 150, 114), (160, 112, 80), (118, 78, 54), (84, 56, 42),
)  # fmt: skip
_HAIRS: tuple[Colour, ...] = ((28, 24, 24), (58, 40, 30), (96, 66, 42), (150, 112, 66), (112, 108, 106))
_SHOES: tuple[Colour, ...] = ((36, 34, 36), (232, 230, 226), (104, 72, 48))
_SHIFT = 4

Landmarks = dict[str, tuple[float, float]]
Mask = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class Person:
    """Who wears it. `locks`: how far below the chin the hair falls in front of each shoulder, in cm, 0 for short hair.
    `swing`: how far the hands are from the body, in degrees, left then right."""

    skin: Colour
    hair: Colour
    shoes: Colour
    locks: tuple[float, float]
    swing: tuple[float, float]


def random_person(rng: np.random.Generator) -> Person:
    """Somebody."""
    long_hair = rng.random() < 0.55
    return Person(
        skin=jittered(rng, _SKINS[int(rng.integers(len(_SKINS)))], 5.0),
        hair=jittered(rng, _HAIRS[int(rng.integers(len(_HAIRS)))], 5.0),
        shoes=jittered(rng, _SHOES[int(rng.integers(len(_SHOES)))], 5.0),
        locks=(float(rng.uniform(6, 20)), float(rng.uniform(6, 20))) if long_hair else (0.0, 0.0),
        swing=(float(rng.uniform(2, 12)), float(rng.uniform(2, 12))),
    )


@dataclasses.dataclass
class Layer:
    """What is drawn, over one another, lit: colours (H, W, 3) and cover 0..1 (H, W)."""

    colours: Image
    cover: Field
    light: Light
    density: float

    @classmethod
    def empty(cls, view: View, light: Light) -> Layer:
        """Nothing yet."""
        width, height = view.size
        return cls(np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32), light, view.density)

    def fill(self, pixels: Points, colour: Colour, roundness: float = 0.0) -> None:
        """A shape over what is there; `roundness`: how far its middle stands out, as a share of half its width."""
        height, width = self.cover.shape
        x0, y0 = np.maximum(np.floor(pixels.min(0)).astype(int) - 3, 0)
        x1, y1 = np.minimum(np.ceil(pixels.max(0)).astype(int) + 3, (width, height))
        if x1 <= x0 or y1 <= y0:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        points = np.round((pixels - (x0 + 0.5, y0 + 0.5)) * 2**_SHIFT).astype(np.int32)
        cv2.fillPoly(mask, [points], (255,), cv2.LINE_AA, _SHIFT)
        lit: Image = np.broadcast_to(np.array(colour, np.float32) / 255, (*mask.shape, 3))
        if roundness:
            diffuse, highlight = shade(self._bulge(mask, roundness), None, self.light, self.density)
            lit = lit * diffuse[..., None] + 0.5 * highlight[..., None]
        self.over(lit, mask.astype(np.float32) / 255, (slice(y0, y1), slice(x0, x1)))

    def _bulge(self, mask: Mask, roundness: float) -> Field:
        """Height in cm of a shape whose edges fall off as a limb's do."""
        depth = cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
        radius = max(float(depth.max()), 1.0)
        rise = 1 - (1 - depth / radius) ** 2
        # A ridge of the distance would be seen as a line along the middle.
        smooth = cv2.GaussianBlur(rise, (0, 0), 0.3 * radius)
        return np.asarray(smooth * (roundness * radius / self.density), np.float32)

    def over(self, colours: Image, cover: Field, window: tuple[slice, slice] = (slice(None), slice(None))) -> None:
        """Lay something over what is there."""
        below = self.cover[window]
        weight = cover / np.maximum(1 - (1 - cover) * (1 - below), 1e-3)
        self.colours[window] += weight[..., None] * (colours - self.colours[window])
        self.cover[window] = np.maximum(below, cover)


def paint_behind(layer: Layer, view: View, person: Person) -> None:
    """Hair behind the neck."""
    if max(person.locks):
        edge = [(0, CROWN + 2), (9.5, -22), (11.5, CHIN - 2), (12, CHIN + 6), (0, CHIN + 8)]
        layer.fill(view.to_picture(both_sides(spline(edge, 8))), shaded(person.hair, 0.8), 0.2)


def paint_feet(layer: Layer, view: View, person: Person, bare_legs: bool) -> None:
    """Shoes, and the legs above them where they are bare."""
    for side in (-1, 1):
        if bare_legs:
            path = [(side * 10, 50), (side * 10.5, 92), (side * 11, 106), (side * 12, SOLE - 4)]
            layer.fill(view.to_picture(_limb(path, (9.5, 6.0, 5.8, 3.6))), person.skin, 0.35)
        foot = [
            (side * 12, SOLE - 9),
            (side * 16, SOLE - 4),
            (side * 18, SOLE + 4),
            (side * 10, SOLE + 5),
            (side * 9, SOLE - 4),
        ]
        layer.fill(view.to_picture(spline([*foot, foot[0]], 6)), person.shoes, 0.3)


def paint_head(layer: Layer, view: View, person: Person) -> None:
    """Neck, face and the hair over the forehead."""
    neck = [(0, CHIN - 4), (5.6, CHIN - 4), (5.9, -1), (8, 1.5), (14, 4), (10, 24), (0, 26)]
    layer.fill(view.to_picture(both_sides(np.array(neck, float))), shaded(person.skin, 0.93), 0.1)
    face = [(0, CHIN), (4.4, CHIN - 2.2), (7.6, -11), (8.0, -17), (7.0, -24), (0, CROWN + 2)]
    layer.fill(view.to_picture(both_sides(spline(face, 8))), person.skin, 0.25)
    red, green, blue = person.skin
    lips = (round(0.92 * red), round(0.68 * green), round(0.66 * blue))
    for x in (-3.3, 3.3):
        layer.fill(view.to_picture(_ellipse((x, -15.2), (0.9, 0.5))), (46, 38, 36))
        layer.fill(
            view.to_picture(_limb([(x - 1.7, -17.2), (x, -17.8), (x + 1.7, -17.2)], (0.15, 0.3, 0.15))), person.hair
        )
    layer.fill(view.to_picture(_ellipse((0, -11.6), (1.2, 0.45))), shaded(person.skin, 0.88))
    layer.fill(view.to_picture(_limb([(-2.3, -8.4), (0, -7.8), (2.3, -8.4)], (0.1, 0.55, 0.1))), lips)
    cap = [(0, CROWN), (6, CROWN + 1.2), (9.2, -23), (9.0, -14), (7.6, -15), (6.6, -20.5), (2.5, -23), (0, -22.5)]
    layer.fill(view.to_picture(both_sides(spline(cap, 8))), person.hair, 0.25)


def paint_locks(layer: Layer, view: View, person: Person) -> None:
    """Hair that falls in front of the shoulders, over the garment."""
    for side, length in zip((-1, 1), person.locks, strict=True):
        if length:
            path = [(8.2, -19), (9.6, CHIN), (10.4, CHIN + 0.5 * length), (9.0, CHIN + length)]
            lock = _limb([(side * x, y) for x, y in path], (1.0, 2.4, 2.8, 1.4))
            layer.fill(view.to_picture(lock), person.hair, 0.25)


def paint_arms(layer: Layer, view: View, person: Person, landmarks: Landmarks) -> None:
    """What sleeves leave bare of the arms, down to the hands; without sleeves, the shoulders too."""
    for arm, girth in _arms(person, landmarks):
        wrist, along = arm[-1], arm[-1] - arm[-2]
        ahead = along / max(float(np.hypot(*along)), 1e-6)
        palm = [wrist - 2 * ahead, wrist + 0.4 * _HAND * ahead, wrist + 0.8 * _HAND * ahead, wrist + _HAND * ahead]
        layer.fill(view.to_picture(_limb(palm, (girth[-1], 4.2, 3.4, 1.6))), person.skin, 0.35)
        layer.fill(view.to_picture(_limb(arm, girth)), person.skin, 0.35)


def paint_shoulders(layer: Layer, view: View, person: Person, landmarks: Landmarks) -> None:
    """The trunk's upper end, for a garment that leaves the shoulders bare."""
    x, y = _joint("right", landmarks)
    edge = [(0, -2), (6, -1), (9, 1.2), (x, y - 3.4), (x + 4.2, y + 1), (x + 3, y + 14), (x, y + 30), (0, y + 32)]
    layer.fill(view.to_picture(both_sides(spline(edge, 8))), person.skin, 0.08)


def _joint(side: str, landmarks: Landmarks) -> Points:
    sign = -1 if side == "left" else 1
    return np.array([sign * max(_SHOULDER, abs(landmarks[f"shoulder_{side}"][0]) - 2), 6.0])


def _arms(person: Person, landmarks: Landmarks) -> Iterator[tuple[list[Points], tuple[float, ...]]]:
    """Middle line of what is bare of each arm, from the cuff or the shoulder to the wrist, and its half widths."""
    for name, sign, swing in zip(("left", "right"), (-1, 1), person.swing, strict=True):
        joint, angle = _joint(name, landmarks), np.radians(swing)
        down = np.array([sign * np.sin(angle), np.cos(angle)])
        if f"cuff_{name}_outer" not in landmarks:
            yield (
                [joint - 2.5 * down, joint + 2 * down, joint + 0.5 * _ARM * down, joint + _ARM * down],
                (3.6, 5.2, 4.4, 3.1),
            )
            continue
        cuff = np.mean([landmarks[f"cuff_{name}_{edge}"] for edge in ("outer", "inner")], axis=0)
        left = max(_ARM - float(np.hypot(*(cuff - joint))), 3.0)
        wide = float(np.interp(left, [3.0, 40.0], [3.1, 5.0]))
        yield [cuff, cuff + 0.5 * left * down, cuff + left * down], (wide, (wide + 3.4) / 2, 3.1)


def _limb(path: Sequence[Pair], half: Sequence[float]) -> Points:
    """Closed outline about a middle line, with these half widths at its points."""
    each = 8
    middle = spline(path, each)
    widths = np.interp(np.arange(len(middle)) / each, np.arange(len(half)), half)[:, None]
    side = offset(middle, 1.0) - middle
    return join(middle + side * widths, (middle - side * widths)[::-1])


def _ellipse(centre: tuple[float, float], half: tuple[float, float]) -> Points:
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.array(centre) + np.stack([np.cos(angle), np.sin(angle)], 1) * half
