"""What lies behind a garment: floors, carpets, sheets, walls. Procedural, in the background's centimetres."""

from __future__ import annotations

import dataclasses
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.synthetic.fabric import cloth_tile, tiled
from seamline.synthetic.folds import DETAIL, fold
from seamline.synthetic.noise import Field, cloudy_noise, grain, smooth_noise
from seamline.synthetic.patterns import Image
from seamline.synthetic.pieces import BODY, Relief
from seamline.synthetic.scene import Background


@dataclasses.dataclass(frozen=True)
class BackgroundImage:
    """Colours (H, W, 3) and height (H, W) in cm, None where flat, of the background in the picture."""

    colours: Image
    height: Field | None


def paint_background(
    background: Background, places: tuple[Field, Field], density: float, rng: np.random.Generator
) -> BackgroundImage:
    """The background at each pixel's place (x, y in cm). Raises KeyError for an unknown kind."""
    angle = np.radians(background.turn)
    x, y = places
    cos, sin = np.float32(np.cos(angle) / background.scale), np.float32(np.sin(angle) / background.scale)
    u, v = x * cos + y * sin + 200, y * cos - x * sin + 200
    colours = np.array(background.fabric.colours, np.float32) / 255
    if background.kind in ("sheet", "rug"):
        return _sheet(background, (u, v), density * background.scale, rng)
    if background.kind == "wood":
        return BackgroundImage(_wood(u, v, colours, rng), None)
    if background.kind == "tiles":
        return _tiles(u, v, colours, rng)
    if background.kind == "carpet":
        return _carpet(colours, density, rng, u.shape)
    if background.kind == "concrete":
        return BackgroundImage(_blotchy(colours, u.shape, rng, 0.05), None)
    if background.kind == "wall":
        return BackgroundImage(_wall(v, colours, rng), None)
    raise KeyError(background.kind)


def _sample(tile: Image | Field, x: Field, y: Field) -> NDArray[Any]:
    return np.asarray(cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


def _sheet(
    background: Background, places: tuple[Field, Field], density: float, rng: np.random.Generator
) -> BackgroundImage:
    """Cloth with wrinkles; a rug lies flat and has a pile."""
    u, v = places
    tile, scale = cloth_tile(background.fabric, float(np.clip(density, 2.0, 8.0)))
    colours = tiled(tile, scale, u, v)
    if background.kind == "rug":
        pile = grain(rng, u.shape)
        return BackgroundImage(
            np.clip(colours * (1 + 0.09 * pile[..., None]), 0, 1), 0.04 * cv2.GaussianBlur(pile, (0, 0), 0.8)
        )
    low_u, low_v = float(u.min()), float(v.min())
    coarse = 1.6
    relief = Relief(BODY, (low_u / coarse, low_v / coarse, float(u.max()) / coarse, float(v.max()) / coarse))
    heights = fold(relief, float(rng.uniform(0.4, 1.6)), "none", rng).field
    finer = np.float32(DETAIL / coarse)
    height = cv2.remap(
        heights, (u - low_u) * finer, (v - low_v) * finer, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return BackgroundImage(colours, np.asarray(height, np.float32) * np.float32(coarse))


def _wood(u: Field, v: Field, colours: Image, rng: np.random.Generator) -> Image:
    """Planks along u with grain, knots of tone and dark joints."""
    wide, long = float(rng.uniform(7, 19)), float(rng.uniform(60, 130))
    row = np.floor(v / wide).astype(np.int32)
    starts = rng.uniform(0, long, 512).astype(np.float32)
    along = u + starts[row % 512]
    plank = (row * 31 + np.floor(along / long).astype(np.int32) * 7) % 512
    tone = (1 + rng.normal(0, rng.uniform(0.03, 0.12), 512)).astype(np.float32)[plank]
    streaks = smooth_noise(rng, (256, 256), (3.0, 40.0), wrap=True) + 0.6 * smooth_noise(
        rng, (256, 256), (7.0, 90.0), wrap=True
    )
    shift = rng.uniform(0, 256, 512).astype(np.float32)[plank]
    veins = _sample(streaks, (along * 3 + shift) % 256, (v * 9 + shift) % 256)
    tone = tone * (1 + np.float32(rng.uniform(0.03, 0.1)) * veins)
    edge = np.minimum(
        np.abs(v / wide - np.round(v / wide)) * wide, np.abs(along / long - np.round(along / long)) * long
    )
    joint = 1 - np.float32(rng.uniform(0.2, 0.5)) * np.clip(1.2 - edge / 0.22, 0, 1)
    return np.clip(colours[0] * (tone * joint)[..., None], 0, 1).astype(np.float32)


def _tiles(u: Field, v: Field, colours: Image, rng: np.random.Generator) -> BackgroundImage:
    side, gap = float(rng.uniform(20, 45)), float(rng.uniform(0.25, 0.7))
    cell = (np.floor(u / side).astype(np.int32) * 17 + np.floor(v / side).astype(np.int32) * 31) % 256
    tone = (1 + rng.normal(0, 0.025, 256)).astype(np.float32)[cell]
    edge = np.minimum(np.abs(u / side - np.round(u / side)), np.abs(v / side - np.round(v / side))) * side
    joint = np.clip(1.5 - edge / gap, 0, 1)[..., None]
    clouds = cloudy_noise(rng, u.shape, 60, 3)
    face = colours[0] * (tone + 0.03 * clouds)[..., None]
    mixed = face + joint * (colours[0] * float(rng.choice([0.6, 0.72, 1.12])) - face)
    return BackgroundImage(np.clip(mixed, 0, 1).astype(np.float32), (-0.15 * joint[..., 0]).astype(np.float32))


def _carpet(colours: Image, density: float, rng: np.random.Generator, shape: tuple[int, ...]) -> BackgroundImage:
    """Deep pile: clumps of light and dark."""
    size = float(rng.uniform(0.5, 1.8)) * density
    clumps = smooth_noise(rng, shape, (size, size)) + 0.6 * smooth_noise(rng, shape, (max(1.5, size / 2.2),) * 2)
    fibres = grain(rng, shape)
    tone = 1 + 0.07 * clumps + 0.06 * fibres + 0.05 * cloudy_noise(rng, shape, 12 * density, 2)
    return BackgroundImage(
        np.clip(colours[0] * tone[..., None], 0, 1).astype(np.float32), (0.025 * clumps).astype(np.float32)
    )


def _blotchy(colours: Image, shape: tuple[int, ...], rng: np.random.Generator, strength: float) -> Image:
    tone = 1 + strength * cloudy_noise(rng, shape, max(shape) / 5, 4) + 0.015 * grain(rng, shape)
    return np.clip(colours[0] * tone[..., None], 0, 1).astype(np.float32)


def _wall(v: Field, colours: Image, rng: np.random.Generator) -> Image:
    """A painted wall or a wardrobe's doors, at times with a floor or a joint."""
    picture = _blotchy(colours, v.shape, rng, 0.018)
    height, width = v.shape
    style = rng.random()
    if style < 0.35:
        for share in (rng.uniform(0.05, 0.4), rng.uniform(0.6, 0.95)):
            x = int(share * width)
            picture[:, x : x + max(1, width // 160)] *= 0.6
            picture[:, x + max(1, width // 160) : x + max(2, width // 60)] *= 1.05
    elif style < 0.5:
        y = int(rng.uniform(0.82, 0.96) * height)
        picture[y:] = colours[2] * 0.7 + 0.1
        picture[y : y + max(2, height // 80)] = 0.85
    return np.clip(picture, 0, 1)
