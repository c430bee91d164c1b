"""Views whose copies `seamline.data.copies` generates, in PS-Net's five regions; kept in a store."""

from __future__ import annotations

import dataclasses
import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels, crop_square
from seamline.core.spec import CATEGORIES, CropSpec, PhotoSpec
from seamline.data.copies import (
    COPY_PARTS,
    LEVELS,
    LEVELS_VERSION,
    Copy,
    GarmentSample,
    Level,
    background_of,
    make_copy,
    sample_of,
)
from seamline.data.copies.levels import WORN
from seamline.data.label_file import Label
from seamline.data.mask_box import mask_box
from seamline.training.progress import tracked
from seamline.training.views import CHANGED, KEPT, UNCLEAR, StoredView, ViewStore, cached_views

Bytes = NDArray[np.uint8]

_LEVELS = LEVELS | {WORN.name: WORN}
_SOURCES = 6
_BACKGROUNDS = 4
_JITTER = 0.03
"""By how much of its side a copy's box misses, as a detector's does."""


@dataclasses.dataclass(frozen=True)
class CopyPlan:
    """The copies of one garment: a `level` for each, and how many of its regions are redesigned (None: as the level
    says, 0: none)."""

    levels: tuple[str, ...] = ("medium", "easy", "medium", "medium", "hard", "hard")
    regions: tuple[int | None, ...] = (0, None, None, None, None, None)
    seed: int = 0

    def __post_init__(self) -> None:
        unknown = set(self.levels) - set(_LEVELS)
        if unknown:
            raise ValueError(f"unknown level {', '.join(sorted(unknown))}; there are {', '.join(_LEVELS)}")
        if len(self.levels) != len(self.regions):
            raise ValueError("every copy needs a level and a number of regions")


def build_view_store(
    labels: Sequence[Label], photos: Path, masks: Path, folder: Path, plan: CopyPlan, processes: int = 2
) -> ViewStore:
    """The views of these labels in `folder`, made there unless they are there already.

    `photos`, `masks`: folders that the labels' relative paths start from. Sources and backgrounds come from the same
    labels, so that nothing of other photos is shown. A garment without a region that can be redesigned has fewer
    copies.
    """
    maker = _Maker(tuple(labels), photos, masks, plan)
    most = len(labels) * (1 + len(plan.levels))
    return cached_views(
        folder, _key(labels, plan), most, lambda: made_in_processes(maker, len(labels), "copies", processes)
    )


def made_in_processes(
    maker: Callable[[int], Sequence[StoredView]], garments: int, what: str, processes: int
) -> Iterator[tuple[int, StoredView]]:
    """Each garment's number with each of its views, in order; `what`: for the progress."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.imap(maker, range(garments), chunksize=4)
        for garment, views in enumerate(tracked(what, found, garments)):
            yield from ((garment, view) for view in views)


def _key(labels: Sequence[Label], plan: CopyPlan) -> str:
    digest = hashlib.sha256(f"{LEVELS_VERSION} {plan} {CropSpec()}".encode())
    for label in labels:
        digest.update(label.to_line().encode())
    return digest.hexdigest()


@dataclasses.dataclass(frozen=True)
class _Maker:
    """Makes all views of a label; every label has a generator of its own, so that the order does not matter."""

    labels: tuple[Label, ...]
    photos: Path
    masks: Path
    plan: CopyPlan

    def __call__(self, index: int) -> list[StoredView]:
        cv2.setNumThreads(1)
        random = np.random.default_rng([self.plan.seed, index])
        original = self._sample(index)
        views = [original_view(original)]
        sources = [self._sample(int(other)) for other in random.integers(len(self.labels), size=_SOURCES)]
        backgrounds = [background_of(source, random) for source in sources[:_BACKGROUNDS]]
        for number, (level, regions) in enumerate(zip(self.plan.levels, self.plan.regions, strict=True)):
            views += self._copy(original, sources, backgrounds, _LEVELS[level], regions, number, random)
        return views

    def _sample(self, index: int) -> GarmentSample:
        return sample_of(self.labels[index], self.photos, self.masks)

    def _copy(
        self,
        original: GarmentSample,
        sources: Sequence[GarmentSample],
        backgrounds: Sequence[Pixels],
        level: Level,
        regions: int | None,
        number: int,
        random: np.random.Generator,
    ) -> Iterator[StoredView]:
        try:
            copy = make_copy(original, sources, backgrounds, level, random, regions=regions)
        except ValueError:  # nothing that could be redesigned
            return
        yield view_of(copy, number, random)


def original_view(original: GarmentSample) -> StoredView:
    """The view of an original, its box as the mask has it."""
    return StoredView(_crop(original, np.zeros(4)), -1, (KEPT,) * len(COPY_PARTS), False, _category(original))


def view_of(copy: Copy, number: int, random: np.random.Generator) -> StoredView:
    """The view of a copy, its box a little off, as a detector's is."""
    change = [UNCLEAR] * len(COPY_PARTS)
    for region in copy.kept:
        change[region] = KEPT
    for region in copy.redesigned:
        change[region] = CHANGED
    pixels = _crop(copy.sample, random.uniform(-_JITTER, _JITTER, 4))
    return StoredView(pixels, number, tuple(change), copy.mirrored, _category(copy.sample))


def _category(sample: GarmentSample) -> int:
    return CATEGORIES.index(sample.category)


def _crop(sample: GarmentSample, misses: NDArray[np.float64]) -> Bytes:
    box = np.array(mask_box(sample.mask > 127))
    box += misses * (box[2:] - box[:2]).max()
    crop = CropSpec()
    return crop_square(sample.rgb, box, crop.side, crop.margin, PhotoSpec().fill)[0]
