"""Photo files made on the spot."""

from __future__ import annotations

import io

from PIL import Image


def jpeg(size: tuple[int, int], colour: str) -> bytes:
    """A JPEG file of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()
