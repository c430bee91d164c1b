"""Procedural backgrounds: a studio's sheet, plaster, asphalt, paving, boards, cloth.

A surface is a pattern (H, W) about 0 that multiplies a colour (3,), and the strength of its grain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats

Surface = tuple[Floats, Floats, float]


def procedural_background(height: int, width: int, random: np.random.Generator) -> Pixels:
    """A background that no photo shows, (height, width, 3)."""
    make = _SURFACES[int(random.choice(len(_SURFACES), p=_SHARES))]
    pattern, colour, grain = make(height, width, random)
    rough = random.standard_normal((height, width), np.float32)
    stains = _noise(height, width, max(height, width) / 5, 0.015, random)
    shade = 1.0 + pattern + grain * rough + stains
    return np.clip(colour * shade[..., None], 0, 255).astype(np.uint8)


def _studio(height: int, width: int, random: np.random.Generator) -> Surface:
    pattern = np.linspace(0.02, -random.uniform(0.02, 0.12), height, dtype=np.float32)[:, None].repeat(width, 1)
    return pattern, _grey(random.uniform(215, 250), 4, random), 0.004


def _plaster(height: int, width: int, random: np.random.Generator) -> Surface:
    return _noise(height, width, 6, 0.02, random), _grey(random.uniform(150, 235), 14, random), 0.012


def _asphalt(height: int, width: int, random: np.random.Generator) -> Surface:
    pattern = _noise(height, width, 3, 0.10, random) + _noise(height, width, 40, 0.06, random)
    return pattern, _grey(random.uniform(75, 140), 6, random), 0.06


def _paving(height: int, width: int, random: np.random.Generator) -> Surface:
    across, along = _axes(height, width, random.normal(0, 8), random)
    side = random.uniform(0.12, 0.3) * max(height, width)
    row = np.floor(along / side)
    place = across / side + random.choice([0.0, 0.5]) * row
    edge = side * np.minimum(_from_edge(place), _from_edge(along / side))
    stone = 0.05 * np.sin(12.9898 * row + 78.233 * np.floor(place))
    pattern = stone - 0.35 * np.clip(1.5 - edge, 0, 1) + _noise(height, width, 4, 0.04, random)
    return pattern.astype(np.float32), _grey(random.uniform(110, 200), 10, random), 0.03


def _boards(height: int, width: int, random: np.random.Generator) -> Surface:
    across, along = _axes(height, width, random.choice([0, 90]) + random.normal(0, 8), random)
    side = random.uniform(0.1, 0.25) * max(height, width)
    length = side * random.uniform(5, 9)
    board = np.floor(across / side)
    along = along + 731.7 * np.sin(12.9898 * board) * side
    tone = 0.09 * np.sin(78.233 * board + 37.719 * np.floor(along / length))
    edge = np.minimum(side * _from_edge(across / side), length * _from_edge(along / length))
    pattern = tone + _streaks(across, along, random) - 0.4 * np.clip(1.2 - edge, 0, 1)
    colour = np.array([1.0, 0.78, 0.56]) ** random.uniform(0.35, 1.1) * random.uniform(90, 215)
    return pattern.astype(np.float32), colour.astype(np.float32), 0.012


def _cloth(height: int, width: int, random: np.random.Generator) -> Surface:
    across, along = _axes(height, width, random.uniform(0, 180), random)
    period = random.uniform(2.5, 5)
    pattern = 0.02 * (np.sin(2 * np.pi * across / period) + np.sin(2 * np.pi * along / period))
    pattern = pattern + _creases(across, along, random)
    if random.random() < 0.35:
        wide = random.uniform(0.02, 0.09) * max(height, width)
        stripes = np.sin(2 * np.pi * across / wide) > random.uniform(-0.4, 0.8)
        pattern = pattern + random.uniform(-0.25, 0.2) * stripes
    colour = _grey(random.uniform(60, 235), 45 if random.random() < 0.6 else 10, random)
    return pattern.astype(np.float32), colour, 0.025


_SURFACES: tuple[Callable[[int, int, np.random.Generator], Surface], ...] = (
    _studio, _plaster, _asphalt, _paving, _boards, _cloth,
)  # fmt: skip
_SHARES = (0.18, 0.14, 0.1, 0.14, 0.22, 0.22)


def _grey(level: float, tint: float, random: np.random.Generator) -> Floats:
    """A colour near a grey level."""
    return np.asarray(np.clip(level + random.normal(0, tint, 3), 15, 252), np.float32)


def _axes(height: int, width: int, degrees: float, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Coordinates (H, W) across and along a turned grid, from a random origin."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    cosine, sine = np.float32(np.cos(np.deg2rad(degrees))), np.float32(np.sin(np.deg2rad(degrees)))
    shift = random.uniform(0, 1000, 2).astype(np.float32)
    return x * cosine + y * sine + shift[0], y * cosine - x * sine + shift[1]


def _from_edge(place: Floats) -> Floats:
    """Distance to the nearest whole number."""
    return np.asarray(0.5 - np.abs(place % 1 - 0.5), np.float32)


def _streaks(across: Floats, along: Floats, random: np.random.Generator) -> Floats:
    """The grain of wood."""
    table = cv2.GaussianBlur(random.standard_normal((256, 64), np.float32), (0, 0), 1.0)
    x, y = (along / 40.0) % 63, (across * 1.3) % 255
    return cast("Floats", 0.11 * cv2.remap(table, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR))


def _creases(across: Floats, along: Floats, random: np.random.Generator) -> Floats:
    """A few long folds."""
    folds = np.zeros_like(across)
    for _ in range(int(random.integers(2, 6))):
        lean, place, wide = (float(value) for value in random.uniform((-0.6, 0, 5), (0.6, 500, 18)))
        wander = 12 * np.sin(along / np.float32(random.uniform(40, 90)))
        distance = ((across + lean * along + wander - place) % 500 - 250) / wide
        folds += random.uniform(0.04, 0.11) * distance * np.exp(-distance * distance)
    return folds


def _noise(height: int, width: int, scale: float, strength: float, random: np.random.Generator) -> Floats:
    """Soft noise (H, W) whose spots are `scale` pixels apart."""
    cells = int(height / scale) + 2, int(width / scale) + 2
    coarse = random.standard_normal(cells, np.float32) * np.float32(strength)
    return cast("Floats", cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))
