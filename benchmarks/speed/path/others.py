"""Other libraries and settings for decoding and resizing, in the place of what `seamline.core.image` does."""

from __future__ import annotations

import importlib
import importlib.util
import io
from typing import Any
from unittest import mock

import cv2
import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from seamline.core import image
from seamline.core.image import Floats, Letterbox, Limits, Photo, Pixels, square_box

_plain_decode, _plain_crop = image.decode, image.crop_square
_LIMITS = Limits()


def decode_opencv(data: bytes, working_side: int = 1024, limits: Limits = _LIMITS) -> Photo:
    """`seamline.core.image.decode` of a photo that needs no shrinking, by OpenCV."""
    rgb = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)
    return _photo(rgb, data, working_side, limits)


def decode_simplejpeg(data: bytes, working_side: int = 1024, limits: Limits = _LIMITS) -> Photo:
    """The same by libjpeg-turbo through simplejpeg; JPEG alone."""
    return _photo(_simplejpeg().decode_jpeg(data), data, working_side, limits)


def decode_simplejpeg_fast(data: bytes, working_side: int = 1024, limits: Limits = _LIMITS) -> Photo:
    """The same with the less exact cosine transform and upsampling."""
    rgb = _simplejpeg().decode_jpeg(data, fastdct=True, fastupsample=True)
    return _photo(rgb, data, working_side, limits)


def _photo(rgb: Pixels, data: bytes, working_side: int, limits: Limits) -> Photo:
    height, width = rgb.shape[:2]
    if max(height, width) > working_side:  # no part of this comparison
        return _plain_decode(data, working_side, limits)
    return Photo(rgb, width, height)


def decode_smaller(data: bytes, working_side: int = 1024, limits: Limits = _LIMITS) -> Photo:
    """`seamline.core.image.decode` that lets the decoder scale down to the working side, instead of twice that."""
    before, image._DRAFT_GAP = image._DRAFT_GAP, 1
    try:
        return _plain_decode(data, working_side, limits)
    finally:
        image._DRAFT_GAP = before


def letterbox_opencv(rgb: Pixels, side: int, fill: tuple[int, int, int]) -> tuple[Pixels, Letterbox]:
    """`seamline.core.image.letterbox` with OpenCV's resizing."""
    height, width = rgb.shape[:2]
    geometry = Letterbox.of(width, height, side)
    inner = max(1, round(geometry.x_scale * width)), max(1, round(geometry.y_scale * height))
    square = np.empty((side, side, 3), np.uint8)
    square[:] = fill
    square[: inner[1], : inner[0]] = cv2.resize(rgb, inner, interpolation=_interpolation(max(width, height), side))
    return square, geometry


def crop_opencv(
    rgb: Pixels, box: ArrayLike, side: int, margin: float, fill: tuple[int, int, int]
) -> tuple[Pixels, Floats]:
    """`seamline.core.image.crop_square` with OpenCV's resizing."""
    square = square_box(box, margin)
    scale = side / float(square[2] - square[0])
    matrix = np.array([[scale, 0, -square[0] * scale], [0, scale, -square[1] * scale]])
    matrix[:, 2] += (scale - 1) / 2  # OpenCV counts from the centres of pixels
    crop = cv2.warpAffine(rgb, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=fill)
    return np.asarray(crop, np.uint8), square


def letterbox_vectorised(rgb: Pixels, side: int, fill: tuple[int, int, int]) -> tuple[Pixels, Letterbox]:
    """`seamline.core.image.letterbox` with Pillow's own arithmetic in vector instructions, by cykooz.resizer."""
    height, width = rgb.shape[:2]
    geometry = Letterbox.of(width, height, side)
    inner = Image.new("RGB", (max(1, round(geometry.x_scale * width)), max(1, round(geometry.y_scale * height))))
    _resize(Image.fromarray(rgb), inner, (0.0, 0.0, float(width), float(height)))
    square = Image.new("RGB", (side, side), fill)
    square.paste(inner, (0, 0))
    return np.asarray(square, np.uint8), geometry


def crop_vectorised(
    rgb: Pixels, box: ArrayLike, side: int, margin: float, fill: tuple[int, int, int]
) -> tuple[Pixels, Floats]:
    """`seamline.core.image.crop_square` with the same."""
    with mock.patch("PIL.Image.Image.resize", _resized):
        return _plain_crop(rgb, box, side, margin, fill)


def _resized(canvas: Image.Image, size: tuple[int, int], _: Any, box: tuple[float, float, float, float]) -> Image.Image:
    target = Image.new("RGB", size)
    _resize(canvas, target, box)
    return target


def _resize(source: Image.Image, target: Image.Image, box: tuple[float, float, float, float]) -> None:
    library = importlib.import_module("cykooz_resizer")
    x0, y0, x1, y1 = box
    part = library.CropBox(x0, y0, x1 - x0, y1 - y0)
    bilinear = library.ResizeAlg.convolution(library.FilterType.bilinear)
    library.Resizer().resize_pil(source, target, library.ResizeOptions(resize_alg=bilinear, crop_box=part))


def _interpolation(longest: int, side: int) -> int:
    return cv2.INTER_AREA if longest > side else cv2.INTER_LINEAR


def enlarged(data: bytes, side: int) -> bytes:
    """The photo as a JPEG whose longer side is `side`."""
    with Image.open(io.BytesIO(data)) as photo:
        factor = side / max(photo.size)
        size = round(photo.width * factor), round(photo.height * factor)
        large = photo.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    large.save(file, format="JPEG", quality=90)
    return file.getvalue()


def has(package: str) -> bool:
    """Whether a package is installed that nothing else of seamline needs."""
    return importlib.util.find_spec(package) is not None


def _simplejpeg() -> Any:
    return importlib.import_module("simplejpeg")
