"""What surrounds a garment: backgrounds without any, taken from beside it in a photo or made up, and other light,
another camera, other compression, which leave every garment in its place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from seamline.core.image import Pixels
from seamline.data.jpeg import recompressed
from seamline.training.detector.album import Picture

_MARGIN = 4
_THINNEST = 24


def background(picture: Picture | None, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """A background of this size (width, height); more often than not from beside a picture's garments."""
    strip = beside_garments(picture) if picture is not None and rng.random() < 0.6 else None
    if strip is None:
        return Image.fromarray(made_up((size[0] // 2, size[1] // 2), rng)).resize(size, Image.Resampling.BILINEAR)
    image = Image.fromarray(strip)
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if (image.width > image.height) != (size[0] > size[1]):
        image = image.transpose(Image.Transpose.ROTATE_90)
    return image.resize(size, Image.Resampling.BILINEAR)


def beside_garments(picture: Picture) -> NDArray[np.uint8] | None:
    """The largest strip of a photo along one of its sides that shows no garment, None where all are thin."""
    rows, columns = np.flatnonzero(picture.garments.any(1)), np.flatnonzero(picture.garments.any(0))
    if not len(rows):
        return picture.rgb
    rgb = picture.rgb
    strips = [
        rgb[: max(0, rows[0] - _MARGIN)],
        rgb[rows[-1] + _MARGIN :],
        rgb[:, : max(0, columns[0] - _MARGIN)],
        rgb[:, columns[-1] + _MARGIN :],
    ]
    largest = max(strips, key=lambda strip: strip.size)
    return largest if min(largest.shape[:2]) >= _THINNEST else None


def made_up(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """uint8 [height,width,3]: two colours mixed by a slope, by soft noise or by stripes, with grain."""
    width, height = size
    first, second = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)
    if rng.random() < 0.5:
        second = first + rng.normal(0, 25, 3)
    y, x = np.mgrid[:height, :width]
    kind = rng.integers(4)
    if kind == 0:
        share = np.zeros((height, width))
    elif kind == 1:
        angle = rng.uniform(0, 2 * np.pi)
        share = (x * np.cos(angle) / width + y * np.sin(angle) / height + 1) / 2
    elif kind == 2:
        coarse = rng.integers(0, 256, tuple(rng.integers(2, 24, 2)), dtype=np.uint8)
        share = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)) / 255
    else:
        angle, wave = rng.uniform(0, np.pi), rng.uniform(4, 40)
        share = ((x * np.cos(angle) + y * np.sin(angle)) % wave < wave * rng.uniform(0.1, 0.9)).astype(float)
    colours = first + share[..., None] * (second - first)
    grain = rng.normal(0, rng.uniform(0, 8), (height, width, 1))
    return np.clip(colours + grain, 0, 255).astype(np.uint8)


def recoloured(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Other light, other camera, other compression."""
    values = rgb.astype(np.float32)
    if rng.random() < 0.8:
        values *= rng.uniform(0.6, 1.35) * rng.uniform(0.88, 1.12, 3).astype(np.float32)
        values += rng.uniform(-20, 20)
    if rng.random() < 0.3:
        grey = values.mean(-1, keepdims=True)
        values = grey + rng.uniform(0.0, 1.6) * (values - grey)
    if rng.random() < 0.15:
        values += rng.normal(0, rng.uniform(2, 10), values.shape).astype(np.float32)
    result = np.clip(values, 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        result = np.asarray(Image.fromarray(result).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.4))))
    return recompressed(result, int(rng.integers(25, 92))) if rng.random() < 0.3 else result
