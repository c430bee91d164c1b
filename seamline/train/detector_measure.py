"""How good a detector is: the share of boxes found, average precision, and what it sees where there is nothing.

    python -m seamline.train.detector_measure --photos FOLDER --labels develop.jsonl --model model.onnx
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from seamline.detections import Detections, intersection_over_union, suppress
from seamline.image import Pixels, decode, letterbox
from seamline.spec import CATEGORIES, DetectorSpec, PhotoSpec
from seamline.train.detector_photos import LabelledPhoto, file_labels, open_album, street_labels
from seamline.train.detector_scenes import Mix, Scenes

Floats = NDArray[np.float32]
Network = Callable[[Pixels], tuple[Floats, Floats]]
"""uint8 [1,256,256,3] -> boxes [1,1344,4] and scores [1,1344,13]."""

EVERYTHING = DetectorSpec(score_threshold=0.02, max_garments=100)
"""Keeps weak boxes too, as precision and recall over all thresholds need."""


@dataclasses.dataclass(frozen=True)
class Truth:
    """The garments of one photo: boxes float32 [n,4] in its pixels and category names."""

    boxes: Floats
    categories: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Seen:
    """One photo: what is there and what was detected, strongest first, with nothing weaker than 0.02 left out."""

    truth: Truth
    found: Detections


def open_network(path: Path, threads: int = 1) -> Network:
    """A detector's ONNX file as a function."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(photos: Pixels) -> tuple[Floats, Floats]:
        boxes, scores = session.run(["DETECTOR_BOXES", "DETECTOR_SCORES"], {"DETECTOR_INPUT": photos})
        return boxes, scores

    return run


def detect(network: Network, rgb: Pixels, spec: DetectorSpec = EVERYTHING) -> Detections:
    """What the network sees in a photo HxWx3, in the photo's pixels, by the path that serving takes."""
    square, fit = letterbox(rgb, spec.side, PhotoSpec().fill)
    boxes, scores = network(square[None])
    found = suppress(boxes[0], scores[0], spec)
    return dataclasses.replace(found, boxes=fit.to_photo(found.boxes))


def look_at(network: Network, photos: Iterable[LabelledPhoto], iou_threshold: float = DetectorSpec.iou_threshold) -> list[Seen]:
    """Detect in photo files. Boxes of truth and detections are both in the photo's own pixels."""
    spec = dataclasses.replace(EVERYTHING, iou_threshold=iou_threshold)
    seen = []
    for labelled in photos:
        photo = decode(Path(labelled.path).read_bytes(), PhotoSpec().working_side)
        found = detect(network, photo.rgb, spec)
        boxes = np.array([garment.box for garment in labelled.garments], np.float32).reshape(-1, 4)
        names = tuple(CATEGORIES[garment.label] for garment in labelled.garments)
        seen.append(Seen(Truth(boxes, names), dataclasses.replace(found, boxes=found.boxes * photo.scale)))
    return seen


def annotated_photos(file: Path, photos: Path) -> list[LabelledPhoto]:
    """The photos of `landmarks.json`, whose boxes were set by hand; their one category is not known and set to 0."""
    from seamline.train.detector_photos import Garment

    entries = json.loads(file.read_text(encoding="utf-8"))
    return [LabelledPhoto(str(photos / entry["file"]), "hand", (Garment(0, tuple(entry["bbox"])),)) for entry in entries]


def best_overlaps(seen: Sequence[Seen]) -> Floats:
    """For photos of one garment: IoU of the strongest box with the true one, 0 where nothing was seen."""
    return np.array(
        [intersection_over_union(one.truth.boxes[0], one.found.boxes[:1])[0] if len(one.found) else 0.0 for one in seen], np.float32
    )


