"""What a network sees while it serves, from a folder of photos: the inputs that int8 ranges are taken from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from seamline.core.errors import SeamlineError
from seamline.evaluation.cache import tracked
from seamline.exporting.errors import ExportError
from seamline.exporting.networks import Array
from seamline.exporting.samples import photos_in
from seamline.serving.weights import Weights
from seamline.systems.base import ExportedNetwork

CROPS = "CROPS"
"""The input of networks that see a garment; others that see pixels take the whole photo."""


def inputs(part: ExportedNetwork, photos: Path, count: int, seed: int, weights: Weights) -> list[Mapping[str, Array]]:
    """At most `count` inputs of one row each, of photos drawn from the folder by `seed`.

    Crops are of the strongest garment that the served detector finds in each photo. Raises ExportError for a network
    that sees no pixels, for a folder without photos, or with none in which a garment is found.
    """
    if not part.sees_photos:
        raise ExportError(f"{part.name} stays in float: it is small; int8 is for networks that see pixels")
    drawn = _drawn(photos, seed)
    rows = _crops(drawn, weights) if CROPS in part.inputs else _photos(drawn, part)
    found = list(tracked("photos to calibrate on", itertools.islice(rows, count), min(count, len(drawn))))
    if not found:
        raise ExportError(f"no garment was found in the photos of {photos}; name a folder with photos of garments")
    return found


def _drawn(folder: Path, seed: int) -> list[Path]:
    every = photos_in(folder)
    return [every[index] for index in np.random.default_rng(seed).permutation(len(every))]


def _crops(photos: list[Path], weights: Weights) -> Iterator[Mapping[str, Array]]:
    detector = weights.open_detector(threads=1)
    for photo in photos:
        try:
            crops = detector.detect(photo.read_bytes()).crops[:1]
        except SeamlineError:  # a file that is no photo is skipped, as an indexing job would
            continue
        if len(crops):
            yield {CROPS: crops}


def _photos(photos: list[Path], part: ExportedNetwork) -> Iterator[Mapping[str, Array]]:
    yield from (part.samples(1, [photo]) for photo in photos)
