"""How well garments are found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import intersection_over_union
from seamline.core.metrics import detection_average_precision, match_boxes
from seamline.core.spec import CATEGORIES, Spec
from seamline.data.label_file import Label
from seamline.evaluation.figures import Figure
from seamline.evaluation.ground_truth import Annotated, street_ground_truth
from seamline.serving.local_pipeline import Detector

Floats = NDArray[np.float32]

FLAT_LAY, STREET = "detector on flat-lay photos", "detector on street photos"


def flat_lay(
    detector: Detector, spec: Spec, photos: Path, hand: Sequence[Annotated], silhouettes: Sequence[Label]
) -> list[Figure]:
    """Share of single-garment photos whose strongest served box overlaps the true one by half."""
    groups = {
        "annotated flat-lay": [(item.file, item.box) for item in hand],
        "held-out flat-lay, trusted silhouette": [(label.photo, label.box) for label in silhouettes],
    }
    figures = []
    for name, cases in groups.items() if hand or silhouettes else ():
        overlaps = _overlaps(detector, spec, photos, cases)
        figures.append(Figure.mean_of(FLAT_LAY, name, "strongest box has IoU >= .5", overlaps >= 0.5))
        figures.append(Figure.mean_of(FLAT_LAY, name, "IoU", overlaps))
    return figures


def street(detector: Detector, photos: Path) -> list[Figure]:
    """Average precision on street photos that no network was trained on."""
    if not (photos / "street").is_dir():
        return []
    seen = [(detector.detect_weak(image.read_bytes()), garments) for image, garments in street_ground_truth(photos)]
    boxes = [found.boxes for found, _ in seen]
    scores = [found.scores for found, _ in seen]
    truth = [np.array([garment.box for garment in garments], np.float32) for _, garments in seen]
    any_garment = [_precision("any garment", f"AP{share}", boxes, scores, truth, share / 100) for share in (50, 75)]
    by_category = []
    for category in CATEGORIES:
        mine = [np.array([name == category for name in found.categories], bool) for found, _ in seen]
        true = [np.array([one.category == category for one in garments], bool) for _, garments in seen]
        chosen = _only(boxes, mine), _only(scores, mine), _only(truth, true)
        by_category.append(_precision(category, "AP50", *chosen, 0.5))
    known = [figure.value for figure in by_category if figure.count]
    mean, total = float(np.mean(known)) if known else float("nan"), sum(figure.count for figure in by_category)
    return [*any_garment, Figure(STREET, "mean of categories", "AP50", mean, total), *by_category]


def _only(arrays: list[Floats], flags: list[NDArray[np.bool_]]) -> list[Floats]:
    return [array[flag] for array, flag in zip(arrays, flags, strict=True)]


def _overlaps(detector: Detector, spec: Spec, photos: Path, cases: Iterable[tuple[str, Sequence[float]]]) -> Floats:
    """IoU of the strongest box that serving keeps, 0 where it keeps none."""
    least = spec.detector.score_threshold
    overlaps = []
    for file, box in cases:
        found = detector.detect_weak((photos / file).read_bytes())
        best = found.boxes[:1][found.scores[:1] >= least]
        overlaps.append(float(intersection_over_union(np.asarray(box, np.float32), best)[0]) if len(best) else 0.0)
    return np.array(overlaps, np.float32)


def _precision(
    name: str, metric: str, boxes: list[Floats], scores: list[Floats], truth: list[Floats], overlap: float
) -> Figure:
    hits = [match_boxes(found, true, overlap) for found, true in zip(boxes, truth, strict=True)]
    count = sum(len(true) for true in truth)
    flat_scores = np.concatenate(scores) if scores else np.zeros(0)
    flat_hits = np.concatenate(hits) if hits else np.zeros(0, bool)
    return Figure(STREET, name, metric, detection_average_precision(flat_scores, flat_hits, count), count)
