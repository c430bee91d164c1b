"""Originals and their perturbed copies, encoded exactly as when serving: what projection and calibration learn from.

Region boxes come from predicted landmarks, so that their errors are part of what is learnt. All randomness follows
from the seed and a view's number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from seamline.net.encoder import Encoder
from seamline.net.region_head import garment_statistics
from seamline.regions import region_boxes, roi_align
from seamline.spec import REGIONS, CropSpec, Spec
from seamline.train.augment import plain_view
from seamline.train.crops import CropStore
from seamline.train.perturb import KEPT, Perturbation, perturbed
from seamline.train.progress import Progress

Floats = NDArray[np.float32]

COPIES = (
    Perturbation(),
    Perturbation(mirror=True),
    Perturbation(regions=1),
    Perturbation(regions=2),
    Perturbation(regions=2, mirror=True),
)
"""The copies that are made of an original, in this order."""

_BATCH = 8


@dataclasses.dataclass(frozen=True)
class Views:
    """N views: statistics [N,5,S] of their regions, visible [N,5], original [N] (index of the photo's original view),
    copy [N] (index into COPIES, -1 for an original), change [N,5] of the original's regions, mirrored [N]."""

    statistics: Floats
    visible: Floats
    original: NDArray[np.int64]
    copy: NDArray[np.int64]
    change: NDArray[np.int8]
    mirrored: NDArray[np.bool_]

    @property
    def originals(self) -> NDArray[np.int64]:
        """Indices of the originals."""
        return np.flatnonzero(self.copy < 0)

    def save(self, path: Path) -> None:
        """Write to an .npz file."""
        beside = path.with_name("part-" + path.name)
        np.savez(beside, **{field.name: getattr(self, field.name) for field in dataclasses.fields(self)})
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Views:
        """Read what `save` wrote."""
        with np.load(path) as data:
            return cls(**{field.name: data[field.name] for field in dataclasses.fields(cls)})


@dataclasses.dataclass(frozen=True)
class _Job:
    photo: int
    copy: int
    original: int


def make_views(
    encoder: Encoder, store: CropStore, photos: Sequence[int], copied: int, spec: Spec, seed: int, what: str = "views"
) -> Views:
    """Encode the stored photos, and all COPIES of the first `copied` of them."""
    jobs = [_Job(photo, -1, number) for number, photo in enumerate(photos)]
    jobs += [_Job(photos[n], c, n) for n in range(copied) for c in range(len(COPIES))]
    progress = Progress(what, len(jobs))
    encoded, changes, mirrored = [], [], []
    for start in range(0, len(jobs), _BATCH):
        batch = jobs[start : start + _BATCH]
        made = [_make(store, job, seed, start + offset) for offset, job in enumerate(batch)]
        pixels = np.stack([picture for picture, _, _ in made])
        changes += [change for _, change, _ in made]
        mirrored += [flip for _, _, flip in made]
        encoded.append(encode(encoder, pixels, [store.labels[job.photo].category for job in batch], spec))
        progress.advance(len(batch))
    return Views(
        np.concatenate([statistics for statistics, _ in encoded]),
        np.concatenate([visible for _, visible in encoded]),
        np.array([job.original for job in jobs]),
        np.array([job.copy for job in jobs]),
        np.stack(changes),
        np.array(mirrored),
    )


def _make(store: CropStore, job: _Job, seed: int, number: int) -> tuple[NDArray[np.uint8], NDArray[np.int8], bool]:
    """Pixels, change of the original's regions, and whether it is mirrored."""
    if job.copy < 0:
        return plain_view(store, job.photo, CropSpec().side).pixels, np.full(len(REGIONS), KEPT, np.int8), False
    made = perturbed(store, job.photo, COPIES[job.copy], np.random.default_rng([seed, number]))
    return made.pixels, made.change, made.mirrored


def encode(encoder: Encoder, pixels: NDArray[np.uint8], categories: Sequence[str], spec: Spec) -> tuple[Floats, Floats]:
    """Crops [B,S,S,3] -> statistics [B,5,F] of their regions and visibility [B,5]; absent regions are all zeros."""
    regions, visible = pooled_regions(encoder, pixels, categories, spec)
    statistics = garment_statistics(torch.from_numpy(regions)).numpy()
    return statistics * (visible > 0)[..., None], visible


def pooled_regions(
    encoder: Encoder, pixels: NDArray[np.uint8], categories: Sequence[str], spec: Spec
) -> tuple[Floats, Floats]:
    """Crops [B,S,S,3] -> REGION_FEATURES [B,5,C,P,P] and visibility [B,5], by the functions that serving uses."""
    with torch.inference_mode():
        features, landmarks = (output.numpy() for output in encoder(torch.from_numpy(pixels)))
    found = [region_boxes(points, name, spec) for points, name in zip(landmarks, categories, strict=True)]
    cell = spec.crop.side / features.shape[-1]
    pooled = [
        roi_align(own, boxes, spec.encoder.pool_size, cell) for own, (boxes, _) in zip(features, found, strict=True)
    ]
    return np.stack(pooled), np.stack([visible for _, visible in found])
