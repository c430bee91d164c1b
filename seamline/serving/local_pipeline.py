"""The served path in this process: the very steps and ONNX files of a model repository, without Triton."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from seamline.core.garments import Detections, Embeddings, Floats, Pixels
from seamline.core.spec import Spec
from seamline.serving.crop import Crop
from seamline.serving.decode import Decode
from seamline.serving.onnx_network import OnnxNetwork
from seamline.serving.step import Array, Setting, required, texts

_WEAKEST, _MOST = 0.02, 100
"""Score and number of the detections kept where precision and recall over all thresholds are wanted."""


class CropEmbedder(Protocol):
    """A system's networks and the steps between them."""

    def embed(self, crops: Pixels, squares: Floats, categories: Sequence[str]) -> Embeddings:
        """crops (n, side, side, 3), squares (n, 5) in their photos' pixels and n categories -> n rows; n may be 0."""
        ...


class Detector:
    """decode, detector and crop: bytes of a photo -> its garments."""

    def __init__(self, network: Path, spec: Spec, threads: int) -> None:
        self._decode = Decode(Setting(spec))
        self._network = OnnxNetwork(network, threads)
        self._crop = Crop(Setting(spec, run_network=self._run))
        weak = dataclasses.replace(spec.detector, score_threshold=_WEAKEST, max_garments=_MOST)
        self._crop_weak = Crop(Setting(dataclasses.replace(spec, detector=weak), run_network=self._run))

    def detect(self, data: bytes, box: Sequence[float] | None = None) -> Detections:
        """The garments of a photo, or the one in `box`. Raises what the steps raise."""
        return _detections(self._crop(self._raw(data, box)))

    def detect_weak(self, data: bytes) -> Detections:
        """The same, with detections far below the threshold."""
        return _detections(self._crop_weak(self._raw(data, None)))

    def _run(self, name: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Mapping[str, Array]:
        return self._network(inputs)

    def _raw(self, data: bytes, box: Sequence[float] | None) -> dict[str, Array | None]:
        photo: dict[str, Array | None] = dict(self._decode({"IMAGE": np.array([data], dtype=object)}))
        given = None if box is None else np.asarray(box, np.float32)
        return {**photo, **self._network({"DETECTOR_INPUT": required(photo, "DETECTOR_INPUT")}), "BOX": given}


class LocalPipeline:
    """decode, detector, crop and a system's embedder, one after the other."""

    def __init__(self, detector: Detector, embedder: CropEmbedder) -> None:
        self._detector = detector
        self._embedder = embedder

    def embed(self, data: bytes, box: Sequence[float] | None = None) -> tuple[Detections, Embeddings]:
        """The garments of a photo, or the one in `box`, strongest first. Raises what the steps raise."""
        found = self._detector.detect(data, box)
        return found, self._embedder.embed(found.crops, found.squares, found.categories)


def _detections(cropped: Mapping[str, Array]) -> Detections:
    count = int(cropped["COUNT"][0])  # a photo without garments carries one blank crop
    return Detections(
        cropped["BOXES"], cropped["SQUARES"][:count], cropped["DETECTION_SCORE"], texts(cropped, "CATEGORY", count),
        cropped["CROPS"][:count],
    )  # fmt: skip
