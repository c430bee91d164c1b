"""Where a garment's centimetres fall in the picture: sway of the cloth, then turn, perspective, scale and place."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.synthetic.curves import Points
from seamline.synthetic.noise import Field
from seamline.synthetic.scene import Scene

_STEP = 8

_EDGE = 2
"""Pixels of ground that are left around the garment at least."""


@dataclasses.dataclass(frozen=True)
class Sway:
    """Smooth wandering of cloth from its pattern: a sum of plane waves with amplitudes (n, 2) in cm."""

    amplitude: NDArray[np.float64]
    frequency: NDArray[np.float64]
    phase: NDArray[np.float64]

    def shift(self, points: Points) -> Points:
        """Displacement (N, 2) at each point."""
        total = np.zeros_like(points)
        for amplitude, frequency, phase in zip(self.amplitude, self.frequency, self.phase, strict=True):
            total += np.sin(points[:, :1] * frequency[0] + points[:, 1:] * frequency[1] + phase) * amplitude
        return total


@dataclasses.dataclass(frozen=True)
class View:
    """The map from garment cm to picture pixels. `density` is its mean scale in pixels per cm."""

    matrix: NDArray[np.float64]
    sway: Sway
    size: tuple[int, int]
    density: float

    def to_picture(self, points: Points) -> Points:
        """Pixels (N, 2) of the garment's points (N, 2)."""
        return project(self.matrix, points + self.sway.shift(points))

    def ground_map(self) -> tuple[Field, Field]:
        """For each pixel centre its place on the ground, in cm: two fields (H, W)."""
        return self._spread(self._corners())

    def garment_map(self) -> tuple[Field, Field]:
        """For each pixel centre its place on the garment, in cm: two fields (H, W); undoes the sway."""
        ground = self._corners()
        return self._spread(self.on_garment(ground.reshape(-1, 2)).reshape(ground.shape))

    def on_garment(self, ground: Points) -> Points:
        """The garment's points (N, 2) that are seen at these places (N, 2) of the ground."""
        points = ground
        for _ in range(3):
            points = ground - self.sway.shift(points)
        return points

    def _corners(self) -> Points:
        """Ground places (rows, columns, 2) of a coarse grid of pixels that covers the picture."""
        width, height = self.size
        xs = np.arange(0, width + _STEP + 1, _STEP) + 0.5
        ys = np.arange(0, height + _STEP + 1, _STEP) + 0.5
        grid = np.stack(np.meshgrid(xs, ys), -1)
        return project(np.asarray(cv2.invert(self.matrix)[1]), grid.reshape(-1, 2)).reshape(grid.shape)

    def _spread(self, coarse: Points) -> tuple[Field, Field]:
        scale = np.array([[1 / _STEP, 0, 0], [0, 1 / _STEP, 0]], float)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        fine = [cv2.warpAffine(coarse[..., axis].astype(np.float32), scale, self.size, flags=flags) for axis in (0, 1)]
        return np.asarray(fine[0], np.float32), np.asarray(fine[1], np.float32)


def project(matrix: NDArray[np.float64], points: Points) -> Points:
    """Points (N, 2) as a matrix (3, 3) of perspective moves them."""
    return np.asarray(cv2.perspectiveTransform(points[None], matrix)[0])


def make_sway(rng: np.random.Generator, amount: float) -> Sway:
    """A sway of about `amount` cm."""
    count = 5
    length = np.array([75.0, 60.0, 42.0, 30.0, 22.0])
    angle = rng.uniform(0, np.pi, count)
    amplitude = rng.normal(0, 0.5, (count, 2)) * amount * (length / 45)[:, None]
    frequency = 2 * np.pi / length[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return Sway(amplitude, frequency, rng.uniform(0, 2 * np.pi, count))


def make_view(scene: Scene, outline: Points) -> View:
    """Frame the outline (N, 2; cm) as the scene's camera says."""
    camera = scene.camera
    sway = make_sway(np.random.default_rng(scene.seed), scene.pose.sway)
    angle = np.radians(scene.pose.turn)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    swayed = outline + sway.shift(outline)
    middle = (swayed.min(0) + swayed.max(0)) / 2
    centre = np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, 1, 0], [camera.tilt[0] / 100, camera.tilt[1] / 100, 1]])
    matrix = tilt @ turn @ centre
    flat = project(matrix, swayed)
    low, high = flat.min(0), flat.max(0)
    size = np.array([camera.width, camera.height])
    scale = float((camera.fill * (size - 2 * _EDGE) / (high - low)).min())
    room = (size - scale * (high - low)) / 2
    place = size / 2 - scale * (low + high) / 2 + np.clip(camera.shift, -0.6, 0.6) * room
    fit = np.array([[scale, 0, place[0]], [0, scale, place[1]], [0, 0, 1]])
    return View(fit @ matrix, sway, (camera.width, camera.height), scale)
