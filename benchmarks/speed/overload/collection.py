"""A collection for `search` to look in: rows with random vectors, as nobody looks at the hits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing

import numpy as np

from seamline.client import Client
from seamline.index import Garment, Index
from seamline.local import Endpoints

NAME = "overload"
ROWS = 1000


def fill(endpoints: Endpoints) -> None:
    """Make the collection NAME of ROWS garments in the server's index."""
    with Client(endpoints.grpc) as client:
        versions = client.versions()
    with closing(Index(endpoints.milvus)) as index:
        collection = index.create(NAME, versions.fingerprint, versions.shape)
        collection.store(_garments(versions.shape))
        collection.flush()


def _garments(shape: tuple[int, int]) -> Iterator[Garment]:
    """ROWS garments with vectors (P, D) of this shape."""
    draw = np.random.default_rng(0)
    box = [0.0, 0.0, 9.0, 9.0]
    for number in range(ROWS):
        vectors = draw.normal(size=shape).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        yield Garment(f"item{number}", f"{number}.jpg", digest, (9, 9), 0, "skirt", box, [box] * shape[0], vectors)
