"""The garments that detection finds in many photos, and their crops: what every method compares."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.garments import Detections, Pixels
from seamline.evaluation.cache import Arrays, key_of, stored
from seamline.evaluation.work import mapped
from seamline.serving.local_pipeline import Detector
from seamline.serving.weights import Weights


@dataclasses.dataclass(frozen=True)
class DetectedPhotos:
    """n garments of P photos, in the order of the photos. `photo` (n,): each garment's place in `files`; the crops are
    read from their file as rows are asked for; `key` names photos and detector."""

    key: str
    files: tuple[Path, ...]
    photo: NDArray[np.int64]
    garments: Detections

    def __len__(self) -> int:
        return len(self.photo)


def detect(what: str, files: Sequence[Path], weights: Weights, cache: Path, processes: int) -> DetectedPhotos:
    """Find and crop the garments of photos as the served path does; done before, it is read from `cache`."""
    key = key_of(weights.detection_key(), *(f"{file.parent.name}/{file.name} {file.stat().st_size}" for file in files))
    crops_file, name = cache / f"crops-{key}.bin", f"found-{key}"
    if not crops_file.is_file():
        (cache / f"{name}.npz").unlink(missing_ok=True)
    arrays = stored(cache, name, lambda: _detect(what, files, weights, crops_file, processes))
    photo = arrays["photo"].astype(np.int64)
    unknown = np.full(len(photo), np.nan)  # the order of a photo's garments tells which is strongest
    garments = Detections(
        arrays["boxes"].astype(np.float32), arrays["squares"].astype(np.float32),
        arrays.get("scores", unknown).astype(np.float32), tuple(str(one) for one in arrays["category"]),
        _crops(crops_file, len(photo), weights.spec.crop.side),
    )  # fmt: skip
    return DetectedPhotos(key, tuple(files), photo, garments)


def _crops(file: Path, count: int, side: int) -> Pixels:
    shape = count, side, side, 3
    return np.asarray(np.memmap(file, np.uint8, "r", shape=shape)) if count else np.zeros(shape, np.uint8)


def _detect(what: str, files: Sequence[Path], weights: Weights, crops_file: Path, processes: int) -> Arrays:
    crops_file.parent.mkdir(parents=True, exist_ok=True)
    partial, found = crops_file.with_suffix(".partial"), []
    with partial.open("wb") as out:
        for one in mapped(what, _detect_in, files, processes, _open, (weights,)):
            out.write(one.crops.tobytes())
            found.append(dataclasses.replace(one, crops=one.crops[:0]))
    partial.replace(crops_file)
    return {
        "photo": np.repeat(np.arange(len(found)), [len(one) for one in found]),
        "boxes": np.concatenate([one.boxes for one in found]),
        "squares": np.concatenate([one.squares for one in found]),
        "scores": np.concatenate([one.scores for one in found]),
        "category": np.array([name for one in found for name in one.categories], np.str_),
    }


_detector: Detector | None = None


def _open(weights: Weights) -> None:
    global _detector  # one per process
    _detector = weights.open_detector(threads=1)


def _detect_in(file: Path) -> Detections:
    assert _detector is not None
    return _detector.detect(file.read_bytes())
