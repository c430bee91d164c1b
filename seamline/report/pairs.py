"""Two garments as a sheet: rows of bars and pictures with the same number and colour for parts that were
compared. Rows are numbered and named by the left garment's parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seamline.client.comparing import kept_marks, paired_labels
from seamline.client.results import Box, Floats, GarmentPair, Hit, Versions
from seamline.core.box_corners import box_corners
from seamline.core.parts import Parts
from seamline.ranking.partial import Partial, copy_odds
from seamline.report.drawing import corners_of, shapes
from seamline.report.files import PhotoFile
from seamline.report.model import Fact, Mark, PartRow, Picture, Shape, Sheet
from seamline.report.words import GARMENT_COLOUR, MIRRORED_REMARK, WHOLE_REMARK, colour, listed, percent, score_text

_LIKELY = 0.5
"""Copy probability from which a remark says what it rests on."""


@dataclass(frozen=True)
class Side:
    """One garment of a pair: its photo on disk, the photo's upright size when it was read, its box, and the corners
    (P, 4, 2) of its parts' boxes, NaN where a part has no place."""

    heading: str
    file: PhotoFile
    size: tuple[int, int]
    category: str
    box: Box
    part_corners: Floats
    alert: str = ""


def sheet(
    heading: str,
    sides: tuple[Side, Side],
    pair: Hit | GarmentPair,
    versions: Versions,
    facts: tuple[Fact, ...] = (),
) -> Sheet:
    """The sheet of a pair; the first side is the query."""
    left, right = sides
    rows = part_rows(pair, versions, (left.category, right.category))
    return Sheet(
        heading,
        picture(left, rows, versions.parts),
        picture(right, rows, versions.parts, flipped=pair.mirrored),
        (
            Fact("Score", score_text(pair.score)),
            Fact("Copy probability", percent(pair.copy_probability)),
            Fact("Compared", "mirrored" if pair.mirrored else "straight"),
            Fact("Category", "; ".join(dict.fromkeys((left.category, right.category)))),
        ),
        rows,
        facts,
        (*(MIRRORED_REMARK,) * pair.mirrored, *(WHOLE_REMARK,) * _rests_on_whole(pair, versions)),
    )


def _rests_on_whole(pair: Hit | GarmentPair, versions: Versions) -> bool:
    """Whether a likely copy is one by the garments as a whole more than by their regions."""
    likely = pair.copy_probability is not None and pair.copy_probability >= _LIKELY
    if not likely or not versions.parts.whole or versions.rankings[0] != Partial.name:
        return False
    regions, whole = copy_odds(pair.part_similarity, versions.parts, versions.scoring)
    return bool(whole > regions)


def part_rows(pair: Hit | GarmentPair, versions: Versions, categories: tuple[str, str]) -> tuple[PartRow, ...]:
    """One row a part of the first garment; its note names the other's part where that is called otherwise."""
    names = paired_labels(versions.parts, *categories, mirrored=pair.mirrored)
    similarity = pair.part_similarity
    thresholds = versions.kept_thresholds(similarity)
    marks = kept_marks(similarity, thresholds)
    return tuple(
        PartRow(
            number + 1,
            own,
            "" if own == other else f"right photo: {other}",
            colour(number),
            None if math.isnan(similarity[number]) else float(similarity[number]),
            float(thresholds[number]),
            _mark(marks[number]),
        )
        for number, (own, other) in enumerate(names)
    )


def _mark(kept: bool | None) -> Mark:
    return "absent" if kept is None else "kept" if kept else "changed"


def picture(side: Side, rows: Sequence[PartRow], parts: Parts, *, flipped: bool = False) -> Picture:
    """The photo of one side. `flipped`: it is the other garment of a mirrored comparison."""
    order = parts.mirror if flipped else tuple(range(len(rows)))
    places = [(side.part_corners[order[n]], row) for n, row in enumerate(rows)]
    drawn = shapes(
        [(corners_of(place), _text(row), row.colour, row.mark) for place, row in places if _drawable(place)], side.size
    )
    return Picture(
        side.heading,
        _alt(side, rows, parts, order),
        *side.size,
        side.file.uri if _same_size(side) else None,
        side.file.missing
        or ("" if _same_size(side) else "the file on disk now has another size than when it was indexed"),
        side.alert,
        (*_outline(side), *drawn),
    )


def _text(row: PartRow) -> str:
    return f"{row.number}\u2260" if row.mark == "changed" else str(row.number)


def _same_size(side: Side) -> bool:
    return side.file.uri is not None and (side.file.width, side.file.height) == side.size


def _outline(side: Side) -> tuple[Shape, ...]:
    return (Shape(corners_of(box_corners(side.box)), (0.0, 0.0, 0.0, 0.0), "", GARMENT_COLOUR, "kept"),)


def _drawable(corners: Floats) -> bool:
    """Whether a box has a place, a width and a height, however it is turned."""
    first, second, _, fourth = corners
    return bool(np.isfinite(corners).all() and (second - first).any() and (fourth - first).any())


def _alt(side: Side, rows: Sequence[PartRow], parts: Parts, order: Sequence[int]) -> str:
    """In the words for this garment; the numbers are the rows'."""
    names = parts.labels_for(side.category)
    kept, changed = (
        listed([f"{row.number} ({names[order[row.number - 1]]})" for row in rows if row.mark == mark])
        for mark in ("kept", "changed")
    )
    what = f"{side.heading}: {side.category} in the photo {side.file.name}"
    return f"{what}. Parts kept: {kept}. Parts changed: {changed}."


def kept_sentence(rows: Sequence[PartRow]) -> str:
    """Which parts are at or above their threshold, and which are not, in words."""
    groups = (("kept", "kept"), ("changed", "changed"), ("absent", "not comparable"))
    parts = [f"{word}: {listed([row.name for row in rows if row.mark == mark])}" for mark, word in groups]
    return "; ".join(part for part in parts if not part.endswith(": none")) or "no part is comparable"
