"""The served path in this process: the very steps and ONNX files of a model repository, without Triton."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from seamline.evaluation.weights import Weights
from seamline.serving.crop import Crop
from seamline.serving.decode import Decode
from seamline.serving.step import Array, Setting, texts
from seamline.systems.psnet.region_pool import RegionPool, head_inputs

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_WEAKEST, _MOST = 0.02, 100
"""Score and number of the detections kept where precision and recall over all thresholds are wanted."""


@dataclasses.dataclass(frozen=True)
class Found:
    """The n garments of one photo, strongest first.

    boxes (n, 4) and squares (n, 4) in the photo's pixels, scores (n,), categories, crops (n, side, side, 3).
    """

    boxes: Floats
    squares: Floats
    scores: Floats
    categories: tuple[str, ...]
    crops: Pixels

    def __len__(self) -> int:
        return len(self.boxes)


@dataclasses.dataclass(frozen=True)
class Described:
    """n crops after the encoder and the head.

    features (n, C, H, W); landmarks (n, K, 3), region_boxes (n, 5, 4) in the photo's pixels; region_visible (n, 5);
    embedding (n, 5, D).
    """

    features: Floats
    landmarks: Floats
    region_boxes: Floats
    region_visible: Floats
    embedding: Floats


@dataclasses.dataclass(frozen=True)
class Garments:
    """The n garments of one photo, strongest first, as `embed` answers them."""

    boxes: Floats
    scores: Floats
    categories: tuple[str, ...]
    landmarks: Floats
    region_boxes: Floats
    region_visible: Floats
    embedding: Floats

    def __len__(self) -> int:
        return len(self.boxes)


class Detector:
    """decode, detector and crop: bytes of a photo -> crops of its garments."""

    def __init__(self, weights: Weights, threads: int) -> None:
        self._decode = Decode(Setting(weights.spec))
        self._network = _session(weights.detector, threads)
        self._crop = Crop(Setting(weights.spec))
        detector = dataclasses.replace(weights.spec.detector, score_threshold=_WEAKEST, max_garments=_MOST)
        self._crop_all = Crop(Setting(dataclasses.replace(weights.spec, detector=detector)))

    def find(self, data: bytes, box: Sequence[float] | None = None) -> Found:
        """The garments of a photo, or the one in `box`. Raises what the steps raise."""
        return _found(self._crop(self._detected(data, box)))

    def find_weak(self, data: bytes) -> Found:
        """The same, with detections far below the threshold."""
        return _found(self._crop_all(self._detected(data, None)))

    def _detected(self, data: bytes, box: Sequence[float] | None) -> dict[str, Array | None]:
        found: dict[str, Array | None] = dict(self._decode({"IMAGE": np.array([data], dtype=object)}))
        boxes, scores = _run(self._network, DETECTOR_INPUT=found["DETECTOR_INPUT"])
        given = None if box is None else np.asarray(box, np.float32)
        return found | {"DETECTOR_BOXES": boxes, "DETECTOR_SCORES": scores, "BOX": given}


class Describer:
    """encoder, region_pool and region_head: crops -> region vectors."""

    def __init__(self, weights: Weights, threads: int) -> None:
        self._encoder = _session(weights.encoder, threads)
        self._pool = RegionPool(Setting(weights.spec))
        self._head = _session(weights.region_head, threads)

    def describe(self, crops: Pixels, squares: Floats, categories: Sequence[str]) -> Described:
        """crops (n, side, side, 3), squares (n, 4), n categories, n >= 1 -> their vectors."""
        features, landmarks = _run(self._encoder, CROPS=crops)
        pooled = self._pool.pool({"FEATURES": features, "CROP_LANDMARKS": landmarks}, squares, categories)
        (embedding,) = _run(self._head, **head_inputs(pooled))
        return Described(
            features, pooled["LANDMARKS"], pooled["REGION_BOXES"], pooled["REGION_VISIBLE"], embedding
        )  # fmt: skip


class LocalPipeline:
    """decode, detector, crop, encoder, region_pool and region_head, one after the other."""

    def __init__(self, weights: Weights, threads: int = 2) -> None:
        self.spec = weights.spec
        self._finder = Detector(weights, threads)
        self._describer = Describer(weights, threads)

    @classmethod
    def of_repository(cls, repository: Path, threads: int = 2) -> LocalPipeline:
        """The path that a model repository serves."""
        return cls(Weights.of_repository(repository), threads)

    def detect(self, data: bytes) -> tuple[Floats, Floats, tuple[str, ...]]:
        """Boxes (n, 4), scores and categories of a photo, weak ones included."""
        found = self._finder.find_weak(data)
        return found.boxes, found.scores, found.categories

    def embed(self, data: bytes, box: Sequence[float] | None = None) -> Garments:
        """The garments of a photo, or the one in `box`. Raises what the steps raise."""
        found = self._finder.find(data, box)
        if not len(found):
            return self._none(found)
        seen = self._describer.describe(found.crops, found.squares, found.categories)
        return Garments(
            found.boxes, found.scores, found.categories, seen.landmarks, seen.region_boxes, seen.region_visible,
            seen.embedding,
        )  # fmt: skip

    def _none(self, found: Found) -> Garments:
        spec, empty = self.spec, np.float32
        return Garments(
            found.boxes, found.scores, found.categories, np.zeros((0, len(spec.landmarks), 3), empty),
            np.zeros((0, 5, 4), empty), np.zeros((0, 5), empty), np.zeros((0, 5, spec.encoder.dimension), empty),
        )  # fmt: skip


def _found(cropped: Any) -> Found:
    count = int(cropped["COUNT"][0])  # a photo without garments carries one blank crop
    return Found(
        cropped["BOXES"], cropped["SQUARES"][:count], cropped["DETECTION_SCORE"], texts(cropped, "CATEGORY"),
        cropped["CROPS"][:count],
    )  # fmt: skip


def _run(session: Any, **inputs: Any) -> list[Any]:
    return list(session.run([output.name for output in session.get_outputs()], inputs))


def _session(path: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
