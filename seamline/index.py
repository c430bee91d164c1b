"""The catalogue in Milvus: one row per garment, found by one inner product.

A garment's five unit vectors lie side by side in one vector field, so that the inner product with a query whose parts
are multiplied by region weights is the weighted regional similarity. Callers name collections by alias; the
rows live in a physical collection behind it. Rows count as stored once `flush` has returned.

No text of a request ever becomes part of a Milvus expression: keys are hexadecimal digests, categories are numbers.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pymilvus import DataType, MilvusClient
from pymilvus.exceptions import MilvusException

from seamline.errors import (
    BadOption,
    FingerprintMismatch,
    InternalError,
    InvalidArgument,
    NotFound,
    SeamlineError,
    Unavailable,
)
from seamline.spec import CATEGORIES, REGIONS

logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs a traceback for every error that is handled here

_LOG = logging.getLogger(__name__)

Floats = NDArray[np.float32]
T = TypeVar("T")

DEFAULT_URI = "http://127.0.0.1:19530"
COLLECTION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
MAX_ITEM = 1024
MAX_PHOTO = 4096
MAX_RECORD = 16_384

_FINGERPRINT = re.compile(r"[0-9a-f]{8,64}")
_PHYSICAL = re.compile(r"[A-Za-z]\w*__[0-9a-f]{8,64}__[0-9a-f]+", re.ASCII)
_NOT_LOADED = 101
_NOT_FOUND = 100
_PAGE = 4000
_MOST = 16_384  # rows that Milvus returns for one query
_COHORT = 256


@dataclasses.dataclass(frozen=True)
class Garment:
    """One row: where a garment comes from and its region vectors.

    `item`: the listing's id. `photo`: where its photo is. `photo_sha256`: of the photo's bytes. `number`: position
    among the photo's garments. `box` (4,), `region_boxes` (5, 4): in the photo's pixels. `vectors`: (5, D).
    """

    item: str
    photo: str
    photo_sha256: str
    photo_size: tuple[int, int]
    number: int
    category: str
    box: Sequence[float]
    region_boxes: Sequence[Sequence[float]]
    vectors: Floats

    @property
    def key(self) -> str:
        """The row's primary key."""
        return f"{content_key(self.item, self.photo, self.photo_sha256)}{self.number:02x}"

    @property
    def record(self) -> str:
        """What a hit tells of the garment, as JSON."""
        return json.dumps(
            {
                "item": self.item,
                "photo": self.photo,
                "garment": self.number,
                "category": self.category,
                "box": [round(float(value), 1) for value in self.box],
                "region_boxes": [[round(float(value), 1) for value in box] for box in self.region_boxes],
                "photo_size": list(self.photo_size),
                "photo_sha256": self.photo_sha256,
            },
            ensure_ascii=False,
        )


PHOTO_DIGITS = 28
_CONTENT_DIGITS = 16
_KEY_LENGTH = PHOTO_DIGITS + _CONTENT_DIGITS + 2


def photo_key(item: str, photo: str) -> str:
    """The first PHOTO_DIGITS hexadecimal digits of a row's key, which an item's photo determines."""
    return hashlib.sha256(f"{item}\0{photo}".encode()).hexdigest()[:PHOTO_DIGITS]


def content_key(item: str, photo: str, sha256: str) -> str:
    """A row's key without the garment's number: it changes with the photo's content, whose digest is `sha256`."""
    return photo_key(item, photo) + sha256[:_CONTENT_DIGITS]


@dataclasses.dataclass(frozen=True)
class CollectionInfo:
    """A collection as `seamline collections` lists it."""

    name: str
    rows: int
    fingerprint: str
    physical: str


@dataclasses.dataclass(frozen=True)
class Candidates:
    """N candidate rows: keys, vectors (N, 5, D) and records (JSON)."""

    keys: tuple[str, ...]
    vectors: Floats
    records: tuple[str, ...]


def check_name(name: str) -> str:
    """A collection's name. Raises BadOption when Milvus could not carry it."""
    if not COLLECTION_NAME.fullmatch(name):
        raise BadOption(
            "COLLECTION must begin with a letter and hold only letters, digits and underscores, 63 characters at most"
        )
    return name


