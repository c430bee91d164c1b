"""Files that a record names, whoever wrote it: read without waiting, and never more than is wanted."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path | str, at_most: int) -> tuple[bytes, os.stat_result]:
    """The bytes of a regular file and its status.

    Raises OSError, also for a device, a pipe or a folder and for a file of more than `at_most` bytes; ValueError for
    a name that cannot be a file's.
    """
    _check(os.stat(path), at_most)  # before it is opened, which alone has effects on some devices
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        _check(status, at_most)
        return _bounded(descriptor, at_most), status
    finally:
        os.close(descriptor)


def _check(status: os.stat_result, at_most: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    if status.st_size > at_most:
        raise _too_large(at_most, status.st_size)


def _bounded(descriptor: int, at_most: int) -> bytes:
    """The size says nothing about files that the kernel makes while they are read."""
    data = bytearray()
    while piece := os.read(descriptor, min(at_most + 1 - len(data), 1 << 20)):
        data += piece
        if len(data) > at_most:
            raise _too_large(at_most, len(data))
    return bytes(data)


def _too_large(at_most: int, size: int) -> OSError:
    return OSError(errno.EFBIG, f"it has {size:,} bytes or more; at most {at_most:,} are read")
