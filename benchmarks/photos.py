"""The photos that benchmarks send."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from seamline.catalogue import photos_below

_TILE, _SIDE = 224, 4


def chosen_photos(folder: Path, number: int, seed: int) -> list[bytes]:
    """The files of `number` photos of a folder, chosen at random; all for a folder of fewer."""
    photos = sorted(photos_below(folder))
    order = np.random.default_rng(seed).permutation(len(photos))
    return [photos[place].read_bytes() for place in order[:number]]


def collage(photos: Sequence[bytes]) -> bytes:
    """Sixteen photos side by side, as one JPEG; fewer are repeated."""
    sheet = Image.new("RGB", (_SIDE * _TILE, _SIDE * _TILE))
    for number in range(_SIDE**2):
        tile = Image.open(io.BytesIO(photos[number % len(photos)])).convert("RGB").resize((_TILE, _TILE))
        sheet.paste(tile, (number % _SIDE * _TILE, number // _SIDE * _TILE))
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=92)
    return file.getvalue()
