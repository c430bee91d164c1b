"""Two garments as a sheet: rows of bars and pictures with the same number and colour for regions that were
compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seamline.client.comparing import kept_marks
from seamline.client.results import Box, Floats
from seamline.report.drawing import shapes
from seamline.report.files import PhotoFile
from seamline.report.model import Mark, Picture, RegionRow, Shape
from seamline.report.words import COLOURS, GARMENT_COLOUR, listed, pair_name, region_names
from seamline.spec import MIRRORED


@dataclass(frozen=True)
class Side:
    """One garment of a pair: its photo on disk, the photo's upright size when it was read, and its boxes."""

    heading: str
    file: PhotoFile
    size: tuple[int, int]
    category: str
    box: Box
    region_boxes: Floats
    alert: str = ""


def region_rows(
    similarity: Floats, kept_above: Sequence[float], categories: tuple[str, str], *, mirrored: bool
) -> tuple[RegionRow, ...]:
    """One row a region. `similarity` is in the order of the second garment's regions."""
    marks = [_mark(kept) for kept in kept_marks(similarity, kept_above)]
    return tuple(
        RegionRow(
            number + 1,
            pair_name(number, *categories),
            _counterpart(number, categories[0], mirrored),
            COLOURS[number],
            None if math.isnan(similarity[number]) else float(similarity[number]),
            kept_above[number],
            mark,
        )
        for number, mark in enumerate(marks)
    )


def _mark(kept: bool | None) -> Mark:
    return "absent" if kept is None else "kept" if kept else "changed"


def _counterpart(number: int, category: str, mirrored: bool) -> str:
    if not mirrored or MIRRORED[number] == number:
        return ""
    return f"left photo: {region_names(category)[MIRRORED[number]]}"


def picture(side: Side, rows: Sequence[RegionRow], *, crossed: bool) -> Picture:
    """The photo of one side. `crossed`: it is the first garment of a mirrored reading."""
    order = MIRRORED if crossed else range(len(rows))
    regions = [(_box(side.region_boxes[order[n]]), _text(row), row.colour, row.mark) for n, row in enumerate(rows)]
    drawn = shapes([region for region in regions if _drawable(region[0])], side.size)
    return Picture(
        side.heading,
        _alt(side, rows),
        *side.size,
        side.file.uri if _same_size(side) else None,
        side.file.missing
        or ("" if _same_size(side) else "the file on disk now has another size than when it was indexed"),
        side.alert,
        (*_outline(side), *drawn),
    )


def _text(row: RegionRow) -> str:
    return f"{row.number}\u2260" if row.mark == "changed" else str(row.number)


def _same_size(side: Side) -> bool:
    return side.file.uri is not None and (side.file.width, side.file.height) == side.size


def _outline(side: Side) -> tuple[Shape, ...]:
    return (Shape(side.box, (0.0, 0.0, 0.0, 0.0), "", GARMENT_COLOUR, "kept"),)


def _drawable(box: Box) -> bool:
    return all(math.isfinite(edge) for edge in box) and box[2] > box[0] and box[3] > box[1]


def _box(values: Floats) -> Box:
    x0, y0, x1, y1 = (float(value) for value in values)
    return x0, y0, x1, y1


def _alt(side: Side, rows: Sequence[RegionRow]) -> str:
    changed = listed([f"{row.number} ({row.name})" for row in rows if row.mark == "changed"])
    kept = listed([f"{row.number} ({row.name})" for row in rows if row.mark == "kept"])
    what = f"{side.heading}: {side.category} in the photo {side.file.name}"
    return f"{what}. Regions kept: {kept}. Regions changed: {changed}."


def kept_sentence(rows: Sequence[RegionRow]) -> str:
    """Which regions are at or above their threshold, and which are not, in words."""
    groups = (("kept", "kept"), ("changed", "changed"), ("absent", "not comparable"))
    parts = [f"{word}: {listed([row.name for row in rows if row.mark == mark])}" for mark, word in groups]
    return "; ".join(part for part in parts if not part.endswith(": none")) or "no region is comparable"
