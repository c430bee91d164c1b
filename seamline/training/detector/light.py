"""Other light, another camera, other compression: changes of colour that leave every garment in its place."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from seamline.core.image import Pixels
from seamline.data.jpeg import recompressed


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
