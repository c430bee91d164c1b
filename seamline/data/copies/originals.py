"""Where originals come from: labelled photos, or garments drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from seamline.core.image import Pixels, decode
from seamline.core.spec import CATEGORIES
from seamline.data.copies.background import background_of
from seamline.data.copies.landmarks import landmark_array
from seamline.data.copies.sample import GarmentSample
from seamline.data.label_file import Label, read_labels
from seamline.synthetic import draw_sample

LEAST_TRUST = 0.85
"""Labels are used from this trust on: a misplaced point makes a copy whose ground truth is wrong."""

_DRAWN_SIDE = 480


def labelled(photos: Path, labels: Path) -> list[tuple[str, GarmentSample]]:
    """Name and sample of each trusted label of a file; masks lie beside it."""
    found = [label for label in read_labels(labels, LEAST_TRUST) if label.mask is not None]
    return [(label.photo, sample_of(label, photos, labels.parent)) for label in found]


def sample_of(label: Label, photos: Path, labels_folder: Path) -> GarmentSample:
    """The garment of a label; its photo lies under `photos`, its mask under `labels_folder`.

    Raises ValueError for a label without a mask.
    """
    if label.mask is None:
        raise ValueError(f"the label of {label.photo} has no mask")
    rgb = decode((photos / label.photo).read_bytes(), max(label.width, label.height)).rgb
    mask = np.asarray(Image.open(labels_folder / label.mask).convert("L"), np.uint8)
    return GarmentSample(rgb, mask, landmark_array(label.points, label.unsure), label.category)


def drawn(count: int, seed: int) -> list[tuple[str, GarmentSample]]:
    """Name and sample of drawn garments, all categories in turn."""
    return [
        (f"drawn-{number:04d}", drawn_sample(np.random.default_rng([seed, number]), category))
        for number, category in zip(range(count), CATEGORIES * (count // len(CATEGORIES) + 1), strict=False)
    ]


def drawn_sample(
    random: np.random.Generator, category: str | None = None, long_side: int = _DRAWN_SIDE
) -> GarmentSample:
    """A drawn garment of the given or a random category, `long_side` pixels."""
    sample = draw_sample(random, long_side, category)
    return GarmentSample(sample.rgb, sample.mask, landmark_array(sample.landmarks), sample.category)


def some_backgrounds(samples: Sequence[GarmentSample], count: int, random: np.random.Generator) -> list[Pixels]:
    """Backgrounds of that many of the samples."""
    chosen = random.choice(len(samples), min(count, len(samples)), replace=False)
    return [background_of(samples[int(index)], random) for index in chosen]
