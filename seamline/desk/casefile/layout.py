"""The files of a case file: their names, which are made here only, and how large they may be."""

from __future__ import annotations

import re

CASE, LOG, MANIFEST, STAMP = "case.json", "log.jsonl", "manifest.json", "manifest.tsr"
PAGE, PDF, NOTICE, README = "evidence.html", "evidence.pdf", "notice.txt", "README.txt"
ALWAYS = (README, CASE, PAGE, LOG, NOTICE)
"""Beside the manifest, the answers and the photos."""

MOST_FILES = 20_000
LARGEST_FILE = 256 << 20
"""Bytes of a photo or a page, which are read piece by piece."""
LARGEST_TEXT = 32 << 20
"""Bytes of a file that is read as a whole."""
LARGEST_TOTAL = 3 << 30

_KNOWN = re.compile(
    "|".join(re.escape(name) for name in (*ALWAYS, MANIFEST, STAMP, PDF))
    + r"|answers/[0-9]{3,6}\.json|photos/[0-9a-f]{64}\.(?:jpg|png|webp|avif|heic|bin)"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def is_known(name: str) -> bool:
    """Whether a case file may hold a file of this name."""
    return _KNOWN.fullmatch(name) is not None


def is_sha256(text: str) -> bool:
    """Whether the text is a hash as it is written here: 64 hexadecimal digits in lower case."""
    return _SHA256.fullmatch(text) is not None


def is_text(name: str) -> bool:
    """Whether the file is read as a whole."""
    return name in (CASE, LOG, NOTICE, MANIFEST, STAMP) or name.startswith("answers/")


def largest(name: str) -> int:
    """Bytes that a file of this name may have."""
    return LARGEST_TEXT if is_text(name) else LARGEST_FILE


def answer_name(number: int) -> str:
    """Of the server's answer about pair `number`."""
    return f"answers/{number:03d}.json"


def photo_name(sha256: str, data: bytes) -> str:
    """Of a photo, by its hash and by what its first bytes say that it is."""
    return f"photos/{sha256}.{_suffix(data)}"


def _suffix(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return _of_brands(data) if data[4:8] == b"ftyp" else "bin"


def _of_brands(data: bytes) -> str:
    """Of a file of boxes, which names its format first and those that it fits after a version of four bytes."""
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
    if brands & {b"avif", b"avis"}:
        return "avif"
    return "heic" if brands & _HEIC else "bin"
