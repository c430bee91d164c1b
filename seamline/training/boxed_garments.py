"""Views of labelled garments of which nothing is known but their boxes; kept in a store."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from seamline.core.errors import SeamlineError
from seamline.core.image import Pixels, crop_square, decode
from seamline.core.spec import CATEGORIES, CropSpec, PhotoSpec
from seamline.data.copies import COPY_PARTS
from seamline.data.label_file import Label
from seamline.training.progress import tracked
from seamline.training.views import KEPT, StoredView, ViewStore, cached_views


def build_boxed_store(labels: Sequence[Label], photos: Path, folder: Path) -> ViewStore:
    """The garments in these boxes in `folder`, made there unless they are there already; each is an original of its
    own. A photo below `photos` that cannot be read is left out and named on standard error."""
    digest = hashlib.sha256(repr(CropSpec()).encode())
    for label in labels:
        digest.update(repr((label.photo, label.box, label.category)).encode())
    return cached_views(folder, digest.hexdigest(), len(labels), lambda: enumerate(_views(labels, photos)))


def _views(labels: Sequence[Label], photos: Path) -> Iterator[StoredView]:
    for label in tracked("garments", labels, len(labels)):
        try:
            yield _of_label(label, photos)
        except (OSError, SeamlineError) as error:
            print(f"left out: {label.photo}: {error}", file=sys.stderr)


def _of_label(label: Label, photos: Path) -> StoredView:
    rgb = decode((photos / label.photo).read_bytes()).rgb
    return boxed_view(rgb, np.array(label.box) * (rgb.shape[1] / label.width), label.category)


def boxed_view(rgb: Pixels, box: ArrayLike, category: str) -> StoredView:
    """The view of a garment in a box of the photo HxWx3, an original."""
    crop = CropSpec()
    pixels = crop_square(rgb, box, crop.side, crop.margin, PhotoSpec().fill)[0]
    return StoredView(pixels, -1, (KEPT,) * len(COPY_PARTS), False, CATEGORIES.index(category))
