"""What is kept of a photo that was embedded: the rows of a collection, and an entry of the journal beside them; and the
metadata of stored rows, compared with what the source says now, and changed without the photo.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seamline.catalogue.items import Item, Value
from seamline.catalogue.photos import NO_STAT, FileStat
from seamline.client.results import Embedded
from seamline.index import Collection, Garment
from seamline.index.garment import turned_corners
from seamline.index.keys import item_number, photo_number
from seamline.index.pages import pages


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An item's photo whose rows are stored.

    `content`: the hexadecimal digits of the SHA-256 of its bytes, as many as the journal keeps; empty where none was
    embedded. `stat`: of its file then. `garments`: how many rows it has. `metadata`: a digest of what they carry.
    """

    content: str = ""
    stat: FileStat = NO_STAT
    garments: int = 0
    metadata: bytes = b""

    def content_at(self, stat: FileStat) -> str | None:
        """The content of the photo whose file has this stat now, None where only its bytes can tell."""
        return self.content if stat.is_reliable and stat == self.stat else None


def entry_of(item: Item, content: str, stat: FileStat, garments: int) -> JournalEntry:
    """The entry of a photo whose rows carry the metadata of `item`."""
    return JournalEntry(content, stat, garments, digest(item.metadata))


def rows_of(item: Item, embedded: Embedded) -> list[Garment]:
    """The rows of an item's photo. Raises InvalidArgument when a row cannot hold what is known of a garment."""
    rows = [
        Garment(
            item=item.item,
            photo=item.photo,
            photo_sha256=embedded.photo_sha256,
            photo_size=embedded.photo_size,
            number=garment.number,
            category=garment.category,
            box=garment.box,
            part_boxes=garment.part_boxes.tolist(),
            vectors=garment.vectors,
            metadata=item.metadata,
            corners=turned_corners(garment.part_boxes, garment.part_corners),
        )
        for garment in embedded.garments
    ]
    for row in rows:
        _ = row.record
    return rows


_DIGEST_BYTES = 8
_PAGE = 1000


def digest(metadata: Mapping[str, Value]) -> bytes:
    """A digest of metadata, whatever their order; empty for none."""
    if not metadata:
        return b""
    text = json.dumps(dict(metadata), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()


def stored_digests(collection: Collection, items: Sequence[Item]) -> dict[tuple[str, str], bytes]:
    """The digest of the metadata that the rows of each (item, photo) carry; one that has no rows is left out."""
    found = {}
    for row in _rows(collection, items, ["record"]):
        record = json.loads(row["record"])
        found[record["item"], record["photo"]] = digest(record.get("metadata", {}))
    return found


def rows_with_new_metadata(collection: Collection, items: Sequence[Item]) -> dict[tuple[str, str], list[Garment]]:
    """The stored garments of each (item, photo), under the metadata that the items have now."""
    wanted = {item.pair: item for item in items}
    found: dict[tuple[str, str], list[Garment]] = {}
    for row in _rows(collection, items, ["record", "vector"]):
        vectors = np.asarray(row["vector"], np.float32).reshape(collection.shape)
        garment = Garment.from_record(row["record"], vectors)
        pair = garment.item, garment.photo
        if pair in wanted:
            found.setdefault(pair, []).append(dataclasses.replace(garment, metadata=wanted[pair].metadata))
    return found


def _rows(collection: Collection, items: Sequence[Item], fields: list[str]) -> Iterator[dict[str, Any]]:
    numbers = sorted({photo_number(item.item, item.photo) for item in items})
    if numbers:
        for page in pages(collection, fields, _PAGE, f"photo in {numbers}"):
            yield from page


def records_of_items(collection: Collection, items: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What is stored of each garment of these items, without its vectors."""
    wanted = set(items)
    numbers = sorted({item_number(item) for item in wanted})
    for page in pages(collection, ["record"], _PAGE, f"item in {numbers}"):
        for row in page:
            record = json.loads(row["record"])
            if record["item"] in wanted:
                yield {"key": row["pk"], **record}
