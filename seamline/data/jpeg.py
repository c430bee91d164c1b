"""What a JPEG file does to a picture."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from seamline.core.image import Pixels


def recompressed(rgb: Pixels, quality: int) -> Pixels:
    """A picture (H, W, 3) through JPEG and back."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"), np.uint8)
