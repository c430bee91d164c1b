"""Drawn garments as photos for tests; each is drawn once per run."""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image

from seamline.synthetic import Drawn, draw_sample


@functools.lru_cache(maxsize=64)
def drawn(seed: int, long_side: int = 400) -> Drawn:
    """A drawn garment."""
    return draw_sample(np.random.default_rng(seed), long_side)


def jpeg(rgb: np.ndarray, quality: int = 92) -> bytes:
    """Pixels as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def two_garments() -> bytes:
    """A photo that shows two drawn garments side by side."""
    left, right = (drawn(seed).rgb for seed in (1, 2))
    height = max(len(left), len(right))
    padded = [np.pad(rgb, ((0, height - len(rgb)), (0, 0), (0, 0)), mode="edge") for rgb in (left, right)]
    return jpeg(np.concatenate(padded, axis=1))


def nothing() -> bytes:
    """A photo without a garment: a soft gradient."""
    rows = np.linspace(90, 160, 300)[:, None, None]
    return jpeg(np.broadcast_to(rows, (300, 400, 3)).astype(np.uint8))
