"""What a photo shows beside the garment: cloth that reaches in from a corner, a hanger behind what hangs."""

from __future__ import annotations

import cv2
import numpy as np

from seamline.synthetic.background import BackgroundImage
from seamline.synthetic.cloth import random_fabric
from seamline.synthetic.curves import join, line, spline
from seamline.synthetic.design import Design
from seamline.synthetic.fabric import cloth_tile, tiled
from seamline.synthetic.folds import fold
from seamline.synthetic.noise import Field
from seamline.synthetic.patterns import Image
from seamline.synthetic.pieces import BODY, Relief
from seamline.synthetic.view import View

_WEAVES = {"fleece": 4.0, "plain": 3.0, "knit": 2.0, "denim": 1.0}


def add_clutter(
    background: BackgroundImage, places: tuple[Field, Field], density: float, rng: np.random.Generator
) -> BackgroundImage:
    """The background with a blanket, a towel or the next garment over a corner or along a side."""
    u, v = places
    cover = _corner(u.shape, density, rng)
    fabric = random_fabric(rng, _WEAVES, patterned=0.7)
    tile, scale = cloth_tile(fabric, float(np.clip(density, 2.0, 8.0)))
    colours = tiled(tile, scale, u, v)
    relief = Relief(BODY, (float(u.min()), float(v.min()), float(u.max()), float(v.max())))
    height = fold(relief, float(rng.uniform(0.8, 2.0)), "none", rng).at(u, v)
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


def paint_hanger(picture: Image, view: View, design: Design, landmarks: dict[str, tuple[float, float]]) -> None:
    """Draw onto the picture (H, W, 3) in place: a bar that the garment hides, or straps hang from, and a hook."""
    neck, shoulder = landmarks["neck_right"], landmarks["shoulder_right"]
    straps = design.category.startswith("sling")
    peak = (0.0, -3.5 if straps else max(neck[1], 0.0) + 3.0)
    end = (1.05 * shoulder[0], 1.0) if straps else (0.85 * shoulder[0], shoulder[1] + 3.0)
    top = min(neck[1], peak[1], 0.0) - 7.0
    hook = spline([peak, (0, top), (1.0, top - 2.2), (-0.8, top - 4.2), (-2.4, top - 2.4)], 8)
    bar = join(line((-end[0], end[1]), peak), line(peak, end))
    shade = tuple(part / 255 * 0.8 for part in design.metal)
    for path, width in ((bar, 1.4), (hook, 0.5)):
        points = np.round((view.to_picture(path) - 0.5) * 16).astype(np.int32)
        thick = max(1, round(width * view.density))
        cv2.polylines(picture, [points], False, shade, thick, cv2.LINE_8, 4)
