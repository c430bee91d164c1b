"""Originals and their copies: what became of each part, whatever describes it, and the store of their crops.

Stored crops are as the encoder gets them when serving, in memory-mapped files: made once, and every training run reads
the same ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CropSpec
from seamline.training.cache import fill_once, open_memmap

Floats = NDArray[np.float32]

KEPT, CHANGED, UNCLEAR = 0, 1, -1
"""What became of a part of an original in a copy."""


@dataclasses.dataclass(frozen=True)
class Views:
    """N views: visible [N,P], original [N] (index of the garment's original view), copy [N] (number of the copy, -1 for
    an original), change [N,P] of the original's regions, mirrored [N]."""

    visible: Floats
    original: NDArray[np.int64]
    copy: NDArray[np.int64]
    change: NDArray[np.int8]
    mirrored: NDArray[np.bool_]

    @property
    def originals(self) -> NDArray[np.int64]:
        """Indices of the originals."""
        return np.flatnonzero(self.copy < 0)

    @property
    def copies(self) -> NDArray[np.int64]:
        """Indices of the copies."""
        return np.flatnonzero(self.copy >= 0)


Bytes = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class ViewStore:
    """N views: pixels [N,S,S,3]; `garment` [N], the index of the label; `copy` [N], its number in the plan, -1 for the
    original; `change` [N,P] of the *original's* parts (KEPT, CHANGED or UNCLEAR); `mirrored` [N]; `category` [N] of
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


@dataclasses.dataclass(frozen=True)
class StoredView:
    """One view: pixels [S,S,3], the copy's number or -1, change of the original's parts, mirrored, category."""

    pixels: Bytes
    copy: int
    change: tuple[int, ...]
    mirrored: bool
    category: int


def cached_views(folder: Path, key: str, most: int, make: Callable[[], Iterable[tuple[int, StoredView]]]) -> ViewStore:
    """The store in `folder` with this key; made there, from at most so many views with their garments, unless it is
    there already."""
    fill_once(folder, key, lambda: _fill(folder, most, make()))
    with np.load(folder / "truth.npz") as truth:
        arrays = {name: truth[name] for name in ("garment", "copy", "change", "mirrored", "category")}
    return ViewStore(np.load(folder / "pixels.npy", mmap_mode="r")[: len(arrays["garment"])], **arrays)


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
