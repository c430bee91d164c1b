"""Pixel labels of a photo: a picture of the photo's size, in which each pixel holds the value of what it shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from seamline.data.street import Labels


def read_pixel_labels(path: Path, size: tuple[int, int]) -> Labels:
    """Pixel labels (H, W) of a photo of `size`, its width and height. Raises OSError where there is no such picture,
    and ValueError where it has another size, with which no label would lie on what it names."""
    with Image.open(path) as image:
        if image.size != size:
            own, photo = (f"{width} x {height}" for width, height in (image.size, size))
            raise ValueError(f"the labels {path.name} are {own}, their photo {photo}")
        labels = np.asarray(image, np.uint8)
    if labels.ndim != 2:
        raise ValueError(f"the labels {path.name} are a picture in colour; save them with one value a pixel")
    return labels
