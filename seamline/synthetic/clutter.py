"""Another piece of cloth that reaches into a photo from a corner: a blanket, a towel, the next garment."""

from __future__ import annotations

import cv2
import numpy as np

from seamline.synthetic.background import BackgroundImage
from seamline.synthetic.cloth import random_fabric
from seamline.synthetic.fabric import cloth_tile
from seamline.synthetic.folds import DETAIL, fold
from seamline.synthetic.noise import Field
from seamline.synthetic.pieces import BODY, Relief

_WEAVES = {"fleece": 4.0, "plain": 3.0, "knit": 2.0, "denim": 1.0}


def add_clutter(
    background: BackgroundImage, places: tuple[Field, Field], density: float, rng: np.random.Generator
) -> BackgroundImage:
    """The background with a piece of cloth lying over one of its corners, or nearly along one of its sides."""
    u, v = places
    cover = _corner(u.shape, density, rng)
    fabric = random_fabric(rng, _WEAVES, patterned=0.7)
    tile, scale = cloth_tile(fabric, float(np.clip(density, 2.0, 8.0)))
    side = np.float32(len(tile))
    x, y = u * np.float32(scale) % side, v * np.float32(scale) % side
    colours = cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    low = float(u.min()), float(v.min())
    folds = fold(Relief(BODY, (*low, float(u.max()), float(v.max()))), float(rng.uniform(0.8, 2.0)), "none", rng).field
    x, y = (u - np.float32(low[0])) * DETAIL, (v - np.float32(low[1])) * DETAIL
    height = cv2.remap(folds, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    shadow = 1 - 0.45 * cv2.GaussianBlur(cover, (0, 0), max(1.0, 0.9 * density))
    shaded = background.colours * shadow[..., None]
    below = background.height if background.height is not None else np.zeros_like(cover)
    return BackgroundImage(shaded + cover[..., None] * (colours - shaded), below + cover * (height - below))


def _corner(shape: tuple[int, ...], density: float, rng: np.random.Generator) -> Field:
    """Cover (H, W) of the cloth: beyond a wavy line across a corner."""
    height, width = shape
    sign_x, sign_y = rng.choice([-1, 1], 2)
    lean = float(rng.uniform(0.1, 0.9))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = (x / width * 2 - 1) * sign_x * lean + (y / height * 2 - 1) * sign_y * (1 - lean)
    along = ((x / width) * (1 - lean) * sign_y - (y / height) * lean * sign_x).astype(np.float32)
    wave = 0.025 * np.sin(along * float(rng.uniform(6, 14)) + float(rng.uniform(0, 6)))
    wave = wave + 0.012 * np.sin(along * float(rng.uniform(18, 40)))
    edge = (across - float(rng.uniform(0.62, 0.85)) + wave) * min(width, height) / 2
    return np.clip(edge, 0, 1).astype(np.float32)
