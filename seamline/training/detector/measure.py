"""How good a detector is: the share of boxes found, average precision, and what it sees where there is nothing.

python -m seamline.training.detector.measure --photos FOLDER --labels develop.jsonl --model model.onnx
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from seamline.core.detections import ScoredBoxes, suppress
from seamline.core.image import Pixels, decode, letterbox
from seamline.core.spec import CATEGORIES, DetectorSpec, PhotoSpec
from seamline.training.detector.album import open_album
from seamline.training.detector.figures import (
    Floats,
    Seen,
    Truth,
    at_threshold,
    average_precision,
    best_overlaps,
    false_alarms,
)
from seamline.training.detector.photos import LabelledPhoto, annotated_photos, file_labels, street_labels
from seamline.training.detector.scenes import Mix, Scenes

Network = Callable[[Pixels], tuple[Floats, Floats]]
"""uint8 [1,256,256,3] -> boxes [1,1344,4] and scores [1,1344,13]."""

EVERYTHING = DetectorSpec(score_threshold=0.02, max_garments=100)
"""Keeps weak boxes too, as precision and recall over all thresholds need."""


def open_network(path: Path, threads: int = 1) -> Network:
    """A detector's ONNX file as a function."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(photos: Pixels) -> tuple[Floats, Floats]:
        boxes, scores = session.run(["DETECTOR_BOXES", "DETECTOR_SCORES"], {"DETECTOR_INPUT": photos})
        return boxes, scores

    return run


def detect(network: Network, rgb: Pixels, spec: DetectorSpec = EVERYTHING) -> ScoredBoxes:
    """What the network sees in a photo HxWx3, in the photo's pixels, by the path that serving takes."""
    square, fit = letterbox(rgb, spec.side, PhotoSpec().fill)
    boxes, scores = network(square[None])
    found = suppress(boxes[0], scores[0], spec)
    return dataclasses.replace(found, boxes=fit.to_photo(found.boxes))


def look_at(network: Network, photos: Iterable[LabelledPhoto]) -> list[Seen]:
    """Detect in photo files. Boxes of truth and detections are both in the photo's own pixels."""
    seen = []
    for labelled in photos:
        photo = decode(Path(labelled.path).read_bytes(), PhotoSpec().working_side)
        found = detect(network, photo.rgb)
        boxes = np.array([garment.box for garment in labelled.garments], np.float32).reshape(-1, 4)
        names = tuple(CATEGORIES[garment.label] for garment in labelled.garments)
        seen.append(Seen(Truth(boxes, names), dataclasses.replace(found, boxes=found.boxes * photo.scale)))
    return seen


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
    develop = file_labels(labels, photos)
    annotated = photos / "landmarks.json"
    lines = _single("flat-lay, trusted boxes", look_at(network, develop))
    if annotated.exists():
        lines += _single("flat-lay, boxes set by hand", look_at(network, annotated_photos(annotated, photos)))
    lines += _street(look_at(network, street_labels(photos, training=False)))
    album = open_album(develop, albums)
    several = look_at_scenes(network, Scenes(album, Mix(0, 0, 1, 1, 0)), 200, seed=10)
    lines.append(f"several garments: AP50 {average_precision(several, 0.5):.3f}, {_at_threshold(several)}")
    empty = look_at_scenes(network, Scenes(album, Mix(0, 0, 0, 0, 1)), 400, seed=11)
    alarms = ", ".join(f"{limit:.2f} {false_alarms(empty, limit):.3f}" for limit in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5))
    lines.append(f"no garment: share of {len(empty)} scenes with a box, by threshold: {alarms}")
    return lines


def _single(name: str, seen: Sequence[Seen]) -> list[str]:
    overlaps = best_overlaps(seen)
    shares = ", ".join(f">= {limit:.2f} {np.mean(overlaps >= limit):.3f}" for limit in (0.5, 0.75, 0.9))
    return [f"{name}: {len(seen)} photos, IoU {shares}, mean {overlaps.mean():.3f}, {_at_threshold(seen)}"]


def _street(seen: Sequence[Seen]) -> list[str]:
    of_categories = {name: average_precision(seen, 0.5, name) for name in CATEGORIES}
    mean = np.nanmean(list(of_categories.values()))
    figures = f"AP50 {average_precision(seen, 0.5):.3f}, AP75 {average_precision(seen, 0.75):.3f}"
    return [
        f"street: {len(seen)} photos, {figures}, mean AP50 of categories {mean:.3f}, {_at_threshold(seen)}",
        "street AP50: " + ", ".join(f"{name} {value:.2f}" for name, value in of_categories.items()),
    ]


def _at_threshold(seen: Sequence[Seen]) -> str:
    threshold = DetectorSpec.score_threshold
    precision, recall = at_threshold(seen, threshold)
    return f"at {threshold:.2f} precision {precision:.3f} recall {recall:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m seamline.training.detector.measure", description="Measure a detector."
    )
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True, help="label file of photos that were not trained on")
    parser.add_argument("--model", type=Path, required=True, help="ONNX file")
    parser.add_argument("--albums", type=Path, required=True, help="folder for decoded photos")
    chosen = parser.parse_args(arguments)
    print("\n".join(report(open_network(chosen.model), chosen.photos, chosen.labels, chosen.albums)))


if __name__ == "__main__":
    main()
