"""What region vectors are compared with that needs no network: a perceptual hash and a colour histogram.

Each baseline turns a garment's crop into a unit vector, so that the dot product says how alike two crops are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality.comparing import compare
from seamline.evaluation.cache import key_of, stored
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.protocol import QueryGallery

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

COLOURS = 6
"""Steps of each of red, green and blue in a colour histogram."""

_HASH_SIDE, _HASH_KEPT = 32, 8


def perceptual_hash(crop: Pixels) -> Floats:
    """The 64-bit pHash of an RGB crop as signs / 8, so that a dot product is 1 - 2 * Hamming distance / 64.

    Low frequencies of the cosine transform of the 32x32 grey picture, each above or below their median.
    """
    small = Image.fromarray(crop).convert("L").resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.LANCZOS)
    grey = np.asarray(small, np.float64)
    place = np.arange(_HASH_SIDE)
    cosines = np.cos(np.pi * (place[None] + 0.5) * place[:_HASH_KEPT, None] / _HASH_SIDE)
    low = (cosines @ grey @ cosines.T).reshape(-1)
    return np.where(low > np.median(low), 1.0, -1.0).astype(np.float32) / _HASH_KEPT


def mirrored_hash(crop: Pixels) -> Floats:
    """The hash of the mirrored crop."""
    return perceptual_hash(np.ascontiguousarray(crop[:, ::-1]))


def colour_histogram(crop: Pixels) -> Floats:
    """Root of the joint RGB histogram of the crop's middle, whose dot product is the Bhattacharyya coefficient."""
    side = len(crop)
    middle = crop[side // 5 : -side // 5, side // 5 : -side // 5].reshape(-1, 3).astype(int) * COLOURS // 256
    counts = np.bincount(middle @ (COLOURS**2, COLOURS, 1), minlength=COLOURS**3)
    return np.sqrt(counts / counts.sum()).astype(np.float32)


def of_crops(function: Callable[[Pixels], Floats], parts: Sequence[DetectedPhotos], cache: Path) -> Floats:
    """A function of every garment's crop (n, d), read from `cache` where it was computed before."""
    return np.concatenate([_of(function, seen, cache) for seen in parts])


def _of(function: Callable[[Pixels], Floats], seen: DetectedPhotos, cache: Path) -> Floats:
    def compute() -> dict[str, Floats]:
        crops = seen.garments.crops
        return {"rows": np.array([function(crops[row]) for row in range(len(seen))], np.float32)}

    rows = stored(cache, f"{function.__name__}-{key_of(seen.key, 'v1')}", compute)["rows"]
    return np.asarray(rows, np.float32).reshape(len(seen), -1)


def hash_scores(problem: QueryGallery, parts: Sequence[DetectedPhotos], cache: Path) -> Floats:
    """The perceptual hash; the query is tried straight and mirrored, as our rankings do."""
    straight, flipped = of_crops(perceptual_hash, parts, cache), of_crops(mirrored_hash, parts, cache)
    return compare(problem, lambda row: np.maximum(straight @ straight[row], straight @ flipped[row]))


def colour_scores(problem: QueryGallery, parts: Sequence[DetectedPhotos], cache: Path) -> Floats:
    """The colour histogram."""
    colours = of_crops(colour_histogram, parts, cache)
    return compare(problem, lambda row: colours @ colours[row])