class Index:
    """A Milvus server: Milvus Lite, standalone or a cluster, by its address."""

    def __init__(self, uri: str = DEFAULT_URI, token: str = "", timeout: float = 10.0) -> None:
        """`timeout`: seconds that one call may take. Nothing is connected before the first call."""
        self.uri = uri
        self._token = token
        self._timeout = timeout
        self._client: MilvusClient | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def call(self, action: Callable[[MilvusClient], T]) -> T:
        """Run `action`, turning Milvus's errors into seamline's. Raises Unavailable, NotFound or InternalError."""
        try:
            return action(self._connected())
        except MilvusException as error:
            raise _translated(error) from error
        except (OSError, ValueError, RuntimeError) as error:
            self.close()
            raise Unavailable("the index does not answer; try again in a moment") from error

    def _connected(self) -> MilvusClient:
        with self._lock:
            if self._client is None:
                self._client = MilvusClient(uri=self.uri, token=self._token, timeout=self._timeout)
            return self._client

    def names(self) -> list[str]:
        """Names (aliases) of all collections of seamline; others that the same Milvus holds are left out."""
        physical = self.call(lambda client: client.list_collections())
        return sorted(name for entry in physical if _PHYSICAL.fullmatch(entry) for name in self._aliases(entry))

    def _aliases(self, physical: str) -> list[str]:
        return list(self.call(lambda client: client.list_aliases(physical))["aliases"])

    def collections(self) -> list[CollectionInfo]:
        """All collections with their rows and fingerprints."""
        found = []
        for name in self.names():
            with contextlib.suppress(NotFound):  # dropped since the names were listed
                found.append(self.open(name).info())
        return found

    def open(self, name: str) -> Collection:
        """A collection by name. Raises NotFound, or BadOption for an impossible name."""
        check_name(name)
        try:
            description = self.call(lambda client: client.describe_collection(name))
        except NotFound:
            raise NotFound(
                f"the collection {name!r} does not exist; `seamline collections` lists what there is"
            ) from None
        return _collection(self, name, description)

    def create(self, name: str, fingerprint: str, dimension: int) -> Collection:
        """Make an empty collection for vectors (5, `dimension`) of the encoder `fingerprint`."""
        check_name(name)
        physical = _physical_name(name, fingerprint)
        schema = _schema(dimension)
        indexes = MilvusClient.prepare_index_params()
        indexes.add_index("vector", index_type="HNSW", metric_type="IP", params={"M": 16, "efConstruction": 200})

        self.call(
            lambda client: client.create_collection(
                physical, schema=schema, index_params=indexes, consistency_level="Bounded"
            )
        )
        try:
            self.call(lambda client: client.create_alias(physical, name))
        except SeamlineError:
            self.call(lambda client: client.drop_collection(physical))
            raise
        return self.open(name)

    def open_or_create(self, name: str, fingerprint: str, dimension: int) -> Collection:
        """The collection, made when it is missing. Raises FingerprintMismatch when another encoder filled it."""
        try:
            collection = self.open(name)
        except NotFound:
            collection = self._create_or_join(name, fingerprint, dimension)
        collection.check(fingerprint)
        return collection

    def _create_or_join(self, name: str, fingerprint: str, dimension: int) -> Collection:
        """Make the collection, or take the one that another program made in the same moment."""
        try:
            return self.create(name, fingerprint, dimension)
        except InternalError:
            return self.open(name)

    def drop(self, name: str) -> None:
        """Delete a collection and its rows. Raises NotFound."""
        collection = self.open(name)

        def remove(client: MilvusClient) -> None:
            client.drop_alias(name)
            client.drop_collection(collection.physical)

        self.call(remove)


