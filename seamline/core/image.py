"""Photos in, pixels out: the one path that serving, training and evaluation share.

Arrays are RGB, uint8, (height, width, 3). Boxes are x0, y0, x1, y1 in continuous pixel coordinates: pixel i spans
[i, i + 1), so that a whole photo is the box 0, 0, width, height.
"""

from __future__ import annotations

import dataclasses
import io
import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from seamline.core.colour import BadProfile, as_srgb
from seamline.core.errors import BadBox, BadPhoto
from seamline.core.photo_file import prepared
from seamline.core.photo_names import HIGH_EFFICIENCY
from seamline.core.photo_warnings import FIRST_FRAME, PROFILE, TRUNCATED, PhotoWarning

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

FORMATS = ("JPEG", "PNG", "WEBP", *HIGH_EFFICIENCY)
_FORMAT_NAMES = "JPEG, PNG or WebP"
_WHITE = (255, 255, 255)
_DRAFT_GAP = 2


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a photo may measure: bytes of the file, and pixels before anything is decoded."""

    max_bytes: int = 20_000_000
    max_pixels: int = 120_000_000
    """Of a JPEG, which shrinks while it is decoded; other formats have less, by what they take (`_MOST_PIXELS`)."""
    max_side: int = 30_000
    min_side: int = 16


@dataclasses.dataclass(frozen=True)
class Photo:
    """An upright photo.

    `rgb`: the working copy, its longer side at most the working side. `width`, `height`: the photo's own size in
    pixels, upright. `warnings`: what of the file is not in the pixels.
    """

    rgb: Pixels
    width: int
    height: int
    warnings: tuple[PhotoWarning, ...] = ()

    @property
    def scale(self) -> Floats:
        """Own pixels per pixel of the working copy, as (x, y, x, y)."""
        height, width = self.rgb.shape[:2]
        x, y = self.width / width, self.height / height
        return np.array([x, y, x, y], np.float32)


def decode(data: bytes, working_side: int = 1024, limits: Limits = Limits()) -> Photo:
    """Decode the bytes of a JPEG, PNG or WebP file into an upright photo.

    EXIF orientation is applied, colours of a profile become sRGB, transparency is laid on white, grey, palette, CMYK
    and 16-bit files become 8-bit RGB, and of an animation the first frame counts. Of a JPEG whose end is missing, what
    is there counts. Raises BadPhoto for everything else.
    """
    if not data:
        raise BadPhoto("the photo is empty")
    if len(data) > limits.max_bytes:
        raise BadPhoto(f"the photo has {len(data):,} bytes; at most {limits.max_bytes:,} are accepted")
    file = prepared(data)
    image = _open(file.data)
    _check_size(image, limits)
    try:
        photo = _upright(image, working_side)
        return _warned_of_end(photo) if file.truncated else photo
    except (MemoryError, RecursionError, BadPhoto):
        raise
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        raise BadPhoto("the photo is damaged or cut off and cannot be decoded") from error


def _open(data: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Image.open(io.BytesIO(data), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise BadPhoto("the photo has too many pixels") from error
        except Exception as error:  # as above: damaged headers raise many kinds
            raise BadPhoto(f"the bytes are not a {_FORMAT_NAMES} photo") from error


_MOST_PIXELS = {"PNG": 50_000_000, "WEBP": 25_000_000, "AVIF": 25_000_000, "HEIF": 50_000_000}
"""Formats that are decoded at full size, with the pixels that take about half a gigabyte."""


def _check_size(image: Image.Image, limits: Limits) -> None:
    size = width, height = image.size
    most = min(limits.max_pixels, _MOST_PIXELS.get(str(image.format), limits.max_pixels))
    if max(size) > limits.max_side or width * height > most:
        smaller = "" if most == limits.max_pixels else f" of a {image.format}; as a JPEG it may have more"
        raise BadPhoto(
            f"the photo has {width} x {height} pixels; at most {most:,} pixels and {limits.max_side:,} on a side are "
            f"accepted{smaller}"
        )
    if min(size) < limits.min_side:
        raise BadPhoto(f"the photo has {width} x {height} pixels; each side needs at least {limits.min_side}")


def _upright(image: Image.Image, working_side: int) -> Photo:
    width, height = image.size
    orientation, profile, told = _orientation(image), image.info.get("icc_profile"), list[PhotoWarning]()
    if getattr(image, "n_frames", 1) > 1:
        told.append(FIRST_FRAME)
    image.draft("RGB", (_DRAFT_GAP * working_side, _DRAFT_GAP * working_side))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image.load()
    shrunk = _shrink(_plain(image), working_side)
    try:
        rgb = as_srgb(_on_white(shrunk), profile)
    except BadProfile:
        rgb, told = _on_white(shrunk), [*told, PROFILE]
    rgb = rgb if rgb.mode == "RGB" else rgb.convert("RGB")
    if orientation in _TRANSPOSE:
        rgb = rgb.transpose(_TRANSPOSE[orientation])
    if orientation >= _FIRST_SIDEWAYS:
        width, height = height, width
    return Photo(np.asarray(rgb, np.uint8), width, height, tuple(told))


_MOST_MISSING = 0.5


def _warned_of_end(photo: Photo) -> Photo:
    """A photo whose file had no end. Raises BadPhoto where more than half of its rows are missing.

    A decoder repeats the last colour in all that is missing: rows of one colour at the bottom, as the file has it.
    """
    flat = (photo.rgb == photo.rgb[:, :1]).all((1, 2)), (photo.rgb == photo.rgb[:1]).all((0, 2))
    missing = max(_run(lines) for lines in (flat[0], flat[0][::-1], flat[1], flat[1][::-1]))
    if missing > _MOST_MISSING:
        raise BadPhoto("the photo is cut off, and more than half of it is missing")
    return dataclasses.replace(photo, warnings=(*photo.warnings, TRUNCATED))


def _run(lines: NDArray[np.bool_]) -> float:
    """The share of lines from the first on that are true."""
    return float(np.argmin(np.append(lines, False))) / len(lines)


_FIRST_SIDEWAYS = 5
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what makes the photo upright; 1 is upright already."""


