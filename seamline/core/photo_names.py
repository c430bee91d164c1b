"""By which names photos are known in a folder, and which formats this installation decodes."""

from __future__ import annotations

import os

from PIL import features

_PLAIN = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"})
_HEIF = frozenset({".heic", ".heif"})
_AVIF = frozenset({".avif"})


def _has_heif() -> bool:
    """Whether the extra `heif` is installed; its decoder is then made known to Pillow."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


HAS_HEIF, HAS_AVIF = _has_heif(), bool(features.check("avif"))
HIGH_EFFICIENCY = (("HEIF",) if HAS_HEIF else ()) + (("AVIF",) if HAS_AVIF else ())
"""Pillow's names of the formats beside JPEG, PNG and WebP that are decoded here."""

SUFFIXES = _PLAIN | (_HEIF if HAS_HEIF else frozenset()) | (_AVIF if HAS_AVIF else frozenset())
"""Of the formats that `seamline.core.image` decodes, in lower case."""
NOT_DECODED = (_HEIF | _AVIF) - SUFFIXES
"""Of photos that phones and shops make and that this installation does not decode."""


def is_photo_name(name: str) -> bool:
    """Whether a file's name ends like that of a photo, in whatever case."""
    return os.path.splitext(name)[1].lower() in SUFFIXES
