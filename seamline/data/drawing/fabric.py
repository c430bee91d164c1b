"""Cloth as a periodic tile of colours: a pattern of the design's colours on the fine structure of a weave."""

from __future__ import annotations

import numpy as np

from seamline.data.drawing.design import Fabric
from seamline.data.drawing.noise import Field, cloudy_noise, grain, smooth_noise
from seamline.data.drawing.patterns import PATTERNS, Image

TILE = 64.0
"""Side of a tile in cm; patterns' periods are rounded so that they divide it."""


def cloth_tile(fabric: Fabric, density: float) -> Image:
    """Tile (n, n, 3) of the fabric, n = TILE * density; `density` in pixels per cm.

    Raises KeyError for an unknown pattern.
    """
    side = round(TILE * density)
    rng = np.random.default_rng(fabric.seed)
    colours = np.array(fabric.colours, np.float32) / 255
    if len(colours) < 4:
        colours = np.concatenate([colours, np.repeat(colours[-1:], 4 - len(colours), 0)])
    repeats = max(1, round(TILE / fabric.period))
    tile = PATTERNS[fabric.pattern](rng, side, repeats, colours)
    return _weave(tile, fabric.weave, rng, density)


def _weave(tile: Image, weave: str, rng: np.random.Generator, density: float) -> Image:
    """The tile with the weave's light and dark."""
    side = len(tile)
    y = np.arange(side, dtype=np.float32)[:, None] / density
    x = np.arange(side, dtype=np.float32)[None, :] / density
    turn = 2 * np.pi

    def wave(values: Field, per_cm: float) -> Field:
        count = round(TILE * per_cm) / TILE
        return np.sin(values * np.float32(turn * count)).astype(np.float32)

    fine = grain(rng, (side, side))
    strength = {
        "jersey": 0.022,
        "plain": 0.016,
        "satin": 0.006,
        "leather": 0.02,
        "nylon": 0.01,
        "fleece": 0.03,
    }.get(weave, 0.02)
    tone = 1 + strength * fine
    if weave in ("rib", "corduroy"):
        tone = tone + (0.13 if weave == "rib" else 0.1) * wave(x, 1.25 if weave == "rib" else 1.8)
    elif weave == "knit":
        lean = np.abs((x * 1.0) % 1 - 0.5)
        tone = tone + 0.09 * wave(y + lean, 1.0) + 0.05 * wave(x, 1.0)
    elif weave == "cable":
        twist = wave(y, 0.125)
        tone = tone + 0.1 * wave(x + 0.5 * twist * (np.sin(x * turn / 8) > 0.3), 0.5) + 0.05 * wave(x, 1.5)
    elif weave in ("denim", "twill"):
        tone = tone + (0.06 if weave == "denim" else 0.025) * wave(x + y, 2.0)
        if weave == "denim":
            fade = cloudy_noise(rng, (side, side), 14 * density, 3, wrap=True)
            slubs = smooth_noise(rng, (side, side), (5 * density, 1.2), wrap=True)
            tone = tone + 0.05 * fade + 0.05 * slubs
    elif weave == "fleece":
        tone = tone + 0.035 * cloudy_noise(rng, (side, side), max(2.0, 0.7 * density), 2, wrap=True)
    elif weave == "leather":
        tone = tone + 0.05 * cloudy_noise(rng, (side, side), max(2.0, 0.8 * density), 2, wrap=True)
    elif weave == "lace":
        net = (wave(x, 0.75) * wave(y, 0.75) > 0.25).astype(np.float32)
        flowers = cloudy_noise(rng, (side, side), 2.5 * density, 2, wrap=True)
        tone = tone - 0.22 * np.clip(net - (flowers > 0.3), 0, 1)
    return np.clip(tile * tone[..., None], 0, 1).astype(np.float32)


GLOSS = {"satin": 0.3, "leather": 0.55, "nylon": 0.4, "plain": 0.03}
"""How strongly a weave mirrors light, 0..1."""


STIFFNESS = {
    "denim": 0.75,
    "leather": 0.8,
    "knit": 0.6,
    "cable": 0.5,
    "fleece": 0.65,
    "rib": 0.6,
    "nylon": 1.25,
    "satin": 1.2,
}
"""Height of a weave's folds against jersey's."""
