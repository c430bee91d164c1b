"""Files that are nearly photos."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.target import Target, photo_request, told

_AT_ONCE = 4
_SIGNATURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    b"RIFF\0\0\0\0WEBPVP8L",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"8BPS",
    b"\0\0\1\0",
)


def attack(target: Target, count: int, seed: int) -> Outcome:
    """Send `count` files; each must be answered, or refused with one plain sentence."""
    outcome = Outcome("hostile images")
    with target.stub() as stub, ThreadPoolExecutor(_AT_ONCE) as threads:

        def send(data: bytes) -> None:
            code, sentence = told(stub.ModelInfer, photo_request(data))
            while code == "UNAVAILABLE":  # busy; what counts is the decoder
                code, sentence = told(stub.ModelInfer, photo_request(data))
            outcome.count(code, sentence)

        list(threads.map(send, corpus(count, seed)))
    outcome.allow("OK", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED")
    return outcome


def corpus(count: int, seed: int) -> Iterator[bytes]:
    """Files, the same for the same seed."""
    chance = random.Random(seed)
    originals = list(_originals(seed))
    ways: list[Callable[[random.Random, bytes], bytes]] = [
        _flipped, _flipped, _cut, _zeroed, _doubled, _length, _spliced, _signature, _noise, _size
    ]  # fmt: skip
    for _ in range(count):
        data = chance.choice(originals)
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            data = chance.choice(ways)(chance, data)
        yield data


def _originals(seed: int) -> Iterator[bytes]:
    noise = np.random.default_rng(seed).integers(0, 255, (64, 48, 4), np.uint8)
    smooth = np.linspace(0, 255, 300 * 200 * 3).astype(np.uint8).reshape(300, 200, 3)
    for picture in (Image.fromarray(noise[..., :3]), Image.fromarray(smooth)):
        yield from (_saved(picture, "JPEG", quality=80), _saved(picture, "JPEG", progressive=True, quality=70))
        yield from (_saved(picture.convert("L"), "JPEG"), _saved(picture.convert("CMYK"), "JPEG"))
        yield from (_saved(picture, "PNG"), _saved(picture.convert("P"), "PNG"), _saved(picture.convert("1"), "PNG"))
        yield from (_saved(picture, "WEBP", lossless=True), _saved(picture, "WEBP", quality=60))
        yield from (_saved(picture, "GIF"), _saved(picture, "BMP"), _saved(picture, "TIFF"), _saved(picture, "ICO"))
        frames = {"save_all": True, "append_images": [picture] * 3}
        yield from (
            _saved(picture, "PNG", **frames),
            _saved(picture, "WEBP", **frames),
            _saved(picture, "MPO", **frames),
        )
        yield _saved(picture, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + bytes(200), icc_profile=bytes(3000))
    yield _saved(Image.fromarray(noise), "PNG")
    yield _saved(Image.fromarray(noise[..., 0].astype(np.uint16) * 257), "PNG")


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _flipped(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 4, 32))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _zeroed(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + bytes(chance.choice((1, 16, 256))) + data[start + 16 :]


def _doubled(chance: random.Random, data: bytes) -> bytes:
    start, length = chance.randrange(len(data) + 1), chance.choice((2, 64, 1024))
    return data[:start] + data[start : start + length] * chance.choice((2, 50, 1000)) + data[start:]


def _length(chance: random.Random, data: bytes) -> bytes:
    """Another number where a length may stand."""
    start = chance.randrange(max(1, len(data) - 4))
    form = chance.choice((">I", "<I", ">H", "<H"))
    largest = 2**32 if form.endswith("I") else 2**16
    number = struct.pack(form, chance.choice((0, 1, largest // 2 - 1, largest // 2, largest - 1)))
    return data[:start] + number + data[start + len(number) :]


def _spliced(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)] + data[chance.randrange(len(data) + 1) :]


def _signature(chance: random.Random, data: bytes) -> bytes:
    other = chance.choice(_SIGNATURES)
    return other + data[len(other) :]


def _noise(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(chance.randrange(2000))


def _size(chance: random.Random, data: bytes) -> bytes:
    """A PNG that says that it is larger than it is."""
    width, height = (chance.choice((0, 1, 7000, 65535, 2**31 - 1)) for _ in range(2))
    header = struct.pack(
        ">IIBBBBB", width, height, chance.choice((1, 8, 16)), chance.choice((0, 2, 3, 6)), 0, 0, chance.choice((0, 1))
    )
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(chance.randrange(100_000)))), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
