"""Contact sheets: a photo on the left and second photos of it beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from seamline.core.image import Pixels

_TILE, _GAP, _PAPER = 190, 6, (250, 250, 250)


def contact_sheet(rows: Sequence[Sequence[Pixels]]) -> Pixels:
    """A sheet (H, W, 3) of pictures in rows, each in the middle of its square."""
    step = _TILE + _GAP
    sheet = Image.new("RGB", (max(map(len, rows)) * step, len(rows) * step), _PAPER)
    for line, pictures in enumerate(rows):
        for place, picture in enumerate(pictures):
            tile = Image.fromarray(picture)
            tile.thumbnail((_TILE, _TILE), Image.Resampling.LANCZOS)
            left, top = ((step - side) // 2 for side in tile.size)
            sheet.paste(tile, (place * step + left, line * step + top))
    return np.asarray(sheet, np.uint8)
