"""How well landmarks and regions are placed, against points set by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import intersection_over_union
from seamline.core.garments import Embeddings
from seamline.core.spec import LANDMARKS, REGIONS, Spec
from seamline.evaluation.figures import Figure
from seamline.evaluation.ground_truth import Annotated, regions_of
from seamline.serving.local_pipeline import LocalPipeline

Floats = NDArray[np.float32]

LANDMARKS_TITLE = "landmarks: distance / box diagonal"
REGIONS_TITLE = "region boxes: IoU on annotated photos"


def localisation(pipeline: LocalPipeline, spec: Spec, photos: Path, hand: Sequence[Annotated]) -> list[Figure]:
    """Distances of landmarks and IoU of region boxes: with the true box, then through the detector's own."""
    both = [_measured(pipeline, spec, photos, hand, own_box=own_box) for own_box in (False, True)]
    every = [figure for figures in both for figure in figures]
    return sorted(every, key=lambda figure: figure.section)


def _measured(
    pipeline: LocalPipeline, spec: Spec, photos: Path, hand: Sequence[Annotated], *, own_box: bool
) -> list[Figure]:
    how = "detector's box" if own_box else "true box"
    distances, overlaps = _Values(), _Values()
    for number, item in enumerate(hand):
        found, embeddings = pipeline.embed((photos / item.file).read_bytes(), None if own_box else item.box)
        if not len(found) or (own_box and _overlap(found.boxes[0], item.box) < 0.5):
            continue
        distances.add(number, _distances(embeddings, item, spec))
        overlaps.add(number, _region_overlaps(found.categories[0], embeddings, item, spec))
    return [*_distance_figures(how, distances), *overlaps.figures(REGIONS_TITLE, "all regions", how, REGIONS)]


def _distance_figures(how: str, distances: _Values) -> list[Figure]:
    figures = distances.figures(LANDMARKS_TITLE, "mean of points", how, LANDMARKS)
    if not figures:
        return []
    per_photo = [np.mean(distances.value[distances.photo == photo]) for photo in np.unique(distances.photo)]
    median = Figure(LANDMARKS_TITLE, "median of points", how, float(np.median(distances.value)), len(distances.value))
    return [figures[0], Figure.mean_of(LANDMARKS_TITLE, "mean of photos", how, per_photo), median, *figures[1:]]


class _Values:
    """Values by name and photo."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, str, float]] = []

    def add(self, photo: int, values: Mapping[str, float]) -> None:
        """The values of one photo."""
        self._rows += [(photo, name, value) for name, value in values.items()]

    @property
    def photo(self) -> NDArray[np.int64]:
        """Which photo each value is of."""
        return np.array([row[0] for row in self._rows], np.int64)

    @property
    def value(self) -> NDArray[np.float64]:
        """The values."""
        return np.array([row[2] for row in self._rows], np.float64)

    def figures(self, section: str, total: str, metric: str, order: Sequence[str]) -> list[Figure]:
        """The mean of all values and of each name's; nothing where there are none. Intervals are over photos."""
        if not self._rows:
            return []
        names = np.array([row[1] for row in self._rows])
        figures = [Figure.grouped_mean(section, total, metric, self.value, self.photo)]
        for name in order:
            mine = names == name
            if mine.any():
                shown = name.replace("_", " ")
                figures.append(Figure.grouped_mean(section, shown, metric, self.value[mine], self.photo[mine]))
        return figures


def _distances(garments: Embeddings, item: Annotated, spec: Spec) -> dict[str, float]:
    """Of every annotated point, however confident the network is."""
    if garments.landmarks is None:
        return {}
    found = garments.landmarks[0]
    return {
        name: float(np.hypot(*(found[spec.landmarks.index(name), :2] - point))) / item.diagonal
        for name, point in item.points.items()
        if point is not None and name in spec.landmarks
    }


def _region_overlaps(category: str, garments: Embeddings, item: Annotated, spec: Spec) -> dict[str, float]:
    """IoU of the served region boxes with those that the same rules give for the points set by hand.

    A region that only one of the two has counts as 0.
    """
    boxes, visible = regions_of(item.box, item.points, category, spec)
    overlaps = {}
    for index, name in enumerate(REGIONS):
        seen = bool(visible[index] > 0), bool(garments.part_visible[0, index] > 0)
        if all(seen):
            overlaps[name] = _overlap(garments.part_boxes[0, index], boxes[index])
        elif any(seen):
            overlaps[name] = 0.0
    return overlaps


def _overlap(first: Floats, second: Sequence[float] | Floats) -> float:
    return float(intersection_over_union(first, np.asarray(second, np.float32)[None])[0])
