"""What a search takes from a collection: candidate rows and a sample of all rows."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seamline.index.garment import Floats
from seamline.index.precision import decoded, encoded
from seamline.spec import CATEGORIES, REGIONS

if TYPE_CHECKING:
    from seamline.index.collection import Collection

_COHORT = 256


@dataclasses.dataclass(frozen=True)
class Candidates:
    """N candidate rows, each once: keys, vectors (N, 5, D) and records (JSON)."""

    keys: tuple[str, ...]
    vectors: Floats
    records: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """Which rows a search may answer with, and how many for each probe.

    `categories`: only these, all for none. `incomplete`: only garments that lack regions. `effort`: how widely an
    approximate index looks around, in rows; at least `limit`.
    """

    limit: int
    categories: tuple[str, ...] = ()
    incomplete: bool = False
    effort: int = 64

    @property
    def expression(self) -> str:
        """The filter as Milvus reads it, made of numbers only."""
        chosen = sorted({CATEGORIES.index(name) for name in self.categories})
        parts = [f"category in {chosen}"] if chosen else []
        return " and ".join([*parts, f"regions < {ALL_REGIONS}"] if self.incomplete else parts)

    @property
    def parameters(self) -> dict[str, int]:
        """How hard to look, in the words of each type of index, which reads its own and leaves the others."""
        effort = max(self.limit, self.effort)
        return {"ef": effort, "search_list": effort, "nprobe": max(8, effort // 4)}


ALL_REGIONS = 2 ** len(REGIONS) - 1
"""The field `regions` of a garment that lacks none."""

_LEAST, _MOST = 1.5, 6.0

_AT_ONCE = 4096
"""Rows of one answer: 11 MB with vectors of 640 numbers, of the 64 MB that a server sends."""


def limit_for(top_k: int, rows: int) -> int:
    """Rows that each probe has to bring so that `top_k` hits are the exact ones, in a collection of `rows`.

    Measured for the probes of `seamline.probes`: 1.5 for each hit in 10,000 garments, 3 in a million.
    """
    share = _LEAST * (1 + math.log10(max(rows, 1) / 10_000) / 2)
    return math.ceil(top_k * min(max(share, _LEAST), _MOST))


def candidates(collection: Collection, probes: Floats, wanted: Wanted) -> Candidates:
    """The rows of largest inner product with each of the probes (m, 5 * D)."""
    return candidates_of(collection, [probes], wanted)[0]


def candidates_of(collection: Collection, probes: Sequence[Floats], wanted: Wanted) -> list[Candidates]:
    """The candidates for each of several sets of probes (m, 5 * D).

    One call, or as few as answers of bounded size allow.
    """
    sets = [np.atleast_2d(each) for each in probes]
    every = np.concatenate(sets)
    step = max(1, _AT_ONCE // wanted.limit)
    answers: list[Any] = []
    for start in range(0, len(every), step):
        answers.extend(_search(collection, every[start : start + step], wanted))
    remaining = iter(answers)
    return [_merged(collection, list(itertools.islice(remaining, len(each)))) for each in sets]


def joined(parts: Sequence[Candidates]) -> Candidates:
    """The rows of several answers, each once."""
    if len(parts) == 1:
        return parts[0]
    place = {key: (part, row) for part in parts for row, key in enumerate(part.keys)}
    return Candidates(
        tuple(place),
        np.stack([part.vectors[row] for part, row in place.values()]) if place else parts[0].vectors,
        tuple(part.records[row] for part, row in place.values()),
    )


def _search(collection: Collection, probes: Floats, wanted: Wanted) -> Sequence[Any]:
    found: Sequence[Any] = collection.loaded(
        lambda client: client.search(
            collection.physical,
            data=[encoded(probe, collection.precision) for probe in probes],
            anns_field="vector",
            limit=wanted.limit,
            filter=wanted.expression,
            output_fields=["vector", "record"],
            search_params={"metric_type": "IP", "params": wanted.parameters},
        )
    )
    return found


def _merged(collection: Collection, answers: Sequence[Any]) -> Candidates:
    rows = {str(hit.id): hit["entity"] for hits in answers for hit in hits}
    return Candidates(
        tuple(rows),
        _vectors([row["vector"] for row in rows.values()], collection),
        tuple(row["record"] for row in rows.values()),
    )


def incomplete(collection: Collection) -> int:
    """Number of rows that lack regions, as it was some seconds ago at the latest."""
    found = collection.loaded(
        lambda client: client.query(collection.physical, filter=f"regions < {ALL_REGIONS}", output_fields=["count(*)"])
    )
    return int(found[0]["count(*)"])


def cohort(collection: Collection, rows: int) -> Floats:
    """Vectors (about 256, 5, D) of a fixed random sample of the collection that holds `rows` garments.

    Keys begin with a digest, so a range of keys is a random sample that stays the same from call to call.
    """
    share = min(1.0, _COHORT / max(rows, 1))
    bound = f"{int(share * 0xFFFFFFFF):08x}" if share < 1 else "g"
    found = collection.loaded(
        lambda client: client.query(
            collection.physical, filter=f'pk < "{bound}"', output_fields=["vector"], limit=2 * _COHORT
        )
    )
    return _vectors([row["vector"] for row in found], collection)


def _vectors(rows: Sequence[Any], collection: Collection) -> Floats:
    flat = decoded(rows, collection.precision, len(REGIONS) * collection.dimension)
    return flat.reshape(len(rows), len(REGIONS), collection.dimension)
