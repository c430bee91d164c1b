"""Photos with a known number of garments: one each, or several photos of one garment side by side."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from seamline.serving.local_pipeline import ServedPath

SIDE = 480


def with_garments(path: ServedPath, photos: Sequence[Path], garments: int, wanted: int) -> list[bytes]:
    """At most `wanted` pictures in which exactly `garments` garments are found, made of `photos` in their order."""
    found = []
    for first in range(0, len(photos) - garments + 1, garments):
        picture = side_by_side(photos[first : first + garments])
        if len(path.embed(picture)) == garments:
            found.append(picture)
        if len(found) == wanted:
            break
    return found


def side_by_side(photos: Sequence[Path]) -> bytes:
    """One JPEG with the photos in a grid of squares; a lone one as it is."""
    if len(photos) == 1:
        return photos[0].read_bytes()
    columns = math.ceil(math.sqrt(len(photos)))
    rows = math.ceil(len(photos) / columns)
    sheet = Image.new("RGB", (columns * SIDE, rows * SIDE), (255, 255, 255))
    for image, corner in zip(_squares(photos), _corners(columns), strict=False):
        sheet.paste(image, corner)
    file = io.BytesIO()
    sheet.save(file, format="JPEG", quality=92)
    return file.getvalue()


def _squares(photos: Sequence[Path]) -> Iterator[Image.Image]:
    for photo in photos:
        with Image.open(photo) as image:
            yield image.convert("RGB").resize((SIDE, SIDE))


def _corners(columns: int) -> Iterator[tuple[int, int]]:
    for index in range(columns * columns):
        yield index % columns * SIDE, index // columns * SIDE
