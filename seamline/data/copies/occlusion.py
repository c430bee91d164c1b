"""Objects that lie on a garment or are held before it: a hand, a hanger, paper, another piece of cloth or a box.

An occluder is a cover (H, W), 255 where it is, and its colours (H, W, 3).
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats, Mask

Occluder = tuple[Mask, Floats]


def occluded(rgb: Pixels, mask: Mask, size: float, random: np.random.Generator) -> tuple[Pixels, Mask]:
    """The picture with an object over the garment, `size` pixels long, and what it covers (H, W)."""
    centre = _place_on(mask, random)
    kind = str(random.choice(list(_OCCLUDERS), p=_SHARES))
    cover, colours = _OCCLUDERS[kind](mask.shape, centre, size, random)
    soft = cv2.GaussianBlur(cover, (0, 0), 0.7).astype(np.float32)[..., None] / 255
    shade = 1 - 0.35 * _shadow(cover, size)[..., None]
    return (rgb * shade * (1 - soft) + colours * soft).clip(0, 255).astype(np.uint8), cover


def _place_on(mask: Mask, random: np.random.Generator) -> Floats:
    """A random position on the garment; the picture's middle where there is none."""
    found = np.flatnonzero(mask[::4, ::4] > 127)
    if not len(found):
        return np.array([mask.shape[1] / 2, mask.shape[0] / 2], np.float32)
    y, x = np.unravel_index(int(random.choice(found)), mask[::4, ::4].shape)
    return np.array([4 * x + 2, 4 * y + 2], np.float32)


