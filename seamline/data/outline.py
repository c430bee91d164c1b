"""A silhouette set upright, and the geometry that landmarks are read from.

Points are float arrays of x, y in the upright frame, whose origin is the middle of the garment's axis of symmetry:
x grows to the picture's right, y downwards, so that the left half of a garment has x < 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.data.silhouette import Mask

Points = NDArray[np.float64]

MAX_TILT = 16.0
"""Largest rotation, in degrees to either side, that `upright` undoes."""

_SEARCH_SIDE = 96
_TILT_STEP = 2.0
_TILT_COST = 0.002


@dataclass(frozen=True)
class Outline:
    """The upright contour of a garment.

    `contour`: [n,2], closed, counter-clockwise as seen in the picture from the top of the axis (down the left side
    first). `to_mask`: 2x3 matrix from the upright frame to pixels of the mask. `symmetry`: share of the garment
    that its mirror image covers. `tilt`: degrees by which the garment was turned.
    """

    contour: Points
    to_mask: Points
    symmetry: float
    tilt: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 of the upright contour."""
        (x0, y0), (x1, y1) = self.contour.min(axis=0), self.contour.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    def mirrored(self) -> Outline:
        """The same outline seen in a mirror, so that one rule serves the left and the right."""
        flipped = self.contour[::-1] * (-1.0, 1.0)
        return Outline(np.roll(flipped, 1, axis=0), self.to_mask * (-1.0, 1.0, 1.0), self.symmetry, -self.tilt)

    def left_path(self) -> Points:
        """The contour's left part, from the top of the axis down to its bottom."""
        return self.contour[: _crossing(self.contour, bottom=True) + 1]

    def in_mask(self, point: Points) -> Points:
        """A point of the upright frame in pixels of the mask."""
        return self.to_mask[:, :2] @ point + self.to_mask[:, 2]


def upright(mask: Mask) -> Outline:
    """Find the garment's axis of symmetry near the vertical and trace its contour. The mask must not be empty."""
    tilt, axis, symmetry = _axis(mask)
    y, x = np.nonzero(mask)
    centre = np.array([x.mean(), y.mean()]) + 0.5
    angle = np.deg2rad(tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(contours, key=cv2.contourArea)[:, 0].astype(np.float64) + 0.5
    points = (largest - centre) @ turn - (axis, 0.0)
    to_mask = np.column_stack([turn, centre + turn @ (axis, 0.0)])
    return Outline(_from_top(_smoothed(points)), to_mask, symmetry, tilt)


def corner(points: Points, direction: tuple[float, float]) -> Points:
    """The point farthest in a direction."""
    return np.asarray(points[int(np.argmax(points @ np.asarray(direction)))])


def turning(points: Points, reach: float) -> NDArray[np.float64]:
    """Turn at each point of an open path, in degrees, between chords of length `reach` (in pixels of arc).

    Positive where a path that runs down the left side is convex, negative where it is concave.
    """
    before, after = _chords(points, reach)
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    angle = -np.degrees(np.arctan2(cross, np.sum(before * after, axis=1)))
    step = _step(points, reach)
    angle[: min(step, len(angle))] = angle[-step:] = 0.0
    return np.asarray(angle)


def notch_facing(points: Points, reach: float) -> NDArray[np.float64]:
    """How far downwards a concave corner opens at each point: 1 straight down, -1 straight up."""
    before, after = (chord / (np.linalg.norm(chord, axis=1, keepdims=True) + 1e-9) for chord in _chords(points, reach))
    opening = after - before
    return np.asarray(opening[:, 1] / (np.linalg.norm(opening, axis=1) + 1e-9))


def _chords(points: Points, reach: float) -> tuple[Points, Points]:
    step = _step(points, reach)
    index = np.arange(len(points))
    before = points[index] - points[np.maximum(index - step, 0)]
    after = points[np.minimum(index + step, len(points) - 1)] - points[index]
    return before, after


def _step(points: Points, reach: float) -> int:
    return max(1, round(reach / (float(np.mean(np.linalg.norm(np.diff(points, axis=0), axis=1))) or 1.0)))


def at_height(path: Points, y: float) -> Points:
    """The point of a path nearest to a height."""
    return np.asarray(path[int(np.argmin(np.abs(path[:, 1] - y)))])


def at_column(path: Points, x: float) -> Points:
    """The point of a path nearest to a column."""
    return np.asarray(path[int(np.argmin(np.abs(path[:, 0] - x)))])


def _axis(mask: Mask) -> tuple[float, float, float]:
    """Tilt in degrees, the axis' distance from the centroid in pixels, and the symmetry, of the best axis."""
    y, x = np.nonzero(mask)
    spread = np.column_stack([x - x.mean(), y - y.mean()])
    reach = float(np.abs(spread).max()) * 1.45 + 1.0
    shrink = _SEARCH_SIDE / (2.0 * reach)
    best = (0.0, 0.0, 0.0)
    best_value = -1.0
    for tilt in np.arange(-MAX_TILT, MAX_TILT + 1e-6, _TILT_STEP):
        angle = np.deg2rad(tilt)
        turned = spread @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        cells = np.clip(np.floor(turned * shrink + _SEARCH_SIDE / 2), 0, _SEARCH_SIDE - 1).astype(int)
        grid = np.zeros((_SEARCH_SIDE, _SEARCH_SIDE))
        grid[cells[:, 1], cells[:, 0]] = 1.0
        sums, overlap = _mirror_overlap(grid)
        value = overlap - _TILT_COST * abs(float(tilt))
        if value > best_value:
            best_value = value
            best = (float(tilt), (sums / 2.0 + 0.5 - _SEARCH_SIDE / 2) / shrink, overlap)
    return best


def _mirror_overlap(grid: NDArray[np.float64]) -> tuple[float, float]:
    """Best c (sum of two mirrored columns) and the share of the grid that its mirror image then covers."""
    spectrum = np.fft.rfft(grid, 2 * grid.shape[1], axis=1)
    overlap = np.fft.irfft(spectrum * spectrum, axis=1).sum(axis=0)
    best = int(np.argmax(overlap))
    return float(best), float(overlap[best] / max(1.0, grid.sum()))


def _smoothed(points: Points, sigma: float = 1.5) -> Points:
    radius = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.concatenate([points[-radius:], points, points[:radius]]) if len(points) > radius else points
    if len(padded) == len(points):
        return points
    return np.column_stack([np.convolve(padded[:, k], kernel, mode="valid") for k in (0, 1)])


def _from_top(points: Points) -> Points:
    """Start the contour at the top of the axis and run it down the left side first."""
    x, y = points[:, 0], points[:, 1]
    area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)
    ordered = points[::-1] if area > 0 else points
    return np.roll(ordered, -_crossing(ordered, bottom=False), axis=0)


def _crossing(points: Points, *, bottom: bool) -> int:
    """Index of the contour's highest (or lowest) crossing of the axis."""
    x = points[:, 0]
    crossing = np.flatnonzero(x * np.roll(x, -1) <= 0)
    if len(crossing) == 0:
        crossing = np.arange(len(points))
    height = points[crossing, 1]
    return int(crossing[np.argmax(height) if bottom else np.argmin(height)])
