"""Rows for tests of the index: garments with random unit vectors and awkward names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from seamline.core.spec import CATEGORIES
from seamline.index import Garment
from seamline.index.garment import Value

FINGERPRINT = "0123456789abcdef"
OTHER = "fedcba9876543210"
DIMENSION = 16
VECTORS = np.random.default_rng(0).normal(size=(700, 5, DIMENSION)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=-1, keepdims=True)


def garment(
    number: int, item: str | None = None, content: str | None = None, metadata: Mapping[str, Value] | None = None
) -> Garment:
    """The garment whose vectors are VECTORS[number]."""
    name = item if item is not None else f"item'\"%{number}"
    digest = hashlib.sha256((content or name).encode()).hexdigest()
    category = CATEGORIES[number % len(CATEGORIES)]
    boxes = [[0, 0, 1, 1]] * 5
    vectors = VECTORS[number]
    return Garment(name, f"{name}.jpg", digest, (10, 20), 0, category, [0, 0, 10, 20], boxes, vectors, metadata or {})
