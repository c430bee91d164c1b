"""How well garments are found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.figures import Figure
from benchmarks.quality.serving import ServedPath
from benchmarks.quality.truth import Annotated, street_truth
from seamline.data.label_file import Label
from seamline.detections import intersection_over_union
from seamline.metrics import detection_average_precision, match_boxes
from seamline.spec import CATEGORIES

Floats = NDArray[np.float32]

SECTION = "detector"


def flat_lay(path: ServedPath, photos: Path, hand: Sequence[Annotated], silhouettes: Sequence[Label]) -> list[Figure]:
    """Share of single-garment photos whose strongest served box overlaps the true one by half."""
    groups = {
        "annotated flat-lay": [(item.file, item.box) for item in hand],
        "held-out flat-lay, trusted silhouette": [(label.photo, label.box) for label in silhouettes],
    }
    figures = []
    for name, cases in groups.items():
        overlaps = _overlaps(path, photos, cases)
        figures.append(Figure.mean_of(SECTION, f"{name}: strongest box, IoU >= 0.5", overlaps >= 0.5))
        figures.append(Figure.mean_of(SECTION, f"{name}: IoU of the strongest box", overlaps))
    return figures


def street(path: ServedPath, photos: Path) -> list[Figure]:
    """Average precision on street photos that no network was trained on."""
    seen = [(path.detect(image.read_bytes()), garments) for image, garments in street_truth(photos)]
    boxes = [found[0] for found, _ in seen]
    scores = [found[1] for found, _ in seen]
    truth = [np.array([garment.box for garment in garments], np.float32) for _, garments in seen]
    any_garment = [
        _precision("street: AP50, any garment", boxes, scores, truth, 0.5),
        _precision("street: AP75, any garment", boxes, scores, truth, 0.75),
    ]
    by_category = []
    for category in CATEGORIES:
        mine = [np.array([name == category for name in found[2]], bool) for found, _ in seen]
        true = [np.array([one.category == category for one in garments], bool) for _, garments in seen]
        chosen = _only(boxes, mine), _only(scores, mine), _only(truth, true)
        by_category.append(_precision(f"street: AP50, {category}", *chosen, 0.5))
    known = [figure.value for figure in by_category if figure.count]
    mean, total = float(np.mean(known)) if known else float("nan"), sum(figure.count for figure in by_category)
    return [*any_garment, Figure(SECTION, "street: AP50, mean of categories", mean, total), *by_category]


def _only(arrays: list[Floats], flags: list[NDArray[np.bool_]]) -> list[Floats]:
    return [array[flag] for array, flag in zip(arrays, flags, strict=True)]


def _overlaps(path: ServedPath, photos: Path, cases: Iterable[tuple[str, Sequence[float]]]) -> Floats:
    """IoU of the strongest box that serving keeps, 0 where it keeps none."""
    least = path.spec.detector.score_threshold
    overlaps = []
    for file, box in cases:
        boxes, scores, _ = path.detect((photos / file).read_bytes())
        best = boxes[:1][scores[:1] >= least]
        overlaps.append(float(intersection_over_union(np.asarray(box, np.float32), best)[0]) if len(best) else 0.0)
    return np.array(overlaps, np.float32)


def _precision(name: str, boxes: list[Floats], scores: list[Floats], truth: list[Floats], overlap: float) -> Figure:
    hits = [match_boxes(found, true, overlap) for found, true in zip(boxes, truth, strict=True)]
    count = sum(len(true) for true in truth)
    flat_scores = np.concatenate(scores) if scores else np.zeros(0)
    flat_hits = np.concatenate(hits) if hits else np.zeros(0, bool)
    return Figure(SECTION, name, detection_average_precision(flat_scores, flat_hits, count), count)
