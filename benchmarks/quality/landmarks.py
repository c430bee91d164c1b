"""How well landmarks and regions are placed, against points set by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.figures import Figure
from benchmarks.quality.serving import Garments, ServedPath
from benchmarks.quality.truth import Annotated, regions_of
from seamline.detections import intersection_over_union
from seamline.spec import REGIONS, Spec

Floats = NDArray[np.float32]

SECTION = "landmarks"


def placement(path: ServedPath, photos: Path, hand: Sequence[Annotated]) -> list[Figure]:
    """Mean distance / diagonal of the garment's box: with the true box, then through the detector's own."""
    figures = _measured(path, photos, hand, own_box=False)
    return figures + _measured(path, photos, hand, own_box=True)


def _measured(path: ServedPath, photos: Path, hand: Sequence[Annotated], *, own_box: bool) -> list[Figure]:
    how = "detector's box" if own_box else "true box"
    distances: dict[str, list[float]] = defaultdict(list)
    overlaps: dict[str, list[float]] = defaultdict(list)
    per_photo: list[float] = []
    for item in hand:
        garments = path.embed((photos / item.file).read_bytes(), None if own_box else item.box)
        if not len(garments) or (own_box and _overlap(garments.boxes[0], item.box) < 0.5):
            continue
        apart = _distances(garments, item, path.spec)
        for name, value in apart.items():
            distances[name].append(value)
        per_photo.append(float(np.mean(list(apart.values()))))
        for name, value in _region_overlaps(garments, item, path.spec).items():
            overlaps[name].append(value)
    every = [value for values in distances.values() for value in values]
    figures = [
        Figure.mean_of(SECTION, f"{how}: distance / diagonal, mean of points", every),
        Figure.mean_of(SECTION, f"{how}: distance / diagonal, mean of photos", per_photo),
        Figure(SECTION, f"{how}: distance / diagonal, median of points", _median(every), len(every)),
    ]
    if not own_box:
        names = [name for name in path.spec.landmarks if name in distances]
        figures += [Figure.mean_of(SECTION, f"{how}: {name}", distances[name]) for name in names]
    shared = [value for values in overlaps.values() for value in values]
    figures.append(Figure.mean_of("regions", f"{how}: IoU of region boxes", shared))
    known = [name for name in REGIONS if name in overlaps]
    return figures + [Figure.mean_of("regions", f"{how}: IoU, {name}", overlaps[name]) for name in known]


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else float("nan")


def _distances(garments: Garments, item: Annotated, spec: Spec) -> dict[str, float]:
    """Of every annotated point, however confident the network is."""
    found = garments.landmarks[0]
    return {
        name: float(np.hypot(*(found[spec.landmarks.index(name), :2] - point))) / item.diagonal
        for name, point in item.points.items()
        if point is not None and name in spec.landmarks
    }


def _region_overlaps(garments: Garments, item: Annotated, spec: Spec) -> dict[str, float]:
    """IoU of the served region boxes with those that the same rules give for the points set by hand.

    A region that only one of the two has counts as 0.
    """
    boxes, visible = regions_of(item.box, item.points, garments.categories[0], spec)
    overlaps = {}
    for index, name in enumerate(REGIONS):
        seen = bool(visible[index] > 0), bool(garments.region_visible[0, index] > 0)
        if all(seen):
            overlaps[name] = _overlap(garments.region_boxes[0, index], boxes[index])
        elif any(seen):
            overlaps[name] = 0.0
    return overlaps


def _overlap(first: Floats, second: Sequence[float] | Floats) -> float:
    return float(intersection_over_union(first, np.asarray(second, np.float32)[None])[0])
