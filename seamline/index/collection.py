"""One collection: rows in, rows out. Rows count as stored once `flush` has returned."""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from pymilvus import MilvusClient

from seamline.core.errors import BadOption, FingerprintMismatch, InternalError, InvalidArgument, NotFound, Unavailable
from seamline.core.spec import CATEGORIES
from seamline.index import candidates as searching
from seamline.index.candidates import Candidates, SearchResult
from seamline.index.changes import REMOVED, WRITTEN, Changes, new_mark
from seamline.index.connection import PATIENCE, Connection
from seamline.index.garment import MAX_ITEM, Floats, Garment
from seamline.index.keys import PHOTO_DIGITS, item_number, photo_key, photo_number
from seamline.index.names import Physical
from seamline.index.pages import Row, pages
from seamline.index.precision import decoded, encoded
from seamline.index.schema import CHANGED, FIELDS, PresentField, precision_of
from seamline.index.search_params import SearchParams
from seamline.index.translate import NotLoaded

T = TypeVar("T")

_PAGE = 4000
_ASKED = 1000  # numbers in one expression
_LOADING = 600.0
_EVERY = 2.0
_TELL_AGAIN = 30.0
"""Seconds after a change was told within which another one needs to be told only when it is done: whoever keeps a copy
looks again and again for longer than that."""

Report = Callable[[int, int], None]
"""Hears of rows done and rows in all."""


class NotOurs(NotFound):
    """The name stands for a collection that seamline did not make."""


