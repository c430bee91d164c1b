"""What a photo's bytes are before anything is decoded: what decoding will take, and what a decoder need not see.

Decoders are bounded by what a file says of itself: the buffers of a progressive JPEG, its number of scans times its
pixels. A PNG loses its texts and its animation, however large or broken they are.
"""

from __future__ import annotations

import dataclasses
import re
import struct
import zlib

from seamline.core.errors import BadPhoto

_PNG = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"eXIf", b"sRGB", b"gAMA", b"cHRM", b"pHYs"})
_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_LARGEST_EXTRA = 1_000_000
"""Bytes of a chunk beside the pixels, and of what an iCCP unpacks to."""

_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_ALONE = frozenset({0x01, 0xD8})
_SOS, _EOI = 0xDA, 0xD9

MOST_SCANS = 100
"""Scans of a JPEG: encoders make ten, optimisers some dozens."""

_MOST_WORK = 1_500_000_000
"""Scans times pixels: some ten seconds of one processor."""

_MOST_COEFFICIENTS = 450_000_000
"""Bytes that a JPEG of several scans is held in while it is decoded."""


@dataclasses.dataclass(frozen=True)
class PhotoFile:
    """A file as a decoder gets it. `truncated`: a JPEG that ends before its end, which was given one."""

    data: bytes
    truncated: bool = False


def prepared(data: bytes) -> PhotoFile:
    """The file without what it need not be decoded with. Raises BadPhoto for one that would take too much."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(_PNG):
        return PhotoFile(_without_extras(data))
    return PhotoFile(data)


@dataclasses.dataclass
class _Jpeg:
    """What the markers say: pixels, bytes of all coefficients, whether they come in several scans, and how many."""

    pixels: int = 0
    coefficients: int = 0
    progressive: bool = False
    scans: int = 0


def _jpeg(data: bytes) -> PhotoFile:
    """Thumbnails lie in segments, whose lengths are believed; entropy-coded bytes hold no marker but restarts."""
    told, at = _Jpeg(), 0
    while (found := _MARKER.search(data, at)) is not None:
        marker, at = found[0][-1], found.end()
        if marker == _EOI:
            _check(told)
            return PhotoFile(data)
        if marker in _ALONE:
            continue
        body = data[at + 2 : at + max(2, int.from_bytes(data[at : at + 2], "big"))]
        if marker in _SOF and len(body) >= 6:
            _note_frame(told, marker, body)
        if marker == _SOS:
            told.scans += 1
            if told.scans > MOST_SCANS:
                break
        at += 2 + len(body)
    _check(told)
    return PhotoFile(data + bytes((0xFF, _EOI)), truncated=True)


def _note_frame(told: _Jpeg, marker: int, body: bytes) -> None:
    height, width, components = *struct.unpack(">HH", body[1:5]), body[5]
    sampling = [(body[at] >> 4, body[at] & 15) for at in range(7, min(len(body), 6 + 3 * components), 3)]
    across, down = (max((each[axis] for each in sampling), default=1) or 1 for axis in range(2))
    told.pixels = width * height
    told.progressive = marker in _PROGRESSIVE
    told.coefficients = sum(2 * told.pixels * x * y // (across * down) for x, y in sampling)


def _check(told: _Jpeg) -> None:
    if told.scans > MOST_SCANS or told.scans * told.pixels > _MOST_WORK:
        raise BadPhoto(f"the JPEG has {told.scans} scans or more, too many for its size; save it as a baseline JPEG")
    if (told.progressive or told.scans > 1) and told.coefficients > _MOST_COEFFICIENTS:
        raise BadPhoto("the JPEG is too large to be a progressive one; save it as a baseline JPEG, or make it smaller")


def _without_extras(data: bytes) -> bytes:
    """A PNG without chunks that tell nothing of its pixels, and without broken ones that it can do without."""
    kept, at, changed = [_PNG], len(_PNG), False
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        name, body = data[at + 4 : at + 8], data[at + 8 : min(end, len(data)) - 4]
        if name in _CRITICAL or (name in _KEPT and end <= len(data) and _is_sound(name, body, data[end - 4 : end])):
            kept.append(data[at:end])
        else:
            changed = True
        at = end
        if name == b"IEND":
            break
    return b"".join(kept) if changed else data


def _is_sound(name: bytes, body: bytes, check: bytes) -> bool:
    if len(body) > _LARGEST_EXTRA or zlib.crc32(name + body) != int.from_bytes(check, "big"):
        return False
    return name != b"iCCP" or _unpacks(body)


def _unpacks(body: bytes) -> bool:
    """Whether a profile (its name, 0, a method, and what is deflated) is there, and not larger than profiles are."""
    start = body.find(b"\0", 0, 80)
    try:
        unpacking = zlib.decompressobj()
        unpacking.decompress(body[start + 2 :], _LARGEST_EXTRA)
    except zlib.error:
        return False
    return start > 0 and unpacking.eof
