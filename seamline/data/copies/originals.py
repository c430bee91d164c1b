"""Where originals come from: labelled photos, or garments drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seamline.core.image import Pixels
from seamline.core.spec import CATEGORIES
from seamline.data.copies.background import background_of
from seamline.data.copies.generator import sample_of
from seamline.data.copies.landmarks import landmark_array
from seamline.data.copies.sample import GarmentSample
from seamline.data.label_file import read_labels
from seamline.synthetic import draw_sample

LEAST_TRUST = 0.85
"""Labels are used from this trust on: a misplaced point makes a copy whose truth is wrong."""

_DRAWN_SIDE = 480


def labelled(photos: Path, labels: Path) -> list[tuple[str, GarmentSample]]:
    """Name and sample of each trusted label of a file; masks lie beside it."""
    found = [label for label in read_labels(labels, LEAST_TRUST) if label.mask is not None]
    return [(label.photo, sample_of(label, photos, labels.parent)) for label in found]


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
