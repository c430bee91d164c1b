"""Photos as they were received, by the hash of their bytes."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from seamline.core.errors import BadOption, NotFound, Unavailable
from seamline.core.input_files import read_regular
from seamline.core.output_files import output_file

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_BYTES = 1 << 30


class PhotoFiles:
    """Files below a folder, named by hash only: no name from outside reaches a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, data: bytes) -> str:
        """Keep the bytes; the SHA-256 under which they are found. Raises Unavailable where the disk takes nothing."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        try:
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with output_file(path) as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
        except (OSError, BadOption) as error:
            raise Unavailable(
                "the desk could not save the photo; see whether its disk is full, and try again"
            ) from error
        return digest

    def read(self, sha256: str) -> bytes:
        """The bytes. Raises NotFound where there are none, or no longer those."""
        if not _SHA256.fullmatch(sha256):
            raise NotFound("there is no such photo")
        try:
            data, _ = read_regular(self._path(sha256), _MAX_BYTES)
        except OSError:
            raise NotFound("the desk does not have this photo") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotFound("the photo that the desk has kept is damaged; restore it from a backup")
        return data

    def path(self, sha256: str) -> Path:
        """Where the bytes lie. Raises NotFound for what is no hash."""
        if not _SHA256.fullmatch(sha256):
            raise NotFound("there is no such photo")
        return self._path(sha256).absolute()

    def remove(self, sha256: str) -> None:
        """Delete the bytes. Raises Unavailable where they cannot be."""
        try:
            self.path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"the desk could not delete a photo: {error.strerror}") from error

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256