def _shadow(cover: Mask, size: float) -> Floats:
    height, width = cover.shape
    small = cv2.resize(cover, (max(2, width // 4), max(2, height // 4)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.8, size / 60))
    moved = np.roll(soft, (1, 1), (0, 1)).astype(np.float32) / 255
    return cast("Floats", cv2.resize(moved, (width, height), interpolation=cv2.INTER_LINEAR))


def _hand(shape: tuple[int, ...], centre: Floats, size: float, random: np.random.Generator) -> Occluder:
    """An arm from the nearest side of the picture, a palm and fingers."""
    cover = np.zeros(shape, np.uint8)
    towards = _from_the_side(centre, shape, random)
    across = np.array([-towards[1], towards[0]])
    palm = 0.32 * size
    _stroke(cover, centre - towards * 3 * max(shape), centre - towards * 0.6 * palm, 0.9 * palm)
    _stroke(cover, centre - towards * 0.35 * palm, centre + towards * 0.3 * palm, 1.15 * palm)
    for place, length in zip((-0.45, -0.15, 0.15, 0.45), (0.8, 1.05, 1.1, 0.85), strict=True):
        root = centre + towards * 0.45 * palm + across * place * palm
        lean = towards + across * (0.35 * place + random.normal(0, 0.06))
        _stroke(cover, root, root + lean * length * palm * random.uniform(0.75, 1.0), 0.25 * palm)
    side = random.choice([-1, 1])
    _stroke(cover, centre, centre + (0.65 * towards + 0.85 * side * across) * palm, 0.28 * palm)
    skin = np.array([231, 188, 160], np.float32) * np.array([1, 0.94, 0.88], np.float32) ** random.uniform(0, 4)
    return cover, _rounded(cover, skin * random.uniform(0.5, 1.0), 0.16 * palm)


def _from_the_side(centre: Floats, shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    """Unit vector that points from the nearest side of the picture, not the top, to a position, roughly."""
    x, y = float(centre[0]) / shape[1], float(centre[1]) / shape[0]
    sides = {(1.0, 0.0): x, (-1.0, 0.0): 1 - x, (0.0, -1.0): 1 - y}
    nearest = np.array(min(sides, key=lambda side: sides[side]))
    lean = random.normal(0, 0.3)
    turned = nearest + lean * np.array([-nearest[1], nearest[0]])
    return np.asarray(turned / np.linalg.norm(turned), np.float32)


def _rounded(cover: Mask, colour: Floats, depth: float) -> Floats:
    """A colour that darkens towards the cover's edge, as on something round."""
    inner = cv2.GaussianBlur(cover, (0, 0), max(1.0, depth)).astype(np.float32) / 255
    shade = 0.72 + 0.34 * np.clip(2 * inner - 0.9, 0, 1)
    return cast("Floats", shade[..., None] * colour)


def _hanger(shape: tuple[int, ...], centre: Floats, size: float, random: np.random.Generator) -> Occluder:
    """Two arms and a hook, lying on the garment."""
    cover = np.zeros(shape, np.uint8)
    thick = max(3.0, 0.035 * size)
    turn = random.normal(0, 0.25)
    form = np.array([[-0.75, 0.24], [0, 0], [0.75, 0.24], [-0.75, 0.24], [0, 0], [0, -0.14], [0.07, -0.2], [0, -0.27]])
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    places = centre + size * form @ rotate.T
    for start, end in pairwise(places):
        _stroke(cover, start, end, thick)
    colour = ((170, 120, 75), (40, 40, 44), (225, 225, 225))[int(random.integers(3))]
    return cover, _rounded(cover, np.array(colour, np.float32), thick / 3)


def _paper(shape: tuple[int, ...], centre: Floats, size: float, random: np.random.Generator) -> Occluder:
    """A sheet with lines of writing."""
    half = np.array([0.32, 0.42]) * size
    turn = random.uniform(-0.6, 0.6)
    cover = _quadrilateral(shape, centre, half, turn)
    colours = np.broadcast_to(np.array(_PAPERS[int(random.integers(len(_PAPERS)))], np.float32), (*shape, 3)).copy()
    ink = np.zeros(shape, np.uint8)
    along, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    for row in np.linspace(-0.75, 0.75, int(random.integers(3, 9))):
        start = centre + down * row * half[1] - along * 0.8 * half[0]
        _stroke(ink, start, start + along * half[0] * random.uniform(0.5, 1.6), max(1.0, 0.02 * size))
    return cover, colours * (1 - 0.75 * ink[..., None].astype(np.float32) / 255)


_PAPERS = ((244, 243, 238), (238, 226, 196), (222, 233, 242), (196, 164, 120))


def _box(shape: tuple[int, ...], centre: Floats, size: float, random: np.random.Generator) -> Occluder:
    """A telephone, a book, a box."""
    cover = _quadrilateral(shape, centre, np.array([0.25, 0.44]) * size, random.uniform(0, np.pi))
    colour = random.uniform(20, 60, 3) + (0 if random.random() < 0.4 else random.uniform(0, 150, 3))
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    sheen = 1 + 0.25 * np.sin((x + 0.6 * y) / size * 2.5 + random.uniform(0, 6))
    inner = cv2.erode(cover, np.ones((3, 3), np.uint8), iterations=max(1, round(0.03 * size)))
    edge = 1 - 0.35 * (inner == 0)
    return cover, (sheen * edge)[..., None].astype(np.float32) * colour.astype(np.float32)


def _cloth(shape: tuple[int, ...], centre: Floats, size: float, random: np.random.Generator) -> Occluder:
    """Another piece of cloth that reaches over the garment, beyond a wavy line."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    outward = centre - np.array([shape[1], shape[0]]) / 2
    angle = np.arctan2(outward[1], outward[0]) + random.normal(0, 0.4)
    across = (x - centre[0]) * np.float32(np.cos(angle)) + (y - centre[1]) * np.float32(np.sin(angle))
    along = (y - centre[1]) * np.float32(np.cos(angle)) - (x - centre[0]) * np.float32(np.sin(angle))
    wave = 0.07 * np.sin(along / size * random.uniform(2, 4)) + 0.03 * np.sin(along / size * random.uniform(6, 11))
    inside = across - size * (wave - random.uniform(0.02, 0.25))
    cover = (255 * np.clip(inside, 0, 1)).astype(np.uint8)
    folds = 0.14 * np.sin(across / size * random.uniform(3, 7) + 2 * np.sin(along / size * 3))
    weave = 0.02 * (np.sin(2.1 * across) + np.sin(2.1 * along))
    stripes = random.choice([0.0, 0.2]) * np.sign(np.sin(along / size * random.uniform(12, 40)))
    hem = -0.2 * np.clip(1 - np.abs(inside - 0.03 * size) / 1.5, 0, 1)
    shade = (1 + folds + weave + stripes + hem).astype(np.float32)
    return cover, shade[..., None] * (random.uniform(40, 210) + random.normal(0, 22, 3)).astype(np.float32)


def _quadrilateral(shape: tuple[int, ...], centre: Floats, half: Floats, turn: float) -> Mask:
    """Cover (H, W) of a rectangle with these half sides about a centre, turned by radians."""
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = centre + (np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half) @ rotate.T
    cover = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(cover, np.round(corners * 16).astype(np.int32), (255,), cv2.LINE_AA, 4)
    return cover


def _stroke(cover: Mask, start: Floats, end: Floats, thick: float) -> None:
    """A line with round ends, drawn into the cover."""
    first, last = (tuple(round(float(value) * 16) for value in place) for place in (start, end))
    cv2.line(cover, first, last, (255,), max(1, round(thick)), cv2.LINE_AA, 4)


_OCCLUDERS = {"hand": _hand, "hanger": _hanger, "paper": _paper, "box": _box, "cloth": _cloth}
_SHARES = (0.16, 0.18, 0.22, 0.2, 0.24)
