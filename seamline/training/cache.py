"""Folders that are filled once: what is in them is used again as long as it would be made in the same way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

open_memmap: Any = np.lib.format.open_memmap
"""Arrays in files that are mapped into memory, and may be larger than it."""


def fill_once(folder: Path, key: str, fill: Callable[[], None]) -> None:
    """Fill a folder, unless it was filled to the end under the same key.

    A folder whose filling was interrupted, or that has another key, is filled anew.
    """
    stamp = folder / "complete"
    if stamp.is_file() and stamp.read_text() == key:
        return
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    fill()
    stamp.write_text(key)
