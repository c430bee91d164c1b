"""Inputs on which two forms of a network are compared: real photos, or random pixels where there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.image import crop_square, decode, letterbox
from seamline.core.photo_names import SUFFIXES, is_photo_name
from seamline.core.spec import Spec
from seamline.exporting.errors import ExportRefused

Pixels = NDArray[np.uint8]
Samples = Mapping[str, NDArray[Any]]
Colour = tuple[int, int, int]
_Fit = Callable[[Pixels, int, Colour], Pixels]


def choose_photos(folder: Path, count: int) -> list[Path]:
    """At most `count` photos, spread evenly over a folder. Raises ExportRefused for a folder without photos."""
    found = photos_in(folder)
    return [found[index * len(found) // count] for index in range(count)] if len(found) > count else found


def photos_in(folder: Path) -> list[Path]:
    """All photos below a folder, in order. Raises ExportRefused for a folder without photos."""
    if not folder.is_dir():
        raise ExportRefused(f"{folder} is no folder; name one with photos, or none to compare on random pixels")
    found = sorted(path for path in folder.rglob("*") if is_photo_name(path.name) and path.is_file())
    if not found:
        raise ExportRefused(f"{folder} holds no photo ({', '.join(sorted(SUFFIXES))}); name a folder that does")
    return found


def crops(batch: int, photos: Sequence[Path], spec: Spec) -> Samples:
    """CROPS uint8 [batch,side,side,3]: whole photos as the crop step would cut them."""
    return {"CROPS": _pixels(batch, photos, spec, spec.crop.side, _square)}


def letterboxes(batch: int, photos: Sequence[Path], spec: Spec) -> Samples:
    """DETECTOR_INPUT uint8 [batch,side,side,3]."""
    return {"DETECTOR_INPUT": _pixels(batch, photos, spec, spec.detector.side, _whole)}


def _pixels(batch: int, photos: Sequence[Path], spec: Spec, side: int, fit: _Fit) -> Pixels:
    if not photos:
        return np.random.default_rng(batch).integers(0, 256, (batch, side, side, 3), np.uint8)
    chosen = [photos[index % len(photos)] for index in range(batch)]
    return np.stack([fit(decode(photo.read_bytes()).rgb, side, spec.photo.fill) for photo in chosen])


def _square(rgb: Pixels, side: int, fill: Colour) -> Pixels:
    box = (0, 0, rgb.shape[1], rgb.shape[0])
    return crop_square(rgb, box, side, 0.0, fill)[0]


def _whole(rgb: Pixels, side: int, fill: Colour) -> Pixels:
    return letterbox(rgb, side, fill)[0]
