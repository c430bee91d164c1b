"""How single operations of the path could be done and once were: slower, with the same results."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from seamline.core.image import Floats, Pixels, square_box
from seamline.systems.psnet.regions import SAMPLES


def crop_of_a_part(
    rgb: Pixels, box: ArrayLike, side: int, margin: float, fill: tuple[int, int, int]
) -> tuple[Pixels, Floats]:
    """`seamline.core.image.crop_square`, with Pillow reading a part of the photo's array where it lies."""
    square = square_box(box, margin)
    x0, y0, x1, y1 = (float(value) for value in square)
    left, top = int(np.floor(x0)), int(np.floor(y0))
    right, bottom = max(int(np.ceil(x1)), left + 1), max(int(np.ceil(y1)), top + 1)
    canvas = Image.new("RGB", (right - left, bottom - top), fill)
    height, width = rgb.shape[:2]
    inside = rgb[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    if inside.size:
        canvas.paste(Image.fromarray(inside), (max(-left, 0), max(-top, 0)))
    part = (x0 - left, y0 - top, min(x1 - left, right - left), min(y1 - top, bottom - top))
    return np.asarray(canvas.resize((side, side), Image.Resampling.BILINEAR, box=part), np.uint8), square


def pool_region_by_region(features: Floats, boxes: Floats, size: int, cell: float) -> Floats:
    """`seamline.systems.psnet.regions.roi_align`, a box at a time."""
    _, height, width = features.shape
    pooled = np.empty((len(boxes), features.shape[0], size, size), np.float32)
    for index, (x0, y0, x1, y1) in enumerate(boxes / cell - 0.5):
        rows = _sampling_matrix(float(y0), float(y1), size, height)
        columns = _sampling_matrix(float(x0), float(x1), size, width)
        pooled[index] = rows @ (features @ columns.T)
    return pooled


def _sampling_matrix(start: float, end: float, size: int, length: int) -> Floats:
    step = (end - start) / size
    offsets = (np.arange(SAMPLES) + 0.5) / SAMPLES
    places = start + (np.arange(size)[:, None] + offsets) * step
    inside = (places >= -1) & (places <= length)
    places = places.clip(0, length - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, length - 1)
    share = places - low
    matrix = np.zeros((size, length), np.float32)
    bins = np.arange(size)[:, None].repeat(SAMPLES, 1)
    np.add.at(matrix, (bins, low), inside * (1 - share) / SAMPLES)
    np.add.at(matrix, (bins, high), inside * share / SAMPLES)
    return matrix


def with_a_copy(image: Image.Image) -> Image.Image:
    """The image as RGB, copied even where it is RGB already."""
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image)
    return image.convert("RGB")
