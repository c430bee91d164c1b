"""Photos as the caller has them, bytes or a path, and the one that health checks send."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from seamline.core.errors import BadPhoto

Photo = bytes | str | os.PathLike[str]

LARGEST_FILE = 64_000_000
"""Bytes of a file that is still read to be sent; servers accept less by default."""

CANARY = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAUUlEQVR42u3PMQ0AMAgAMJhaBHAifio4SFoHzemKy14cJyAgICAg"
    "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgILDvAxgnAdihusdiAAAAAElFTkSuQmCC"
)
"""The photo that health checks send, a PNG file: 64 x 64 pixels of plain grey, which show no garment."""


def photo_bytes(photo: Photo) -> bytes:
    """The file's bytes. Raises BadPhoto when there is no such file or it is far too large to be a photo."""
    if isinstance(photo, bytes):
        return photo
    path = Path(photo)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadPhoto(f"{path} has {path.stat().st_size:,} bytes; at most {LARGEST_FILE:,} are sent")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadPhoto(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise BadPhoto(f"{str(path)!r} cannot be a file's name") from None
    if len(data) > LARGEST_FILE:  # the size says nothing of pipes and devices
        raise BadPhoto(f"{path} goes on after {LARGEST_FILE:,} bytes, which are the most that are sent")
    return data
