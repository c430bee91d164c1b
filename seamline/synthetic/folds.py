"""Folds and creases of cloth as height fields, in cm."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from seamline.synthetic.curves import Points
from seamline.synthetic.noise import Field, smooth_noise
from seamline.synthetic.pieces import Flounce, Relief

DETAIL = 2.5
"""Samples of a height field per cm."""

_SWEEP = np.linspace(-1, 1, 10)
_SWELL = np.sin(np.linspace(0.25, np.pi - 0.15, 9)).tolist()


@dataclasses.dataclass(frozen=True)
class Heights:
    """A height field (H, W) in cm over cloth coordinates; `start`: the coordinates (u, v) of its first sample."""

    field: Field
    start: tuple[float, float]

    def at(self, u: Field, v: Field) -> Field:
        """The heights (H, W) at cloth coordinates."""
        x, y = (u - np.float32(self.start[0])) * DETAIL, (v - np.float32(self.start[1])) * DETAIL
        return np.asarray(cv2.remap(self.field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)


def fold(relief: Relief, depth: float, padding: str, rng: np.random.Generator) -> Heights:
    """Folds over a relief's extent. `depth`: 1 is ordinary; `padding`: none, rows or diamonds of quilting."""
    u0, v0, u1, v1 = relief.extent
    shape = (max(8, round((v1 - v0) * DETAIL)), max(8, round((u1 - u0) * DETAIL)))
    field = depth * (_waves(rng, shape) + _creases(rng, shape, relief) + _pressed(rng, shape))
    if padding != "none":
        field = 0.6 * field + _quilting(shape, padding, float(rng.uniform(5.0, 9.0)))
    if relief.flounce is not None:
        field = field + _waves_of(relief.flounce, relief, shape)
    return Heights(field.astype(np.float32), (u0, v0))


def flounce_phase(flounce: Flounce, share: Field) -> Field:
    """Angle of the waves at a share 0..1 of the way from the side to the middle; unevenly spaced, as cloth falls."""
    return np.asarray(np.pi * flounce.count * (share + 0.06 * np.sin(7 * share) + 0.03 * np.sin(17 * share)))


def _waves_of(flounce: Flounce, relief: Relief, shape: tuple[int, ...]) -> Field:
    u0, v0, _, _ = relief.extent
    u = (u0 + np.arange(shape[1], dtype=np.float32) / DETAIL)[None, :]
    v = (v0 + np.arange(shape[0], dtype=np.float32) / DETAIL)[:, None]
    (start, narrow), (end, wide) = flounce.start, flounce.end
    down = np.clip((v - start) / (end - start), 0, 1.2)
    width = narrow + (wide - narrow) * down
    wave = np.sin(flounce_phase(flounce, 1 - np.abs(u) / width))
    return np.asarray(0.1 * (wide / flounce.count) * down * wave, np.float32)


def _waves(rng: np.random.Generator, shape: tuple[int, int]) -> Field:
    """Broad bulges, long drapes along the cloth and small crumples."""
    drapes = smooth_noise(rng, shape, (22 * DETAIL, 4.5 * DETAIL))
    ridges = smooth_noise(rng, shape, (9 * DETAIL, 3 * DETAIL))
    crumple = smooth_noise(rng, shape, (2.6 * DETAIL, 2.0 * DETAIL))
    patchy = np.clip(0.4 + 0.6 * smooth_noise(rng, shape, (18 * DETAIL, 14 * DETAIL)), 0, 2)
    lean = float(rng.normal(0, 0.35))
    height, width = shape
    shear = np.array([[1, lean, -lean * height / 2], [0, 1, 0]], float)
    ridged = cv2.warpAffine(np.sqrt(ridges**2 + 0.02), shear, (width, height), borderMode=cv2.BORDER_REFLECT)
    broad = smooth_noise(rng, shape, (16 * DETAIL, 13 * DETAIL))
    return np.asarray(0.24 * broad + 0.16 * drapes - 0.2 * ridged * patchy + 0.028 * crumple * patchy, np.float32)


def _creases(rng: np.random.Generator, shape: tuple[int, int], relief: Relief) -> Field:
    """Creases that radiate from the anchors and some that lie about."""
    u0, v0, u1, v1 = relief.extent
    total = np.zeros(shape, np.float32)
    groups = ((0.5, 0.11, 7), (0.95, 0.2, 6), (1.7, 0.3, 4))
    for spread, height, count in groups:
        layer = np.zeros(shape, np.float32)
        for _ in range(count):
            start = _start(rng, relief)
            inward = np.array([(u0 + u1) / 2 - start[0], (v0 + v1) / 2 - start[1]])
            angle = np.arctan2(inward[1], inward[0]) + rng.normal(0, 0.75)
            length = float(rng.gamma(3.0, 5.0)) + 4.0
            bend = rng.normal(0, 0.25)
            path_angle = angle + bend * _SWEEP
            steps = np.stack([np.cos(path_angle), np.sin(path_angle)], 1) * (length / len(_SWEEP))
            path = (start + np.cumsum(steps, 0) - (u0, v0)) * DETAIL
            strength = float(rng.uniform(0.4, 1.0)) * (1 if rng.random() < 0.67 else -1)
            _trace(layer, path, strength, max(1, round(spread * DETAIL * 0.6)))
        total += height * 2.2 * cv2.GaussianBlur(layer, (0, 0), spread * DETAIL * 0.55)
    return total


def _start(rng: np.random.Generator, relief: Relief) -> Points:
    u0, v0, u1, v1 = relief.extent
    if relief.anchors and rng.random() < 0.7:
        anchor = relief.anchors[int(rng.integers(len(relief.anchors)))]
        return np.array(anchor) + rng.normal(0, 2.0, 2)
    return np.array([rng.uniform(u0, u1), rng.uniform(v0, v1)])


def _trace(layer: Field, path: Points, strength: float, width: int) -> None:
    """Draw a path that swells and fades."""
    points = np.round(path).astype(int).tolist()
    for first, second, level in zip(points[:-1], points[1:], _SWELL, strict=True):
        cv2.line(layer, first, second, (strength * level, 0.0, 0.0, 0.0), width)


def _pressed(rng: np.random.Generator, shape: tuple[int, int]) -> Field:
    """Lines where the cloth was folded in a drawer."""
    height, width = shape
    field = np.zeros(shape, np.float32)
    if rng.random() < 0.45:
        for _ in range(int(rng.integers(1, 4))):
            across = rng.random() < 0.6
            size = height if across else width
            place = rng.uniform(0.2, 0.8) * size
            away = np.abs(np.arange(size) - place) / DETAIL
            profile = (0.13 * np.exp(-away / 0.9) * rng.choice([-1, 1])).astype(np.float32)
            field += profile[:, None] if across else profile[None, :]
    return field


def _quilting(shape: tuple[int, int], kind: str, period: float) -> Field:
    """Bulges between quilting seams."""
    v = (np.arange(shape[0], dtype=np.float32) / DETAIL)[:, None]
    u = (np.arange(shape[1], dtype=np.float32) / DETAIL)[None, :]
    if kind == "rows":
        return np.asarray(1.1 * np.sqrt(np.abs(np.sin(np.pi * v / period))) + 0 * u, np.float32)
    first, second = np.abs(np.sin(np.pi * (u + v) / period)), np.abs(np.sin(np.pi * (u - v) / period))
    return np.asarray(0.9 * np.sqrt(np.minimum(first, second)), np.float32)
