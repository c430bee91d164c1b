"""How differently two photos show a garment's colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.photographer.vectors import Floats
from seamline.core.image import Pixels, decode
from seamline.data.copies.sample import Mask
from seamline.data.landmark_labels import label_photo
from seamline.data.photographer.radiance import linear_of

NAMES = ("brightness", "red/green", "blue/green")
"""What is compared, as logarithms of linear light."""


def colour_of(rgb: Pixels, mask: Mask) -> Floats:
    """Brightness, red over green and blue over green (3,) of the mean light on a garment, as logarithms."""
    light = np.log(linear_of(rgb)[mask > 127].mean(0) + 1e-4)
    return np.array([light.mean(), light[0] - light[1], light[2] - light[1]], np.float32)


def photographed_colour(photos: Path, work: Path, name: str) -> Floats:
    """The same of a photo's garment, found by its silhouette; NaN where nothing stands out."""
    label = label_photo(photos, work, name)
    if label is None or label.mask is None:
        return np.full(3, np.nan, np.float32)
    mask = np.asarray(Image.open(work / label.mask).convert("L"), np.uint8)
    return colour_of(decode((photos / name).read_bytes(), max(label.width, label.height)).rgb, mask)
