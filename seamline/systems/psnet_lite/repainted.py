"""A store of views whose copies `seamline.systems.psnet.perturb` repaints: a second kind beside the generated ones."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from seamline.core.spec import CropSpec
from seamline.systems.psnet.perturb import Perturbation, perturbed
from seamline.systems.psnet.spec import REGIONS
from seamline.training.augment import plain_view
from seamline.training.crops import CropStore
from seamline.training.progress import tracked
from seamline.training.views import KEPT, StoredView, ViewStore, cached_views

_MIRRORED, _OTHER_BACKGROUND = 0.35, 0.85
"""Shares of the copies."""


def build_repainted_store(crops: CropStore, chosen: Sequence[int], copies: int, folder: Path, seed: int) -> ViewStore:
    """The originals of the chosen crops and `copies` of each in `folder`, made there unless they are there already.

    A view's garment is its place in `chosen`. The first copy has no region redesigned, the second one, the others two.
    """
    digest = hashlib.sha256(repr((list(chosen), copies, seed, CropSpec())).encode())
    for crop in chosen:
        digest.update(crops.labels[crop].to_line().encode())
    most = len(chosen) * (1 + copies)
    return cached_views(folder, digest.hexdigest(), most, lambda: _views(crops, chosen, copies, seed))


def _views(crops: CropStore, chosen: Sequence[int], copies: int, seed: int) -> Iterator[tuple[int, StoredView]]:
    for garment, crop in enumerate(tracked("repainted copies", chosen, len(chosen))):
        random, category = np.random.default_rng([seed, garment]), int(crops.category[crop])
        plain = plain_view(crops, crop, CropSpec().side)
        yield garment, StoredView(plain.pixels, -1, (KEPT,) * len(REGIONS), False, category)
        for number in range(copies):
            copy = perturbed(crops, crop, _kind(min(number, 2), random), random)
            change = tuple(int(value) for value in copy.change)
            yield garment, StoredView(copy.pixels, number, change, copy.mirrored, category)


def _kind(regions: int, random: np.random.Generator) -> Perturbation:
    mirror, background = bool(random.random() < _MIRRORED), bool(random.random() < _OTHER_BACKGROUND)
    return dataclasses.replace(Perturbation(regions), mirror=mirror, background=background)