def _orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 where the tag is missing, malformed or out of range."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:  # a malformed EXIF block must not cost the photo
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _plain(image: Image.Image) -> Image.Image:
    """The image as L, RGB, CMYK or RGBA, without a second copy of full size where the file has one of these modes."""
    if image.mode.startswith(("I", "F")):
        return _from_deep_grey(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """16-bit grey, which Pillow would clip to 255 instead of scaling."""
    grey = np.asarray(image)
    if grey.dtype != np.uint16:
        grey = grey.clip(0, 65_535).astype(np.uint16)
    return Image.fromarray((grey // 257).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, (*_WHITE, 255))
        image = Image.alpha_composite(ground, image).convert("RGB")
    return image


def _shrink(image: Image.Image, side: int) -> Image.Image:
    longest = max(image.size)
    if longest <= side:
        return image
    size = tuple(max(1, round(length * side / longest)) for length in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.BILINEAR, reducing_gap=3.0)


@dataclasses.dataclass(frozen=True)
class Letterbox:
    """How a photo lies in the letterbox: in its upper left corner, scaled by these factors."""

    x_scale: float
    y_scale: float

    @classmethod
    def of(cls, width: int, height: int, side: int) -> Letterbox:
        """Geometry of a width x height photo in a square of `side` pixels."""
        inner_width, inner_height = fitted_size(width, height, side)
        return cls(inner_width / width, inner_height / height)

    def to_photo(self, boxes: ArrayLike) -> Floats:
        """Boxes (..., 4) of the letterbox in the photo's pixels."""
        factors = np.array([self.x_scale, self.y_scale] * 2, np.float32)
        return np.asarray(boxes, np.float32) / factors

    def from_photo(self, boxes: ArrayLike) -> Floats:
        """Boxes (..., 4) of the photo in the letterbox's pixels."""
        factors = np.array([self.x_scale, self.y_scale] * 2, np.float32)
        return np.asarray(boxes, np.float32) * factors


def fitted_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height of a photo whose longer side is scaled to `side`."""
    longest = max(width, height)
    return max(1, round(width * side / longest)), max(1, round(height * side / longest))


def letterbox(rgb: Pixels, side: int, fill: tuple[int, int, int]) -> tuple[Pixels, Letterbox]:
    """Scale (height, width, 3) pixels into the upper left corner of a (side, side, 3) square; the rest is `fill`."""
    height, width = rgb.shape[:2]
    inner = Image.fromarray(rgb).resize(fitted_size(width, height, side), Image.Resampling.BILINEAR, reducing_gap=3.0)
    square = Image.new("RGB", (side, side), fill)
    square.paste(inner, (0, 0))
    return np.asarray(square, np.uint8), Letterbox.of(width, height, side)


def square_box(box: ArrayLike, margin: float) -> Floats:
    """The square about a box's centre whose side is the box's longer side plus `margin` of it on both ends."""
    x0, y0, x1, y1 = (float(value) for value in np.asarray(box, np.float64))
    half = max(x1 - x0, y1 - y0) * (0.5 + margin)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return np.array([x - half, y - half, x + half, y + half], np.float32)


def crop_square(
    rgb: Pixels, box: ArrayLike, side: int, margin: float, fill: tuple[int, int, int], turn: float = 0.0
) -> tuple[Pixels, Floats]:
    """Crop the square around `box` and scale it to (side, side, 3).

    `turn`: radians by which the garment is turned clockwise in the photo; `box` is then parallel to the garment's own
    axes, as it would be were it turned back about its centre, and the crop shows the garment upright.

    Returns the pixels and the square (5,) in the photo's pixels: x0, y0, x1, y1 before it is turned about its centre,
    and the turn. What lies outside the photo is `fill`. `seamline.serving.place_parts` goes from the crop to the photo.
    """
    square = square_box(box, margin)
    pixels = _upright_square(rgb, square, side, fill, turn) if turn else _plain_square(rgb, square, side, fill)
    return pixels, np.append(square, np.float32(turn))


def _upright_square(rgb: Pixels, square: Floats, side: int, fill: tuple[int, int, int], turn: float) -> Pixels:
    """A square that is turned about its centre: cut with room for its corners, turned back, and cut again."""
    edge = int(np.ceil(side * (np.sqrt(2) - 1) / 2))
    extra = (square[2] - square[0]) * edge / side * np.array([-1, -1, 1, 1], np.float32)
    wide = Image.fromarray(_plain_square(rgb, square + extra, side + 2 * edge, fill))
    back = wide.rotate(float(np.degrees(turn)), Image.Resampling.BICUBIC, fillcolor=fill)
    return np.asarray(back.crop((edge, edge, edge + side, edge + side)), np.uint8)


def _plain_square(rgb: Pixels, square: Floats, side: int, fill: tuple[int, int, int]) -> Pixels:
    x0, y0, x1, y1 = (float(value) for value in square)
    left, top = int(np.floor(x0)), int(np.floor(y0))
    right, bottom = max(int(np.ceil(x1)), left + 1), max(int(np.ceil(y1)), top + 1)
    height, width = rgb.shape[:2]
    # Pillow reads a part of an array pixel by pixel, and a copy of it as a whole.
    inside = np.ascontiguousarray(rgb[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)])
    canvas = Image.new("RGB", (right - left, bottom - top), fill)
    if inside.size:
        canvas.paste(Image.fromarray(inside), (max(-left, 0), max(-top, 0)))
    part = (x0 - left, y0 - top, min(x1 - left, right - left), min(y1 - top, bottom - top))
    return np.asarray(canvas.resize((side, side), Image.Resampling.BILINEAR, box=part), np.uint8)


def check_box(box: ArrayLike, width: int, height: int, min_side: float) -> Floats:
    """A caller's box as float32[4], clipped to the photo. Raises BadBox when it is not a box inside the photo."""
    values = np.asarray(box, np.float32).reshape(-1)
    if values.shape != (4,) or not np.isfinite(values).all():
        raise BadBox("BOX needs four finite numbers: x0, y0, x1, y1 in the photo's pixels")
    x0, y0, x1, y1 = (float(value) for value in values)
    if x1 - x0 < min_side or y1 - y0 < min_side:
        raise BadBox(f"BOX must have x0 < x1 and y0 < y1, with sides of at least {min_side:g} pixels")
    if x0 < -1 or y0 < -1 or x1 > width + 1 or y1 > height + 1:
        raise BadBox(f"BOX must lie inside the photo, which is {width} x {height} pixels")
    return np.clip(values, 0, np.array([width, height] * 2, np.float32))


__all__ = [
    "FORMATS",
    "Floats",
    "Letterbox",
    "Limits",
    "Photo",
    "Pixels",
    "check_box",
    "crop_square",
    "decode",
    "letterbox",
    "square_box",
]
