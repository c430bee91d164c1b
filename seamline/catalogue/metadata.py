"""The metadata of stored rows: compared with what the source says now, and changed without the photo."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from seamline.catalogue.items import Item, Value
from seamline.index import Collection, Garment
from seamline.index.keys import item_number, photo_number
from seamline.index.pages import pages

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
