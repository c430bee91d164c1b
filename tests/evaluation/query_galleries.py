"""Small search problems whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.garments import Detections
from seamline.core.spec import LANDMARKS
from seamline.evaluation.copies import PositiveCopy
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.protocol import QueryGallery
from seamline.systems.psnet.spec import REGIONS

Floats = NDArray[np.float32]


def made(original: int, redesigned: tuple[int, ...] = (1,), mirrored: bool = False) -> PositiveCopy:
    """A copy whose truth is known."""
    kept = tuple(region for region in range(len(REGIONS)) if region not in redesigned)
    return PositiveCopy(
        Path(f"{original}.jpg"), str(original), "vest", (0.0, 0.0, 50.0, 50.0),
        np.zeros((len(LANDMARKS), 3), np.float32), redesigned, kept, ("recolour",), mirrored, (),
    )  # fmt: skip


def query_gallery_of(
    catalogue: int, copies: list[PositiveCopy], hard_negative: dict[int, list[int]] | None = None
) -> QueryGallery:
    """A catalogue of photos with one garment each, whose first photos are the originals of the copies."""
    originals = sorted({int(one.original) for one in copies})
    photos = catalogue + len(copies)
    place = np.arange(photos)
    relevant = np.zeros((len(originals), photos), bool)
    alike = np.zeros_like(relevant)
    for query, original in enumerate(originals):
        relevant[query, catalogue:] = [int(one.original) == original for one in copies]
        alike[query, (hard_negative or {}).get(original, [])] = True
    query_photo = np.array(originals, np.int64)
    return QueryGallery(
        place, ("vest",) * photos, photos, query_photo, query_photo, ("vest",) * len(originals), relevant,
        query_photo[:, None] == place, alike, tuple(copies),
    )  # fmt: skip


def units(*shape: int, seed: int = 0) -> Floats:
    """Random unit vectors along the last axis."""
    drawn = np.random.default_rng(seed).normal(size=shape)
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).astype(np.float32)


def copied_regions(problem: QueryGallery, dimension: int = 32) -> Floats:
    """Region vectors (n, 5, dimension): copies repeat their original save for the redesigned regions."""
    regions = units(problem.photos, len(REGIONS), dimension)
    for place, one in enumerate(problem.copies):
        kept = [region for region in range(len(REGIONS)) if region not in one.redesigned]
        regions[problem.first_copy + place, kept] = regions[int(one.original), kept]
    return regions


def found_garments(photo: list[int], photos: int | None = None) -> DetectedPhotos:
    """One detected garment for each number of a photo, grey and without boxes."""
    count = len(photo)
    garments = Detections(
        np.zeros((count, 4), np.float32), np.zeros((count, 5), np.float32), np.ones(count, np.float32),
        ("vest",) * count, np.full((count, 24, 24, 3), 128, np.uint8),
    )  # fmt: skip
    names = range(photos or (max(photo) + 1))
    return DetectedPhotos("key", tuple(Path(f"{name}.jpg") for name in names), np.array(photo, np.int64), garments)