class Collection:
    """One open collection. Objects are cheap and hold no connection of their own."""

    def __init__(self, connection: Connection, name: str, description: dict[str, Any]) -> None:
        """`description`: of the physical collection, as Milvus gives it. Raises NotOurs when it is not seamline's."""
        physical = Physical.parse(str(description["collection_name"]))
        fields = {field["name"]: field for field in description["fields"]}
        if physical is None or "vector" not in fields:
            raise NotOurs(f"the collection {name!r} was not made by seamline")
        self._connection = connection
        self._fields = frozenset(fields)
        self.name = name
        self.made_as = physical
        self.physical = str(physical)
        self.fingerprint = physical.fingerprint
        self.changes = Changes.of(description)
        self._told_at: dict[str, float] = {}
        self.present = PresentField.among(fields)
        parts = self.present.parts
        self.shape = parts, int(fields["vector"]["params"]["dim"]) // parts
        self.precision = precision_of(fields["vector"])
        self.partitioned = bool(fields.get("category", {}).get("is_partition_key"))

    def check(self, fingerprint: str) -> None:
        """Raise FingerprintMismatch unless the rows come from the weights `fingerprint`.

        Raises BadOption for rows that lack a field of today's.
        """
        if not self._fields.issuperset(FIELDS) or not self.present.name:
            raise BadOption(
                f"the collection {self.name!r} was made by an older seamline; `seamline collections rebuild "
                f"{self.name}` brings it up to date"
            )
        if fingerprint != self.fingerprint:
            raise FingerprintMismatch(
                f"the collection {self.name!r} holds vectors of the weights {self.fingerprint} and these are "
                f"{fingerprint}; name the system that it was indexed with, index the photos into another collection, "
                "or serve the older weights"
            )

    @property
    def notes_changes(self) -> bool:
        """Whether each row tells when it was written; an older seamline did not note it."""
        return CHANGED in self._fields

    def rows(self, consistency: str = "Strong") -> int:
        """Number of garments. With the consistency `Bounded` the answer comes at once and may be some seconds old."""
        found = self.loaded(
            lambda client: client.query(
                self.physical, filter="", output_fields=["count(*)"], consistency_level=consistency
            )
        )
        return int(found[0]["count(*)"])

    def all_keys(self) -> Iterator[str]:
        """The keys of all rows, in ascending order."""
        for page in pages(self, [], _PAGE):
            yield from (str(row["pk"]) for row in page)

    def stored(self, photos: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """The keys of the rows of each (item, photo); one that has none is left out."""
        by_number: dict[str, list[str]] = {}
        for chunk in _chunks(photos):
            numbers = sorted({photo_number(item, photo) for item, photo in chunk})
            for page in pages(self, [], _PAGE, f"photo in {numbers}"):
                for row in page:
                    by_number.setdefault(str(row["pk"])[:PHOTO_DIGITS], []).append(str(row["pk"]))
        keys = {pair: by_number.get(photo_key(*pair), []) for pair in photos}
        return {pair: found for pair, found in keys.items() if found}

    def keys_of_items(self, items: Sequence[str]) -> dict[str, list[str]]:
        """The keys of the rows of each item; one that has none is left out."""
        wanted, found = set(items), dict[str, list[str]]()
        for chunk in _chunks(items):
            numbers = sorted({item_number(item) for item in chunk})
            # An older layout has no such number, and all of its rows are looked at.
            condition = f"item in {numbers}" if "item" in self._fields else ""
            for page in pages(self, ["record"], _PAGE, condition):
                for row in page:
                    # Two items may share a number, and deleting the other one's rows would be a loss.
                    item = json.loads(row["record"])["item"]
                    if item in wanted:
                        found.setdefault(item, []).append(str(row["pk"]))
        return found

    def store(self, garments: Iterable[Garment], *, fresh: bool = False) -> None:
        """Write garments; one that is there already is replaced. Call `flush` before relying on them.

        `fresh`: none of them is there yet, and nothing needs to be replaced, which is quicker.
        """
        now = time.time_ns()
        rows = [self._row(garment, now) for garment in garments]
        if rows:
            with self._told(WRITTEN):
                self._connection.call(
                    lambda client: (client.insert if fresh else client.upsert)(self.physical, rows), PATIENCE
                )

    def _row(self, garment: Garment, now: int) -> Row:
        if len(garment.item.encode()) > MAX_ITEM:
            raise InvalidArgument(f"an item id has at most {MAX_ITEM} bytes; {garment.item[:40]!r}... is longer")
        if garment.vectors.shape != self.shape:
            raise InternalError(f"vectors have the shape {garment.vectors.shape}, not {self.shape}")
        return {
            "pk": garment.key,
            "item": item_number(garment.item),
            "photo": photo_number(garment.item, garment.photo),
            "category": CATEGORIES.index(garment.category),
            self.present.name: garment.present,
            "record": garment.record,
            "vector": encoded(garment.vectors.reshape(-1), self.precision),
            **({CHANGED: now} if self.notes_changes else {}),
        }

    def delete(self, keys: Sequence[str]) -> None:
        """Delete rows by key."""
        if keys:
            with self._told(REMOVED):
                self._connection.call(lambda client: client.delete(self.physical, ids=list(keys)), PATIENCE)

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Rows change within: told after, and, in case this program is killed, before, unless it has just told."""
        if time.monotonic() - self._told_at.get(what, -math.inf) > _TELL_AGAIN:
            self._tell(what)
        yield
        self._tell(what)

    def _tell(self, what: str) -> None:
        properties = {what: new_mark()}
        self._connection.call(lambda client: client.alter_collection_properties(self.physical, properties), PATIENCE)
        self._told_at[what] = time.monotonic()

    def flush(self) -> None:
        """Return once everything stored so far survives a crash of the index."""
        self._connection.call(lambda client: client.flush(self.physical), PATIENCE)

    def wait_until_visible(self, seconds: float = 30.0) -> None:
        """Return once searches see everything written so far; with the consistency Bounded they lag behind.

        Raises Unavailable when they do not within `seconds`.
        """
        end = time.monotonic() + seconds
        while self.rows("Bounded") != self.rows():
            if time.monotonic() > end:
                raise Unavailable("the index has not taken in what was written; try again in a moment")
            time.sleep(0.2)

    def wait_until_indexed(self, report: Report | None = None, rows: int = 0) -> None:
        """Return once the index covers all rows that were flushed, and at least `rows`; `report` hears of progress.

        Milvus builds the index in the background, a million rows in tens of minutes; searches are right but slow
        meanwhile. There is no limit. Raises InternalError when Milvus gives the index up.
        """
        told = -1
        while True:
            state = self._connection.call(lambda client: client.describe_index(self.physical, "vector"))
            done, total = int(state["indexed_rows"]), max(rows, int(state["total_rows"]))
            if done >= total and not int(state["pending_index_rows"]):
                return
            if state["state"] == "Failed":
                raise InternalError("the index of the collection could not be built; the log of Milvus names the cause")
            if report is not None and done != told:
                report(min(done, total), total)  # what was replaced counts until it is compacted away
                told = done
            time.sleep(_EVERY)

    def candidates_of(self, queries: Sequence[Floats], params: SearchParams) -> list[Candidates]:
        """The candidates for each of several sets of query vectors (m, P * D), in as few calls as possible."""
        return searching.candidates_of(self, queries, params)

    def search(self, queries: Sequence[Floats], params: SearchParams) -> list[SearchResult]:
        """What several sets of query vectors (m, P * D) bring, without vectors and records."""
        return searching.search(self, queries, params)

    def fetch(self, keys: Sequence[Sequence[str]]) -> list[Candidates]:
        """Rows by their keys, which this collection has given."""
        return searching.fetch(self, keys)

    def incomplete(self) -> int:
        """Number of garments that lack parts; 0 where an older seamline made the collection and did not note it."""
        return searching.incomplete(self)

    def cohort(self, rows: int) -> Floats:
        """Vectors (about 1,024, P, D) of a fixed random sample of the collection that holds `rows` garments."""
        return searching.cohort(self, rows)

    def query(self, expression: str, fields: list[str], limit: int) -> list[Row]:
        """Rows that fulfil an expression, as of now; vectors (P * D,) are FP32.

        Nothing from outside may be part of the expression.
        """
        found: list[Row] = self.loaded(
            lambda client: list(
                client.query(
                    self.physical, filter=expression, output_fields=fields, limit=limit, consistency_level="Strong"
                )
            )
        )
        if "vector" in fields:
            vectors = decoded([row["vector"] for row in found], self.precision, math.prod(self.shape))
            for row, vector in zip(found, vectors, strict=True):
                row["vector"] = vector
        return found

    def rows_by_key(self, keys: Sequence[str], fields: list[str]) -> list[Row]:
        """The rows with these keys, as of now, as far as they are there; vectors (P * D,) are FP32."""
        return self.query(f"pk in {json.dumps(list(keys))}", ["pk", *fields], len(keys)) if keys else []

    def garments(self, page: int = 1000) -> Iterator[list[Garment]]:
        """All rows as garments, about `page` at a time, sorted by key."""
        for rows in pages(self, ["record", "vector"], page):
            yield [Garment.from_record(row["record"], row["vector"].reshape(self.shape)) for row in rows]

    def loaded(self, action: Callable[[MilvusClient], T]) -> T:
        """Run `action`, loading the collection first where the index has restarted and not loaded it again."""
        try:
            return self._connection.call(action)
        except NotLoaded:
            self.load()
            return self._connection.call(action)

    def load(self) -> None:
        """Bring the collection into the memory of the index and wait until it can be searched."""
        replicas = self._connection.settings.replicas
        self._connection.call(lambda client: client.load_collection(self.physical, replica_number=replicas), _LOADING)


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + _ASKED] for start in range(0, len(values), _ASKED))
