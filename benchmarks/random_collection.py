"""A collection for `search` to look in: rows with random vectors, as nobody looks at the hits."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import closing

import numpy as np

from seamline.client import Client
from seamline.index import Garment, Index
from seamline.local import Endpoints

_BATCH = 500


def fill(endpoints: Endpoints, name: str, rows: int) -> None:
    """Make a collection of `rows` garments in the server's index."""
    with Client(endpoints.grpc) as client:
        versions = client.versions()
    garments = _garments(rows, versions.shape)
    with closing(Index(endpoints.milvus, timeout=60)) as index:
        collection = index.create(name, versions.fingerprint, versions.shape)
        while batch := list(itertools.islice(garments, _BATCH)):
            collection.store(batch, fresh=True)
        collection.flush()


def _garments(rows: int, shape: tuple[int, int]) -> Iterator[Garment]:
    """Garments with vectors (P, D) of this shape."""
    draw = np.random.default_rng(0)
    box = [0.0, 0.0, 9.0, 9.0]
    for number in range(rows):
        vectors = draw.normal(size=shape).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        yield Garment(f"item{number}", f"{number}.jpg", digest, (9, 9), 0, "skirt", box, [box] * shape[0], vectors)
