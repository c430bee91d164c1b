"""By which names photos are known in a folder."""

from __future__ import annotations

import os

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"})
"""Of the formats that `seamline.core.image` decodes, in lower case."""
NOT_DECODED = frozenset({".heic", ".heif", ".avif"})
"""Of photos that phones and shops make and that have to be converted first."""


def is_photo_name(name: str) -> bool:
    """Whether a file's name ends like that of a photo, in whatever case."""
    return os.path.splitext(name)[1].lower() in SUFFIXES
