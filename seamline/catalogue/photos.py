"""The bytes of photos, and the stats by which an unchanged file is known without reading it."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass

from seamline.catalogue.download import Downloader
from seamline.catalogue.items import is_url
from seamline.client.photos import LARGEST_FILE
from seamline.core.errors import BadPhoto
from seamline.core.input_files import read_regular

_SETTLED_SECONDS = 2.0
"""A file younger than this may change again without its time of change showing it."""


@dataclass(frozen=True, slots=True)
class FileStat:
    """Size in bytes and time of the last change; a time of 0 says that the content must be compared."""

    size: int
    mtime_ns: int

    @property
    def is_reliable(self) -> bool:
        """Whether an equal stat means an equal content."""
        return self.mtime_ns != 0


NO_STAT = FileStat(0, 0)
"""Of a photo that was never read."""

URL_STAT = FileStat(0, 1)
"""Of a photo behind a URL, which is taken as unchanged unless it is verified."""


class PhotoReader:
    """Reads photos from files and, with a downloader, from URLs. May be shared between threads."""

    def __init__(self, downloader: Downloader | None = None) -> None:
        self._downloader = downloader

    def stat(self, photo: str) -> FileStat:
        """The stat of a photo, at the cost of asking for the file's status. Raises BadPhoto."""
        if is_url(photo):
            self._fetching(photo)
            return URL_STAT
        try:
            found = os.stat(photo)
        except (OSError, ValueError) as error:
            raise BadPhoto(f"the photo cannot be read: {_cause(error)}") from None
        if not stat.S_ISREG(found.st_mode):
            raise BadPhoto("the photo cannot be read: it is not a file")
        is_settled = time.time() - found.st_mtime > _SETTLED_SECONDS
        return FileStat(found.st_size, found.st_mtime_ns if is_settled else 0)

    def read(self, photo: str) -> bytes:
        """The photo's bytes. Raises BadPhoto."""
        if is_url(photo):
            return self._fetching(photo).fetch(photo)
        try:
            return read_regular(photo, LARGEST_FILE)[0]
        except (OSError, ValueError) as error:
            raise BadPhoto(f"the photo cannot be read: {_cause(error)}") from None

    def digest(self, photo: str) -> str:
        """SHA-256 of the photo's bytes, as hexadecimal digits. Raises BadPhoto."""
        if is_url(photo):
            return hashlib.sha256(self.read(photo)).hexdigest()
        try:
            with open(photo, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise BadPhoto(f"the photo cannot be read: {_cause(error)}") from None

    def _fetching(self, photo: str) -> Downloader:
        """What fetches a URL. Raises BadPhoto where nothing may."""
        scheme = photo.partition(":")[0].lower()
        if scheme not in ("http", "https"):
            raise BadPhoto(f"URLs of the scheme {scheme[:20]!r} are not allowed; http and https are")
        if self._downloader is None:
            raise BadPhoto("photos from URLs are off; --allow-urls turns them on")
        return self._downloader


def _cause(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "its name cannot be a file's"
