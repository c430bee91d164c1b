"""What the client's methods return.

P is the number of parts, K of landmarks, D the length of a part's vector. A similarity is a cosine,
larger is more alike; NaN stands where a part is not comparable because it is not visible in one of the
two garments.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.parts import ANY_CATEGORY, Parts
from seamline.core.photo_warnings import PhotoWarning
from seamline.core.spec import ScoringSpec
from seamline.ranking.kept import kept_thresholds

Box = tuple[float, float, float, float]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class IndexVersion:
    """What was searched: the name callers use, the Milvus collection behind it, its garments and their weights."""

    alias: str
    collection: str
    rows: int
    fingerprint: str


@dataclass(frozen=True)
class Versions:
    """What produced an answer. `raw` is the server's whole statement.

    `system`, `parts`: whose vectors these are. `rankings`: those that a search may name, the default first. `scoring`:
    what similarities mean; its weights "default" are those of the first garment of a search, else the server's
    default. `ranking`, `index`, and `reranker`, which decided the order of the first hits: of a search only.
    """

    seamline: str
    system: str
    fingerprint: str
    detector: str
    parts: Parts
    landmarks: tuple[str, ...]
    rankings: tuple[str, ...]
    scoring: ScoringSpec
    ranking: str | None = None
    reranker: str | None = None
    index: IndexVersion | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Of a garment's vectors (P, D)."""
        return len(self.parts), self.parts.dimension

    @property
    def part_weights(self) -> tuple[float, ...]:
        """The P weights of the first garment of a search, else the server's default."""
        return self.scoring.weights_for(ANY_CATEGORY)

    @property
    def kept_above(self) -> tuple[float, ...]:
        """Per part, the similarity from which it counts as kept in a pair whose other regions are as alike as usual."""
        return self.scoring.kept_above

    def kept_thresholds(self, similarity: Floats) -> Floats:
        """Per part (..., P), the similarity from which it counts as kept in a pair with these similarities (..., P)."""
        return kept_thresholds(similarity, self.parts, self.scoring)


@dataclass(frozen=True, eq=False)
class Garment:
    """One garment of a photo, in the photo's pixels.

    `score`: the detector's, 0..1. `landmarks` [K,3]: x, y, confidence; K is 0 for a system without. `part_boxes`
    [P,4]: NaN where a part has no place. `part_corners` [P,4,2]: the same as the corners of the garment held upright,
    its upper left, upper right, lower right and lower left; of one that is turned in the photo, `part_boxes` are around
    them. `part_visible` [P]: more than 0 where the part is there. `vectors` [P,D]: unit length, or zeros where it is
    not.
    """

    number: int
    box: Box
    score: float
    category: str
    landmarks: Floats
    part_boxes: Floats
    part_corners: Floats
    part_visible: Floats
    vectors: Floats


@dataclass(frozen=True, eq=False)
class Hit:
    """A garment of the catalogue that resembles the query.

    `item`, `photo`, `photo_sha256`, `photo_size`, `metadata`: as indexed. `score`: of the ranking that was asked for.
    `mirrored`: compared flipped, left with right, as for a mirrored photo. `part_similarity` [P]: in the order of the
    query's parts, NaN where not comparable; when mirrored, row p is the query's part p against the hit's part
    `versions.parts.mirror[p]`. `copy_probability`: None where the server states none. `part_corners`: as of `Garment`.
    """

    id: str
    item: str
    photo: str
    garment: int
    category: str
    score: float
    part_similarity: Floats
    copy_probability: float | None
    mirrored: bool
    box: Box
    part_boxes: Floats
    part_corners: Floats
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

    `photo_size`: width and height of the upright photo. `photo_sha256`: of the bytes that were sent. `warnings`: what
    of the photo is not in the answer.
    """

    garments: tuple[Garment, ...]
    photo_size: tuple[int, int]
    photo_sha256: str
    versions: Versions
    warnings: tuple[PhotoWarning, ...] = ()


@dataclass(frozen=True, eq=False)
class Searched:
    """The garments of the query photo, each with its hits; the rest as of `Embedded`."""

    garments: tuple[SearchedGarment, ...]
    photo_size: tuple[int, int]
    photo_sha256: str
    versions: Versions
    warnings: tuple[PhotoWarning, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The hits of all garments, best first, those of one garment in its own order."""
        rows = (garment.hits for garment in self.garments)
        return tuple(heapq.merge(*rows, key=lambda hit: -hit.score))


@dataclass(frozen=True, eq=False)
class GarmentPair:
    """Garment `a` of the first and `b` of the second photo (their numbers), compared part by part.

    `mirrored`, `part_similarity` [P]: as of a Hit, with the first garment as the query. `kept` per part:
    True kept, False changed, None not comparable. `score`, `copy_probability`: None when no part is visible
    in both.
    """

    a: int
    b: int
    mirrored: bool
    part_similarity: Floats
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
    part_weights: tuple[float, ...]
    versions: Versions
