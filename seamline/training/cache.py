"""Folders that are filled once: what is in them is used again as long as it would be made in the same way."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

open_memmap: Any = np.lib.format.open_memmap
"""Arrays in files that are mapped into memory, and may be larger than it."""


def fill_once(folder: Path, key: str, fill: Callable[[], None]) -> None:
    """Fill a folder, unless it was filled to the end under the same key.

    A folder whose filling was interrupted, or that has another key, is filled anew. A second training that needs it
    meanwhile waits.
    """
    stamp = folder / "complete"
    if _says(stamp, key):
        return
    with _alone_in(folder):
        if _says(stamp, key):
            return
        stamp.unlink(missing_ok=True)
        fill()
        stamp.write_text(key)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make the folder; while this lasts, others who would fill it wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _says(stamp: Path, key: str) -> bool:
    return stamp.is_file() and stamp.read_text() == key
