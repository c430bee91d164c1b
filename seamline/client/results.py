"""What the client's methods return.

R is the number of regions (5), K of landmarks, D the length of a region's vector. A similarity is a cosine,
larger is more alike; NaN stands where a region is not comparable because it is not visible in one of the
two garments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import REGIONS, ScoringSpec

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
    `background_std`: the similarity of that region between unrelated garments. `best_of`: how many regions
    the partial score averages. `copy_slope`, `copy_offset`: copy probability = logistic(slope * partial score
    + offset). `region_weights`: those of the first garment of a search, else the server's default. `ranking`,
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
    best_of: int = ScoringSpec.best_of
    copy_slope: float = ScoringSpec.copy_slope
    copy_offset: float = ScoringSpec.copy_offset
    region_weights: tuple[float, ...] = (1 / len(REGIONS),) * len(REGIONS)
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

    `item`, `photo`, `photo_sha256`, `photo_size`, `metadata`: as indexed. `score`: of the ranking that was asked for.
    `mirrored`: left and right were compared crosswise, as for a mirrored photo. `region_similarity` [R]: in
    the order of the query's regions, NaN where not comparable; when mirrored, row r is the query's region r
    against the hit's region `seamline.core.spec.MIRRORED[r]`. `copy_probability`: None where the server states none.
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
    metadata: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


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
class GarmentPair:
    """Garment `a` of the first and `b` of the second photo (their numbers), compared region by region.

    `mirrored`, `region_similarity` [R]: as of a Hit, with the first garment as the query. `kept` per region:
    True kept, False changed, None not comparable. `score`, `copy_probability`: None when no region is visible
    in both.
    """

    a: int
    b: int
    mirrored: bool
    region_similarity: Floats
    kept: tuple[bool | None, ...]
    score: float | None
    copy_probability: float | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two photos and their most alike pair of garments by `ranking`; `best` is None when a photo shows no garment."""

    photo_a: Embedded
    photo_b: Embedded
    best: GarmentPair | None
    ranking: str
    region_weights: tuple[float, ...]
    versions: Versions
