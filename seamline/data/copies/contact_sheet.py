"""Contact sheets: an original on the left and its copies beside it, the redesigned regions named under each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from seamline.core.image import Pixels
from seamline.data.copies.sample import Copy, GarmentSample
from seamline.systems.psnet.spec import REGIONS

TILE = (150, 196)
"""Width and height in pixels of a photo on a sheet."""

_CAPTION = 26
_PAPER, _INK, _CHANGED = (250, 250, 250), (40, 40, 40), (180, 30, 30)

Row = tuple[GarmentSample, Sequence[Copy]]


def contact_sheet(rows: Sequence[Row]) -> Pixels:
    """A sheet (H, W, 3) with one row for each original."""
    columns = 1 + max(len(copies) for _, copies in rows)
    step = TILE[0] + 8, TILE[1] + _CAPTION
    sheet = Image.new("RGB", (columns * step[0], len(rows) * step[1]), _PAPER)
    for line, (original, copies) in enumerate(rows):
        _put(sheet, original.rgb, (0, line * step[1]), original.category, "")
        for place, copy in enumerate(copies, start=1):
            _put(sheet, copy.sample.rgb, (place * step[0], line * step[1]), _regions(copy), _conditions(copy))
    return np.asarray(sheet, np.uint8)


def save_sheet(sheet: Pixels, path: Path) -> None:
    """Write a sheet as a PNG of 256 colours, which is a third as large."""
    Image.fromarray(sheet).quantize(256).save(path, "PNG", optimize=True)


def _put(sheet: Image.Image, rgb: Pixels, corner: tuple[int, int], first: str, second: str) -> None:
    photo = Image.fromarray(rgb)
    photo.thumbnail(TILE, Image.Resampling.LANCZOS)
    left = corner[0] + (TILE[0] - photo.width) // 2 + 4
    sheet.paste(photo, (left, corner[1] + (TILE[1] - photo.height) // 2))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(10)
    pen.text((corner[0] + 6, corner[1] + TILE[1]), first, fill=_CHANGED if second else _INK, font=font)
    pen.text((corner[0] + 6, corner[1] + TILE[1] + 11), second, fill=_INK, font=font)


def _regions(copy: Copy) -> str:
    names = [REGIONS[region].replace("_", " ") for region in copy.redesigned]
    return " + ".join(names) or "nothing redesigned"


def _conditions(copy: Copy) -> str:
    return ", ".join([*copy.edits, *(["mirrored"] if copy.mirrored else [])])[:34] or "-"
