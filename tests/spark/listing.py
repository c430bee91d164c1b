"""A manifest of small photos, each of which shows garments of its own to the wire server."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from seamline.index import Garment
from seamline.index.parquet import read_rows
from tests.support.photos import jpeg
from tests.support.scenes import Scene, SceneGarment, vectors
from tests.support.wire_server import WireServer

_SETTLED = 1_000_000_000  # a time of change long ago, which tells a file that has not changed


@dataclass
class Listing:
    """Photos in a folder and the rows that name them; photo n belongs to item n // 2 and shows n % 3 garments."""

    folder: Path
    server: WireServer
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def manifest(self) -> Path:
        """The manifest as the rows are now."""
        path = self.folder / "items.parquet"
        pq.write_table(pa.Table.from_pylist(self.rows), path)
        return path

    @property
    def garments(self) -> int:
        """How many garments the first showing of all photos has."""
        return sum(number % 3 for number in range(len(self.rows)))

    def add(self, count: int) -> Listing:
        """More photos, each in a row of its own."""
        for number in range(len(self.rows), len(self.rows) + count):
            self.show(number, seed=number)
            self.rows.append({"item": f"item {number // 2}", "photo": f"{number}.jpg", "seller": f"shop {number % 5}"})
        return self

    def show(self, number: int, seed: int) -> None:
        """Write photo `number` so that it shows garments with the vectors of `seed`."""
        photo = jpeg((16 + number, 16 + seed % 100), "white")
        garments = tuple(SceneGarment(vectors(1000 * place + seed)) for place in range(number % 3))
        path = self.folder / f"{number}.jpg"
        path.write_bytes(self.server.show(photo, Scene(garments)))
        os.utime(path, (_SETTLED + seed, _SETTLED + seed))


def files_of(out: Path) -> dict[str, bytes]:
    """The files of rows by name."""
    return {path.name: path.read_bytes() for path in sorted((out / "garments").iterdir())}


def garments_of(out: Path) -> list[Garment]:
    """All rows, file by file."""
    return [garment for path in sorted((out / "garments").iterdir()) for garment in read_rows(path)]


def failures_of(out: Path) -> list[dict[str, Any]]:
    """All failures, file by file."""
    return [row for path in sorted((out / "failures").iterdir()) for row in pq.read_table(path).to_pylist()]
