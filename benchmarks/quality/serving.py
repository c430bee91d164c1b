"""The served path in this process: the very steps and ONNX files of a model repository, without Triton."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from seamline.spec import Spec
from seamline.steps.crop import Crop
from seamline.steps.decode import Decode
from seamline.steps.region_pool import RegionPool
from seamline.steps.step import Array, Setting, texts

Floats = NDArray[np.float32]

_WEAKEST, _MOST = 0.02, 100
"""Score and number of the detections kept where precision and recall over all thresholds are wanted."""


@dataclasses.dataclass(frozen=True)
class Garments:
    """The n garments of one photo, strongest first, as `embed` answers them, and what baselines are made from.

    `pooled`: mean (n, C) of the encoder's map; `crops`: (n, side, side, 3).
    """

    boxes: Floats
    scores: Floats
    categories: tuple[str, ...]
    landmarks: Floats
    region_boxes: Floats
    region_visible: Floats
    embedding: Floats
    pooled: Floats
    crops: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.boxes)


class ServedPath:
    """decode, detector, crop, encoder, region_pool and region_head, one after the other."""

    def __init__(self, model_repository: Path, threads: int = 2) -> None:
        self.repository = model_repository
        self.spec = Spec.load(self.folder("region_pool") / "spec.json")
        self._decode = Decode(self._setting("decode"))
        self._crop = Crop(self._setting("crop"))
        self._pool = RegionPool(self._setting("region_pool"))
        self._networks = {
            name: _session(self.folder(name) / "model.onnx", threads) for name in ("detector", "encoder", "region_head")
        }
        detector = dataclasses.replace(self.spec.detector, score_threshold=_WEAKEST, max_garments=_MOST)
        self._crop_all = Crop(Setting(dataclasses.replace(self.spec, detector=detector)))

    def folder(self, step: str) -> Path:
        """The folder of a step's newest version."""
        versions = [path for path in (self.repository / step).iterdir() if path.name.isdigit()]
        return max(versions, key=lambda path: int(path.name))

    def detect(self, data: bytes) -> tuple[Floats, Floats, tuple[str, ...]]:
        """Boxes (n, 4), scores and categories of a photo, weak ones included."""
        found = self._crop_all(self._detected(data, None))
        return found["BOXES"], found["DETECTION_SCORE"], texts(found, "CATEGORY")

    def embed(self, data: bytes, box: Sequence[float] | None = None) -> Garments:
        """The garments of a photo, or the one in `box`. Raises what the steps raise."""
        found = dict(self._crop(self._detected(data, box)))
        features, landmarks = self._run("encoder", CROPS=found["CROPS"])
        found |= {"FEATURES": features, "CROP_LANDMARKS": landmarks}
        found |= self._pool(found)
        (embedding,) = self._run(
            "region_head", REGION_FEATURES=found["REGION_FEATURES"], REGION_VISIBLE=found["REGION_PRESENT"]
        )
        count = int(found["COUNT"][0])
        return Garments(
            found["BOXES"], found["DETECTION_SCORE"], texts(found, "CATEGORY"), found["LANDMARKS"],
            found["REGION_BOXES"], found["REGION_VISIBLE"], embedding[:count],
            features[:count].mean(axis=(2, 3)), found["CROPS"][:count],
        )  # fmt: skip

    def _detected(self, data: bytes, box: Sequence[float] | None) -> dict[str, Array | None]:
        found: dict[str, Array | None] = dict(self._decode({"IMAGE": np.array([data], dtype=object)}))
        boxes, scores = self._run("detector", DETECTOR_INPUT=found["DETECTOR_INPUT"])
        given = None if box is None else np.asarray(box, np.float32)
        return found | {"DETECTOR_BOXES": boxes, "DETECTOR_SCORES": scores, "BOX": given}

    def _run(self, name: str, **inputs: Any) -> list[Any]:
        session = self._networks[name]
        return list(session.run([output.name for output in session.get_outputs()], inputs))

    def _setting(self, step: str) -> Setting:
        return Setting(Spec.load(self.folder(step) / "spec.json"))


def _session(path: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
