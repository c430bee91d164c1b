"""Small search problems whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import LANDMARKS, REGIONS
from seamline.evaluation.copies import Made
from seamline.evaluation.protocol import Trial

Floats = NDArray[np.float32]


def made(original: int, redesigned: tuple[int, ...] = (1,), mirrored: bool = False) -> Made:
    """A copy whose truth is known."""
    kept = tuple(region for region in range(len(REGIONS)) if region not in redesigned)
    return Made(
        Path(f"{original}.jpg"), str(original), "vest", (0.0, 0.0, 50.0, 50.0),
        np.zeros((len(LANDMARKS), 3), np.float32), redesigned, kept, ("recolour",), mirrored, (),
    )  # fmt: skip


def trial_of(catalogue: int, copies: list[Made], look_alike: dict[int, list[int]] | None = None) -> Trial:
    """A catalogue of photos with one garment each, whose first photos are the originals of the copies."""
    originals = sorted({int(one.original) for one in copies})
    photos = catalogue + len(copies)
    place = np.arange(photos)
    relevant = np.zeros((len(originals), photos), bool)
    alike = np.zeros_like(relevant)
    for query, original in enumerate(originals):
        relevant[query, catalogue:] = [int(one.original) == original for one in copies]
        alike[query, (look_alike or {}).get(original, [])] = True
    query_photo = np.array(originals, np.int64)
    return Trial(
        place, ("vest",) * photos, photos, query_photo, query_photo, ("vest",) * len(originals), relevant,
        query_photo[:, None] == place, alike, tuple(copies),
    )  # fmt: skip


def units(*shape: int, seed: int = 0) -> Floats:
    """Random unit vectors along the last axis."""
    drawn = np.random.default_rng(seed).normal(size=shape)
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).astype(np.float32)


def copied_regions(trial: Trial, dimension: int = 32) -> Floats:
    """Region vectors (n, 5, dimension): copies repeat their original save for the redesigned regions."""
    regions = units(trial.photos, len(REGIONS), dimension)
    for place, one in enumerate(trial.made):
        kept = [region for region in range(len(REGIONS)) if region not in one.redesigned]
        regions[trial.first_copy + place, kept] = regions[int(one.original), kept]
    return regions
