"""Which items a collection can hold: limits of what a row has room for."""

from __future__ import annotations

import json

from seamline.catalogue.items import Failure, Item
from seamline.index import MAX_ITEM, MAX_PHOTO, MAX_RECORD

_RECORD_BESIDES = 1000
"""Bytes of a record beside item, photo and metadata: boxes, sizes, digest."""


def problem_of(item: Item) -> Failure | None:
    """Why an item cannot be stored, None when it can."""
    reason = _reason(item)
    return None if reason is None else Failure(reason, item)


def _reason(item: Item) -> str | None:
    try:
        about = json.dumps([item.item, item.photo, dict(item.metadata)], ensure_ascii=False).encode()
        lengths = len(item.item.encode()), len(item.photo.encode())
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    if "\0" in item.item or "\0" in item.photo:
        return "its item id or its photo has a NUL character"
    if lengths[0] > MAX_ITEM:
        return f"its item id is longer than {MAX_ITEM:,} bytes"
    if lengths[1] > MAX_PHOTO:
        return f"its path is longer than {MAX_PHOTO:,} bytes"
    if len(about) > MAX_RECORD - _RECORD_BESIDES:
        return f"its metadata takes more than the {MAX_RECORD:,} bytes that a row holds; leave columns out"
    return None
