"""What a search takes from a collection: candidate rows and a sample of all rows."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CATEGORIES, REGIONS
from seamline.index.garment import Floats
from seamline.index.precision import decoded, encoded

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
class Found:
    """N rows that m probes brought, each once: keys, products (N, m) with the probes, regions (N,) as bits.

    A product is NaN where the probe did not bring the row; `last` (m,) is that of the last row which it brought.
    """

    keys: tuple[str, ...]
    products: Floats
    last: Floats
    regions: NDArray[np.int64]


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

    def expression(self, partitioned: bool) -> str:
        """The filter as Milvus reads it, made of numbers only. `partitioned`: rows lie together by category.

        Milvus 2.3 leaves partitions out for `in` alone, and otherwise takes 10 to 20 ms longer for `in` than for
        comparisons, among a million rows.
        """
        numbers = sorted(map(CATEGORIES.index, set(self.categories)))
        compared = " or ".join(f"category == {number}" for number in numbers)
        chosen = f"category in {numbers}" if partitioned else f"({compared})"
        parts = [chosen] if numbers else []
        return " and ".join([*parts, f"regions < {ALL_REGIONS}"] if self.incomplete else parts)

    @property
    def parameters(self) -> dict[str, int]:
        """How hard to look, in the words of each type of index, which reads its own and leaves the others."""
        effort = max(self.limit, self.effort)
        return {
            "ef": effort,
            "search_list": min(effort, 10 * self.limit),
            "nprobe": max(8, effort // 4),
            "reorder_k": effort,
            "itopk_size": math.ceil(effort / 32) * 32,
        }


ALL_REGIONS = 2 ** len(REGIONS) - 1
"""The field `regions` of a garment that lacks none."""

_PER_HIT, _WIDTH = 2.0, 400
"""Rows for each hit, and rows that the index looks at, in 10,000 garments."""

_LARGEST = 1e10

_AT_ONCE = 4096
"""Rows of one answer: 11 MB with vectors of 640 numbers, of the 64 MB that a server sends."""

_KEYS_AT_ONCE = 16_384


def limit_for(top_k: int, rows: int) -> int:
    """Rows that each probe has to bring so that the `top_k` best garments of `rows` are among them.

    Measured for the probes of `seamline.ranking.query_vectors`: 2 for each hit in 10,000 garments, 3 in a million.
    """
    return math.ceil(top_k * _PER_HIT * (1 + _magnitude(rows) / 4))


def effort_for(rows: int) -> int:
    """How widely an index of `rows` has to look: measured, 400 rows in 10,000 garments and 1,200 in a million."""
    return round(_WIDTH * (1 + _magnitude(rows)))


def _magnitude(rows: int) -> float:
    """Powers of ten by which there are more than 10,000 rows."""
    return math.log10(min(max(rows, 10_000), _LARGEST) / 10_000)


def candidates_of(collection: Collection, probes: Sequence[Floats], wanted: Wanted) -> list[Candidates]:
    """For each of several sets of probes (m, 5 * D), the rows of largest inner product with any of them.

    One call, or as few as answers of bounded size allow.
    """
    answers = _answers(collection, probes, wanted, ["vector", "record"], _AT_ONCE)
    return [_merged(collection, each) for each in answers]


def found_by(collection: Collection, probes: Sequence[Floats], wanted: Wanted, fields: Sequence[str]) -> list[Found]:
    """What each of several sets of probes (m, 5 * D) brings, without vectors and records.

    `fields`: those that the collection has.
    """
    told = ["regions"] if "regions" in fields else []
    return [_found(each) for each in _answers(collection, probes, wanted, told, _KEYS_AT_ONCE)]


def fetched(collection: Collection, keys: Sequence[Sequence[str]]) -> list[Candidates]:
    """Rows by their keys, which Milvus has given; one that has been deleted since is left out."""
    every = sorted({key for each in keys for key in each})
    rows: dict[str, Any] = {}
    for start in range(0, len(every), _AT_ONCE):
        rows.update(_rows(collection, every[start : start + _AT_ONCE]))
    present = [[key for key in each if key in rows] for each in keys]
    return [
        Candidates(
            tuple(each),
            _vectors([rows[key]["vector"] for key in each], collection),
            tuple(rows[key]["record"] for key in each),
        )
        for each in present
    ]


def _rows(collection: Collection, keys: Sequence[str]) -> dict[str, Any]:
    found = collection.loaded(
        lambda client: client.get(collection.physical, ids=list(keys), output_fields=["vector", "record"])
    )
    return {str(row["pk"]): row for row in found}


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


def _answers(
    collection: Collection, probes: Sequence[Floats], wanted: Wanted, fields: list[str], at_once: int
) -> list[list[Any]]:
    """For each set of probes, the answer to each of its probes."""
    sets = [np.atleast_2d(each) for each in probes]
    every = np.concatenate(sets)
    step = max(1, at_once // wanted.limit)
    answers: list[Any] = []
    for start in range(0, len(every), step):
        answers.extend(_search(collection, every[start : start + step], wanted, fields))
    remaining = iter(answers)
    return [list(itertools.islice(remaining, len(each))) for each in sets]


def _search(collection: Collection, probes: Floats, wanted: Wanted, fields: list[str]) -> Sequence[Any]:
    found: Sequence[Any] = collection.loaded(
        lambda client: client.search(
            collection.physical,
            data=[encoded(probe, collection.precision) for probe in probes],
            anns_field="vector",
            limit=wanted.limit,
            filter=wanted.expression(collection.partitioned),
            output_fields=fields,
            search_params={"metric_type": "IP", "params": wanted.parameters},
        )
    )
    return found


def _found(answers: Sequence[Any]) -> Found:
    place: dict[str, int] = {}
    regions: list[int] = []
    for hit in itertools.chain.from_iterable(answers):
        if str(hit.id) not in place:
            place[str(hit.id)] = len(place)
            regions.append(int(hit["entity"].get("regions", ALL_REGIONS)))
    last = np.array([float(hits[-1]["distance"]) if len(hits) else 0.0 for hits in answers], np.float32)
    products = np.full((len(place), len(answers)), np.nan, np.float32)
    for column, hits in enumerate(answers):
        for hit in hits:
            products[place[str(hit.id)], column] = hit["distance"]
    return Found(tuple(place), products, last, np.array(regions, np.int64))


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
