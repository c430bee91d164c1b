"""Makes a collection's next snapshot out of the collection and the one before.

What was written since is known by the field `changed`, so that only it is read; a collection without that field is read
as a whole. What was removed shows in the number of rows and in the `Changes`, and is found by comparing all
keys.
"""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.index.collection import Collection
from seamline.index.pages import MOST, Row, pages
from seamline.index.schema import CHANGED
from seamline.index.snapshot.reading import Snapshot
from seamline.index.snapshot.segment import ROWS, Rows, Segment

_SLACK = 10.0
"""Seconds by which a row may have become visible later than its time of writing says, clocks compared."""

_LONG_SLACK = 300.0
"""The same once writing has rested, for writers that were slow or killed."""

_SPARSE = 0.25
"""Share of removed rows from which on a segment is written anew without them."""

_FETCHED = 500


_Layout = tuple[tuple[Segment, ...], tuple[frozenset[int], ...]]
"""Segments, and for each the numbers of its rows that were removed."""


class TooLarge(Exception):
    """The collection holds more rows than a snapshot may."""


@dataclasses.dataclass(frozen=True)
class Refresher:
    """Keeps the snapshot of `collection`, as it was just opened, in `folder`. `limit`: rows at most."""

    collection: Collection
    folder: Path
    limit: int

    def refreshed(self, before: Snapshot | None, *, resting: bool) -> Snapshot:
        """The next snapshot, saved. `resting`: nothing has been written for some minutes.

        Raises TooLarge, OSError for a disk that is full, and what reading a collection raises.
        """
        synced = time.time()
        rows = self.collection.rows()
        if rows > self.limit:
            raise TooLarge
        if before is None or not self.collection.notes_changes:
            segments = tuple(self._segments(self._all_rows()))
            removed = (frozenset[int](),) * len(segments)
        else:
            segments, removed = self._updated(before, rows, _LONG_SLACK if resting else _SLACK)
        snapshot = Snapshot(segments, removed, self.collection.changes, synced)
        snapshot.save(self.folder)
        self._sweep(snapshot)
        return snapshot

    def _updated(self, before: Snapshot, least: int, slack: float) -> _Layout:
        known = _Known(before)
        wanted = self._rewritten(before, known, slack)
        gone = known.rows_of(wanted)
        expected = before.rows - len(gone) + len(wanted)
        as_told = before.changes.removed == self.collection.changes.removed and least <= expected
        if not as_told or self.collection.rows() < expected:
            every = [str(row["pk"]) for page in pages(self.collection, [], MOST) for row in page]
            gone = np.union1d(gone, known.rows_without(every))
            wanted = sorted({*wanted, *known.unknown(every)})
        fresh = list(self._fetched(wanted))
        return self._merged(before, gone, fresh)

    def _rewritten(self, before: Snapshot, known: _Known, slack: float) -> list[str]:
        """The keys of rows that were written since, or written anew."""
        since = before.synced - slack
        found = pages(self.collection, [CHANGED], MOST, f"{CHANGED} > {int(since * 1e9)}")
        return known.changed([(str(row["pk"]), int(row[CHANGED])) for page in found for row in page])

    def _merged(self, before: Snapshot, gone: NDArray[np.int64], fresh: list[Rows]) -> _Layout:
        """The segments and their removed rows; short and sparse ones are written anew, with what is fresh."""
        alive = before.alive.copy()
        alive[gone] = False
        kept, removed = list[Segment](), list[frozenset[int]]()
        for start, segment in zip(before.starts[:-1].tolist(), before.segments, strict=True):
            living = alive[start : start + len(segment)]
            missing = len(segment) - int(living.sum())
            is_short = bool(fresh) and len(segment) < ROWS // 2
            if is_short or missing > _SPARSE * len(segment):
                if living.any():
                    fresh.append(segment.rows(living))
                continue
            kept.append(segment)
            removed.append(frozenset(np.flatnonzero(~living).tolist()))
        new = list(self._segments(fresh))
        return (*kept, *new), (*removed, *(frozenset[int]() for _ in new))

    def _segments(self, some: Sequence[Rows] | Iterator[Rows]) -> Iterator[Segment]:
        """The rows as segments of about ROWS each."""
        waiting: list[Rows] = []
        for rows in some:
            waiting.append(rows)
            if sum(map(len, waiting)) >= ROWS:
                yield Segment.written(self.folder, Rows.joined(waiting))
                waiting = []
        if waiting:
            yield Segment.written(self.folder, Rows.joined(waiting))

    def _all_rows(self) -> Iterator[Rows]:
        for page in pages(self.collection, self._fields, ROWS // 2):
            yield self._rows(page)

    def _fetched(self, keys: Sequence[str]) -> Iterator[Rows]:
        for start in range(0, len(keys), _FETCHED):
            rows = self.collection.rows_by_key(keys[start : start + _FETCHED], self._fields)
            if rows:
                yield self._rows(rows)

    @property
    def _fields(self) -> list[str]:
        changed = [CHANGED] if self.collection.notes_changes else []
        return ["vector", "record", "category", self.collection.present.name, *changed]

    def _rows(self, rows: Sequence[Row]) -> Rows:
        shape = len(rows), *self.collection.shape
        return Rows(
            [str(row["pk"]) for row in rows],
            np.stack([row["vector"] for row in rows]).reshape(shape),
            [str(row["record"]).encode() for row in rows],
            np.array([row.get(CHANGED, 0) for row in rows], np.int64),
            np.array([row[self.collection.present.name] for row in rows], np.int64),
            np.array([row["category"] for row in rows], np.int64),
        )

    def _sweep(self, snapshot: Snapshot) -> None:
        """Remove segments that the snapshot does not name, of this one and of one that was killed."""
        names = {segment.name for segment in snapshot.segments}
        for folder in self.folder.glob("segment-*"):
            if folder.name not in names:
                shutil.rmtree(folder, ignore_errors=True)


class _Known:
    """The rows of a snapshot by key."""

    def __init__(self, snapshot: Snapshot) -> None:
        rows = np.flatnonzero(snapshot.alive)
        keys = snapshot.fields["key"][rows]
        order = np.argsort(keys)
        self._keys, self._rows = keys[order], rows[order]
        self._changed = snapshot.fields["changed"][self._rows]

    def changed(self, rows: Sequence[tuple[str, int]]) -> list[str]:
        """The keys, of these with their times of writing, that are not there or were written at another time."""
        keys, times = [key for key, _ in rows], np.array([time for _, time in rows], np.int64)
        place, known = self._places(keys)
        same = known.copy()
        same[known] = self._changed[place[known]] == times[known]
        return [key for key, is_same in zip(keys, same.tolist(), strict=True) if not is_same]

    def unknown(self, keys: Sequence[str]) -> list[str]:
        """Those of the keys that are not there."""
        _, known = self._places(keys)
        return [key for key, is_known in zip(keys, known.tolist(), strict=True) if not is_known]

    def rows_of(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of the rows with these keys, as far as they are there."""
        place, known = self._places(keys)
        return self._rows[place[known]]

    def rows_without(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of the rows with other keys."""
        return self._rows[~np.isin(self._keys, _as_array(keys))]

    def _places(self, keys: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where each key is among the sorted ones, and whether it is."""
        wanted = _as_array(keys)
        place = np.searchsorted(self._keys, wanted)
        inside = np.minimum(place, max(len(self._keys) - 1, 0))
        known = self._keys[inside] == wanted if len(self._keys) else np.zeros(len(wanted), np.bool_)
        return inside, np.asarray(known, np.bool_)


def _as_array(keys: Sequence[str]) -> NDArray[np.bytes_]:
    return np.array([key.encode() for key in keys], np.bytes_) if keys else np.zeros(0, "S1")
