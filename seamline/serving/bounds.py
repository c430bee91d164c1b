"""What a step checks of its inputs before it allocates anything: shapes, numbers of garments, finite numbers.

Within an ensemble the steps before have made these tensors; a caller who reaches a step directly can send anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seamline.core.errors import InvalidArgument
from seamline.core.image import Limits, Photo
from seamline.serving.step import Array, Tensors, required

_LONGEST_VECTOR = 1.1
"""Length of a vector of a part, which is 1 or 0 but for the rounding of half precision and of 8 bits."""

_ROUNDING = 2
"""Pixels by which a working copy may differ from the photo's proportions: decoders halve sizes and round them."""


def tensor(tensors: Tensors, name: str, shape: Sequence[int | None]) -> Array:
    """An input of this shape, in which None stands for any size. Raises InvalidArgument where it has another, or holds
    a number that is not finite."""
    value = required(tensors, name)
    if value.ndim != len(shape) or any(
        size not in (None, found) for size, found in zip(shape, value.shape, strict=True)
    ):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise InvalidArgument(f"{name} must have the shape ({wanted}); got {value.shape}")
    if value.dtype.kind == "f" and not np.isfinite(value).all():
        raise InvalidArgument(f"{name} must hold finite numbers")
    return value


def rows(tensors: Tensors, name: str, most: int) -> int:
    """Garments of an input by its first dimension, from 1 to `most`, of which the blank one of a photo without garments
    is one. Raises InvalidArgument."""
    value = required(tensors, name)
    found = value.shape[0] if value.ndim else 0
    if not 1 <= found <= most:
        raise InvalidArgument(f"{name} must hold 1 to {most} garments; got {found}")
    return int(found)


def garments(tensors: Tensors, found: int) -> int:
    """COUNT: as many as the rows found, and none where the one row is blank. Raises InvalidArgument."""
    count = int(tensor(tensors, "COUNT", (1,))[0])
    if count < 0 or max(count, 1) != found:
        raise InvalidArgument(f"COUNT must be the number of garments, {found} here; got {count}")
    return count


def vectors(tensors: Tensors, name: str, shape: tuple[int, int, int]) -> Array:
    """Vectors (m, P, D) of parts, of length 1 or 0. Raises InvalidArgument."""
    value = tensor(tensors, name, shape)
    if float((value.astype(np.float64) ** 2).sum(-1).max(initial=0.0)) > _LONGEST_VECTOR**2:
        raise InvalidArgument(f"{name} must hold vectors of length 1 or 0")
    return value


def photo(tensors: Tensors, working_side: int) -> Photo:
    """PHOTO (h, w, 3) and PHOTO_SIZE of a photo as `decode` makes them, no side longer than `working_side`.

    Raises InvalidArgument.
    """
    pixels = tensor(tensors, "PHOTO", (None, None, 3))
    width, height = (int(value) for value in tensor(tensors, "PHOTO_SIZE", (2,)))
    if pixels.dtype != np.uint8 or not 1 <= min(pixels.shape[:2]) <= max(pixels.shape[:2]) <= working_side:
        raise InvalidArgument(f"PHOTO must have 1 to {working_side} pixels on a side; got {pixels.shape[:2]}")
    if not 1 <= min(width, height) <= max(width, height) <= Limits().max_side:
        raise InvalidArgument(f"PHOTO_SIZE must be 1 to {Limits().max_side} pixels on a side; got {width} x {height}")
    shrunk = min(1.0, working_side / max(width, height))
    for side, own in zip(pixels.shape[:2], (height, width), strict=True):
        if abs(side - own * shrunk) > _ROUNDING:
            raise InvalidArgument(f"PHOTO of {pixels.shape[:2]} pixels is no copy of one of {width} x {height} pixels")
    return Photo(pixels, width, height)
