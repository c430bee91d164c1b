"""Photos that must be refused, and unusual ones that must be answered; each made when it is asked for."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Make = Callable[[], bytes]


def pattern() -> NDArray[np.uint8]:
    """A picture (120, 90, 3) that no flip or turn leaves as it is: four fields of different colour."""
    rgb = np.zeros((120, 90, 3), np.uint8)
    rgb[:60, :45], rgb[:60, 45:] = (200, 40, 40), (40, 180, 60)
    rgb[60:, :45], rgb[60:, 45:] = (50, 60, 200), (230, 220, 60)
    rgb[5:15, 5:35] = 20
    return rgb


def _save(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _picture() -> Image.Image:
    return Image.fromarray(pattern())


def jpeg() -> bytes:
    """The pattern as an ordinary JPEG."""
    return _save(_picture(), "JPEG", quality=95)


def _noisy_jpeg() -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (400, 300, 3), np.uint8)
    return _save(Image.fromarray(noise), "JPEG")


def _cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def _png_header_of(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b"".join(
        _chunk(kind, body) for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _text_bomb() -> bytes:
    data = _save(_picture(), "PNG")
    bomb = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 200_000_000, 9))
    return data[:33] + bomb + data[33:]


_EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n(/etc/passwd) run\nshowpage\n"
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>'

REFUSED: dict[str, Make] = {
    "empty": lambda: b"",
    "one byte": lambda: b"\xff",
    "text": lambda: b"this is not a photo" * 100,
    "SVG": lambda: _SVG,
    "EPS": lambda: _EPS,
    "GIF": lambda: _save(_picture(), "GIF"),
    "TIFF": lambda: _save(_picture(), "TIFF"),
    "JPEG header alone": lambda: jpeg()[:4],
    "20.5 MB of noise": lambda: np.random.default_rng(1).bytes(20_500_000),
    "PNG of 65,535 pixels a side": partial(_png_header_of, 65_535, 65_535),
    "PNG 65,535 pixels wide": partial(_png_header_of, 65_535, 100),
    "JPEG 65,500 pixels wide": lambda: _save(Image.new("L", (65_500, 16)), "JPEG"),
    "PNG bomb": lambda: _save(Image.new("1", (12_000, 12_000)), "PNG", optimize=True),
    "one pixel": lambda: _save(Image.new("RGB", (1, 1)), "PNG"),
    **{f"JPEG cut at {share:.0%}": partial(lambda share: _cut(_noisy_jpeg(), share), share) for share in (0.1, 0.4)},
    "JPEG of many scans": lambda: many_scans(400),
    **{
        f"PNG cut at {share:.0%}": partial(lambda share: _cut(_save(_picture(), "PNG"), share), share)
        for share in (0.1, 0.5)
    },
    "WebP cut at 50%": lambda: _cut(_save(_picture(), "WEBP"), 0.5),
}
"""Name -> bytes that must get INVALID_ARGUMENT."""


def _cmyk() -> bytes:
    return _save(_picture().convert("CMYK"), "JPEG", quality=95)


def _palette_with_alpha() -> bytes:
    image = _picture().quantize(16)
    return _save(image, "PNG", transparency=255)


def _sixteen_bit_colour() -> bytes:
    deep = pattern().astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    header = struct.pack(">IIBBBBB", deep.shape[1], deep.shape[0], 16, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _with_alpha() -> bytes:
    image = _picture().convert("RGBA")
    return _save(image, "WEBP", lossless=True)


def _animated(kind: str) -> bytes:
    other = Image.new("RGB", _picture().size, "black")
    return _save(_picture(), kind, save_all=True, append_images=[other], duration=100, lossless=True)


def many_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan stands in it `count` times."""
    data = _save(_picture(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def _with_chunk(kind: bytes, body: bytes, check: bytes | None = None) -> bytes:
    data = _save(_picture(), "PNG")
    chunk = _chunk(kind, body)
    return data[:33] + (chunk if check is None else chunk[:-4] + check) + data[33:]


ANSWERED: dict[str, Make] = {
    "JPEG": jpeg,
    "WebP": lambda: _save(_picture(), "WEBP", quality=95),
    "CMYK JPEG": _cmyk,
    "16-bit PNG": _sixteen_bit_colour,
    "palette PNG with transparency": _palette_with_alpha,
    "WebP with alpha": _with_alpha,
    "animated WebP": partial(_animated, "WEBP"),
    "animated PNG": partial(_animated, "PNG"),
    "JPEG without its last bytes": lambda: jpeg()[:-40],
    "progressive JPEG without its second half": lambda: _cut(
        _save(_picture(), "JPEG", quality=95, progressive=True), 0.6
    ),
    "PNG text bomb": _text_bomb,
    "PNG with much text": lambda: _with_chunk(
        b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(b"<x>" + b"history " * 200_000 + b"</x>")
    ),
    "PNG with a large profile": lambda: _with_chunk(b"iCCP", b"ICC\0\0" + zlib.compress(b"\0" * 2_000_000)),
    "PNG with a broken text": lambda: _with_chunk(b"tEXt", b"Comment\0hello", b"\0\0\0\0"),
    "AVIF": lambda: _save(_picture(), "AVIF", quality=90),
    "progressive JPEG": lambda: _save(_picture(), "JPEG", quality=95, progressive=True),
    "JPEG with a broken EXIF block": lambda: _save(
        _picture(), "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\xff"
    ),
}
"""Name -> bytes that show `pattern()`."""

_TURNED = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


def oriented(orientation: int, image: Image.Image | None = None) -> bytes:
    """A JPEG stored turned, whose EXIF orientation makes it upright again."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned: Image.Image = _TURNED[orientation](image or _picture())
    return _save(turned, "JPEG", quality=95, exif=exif)
