"""Some thousand rows in three files, which are written once and never changed."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.index.garment import Floats
from seamline.index.keys import KEY_LENGTH

ROWS = 4096
"""Rows of a segment that was filled."""

_FIELDS = np.dtype(
    [("key", f"S{KEY_LENGTH}"), ("changed", "<i8"), ("present", "<i8"), ("category", "<i2"), ("record", "<i8", (2,))]
)


@dataclasses.dataclass(frozen=True)
class Rows:
    """N rows as they are read from a collection: vectors (N, P, D), keys, records (JSON), and one number each of when
    the row was written, which parts it has, and its category."""

    keys: Sequence[str]
    vectors: Floats
    records: Sequence[bytes]
    changed: NDArray[np.int64]
    present: NDArray[np.int64]
    categories: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def joined(cls, some: Sequence[Rows]) -> Rows:
        """All of them; at least one is given."""
        return cls(
            [key for rows in some for key in rows.keys],
            np.concatenate([rows.vectors for rows in some]),
            [record for rows in some for record in rows.records],
            np.concatenate([rows.changed for rows in some]),
            np.concatenate([rows.present for rows in some]),
            np.concatenate([rows.categories for rows in some]),
        )


class Segment:
    """Rows on disk, mapped. `vectors` (P, N, D): the parts one after the other, so that each is one matrix."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # As plain arrays: each element that is taken from a np.memmap costs microseconds.
        self.fields: NDArray[np.void] = np.asarray(np.load(folder / "fields.npy", mmap_mode="r"))
        self.vectors: Floats = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r"))
        self._records = np.memmap(folder / "records.json", np.uint8, "r").data
        self._places = self.fields["record"]

    @classmethod
    def written(cls, parent: Path, rows: Rows) -> Segment:
        """A new segment in the folder `parent`, complete before anybody can learn its name. Raises OSError."""
        folder = parent / f"segment-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        try:
            fields = np.zeros(len(rows), _FIELDS)
            ends = np.cumsum([len(record) for record in rows.records])
            fields["key"], fields["changed"] = np.array(rows.keys, _FIELDS["key"]), rows.changed
            fields["present"], fields["category"] = rows.present, rows.categories
            fields["record"][:, 0] = np.concatenate([[0], ends[:-1]])
            fields["record"][:, 1] = ends
            np.save(folder / "fields.npy", fields)
            np.save(folder / "vectors.npy", np.ascontiguousarray(rows.vectors.swapaxes(0, 1), np.float32))
            (folder / "records.json").write_bytes(b"".join(rows.records))
            return cls(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @property
    def name(self) -> str:
        return self.folder.name

    def __len__(self) -> int:
        return len(self.fields)

    def record(self, row: int) -> bytes:
        """The record (JSON) of a row."""
        start, end = self._places[row].tolist()
        return self._records[start:end].tobytes()

    def rows(self, chosen: NDArray[np.bool_]) -> Rows:
        """Those rows, in memory."""
        fields = self.fields[chosen]
        numbers = np.flatnonzero(chosen).tolist()
        return Rows(
            [key.decode() for key in fields["key"]],
            self.vectors[:, chosen].swapaxes(0, 1),
            [self.record(row) for row in numbers],
            fields["changed"].copy(),
            fields["present"].copy(),
            fields["category"].astype(np.int64),
        )
