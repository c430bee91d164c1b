"""Colours of an embedded profile as sRGB."""

from __future__ import annotations

import functools
import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms

_LARGEST = 4_000_000
"""Bytes of a profile; those of printers have one or two million."""

_SAME = 2
"""Difference of values up to which a profile counts as sRGB, whose pixels stay exactly what they are."""

_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


class BadProfile(Exception):
    """The profile cannot be read, or is one of other colours than the photo's."""


def as_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An L, RGB or CMYK image in sRGB; the image itself where it has no profile or that of sRGB. Raises BadProfile."""
    if not profile or image.mode not in _SPACES:
        return image
    if len(profile) > _LARGEST:
        raise BadProfile
    transform = _transform(bytes(profile), image.mode)
    if transform is None:
        return image
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:
        raise BadProfile
    return converted


@functools.lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> Any:
    """None where it changes nothing to speak of."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if opened.profile.xcolor_space.strip() != _SPACES[mode]:
            raise BadProfile
        transform = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
        return None if mode == "RGB" and _changes_nothing(transform) else transform
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError) as error:
        raise BadProfile from error


def _changes_nothing(transform: Any) -> bool:
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
    converted = np.asarray(ImageCms.applyTransform(Image.fromarray(cube), transform), np.int16)
    return bool(np.abs(converted - cube).max() <= _SAME)
