"""Flat-lay photos turned as somebody holds a phone: by quarters, and by angles between."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from seamline.core.image import Pixels, decode
from seamline.core.output_files import output_file
from seamline.evaluation.cache import key_of, mapped

QUARTERS = (90, 180, 270)
BETWEEN, LEAST, MOST = 3, 20, 70
"""So many angles between upright and a quarter, from least to most degrees, to either side."""

PHOTOS = 150
"""At most so many photos are turned, drawn at random."""

_QUALITY = 95
_RIM = 4
"""Pixels along the edges whose median colour fills the corners of a turned photo."""


@dataclasses.dataclass(frozen=True)
class TurnedPhoto:
    """`original` turned clockwise by `degrees`, in `file`."""

    original: str
    degrees: int
    file: Path

    @property
    def kind(self) -> str:
        """Its row in a table."""
        return f"turned by {self.degrees}" if self.degrees in QUARTERS else f"turned by {LEAST} to {MOST}"


def turned_photos(
    photos: Path, names: Sequence[str], cache: Path, seed: int, processes: int
) -> tuple[TurnedPhoto, ...]:
    """Each photo turned six times; done before, the files are in `cache`."""
    chosen = np.random.default_rng(seed).permutation(len(names))[:PHOTOS]
    names = [names[int(index)] for index in np.sort(chosen)]
    sizes = (f"{name} {(photos / name).stat().st_size}" for name in names)
    folder = cache / f"turned-{key_of(*sizes, seed, QUARTERS, BETWEEN, LEAST, MOST, _QUALITY, _RIM)}"
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [one for name in names for one in _turns(name, folder, seed)]
    missing = [one for one in jobs if not one.file.is_file()]
    for _ in mapped("turned photos", _open, (photos,), missing, processes):
        pass
    return tuple(jobs)


def _turns(name: str, folder: Path, seed: int) -> list[TurnedPhoto]:
    number = zlib.crc32(name.encode())
    random = np.random.default_rng([seed, number])
    angles = random.integers(LEAST, MOST + 1, BETWEEN) * random.choice([-1, 1], BETWEEN)
    degrees = [*QUARTERS, *(int(angle) % 360 for angle in angles)]
    return [TurnedPhoto(name, angle, folder / f"{number:08x}-{angle:03}.jpg") for angle in dict.fromkeys(degrees)]


def _open(photos: Path) -> Callable[[TurnedPhoto], None]:
    return partial(_write, photos)


def _write(photos: Path, job: TurnedPhoto) -> None:
    rgb = decode((photos / job.original).read_bytes()).rgb
    with output_file(job.file) as out:
        Image.fromarray(turned(rgb, job.degrees)).save(out, "JPEG", quality=_QUALITY, subsampling=0)


def turned(rgb: Pixels, degrees: int) -> Pixels:
    """A photo (H, W, 3) turned clockwise, whole, in a picture that is large enough; corners have the colour of its
    edges."""
    if degrees % 90 == 0:
        return np.ascontiguousarray(np.rot90(rgb, -degrees // 90))
    rim = [rgb[:_RIM], rgb[-_RIM:], rgb[:, :_RIM], rgb[:, -_RIM:]]
    colour = np.median(np.concatenate([edge.reshape(-1, 3) for edge in rim]), axis=0)
    fill = tuple(int(value) for value in colour)
    picture = Image.fromarray(rgb).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=fill)
    return np.asarray(picture, np.uint8)
