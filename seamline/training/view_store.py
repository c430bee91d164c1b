"""Crops of garments and of their copies, as the encoder gets them when serving, with the truth about each region.

`seamline.data.copies` makes the copies; the crops are kept in memory-mapped files: made once, and every training
run reads the same ones.
"""

from __future__ import annotations

import dataclasses
import hashlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels, crop_square
from seamline.core.spec import CATEGORIES, CropSpec, PhotoSpec
from seamline.data.copies import LEVELS, LEVELS_VERSION, GarmentSample, Level, background_of, make_copy, sample_of
from seamline.data.label_file import Label
from seamline.data.mask_box import mask_box
from seamline.systems.psnet.spec import REGIONS
from seamline.training.cache import fill_once, open_memmap
from seamline.training.progress import Progress
from seamline.training.views import CHANGED, KEPT, UNCLEAR

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

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
        unknown = set(self.levels) - set(LEVELS)
        if unknown:
            raise ValueError(f"unknown level {', '.join(sorted(unknown))}; there are {', '.join(LEVELS)}")
        if len(self.levels) != len(self.regions):
            raise ValueError("every copy needs a level and a number of regions")


@dataclasses.dataclass(frozen=True)
class ViewStore:
    """N views: pixels [N,S,S,3]; `garment` [N], the index of the label; `copy` [N], its number in the plan, -1 for the
    original; `change` [N,5] of the *original's* regions (KEPT, CHANGED or UNCLEAR); `mirrored` [N]; `category` [N] of
    the garment in the view."""

    pixels: Bytes
    garment: NDArray[np.int64]
    copy: NDArray[np.int64]
    change: NDArray[np.int8]
    mirrored: NDArray[np.bool_]
    category: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.garment)

    @property
    def originals(self) -> NDArray[np.int64]:
        """Indices of the originals' views."""
        return np.flatnonzero(self.copy < 0)


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
    return cached_views(folder, _key(labels, plan), most, lambda: _made(maker, processes))


def _made(maker: _Maker, processes: int) -> Iterator[tuple[int, StoredView]]:
    progress = Progress("copies", len(maker.labels))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for garment, views in enumerate(pool.imap(maker, range(len(maker.labels)), chunksize=4)):
            yield from ((garment, view) for view in views)
            progress.advance()


def cached_views(folder: Path, key: str, most: int, make: Callable[[], Iterable[tuple[int, StoredView]]]) -> ViewStore:
    """The store in `folder` with this key; made there, from at most so many views with their garments, unless it is
    there already."""
    fill_once(folder, key, lambda: _fill(folder, most, make()))
    with np.load(folder / "truth.npz") as truth:
        arrays = {name: truth[name] for name in ("garment", "copy", "change", "mirrored", "category")}
    return ViewStore(np.load(folder / "pixels.npy", mmap_mode="r")[: len(arrays["garment"])], **arrays)


def _key(labels: Sequence[Label], plan: CopyPlan) -> str:
    digest = hashlib.sha256(f"{LEVELS_VERSION} {plan} {CropSpec()}".encode())
    for label in labels:
        digest.update(label.to_line().encode())
    return digest.hexdigest()


@dataclasses.dataclass(frozen=True)
class StoredView:
    """One view: pixels [S,S,3], the copy's number or -1, change of the original's regions, mirrored, category."""

    pixels: Bytes
    copy: int
    change: tuple[int, ...]
    mirrored: bool
    category: int


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
        views = [StoredView(_crop(original, np.zeros(4)), -1, (KEPT,) * len(REGIONS), False, _category(original))]
        sources = [self._sample(int(other)) for other in random.integers(len(self.labels), size=_SOURCES)]
        backgrounds = [background_of(source, random) for source in sources[:_BACKGROUNDS]]
        for number, (level, regions) in enumerate(zip(self.plan.levels, self.plan.regions, strict=True)):
            views += self._copy(original, sources, backgrounds, LEVELS[level], regions, number, random)
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
        change = [UNCLEAR] * len(REGIONS)
        for region in copy.kept:
            change[region] = KEPT
        for region in copy.redesigned:
            change[region] = CHANGED
        pixels = _crop(copy.sample, random.uniform(-_JITTER, _JITTER, 4))
        yield StoredView(pixels, number, tuple(change), copy.mirrored, _category(copy.sample))


def _category(sample: GarmentSample) -> int:
    return CATEGORIES.index(sample.category)


def _crop(sample: GarmentSample, misses: NDArray[np.float64]) -> Bytes:
    box = np.array(mask_box(sample.mask > 127))
    box += misses * (box[2:] - box[:2]).max()
    crop = CropSpec()
    return crop_square(sample.rgb, box, crop.side, crop.margin, PhotoSpec().fill)[0]


def _fill(folder: Path, most: int, views: Iterable[tuple[int, StoredView]]) -> None:
    side = CropSpec().side
    pixels = open_memmap(folder / "pixels.npy", "w+", np.uint8, (most, side, side, 3))
    rows: list[tuple[int, StoredView]] = []
    for garment, view in views:
        pixels[len(rows)] = view.pixels
        rows.append((garment, dataclasses.replace(view, pixels=_NOTHING)))
    pixels.flush()
    np.savez(
        folder / "truth.npz",
        garment=np.array([garment for garment, _ in rows]),
        copy=np.array([view.copy for _, view in rows]),
        change=np.array([view.change for _, view in rows], np.int8),
        mirrored=np.array([view.mirrored for _, view in rows]),
        category=np.array([view.category for _, view in rows]),
    )


_NOTHING = np.zeros((0, 0, 3), np.uint8)
