"""Cloth as a periodic tile of colours: a pattern of the design's colours on the fine structure of a weave."""

from __future__ import annotations

import numpy as np

from seamline.synthetic.design import Fabric
from seamline.synthetic.patterns import PATTERNS, Image
from seamline.synthetic.weaves import Swatch, weave_tone

_LARGE, _SMALL = 64.0, 16.0
"""Sides of a tile in cm: one whose repeats nobody sees, and one that does for plain cloth."""


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
    tile = np.clip(tile * weave_tone(fabric.weave, swatch, rng)[..., None], 0, 1).astype(np.float32)
    return tile, swatch.side / swatch.extent
