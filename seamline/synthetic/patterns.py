"""Patterns of cloth as periodic tiles of colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.synthetic.noise import Field, cloudy_noise, smooth_noise

Image = NDArray[Any]
"""(H, W, 3) colours in 0..1, float32."""


def _ramp(side: int, repeats: int) -> Field:
    """Position 0..repeats along one axis, in periods."""
    return ((np.arange(side, dtype=np.float32) + 0.5) * (repeats / side)).astype(np.float32)


def _soft(distance: Field, side: int, repeats: int) -> Field:
    """Coverage 0..1 of an edge, given a signed distance in periods."""
    return np.clip(distance * (side / repeats) + 0.5, 0, 1).astype(np.float32)


def _mix(base: Image, colour: NDArray[Any], cover: Field) -> Image:
    return base + cover[..., None] * (colour - base)


def _plain(side: int, colour: NDArray[Any]) -> Image:
    return np.ascontiguousarray(np.broadcast_to(colour, (side, side, 3)), np.float32)


def _solid(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    return _plain(side, colours[0])


def _melange(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    flecks = smooth_noise(rng, (side, side), (max(1.3, side / 240), max(2.0, side / 90)), wrap=True)
    pale = colours[0] * 0.55 + 0.45 * (0.85 if colours[0].mean() < 0.5 else 0.25)
    return _mix(_plain(side, colours[0]), pale.astype(np.float32), np.clip(0.3 + 0.3 * flecks, 0, 1))


def _lines(rng: np.random.Generator, side: int, repeats: int, colours: Image, width: float) -> Image:
    phase = _ramp(side, repeats) % 1
    cover = _soft((width / 2 - np.abs(phase - 0.5)).astype(np.float32), side, repeats)
    return _mix(_plain(side, colours[0]), colours[1], np.repeat(cover[:, None], side, 1))


def _stripes(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    base = _lines(rng, side, repeats, colours, float(rng.uniform(0.25, 0.5)))
    if rng.random() < 0.35:
        phase = _ramp(side, repeats) % 1
        thin = _soft((0.05 - np.abs(phase - 0.06)).astype(np.float32), side, repeats)
        base = _mix(base, colours[2], np.repeat(thin[:, None], side, 1))
    return base if rng.random() < 0.75 else np.ascontiguousarray(base.transpose(1, 0, 2))


def _breton(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    return _lines(rng, side, repeats, colours, 0.3)


def _pinstripes(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    return np.ascontiguousarray(_lines(rng, side, max(repeats, 24), colours, 0.16).transpose(1, 0, 2))


def _gingham(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    phase = _ramp(side, repeats) % 1
    cover = 0.5 * _soft((0.25 - np.abs(phase - 0.5)).astype(np.float32), side, repeats)
    return _mix(_plain(side, colours[0]), colours[1], cover[:, None] + cover[None, :])


def _check(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    phase = _ramp(side, repeats) % 1
    line = _soft((0.05 - np.abs(phase - 0.5)).astype(np.float32), side, repeats)
    other = _soft((0.04 - np.abs(phase - 0.05)).astype(np.float32), side, repeats)
    tile = _mix(_plain(side, colours[0]), colours[1], np.maximum(line[:, None], line[None, :]) * 0.85)
    return _mix(tile, colours[2], np.maximum(other[:, None], other[None, :]) * 0.5 * (rng.random() < 0.6))


def _tartan(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    phase = _ramp(side, repeats) % 1
    bands = [
        (0.5, float(rng.uniform(0.2, 0.34)), 1),
        (float(rng.uniform(0.05, 0.2)), 0.05, 2),
        (float(rng.uniform(0.7, 0.95)), 0.03, 3),
    ]
    tile = _plain(side, colours[0])
    for centre, width, index in bands:
        cover = _soft((width / 2 - np.abs(phase - centre)).astype(np.float32), side, repeats)
        tile = _mix(tile, colours[index], 0.55 * np.repeat(cover[:, None], side, 1))
        tile = _mix(tile, colours[index], 0.55 * np.repeat(cover[None, :], side, 0))
    return tile


def _dots(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    phase = _ramp(side, repeats)
    radius = float(rng.uniform(0.14, 0.3))
    cover = np.zeros((side, side), np.float32)
    for shift in (0.25, 0.75):
        away = np.abs((phase + shift) % 1 - 0.5)
        cover = np.maximum(
            cover, _soft((radius - np.hypot(away[:, None], away[None, :])).astype(np.float32), side, repeats)
        )
    return _mix(_plain(side, colours[0]), colours[1], cover)


def _scatter(rng: np.random.Generator, side: int, count: int) -> Image:
    """Places (count, 2) in pixels, evenly spread; each comes with its wrapped twins when stamped."""
    rows = max(1, round(count**0.5))
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(rows)), -1).reshape(-1, 2)
    return ((grid + rng.uniform(0.1, 0.9, grid.shape)) * (side / rows)).astype(np.float32)


def _stamp(tile: Image, outline: Image, colour: NDArray[Any]) -> None:
    side = len(tile)
    low, high = outline.min(0), outline.max(0)
    shifts_x = [0] + ([side] if low[0] < 0 else []) + ([-side] if high[0] > side else [])
    shifts_y = [0] + ([side] if low[1] < 0 else []) + ([-side] if high[1] > side else [])
    for dx in shifts_x:
        for dy in shifts_y:
            points = np.round((outline + np.array([dx, dy])) * 16).astype(np.int32)
            cv2.fillPoly(tile, [points], [float(part) for part in colour], cv2.LINE_8, 4)


def _petals(size: float, count: int, turn: float, sharp: float) -> Image:
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = size * (0.62 + 0.38 * np.abs(np.cos(angle * count / 2 + turn)) ** sharp)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32)


def _floral(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    tile = _plain(side, colours[0])
    unit = side / repeats
    leaf = np.array([0.25, 0.42, 0.24], np.float32) * float(rng.uniform(0.6, 1.5))
    for place in _scatter(rng, side, repeats * repeats):
        angle = float(rng.uniform(0, 2 * np.pi))
        for lean in (-0.5, 0.6):
            heading = np.array([np.cos(angle + lean), np.sin(angle + lean)], np.float32)
            across = np.array([-heading[1], heading[0]], np.float32)
            tip = place + heading * unit * 0.55
            middle = place + heading * unit * 0.3
            _stamp(tile, np.stack([place, middle + across * unit * 0.09, tip, middle - across * unit * 0.09]), leaf)
    petals, sharp = int(rng.integers(4, 7)), float(rng.uniform(0.5, 1.5))
    for index, place in enumerate(_scatter(rng, side, repeats * repeats)):
        size = unit * float(rng.uniform(0.2, 0.36))
        colour = colours[1 + index % 3]
        turn = float(rng.uniform(0, 3))
        _stamp(tile, place + _petals(size, petals, turn, sharp), colour)
        _stamp(tile, place + _petals(size * 0.62, petals, turn, sharp), colour * 0.8 + 0.12)
        _stamp(tile, place + _petals(size * 0.25, 2, 0, 0.1), np.array([0.9, 0.75, 0.3], np.float32))
    return cv2.GaussianBlur(tile, (3, 3), 0)


def _blobs(rng: np.random.Generator, side: int, repeats: int, colours: Image, levels: tuple[float, ...]) -> Image:
    tile = _plain(side, colours[0])
    for index, level in enumerate(levels):
        field = cloudy_noise(rng, (side, side), side / repeats, 3, wrap=True)
        tile = _mix(tile, colours[1 + index], np.clip((field - level) * 12, 0, 1))
    return tile


def _camouflage(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    hues = np.array([[0.42, 0.41, 0.28], [0.28, 0.3, 0.2], [0.62, 0.56, 0.42], [0.15, 0.15, 0.13]], np.float32)
    if rng.random() < 0.4:
        grey = colours[0].mean() * 0.4 + colours[0] * 0.6
        hues = np.stack([grey, grey * 0.65, np.minimum(grey * 1.3 + 0.08, 1), grey * 0.3])
    return _blobs(rng, side, repeats, hues, (0.2, 0.5, 0.75))


def _tiedye(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    tile = _plain(side, colours[0])
    for index in (1, 2, 3):
        field = cloudy_noise(rng, (side, side), side / max(2, repeats // 2), 4, wrap=True)
        tile = _mix(tile, colours[index], np.clip(0.3 + field * 0.7, 0, 1) * 0.75)
    return tile


def _leopard(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    tile = _plain(side, np.array([0.78, 0.6, 0.38], np.float32) if rng.random() < 0.6 else colours[0])
    dark = np.array([0.12, 0.09, 0.08], np.float32)
    unit = side / max(repeats, 8)
    for place in _scatter(rng, side, max(repeats, 8) ** 2 * 2):
        wobble = _petals(unit * 0.3, 3, float(rng.uniform(0, 3)), 0.6) * rng.uniform(0.75, 1.2, (40, 1)).astype(
            np.float32
        )
        _stamp(tile, place + wobble, dark)
        _stamp(tile, place + wobble * 0.55 + unit * 0.06, tile[0, 0] * 0 + np.array([0.6, 0.4, 0.22], np.float32))
    return cv2.GaussianBlur(tile, (3, 3), 0)


def _chevron(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    phase = _ramp(side, repeats)
    zig = np.abs(phase % 1 - 0.5) * 2
    away = np.abs((phase[:, None] + 0.5 * zig[None, :]) % 1 - 0.5)
    return _mix(_plain(side, colours[0]), colours[1], _soft((0.22 - away).astype(np.float32), side, repeats))


def _aztec(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    tile = _plain(side, colours[0])
    rows = max(4, repeats)
    phase = _ramp(side, rows)
    row_of = phase.astype(int)
    across = _ramp(side, 2 * rows)
    y = np.abs(phase % 1 - 0.5) * 2
    kinds = rng.integers(0, 5, rows)
    picks = rng.integers(1, 4, rows)
    x = np.abs(across % 1 - 0.5) * 2
    shapes = (
        lambda a, b: 0.7 - a - b,
        lambda a, b: 0.2 - np.abs(a - b),
        lambda a, b: 0.35 - b + 0 * a,
        lambda a, b: np.minimum(0.55 - a, 0.5 - b),
        lambda a, b: 0.12 - np.abs(a + b - 0.8),
    )
    for row in range(rows):
        band = row_of == row
        cover = _soft(np.asarray(shapes[kinds[row]](x[None, :], y[band][:, None]), np.float32) * 0.5, side, rows)
        tile[band] = _mix(tile[band], colours[picks[row]], cover)
    return tile


def _gradient(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    wave = (0.5 + 0.5 * np.cos(_ramp(side, 1) * 2 * np.pi)).astype(np.float32)
    return _mix(_plain(side, colours[0]), colours[1], np.repeat(wave[:, None], side, 1))


def _paisley(rng: np.random.Generator, side: int, repeats: int, colours: Image) -> Image:
    tile = _plain(side, colours[0])
    unit = side / repeats
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    drop = np.stack([np.cos(angle) * np.sin(angle / 2) ** 1.5 * 0.55, -np.cos(angle / 2) * 0.9], 1)
    for index, place in enumerate(_scatter(rng, side, repeats * repeats)):
        turn = float(rng.uniform(0, 2 * np.pi))
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        shape = (drop @ spin.T * unit * 0.5).astype(np.float32)
        for size, colour in ((1.0, colours[1 + index % 3]), (0.72, colours[0]), (0.45, colours[1 + (index + 1) % 3])):
            _stamp(tile, place + shape * np.float32(size), colour)
    return cv2.GaussianBlur(tile, (3, 3), 0)


_Pattern = Callable[[np.random.Generator, int, int, Image], Image]


PATTERNS: dict[str, _Pattern] = {
    "solid": _solid, "melange": _melange, "stripes": _stripes, "breton": _breton, "pinstripes": _pinstripes,
    "gingham": _gingham, "check": _check, "tartan": _tartan, "dots": _dots, "floral": _floral,
    "camouflage": _camouflage, "tiedye": _tiedye, "leopard": _leopard, "chevron": _chevron, "aztec": _aztec,
    "gradient": _gradient, "paisley": _paisley,
}  # fmt: skip
