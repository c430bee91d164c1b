"""Which photos are sent: a random selection of those that show a garment."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

from benchmarks.speed.load.backend import LoadError
from seamline.core.errors import SeamlineError
from seamline.core.photo_names import is_photo_name
from seamline.serving.local_pipeline import Detector


@dataclasses.dataclass(frozen=True)
class PhotoSet:
    """Photos with their garments counted; `passed_over` showed none, or could not be read."""

    files: tuple[Path, ...]
    photos: tuple[bytes, ...]
    garments: tuple[int, ...]
    passed_over: int

    def describe(self) -> str:
        """One line for the report."""
        size = sum(map(len, self.photos)) / len(self.photos) / 1000
        return (
            f"{len(self.photos)} photos of {size:.0f} kB on average with {sum(self.garments)} garments "
            f"({self.passed_over} passed over, because no garment was found in them)"
        )


def shuffled(folder: Path, seed: int) -> list[Path]:
    """All photos below a folder in a random order that the seed determines. Raises LoadError when there are none."""
    if not folder.is_dir():
        raise LoadError(f"{folder} is not a folder; name one with photos")
    files = sorted(path for path in folder.rglob("*") if is_photo_name(path.name) and path.is_file())
    if not files:
        raise LoadError(f"there is no JPEG, PNG or WebP photo in {folder}")
    random.Random(seed).shuffle(files)
    return files


def take(files: list[Path], count: int, detector: Detector) -> PhotoSet:
    """The first `count` files that show a garment. Raises LoadError when there are fewer.

    A photo without a garment costs the served path an encoder's run on a blank crop, and a single process nothing.
    """
    kept: list[tuple[Path, bytes, int]] = []
    for seen, file in enumerate(files):
        if len(kept) == count:
            return _photo_set(kept, seen - count)
        data = file.read_bytes()
        if garments := _garments(data, detector):
            kept.append((file, data, garments))
    if len(kept) < count:
        raise LoadError(f"only {len(kept)} of {len(files)} photos show a garment; ask for fewer with --photo-count")
    return _photo_set(kept, len(files) - count)


def _garments(data: bytes, detector: Detector) -> int:
    try:
        return len(detector.detect(data))
    except SeamlineError:
        return 0


def _photo_set(kept: list[tuple[Path, bytes, int]], passed_over: int) -> PhotoSet:
    files, photos, garments = zip(*kept, strict=True)
    return PhotoSet(files, photos, garments, passed_over)
