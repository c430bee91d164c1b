"""What a collection holds, a page at a time: items with their photos and the garments in them.

A page is a range of keys, which begin with a digest, so that pages hold about as many rows each and nothing beyond the
page is read. An item is on the page of its first key, with all of its photos.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seamline.catalogue.records import records_of_items
from seamline.core.errors import NotFound
from seamline.desk.pairs import DATE, SELLER, Box, Side
from seamline.desk.terms import term
from seamline.index import Collection, Garment
from seamline.index.keys import KEY_LENGTH
from seamline.index.pages import part_of

ROWS = 24
"""Rows of a page, about."""

_KEY = re.compile(rf"[0-9a-f]{{{KEY_LENGTH}}}")


@dataclass(frozen=True)
class ShownPhoto:
    """A photo with its garments, in its pixels. `key`: of one of its rows, by which it is asked for."""

    key: str
    width: int
    height: int
    garments: tuple[Mapping[str, Any], ...]

    @property
    def alt(self) -> str:
        """The garments in words."""
        return ", ".join(term(str(garment["category"])) for garment in self.garments)


@dataclass(frozen=True)
class ShownItem:
    """An item with everything that is stored of it. `others`: metadata beside seller and date."""

    item: str
    photos: tuple[ShownPhoto, ...]
    seller: str
    date: str
    others: Mapping[str, Any]

    @property
    def garments(self) -> int:
        """Of all photos."""
        return sum(len(photo.garments) for photo in self.photos)


@dataclass(frozen=True)
class ItemPage:
    """Page `number` of `pages`, from 1."""

    items: tuple[ShownItem, ...]
    number: int
    pages: int
    garments: int


def item_page(collection: Collection, number: int, pages: int | None) -> ItemPage:
    """A page; `pages`: how many there were when the person began, so that what is written meanwhile shifts nothing.

    Raises NotFound for a page that there is not.
    """
    rows = collection.rows()
    count = pages or max(1, -(-rows // ROWS))
    if not 1 <= number <= count <= max(1, rows) + 1000:
        raise NotFound("there is no such page of this collection; begin at its first page")
    found = part_of(collection, ["record"], number - 1, count)
    keys = {str(row["pk"]) for row in found}
    items = {str(json.loads(row["record"])["item"]) for row in found}
    shown = [item for item, first in _items(collection, sorted(items)) if first in keys]
    return ItemPage(tuple(shown), number, count, rows)


def items_named(collection: Collection, items: Sequence[str]) -> list[ShownItem]:
    """What is stored of these items."""
    return [item for item, _ in _items(collection, items)]


def side_by_key(collection: Collection, key: str) -> Side:
    """A garment by its key, without its parts. Raises NotFound."""
    if not _KEY.fullmatch(key):
        raise NotFound("there is no such garment")
    rows = collection.rows_by_key([key], ["record"])
    if not rows:
        raise NotFound("the garment is not in the collection any more")
    garment = Garment.from_record(rows[0]["record"], np.zeros((0, 0), np.float32))
    return Side(
        garment.item,
        garment.photo,
        garment.photo_sha256,
        garment.photo_size,
        garment.number,
        garment.category,
        _box(garment.box),
        (),
        (),
        dict(garment.metadata),
    )


def _box(values: Sequence[float]) -> Box:
    x0, y0, x1, y1 = values
    return x0, y0, x1, y1


def _items(collection: Collection, items: Sequence[str]) -> list[tuple[ShownItem, str]]:
    """Each item with its first key, in the order of their ids."""
    records: dict[str, list[dict[str, Any]]] = {}
    for record in records_of_items(collection, items):
        records.setdefault(str(record["item"]), []).append(record)
    return [(_item(item, rows), min(row["key"] for row in rows)) for item, rows in sorted(records.items())]


def _item(item: str, rows: Sequence[dict[str, Any]]) -> ShownItem:
    photos: dict[str, list[dict[str, Any]]] = {}
    metadata: dict[str, Any] = {}
    for row in rows:
        photos.setdefault(row["photo"], []).append(row)
        metadata |= row.get("metadata", {})
    return ShownItem(
        item,
        tuple(_photo(garments) for _, garments in sorted(photos.items())),
        str(metadata.pop(SELLER, "") or ""),
        str(metadata.pop(DATE, "") or ""),
        metadata,
    )


def _photo(rows: Iterable[dict[str, Any]]) -> ShownPhoto:
    garments = tuple(sorted(rows, key=lambda row: int(row["garment"])))
    width, height = garments[0]["photo_size"]
    return ShownPhoto(str(garments[0]["key"]), int(width), int(height), garments)
