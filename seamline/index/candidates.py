"""What a search takes from a collection: candidate rows and a sample of all rows."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pymilvus import MilvusClient

from seamline.core.spec import COHORT_SIZE
from seamline.index.garment import Floats, Shape
from seamline.index.precision import decoded, encoded
from seamline.index.schema import PresentField
from seamline.index.search_params import SearchParams

T = TypeVar("T")

_AT_ONCE, _NUMBERS_AT_ONCE = 4096, 4096 * 640
"""Rows of one answer at most, and numbers of their vectors: 11 MB of the 64 MB that a server sends."""

_KEYS_AT_ONCE = 16_384


class Searchable(Protocol):
    """What searching needs of a collection."""

    physical: str
    shape: Shape
    precision: str
    partitioned: bool
    present: PresentField

    def loaded(self, action: Callable[[MilvusClient], T]) -> T:
        """The result of an action on a collection that is in the memory of the index."""
        ...


@dataclasses.dataclass(frozen=True)
class Candidates:
    """N candidate rows, each once: keys, vectors (N, P, D) and records (JSON)."""

    keys: tuple[str, ...]
    vectors: Floats
    records: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class SearchResult:
    """N rows that m query vectors brought, each once: keys, products (N, m) with them, present (N,) parts as bits.

    A product is NaN where the query vector did not bring the row; `last` (m,) is that of the last row it brought.
    """

    keys: tuple[str, ...]
    products: Floats
    last: Floats
    present: NDArray[np.int64]


def candidates_of(collection: Searchable, queries: Sequence[Floats], params: SearchParams) -> list[Candidates]:
    """For each of several sets of query vectors (m, P * D), the rows of largest inner product with any of them.

    One call, or as few as answers of bounded size allow.
    """
    answers = _answers(collection, queries, params, ["vector", "record"], _rows_at_once(collection))
    return [_merged(collection, each) for each in answers]


def search(collection: Searchable, queries: Sequence[Floats], params: SearchParams) -> list[SearchResult]:
    """What each of several sets of query vectors (m, P * D) brings, without vectors and records."""
    present = collection.present
    answers = _answers(collection, queries, params, [present.name] if present.name else [], _KEYS_AT_ONCE)
    return [_found(each, present) for each in answers]


def fetch(collection: Searchable, keys: Sequence[Sequence[str]]) -> list[Candidates]:
    """Rows by their keys, which Milvus has given; one that has been deleted since is left out."""
    every = sorted({key for each in keys for key in each})
    rows: dict[str, Any] = {}
    step = _rows_at_once(collection)
    for start in range(0, len(every), step):
        rows.update(_rows(collection, every[start : start + step]))
    present = [[key for key in each if key in rows] for each in keys]
    return [
        Candidates(
            tuple(each),
            _vectors([rows[key]["vector"] for key in each], collection),
            tuple(rows[key]["record"] for key in each),
        )
        for each in present
    ]


def _rows_at_once(collection: Searchable) -> int:
    """Rows of one answer that carries vectors."""
    return max(1, min(_AT_ONCE, _NUMBERS_AT_ONCE // math.prod(collection.shape)))


def _rows(collection: Searchable, keys: Sequence[str]) -> dict[str, Any]:
    found = collection.loaded(
        lambda client: client.get(collection.physical, ids=list(keys), output_fields=["vector", "record"])
    )
    return {str(row["pk"]): row for row in found}


def joined(answers: Sequence[Candidates]) -> Candidates:
    """The rows of several answers, each once."""
    if len(answers) == 1:
        return answers[0]
    place = {key: (answer, row) for answer in answers for row, key in enumerate(answer.keys)}
    return Candidates(
        tuple(place),
        np.stack([answer.vectors[row] for answer, row in place.values()]) if place else answers[0].vectors,
        tuple(answer.records[row] for answer, row in place.values()),
    )


def _answers(
    collection: Searchable, queries: Sequence[Floats], params: SearchParams, fields: list[str], at_once: int
) -> list[list[Any]]:
    """For each set of query vectors, the answer to each of them."""
    sets = [np.atleast_2d(each) for each in queries]
    every = np.concatenate(sets)
    step = max(1, at_once // params.limit)
    answers: list[Any] = []
    for start in range(0, len(every), step):
        answers.extend(_search(collection, every[start : start + step], params, fields))
    remaining = iter(answers)
    return [list(itertools.islice(remaining, len(each))) for each in sets]


def _search(collection: Searchable, vectors: Floats, params: SearchParams, fields: list[str]) -> Sequence[Any]:
    found: Sequence[Any] = collection.loaded(
        lambda client: client.search(
            collection.physical,
            data=[encoded(vector, collection.precision) for vector in vectors],
            anns_field="vector",
            limit=params.limit,
            filter=params.expression(collection.present, collection.partitioned),
            output_fields=fields,
            search_params={"metric_type": "IP", "params": params.by_index_type},
        )
    )
    return found


def _found(answers: Sequence[Any], field: PresentField) -> SearchResult:
    place: dict[str, int] = {}
    present: list[int] = []
    for hit in itertools.chain.from_iterable(answers):
        if str(hit.id) not in place:
            place[str(hit.id)] = len(place)
            present.append(int(hit["entity"].get(field.name, field.whole)))
    last = np.array([float(hits[-1]["distance"]) if len(hits) else 0.0 for hits in answers], np.float32)
    products = np.full((len(place), len(answers)), np.nan, np.float32)
    for column, hits in enumerate(answers):
        for hit in hits:
            products[place[str(hit.id)], column] = hit["distance"]
    return SearchResult(tuple(place), products, last, np.array(present, np.int64))


def _merged(collection: Searchable, answers: Sequence[Any]) -> Candidates:
    rows = {str(hit.id): hit["entity"] for hits in answers for hit in hits}
    return Candidates(
        tuple(rows),
        _vectors([row["vector"] for row in rows.values()], collection),
        tuple(row["record"] for row in rows.values()),
    )


def incomplete(collection: Searchable) -> int:
    """Number of rows that lack parts, as it was some seconds ago at the latest; 0 where that is not noted."""
    if not collection.present.name:
        return 0
    lacking = SearchParams(1, incomplete=True).expression(collection.present, collection.partitioned)
    found = collection.loaded(
        lambda client: client.query(collection.physical, filter=lacking, output_fields=["count(*)"])
    )
    return int(found[0]["count(*)"])


def cohort(collection: Searchable, rows: int) -> Floats:
    """Vectors (about 1,024, P, D) of a fixed random sample of the collection that holds `rows` garments.

    Keys begin with a digest, so a range of keys is a random sample that stays the same from call to call.
    """
    expression = f'pk < "{cohort_bound(rows)}"'
    found = collection.loaded(
        lambda client: client.query(
            collection.physical, filter=expression, output_fields=["vector"], limit=2 * COHORT_SIZE
        )
    )
    return _vectors([row["vector"] for row in found], collection)


def cohort_bound(rows: int) -> str:
    """The key below which those of the sample lie, in a collection that holds `rows` garments."""
    share = min(1.0, COHORT_SIZE / max(rows, 1))
    return f"{int(share * 0xFFFFFFFF):08x}" if share < 1 else "g"


def _vectors(rows: Sequence[Any], collection: Searchable) -> Floats:
    parts, dimension = collection.shape
    return decoded(rows, collection.precision, parts * dimension).reshape(len(rows), parts, dimension)
