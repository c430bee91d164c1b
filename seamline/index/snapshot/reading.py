"""A snapshot as searches read it: segments, which of their rows still count, and what it is a copy of."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CATEGORIES, COHORT_SIZE
from seamline.index.candidates import cohort_bound
from seamline.index.changes import Changes
from seamline.index.garment import Floats
from seamline.index.snapshot.segment import Segment

FORMAT = 1
STATE = "snapshot.json"
_BLOCK = 1024
"""Rows of one part that are compared at a time: half a megabyte."""


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """The rows of a collection as of `synced`, in seconds since 1970, when it had the `changes`.

    `removed`: for each segment the numbers of the rows that the collection no longer has. Rows are numbered through
    the segments; those that were removed keep their numbers.
    """

    segments: tuple[Segment, ...]
    removed: tuple[frozenset[int], ...]
    changes: Changes
    synced: float

    @classmethod
    def opened(cls, folder: Path, before: Snapshot | None = None) -> Snapshot | None:
        """The one in a folder, None where there is none that can be read; segments of `before` are not opened again."""
        known = {} if before is None else {segment.name: segment for segment in before.segments}
        for _ in range(3):  # a segment may be merged into another between the reading of its name and of its files
            try:
                state = json.loads((folder / STATE).read_text(encoding="utf-8"))
                return cls._of(folder, state, known) if state["format"] == FORMAT else None
            except FileNotFoundError:
                continue
            except (OSError, ValueError, KeyError, TypeError):
                return None
        return None

    @classmethod
    def _of(cls, folder: Path, state: Mapping[str, Any], known: Mapping[str, Segment]) -> Snapshot:
        names = [each["name"] for each in state["segments"]]
        return cls(
            tuple(known.get(name) or Segment(folder / name) for name in names),
            tuple(frozenset(each["removed"]) for each in state["segments"]),
            Changes(**state["changes"]),
            float(state["synced"]),
        )

    def save(self, folder: Path) -> None:
        """Let the folder's snapshot be this one, in one step. Raises OSError."""
        segments = [
            {"name": segment.name, "removed": sorted(removed)}
            for segment, removed in zip(self.segments, self.removed, strict=True)
        ]
        state = {
            "format": FORMAT,
            "changes": dataclasses.asdict(self.changes),
            "synced": self.synced,
            "segments": segments,
        }
        new = folder / f"{STATE}.new"
        new.write_text(json.dumps(state), encoding="utf-8")
        os.replace(new, folder / STATE)

    @functools.cached_property
    def starts(self) -> NDArray[np.int64]:
        """The number of each segment's first row, and of rows in all."""
        return np.cumsum([0, *map(len, self.segments)])

    @functools.cached_property
    def fields(self) -> NDArray[np.void]:
        """Key, time of writing, parts and category of all rows, those that were removed too."""
        if not self.segments:
            return np.zeros(0, [("key", "S1"), ("present", "<i8"), ("category", "<i2"), ("changed", "<i8")])
        return np.concatenate([segment.fields for segment in self.segments])

    @functools.cached_property
    def alive(self) -> NDArray[np.bool_]:
        """Which rows the collection still has."""
        alive = np.ones(int(self.starts[-1]), np.bool_)
        for start, removed in zip(self.starts[:-1], self.removed, strict=True):
            alive[start + np.array(sorted(removed), np.int64)] = False
        return alive

    @functools.cached_property
    def rows(self) -> int:
        """Number of garments."""
        return int(self.alive.sum())

    @functools.cached_property
    def present(self) -> NDArray[np.bool_]:
        """Which parts (N, P) each row has."""
        parts = len(self.segments[0].vectors) if self.segments else 0
        return (self.fields["present"][:, None] >> np.arange(parts)) & 1 == 1

    @functools.cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many parts (N,) each row has."""
        return self.present.sum(-1)

    @functools.cached_property
    def absent(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and part of everything that a row lacks."""
        rows, parts = np.nonzero(~self.present)
        return rows, parts

    @functools.cached_property
    def blocks(self) -> list[tuple[int, Floats]]:
        """All vectors (P, n, D) in blocks that a processor's cache holds, with the number of each one's first row."""
        return [
            (int(start) + first, segment.vectors[:, first : first + _BLOCK])
            for start, segment in zip(self.starts[:-1], self.segments, strict=True)
            for first in range(0, len(segment), _BLOCK)
        ]

    def chosen(self, categories: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of the rows of these categories, of all for none."""
        if not categories:
            return self._living
        wanted = np.isin(self.fields["category"], [CATEGORIES.index(name) for name in categories])
        return np.flatnonzero(self.alive & wanted)

    @functools.cached_property
    def _living(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.alive)

    @functools.cached_property
    def cohort(self) -> Floats:
        """Vectors (about 1,024, P, D) of the rows that `Collection.cohort` takes for its sample."""
        first = np.flatnonzero(self.alive & (self.fields["key"] < cohort_bound(self.rows).encode()))
        return self.vectors(first[: 2 * COHORT_SIZE])

    def keys(self, rows: NDArray[np.int64]) -> tuple[str, ...]:
        """The keys of rows by number."""
        return tuple(key.decode() for key in self.fields["key"][rows])

    def vectors(self, rows: NDArray[np.int64]) -> Floats:
        """The vectors (N, P, D) of rows by number."""
        numbers = self._segment_of(rows)
        parts, _, dimension = self.segments[0].vectors.shape if self.segments else (0, 0, 0)
        vectors = np.empty((len(rows), parts, dimension), np.float32)
        for number in np.unique(numbers).tolist():
            mine = numbers == number
            vectors[mine] = self.segments[number].vectors[:, rows[mine] - self.starts[number]].swapaxes(0, 1)
        return vectors

    def records(self, rows: NDArray[np.int64]) -> tuple[str, ...]:
        """The records (JSON) of rows by number."""
        numbers = self._segment_of(rows)
        places = zip(numbers.tolist(), (rows - self.starts[numbers]).tolist(), strict=True)
        return tuple(self.segments[number].record(row).decode() for number, row in places)

    def _segment_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted(self.starts, rows, "right") - 1
