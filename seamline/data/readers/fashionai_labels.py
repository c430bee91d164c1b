"""FashionAI's keypoints as labels.

The set has 5 kinds of garments and no boxes: the sleeves or legs of the points tell the category, and the box is that
of the points, with a margin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from seamline.data.label_file import Label
from seamline.data.readers.bad_dataset import accepted
from seamline.data.readers.deepfashion2_layout import label_points
from seamline.data.readers.fashionai_keypoints import KeypointRow, annotation_files, row_reader, rows
from seamline.data.readers.kinds import Kind, Sleeve, category_of
from seamline.data.readers.photo_file import Box, box_inside
from seamline.data.readers.request import Request
from seamline.data.readers.sides import Point, exchanged, is_reversed
from seamline.data.top_landmarks import LONG_SLEEVE, SLEEVELESS

SOURCE = "fashionai"
POINT_TRUST = 0.95
BOX_TRUST = 0.3
"""Below what the detector's training takes: the boxes are guessed from points."""

MARGIN = 0.05
"""Of the box of the points, on every side."""

NAMES: Mapping[str, str] = {
    "center_front": "neck_bottom",
    "crotch": "crotch",
    **{
        name.format(side): ours.format(side)
        for side in ("left", "right")
        for name, ours in {
            "neckline_{}": "neck_{}",
            "shoulder_{}": "shoulder_{}",
            "armpit_{}": "armpit_{}",
            "waistline_{}": "waist_{}",
            "cuff_{}_in": "cuff_{}_inner",
            "cuff_{}_out": "cuff_{}_outer",
            "top_hem_{}": "hem_{}",
            "waistband_{}": "waistband_{}",
            "hemline_{}": "hem_{}",
            "bottom_{}_in": "leg_{}_inner",
            "bottom_{}_out": "leg_{}_outer",
        }.items()
    },
}
"""FashionAI's keypoint -> our landmark."""

_KINDS = {"blouse": Kind.TOP, "outwear": Kind.OUTWEAR, "dress": Kind.DRESS, "skirt": Kind.SKIRT}


def labels(request: Request) -> Iterator[Label]:
    """The labels of a split, row by row. Raises BadDataset as `request` wants."""
    photos = request.folder / request.split
    read = row_reader(photos)
    for file in annotation_files(request.folder, request.split):
        yield from accepted(rows(file), lambda row: to_label(read(row), request), request.report)


def to_label(row: KeypointRow, request: Request) -> Label:
    """One garment's label. Raises BadDataset where its points span no box."""
    placed = {NAMES[name]: (point.x, point.y) for name, point in row.points.items()}
    seen = {NAMES[name] for name, point in row.points.items() if point.visible}
    known = {name: point for name, point in placed.items() if request.keep_occluded or name in seen}
    if is_reversed(placed):
        placed, known = exchanged(placed), exchanged(known)
    category = category_of(_kind(row.category, placed), sleeve_of(placed))
    points, unsure = label_points(category, known)
    return Label(
        row.photo.relative_to(request.folder).as_posix(), row.width, row.height, _box(row), category, points, SOURCE,
        None, POINT_TRUST, BOX_TRUST, unsure,
    )  # fmt: skip


def sleeve_of(points: Mapping[str, Point]) -> Sleeve:
    """The sleeves' length from our landmarks, by the rule for silhouettes; none where there are no cuffs."""
    lengths = [length for side in ("left", "right") if (length := _sleeve_length(points, side)) is not None]
    if not lengths or max(lengths) < SLEEVELESS:
        return Sleeve.NONE
    return Sleeve.LONG if max(lengths) >= LONG_SLEEVE else Sleeve.SHORT


def _sleeve_length(points: Mapping[str, Point], side: str) -> float | None:
    """A sleeve's length as a share of the width at the armpits; None where a point of it is missing."""
    names = [f"cuff_{side}_outer", f"cuff_{side}_inner", f"shoulder_{side}", f"armpit_{side}"]
    if not all(name in points for name in [*names, "armpit_left", "armpit_right"]):
        return None
    outer, inner, shoulder, armpit = (np.array(points[name]) for name in names)
    width = float(np.linalg.norm(np.subtract(points["armpit_left"], points["armpit_right"])))
    return float(np.linalg.norm((outer + inner) / 2 - (shoulder + armpit) / 2)) / max(width, 1.0)


def _kind(category: str, points: Mapping[str, Point]) -> Kind:
    """Trousers whose legs are shorter than their seat are shorts."""
    if category in _KINDS:
        return _KINDS[category]
    bottoms = [point[1] for name, point in points.items() if name.startswith("leg_")]
    tops = [point[1] for name, point in points.items() if name.startswith("waistband_")]
    if not bottoms or not tops or "crotch" not in points:
        return Kind.TROUSERS
    crotch = points["crotch"][1]
    return Kind.SHORTS if max(bottoms) - crotch < crotch - min(tops) else Kind.TROUSERS


def _box(row: KeypointRow) -> Box:
    corners = np.array([(point.x, point.y) for point in row.points.values()]).reshape(-1, 2)
    if len(corners) < 2 or not (np.ptp(corners, axis=0) > 0).all():
        raise row.location.bad("the keypoints span no box")
    margin = MARGIN * np.ptp(corners, axis=0)
    low = np.maximum(corners.min(0) - margin, 0)
    high = np.minimum(corners.max(0) + margin, (row.width, row.height))
    box = float(low[0]), float(low[1]), float(high[0]), float(high[1])
    return box_inside(box, (row.width, row.height), row.location)
