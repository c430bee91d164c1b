"""Photos on disk: found, hashed and reduced for the page."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from seamline.core.errors import BadPhoto
from seamline.core.image import Limits, Pixels, decode
from seamline.core.input_files import read_regular

SHOWN_SIDE = 800
"""Pixels of a shown photo's longer side; the hash always is that of the file itself."""

_QUALITY = 85
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


@dataclass(frozen=True)
class PhotoFile:
    """A photo as found on disk.

    `uri`: a reduced, upright JPEG as a data URI, None where there is nothing to show; `missing` then says
    why. `sha256`, `bytes` and `changed` are of the file. `bytes`, `width`, `height` (upright) are 0 and
    `changed` is empty where it is not a photo that can be decoded, `sha256` is empty where it was not read.
    """

    name: str
    uri: str | None
    missing: str
    sha256: str = ""
    bytes: int = 0
    changed: str = ""
    width: int = 0
    height: int = 0


def read_photo(path: Path) -> PhotoFile:
    """Read and reduce a photo; one that cannot be read or decoded is described, never an error.

    A record may name any file of this machine. Only a regular file of a photo's size is read, and nothing is told of
    one that is not a photo.
    """
    if _URL.match(str(path)):
        return PhotoFile(path.name, None, "it lies behind a URL, which is not fetched for this page")
    try:
        data, status = read_regular(path, Limits().max_bytes)
    except (OSError, ValueError) as error:
        return PhotoFile(path.name, None, f"the file was not read ({_reason(error)})")
    return photo_of(path.name, data, _day(status.st_mtime))


def photo_of(name: str, data: bytes, changed: str = "") -> PhotoFile:
    """Reduce a photo of these bytes; one that cannot be decoded is described, never an error."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        photo = decode(data, SHOWN_SIDE)
    except BadPhoto as error:
        return PhotoFile(name, None, str(error), digest)
    return PhotoFile(name, _data_uri(photo.rgb), "", digest, len(data), changed, photo.width, photo.height)


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "its name cannot be a file's"


def find_photo(indexed: str, item: str, folder: Path | None) -> Path:
    """Where the photo of a hit probably is: as indexed, else below `folder` by its path, its item's id or
    its name.

    Relative ids that lead out of `folder` are not followed.
    """
    path = Path(indexed)
    if folder is None or path.is_file():
        return path
    candidates = [folder / part for part in (indexed, item, path.name) if part and _stays_below(folder, folder / part)]
    return next((candidate for candidate in candidates if candidate.is_file()), path)


def read_found(indexed: str, item: str, folder: Path | None) -> bytes:
    """The bytes of the file that `find_photo` finds. Raises OSError and ValueError as `read_regular` does."""
    return read_regular(find_photo(indexed, item, folder), Limits().max_bytes)[0]


def _stays_below(folder: Path, path: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a name that cannot be a file's, a link that leads to itself
        return False


def _data_uri(rgb: Pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=_QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
