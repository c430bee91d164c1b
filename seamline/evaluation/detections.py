"""The garments that detection finds in many photos, and their crops: what every method compares."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.evaluation.cache import Arrays, key_of, stored
from seamline.evaluation.weights import Weights
from seamline.evaluation.work import mapped
from seamline.serving.local_pipeline import Detector, Found

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class Seen:
    """n garments of P photos, in the order of the photos, each photo's strongest first.

    `key` names photos and detector; `photo` (n,) is each garment's place in `files`; boxes and squares (n, 4) in its
    photo's pixels; `category` (n,) names.
    """

    key: str
    files: tuple[Path, ...]
    photo: NDArray[np.int64]
    boxes: Floats
    squares: Floats
    category: tuple[str, ...]
    crops_file: Path
    side: int

    def __len__(self) -> int:
        return len(self.photo)

    @property
    def crops(self) -> Pixels:
        """The garments' crops (n, side, side, 3), read from their file as rows are asked for."""
        shape = len(self), self.side, self.side, 3
        return np.memmap(self.crops_file, np.uint8, "r", shape=shape) if len(self) else np.zeros(shape, np.uint8)


def see(what: str, files: Sequence[Path], weights: Weights, cache: Path, processes: int) -> Seen:
    """Find and crop the garments of photos as the served path does; done before, it is read from `cache`."""
    key = key_of(weights.detection_key(), *(f"{file.parent.name}/{file.name} {file.stat().st_size}" for file in files))
    crops_file, name = cache / f"crops-{key}.bin", f"found-{key}"
    if not crops_file.is_file():
        (cache / f"{name}.npz").unlink(missing_ok=True)
    arrays = stored(cache, name, lambda: _find(what, files, weights, crops_file, processes))
    category = tuple(str(one) for one in arrays["category"])
    return Seen(
        key, tuple(files), arrays["photo"].astype(np.int64), arrays["boxes"].astype(np.float32),
        arrays["squares"].astype(np.float32), category, crops_file, weights.spec.crop.side,
    )  # fmt: skip


def _find(what: str, files: Sequence[Path], weights: Weights, crops_file: Path, processes: int) -> Arrays:
    crops_file.parent.mkdir(parents=True, exist_ok=True)
    partial, found = crops_file.with_suffix(".partial"), []
    with partial.open("wb") as out:
        for one in mapped(what, _find_in, files, processes, _open, (weights,)):
            out.write(one.crops.tobytes())
            found.append(dataclasses.replace(one, crops=one.crops[:0]))
    partial.replace(crops_file)
    return {
        "photo": np.repeat(np.arange(len(found)), [len(one) for one in found]),
        "boxes": np.concatenate([one.boxes for one in found]),
        "squares": np.concatenate([one.squares for one in found]),
        "category": np.array([name for one in found for name in one.categories], np.str_),
    }


_finder: Detector | None = None


def _open(weights: Weights) -> None:
    global _finder  # one detector per process
    _finder = Detector(weights, threads=1)


def _find_in(file: Path) -> Found:
    assert _finder is not None
    return _finder.find(file.read_bytes())
