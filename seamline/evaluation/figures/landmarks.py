"""How well landmarks and regions are placed, against points set by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import intersection_over_union
from seamline.core.garments import Embeddings
from seamline.core.spec import LANDMARKS, Spec
from seamline.data.copies import COPY_PARTS
from seamline.evaluation.copies import places_of_copy_parts
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.photos import ANNOTATED, GIVEN, Annotated
from seamline.evaluation.report import Cases, Figure, Measured
from seamline.systems import system_named

Floats = NDArray[np.float32]

LANDMARKS_TITLE = "landmarks: distance / box diagonal"
REGIONS_TITLE = "region boxes: IoU on annotated photos"


def of_landmarks(
    hand: Sequence[Annotated],
    detections: Mapping[str, DetectedPhotos],
    embeddings: Mapping[str, Embeddings],
    spec: Spec,
) -> list[Measured]:
    """Distances of landmarks and IoU of region boxes: of garments whose true box was given, then through the
    detector's own."""
    every = [
        one
        for name in (GIVEN, ANNOTATED)
        for one in _of_boxes(hand, detections[name], embeddings[name], spec, own_box=name == ANNOTATED)
    ]
    return sorted(every, key=lambda one: one.section)


def _of_boxes(
    hand: Sequence[Annotated], found: DetectedPhotos, embeddings: Embeddings, spec: Spec, *, own_box: bool
) -> list[Measured]:
    how = "detector's box" if own_box else "true box"
    distances, overlaps = _Values(), _Values()
    for number, item in enumerate(hand):
        rows = found.rows(number)
        row = rows.start
        if row == rows.stop or (own_box and _overlap(found.garments.boxes[row], item.box) < 0.5):
            continue
        distances.add(number, _distances(embeddings, row, item, spec))
        overlaps.add(number, _part_overlaps(found.garments.categories[row], embeddings, row, item, spec))
    return [*_distance_cases(how, distances), *overlaps.cases(REGIONS_TITLE, "all regions", how, COPY_PARTS)]


def _distance_cases(how: str, distances: _Values) -> list[Measured]:
    cases = distances.cases(LANDMARKS_TITLE, "mean of points", how, LANDMARKS)
    if not cases:
        return []
    per_photo = [np.mean(distances.value[distances.photo == photo]) for photo in np.unique(distances.photo)]
    median = Figure(LANDMARKS_TITLE, "median of points", how, float(np.median(distances.value)), len(distances.value))
    return [cases[0], Cases(LANDMARKS_TITLE, "mean of photos", how, per_photo), median, *cases[1:]]


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

    def cases(self, section: str, total: str, metric: str, order: Sequence[str]) -> list[Cases]:
        """All values, and each name's, photo by photo; nothing where there are none."""
        if not self._rows:
            return []
        names = np.array([row[1] for row in self._rows])
        cases = [Cases(section, total, metric, self.value, self.photo)]
        for name in order:
            mine = names == name
            if mine.any():
                shown = name.replace("_", " ")
                cases.append(Cases(section, shown, metric, self.value[mine], self.photo[mine]))
        return cases


def _distances(garments: Embeddings, row: int, item: Annotated, spec: Spec) -> dict[str, float]:
    """Of every annotated point, however confident the network is."""
    if garments.landmarks is None:
        return {}
    found = garments.landmarks[row]
    return {
        name: float(np.hypot(*(found[spec.landmarks.index(name), :2] - point))) / item.diagonal
        for name, point in item.points.items()
        if point is not None and name in spec.landmarks
    }


def _part_overlaps(category: str, garments: Embeddings, row: int, item: Annotated, spec: Spec) -> dict[str, float]:
    """IoU of the served part boxes with those that the same rules give for the points set by hand.

    A part that only one of the two has counts as 0; nothing for a system whose parts have no place.
    """
    true_part_boxes = system_named(spec.system).true_part_boxes
    if true_part_boxes is None:
        return {}
    boxes, visible = true_part_boxes(np.asarray(item.box, np.float32), _known(item, spec), category, spec)
    overlaps = {}
    for name, index in zip(COPY_PARTS, places_of_copy_parts(spec), strict=True):
        seen = bool(visible[index] > 0), bool(garments.part_visible[row, index] > 0)
        if all(seen):
            overlaps[name] = _overlap(garments.part_boxes[row, index], boxes[index])
        elif any(seen):
            overlaps[name] = 0.0
    return overlaps


def _known(item: Annotated, spec: Spec) -> Floats:
    """The points set by hand (K, 3) as landmarks, with confidence 0 where there is none."""
    known = np.zeros((len(spec.landmarks), 3), np.float32)
    for name, point in item.points.items():
        if point is not None and name in spec.landmarks:
            known[spec.landmarks.index(name)] = point[0], point[1], 1.0
    return known


def _overlap(first: Floats, second: Sequence[float] | Floats) -> float:
    return float(intersection_over_union(first, np.asarray(second, np.float32)[None])[0])
