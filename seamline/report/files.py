"""Photos on disk: found, hashed and reduced for the page."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from seamline.core.errors import BadPhoto
from seamline.core.image import Pixels, decode

SHOWN_SIDE = 800
"""Pixels of a shown photo's longer side; the hash always is that of the file itself."""

_QUALITY = 85


@dataclass(frozen=True)
class PhotoFile:
    """A photo as found on disk.

    `uri`: a reduced, upright JPEG as a data URI, None where there is nothing to show; `missing` then says
    why. `sha256` and `bytes` are of the file; empty and 0 without one. `width`, `height`: upright; 0 where
    it cannot be read.
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
    """Read and reduce a photo; one that cannot be read or decoded is described, never an error."""
    try:
        data, modified = path.read_bytes(), path.stat().st_mtime
    except OSError as error:
        return PhotoFile(path.name, None, f"the file cannot be read ({error.strerror or error})")
    digest, day = hashlib.sha256(data).hexdigest(), _day(modified)
    try:
        photo = decode(data, SHOWN_SIDE)
    except BadPhoto as error:
        return PhotoFile(path.name, None, str(error), digest, len(data), day)
    return PhotoFile(path.name, _data_uri(photo.rgb), "", digest, len(data), day, photo.width, photo.height)


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


def _stays_below(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _data_uri(rgb: Pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=_QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
