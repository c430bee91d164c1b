"""What is computed once and read again: arrays in files that are named after everything they depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.generic]]


def key_of(*parts: object) -> str:
    """A short name for what these parts say; equal parts give equal names."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:16]


def stored(folder: Path, name: str, make: Callable[[], Arrays]) -> Arrays:
    """The arrays of `folder/name.npz`, made first where there is no such file."""
    file = folder / f"{name}.npz"
    if not file.is_file():
        arrays = make()
        folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"part-{file.name}")
        np.savez(partial, **dict(arrays))
        partial.replace(file)
    with np.load(file) as arrays:
        return {key: arrays[key] for key in arrays.files}
