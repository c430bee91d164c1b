"""The garments that detection finds in many photos, and their crops: what every method compares."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.garments import Detections, Pixels
from seamline.core.output_files import output_file
from seamline.evaluation.cache import Arrays, key_of, mapped, stored
from seamline.evaluation.code_key import code_key
from seamline.evaluation.photos import Box, PhotoSet
from seamline.serving.weights import Weights

_CODE = (
    "seamline.serving.decode", "seamline.serving.crop", "seamline.serving.redetection", "seamline.serving.place_parts",
    "seamline.core.image", "seamline.core.detections", "seamline.core.upright",
)  # fmt: skip
"""Modules that decide, beside the networks, which garments there are and what their crops show."""


@dataclasses.dataclass(frozen=True)
class DetectedPhotos:
    """n garments of P photos, in the order of the photos. `photo` (n,): each garment's place in `files`; the crops are
    read from their file as rows are asked for; `key` names photos, detector and the code around it."""

    key: str
    files: tuple[Path, ...]
    photo: NDArray[np.int64]
    garments: Detections

    def __len__(self) -> int:
        return len(self.photo)

    @property
    def cropped(self) -> bool:
        """Whether there are crops; there are none of weak detections."""
        return len(self.garments.crops) == len(self)

    def rows(self, photo: int) -> slice:
        """The garments of one photo, strongest first."""
        first, last = np.searchsorted(self.photo, (photo, photo + 1))
        return slice(int(first), int(last))


def detect(sets: Mapping[str, PhotoSet], weights: Weights, cache: Path, processes: int) -> dict[str, DetectedPhotos]:
    """Find and crop the garments of sets of photos as the served path does; done before, they are read from `cache`."""
    return {name: _detected(photos, weights, cache, processes) for name, photos in sets.items()}


def _detected(photos: PhotoSet, weights: Weights, cache: Path, processes: int) -> DetectedPhotos:
    key = key_of(weights.detection_key(), code_key(*_CODE), *_described(photos))
    crops_file, name = cache / f"crops-{key}.bin", f"found-{key}"
    if not crops_file.is_file():
        (cache / f"{name}.npz").unlink(missing_ok=True)
    arrays = stored(cache, name, lambda: _detect(photos, weights, crops_file, processes))
    photo = arrays["photo"].astype(np.int64)
    garments = Detections(
        arrays["boxes"].astype(np.float32), arrays["squares"].astype(np.float32),
        arrays["scores"].astype(np.float32), tuple(str(one) for one in arrays["category"]),
        _crops(crops_file, 0 if photos.weak else len(photo), weights.spec.crop.side),
    )  # fmt: skip
    return DetectedPhotos(key, photos.files, photo, garments)


def _described(photos: PhotoSet) -> list[object]:
    """All that detection depends on, besides the networks."""
    files: list[object] = [f"{file.parent.name}/{file.name} {file.stat().st_size}" for file in photos.files]
    return [*files, *(photos.boxes or ()), *(["weak"] if photos.weak else [])]


def _crops(file: Path, count: int, side: int) -> Pixels:
    shape = count, side, side, 3
    return np.asarray(np.memmap(file, np.uint8, "r", shape=shape)) if count else np.zeros(shape, np.uint8)


def _detect(photos: PhotoSet, weights: Weights, crops_file: Path, processes: int) -> Arrays:
    crops_file.parent.mkdir(parents=True, exist_ok=True)
    boxes: tuple[Box | None, ...] = photos.boxes or (None,) * len(photos.files)
    jobs = list(zip(photos.files, boxes, strict=True))
    found = []
    with output_file(crops_file) as out:
        for one in mapped(photos.what, _open, (weights, photos.weak), jobs, processes):
            out.write(one.crops.tobytes())
            found.append(dataclasses.replace(one, crops=one.crops[:0]))
    return {
        "photo": np.repeat(np.arange(len(found)), [len(one) for one in found]),
        "boxes": np.concatenate([one.boxes for one in found]),
        "squares": np.concatenate([one.squares for one in found]),
        "scores": np.concatenate([one.scores for one in found]),
        "category": np.array([name for one in found for name in one.categories], np.str_),
    }


def _open(weights: Weights, weak: bool) -> Callable[[tuple[Path, Box | None]], Detections]:
    detector = weights.open_detector(threads=1)

    def detect_in(job: tuple[Path, Box | None]) -> Detections:
        file, box = job
        if not weak:
            return detector.detect(file.read_bytes(), box)
        found = detector.detect_weak(file.read_bytes())
        return dataclasses.replace(found, crops=found.crops[:0])

    return detect_in
