"""Cloth as a periodic tile of colours: a pattern of the design's colours on the fine light and dark of a weave."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from seamline.synthetic.design import Fabric
from seamline.synthetic.noise import Field, cloudy_noise, grain, smooth_noise
from seamline.synthetic.patterns import PATTERNS, Image

GLOSS = {"satin": 0.3, "leather": 0.55, "nylon": 0.4, "plain": 0.03}
"""How strongly a weave mirrors light, 0..1; the others hardly do."""

STIFFNESS = {
    "denim": 0.75, "leather": 0.8, "knit": 0.6, "cable": 0.5, "fleece": 0.65, "rib": 0.6, "nylon": 1.25, "satin": 1.2,
}  # fmt: skip
"""Height of a weave's folds against jersey's."""

_SPECKLE = {"jersey": 0.022, "plain": 0.016, "satin": 0.006, "nylon": 0.01, "fleece": 0.03}


_LARGE, _SMALL = 64.0, 16.0
"""Sides of a tile in cm: one whose repeats nobody sees, and one that does for plain cloth."""


@dataclasses.dataclass(frozen=True)
class Swatch:
    """A square of cloth of `extent` cm at `density` pixels per cm, repeated without a seam."""

    extent: float
    density: float

    @property
    def side(self) -> int:
        """Pixels on a side."""
        return round(self.extent * self.density)

    @property
    def down(self) -> Field:
        """(side, 1) cm from the top."""
        return np.arange(self.side, dtype=np.float32)[:, None] / np.float32(self.density)

    @property
    def across(self) -> Field:
        """(1, side) cm from the left."""
        return self.down.T

    def wave(self, places: Field, per_cm: float) -> Field:
        """Sine of places in cm, with about `per_cm` waves a centimetre and whole waves over the swatch."""
        count = max(1, round(self.extent * per_cm)) / self.extent
        return np.sin(places * np.float32(2 * np.pi * count))

    def clouds(self, rng: np.random.Generator, size: float, octaves: int = 2) -> Field:
        """Cloudy noise with bumps of `size` cm."""
        return cloudy_noise(rng, (self.side, self.side), max(2.0, size * self.density), octaves, wrap=True)


def cloth_tile(fabric: Fabric, density: float) -> tuple[Image, float]:
    """A tile (n, n, 3) of the fabric at about `density` pixels per cm, and its pixels per cm.

    The pattern's period is rounded so that it divides the tile. Raises KeyError for an unknown pattern.
    """
    plain = fabric.pattern == "solid" and fabric.weave not in ("denim", "lace")
    swatch = Swatch(_SMALL if plain else _LARGE, density)
    rng = np.random.default_rng(fabric.seed)
    colours = np.array(fabric.colours, np.float32) / 255
    if len(colours) < 4:
        colours = np.concatenate([colours, np.repeat(colours[-1:], 4 - len(colours), 0)])
    repeats = max(1, round(swatch.extent / fabric.period))
    tile = PATTERNS[fabric.pattern](rng, swatch.side, repeats, colours)
    tile = np.clip(tile * _weave_tone(fabric.weave, swatch, rng)[..., None], 0, 1).astype(np.float32)
    return tile, swatch.side / swatch.extent


def tiled(tile: Image, scale: float, x: Field, y: Field) -> Image:
    """The tile's colours (H, W, 3) at places in cm, repeated without a seam; `scale`: its pixels per cm."""
    side = np.float32(len(tile))
    x, y = x * np.float32(scale) % side, y * np.float32(scale) % side
    return np.asarray(cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


def _weave_tone(weave: str, swatch: Swatch, rng: np.random.Generator) -> Field:
    """Factor (side, side) on the colours, about 1."""
    speckle = _SPECKLE.get(weave, 0.02) * grain(rng, (swatch.side, swatch.side))
    return np.asarray(1 + speckle + _structure(weave, swatch, rng), np.float32)


def _structure(weave: str, swatch: Swatch, rng: np.random.Generator) -> Field | float:
    down, across = swatch.down, swatch.across
    if weave == "rib":
        return 0.13 * swatch.wave(across, 1.25)
    if weave == "corduroy":
        return 0.1 * swatch.wave(across, 1.8)
    if weave == "knit":
        lean = np.abs(across % 1 - 0.5)
        return 0.09 * swatch.wave(down + lean, 1.0) + 0.05 * swatch.wave(across, 1.0)
    if weave == "cable":
        twist = swatch.wave(down, 0.125) * (swatch.wave(across, 0.125) > 0.3)
        return 0.1 * swatch.wave(across + 0.5 * twist, 0.5) + 0.05 * swatch.wave(across, 1.5)
    if weave == "twill":
        return 0.025 * swatch.wave(across + down, 2.0)
    if weave == "denim":
        slubs = smooth_noise(rng, (swatch.side, swatch.side), (5 * swatch.density, 1.2), wrap=True)
        return 0.06 * swatch.wave(across + down, 2.0) + 0.05 * swatch.clouds(rng, 14, 3) + 0.05 * slubs
    if weave == "fleece":
        return 0.035 * swatch.clouds(rng, 0.7)
    if weave == "leather":
        return 0.05 * swatch.clouds(rng, 0.8)
    if weave == "lace":
        net = swatch.wave(across, 0.75) * swatch.wave(down, 0.75) > 0.25
        return -0.22 * (net & (swatch.clouds(rng, 2.5) < 0.3))
    return 0.0
