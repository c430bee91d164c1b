"""What the client's methods return.

R is the number of regions (5), K of landmarks, D the length of a region's vector. A similarity is a cosine,
larger is more alike; NaN stands where a region is not comparable because it is not visible in one of the
two garments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class IndexVersion:
    """What was searched: the name callers use, the Milvus collection behind it, its garments and their encoder."""

    alias: str
    collection: str
    rows: int
    fingerprint: str


@dataclass(frozen=True)
class Versions:
    """What produced an answer. `raw` is the server's whole statement.

    `kept_above`: per region, the similarity from which it counts as kept. `background_mean`,
    `background_std`: the similarity of that region between unrelated garments. `region_weights`, `ranking`,
    `index`: of a search only.
    """

    seamline: str
    fingerprint: str
    detector: str
    regions: tuple[str, ...]
    landmarks: tuple[str, ...]
    kept_above: tuple[float, ...]
    background_mean: tuple[float, ...]
    background_std: tuple[float, ...]
    region_weights: tuple[float, ...] | None = None
    ranking: str | None = None
    index: IndexVersion | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, eq=False)
class Garment:
    """One garment of a photo, in the photo's pixels.

    `score`: the detector's, 0..1. `landmarks` [K,3]: x, y, confidence. `region_boxes` [R,4].
    `region_visible` [R]: more than 0 where the region is there. `vectors` [R,D]: unit length, or zeros
    where it is not.
    """

    number: int
    box: Box
    score: float
    category: str
    landmarks: Floats
    region_boxes: Floats
    region_visible: Floats
    vectors: Floats


@dataclass(frozen=True, eq=False)
class Hit:
    """A garment of the catalogue that resembles the query.

    `item`, `photo`, `photo_sha256`, `photo_size`: as indexed. `score`: of the ranking that was asked for.
    `mirrored`: the sleeves were compared crosswise, as for a mirrored photo. `region_similarity` [R]: in
    the order of the hit's regions, NaN where not comparable; when mirrored, a sleeve of the hit against the
    query's other one. `copy_probability`: None where the server has no calibration.
    """

    id: str
    item: str
    photo: str
    garment: int
    category: str
    score: float
    region_similarity: Floats
    copy_probability: float | None
    mirrored: bool
    box: Box
    region_boxes: Floats
    photo_size: tuple[int, int]
    photo_sha256: str


@dataclass(frozen=True, eq=False)
class SearchedGarment(Garment):
    """A garment of the query photo with its hits, best first."""

    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, eq=False)
class Embedded:
    """The garments of one photo.

    `photo_size`: width and height of the upright photo. `photo_sha256`: of the bytes that were sent.
    """

    garments: tuple[Garment, ...]
    photo_size: tuple[int, int]
    photo_sha256: str
    versions: Versions


@dataclass(frozen=True, eq=False)
class Searched:
    """The garments of the query photo, each with its hits."""

    garments: tuple[SearchedGarment, ...]
    photo_size: tuple[int, int]
    photo_sha256: str
    versions: Versions

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The hits of all garments, best first."""
        every = [hit for garment in self.garments for hit in garment.hits]
        return tuple(sorted(every, key=lambda hit: -hit.score))


@dataclass(frozen=True, eq=False)
class Reading:
    """Two garments compared region by region, straight or with the sleeves crosswise (`mirrored`).

    `region_similarity` [R] in the order of the second garment's regions; `kept` per region: True kept,
    False changed, None not comparable. `score`: None when no region is visible in both.
    """

    mirrored: bool
    region_similarity: Floats
    kept: tuple[bool | None, ...]
    score: float | None


@dataclass(frozen=True, eq=False)
class GarmentPair:
    """Garment `a` of the first and `b` of the second photo (their numbers), in both readings."""

    a: int
    b: int
    straight: Reading
    mirrored: Reading
    copy_probability: float | None

    @property
    def better(self) -> Reading:
        """The reading with the larger score; the straight one when they are equal."""
        straight, mirrored = (
            reading.score if reading.score is not None else -math.inf for reading in (self.straight, self.mirrored)
        )
        return self.mirrored if mirrored > straight else self.straight


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two photos and their most alike pair of garments by `ranking`; `best` is None when a photo shows no garment."""

    photo_a: Embedded
    photo_b: Embedded
    best: GarmentPair | None
    ranking: str
    region_weights: tuple[float, ...]
    versions: Versions