def average_precision(seen: Sequence[Seen], overlap: float, category: str | None = None) -> float:
    """Area under precision over recall, boxes matched at this IoU; of one category, or of garments whatever they are.

    NaN where the photos show no such garment.
    """
    hits, scores, count = [], [], 0
    for one in seen:
        truth = one.truth.boxes[[category in (None, name) for name in one.truth.categories]]
        mine = np.array([category in (None, name) for name in one.found.categories], bool)
        hits.append(matches(one.found.boxes[mine], truth, overlap))
        scores.append(one.found.scores[mine])
        count += len(truth)
    if count == 0:
        return float("nan")
    order = np.argsort(-np.concatenate(scores), kind="stable")
    hit = np.concatenate(hits)[order]
    right = np.cumsum(hit)
    precision = right / np.arange(1, len(hit) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((envelope * hit).sum() / count)


def matches(boxes: Floats, truth: Floats, overlap: float) -> NDArray[np.bool_]:
    """Which boxes, strongest first, match a true box that no stronger one has taken."""
    free = np.ones(len(truth), bool)
    hit = np.zeros(len(boxes), bool)
    for index, box in enumerate(boxes):
        shared = intersection_over_union(box, truth) * free if len(truth) else np.zeros(1)
        best = int(shared.argmax())
        if shared[best] >= overlap:
            free[best], hit[index] = False, True
    return hit


def at_threshold(seen: Sequence[Seen], threshold: float, overlap: float = 0.5) -> tuple[float, float]:
    """Precision and recall of the boxes with at least this score."""
    right = boxes = truths = 0
    for one in seen:
        strong = one.found.boxes[one.found.scores >= threshold]
        right += int(matches(strong, one.truth.boxes, overlap).sum())
        boxes, truths = boxes + len(strong), truths + len(one.truth.boxes)
    return right / max(1, boxes), right / max(1, truths)


def false_alarms(seen: Sequence[Seen], threshold: float) -> float:
    """Share of photos without garments in which a box has at least this score."""
    return float(np.mean([bool((one.found.scores >= threshold).any()) for one in seen]))


def look_at_scenes(network: Network, scenes: Scenes, count: int, seed: int) -> list[Seen]:
    """Detect in made-up scenes, drawn from a seed."""
    seen = []
    for index in range(count):
        scene = scenes.draw(np.random.default_rng((seed, index)))
        truth = Truth(scene.boxes, tuple(CATEGORIES[label] for label in scene.labels))
        seen.append(Seen(truth, detect(network, scene.rgb)))
    return seen


def report(network: Network, photos: Path, labels: Path, albums: Path) -> list[str]:
    """Lines of a table with all figures. `labels`: label file of flat-lay photos that were not trained on."""
    threshold = DetectorSpec.score_threshold
    lines = []
    develop = file_labels(labels, photos)
    annotated = photos / "landmarks.json"
    flat = {"trusted flat-lay": look_at(network, develop)}
    if annotated.exists():
        flat["annotated"] = look_at(network, annotated_photos(annotated, photos))
    for name, seen in flat.items():
        overlaps = best_overlaps(seen)
        lines.append(
            f"{name}: {len(seen)} photos, IoU >= .5 {np.mean(overlaps >= 0.5):.3f}, >= .75 {np.mean(overlaps >= 0.75):.3f}, "
            f"mean {overlaps.mean():.3f}, {_at(seen, threshold)}"
        )
    street = look_at(network, street_labels(photos, training=False))
    by_category = [average_precision(street, 0.5, category) for category in CATEGORIES]
    lines.append(
        f"street: {len(street)} photos, AP50 {average_precision(street, 0.5):.3f}, AP75 {average_precision(street, 0.75):.3f}, "
        f"mean AP50 of categories {np.nanmean(by_category):.3f}, {_at(street, threshold)}"
    )
    lines.append("street AP50: " + ", ".join(f"{name} {value:.2f}" for name, value in zip(CATEGORIES, by_category, strict=True)))
    album = open_album(develop, albums)
    several = look_at_scenes(network, Scenes(album, Mix(0, 0, 1, 1, 0)), 200, seed=10)
    lines.append(f"several garments: AP50 {average_precision(several, 0.5):.3f}, {_at(several, threshold)}")
    empty = look_at_scenes(network, Scenes(album, Mix(0, 0, 0, 0, 1)), 400, seed=11)
    alarms = ", ".join(f"{limit:.2f} {false_alarms(empty, limit):.3f}" for limit in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5))
    lines.append(f"no garment: share of {len(empty)} scenes with a box, by threshold: {alarms}")
    return lines


def _at(seen: Sequence[Seen], threshold: float) -> str:
    precision, recall = at_threshold(seen, threshold)
    return f"at {threshold:.2f} precision {precision:.3f} recall {recall:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m seamline.train.detector_measure", description="Measure a detector.")
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True, help="label file of photos that were not trained on")
    parser.add_argument("--model", type=Path, required=True, help="ONNX file")
    parser.add_argument("--albums", type=Path, required=True, help="folder for decoded photos")
    chosen = parser.parse_args(arguments)
    print("\n".join(report(open_network(chosen.model), chosen.photos, chosen.labels, chosen.albums)))


if __name__ == "__main__":
    main()
