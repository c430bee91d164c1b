"""Two garments as a sheet: rows of bars and pictures with the same number and colour for regions that were
compared. Rows are numbered and named by the left garment's regions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seamline.client.comparing import kept_marks
from seamline.client.names import paired_names, region_names
from seamline.client.results import Box, Floats, GarmentPair, Hit
from seamline.core.spec import MIRRORED
from seamline.report.drawing import shapes
from seamline.report.files import PhotoFile
from seamline.report.model import Fact, Mark, Picture, RegionRow, Shape, Sheet
from seamline.report.words import COLOURS, GARMENT_COLOUR, MIRRORED_REMARK, listed, percent, score_text


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


def sheet(
    heading: str,
    sides: tuple[Side, Side],
    pair: Hit | GarmentPair,
    kept_above: Sequence[float],
    facts: tuple[Fact, ...] = (),
) -> Sheet:
    """The sheet of a pair; the first side is the query."""
    left, right = sides
    rows = region_rows(pair, kept_above, (left.category, right.category))
    return Sheet(
        heading,
        picture(left, rows),
        picture(right, rows, crossed=pair.mirrored),
        (
            Fact("Score", score_text(pair.score)),
            Fact("Copy probability", percent(pair.copy_probability)),
            Fact("Reading", "mirrored" if pair.mirrored else "straight"),
            Fact("Category", "; ".join(dict.fromkeys((left.category, right.category)))),
        ),
        rows,
        facts,
        (MIRRORED_REMARK,) * pair.mirrored,
    )


def region_rows(
    pair: Hit | GarmentPair, kept_above: Sequence[float], categories: tuple[str, str]
) -> tuple[RegionRow, ...]:
    """One row a region of the first garment; its note names the other's region where that is called otherwise."""
    names = paired_names(*categories, mirrored=pair.mirrored)
    similarity, marks = pair.region_similarity, kept_marks(pair.region_similarity, kept_above)
    return tuple(
        RegionRow(
            number + 1,
            own,
            "" if own == other else f"right photo: {other}",
            COLOURS[number],
            None if math.isnan(similarity[number]) else float(similarity[number]),
            kept_above[number],
            _mark(marks[number]),
        )
        for number, (own, other) in enumerate(names)
    )


def _mark(kept: bool | None) -> Mark:
    return "absent" if kept is None else "kept" if kept else "changed"


def picture(side: Side, rows: Sequence[RegionRow], *, crossed: bool = False) -> Picture:
    """The photo of one side. `crossed`: it is the other garment of a mirrored reading."""
    order = MIRRORED if crossed else tuple(range(len(rows)))
    regions = [(_box(side.region_boxes[order[n]]), _text(row), row.colour, row.mark) for n, row in enumerate(rows)]
    drawn = shapes([region for region in regions if _drawable(region[0])], side.size)
    return Picture(
        side.heading,
        _alt(side, rows, order),
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


def _alt(side: Side, rows: Sequence[RegionRow], order: Sequence[int]) -> str:
    """In the words for this garment; the numbers are the rows'."""
    names = region_names(side.category)
    kept, changed = (
        listed([f"{row.number} ({names[order[row.number - 1]]})" for row in rows if row.mark == mark])
        for mark in ("kept", "changed")
    )
    what = f"{side.heading}: {side.category} in the photo {side.file.name}"
    return f"{what}. Regions kept: {kept}. Regions changed: {changed}."


def kept_sentence(rows: Sequence[RegionRow]) -> str:
    """Which regions are at or above their threshold, and which are not, in words."""
    groups = (("kept", "kept"), ("changed", "changed"), ("absent", "not comparable"))
    parts = [f"{word}: {listed([row.name for row in rows if row.mark == mark])}" for mark, word in groups]
    return "; ".join(part for part in parts if not part.endswith(": none")) or "no region is comparable"