class Collection:
    """One open collection. Objects are cheap and hold no connection of their own."""

    def __init__(self, index: Index, name: str, physical: str, fingerprint: str, dimension: int) -> None:
        self._index = index
        self.name = name
        self.physical = physical
        self.fingerprint = fingerprint
        self.dimension = dimension

    def check(self, fingerprint: str) -> None:
        """Raise FingerprintMismatch unless the rows come from the encoder `fingerprint`."""
        if fingerprint != self.fingerprint:
            raise FingerprintMismatch(
                f"the collection {self.name!r} was indexed with the weights {self.fingerprint} and the server runs "
                f"{fingerprint}; index the photos again into a new collection, or serve the older weights"
            )

    def info(self) -> CollectionInfo:
        """Name, rows, fingerprint."""
        return CollectionInfo(self.name, self.rows(), self.fingerprint, self.physical)

    def rows(self) -> int:
        """Number of garments."""
        stats = self._index.call(lambda client: client.get_collection_stats(self.physical))
        return int(stats["row_count"])

    def all_keys(self) -> Iterator[str]:
        """The keys of all rows. Read in ranges of keys, which are evenly filled because keys begin with a digest."""
        ranges = max(1, -(-self.rows() // _PAGE))
        bounds = [f"{position * 0x100000000 // ranges:08x}" for position in range(ranges)] + ["g"]
        for low, high in itertools.pairwise(bounds):
            found = self._query(f'pk >= "{low}" and pk < "{high}"', ["pk"], limit=_MOST)
            if len(found) == _MOST:
                raise InternalError("the keys of the collection are unevenly spread; index it again into a new one")
            for row in found:
                yield row["pk"]

    def store(self, garments: Iterable[Garment]) -> None:
        """Write garments; one that is there already is replaced. Call `flush` before relying on them."""
        rows = [self._row(garment) for garment in garments]
        if rows:
            self._index.call(lambda client: client.upsert(self.physical, rows))

    def _row(self, garment: Garment) -> dict[str, Any]:
        if len(garment.item.encode()) > MAX_ITEM:
            raise InvalidArgument(f"an item id has at most {MAX_ITEM} bytes; {garment.item[:40]!r}... is longer")
        if garment.vectors.shape != (len(REGIONS), self.dimension):
            raise InternalError(f"vectors have the shape {garment.vectors.shape}, not (5, {self.dimension})")
        return {
            "pk": garment.key,
            "category": CATEGORIES.index(garment.category),
            "record": garment.record,
            "vector": garment.vectors.reshape(-1).astype(np.float32),
        }

    def delete(self, keys: Sequence[str]) -> None:
        """Delete rows by key."""
        if keys:
            self._index.call(lambda client: client.delete(self.physical, ids=list(keys)))

    def flush(self) -> None:
        """Return once everything stored so far survives a crash of the index."""
        self._index.call(lambda client: client.flush(self.physical))

    def candidates(self, vector: Floats, limit: int, categories: Sequence[str] = ()) -> Candidates:
        """The `limit` rows of largest inner product with a query vector (5 * D,)."""
        chosen = sorted({CATEGORIES.index(name) for name in categories})
        found = self._loaded(
            lambda client: client.search(
                self.physical,
                data=[vector],
                anns_field="vector",
                limit=limit,
                filter=f"category in {chosen}" if chosen else "",
                output_fields=["vector", "record"],
                search_params={"metric_type": "IP", "params": {"ef": max(limit, 64)}},
            )
        )
        rows = {hit["pk"]: hit["entity"] for hit in found[0]}
        return self._candidates(rows)

    def _candidates(self, rows: dict[str, Any]) -> Candidates:
        vectors = np.array([row["vector"] for row in rows.values()], np.float32)
        return Candidates(
            tuple(rows),
            vectors.reshape(len(rows), len(REGIONS), self.dimension),
            tuple(row["record"] for row in rows.values()),
        )

    def cohort(self, rows: int) -> Floats:
        """Vectors (about 256, 5, D) of a fixed random sample of the collection that holds `rows` garments.

        Keys begin with a digest, so a range of keys is a random sample that stays the same from call to call.
        """
        share = min(1.0, _COHORT / max(rows, 1))
        bound = f"{int(share * 0xFFFFFFFF):08x}" if share < 1 else "g"
        found = self._query(f'pk < "{bound}"', ["vector"], limit=2 * _COHORT)
        vectors = np.array([row["vector"] for row in found], np.float32)
        return vectors.reshape(len(found), len(REGIONS), self.dimension)

    def _query(self, expression: str, fields: list[str], limit: int) -> list[dict[str, Any]]:
        return self._loaded(
            lambda client: list(client.query(self.physical, filter=expression, output_fields=fields, limit=limit))
        )

    def _loaded(self, action: Callable[[MilvusClient], T]) -> T:
        """Run `action`, loading the collection first where the index has restarted and not loaded it again."""
        try:
            return self._index.call(action)
        except _NotLoaded:
            self._index.call(lambda client: client.load_collection(self.physical))
            return self._index.call(action)


class _NotLoaded(Unavailable):
    """The collection is on disk and not in memory."""


_SILENCE = ("connect", "unavailable", "timeout", "deadline")
"""Words of pymilvus's messages when the server did not answer; its codes do not tell that from a refusal."""


def _translated(error: MilvusException) -> Exception:
    if error.code == _NOT_LOADED:
        return _NotLoaded("the index is loading the collection; try again in a moment")
    if error.code == _NOT_FOUND:
        return NotFound("the collection does not exist")
    if any(word in error.message.lower() for word in _SILENCE):
        return Unavailable("the index does not answer; try again in a moment")
    _LOG.error("Milvus refused a call: %s", error.message)
    return InternalError("the index refused the call; the log names the cause")


def _schema(dimension: int) -> Any:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=_KEY_LENGTH)
    schema.add_field("category", DataType.INT8)
    schema.add_field("record", DataType.VARCHAR, max_length=MAX_RECORD)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=len(REGIONS) * dimension)
    return schema


def _physical_name(name: str, fingerprint: str) -> str:
    """The fingerprint is part of the name, which every Milvus keeps; Milvus Lite drops descriptions."""
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise InternalError(f"the fingerprint {fingerprint!r} is not a hexadecimal digest")
    return f"{name}__{fingerprint}__{int(time.time() * 1000):x}"


def _collection(index: Index, name: str, description: dict[str, Any]) -> Collection:
    physical = str(description["collection_name"])
    parts = physical.rsplit("__", 2)
    vector = next((field for field in description["fields"] if field["name"] == "vector"), None)
    if len(parts) != 3 or not _FINGERPRINT.fullmatch(parts[1]) or vector is None:
        raise NotFound(f"the collection {name!r} was not made by seamline")
    return Collection(index, name, physical, parts[1], int(vector["params"]["dim"]) // len(REGIONS))
